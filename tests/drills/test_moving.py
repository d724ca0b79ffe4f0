"""People merge incidents and split alerts off: who is paged then, what ends with what, and what is refused."""

import asyncio
from datetime import datetime

import pytest

from drills.story import Begin, Story
from drills.test_grouping import fires
from drills.test_silences import held, silence
from tocsin.engine import moving
from tocsin.engine.verify import verify
from tocsin.errors import NotFound, Refused, UsageError
from tocsin.grouping.moving import Mover
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.store import transactions as t

ONE, TWO, THREE = "INC-2026-0001", "INC-2026-0002", "INC-2026-0003"
MIRA = Mover("person:mira", "the same outage")


async def merge(story: Story, number: str = TWO, into: str = ONE, who: Mover = MIRA) -> Incident:
    """Let Mira merge an incident into another one."""
    done = await moving.merge(story.rehearsal.engine, number, into, who, t.SYSTEM)
    await story.rehearsal.settle()
    return done


async def split(story: Story, *keys: str, number: str = ONE) -> Incident:
    """Let Mira split alerts off."""
    groups = tuple(f"rehearsal/{key}" for key in keys)
    done = await moving.split(story.rehearsal.engine, number, groups, MIRA, t.SYSTEM)
    await story.rehearsal.settle()
    return done


async def known(story: Story, number: str) -> Incident:
    """Give an incident as it is."""
    found = (await story.rehearsal.incident(number)).incident
    assert found is not None
    return found


async def whole(story: Story) -> bool:
    """Give whether every hash chain is as it should be."""
    return not (await verify(story.rehearsal.store)).faults


async def two(begin: Begin) -> Story:
    """Let two different troubles be open, each with its page."""
    story = await begin()
    await fires(story, "a")
    await fires(story, "b", "high-error-rate")
    assert story.pages() == ["0:00 mira", "0:00 mira"]
    return story


async def test_a_merged_incident_is_over_and_its_alerts_go_on_in_the_other(begin: Begin) -> None:
    story = await two(begin)
    done = await merge(story)
    left = await known(story, TWO)
    assert (done.number, done.absorbed, set(done.others)) == (ONE, (TWO,), {"rehearsal/b"})
    assert (left.status, left.merged_into) == ("resolved", ONE)
    assert (await story.rehearsal.incident(TWO)).jobs == ()
    await story.until("0:16")
    assert story.pages() == ["0:15 jonas"]  # for the one that goes on alone
    await fires(story, "a", action="resolve")
    assert (await known(story, ONE)).status == "triggered"
    await fires(story, "b", action="resolve")
    assert (await known(story, ONE)).status == "resolved"
    assert await whole(story)


async def test_what_fires_again_comes_to_the_one_it_goes_on_in(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    await _resolve(story)
    await story.until("0:03")
    await fires(story, "b", "high-error-rate")
    assert ((await known(story, ONE)).status, (await known(story, TWO)).status) == ("triggered", "resolved")
    assert len(await story.rehearsal.numbers()) == 2


async def _resolve(story: Story) -> None:
    await story.rehearsal.act(ONE, w.Resolve(by="person:mira"))


async def test_what_was_merged_in_never_joins_an_incident_of_the_entry_that_is_not_its_own(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", component="one")
    await fires(story, "b", "high-error-rate")
    await merge(story)
    await fires(story, "c", component="other")  # the entry of the first, and somebody has it
    await story.rehearsal.engine.act(THREE, w.Acknowledge(by="person:mira", via="cli"), t.SYSTEM)
    for key in "ab":
        await fires(story, key, action="resolve")
    await story.until("0:02")
    await fires(story, "b", "high-error-rate")
    assert ((await known(story, ONE)).status, (await known(story, THREE)).others) == ("triggered", {})
    assert story.pages()[-1] == "0:02 mira"
    assert await whole(story)


async def test_what_was_merged_in_joins_an_open_incident_of_its_own_entry_instead_of_reopening(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    await fires(story, "c", "high-error-rate")
    for key in "ab":
        await fires(story, key, action="resolve")
    await fires(story, "b", "high-error-rate")
    assert ((await known(story, ONE)).status, set((await known(story, THREE)).others)) == ("resolved", {"rehearsal/b"})


async def test_a_silence_of_its_own_entry_holds_back_what_was_merged_in(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    for key in "ab":
        await fires(story, key, action="resolve")
    await silence(story, "entry=high-error-rate", minutes=3)
    await fires(story, "b", "high-error-rate")
    assert ((await known(story, ONE)).status, await held(story), story.pages()) == ("resolved", ["b"], [])
    await story.until("0:04")
    assert ((await known(story, ONE)).status, story.pages()) == ("triggered", ["0:03 mira"])


async def test_what_is_left_of_a_merged_incident_does_not_follow_what_was_split_off(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    await split(story, "a")
    await fires(story, "b", action="resolve")
    await story.until("0:02")
    story.pages()
    await fires(story, "b", "high-error-rate")
    assert ((await known(story, ONE)).status, (await known(story, THREE)).others) == ("triggered", {})
    assert story.pages() == ["0:02 mira"]


async def test_merging_twice_says_nothing_twice(begin: Begin) -> None:
    story = await two(begin)
    first, second = await merge(story), await merge(story)
    assert first.seq == second.seq
    facts = (await story.rehearsal.incident(ONE)).facts
    assert sum(isinstance(fact.body, f.Absorbed) for fact in facts) == 1


async def test_merging_raises_the_severity_to_the_worse_of_the_two(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", severity="P2")
    await fires(story, "b", "high-error-rate", severity="P1")
    assert (await merge(story)).severity == "P1"


async def test_the_acknowledgement_of_the_one_it_goes_on_in_counts(begin: Begin) -> None:
    story = await two(begin)
    await story.rehearsal.act(ONE, w.Acknowledge(by="person:mira"))
    assert (await merge(story)).status == "acknowledged"
    await story.until("0:20")
    assert story.pages() == []


async def test_a_merge_and_an_acknowledgement_at_once_both_hold_or_one_is_refused(begin: Begin) -> None:
    story = await two(begin)
    engine = story.rehearsal.engine
    merging = moving.merge(engine, TWO, ONE, MIRA, t.SYSTEM)
    taking = engine.act(TWO, w.Acknowledge(by="person:jonas"), t.SYSTEM)
    merged, taken = await asyncio.gather(merging, taking, return_exceptions=True)
    assert isinstance(merged, Incident)
    assert isinstance(taken, Incident | Refused)
    assert (await known(story, TWO)).merged_into == ONE
    assert await whole(story)


@pytest.mark.parametrize(("number", "into", "error"), [(ONE, ONE, UsageError), (ONE, THREE, NotFound)])
async def test_what_cannot_be_merged_is_refused(begin: Begin, number: str, into: str, error: type[Exception]) -> None:
    story = await two(begin)
    with pytest.raises(error):
        await merge(story, number, into)
    assert (await known(story, ONE)).status == "triggered"


async def test_what_is_over_and_what_few_may_see_stay_apart(begin: Begin) -> None:
    story = await two(begin)
    await fires(story, "c", "data-breach", severity="P0")
    with pytest.raises(Refused, match="restricted"):
        await merge(story, THREE, ONE)
    await _resolve(story)
    for number, into in ((ONE, TWO), (TWO, ONE)):
        with pytest.raises(Refused, match="is resolved"):
            await merge(story, number, into)


async def test_a_merged_incident_cannot_be_reopened_while_the_other_is_open(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    with pytest.raises(Refused, match=ONE):
        await story.rehearsal.act(TWO, w.Reopen(by="person:mira"))


async def test_alerts_that_are_split_off_have_an_incident_that_pages(begin: Begin) -> None:
    story = await begin()
    for key in "abc":
        await fires(story, key)
    await story.acknowledges("mira")
    story.pages()
    await story.until("0:05")
    done = await split(story, "b", "c")
    assert (done.number, done.former, done.groups) == (TWO, ONE, ("rehearsal/b", "rehearsal/c"))
    assert done.because[0].text == f"it was split off from {ONE}: the same outage"
    assert story.pages() == ["0:05 mira"]
    left = await known(story, ONE)
    assert (left.groups, left.status) == (("rehearsal/a",), "acknowledged")
    await fires(story, "a", action="resolve")
    assert ((await known(story, ONE)).status, (await known(story, TWO)).status) == ("resolved", "triggered")
    for key in "bc":
        await fires(story, key, action="resolve")
    assert (await known(story, TWO)).status == "resolved"
    assert await whole(story)


async def test_its_own_alert_can_be_split_off_too(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    await split(story, "a")
    assert ((await known(story, ONE)).groups, (await known(story, TWO)).groups) == (("rehearsal/b",), ("rehearsal/a",))
    await fires(story, "b", action="resolve")
    await fires(story, "a")
    assert ((await known(story, ONE)).status, (await known(story, TWO)).status) == ("resolved", "triggered")
    assert len(await story.rehearsal.numbers()) == 2


@pytest.mark.parametrize("after", ["0:02", "0:20"], ids=["within the grace", "after it"])
@pytest.mark.parametrize("key", ["a", "b"])
async def test_what_a_person_split_apart_does_not_come_together_again(begin: Begin, after: str, key: str) -> None:
    story = await begin()
    for one in "ab":
        await fires(story, one)
    await split(story, "b")
    for number in (ONE, TWO):
        await story.rehearsal.engine.act(number, w.Acknowledge(by="person:mira", via="cli"), t.SYSTEM)
    await fires(story, key, action="resolve")
    await story.until(after)
    story.pages()
    await fires(story, key)  # somebody has the other one, so joining that would wake nobody
    assert story.pages() == [f"{after} mira"]
    assert [(await known(story, number)).others for number in await story.rehearsal.numbers()][:2] == [{}, {}]
    assert await whole(story)


async def test_what_was_merged_in_again_after_a_split_is_part_of_it_as_before(begin: Begin) -> None:
    story = await begin()
    for one in "ab":
        await fires(story, one)
    await split(story, "b")
    await merge(story)
    for one in "ab":
        await fires(story, one, action="resolve")
    await fires(story, "b")
    assert ((await known(story, ONE)).status, (await known(story, TWO)).status) == ("triggered", "resolved")


async def test_splitting_the_same_off_twice_gives_the_same_incident(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    assert (await split(story, "b")).number == (await split(story, "b")).number == TWO


async def test_what_is_over_and_split_off_does_not_keep_anything_open(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    await fires(story, "b", action="resolve")
    await split(story, "b")
    assert ((await known(story, ONE)).status, (await known(story, TWO)).status) == ("triggered", "resolved")
    for key in "cd":
        await fires(story, key)
    await fires(story, "a", action="resolve")
    await split(story, "c", "d")
    assert ((await known(story, ONE)).status, (await known(story, THREE)).status) == ("resolved", "triggered")


async def test_what_cannot_be_split_off_is_refused(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    for keys, error in (((), UsageError), (("x",), NotFound), (("a", "b"), Refused)):
        with pytest.raises(error):
            await split(story, *keys)
    await _resolve(story)
    with pytest.raises(Refused, match="is resolved"):
        await split(story, "a")


async def test_merged_and_split_apart_again_is_as_before(begin: Begin) -> None:
    story = await two(begin)
    await merge(story)
    done = await split(story, "b")
    assert (done.number, done.incident_type, done.groups) == (THREE, "high-error-rate", ("rehearsal/b",))
    await fires(story, "b", "high-error-rate", action="resolve")
    assert ((await known(story, ONE)).status, (await known(story, THREE)).status) == ("triggered", "resolved")


async def test_an_end_in_a_newer_incident_does_not_close_what_a_person_reopened_since(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a")
    await fires(story, "b")
    for key in "ab":
        await fires(story, key, action="resolve")
    await story.until("0:30")  # too late to reopen: what comes now is new
    await fires(story, "b")
    await fires(story, "b", action="resolve")
    assert (await known(story, TWO)).status == "resolved"
    await story.rehearsal.act(ONE, w.Reopen(by="person:mira"))
    await story.rehearsal.store.write(_look_again("rehearsal/b", story.rehearsal.clock.now()))
    await story.rehearsal.settle()
    assert (await known(story, ONE)).status != "resolved"


def _look_again(group_key: str, now: datetime) -> t.Transaction[None]:
    """Ask for a turn of a group, as a node does that is not sure of its last one."""
    yield t.nudge(group_key, now)
