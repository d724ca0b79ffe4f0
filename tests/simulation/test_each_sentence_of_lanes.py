"""Channels do not wait for one another, and a storm reaches a person as a few messages: each sentence on purpose."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from simulation.by_hand import FIRST, ByHand, Interrupted, simple
from simulation.cluster import Cluster
from simulation.company import event
from simulation.properties import timelines
from tocsin.channels.message import SendFailed
from tocsin.engine.deeds import LEASE
from tocsin.engine.pacing import ALONE, SENDS_AT_ONCE
from tocsin.escalation.reach import PATIENCE
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.settings import ChannelSettings, Person, Rate, ReachStep, Settings
from tocsin.store import transactions as t

MIRA = Person(id="mira", name="Mira", reach=(ReachStep(via=("push",)), ReachStep(via=("phone",))))


def two_ways(**more: Any) -> Settings:
    """Give Mira two methods, two minutes apart."""
    usual = simple(**more)
    return replace(usual, people=usual.people | {"mira": MIRA})


@pytest.fixture
def hands() -> Iterator[ByHand]:
    made = ByHand(two_ways())
    yield made
    made.inner.close()


def pages(hands: ByHand) -> list[tuple[float, str, str]]:
    """Give what arrived: seconds since the beginning, channel and person."""
    return [
        ((sent.at - hands.began).total_seconds(), sent.channel, sent.person)
        for sent in hands.sent
        if sent.message.kind == "page"
    ]


async def storm(hands: ByHand, count: int, severity: str = "P1", prefix: str = "storm") -> None:
    """Let so many different alerts fire at once."""
    await hands.a.engine.ingest([event(f"{prefix}-{number:04}", severity=severity) for number in range(count)])


# -- the next method


async def test_a_provider_that_hangs_delays_the_next_method_by_so_long_at_most(hands: ByHand) -> None:
    await hands.fires(severity="P1")
    await hands.a.worker.step()
    due = {job.key.rpartition("/")[2]: job.due for job in hands.now(t.jobs_of(FIRST)) if "/mira/" in job.key}
    assert due["1.phone"] - due["0.push"] == PATIENCE, "whoever hangs or waits, and however long"


def test_a_provider_that_hangs_is_given_up_when_patience_ends() -> None:
    cluster = Cluster(5, 1, lease_expires=False)
    try:
        cluster.modes = dict.fromkeys(cluster.modes, "hang")
        cluster.ask(cluster.nodes[0], lambda engine: engine.ingest([event("till", severity="P1")]))
        cluster.run(90)
        (facts,) = timelines(cluster).values()
        called = next(fact.at for fact in facts if isinstance(fact.body, f.Escalated))
        failed = {fact.body.method: fact.at - called for fact in facts if isinstance(fact.body, f.PageFailed)}
        slow = timedelta(seconds=6)  # the store of a simulated node answers late
        assert failed["0.push"] <= PATIENCE + slow
        assert failed["1.phone"] <= 2 * PATIENCE + slow
        assert {"0.push", "1.phone", "1.mail"} == failed.keys()
    finally:
        cluster.close()


async def test_a_hanging_provider_holds_only_its_own_places(hands: ByHand) -> None:
    crowd = {f"p{number}": Person(id=f"p{number}", name="P", reach=(ReachStep(via=("push",)),)) for number in range(40)}
    usual = simple()
    people = usual.people | crowd | {"bo": Person(id="bo", name="Bo", reach=(ReachStep(via=("phone",)),))}
    hands.a.engine.worlds.settings = replace(usual, people=people, roles=usual.roles | {"L1": (*crowd, "bo")})
    never = asyncio.Event()
    hands.a.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], never.wait)}
    await hands.fires(severity="P1")
    running = asyncio.create_task(hands.a.worker.run())
    async with asyncio.timeout(60):
        while "phone" not in [page[1] for page in pages(hands)] or hands.channels["push"].attempts < SENDS_AT_ONCE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert [person for _, channel, person in pages(hands) if channel == "phone"] == ["bo"]
    assert hands.channels["push"].attempts == SENDS_AT_ONCE
    never.set()
    await hands.a.worker.stop()
    await running


# -- rates


async def test_every_message_of_a_channel_waits_as_long_as_its_provider_asked(hands: ByHand) -> None:
    hands.channels["push"].failing = SendFailed("slow down", permanent=False, retry_after=timedelta(seconds=20))
    await hands.fires(severity="P1")
    await hands.a.engine.ingest([event("shelf", severity="P1")])
    await hands.settle()
    assert hands.channels["push"].attempts == 1, "the second page asks nobody"
    hands.channels["push"].failing = None
    await hands.let_pass(0.32)
    assert pages(hands) == []
    await hands.let_pass(0.1)
    assert [(at >= 20, channel) for at, channel, _ in pages(hands)] == [(True, "push")], "both in one message"
    assert [hands.kinds(number)[-1] for number in (FIRST, "INC-2026-0002")] == ["Paged", "Paged"]


async def test_a_rate_delays_and_loses_nothing_and_the_most_urgent_goes_first() -> None:
    crowd = {f"p{number}": Person(id=f"p{number}", name="P", reach=(ReachStep(via=("push",)),)) for number in range(6)}
    usual = simple(channels={"push": ChannelSettings(id="push", kind="webhook", rate=Rate(1, timedelta(seconds=1)))})
    hands = ByHand(replace(usual, people=usual.people | crowd, roles=usual.roles | {"L1": tuple(crowd)}))
    await hands.fires(severity="P1")
    await hands.settle()
    await hands.a.engine.ingest([event("shelf", severity="P0")])
    await hands.let_pass(0.4)
    severities = [sent.message.subject[:2] for sent in hands.sent if sent.message.kind == "page"]
    assert len(severities) == 12
    assert "".join(severities[1:8]).count("P0") >= 6, "one went out before; one in eight may be of the others"
    times = [at for at, _, _ in pages(hands)]
    assert times == sorted(times)
    assert times[-1] >= 11, "one a second"
    waited = [receipt.detail for receipt in hands.now(t.receipts(FIRST)) if receipt.status == "accepted"]
    assert any("in turn" in detail for detail in waited)
    hands.inner.close()


async def test_the_least_urgent_is_not_left_behind_for_ever() -> None:
    crowd = {f"p{number}": Person(id=f"p{number}", name="P", reach=(ReachStep(via=("push",)),)) for number in range(30)}
    usual = simple(channels={"push": ChannelSettings(id="push", kind="webhook", rate=Rate(1, timedelta(seconds=1)))})
    people = usual.people | crowd | {"bo": Person(id="bo", name="Bo", reach=(ReachStep(via=("push",)),))}
    hands = ByHand(replace(usual, people=people, roles=usual.roles | {"L1": tuple(crowd)}))
    await hands.fires(severity="P0")
    await hands.a.engine.ingest([event("shelf", severity="P2")])
    await hands.let_pass(0.5)
    severities = [sent.message.subject[:2] for sent in hands.sent if sent.message.kind == "page"]
    assert "P2" in severities[1:21], "the first one went out before anything worse was known"
    hands.inner.close()


# -- bundles


async def test_in_a_storm_a_person_gets_three_messages_and_then_bundles(hands: ByHand) -> None:
    await storm(hands, 100, "P2")
    await storm(hands, 7, "P0", "worse")
    await hands.settle()
    await hands.let_pass(0.45)
    mine = [sent.message for sent in hands.sent if sent.person == "mira" and sent.message.kind == "page"]
    assert len(mine) <= ALONE + 3
    assert [message.keys == () for message in mine[:ALONE]] == [True] * ALONE
    assert sum(len(message.keys) or 1 for message in mine) == 107, "nobody is forgotten"
    for number in range(1, 108):
        facts = hands.facts(f"INC-2026-{number:04}")
        assert [fact.body.method for fact in facts if isinstance(fact.body, f.Paged)] == ["0.push"]
    bundle = next(message for message in mine if message.keys)
    severities = [one["priority"]["summary"] for one in bundle.data["incidents"]]  # type: ignore[attr-defined]
    assert severities == sorted(severities)
    assert bundle.subject.startswith(f"{len(bundle.keys)} more incidents: ")
    assert bundle.text.count("/a/INC-") == min(len(bundle.keys), 40)


async def test_the_ladder_of_an_incident_in_a_bundle_goes_on_and_stops_by_itself(hands: ByHand) -> None:
    await storm(hands, 10)
    await hands.settle()
    await hands.let_pass(0.4)
    await hands.act(w.Acknowledge(by="person:mira"), "INC-2026-0009")
    await hands.let_pass(20)
    assert [level for level, _, _ in hands.calls("INC-2026-0009")] == ["L1"]
    assert [level for level, _, _ in hands.calls("INC-2026-0010")] == ["L1", "L2"]


async def test_a_bundle_that_fails_fails_for_all_and_all_are_tried_again_together(hands: ByHand) -> None:
    hands.channels["push"].failing = SendFailed("busy", permanent=False)
    await storm(hands, 30)
    await hands.settle()
    before = hands.channels["push"].attempts
    hands.channels["push"].failing = None
    await hands.let_pass(0.4)
    mine = [sent.message for sent in hands.sent if sent.channel == "push" and sent.person == "mira"]
    assert sum(len(message.keys) or 1 for message in mine) == 30
    assert len(mine) <= 6
    assert before < 12, "what waits for a way that does not work is tried together"


async def test_who_stood_still_with_a_page_in_hand_sends_it_once_in_its_bundle(hands: ByHand) -> None:
    hands.a.deeds.pacing.pause("push", timedelta(seconds=1), hands.clock.monotonic())
    await storm(hands, ALONE + 3)
    await hands.settle()
    hands.clock.advance(timedelta(seconds=1))
    for _ in range(ALONE):
        await hands.a.worker.step()
    held = await hands.claim(hands.a)
    hands.clock.advance(2 * LEASE)
    await hands.a.worker.perform(held)
    bundle = hands.sent[-1].message
    assert len(bundle.keys) == len(set(bundle.keys)) == 3


# -- marks


async def test_a_page_that_may_have_arrived_before_says_so(hands: ByHand) -> None:
    hands.channels["push"].failing = SendFailed("busy", permanent=False)
    await hands.opens("P1")
    hands.channels["push"].failing = None
    await hands.let_pass(0.05)
    assert "You may have this page already" not in hands.sent[0].message.text, "it was refused"

    await hands.a.engine.ingest([event("shelf", severity="P1")])
    await hands.a.worker.step()
    await hands.claim(hands.a)  # and its process dies
    hands.clock.advance(timedelta(seconds=31))
    await hands.settle()
    again = next(sent.message for sent in hands.sent if sent.message.incident == "INC-2026-0002")
    assert "You may have this page already" in again.text
    assert again.subject.startswith("Late: ")


async def test_a_page_that_crossed_an_acknowledgement_is_marked(hands: ByHand) -> None:
    async def taken() -> None:
        await hands.a.engine.act(FIRST, w.Acknowledge(by="person:bo"), t.SYSTEM)

    hands.a.deeds.channels = {**hands.channels, "push": Interrupted(hands.channels["push"], taken)}
    await hands.opens("P1")
    [paged] = [fact.body for fact in hands.facts() if isinstance(fact.body, f.Paged)]
    assert paged.crossed
    assert hands.kinds() == ["Opened", "Escalated", "Acknowledged", "Paged"]
