"""Whole stories with real channels: alert, page, an answer from the other side; the clock is moved by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from integration.servers import NOTHING_RUNS
from integration.web.staged import RUNBOOK, Staged
from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings
from tocsin.incident import facts as f
from tocsin.store import transactions as t
from tocsin.web.app import application
from tocsin.web.server import bind

DOWN = "The health check gets no answer"


class Walk(Staged):
    """A Tocsin whose channels are real and whose doors are open on the loopback."""

    address = ""

    async def rang(self) -> list[str]:
        """Who was paged by what, in order, over all incidents."""
        numbers = [head.number for head in await self.store.read(t.heads())]
        facts = [body for number in numbers for body in await self.facts(number)]
        return [f"{body.person} {body.method}" for body in facts if isinstance(body, f.Paged)]


@asynccontextmanager
async def walking(team: str, base: Path = Path()) -> AsyncIterator[Walk]:
    """Open the doors with that team; `{doors}` in it is where they are."""
    walk = Walk()
    with bind("127.0.0.1", 0) as bound:
        walk.address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        walk.tocsin._public_url, walk.tocsin._base = walk.address, base
        walk.tocsin.use(read_settings(team + NOTHING_RUNS, OPTIONS))
        await walk.tocsin.publish(RUNBOOK.read_bytes(), "docs/RUNBOOK.md", None)
        # No lifespan: the worker is stepped by hand.
        config = uvicorn.Config(application(walk.tocsin), log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([bound]))
        while not server.started:  # noqa: ASYNC110  all that uvicorn offers
            await asyncio.sleep(0.005)
        try:
            yield walk
        finally:
            server.should_exit = True
            await running
            for channel in walk.tocsin.deeds.channels.values():
                await channel.close()
            await walk.client.aclose()
            walk.store.close()
