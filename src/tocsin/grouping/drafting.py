"""What a person has to say for a silence to be made, and what they are told loudly before they rely on it."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from tocsin.errors import UsageError
from tocsin.escalation.policies import is_restricted
from tocsin.grouping.matchers import accepts, fits
from tocsin.incident.silence import DAY, WEEK, Maintenance, Matcher, Recurrence, Silence, status_of
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.severity import severity_ids, severity_of

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY = ("daily", "weekly")
_LONG = timedelta(days=3)
_LONGEST = timedelta(days=366)
_WORDS = 1000


class Terms(Struct, frozen=True, kw_only=True):
    """When a silence is to hold. `ends_at` or `lasts`; `repeats` is daily, weekly or days such as "sat,sun"."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    lasts: timedelta | None = None
    repeats: str = ""
    timezone: str = ""
    last: str = ""
    maintenance: Maintenance | None = None


class Draft(Terms, frozen=True, kw_only=True):
    """A silence as somebody wants it."""

    matchers: tuple[Matcher, ...]
    why: str


def silence_of(draft: Draft, by: str, settings: Settings, now: datetime) -> Silence:
    """Give the silence somebody wants. Raises UsageError for what is missing or makes no sense."""
    why = draft.why.strip()
    if not why:
        raise UsageError("say why: whoever looks for the missing page has to find a reason")
    if len(why) > _WORDS:
        raise UsageError(f"the reason is longer than {_WORDS} characters")
    if not any(not accepts(one, "") for one in draft.matchers):
        raise UsageError("say what to silence: at least one matcher must name something, such as entry=sequencer-down")
    starts, ends = _times(draft, now)
    repeats = _recurrence(draft, starts, ends, settings)
    if repeats and draft.lasts is not None:
        ends = _ends(starts, draft.lasts, ZoneInfo(repeats.timezone))
    wanted = Silence(
        matchers=draft.matchers,
        starts_at=starts.astimezone(UTC),
        ends_at=ends.astimezone(UTC),
        repeats=repeats,
        by=by,
        why=why,
        created_at=now,
        maintenance=_maintenance(draft.maintenance, settings),
    )
    if status_of(wanted, now) == "expired":
        raise UsageError("it would never hold: none of its days lies between now and its last day")
    return wanted


def _times(draft: Draft, now: datetime) -> tuple[datetime, datetime]:
    starts = draft.starts_at or now
    if (draft.ends_at is None) == (draft.lasts is None):
        raise UsageError("say how long: either when it ends or how long it lasts")
    try:
        ends = draft.ends_at if draft.lasts is None else starts + draft.lasts
    except OverflowError as error:
        raise UsageError(f"a silence lasts at most {_LONGEST.days} days") from error
    if ends is None or starts.tzinfo is None or ends.tzinfo is None:
        raise UsageError("an instant needs a time zone; add Z for UTC")
    if ends <= starts:
        raise UsageError("it ends before it starts")
    if ends - starts > _LONGEST or starts - now > _LONGEST:
        raise UsageError(f"a silence lasts at most {_LONGEST.days} days, and starts within as many")
    if ends <= now and not draft.repeats:
        raise UsageError("it is over already: nothing would be silenced")
    return starts, ends


def _ends(starts: datetime, lasts: timedelta, zone: ZoneInfo) -> datetime:
    """Give when the first of many times ends: so much later by the wall clock, as on every other day."""
    here = starts.astimezone(zone)
    ends = (here.replace(tzinfo=None) + lasts).replace(tzinfo=zone).astimezone(starts.tzinfo)
    return ends if ends > starts else starts + lasts


def _recurrence(draft: Draft, starts: datetime, ends: datetime, settings: Settings) -> Recurrence | None:
    if not draft.repeats:
        if draft.timezone or draft.last:
            raise UsageError(
                "a time zone and a last day belong to a silence that comes back: say daily, weekly or days"
            )
        return None
    zone = draft.timezone or settings.timezone
    try:
        first = starts.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, OSError, ValueError, OverflowError) as error:
        raise UsageError(f"there is no time zone {zone[:60]!r}; write it like Europe/Berlin") from error
    days = _days(draft.repeats, first.weekday())
    if ends - starts > (DAY if len(days) > 1 else WEEK):
        raise UsageError("each time would last until after the next one begins; leave the repeating out")
    return Recurrence(days=days, timezone=zone, last=_last(draft.last, first))


def _days(text: str, first: int) -> tuple[int, ...]:
    words = [word for word in re.split(r"[,\s]+", text.strip().lower()) if word]
    if words == ["daily"]:
        return tuple(range(len(DAYS)))
    if words == ["weekly"]:
        return (first,)
    found = {place for place, day in enumerate(DAYS) if {day, day[:3]} & set(words)}
    if not found or len(found) != len(words):
        raise UsageError(f"it comes back {', '.join(EVERY)}, or on days such as sat,sun; not {text[:60]!r}")
    return tuple(sorted(found))


def _last(text: str, first: date) -> str | None:
    if not text:
        return None
    try:
        last = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text[:40]!r} is no date; write it like 2026-12-01") from error
    if last < first:
        raise UsageError("its last day is before its first")
    return last.isoformat()


def _maintenance(wanted: Maintenance | None, settings: Settings) -> Maintenance | None:
    if wanted is None:
        return None
    known = settings.status_page.components
    if not wanted.title.strip():
        raise UsageError("say what the public reads as its title")
    for name in wanted.components:
        if name not in known:
            there = ", ".join(known) or "none: name them in [status_page.components]"
            raise UsageError(f"there is no component {name[:60]}; there are {there}")
    return Maintenance(title=wanted.title.strip(), text=wanted.text.strip(), components=wanted.components)


def cautions(silence: Silence, runbook: Runbook, settings: Settings) -> tuple[str, ...]:
    """Give what whoever makes it has to know: that it holds back nothing, the worst, or a breach, or for long."""
    return (
        *_of_nothing(silence.matchers, runbook),
        *_of_the_worst(silence.matchers, runbook, settings),
        *_of_restricted(silence.matchers, runbook, settings),
        *_of_length(silence),
    )


def _of_nothing(matchers: tuple[Matcher, ...], runbook: Runbook) -> list[str]:
    """Give the names that no alert of today can have; one that fits no entry has the entry ""."""
    known = {"entry": ["", *(one.id for one in runbook.incident_types)], "severity": list(severity_ids(runbook))}
    return [
        f"it holds nothing back: this runbook has no {one.name} {one.value}; it has {', '.join(filter(None, names))}"
        for one in matchers
        if one.operator == "=" and (names := known.get(one.name)) is not None and one.value not in names
    ]


def _of_the_worst(matchers: tuple[Matcher, ...], runbook: Runbook, settings: Settings) -> list[str]:
    worst = severity_ids(runbook)[0]
    if not _may_be(matchers, "severity", worst):
        return []
    entries = [one for one in runbook.incident_types if _may_be(matchers, "entry", one.id)]
    if _may_be(matchers, "entry", ""):
        asked = any(one.name == "severity" and one.operator == "=" for one in matchers)
        told = f"it holds back every {worst} that fits" if asked else f"it also holds back {worst}"
        return [f"{told}: {'nobody is paged meanwhile' if asked else f'add severity!={worst} to have those page'}"]
    bad = [entry.title for entry in entries if severity_of(entry, settings.incident_types) in {worst, None}]
    return [f"it holds back {worst}: {', '.join(bad)} pages nobody while it lasts"] if bad else []


def _of_restricted(matchers: tuple[Matcher, ...], runbook: Runbook, settings: Settings) -> list[str]:
    return [
        f"it holds back {entry.title}, which is restricted: its legal deadlines run whether anybody is paged or not"
        for entry in runbook.incident_types
        if is_restricted(entry.id, runbook, settings) and _may_be(matchers, "entry", entry.id)
        if _may_be(matchers, "severity", severity_of(entry, settings.incident_types) or severity_ids(runbook)[0])
    ]


def _of_length(silence: Silence) -> list[str]:
    if silence.repeats and silence.repeats.last is None:
        return ["it comes back until somebody ends it"]
    if silence.repeats is None and silence.ends_at - silence.starts_at > _LONG:
        return [f"it lasts {(silence.ends_at - silence.starts_at) // DAY} days"]
    return []


def _may_be(matchers: tuple[Matcher, ...], name: str, value: str) -> bool:
    """Give whether an alert with that value may be silenced, whatever else it says."""
    return fits(tuple(one for one in matchers if one.name == name), {name: value})
