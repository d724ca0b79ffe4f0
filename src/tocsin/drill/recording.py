"""What happened, as the lines a replay reads: the alerts that came, and what people did about them.

Timelines know when an alert came, came back and was over, and its words then; the store knows the rest of what its
sender said last, and what a silence held back last. All together are what `replay_lines.py` reads.
docs/decisions/0099-a-recording-holds-what-people-decided.md
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tocsin.detection.alert import Action, Alert, AlertState
from tocsin.incident import facts as f
from tocsin.incident.body import is_human
from tocsin.incident.incident import Incident, apply
from tocsin.incident.silence import Recurrence, Silence, Window, next_window, status_of, window_at

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


class _Words(NamedTuple):
    """What an alert said, and how bad it was by its sender's word; "" where only the latest word is known."""

    summary: str
    hint: str = ""


def incident_lines(facts: Iterable[f.Fact], states: Iterable[AlertState]) -> Iterator[Line]:
    """Give what a timeline tells of alerts and people, in its order. `states` is what is known of its alerts."""
    known = {state.alert.group_key: state for state in states}
    latest = {group: state.alert for group, state in known.items()}
    incident: Incident | None = None
    over, moved_at = set[str](), None
    for fact in facts:
        before, incident = incident, apply(incident, fact)
        moved_at = fact.at if _is_moving(fact, latest) else moved_at
        if before and isinstance(fact.body, f.Resolved) and is_human(fact.body.by):
            for ended in _ended_unheard(before, fact.at, known):
                yield ended
                over.add(f"{ended['source']}/{ended['event']['dedup_key']}")
        # What follows from alerts that a person moved is no word of their senders, nor another one of that person.
        line = _line(fact, before or incident, latest) if fact.at != moved_at or _is_deed(fact) else None
        if line is None:
            continue
        if "event" in line:
            group, ends = f"{line['source']}/{line['event']['dedup_key']}", line["event"]["event_action"] == "resolve"
            if ends and group in over and group in latest:  # it came back since, without a word in the timeline
                yield _event(fact.at - _MOMENT, "trigger", group, latest[group], _Words(latest[group].summary))
            (over.add if ends else over.discard)(group)
        yield line
    # One that flaps comes back without a word in the timeline.
    for group in sorted(over & known.keys()):
        if incident and incident.status != "resolved" and known[group].status == "firing":
            yield _event(known[group].changed_at, "trigger", group, latest[group], _Words(latest[group].summary))


def _ended_unheard(incident: Incident, at: datetime, known: dict[str, AlertState]) -> Iterator[Line]:
    """Give when the alerts of an incident were over that a person ended before: no timeline tells of it.

    Where somebody reopens it, that decides whether it is still held open by them.
    """
    for group in incident.groups:
        state = known.get(group)
        ended = next((end for end in state.ends if end >= at), None) if state else None
        if state and ended and not incident.cleared_of(group):
            yield _event(ended, "resolve", group, state.alert, _Words(state.alert.summary))


def groups_of(facts: Iterable[f.Fact]) -> tuple[str, ...]:
    """Give the groups whose alerts a timeline tells of, also those that went to other incidents since."""
    found = dict[str, None]()
    for body in (fact.body for fact in facts):
        named = body.alerts if isinstance(body, f.Absorbed | f.Split) else (getattr(body, "group_key", ""),)
        found |= dict.fromkeys(filter(None, named))
    return tuple(found)


def held_lines(state: AlertState) -> Iterator[Line]:
    """Give when an alert came that a silence held back last, and when that was over, whether it ever opened anything.

    It is the last time only: what silences held back before that is not remembered.
    """
    if state.held is None:
        return
    held, alert = state.held, state.alert
    since, words = held.since, _Words(held.summary or alert.summary, held.hint)
    yield _event(since, "trigger", alert.group_key, alert, words)
    ended = next((at for at in state.ends if at >= since), None)
    if ended is not None:
        yield _event(ended, "resolve", alert.group_key, alert, _Words(alert.summary))


def is_recalled(facts: Iterable[f.Fact]) -> bool:
    """Give whether an incident has its entry from what a person said of an earlier one."""
    return any(isinstance(fact.body, f.Opened) and fact.body.recalled for fact in facts)


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
    whole = msgspec.structs.replace(silence, ended_at=None, repeats=again)
    if status_of(whole, silence.starts_at) != "expired":
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


def _is_moving(fact: f.Fact, latest: dict[str, Alert]) -> bool:
    """Give whether a person moved alerts between incidents with it: merged two, or split some off."""
    body = fact.body
    return isinstance(body, f.Absorbed) or (isinstance(body, f.Opened) and not _is_sent(body, latest))


def _is_deed(fact: f.Fact) -> bool:
    return isinstance(fact.body, f.Absorbed | f.Split)


def _is_sent(body: f.Opened, latest: dict[str, Alert]) -> bool:
    """Give whether a sender, or a person who declared it, opened an incident; else it was split off another."""
    known = latest.get(body.group_key)
    return body.by.startswith("source:") or (known is not None and known.declared_by is not None)


def _line(fact: f.Fact, incident: Incident, latest: dict[str, Alert]) -> Line | None:
    """Give the line of a fact, None for one that follows from others. `incident` is what it was before that."""
    body = fact.body
    deed = _DEEDS.get(type(body)) if is_human(body.by) else None
    if deed is not None:
        return _person(fact, incident, *deed)
    group = getattr(body, "group_key", "") or incident.group_key
    known, action = latest.get(group), _ACTIONS.get(type(body))
    if action is None or not (body.by.startswith("source:") or isinstance(body, f.Opened)):
        return None
    said = getattr(body, "summary", "") or (known.summary if known else incident.summary)
    return _event(fact.at, action, group, known, _Words(said, getattr(body, "hint", "")))


def _event(at: datetime, action: Action, group_key: str, known: Alert | None, words: _Words) -> Line:
    source, _, key = group_key.partition("/")
    event: Line = {"event_action": action, "dedup_key": key}
    line: Line = {"at": at.isoformat(), "source": source, "event": event}
    if action == "trigger":
        event["payload"] = _payload(source, known, words)
        line |= {"affected": known.affected} if known and known.affected is not None else {}
    return line


def _payload(source: str, known: Alert | None, words: _Words) -> Line:
    summary, hint = words
    if known is None:
        return {"summary": summary, "source": source, "severity": hint or "error"}
    chosen = {"incident_type": known.incident_type, "severity": known.wanted_severity}
    details = known.details | {name: value for name, value in chosen.items() if value}
    more = {"component": known.component, "group": known.group, "class": known.alert_class, "custom_details": details}
    said = {"summary": summary, "source": known.origin or source, "severity": hint or known.severity}
    return said | {name: value for name, value in more.items() if value}


# -- people


def _person(fact: f.Fact, incident: Incident, does: str, more: Callable[[Any, Incident], Line]) -> Line:
    body = fact.body
    about = next(iter(body.alerts), incident.group_key) if isinstance(body, f.Absorbed) else incident.group_key
    source, _, key = about.partition("/")
    return {"at": fact.at.isoformat(), does: _name(body.by), "source": source, "dedup_key": key, **more(body, incident)}


def _corrected(body: f.TypeCorrected, _: Incident) -> Line:
    return {"to": body.after, "because": body.because.text.partition(": ")[2] or body.because.text}


_DEEDS: dict[type[f.Body], tuple[str, Callable[[Any, Incident], Line]]] = {
    f.Acknowledged: ("acknowledge", lambda *_: {}),
    f.Resolved: ("resolve", lambda *_: {}),
    f.Reopened: ("reopen", lambda *_: {}),
    f.EscalationRequested: ("escalate", lambda body, _: {"level": body.level}),
    f.SeverityChanged: ("severity", lambda body, _: {"to": body.after, "because": body.because.text}),
    f.TypeCorrected: ("type", _corrected),
    f.DeadlineMet: ("deadline", lambda body, _: {"met": body.deadline, "because": body.note}),
    f.Absorbed: ("merge", lambda _, incident: {"into": incident.group_key}),
    f.Split: ("split", lambda body, _: {"alerts": list(body.alerts)}),
}
"""What a person did, by the fact that came of it: the name of the line, and what else stands in it."""


def _name(by: str) -> str:
    return by.partition(":")[2] or by
