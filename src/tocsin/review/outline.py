"""The review template taken apart: headings, the labelled lines under them, and what else its author wrote there."""

import re
from itertools import pairwise
from typing import NamedTuple

from tocsin.runbook.names import plain


class Entry(NamedTuple):
    """A labelled line: `lead` is the line up to its value, as written; `example` what stood after it."""

    label: str
    lead: str
    example: str


class Section(NamedTuple):
    """A heading as written (`level` 0 for what comes before any) and what stands under it until the next one.

    `example` is what is not labelled. `holds_more` when a deeper heading follows at once: it needs no words itself.
    """

    level: int
    heading: str
    entries: tuple[Entry, ...]
    example: str
    holds_more: bool = False


# Headings that anybody would expect, for a document that asks for a review without saying what stands in it.
DEFAULT = """\
# Review of {{ incident }}

## Summary

- **Date**:
- **Duration**:
- **Severity**:
- **Impact**:

## Timeline

## Root cause

## Resolution

## Action items

- [ ] What (@who, YYYY-MM-DD)

## Lessons learned
"""
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_STRONG = re.compile(
    r"^(?P<lead>\s*(?:[-*+]\s+|\d+[.)]\s+)?(?P<mark>\*\*|__)(?P<label>[^*\n]{1,60}?):?(?P=mark)(?P<colon>:?))"
    r"[ \t]*(?P<value>.*)$"
)
_BARE = re.compile(
    r"^(?P<lead>(?P<item>\s*[-*+]\s+)?(?P<label>[A-Z][\w/'-]*(?: [\w/'-]+){0,2}):)(?=\s|$)[ \t]*(?P<value>.*)$"
)
_ROW = re.compile(r"^\s*\|\s*(?:\*\*)?(?P<label>[^|*\n]+?):?(?:\*\*)?\s*\|\s*(?P<value>[^|\n]*?)\s*\|\s*$")
_RULED = re.compile(r"^[\s|:-]+$")


def sections_of(body: str) -> tuple[Section, ...]:
    """Give the sections of a review template, in order; without a template, those that anybody would expect.

    Source: "Post-Incident Review".
    """
    found: list[tuple[int, str, list[str]]] = [(0, "", [])]
    for line in (body if body.strip() else DEFAULT).split("\n"):
        heading = _HEADING.match(line)
        if heading:
            found.append((len(heading[1]), heading[2], []))
        else:
            found[-1][2].append(line)
    if not any(line.strip() for line in found[0][2]):
        del found[0]
    levels = [level for level, _, _ in found]
    deeper = [below > level for level, below in pairwise(levels)] + [False]
    return tuple(
        Section(level, heading, *_content(lines), holds_more=more)
        for (level, heading, lines), more in zip(found, deeper, strict=True)
    )


def _content(lines: list[str]) -> tuple[tuple[Entry, ...], str]:
    """Part the labelled lines from the rest; lines below a label belong to it until a blank line or another label."""
    entries: list[Entry] = []
    rest: list[str] = []
    open_entry = False
    for line in lines:
        entry = _entry(line)
        if entry is not None:
            entries.append(entry)
            open_entry = True
        elif not line.strip():
            # A list may follow its label after a blank line.
            open_entry = open_entry and bool(entries) and not entries[-1].example
            rest.append(line)
        elif open_entry and not _RULED.match(line):
            last = entries[-1]
            entries[-1] = last._replace(example=f"{last.example}\n{line.strip()}".strip())
        elif not _RULED.match(line):
            rest.append(line)
    return tuple(entries), "\n".join(rest).strip()


def _entry(line: str) -> Entry | None:
    found = _STRONG.match(line)
    if found and (found["colon"] or ":" in found["lead"] or not found["value"]):
        return Entry(plain(found["label"]).strip(), found["lead"], found["value"].strip())
    row = _ROW.match(line)
    if row and not _RULED.match(line):
        return Entry(plain(row["label"]).strip(), f"- **{plain(row['label'])}**:", row["value"])
    bare = _BARE.match(line)
    if bare and (bare["item"] or not bare["value"]):
        return Entry(bare["label"].strip(), bare["lead"], bare["value"].strip())
    return None
