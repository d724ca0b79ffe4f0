"""What a prober does at most for a server that asks it: how often it looks, how long, at how much.

A server checks its own configuration; a prober believes no server that it did. One that is trusted gets what a
configuration may say, one that others configure gets less, or it could make the prober flood somebody.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

import msgspec

from tocsin.configuration.probes import LONGEST, MOST_PROBES, SHORTEST
from tocsin.errors import SettingsInvalid
from tocsin.probes.options import MEBIBYTE
from tocsin.settings import ProbeSettings

_SHORTEST_LOOK = timedelta(milliseconds=100)
_SHARE_OF_INTERVAL = 0.9


class Bounds(NamedTuple):
    """How much is too much. `rest` is for how many seconds the probes stay as they are before others are taken.

    `answer` bounds the bytes of a list of probes, `largest` and `values` what one probe may ask for; None for any.
    """

    every: timedelta = SHORTEST
    timeout: timedelta = LONGEST
    probes: int = MOST_PROBES
    rest: float = 0.0
    answer: int | None = None
    largest: int | None = None
    values: int | None = None


TRUSTED = Bounds()
PUBLIC = Bounds(
    every=timedelta(seconds=5),
    timeout=timedelta(seconds=30),
    probes=500,
    rest=2.0,
    answer=8 * MEBIBYTE,
    largest=MEBIBYTE,
    values=20,
)


def chosen(probes: Iterable[ProbeSettings], bounds: Bounds) -> tuple[dict[str, ProbeSettings], tuple[str, ...]]:
    """Give the probes that are looked at, by name and at a bearable pace, and what is not done as asked."""
    wanted = {probe.id: probe for probe in probes}
    taken = {name: paced(probe, bounds) for name, probe in list(wanted.items())[: bounds.probes]}
    said = []
    if len(wanted) > len(taken):
        said.append(f"{len(wanted)} probes are asked for, and a prober looks at {bounds.probes} at most")
    changed = [name for name, probe in taken.items() if probe != wanted[name]]
    if changed:
        first = taken[changed[0]]
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        said.append(f"the pace of {first.id[:60]!r}{more} is not bearable: it is looked at every "
                    f"{first.every.total_seconds():g} s, for {first.timeout.total_seconds():g} s at most")  # fmt: skip
    return taken, tuple(said)


def paced(probe: ProbeSettings, bounds: Bounds) -> ProbeSettings:
    """Give a probe at a pace that is within the bounds, and with a look that ends before the next one."""
    every = min(max(probe.every, bounds.every), LONGEST)
    longest = min(bounds.timeout, every * _SHARE_OF_INTERVAL)
    timeout = min(max(probe.timeout, _SHORTEST_LOOK), longest)
    return msgspec.structs.replace(probe, every=every, timeout=timeout)


def refuse_excess(options: Mapping[str, object], bounds: Bounds) -> None:
    """Raise SettingsInvalid for options that ask for more than a prober does."""
    largest, values = options.get("largest"), options.get("values")
    if bounds.largest is not None and isinstance(largest, int) and largest > bounds.largest:
        raise SettingsInvalid(
            f"largest is {largest}, and this prober reads {bounds.largest} bytes of an answer at most"
        )
    if bounds.values is not None and isinstance(values, dict) and len(values) > bounds.values:
        raise SettingsInvalid(f"it has {len(values)} values, and this prober reads {bounds.values} of a probe at most")
