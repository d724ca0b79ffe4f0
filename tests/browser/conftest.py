"""A real Chromium before a real server."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect
from starlette.applications import Starlette

from conftest import ROOT
from read_once import reading_once
from tocsin.assembly import Options, Tocsin, assemble
from tocsin.detection.alert import Alert
from tocsin.store import transactions as t
from tocsin.web.app import application
from tocsin.web.auth import SESSION_COOKIE
from tocsin.web.server import Server, bind

PATIENCE = 60_000
"""Milliseconds that are waited for a browser on a busy machine; it costs nothing where it is quick."""

expect.set_options(timeout=PATIENCE)

EXAMPLE = ROOT / "examples" / "sequencer"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "color_scheme": "dark",
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}


@dataclass
class Desk:
    """A running Tocsin and a browser. `complaints` collects what pages wrote to the console: nothing, hopefully."""

    tocsin: Tocsin
    app: Starlette
    server: Server
    url: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    async def open(self, person: str, path: str = "/app/", device: dict[str, Any] = DESK, **more: Any) -> Page:
        """A page in a browser of its own, signed in as that person."""
        session = await self.tocsin.access.sign_in(await self.tocsin.access.link(person))
        context = await in_private(self.browser, **{**device, **more})
        await context.add_cookies([{"name": SESSION_COOKIE, "value": session or "", "url": self.url}])
        page = await context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(self.url + path)
        return page

    async def alert(self, summary: str = "Health check failing", key: str = "k") -> str:
        """Let a monitor send an event and give the number of the incident it opened."""
        alert = Alert(source="monitoring", dedup_key=key, action="trigger", summary=summary, severity="critical")
        await self.tocsin.engine.ingest([alert])
        async with asyncio.timeout(60):
            while True:
                seen = self.tocsin.engine.changes.version
                found = await self.tocsin.store.read(t.load_group(alert.group_key))
                if found.number is not None and await self._rests(found.number):
                    return found.number
                await self.tocsin.engine.changes.after(seen, 0.1)

    async def _rests(self, number: str) -> bool:
        """Whether all that is to be done now was done: a page that changes under a finger is another test."""
        now = self.tocsin.clock.now()
        return all(job.due > now for job in await self.tocsin.store.read(t.jobs_of(number)))


async def launched(playwright: Playwright, program: str) -> Browser:
    """A browser."""
    return await playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=PATIENCE)


async def in_private(browser: Browser, **device: Any) -> BrowserContext:
    """What one person has open, with nobody else's cookies."""
    context = await browser.new_context(**device)
    context.set_default_timeout(PATIENCE)
    return context


def chromium() -> str | None:
    """Where Chromium is, or None."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else ["/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome")]
    return next((path for path in found if path and Path(path).is_file()), None)


@pytest.fixture(scope="session", autouse=True)
def runbooks_read_once() -> Iterator[None]:
    """Read no runbook of a server in this process twice."""
    with reading_once():
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared() -> AsyncIterator[Browser]:
    """The one browser of this process: to start it is more work than most of what is looked at with it."""
    program = chromium()
    if program is None:
        pytest.skip("needs Chromium: install it, or name it in CHROMIUM")
    async with async_playwright() as playwright:
        browser = await launched(playwright, program)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(shared: Browser) -> AsyncIterator[Browser]:
    """A browser in which nothing is open; what a test opens in it is private and ends with the test."""
    assert shared.contexts == []
    yield shared
    for context in shared.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path, browser: Browser) -> AsyncIterator[Desk]:
    """A Tocsin with the bundled example, and a browser."""
    bound = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    tocsin = await assemble(Options(EXAMPLE / "RUNBOOK.md", EXAMPLE / "demo.toml", tmp_path, url))
    app = application(tocsin)
    server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    running = asyncio.create_task(server.serve([bound]))
    try:
        yield Desk(tocsin, app, server, url, browser)
        for context in browser.contexts:  # a page that is open would hold the server up
            await context.close()
    finally:
        server.should_exit = True
        await running
        bound.close()
