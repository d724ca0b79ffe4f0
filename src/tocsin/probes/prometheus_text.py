"""What a program exposes for Prometheus, without a Prometheus: values by name and labels, and quantiles.

A counter is given as it stands; the check makes a rate of it (`take = "rate"`).
"""

from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.exposition import Lines, Sample, quantile
from tocsin.probes.options import PrometheusTextOptions, Series, Taken
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

    @property
    def name(self) -> str:
        """Give how its lines begin."""
        return self.selector.name + _BUCKET if self.quantile else self.selector.name


class PrometheusText:
    """Reads an exposition. Raises SettingsInvalid for a selector that is none."""

    memory = ""

    def __init__(self, options: PrometheusTextOptions, parts: Parts) -> None:
        """Take where it is exposed, and what to read of it."""
        self._target = target_of(options, parts)
        self._asked = {name: _asked(value) for name, value in options.values.items()}
        self._lines = Lines(asked.name for asked in self._asked.values())
        self._before: dict[str, dict[float, float]] = {}

    async def look(self, now: datetime) -> Reading:
        """Read it once."""
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
            fitting = [one for one in samples.get(asked.name, ()) if asked.selector.fits(one.labels)]
            found = self._growth(name, asked.quantile, fitting) if asked.quantile else _combined(fitting, asked.take)
            if isinstance(found, str):
                not_read.append(f"{name} {found}")
            else:
                values[name] = found
        details = {"not_read": self._target.shown("; ".join(not_read))} if not_read else {}
        return Reading(at=now, values=values, details=details)

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


def _asked(value: str | Series) -> _Asked:
    if isinstance(value, str):
        return _Asked(selector_of(value), None, None)
    if value.quantile and value.take:
        raise SettingsInvalid("a quantile is one number over all its series: leave `take` out")
    return _Asked(selector_of(value.select), value.take, value.quantile)


def _combined(found: list[Sample], take: Taken | None) -> float | str:
    return one_of([sample.value for sample in found], take)
