"""What a program exposes for Prometheus, without a Prometheus: values by name and labels, quantiles and shares.

A counter is given as it stands; the check makes a rate of it (`take = "rate"`).
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.exposition import Lines, Sample, quantile
from tocsin.probes.options import PrometheusTextOptions, Series, Taken
from tocsin.probes.probe import LookFailed
from tocsin.probes.series import Selector, one_of, selector_of
from tocsin.probes.table import Parts
from tocsin.probes.target import target_of
from tocsin.probes.trouble import NoAnswer

_BUCKET = "_bucket"
_BOUND = "le"


class _Asked(NamedTuple):
    selector: Selector
    take: Taken | None
    quantile: float | None
    of: Selector | None = None

    @property
    def name(self) -> str:
        """Give how its lines begin."""
        return self.selector.name + _BUCKET if self.quantile else self.selector.name

    @property
    def names(self) -> tuple[str, ...]:
        """Give how all the lines begin that it needs."""
        return (self.name, self.of.name) if self.of else (self.name,)


class PrometheusText:
    """Reads an exposition. Raises SettingsInvalid for a selector that is none."""

    memory = ""

    def __init__(self, options: PrometheusTextOptions, parts: Parts) -> None:
        """Take where it is exposed, and what to read of it."""
        self._target = target_of(options, parts)
        self._asked = {name: _asked(value, outside=parts.outside) for name, value in options.values.items()}
        self._clock = parts.clock
        self._lines = Lines(name for asked in self._asked.values() for name in asked.names)
        self._before: dict[str, dict[float, float]] = {}
        self._counted: dict[str, tuple[float, float]] = {}

    async def look(self, now: datetime) -> Reading:
        """Read it once, in the time of one look."""
        ends = self._clock.monotonic() + self._target.within
        try:
            got = await self._target.ask()
            if got.status != HTTPStatus.OK:
                said = {"trouble": f"it answered {got.status}, not 200", "answer": self._target.beginning(got)}
                return Reading(at=now, values={"up": 0.0}, details=said)
            text = self._target.body(got).decode("utf-8", "replace")
        except NoAnswer as none:
            return Reading(at=now, values=none.values, details={"trouble": str(none)})
        values, not_read = {"up": 1.0, "latency": got.seconds}, list[str]()
        samples = self._lines.samples(text)
        for name, asked in self._asked.items():
            found = self._read(name, asked, samples, ends)
            if isinstance(found, str):
                not_read.append(f"{name} {found}")
            else:
                values[name] = found
        details = {"not_read": self._target.shown("; ".join(not_read))} if not_read else {}
        return Reading(at=now, values=values, details=details)

    def _read(self, name: str, asked: _Asked, samples: Mapping[str, list[Sample]], ends: float) -> float | str:
        fitting = self._fitting(asked.selector, samples.get(asked.name, ()), ends)
        if asked.quantile:
            return self._growth(name, asked.quantile, fitting)
        if asked.of is None:
            return one_of([sample.value for sample in fitting], asked.take)
        whole = self._fitting(asked.of, samples.get(asked.of.name, ()), ends)
        if not whole:
            return "gives no series in `of`"
        return self._share(name, sum(one.value for one in fitting), sum(one.value for one in whole))

    def _fitting(self, selector: Selector, samples: Iterable[Sample], ends: float) -> list[Sample]:
        """Give those that are asked for. Raises LookFailed where to find them takes longer than a look may."""
        found = []
        for one in samples:
            if self._clock.monotonic() > ends:
                raise LookFailed(f"its series could not be compared in {self._target.within:g} s: "
                                 "make the expressions simpler, or `largest` smaller")  # fmt: skip
            if selector.fits(one.labels):
                found.append(one)
        return found

    def _share(self, name: str, part: float, whole: float) -> float | str:
        """Give what part of what was counted since the last look this is.

        Counters that fell began again; so did those of which the part grew by more than the whole.
        """
        before, self._counted[name] = self._counted.get(name), (part, whole)
        if before is None:
            return "is known from the second look on"
        began = part < before[0] or whole - before[1] < part - before[0]
        more, grown = (part, whole) if began else (part - before[0], whole - before[1])
        return more / grown if 0 < grown < math.inf else "had nothing to count since the last look"

    def _growth(self, name: str, share: float, found: list[Sample]) -> float | str:
        """Give the quantile of what was counted since the last look."""
        counted: dict[float, float] = {}
        for sample in found:
            try:
                bound = float(sample.labels.get(_BOUND, ""))
            except ValueError:
                continue
            counted[bound] = counted.get(bound, 0.0) + sample.value
        before, self._before[name] = self._before.get(name), counted
        if not counted:
            return "gives no histogram"
        if before is None:
            return "is known from the second look on"
        began = any(count < before.get(bound, 0.0) for bound, count in counted.items())
        grown = {bound: count - (0.0 if began else before.get(bound, 0.0)) for bound, count in counted.items()}
        value = quantile(share, grown)
        return "had nothing to count since the last look" if value is None else value

    async def close(self) -> None:
        """Nothing is held: the connections belong to all probes."""


def _asked(value: str | Series, *, outside: bool) -> _Asked:
    if isinstance(value, str):
        return _Asked(selector_of(value, outside=outside), None, None)
    if value.quantile and (value.take or value.of):
        raise SettingsInvalid("a quantile is one number over all its series: leave `take` and `of` out")
    if value.of and value.take:
        raise SettingsInvalid("a share is one number over all its series: leave `take` out")
    of = selector_of(value.of, outside=outside) if value.of else None
    return _Asked(selector_of(value.select, outside=outside), value.take, value.quantile, of)
