"""A breach: who is called, who may see it, and the clocks of the law."""

import pytest

from drills.story import Begin, Story
from tocsin.errors import NotFound
from tocsin.incident.facts import DeadlineMet, Reminded
from tocsin.incident.wishes import MeetDeadline, TakePhase
from tocsin.response.deadlines import deadlines_of
from tocsin.store.transactions import Viewer


async def clocks(story: Story) -> list[str]:
    """The clocks that run, each with when it ends."""
    loaded = await story.rehearsal.incident(await story.number())
    assert loaded.incident is not None
    return [f"{clock.id} {story.when(clock.due)}" for clock in deadlines_of(loaded.incident, loaded.world.runbook)]


async def alarms(story: Story, deadline: str) -> list[str]:
    """When the alarms of a clock went off."""
    given = await story.facts(Reminded)
    topic = f"deadline/{deadline}"
    return [story.when(f.at) for f in given if isinstance(f.body, Reminded) and f.body.topic == topic]


async def test_a_breach_calls_those_its_entry_names_and_nobody_else_sees_it(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    assert story.pages() == ["0:00 eva", "0:00 lea", "0:00 sam"]
    incident = await story.incident()
    assert incident.restricted
    engine, number = story.rehearsal.engine, await story.number()
    for who, may_see in (("lea", True), ("eva", True), ("mira", False), ("jonas", False)):
        viewer = Viewer(everything=False, person=who)
        if may_see:
            assert (await engine.load(number, viewer)).incident is not None
        else:
            with pytest.raises(NotFound):
                await engine.load(number, viewer)


async def test_whoever_is_given_a_phase_may_see_it(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    await story.wishes(TakePhase(by="person:lea", phase="contain", person="mira"))
    assert "mira" in (await story.incident()).concerned


async def test_the_authority_has_72_hours_whatever_the_document_says_of_persons(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    running = await clocks(story)
    assert "authority 72:00" in running
    stated = [one for one in story.policy.deadlines if one.incident_type == "data-breach"]
    names_the_authority = any("authority" in one.what for one in stated)
    assert running == (["authority 72:00"] if names_the_authority else ["affected-users 72:00", "authority 72:00"])


async def test_a_clock_wakes_everybody_concerned_a_day_six_hours_an_hour_before_and_at_its_end(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    await story.acknowledges("eva")
    await story.resolves("eva")
    story.take("page", "notification")
    await story.until("80:00")
    assert await alarms(story, "authority") == ["48:00", "66:00", "71:00", "72:00"]
    paged = {one.split(" ")[0] for one in story.pages()}
    assert {"48:00", "66:00", "71:00", "72:00"} <= paged


async def test_alarms_go_to_everybody_concerned(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    await story.acknowledges("eva")
    await story.resolves("eva")
    story.take("page", "notification")
    await story.until("48:00")
    assert {"48:00 eva", "48:00 lea", "48:00 sam"} <= set(story.pages())


async def test_a_clock_goes_on_after_the_end_until_it_is_met(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach")
    await story.acknowledges("eva")
    await story.resolves("eva")
    await story.until("50:00")
    assert await alarms(story, "authority") == ["48:00"]
    for clock in await clocks(story):
        met = MeetDeadline(by="person:lea", deadline=clock.split(" ")[0], note="Filed, reference 17")
        await story.wishes(met)
        await story.wishes(met)
    story.take("page", "notification")
    await story.until("80:00")
    assert await alarms(story, "authority") == ["48:00"]
    assert not [sent for sent in story.take("page") if "deadline" in sent.message.text]
    assert len(await story.facts(DeadlineMet)) == len(await clocks(story))
