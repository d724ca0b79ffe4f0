"""One story for each incident type: what its own escalation sentence adds to the general path."""

import re

import pytest

from drills.story import Begin
from tocsin.engine.links import Links
from tocsin.store.transactions import Viewer, incidents, load_incident

FOUND = pytest.mark.parametrize("document", ["found"], indirect=True)
"""The bundled runbook gives these entries other minutes."""


async def test_sequencer_down_calls_the_team_lead_when_not_resolved_in_thirty_minutes(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P0", summary="Health check failing on sequencer")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:40")
    assert story.pages() == ["0:00 mira", "0:30 jonas"]  # L1's call 0:00 + 30 min
    await story.acknowledges("jonas")
    await story.until("1:30")
    assert story.pages() == ["1:30 eva", "1:30 lena"]  # L2's call 0:30 + 60 min, Executive with L3
    await story.resolves("lena")
    await story.until("12:00")
    assert story.pages() == []


async def test_its_thirty_minutes_hold_for_a_sequencer_that_is_only_a_p2_too(begin: Begin) -> None:
    story = await begin()
    await story.alert("sequencer-down", "P2")
    await story.until("4:00")
    assert story.pages() == [
        "0:00 mira",
        "0:30 jonas",  # its own 30 min, before R = 2 h
        "2:30 lena",  # L2's call 0:30 + R
    ]


@FOUND
async def test_a_high_error_rate_calls_the_team_lead_after_fifteen_minutes_though_taken(begin: Begin) -> None:
    story = await begin()
    await story.alert("high-error-rate", "P1")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:20")
    assert story.pages() == ["0:00 mira", "0:15 jonas"]  # L1's call 0:00 + its own 15 min
    await story.acknowledges("jonas")
    await story.until("1:15")
    assert story.pages() == ["1:15 lena"]  # L2's call 0:15 + 60 min


async def test_slow_queries_call_the_team_lead_after_thirty_minutes(begin: Begin) -> None:
    story = await begin()
    await story.alert("database-slow-queries", "P1")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:29:59")
    assert story.pages() == ["0:00 mira"]
    await story.until("0:31")
    assert story.pages() == ["0:30 jonas"]  # 0:00 + 30 min


async def test_slow_queries_that_are_only_a_p2_keep_their_thirty_minutes(begin: Begin) -> None:
    story = await begin()
    await story.alert("database-slow-queries", "P2")
    await story.until("2:30")
    assert story.pages() == ["0:00 mira", "0:30 jonas", "2:30 lena"]  # 0:00 + 30 min; 0:30 + R = 2 h


@FOUND
async def test_out_of_memory_has_no_minutes_of_its_own_and_climbs_the_general_path(begin: Begin) -> None:
    story = await begin()
    await story.alert("out-of-memory", "P1")
    await story.until("0:05")
    await story.acknowledges("mira")
    await story.until("0:50")
    assert story.pages() == ["0:00 mira", "0:30 jonas", "0:45 lena"]  # 0:00 + R + 15 min; 0:30 + R


@pytest.mark.parametrize("entry", ["sequencer-down", "high-error-rate", "database-slow-queries"])
@pytest.mark.parametrize("severity", ["P0", "P1", "P2"])
async def test_the_minutes_of_an_entry_count_from_the_first_call_though_taken(
    begin: Begin, entry: str, severity: str
) -> None:
    story = await begin()
    policy = story.policy.incident_type(entry)
    assert policy is not None
    assert policy.escalation is not None
    assert policy.escalation.after is not None
    await story.alert(entry, severity)
    await story.until("0:01")
    await story.acknowledges("mira")
    story.pages()
    await story.until("1:00")
    jonas = story.take("page")[0]
    assert (jonas.person, jonas.at) == ("jonas", story.began + policy.escalation.after)  # 0:00 + its own minutes


async def test_a_ddos_calls_the_security_team_and_the_team_lead_beside_the_engineer(begin: Begin) -> None:
    story = await begin()
    await story.alert("ddos-attack", "P0")
    assert story.pages() == ["0:00 jonas", "0:00 mira", "0:00 sam"]
    assert story.told() == ["0:00 eva"]
    await story.until("0:30")
    assert story.pages() == [
        "0:15 eva",  # Executive: together with L3
        "0:15 lena",  # L3: L2's call 0:00 + R
        "0:30 mira",  # round 2: 0:15 + R
    ]


async def test_a_ddos_that_is_taken_at_once_calls_the_manager_after_an_hour(begin: Begin) -> None:
    story = await begin()
    await story.alert("ddos-attack", "P0")
    await story.until("0:02")
    await story.acknowledges("jonas")
    await story.until("0:59:59")
    assert story.pages() == ["0:00 jonas", "0:00 mira", "0:00 sam"]  # L2 has it: no second call at 0:30
    await story.until("1:00")
    assert story.pages() == ["1:00 eva", "1:00 lena"]  # L2's call 0:00 + 60 min


async def test_a_ddos_that_security_takes_calls_the_team_lead_again_when_it_lasts(begin: Begin) -> None:
    story = await begin()
    await story.alert("ddos-attack", "P0")
    await story.until("0:02")
    await story.acknowledges("sam")  # which sends Jonas back to bed
    await story.until("0:45")
    assert story.pages()[3:] == [
        "0:30 jonas",  # L1's call 0:00 + R + 15 min
        "0:45 eva",
        "0:45 lena",  # L2's real call 0:30 + R
    ]


async def test_a_breach_calls_the_cto_the_lawyers_and_security_instead_of_the_engineer(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach", "P0", summary="Unauthorized access detected")
    assert story.pages() == ["0:00 eva", "0:00 lea", "0:00 sam"]
    assert story.told() == []  # the CTO is paged, not told
    await story.until("0:45")
    assert story.pages() == [
        "0:15 jonas",  # L2: the targets' call 0:00 + R
        "0:30 lena",  # L3: 0:15 + R
        "0:45 eva",  # round 2: 0:30 + R, for those it began with
        "0:45 lea",
        "0:45 sam",
    ]


async def test_a_page_of_a_breach_says_restricted_and_a_link_and_nothing_else(begin: Begin) -> None:
    story = await begin(public_url="https://tocsin.example")
    await story.alert("data-breach", "P0", summary="Unauthorized access detected in the vault")
    number = await story.number()
    messages = [sent.message for sent in story.take("page")]
    assert len(messages) == 3
    for message in messages:
        assert message.subject == f"Restricted incident ({number})"
        link = Links("rehearsal", "https://tocsin.example").acknowledge(number, message.to.id)
        assert message.text == f"Restricted incident.\n\nTake it: {link}\n"
        told = f"{message.subject} {message.text} {message.data | {'key': ''}}"
        assert not re.search(r"unauthorized|vault|breach|security|P0|legal", told, re.IGNORECASE)


async def test_a_breach_is_seen_by_those_it_concerns_only(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach", "P0")
    number, store = await story.number(), story.rehearsal.store
    for person, sees in (("eva", True), ("lea", True), ("sam", True), ("mira", False), ("jonas", False)):
        viewer = Viewer(everything=False, person=person)
        listed = await store.read(incidents(viewer, only_open=False, before=2**62, limit=10))
        loaded = await store.read(load_incident(number, viewer))
        assert (len(listed) == 1, loaded is not None) == (sees, sees), person
    await story.until("0:15")
    assert story.pages()[-1] == "0:15 jonas"
    assert await store.read(load_incident(number, Viewer(everything=False, person="jonas"))) is not None


async def test_a_breach_stays_open_when_its_alert_ends(begin: Begin) -> None:
    story = await begin()
    await story.alert("data-breach", "P0")
    await story.all_clear()
    assert (await story.incident()).status == "triggered"
    await story.resolves("eva")
    assert (await story.incident()).status == "resolved"
