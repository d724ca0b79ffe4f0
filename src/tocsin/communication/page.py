"""The words of a page: what, why you, why this severity, what next. The same facts give the same words."""

from datetime import UTC, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

import msgspec

LABEL = 9
CITE_AT = 54
LONGEST = 300
LONGEST_SUBJECT = 150
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class PageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one page to one person rests on.

    Lines are lines of `runbook`, the document's file name; `lines` are the titles of the first steps with theirs.
    `zone` is the reader's IANA time zone. `next_*` is who is paged if nobody takes it, None when nobody is.
    `late_since` is when a late page should have gone out; a `repeat` may have arrived before; quiet hours
    held a page back that is from `held_since`. `held_by` is the name of
    who has the incident already. A `notification` tells without asking for an answer. `found` is what diagnostics
    found by now, with lines. A `reminder` says what is due; its link opens the incident instead of taking it.
    `code` is what is written back to a text message. `consequence_of` is the open incident it probably follows from.
    A `restricted` page keeps everything but the link to itself.
    The rest is for messages that are edited later: `page` is the address of the incident, `as_of` the seq up to which
    the facts go, `unanswered` that a level was called since somebody took it, `promise` how often updates come.
    """

    number: str
    title: str
    severity: str
    severity_name: str
    since: datetime
    why_you: str
    severity_because: str
    runbook: str
    link: str
    key: str
    why_you_line: int | None = None
    severity_line: int | None = None
    summary: str = ""
    next_person: str | None = None
    next_level: str | None = None
    next_at: datetime | None = None
    restricted: bool = False
    zone: str = "UTC"
    page_number: int = 1
    late_since: datetime | None = None
    held_since: datetime | None = None
    repeat: bool = False
    test: bool = False
    lines: tuple[tuple[str, int], ...] = ()
    held_by: str | None = None
    notification: bool = False
    found: tuple[tuple[str, int], ...] = ()
    reminder: str | None = None
    page: str = ""
    as_of: int = 0
    unanswered: bool = False
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    promise: str = ""
    code: str = ""
    consequence_of: str = ""


def page_subject(facts: PageFacts) -> str:
    """Give the subject: one line, the incident number last."""
    number = f"({facts.number})"
    state = "resolved" if facts.resolved_at else holder(facts)
    words = facts.title if facts.test else f"{facts.severity} {facts.title}, {state}"
    if facts.reminder:
        words = f"{facts.title}: {facts.reminder}"
    if facts.restricted:
        words = "Restricted incident"
    if _is_over(facts):
        words = f"Resolved: {'Restricted incident' if facts.restricted else facts.title} after {lasted(facts)} min"
    marks = ("Test: " if facts.test else "") + ("Late: " if facts.late_since else "")
    return f"{short(marks + words, LONGEST_SUBJECT - len(number) - 1)} {number}"


def page_body(facts: PageFacts) -> str:
    """Give the plain text, lines ending in a line feed; times are in the reader's zone, which is named once."""
    local = local_zone(facts.zone)
    marks = _marks(facts, local)
    if _is_over(facts):
        return _joined([ended(facts)], [f"Open     {facts.page}"])
    if facts.restricted:
        return _joined([*marks, "Restricted incident."], [f"Take it: {facts.link}"])
    if facts.reminder:
        return _joined([*marks, f"{short(facts.reminder)[:1].upper()}{short(facts.reminder)[1:]}."], _reminding(facts))
    told = "You are told, not paged" if facts.notification else "You are paged"
    opening = [*marks, f"{told}: {holder(facts)}{', and it is not resolved' if facts.held_by else ''}."]
    name = "Notification" if facts.notification else "Page"
    again = [
        f"{name} {facts.page_number} of this incident. If it comes twice it is the same one:",
        f"key {facts.key}.",
    ]
    body = [*_what(facts, local), *_why(facts), *_found(facts), *_first(facts), *_next(facts, local)]
    return _joined(opening, body, again)


def page_data(facts: PageFacts) -> dict[str, object]:
    """Give the page for machines: JSON values, instants as ISO 8601 in UTC, None for what is not known.

    Source: the incident of PagerDuty webhooks v3 for the names both share.
    """
    data: dict[str, object] = {
        "type": "incident",
        "id": facts.number,
        "number": facts.number,
        "title": "restricted incident" if facts.restricted else facts.title,
        "html_url": facts.link,
        "key": facts.key,
        "page_number": facts.page_number,
        "restricted": facts.restricted,
        "test": facts.test,
        "late_since": _utc(facts.late_since),
        "held_since": _utc(facts.held_since),
        "may_be_repeated": facts.repeat,
    }
    if facts.restricted:
        return data
    return data | {
        "occurred_at": _utc(facts.since),
        "status": "resolved" if facts.resolved_at else "acknowledged" if facts.held_by else "triggered",
        "held_by": facts.held_by,
        "priority": {"summary": facts.severity, "description": facts.severity_name},
        "since": _utc(facts.since),
        "created_at": _utc(facts.since),
        "summary": facts.summary,
        "consequence_of": facts.consequence_of or None,
        "why_you": {"text": facts.why_you, "line": facts.why_you_line},
        "why_severity": {"text": facts.severity_because, "line": facts.severity_line},
        "next": {"person": facts.next_person, "level": facts.next_level, "at": _utc(facts.next_at)},
        "found": [{"text": text, "line": line} for text, line in facts.found],
        "reminder": facts.reminder,
        "first_steps": [{"title": title, "line": line} for title, line in facts.lines],
        "runbook": facts.runbook,
    }


def lasted(facts: PageFacts) -> int:
    """Give the minutes from its beginning to its end."""
    return max(0, round(((facts.resolved_at or facts.since) - facts.since).total_seconds() / 60))


def ended(facts: PageFacts) -> str:
    """Say when it ended and by whom: "Resolved 04:02 by Ada Moreau, after 46 min. Nobody else is paged."."""
    if facts.resolved_at is None:
        return ""
    at = facts.resolved_at.astimezone(local_zone(facts.zone))
    by = f" by {facts.resolved_by}" if facts.resolved_by and not facts.restricted else ""
    return f"Resolved {at:%H:%M}{by}, after {lasted(facts)} min. Nobody else is paged."


def _is_over(facts: PageFacts) -> bool:
    return facts.resolved_at is not None and not facts.reminder


def _marks(facts: PageFacts, local: tzinfo) -> list[str]:
    """Say first what makes this page unlike others."""
    marks = []
    if facts.test:
        marks.append("This is a test. Take it to show that pages reach you; nothing is wrong.")
    if facts.late_since:
        marks.append(f"This page is late: it should have reached you at {time_of(facts.late_since, local)}.")
    if facts.held_since:
        marks.append(f"Your quiet hours held this page back: it is from {time_of(facts.held_since, local)}.")
    if facts.repeat:
        marks.append("You may have this page already: an earlier attempt was cut short or got no answer.")
    return marks


def _what(facts: PageFacts, local: tzinfo) -> list[str]:
    since = facts.since.astimezone(local)
    name = f"{facts.severity} {facts.severity_name}".strip()
    what = f"{short(facts.title)}, {name}, since {since:%H:%M:%S} {place(local)}, {day(since)}"
    said = [_row("", short(facts.summary))] if facts.summary.strip() else []
    hint = [_row("", f"Probably a consequence of {short(facts.consequence_of)}")] if facts.consequence_of else []
    return [_row("What", what), *said, *hint]


def _why(facts: PageFacts) -> list[str]:
    cited = partial(cite, facts.runbook)
    return [
        _row("Why you", short(facts.why_you), cited(facts.why_you_line)),
        _row(f"Why {facts.severity}", short(facts.severity_because), cited(facts.severity_line)),
    ]


def _reminding(facts: PageFacts) -> list[str]:
    line = cite(facts.runbook, facts.why_you_line)
    return [_row("What", short(facts.title)), _row("Why you", short(facts.why_you), line), _row("Open", facts.link)]


def _found(facts: PageFacts) -> list[str]:
    labels = ["Found", *([""] * len(facts.found))]
    return [
        _row(label, short(text), cite(facts.runbook, line))
        for label, (text, line) in zip(labels, facts.found, strict=False)
    ]


def _first(facts: PageFacts) -> list[str]:
    if facts.found:
        return []  # what was found says more than what to look at
    labels = ["First", *([""] * len(facts.lines))]
    return [
        _row(label, short(title), cite(facts.runbook, line))
        for label, (title, line) in zip(labels, facts.lines, strict=False)
    ]


def _next(facts: PageFacts, local: tzinfo) -> list[str]:
    ask = "Nobody waits for you. To take it all the same" if facts.notification else "Take it"
    return [_row("Next", f"{ask}: {facts.link}"), _row("", after_you(facts, local))]


def after_you(facts: PageFacts, local: tzinfo, nobody: str = "If nobody does") -> str:
    """Say who is paged when, if this page is not enough (or, to who is only told, if nobody answers)."""
    level = f" ({facts.next_level})" if facts.next_level else ""
    who = f"{short(facts.next_person)}{level}" if facts.next_person else facts.next_level
    if who is None:
        return "Nobody else is paged after you." if not facts.notification else "Nobody else is called next."
    nobody = "If nobody answers" if facts.notification else nobody
    unless = "If it is not resolved by then" if facts.held_by else nobody
    if facts.next_at is None:
        return f"{unless}, {who} is paged."
    at = facts.next_at.astimezone(local)
    same_day = at.date() == facts.since.astimezone(local).date()
    return f"{unless}, {who} is paged at {at:%H:%M}{'' if same_day else f' on {day(at)}'}."


def holder(facts: PageFacts) -> str:
    """Say who has it: "nobody has it", "Jonas Weber has it"."""
    return f"{facts.held_by} has it" if facts.held_by else "nobody has it"


def _row(label: str, text: str, cite: str = "") -> str:
    row = f"{label:<{LABEL}}{text}"
    return f"{row:<{CITE_AT - 2}}  {cite}" if cite else row


def cite(runbook: str, line: int | None) -> str:
    """Give where it is written: "RUNBOOK.md:42", or "" for what stands on no line."""
    return "" if line is None else f"{runbook}:{line}"


def short(text: str, longest: int = LONGEST) -> str:
    """Give the text on one line and of bounded length: titles and summaries come from outside."""
    plain = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    words = " ".join(plain.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _joined(*paragraphs: list[str]) -> str:
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def local_zone(zone: str) -> tzinfo:
    """Give the reader's zone; a name that is none must not stop a page, so it reads UTC."""
    try:
        return ZoneInfo(zone)
    except (OSError, LookupError, ValueError):
        return UTC


def time_of(at: datetime, local: tzinfo) -> str:
    """Give an instant as a page writes it: "03:12 Berlin, Mon 30 Nov"."""
    here = at.astimezone(local)
    return f"{here:%H:%M} {place(local)}, {day(here)}"


def place(local: tzinfo) -> str:
    """Give what people call the zone: Europe/Berlin is Berlin."""
    return str(local).rpartition("/")[2].replace("_", " ")


def day(at: datetime) -> str:
    """Give the day as Mon 30 Nov, whatever the language of the machine."""
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}"


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
