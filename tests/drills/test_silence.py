"""What is not said: a lease that runs out ends an alert, a beat that does not come raises one."""

from datetime import timedelta

import msgspec

from drills.story import Begin, settings
from tocsin.detection.alert import Alert
from tocsin.detection.heartbeats import Beat
from tocsin.settings import SourceSettings

BEATS = {"backup": SourceSettings(id="backup", kind="heartbeat", period=timedelta(hours=1))}


def leased(story: object, minutes: int, action: str = "trigger") -> Alert:
    """An alert of Prometheus that lasts so long from now."""
    now = story.rehearsal.clock.now()  # type: ignore[attr-defined]
    until = now + timedelta(minutes=minutes)
    return Alert(source="prom", dedup_key="f", action=action, summary="It is broken", lease_until=until)  # type: ignore[arg-type]


def beat(said: str = "success") -> Alert:
    told = Beat(said=said, period=timedelta(hours=1), grace=timedelta(minutes=5))  # type: ignore[arg-type]
    action = "trigger" if said == "fail" else "resolve"
    return Alert(source="backup", dedup_key="beat", action=action, summary="backup failed", origin="backup", beat=told)  # type: ignore[arg-type]


async def test_an_alert_that_is_renewed_goes_on_and_one_that_is_not_ends(begin: Begin) -> None:
    story = await begin()
    engine = story.rehearsal.engine
    for minute in ("0:01", "0:04", "0:07"):
        await engine.ingest([leased(story, 4)])
        await story.until(minute)
        assert (await story.incident()).status == "triggered"
    await story.until("0:07:59")
    assert (await story.incident()).status == "triggered"
    await story.until("0:09")
    assert (await story.incident()).status == "resolved"


async def test_a_lease_survives_an_outage(begin: Begin) -> None:
    story = await begin()
    await story.rehearsal.engine.ingest([leased(story, 4)])
    await story.until("0:01")
    await story.outage_until("2:00")
    await story.until("2:01")
    assert (await story.incident()).status == "resolved"


async def test_an_alert_without_a_lease_takes_it_away(begin: Begin) -> None:
    story = await begin()
    await story.rehearsal.engine.ingest([leased(story, 4)])
    await story.rehearsal.engine.ingest([msgspec.structs.replace(leased(story, 4), lease_until=None)])
    await story.until("5:00")
    assert (await story.incident()).status == "triggered"


async def test_a_missed_beat_pages_and_the_next_one_ends_it(begin: Begin) -> None:
    story = await begin(sources=BEATS)
    await story.rehearsal.engine.ingest([beat()])
    await story.until("0:30")
    await story.rehearsal.engine.ingest([beat()])
    await story.until("1:34")
    assert story.pages() == []
    await story.until("1:36")
    assert story.pages()[0].startswith("1:35 ")
    assert (await story.incident()).summary.startswith("backup is silent: the last beat came at")
    await story.rehearsal.engine.ingest([beat()])
    await story.until("1:37")
    assert (await story.incident()).status == "resolved"


async def test_a_job_that_left_the_configuration_is_not_missed(begin: Begin) -> None:
    story = await begin(sources=BEATS)
    await story.rehearsal.engine.ingest([beat()])
    story.rehearsal.engine.worlds.settings = settings()
    await story.until("3:00")
    assert story.pages() == []
    assert await story.rehearsal.numbers() == ()


async def test_a_failure_pages_at_once(begin: Begin) -> None:
    story = await begin(sources=BEATS)
    await story.rehearsal.engine.ingest([beat("fail")])
    await story.until("0:01")
    assert (await story.incident()).summary == "backup failed"
