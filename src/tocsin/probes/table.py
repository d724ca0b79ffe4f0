"""The kinds of probes, in the order they are documented: their options, what they measure, how each is built."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from tocsin.clock import Clock, SystemClock
from tocsin.configuration.options import read_options
from tocsin.configuration.probes import Offer
from tocsin.errors import SettingsInvalid
from tocsin.probes.names import Names
from tocsin.probes.probe import Measure, Probe
from tocsin.settings import ProbeSettings, Secret

Options = TypeVar("Options", bound=msgspec.Struct)
ResolveSecret = Callable[[Secret], str]


@dataclass(frozen=True)
class Parts:
    """What probes are given besides their options, and share. `base` is the folder of the configuration."""

    resolve_secret: ResolveSecret
    clock: Clock = field(default_factory=SystemClock)
    base: Path = Path()
    timeout: timedelta = ProbeSettings(id="", kind="").timeout
    names: Names = field(default_factory=lambda: Names(SystemClock()))

    def plain(self, value: str | Secret | None) -> str | None:
        """Give the text of an option that may be kept as a secret."""
        return self.resolve_secret(value) if isinstance(value, Secret) else value

    async def close(self) -> None:
        """Let go of what probes share."""
        self.names.close()


@dataclass(frozen=True)
class ProbeKind(Generic[Options]):
    """The options a kind takes under [probes.NAME], what makes it of them, and what its readings hold."""

    options: type[Options]
    make: Callable[[Options, Parts], Probe]
    values: dict[str, Measure]


class TcpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to connect."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]


def _tcp(options: TcpOptions, parts: Parts) -> Probe:
    from tocsin.probes.tcp import Tcp  # noqa: PLC0415  only who looks pays for it

    return Tcp(options.host, options.port, names=parts.names, timeout=parts.timeout)


TCP = {
    "up": Measure("yes", "whether the port took the connection"),
    "latency": Measure("s", "how long that took"),
}
KINDS: dict[str, ProbeKind[Any]] = {
    "tcp": ProbeKind(TcpOptions, _tcp, TCP),
}
OFFERS: dict[str, Offer] = {name: Offer(kind.options, tuple(kind.values)) for name, kind in KINDS.items()}


def build(probe: ProbeSettings, parts: Parts) -> Probe:
    """Give what looks. Raises SettingsInvalid, naming the probe, for options that do not fit and missing secrets."""
    kind = KINDS[probe.kind]
    options = read_options(probe.id, probe.options, kind.options, table="probes")
    try:
        return kind.make(options, replace(parts, timeout=probe.timeout))
    except SettingsInvalid as wrong:
        raise SettingsInvalid(f"[probes.{probe.id}]: {wrong.reason}", wrong.line) from wrong
