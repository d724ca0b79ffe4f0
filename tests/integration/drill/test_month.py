"""What a server really did, recorded and replayed: the replay pages whom the server paged, when it did."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integration.drill.month import Month, differing, pages_of
from integration.drill.test_replay import LAUNDRY
from integration.servers import serving

BEGINS = datetime(2026, 3, 3, 8, tzinfo=UTC)
"""A Tuesday, nine o'clock in Berlin. Not in the future: `tocsin record` ends with now."""

TEAM = """
timezone = "Europe/Berlin"
fallback = ["otto"]

[business_hours]
opens = "09:00"
closes = "17:00"

[people.wanda]
name = "Wanda"

[people.vera]
name = "Vera"

[people.fred]
name = "Fred"
quiet = [{ from = "20:00", until = "08:00", severities = ["P3"] }]

[people.otto]
name = "Otto"
admin = true

[schedules.washers]
people = ["wanda", "vera"]
start = 2026-01-05T09:00:00
rotation = "P1D"

[roles]
L1 = ["washers"]
L2 = ["fred"]
Executive = ["otto"]

[sources.monitoring]
"""


@pytest.fixture
async def month(tmp_path: Path) -> AsyncIterator[Month]:
    document = tmp_path / "RUNBOOK.md"
    document.write_text(LAUNDRY)
    async with serving(tmp_path / "data", document, TEAM) as here:
        yield await Month(here, BEGINS).begin()


async def compared(month: Month, folder: Path) -> list[object]:
    """What differs between what the server did by now and the replay of its recording."""
    await month.to(days=6)
    told = await month.replayed(folder / "RUNBOOK.md", await month.record(folder))
    sent = await month.pages()
    assert sent
    return [*differing(sent, pages_of(told))]


async def test_alerts_that_come_and_go_page_whom_they_paged(month: Month, tmp_path: Path) -> None:
    for hour in range(30):
        key = f"dryer-{hour % 3}"
        await month.to(hours=hour, minutes=1)
        await month.fires("The drum of the dryer does not turn", key, component=key)
        if hour % 4 == 0:
            await month.to(hours=hour, minutes=9)
            await month.does(key, "acknowledge", "vera")
        if hour % 7 == 0:
            await month.to(hours=hour, minutes=12)
            await month.is_seen(key)
        await month.to(hours=hour, minutes=25 + hour)
        await (month.does(key, "resolve", "fred") if hour % 5 == 0 else month.is_over(key))
    assert await compared(month, tmp_path) == []


async def test_what_people_decide_of_an_incident_is_recorded(month: Month, tmp_path: Path) -> None:
    await month.fires("The drum of the dryer does not turn", "dryer")
    await month.to(minutes=5)
    await month.does("dryer", "acknowledge")  # the operator at the server, whom no configuration knows
    await month.to(minutes=10)
    await month.does("dryer", "severity", "vera", severity="P0", because="the hall is full")
    await month.to(minutes=50)
    await month.does("dryer", "escalate", "vera", level="L2")
    await month.to(minutes=90)
    await month.does("dryer", "resolve", "vera")
    await month.to(minutes=95)
    await month.does("dryer", "reopen", "wanda", why="it stands again")
    await month.to(minutes=120)
    await month.is_over("dryer")
    await month.to(hours=5)
    await month.fires("Somebody left a coat without a button", "coat")
    await month.to(hours=5, minutes=2)
    await month.does("coat", "type", "vera", type="boiler-leaking", because="it lay in the water")
    await month.to(hours=6)
    await month.is_over("coat")
    await month.to(hours=30)
    await month.fires("Somebody left a coat without a button", "another-coat")
    assert await compared(month, tmp_path) == []


async def test_incidents_that_were_merged_and_split_are_recorded(month: Month, tmp_path: Path) -> None:
    await month.fires("Water under the boiler", "boiler")
    await month.to(minutes=1)
    await month.fires("The drum of the dryer does not turn", "dryer-1", component="one")
    await month.to(minutes=3)
    await month.fires("The drum of the dryer does not turn", "dryer-2", component="one")
    await month.to(minutes=12)
    await month.asks(
        f"/api/v1/incidents/{await month.number('dryer-1')}/split", {"alerts": ["monitoring/dryer-2"]}, "vera"
    )
    await month.to(minutes=19)
    await month.asks(
        f"/api/v1/incidents/{await month.number('dryer-1')}/merge", {"into": await month.number("boiler")}, "vera"
    )
    await month.to(hours=2)
    await month.is_over("dryer-1")
    await month.to(hours=3)
    await month.is_over("dryer-2")
    await month.to(hours=4)
    await month.is_over("boiler")
    await month.to(hours=9)
    await month.fires("The drum of the dryer does not turn", "dryer-1", component="one")
    assert await compared(month, tmp_path) == []


async def test_what_ended_and_came_back_behind_a_persons_word_is_recorded(month: Month, tmp_path: Path) -> None:
    """Nothing follows from the end of an alert whose incident a person ended, until somebody reopens it."""
    for number in (1, 2, 3):
        await month.fires("The drum of the dryer does not turn", f"dryer-{number}")
        await month.to(minutes=number)
    await month.is_over("dryer-1")
    await month.to(minutes=30)
    await month.does("dryer-1", "resolve", "vera")
    await month.to(minutes=60)
    await month.is_over("dryer-2")
    await month.to(minutes=70)
    await month.does("dryer-1", "reopen", "vera")
    await month.to(minutes=71)
    await month.fires("The drum of the dryer does not turn", "dryer-1")
    await month.to(minutes=80)
    await month.is_over("dryer-1")
    await month.to(minutes=90)
    await month.is_over("dryer-3")
    await month.to(minutes=200)
    await month.fires("The drum of the dryer does not turn", "dryer-3")
    assert await compared(month, tmp_path) == []


async def test_an_alert_that_was_split_off_says_all_it_said_before(month: Month, tmp_path: Path) -> None:
    """Without its component it would have joined the other hall."""
    await month.fires("The drum of the dryer does not turn", "dryer-3", component="hall 2")
    await month.to(minutes=1)
    await month.fires("The drum of the dryer does not turn", "dryer-1", component="hall 1")
    await month.to(minutes=2)
    await month.fires("The drum of the dryer does not turn", "dryer-2", component="hall 1")
    await month.to(minutes=3)
    path = f"/api/v1/incidents/{await month.number('dryer-1')}/split"
    await month.asks(path, {"alerts": ["monitoring/dryer-1"]}, "vera")
    assert await compared(month, tmp_path) == []


async def test_an_alert_that_grew_louder_was_quieter_before(month: Month, tmp_path: Path) -> None:
    await month.fires("The cat sleeps on the shirts", "cat", severity="info")
    await month.to(minutes=40)
    await month.fires("The cat sleeps on the shirts", "cat", severity="critical")
    await month.to(hours=8)
    await month.is_over("cat")
    assert await compared(month, tmp_path) == []


def silence(**lasts: object) -> dict[str, object]:
    return {"matchers": ["entry=dryer-jammed"], "because": "a new belt", **lasts}


async def test_what_was_silenced_is_recorded_also_where_it_never_opened(month: Month, tmp_path: Path) -> None:
    made = await month.asks("/api/v1/silences", silence(lasts="PT4H"), "vera")
    await month.to(minutes=10)
    await month.fires("The drum of the dryer does not turn", "dryer-1", component="one")
    await month.to(minutes=20)
    await month.fires("The drum of the dryer does not turn", "dryer-2", component="two")
    await month.to(minutes=40)
    await month.is_over("dryer-1")
    await month.to(hours=1)
    await month.asks(f"/api/v1/silences/{made['id']}/end", {}, "vera")
    assert await compared(month, tmp_path) == []
    edited = tmp_path / "EDITED.md"
    edited.write_text(
        LAUNDRY.replace("The drum of the dryer does not turn", "The dryer smokes").replace(
            "- Water under the boiler", "- Water under the boiler\n- The drum of the dryer does not turn"
        )
    )
    changed = await month.replayed(tmp_path / "RUNBOOK.md", tmp_path / "alerts.jsonl", "--against", edited)
    opened = [one["at"] for one in changed["incidents"] if one["before"] is None]
    assert [datetime.fromisoformat(at) for at in opened] == [BEGINS + timedelta(minutes=10)]


async def test_silences_that_come_back_grow_or_end_early_hold_back_what_they_held_back(
    month: Month, tmp_path: Path
) -> None:
    weekly = {"starts_at": "2026-03-03T12:00:00+01:00", "ends_at": "2026-03-03T14:00:00+01:00"}
    again = {"repeats": "tue,wed,thu", "timezone": "Europe/Berlin"}
    made = await month.asks("/api/v1/silences", silence(**weekly, **again), "vera")
    for day in range(3):
        for hour in (2, 3, 4, 6):
            await month.to(days=day, hours=hour, minutes=30)
            await month.fires("The drum of the dryer does not turn", f"dryer-{hour}", component=str(hour))
            await month.to(days=day, hours=hour, minutes=50 if hour < 4 else 58)
            await month.is_over(f"dryer-{hour}")
        if day == 1:
            await month.to(days=1, hours=7)
            await month.asks(f"/api/v1/silences/{made['id']}/end", {}, "vera")
    assert await compared(month, tmp_path) == []


async def test_an_alert_that_grew_louder_than_its_silence_was_quieter_before(month: Month, tmp_path: Path) -> None:
    quiet = {"matchers": ["severity=P2"], "because": "the cat may sleep", "lasts": "PT5H"}
    await month.asks("/api/v1/silences", quiet, "vera")
    await month.to(minutes=10)
    await month.fires("The cat sleeps on the shirts", "cat", severity="warning")
    await month.to(minutes=90)
    await month.fires("The cat sleeps on the shirts", "cat", severity="error")
    assert await compared(month, tmp_path) == []


async def test_an_alert_that_came_back_in_an_incident_that_another_reopened_is_recorded(
    month: Month, tmp_path: Path
) -> None:
    for key in ("dryer-1", "dryer-2"):
        await month.fires("The drum of the dryer does not turn", key)
    for key in ("dryer-1", "dryer-2"):
        await month.is_over(key)
    await month.to(minutes=2)
    await month.fires("The drum of the dryer does not turn", "dryer-1")
    await month.to(minutes=14)
    await month.fires("The drum of the dryer does not turn", "dryer-2")
    await month.to(minutes=16)
    await month.is_seen("dryer-2")
    told = (await month.here.get(f"/api/v1/incidents/{await month.number('dryer-2')}/timeline")).json()["timeline"]
    assert [fact["fact"] for fact in told if fact["fact"] == "AlertJoined"] == ["AlertJoined"] * 2
    assert await compared(month, tmp_path) == []
