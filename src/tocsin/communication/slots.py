"""Where a template's text holds what each incident has of its own: the stretches, not yet named as fields."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.communication.shapes import (
    EVERY,
    SEVERITY,
    STATUS,
    Kind,
    is_address,
    kind_of_label,
    lasted_in,
    moment_in,
    shapes_in,
)
from tocsin.runbook.names import plain

A_FORM = 3


class Slot(NamedTuple):
    """A field before it has a name: characters of the body."""

    start: int
    end: int
    kind: Kind
    label: str
    explicit: bool = False


class _Line(NamedTuple):
    """A line of the body. `value_at` is where the words after its label begin, `label` None without a label."""

    start: int
    text: str
    label: str | None = None
    strong: bool = False
    value_at: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_LABEL = re.compile(
    r"^(?P<lead>(?:[^\w*_\[{<\n:]|:[\w+-]+:|[*] )*)"
    r"(?:(?P<mark>\*\*|__|\*|_)(?P<bold>[^*:\n]{1,60}?)(?P<in>:?)\s*(?P=mark)\s*(?P<out>:?)"
    r"|(?P<bare>[A-Za-z][\w/' -]{0,40}?)\s*:)"
    r"(?=\s|$)"
)
# A heading, or a line in bold alone: what it asks for stands below.
_TITLE_LINE = re.compile(r"(?:#{1,6} +|[-*+] +)?(\*\*|__|\*|_|(?<=# ))([^*_\n]+?)\1\s*")
_BLANK = re.compile(
    r"\{\{[^{}\n]+\}\}|\$\{\w+\}|\{[A-Za-z][\w .-]*\}|(?<![\w\]])\[(?![ xX]\])[A-Za-z][^\]\n]*\](?![(\[])"
    r"|(?<![<\w])<[A-Za-z][\w' /-]*>|_{3,}|\bX{3,}\b|\bTB[DA]\b"
)
_HEADLINE = re.compile(
    rf"^(?P<lead>[^\w\[]*)(?:\[(?P<tag>{STATUS}|update|incident|outage|notice|alert)\]|(?P<word>{STATUS})(?=\s*[:–—-]\s))"  # noqa: RUF001
    r"[\s:–—|*-]*(?P<title>.*?)[\s*_]*$",  # noqa: RUF001
    re.IGNORECASE,
)
_STATUS = re.compile(rf"(?:{STATUS})(?:\s*[|/]\s*(?:{STATUS}))*", re.IGNORECASE)
_AFTER_SEVERITY = re.compile(r"[\s*_\]]*(?:[:–—|\]]|\s-\s)[\s*_]*(?P<title>\S.*?)[\s*_]*$")  # noqa: RUF001
_SUBJECT = re.compile(r"subject(?: line)?", re.IGNORECASE)
# What an author says once for all, whatever the incident.
_FIXED = re.compile(
    r"(?:please )?note|reminder|important|warning|contacts?|support|questions?|subscribe|docs?|documentation|runbooks?"
    r"|dashboards?|channel|slack|thread|bridge|war room|hotline"
    r"|(?:hi|hello|hey|dear)\b.*|to|from|cc|bcc|updates|where.*|how.*",
    re.IGNORECASE,
)


def slots_in(body: str) -> Iterator[Slot]:
    """Give the slots of a template's body in their order; they do not overlap."""
    lines = _lines(body)
    a_form = sum(line.label is not None for line in lines) >= A_FORM
    headline = next((line.start for line in lines if line.text.strip()), -1)
    reached = 0
    for number, line in enumerate(lines):
        for slot in _of_line(body, lines[number:], a_form=a_form, is_headline=line.start == headline):
            if slot.start >= reached:
                yield slot
                reached = slot.end


def _lines(body: str) -> list[_Line]:
    found, at = [], 0
    for text in body.split("\n"):
        label = _LABEL.match(text)
        if label and (label["bare"] or label["in"] or label["out"]):
            words = label["bold"] or label["bare"]
            found.append(_Line(at, text, plain(words), bool(label["bold"]), at + label.end()))
        elif (title := _TITLE_LINE.fullmatch(text)) and kind_of_label(title[2]) not in {None, "title"}:
            found.append(_Line(at, text, plain(title[2]), strong=True, value_at=at + len(text)))
        else:
            found.append(_Line(at, text))
        at += len(text) + 1
    return found


def _of_line(body: str, lines: list[_Line], *, a_form: bool, is_headline: bool) -> Iterator[Slot]:
    """Give the slots that begin on the first of `lines`."""
    line = lines[0]
    subject = line.label is not None and _SUBJECT.fullmatch(line.label)
    whole = None if subject or line.label is None else _whole_value(body, lines, a_form=a_form)
    if whole is not None:
        blanks = _blanks(line, whole.label)
        if not blanks:
            yield from _parts(body, whole)
            return
    blanks = _blanks(line, line.label)
    slots = [*blanks]
    for found in (*(_headline(line, asked=bool(subject)) if subject or is_headline else ()), *_shapes(line)):
        if all(found.end <= slot.start or slot.end <= found.start for slot in slots):
            slots.append(found)
    yield from sorted(slots)


def _whole_value(body: str, lines: list[_Line], *, a_form: bool) -> Slot | None:
    """Give the slot that is all a label is followed by, or None when only examples inside it may change."""
    line = lines[0]
    label = line.label or ""
    kind = kind_of_label(label, loosely=line.strong)
    start, end = _value(lines, wraps=kind is not None or line.strong)
    value = body[start:end]
    if kind is None and (not (line.strong or a_form) or _FIXED.fullmatch(label)):
        return None
    if kind in {None, "text", "status_page"} and is_address(value):
        return None
    if kind is None:
        # The words are the author's own, the value may still be of a known shape.
        kind = next((shape.kind for shape in shapes_in(value) if shape.end - shape.start == len(value)), None)
    if kind in {"update_every", "next_update"} and value.strip():
        return _promise(kind, label, value, start)
    return Slot(start, end, kind or "text", label)


def _parts(body: str, whole: Slot) -> Iterator[Slot]:
    """Give a value as one slot; an impact that begins with how long it lasted as two: that much will be known."""
    ends, goes_on = lasted_in(body[whole.start : whole.end]) if whole.kind == "impact" else (0, 0)
    if ends:
        yield Slot(whole.start, whole.start + ends, "duration", "Duration")
    yield whole._replace(start=whole.start + goes_on)


def _promise(kind: Kind | None, label: str, value: str, start: int) -> Slot | None:
    """Give the time or rhythm inside the words of a promise; without one the words hold for every incident."""
    found = EVERY.search(value) if kind == "update_every" else moment_in(value)
    return Slot(start + found.start(), start + found.end(), kind or "text", label) if found else None


def _value(lines: list[_Line], *, wraps: bool) -> tuple[int, int]:
    """Give where the words after a label begin and end; they may go on, or only begin, on the lines below."""
    line = lines[0]
    end = line.end
    empty = not line.text[line.value_at - line.start :].strip()
    if wraps:
        after = lines[1:]
        if empty and line.strong and after and not after[0].text.strip():
            after = after[1:]
        for below in after:
            goes_on = empty or below.text[:1].isspace() or below.text[:1].islower()
            if below.label is not None or not below.text.strip() or not goes_on:
                break
            end = below.end
    text = "\n".join(each.text for each in lines)[line.value_at - line.start : end - line.start]
    body = text.strip()
    if not body:
        return line.value_at, line.value_at
    start = line.value_at + len(text) - len(text.lstrip())
    return start, start + len(body)


def _blanks(line: _Line, label: str | None) -> list[Slot]:
    """Give the places of a line that its author marked; one that fills the value is asked for by the line's label."""
    found = []
    for blank in _BLANK.finditer(line.text):
        words = " ".join(re.sub(r"[_.]+", " ", blank[0].strip("{}[]<>$_ ")).split())
        kind = kind_of_label(words, loosely=True)
        start, end = line.start + blank.start(), line.start + blank.end()
        example = bool(_STATUS.fullmatch(words) or SEVERITY.fullmatch(words))
        if blank[0][0] == "[" and (example or (kind == "status" and words.isupper())):
            # The brackets of "[RESOLVED]" or "[P0]" are how the author writes it; they stay.
            kind, label_words = ("severity", "Severity") if SEVERITY.fullmatch(words) else ("status", "Status")
            found.append(Slot(start + 1, end - 1, kind, label_words, not example))
            continue
        alone = label is not None and line.text[line.value_at - line.start :].strip() == blank[0]
        if alone and label and kind in {None, "text"}:
            kind, words = kind_of_label(label, loosely=True), label
        words = words if len(words) > 1 and words not in {"TBD", "TBA"} and not words.startswith("XXX") else "Text"
        found.append(Slot(start, end, kind or "text", words[:1].upper() + words[1:], explicit=True))
    return found


def _headline(line: _Line, *, asked: bool) -> Iterator[Slot]:
    """Give status, severity and title of a first line or a subject; a subject without either is a title."""
    at = line.value_at if asked else line.start
    text = line.text[at - line.start :]
    found = _HEADLINE.match(text)
    severity = next((shape for shape in shapes_in(text) if shape.kind == "severity"), None)
    title = found and found.span("title")
    if found and (found["word"] or _STATUS.fullmatch(found["tag"])):
        start, end = found.span("word" if found["word"] else "tag")
        yield Slot(at + start, at + end, "status", "Status")
    if severity and not found:
        yield Slot(at + severity.start, at + severity.end, "severity", "Severity")
        after = _AFTER_SEVERITY.match(text, severity.end)
        title = after and after.span("title")
    if asked and not found and not severity and not _BLANK.search(text) and text.strip():
        title = len(text) - len(text.lstrip()), len(text.rstrip())
    if title and title[0] < title[1]:
        yield Slot(at + title[0], at + title[1], "title", "Title")


def _shapes(line: _Line) -> Iterator[Slot]:
    for shape in shapes_in(line.text):
        if shape.kind is not None:
            yield Slot(line.start + shape.start, line.start + shape.end, shape.kind, shape.label)
