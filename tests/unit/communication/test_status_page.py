import json
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.communication import status_page_json as shapes
from tocsin.communication.status_page import (
    Component,
    PageSettings,
    PublicIncident,
    PublicUpdate,
    headline,
    history,
    publishable,
    shown_severities,
)
from tocsin.communication.status_page_feeds import atom, rss
from tocsin.incident.facts import Fact
from tocsin.incident.incident import fold
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import StatusPage
from unit.timeline import at, opened

API, SITE = Component("api", "Order API"), Component("site", "Website")
PAGE = PageSettings(name="Orderbook", url="https://status.orderbook.example/status", components=(API, SITE))


def said(number: int, status: str, minutes: float, body: str = "We are looking into it.") -> PublicUpdate:
    return PublicUpdate(id=f"u{number}", status=status, body=body, at=at(minutes), by="person:mira")  # type: ignore[arg-type]


def trouble(severity: str = "P0", **more: Any) -> PublicIncident:
    fields: dict[str, Any] = {
        "id": "INC-1",
        "title": "Orders are late",
        "severity": severity,
        "started_at": at(0),
        "components": ("api",),
        "updates": (said(1, "investigating", 5), said(2, "identified", 20)),
    }
    return PublicIncident(**fields | more)


OVER = trouble(
    resolved_at=at(45), updates=(said(1, "investigating", 5), said(2, "monitoring", 30), said(3, "resolved", 45))
)


def test_a_quiet_page_says_that_everything_works() -> None:
    found = shapes.summary(PAGE, (), at(0))
    assert found["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert [part["status"] for part in found["components"]] == ["operational", "operational"]
    assert (found["incidents"], found["scheduled_maintenances"]) == ([], [])
    assert headline(PAGE, (), at(0)) == "Everything works."


@pytest.mark.parametrize(
    ("severity", "indicator", "component", "sentence"),
    [
        ("P0", "critical", "major_outage", "Order API is down."),
        ("P1", "major", "partial_outage", "Order API is partly down."),
        ("P2", "minor", "degraded_performance", "Order API works worse than usual."),
        ("P3", "none", "operational", "Everything works."),
        ("SEV9", "none", "operational", "Everything works."),
    ],
)
def test_a_severity_has_a_meaning_outside(severity: str, indicator: str, component: str, sentence: str) -> None:
    found = shapes.summary(PAGE, (trouble(severity),), at(25))
    assert found["status"]["indicator"] == indicator
    assert [part["status"] for part in found["components"]] == [component, "operational"]
    assert headline(PAGE, (trouble(severity),), at(25)) == sentence


def test_an_incident_has_exactly_the_shape_readers_know() -> None:
    (found,) = shapes.all_incidents(PAGE, (OVER,), at(60))["incidents"]
    assert set(found) == {
        "id", "name", "status", "impact", "shortlink", "created_at", "updated_at", "monitoring_at", "resolved_at",
        "started_at", "page_id", "components", "incident_updates",
    }  # fmt: skip
    assert (found["status"], found["impact"]) == ("resolved", "critical")
    assert found["shortlink"] == "https://status.orderbook.example/status/incidents/INC-1"
    assert (found["monitoring_at"], found["resolved_at"]) == ("2026-03-02T10:30:00.000Z", "2026-03-02T10:45:00.000Z")
    newest = found["incident_updates"][0]
    assert newest == {
        "id": "u3",
        "status": "resolved",
        "body": "We are looking into it.",
        "incident_id": "INC-1",
        "created_at": "2026-03-02T10:45:00.000Z",
        "updated_at": "2026-03-02T10:45:00.000Z",
        "display_at": "2026-03-02T10:45:00.000Z",
        "affected_components": [
            {"code": "api", "name": "Order API", "old_status": "major_outage", "new_status": "operational"}
        ],
    }
    assert found["incident_updates"][-1]["affected_components"][0]["old_status"] == "operational"
    assert "mira" not in json.dumps(found)


def test_every_shape_names_the_page_and_its_latest_change() -> None:
    outputs = [shapes.status, shapes.components, shapes.all_incidents, shapes.unresolved, shapes.scheduled_maintenances]
    for shape in (*outputs, shapes.summary):
        page = shape(PAGE, (trouble(),), at(25))["page"]
        assert set(page) == {"id", "name", "url", "time_zone", "updated_at"}
        assert page["updated_at"] == "2026-03-02T10:20:00.000Z"


def test_what_is_over_is_listed_but_not_open() -> None:
    both = (OVER, trouble(id="INC-2", started_at=at(50), updates=()))
    assert [one["id"] for one in shapes.all_incidents(PAGE, both, at(60))["incidents"]] == ["INC-2", "INC-1"]
    assert [one["id"] for one in shapes.unresolved(PAGE, both, at(60))["incidents"]] == ["INC-2"]


def test_words_alone_do_not_end_an_open_incident() -> None:
    early = trouble(updates=(said(1, "resolved", 5),))
    assert shapes.unresolved(PAGE, (early,), at(10))["incidents"][0]["status"] == "monitoring"
    assert headline(PAGE, (early,), at(10)) == "Order API is down. A fix is in place and we are watching it."


def test_the_worst_open_incident_makes_the_headline() -> None:
    mild = trouble("P2", id="INC-2", started_at=at(5))
    everything = trouble(id="INC-3", components=(), title="Nobody can log in.")
    assert headline(PAGE, (mild, trouble(components=("api", "site"))), at(25)) == "Order API and Website are down."
    assert headline(PAGE, (mild, everything), at(25)) == "Nobody can log in."


def test_history_keeps_the_worst_state_of_each_day() -> None:
    two_days = trouble("P1", started_at=at(-2 * 1440), resolved_at=at(-1440))
    ancient = trouble(id="INC-0", started_at=at(-100 * 1440), resolved_at=at(-89 * 1440))
    mild_today = trouble("P2", id="INC-2")
    days = history(PAGE, API, (two_days, ancient, mild_today), at(10))
    assert len(days) == 90
    assert days == (3, *[0] * 86, 2, 2, 1)
    assert set(history(PAGE, SITE, (two_days, mild_today), at(10))) == {0}


def test_an_update_says_which_components_it_concerns_and_how_each_does() -> None:
    first = msgspec.structs.replace(said(1, "investigating", 5), components={"api": "partial_outage"})
    then = msgspec.structs.replace(
        said(2, "identified", 20), components={"api": "degraded_performance", "site": "major_outage"}
    )
    one = trouble(components=(), updates=(first, then, said(3, "monitoring", 30)))
    states = {
        minutes: [part["status"] for part in shapes.components(PAGE, (one,), at(minutes))["components"]]
        for minutes in (10, 25, 40)
    }
    assert states == {
        10: ["partial_outage", "operational"],
        25: ["degraded_performance", "major_outage"],
        40: ["degraded_performance", "major_outage"],  # an update that says nothing of them leaves them
    }
    (found,) = shapes.all_incidents(PAGE, (one,), at(25))["incidents"]
    assert [
        (x["code"], x["old_status"], x["new_status"]) for x in found["incident_updates"][0]["affected_components"]
    ] == [
        ("api", "partial_outage", "degraded_performance"),
        ("site", "operational", "major_outage"),
    ]
    over = msgspec.structs.replace(one, updates=(*one.updates, said(4, "resolved", 50)), resolved_at=at(50))
    parts = shapes.components(PAGE, (over,), at(60))["components"]
    assert [part["status"] for part in parts] == ["operational", "operational"]
    assert (history(PAGE, API, (over,), at(60))[-1], history(PAGE, SITE, (over,), at(60))[-1]) == (2, 3)


def test_days_between_a_resolution_and_a_reopening_are_fine() -> None:
    back = trouble(
        started_at=at(-4 * 1440),
        updates=(said(1, "resolved", -3 * 1440), said(2, "investigating", 0)),
    )
    assert history(PAGE, API, (back,), at(10))[-6:] == (0, 3, 3, 0, 0, 3)


def _with_severities(*names: str) -> Runbook:
    text = "# R\n\n## Severity Levels\n\n" + "".join(
        f"### {name} - X (Response Time: 2 hours)\n\n- a\n\n" for name in names
    )
    return read_runbook(text.encode())


@pytest.mark.parametrize(
    ("document", "configured", "shown"),
    [
        (("P0", "P1", "P2", "P3"), None, ("P0", "P1", "P2")),
        (("P0", "P1"), None, ("P0",)),
        (("P0",), None, ("P0",)),
        (("P0", "P1", "P2", "P3"), ("P3", "P0"), ("P0", "P3")),
        (("P0", "P1", "P2", "P3"), (), ()),
    ],
)
def test_all_but_the_lowest_severity_of_the_document_may_be_shown(
    document: tuple[str, ...], configured: tuple[str, ...] | None, shown: tuple[str, ...]
) -> None:
    assert shown_severities(_with_severities(*document), StatusPage(severities=configured)) == shown


@pytest.mark.parametrize(
    ("severity", "restricted", "may"),
    [("P0", False, True), ("P2", False, True), ("P3", False, False), ("P0", True, False)],
)
def test_only_severe_open_matters_are_published(*, severity: str, restricted: bool, may: bool) -> None:
    found = fold([Fact(seq=1, at=at(0), body=opened(severity, restricted=restricted))])
    assert found is not None
    assert publishable(found) is may


@pytest.mark.parametrize("feed", [atom, rss])
def test_a_feed_has_one_entry_per_incident_that_moves_with_each_update(feed: Any) -> None:
    before, after = (feedparser.parse(feed(PAGE, (trouble(),), at(minutes))) for minutes in (10, 25))
    assert not after.bozo
    assert after.feed.title == "Orderbook status"
    (old,), (new,) = before.entries, after.entries
    assert new.id == old.id == "tag:status.orderbook.example,2005:Incident/INC-1"
    assert new.link == "https://status.orderbook.example/status/incidents/INC-1"
    moved = new.updated_parsed if feed is atom else new.published_parsed
    assert datetime.fromtimestamp(timegm(moved), UTC) == at(20)
    content = new.content[0].value
    assert content.index("Identified") < content.index("Investigating")


TEXT = st.text(max_size=30) | st.sampled_from(["<b>&amp;</b>", "]]>", "\"'", "\x00\x08", "\ud800", "￾"])


@given(title=TEXT, body=TEXT, name=TEXT)
@settings(max_examples=60, deadline=None)
def test_feeds_can_always_be_read(title: str, body: str, name: str) -> None:
    page = msgspec.structs.replace(PAGE, name=name)
    one = trouble(title=title, updates=(said(1, "identified", 1, body),))
    for feed in (atom, rss):
        read = feedparser.parse(feed(page, (one,), at(5) + timedelta(days=1)))
        assert not read.bozo
        assert len(read.entries) == 1
