"""Some nodes on one store, and what can befall them."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from simulation.company import CHANNELS, EDITIONS, GROUPS, reading
from simulation.ledger import Ledger
from simulation.node import Node, Process, now_of
from simulation.virtual_time import VirtualLoop
from tocsin.engine.engine import Engine
from tocsin.errors import TocsinError
from tocsin.runbook.policy import Runbook
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore, perform, statements

LEASE_AND_SOME = 40.0
PATIENCE = 6.0
"""How long somebody waits for an answer before doing something else."""

_DAY = 24 * 3600.0
_SQL = statements()


class Cluster:
    """Nodes, their store, and the world around them. Everything is drawn from one seed."""

    def __init__(self, seed: int, nodes: int, *, lease_expires: bool) -> None:
        self.chance = Random(seed)  # noqa: S311  repeatable on purpose
        self.loop = VirtualLoop(self.chance)
        self.store = InlineStore()
        self.ledger = Ledger()
        self.lease_expires = lease_expires
        self.modes = dict.fromkeys(CHANNELS, "ok")
        self.store_fails = 0.0
        self.skew = dict.fromkeys(range(nodes), timedelta(0))
        self.calm_since = 0.0
        self.judged: dict[str, int] = {}
        self._coming: list[asyncio.TimerHandle] = []
        numbers = count(1)
        self.nodes = [Node(number, self, lambda: next(numbers)) for number in range(nodes)]
        self.taken = dict.fromkeys(GROUPS, 0)
        self.beats = Counter[str]()
        self._edition = 0
        self.publish_next()
        for node in self.nodes:
            node.boot()
        logging.getLogger("tocsin").setLevel(logging.CRITICAL + 1)

    # -- time

    def run(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @property
    def now(self) -> float:
        """Give virtual seconds since the beginning."""
        return self.loop.time()

    def stir(self, by: Process | None = None) -> bool:
        """Let every node look once more before something is committed; give whether one has to be waited for."""
        dozing = False
        for node in self.nodes:
            if node.process is not by:
                node.process.untold_at = self.now
            dozing = (node.changes is not None and node.changes.stir()) or dozing
        return dozing

    # -- what people and monitors do

    def ask(
        self, node: Node, question: Callable[[Engine], Coroutine[Any, Any, Any]], patience: float = PATIENCE
    ) -> bool:
        """Ask a node something; True when it answered well in time. Otherwise it may have happened or not."""
        if node.process.dead:
            return False
        task = node.start(question(node.engine))
        self.loop.run_until_complete(asyncio.wait([task], timeout=patience))
        if not task.done() or task.cancelled():
            task.add_done_callback(_seen)
            return False
        error = task.exception()
        if error is not None and not isinstance(error, TocsinError):
            raise error
        return error is None

    def publish_next(self) -> None:
        """Put the other edition of the runbook in force; the nodes that run learn of it when they start again."""
        body = EDITIONS[self._edition % len(EDITIONS)]
        self._edition += 1
        runbook = reading(body, "RUNBOOK.md")
        publishing = documents.publish("runbook", runbook.sha256, runbook.path, body, now_of(self.now))
        if self.stir():
            self.run(0.0)
        perform(self.store.db, _SQL, publishing)

    def runbook_of(self, sha: str) -> Runbook:
        """Give the edition an incident is pinned to."""
        document = perform(self.store.db, _SQL, documents.document_by_sha(sha))
        if document is None:
            raise LookupError(f"no edition {sha}")
        return reading(document.body, document.path)

    # -- what befalls them

    def kill(self, node: Node, after: float, back: float) -> None:
        """End its process so many seconds from now, and start the next so many later."""
        if not node.process.dead:
            self._coming.append(self.loop.call_later(after, node.process.die))
            self._coming.append(self.loop.call_later(after + back, self._start_dead, node))

    def _start_dead(self, node: Node) -> None:
        if node.process.dead:
            node.boot()

    def restart(self, node: Node) -> None:
        """Start a new process, ending the one that still runs."""
        if not node.process.dead:
            node.process.die()
        node.boot()

    def pause(self, node: Node, seconds: float) -> None:
        """Stop its process for so long; it will not know."""
        if node.process.runs:
            node.process.stop()
            self.loop.call_later(seconds, node.process.resume)

    def fail_store(self, share: float, seconds: float) -> None:
        """Let that share of all transactions fail for a while: before or after the commit, nobody can tell."""
        self.store_fails = share
        self.loop.call_later(seconds, self._store_answers)

    def _store_answers(self) -> None:
        self.store_fails = 0.0
        self.calm_since = self.now

    def heal(self) -> None:
        """Let everything work again: all nodes run, all channels send, all clocks agree."""
        for trouble in self._coming:
            trouble.cancel()
        self.store_fails = 0.0
        self.modes = dict.fromkeys(CHANNELS, "ok")
        for node in self.nodes:
            node.process.resume()
            if node.process.dead:
                node.boot()
        self.calm_since = self.now

    def settle(self, longest: float = 60 * _DAY, *, unless_broken: bool = False) -> bool:
        """Let time pass until nothing waits to be done; False when that does not come.

        `unless_broken`: no longer than until something happens that must never, after which nothing counts.
        """
        end = self.now + longest
        self.run(60.0)  # what was asked of a paused node is only now taken in
        while (ahead := self.next_due_in()) is not None and self.now < end:
            if unless_broken and self.ledger.faults:
                return False
            self.run(min(max(ahead, 0.0), _DAY) + 30.0)
        self.run(60.0)
        return perform(self.store.db, _SQL, t.next_due()) is None

    def next_due_in(self) -> float | None:
        """Give in how many seconds the next job can be taken, or None when none waits."""
        due = perform(self.store.db, _SQL, t.next_due())
        return None if due is None else (due - now_of(self.now)).total_seconds()

    def waiting(self) -> list[tuple[object, ...]]:
        """Give the jobs that wait to be done, with whoever holds them."""
        return self.store.db.execute("SELECT key, due, not_before, attempts, lease, lease_until FROM job").fetchall()

    @property
    def calm(self) -> bool:
        """Give whether nothing hinders any node now."""
        return self.store_fails == 0 and all(node.process.runs for node in self.nodes)

    def close(self) -> None:
        """End the history."""
        for node in self.nodes:
            node.process.die()
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        self.store.close()


def _seen(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
