"""Four weeks of made-up traffic: days and nights, weekends, noise, launches, deploys, missing hours; and attacks."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.detection.baseline import Baseline
from tocsin.detection.reading import Reading
from tocsin.detection.thresholds import Limit, Standing
from tocsin.detection.watched import weigh

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday; the clocks of Berlin change within the four weeks that follow."""

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


class Span(NamedTuple):
    """From when until when traffic is so many times what it would be."""

    begins: datetime
    ends: datetime
    times: float


class Told(NamedTuple):
    """What came of a replay: by attack the readings until it fired (None = missed), and other times it fired."""

    found: tuple[int | None, ...]
    false: tuple[datetime, ...]
    known_at: datetime | None
    encoded: int
    readings: int


class Traffic:
    """One system's requests per second, out of a seed."""

    def __init__(self, seed: int, *, weeks: int = 4, attacks_from: timedelta = timedelta(days=3)) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a replay wants the same numbers again
        pick, end = self.random.uniform, BEGAN + weeks * WEEK
        self.base, self.noise = 10 ** pick(0.5, 3), pick(0.03, 0.25)
        self.night, self.weekend, self.growth = pick(0.05, 0.5), pick(0.3, 1.1), pick(-0.02, 0.08)
        self.peak, self.end = pick(10, 20), end
        self.launches: list[Span] = []
        while len(self.launches) < 3:  # two at once would be ten times normal
            launch = self._span(pick(1.5, 5), pick(0.5, 12), timedelta(days=2))
            if all(launch.begins > one.ends or launch.ends < one.begins for one in self.launches):
                self.launches.append(launch)
        self.dips = [self._span(pick(0.0, 0.4), pick(0.02, 0.3), timedelta(0)) for _ in range(8)]
        self.missing = [self._span(1, pick(0.5, 20), timedelta(days=1)) for _ in range(2)]
        self.attacks: list[Span] = []
        while len(self.attacks) < 6:
            attack = self._span(pick(10, 60), pick(0.1, 5), attacks_from)
            others = (*self.attacks, *self.launches, *self.missing, *self.dips)
            if all(attack.begins - HOUR > one.ends or attack.ends + HOUR < one.begins for one in others):
                self.attacks.append(attack)

    def _span(self, times: float, hours: float, after: timedelta) -> Span:
        begins = BEGAN + after + self.random.random() * (self.end - BEGAN - after - timedelta(hours=hours))
        return Span(begins, begins + timedelta(hours=hours), times)

    def expected(self, at: datetime) -> float:
        """Give the traffic of that instant without noise and without anything out of the ordinary."""
        hour = at.hour + at.minute / 60
        day = self.night + (1 - self.night) * (0.5 + 0.5 * math.cos((hour - self.peak) / 12 * math.pi)) ** 1.5
        week = self.weekend if at.weekday() >= 5 else 1.0
        return float(self.base * day * week * (1 + self.growth) ** ((at - BEGAN) / WEEK))

    def readings(self, every: timedelta) -> Iterator[tuple[datetime, float, bool]]:
        """Give every reading, and whether it is one of an attack."""
        at = BEGAN
        while at < self.end:
            if not any(one.begins <= at < one.ends for one in self.missing):
                attacked = any(one.begins <= at < one.ends for one in self.attacks)
                around = (*self.launches, *self.dips, *self.attacks)
                times = math.prod(one.times for one in around if one.begins <= at < one.ends)
                noise = math.exp(self.random.gauss(0, self.noise))
                if self.random.random() < 0.002:
                    noise *= self.random.uniform(2, 12)  # a lone spike
                yield at, self.expected(at) * times * noise, attacked
            at += every


def replay(traffic: Traffic, limit: Limit, zone: str = "UTC") -> Told:
    """Give what a check finds in traffic."""
    standing, baseline = Standing(), Baseline(zone=zone)
    fired: list[tuple[datetime, bool]] = []
    since: dict[int, int] = {}
    found: dict[int, int | None] = dict.fromkeys(range(len(traffic.attacks)))
    known_at, readings = None, 0
    for at, value, _ in traffic.readings(limit.every):
        readings += 1
        before = standing
        standing, kept = weigh(limit, standing, Reading(at=at, values={limit.measure: value}), baseline)
        baseline = kept or baseline
        known_at = known_at or (at if standing.state not in ("unknown", "learning") else None)
        under_way = next((n for n, one in enumerate(traffic.attacks) if one.begins <= at < one.ends), None)
        if under_way is not None:
            since[under_way] = since.get(under_way, 0) + 1
            if standing.alerting and found[under_way] is None:
                found[under_way] = since[under_way]
        if standing.alerting and not before.alerting:
            fired.append((at, under_way is not None))
    false = tuple(at for at, right in fired if not right)
    return Told(tuple(found.values()), false, known_at, len(msgspec.json.encode(baseline)), readings)
