"""Who is on call from when until when, and for what."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.escalation.duties import Duty, Period, duties
from tocsin.escalation.policies import policies
from tocsin.escalation.schedule import on_duty
from tocsin.escalation.shifts import Shift, shifts
from tocsin.runbook.policy import EntryRule, IncidentType
from tocsin.settings import IncidentTypeSettings, Layer, Schedule
from unit.timeline import SETTINGS, policy

BOOK = policy()
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
WEEK, DAY = timedelta(days=7), timedelta(days=1)


def turns(*people: str, start: datetime = MONDAY, rotation: timedelta = WEEK) -> Layer:
    return Layer(people=people, start=start, rotation=rotation)


def entry(trigger: str, *to: str, restricted: bool = False) -> IncidentType:
    rule = EntryRule(trigger=trigger, after=None, to=to, text="x", line=7)  # type: ignore[arg-type]
    return IncidentType(
        id="flood", title="Flood", severity=None, inferred_severity=None, severity_because="", severity_line=None,
        escalation=rule, restricted=restricted, line=5, end_line=9,
    )  # fmt: skip


def rungs(one: IncidentType, restricted: bool | None = None) -> tuple[tuple[str, ...], ...]:
    team = replace(SETTINGS, incident_types={"flood": IncidentTypeSettings(restricted=restricted)})
    [_, own] = policies(replace(BOOK, incident_types=(one,)), team)
    return own.rungs


# -- shifts


def test_turns_follow_each_other_from_since_to_until() -> None:
    rota = Schedule(id="primary", layers=(turns("mira", "jonas"),))
    assert list(shifts(rota, MONDAY + DAY, MONDAY + 8 * DAY)) == [
        Shift("mira", MONDAY, MONDAY + WEEK),
        Shift("jonas", MONDAY + WEEK, MONDAY + 2 * WEEK),
    ]


def test_who_never_hands_over_has_no_end() -> None:
    rota = Schedule(id="primary", layers=(turns("mira"),))
    assert list(shifts(rota, MONDAY + DAY, MONDAY + 90 * DAY)) == [Shift("mira", MONDAY, None)]


def test_a_layer_that_begins_ends_the_turn_of_the_one_below() -> None:
    rota = Schedule(id="primary", layers=(turns("mira", "jonas"), turns("lena", start=MONDAY + 3 * DAY)))
    assert list(shifts(rota, MONDAY, MONDAY + WEEK)) == [
        Shift("mira", MONDAY, MONDAY + 3 * DAY),
        Shift("lena", MONDAY + 3 * DAY, None),
    ]


def test_before_the_first_turn_there_is_none() -> None:
    rota = Schedule(id="primary", layers=(turns("mira"),))
    assert list(shifts(rota, MONDAY - DAY, MONDAY - DAY)) == []
    assert list(shifts(rota, MONDAY - DAY, MONDAY)) == [Shift("mira", MONDAY, None)]


@given(
    st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")),
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abc"), max_size=3),
            st.integers(-40, 40),
            st.sampled_from((timedelta(hours=12), DAY, WEEK)),
        ),
        max_size=3,
    ),
    st.integers(0, 24 * 300),
)
@settings(max_examples=150, deadline=None)
def test_at_every_instant_the_turns_say_what_the_schedule_says(
    zone: str, drawn: list[tuple[list[str], int, timedelta]], hours: int
) -> None:
    local = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo(zone))
    layers = tuple(turns(*people, start=local + timedelta(days=ahead), rotation=r) for people, ahead, r in drawn)
    rota = Schedule(id="x", timezone=zone, layers=layers)
    since = MONDAY + timedelta(hours=hours)
    found = list(shifts(rota, since, since + 3 * DAY))
    assert all(shift.end is None or shift.start < shift.end for shift in found)
    for hour in range(0, 72, 5):
        at = since + timedelta(hours=hour, minutes=1)
        told = [shift.person for shift in found if shift.start <= at and (shift.end is None or at < shift.end)]
        assert tuple(told) == on_duty(rota, at)


# -- policies


def test_the_general_ladder_is_the_first_policy() -> None:
    general = policies(BOOK, SETTINGS)[0]
    assert (general.id, general.rungs) == ("general", tuple((level.id,) for level in BOOK.escalation))


def test_those_an_entry_calls_at_once_join_the_first_rung() -> None:
    assert rungs(entry("immediate", "DBA team"))[:2] == (("L1", "DBA team"), ("L2",))


def test_in_a_restricted_entry_they_take_its_place() -> None:
    assert rungs(entry("immediate", "DBA team", restricted=True))[0] == ("DBA team",)
    assert rungs(entry("immediate", "DBA team"), restricted=True)[0] == ("DBA team",)
    assert rungs(entry("immediate", "DBA team", restricted=True), restricted=False)[0] == ("L1", "DBA team")


def test_those_an_entry_names_for_later_are_a_rung_after_the_first() -> None:
    general = tuple((level.id,) for level in BOOK.escalation)
    assert rungs(entry("not-resolved", "DBA team")) == (("L1",), ("DBA team",), *general[1:])
    assert rungs(entry("not-resolved", "L2")) == general


def test_a_role_of_the_ladder_is_its_level() -> None:
    named = [level for level in BOOK.escalation if level.role != level.id]
    assert rungs(entry("immediate", named[-1].role))[0] == ("L1", named[-1].id)


# -- duties


def test_a_schedule_gives_turns_and_a_person_is_always_on() -> None:
    team = replace(
        SETTINGS,
        roles={"L1": ("primary",), "L2": ("lena",)},
        schedules={"primary": Schedule(id="primary", layers=(turns("mira", "jonas"),))},
    )
    found = duties(BOOK, team, Period(MONDAY + DAY, MONDAY + 8 * DAY))
    general = [duty for duty in found if duty.policy.id == "general" and duty.rung < 3]
    assert [(duty.person, duty.rung, duty.schedule, duty.start, duty.end) for duty in general] == [
        ("mira", 1, "primary", MONDAY, MONDAY + WEEK),
        ("jonas", 1, "primary", MONDAY + WEEK, MONDAY + 2 * WEEK),
        ("lena", 2, None, None, None),
    ]


def test_a_rung_without_anybody_is_the_fallbacks() -> None:
    team = replace(SETTINGS, roles={"L1": ("lena",)}, fallback=("mira",))
    found = duties(BOOK, team, Period(MONDAY, MONDAY))
    general = policies(BOOK, team)[0]
    assert found[:2] == (Duty(general, 1, "lena"), Duty(general, 2, "mira"))
