"""A whole Tocsin in memory: the real engine and store, a moved clock, channels that remember."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from tocsin.channels.message import Channel
from tocsin.detection.alert import Action, Alert
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.drill.clock import MovedClock
from tocsin.drill.runner import RehearsalRunner
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.links import Links
from tocsin.engine.ports import Runner, Store
from tocsin.engine.worker import Worker
from tocsin.engine.worlds import ReadRunbook, Worlds
from tocsin.escalation.reach import channel_of, methods
from tocsin.incident.incident import Incident
from tocsin.incident.wishes import Wish
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore

MONDAY_MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

_read = lru_cache(maxsize=8)(read_runbook)
"""Many stories are told of one document: it is read once."""


class Rehearsal:
    """Tells the story of incidents of a runbook: alert, let time pass, see who was paged."""

    def __init__(
        self,
        runbook: bytes,
        settings: Settings,
        at: datetime = MONDAY_MORNING,
        runner: Runner | None = None,
        store: Store | None = None,
        *,
        read: ReadRunbook = _read,
    ) -> None:
        """Begin at an instant with a published runbook and nothing open. Use `await begin()` before anything else.

        Without a `runner`, nothing is run and the timeline says so; without a `store`, memory is one. `read` is how
        the document is read.
        """
        self.clock = MovedClock(at)
        self.sent: list[Sent] = []
        self.store: Store = store or InlineStore()
        self.engine = Engine(self.store, self.clock, Worlds(self.store, read, settings))
        names = {"console", *settings.channels}
        names |= {channel_of(method) for someone in settings.people.values() for method in methods(someone)}
        chats = {name for name, channel in settings.channels.items() if channel.kind == "slack"}
        self.channels = {
            name: RehearsalChannel(name, self.clock, self.sent, edits=name in chats) for name in sorted(names)
        }
        channels: dict[str, Channel] = dict(self.channels)
        deeds = Deeds(self.engine, channels, Links("rehearsal", settings.public_url), runner or RehearsalRunner())
        self.worker = Worker(self.engine, deeds)
        self._runbook, self._read = runbook, read

    async def begin(self) -> "Rehearsal":
        """Publish the runbook."""
        runbook = self._read(self._runbook, "RUNBOOK.md")
        publishing = documents.publish("runbook", runbook.sha256, runbook.path, self._runbook, self.clock.now())
        self.engine.worlds.put_in_force(await self.store.write(publishing))
        return self

    async def alert(
        self, summary: str, *, key: str = "", action: Action = "trigger", severity: str = "error", **more: str
    ) -> None:
        """Let a monitor send an event, and let everything that is due happen."""
        alert = Alert(
            source="rehearsal",
            dedup_key=key or summary,
            action=action,
            summary=summary,
            severity=severity,
            incident_type=more.pop("incident_type", None),
            wanted_severity=more.pop("wanted_severity", None),
            details=more,
        )
        await self.take(alert)

    async def take(self, alert: Alert) -> None:
        """Take an alert in, and let everything that is due happen."""
        await self.engine.ingest([alert])
        await self.settle()

    async def act(self, number: str, wish: Wish) -> Incident:
        """Let a person act, and let everything that is due happen."""
        incident = await self.engine.act(number, wish, t.SYSTEM)
        await self.settle()
        return incident

    async def settle(self) -> None:
        """Do everything that is due now."""
        while await self.worker.step():
            pass

    async def let_pass(self, duration: timedelta) -> None:
        """Let time pass, doing each thing at its own instant."""
        end = self.clock.now() + duration
        await self.let_pass_until(lambda: False, duration)
        self.clock.move_to(end)
        await self.settle()

    async def let_pass_until(self, seen: Callable[[], bool], longest: timedelta) -> bool:
        """Let time pass until something is so, and give whether it is; the clock stands at what was done last."""
        end = self.clock.now() + longest
        await self.settle()
        while not seen() and (due := await self.worker.next_due()) is not None and due <= end:
            self.clock.move_to(max(due, self.clock.now()))
            await self.settle()
        return seen()

    async def incident(self, number: str) -> Loaded:
        """Give an incident with its facts and jobs."""
        return await self.engine.load(number)

    async def numbers(self) -> tuple[str, ...]:
        """Give the numbers of all incidents, oldest first."""
        return tuple(head.number for head in await self.store.read(t.heads()))

    def paged(self) -> list[tuple[timedelta, str]]:
        """Give who was paged how long after the story began, in order."""
        began = self.clock.now() - timedelta(seconds=self.clock.monotonic())
        return [(sent.at - began, sent.person) for sent in self.sent if sent.message.kind == "page"]
