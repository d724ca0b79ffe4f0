"""`probe`: a small process elsewhere that looks at probes for a server, and sends what it saw."""

import argparse
import asyncio
import contextlib
import logging
import secrets
import signal
from collections import deque
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from tocsin.cli.client import Client
from tocsin.clock import SystemClock
from tocsin.detection.reading import Broken, Reading
from tocsin.errors import Forbidden, SettingsInvalid, TocsinError, Unreachable, UsageError
from tocsin.probes.probe import LookFailed, Probe
from tocsin.settings import ProbeSettings, Secret

if TYPE_CHECKING:
    from tocsin.engine.probe_wire import Asked, Said
    from tocsin.engine.watched import Watched

Shape = TypeVar("Shape")
log = logging.getLogger("tocsin.probe")

MOST_KEPT = 20_000
"""So many readings are kept while the server cannot be reached; then the oldest are lost."""

SENT_EVERY = 0.25
MOST_BYTES_KEPT = 64 * 1024 * 1024
MOST_BYTES = 256 * 1024
"""So much is sent at once; a server takes twice as much."""

MOST_AT_ONCE = 500
ASKS_AFTER = 15.0
"""Seconds without an answer of the server after which a prober with nothing to tell asks what is new."""

AGAIN_AFTER_AT_MOST = 15.0
GIVEN = "PROBE_"
"""How the variables begin that a server may name which is not trusted."""

_ENDS_WITHIN = 5.0


class Server(Protocol):
    """Who is asked and told; `Client` is one."""

    url: str

    def get(self, path: str) -> object:
        """Give what it answers. Raises Unreachable, or what it refused with."""
        ...

    def post(self, path: str, body: object) -> object:
        """Send something and give what it answers. Raises as `get`."""
        ...


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `probe`."""
    probe = subparsers.add_parser("probe", help="look at probes from here, for a server elsewhere")
    probe.add_argument("--at", metavar="NAME", required=True, help="who this is: a source of kind prober")
    probe.add_argument(
        "--public",
        action="store_true",
        help=f"ask public addresses only, read nothing of this machine, and give no secrets but {GIVEN}*",
    )
    probe.set_defaults(run=run_probe)


def run_probe(args: argparse.Namespace) -> int:
    """Look until told to stop."""
    from tocsin.probes.bounds import PUBLIC, TRUSTED  # noqa: PLC0415  other commands need no probes

    client = Client(most=(PUBLIC if args.public else TRUSTED).answer)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(_until_stopped(Prober(client, args.at, public=args.public)))
    return 0


async def _until_stopped(prober: "Prober") -> None:
    task = asyncio.create_task(prober.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


class Prober:
    """Looks at what a server asks for, and tells it what was seen."""

    def __init__(self, server: Server, name: str, *, public: bool = False) -> None:
        """Take whom to ask, and who this is; `public`: the server is somebody else's, and is not trusted."""
        from tocsin.engine.looking import Looks  # noqa: PLC0415  other commands need no engine
        from tocsin.probes.bounds import PUBLIC, TRUSTED  # noqa: PLC0415  as above
        from tocsin.probes.table import Parts, Shared  # noqa: PLC0415

        self._server, self._name, self._clock = server, name, SystemClock()
        told = _given_secret if public else _secret
        self._bounds = PUBLIC if public else TRUSTED
        self._parts = Parts(told, self._clock, Path(), shared=Shared(self._clock), outside=public)
        self.looks = Looks(self._clock, lambda _: True, self._saw)
        self._run, self._numbers = secrets.token_hex(8), count(1)
        self._said: deque[tuple[Said, int]] = deque()
        self._size = 0
        self._loses = False
        self._watched: dict[str, Watched] = {}
        self._memory: dict[str, str] = {}
        self._version = self._told_version = self._away = ""
        self._answered = self._taken = float("-inf")

    async def run(self) -> None:
        """Look and tell until cancelled; what was seen by then is told."""
        looking = asyncio.create_task(self.looks.run(), name="looks")
        again = SENT_EVERY
        try:
            while not looking.done():
                again = await self._turn(again)
                await asyncio.sleep(again)
            looking.result()  # it ends by a mistake only: nobody would look any more
        finally:
            looking.cancel()
            for watched in self._watched.values():
                self.looks.remove(watched)
            with contextlib.suppress(TimeoutError, TocsinError):
                async with asyncio.timeout(_ENDS_WITHIN):
                    await self._tell()
            await self._parts.close()

    async def _turn(self, again: float) -> float:
        """Ask for what is new and tell what was seen; give after how many seconds to do so again."""
        try:
            now = self._clock.monotonic()
            changed = self._version != self._told_version and now - self._taken >= self._bounds.rest
            if changed or (now - self._answered > ASKS_AFTER and not self._said):
                await self._ask()
            while await self._tell():
                pass
        except Unreachable as error:
            if str(error) != self._away:
                log.warning("%s; what is seen is kept and told when it does", error)
            self._away = str(error)
            return min(again * 2, AGAIN_AFTER_AT_MOST)
        except Forbidden as error:
            words = f"set TOCSIN_TOKEN to what `tocsin token {self._name}` prints there"
            refused = Forbidden(f"{self._server.url} does not know the prober {self._name}: {words}")
            if not self._version:
                raise refused from error
            log.error("%s", refused)  # noqa: TRY400  no bug of ours
            return AGAIN_AFTER_AT_MOST
        if self._away:
            self._away = ""
            log.info("%s answers again", self._server.url)
        return SENT_EVERY

    # -- asking

    async def _ask(self) -> None:
        from tocsin.engine.probe_wire import Asked  # noqa: PLC0415  as above

        raw = await asyncio.to_thread(self._server.get, f"/api/v1/probes/{quote(self._name, safe='')}")
        asked = _converted(raw, Asked)
        self._answered = self._clock.monotonic()
        if asked.version == self._version:
            return
        if not self._version:
            self._memory = dict(asked.memory)
        self._taken = self._answered
        await self._use(asked)
        self._version = self._told_version = asked.version
        log.info("looking at %d probes for %s", len(self._watched), self._server.url)

    async def _use(self, asked: "Asked") -> None:
        """Look at these from now on, at those that changed anew."""
        from tocsin.engine.plan import Planned, asked_of, first_look  # noqa: PLC0415  as above
        from tocsin.engine.probe_wire import revived  # noqa: PLC0415
        from tocsin.engine.watched import Watched  # noqa: PLC0415
        from tocsin.probes.bounds import chosen  # noqa: PLC0415

        taken, not_done = chosen(map(revived, asked.probes), self._bounds)
        for words in not_done:
            log.warning("%s asks for too much: %s", self._server.url, words)
        before, self._watched = self._watched, {}
        for probe in taken.values():
            known = before.pop(probe.id, None)
            if known is not None and known.planned.settings == probe:
                self._watched[probe.id] = known
                continue
            looker, question = self._made(probe), asked_of(probe)
            if known is None or known.planned.asked == question:
                looker.memory = self._memory.get(probe.id, "")
            if known is not None:
                await self._let_go(known)
            watched = Watched(probe.id, Planned(probe, {}, {}, looker, question, "UTC"), None)
            self._watched[probe.id] = watched
            self.looks.add(watched, first_look(probe.id, probe.every, None, self._clock.now()))
        for gone in before.values():
            await self._let_go(gone)
            self._memory.pop(gone.name, None)

    async def _let_go(self, watched: "Watched") -> None:
        """Look at a probe no more; one that is looked at just now is closed when that has ended."""
        from tocsin.engine.looking import closed  # noqa: PLC0415  as above

        self.looks.remove(watched)
        if watched.looking is None and watched.planned.probe is not None:
            await closed(watched.name, watched.planned.probe)

    def _made(self, probe: ProbeSettings) -> Probe:
        from tocsin.probes.bounds import refuse_excess  # noqa: PLC0415  as above
        from tocsin.probes.table import KINDS, build  # noqa: PLC0415  as above

        if probe.kind not in KINDS:
            return _Unable(f"this prober does not know the kind {probe.kind}; upgrade it")
        try:
            refuse_excess(probe.options, self._bounds)
            return build(probe, self._parts)
        except SettingsInvalid as error:
            return _Unable(f"the prober cannot look: {error}")

    # -- telling

    async def _saw(self, watched: "Watched", seen: Reading | Broken) -> None:
        from tocsin.engine.probe_wire import Said  # noqa: PLC0415  as above

        looker, name = watched.planned.probe, watched.name
        memory = looker.memory if looker is not None else ""
        changed = memory if memory != self._memory.get(name, "") else None
        self._memory[name] = memory
        reading = seen if isinstance(seen, Reading) else Reading(at=seen.at, values={})
        why = seen.why if isinstance(seen, Broken) else ""
        self._keep(
            Said(
                probe=name,
                number=next(self._numbers),
                at=seen.at,
                values=reading.values,
                details=reading.details,
                broken=why,
                memory=changed,
            )
        )

    def _keep(self, said: "Said") -> None:
        """Keep what is to be told; where that is too much, the oldest is lost."""
        size = len(msgspec.json.encode(said))
        self._said.append((said, size))
        self._size += size
        while len(self._said) > MOST_KEPT or self._size > MOST_BYTES_KEPT:
            self._size -= self._said.popleft()[1]
            if not self._loses:
                self._loses = True
                log.warning("%s is away for too long: the oldest readings are lost", self._server.url)

    async def _tell(self) -> bool:
        """Tell what waits, as much as goes at once; give whether more does. What is refused for good is left out."""
        from tocsin.engine.probe_wire import Readings, Taken  # noqa: PLC0415  as above

        some = self._next()
        if not some:
            return False
        body = Readings(run=self._run, sent_at=self._clock.now(), readings=some)
        try:
            raw = await asyncio.to_thread(self._server.post, "/api/v1/readings", body)
        except UsageError as error:
            log.error("%s cannot use %d readings, which are lost: %s", self._server.url, len(some), error)  # noqa: TRY400
        else:
            self._told_version = _converted(raw, Taken).version
            self._answered = self._clock.monotonic()
        self._forget(some)
        return bool(self._said)

    def _next(self) -> "tuple[Said, ...]":
        """Give what goes at once, the oldest first."""
        some: list[Said] = []
        size = 0
        for said, long in self._said:
            size += long
            if some and (size > MOST_BYTES or len(some) == MOST_AT_ONCE):
                break
            some.append(said)
        return tuple(some)

    def _forget(self, some: "tuple[Said, ...]") -> None:
        last = some[-1].number
        while self._said and self._said[0][0].number <= last:
            self._size -= self._said.popleft()[1]
        self._loses = False


def _converted(raw: object, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        raise Unreachable(f"the server speaks otherwise than this prober ({error}); upgrade the older one") from error


def _secret(secret: Secret) -> str:
    """Give a secret of this machine: the server names it, and never has it."""
    from tocsin.configuration_file import resolve_secret  # noqa: PLC0415  as above

    return resolve_secret(secret, Path())


def _given_secret(secret: Secret) -> str:
    """Give a secret that was set for probes, and no other: whoever configures the server says where it is sent."""
    if secret.env is None or not secret.env.startswith(GIVEN):
        raise SettingsInvalid(f"a prober that runs with --public gives no secrets but variables called {GIVEN}NAME")
    return _secret(secret)


class _Unable:
    """Stands for a probe that cannot be made here, and says why at every look."""

    memory = ""

    def __init__(self, why: str) -> None:
        self._why = why

    async def look(self, now: datetime) -> Reading:
        del now
        raise LookFailed(self._why)

    async def close(self) -> None:
        pass
