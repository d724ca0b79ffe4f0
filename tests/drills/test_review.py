"""The review is due within 48 hours of the end: reminded while a quarter is left, paged when it is late."""

from drills.story import Begin, Story
from tocsin.incident import wishes as w
from tocsin.incident.facts import Reminded
from tocsin.store import documents


async def over(story: Story) -> None:
    """An incident that Mira has after a minute and ends after an hour."""
    await story.alert("sequencer-down", "P1")
    await story.until("0:01")
    await story.acknowledges("mira")
    await story.until("0:20")
    await story.resolves("mira")
    story.take("page", "notification")


def reminders(story: Story) -> list[str]:
    """Who was reminded, and whether that was by a page."""
    heard = story.take("page", "notification")
    return [f"{story.when(sent.at)} {sent.person} {sent.message.kind}" for sent in heard]


async def test_who_had_it_is_reminded_at_a_quarter_left_and_paged_when_it_is_late(begin: Begin) -> None:
    story = await begin()
    await over(story)
    await story.until("36:19")
    assert reminders(story) == []
    await story.until("36:21")
    assert reminders(story) == ["36:20 mira notification"]  # 0:20 + 48 h - 12 h
    await story.until("48:19")
    assert reminders(story) == []
    await story.until("48:21")
    assert reminders(story) == ["48:20 mira page"]  # 0:20 + 48 h
    bodies = [fact.body for fact in await story.facts(Reminded) if isinstance(fact.body, Reminded)]
    [told, woken] = [body for body in bodies if body.topic == "review"]
    assert (told.wake, woken.wake) == (False, True)
    assert woken.because.text == "the post-incident review is late"
    assert story.policy.review is not None
    assert woken.because.line == story.policy.review.line


async def test_a_review_that_is_finished_in_time_reminds_nobody(begin: Begin) -> None:
    story = await begin()
    await over(story)
    await story.until("30:00")
    await story.wishes(w.EditReview(by="person:mira", part="root-cause", text="A leak."))
    await story.wishes(w.FinishReview(by="person:mira"))
    await story.until("100:00")
    assert reminders(story) == []


async def test_one_finished_after_the_reminder_pages_nobody(begin: Begin) -> None:
    story = await begin()
    await over(story)
    await story.until("40:00")
    assert reminders(story) == ["36:20 mira notification"]
    await story.wishes(w.FinishReview(by="person:jonas"))
    await story.until("100:00")
    assert reminders(story) == []


async def test_writing_parts_of_it_is_not_finishing_it(begin: Begin) -> None:
    story = await begin()
    await over(story)
    await story.wishes(w.EditReview(by="person:mira", part="root-cause", text="A leak."))
    await story.wishes(w.AddAction(by="person:mira", text="Show pool use", owner="jonas", due="2026-03-20"))
    await story.until("49:00")
    assert reminders(story) == ["36:20 mira notification", "48:20 mira page"]


async def test_a_reopened_incident_owes_no_review_until_it_ends_again(begin: Begin) -> None:
    story = await begin()
    await over(story)
    await story.until("10:00")
    await story.reopens("jonas")
    await story.until("10:05")
    await story.acknowledges("jonas")
    await story.until("10:10")
    await story.resolves("jonas")
    story.take("page", "notification")
    await story.until("46:09")
    assert reminders(story) == []
    await story.until("60:00")
    assert reminders(story) == ["46:10 jonas notification", "58:10 jonas page"]  # counted from the second end


async def test_a_newer_runbook_with_another_time_changes_nothing_for_what_is_over(begin: Begin) -> None:
    story = await begin()
    await over(story)
    engine = story.rehearsal.engine
    newer = story.rehearsal._runbook.replace(b"48 hours", b"200 hours")
    assert newer != story.rehearsal._runbook
    published = await engine.store.write(
        documents.publish("runbook", "f" * 64, "RUNBOOK.md", newer, engine.clock.now())
    )
    engine.worlds.put_in_force(published)
    await story.until("60:00")
    assert reminders(story) == ["36:20 mira notification", "48:20 mira page"]
