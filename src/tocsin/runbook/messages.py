"""Templates and the post-incident review. Source: "Communication Templates" and "Post-Incident Review"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from tocsin.runbook.document import Block
from tocsin.runbook.languages import CONSOLES, SHELLS
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, slug, unique
from tocsin.runbook.policy import Cadence, Deadline, Review, Template
from tocsin.runbook.promises import REVIEW, cadence_in, deadline_in
from tocsin.runbook.sections import Section
from tocsin.runbook.steps import is_command
from tocsin.runbook.tables import records

Channel = Literal["slack", "status-page", "email"]
_CHANNELS: tuple[tuple[Channel, re.Pattern[str]], ...] = (
    ("status-page", re.compile(r"status[ -]?page|\bpublic\b", re.IGNORECASE)),
    ("email", re.compile(r"\be-?mail\b|\bcustomer letter\b", re.IGNORECASE)),
    ("slack", re.compile(r"\bslack\b|\bteams\b|\bchat\b", re.IGNORECASE)),
)
_STATUS_TITLE = re.compile(r"^[\s\W]*(?:investigating|identified|monitoring|resolved|update)\b[\]*:]", re.IGNORECASE)
_RHYTHM = {"update": r"update|cadence|frequency|communicat"}
_TEXT_LANGUAGES = frozenset({"", "text", "txt", "plaintext", "plain", "markdown", "md", "email", "html", "none"})
_SPEAKS = re.compile(
    r"\b(?:templates?|slack|e-?mail|status ?page|statuspage|message|announce\w*|notif\w*|notice|tweet|update|"
    r"post(?!-?\s?(?:mortem|"
    r"incident))\b|communicat\w*|teams|chat|page|alert example)\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"^\W*(?:status|impact|severity|incident|start(?:ed)?|eta|update|next update|summary|affected|lead|commander|"
    r"ic|root cause|"
    r"mitigation|duration|description|title|subject|runbook|cluster|fix|channel)\b[^:]{0,25}:",
    re.IGNORECASE,
)
NEAR, TITLE_LENGTH = 2, 120
_FIELD = re.compile(r"\{\{?[^{}]+\}\}?|\[[A-Za-z][^\]\n]*\](?!\()|<[a-z][^>\n]*>|\$\{?\w+|_{3,}")
_EXAMPLES = (
    re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", re.ASCII),
    re.compile(r"\b[0-2]?[0-9]:[0-5][0-9]\b", re.ASCII),
    re.compile(r"(?<!\w)@\w+\.\w+\b"),
    re.compile(r"/incidents/[0-9]+", re.ASCII),
    re.compile(r"~?\b[0-9]+ (?:users|customers|minutes)\b", re.ASCII),
)


def read_templates(sections: Iterable[Section], elsewhere: Iterable[Section], ledger: Ledger) -> tuple[Template, ...]:
    """Give the templates: what is fenced or quoted in the communication sections, and messages that stand elsewhere."""
    found: list[Template] = []
    taken: set[str] = set()
    for section in (part for top in sections for part in top.walk()):
        ledger.claim(section.line)
        for named in _named(section):
            block = named.block
            if (block.kind == "fence" and _is_message(block)) or (block.quote and _is_quoted_message(named)):
                ledger.claim_block(block)
                found.append(_template(named, taken))
                _lint(found[-1].title, block, ledger)
    for named in (one for section in elsewhere for one in _named(section)):
        block = named.block
        if block.kind == "fence" and block.line not in ledger.lines and _is_message(block) and _speaks(named):
            ledger.claim_block(block)
            found.append(_template(named, taken))
            _lint(found[-1].title, block, ledger)
    return tuple(sorted(found, key=lambda template: template.line))


class _Named(NamedTuple):
    """A block with the words directly above it, or else the title of its section."""

    block: Block
    title: str
    section: str


def _named(section: Section) -> Iterator[_Named]:
    before: Block | None = None
    for block in section.blocks:
        above = before if before is not None and before.kind in ("item", "paragraph") and not before.quote else None
        near = above is not None and block.line - above.end_line <= NEAR and len(above.text) <= TITLE_LENGTH
        title = plain(above.text).rstrip(":") if near and above is not None else section.title
        yield _Named(block, title, section.title)
        before = block


def _is_message(block: Block) -> bool:
    """Tell whether a fence may be a message: no code, no data, no command."""
    language = block.info.split()[0].casefold() if block.info.split() else ""
    if language in _TEXT_LANGUAGES:
        return bool(language) or not all(
            is_command(line) or line.startswith(("/", "#")) for line in _lines(block) if line
        )
    return language in SHELLS | CONSOLES and block.text.lstrip().startswith(('"""', "'''", "**"))


def _is_quoted_message(named: _Named) -> bool:
    return bool(
        _STATUS_TITLE.match(named.block.text) or _FIELD.search(named.block.text) or _SPEAKS.search(named.section)
    )


def _speaks(named: _Named) -> bool:
    """Tell whether a fence outside the communication sections is a message, by the words above it or its own."""
    if _SPEAKS.search(named.title) or _SPEAKS.search(named.section):
        return True
    told = sum(bool(_PAIR.match(line)) for line in _lines(named.block))
    return told >= 2 or bool(_STATUS_TITLE.match(named.block.text))  # noqa: PLR2004 - "Impact: ..." and "Status: ..."


def _lines(block: Block) -> list[str]:
    return [line.strip() for line in block.text.strip().split("\n")]


def _template(named: _Named, taken: set[str]) -> Template:
    block = named.block
    name = unique(slug(named.title) or "template", taken)
    taken.add(name)
    return Template(
        id=name,
        title=named.title,
        channel=_channel(named.title, block.text) or _channel(named.section, ""),
        body=block.text.rstrip("\n"),
        line=block.body_line,
        end_line=max(block.body_line, block.end_line - (block.body_line > block.line)),
    )


def _channel(title: str, body: str) -> Channel | None:
    named = next((channel for channel, words in _CHANNELS if words.search(title)), None)
    if named is None and re.match(
        r"^\W*\[(?:investigating|identified|monitoring|resolved|update)\]", body, re.IGNORECASE
    ):
        return "status-page"
    if named is None and re.search(r"^subject:", body, re.IGNORECASE | re.MULTILINE):
        return "email"
    return named


def _lint(title: str, block: Block, ledger: Ledger) -> None:
    example = next((hit for pattern in _EXAMPLES if (hit := pattern.search(block.text))), None)
    if example and not re.search(r"\{\{", block.text):
        line = block.body_line + block.text.count("\n", 0, example.start())
        ledger.warn(
            "RB209", line,
            f'The template "{title}" holds an example value ({example[0]}) where each incident has its own; '
            "such values are replaced by fields when it is sent.",
            "write a field such as {{ started }} instead",
        )  # fmt: skip


def read_review(sections: Sequence[Section], ledger: Ledger) -> Review | None:
    """Give the review template: the first fence of the review sections, due when their text says."""
    due: Review | None = None
    within = next((found for top in sections if (found := _due(top, ledger))), None)
    for top in sections:
        holder = top
        for section in top.walk():
            ledger.claim(section.line)
            holder = holder if section.is_label else section
            block = next((block for block in section.blocks if block.kind == "fence" and _is_message(block)), None)
            if block is not None:
                ledger.claim_block(block)
                _lint(holder.title, block, ledger)
                return Review(title=holder.title, body=block.text.rstrip("\n"), due_within=within,
                              line=holder.line, end_line=max(holder.end_line, block.end_line))  # fmt: skip
        if within is not None and due is None:
            due = Review(title=top.title, body="", due_within=within, line=top.line, end_line=top.end_line)
    return due


def _due(section: Section, ledger: Ledger) -> timedelta | None:
    found = next(review_deadlines([section]), None)
    if found is None:
        return None
    ledger.claim(found.line)
    return found.within


def review_deadlines(sections: Iterable[Section]) -> Iterator[Deadline]:
    """Give when the review is due, with its line: from the title, a label's line or the text around the template."""
    for top in sections:
        for section in top.walk():
            texts = [(f"{section.title} {section.rest}", section.line)]
            texts += [(plain(block.text), block.line) for block in section.blocks if block.kind != "fence"]
            for text, line in texts:
                found = deadline_in(text, line)
                if found is not None:
                    yield Deadline(what=REVIEW, within=found.within, line=line)


def read_cadences(sections: Iterable[Section], elsewhere: Iterable[Section], ledger: Ledger) -> tuple[Cadence, ...]:
    """Give the update rhythms a document promises, in the order of their lines; each line once.

    In the `sections` about communication every rhythm is one of updates, their templates included; elsewhere its own
    line has to say so.
    """
    found: dict[int, Cadence] = {}
    told = {section.line for top in sections for section in top.walk()}
    for section in (*(part for top in sections for part in top.walk()), *elsewhere):
        for text, line, is_update in _rhythms(section, is_about=section.line in told):
            cadence = cadence_in(plain(text), line, is_update=is_update)
            if cadence is not None:
                ledger.claim(line)
                found.setdefault(line, cadence)
    return tuple(found[line] for line in sorted(found))


def _rhythms(section: Section, *, is_about: bool) -> Iterator[tuple[str, int, bool]]:
    """Give the texts of a section that may promise a rhythm: text, line, whether their place speaks of updates."""
    about = is_about or _SPEAKS.search(section.title) is not None
    yield f"{section.title} {section.rest}", section.line, False
    for block in section.blocks:
        if block.kind == "table":
            for row in records(block, _RHYTHM):
                cell = row.cells.get("update", "")
                yield (
                    (cell if re.search(r"every|hourly|each", cell, re.IGNORECASE) else f"every {cell}"),
                    row.line,
                    True,
                )
        elif block.kind != "fence" or is_about:
            first = block.body_line if block.kind == "fence" else block.line
            for line, text in enumerate(block.text.split("\n"), first):
                yield text, line, about and block.kind != "fence"


def has_fields(body: str) -> bool:
    """Tell whether a template marks the places that change."""
    return bool(_FIELD.search(body))
