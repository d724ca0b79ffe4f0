"""Planned maintenance on the status page: when it is shown as what, and what of a silence never is."""

from datetime import datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from tocsin.communication import status_page_json as shapes
from tocsin.communication.maintenance import maintenances
from tocsin.communication.status_page import Component, PageSettings
from tocsin.incident.silence import Maintenance, Matcher, Recurrence, Silence
from tocsin.web.status_view import status_view
from unit.timeline import BEGAN, at

PATCH = Silence(
    id="SIL-7",
    matchers=(Matcher("entry", "=", "secret-entry"),),
    starts_at=at(60),
    ends_at=at(120),
    by="person:mira",
    why="a secret reason",
    created_at=BEGAN,
    maintenance=Maintenance(title="We patch the database", text="The shop is slow.", components=("shop",)),
)


def page(now: datetime, *silences: Silence) -> PageSettings:
    return PageSettings(
        name="Shop",
        url="https://example.com/status",
        components=(Component("shop", "Shop"), Component("api", "API")),
        since=BEGAN,
        planned=maintenances(silences, now),
    )


@pytest.mark.parametrize(
    ("minute", "status", "component", "listed"),
    [
        (0, "scheduled", "operational", True),
        (60, "in_progress", "under_maintenance", True),
        (119, "in_progress", "under_maintenance", True),
        (120, "completed", "operational", False),
    ],
)
def test_a_maintenance_is_scheduled_then_under_way_then_over(
    minute: int, status: str, component: str, *, listed: bool
) -> None:
    now = at(minute)
    shown = page(now, PATCH)
    [one] = shapes.scheduled_maintenances(shown, (), now)["scheduled_maintenances"]
    assert (one["id"], one["name"], one["status"], one["impact"]) == (
        "SIL-7",
        "We patch the database",
        status,
        "maintenance",
    )
    assert (one["scheduled_for"], one["scheduled_until"]) == ("2026-03-02T11:00:00.000Z", "2026-03-02T12:00:00.000Z")
    assert [part["status"] for part in shapes.components(shown, (), now)["components"]] == [component, "operational"]
    assert bool(shapes.summary(shown, (), now)["scheduled_maintenances"]) is listed
    assert [part.title for part in status_view(shown, (), now).planned] == (["We patch the database"] if listed else [])


def test_what_is_silenced_why_and_by_whom_is_nobodys_business() -> None:
    shown = page(at(61), PATCH)
    told = msgspec.json.encode(shapes.summary(shown, (), at(61))).decode() + repr(status_view(shown, (), at(61)))
    assert "secret" not in told
    assert "mira" not in told
    assert status_view(shown, (), at(61)).planned[0].when.startswith("Under way.")
    assert status_view(shown, (), at(61)).planned[0].names == "Shop"


def test_a_silence_that_is_not_public_and_one_that_was_taken_back_are_not_shown() -> None:
    quiet = replace(PATCH, maintenance=None)
    taken_back = replace(PATCH, ended_at=at(30), ended_by="person:mira")
    assert page(at(31), quiet, taken_back).planned == ()


def test_one_that_was_ended_early_is_over_from_then_on() -> None:
    [one] = page(at(90), replace(PATCH, ended_at=at(80), ended_by="person:mira")).planned
    assert (one.status(at(79)), one.status(at(80)), one.ends) == ("in_progress", "completed", at(80))


def test_one_that_recurs_is_shown_at_its_present_or_next_time() -> None:
    weekly = replace(PATCH, repeats=Recurrence(days=(0,), timezone="UTC"))
    assert [page(at(minute), weekly).planned[0].begins for minute in (0, 61, 121)] == [
        at(60),
        at(60),
        at(60) + timedelta(days=7),
    ]
