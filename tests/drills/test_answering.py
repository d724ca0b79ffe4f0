"""Taking it, ending it, and what comes back."""

from datetime import timedelta

import pytest

from drills.story import Begin
from tocsin.detection.alert import Alert
from tocsin.errors import Refused
from tocsin.incident.chain import faults
from tocsin.incident.facts import AlertCleared, AlertJoined, Opened, Paged, Reopened, Resolved
from tocsin.incident.wishes import Reopen
from tocsin.store.transactions import all_facts, heads


async def test_after_an_acknowledgement_nobody_is_paged_for_want_of_one(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:14:59")
    await story.acknowledges("mira")
    await story.until("0:29:59")
    assert story.pages() == ["0:00 mira"]  # L2's 0:15 came from nobody having answered


async def test_an_acknowledgement_stops_only_the_calls_before_it(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:16")
    await story.acknowledges("mira")  # L2 was called at 0:15: this stops both
    await story.until("0:59")
    assert story.pages() == [
        "0:00 mira",
        "0:15 jonas",
        "0:30 jonas",  # L1's call 0:00 + 30 min: his acknowledged call left him free to go back to bed
        "0:45 eva",
        "0:45 lena",  # 0:30 + R
    ]


async def test_after_the_end_nobody_is_paged_at_all(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:20")
    await story.resolves("jonas")
    story.pages()
    await story.until("48:00")
    assert story.pages() == []
    waiting = (await story.rehearsal.incident(await story.number())).jobs
    assert [type(job.do).__name__ for job in waiting] == ["Remind"]  # of the review, which is due after this


async def test_when_the_alert_ends_the_incident_does(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:10")
    await story.all_clear()
    [fact] = await story.facts(Resolved)
    assert isinstance(fact.body, Resolved)
    assert fact.body.cause == "alert"
    await story.until("9:00")
    assert story.pages() == ["0:00 mira"]


async def test_who_reopens_it_pages_again_under_new_keys(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:10")
    await story.resolves("mira")
    await story.until("1:00")
    await story.reopens("jonas")
    await story.until("1:15")
    assert story.pages() == ["0:00 mira", "1:00 mira", "1:15 jonas"]  # counted from the reopening
    assert [fact.seq for fact in await story.facts(Reopened)]
    keys = [sent.message.key for sent in story.rehearsal.sent if sent.message.kind == "page"]
    assert len(set(keys)) == len(keys) == 3


async def test_an_alert_that_goes_on_after_a_person_ended_it_reopens_it_within_five_minutes(begin: Begin) -> None:
    story = await begin()
    await story.alert()
    await story.until("0:10")
    await story.resolves("mira")
    await story.until("0:15")
    await story.alert()  # 0:10 + 5 min: still the same trouble
    assert len(await story.rehearsal.numbers()) == 1
    assert (await story.incident()).status == "triggered"
    assert story.pages() == ["0:00 mira", "0:15 mira"]


async def test_an_alert_that_goes_on_later_opens_a_new_incident(begin: Begin) -> None:
    story = await begin()
    await story.alert()
    await story.until("0:10")
    await story.resolves("mira")
    await story.until("0:15:01")
    await story.alert()  # 0:10 + 5 min is past
    assert len(await story.rehearsal.numbers()) == 2
    assert story.pages() == ["0:00 mira", "0:15:01 mira"]


async def test_how_long_an_end_may_be_undone_is_configured(begin: Begin) -> None:
    story = await begin(reopen_within=timedelta(minutes=30))
    await story.alert()
    await story.resolves("mira")
    await story.until("0:30")
    await story.alert()
    assert len(await story.rehearsal.numbers()) == 1


async def test_an_older_incident_is_not_reopened_beside_a_newer_one(begin: Begin) -> None:
    story = await begin()
    await story.alert()
    await story.resolves("mira")
    await story.until("1:00")
    await story.alert()
    older, newer = await story.rehearsal.numbers()
    with pytest.raises(Refused, match=newer):
        await story.rehearsal.act(older, Reopen(by="person:mira"))


async def test_an_alert_that_comes_back_reopens_it_three_times_and_then_a_person_closes_it(begin: Begin) -> None:
    story = await begin(flapping_after=0)
    for _ in range(12):
        await story.alert()
        await story.all_clear()
    assert len(await story.rehearsal.numbers()) == 1
    assert len(await story.facts(Reopened)) == 3  # max_reopenings
    assert len(await story.facts(Resolved)) == 3  # the opening's and those of two reopenings; the fourth is a person's
    assert story.pages() == ["0:00 mira"] * 4  # the opening and three reopenings
    assert (await story.incident()).status == "triggered"

    await story.resolves("mira")
    assert (await story.incident()).status == "resolved"


async def test_a_flapping_alert_does_not_fill_the_timeline(begin: Begin) -> None:
    story = await begin()
    for _ in range(100):
        await story.alert()
        await story.all_clear()
    assert len(await story.facts(AlertJoined, AlertCleared)) <= 21
    assert len(await story.facts()) < 80


async def test_repeats_of_a_known_alert_change_nothing(begin: Begin) -> None:
    story = await begin()
    await story.alert()
    before = len(await story.facts())
    for _ in range(50):
        await story.alert()
    assert len(await story.facts()) == before
    assert story.pages() == ["0:00 mira"]


async def test_two_alerts_of_different_keys_are_two_incidents_where_nothing_joins(begin: Begin) -> None:
    story = await begin(group_within=timedelta(0))
    await story.alert(key="one")
    await story.alert(key="two")
    assert len(await story.rehearsal.numbers()) == 2
    assert story.pages() == ["0:00 mira", "0:00 mira"]


async def test_an_alert_that_is_over_before_anybody_was_called_is_recorded_and_wakes_nobody(begin: Begin) -> None:
    story = await begin()
    trigger = Alert(source="rehearsal", dedup_key="blip", action="trigger", incident_type="sequencer-down")
    over = Alert(source="rehearsal", dedup_key="blip", action="resolve")
    await story.rehearsal.engine.ingest([trigger])
    await story.rehearsal.engine.ingest([over])
    await story.rehearsal.settle()
    assert [fact.kind for fact in await story.facts()] == ["Opened", "Resolved"]
    assert story.pages() == []


async def test_the_senders_own_acknowledgement_counts(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:05")
    await story.alert("sequencer-down", action="acknowledge")
    assert (await story.incident()).status == "acknowledged"
    await story.until("0:30")
    assert story.pages() == ["0:00 mira", "0:30 jonas"]  # not L2's 0:15; unresolved at 0:00 + 30 min


async def test_an_alert_may_raise_the_severity_and_overdue_levels_are_called_at_once(begin: Begin) -> None:
    story = await begin()
    await story.alert(None, "P2")
    await story.until("0:20")
    await story.alert(None, "P0", severity_word="critical")
    assert (await story.incident()).severity == "P0"
    assert story.pages() == ["0:00 mira", "0:20 jonas"]  # L2: 0:00 + R, now 15 min, is overdue
    assert story.told() == ["0:20 eva"]
    await story.until("0:35")
    assert story.pages() == ["0:35 eva", "0:35 lena"]  # L2's real call 0:20 + R


async def test_only_a_person_lowers_the_severity(begin: Begin) -> None:
    story = await begin()
    await story.alert(None, "P0")
    await story.until("0:01")
    await story.alert(None, "P2", severity_word="critical")
    assert (await story.incident()).severity == "P0"
    await story.makes_it("mira", "P2")
    assert (await story.incident()).severity == "P2"
    await story.until("0:02")
    await story.alert(None, "P0", severity_word="critical")
    assert (await story.incident()).severity == "P2"  # the alert says what was known when she lowered it
    await story.until("1:59:59")
    assert story.pages() == ["0:00 mira"]
    await story.until("2:00")
    assert story.pages() == ["2:00 jonas"]  # L1's call 0:00 + R = 2 h


async def test_every_page_is_a_fact_and_the_story_ends_with_a_clean_chain(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:50")
    await story.acknowledges("mira")
    await story.resolves("mira")
    paged = [fact.body for fact in await story.facts(Paged)]
    assert [body.person for body in paged if isinstance(body, Paged)] == ["mira", "jonas", "eva", "lena", "mira"]
    assert isinstance((await story.facts())[0].body, Opened)
    [head] = await story.rehearsal.store.read(heads())
    rows = await story.rehearsal.store.read(all_facts(head.number))
    assert faults(rows, head.hash, head.seq) == ()
