"""PagerDuty's own client against us, over TLS because it refuses anything else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pagerduty import EventsApiV2Client
from pagerduty.errors import HttpError

from integration.servers import Here, serving


@pytest.fixture
async def secured(tmp_path: Path, certificate: tuple[Path, Path]) -> AsyncIterator[Here]:
    """A Tocsin that speaks TLS, as PagerDuty's clients insist."""
    async with serving(tmp_path / "data", tls=certificate) as found:
        yield found


@contextmanager
def client_of(here: Here, key: str = "") -> Iterator[Any]:
    with EventsApiV2Client(key or here.routing_key) as client:
        client.url = str(here.client.base_url).rstrip("/")
        yield client


async def call(deed: Callable[..., Any], *words: Any, **named: Any) -> Any:
    return await asyncio.to_thread(deed, *words, **named)


async def test_pagerdutys_client_triggers_acknowledges_and_resolves(secured: Here) -> None:
    with client_of(secured) as client:
        key = await call(client.trigger, "The health check gets no answer", "probe-1", severity="critical")
        opened = await secured.until(lambda found: found[0] if found else None)
        assert opened["group_key"] == f"monitoring/{key}"
        assert await call(client.acknowledge, key) == key
        await secured.until(lambda found: found[0]["status"] == "acknowledged")
        assert await call(client.resolve, key) == key
        await secured.until(lambda found: found[0]["status"] == "resolved")


async def test_pagerdutys_client_is_told_that_a_key_is_wrong(secured: Here) -> None:
    with client_of(secured, "0" * 32) as client, pytest.raises(HttpError, match="400"):
        await call(client.trigger, "It is broken", "probe-1")
    assert await secured.incidents() == []


async def test_pagerdutys_client_tells_a_deploy(secured: Here) -> None:
    with client_of(secured) as client:
        await call(client.send_change_event, payload={"summary": "Deployed 4711", "source": "ci"})
    [told] = (await secured.declare("The till is dead"))["changes"]
    assert (told["summary"], told["origin"], told["when"]) == ("Deployed 4711", "ci", "when it opened")
