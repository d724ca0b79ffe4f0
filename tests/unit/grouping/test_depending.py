"""What an incident may be a consequence of."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.grouping.depending import causes, consequences, depended_on
from tocsin.incident.view import IncidentView
from tocsin.settings import IncidentTypeSettings, Settings

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def settings(**depends: tuple[str, ...]) -> Settings:
    return Settings(incident_types={name: IncidentTypeSettings(depends_on=on) for name, on in depends.items()})


def line(number: int, entry: str | None, *, status: str = "triggered", restricted: bool = False) -> IncidentView:
    return IncidentView(
        id=f"INC-2026-{number:04}",
        title=f"{entry} is broken",
        summary="",
        type=entry,
        severity="P1",
        status=status,
        restricted=restricted,
        opened_at=BEGAN + timedelta(minutes=number),
        acknowledged_at=None,
        acknowledged_by=None,
        resolved_at=None,
        level=None,
        next_escalation_at=None,
        next_level=None,
        runbook="",
        group_key=f"monitor/{number}",
    )


THREE = settings(web=("api",), api=("database",))


def numbers(found: tuple[IncidentView, ...]) -> list[int]:
    return [int(one.id[-4:]) for one in found]


def test_dependencies_are_followed_through_other_entries_nearest_first() -> None:
    assert depended_on("web", THREE) == ("api", "database")
    assert depended_on("database", THREE) == ()
    assert depended_on(None, THREE) == ()


def test_a_circle_of_dependencies_ends_and_nothing_depends_on_itself() -> None:
    circle = settings(a=("b",), b=("c",), c=("a", "b"))
    assert depended_on("a", circle) == ("b", "c")
    assert depended_on("b", circle) == ("c", "a")


def test_the_nearest_cause_stands_first_and_what_is_over_or_restricted_is_never_named() -> None:
    known = [
        line(1, "database"),
        line(2, "api"),
        line(3, "api", status="resolved"),
        line(4, "api", restricted=True),
        line(5, "other"),
        line(6, None),
    ]
    assert numbers(causes("web", known, THREE)) == [2, 1]
    assert numbers(causes("api", known, THREE)) == [1]
    assert causes(None, known, THREE) == ()


def test_consequences_are_the_other_side_of_causes() -> None:
    known = [line(1, "web"), line(2, "api", status="acknowledged"), line(3, "web", status="resolved"), line(4, None)]
    assert numbers(consequences("database", known, THREE)) == [1, 2]
    assert numbers(consequences("api", known, THREE)) == [1]
    assert consequences(None, known, THREE) == ()


@pytest.mark.parametrize("entry", ["web", "api", "database", None])
def test_without_dependencies_nothing_is_said(entry: str | None) -> None:
    known = [line(1, "database"), line(2, "api")]
    assert causes(entry, known, Settings()) == consequences(entry, known, Settings()) == ()
