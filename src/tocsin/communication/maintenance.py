"""Planned maintenance as the public may see it: silences that say so, without what they silence and why."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from tocsin.incident.silence import Silence, Window, next_window, window_at

MaintenanceStatus = Literal["scheduled", "in_progress", "completed"]


class PublicMaintenance(msgspec.Struct, frozen=True, kw_only=True):
    """One time of a maintenance. `components` are the ids of the parts it concerns; none named means none."""

    id: str
    title: str
    text: str
    begins: datetime
    ends: datetime
    announced_at: datetime
    changed_at: datetime
    components: tuple[str, ...] = ()

    def status(self, now: datetime) -> MaintenanceStatus:
        """Give whether it will be, is, or was."""
        return "scheduled" if now < self.begins else "in_progress" if now < self.ends else "completed"


def maintenances(silences: Iterable[Silence], now: datetime) -> tuple[PublicMaintenance, ...]:
    """Give each public maintenance at its present time, else its next one, else the one that is over; soonest first.

    One that was taken back before it began is not shown.
    """
    found = [_shown(silence, now) for silence in silences if silence.maintenance is not None]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.begins, one.id)))


def _shown(silence: Silence, now: datetime) -> PublicMaintenance | None:
    ended, planned = silence.ended_at, Window(silence.starts_at, silence.ends_at)
    window = window_at(silence, now) or next_window(silence, now)
    if window is None and (silence.repeats is not None or (ended is not None and ended <= silence.starts_at)):
        return None
    begins, ends = window or planned
    said = silence.maintenance
    if said is None:
        return None
    return PublicMaintenance(
        id=silence.id,
        title=said.title,
        text=said.text,
        begins=begins,
        ends=min(ends, ended) if ended else ends,
        announced_at=silence.created_at,
        changed_at=max([silence.created_at, *(at for at in (begins, ends, ended) if at is not None and at <= now)]),
        components=said.components,
    )


def in_progress(found: Iterable[PublicMaintenance], now: datetime) -> frozenset[str]:
    """Give the ids of the components that are being worked on now."""
    return frozenset(name for one in found if one.status(now) == "in_progress" for name in one.components)
