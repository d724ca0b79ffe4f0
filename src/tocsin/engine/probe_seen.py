"""What is known of a probe, for those who ask: pages, the API, the doctor."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.detection.reading import Broken, Reading
from tocsin.detection.thresholds import Limit, Standing
from tocsin.engine.plan import Planned, next_look
from tocsin.engine.series import Point
from tocsin.engine.watched import Understood
from tocsin.escalation.policies import is_restricted
from tocsin.lifecycle import World
from tocsin.settings import ProbeSettings


class Seen(NamedTuple):
    """One probe. `broken` is set while it cannot look, `since` when that began; `holder` is the node that looks.

    `standings`, `limits` and `history` are by check; `history` holds what was compared lately and what was normal,
    oldest first. `unwatched` says of checks why they are not judged.
    """

    settings: ProbeSettings
    standings: Mapping[str, Standing]
    limits: Mapping[str, Limit]
    unwatched: Mapping[str, str]
    latest: Reading | None
    looked: datetime | None
    broken: Broken | None
    since: datetime | None
    history: Mapping[str, tuple[Point, ...]]
    next_look: datetime | None
    holder: str

    @property
    def state(self) -> str:
        """Give in a word how it is: broken, firing, ok, or unknown before anything was seen."""
        if self.broken is not None:
            return "broken"
        if any(standing.alerting for standing in self.standings.values()):
            return "firing"
        return "unknown" if self.latest is None else "ok"


class Lately(NamedTuple):
    """What is newest of some probes: the latest look, and of this node's how often checks turned and how many broke."""

    at: datetime | None
    turns: int
    broken: int


def shown(found: Iterable[Seen], world: World) -> tuple[Seen, ...]:
    """Give what somebody may know whom no restricted incident concerns: no probe of which a check opens one."""
    return tuple(seen for seen in found if is_shown(seen.settings, world))


def is_shown(probe: ProbeSettings, world: World) -> bool:
    """Give whether somebody may know of a probe whom no restricted incident concerns."""
    return not any(is_restricted(check.incident_type, *world) for check in probe.checks)


def seen_of(planned: Planned, found: Understood, holder: str, now: datetime) -> Seen:
    """Give what is known of a probe. A remote prober looks when it wants."""
    known, settings = found.known, planned.settings
    due = None
    if not settings.at:
        due = now + timedelta(seconds=next_look(settings.id, settings.every, now))
    return Seen(
        settings=settings,
        standings={name: known.checks.get(name, Standing()) for name in planned.checks},
        limits={name: check.limit for name, check in planned.checks.items()},
        unwatched=planned.unwatched,
        latest=known.last,
        looked=known.looked,
        broken=known.broken,
        since=known.broken_since,
        history={name: found.series.points(name) for name in planned.checks},
        next_look=due,
        holder=settings.at or holder,
    )
