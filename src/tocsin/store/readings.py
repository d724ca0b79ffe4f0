"""Transactions that only look: at a group of alerts, at what is open of an entry, at what a turn decides about."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert, AlertState
from tocsin.grouping.joining import MOST_ALERTS
from tocsin.incident.chain import Row as FactRow
from tocsin.incident.chain import micros
from tocsin.incident.silence import Silence
from tocsin.incident.view import IncidentView
from tocsin.store.beginning import mark_of
from tocsin.store.queries import Query
from tocsin.store.silences import silences_ahead
from tocsin.store.transactions import SYSTEM, Timeline, Transaction, Viewer, fact_row, load_group, load_incident

MOST_CORRECTIONS = 500
_ANY = 2**62
"""More alerts than any incident has."""
_states = msgspec.json.Decoder(AlertState)


class _Typed(msgspec.Struct):
    """What is read of an incident's line in a list."""

    type: str | None = None


_views = msgspec.json.Decoder(IncidentView)
_typed = msgspec.json.Decoder(_Typed)


def alert_state(group_key: str) -> Transaction[AlertState | None]:
    """Give what is known of a group of alerts."""
    rows = yield Query("alert_get", (group_key,))
    return _states.decode(rows[0][0]) if rows else None


def alert_states(group_keys: Iterable[str]) -> Transaction[tuple[AlertState, ...]]:
    """Give what is known of groups of alerts; those that were never heard of are left out."""
    found = []
    for group_key in group_keys:
        state = yield from alert_state(group_key)
        found += [state] if state else []
    return tuple(found)


class FiringAlert(NamedTuple):
    """An alert that fires, and whether it has an open incident; its entry (None: none) and severity, "" unknown.

    `incident` is the one it is part of, or was when a person resolved it; "" for none.
    """

    state: AlertState
    open: bool
    entry: str | None
    severity: str
    incident: str = ""


def firing_alerts(viewer: Viewer, now: datetime, limit: int) -> Transaction[tuple[FiringAlert, ...]]:
    """Give the alerts that fire and that this viewer may know of, latest first.

    What nobody decided on yet may become restricted, so only who may see everything knows of it.
    """
    rows = yield Query("alerts_firing", (viewer.everything, viewer.person, limit))
    found = (_firing(_states.decode(state), line, bool(is_open), now) for state, line, is_open in rows)
    return tuple(one for one, public in found if public or viewer.everything)


def _firing(state: AlertState, line: bytes | None, is_open: bool, now: datetime) -> tuple[FiringAlert, bool]:
    """Give the alert, and whether who may not see everything knows of it."""
    held = state.held if state.held_at(now) and not is_open else None
    if held:
        return FiringAlert(state, False, held.entry, held.severity), not held.restricted
    if line is None:
        return FiringAlert(state, False, None, ""), False
    known = _views.decode(line)
    return FiringAlert(state, is_open, known.type, known.severity, known.id), True


def corrections(most: int = MOST_CORRECTIONS) -> Transaction[tuple[tuple[str, FactRow], ...]]:
    """Give what people said of the entries of incidents, newest first: the incident's number and the fact's row."""
    rows = yield Query("corrections", (most,))
    return tuple((str(row[0]), fact_row(row[1:])) for row in rows)


class ForTurn(NamedTuple):
    """What a turn decides about: a group, silences that hold now or later, and what was corrected where it may open."""

    timeline: Timeline
    silences: tuple[Silence, ...]
    corrected: tuple[tuple[str, FactRow], ...]


def load_for_turn(group_key: str, now: datetime) -> Transaction[ForTurn]:
    """Give what a turn of a group needs, of one instant."""
    timeline = yield from load_group(group_key)
    silences = yield from silences_ahead(now)
    return ForTurn(timeline, silences, () if timeline.open else (yield from corrections()))


def load_for_turns(group_keys: Iterable[str], now: datetime) -> Transaction[tuple[ForTurn, ...]]:
    """Give the same for turns of several groups; what people corrected is the same for all of them."""
    silences = yield from silences_ahead(now)
    corrected: tuple[tuple[str, FactRow], ...] | None = None
    found = []
    for group_key in group_keys:
        timeline = yield from load_group(group_key)
        if corrected is None and not timeline.open:
            corrected = yield from corrections()
        found.append(ForTurn(timeline, silences, () if timeline.open else corrected or ()))
    return tuple(found)


class Asked(NamedTuple):
    """An alert that would begin an incident of an entry, and since when something happened to one that it may join."""

    entry: str
    alert: Alert
    since: datetime


def load_joinable(asked: Iterable[Asked]) -> Transaction[tuple[Timeline, ...]]:
    """Give the incidents, each once, of which these alerts may join one."""
    numbers = dict[str, None]()
    # Many alerts of a storm ask the same.
    for one in {(one.entry, mark_of(one.alert), one.since): one for one in asked}.values():
        numbers |= dict.fromkeys((yield from open_of_type(one.entry, one.alert, one.since)))
    found = []
    for number in numbers:
        timeline = yield from load_incident(number, SYSTEM)
        found += [timeline] if timeline else []
    return tuple(found)


def open_of_type(
    incident_type: str, alert: Alert | None = None, since: datetime | None = None
) -> Transaction[tuple[str, ...]]:
    """Give the open incidents of an entry, newest first; with an alert only those that it may share.

    Something happened to those `since` then, their alerts name no component, or the one that it names, and there is
    room for one more.
    """
    since_then, mark = micros(since) if since else 0, mark_of(alert) if alert else ""
    rows = yield Query("open_of_type", (incident_type, since_then, mark, MOST_ALERTS if alert else _ANY))
    return tuple(str(number) for number, line in rows if _typed.decode(line).type == incident_type)


def open_views() -> Transaction[tuple[IncidentView, ...]]:
    """Give the lines of the incidents that are open, newest first, restricted ones too."""
    rows = yield Query("incidents", (SYSTEM.everything, SYSTEM.person, True, 2**62, 1000))
    return tuple(_views.decode(row[0]) for row in rows)
