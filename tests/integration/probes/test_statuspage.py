"""A status page in the shape that Statuspage documents for `/api/v2/summary.json`."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from integration.probes.looking import Service, answer, look, service
from tocsin.probes.probe import LookFailed

WHEN = "2026-03-02T08:41:00.000Z"


def component(name: str, status: str = "operational", **more: Any) -> dict[str, Any]:
    return {
        "id": f"id-{name.lower()}", "name": name, "status": status, "created_at": WHEN, "updated_at": WHEN,
        "position": 1,
        "description": None, "showcase": False, "start_date": None, "group_id": None, "page_id": "p", "group": False,
        "only_show_if_degraded": False, **more,
    }  # fmt: skip


def incident(name: str, status: str) -> dict[str, Any]:
    update = {"id": "u", "status": status, "body": "We look.", "incident_id": "i", "created_at": WHEN,
              "updated_at": WHEN,
              "display_at": WHEN, "affected_components": None}  # fmt: skip
    return {"id": "i", "name": name, "status": status, "impact": "major", "shortlink": "https://stspg.io/x",
            "page_id": "p",
            "created_at": WHEN, "updated_at": WHEN, "monitoring_at": None, "resolved_at": None, "started_at": WHEN,
            "incident_updates": [update], "components": []}  # fmt: skip


def summary(indicator: str, *components: dict[str, Any], incidents: tuple[dict[str, Any], ...] = ()) -> bytes:
    page = {"id": "p", "name": "Vendor", "url": "https://status.example", "time_zone": "Etc/UTC", "updated_at": WHEN}
    return msgspec.json.encode(
        {"page": page, "status": {"indicator": indicator, "description": "-"}, "components": components,
         "incidents": incidents, "scheduled_maintenances": []}
    )  # fmt: skip


@pytest.fixture
async def vendor() -> AsyncIterator[Service]:
    async with service() as found:
        yield found


def page(vendor: Service, path: str = "", more: str = "") -> str:
    return f'kind = "statuspage"\nurl = "{vendor.url}{path}"\n{more}'


async def test_a_page_on_which_all_is_well(vendor: Service) -> None:
    vendor.say["/api/v2/summary.json"] = answer(summary("none", component("API"), component("Database")))
    for path in ("", "/", "/api/v2/summary.json"):
        reading = await look(page(vendor, path))
        assert reading.values == {"indicator": 0, "degraded": 0, "maintenance": 0, "incidents": 0}
        assert reading.details == {}


async def test_trouble_and_maintenance_are_told_apart_and_named(vendor: Service) -> None:
    vendor.say[""] = answer(
        summary(
            "major",
            component("API", "partial_outage"),
            component("Storage", "under_maintenance"),
            component("Region", "major_outage", group=True, components=["id-db"]),
            component("Database", "degraded_performance", group_id="id-region"),
            component("Database", "operational", group_id="other"),
            incidents=(incident("Slow writes", "investigating"), incident("Old", "resolved")),
        )
    )
    more = 'values = { db = "Database", storage = "id-storage", auth = "Auth" }'
    reading = await look(page(vendor, more=more))
    assert reading.values == {
        "indicator": 2, "degraded": 2, "maintenance": 1, "incidents": 1, "db": 1, "storage": 0,
    }  # fmt: skip
    assert reading.details == {
        "degraded": "API: partial outage, Database: degraded performance",
        "incidents": "Slow writes",
        "not_read": "auth is not there: no component is called 'Auth'",
    }


async def test_a_page_that_cannot_be_read_breaks_the_probe_and_calls_nothing_down(vendor: Service) -> None:
    vendor.say |= {
        "/gone/api/v2/summary.json": answer(status=404),
        "/html/api/v2/summary.json": answer(b"<html>"),
        "/other/api/v2/summary.json": answer(b'{"status":{"indicator":"none"}}'),
        "/odd/api/v2/summary.json": answer(summary("purple")),
    }
    for path, why in (
        ("/gone", "localhost answered 404: look at the address"),
        ("/html", "localhost does not answer as a page of Statuspage does"),
        ("/other", "localhost does not answer as a page of Statuspage does"),
        ("/odd", "an indicator 'purple' nobody knows"),
    ):
        with pytest.raises(LookFailed, match=why):
            await look(page(vendor, path))
