"""Steps are made here, with ids of their own and with what is wrong with their commands."""

import re

import msgspec

from tocsin.guard.placeholders import is_bare, placeholder_in
from tocsin.runbook.comments import PROHIBITION
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import slug
from tocsin.runbook.policy import Query, Step
from tocsin.runbook.queries import queries_in
from tocsin.runbook.shapes import shape

TITLE_LENGTH = 72
SQL_BROKEN = "a database cannot read it as written"
EXAMPLE = "the runbook gives it as an example"


class StepMaker:
    """Makes the steps of one incident type, or of the document's own commands; keeps their ids unique."""

    def __init__(self, prefix: str, ledger: Ledger) -> None:
        """`prefix` begins every step's id."""
        self.prefix = prefix
        self.ledger = ledger
        self.taken: set[str] = set()
        self.numbers: dict[str, int] = {}

    def command(
        self, source: str, title: str, section: str, line: int, end_line: int, *, language: str = "bash",
        why_not: str | None = None,
    ) -> Step:  # fmt: skip
        """Give a command step; a placeholder or `why_not` makes it one that cannot run as written."""
        if language == "bash" and shape(short(source)) == "SQL":
            language = "sql"
        blank = placeholder_in(source) if why_not is None or language != "text" else None
        if blank:
            why_not = f"{blank} has to be filled in first"
            self._lint_placeholder(source, blank, line, language)
        queries = (Query(source),) if language == "sql" else queries_in(source) if language == "bash" else ()
        return self.make(
            kind="command", title=title or short(source), source=source, language=language, section=section,
            executable=why_not is None, why_not=why_not, line=line, end_line=max(line, end_line), queries=queries,
            wanted_id=None if title else _command_name(source),
        )  # fmt: skip

    def _lint_placeholder(self, source: str, blank: str, line: int, language: str) -> None:
        at = line + _line_within(source, blank)
        if language == "bash" and blank.startswith("<") and is_bare(source, blank):
            self.ledger.error(
                "RB102", at,
                f"A shell reads {blank} as redirections and would empty a file; fill it in, or write it in quotes.",
            )  # fmt: skip
            return
        self.ledger.error(
            "RB101", at,
            f"{blank} is a placeholder, so this command cannot run as written; "
            "bind it to a value, or give the value when the step is run.",
        )  # fmt: skip

    def manual(self, title: str, section: str, line: int, kind: str | None = None) -> Step:
        """Give a step for a person; one that forbids something is a prohibition."""
        kind = kind or ("prohibition" if PROHIBITION.match(title.replace("’", "'")) else "manual")  # noqa: RUF001
        return self.make(kind=kind, title=title.strip().rstrip(":"), section=section, line=line, end_line=line)

    def snippet(self, title: str, source: str, section: str, lines: tuple[int, int], language: str = "text") -> Step:
        """Give text that is no command: content for another file, an example, output. `lines`: the first, the last."""
        return self.make(
            kind="snippet", title=title or short(source), source=source, section=section, language=language,
            line=lines[0], end_line=max(lines),
        )  # fmt: skip

    def make(self, *, title: str, wanted_id: str | None = None, **values: object) -> Step:
        """Give a step under a fresh id."""
        name = self._name(f"{self.prefix}.{slug(wanted_id or title) or 'step'}")
        return msgspec.convert({"id": name, "title": title, **values}, Step)

    def _name(self, wanted: str) -> str:
        """Give `wanted`, or the first of `wanted-2`, `wanted-3`... that is not taken."""
        name = wanted
        while name in self.taken:
            self.numbers[wanted] = self.numbers.get(wanted, 1) + 1
            name = f"{wanted}-{self.numbers[wanted]}"
        self.taken.add(name)
        return name


def short(source: str) -> str:
    """Give the first line of a text, cut to the length of a title."""
    first = source.strip("\n").split("\n", maxsplit=1)[0].rstrip("\\ ")
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1].rstrip() + "…"


def _command_name(source: str) -> str:
    """Give the words of a command before its first option, at most four: what an id is made of."""
    words: list[str] = []
    for word in source.split("\n", maxsplit=1)[0].split():
        if not re.fullmatch(r"[\w./-]+", word) or word.startswith("-"):
            break
        words.append(word)
    return " ".join(words[:4]) or "command"


def _line_within(source: str, text: str) -> int:
    at = source.find(text)
    return source.count("\n", 0, at) if at > 0 else 0
