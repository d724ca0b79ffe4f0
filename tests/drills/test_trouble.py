"""When something is wrong with Tocsin itself, or with what it was given."""

from datetime import timedelta

import msgspec

from drills.story import Begin
from tocsin.incident.facts import Escalated, Paged
from tocsin.incident.wishes import Acknowledge, Escalate, Resolve
from tocsin.store import documents
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore


async def test_an_incident_that_cannot_be_decided_on_tells_the_fallback(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    number = await story.number()
    # A newer version wrote the last fact; this one must not decide as if it were not there.
    store = story.rehearsal.store
    assert isinstance(store, InlineStore)
    store.db.execute(
        "INSERT INTO fact SELECT incident, seq + 1, at, 'Teleported', payload, salt, digest, hash, 'newer'"
        " FROM fact WHERE incident = ? ORDER BY seq DESC LIMIT 1",
        (number,),
    )
    moved = "UPDATE incident SET seq = seq + 1, rev = rev + 1, hash = 'newer' WHERE number = ?"
    store.db.execute(moved, (number,))
    await story.until("0:16")
    alarms = story.take("alarm")
    assert {(sent.person, sent.message.incident) for sent in alarms} == {("falk", "")}
    assert "Teleported" in alarms[0].message.text
    assert number in alarms[0].message.text
    assert "broke and is tried again" in alarms[0].message.text


async def test_an_incident_keeps_the_runbook_it_opened_with(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    engine = story.rehearsal.engine
    newer = b"# Newer\n\n## Escalation Path\n\n1. **L1**: On-call engineer\n"
    published = await engine.store.write(
        documents.publish("runbook", "f" * 64, "RUNBOOK.md", newer, engine.clock.now())
    )
    engine.worlds.put_in_force(published)
    await story.until("0:15")
    assert story.pages() == ["0:00 mira", "0:15 jonas"]  # 0:00 + R, by the ladder of the older version
    assert (await story.incident()).runbook != "f" * 64


async def test_people_are_todays_and_not_those_of_the_opening(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    worlds = story.rehearsal.engine.worlds
    worlds.settings = msgspec.structs.replace(worlds.settings, roles=worlds.settings.roles | {"L2": ("lena",)})
    await story.until("0:15")
    assert story.pages() == ["0:00 mira", "0:15 lena"]


async def test_what_was_taken_up_but_is_no_longer_wanted_is_not_done(begin: Begin) -> None:
    story = await begin()
    worker, engine = story.rehearsal.worker, story.rehearsal.engine
    await story.alert("sequencer-down", "P1")
    story.pages()
    story.rehearsal.clock.advance(timedelta(minutes=15))
    call = await worker.claim()
    assert call is not None
    assert call.job.key == "INC-2026-0001/call/L2/1"
    await engine.act("INC-2026-0001", Acknowledge(by="person:mira"), t.SYSTEM)  # between taking it up and doing it
    await worker.perform(call)
    assert len(await story.facts(Escalated)) == 1

    await engine.act("INC-2026-0001", Escalate(by="person:mira", level="L3"), t.SYSTEM)  # and L3 is called
    page = await worker.claim()
    assert page is not None
    assert page.job.key == "INC-2026-0001/1/L3/lena/0.push"
    await engine.act("INC-2026-0001", Resolve(by="person:mira"), t.SYSTEM)
    await worker.perform(page)
    await story.until("9:00")
    assert story.pages() == []


async def test_a_clock_that_goes_back_reorders_nothing(begin: Begin) -> None:
    story = await begin()
    await story.until("1:00")
    await story.alert("sequencer-down", "P1")
    story.rehearsal.clock.move_to(story.began)
    await story.acknowledges("mira")
    instants = [fact.at for fact in await story.facts()]
    assert instants == sorted(instants)


async def test_a_page_that_was_sent_is_on_the_record_with_the_words_of_its_channel(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P1")
    [fact] = await story.facts(Paged)
    assert isinstance(fact.body, Paged)
    assert (fact.body.person, fact.body.method, fact.body.receipt, fact.body.due) == ("mira", "0.push", "push-1", None)
    receipts = await story.rehearsal.store.read(t.receipts(await story.number()))
    assert [(receipt.attempt, receipt.status) for receipt in receipts] == [(1, "accepted")]


async def test_a_page_says_who_comes_next_and_when(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    [page] = story.take("page")
    assert "If nobody does, Jonas (L2) is paged at 10:15." in page.message.text  # 10:00 + R
    await story.until("0:15")
    jonas = story.take("page")[0]
    assert "If nobody does, Lena (L3) is paged at 10:30." in jonas.message.text  # 10:15 + R


async def test_a_page_of_what_somebody_has_says_so(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:30")
    jonas = story.take("page")[-1]
    assert jonas.person == "jonas"
    assert "You are paged: Mira has it, and it is not resolved." in jonas.message.text
