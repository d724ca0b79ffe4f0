"""A job that beats: what each ping makes of it, and what silence means."""

from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.detection.alert import Action, Alert, AlertState, lapsed, transition
from tocsin.detection.heartbeats import Beat, Beats, Said, heard_of

BEGAN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def beat(said: Said) -> Alert:
    """Give a beat of a job that runs every hour and may take or be late five minutes."""
    words = "backup failed" if said == "fail" else ""
    kept = Beat(said=said, period=HOUR, grace=5 * MINUTE)
    action: Action = "trigger" if said == "fail" else "resolve"
    return Alert(source="backup", dedup_key="beat", action=action, summary=words, origin="backup", beat=kept)


class Job:
    """One job, told step by step."""

    def __init__(self) -> None:
        self.state: AlertState | None = None
        self.decided: list[str] = []

    def hears(self, said: Said, minutes: int) -> "Job":
        return self._take(beat(said), BEGAN + minutes * MINUTE)

    def silent_until(self, minutes: int) -> "Job":
        now = BEGAN + minutes * MINUTE
        silence = lapsed(self.state, now) if self.state else None
        return self._take(silence, now) if silence else self

    def _take(self, alert: Alert, now: datetime) -> "Job":
        change = transition(self.state, alert, idle=True, now=now)
        if change:
            self.state = change.state
            if change.nudge:
                self.decided.append(f"{change.state.status} {change.state.alert.summary}".strip())
        return self

    @property
    def due(self) -> float | None:
        due = self.state.waits_until if self.state else None
        return (due - BEGAN) / MINUTE if due else None


def test_nothing_is_awaited_before_the_first_beat() -> None:
    assert Job().silent_until(1000).decided == []


def test_each_beat_awaits_the_next_one() -> None:
    assert Job().hears("success", 0).due == 65
    assert Job().hears("success", 0).hears("success", 58).due == 58 + 65
    assert Job().hears("success", 0).hears("success", 58).decided == []


def test_a_missed_beat_fires_once_and_the_next_one_ends_it() -> None:
    job = Job().hears("success", 0).silent_until(64)
    assert job.decided == []
    assert job.silent_until(65).decided == ["firing backup is silent: the last beat came at 2026-03-02 03:00:00 UTC"]
    assert (job.due, job.silent_until(500).decided[1:]) == (None, [])
    job.hears("success", 600)
    assert job.state is not None
    assert (job.state.status, job.due) == ("resolved", 665)
    assert len(job.decided) == 2
    assert job.state.flaps == 0


def test_what_a_run_said_last_is_told_when_it_does_not_end() -> None:
    def logged(text: str) -> Alert:
        return msgspec.structs.replace(beat("log"), beat=Beat(said="log", period=HOUR, grace=5 * MINUTE, log=text))

    job = Job().hears("success", 0).hears("start", 30)
    for minute, text in ((31, "dumped"), (32, "copying")):
        job._take(logged(text), BEGAN + minute * MINUTE)
    assert (job.due, job.decided) == (35, []), "it puts off nothing and ends nothing"
    assert job.silent_until(35).state is not None
    assert job.state is not None
    assert job.state.alert.details == {"log": "copying"}
    job.hears("success", 40).hears("start", 90).silent_until(95)
    assert "log" not in job.state.alert.details, "that was another run"


def of_cron(at: datetime, cron: str = "30 2 * * mon-fri", zone: str = "Europe/Berlin") -> datetime | None:
    """Until when silence is fine after a success of a job of cron that may be an hour late."""
    told = Beat(said="success", grace=HOUR, cron=cron, timezone=zone)
    return heard_of(Beats(), told, at).due


def test_a_job_of_cron_is_awaited_when_it_runs_next() -> None:
    friday = datetime(2026, 11, 27, 1, 42, tzinfo=UTC)
    assert of_cron(friday) == datetime(2026, 11, 30, 2, 30, tzinfo=UTC), "nothing runs on the days between"
    summer = datetime(2026, 7, 6, 0, 42, tzinfo=UTC)
    assert of_cron(summer) == datetime(2026, 7, 7, 1, 30, tzinfo=UTC)


def test_a_beat_that_comes_a_moment_before_its_run_is_of_that_run() -> None:
    early = datetime(2026, 11, 26, 1, 29, 58, tzinfo=UTC)
    assert of_cron(early) == datetime(2026, 11, 27, 2, 30, tzinfo=UTC)


def test_a_job_that_says_it_failed_fires_at_once() -> None:
    job = Job().hears("success", 0).hears("fail", 10)
    assert job.decided == ["firing backup failed"]
    assert job.due == 75, "silence after a failure is awaited too"
    job.hears("success", 20)
    assert job.state is not None
    assert job.state.status == "resolved"


def test_a_job_that_began_and_does_not_end_is_missed() -> None:
    job = Job().hears("success", 0).hears("start", 30)
    assert job.due == 35
    told = job.silent_until(35).decided
    assert told == ["firing backup is silent: it began at 2026-03-02 03:30:00 UTC and has not ended"]


def test_beginning_does_not_put_off_when_the_next_beat_is_due() -> None:
    assert Job().hears("success", 0).hears("start", 63).due == 65


def test_a_job_that_begins_for_the_first_time_is_awaited() -> None:
    assert Job().hears("start", 0).due == 5
