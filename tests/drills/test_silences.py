"""Silences: what they hold back, when it pages after all, and what they never touch."""

from datetime import timedelta

from drills.story import Begin, Story
from tocsin.detection.alert import Alert
from tocsin.engine import silencing
from tocsin.grouping.drafting import Draft
from tocsin.grouping.matchers import read_matcher
from tocsin.incident.silence import Silence
from tocsin.store import silences as s


async def silence(story: Story, *matchers: str, minutes: float = 60, repeats: str = "") -> Silence:
    """Let Mira silence something from now on."""
    draft = Draft(
        matchers=tuple(map(read_matcher, matchers)), why="we patch", lasts=timedelta(minutes=minutes), repeats=repeats
    )
    made = await silencing.begin(story.rehearsal.engine, draft, "person:mira")
    await story.rehearsal.settle()
    return made.silence


async def held(story: Story) -> list[str]:
    """Give the alerts that are held back now."""
    return [one.alert.dedup_key for one in await story.rehearsal.store.read(s.alerts_held(story.rehearsal.clock.now()))]


async def test_a_silenced_alert_is_kept_and_pages_when_the_silence_ends(begin: Begin) -> None:
    story = await begin()
    made = await silence(story, "entry=sequencer-down")
    await story.until("0:10")
    await story.alert("sequencer-down", "P1")
    await story.until("0:59")
    assert (story.pages(), await story.rehearsal.numbers(), await held(story)) == ([], (), ["trouble"])
    await story.until("1:01")
    assert story.pages() == ["1:00 mira"]
    assert await held(story) == []
    why = (await story.incident()).because[-1].text
    assert f"silenced until now, since 2026-03-02 10:10 UTC: {made.id} of mira: we patch" in why


async def test_an_alert_that_is_over_before_the_silence_is_leaves_no_incident(begin: Begin) -> None:
    story = await begin()
    await silence(story, "entry=sequencer-down")
    await story.alert()
    await story.until("0:30")
    await story.all_clear()
    assert await held(story) == []
    await story.until("2:00")
    assert (story.pages(), await story.rehearsal.numbers()) == ([], ())
    await story.alert("sequencer-down", "P1")
    assert story.pages() == ["2:00 mira"]


async def test_an_alert_that_came_and_went_at_the_very_end_leaves_no_incident_either(begin: Begin) -> None:
    story = await begin()
    await silence(story, "entry=sequencer-down")
    await story.alert()
    story.rehearsal.clock.move_to(story.began + timedelta(minutes=61))  # nobody worked meanwhile
    await story.all_clear()
    assert (story.pages(), await story.rehearsal.numbers()) == ([], ())


async def test_one_that_came_and_went_while_it_was_silenced_says_so_when_it_pages(begin: Begin) -> None:
    story = await begin()
    made = await silence(story, "entry=sequencer-down", minutes=30)
    for minute in range(1, 9):
        await story.until(f"0:0{minute}")
        await (story.alert("sequencer-down", "P1") if minute % 2 else story.all_clear())
    await story.until("0:10")
    await story.alert("sequencer-down", "P1")
    await story.until("0:20")
    await story.alert("sequencer-down", "P1")  # its sender repeats it
    await story.until("0:31")
    assert story.pages() == ["0:30 mira"]
    assert f"{made.id} of mira: we patch" in (await story.incident()).because[-1].text


async def test_one_that_comes_after_a_person_ended_the_silence_was_not_silenced(begin: Begin) -> None:
    story = await begin()
    made = await silence(story, "entry=sequencer-down", minutes=60)
    await story.alert("sequencer-down", "P1")
    await story.until("0:05")
    await story.all_clear()
    await silencing.end(story.rehearsal.engine, made.id, "person:mira")
    await story.until("0:30")
    await story.alert("sequencer-down", "P1")
    assert story.pages() == ["0:30 mira"]
    assert "silenced" not in (await story.incident()).because[-1].text


async def test_another_alert_pages_as_ever(begin: Begin) -> None:
    story = await begin()
    await silence(story, "entry=sequencer-down", "severity!=P0")
    await story.alert("high-error-rate", "P1", key="other")
    await story.alert("sequencer-down", "P0", key="worst")
    assert len(await story.rehearsal.numbers()) == 2


async def test_an_alert_that_changes_so_that_the_silence_no_longer_fits_pages_at_once(begin: Begin) -> None:
    story = await begin()
    await silence(story, "severity=P1")
    await story.alert("sequencer-down", "P1")
    await story.until("0:05")
    await story.alert("sequencer-down", "P1")
    assert story.pages() == []
    await story.until("0:10")
    await story.alert("sequencer-down", "P0")
    assert "0:10 mira" in story.pages()


async def test_a_person_ends_a_silence_and_what_it_held_back_pages_then(begin: Begin) -> None:
    story = await begin()
    made = await silence(story, "entry=sequencer-down", minutes=600)
    await story.alert("sequencer-down", "P1")
    await story.until("0:20")
    ended = await silencing.end(story.rehearsal.engine, made.id, "person:jonas")
    assert (ended.silence.ended_by, ended.held) == ("person:jonas", ())
    await story.rehearsal.settle()
    assert story.pages() == ["0:20 mira"]
    again = await silencing.end(story.rehearsal.engine, made.id, "person:mira")
    assert again.silence.ended_by == "person:jonas"


async def test_two_silences_hold_until_the_second_ends_and_ending_one_is_not_enough(begin: Begin) -> None:
    story = await begin()
    first = await silence(story, "entry=sequencer-down", minutes=30)
    await silence(story, "source=rehearsal", minutes=60)
    await story.alert("sequencer-down", "P1")
    await story.until("0:10")
    await silencing.end(story.rehearsal.engine, first.id, "person:mira")
    await story.rehearsal.settle()
    assert (story.pages(), await held(story)) == ([], ["trouble"])
    await story.until("0:59")
    third = await silence(story, "source=rehearsal", minutes=30)  # made while it is held: nothing is lost between
    await story.until("1:28")
    assert (story.pages(), await held(story), third.id) == ([], ["trouble"], "SIL-3")
    await story.until("1:31")
    assert story.pages() == ["1:29 mira"]


async def test_a_recurring_silence_holds_each_night_and_what_still_fires_pages_each_morning(begin: Begin) -> None:
    story = await begin(at="2026-03-02 02:00")
    await silence(story, "entry=sequencer-down", repeats="daily")
    await story.until("24:10")
    await story.alert("sequencer-down", "P1")
    assert story.pages() == []
    await story.until("25:01")
    assert story.pages() == ["25:00 mira"]


async def test_an_open_incident_goes_on_and_one_that_is_resolved_stays_quiet(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    assert story.pages() == ["0:00 mira"]
    await silence(story, "entry=sequencer-down", minutes=120)
    await story.until("0:16")
    assert "0:15 jonas" in story.pages()
    await story.resolves("jonas")
    await story.until("0:20")
    await story.alert("sequencer-down", "P1")  # it still fires
    assert (story.pages(), await held(story)) == ([], ["trouble"])
    await story.until("2:01")
    assert story.pages() == ["2:00 mira"]


async def test_what_a_person_declares_pages(begin: Begin) -> None:
    story = await begin()
    await silence(story, "text=~.+")
    alert = story.rehearsal
    await alert.engine.ingest([_declared()])
    await alert.settle()
    assert story.pages() == ["0:00 mira"]


def _declared() -> Alert:
    return Alert(
        source="manual",
        dedup_key="x",
        action="trigger",
        summary="It is broken",
        incident_type="sequencer-down",
        wanted_severity="P1",
        declared_by="person:bo",
    )
