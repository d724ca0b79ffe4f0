from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tocsin.review.draft import Draft, Part, draft, to_markdown
from tocsin.review.story import Event, Kind, Line, Story
from tocsin.runbook.policy import Review
from tocsin.runbook.reading import read_runbook

BEGAN = datetime(2026, 11, 24, 22, 40, 38, tzinfo=UTC)
HAPPENED: tuple[tuple[float, Kind, str], ...] = (
    (0, "opened", "Opened as P1"),
    (0.1, "paged", "Paged Mira by Slack."),
    (2, "paged", "Paged Mira by SMS."),
    (2.2, "paged", "Called Mira."),
    (4, "acknowledged", "Mira has it"),
    (5, "other", "Somebody looked"),
    (9, "severity", "Raised to P0"),
    (25, "step", "Quick restart ran, exit 0"),
    (46, "resolved", "Resolved by Mira"),
)
STORY = Story(
    number="INC-2026-0042",
    title="Gate stuck",
    severity="P0",
    started_at=BEGAN,
    resolved_at=BEGAN + timedelta(minutes=46),
    events=tuple(
        Event(seq=seq, at=BEGAN + timedelta(minutes=minutes), text=text, kind=kind)
        for seq, (minutes, kind, text) in reversed(list(enumerate(HAPPENED, 12)))
    ),
    zone="Europe/Berlin",
)
FORM = """\
# Look back at [Incident ID] of 2020-01-31

**Day**: any

## In short

- **Date**: 2020-01-31
- **Duration**: 3 hours
- **Severity**: P2
- **Impact**: nine ferries late

## Timeline

- 10:00 - A bell rang

## What caused it

Rust in the hinge.

## Resolution

- Immediate: oiled the hinge
- Long-term: replaced the hinge

## Action items

- [ ] Buy oil (@rosa, 2020-02-01)

## Lessons

1. Oil more often
"""
AS_TEXT = """\
# Look back at INC-2026-0042 of 2026-11-24

**Day**: <ask: What is there to say on Day?>

## In short

- **Date**: 2026-11-24
- **Duration**: 46 minutes
- **Severity**: P0
- **Impact**: Ferries stood still.

## Timeline

Times are Europe/Berlin.

- 23:40 - Opened as P1
- 23:40 - Paged Mira by Slack (and 2 more pages)
- 23:44 - Mira has it
- 23:49 - Raised to P0
- 2026-11-25 00:05 - Quick restart ran, exit 0
- 00:26 - Resolved by Mira

## What caused it

<ask: Why did it happen, and what let it through?>

## Resolution

- Immediate: Quick restart ran, exit 0
- Long-term: <ask: What will keep it from coming back?>

## Action items

<ask: What will be changed, by whom, until when?>

## Lessons

Doors need care.
"""


def review(body: str) -> Review:
    return Review(title="Review", body=body, due_within=None, line=1, end_line=9)


def part(found: Draft, part_id: str) -> Part:
    return next(one for one in found.parts if one.id == part_id)


def test_a_draft_keeps_the_form_and_none_of_its_examples() -> None:
    found = draft(review(FORM), STORY)
    assert to_markdown(found, {"in-short.impact": "Ferries stood still.", "lessons": "Doors need care."}) == AS_TEXT


def test_each_filled_line_cites_its_facts() -> None:
    found = draft(review(FORM), STORY)
    assert part(found, "timeline").lines[1] == Line("23:40 - Paged Mira by Slack (and 2 more pages)", (13, 14, 15))
    assert part(found, "in-short.duration").lines == (Line("46 minutes", (12, 20)),)
    assert part(found, "in-short.severity").lines == (Line("P0", (18,)),)
    assert part(found, "resolution.immediate").lines == (Line("Quick restart ran, exit 0", (19,)),)


def test_what_a_person_must_write_has_a_prompt_and_the_example_beside_it() -> None:
    found = draft(review(FORM), STORY)
    cause = part(found, "what-caused-it")
    assert (cause.filled, cause.example) == (False, "Rust in the hinge.")
    assert part(found, "in-short").filled is False
    assert part(found, "action-items").example == "- [ ] what (@who, YYYY-MM-DD)"
    assert [one.id for one in found.parts if one.prompt] == [
        "look-back-at-incident-id-of-2020-01-31.day",
        "in-short.impact",
        "what-caused-it",
        "resolution.long-term",
        "action-items",
        "lessons",
    ]


def test_part_ids_do_not_depend_on_the_incident() -> None:
    other = msgspec.structs.replace(STORY, number="INC-7", events=(), resolved_at=None)
    ids = [one.id for one in draft(review(FORM), other).parts]
    assert ids == [one.id for one in draft(review(FORM), STORY).parts]


def test_what_is_not_over_has_no_duration_yet() -> None:
    going_on = msgspec.structs.replace(STORY, resolved_at=None)
    lasting = part(draft(review(FORM), going_on), "in-short.duration")
    assert (lasting.lines, lasting.prompt) == ((), "How long did it last?")


def test_a_resolution_nothing_ran_for_is_asked_for() -> None:
    nothing = msgspec.structs.replace(STORY, events=())
    asked = part(draft(review("## Resolution\n\nOiled it.\n"), nothing), "resolution")
    assert (asked.filled, asked.prompt is not None, asked.example) == (False, True, "Oiled it.")


def test_a_heading_over_headings_needs_no_words() -> None:
    found = draft(review("# Review\n## Analysis\n### Root cause\nRust\n"), STORY)
    assert [(one.id, one.filled) for one in found.parts] == [
        ("review", True),
        ("analysis", True),
        ("root-cause", False),
    ]


def test_labels_in_bold_hold_what_stands_below_them() -> None:
    found = draft(review("**Duration**\n3 hours\n\n**Timeline:**\n\n- 10:00 a bell\n\n**Root cause:**\nRust"), STORY)
    text = to_markdown(found, {})
    assert text.startswith("**Duration** 46 minutes\n\n**Timeline:**\n\nTimes are Europe/Berlin.\n\n- 23:40 - Opened")
    assert not [words for words in ("3 hours", "bell", "Rust") if words in text]


def test_rows_of_a_table_are_labels_too() -> None:
    found = draft(review("## Facts\n\n| | |\n|---|---|\n| Severity | P3 |\n| **Impact** | none |\n"), STORY)
    assert to_markdown(found, {"facts.impact": "Some"}) == "## Facts\n\n- **Severity**: P0\n- **Impact**: Some\n"


def test_a_document_without_a_form_gets_the_usual_headings() -> None:
    headings = [one.heading for one in draft(review(""), STORY).parts if one.level == 2]
    assert headings == ["Summary", "Timeline", "Root cause", "Resolution", "Action items", "Lessons learned"]


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../etc", ""])
def test_an_unknown_zone_reads_utc(zone: str) -> None:
    found = draft(review("## Timeline"), msgspec.structs.replace(STORY, zone=zone))
    assert found.zone == "UTC"
    assert part(found, "timeline").lines[0].text == "22:40 - Opened as P1"


EXAMPLES = (
    "500 users", "2024-11", "45 minutes", "15:30", "monitoring alert", "abc123", "pool", "john.doe", "Staging",
)  # fmt: skip


def test_the_real_template_keeps_its_headings_and_loses_its_examples(seed: bytes) -> None:
    template = read_runbook(seed).review
    assert template is not None
    text = to_markdown(draft(template, STORY), {})
    headings = [line.removeprefix("## ") for line in text.split("\n") if line.startswith("## ")]
    assert headings == ["Summary", "Timeline", "Root Cause", "Resolution", "Action Items", "Lessons Learned"]
    assert "# Post-Incident Review - INC-2026-0042" in text
    assert not [example for example in EXAMPLES if example in text]
