"""Templates and the post-incident review. Source: "Communication Templates" and "Post-Incident Review"."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Literal

from tocsin.runbook.document import Block
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain, slug, unique
from tocsin.runbook.policy import Cadence, Deadline, Review, Template
from tocsin.runbook.promises import cadence_in, deadline_in
from tocsin.runbook.sections import Section

Channel = Literal["slack", "status-page", "email"]
_CHANNELS: tuple[tuple[Channel, re.Pattern[str]], ...] = (
    ("status-page", re.compile(r"status[ -]?page|\bpublic\b", re.IGNORECASE)),
    ("email", re.compile(r"\be-?mail\b|\bcustomer letter\b", re.IGNORECASE)),
    ("slack", re.compile(r"\bslack\b|\bteams\b|\bchat\b", re.IGNORECASE)),
)
_STATUS_TITLE = re.compile(r"^\s*\[(?:investigating|identified|monitoring|resolved|update)\]", re.IGNORECASE)
_FIELD = re.compile(r"\{\{?[^{}]+\}\}?|\[[A-Za-z][^\]\n]*\](?!\()|<[a-z][^>\n]*>|\$\{?\w+|_{3,}")
_EXAMPLES = (
    re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", re.ASCII),
    re.compile(r"\b[0-2]?[0-9]:[0-5][0-9]\b", re.ASCII),
    re.compile(r"(?<!\w)@\w+\.\w+\b"),
    re.compile(r"/incidents/[0-9]+", re.ASCII),
    re.compile(r"~?\b[0-9]+ (?:users|customers|minutes)\b", re.ASCII),
)


def read_templates(sections: Iterable[Section], ledger: Ledger) -> tuple[Template, ...]:
    """Give the templates: every fence, or quoted text under a heading, of the communication sections."""
    found: list[Template] = []
    for top in sections:
        for section in top.walk():
            ledger.claim(section.line)
            for block in section.blocks:
                if block.kind == "fence":
                    ledger.claim_block(block)
                    found.append(_template(section, block, [t.id for t in found]))
                    _lint(found[-1].title, block, ledger)
    return tuple(found)


def _template(section: Section, block: Block, taken: list[str]) -> Template:
    return Template(
        id=unique(slug(section.title) or "template", taken),
        title=section.title,
        channel=_channel(section.title, block.text),
        body=block.text.rstrip("\n"),
        line=block.body_line,
        end_line=max(block.body_line, block.end_line - 1),
    )


def _channel(title: str, body: str) -> Channel | None:
    named = next((channel for channel, words in _CHANNELS if words.search(title)), None)
    if named is None and _STATUS_TITLE.match(body):
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


def read_review(sections: Iterable[Section], ledger: Ledger) -> Review | None:
    """Give the review template: the first fence of the review sections, due when their text says."""
    for top in sections:
        within = _due(top, ledger)
        for section in top.walk():
            ledger.claim(section.line)
            block = next((block for block in section.blocks if block.kind == "fence"), None)
            if block is not None:
                ledger.claim_block(block)
                _lint(top.title, block, ledger)
                return Review(title=top.title, body=block.text.rstrip("\n"), due_within=within,
                              line=top.line, end_line=top.end_line)  # fmt: skip
        if within is not None:
            return Review(title=top.title, body="", due_within=within, line=top.line, end_line=top.end_line)
    return None


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
                    yield Deadline(what="post-incident review", within=found.within, line=line)
                    break


def read_cadences(sections: Iterable[Section], ledger: Ledger) -> tuple[Cadence, ...]:
    """Give the update rhythms of the communication sections, their templates included; each line once."""
    found: dict[int, Cadence] = {}
    for top in sections:
        for section in top.walk():
            for block in section.blocks:
                first = block.body_line if block.kind == "fence" else block.line
                for line, text in enumerate(block.text.split("\n"), first):
                    cadence = cadence_in(plain(text), line, is_update=block.kind != "fence")
                    if cadence is not None:
                        ledger.claim(line)
                        found.setdefault(line, cadence)
    return tuple(found.values())


def has_fields(body: str) -> bool:
    """Tell whether a template marks the places that change."""
    return bool(_FIELD.search(body))
