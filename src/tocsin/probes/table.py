"""The kinds of probes, in the order they are documented: their options, what they measure, how each is built."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from tocsin.clock import Clock, SystemClock
from tocsin.configuration.options import read_options
from tocsin.configuration.probes import Offer
from tocsin.errors import SettingsInvalid
from tocsin.probes.names import Names
from tocsin.probes.options import (
    HOST,
    HTTP,
    LOG,
    PM2,
    POSTGRESQL,
    PROMETHEUS_TEXT,
    PROMQL,
    STATUSPAGE,
    TCP,
    HostOptions,
    HttpOptions,
    LogOptions,
    Pm2Options,
    PostgresqlOptions,
    PrometheusTextOptions,
    PromqlOptions,
    StatuspageOptions,
    TcpOptions,
)
from tocsin.probes.probe import LookFailed, Measure, Probe, Unit
from tocsin.settings import ProbeSettings, Secret

if TYPE_CHECKING:
    from tocsin.probes.exchange import Answer, Asks, Wanted

Options = TypeVar("Options", bound=msgspec.Struct)
Made = TypeVar("Made")
ResolveSecret = Callable[[Secret], str]


class Shared:
    """What probes share: who finds addresses, and the HTTP, which is brought in when the first of them needs it."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock that says how old an address is."""
        self.names = Names(clock)
        self._web: Asks | None = None

    def web(self) -> "Asks":
        """Give the HTTP that all probes share."""
        if self._web is None:
            from tocsin.probes.web import Web  # noqa: PLC0415  aiohttp costs a quarter second and much memory

            self._web = Web(self.names)
        return self._web

    async def close(self) -> None:
        """Let go of it."""
        if self._web is not None:
            await self._web.close()
        self.names.close()


@dataclass(frozen=True)
class Parts:
    """What probes are given besides their options. `base` is the folder of the configuration.

    `outside`: the options were given by somebody else than whoever runs this server, so only public addresses are
    asked, and nothing of the machine itself.
    """

    resolve_secret: ResolveSecret
    clock: Clock = field(default_factory=SystemClock)
    base: Path = Path()
    timeout: timedelta = ProbeSettings(id="", kind="").timeout
    shared: Shared = field(default_factory=lambda: Shared(SystemClock()))
    outside: bool = False

    def plain(self, value: str | Secret | None) -> str | None:
        """Give the text of an option that may be kept as a secret."""
        return self.resolve_secret(value) if isinstance(value, Secret) else value

    async def close(self) -> None:
        """Let go of what probes share."""
        await self.shared.close()


@dataclass(frozen=True)
class ProbeKind(Generic[Options]):
    """The options a kind takes under [probes.NAME], what makes it of them, and what its readings hold.

    `own` is the unit of values that have a name of the team's own. `public`: it may be asked for from outside, for it
    refuses what is not public by itself. `check` finds out whether options fit where making it brings in much.
    """

    options: type[Options]
    make: Callable[[Options, Parts], Probe]
    values: dict[str, Measure]
    own: Unit | Literal[""] = ""
    public: bool = False
    check: Callable[[Options, Parts], object] | None = None

    def unit(self, options: Mapping[str, object], value: str) -> str:
        """Give the unit of a value of a probe with these options, "" where only the target knows."""
        if value in self.values:
            return self.values[value].unit
        said = options.get("units")
        return str(said.get(value, self.own)) if isinstance(said, dict) else self.own


def _tcp(options: TcpOptions, parts: Parts) -> Probe:
    from tocsin.probes.tcp import Tcp  # noqa: PLC0415  only who looks pays for it

    return Tcp(options.host, options.port, names=parts.shared.names, timeout=parts.timeout)


def _http(options: HttpOptions, parts: Parts) -> Probe:
    from tocsin.probes.http import Http  # noqa: PLC0415  only who looks pays for it

    return Http(options, parts)


def _prometheus_text(options: PrometheusTextOptions, parts: Parts) -> Probe:
    from tocsin.probes.prometheus_text import PrometheusText  # noqa: PLC0415  only who looks pays for it

    return PrometheusText(options, parts)


def _promql(options: PromqlOptions, parts: Parts) -> Probe:
    from tocsin.probes.promql import Promql  # noqa: PLC0415  only who looks pays for it

    return Promql(options, parts)


def _statuspage(options: StatuspageOptions, parts: Parts) -> Probe:
    from tocsin.probes.statuspage import Statuspage  # noqa: PLC0415  only who looks pays for it

    return Statuspage(options, parts)


def _pm2(options: Pm2Options, parts: Parts) -> Probe:
    from tocsin.probes.pm2 import Pm2  # noqa: PLC0415  only who looks pays for it

    return Pm2(options, parts)


def _log(options: LogOptions, parts: Parts) -> Probe:
    from tocsin.probes.log import Log  # noqa: PLC0415  only who looks pays for it

    return Log(options, parts)


def _postgresql(options: PostgresqlOptions, parts: Parts) -> Probe:
    from tocsin.probes.postgresql import Postgresql  # noqa: PLC0415  brings asyncpg

    return Postgresql(options, parts)


def _database(options: PostgresqlOptions, parts: Parts) -> object:
    from tocsin.probes.postgresql_target import database_of  # noqa: PLC0415  only who looks pays for it

    return database_of(options, parts)


def _host(options: HostOptions, parts: Parts) -> Probe:
    from tocsin.probes.host import Host  # noqa: PLC0415  only who looks pays for it

    return Host(options, parts)


KINDS: dict[str, ProbeKind[Any]] = {
    "tcp": ProbeKind(TcpOptions, _tcp, TCP),
    "http": ProbeKind(HttpOptions, _http, HTTP, public=True),
    "prometheus_text": ProbeKind(PrometheusTextOptions, _prometheus_text, PROMETHEUS_TEXT, public=True),
    "promql": ProbeKind(PromqlOptions, _promql, PROMQL, public=True),
    "statuspage": ProbeKind(StatuspageOptions, _statuspage, STATUSPAGE, own="count", public=True),
    "pm2": ProbeKind(Pm2Options, _pm2, PM2),
    "postgresql": ProbeKind(PostgresqlOptions, _postgresql, POSTGRESQL, own="count", check=_database),
    "log": ProbeKind(LogOptions, _log, LOG),
    "host": ProbeKind(HostOptions, _host, HOST, own="share"),
}


class _Nobody:
    """Stands for the HTTP of probes that are only tried out."""

    async def ask(self, wanted: "Wanted", within: float) -> "Answer":
        """Ask nobody."""
        del wanted, within
        raise LookFailed("a probe that is tried out asks nobody")

    async def close(self) -> None:
        """Nothing is open."""


class _Untouched(Shared):
    """What probes share that look at nothing: HTTP is not brought in for them."""

    def web(self) -> "Asks":
        return _Nobody()


class _SecretWanted(Exception):
    """A secret is asked for where nobody may have it."""


def _try_out(probe: ProbeSettings) -> None:
    """Make a probe and look at nothing. One that needs a secret is made where that is, and files are read there."""
    options = {name: value for name, value in probe.options.items() if name != "ca"}

    def no_secret(_: Secret) -> str:
        raise _SecretWanted

    with suppress(_SecretWanted):
        kind, shared = KINDS[probe.kind], _Untouched(SystemClock())
        tried = msgspec.structs.replace(probe, options=options)
        _made(tried, Parts(no_secret, shared=shared), kind.check or kind.make)


OFFERS: dict[str, Offer] = {name: Offer(kind.options, tuple(kind.values), _try_out) for name, kind in KINDS.items()}


def build(probe: ProbeSettings, parts: Parts) -> Probe:
    """Give what looks. Raises SettingsInvalid, naming the probe, for options that do not fit and missing secrets."""
    return _made(probe, parts, KINDS[probe.kind].make)


def _made(probe: ProbeSettings, parts: Parts, make: Callable[[Any, Parts], Made]) -> Made:
    kind = KINDS[probe.kind]
    if parts.outside and not kind.public:
        raise SettingsInvalid(f"[probes.{probe.id}]: only tocsin.toml may ask for the kind {probe.kind}")
    options = read_options(probe.id, probe.options, kind.options, table="probes")
    if taken := sorted(kind.values.keys() & getattr(options, "values", {}).keys()):
        raise SettingsInvalid(f"[probes.{probe.id}]: values: {taken[0]} is always measured; give yours another name")
    try:
        return make(options, replace(parts, timeout=probe.timeout))
    except SettingsInvalid as wrong:
        raise SettingsInvalid(f"[probes.{probe.id}]: {wrong.reason}", wrong.line) from wrong
