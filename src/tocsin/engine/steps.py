"""Running a step and recording what came of it.

A step that only reads is run first and recorded then: after a crash it is simply run again. A step that changes
something is announced first (`StepStarted`): if whoever ran it is gone, its outcome is unknown, a person decides, and
it is never tried again.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import msgspec

from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.ports import Runner
from tocsin.errors import StoreUnavailable
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident.progress import StepState
from tocsin.incident.step_facts import Chosen
from tocsin.response.diagnostics import step_of
from tocsin.response.finding import finding
from tocsin.runbook.policy import Step
from tocsin.runner.addresses import without_password
from tocsin.runner.command import Command, Database, Host, Outcome, base_environment
from tocsin.settings import LOCAL
from tocsin.store.artifacts import keep

log = logging.getLogger("tocsin.steps")

EXCERPT = 2000
"""Characters of output that stand in the timeline; all that was kept is stored under its sha256."""

REACHING = timedelta(seconds=5)
"""How long another place may take over nothing."""
_NOWHERE = Outcome(
    how="not-started",
    exit=None,
    out="",
    err="running steps is switched off: [targets.local] run = false",
    truncated=False,
    redactions=0,
    seconds=0.0,
)


class Place(NamedTuple):
    """Where steps run. `environment` holds values, `secrets` everything that must never be shown.

    Every step sees what is `inherited`, and of `environment` what its text names.
    `where` None is this machine, and `far` are the other places by name.
    """

    environment: Mapping[str, str] = {}
    secrets: tuple[str, ...] = ()
    directory: str | None = None
    run: bool = True
    where: Host | Database | None = None
    inherited: Mapping[str, str] = {}
    far: Mapping[str, "Place"] = {}


class Steps:
    """Performs RunStep jobs."""

    def __init__(self, engine: Engine, runner: Runner | None) -> None:
        """Take the engine that records and what runs commands; without it, nothing runs and the timeline says so."""
        self._engine, self._runner = engine, runner
        self.place = Place()

    async def reach(self) -> tuple[tuple[str, Outcome], ...]:
        """Ask every other place for nothing at all, at once, and give what came of it by name."""
        if self._runner is None:
            return ()
        runner = self._runner
        asked = [
            (name, Command(text="SELECT 1" if isinstance(place.where, Database) else "true", environment={},
                           directory=place.directory, timeout=REACHING, secrets=place.secrets, where=place.where))
            for name, place in self.place.far.items()
        ]  # fmt: skip
        outcomes = await asyncio.gather(*(runner.run(command) for _, command in asked))
        return tuple(zip((name for name, _ in asked), outcomes, strict=True))

    async def perform(self, held: j.Claimed, do: j.RunStep, loaded: Loaded) -> None:
        """Run a step that is wanted, or record that it was lost."""
        state = loaded.incident.progress.steps[do.step] if loaded.incident else None
        if state is None:
            return
        if state.status == "running":
            await self._lost(held, do)
            return
        task = state.approved or state.chosen
        if task is None:
            return
        if do.changes and not await self._start(held, do):
            await self._engine.settle(held.job.owner, lambda *_: (), held)
            return
        outcome = await self._run(task)
        await self._record(held, do, task, outcome, loaded)

    async def _start(self, held: j.Claimed, do: j.RunStep) -> bool:
        """Announce a changing step; False when it ended, or somebody else announced it, since it was looked at.

        Whoever commits the announcement runs the step, and nobody else: a worker that was asleep longer than its
        lease finds it announced by the next one.
        """
        announced = False

        def decided(loaded: Loaded, _: object) -> tuple[f.FactBody, ...]:
            nonlocal announced
            facts = self._starting(loaded, do)
            announced = bool(facts)
            return facts

        await self._engine.settle(held.job.owner, decided, None)
        return announced

    async def _run(self, task: f.StepApproved | Chosen) -> Outcome:
        if self._runner is None or not self.place.run:
            return _NOWHERE
        place = self.place if task.target == LOCAL else self.place.far.get(task.target)
        if place is None:
            return msgspec.structs.replace(_NOWHERE, err=f"there is no [targets.{task.target}] any more")
        named = {name: value for name, value in place.environment.items() if _names(task.effective, name)}
        usual = base_environment() if place.where is None else {}
        command = Command(
            text=task.effective,
            environment={**usual, **place.inherited, **_apart(named, task.connects), **task.environment},
            directory=place.directory,
            timeout=timedelta(seconds=task.seconds),
            secrets=place.secrets,
            files=task.files,
            where=place.where,
        )
        return await self._runner.run(command)

    async def _record(
        self, held: j.Claimed, do: j.RunStep, task: f.StepApproved | Chosen, outcome: Outcome, loaded: Loaded
    ) -> None:
        output = "\n".join(part.rstrip() for part in (outcome.out, outcome.err) if part.strip()).lstrip("\n")
        body = output.encode()
        sha = hashlib.sha256(body).hexdigest()
        if body:
            await self._keep(body, sha)
        found = finding(_step(loaded, do), task.effective, outcome)
        fact = f.StepRan(
            step=do.step,
            run=do.run,
            title=task.title,
            effective=task.effective,
            how=outcome.how,
            exit=outcome.exit,
            seconds=round(outcome.seconds, 3),
            found=found.text,
            verdict=found.verdict,
            excerpt=excerpt(output),
            output=sha if body else "",
            size=len(body),
            truncated=outcome.truncated,
            redactions=outcome.redactions,
            line=task.line,
        )
        await self._engine.record(loaded, lambda *_: (fact,), held)

    async def _keep(self, body: bytes, sha: str) -> None:
        while True:
            try:
                await self._engine.store.write(keep(body, sha, self._engine.clock.now()))
            except StoreUnavailable:
                await asyncio.sleep(1)
            else:
                return

    async def _lost(self, held: j.Claimed, do: j.RunStep) -> None:
        def decided(loaded: Loaded, _: object) -> tuple[f.FactBody, ...]:
            state = _state(loaded, do)
            task = (state.approved or state.chosen) if state and state.status == "running" else None
            if task is None:
                return ()
            return (f.StepLost(step=do.step, run=do.run, title=task.title, line=task.line),)

        log.warning("%s: whoever ran it is gone", held.job.key)
        await self._engine.settle(held.job.owner, decided, held)

    def _starting(self, loaded: Loaded, do: j.RunStep) -> tuple[f.FactBody, ...]:
        state = _state(loaded, do)
        is_open = loaded.incident is not None and loaded.incident.status != "resolved"
        if not is_open or state is None or state.approved is None or state.status != "approved":
            return ()
        return (f.StepStarted(step=do.step, run=do.run, title=state.approved.title, line=state.approved.line),)


def excerpt(output: str) -> str:
    """Give the head and the tail of an output, for the timeline."""
    if len(output) <= EXCERPT:
        return output
    half = EXCERPT // 2
    return f"{output[:half]}\n… {len(output) - EXCERPT} characters left out …\n{output[-half:]}"


def _state(loaded: Loaded, do: j.RunStep) -> StepState | None:
    state = loaded.incident.progress.steps.get(do.step) if loaded.incident else None
    return state if state is not None and state.run == do.run else None


def _step(loaded: Loaded, do: j.RunStep) -> Step:
    if loaded.incident is None:
        raise TypeError("a step belongs to an incident")
    return step_of(loaded.world.runbook, loaded.incident, do.step)


def _apart(named: Mapping[str, str], connects: tuple[str, ...]) -> dict[str, str]:
    """Give the variables with the password of a database beside its address."""
    found = {name: without_password(named[name]) for name in connects if name in named}
    password = next((word for _, word in found.values() if word), None)
    addresses = {name: address for name, (address, _) in found.items()}
    return {**named, **addresses, **({"PGPASSWORD": password} if password else {})}


def _names(text: str, variable: str) -> bool:
    return re.search(rf"\b{re.escape(variable)}\b", text) is not None
