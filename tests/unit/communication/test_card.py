"""What a page says where it has buttons."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tocsin.communication.bundle import MOST_IN_A_CARD, Bundle, bundle_card
from tocsin.communication.card import Card, page_card
from tocsin.communication.page import PageFacts

SINCE = datetime(2026, 11, 24, 2, 11, 38, tzinfo=UTC)
FACTS = PageFacts(
    number="INC-2026-0042",
    title="Sequencer Down",
    severity="P0",
    severity_name="Critical",
    since=SINCE,
    why_you="You are L1, On-call engineer",
    why_you_line=42,
    severity_because='"complete service outage"',
    severity_line=7,
    summary="Health failed 3 of 3",
    runbook="runbook.md",
    link="https://tocsin.example/a/7hQ2",
    page="https://tocsin.example/app/incidents/INC-2026-0042",
    key="INC-2026-0042/1/L1/mira/0.slack",
    next_person="Jonas Weber",
    next_level="L2",
    next_at=datetime(2026, 11, 24, 2, 27, tzinfo=UTC),
    zone="Europe/Berlin",
    as_of=7,
    found=(("sequencer errored, 16 restarts", 61), ("nothing listens on 3000", 67)),
)


def card(**changes: Any) -> Card:
    return page_card(msgspec.structs.replace(FACTS, **changes))


def test_a_page_says_what_since_when_why_you_what_was_found_and_who_is_next() -> None:
    shown = card()
    assert shown.headline == "P0 · Sequencer Down · nobody has it"
    assert shown.lines == (
        "Health failed 3 of 3. Since 03:11:38 Berlin, Tue 24 Nov.",
        "You are L1, On-call engineer.",
        "Found: sequencer errored, 16 restarts · nothing listens on 3000",
        "If nobody takes it, Jonas Weber (L2) is paged at 03:27.",
    )
    assert shown.foot == "INC-2026-0042 · runbook.md:42, runbook.md:7"
    assert (shown.open, shown.take) == (FACTS.page, FACTS.link)


def test_its_buttons_say_what_they_were_pressed_for() -> None:
    assert [(button.action, button.value, button.level) for button in card().buttons] == [
        ("acknowledge", "INC-2026-0042:7", ""),
        ("escalate", "INC-2026-0042:7", "L2"),
        ("resolve", "INC-2026-0042:7", ""),
    ]


def test_what_somebody_has_can_be_escalated_and_resolved() -> None:
    shown = card(held_by="Mira Okafor")
    assert shown.headline == "P0 · Sequencer Down · Mira Okafor has it"
    assert [button.action for button in shown.buttons] == ["escalate", "resolve"]
    assert shown.lines[-1] == "If it is not resolved by then, Jonas Weber (L2) is paged at 03:27."


def test_who_has_it_answers_again_when_another_level_was_called_since() -> None:
    shown = card(held_by="Mira Okafor", unanswered=True)
    assert [button.action for button in shown.buttons] == ["acknowledge", "escalate", "resolve"]


def test_the_last_level_cannot_be_escalated() -> None:
    shown = card(next_person=None, next_level=None, next_at=None)
    assert [button.action for button in shown.buttons] == ["acknowledge", "resolve"]


def test_what_is_over_has_no_buttons_and_says_how_it_ended() -> None:
    shown = card(held_by="Mira", resolved_at=SINCE + timedelta(minutes=46), resolved_by="Mira")
    assert shown.headline == "P0 · Sequencer Down · resolved"
    assert shown.lines[-1] == "Resolved 03:57 by Mira, after 46 min. Nobody else is paged."
    assert (shown.buttons, shown.take) == ((), "")


def test_a_restricted_card_says_nothing_but_that() -> None:
    shown = card(restricted=True)
    assert shown.headline == "Restricted incident · nobody has it"
    told = str(shown)
    assert [word for word in ("Sequencer", "Health", "L1", "P0", "runbook") if word in told] == []
    assert "L2" not in told


def test_a_test_page_has_one_button() -> None:
    shown = card(test=True, number="TEST-3F9A12", as_of=0)
    assert shown.headline == "Test page: nothing is wrong"
    assert [(button.words, button.value) for button in shown.buttons] == [("It reached me", "TEST-3F9A12:0")]


def test_a_reminder_has_nothing_to_press() -> None:
    shown = card(reminder="an update is due", page="p", link="p")
    assert (shown.headline, shown.buttons, shown.take) == ("Sequencer Down: an update is due", (), "")


def many(count: int = 3, **changes: Any) -> Card:
    pages = [
        msgspec.structs.replace(FACTS, number=f"INC-2026-{number:04}", **changes) for number in range(1, count + 1)
    ]
    return bundle_card(Bundle(tuple(pages), "https://tocsin.example/app/"))


def test_of_many_incidents_each_has_its_own_line_and_its_own_button() -> None:
    shown = many()
    assert shown.headline == "3 more incidents: 3 P0. First: P0 Sequencer Down"
    assert [row.button.value for row in shown.rows if row.button] == [f"INC-2026-000{place}:7" for place in (1, 2, 3)]
    assert shown.rows[0].line.startswith("P0  Sequencer Down, nobody has it (INC-2026-0001)\nsince 03:11")
    assert (shown.buttons, shown.open) == ((), "https://tocsin.example/app/")


def test_more_than_anybody_reads_are_counted() -> None:
    shown = many(MOST_IN_A_CARD + 5)
    assert (len(shown.rows), shown.lines) == (MOST_IN_A_CARD, ("And 5 more: 5 P0.",))


def test_one_of_many_that_is_restricted_says_only_that() -> None:
    assert "Sequencer" not in str(many(restricted=True))


@pytest.mark.parametrize("changes", [{"notification": True}, {"reminder": "the review is due"}])
def test_of_many_that_ask_for_no_answer_none_can_be_taken(changes: dict[str, Any]) -> None:
    assert [row.button for row in many(**changes).rows] == [None] * 3
