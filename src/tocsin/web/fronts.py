"""The fronts of a main process: started, told whose alerts may come, and replaced when one ends.

While there is none, the main process takes connections itself, so a front is never a reason that nobody answers.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from uvicorn import Config
from uvicorn.server import ServerState

from tocsin.assembly import Tocsin
from tocsin.errors import StoreUnavailable
from tocsin.web import between as b
from tocsin.web.front import BEAT
from tocsin.web.onward import Handed
from tocsin.web.own_folder import OwnFolder
from tocsin.web.refusals import Refusals

log = logging.getLogger("tocsin.fronts")

SILENT = 20.0
"""Seconds without a sign of life after which a front is ended: what it has accepted nobody else can answer."""

AGAIN_AFTER, AGAIN_AT_MOST = 1.0, 60.0
"""Seconds until a front is replaced; twice as many each time where it never came to take an alert, up to so many."""

FINISHED_WITHIN = 5.0
"""Seconds in which fronts answer what they have taken, once the server ends."""

_BURIED_WITHIN = 1.0
_REPLACED = "an intake process is ended and replaced; whom it had not answered has to send again"


class Place(NamedTuple):
    """Where fronts stand: `command` starts one, given two numbers, of its way to us and of the socket to listen at."""

    command: Sequence[str]
    listening: socket.socket
    many: int
    certificate: Path | None = None
    certificate_key: Path | None = None


class _Front:
    """One front. `silent`: how often it had said nothing when somebody looked; `why` it was ended, if we did.

    `storing` is what it took and is being stored: it is heard meanwhile.
    """

    def __init__(self, writer: asyncio.StreamWriter, process: asyncio.subprocess.Process) -> None:
        self.writer, self.process = writer, process
        self.silent, self.why = 0, ""
        self.storing = set[asyncio.Task[None]]()


class Fronts:
    """The fronts of this process."""

    def __init__(self, place: Place, tocsin: Tocsin, refusals: Refusals, silent: float = SILENT) -> None:
        """Take where they stand, who stores what they take, and for how long one may be silent."""
        self._place, self._tocsin, self._refusals, self._silent = place, tocsin, refusals, silent
        self._folder: OwnFolder | None = None
        self._behind = ""
        self._keeping: list[asyncio.Task[None]] = []
        self._ready: dict[asyncio.StreamWriter, asyncio.Event] = {}
        """Those that take connections, and whether each answered everything since it was told to end."""
        self._ending = False
        self._begun = 0
        self._changed: Callable[[], object] = lambda: None

    @property
    def any(self) -> bool:
        """Give whether one takes connections."""
        return bool(self._ready)

    async def start(self, config: Config, state: ServerState, changed: Callable[[], object]) -> asyncio.Server:
        """Begin, and give the server behind the fronts; `changed` is called when `any` may be another.

        Raises OSError where no socket can be made for them.
        """
        loop = asyncio.get_running_loop()
        self._changed = changed
        self._folder = OwnFolder()
        self._behind = self._folder.socket("behind")

        def connection() -> Handed:
            return Handed(config=config, server_state=state, app_state={}, _loop=loop)

        try:
            server = await loop.create_unix_server(connection, self._behind, backlog=config.backlog)
        except OSError:
            self._folder.remove()
            raise
        self._keeping = [asyncio.create_task(self._keep(), name="front") for _ in range(self._place.many)]
        return server

    async def finish(self) -> None:
        """Let fronts take nothing more, and wait until everything taken is answered."""
        self._ending = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISHED_WITHIN):
                for writer in self._ready:
                    b.say(writer, b.End())
                for finished in list(self._ready.values()):
                    await finished.wait()

    async def stop(self) -> None:
        """End the fronts."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        if self._folder is not None:
            self._folder.remove()

    # -- one front

    async def _keep(self) -> None:
        again = AGAIN_AFTER
        while not self._ending:
            before = self._begun
            try:
                why = await self._attend()
                if not self._ending:
                    log.warning("%s: %s", _REPLACED, why)
            except Exception:
                log.exception("%s", _REPLACED)
            if not self._ending:
                again = AGAIN_AFTER if self._begun > before else min(2 * again, AGAIN_AT_MOST)
                await asyncio.sleep(again)

    async def _attend(self) -> str:
        """Start a front and hear it until it is gone; give why it is."""
        ours, theirs = socket.socketpair()
        given = theirs.fileno(), self._place.listening.fileno()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._place.command,
                *map(str, given),
                pass_fds=given,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        front = _Front(writer, process)
        beside = [asyncio.create_task(self._tell(writer)), asyncio.create_task(self._watch(front))]
        try:
            while True:
                await self._hear(front, await b.heard(reader, b.FROM_FRONT))
        except (EOFError, ConnectionError):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _BURIED_WITHIN)
            return front.why or f"its exit code is {process.returncode}"
        finally:
            for task in beside:
                task.cancel()
            gone = self._ready.pop(writer, None)
            if gone is not None:
                gone.set()
            self._changed()
            writer.close()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _watch(self, front: "_Front") -> None:
        """End a front that says nothing. Looks are counted, not seconds: who stood still heard nobody."""
        while front.silent * BEAT < self._silent:
            front.silent += 1
            await asyncio.sleep(BEAT)
        front.why = f"it said nothing for {self._silent:.0f} s"
        front.process.kill()

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        """Tell a front how to serve, and whose alerts may come as often as that changes."""
        place = self._place
        certificate, key = (str(one) if one else None for one in (place.certificate, place.certificate_key))
        b.say(writer, b.Begin(self._behind, certificate, key))
        access, changes, told = self._tocsin.access, self._tocsin.engine.changes, None
        while True:
            version = changes.version
            if access.known is not told:
                told = access.known
                b.say(writer, b.Senders(told))
            await changes.after(version, BEAT)

    async def _hear(self, front: "_Front", message: b.FromFront) -> None:
        front.silent, writer = 0, front.writer
        if isinstance(message, b.Taken):
            storing = asyncio.create_task(self._store(front, message), name="storing")
            front.storing.add(storing)
            storing.add_done_callback(front.storing.discard)
        elif isinstance(message, b.Refused):
            now = self._tocsin.clock.monotonic()
            self._refusals.note(message.door, message.outcome, message.why, now, message.count)
        elif isinstance(message, b.Ready):
            self._begun += 1
            self._ready[writer] = asyncio.Event()
            log.info("an intake process takes alerts")
            self._changed()
            if self._ending:
                b.say(writer, b.End())
        elif isinstance(message, b.Done):
            self._ready[writer].set()

    async def _store(self, front: "_Front", taken: b.Taken) -> None:
        stored = await self._stored(taken)
        if not front.writer.is_closing():  # else nobody is there to tell its senders
            b.say(front.writer, stored)

    async def _stored(self, taken: b.Taken) -> b.Stored:
        try:
            await self._tocsin.engine.intake.take_together(taken.alerts)
        except StoreUnavailable as error:
            return b.Stored(taken.number, unavailable=str(error))
        except Exception as error:
            if taken.deliveries == 1:
                log.exception("a delivery could not be stored")
            return b.Stored(taken.number, broken=type(error).__name__)
        return b.Stored(taken.number)
