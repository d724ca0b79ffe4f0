"""Whether a storm is on: so many alerts came within a short time that nobody reads them one by one.

It decides nothing: what a storm does to pages (bundles, ranks) and to incidents (alerts that share one) is done to each
by itself. It is told, so that whoever is woken knows that this is one trouble with many voices.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.incident.incident import Incident

FEWEST = 10
WITHIN = timedelta(minutes=10)
"""So many alerts became part of incidents within such a time."""


class Storm(NamedTuple):
    """What came: `alerts` became part of `incidents` since `since`. It is over at `until` unless more come.

    `largest` is the incident with `most` of them, `counts` says how many each has.
    """

    alerts: int
    incidents: int
    since: datetime
    until: datetime
    largest: str
    most: int
    counts: dict[str, int]


def storm(incidents: Iterable[Incident], now: datetime) -> Storm | None:
    """Give the storm that is on at `now`, or None."""
    came = sorted((at, one.number) for one in incidents for at in _arrivals(one) if now - WITHIN < at <= now)
    if len(came) < FEWEST:
        return None
    counts = Counter(number for _, number in came)
    [(largest, most)] = counts.most_common(1)
    return Storm(
        alerts=len(came),
        incidents=len(counts),
        since=came[0][0],
        until=came[-FEWEST][0] + WITHIN,
        largest=largest,
        most=most,
        counts=dict(counts),
    )


def _arrivals(incident: Incident) -> tuple[datetime, ...]:
    """Give when its alerts came; the one it was opened for counts again when it comes back.

    One that a person moved, by merging or by splitting it off, came before that.
    """
    began = dict.fromkeys((incident.opened_at, incident.began_at))
    came = *began, *(other.joined_at for other in incident.others.values() if not other.moved)
    return tuple(at for at in came if at > incident.opened_at) if incident.apart else came
