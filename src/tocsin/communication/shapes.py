"""What example values look like, and which words name them: general rules, no document's own words.

Source: "Communication Templates".
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tocsin.runbook.names import normal

Kind = Literal[
    "severity", "status", "impact", "started", "commander", "status_page", "update_every", "next_update", "title",
    "duration", "root_cause", "fix", "prevention", "date", "incident_id", "text",
]  # fmt: skip


class Shape(NamedTuple):
    """A stretch of a line that looks like an example. `kind` None: it looks like one, but is to stay as written."""

    start: int
    end: int
    kind: Kind | None
    label: str = ""


_LABELS: tuple[tuple[Kind, str], ...] = (
    ("next_update", r"next (?:status )?(?:update|communication|message)s?(?: (?:at|by|due|time))?"),
    ("update_every", r"updates|updates? (?:every|frequency|cadence|interval|rhythm)|cadence"),
    ("severity", r"(?:incident )?(?:severity|priority|sev)(?: level)?"),
    ("status_page", r"(?:public )?status ?page(?: (?:link|url))?"),
    ("status", r"(?:current |incident )?(?:status|state|phase)"),
    ("incident_id", r"(?:incident )?(?:id|number|no|ref|reference|key)"),
    ("title", r"(?:incident )?(?:title|name|subject|headline)|incident"),
    ("impact", r"(?:\w+ )?impact|(?:who is |users? |customers? )?affected|affected (?:users|customers)|scope"),
    ("started", r"(?:incident )?(?:start(?:ed)?|began|since|detected|opened|reported)(?: (?:at|on|time|date))?"),
    ("started", r"time(?: started| of detection)?|first seen"),
    ("commander", r"(?:incident )?(?:commander|lead|leader|owner|manager|coordinator)|ic|assigned to|assignee"),
    ("commander", r"(?:on call|current) (?:engineer|responder)|responder"),
    ("duration", r"(?:total |incident |outage )?(?:duration|downtime|length)|lasted|time to (?:resolve|resolution)"),
    ("root_cause", r"(?:root |probable |likely |suspected )?causes?|why(?: it happened)?|reason"),
    ("fix", r"fix(?:es|ed)?|resolution|remediation|mitigation|solution|workaround|what we did|actions? taken"),
    ("prevention", r"prevent\w*|preventive [\w ]+|corrective [\w ]+|next steps|follow ups?"),
    ("prevention", r"what we (?:will|are) [\w ]+"),
    ("date", r"(?:incident )?date"),
)  # fmt: skip
_FULL = tuple((kind, re.compile(words)) for kind, words in _LABELS)
# A long label ("What was the impact on customers") is known by its leading noun.
_PART: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("next_update", re.compile(r"\bnext update\b")),
    ("root_cause", re.compile(r"\broot cause\b")),
    ("status_page", re.compile(r"\bstatus page\b")),
    ("commander", re.compile(r"\bcommander\b")),
    ("impact", re.compile(r"\bimpact\b|\baffected\b")),
    ("severity", re.compile(r"\bseverity\b")),
    ("prevention", re.compile(r"\bprevent")),
)
_MORE = re.compile(
    r"services?|components?|regions?|customers|users|systems?|product|environment|symptoms?|summary|description|details"
    r"|(?:affected|impacted) [\w ]+|issue|problem|update|message|what happened|ticket|link|end(?: time)?"
    r"|(?:resolved|ended|restored|fixed)(?: at)?"
)


def kind_of_label(label: str, *, loosely: bool = False) -> Kind | None:
    """Give what a label asks for; "text" for a known label without a kind of its own, None for an unknown one.

    `loosely` also takes a label that only holds the word, as headings and blanks in prose do.
    """
    words = normal(label)
    found = next((kind for kind, pattern in _FULL if pattern.fullmatch(words)), None)
    found = found or ("text" if _MORE.fullmatch(words) else None)
    if found is None and loosely:
        found = next((kind for kind, pattern in _PART if pattern.search(words)), None)
    return found


_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th|\.)? {_MONTH},?(?: \d{{4}})?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|YYYY-MM-DD|DD[./]MM[./]YYYY)(?![\w-])"
)
_ZONE = r"(?: ?(?:Z|UTC|GMT|[A-Z]{2,4}T|[+-]\d\d:?\d\d)\b)"
_TIME = (
    rf"(?:(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?[ap]m\b)?|HH:MM(?::SS)?|\b\d{{1,2}} ?[ap]m\b){_ZONE}?"
)
_DATE_AT = re.compile(rf"(?<![\w/.-]){_DATE}", re.ASCII)
_TIME_AT = re.compile(_TIME, re.ASCII)
_WHEN = re.compile(
    rf"(?<![\w/.-])(?:(?:{_DATE}|\d{{4}}-\d\d-\d\dT)(?:(?:,? (?:at )?|,)?{_TIME})?|{_TIME}(?:,? (?:on )?{_DATE})?)",
    re.ASCII,
)
_ABOUT = r"(?:~ ?|(?i:about|approximately|around|roughly|nearly|over|more than|up to|some) )"
_NUMBER = r"\d[\d,.]*(?<![,.])[kKmM%]?"
_PEOPLE = r"(?:users?|customers?|clients?|accounts?|people|merchants?|tenants?|requests?|orders?|transactions?)"
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|weeks?)\b"
# A number of people; a number that is rounded or large, of anything; a share.
_COUNT = re.compile(
    rf"(?<![\w.#@/,-])(?:{_ABOUT}?{_NUMBER} (?:of )?(?:all |our |the )?(?P<who>{_PEOPLE})\b"
    rf"|(?:{_ABOUT}\d[\d,.]*|\d{{1,3}}(?:,\d{{3}})+|(?<!HTTP )\d{{3,}}) (?!{_UNIT})(?P<what>[a-z]{{3,}}s)\b"
    rf"|{_ABOUT}?\d[\d.]* ?%)"
)
_SPAN = re.compile(rf"(?:~ ?)?(?<![\w.#@/-])\d[\d.]* ?-?{_UNIT}(?:,? (?:and )?\d+ ?{_UNIT})*", re.IGNORECASE)
_LASTED = re.compile(rf"(?P<span>{_SPAN.pattern})\s*[,;]\s*(?=\S)", re.IGNORECASE)
_PROMISED = re.compile(r"\b(?:within|in|next|under|than|past|last|least|up to)(?: the)?(?: next)? $", re.IGNORECASE)
EVERY = re.compile(rf"\bevery (?:\d+ ?-?{_UNIT}|half (?:an )?hour|hour|day)|\bhourly\b|\bdaily\b", re.IGNORECASE)
SEVERITY = re.compile(
    r"(?<![\w/-])(?:P|S|SEV|Sev)[- ]?[0-5](?![\w/-])(?: ?[-–:(]? ?(?i:critical|high|major|medium|minor|low)\b\)?)?"  # noqa: RUF001
)
# What people reported, in a sentence that says no more than that they did.
_REPORTED = re.compile(r"\breports? (?:of|about|that) (?P<what>[^\s.;:\n][^.;:\n]{2,})", re.IGNORECASE)
_FOR = re.compile(r"\b(?:for|if|all|every|only|any|each) $", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@/.])@[\w.-]*\w")
_GROUP = re.compile(
    r"here|channel|everyone|all|.*(?:team|on-?call|group|ops|support|leads?|sre|eng|engineering)s?", re.IGNORECASE
)
_STAYS = re.compile(r"`[^`\n]*`|\S+@\w[\w-]*\.\w[\w.-]*|(?<!\w)#[A-Za-z][\w-]*")
_URL = re.compile(r"https?://[^\s)>\]|*]*[^\s)>\]|*.,;:!?]")
_ID_IN_URL = re.compile(r"/(?:incidents?|events?|i)/[^/\s]+")
_ID = re.compile(r"\b(?:INC|INCIDENT)[-#]?\d[\w-]*")
NEAR = 120
STATUS = r"investigating|identified|monitoring|resolved"
_ENDED = re.compile(r"\b(?:over|ended|resolved|restored|recovered|fixed|normal|until)\b[^,;]{0,12}$", re.IGNORECASE)
_CONTEXT: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("next_update", re.compile(r"next (?:status )?update|update (?:you|follows|again|by|at|before)", re.IGNORECASE)),
    ("started", re.compile(r"\b(?:since|started?|began|begin|beginning|from|detected|first)\b", re.IGNORECASE)),
)


def shapes_in(line: str) -> Iterator[Shape]:
    """Give every stretch of a line that looks like an example value; they do not overlap."""
    found: list[Shape] = []
    taken = bytearray(len(line))
    for shape in _candidates(line):
        if not any(taken[shape.start : shape.end]):
            taken[shape.start : shape.end] = b"\x01" * (shape.end - shape.start)
            found.append(shape)
    yield from sorted(found, key=lambda shape: shape.start)


def _candidates(line: str) -> Iterator[Shape]:
    """Give what may be an example, the surest first."""
    for found in _URL.finditer(line):
        yield Shape(*found.span(), "status_page" if _ID_IN_URL.search(found[0]) else None, "Status page")
    yield from (Shape(*found.span(), None) for found in _STAYS.finditer(line))
    yield from (Shape(*found.span("what"), "text", "What is reported") for found in _REPORTED.finditer(line))
    yield from (Shape(*found.span(), "update_every", "Update every") for found in EVERY.finditer(line))
    yield from (when(line, found) for found in _WHEN.finditer(line))
    for found in _COUNT.finditer(line):
        counted = found["who"] or found["what"]
        yield Shape(*found.span(), "text", f"Number of {counted}" if counted else "Share")
    for found in _SPAN.finditer(line):
        promised = _PROMISED.search(_before(line, found))
        yield Shape(*found.span(), None if promised else "duration", "Duration")
    if not EVERY.search(line):
        for found in SEVERITY.finditer(line):
            yield Shape(*found.span(), None if _FOR.search(_before(line, found)) else "severity", "Severity")
    for found in _HANDLE.finditer(line):
        yield Shape(*found.span(), None if _GROUP.fullmatch(found[0][1:]) else "commander", "Incident commander")
    yield from (Shape(*found.span(), "incident_id", "Incident ID") for found in _ID.finditer(line))


def when(line: str, found: re.Match[str]) -> Shape:
    """Give a date or time with what the words before it, in the same sentence, say it is."""
    before = re.split(r"(?<=[.!?]) ", _before(line, found))[-1]
    if _ENDED.search(before):
        return Shape(*found.span(), "text", "Resolved at")
    at = [(hits[-1].start(), kind) for kind, words in _CONTEXT if (hits := list(words.finditer(before)))]
    if at:
        kind = max(at)[1]
        return Shape(*found.span(), kind, "Next update" if kind == "next_update" else "Started")
    bare = _DATE_AT.fullmatch(found[0])
    return Shape(*found.span(), "date" if bare else "text", "Date" if bare else "Time")


def _before(line: str, found: re.Match[str]) -> str:
    """Give the words before a match, near enough to speak of it."""
    return line[max(0, found.start() - NEAR) : found.start()]


def moment_in(text: str) -> re.Match[str] | None:
    """Give the first date or time in a text."""
    return _WHEN.search(text)


def lasted_in(text: str) -> tuple[int, int]:
    """Give where a text that begins with how long it lasted says so ends, and where it goes on; 0, 0 for another."""
    found = _LASTED.match(text)
    return (found.end("span"), found.end()) if found else (0, 0)


def has_date(text: str) -> bool:
    """Tell whether a text holds a date."""
    return bool(_DATE_AT.search(text) or re.search(r"\d{4}-\d\d-\d\d", text))


def has_time(text: str) -> bool:
    """Tell whether a text holds a time of day."""
    return bool(_TIME_AT.search(text))


def is_address(text: str) -> bool:
    """Tell whether a value is where to find somebody or something for good: a link without an id, a channel, a mail."""
    bare = text.strip().strip("<>.")
    link = _URL.fullmatch(bare)
    return bool(_STAYS.fullmatch(bare) or (link and not _ID_IN_URL.search(bare)))
