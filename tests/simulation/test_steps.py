"""A step that changes something: whoever runs it may die or fall asleep at any moment, and it never runs twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tocsin.drill.rehearsal import Rehearsal
from tocsin.drill.runner import RehearsalRunner, printed
from tocsin.engine.deeds import LEASE, Deeds
from tocsin.engine.links import Links
from tocsin.engine.worker import Worker
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.settings import Person, ReachStep, Settings
from tocsin.store.transactions import SYSTEM

CHANGE = "pm2 restart sequencer"
PEOPLE = {"mira": Person(id="mira", name="Mira", reach=(ReachStep(via=("push",)),))}
MOST_AWAITS = 40


class Counted:
    """A store, or a runner, that reports each call before it is made and after it was."""

    def __init__(self, inner: Any, at: Callable[[], Awaitable[None]]) -> None:
        self._inner, self._at = inner, at
        self.lease_expires, self.in_order = True, True

    def close(self) -> None:
        self._inner.close()

    async def _told(self, call: Callable[[Any], Awaitable[Any]], what: Any) -> Any:
        await self._at()
        result = await call(what)
        await self._at()
        return result

    async def write(self, transaction: Any) -> Any:
        return await self._told(self._inner.write, transaction)

    async def read(self, transaction: Any) -> Any:
        return await self._told(self._inner.read, transaction)

    async def run(self, command: Any) -> Any:
        return await self._told(self._inner.run, command)


class Moment:
    """Counts what a worker awaits; at the chosen one it stops there until `goes_on` is set."""

    def __init__(self, chosen: int) -> None:
        self.count, self._chosen = 0, chosen
        self.reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        self.count += 1
        if self.count == self._chosen:
            self.reached.set()
            await self.goes_on.wait()


async def approved(example: bytes, runner: RehearsalRunner) -> tuple[Rehearsal, str]:
    """A Tocsin in which Mira has just approved a step that changes something; nobody has run it yet."""
    team = Settings(people=PEOPLE, fallback=("mira",), roles={"L1": ("mira",)})
    rehearsal = await Rehearsal(example, team, runner=runner).begin()
    await rehearsal.alert("It is down", incident_type="sequencer-down")
    [number] = await rehearsal.numbers()
    world = (await rehearsal.incident(number)).world
    entry = world.runbook.incident_type("sequencer-down")
    assert entry is not None
    step = next(one for branch in entry.resolution for one in branch.steps if CHANGE in one.source and one.executable)
    runner.answers[CHANGE] = printed("done")
    await rehearsal.engine.act(number, w.Run(by="person:mira", step=step.id), SYSTEM)
    return rehearsal, number


async def first_worker(rehearsal: Rehearsal, runner: RehearsalRunner, moment: Moment) -> asyncio.Task[None]:
    """A second process on the same store, which works until nothing is due; it may stop at the moment."""
    store = Counted(rehearsal.store, moment)
    engine = type(rehearsal.engine)(store, rehearsal.clock, rehearsal.engine.worlds)
    deeds = Deeds(engine, dict(rehearsal.channels), Links("rehearsal", "http://here"), Counted(runner, moment))
    worker = Worker(engine, deeds)

    async def work() -> None:
        while await worker.step():
            pass

    return asyncio.create_task(work())


async def stopped_at(chosen: int, example: bytes, *, dies: bool) -> tuple[int, list[f.FactBody], bool]:
    """Stop the first worker at its n-th moment, let another take over, and let the first die or wake up."""
    runner = RehearsalRunner()
    rehearsal, number = await approved(example, runner)
    moment = Moment(chosen)
    first = await first_worker(rehearsal, runner, moment)
    waiting = asyncio.create_task(moment.reached.wait())
    await asyncio.wait({first, waiting}, return_when=asyncio.FIRST_COMPLETED)
    stopped = moment.reached.is_set()
    waiting.cancel()
    if dies:
        first.cancel()
        await asyncio.wait({first})
    rehearsal.clock.advance(LEASE + timedelta(seconds=1))
    await rehearsal.settle()
    moment.goes_on.set()
    await asyncio.wait({first})
    await rehearsal.let_pass(timedelta(minutes=5))
    facts = [fact.body for fact in (await rehearsal.incident(number)).facts]
    rehearsal.store.close()
    return runner.times(CHANGE), facts, stopped


@pytest.mark.parametrize("dies", [True, False], ids=["dies", "falls asleep"])
async def test_wherever_its_worker_stops_a_changing_step_starts_once_and_its_end_is_known_or_lost(
    example: bytes, dies: bool
) -> None:
    ends: set[tuple[str, ...]] = set()
    for chosen in range(1, MOST_AWAITS):
        ran, facts, stopped = await stopped_at(chosen, example, dies=dies)
        ended = tuple(type(one).__name__ for one in facts if isinstance(one, f.StepLost) or _changed(one))
        assert ran <= 1, chosen
        assert sum(isinstance(one, f.StepStarted) for one in facts) == 1, chosen
        assert ended in {("StepRan",), ("StepLost",), ("StepLost", "StepRan")}, chosen
        if not stopped:
            assert (ran, ended) == (1, ("StepRan",))
            break
        ends.add(ended)
    else:
        pytest.fail("a worker awaits more than this test can stop it at")
    both = {("StepRan",), ("StepLost",) if dies else ("StepLost", "StepRan")}
    assert both <= ends


def _changed(fact: f.FactBody) -> bool:
    return isinstance(fact, f.StepRan) and CHANGE in fact.effective
