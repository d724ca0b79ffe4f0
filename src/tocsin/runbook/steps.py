"""Fences become steps under branches: who does what, on which condition, and what may be a command at all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from tocsin.guard.endless import hangs
from tocsin.guard.placeholders import is_bare, placeholder_in
from tocsin.guard.shell import Part, split
from tocsin.runbook.comments import Remark, judge
from tocsin.runbook.document import Block
from tocsin.runbook.fence_checks import check_fence, is_prose
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, slug, unique
from tocsin.runbook.policy import Branch, Step

SHELLS = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "terminal"})
SQL = frozenset({"sql", "postgresql", "pgsql", "mysql", "psql"})
TITLE_LENGTH = 72
# First words that make an unlabelled fence or a code span a command rather than output or a name.
COMMAND_WORDS = frozenset({
    "aws", "az", "awk", "cat", "cd", "chmod", "chown", "consul", "cp", "crictl", "ctr", "curl", "date", "df", "dig",
    "dmesg", "docker", "docker-compose", "du", "echo", "env", "etcdctl", "export", "find", "free", "gcloud", "git",
    "grep", "head", "helm", "host", "htop", "ip", "iptables", "journalctl", "jq", "kill", "kubectl", "less", "ls",
    "lsof", "lpstat", "mv", "mysql", "netstat", "nginx", "node", "npm", "npx", "nslookup", "oc", "openssl", "pgrep",
    "ping", "pip", "pkill", "pm2", "ps", "psql", "python", "python3", "redis-cli", "rm", "rsync", "sar", "scp",
    "sed", "service", "sort", "ss", "ssh", "strace", "sudo", "supervisorctl", "systemctl", "tail", "tar",
    "terraform", "timeout", "top", "traceroute", "uptime", "vault", "vim", "vmstat", "watch", "wc", "wget", "yarn",
})  # fmt: skip
_LISTED = re.compile(r"^(?:[-*•]|[0-9]{1,2}[.)])\s+(?P<text>\S[^\n]*)")


@dataclass(slots=True)
class _Open:
    """A branch being filled."""

    condition: str | None
    kind: str
    line: int
    steps: list[Step] = field(default_factory=list)


class StepReader:
    """Reads the steps of one incident type, or of the document's own commands; keeps their ids unique."""

    def __init__(self, prefix: str, ledger: Ledger) -> None:
        """`prefix` begins every step's id."""
        self.prefix = prefix
        self.ledger = ledger
        self.taken: set[str] = set()

    def fence(self, block: Block, section: str) -> tuple[Branch, ...]:
        """Give the branches of a fence."""
        self.ledger.claim_block(block)
        language = block.info.split()[0].strip("{").casefold() if block.info.split() else ""
        if language in SQL:
            return (Branch(condition=None, steps=(self._sql(block, section),), line=block.body_line),)
        if language and language not in SHELLS:
            step = self.make(kind="snippet", title=f"{language} text", source=block.text.rstrip("\n"), section=section,
                             line=block.body_line, end_line=block.end_line, language=language)  # fmt: skip
            return (Branch(condition=None, steps=(step,), line=block.body_line),)
        return _Fence(self, block, section, certain=bool(language)).branches()

    def _sql(self, block: Block, section: str) -> Step:
        source = block.text.strip("\n")
        title = next((line.lstrip("- ") for line in source.split("\n") if line.startswith("--")), "")
        return self.command(source, title, section, block.body_line, block.end_line - 1, language="sql")

    def command(
        self, source: str, title: str, section: str, line: int, end_line: int, *, language: str = "bash",
        why_not: str | None = None,
    ) -> Step:  # fmt: skip
        """Give a command step; a placeholder or `why_not` makes it one that cannot run as written."""
        blank = placeholder_in(source)
        if blank:
            why_not = f"{blank} has to be filled in first"
            self._lint_placeholder(source, blank, line, language)
        if language == "bash":
            for hang in hangs(source):
                does = "never comes back" if hang.code == "RB103" else "cannot run without a terminal"
                self.ledger.error(hang.code, line, f"This command {does}: {hang.what}.", hang.suggestion)
        return self.make(
            kind="command", title=title or _short(source), source=source, language=language, section=section,
            executable=why_not is None, why_not=why_not, line=line, end_line=max(line, end_line),
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

    def manual(self, title: str, section: str, line: int, kind: str = "manual") -> Step:
        """Give a step for a person."""
        return self.make(kind=kind, title=title, section=section, line=line, end_line=line)

    def make(self, *, title: str, wanted_id: str | None = None, **values: object) -> Step:
        """Give a step under a fresh id."""
        name = unique(f"{self.prefix}.{slug(wanted_id or title) or 'step'}", self.taken)
        self.taken.add(name)
        return msgspec.convert({"id": name, "title": title, **values}, Step)


class _Fence:
    """One shell fence: groups parted by blank lines; comments directly above a statement speak of it."""

    def __init__(self, reader: StepReader, block: Block, section: str, *, certain: bool) -> None:
        self.reader, self.block, self.section, self.certain = reader, block, section, certain
        self.found: list[_Open] = []
        self.title: list[Remark] = []
        self.example = False

    def branches(self) -> tuple[Branch, ...]:
        parts = [part for part in split(self.block.text) if not part.text.startswith(("!/", "tocsin:"))]
        if self.certain:
            check_fence(parts, self.block.body_line, self.reader.ledger)
        for group in _groups(parts):
            if self.found and self.found[-1].kind != "phase" and self.found[-1].condition is not None:
                self._open(None, "branch", self._at(group[0]))
            for is_comment, run in groupby(group, key=lambda part: part.kind == "comment"):
                items = list(run)
                if is_comment:
                    self._comments(items, attached=items[-1] is not group[-1])
                else:
                    for part in items:
                        self._statement(part)
        return tuple(self._finished())

    def _finished(self) -> Iterator[Branch]:
        for open_ in self.found:
            steps = open_.steps
            if not steps and open_.condition is not None and open_.kind == "branch":
                steps = [self.reader.manual(open_.condition, self.section, open_.line)]
            if steps or open_.condition is not None:
                yield msgspec.convert(
                    {"condition": open_.condition, "steps": tuple(steps), "kind": open_.kind, "line": open_.line},
                    Branch,
                )

    def _comments(self, parts: list[Part], *, attached: bool) -> None:
        self.title = []
        remarks = judge([(part.text, self._at(part)) for part in parts])
        for index, remark in enumerate(remarks):
            last = attached and not any(r.sort == "plain" for r in remarks[index + 1 :])
            self._remark(remark, titles=attached and (last or not remark.bulleted))

    def _remark(self, remark: Remark, *, titles: bool) -> None:
        if remark.sort in ("condition", "phase"):
            self._open(remark.text, "phase" if remark.sort == "phase" else "branch", remark.line)
        elif remark.sort == "example":
            self.example = True
        elif remark.sort in ("file", "code"):
            self._snippet(remark)
        elif remark.sort == "remark" and self._steps():
            self._append_to_last(remark.text)
        elif remark.sort == "plain" and titles:
            self.title.append(remark)
        else:
            kind = "prohibition" if remark.sort == "prohibition" else "manual"
            self._steps().append(self.reader.manual(remark.text.rstrip(":"), self.section, remark.line, kind))

    def _snippet(self, remark: Remark) -> None:
        steps = self._steps()
        if remark.sort == "code" and steps and steps[-1].kind == "snippet":
            before = steps[-1]
            source = f"{before.source}\n{remark.raw}" if before.source else remark.raw
            steps[-1] = msgspec.structs.replace(before, source=source, end_line=remark.line)
            return
        title = remark.text.rstrip(":") if remark.sort == "file" else "Text for another file"
        source = "" if remark.sort == "file" else remark.raw
        steps.append(self.reader.make(kind="snippet", title=title, source=source, section=self.section,
                                      language="text", line=remark.line, end_line=remark.line))  # fmt: skip

    def _statement(self, part: Part) -> None:
        title = _title_of(self.title)
        self.title = []
        listed = _LISTED.match(part.text)
        if listed:
            self._steps().append(self.reader.manual(plain(listed["text"]), self.section, self._at(part)))
            return
        line, end = self._at(part), self.block.body_line + part.end_line
        why_not = self._why_not(part)
        if part.broken and self.certain and not is_prose(part.text):
            self.reader.ledger.error(
                "RB105", line, "The shell cannot read this command as written; look for a quote or bracket left open."
            )
        self._steps().append(self.reader.command(part.text, title, self.section, line, end, why_not=why_not))
        self.example = False

    def _why_not(self, part: Part) -> str | None:
        first = part.text.split()[0] if part.text.split() else ""
        if is_prose(part.text):
            return "this is text, not a command"
        if part.broken:
            return "the shell cannot read it as written"
        if not self.certain and first not in COMMAND_WORDS and not first.startswith("./"):
            return "the fence does not say that it holds shell commands"
        return "the runbook gives it as an example" if self.example else None

    def _open(self, condition: str | None, kind: str, line: int) -> None:
        if self.found and not self.found[-1].steps and self.found[-1].condition is None:
            self.found.pop()
        self.found.append(_Open(condition, kind, line))

    def _steps(self) -> list[Step]:
        if not self.found:
            self._open(None, "branch", self.block.body_line)
        return self.found[-1].steps

    def _append_to_last(self, text: str) -> None:
        last = self._steps()[-1]
        self._steps()[-1] = msgspec.structs.replace(last, title=f"{last.title} {text}")

    def _at(self, part: Part) -> int:
        return self.block.body_line + part.line


def flat(branches: Iterable[Branch]) -> tuple[Step, ...]:
    """Give the steps of branches in order, for a section where nothing has to be chosen."""
    return tuple(step for branch in branches for step in branch.steps)


def is_command(text: str) -> bool:
    """Tell whether a code span reads as a whole command rather than a name."""
    words = text.split()
    return len(words) > 1 and words[0] in COMMAND_WORDS and not is_prose(text)


def _groups(parts: list[Part]) -> Iterator[list[Part]]:
    group: list[Part] = []
    for part in parts:
        if group and part.line > group[-1].end_line + 1:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _title_of(remarks: list[Remark]) -> str:
    """Join the lines of a title: a line that begins in lower case goes on, another one is a sentence more."""
    title = ""
    for remark in remarks:
        goes_on = remark.text[:1].islower() or not title
        title += (" " if title and goes_on else "" if not title else ". ") + remark.text
    return title.strip().rstrip(":").strip()


def _short(source: str) -> str:
    first = source.split("\n", maxsplit=1)[0].rstrip("\\ ")
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
