"""What happened, as the lines a replay reads: the alerts that came, and what people did about them.

Timelines know when an alert came, came back and was over, and its words then; the store knows the rest of what its
sender said last. Both together are what `replay_lines.py` reads.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from tocsin.detection.alert import Action, Alert, AlertState
from tocsin.incident import facts as f
from tocsin.incident.body import is_human
from tocsin.incident.incident import Incident, apply
from tocsin.incident.silence import Recurrence, Silence, Window, next_window, window_at

_MOMENT = timedelta(microseconds=1)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ACTIONS: dict[type[f.Body], Action] = {
    f.Opened: "trigger",
    f.AlertJoined: "trigger",
    f.Reopened: "trigger",
    f.SeverityChanged: "trigger",
    f.Acknowledged: "acknowledge",
    f.AlertCleared: "resolve",
    f.Resolved: "resolve",
}
"""What a sender said, by the fact that came of it."""

Line = dict[str, Any]
"""One line of a recording, before it is written as JSON."""


def incident_lines(facts: Iterable[f.Fact], states: Iterable[AlertState]) -> Iterator[Line]:
    """Give what a timeline tells of alerts and answers, in its order. `states` is what is known of its alerts.

    What was merged, split off, lowered or corrected by a person stays out: a replay has no lines for that.
    """
    known = {state.alert.group_key: state for state in states}
    latest = {group: state.alert for group, state in known.items()}
    incident: Incident | None = None
    over = set[str]()
    for fact in facts:
        incident = apply(incident, fact)
        line = _line(fact, incident, latest)
        if line is None:
            continue
        yield line
        if "event" in line:
            group = f"{line['source']}/{line['event']['dedup_key']}"
            (over.add if line["event"]["event_action"] == "resolve" else over.discard)(group)
    # One that flaps comes back without a word in the timeline.
    for group in sorted(over & known.keys()):
        if incident and incident.status != "resolved" and known[group].status == "firing":
            yield _event(known[group].changed_at, "trigger", group, latest[group], latest[group].summary)


def silence_lines(silence: Silence) -> Iterator[Line]:
    """Give a silence as the replay makes it. One that was ended early ends then, and none is given that never held.

    One that comes back and was ended while it held is two: the times that it held whole, and the one that was cut.
    """
    ended, again = silence.ended_at, silence.repeats
    if ended is None or again is None:
        ends = min(silence.ends_at, ended or silence.ends_at)
        if ends > silence.starts_at:
            yield _silence(silence, silence.created_at, Window(silence.starts_at, ends), again)
        return
    cut = window_at(silence, ended - _MOMENT)
    beyond = cut or next_window(msgspec.structs.replace(silence, ended_at=None), ended - _MOMENT)
    zone = ZoneInfo(again.timezone)
    if beyond is not None:
        last = beyond.begins.astimezone(zone).date() - timedelta(days=1)
        again = msgspec.structs.replace(again, last=last.isoformat())
    if beyond is None or last >= silence.starts_at.astimezone(zone).date():
        yield _silence(silence, silence.created_at, Window(silence.starts_at, silence.ends_at), again)
    if cut is not None:
        yield _silence(silence, max(silence.created_at, cut.begins), cut, None)


def _silence(silence: Silence, at: datetime, holds: Window, again: Recurrence | None) -> Line:
    said: Line = {
        "matchers": [one.text for one in silence.matchers],
        "because": silence.why,
        "by": _name(silence.by),
        "starts_at": holds.begins.isoformat(),
        "ends_at": holds.ends.isoformat(),
    }
    if again is not None:
        said |= {"repeats": ",".join(_DAYS[day] for day in again.days), "timezone": again.timezone}
        said |= {"last": again.last} if again.last else {}
    return {"at": at.isoformat(), "silence": said}


def _line(fact: f.Fact, incident: Incident, latest: dict[str, Alert]) -> Line | None:
    body = fact.body
    if isinstance(body, f.Acknowledged | f.Resolved) and is_human(body.by):
        return _person(fact, incident, "acknowledge" if isinstance(body, f.Acknowledged) else "resolve")
    group = getattr(body, "group_key", "") or incident.group_key
    known, action = latest.get(group), _ACTIONS.get(type(body))
    declared = isinstance(body, f.Opened) and known is not None and known.declared_by is not None
    if action is None or not (body.by.startswith("source:") or declared):  # what a person split off came before
        return None
    words = body.summary if isinstance(body, f.Opened | f.AlertJoined) else known.summary if known else incident.summary
    return _event(fact.at, action, group, known, words)


def _event(at: datetime, action: Action, group_key: str, known: Alert | None, summary: str) -> Line:
    source, _, key = group_key.partition("/")
    event: Line = {"event_action": action, "dedup_key": key}
    if action == "trigger":
        event["payload"] = _payload(source, known, summary)
    return {"at": at.isoformat(), "source": source, "event": event}


def _payload(source: str, known: Alert | None, summary: str) -> Line:
    if known is None:
        return {"summary": summary, "source": source, "severity": "error"}
    chosen = {"incident_type": known.incident_type, "severity": known.wanted_severity}
    details = known.details | {name: value for name, value in chosen.items() if value}
    more = {"component": known.component, "group": known.group, "class": known.alert_class, "custom_details": details}
    said = {"summary": summary, "source": known.origin or source, "severity": known.severity}
    return said | {name: value for name, value in more.items() if value}


def _person(fact: f.Fact, incident: Incident, does: str) -> Line:
    source, _, key = incident.group_key.partition("/")
    return {"at": fact.at.isoformat(), does: _name(fact.body.by), "source": source, "dedup_key": key}


def _name(by: str) -> str:
    return by.partition(":")[2] or by
