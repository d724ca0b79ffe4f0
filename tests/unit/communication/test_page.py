from datetime import UTC, datetime

import msgspec
import pytest

from tocsin.communication.page import PageFacts, page_body, page_data, page_subject

SEQUENCER_DOWN = PageFacts(
    number="INC-2026-0042",
    title="Sequencer Down",
    severity="P0",
    severity_name="Critical",
    since=datetime(2026, 11, 24, 2, 11, 38, tzinfo=UTC),
    why_you="L1 until Mon 30 Nov 09:00",
    why_you_line=42,
    severity_because='"complete service outage"',
    severity_line=7,
    summary="Health failed 3 of 3",
    runbook="runbook.md",
    next_person="Jonas Weber",
    next_level="L2",
    next_at=datetime(2026, 11, 24, 2, 27, tzinfo=UTC),
    link="https://tocsin.example/a/7hQ2",
    key="INC-2026-0042/L1/1",
    zone="Europe/Berlin",
    lines=(("Check the sequencer", 61), ("Check the port", 67)),
)

AS_TEXT = """\
You are paged: nobody has it.

What     Sequencer Down, P0 Critical, since 03:11:38 Berlin, Tue 24 Nov
         Health failed 3 of 3
Why you  L1 until Mon 30 Nov 09:00                    runbook.md:42
Why P0   "complete service outage"                    runbook.md:7
First    Check the sequencer                          runbook.md:61
         Check the port                               runbook.md:67
Next     Take it: https://tocsin.example/a/7hQ2
         If nobody does, Jonas Weber (L2) is paged at 03:27.

Page 1 of this incident. If it comes twice it is the same one:
key INC-2026-0042/L1/1.
"""


def but(**changes: object) -> PageFacts:
    return msgspec.structs.replace(SEQUENCER_DOWN, **changes)


def test_a_page_says_what_why_you_why_this_severity_and_what_next() -> None:
    assert page_body(SEQUENCER_DOWN) == AS_TEXT
    assert page_subject(SEQUENCER_DOWN) == "P0 Sequencer Down, nobody has it (INC-2026-0042)"


def test_a_page_of_an_incident_somebody_holds_names_that_person() -> None:
    held = but(held_by="Ana")
    assert page_subject(held) == "P0 Sequencer Down, Ana has it (INC-2026-0042)"
    assert "You are paged: Ana has it, and it is not resolved.\n" in page_body(held)
    assert "If it is not resolved by then, Jonas Weber (L2) is paged at 03:27." in page_body(held)
    assert page_data(held)["status"] == "acknowledged"


def test_the_last_person_of_the_ladder_learns_that_nobody_comes_after() -> None:
    assert "Nobody else is paged after you." in page_body(but(next_person=None, next_level=None))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"next_person": None}, "If nobody does, L2 is paged at 03:27."),
        ({"next_at": None}, "If nobody does, Jonas Weber (L2) is paged."),
        ({"next_level": None}, "If nobody does, Jonas Weber is paged at 03:27."),
        ({"next_at": datetime(2026, 11, 25, 8, tzinfo=UTC)}, "Jonas Weber (L2) is paged at 09:00 on Wed 25 Nov."),
    ],
)
def test_what_is_not_known_of_the_next_page_is_left_out(change: dict[str, object], words: str) -> None:
    assert words in page_body(but(**change))


def test_a_late_page_says_when_it_should_have_come() -> None:
    late = but(late_since=datetime(2026, 11, 24, 2, 12, tzinfo=UTC))
    assert page_body(late).startswith("This page is late: it should have reached you at 03:12 Berlin, Tue 24 Nov.\n")
    assert page_subject(late).startswith("Late: P0 ")


def test_a_test_page_is_marked_everywhere() -> None:
    test = but(test=True)
    assert page_subject(test).startswith("Test: ")
    assert page_body(test).startswith("This is a test.")
    assert page_data(test)["test"] is True


def test_a_restricted_page_says_only_that_it_is_one() -> None:
    secret = but(
        title="TITLE-X",
        summary="SUMMARY-X",
        why_you="WHY-X",
        severity_because="BECAUSE-X",
        next_person="NEXT-X",
        runbook="RUNBOOK-X",
        held_by="HOLDER-X",
        lines=(("STEP-X", 1),),
        restricted=True,
    )
    assert page_subject(secret) == "Restricted incident (INC-2026-0042)"
    assert page_body(secret) == "Restricted incident.\n\nTake it: https://tocsin.example/a/7hQ2\n"
    assert "-X" not in page_body(secret) + page_subject(secret) + str(page_data(secret))
    assert "P0" not in str(page_data(secret))


def test_a_restricted_page_still_says_that_it_is_late_or_a_test() -> None:
    marked = page_body(but(restricted=True, test=True, late_since=SEQUENCER_DOWN.since))
    assert "This is a test." in marked
    assert "should have reached you at 03:11" in marked


def test_a_title_from_outside_cannot_start_a_new_line_or_run_on() -> None:
    hostile = but(title="Down\r\nBcc: everybody@example.org\x1b[2J" + "x" * 500, summary="a\nb")
    assert "\n" not in page_subject(hostile)
    assert len(page_subject(hostile)) <= 150
    assert page_subject(hostile).endswith("… (INC-2026-0042)")
    assert "\x1b" not in page_body(hostile)
    assert "\n         a b\n" in page_body(hostile)


def test_a_reader_in_a_zone_that_does_not_exist_reads_utc() -> None:
    for zone in ("Nowhere/Land", "", "../etc/passwd", "UTC"):
        assert "since 02:11:38 UTC, Tue 24 Nov" in page_body(but(zone=zone))


def test_a_zone_is_named_as_people_name_it() -> None:
    assert "since 21:11:38 New York, Mon 23 Nov" in page_body(but(zone="America/New_York"))


def test_the_data_is_json_with_instants_in_utc() -> None:
    data = msgspec.json.decode(msgspec.json.encode(page_data(SEQUENCER_DOWN)))
    assert data["occurred_at"] == "2026-11-24T02:11:38Z"
    assert data["next"] == {"person": "Jonas Weber", "level": "L2", "at": "2026-11-24T02:27:00Z"}
    assert data["why_you"] == {"text": "L1 until Mon 30 Nov 09:00", "line": 42}
    assert data["first_steps"][1] == {"title": "Check the port", "line": 67}


def test_a_page_without_a_line_or_a_summary_has_no_empty_rows() -> None:
    bare = page_body(but(why_you_line=None, summary=" ", lines=()))
    assert "Why you  L1 until Mon 30 Nov 09:00\n" in bare
    assert all(line.strip() for line in bare.split("\n\n")[1].splitlines())


def test_who_is_only_told_is_not_told_to_be_paged() -> None:
    told = page_body(but(notification=True))
    assert "You are told, not paged: nobody has it.\n" in told
    assert "Nobody waits for you." in told
    assert "If nobody answers, " in told
    assert "You are paged" not in told
