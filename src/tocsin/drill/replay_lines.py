"""What was recorded: alerts, and what people said, one JSON object on each line, in the order of their times."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.body import BOM
from tocsin.detection.pagerduty import Unrecognized, read_event, to_alert
from tocsin.errors import UsageError
from tocsin.escalation.schedule import person
from tocsin.grouping.drafting import Draft
from tocsin.grouping.matchers import read_matcher
from tocsin.incident import wishes as w
from tocsin.incident.wishes import Wish
from tocsin.runbook.durations import spoken
from tocsin.settings import Settings

SOURCE = "recorded"
"""The source of an alert whose line names none."""

GAP = timedelta(minutes=1)
"""A line without a time comes so long after the line before it."""

BEGINS = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""When a recording without any time begins: a Monday, in the morning."""

MOST_LINES = 200_000
_NO_OBJECT = "this is no JSON"
_FIRST_YEAR, _LAST_YEAR = 1971, 2199


class Merging(NamedTuple):
    """It goes on in the incident of that group of alerts."""

    into: str


class Splitting(NamedTuple):
    """Alerts of these groups get an incident of their own."""

    groups: tuple[str, ...]


Wanted = Wish | Merging | Splitting


class Deed(NamedTuple):
    """A person acts on the incident of that number, or on the one of that group of alerts."""

    person: str
    does: str
    number: str | None
    group_key: str | None
    wants: Wanted

    @property
    def answers(self) -> bool:
        """Give whether it stops the calls."""
        return isinstance(self.wants, w.Acknowledge | w.Resolve)

    @property
    def about(self) -> str:
        """Give what the line names, as it is written there."""
        return self.number or (self.group_key or "").partition("/")[2]


class Silenced(NamedTuple):
    """Somebody silences alerts."""

    draft: Draft
    by: str


Said = Alert | Deed | Silenced


_Read = tuple[int, datetime | None, Said]
"""The number of a line, its time where it tells one, and what it says."""

_SENT = frozenset({"event", "event_action"})
"""What stands in a line that a monitor sent."""


class Line(NamedTuple):
    """One line: its number in the file, when it came, and what came."""

    number: int
    at: datetime
    said: Said


class Recording(NamedTuple):
    """The lines in the order of their times, and what was assumed of them, in sentences."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...]


class LinesInvalid(UsageError):
    """Some lines cannot be used. `errors` are their numbers, each with what is wrong and what to do."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        """Keep all of them; the text is the first."""
        super().__init__(f"line {errors[0][0]}: {errors[0][1]}")
        self.errors = tuple(errors)


def read_recording(lines: Iterable[bytes], settings: Settings) -> Recording:
    """Give what the lines of a file say; blank ones are left out. Raises LinesInvalid with every line that is wrong."""
    read: list[_Read] = []
    notes: list[str] = []
    errors: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if number > MOST_LINES:
            raise UsageError(f"there are more than {MOST_LINES} lines; replay a shorter time")
        if not line.strip():
            continue
        try:
            body = _object(line)
            if "note" in body:
                notes.append(_name(body["note"], "note").removesuffix("."))
            else:
                read.append((number, *_read(body, line, number)))
        except UsageError as error:
            errors.append((number, str(error)))
    if len(errors) > 1 and not read and all(_NO_OBJECT in why for _, why in errors):
        raise UsageError(
            "no line of it is a JSON object; `tocsin record` writes such a file, and `jq -c .[]` makes one of an array"
        )
    if errors:
        raise LinesInvalid(errors)
    if not read:
        raise UsageError("there is no line in it; write one alert on each, as it was sent to POST /v2/enqueue")
    return _in_order(read, (*notes, *_of_strangers(read, settings)))


def _object(line: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(line.removeprefix(BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{_NO_OBJECT} ({error}); each line is one object, on a line of its own") from error
    if not isinstance(body, dict):
        raise UsageError(f"{_NO_OBJECT} object; write an event of PagerDuty's Events v2, or what a person did")
    return body


def _read(body: dict[str, Any], line: bytes, number: int) -> tuple[datetime | None, Said]:
    at = _instant(body["at"], "at") if body.get("at") is not None else None
    if not _SENT & body.keys():
        does = next((name for name in _DEEDS if name in body), None)
        if does is not None:
            return at, _deed(body, does)
        if "silence" in body:
            return at, _silence(body)
    return _alert(body, line, number, at)


# -- alerts


def _alert(body: dict[str, Any], line: bytes, number: int, at: datetime | None) -> tuple[datetime | None, Said]:
    event = body.get("event", body)
    try:
        read = read_event(msgspec.json.encode(event) if "event" in body else line.removeprefix(BOM), recorded=True)
    except Unrecognized as error:
        raise UsageError(f"its `event` is wrong ({error}); it is the body that goes to POST /v2/enqueue") from error
    except UsageError as error:
        raise UsageError(f"{error}; write it as it would be sent to POST /v2/enqueue") from error
    payload = event.get("payload")
    if at is None and isinstance(payload, dict) and payload.get("timestamp"):
        at = read.timestamp or _instant(payload["timestamp"], "payload.timestamp", UTC)
    if at is not None:
        at = _in_range(at, "payload.timestamp")
    alert = to_alert(read, _source(body), new_key=f"line {number}")
    share = body.get("affected") if "event" in body else None
    if share is None:
        return at, alert
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise UsageError("`affected` is the share of users that it hits, from 0 to 1")
    return at, msgspec.structs.replace(alert, affected=float(share))


def _source(body: dict[str, Any]) -> str:
    source = body.get("source", SOURCE)
    if not isinstance(source, str) or not source or "/" in source:
        raise UsageError("`source` is the name of a source of the configuration; leave it away if it does not matter")
    return source


# -- people


def _deed(body: dict[str, Any], does: str) -> Deed:
    who = _name(body[does], does)
    number, key = body.get("incident"), body.get("dedup_key")
    if (number is None) == (key is None):
        raise UsageError(f"say what {who} took: `dedup_key` of the alert, or `incident`, such as INC-2026-0001")
    named = _name(number or key, "incident" if number is not None else "dedup_key")
    wants = _DEEDS[does](body, f"person:{who}")
    return Deed(who, does, named if number is not None else None, f"{_source(body)}/{named}" if key else None, wants)


def _because(body: dict[str, Any]) -> str:
    return _name(body.get("because"), "because")


def _group(value: object, field: str) -> str:
    group = _name(value, field)
    source, _, key = group.partition("/")
    if not source or not key:
        raise UsageError(f"`{field}` names alerts by their source and dedup_key, such as {SOURCE}/seq")
    return group


def _groups(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise UsageError(f'`alerts` is a list such as ["{SOURCE}/seq"]')
    return tuple(_group(one, "alerts") for one in value)


def _type(body: dict[str, Any], by: str) -> Wish:
    entry = None if body.get("to", "") is None else _name(body.get("to"), "to")
    return w.CorrectType(by=by, incident_type=entry, because=_because(body))


_DEEDS: dict[str, Callable[[dict[str, Any], str], Wanted]] = {
    "acknowledge": lambda _, by: w.Acknowledge(by=by, via="page"),
    "resolve": lambda _, by: w.Resolve(by=by),
    "reopen": lambda _, by: w.Reopen(by=by),
    "escalate": lambda body, by: w.Escalate(by=by, level=_name(body["level"], "level") if "level" in body else None),
    "severity": lambda body, by: w.ChangeSeverity(by=by, severity=_name(body.get("to"), "to"), because=_because(body)),
    "type": _type,
    "deadline": lambda body, by: w.MeetDeadline(by=by, deadline=_name(body.get("met"), "met"), note=_because(body)),
    "merge": lambda body, _: Merging(_group(body.get("into"), "into")),
    "split": lambda body, _: Splitting(_groups(body.get("alerts"))),
}
"""What a person does, by the name of the line, whose value says who it is."""


def _of_strangers(read: "Iterable[_Read]", settings: Settings) -> Iterator[str]:
    """Give that people acted whom the configuration does not name: they may have left, and it counts all the same."""
    strangers = {said.person for _, _, said in read if isinstance(said, Deed) and person(said.person, settings) is None}
    if strangers:
        known = ", ".join(sorted(settings.people)) or "nobody"
        named = ", ".join(name[:60] for name in sorted(strangers))
        yield f"what {named} did counts, but the configuration knows only {known}"


def _silence(body: dict[str, Any]) -> Silenced:
    wanted = body["silence"]
    if not isinstance(wanted, dict) or not isinstance(wanted.get("matchers"), list):
        example = '{"matchers": ["entry=sequencer-down"], "because": "a migration", "lasts": "PT2H"}'
        raise UsageError(f"`silence` is an object such as {example}")
    matchers = [msgspec.to_builtins(read_matcher(str(one))) for one in wanted["matchers"]]
    fields = {name: value for name, value in wanted.items() if name not in {"matchers", "because", "by"}}
    try:
        draft = msgspec.convert({**fields, "matchers": matchers, "why": wanted.get("because", "")}, Draft)
    except msgspec.ValidationError as error:
        raise UsageError(f"its `silence` is wrong: {error}") from error
    return Silenced(draft, f"person:{wanted.get('by', 'somebody')}")


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"`{field}` is a name between quotes")
    return value.strip()


# -- times


def _instant(value: object, field: str, zone: tzinfo | None = None) -> datetime:
    try:
        at = datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
    except ValueError as error:
        raise UsageError(f"`{field}` is no instant; write it like 2026-11-23T03:15:00Z") from error
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if at.tzinfo is None:
        raise UsageError(f"`{field}` has no time zone; add Z for UTC, or an offset such as +01:00")
    return _in_range(at, field)


def _in_range(at: datetime, field: str) -> datetime:
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise UsageError(f"`{field}` is outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return at.astimezone(UTC)


def _in_order(read: "list[_Read]", said: Iterable[str]) -> Recording:
    timed = list(_timed(read))
    notes = list(said)
    untimed = sum(at is None for _, at, _ in read)
    if untimed:
        notes.append(
            f"{untimed} of {len(read)} lines tell no time (`at`, or `payload.timestamp`): "
            f"each comes {spoken(GAP)} after the line before it"
        )
    if all(at is None for _, at, _ in read):
        notes.append(f"no line tells a time, so the first comes at {BEGINS:%Y-%m-%d %H:%M} UTC")
    late = sum(other.at < one.at for one, other in pairwise(timed))
    if late:
        notes.append(f"{late} of {len(read)} lines come before the line above them: all are replayed by their times")
    return Recording(tuple(sorted(timed, key=lambda line: line.at)), tuple(notes))


def _timed(read: "list[_Read]") -> Iterator[Line]:
    before = next((place for place, (_, at, _) in enumerate(read) if at is not None), None)
    first = read[before][1] if before is not None else None
    last = (first - GAP * (before + 1)) if first is not None and before is not None else BEGINS - GAP
    for number, at, said in read:
        last = at if at is not None else last + GAP
        yield Line(number, last, said)
