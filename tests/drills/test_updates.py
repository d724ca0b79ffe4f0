"""Updates: when the next one is asked for, and how one that was posted is sent."""

from drills.story import Begin, Story
from tocsin.incident.facts import Reminded, UpdateFailed, UpdateSent
from tocsin.incident.wishes import Post


async def asked_for(story: Story) -> list[str]:
    """When an update was asked for."""
    given = await story.facts(Reminded)
    return [story.when(f.at) for f in given if isinstance(f.body, Reminded) and f.body.topic == "update"]


async def posts(story: Story, *channels: str, status: str = "investigating") -> None:
    """Let Mira tell people something."""
    await story.wishes(
        Post(
            by="person:mira",
            status=status,  # type: ignore[arg-type]
            public=False,
            title="Orders are late",
            text="We are looking at the sequencer.",
            channels=channels,
        )
    )


async def test_nobody_is_asked_for_an_update_while_nobody_has_it(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("1:00")
    assert await asked_for(story) == []


async def test_whoever_has_it_is_asked_in_the_rhythm_that_was_promised(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    story.take("notification")
    await story.until("0:46")
    assert await asked_for(story) == ["0:15", "0:30", "0:45"]
    reminders = [sent for sent in story.take("notification") if sent.message.data.get("reminder")]
    assert [(story.when(sent.at), sent.person) for sent in reminders] == [
        ("0:15", "mira"),
        ("0:30", "mira"),
        ("0:45", "mira"),
    ]


async def test_a_posted_update_moves_the_next_one(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    await story.until("0:10")
    await posts(story)
    await story.until("0:24")
    assert await asked_for(story) == []
    await story.until("0:26")
    assert await asked_for(story) == ["0:25"]
    [update] = (await story.incident()).progress.updates
    assert update.body.next_at is not None
    assert story.when(update.body.next_at) == "0:25"


async def test_after_the_end_nobody_is_asked(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    await story.until("0:05")
    await story.resolves("mira")
    await story.until("2:00")
    assert await asked_for(story) == []


async def test_an_update_is_sent_to_each_channel_with_a_receipt(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    story.take("notification", "page")
    await posts(story, "push", "console")
    sent = [fact.body for fact in await story.facts(UpdateSent)]
    assert sorted(one.channel for one in sent if isinstance(one, UpdateSent)) == ["console", "push"]
    assert all(one.receipt for one in sent if isinstance(one, UpdateSent))
    assert [one.message.text.strip() for one in story.take("notification")] == ["We are looking at the sequencer."] * 2


async def test_a_channel_that_fails_for_good_is_told_and_stops_no_other(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    story.breaks("console", for_good=True)
    await posts(story, "push", "console")
    [failed] = [fact.body for fact in await story.facts(UpdateFailed)]
    assert isinstance(failed, UpdateFailed)
    assert (failed.channel, failed.why) == ("console", "it is down")
    [update] = (await story.incident()).progress.updates
    assert update.sent["push"]
    assert update.sent["console"] is None


async def test_a_channel_that_comes_back_gets_the_update_once(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.acknowledges("mira")
    story.breaks("console")
    await posts(story, "console")
    story.works_again("console")
    await story.until("0:05")
    assert len(await story.facts(UpdateSent)) == 1
    assert await story.facts(UpdateFailed) == []
