"""Each incident type from its alert to its review: what is written on the way is what a careful person would write.

The expectations were written by hand from the templates of each runbook, never by the code they judge: for the
bundled runbook as plain texts, for the one found in the world as edits over its own lines.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from drills.edits import expected
from drills.plans import BUNDLED, FOUND, Plan
from drills.story import Document
from drills.walk import Walk
from tocsin.errors import Refused, UsageError
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.response.deadlines import deadlines_of
from tocsin.response.phases import phases_of
from tocsin.web.drafting import answered, asked_for

GOLDEN = Path(__file__).parent / "golden"
TEXTS = {"internal": "internal.txt", "public": "public.txt", "resolved": "resolved.txt", "review": "review.md"}
ENTRIES = pytest.mark.parametrize("entry", list(BUNDLED))
PLANS = {"bundled": BUNDLED, "found": FOUND}


class Case(NamedTuple):
    """A runbook and what is expected of it."""

    document: Document
    plan: Plan
    golden: dict[str, str]


@pytest.fixture
def case(request: pytest.FixtureRequest, document: Document, entry: str) -> Case:
    """The plan and the expectations of an entry in a runbook."""
    which = request.node.callspec.params["document"]
    if which == "found":
        golden = expected(GOLDEN / which / f"{entry}.txt", document.body)
    else:
        golden = {part: (GOLDEN / which / entry / name).read_text() for part, name in TEXTS.items()}
    return Case(document, PLANS[which][entry], {part: text.strip() for part, text in golden.items()})


def complete(text: str) -> str:
    """Answer what is asked for."""
    return answered(text, {label: f"{label} as far as we know" for label in asked_for(text)})


@ENTRIES
async def test_an_incident_is_told_from_its_alert_to_its_review(case: Case, entry: str) -> None:
    walk = await Walk(case.document, entry, case.plan).begin()
    story, who, golden = walk.story, case.plan.who, case.golden
    assert f"0:00 {who}" in story.pages()
    await _diagnosed(walk)
    await story.until("0:05")

    internal = await walk.drafted("internal", "investigating")
    assert internal.text == golden["internal"]
    with pytest.raises(UsageError, match="still asks"):
        await walk.posts(internal, internal.text, public=False)
    await walk.posts(internal, complete(internal.text), public=False)
    assert story.take("notification")[-1].message.text.strip() == complete(golden["internal"]).replace("**", "")

    public = await walk.drafted("public", "investigating")
    assert public.text == golden["public"]
    await _published(walk, complete(golden["public"]))

    for minute, wish in case.plan.acts:
        await story.until(minute)
        await story.wishes(wish)
    await story.until("0:24")
    await story.wishes(w.Resolve(by=f"person:{who}", why=case.plan.solved))
    await story.until("0:25")
    resolved = await walk.drafted("resolved", "resolved")
    assert resolved.text == golden["resolved"]
    await walk.posts(resolved, complete(resolved.text), public=entry != "data-breach")
    page = await walk.status_page()
    assert page.calm
    assert [one.updates[0].body for one in page.earlier] == (
        [] if entry == "data-breach" else [complete(golden["resolved"])]
    )

    assert (await walk.review()).markdown.strip() == golden["review"]
    await _cited(walk)


async def _diagnosed(walk: Walk) -> None:
    """What was proven to read ran once, and only that; each other diagnostic says why it did not."""
    bodies = [fact.body for fact in await walk.story.facts(f.DiagnosticsChosen, f.StepRan)]
    chosen = [body for body in bodies if isinstance(body, f.DiagnosticsChosen)]
    proven = {one.step: one.effective for body in chosen for one in body.run}
    assert sorted(proven) == [body.step for body in bodies if isinstance(body, f.StepRan)]
    assert sorted(proven.values()) == sorted(command.text for command in walk.runner.asked)
    assert all(one.because for body in chosen for one in body.refused)


async def _published(walk: Walk, text: str) -> None:
    """Everybody reads what was posted, word for word; of a breach nothing can be posted and nothing is shown."""
    drafted = await walk.drafted("public", "investigating")
    if walk.entry == "data-breach":
        with pytest.raises(Refused, match="restricted"):
            await walk.posts(drafted, text, public=True)
        page = await walk.status_page()
        assert (page.calm, page.open, page.earlier) == (True, (), ())
        return
    assert (await walk.status_page()).calm
    await walk.posts(drafted, text, public=True)
    [shown] = (await walk.status_page()).open
    assert [said.body for said in shown.updates] == [text]


async def _cited(walk: Walk) -> None:
    """Each line of the review that was filled in cites facts, and a time in it is the time of the first of them."""
    at = {fact.seq: fact.at for fact in await walk.story.facts()}
    lines = [line for part in (await walk.review()).parts for line in part.lines]
    assert lines
    for line in lines:
        assert line.cites, line.text
        assert set(line.cites) <= set(at), line.text
        told = re.match(r"(\d\d):(\d\d) - ", line.text)
        if told:
            first = at[line.cites[0]]
            assert (int(told[1]), int(told[2])) == (first.hour + 1, first.minute), line.text


async def test_a_breach_has_an_owner_for_each_phase_and_a_clock_until_each_notice_is_sent(document: Document) -> None:
    walk = await Walk(document, "data-breach", BUNDLED["data-breach"]).begin()
    loaded, incident = await walk.loaded()
    phases = phases_of(loaded.world.runbook.incident_type("data-breach"))
    assert [phase.id for phase in phases] == ["contain", "preserve-evidence", "investigate", "notify"]
    for phase in phases:
        await walk.story.wishes(w.TakePhase(by="person:eva", phase=phase.id, person="lea"))
    clocks = [clock.id for clock in deadlines_of(incident, loaded.world.runbook)]
    assert "authority" in clocks
    for clock in clocks:
        await walk.story.wishes(w.MeetDeadline(by="person:lea", deadline=clock, note="Sent"))
    await walk.story.wishes(w.Resolve(by="person:eva"))
    await walk.story.until("80:00")
    topics = [fact.body.topic for fact in await walk.story.facts(f.Reminded) if isinstance(fact.body, f.Reminded)]
    assert not [topic for topic in topics if topic.startswith("deadline/")]
    told = (await walk.review()).markdown
    assert all(f"Lea owns {phase.id}." in told for phase in phases)
    assert all(f"Deadline met ({clock}), by Lea: “Sent”" in told for clock in clocks)
    assert (await walk.status_page()).earlier == ()
