"""A silence as JSON: what it speaks of, when it holds, and the alerts it holds back."""

from datetime import datetime

import msgspec

from tocsin.detection.alert import AlertState
from tocsin.engine.silencing import Silenced
from tocsin.incident.silence import Maintenance, Recurrence, next_window, status_of, window_at
from tocsin.store.transactions import Viewer


class HeldShape(msgspec.Struct, kw_only=True):
    """An alert that is held back. Of a restricted entry only that there is one, for those who may not see more."""

    restricted: bool
    severity: str
    since: datetime
    until: datetime
    summary: str | None = None
    group_key: str | None = None
    type: str | None = None
    triggers: int | None = None
    because: str | None = None


class SilenceShape(msgspec.Struct, kw_only=True):
    """One silence. `active_until`: the end of the time it holds in now; `next_at`: when it holds next."""

    id: str
    status: str
    matchers: list[str]
    because: str
    by: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    repeats: Recurrence | None
    active_until: datetime | None
    next_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    maintenance: Maintenance | None
    warnings: list[str]
    held: list[HeldShape]


def silence_shape(found: Silenced, viewer: Viewer, now: datetime) -> SilenceShape:
    """Give a silence as this viewer may see it."""
    silence = found.silence
    window, ahead = window_at(silence, now), next_window(silence, now)
    return SilenceShape(
        id=silence.id,
        status=status_of(silence, now),
        matchers=[one.text for one in silence.matchers],
        because=silence.why,
        by=silence.by,
        created_at=silence.created_at,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        repeats=silence.repeats,
        active_until=window.ends if window else None,
        next_at=ahead.begins if ahead else None,
        ended_at=silence.ended_at,
        ended_by=silence.ended_by,
        maintenance=silence.maintenance,
        warnings=list(found.cautions),
        held=[held_shape(state, viewer) for state in found.held],
    )


def held_shape(state: AlertState, viewer: Viewer) -> HeldShape:
    """Give a held alert as this viewer may see it."""
    held = state.held
    if held is None:
        raise ValueError(f"nothing holds {state.alert.group_key} back")
    shape = HeldShape(restricted=held.restricted, severity=held.severity, since=held.since, until=held.until)
    if held.restricted and not viewer.everything:
        return shape
    shape.summary, shape.group_key, shape.type = state.alert.summary, state.alert.group_key, held.entry
    shape.triggers, shape.because = state.triggers, held.why
    return shape
