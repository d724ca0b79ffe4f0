"""What a replay tells: each incident with its pages and their reasons, and what they add up to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tocsin.detection.alert import Alert
from tocsin.drill.replay import Happened, Replayed
from tocsin.engine.engine import Loaded
from tocsin.escalation.quiet import awake
from tocsin.escalation.reach import FALLBACK, channel_of
from tocsin.escalation.schedule import person
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.runbook.durations import spoken
from tocsin.settings import Settings

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)
"""The night of a person, by the clock on their wall."""

NOISY_WITHIN = timedelta(minutes=10)
"""An incident that ended by itself within this is noise."""


_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page that went out. `after` counts from the opening (or reopening), `waited` says for what it was held back.

    `round` counts the calls of the level, 0 for what is no call. `cause`: that of the call, reminder or gave-up.
    `instead`: the level had nobody, so the fallback got it.
    """

    at: datetime
    after: timedelta
    person: str
    name: str
    via: str
    level: str
    round: int
    cause: str
    because: f.Because
    night: bool
    waited_for: str | None = None
    waited: timedelta | None = None
    instead: bool = False


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A notification that woke nobody."""

    at: datetime
    person: str
    name: str
    via: str
    level: str
    because: f.Because


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A page that could not go out this way."""

    at: datetime
    person: str
    via: str
    why: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something else that happened to the incident, as a sentence. `what` is one of the first words of `_CHANGES`.

    `by` is the principal, without its kind.
    """

    at: datetime
    what: str
    by: str
    text: str
    because: f.Because | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. `lines` are the lines of the recording that spoke of it."""

    id: str
    title: str
    incident_type: str | None
    severity: str
    restricted: bool
    score: float | None
    because: tuple[f.Because, ...]
    severity_because: f.Because
    lines: tuple[int, ...]
    opened_at: datetime
    resolved_at: datetime | None
    status: str
    pages: tuple[Page, ...]
    failed: tuple[Failed, ...]
    told: tuple[Told, ...]
    changes: tuple[Change, ...]
    noisy: bool


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the recording, and what came of it."""

    line: int
    at: datetime
    summary: str
    what: str
    incident: str | None
    why: str


class PerPerson(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody was paged, and how often of that at night."""

    person: str
    name: str
    pages: int
    night: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What it adds up to. `noisy` and `unanswered` name incidents, `unmatched` the lines no entry was found for."""

    alerts: int
    incidents: int
    pages: int
    night: int
    people: tuple[PerPerson, ...]
    told: int
    unmatched: tuple[int, ...]
    held: tuple[int, ...]
    noisy: tuple[str, ...]
    unanswered: tuple[str, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole replay. `attention` says what is wrong, in sentences; () when nothing is."""

    lines: tuple[Heard, ...]
    incidents: tuple[Story, ...]
    totals: Totals
    attention: tuple[str, ...]


def report(replayed: Replayed, settings: Settings) -> Report:
    """Give what happened as values; people and times are those of the settings."""
    lines = tuple(_heard(one) for one in replayed.lines)
    spoke: dict[str, list[int]] = {}
    later = _Later(replayed)
    for one in replayed.lines:
        number = one.incident or later.opened_for(one)
        if number:
            spoke.setdefault(number, []).append(one.line.number)
    stories = tuple(
        _story(loaded, loaded.incident, tuple(spoke.get(loaded.incident.number, ())), settings)
        for loaded in replayed.incidents
        if loaded.incident
    )
    totals = _totals(replayed, stories)
    return Report(
        lines=lines, incidents=stories, totals=totals, attention=(*_attention(stories, totals), *replayed.troubles)
    )


class _Later:
    """Finds the incident that an alert opened once no silence held it back any more: its line speaks of that too."""

    def __init__(self, replayed: Replayed) -> None:
        self._of: dict[str, list[Incident]] = {}
        self._ends: dict[str, list[datetime]] = {}
        for line in (one.line for one in replayed.lines):
            if isinstance(line.said, Alert) and line.said.action == "resolve":
                self._ends.setdefault(line.said.group_key, []).append(line.at)
        for found in filter(None, (loaded.incident for loaded in replayed.incidents)):
            for group in found.groups:
                self._of.setdefault(group, []).append(found)

    def opened_for(self, one: Happened) -> str | None:
        """Give its number; None for what is no alert, was not held back, or was over before it could open anything."""
        said = one.line.said
        if one.what != "held" or not isinstance(said, Alert):
            return None
        came, group = one.line.at, said.group_key
        ended = min((at for at in self._ends.get(group, ()) if at > came), default=None)
        after = [found for found in self._of.get(group, ()) if came <= found.opened_at]
        first = min(after, key=lambda found: found.opened_at, default=None)
        return first.number if first and (ended is None or first.opened_at < ended) else None


def _heard(one: Happened) -> Heard:
    line, said = one.line, one.line.said
    summary = said.summary if isinstance(said, Alert) else ""
    return Heard(line=line.number, at=line.at, summary=summary, what=one.what, incident=one.incident, why=one.why)


# -- one incident


def _story(loaded: Loaded, incident: Incident, lines: tuple[int, ...], settings: Settings) -> Story:
    opened = loaded.facts[0].body
    score = opened.score if isinstance(opened, f.Opened) else None
    pages = tuple(_Pages(settings).of(loaded.facts))
    return Story(
        id=incident.number,
        title=incident.title,
        incident_type=incident.incident_type,
        severity=incident.severity,
        restricted=incident.restricted,
        score=score,
        because=incident.because,
        severity_because=incident.severity_because,
        lines=lines,
        opened_at=incident.opened_at,
        resolved_at=incident.resolved.at if incident.resolved else None,
        status=incident.status,
        pages=pages,
        failed=tuple(_failed(loaded.facts)),
        told=tuple(_told(loaded.facts, settings)),
        changes=tuple(change for fact in loaded.facts if (change := _change(fact))),
        noisy=_is_noisy(loaded.facts),
    )


class _Pages:
    """Reads the pages of one timeline, each with the call it belongs to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._calls: dict[tuple[str, int], f.Fact] = {}
        self._severity = ""
        self._began: datetime | None = None

    def of(self, facts: Iterable[f.Fact]) -> Iterator[Page]:
        for fact in facts:
            body = fact.body
            if isinstance(body, f.Opened | f.Reopened):
                self._began = fact.at
            if isinstance(body, f.Opened | f.SeverityChanged):
                self._severity = body.severity if isinstance(body, f.Opened) else body.after
            elif isinstance(body, f.Escalated):
                self._calls[body.level, body.round] = fact
            elif isinstance(body, f.Reminded):
                self._calls[f"{body.topic}/{body.stage}", fact.seq] = fact
            elif isinstance(body, f.GaveUp):
                self._calls[FALLBACK, fact.seq] = fact
            elif isinstance(body, f.Paged):
                yield self._page(fact, body)

    def _page(self, fact: f.Fact, body: f.Paged) -> Page:
        call = self._calls.get((body.level, body.round), fact)
        cause, because = _reason(call.body)
        waited_for, since = self._waited(fact, body, call, cause)
        began = self._began or fact.at
        return Page(
            at=fact.at,
            after=fact.at - began,
            person=body.person,
            name=name_of(body.person, self._settings),
            via=channel_of(body.method),
            level=body.level,
            round=body.round if isinstance(call.body, f.Escalated) else 0,
            cause=cause,
            because=because,
            night=at_night(fact.at, body.person, self._settings),
            waited_for=waited_for,
            waited=fact.at - since if waited_for else None,
            instead=_instead(call.body, body.person),
        )

    def _waited(self, fact: f.Fact, body: f.Paged, call: f.Fact, cause: str) -> tuple[str | None, datetime]:
        someone = person(body.person, self._settings)
        if someone and call.at < awake(someone, self._severity, call.at, self._settings) <= fact.at:
            return "quiet hours", call.at
        if cause == "opened" and self._began and call.at - self._began > timedelta(minutes=1):
            return "business hours", self._began
        return None, fact.at


def _reason(body: f.FactBody) -> tuple[str, f.Because]:
    if isinstance(body, f.Escalated):
        return body.cause, body.because
    if isinstance(body, f.Reminded):
        return "reminder", body.because
    if isinstance(body, f.GaveUp):
        return "gave-up", f.Because(f"nobody answered in {body.rounds} rounds")
    return "unknown", f.Because("")


def _instead(body: f.FactBody, who: str) -> bool:
    people = body.people if isinstance(body, f.Escalated) else ()
    return any(called.via_fallback for called in people if called.person == who)


def _failed(facts: Iterable[f.Fact]) -> Iterator[Failed]:
    for fact in facts:
        body = fact.body
        if isinstance(body, f.PageFailed):
            yield Failed(at=fact.at, person=body.person, via=channel_of(body.method), why=body.why)


def _told(facts: Iterable[f.Fact], settings: Settings) -> Iterator[Told]:
    reasons: dict[str, f.Because] = {}
    for fact in facts:
        body = fact.body
        if isinstance(body, f.Informed):
            reasons[body.level] = body.because
        elif isinstance(body, f.Reminded):
            reasons[f"{body.topic}/{body.stage}"] = body.because
        elif isinstance(body, f.Notified):
            yield Told(
                at=fact.at,
                person=body.person,
                name=name_of(body.person, settings),
                via=channel_of(body.method),
                level=body.level,
                because=reasons.get(body.level, f.Because("")),
            )


def _change(fact: f.Fact) -> Change | None:
    said = _CHANGES.get(type(fact.body))
    by = fact.body.by.partition(":")[2] or fact.body.by
    if said is None:
        return None
    what, say = said
    return Change(at=fact.at, what=what, by=by, text=say(fact.body, by), because=getattr(fact.body, "because", None))


def _resolved(body: f.Resolved, by: str) -> str:
    how = "by itself" if body.cause == "alert" else f"by {by}"
    return f"resolved {how}{f': {body.why}' if body.why else ''}"


_CHANGES: dict[type[f.Body], tuple[str, Callable[[Any, str], str]]] = {
    f.Acknowledged: ("acknowledged", lambda _, by: f"{by} has it"),
    f.Resolved: ("resolved", _resolved),
    f.AlertCleared: ("cleared", lambda *_: "its alert is over, it stays open"),
    f.Reopened: ("reopened", lambda *_: "reopened"),
    f.SeverityChanged: ("severity", lambda body, _: f"{body.after} instead of {body.before}"),
    f.EscalationRequested: ("escalated", lambda body, by: f"{by} asked for {body.level}"),
    f.TypeCorrected: ("type", lambda body, by: f"{by} said that it is {body.title}"),
    f.Merged: ("merged", lambda body, by: f"{by} merged it into {body.into}"),
    f.Absorbed: ("absorbed", lambda body, by: f"{by} merged {body.number} into it"),
    f.Split: ("split", lambda body, by: f"{by} split {len(body.alerts)} of its alerts off: {body.into}"),
    f.GaveUp: ("gave-up", lambda body, _: f"nobody answered in {body.rounds} rounds"),
}


def _is_noisy(facts: tuple[f.Fact, ...]) -> bool:
    """Give whether it ended by itself soon after it began, and nobody had to do anything."""
    began = facts[0].at
    for fact in facts:
        body = fact.body
        if isinstance(body, f.Reopened):
            began = fact.at
        if isinstance(body, f.Resolved) and body.cause == "alert" and fact.at - began <= NOISY_WITHIN:
            return True
    return False


# -- all of them


def _totals(replayed: Replayed, stories: tuple[Story, ...]) -> Totals:
    pages = [page for story in stories for page in story.pages]
    count, night = Counter(page.person for page in pages), Counter(page.person for page in pages if page.night)
    names = {page.person: page.name for page in pages}
    people = tuple(
        PerPerson(person=who, name=names[who], pages=many, night=night[who])
        for who, many in sorted(count.items(), key=lambda one: (-one[1], one[0]))
    )
    nowhere = {story.id for story in stories if story.incident_type is None}
    alerts = [one for one in replayed.lines if isinstance(one.line.said, Alert)]
    triggers = [one for one in alerts if isinstance(one.line.said, Alert) and one.line.said.action == "trigger"]
    return Totals(
        alerts=len(triggers),
        incidents=len(stories),
        pages=len(pages),
        night=night.total(),
        people=people,
        told=sum(len(story.told) for story in stories),
        unmatched=tuple(one.line.number for one in triggers if one.incident in nowhere),
        held=tuple(one.line.number for one in alerts if one.what == "held"),
        noisy=tuple(story.id for story in stories if story.noisy),
        unanswered=tuple(story.id for story in stories if any(one.what == "gave-up" for one in story.changes)),
    )


def _attention(stories: tuple[Story, ...], totals: Totals) -> Iterator[str]:
    if totals.unmatched:
        count = len(totals.unmatched)
        yield f"{count} alert{'s' if count > 1 else ''} matched no entry of the runbook"
    levels = Counter(page.level for story in stories for page in story.pages if page.instead)
    for level, count in sorted(levels.items()):
        yield f"nobody is in {level}: the fallback got {count} of its pages instead"
    failed = Counter((one.person, one.via, one.why) for story in stories for one in story.failed)
    for (who, via, why), count in sorted(failed.items()):
        yield f"{count} page{'s' if count > 1 else ''} to {who} by {via} could not go out: {why}"
    for story in stories:
        if not story.pages and story.status != "resolved":
            yield f"{story.id} ({story.title}) is open, and nobody was paged"


def name_of(who: str, settings: Settings) -> str:
    """Give what a person is called."""
    someone = person(who, settings)
    return someone.name if someone else who


def at_night(at: datetime, who: str, settings: Settings) -> bool:
    """Give whether it is night where that person is."""
    someone = person(who, settings)
    here = at.astimezone(ZoneInfo((someone and someone.timezone) or settings.timezone)).time()
    return here >= NIGHT_BEGINS or here < NIGHT_ENDS


def lasting(value: timedelta) -> str:
    """Give how long something takes, as people say it ("45 s", "12 min", "1 h 5 min", "2 days 3 h")."""
    seconds = int(value.total_seconds())
    if seconds < _HOUR:
        return spoken(timedelta(seconds=seconds if seconds < _MINUTE else seconds // _MINUTE * _MINUTE))
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    parts = [f"{days} day{'s' if days > 1 else ''}"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes and not days else []
    return " ".join(parts)
