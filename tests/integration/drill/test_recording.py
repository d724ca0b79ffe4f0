"""What happened, written down for a replay: the replay of it goes the way it went."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from integration.drill.test_replay import TEAM, at, event, jam, leak, over, played, said, told
from tocsin.drill.recording import incident_lines, silence_lines
from tocsin.drill.replay import Replayed
from tocsin.drill.replay_report import Report
from tocsin.grouping.matchers import read_matcher
from tocsin.incident.silence import Recurrence, Silence


def written(done: Replayed) -> list[str]:
    """The lines of all its incidents, in the order of their times, as `tocsin record` writes them."""
    lines = [line for one in done.incidents for line in incident_lines(one.facts, one.alerts)]
    return [json.dumps(line) for line in sorted(lines, key=lambda line: str(line["at"]))]


def way(report: Report) -> list[object]:
    """What is the same in both: which incidents, how they went, and who was paged when."""
    return [
        (
            story.title,
            story.severity,
            story.opened_at,
            story.resolved_at,
            [(page.at, page.person, page.level, page.cause) for page in story.pages],
        )
        for story in report.incidents
    ]


def many(minutes: tuple[int, ...]) -> list[str]:
    """A leak that comes and goes at these minutes of an hour."""
    moments = [f"2026-03-03T10:{minute:02}:00Z" for minute in minutes]
    return [leak(moment) if place % 2 == 0 else over(moment, "boiler") for place, moment in enumerate(moments)]


@pytest.mark.parametrize(
    "lines",
    [
        [leak("2026-03-03T10:00:00Z"), over("2026-03-03T11:00:00Z", "boiler")],
        [leak("2026-03-03T10:00:00Z"), said("2026-03-03T10:05:00Z", acknowledge="wanda", dedup_key="boiler")],
        [leak("2026-03-03T10:00:00Z"), said("2026-03-03T10:25:00Z", resolve="fred", dedup_key="boiler")],
        [
            jam("2026-03-03T02:00:00Z"),
            jam("2026-03-03T02:10:00Z", "another/dryer"),
            event("", "dryer", "acknowledge", "2026-03-03T02:15:00Z"),
            over("2026-03-03T02:20:00Z", "dryer"),
            over("2026-03-03T02:50:00Z", "another/dryer"),
        ],
        [event("A button is gone", "b", at="2026-03-03T10:00:00Z", severity="info")],
        many((0, 2, 4, 6)),
        many((0, 1, 2, 3, 4, 5, 6, 7, 8)),
    ],
    ids=["alone", "taken", "ended by a person", "joined", "no entry", "reopened", "flapping"],
)
async def test_the_replay_of_what_was_written_goes_the_way_it_went(lines: list[str]) -> None:
    first = await told(*lines)
    again = await told(*written(await played(*lines)))
    assert way(again) == way(first)
    assert first.incidents


async def test_what_its_sender_told_besides_its_words_is_written_too() -> None:
    payload = {
        "summary": "Wet floor",
        "source": "hall 4",
        "severity": "warning",
        "component": "boiler",
        "group": "east",
        "class": "Leak",
        "custom_details": {"incident_type": "boiler-leaking", "floor": "2"},
    }
    body = {"event_action": "trigger", "dedup_key": "k", "payload": payload}
    line = json.dumps({"at": "2026-03-03T10:00:00Z", "source": "hall", "event": body})
    [kept] = map(json.loads, written(await played(line, over("2026-03-03T10:00:01Z", "nothing"))))
    assert (kept["source"], kept["event"]) == ("hall", body)


async def test_what_a_silence_held_back_is_written_when_it_opened_and_the_silence_stands_beside_it() -> None:
    quiet = {"matchers": ["entry=boiler-leaking"], "because": "we paint", "lasts": "PT1H"}
    lines = [said("2026-03-03T10:00:00Z", silence=quiet), leak("2026-03-03T10:30:00Z")]
    [kept] = map(json.loads, written(await played(*lines, config=TEAM, answer=timedelta(minutes=5)))[:1])
    assert kept["at"] == at(3, "12:00").isoformat()


SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)


def weekly(ended_at: datetime | None, last: str | None = None) -> list[tuple[str, str, str]]:
    """When a silence of Saturdays from 12 to 18 is written to begin and end, and its last day, once it ended then."""
    silence = Silence(
        matchers=(read_matcher("entry=boiler-leaking"),),
        starts_at=SATURDAY,
        ends_at=SATURDAY + timedelta(hours=6),
        repeats=Recurrence(days=(5,), timezone="UTC", last=last),
        by="person:wanda",
        why="we paint",
        created_at=SATURDAY - timedelta(days=1),
        ended_at=ended_at,
    )
    said = [line["silence"] for line in silence_lines(silence)]
    return [(one["starts_at"][5:16], one["ends_at"][5:16], one.get("last", "")) for one in said]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(hours=-2), []),
        (timedelta(hours=2), [("03-07T12:00", "03-07T14:00", "")]),
        (timedelta(hours=8), [("03-07T12:00", "03-07T18:00", "2026-03-13")]),
        (timedelta(days=14, hours=-2), [("03-07T12:00", "03-07T18:00", "2026-03-20")]),
        (
            timedelta(days=14, hours=2),
            [("03-07T12:00", "03-07T18:00", "2026-03-20"), ("03-21T12:00", "03-21T14:00", "")],
        ),
    ],
    ids=["before it began", "in the first", "after the first", "before the third", "in the third"],
)
def test_a_silence_that_comes_back_is_written_as_long_as_it_held(
    after: timedelta, expected: list[tuple[str, str, str]]
) -> None:
    assert weekly(SATURDAY + after) == expected


def test_a_silence_that_comes_back_and_was_not_ended_is_written_as_it_was_made() -> None:
    assert weekly(None, "2026-04-04") == [("03-07T12:00", "03-07T18:00", "2026-04-04")]
    assert weekly(SATURDAY + timedelta(days=90), "2026-03-14") == [("03-07T12:00", "03-07T18:00", "2026-03-14")]
