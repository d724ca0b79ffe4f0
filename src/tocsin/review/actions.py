"""Action items: the lines of a review that somebody promised to do."""

import hashlib
import re
from collections.abc import Iterator
from datetime import date

import msgspec

from tocsin.runbook.names import plain, slug, unique


class ActionItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something to change. `owner` is a handle without its @; `id` comes from the words, so that it outlives edits."""

    id: str
    text: str
    owner: str | None = None
    due: date | None = None
    done: bool = False


_BOX = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\[(?P<done>[ xX])\]\s+(?P<text>\S.*)$")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s")
_ASIDE = re.compile(r"\s*\((?P<inside>[^()]*)\)[\s.]*$")
_OWNER = re.compile(r"@(?P<handle>[\w.-]*\w)")
_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])", re.ASCII)
_WORDS = re.compile(r"\b(?:owner|assignee|due|by|until|on)\b|[\s,:;@-]+", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w.' -]*")


def parse_actions(markdown: str) -> tuple[ActionItem, ...]:
    """Give the action items of a review: its check-boxes, with owner and day from the parenthesis at their end.

    Source: "Post-Incident Review" (the action items of its template).
    """
    found: list[ActionItem] = []
    for done, written in _boxes(markdown):
        text, owner, due = _parted(written)
        name = slug(text) or hashlib.sha256(text.encode()).hexdigest()[:12]
        item_id = unique(name, [item.id for item in found])
        found.append(ActionItem(id=item_id, text=text, owner=owner, due=due, done=done))
    return tuple(found)


def _boxes(markdown: str) -> Iterator[tuple[bool, str]]:
    """Give each check-box with its text; indented lines below go on with it, code holds none."""
    found: list[tuple[bool, str]] = []
    fenced, goes_on = False, False
    for line in markdown.split("\n"):
        if _FENCE.match(line):
            fenced, goes_on = not fenced, False
            continue
        box = None if fenced else _BOX.match(line)
        if box:
            found.append((box["done"] != " ", box["text"].strip()))
        elif goes_on and line[:2].isspace() and line.strip() and not _ITEM.match(line):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            continue
        goes_on = bool(box)
    yield from found


def _parted(written: str) -> tuple[str, str | None, date | None]:
    """Give what is to be done, by whom, until when; a parenthesis that says neither belongs to the first."""
    aside = _ASIDE.search(written)
    if aside is None:
        return plain(written), None, None
    inside = aside["inside"]
    day = _DAY.search(inside)
    due = _day(day[0]) if day else None
    rest = _DAY.sub("", inside, count=1) if due else inside
    handle = _OWNER.search(rest)
    name = " ".join(_WORDS.sub(" ", rest).split())
    owner = handle["handle"] if handle else name if due and _NAME.fullmatch(name) else None
    if owner is None and due is None:
        return plain(written), None, None
    return plain(written[: aside.start()]), owner, due


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
