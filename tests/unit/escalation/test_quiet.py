"""Quiet hours, as a table of nights."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tocsin.escalation.quiet import awake
from tocsin.escalation.reach import pages
from tocsin.settings import Person, Quiet, Settings
from unit.timeline import BEGAN, PEOPLE, SETTINGS, called, opened, story

NIGHT = Quiet(("P2", "P3"), time(22), time(7))
NOON = Quiet(("P3",), time(12), time(13))
BERLIN = Person(id="mira", name="Mira", timezone="Europe/Berlin", quiet=(NIGHT, NOON))


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("severity", "at", "until"),
    [
        ("P2", "2026-03-02 21:59", "2026-03-02 21:59"),
        ("P2", "2026-03-02 22:00", "2026-03-03 07:00"),
        ("P2", "2026-03-03 06:59", "2026-03-03 07:00"),
        ("P2", "2026-03-03 07:00", "2026-03-03 07:00"),
        ("P3", "2026-03-03 12:30", "2026-03-03 13:00"),
        ("P2", "2026-03-03 12:30", "2026-03-03 12:30"),  # noon is for P3 alone
        ("P0", "2026-03-03 03:00", "2026-03-03 03:00"),
        ("P1", "2026-03-03 03:00", "2026-03-03 03:00"),
        # the clocks go forward at two on 29 March, and back at three on 25 October
        ("P2", "2026-03-28 23:00", "2026-03-29 07:00"),
        ("P2", "2026-10-24 23:00", "2026-10-25 07:00"),
    ],
)
def test_a_page_that_can_wait_waits_for_the_end_of_the_quiet(severity: str, at: str, until: str) -> None:
    assert awake(BERLIN, severity, local(at), Settings()) == local(until)


def test_a_quiet_that_ends_in_the_hour_that_comes_twice_ends_once_and_later_than_it_began() -> None:
    someone = replace(BERLIN, quiet=(Quiet(("P2",), time(1), time(2, 30)),))
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert awake(someone, "P2", second, Settings()) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_quiet_that_ends_in_the_hour_that_does_not_exist_ends() -> None:
    someone = replace(BERLIN, quiet=(Quiet(("P2",), time(1), time(2, 30)),))
    before = local("2026-03-29 01:30")
    assert before < awake(someone, "P2", before, Settings()) <= local("2026-03-29 03:30")


def test_rules_without_a_break_do_not_hold_a_page_for_ever() -> None:
    someone = replace(BERLIN, quiet=(Quiet(("P2",), time(0), time(12)), Quiet(("P2",), time(12), time(0))))
    at = local("2026-03-03 03:00")
    assert awake(someone, "P2", at, Settings()) == at


def test_all_methods_begin_when_the_quiet_ends_and_say_that_they_were_held() -> None:
    hour = BEGAN.time()
    quiet = Quiet(("P2",), hour, time((hour.hour + 3) % 24))
    people = PEOPLE | {"mira": replace(PEOPLE["mira"], quiet=(quiet,))}
    settings = replace(SETTINGS, people=people)
    held = pages(story((0, opened(severity="P2")), (0, called("L1", "mira"))), settings)
    assert {page.quiet for page in held} == {True}
    assert {(page.due - BEGAN).total_seconds() / 3600 for page in held[:1]} == {3}
    assert [page.due for page in held] == sorted(page.due for page in held)
    urgent = pages(story((0, opened(severity="P1")), (0, called("L1", "mira"))), settings)
    assert [(page.due, page.quiet) for page in urgent[:1]] == [(BEGAN, False)]
