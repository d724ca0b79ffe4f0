"""Pages in 160 characters, and spoken."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.communication.bundle import Bundle, bundle_sms
from tocsin.communication.page import PageFacts
from tocsin.communication.short import (
    GSM,
    TWICE,
    gsm_length,
    in_one_message,
    menu,
    one_message,
    page_sms,
    speech,
    spoken_time,
)

AT = datetime(2026, 11, 24, 2, 11, 38, tzinfo=UTC)
FACTS = PageFacts(
    number="INC-2026-0042",
    title="Sequencer Down",
    severity="P0",
    severity_name="Critical",
    since=AT,
    why_you="You are L1",
    severity_because="complete outage",
    runbook="RUNBOOK.md",
    link="https://tocsin.example/a/7hQ2",
    key="INC-2026-0042/1/L1/mira/0.sms",
    summary="Health failed 3 of 3.",
    zone="Europe/Berlin",
    next_person="Jonas Weber",
    next_level="L2",
    next_at=AT + timedelta(minutes=16),
    code="42KTX",
)


def fits(text: str) -> bool:
    """Give whether a phone gets it as one message."""
    return gsm_length(text) <= 160 if set(text) <= GSM | TWICE else len(text.encode("utf-16-le")) <= 140


def test_a_text_message_says_what_since_when_how_to_answer_and_who_is_next() -> None:
    assert page_sms(FACTS) == (
        "P0 Sequencer Down, since 03:11. Health failed 3 of 3.\n"
        "Reply ACK 42KTX to take it. Else Jonas at 03:27.\n"
        "https://tocsin.example/a/7hQ2\n"
        "INC-2026-0042"
    )


def test_what_does_not_fit_goes_by_its_weight_and_the_answer_stays() -> None:
    long = replace(FACTS, link="https://tocsin.example.org/a/" + "x" * 60)
    assert "Health failed" in page_sms(long), "there is room for it without the link"
    assert "https" not in page_sms(long)
    cut = page_sms(replace(FACTS, title="A" * 300))
    assert cut.splitlines()[0].endswith("..., since 03:11.")
    assert cut.splitlines()[1] == "Reply ACK 42KTX to take it. Else Jonas at 03:27."
    assert len(cut) == 160


def test_a_restricted_page_says_nothing_else() -> None:
    text = page_sms(replace(FACTS, restricted=True, held_by="Mira Okafor"))
    link = "https://tocsin.example/a/7hQ2"
    assert text == f"Restricted incident.\nReply ACK 42KTX to take it.\n{link}\nINC-2026-0042"
    assert speech(replace(FACTS, restricted=True)) == "Tocsin. A restricted incident."
    assert "Jonas" not in menu(replace(FACTS, restricted=True))


def test_accents_that_a_phone_lacks_are_lost_and_other_scripts_take_the_shorter_message() -> None:
    assert page_sms(replace(FACTS, title="Café “Süd” čaj", summary="")).startswith('P0 Café "Süd" caj, since')
    text = page_sms(replace(FACTS, title="データベース"))
    assert text.splitlines()[:2] == ["P0 データベース, since 03:11.", "Reply ACK 42KTX to take it."]


@given(st.text(), st.text(), st.text(), st.booleans(), st.sampled_from(["", "42KTX", "123456KTX"]))
def test_it_is_one_message_whatever_is_said(title: str, summary: str, name: str, test: bool, code: str) -> None:
    facts = replace(FACTS, title=title, summary=summary, next_person=name or None, test=test, code=code)
    for one in (facts, replace(facts, restricted=True), replace(facts, reminder=summary), replace(facts, held_by=name)):
        text = page_sms(one)
        assert fits(text)
        assert (f"ACK {code}" in text) == bool(code and not one.reminder)


@given(st.text())
def test_any_text_can_be_cut_to_one_message(text: str) -> None:
    assert fits(one_message(text))


def test_many_at_once_are_one_message_that_takes_the_first() -> None:
    other = replace(FACTS, number="INC-2026-0043", title="X" * 200, severity="P2", code="43BCD")
    text = bundle_sms(Bundle((FACTS, other), "https://tocsin.example/app/"))
    assert text == (
        "2 more incidents: 1 P0, 1 P2. First: P0 Sequencer Down\n"
        "Reply ACK 42KTX to take the first.\n"
        "https://tocsin.example/app/"
    )
    long = bundle_sms(Bundle((replace(other, title="データ" * 60), FACTS), "https://tocsin.example/app/"))
    assert "Reply ACK 43BCD to take the first." in long
    assert fits(long)


@given(st.text(), st.text(max_size=40), st.text())
def test_any_lines_are_one_message_and_the_first_of_them_is_there(head: str, first: str, other: str) -> None:
    assert fits(in_one_message(head, first, other))


def test_a_call_says_it_in_words() -> None:
    assert speech(FACTS) == "Tocsin. P zero. Sequencer Down, since three eleven."
    assert menu(FACTS) == "Press 4 to take it. Press 6 to pass it to Jonas Weber. Press 8 if it is over."
    assert speech(replace(FACTS, held_by="Ada Moreau")).endswith("Ada Moreau has it, and it is not resolved.")
    assert menu(replace(FACTS, next_person=None, next_level=None)) == "Press 4 to take it. Press 8 if it is over."
    assert menu(replace(FACTS, notification=True)) == ""


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [(3, 11, "three eleven"), (3, 5, "three oh five"), (0, 0, "zero hundred"), (21, 42, "twenty one forty two")],
)
def test_times_are_said_as_people_say_them(hour: int, minute: int, words: str) -> None:
    assert spoken_time(AT.replace(hour=hour, minute=minute)) == words
