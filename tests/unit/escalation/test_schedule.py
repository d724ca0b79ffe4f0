from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.escalation.schedule import OPERATOR, called, fallback, on_duty, people_in, person
from tocsin.incident.facts import Called
from tocsin.settings import Layer, Schedule
from unit.timeline import BEGAN, PEOPLE, SETTINGS, policy

BERLIN = ZoneInfo("Europe/Berlin")
BOOK = policy()


def weekly(zone: str = "Europe/Berlin", **more: timedelta) -> Schedule:
    """Give a rotation that hands off on Mondays at nine, local time."""
    start = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo(zone))
    return Schedule(id="primary", timezone=zone, layers=(Layer(people=("mira", "jonas"), start=start, **more),))


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-01-05 08:59", None),  # before the rotation begins
        ("2026-01-05 09:00", "mira"),
        ("2026-01-12 08:59", "mira"),
        ("2026-01-12 09:00", "jonas"),  # + 7 days
        # The clock goes forward on 29 March; the handoffs of 23 and 30 March stay at nine.
        ("2026-03-30 08:59", "jonas"),  # 84 days less a minute: 11 turns, odd
        ("2026-03-30 09:00", "mira"),  # 84 days = 12 turns, even
        # and back on 25 October
        ("2026-10-26 08:59", "jonas"),  # 294 days less a minute: 41 turns, odd
        ("2026-10-26 09:00", "mira"),  # 294 days = 42 turns, even
    ],
)
def test_a_rotation_hands_off_at_the_same_wall_clock_all_year(at: str, who: str | None) -> None:
    instant = datetime.fromisoformat(at).replace(tzinfo=BERLIN).astimezone(UTC)
    assert on_duty(weekly(), instant) == ((who,) if who else ())


@given(
    st.datetimes(datetime(2026, 1, 5, 9), datetime(2028, 1, 1)),  # noqa: DTZ001  wall clocks on purpose
    st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")),
    st.sampled_from((timedelta(hours=12), timedelta(days=1), timedelta(days=7))),
)
@settings(max_examples=40, deadline=None)
def test_whose_turn_it_is_depends_on_the_wall_clock_alone(local: datetime, zone: str, rotation: timedelta) -> None:
    instant = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    seen = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)  # differs where the clock skips the hour
    turns = (seen - datetime(2026, 1, 5, 9)) // rotation  # noqa: DTZ001
    assert on_duty(weekly(zone, rotation=rotation), instant) == (("mira", "jonas")[turns % 2],)


def test_the_last_layer_that_has_begun_wins() -> None:
    base = Layer(people=("mira",), start=datetime(2026, 1, 5, 9, tzinfo=UTC))
    cover = Layer(people=("lena",), start=datetime(2026, 2, 2, 9, tzinfo=UTC))
    nobody = Layer(people=(), start=datetime(2026, 1, 5, 9, tzinfo=UTC))
    layered = Schedule(id="primary", layers=(base, cover, nobody))
    assert on_duty(layered, datetime(2026, 2, 1, tzinfo=UTC)) == ("mira",)
    assert on_duty(layered, datetime(2026, 2, 3, tzinfo=UTC)) == ("lena",)


@pytest.mark.parametrize("name", ["CTO", "cto", "Executive", "executive"])
def test_a_level_and_its_role_are_two_names_of_the_same_people(name: str) -> None:
    assert people_in(name, BOOK, SETTINGS, BEGAN) == ("eva",)
    by_level = replace(SETTINGS, roles={"Executive": ("eva",)})
    assert people_in(name, BOOK, by_level, BEGAN) == ("eva",)


def test_a_role_is_people_and_schedules_each_person_once() -> None:
    team = replace(SETTINGS, roles={"L1": ("primary", "lena", "mira")}, schedules={"primary": weekly()})
    at = datetime(2026, 1, 6, tzinfo=UTC)
    assert people_in("L1", BOOK, team, at) == ("mira", "lena")
    assert people_in("primary", BOOK, team, at) == ("mira",)


def test_a_person_can_be_named_by_id_or_name() -> None:
    assert people_in("MIRA", BOOK, SETTINGS, BEGAN) == ("mira",)
    assert people_in("Jonas", BOOK, SETTINGS, BEGAN) == ("jonas",)


@pytest.mark.parametrize("name", ["DBA team", "", "L9"])
def test_a_name_nobody_knows_calls_the_fallback(name: str) -> None:
    assert people_in(name, BOOK, SETTINGS, BEGAN) == ()
    assert called(name, BOOK, SETTINGS, BEGAN) == (Called("falk", via_fallback=True),)


def test_a_schedule_that_has_not_begun_calls_the_fallback() -> None:
    team = replace(SETTINGS, roles={"L1": ("primary",)}, schedules={"primary": weekly()})
    assert called("L1", BOOK, team, datetime(2026, 1, 1, tzinfo=UTC)) == (Called("falk", via_fallback=True),)
    assert called("L1", BOOK, team, BEGAN) == (Called("mira"),)  # 2 March: 56 days = 8 turns, even


def test_without_any_fallback_the_operator_is_it() -> None:
    nobody = replace(SETTINGS, people={}, fallback=("gone",))
    assert fallback(nobody) == (OPERATOR,)
    assert person("operator", nobody) is OPERATOR
    assert person("gone", nobody) is None
    assert person("mira", SETTINGS) == PEOPLE["mira"]
