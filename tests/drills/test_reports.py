"""What providers report of a message later, and what becomes of it."""

from itertools import permutations

import pytest

from drills.story import Begin, Story, reached_by
from tocsin.engine.reports import report_receipt
from tocsin.incident.facts import PageFailed
from tocsin.store import transactions as t

TWO = reached_by("mira", ("push", 5), ("call", 2))


async def begun(begin: Begin) -> tuple[Story, str]:
    story = await begin(people=TWO)
    await story.alert("sequencer-down", "P1")
    [page] = story.take("page")
    return story, page.message.key


async def reported(story: Story, key: str, *statuses: str) -> list[str]:
    """Report these, and give what the receipts say then."""
    for status in statuses:
        await report_receipt(story.rehearsal.engine, key, status, "30008")
    await story.rehearsal.settle()
    return [one.status for one in await story.rehearsal.store.read(t.receipts(await story.number()))]


@pytest.mark.parametrize("status", ["failed", "undelivered", "busy", "no-answer", "No Answer", "canceled"])
async def test_a_page_that_did_not_arrive_after_all_starts_the_next_method_at_once(begin: Begin, status: str) -> None:
    story, key = await begun(begin)
    await reported(story, key, status)
    assert story.pages(via=True) == ["0:00 mira by call"]
    [failed] = [fact.body for fact in await story.facts(PageFailed)]
    assert isinstance(failed, PageFailed)
    assert "30008" in failed.why


async def test_a_report_that_comes_again_changes_nothing(begin: Begin) -> None:
    story, key = await begun(begin)
    assert await reported(story, key, "sent", "undelivered", "undelivered", "sent") == [
        "accepted",
        "sent",
        "undelivered",
        "accepted",  # the call
    ]
    assert len(await story.facts(PageFailed)) == 1


async def test_what_was_delivered_is_not_undone_by_an_older_failure(begin: Begin) -> None:
    for order in permutations(("sent", "delivered", "queued")):
        story, key = await begun(begin)
        await reported(story, key, *order)
        assert await story.facts(PageFailed) == []
    story, key = await begun(begin)
    assert await reported(story, key, "delivered", "failed") == ["accepted", "delivered", "failed"]
    assert await story.facts(PageFailed) == []


async def test_a_report_that_is_quicker_than_our_own_record_is_not_lost(begin: Begin) -> None:
    story = await begin(people=TWO)
    key = f"INC-{story.began.year}-0001/1/L1/mira/0.push"
    await report_receipt(story.rehearsal.engine, key, "busy")
    await story.alert("sequencer-down", "P1")
    assert story.pages(via=True) == ["0:00 mira by push", "0:00 mira by call"]
    assert len(await story.facts(PageFailed)) == 1


async def test_a_page_to_the_fallback_that_did_not_arrive_is_sent_once_more(begin: Begin) -> None:
    story = await begin(people={"falk": TWO["falk"]}, roles={})
    await story.alert("sequencer-down", "P1")
    [page] = story.take("page")
    await reported(story, page.message.key, "undelivered")
    [again] = story.take("page")
    assert again.message.key != page.message.key


async def test_a_report_on_a_bundle_is_one_on_each_of_its_incidents(begin: Begin) -> None:
    story = await begin(people=TWO)
    for number in range(8):
        await story.alert(None, "P1", key=f"k{number}")
    await story.until("0:00:25")
    bundle = next(sent for sent in story.take("page") if sent.message.keys)
    await reported(story, bundle.message.key, "failed")
    await story.until("0:00:50")
    called = [sent.message for sent in story.take("page") if sent.channel == "call"]
    assert sum(len(message.keys) or 1 for message in called) == len(bundle.message.keys)
