"""The fake Statuspage, by the documented shapes: it has no client of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from conftest import PLAIN_HTTP
from tocsin.drill.clock import MovedClock
from tocsin.drill.fakes.statuspage import Statuspage

INCIDENTS = "/v1/pages/fakepage0001/incidents"


@asynccontextmanager
async def served(key: str = "fake-key", **how: Any) -> AsyncIterator[tuple[Statuspage, httpx.AsyncClient]]:
    fake = Statuspage(**how)
    headers = {"Authorization": f"OAuth {key}"}
    async with (
        fake.serving() as address,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=PLAIN_HTTP) as client,
    ):
        yield fake, client


async def test_an_incident_is_opened_updated_and_resolved() -> None:
    async with served() as (fake, client):
        wanted: dict[str, Any] = {
            "name": "API is slow",
            "status": "investigating",
            "body": "We look.",
            "impact_override": "minor",
        }
        wanted |= {"components": {"api": "degraded_performance"}, "metadata": {"tocsin": {"id": "INC-2026-0001"}}}
        made = await client.post(INCIDENTS, json={"incident": wanted})
        assert (made.status_code, made.json()["impact"]) == (201, "minor")
        assert fake.components["api"]["status"] == "degraded_performance"
        name = made.json()["id"]
        over = {"status": "resolved", "body": "Over.", "components": {"api": "operational"}}
        changed = await client.patch(f"{INCIDENTS}/{name}", json={"incident": over | {"deliver_notifications": False}})
        assert changed.json()["resolved_at"] is not None
        assert [update["status"] for update in changed.json()["incident_updates"]] == ["resolved", "investigating"]
        assert (await client.get(f"{INCIDENTS}/unresolved")).json() == []
        assert (await client.get(f"{INCIDENTS}/{name}")).json()["metadata"] == wanted["metadata"]
        assert fake.told == [name], "subscribers were told of the first only"


async def test_components_are_listed_and_changed() -> None:
    async with served() as (_, client):
        root = "/v1/pages/fakepage0001/components"
        assert [one["id"] for one in (await client.get(root)).json()] == ["api"]
        changed = await client.patch(f"{root}/api", json={"component": {"status": "major_outage"}})
        assert changed.json()["status"] == "major_outage"
        assert (await client.patch(f"{root}/api", json={"component": {"status": "bad"}})).status_code == 422
        assert (await client.patch(f"{root}/none", json={"component": {}})).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "x" * 256},
        {"name": "x", "status": "broken"},
        {"name": "x", "body": "x" * 25_001},
        {"name": "x", "impact_override": "huge"},
        {"name": "x", "components": {"none": "operational"}},
    ],
)
async def test_what_is_wrong_is_named(wrong: dict[str, Any]) -> None:
    async with served() as (fake, client):
        refused = await client.post(INCIDENTS, json={"incident": wrong})
        assert refused.status_code == 422
        assert len(refused.json()["error"]) == 1
        assert fake.incidents == []


async def test_a_wrong_key_and_another_page_are_refused() -> None:
    async with served(key="wrong") as (_, client):
        assert (await client.get(INCIDENTS)).status_code == 401
    async with served() as (_, client):
        assert (await client.get("/v1/pages/other/incidents")).status_code == 404
        assert (await client.patch(f"{INCIDENTS}/none", json={"incident": {}})).status_code == 404


@pytest.mark.parametrize("status", [420, 429])
async def test_more_than_one_request_a_second_is_too_much(status: int) -> None:
    clock = MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    async with served(clock=clock, limit_status=status) as (_, client):
        codes = [(await client.get(INCIDENTS)).status_code for _ in range(61)]
        assert codes == [200] * 60 + [status]
        clock.advance(timedelta(seconds=60))
        assert (await client.get(INCIDENTS)).status_code == 200
