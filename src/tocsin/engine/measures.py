"""What this process counts for those who watch it: alerts taken, pages sent, failed and late.

Whoever reads a measure need not be somebody who may know of a restricted incident. So nothing such an incident does
is counted: not its alert, not its pages. An alert counts once it is decided, because only then that is known.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from tocsin.detection.alert import Alert
from tocsin.escalation.reach import channel_of
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Claimed

BOUNDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 900, 3600)
"""Seconds a page may be late, as the buckets of a histogram; a last one takes the rest."""

MOST_WAITING = 10_000
"""Groups whose alerts wait to be counted. Where nobody asks for the measures, what comes beyond is not counted."""

Outcome = Literal["sent", "failed"]


class Lateness(NamedTuple):
    """How late the pages of a channel went out. `counts`: one for each of `BOUNDS`, and for the rest."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    seconds: float = 0.0

    def with_one(self, late: timedelta) -> "Lateness":
        """Give it with one more page."""
        seconds = max(late.total_seconds(), 0.0)
        place = sum(seconds > bound for bound in BOUNDS)
        counts = (*self.counts[:place], self.counts[place] + 1, *self.counts[place + 1 :])
        return Lateness(counts, self.seconds + seconds)


class Measures:
    """The counts of one process since it started."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.alerts: Counter[str] = Counter()
        self.pages: Counter[tuple[str, Outcome]] = Counter()
        self.late: Counter[str] = Counter()
        self.lateness: dict[str, Lateness] = {}
        self._waiting: dict[str, tuple[str, int]] = {}

    # -- alerts

    def took(self, alerts: Iterable[Alert]) -> None:
        """Remember alerts, to be counted by source once their group is decided. Beats are none."""
        waiting = self._waiting
        for alert in alerts:
            group_key = alert.group_key
            known = waiting.get(group_key)
            if alert.beat is None and (known is not None or len(waiting) < MOST_WAITING):
                waiting[group_key] = (alert.source, known[1] + 1 if known else 1)

    @property
    def waiting(self) -> Sequence[str]:
        """Give the groups whose alerts wait to be counted."""
        return tuple(self._waiting)

    def decided(self, restricted: Mapping[str, bool]) -> None:
        """Count the alerts of groups that are decided, and forget those of restricted incidents."""
        for group_key, hidden in restricted.items():
            source, count = self._waiting.pop(group_key, ("", 0))
            if count and not hidden:
                self.alerts[source] += count

    # -- pages

    def recorded(self, incident: Incident, bodies: Iterable[f.FactBody], held: Claimed | None, now: datetime) -> None:
        """Count what facts say of pages. `held` is the job that made them."""
        if incident.restricted:
            return
        for body in bodies:
            if isinstance(body, f.Paged):
                self._paged(channel_of(body.method), body, held, now)
            elif isinstance(body, f.PageFailed) and body.round > 0:
                self.pages[channel_of(body.method), "failed"] += 1

    def _paged(self, channel: str, body: f.Paged, held: Claimed | None, now: datetime) -> None:
        self.pages[channel, "sent"] += 1
        self.late[channel] += body.due is not None
        due = body.due or (held.job.due if held else now)
        self.lateness[channel] = self.lateness.get(channel, Lateness()).with_one(now - due)
