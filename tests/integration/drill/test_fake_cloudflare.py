"""The fake Cloudflare, checked with Cloudflare's own client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import cloudflare
import httpx
import pytest

from conftest import PLAIN_HTTP
from tocsin.drill.clock import MovedClock
from tocsin.drill.fakes.cloudflare import Cloudflare


@asynccontextmanager
async def served(token: str = "fake-token", **how: Any) -> AsyncIterator[tuple[Cloudflare, Any]]:  # noqa: S107  made up
    fake = Cloudflare(**how)
    async with fake.serving() as address:
        with cloudflare.Cloudflare(api_token=token, base_url=f"{address}/client/v4", max_retries=0) as client:
            yield fake, client


async def call(deed: Any, **words: Any) -> Any:
    return await asyncio.to_thread(deed, **words)


async def test_its_own_client_raises_the_level_and_sees_it() -> None:
    async with served() as (fake, client):
        level = {"setting_id": "security_level", "zone_id": fake.zone}
        assert (await call(client.zones.settings.get, **level)).value == "medium"
        await call(client.zones.settings.edit, **level, value="under_attack")
        assert (await call(client.zones.settings.get, **level)).value == fake.level == "under_attack"
        with pytest.raises(cloudflare.BadRequestError):
            await call(client.zones.settings.edit, **level, value="panic")


async def test_its_own_client_blocks_lists_and_lets_go() -> None:
    async with served() as (fake, client):
        rules = client.firewall.access_rules
        wanted = {"mode": "block", "configuration": {"target": "ip", "value": "203.0.113.9"}, "notes": "INC-1"}
        made = await call(rules.create, zone_id=fake.zone, **wanted)
        [listed] = (await call(rules.list, zone_id=fake.zone)).result
        assert (listed.id, listed.notes, listed.mode) == (made.id, "INC-1", "block")
        with pytest.raises(cloudflare.BadRequestError, match="duplicate_of_existing"):
            await call(rules.create, zone_id=fake.zone, **wanted)
        wanted["configuration"] = {"target": "ip", "value": "nobody"}
        with pytest.raises(cloudflare.BadRequestError, match="invalid_configuration"):
            await call(rules.create, zone_id=fake.zone, **wanted)
        await call(rules.delete, rule_id=made.id, zone_id=fake.zone)
        assert fake.rules == {}
        with pytest.raises(cloudflare.NotFoundError):
            await call(rules.delete, rule_id=made.id, zone_id=fake.zone)


async def test_a_wrong_token_is_refused() -> None:
    async with served(token="wrong") as (fake, client):
        with pytest.raises(cloudflare.PermissionDeniedError):
            await call(client.zones.settings.get, setting_id="security_level", zone_id=fake.zone)


async def test_too_many_requests_are_shut_out_for_five_minutes() -> None:
    clock = MovedClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    fake = Cloudflare(clock=clock)
    path = f"/client/v4/zones/{fake.zone}/settings/security_level"
    headers = {"Authorization": "Bearer fake-token"}
    async with (
        fake.serving() as address,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=60, verify=PLAIN_HTTP) as client,
    ):
        for _ in range(1200):
            fake._is_over()
        refused = await client.get(path)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
        assert refused.json()["success"] is False
        clock.advance(timedelta(minutes=4))
        assert (await client.get(path)).status_code == 429
        clock.advance(timedelta(minutes=1))
        assert (await client.get(path)).status_code == 200
