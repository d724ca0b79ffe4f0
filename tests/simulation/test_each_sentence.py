"""One test for each fussy sentence of "Facts and jobs"; `mutants.py` leaves each sentence out and names its test.

    every commit compares and raises rev           a Turn belongs to the group, completes only its generation
    a deed's fact is re-appended, not redone       publishing asks for a turn of every open incident
    opening takes the unique group                 a firing repeat without an open incident asks for a turn
    reopening is refused while a newer is open     any other repeat only counts
    nothing is cancelled, pages lose their reason  completing is replacing: a moved timer is not lost
    replacing keeps attempts, wait and lease       a leased job no longer wanted is left, and dropped after expiry
    the key of a page has the round                due instants derive from facts
    a level with nobody in it goes to the fallback an incident keeps the runbook it opened with
    `at` never decreases                           automatic reopenings are capped, then a human closes

Those about workers and leases are in test_each_sentence_of_workers.py, those of the ladder in
test_each_sentence_of_the_ladder.py. Not applicable yet: steps, updates, bundling, restore, and everything that only
PostgreSQL can break (row locks, their order, a measured clock offset).
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from simulation.by_hand import FIRST, MINUTE, ByHand, simple
from simulation.company import EDITIONS, event, reading
from tocsin.detection.alert import Action
from tocsin.engine import appending
from tocsin.engine.engine import Engine, Loaded
from tocsin.engine.turns import Turns, _decided
from tocsin.errors import Conflict, Refused
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.jobs import Claimed, Page
from tocsin.incident.silence import Matcher, Silence
from tocsin.lifecycle import New
from tocsin.store import documents, silences
from tocsin.store import transactions as t
from tocsin.store.readings import load_for_turn

TURN = "turn/monitor/till"


@pytest.fixture
def hands() -> ByHand:
    return ByHand()


async def _changed(
    engine: Engine, loaded: Loaded, bodies: tuple[f.FactBody, ...], held: Claimed | None = None
) -> t.Change:
    """Give what would be committed for an incident that was loaded."""
    now = engine.clock.now()
    return engine._change(loaded, await engine.append(loaded.incident, bodies, now), held, now)


async def _change(hands: ByHand, *bodies: f.FactBody) -> t.Change:
    """Give what one node would commit for the incident as it is now."""
    loaded = await hands.a.engine.load(FIRST)
    return await _changed(hands.a.engine, loaded, bodies, None)


# -- commits


async def test_a_commit_without_facts_makes_every_decision_taken_before_it_conflict(hands: ByHand) -> None:
    await hands.opens()
    stale = await _change(hands, f.Noted(by="person:bo", text="late"))
    hands.now(t.commit(await _change(hands)))
    with pytest.raises(Conflict):
        hands.now(t.commit(stale))


async def test_a_commit_without_facts_is_itself_refused_after_another(hands: ByHand) -> None:
    await hands.opens()
    stale = await _change(hands)
    hands.now(t.commit(await _change(hands, f.Acknowledged(by="person:mira", via="web"))))
    with pytest.raises(Conflict):
        hands.now(t.commit(stale))


async def test_closing_is_decided_again_when_the_alert_fired_since_it_was_decided(hands: ByHand) -> None:
    await hands.opens()
    loaded = await hands.a.engine.load(FIRST)
    assert loaded.alert is not None
    over = f.Resolved(by="person:bo", cause="person", seen=loaded.alert.seen)
    stale = await _changed(hands.a.engine, loaded, (over,), None)
    await hands.fires()  # it finds the incident open, so it only counts
    with pytest.raises(Conflict):
        hands.now(t.commit(stale))


async def test_two_nodes_that_open_an_incident_for_one_group_get_one_incident(hands: ByHand) -> None:
    await hands.fires()
    loaded = await hands.a.engine.understand(hands.now(t.load_group("monitor/till")))
    later = hands.clock.now()
    bodies = _decided(
        loaded, New(Engine.number(loaded.timeline.next_ordinal, later), hands.a.engine.worlds.current), later
    )
    change = await _changed(hands.b.engine, loaded, bodies, None)
    await hands.settle()
    moved = change.head._replace(number="INC-2026-0002", ordinal=2)
    with pytest.raises(Conflict):
        hands.now(t.commit(change._replace(head=moved, facts=(), jobs=())))


async def test_reopening_is_refused_while_a_newer_one_is_open_and_names_it(hands: ByHand) -> None:
    await hands.opens()
    await hands.act(w.Resolve(by="person:mira"))
    hands.clock.advance(10 * MINUTE)
    await hands.opens()
    with pytest.raises(Refused, match="INC-2026-0002"):
        await hands.act(w.Reopen(by="person:mira"), FIRST)


async def test_a_turn_that_meets_an_older_one_reopened_by_a_person_goes_on_there_without_an_alarm(
    hands: ByHand,
) -> None:
    await hands.opens()
    await hands.act(w.Resolve(by="person:mira"))
    hands.clock.advance(10 * MINUTE)
    await hands.opens()
    await hands.act(w.Resolve(by="person:mira"), "INC-2026-0002")
    await hands.fires()
    held = await hands.claim(hands.a)

    async def reopened() -> None:
        await hands.b.engine.act(FIRST, w.Reopen(by="person:mira"), t.SYSTEM)

    hands.store.meanwhile = reopened
    await hands.a.worker.perform(held)
    await hands.settle()
    assert [sent.message.kind for sent in hands.sent if sent.message.kind == "alarm"] == []
    assert hands.kinds("INC-2026-0002")[-1] == "Resolved"
    assert "Reopened" in hands.kinds()


async def test_time_never_runs_backwards_in_a_timeline_although_the_clock_does(hands: ByHand) -> None:
    await hands.opens()
    hands.clock.advance(timedelta(seconds=-90))
    await hands.act(w.Note(by="person:mira", text="what time is it?"))
    instants = [fact.at for fact in hands.facts()]
    assert instants == sorted(instants)


# -- turns


async def test_an_event_during_a_turn_makes_it_run_again(hands: ByHand) -> None:
    await hands.opens()
    await hands.fires("resolve")
    held = await hands.claim(hands.a)
    assert held.job.key == TURN
    loaded = await hands.a.engine.understand(hands.now(t.load_group("monitor/till")))
    await hands.fires()  # it fires again before what was loaded is committed
    change = await _changed(hands.a.engine, loaded, (), held)
    hands.now(t.commit(change))
    assert hands.job(TURN) is not None, "the wake-up was lost"
    assert hands.job(TURN)["lease"] is None  # type: ignore[index]


async def test_a_turn_survives_what_replaces_the_jobs_of_its_incident(hands: ByHand) -> None:
    await hands.opens()
    await hands.fires("resolve")
    await hands.act(w.Note(by="person:mira", text="looking"))
    assert hands.job(TURN) is not None
    await hands.settle()
    assert hands.kinds()[-1] == "Resolved"


async def test_a_firing_repeat_after_a_person_resolved_too_early_is_decided_on(hands: ByHand) -> None:
    await hands.opens()
    await hands.act(w.Resolve(by="person:mira"))
    await hands.settle()
    hands.clock.advance(MINUTE)
    await hands.fires()
    await hands.settle()
    assert hands.kinds()[-3:] == ["Reopened", "Escalated", "Paged"]


async def test_a_firing_repeat_while_a_turn_is_under_way_asks_for_another_one(hands: ByHand) -> None:
    await hands.opens()
    await hands.fires("acknowledge")
    held = await hands.claim(hands.a)  # it has looked, and found nothing to do
    await hands.act(w.Resolve(by="person:mira"))
    await hands.fires()
    hands.now(t.complete_turn(held, hands.clock.now()))
    await hands.settle()
    assert hands.kinds()[-3:] == ["Reopened", "Escalated", "Paged"]


@pytest.mark.parametrize("looked", [True, False])
@pytest.mark.parametrize(("action", "end"), [("acknowledge", "Acknowledged"), ("resolve", "Resolved")])
async def test_what_comes_while_the_first_turn_of_an_alert_is_under_way_counts(
    hands: ByHand, action: Action, end: str, *, looked: bool
) -> None:
    await hands.fires(severity="P1")
    held = await hands.claim(hands.a)
    if looked:  # it comes between what the turn loads and its commit
        hands.store.after = "load_for_turn", lambda: hands.fires(action)
    else:
        await hands.fires(action)
    await hands.a.worker.perform(held)
    await hands.settle()
    assert end in hands.kinds()
    await hands.let_pass(20)
    assert [level for level, *_ in hands.calls() if level == "L2"] == [], "somebody has it"


async def test_an_acknowledgement_survives_a_repeat_while_the_first_turn_is_under_way(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    held = await hands.claim(hands.a)
    await hands.fires("acknowledge")
    await hands.fires(severity="P1")
    await hands.a.worker.perform(held)
    await hands.settle()
    assert hands.kinds().count("Acknowledged") == 1


async def test_an_acknowledgement_of_what_a_person_closed_meanwhile_does_not_take_what_comes_next(
    hands: ByHand,
) -> None:
    await hands.opens()
    await hands.fires("acknowledge")
    held = await hands.claim(hands.a)
    await hands.act(w.Resolve(by="person:mira"))
    await hands.fires()  # while the turn is under way
    await hands.a.worker.perform(held)
    await hands.settle()
    assert hands.kinds()[-3:] == ["Reopened", "Escalated", "Paged"]
    await hands.fires("acknowledge")
    await hands.settle()
    assert hands.kinds()[-1] == "Acknowledged"


async def test_an_acknowledgement_that_nobody_decided_on_does_not_take_what_fires_when_that_is_over(
    hands: ByHand,
) -> None:
    await hands.opens()
    await hands.fires("acknowledge")
    await hands.act(w.Resolve(by="person:mira"))
    await hands.fires()  # the turn of the acknowledgement still waits
    await hands.settle()
    assert hands.kinds()[-3:] == ["Reopened", "Escalated", "Paged"]


async def test_a_repeat_of_what_is_known_only_counts(hands: ByHand) -> None:
    await hands.opens()
    before = hands.kinds()
    await hands.fires()
    assert hands.job(TURN) is None
    await hands.settle()
    assert hands.kinds() == before
    assert (await hands.a.engine.load(FIRST)).alert.triggers == 2  # type: ignore[union-attr]


async def test_publishing_asks_for_a_turn_of_every_open_incident(hands: ByHand) -> None:
    await hands.opens()
    runbook = reading(EDITIONS[1], "RUNBOOK.md")
    hands.now(documents.publish("runbook", runbook.sha256, runbook.path, EDITIONS[1], hands.clock.now()))
    assert hands.job(TURN) is not None


async def test_an_incident_keeps_the_minutes_of_the_runbook_it_opened_with(hands: ByHand) -> None:
    await hands.opens("P1")
    runbook = reading(EDITIONS[1], "RUNBOOK.md")
    published = hands.now(documents.publish("runbook", runbook.sha256, runbook.path, EDITIONS[1], hands.clock.now()))
    hands.a.engine.worlds.put_in_force(published)
    await hands.act(w.Acknowledge(by="person:mira"))
    await hands.let_pass(60)
    assert hands.calls()[:2] == [("L1", 0.0, "opened"), ("L2", 30.0, "unresolved")]


async def test_the_end_of_an_alert_is_noticed_although_somebody_acknowledged_before_its_turn(hands: ByHand) -> None:
    await hands.opens()
    await hands.fires("resolve")
    await hands.act(w.Acknowledge(by="person:mira"))
    await hands.settle()
    assert hands.kinds()[-2:] == ["Acknowledged", "Resolved"]


async def test_after_three_automatic_reopenings_the_end_of_the_alert_does_not_close_it(hands: ByHand) -> None:
    await hands.opens()
    for _ in range(5):
        await hands.fires("resolve")
        await hands.settle()
        hands.clock.advance(MINUTE)
        await hands.fires()
        await hands.settle()
    await hands.fires("resolve")
    await hands.settle()
    assert hands.kinds().count("Reopened") == 3
    assert hands.kinds()[-1] != "Resolved"
    assert (await hands.a.engine.load(FIRST)).incident.status == "triggered"  # type: ignore[union-attr]


async def test_a_capped_incident_that_a_human_closed_is_not_reopened_by_its_alert(hands: ByHand) -> None:
    await hands.opens()
    for _ in range(3):
        await hands.fires("resolve")
        await hands.settle()
        hands.clock.advance(MINUTE)
        await hands.fires()
        await hands.settle()
    await hands.act(w.Resolve(by="person:mira"))
    hands.clock.advance(MINUTE)
    await hands.fires()
    await hands.settle()
    assert hands.kinds().count("Reopened") == 3
    assert hands.kinds("INC-2026-0002")[0] == "Opened"


# -- jobs


async def test_a_resolved_incident_wants_nothing_any_more(hands: ByHand) -> None:
    await hands.opens()
    hands.clock.advance(15 * MINUTE)
    held = await hands.claim(hands.a)
    await hands.act(w.Resolve(by="person:mira"))
    await hands.a.worker.perform(held)
    await hands.settle()
    assert hands.kinds()[-1] == "Resolved"
    assert hands.now(t.jobs_of(FIRST)) == ()


async def test_a_level_that_is_due_is_called_with_the_commit_that_wants_it(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    assert hands.kinds() == ["Opened", "Escalated"]
    assert isinstance((await hands.claim(hands.a)).job.do, Page)


async def test_nobody_is_called_with_a_commit_before_a_restore_is_confirmed(hands: ByHand) -> None:
    hands.a.engine.unconfirmed = "{}"
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    await hands.act(w.Note(by="person:mira", text="looking"))
    assert hands.kinds() == ["Opened", "Noted"]
    hands.a.engine.unconfirmed = ""
    await hands.settle()
    assert hands.kinds() == ["Opened", "Noted", "Escalated", "Paged"]


async def test_a_call_that_breaks_does_not_keep_an_incident_from_opening(
    hands: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> f.FactBody:
        raise ValueError("a schedule of today that nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(appending, "fact_of", broken)
        await hands.fires(severity="P1")
        await hands.a.worker.step()
    assert hands.kinds() == ["Opened"]
    await hands.settle()
    assert hands.kinds() == ["Opened", "Escalated", "Paged"]


async def test_a_page_whose_reason_went_away_while_it_was_held_is_not_sent(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()  # the turn, and the call with it
    held = await hands.claim(hands.a)
    assert isinstance(held.job.do, Page)
    await hands.act(w.Acknowledge(by="person:bo"))
    await hands.a.worker.perform(held)
    assert hands.paged() == []
    assert hands.job(held.job.key) is None


async def test_a_call_whose_due_moved_away_while_it_was_held_waits_for_its_new_time(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.clock.advance(15 * MINUTE)
    held = await hands.claim(hands.a)
    assert held.job.key == f"{FIRST}/call/L2/1"
    await hands.act(w.ChangeSeverity(by="person:mira", severity="P2", because="it is slow, not down"))
    await hands.a.worker.perform(held)
    assert [level for level, _, _ in hands.calls()] == ["L1"], "called early"
    moved = hands.job(held.job.key)
    assert moved is not None, "the moved timer is lost"
    assert moved["lease"] is None
    await hands.let_pass(200)
    assert hands.calls()[1] == ("L2", 120.0, "unacknowledged")


async def test_replacing_keeps_attempts_the_wait_and_the_lease_of_a_job(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    held = await hands.claim(hands.a)
    assert isinstance(held.job.do, Page), "it is wanted until it is done; who is due is called with the next commit"
    # Due at another instant than it is wanted at: one that waits as it should is not written again.
    moved = "UPDATE job SET attempts = 3, not_before = 7, due = due - 1 WHERE key = ? RETURNING due + 1"
    [(due,)] = hands.inner.db.execute(moved, (held.job.key,)).fetchall()
    await hands.act(w.Note(by="person:mira", text="still looking"))
    row = hands.job(held.job.key)
    assert row is not None
    assert (row["attempts"], row["not_before"], row["lease"], row["due"]) == (3, 7, held.token, due)


async def test_a_leased_job_that_nobody_wants_any_more_is_left_to_its_holder(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.clock.advance(15 * MINUTE)
    held = await hands.claim(hands.a)
    await hands.act(w.Resolve(by="person:mira"))
    assert hands.job(held.job.key) is not None


async def test_a_leased_job_that_nobody_wants_is_dropped_once_its_lease_ran_out(hands: ByHand) -> None:
    await hands.opens("P1")
    hands.clock.advance(15 * MINUTE)
    held = await hands.claim(hands.a)
    hands.clock.advance(timedelta(seconds=31))
    await hands.act(w.Resolve(by="person:mira"))
    assert hands.job(held.job.key) is None


async def test_the_same_person_gets_another_key_in_another_round_and_after_a_reopening(hands: ByHand) -> None:
    await hands.opens("P1")
    await hands.let_pass(50)
    await hands.act(w.Resolve(by="person:mira"))
    await hands.act(w.Reopen(by="person:mira"))
    await hands.settle()
    keys = [sent.message.key for sent in hands.sent if sent.person == "mira"]
    assert len(keys) == 3, "opened, repeated, reopened"
    assert len(set(keys)) == 3


async def test_a_later_turn_does_not_postpone_what_is_due(hands: ByHand) -> None:
    await hands.opens("P1")
    before = hands.job(f"{FIRST}/call/L2/1")
    hands.clock.advance(14 * MINUTE)
    await hands.act(w.Note(by="person:bo", text="busy"))
    assert hands.job(f"{FIRST}/call/L2/1") == before


async def test_a_level_with_nobody_in_it_goes_to_the_fallback() -> None:
    hands = ByHand(simple())
    await hands.opens("P1", kind="ledger-stuck")
    await hands.let_pass(26)
    (called,) = [
        fact.body.people
        for fact in hands.facts()
        if isinstance(fact.body, f.Escalated) and fact.body.level == "DBA team"
    ]
    assert called == (f.Called("fay", via_fallback=True),)
    assert "fay" in hands.paged()


async def test_all_rows_of_alerts_are_taken_before_all_turns_each_in_one_order(hands: ByHand) -> None:
    taking = t.ingest([event("till"), event("shelf")], hands.clock.now())
    query, many = next(taking), dict[str, list[str]]()
    with suppress(StopIteration):
        while True:
            many[query.name] = [row[0] for row in query.many or ()]
            query = taking.send(query.many or [] if query.name == "alert_insert" else [])
    assert list(many)[-2:] == ["alert_insert", "nudge"], "turns are asked for after all rows"
    assert many["alert_insert"] == ["monitor/shelf", "monitor/till"]
    assert many["nudge"] == ["turn/monitor/shelf", "turn/monitor/till"]


async def _late_turn(hands: ByHand, meanwhile: Callable[[], Awaitable[object]]) -> None:
    """Let a turn wait between its claim and its decision, while another incident opens and more happens."""
    engine = hands.a.engine
    await engine.ingest([event("till", severity="P1")])
    held = hands.now(t.claim(hands.clock.now(), "one", hands.clock.now() + MINUTE))
    assert held is not None
    known = hands.now(load_for_turn("monitor/till", hands.clock.now()))
    await engine.ingest([event("shelf", severity="P1")])
    other = hands.now(t.claim(hands.clock.now(), "other", hands.clock.now() + MINUTE))
    assert other is not None
    turns = Turns(engine)
    await turns.take(other)
    await meanwhile()
    await turns.take(held, known)
    await hands.settle()


async def test_a_silence_that_began_while_a_turn_waited_is_heard(hands: ByHand) -> None:
    async def silenced() -> None:
        now = hands.clock.now()
        quiet = Silence(
            matchers=(Matcher("source", "=", "monitor"),), starts_at=now, ends_at=now + 60 * MINUTE, by="person:mira",
            why="a migration", created_at=now,
        )  # fmt: skip
        hands.now(silences.begin(quiet))

    await _late_turn(hands, silenced)
    assert [head.number for head in hands.now(t.heads())] == [FIRST], "only the shelf's"


async def test_an_alert_that_ended_while_its_turn_waited_pages_nobody(hands: ByHand) -> None:
    await _late_turn(hands, lambda: hands.a.engine.ingest([event("till", "resolve")]))
    (other,) = {sent.message.incident for sent in hands.sent if sent.message.kind == "page"}
    assert other == FIRST
