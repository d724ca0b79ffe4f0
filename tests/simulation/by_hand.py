"""Nodes on one store, moved by hand: each test says who claims, who stalls and who commits, and in which order."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from simulation.company import BEGAN, CHANNELS, EDITIONS, event, reading
from tocsin.channels.message import Channel, Message, Receipt
from tocsin.detection.alert import Action
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.drill.clock import MovedClock
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine
from tocsin.engine.links import Links
from tocsin.engine.worker import Worker
from tocsin.engine.worlds import Worlds
from tocsin.errors import StoreUnavailable
from tocsin.incident.chain import unlink
from tocsin.incident.facts import Escalated, Fact
from tocsin.incident.jobs import Claimed
from tocsin.incident.wishes import Wish
from tocsin.settings import Person, ReachStep, Settings
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore, perform, statements

FIRST = "INC-2026-0001"
MINUTE = timedelta(minutes=1)
_SQL = statements()


def simple(**more: Any) -> Settings:
    """Give one person a level, each with one way of reaching them, and Fay as the fallback by mail."""
    people = {name: Person(id=name, name=name, reach=(ReachStep(via=("push",)),)) for name in _ROLES.values()}
    people["fay"] = Person(id="fay", name="fay", reach=(ReachStep(via=("mail",)),))
    roles: dict[str, tuple[str, ...]] = {role: (name,) for role, name in _ROLES.items()}
    return Settings(flapping_after=0, people=people, roles=roles, fallback=("fay",), **more)


_ROLES = {"L1": "mira", "L2": "bo", "L3": "cy", "CTO": "dana", "Legal": "lex", "Security team": "sam"}


class Interrupted:
    """A channel during whose sending something else happens."""

    def __init__(self, inner: Channel, meanwhile: Any) -> None:
        self._inner, self._meanwhile = inner, meanwhile

    async def send(self, message: Message) -> Receipt:
        receipt = await self._inner.send(message)
        await self._meanwhile()
        return receipt

    async def close(self) -> None:
        """Nothing to give back."""


class FailingStore:
    """A store that cannot be written while `down`, nor read while `gone`.

    `meanwhile` happens before a transaction, `after` behind the next one of that name.
    """

    def __init__(self, inner: InlineStore) -> None:
        self._inner, self.down, self.gone, self.asked = inner, False, False, 0
        self.meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None
        self.after: tuple[str, Callable[[], Coroutine[Any, Any, None]]] | None = None
        self.lease_expires, self.in_order = True, True

    async def write(self, transaction: t.Transaction[t.T]) -> t.T:
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        if self.down or self.gone:
            raise StoreUnavailable("the disk is full")
        done = await self._inner.write(transaction)
        if self.after and getattr(transaction, "__name__", "") == self.after[0]:
            (_, happens), self.after = self.after, None
            await happens()
        return done

    async def read(self, transaction: t.Transaction[t.T]) -> t.T:
        self.asked += 1
        if self.gone:
            raise StoreUnavailable("the database is away")
        return await self._inner.read(transaction)

    def close(self) -> None:
        """The tests close what they opened."""


class Hand(NamedTuple):
    """One node: its engine, and its worker that does nothing by itself."""

    engine: Engine
    worker: Worker
    deeds: Deeds


class ByHand:
    """Two nodes with one clock, one store and the same channels."""

    def __init__(
        self,
        settings: Settings | None = None,
        at: datetime = BEGAN,
        body: bytes = EDITIONS[0],
        clock: type[MovedClock] = MovedClock,
    ) -> None:
        self.clock = clock(at)
        self.began = at
        self.sent: list[Sent] = []
        self.inner = InlineStore()
        self.store = FailingStore(self.inner)
        self.channels = {name: RehearsalChannel(name, self.clock, self.sent) for name in CHANNELS}
        self.settings = settings or simple()
        runbook = reading(body, "RUNBOOK.md")
        self.document = self.now(documents.publish("runbook", runbook.sha256, runbook.path, body, at))
        self.a, self.b = self.hand(), self.hand()

    def hand(self, at_once: int = 64) -> Hand:
        """Give one more node."""
        worlds = Worlds(self.store, reading, self.settings)
        worlds.put_in_force(self.document)
        engine = Engine(self.store, self.clock, worlds)
        deeds = Deeds(engine, dict(self.channels), Links("key", "http://pager"))
        return Hand(engine, Worker(engine, deeds, at_once), deeds)

    # -- what happens

    async def fires(self, action: Action = "trigger", **more: Any) -> None:
        """Let the monitor send an event; nothing is done about it yet."""
        await self.a.engine.ingest([event("till", action, **more)])

    async def settle(self) -> None:
        """Do everything that is due."""
        while await self.a.worker.step():
            pass

    async def opens(self, severity: str = "P1", **more: Any) -> None:
        """Let an incident open and do what is due at once."""
        await self.fires(severity=severity, **more)
        await self.settle()

    async def let_pass(self, minutes: float) -> None:
        """Let time pass, doing each thing at its own instant."""
        end = self.clock.now() + minutes * MINUTE
        while (due := await self.a.worker.next_due()) is not None and due <= end:
            self.clock.move_to(max(due, self.clock.now()))
            await self.settle()
        self.clock.move_to(end)
        await self.settle()

    async def claim(self, hand: Hand) -> Claimed:
        """Let a node take the next due job."""
        held = await hand.worker.claim()
        if held is None:
            raise LookupError("nothing is due")
        return held

    async def act(self, wish: Wish, number: str = FIRST) -> None:
        """Let a person act; what comes of it is not done yet."""
        await self.a.engine.act(number, wish, t.SYSTEM)

    # -- what is so

    def now(self, transaction: t.Transaction[t.T]) -> t.T:
        """Ask the store itself."""
        return perform(self.inner.db, _SQL, transaction)

    def facts(self, number: str = FIRST) -> tuple[Fact, ...]:
        """Give the timeline."""
        return tuple(unlink(row) for row in self.now(t.all_facts(number)))

    def kinds(self, number: str = FIRST) -> list[str]:
        """Give what happened, in order."""
        return [fact.kind for fact in self.facts(number)]

    def calls(self, number: str = FIRST) -> list[tuple[str, float, str]]:
        """Give the calls: the level, how many minutes after the beginning, and the cause."""
        return [
            (fact.body.level, (fact.at - self.began) / MINUTE, fact.body.cause)
            for fact in self.facts(number)
            if isinstance(fact.body, Escalated)
        ]

    def paged(self) -> list[str]:
        """Give who was paged, in order."""
        return [sent.person for sent in self.sent if sent.message.kind == "page"]

    def job(self, key: str) -> dict[str, Any] | None:
        """Give a waiting job's row, or None."""
        columns = ("due", "not_before", "attempts", "gen", "lease", "lease_until")
        rows = self.inner.db.execute(f"SELECT {', '.join(columns)} FROM job WHERE key = ?", (key,)).fetchall()
        return dict(zip(columns, rows[0], strict=True)) if rows else None
