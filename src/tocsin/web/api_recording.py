"""The API of what happened: alerts, answers and silences as the lines that `tocsin simulate` replays."""

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.detection.alert import AlertState
from tocsin.drill.recording import Line, groups_of, held_lines, incident_lines, is_recalled, silence_lines
from tocsin.incident.view import IncidentView
from tocsin.store import silences as s
from tocsin.store import transactions as t
from tocsin.store.readings import alert_states
from tocsin.web.answering import ApiRoute, parts_of, up_to, whole_of

_USUAL, _MOST = 50, 100
_NEWEST = 2**62
_MOST_SILENCES = 500
_MOST_HELD = 2000
_ENOUGH = 4_000_000
"""Bytes after which no other incident is added to an answer: alerts may have 64 KB of details each."""


class RecordedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """What came of alerts and answers in one incident, oldest first.

    `recalled`: it has its entry from what somebody said of an earlier one.
    """

    id: str
    opened_at: datetime
    recalled: bool
    lines: tuple[Line, ...]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, newest first, fewer than asked for where they are large; `before` asks for older ones, None = none.

    `silences` are those that hold or will, and the latest others, `held` what they held back last of each alert. Both
    are in the first answer only.
    """

    incidents: tuple[RecordedIncident, ...]
    silences: tuple[Line, ...]
    held: tuple[Line, ...]
    before: int | None


def recording_routes() -> list[BaseRoute]:
    """Give the route."""
    asks = {"limit": up_to(_MOST), "before": up_to(_NEWEST)}
    return [ApiRoute("/api/v1/recording", show_recording, "GET", gives=Recording, asks=asks)]


async def show_recording(request: Request) -> object:
    """Give what came of alerts, answers and silences as a replay reads it: `?limit=` incidents, `?before=` a number."""
    tocsin, principal = parts_of(request)
    limit, before = whole_of(request, "limit", _USUAL, _MOST), whole_of(request, "before", _NEWEST, _NEWEST)
    rows = await tocsin.store.read(t.incidents(principal.viewer, only_open=False, before=before, limit=limit + 1))
    views = [msgspec.json.decode(row.view, type=IncidentView) for row in rows[:limit]]
    found = list[RecordedIncident]()
    size = 0
    for view in views:
        one = await tocsin.engine.load(view.id, principal.viewer)
        states = await tocsin.store.read(alert_states(groups_of(one.facts)))
        lines = tuple(incident_lines(one.facts, states))
        recalled = is_recalled(one.facts)
        found.append(RecordedIncident(id=view.id, opened_at=view.opened_at, recalled=recalled, lines=lines))
        size += len(msgspec.json.encode(lines))
        if size >= _ENOUGH:
            break
    first = before == _NEWEST
    now = tocsin.clock.now()
    made = await tocsin.store.read(s.silences_told(now, _MOST_SILENCES)) if first else ()
    held = await tocsin.store.read(s.alerts_ever_held(_MOST_HELD)) if first else ()
    return Recording(
        incidents=tuple(found),
        silences=tuple(line for one in made for line in silence_lines(one)),
        held=tuple(line for one in held if _may_see(one, principal.viewer) for line in held_lines(one)),
        before=rows[len(found) - 1].ordinal if len(rows) > len(found) else None,
    )


def _may_see(state: AlertState, viewer: t.Viewer) -> bool:
    return viewer.everything or not (state.held and state.held.restricted)
