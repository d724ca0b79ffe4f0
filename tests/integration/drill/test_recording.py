"""What happened, written down for a replay: the replay of it goes the way it went."""

import json
from datetime import timedelta

import pytest

from integration.drill.test_replay import TEAM, at, event, jam, leak, over, played, said, told
from tocsin.drill.recording import incident_lines
from tocsin.drill.replay import Replayed
from tocsin.drill.replay_report import Report


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
