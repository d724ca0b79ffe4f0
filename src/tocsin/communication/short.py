"""The words of a page where there is little room: a text message, and a phone that speaks.

Source: GSM 03.38, the alphabet of text messages.
"""

import unicodedata
from datetime import datetime

from tocsin.communication.page import PageFacts, local_zone, short

ROOM, ROOM_OF_ANY_SCRIPT = 160, 70
"""Characters of one message: in GSM's alphabet, and when a script does not fit it."""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("^{}\\[~]|€")
"""These count as two."""

_WHOLE = GSM | TWICE

INSTEAD = {
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{MIDDLE DOT}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
}
LEAST = 12
"""A title is not cut below so many characters: what it stands beside goes first."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty")


def page_sms(facts: PageFacts) -> str:
    """Give the text of one message: what, since when, how to answer, who is next; as much as fits, the link last."""
    if facts.restricted:
        return _fitted(("Restricted incident", "."), facts, "")
    since = facts.since.astimezone(local_zone(facts.zone))
    mark = (
        "Test: " if facts.test else "Late: " if facts.late_since else "Told, not paged: " if facts.notification else ""
    )
    what = f"{mark}{facts.title}" if facts.test else f"{mark}{facts.severity} {facts.title}"
    if facts.reminder:
        return _fitted((f"{facts.title}: {facts.reminder}", "."), facts, "")
    return _fitted((short(what), f", since {since:%H:%M}."), facts, facts.summary)


def one_message(text: str) -> str:
    """Give any text cut to one message."""
    words = short(text)
    in_gsm = gsm(words) is not None
    return _cut(_shown(words, in_gsm), ROOM if in_gsm else ROOM_OF_ANY_SCRIPT, in_gsm)


def in_one_message(head: str, *lines: str) -> str:
    """Give a text whose head is cut so that the first of these lines fits, and the others where there is room."""
    head, in_gsm = short(head), gsm(short(head)) is not None
    room = ROOM if in_gsm else ROOM_OF_ANY_SCRIPT
    first, *others = [_shown(line, in_gsm) for line in lines if line] or [""]
    text = _cut(_shown(head, in_gsm), max(room - _length(first, in_gsm) - 1, LEAST), in_gsm)
    for line in (first, *others):
        grown = f"{text}\n{line}" if line else text
        text = grown if _length(grown, in_gsm) <= room else text
    return text


def gsm_length(text: str) -> int:
    """Give how much of a message a text in GSM's alphabet takes."""
    return len(text) + (0 if TWICE.isdisjoint(text) else sum(character in TWICE for character in text))


def gsm(text: str) -> str | None:
    """Give the text in GSM's alphabet, accents lost where it lacks them; None when it is of another script."""
    plain = text if _WHOLE.issuperset(text) else "".join(_plain(character) for character in text)
    return plain if _WHOLE.issuperset(plain) else None


def speech(facts: PageFacts) -> str:
    """Give what a call says, before what may be pressed. Of a restricted incident it says that alone."""
    if facts.restricted:
        return "Tocsin. A restricted incident."
    if facts.reminder:
        return f"Tocsin. {_said(facts.title)}. {_said(facts.reminder)}."
    since = facts.since.astimezone(local_zone(facts.zone))
    mark = "This is a test. " if facts.test else "This call is late. " if facts.late_since else ""
    held = f" {_said(facts.held_by)} has it, and it is not resolved." if facts.held_by else ""
    severity = "" if facts.test else f"{spoken_severity(facts.severity)}. "
    return f"Tocsin. {mark}{severity}{_said(facts.title)}, since {spoken_time(since)}.{held}"


def menu(facts: PageFacts) -> str:
    """Give what may be pressed; nothing for a message that asks for no answer."""
    if facts.reminder or facts.notification:
        return ""
    if facts.test:
        return "Press 4 to show that this reaches you."
    if facts.restricted:
        return "Press 4 to take it. Press 6 to escalate it. Press 8 if it is over."
    next_one = facts.next_person or facts.next_level
    passed = f" Press 6 to pass it to {_said(next_one)}." if next_one else ""
    return f"Press 4 to take it.{passed} Press 8 if it is over."


def spoken_severity(severity: str) -> str:
    """Give P0 as "P zero"."""
    return " ".join(_SMALL[int(one)] if one in "0123456789" else one for one in severity)


def spoken_time(at: datetime) -> str:
    """Give 03:11 as "three eleven", 03:05 as "three oh five", 15:00 as "fifteen hundred"."""
    if at.minute == 0:
        return f"{_number(at.hour)} hundred"
    return f"{_number(at.hour)} {'oh ' if at.minute < 10 else ''}{_number(at.minute)}"  # noqa: PLR2004  one digit


def _number(value: int) -> str:
    if value < len(_SMALL):
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return f"{_TENS[tens]}{f' {_SMALL[ones]}' if ones else ''}"


def _said(text: str | None) -> str:
    return short(text or "", 120).rstrip(".")


def _asking(facts: PageFacts) -> str:
    if facts.notification or facts.reminder or not facts.code:
        return ""
    return f"Reply ACK {facts.code} to {'answer' if facts.test else 'take it'}."


def _else(facts: PageFacts) -> str:
    who = next(iter(short(facts.next_person or "").split()), facts.next_level)
    if facts.restricted or facts.test or facts.reminder or not who or facts.next_at is None:
        return ""
    return f" Else {short(who, 20)} at {facts.next_at.astimezone(local_zone(facts.zone)):%H:%M}."


def _fitted(what: tuple[str, str], facts: PageFacts, summary: str) -> str:
    """Put together what fits: what it is, cut if it must be, then what matters less, each whole or not at all."""
    in_gsm = gsm(what[0]) is not None
    room = ROOM if in_gsm else ROOM_OF_ANY_SCRIPT
    ask, next_one = (_shown(words, in_gsm) for words in (_asking(facts), _else(facts)))
    if _length(what[1] + ask + next_one, in_gsm) + LEAST > room:
        next_one = ""
    left = room - _length(what[1] + ask + next_one, in_gsm) - 1
    parts = {"head": _cut(_shown(what[0], in_gsm), left, in_gsm) + what[1], "asking": (ask + next_one).strip()}
    held = f"{short(facts.held_by, 30)} has it." if facts.held_by and not facts.restricted else ""
    summary = "" if short(summary) == short(facts.title) else short(summary)
    for name, words in {"held": held, "number": facts.number, "link": facts.link, "summary": summary}.items():
        grown = parts | {name: _shown(words, in_gsm)}
        if _length(_joined(grown), in_gsm) <= room:
            parts = grown
    return _joined(parts)


def _joined(parts: dict[str, str]) -> str:
    first = " ".join(parts[name] for name in ("head", "held", "summary") if parts.get(name))
    return "\n".join([first, *(parts[name] for name in ("asking", "link", "number") if parts.get(name))])


def _cut(text: str, room: int, in_gsm: bool) -> str:
    if _length(text, in_gsm) <= room:
        return text
    while _length(text, in_gsm) > room - 3:
        text = text[:-1]
    return text.rstrip() + "..."


def _shown(text: str, in_gsm: bool) -> str:
    """Give the text in the alphabet of the message; what GSM lacks beside a title that fits becomes a question mark."""
    if not in_gsm or _WHOLE.issuperset(text):
        return text
    return "".join(one if one in _WHOLE else "?" for one in "".join(_plain(character) for character in text))


def _length(text: str, in_gsm: bool) -> int:
    return gsm_length(text) if in_gsm else _units(text)


def _units(text: str) -> int:
    """Give the length as UCS-2 counts it: what lies beyond its plane takes two."""
    return sum(1 + (ord(character) > 0xFFFF) for character in text)  # noqa: PLR2004  the end of the plane


def _plain(character: str) -> str:
    if character in _WHOLE:
        return character
    if character in INSTEAD:
        return INSTEAD[character]
    bare = "".join(one for one in unicodedata.normalize("NFKD", character) if not unicodedata.combining(one))
    return bare or " "
