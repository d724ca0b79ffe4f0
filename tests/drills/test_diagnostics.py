"""What runs by itself, what people start, and what is said of it."""

from datetime import timedelta

import pytest

from drills.story import Begin, Document, Story, settings
from tocsin.detection.alert import Alert
from tocsin.drill.rehearsal import MONDAY_MORNING, Rehearsal
from tocsin.drill.runner import NOTHING_WAS_RUN, RehearsalRunner, printed
from tocsin.engine.deeds import LEASE
from tocsin.incident import facts as f
from tocsin.incident.wishes import Resolve, Run
from tocsin.runbook.policy import Step
from tocsin.runner.command import Outcome
from tocsin.store.transactions import SYSTEM


async def staged(document: Document, runner: RehearsalRunner) -> Story:
    """A story in which commands answer as they are told to."""
    story = Story(document, settings(), MONDAY_MORNING, "UTC")
    story.rehearsal = await Rehearsal(document.body, settings(), MONDAY_MORNING, runner).begin()
    return story


def everything(out: str) -> RehearsalRunner:
    return RehearsalRunner({"": printed(out)})


def change(document: Document) -> Step:
    """A step of the first entry that may change something."""
    entry = document.policy.incident_type("sequencer-down")
    assert entry is not None
    steps = [step for branch in entry.resolution for step in branch.steps]
    return next(step for step in steps if step.kind == "command" and step.executable)


async def named(story: Story, kind: type[f.FactBody]) -> list[f.FactBody]:
    return [fact.body for fact in await story.facts(kind)]


async def chosen(story: Story) -> f.DiagnosticsChosen:
    found = await named(story, f.DiagnosticsChosen)
    assert isinstance(found[-1], f.DiagnosticsChosen)
    return found[-1]


async def ran(story: Story) -> list[tuple[str, int]]:
    return [(one.step, one.run) for one in await named(story, f.StepRan) if isinstance(one, f.StepRan)]


async def test_diagnostics_run_at_the_opening_and_those_refused_say_why(document: Document) -> None:
    story = await staged(document, everything("one line"))
    await story.alert("sequencer-down")
    judged = await chosen(story)
    assert judged.run
    assert sorted(await ran(story)) == sorted((one.step, 1) for one in judged.run)
    entry = document.policy.incident_type("sequencer-down")
    assert entry is not None
    steps = {step.id for step in entry.diagnostics if step.kind == "command"}
    assert {one.step for one in judged.run} | {one.step for one in judged.refused} == steps
    assert all(one.because and one.line for one in judged.refused)


async def test_a_later_page_carries_what_was_found(document: Document) -> None:
    story = await staged(document, everything("one line"))
    await story.alert("sequencer-down", "P0")
    await story.until("0:15")
    jonas = next(sent for sent in story.take("page") if sent.person == "jonas")
    [first] = (await chosen(story)).run[:1]
    assert "Found" in jonas.message.text
    found = jonas.message.data["found"]
    assert isinstance(found, list)
    assert found[0]["line"] == first.line


async def test_what_was_resolved_before_it_ran_is_not_run(document: Document) -> None:
    runner = everything("x")
    story = await staged(document, runner)
    engine = story.rehearsal.engine
    alert = Alert(
        source="s", dedup_key="k", action="trigger", summary="Down", severity="error", incident_type="sequencer-down"
    )
    await engine.ingest([alert])
    await story.rehearsal.worker.step()  # the turn that opens it, and nothing else
    await engine.act(await story.number(), Resolve(by="person:mira"), SYSTEM)
    await story.rehearsal.settle()
    assert (await chosen(story)).run
    assert runner.asked == []


async def test_reopening_runs_them_again(document: Document) -> None:
    story = await staged(document, everything("x"))
    await story.alert("sequencer-down")
    first = (await chosen(story)).run
    await story.resolves("mira")
    await story.reopens("mira")
    assert sorted(await ran(story)) == sorted((one.step, run) for run in (1, 2) for one in first)


async def test_what_a_person_starts_is_announced_before_it_runs(document: Document) -> None:
    story = await staged(document, everything("x"))
    await story.alert("sequencer-down")
    step = change(document)
    await story.wishes(Run(by="person:mira", step=step.id))
    own = [
        fact.body
        for fact in await story.facts(f.StepApproved, f.StepStarted, f.StepRan)
        if getattr(fact.body, "step", "") == step.id
    ]
    assert [type(body).__name__ for body in own] == ["StepApproved", "StepStarted", "StepRan"]


async def test_a_changing_step_whose_worker_died_is_lost_and_never_run_again(document: Document) -> None:
    step = change(document)
    runner = everything("x")
    story = await staged(document, runner)
    await story.alert("sequencer-down")
    before = len(runner.asked)

    def dies() -> Outcome:
        raise SystemExit

    runner.answers = {"": dies}
    await story.rehearsal.engine.act(await story.number(), Run(by="person:mira", step=step.id), SYSTEM)
    with pytest.raises(SystemExit):
        await story.rehearsal.settle()
    runner.answers = {"": printed("x")}
    await story.rehearsal.let_pass(LEASE + timedelta(minutes=10))
    assert len(runner.asked) == before + 1
    assert len(await named(story, f.StepLost)) == 1
    assert (await story.incident()).progress.steps[step.id].status == "unknown"


async def test_without_a_runner_nothing_is_run_and_the_timeline_says_so(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down")
    found = {one.found for one in await named(story, f.StepRan) if isinstance(one, f.StepRan)}
    assert found == {f"could not be started: {NOTHING_WAS_RUN.err}"}
