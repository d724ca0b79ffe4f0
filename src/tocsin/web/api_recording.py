"""The API of what happened: alerts, answers and silences as the lines that `tocsin simulate` replays."""

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.drill.recording import Line, incident_lines, silence_line
from tocsin.incident.view import IncidentView
from tocsin.store import silences as s
from tocsin.store import transactions as t
from tocsin.web.answering import ApiRoute, parts_of, up_to, whole_of

_USUAL, _MOST = 50, 100
_NEWEST = 2**62
_MOST_SILENCES = 500


class RecordedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """What came of alerts and answers in one incident, oldest first."""

    id: str
    opened_at: datetime
    lines: tuple[Line, ...]


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, newest first; `before` asks for older ones, None where there are none.

    `silences` are the latest that were made, in the first answer only.
    """

    incidents: tuple[RecordedIncident, ...]
    silences: tuple[Line, ...]
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
    known = [await tocsin.engine.load(view.id, principal.viewer) for view in views]
    made = await tocsin.store.read(s.silences(_NEWEST, _MOST_SILENCES)) if before == _NEWEST else ()
    return Recording(
        incidents=tuple(
            RecordedIncident(id=view.id, opened_at=view.opened_at, lines=tuple(incident_lines(one.facts, one.alerts)))
            for view, one in zip(views, known, strict=True)
        ),
        silences=tuple(line for one in made if (line := silence_line(one))),
        before=rows[limit - 1].ordinal if len(rows) > limit else None,
    )
