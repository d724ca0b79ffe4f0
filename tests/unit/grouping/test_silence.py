"""When a silence holds: once, recurring, over changes of the clocks, ended early; and what is held back by it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.detection.alert import Alert, AlertState, Held
from tocsin.errors import UsageError
from tocsin.grouping.drafting import Draft, cautions, silence_of
from tocsin.grouping.holding import Begins, holding
from tocsin.grouping.matchers import read_matcher
from tocsin.incident.silence import (
    Maintenance,
    Matcher,
    Recurrence,
    Silence,
    next_window,
    over_at,
    status_of,
    window_at,
    windows,
)
from tocsin.settings import Settings, StatusPage
from unit.timeline import BEGAN, SETTINGS, at, policy

ALL = (Matcher("text", "=~", ".+"),)
NIGHTLY = Recurrence(days=tuple(range(7)), timezone="Europe/Berlin")


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def silence(begins: datetime, ends: datetime, repeats: Recurrence | None = None, name: str = "SIL-1") -> Silence:
    return Silence(
        id=name,
        matchers=ALL,
        starts_at=begins,
        ends_at=ends,
        repeats=repeats,
        by="person:mira",
        why="we patch",
        created_at=begins,
    )


def alert(**words: str) -> AlertState:
    said: dict[str, str] = {"summary": "It is broken", "incident_type": "trouble"} | words
    one = Alert(source="monitor", dedup_key="k", action="trigger", **said)  # type: ignore[arg-type]
    return AlertState(alert=one, status="firing", triggers=1, first_at=BEGAN, last_at=BEGAN, changed_at=BEGAN)


def held(state: AlertState, *silences: Silence, now: datetime = BEGAN) -> Held | None:
    return holding(state, Begins("trouble", "P1", restricted=False), silences, now)


# -- when it holds


def test_a_silence_holds_from_its_beginning_up_to_its_end() -> None:
    one = silence(at(1), at(2))
    assert [status_of(one, at(minute)) for minute in (0, 1, 1.9, 2)] == ["pending", "active", "active", "expired"]
    assert over_at(one) == at(2)


@pytest.mark.parametrize(
    ("now", "begins", "ends"),
    [
        ("2026-03-02 01:59", None, None),
        ("2026-03-02 02:00", "2026-03-02 02:00", "2026-03-02 04:00"),
        ("2026-03-03 03:59", "2026-03-03 02:00", "2026-03-03 04:00"),
        ("2026-03-03 04:00", None, None),
        # On 29 March there is no 02:30: what begins at two begins at three, by the wall clock, and ends at four.
        ("2026-03-29 03:00", "2026-03-29 03:00", "2026-03-29 04:00"),
        ("2026-03-30 02:00", "2026-03-30 02:00", "2026-03-30 04:00"),
        # On 25 October two comes twice: it lasts from the first one, three hours.
        ("2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 04:00"),
        ("2026-10-26 02:00", "2026-10-26 02:00", "2026-10-26 04:00"),
    ],
)
def test_one_that_recurs_goes_by_the_wall_clock_of_its_place(now: str, begins: str | None, ends: str | None) -> None:
    one = silence(local("2026-03-02 02:00"), local("2026-03-02 04:00"), NIGHTLY)
    found = window_at(one, local(now))
    assert found == (None if begins is None or ends is None else (local(begins), local(ends)))


def test_the_night_with_two_oclock_twice_is_silenced_an_hour_longer_and_its_second_two_oclock_too() -> None:
    one = silence(local("2026-10-01 02:00"), local("2026-10-01 04:00"), NIGHTLY)
    second_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    window = window_at(one, second_two)
    assert window is not None
    assert window.ends - window.begins == timedelta(hours=3)


@pytest.mark.parametrize(("begins", "ends"), [("02:15", "02:45"), ("02:45", "03:15"), ("01:30", "02:30")])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_one_that_falls_into_the_hour_that_is_skipped_or_comes_twice_still_holds_and_ends(
    day: str, begins: str, ends: str
) -> None:
    one = silence(local(f"2026-03-01 {begins}"), local(f"2026-03-01 {ends}"), NIGHTLY)
    found = next(windows(one, local(f"{day} 00:30")))
    assert timedelta(minutes=30) <= found.ends - found.begins <= timedelta(hours=2)
    assert found.begins.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat() == day


def test_one_on_weekdays_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    fridays = Recurrence(days=(4,), timezone="Europe/Berlin", last="2026-03-13")
    one = silence(local("2026-03-06 23:00"), local("2026-03-07 02:00"), fridays)
    assert window_at(one, local("2026-03-07 01:00")) is not None
    assert window_at(one, local("2026-03-07 23:30")) is None
    assert window_at(one, local("2026-03-14 01:59")) is not None
    assert [window.begins for window in windows(one, BEGAN)] == [local("2026-03-06 23:00"), local("2026-03-13 23:00")]
    assert status_of(one, local("2026-03-14 02:00")) == "expired"
    over = over_at(one)
    assert over is not None
    assert over >= local("2026-03-14 02:00")


def test_one_that_was_ended_never_holds_again() -> None:
    one = replace(
        silence(local("2026-03-02 02:00"), local("2026-03-02 04:00"), NIGHTLY), ended_at=local("2026-03-04 03:00")
    )
    assert window_at(one, local("2026-03-04 02:30")) == (local("2026-03-04 02:00"), local("2026-03-04 03:00"))
    assert window_at(one, local("2026-03-04 03:00")) is None
    assert next_window(one, local("2026-03-04 03:00")) is None
    assert status_of(one, local("2026-03-05 02:30")) == "expired"


def test_one_that_is_ended_before_it_began_never_holds() -> None:
    one = replace(silence(at(60), at(120)), ended_at=at(1))
    assert [status_of(one, at(minute)) for minute in (1, 61)] == ["expired", "expired"]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  a wall clock
    st.integers(1, 24 * 60),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]),
    st.integers(0, 400 * 24 * 60),
)
def test_windows_come_in_order_and_each_instant_is_in_one_exactly_when_it_says_so(
    wall: datetime, minutes: int, days: set[int], zone: str, later: int
) -> None:
    begins = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    again = Recurrence(days=tuple(sorted(days)), timezone=zone)
    one = silence(begins, begins + timedelta(minutes=minutes), again)
    now = begins + timedelta(minutes=later)
    found = [window for _, window in zip(range(4), windows(one, now), strict=False)]
    assert all(window.ends > now and window.begins < window.ends for window in found)
    assert [window.begins for window in found] == sorted(window.begins for window in found)
    inside = window_at(one, now)
    assert inside is None or inside.begins <= now < inside.ends
    assert (status_of(one, now) == "active") is (inside is not None)


@pytest.mark.parametrize(
    ("zone", "night", "after"),
    [
        ("Europe/Berlin", "2026-10-25", "2026-10-26"),
        ("Europe/Berlin", "2026-03-29", "2026-03-30"),
        ("America/New_York", "2026-11-01", "2026-11-02"),
        ("America/New_York", "2026-03-08", "2026-03-09"),
    ],
)
def test_one_that_is_made_for_the_night_in_which_clocks_change_lasts_as_long_as_wanted_on_all_others(
    zone: str, night: str, after: str
) -> None:
    here = ZoneInfo(zone)
    starts = datetime.fromisoformat(f"{night} 00:30").replace(tzinfo=here)
    made = silence_of(
        draft(starts_at=starts, lasts=timedelta(hours=4), repeats="daily", timezone=zone),
        "person:mira",
        SETTINGS,
        starts.astimezone(UTC) - timedelta(hours=1),
    )
    found = [window for _, window in zip(range(2), windows(made, starts.astimezone(UTC)), strict=False)]
    walls = [(window.begins.astimezone(here), window.ends.astimezone(here)) for window in found]
    assert [f"{begins:%F %H:%M} {ends:%F %H:%M}" for begins, ends in walls] == [
        f"{night} 00:30 {night} 04:30",
        f"{after} 00:30 {after} 04:30",
    ]


# -- what it holds back


def test_an_alert_is_held_back_until_the_silence_ends_and_told_why() -> None:
    found = held(alert(), silence(at(-1), at(30)))
    assert found is not None
    assert (found.silences, found.until, found.entry, found.severity) == (("SIL-1",), at(30), "trouble", "P1")
    assert found.why == "SIL-1 of mira: we patch"


@pytest.mark.parametrize("text", ["entry=other", "severity=P3", "source=sentry", "text=~.*fine.*"])
def test_an_alert_that_does_not_fit_is_not_held_back(text: str) -> None:
    assert held(alert(), replace(silence(at(-1), at(30)), matchers=(read_matcher(text),))) is None


def test_silences_that_follow_without_a_break_hold_until_the_last_ends() -> None:
    first, second, third = silence(at(-1), at(30)), silence(at(20), at(50), name="SIL-2"), silence(at(51), at(60))
    found = held(alert(), first, second, third)
    assert found is not None
    assert (found.until, found.silences) == (at(50), ("SIL-1",))


def test_a_silence_that_never_ends_is_looked_at_again_now_and_then() -> None:
    always = Recurrence(days=tuple(range(7)), timezone="UTC")
    found = held(alert(), silence(BEGAN, BEGAN + timedelta(days=1), always))
    assert found is not None
    assert found.until == BEGAN + timedelta(days=50)


def test_what_a_person_declares_is_never_held_back() -> None:
    assert held(alert(declared_by="person:bo"), silence(at(-1), at(30))) is None


# -- what is asked of whoever makes one


def draft(**words: object) -> Draft:
    usual: dict[str, object] = {"matchers": ALL, "why": "we patch", "lasts": timedelta(hours=1)}
    return Draft(**(usual | words))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"why": " "}, "say why"),
        ({"matchers": ()}, "at least one matcher"),
        ({"matchers": (read_matcher("severity!=P0"),)}, "at least one matcher"),
        ({"lasts": None}, "say how long"),
        ({"ends_at": at(60)}, "say how long"),
        ({"lasts": timedelta(0)}, "ends before"),
        ({"lasts": None, "ends_at": at(-1), "starts_at": at(-5)}, "over already"),
        ({"lasts": timedelta(days=9999)}, "at most 366 days"),
        ({"lasts": None, "ends_at": at(5).replace(tzinfo=None)}, "time zone"),
        ({"repeats": "monthly"}, "comes back daily, weekly"),
        ({"repeats": "sat,sunnyday"}, "comes back"),
        ({"repeats": "daily", "lasts": timedelta(hours=25)}, "until after the next"),
        ({"repeats": "daily", "timezone": "Mars/Olympus"}, "no time zone"),
        ({"repeats": "daily", "last": "2020-01-01"}, "before its first"),
        ({"repeats": "daily", "last": "soon"}, "no date"),
        ({"repeats": "sat", "last": "2026-03-03"}, "would never hold"),
        ({"last": "2027-01-01"}, "belong to a silence that comes back"),
        ({"maintenance": Maintenance(title=" ")}, "title"),
        ({"maintenance": Maintenance(title="Patch", components=("api",))}, "no component api"),
    ],
)
def test_a_draft_that_lacks_something_is_refused_with_what_to_do(words: dict[str, object], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        silence_of(draft(**words), "person:mira", Settings(status_page=StatusPage(components={"shop": "Shop"})), BEGAN)


@pytest.mark.parametrize(
    ("repeats", "days"), [("daily", tuple(range(7))), ("weekly", (0,)), ("sat, Sunday", (5, 6)), ("mon tue", (0, 1))]
)
def test_it_comes_back_on_the_days_that_are_named(repeats: str, days: tuple[int, ...]) -> None:
    made = silence_of(draft(repeats=repeats), "person:mira", SETTINGS, BEGAN)
    assert made.repeats is not None
    assert (made.repeats.days, made.repeats.timezone) == (days, SETTINGS.timezone)


def test_what_holds_back_the_worst_or_what_is_restricted_is_told_loudly() -> None:
    def told(*texts: str, **words: object) -> str:
        made = silence_of(draft(matchers=tuple(map(read_matcher, texts)), **words), "person:mira", SETTINGS, BEGAN)
        return "; ".join(cautions(made, policy(), SETTINGS))

    assert "it also holds back P0" in told("source=prometheus")
    assert told("severity=P0").startswith("it holds back every P0 that fits: nobody is paged meanwhile")
    assert told("entry=trouble") == ""
    assert told("source=prometheus", "severity!=P0") == ""
    assert told("entry=troubel").startswith("it holds nothing back: this runbook has no entry troubel; it has trouble")
    assert "no severity P7; it has P0, P1" in told("entry=trouble", "severity=P7")
    for text in ("entry=", "entry!=troubel", "entry=~troubel.*"):
        assert "nothing" not in told("source=prometheus", text)
    assert "lasts 5 days" in told("entry=trouble", lasts=timedelta(days=5))
    assert "until somebody ends it" in told("entry=trouble", repeats="daily")
