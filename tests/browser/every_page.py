"""Every page there is, each in the states that look different, behind a real server: for tests and for pictures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

import uvicorn
from msgspec.structs import replace
from playwright.async_api import BrowserContext

from integration.web.staged import RUNBOOK, TEAM_THAT_RUNS, Staged
from integration.web.watched import PROBES, a_bad_night
from tocsin.communication.status_page import UpdateStatus
from tocsin.engine import silencing
from tocsin.grouping.drafting import Draft
from tocsin.grouping.matchers import read_matcher
from tocsin.incident import wishes as w
from tocsin.incident.silence import Maintenance
from tocsin.web.auth import SESSION_COOKIE
from tocsin.web.server import Server, bind

RESTRICTED = "ada"
"""Who may see the breach; everything else is seen by Mira."""

COMPONENTS = '[status_page]\nname = "Orderbook"\ncomponents = { api = "API", web = "Web shop" }\n'
GRANTED = '[targets.local]\nenvironment = { DATABASE_URL = "postgresql://sequencer@127.0.0.1:1/sequencer" }\n'
EDITS = (
    (b"pm2 logs sequencer --nostream --lines 100", b"pm2 logs sequencer --lines 100"),
    (b"**Severity**: P0\n", b""),
)
"""What a document in order lacks: an error and a warning to show."""


class Everything(NamedTuple):
    """A server with something to see. `paths`: what a page is called -> (who looks, where); "" is a stranger."""

    stage: Staged
    url: str
    paths: dict[str, tuple[str, str]]

    async def sign_in(self, context: BrowserContext, person: str) -> None:
        """Let a browser be that person's; a stranger's it is already."""
        if not person:
            return
        session = await self.stage.tocsin.access.sign_in(await self.stage.tocsin.access.link(person))
        await context.add_cookies([{"name": SESSION_COOKIE, "value": session or "", "url": self.url}])


@asynccontextmanager
async def every_page() -> AsyncIterator[Everything]:
    """Serve the example in the middle of a bad night."""
    team = TEAM_THAT_RUNS.replace('L1 = ["mira"]', 'L1 = "primary"')
    stage = await Staged().begin(team + COMPONENTS + GRANTED + PROBES)
    paths = await _night(stage)
    async with served(stage) as url:
        yield Everything(stage, url, paths)


@asynccontextmanager
async def served(stage: Staged) -> AsyncIterator[str]:
    """Serve what is on a stage, and give the address."""
    bound = bind("127.0.0.1", 0)
    server = Server(uvicorn.Config(stage.app, log_config=None, access_log=False, lifespan="off"))
    running = asyncio.create_task(server.serve([bound]))
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        bound.close()


async def _night(stage: Staged) -> dict[str, tuple[str, str]]:
    ended = await _ended(stage)
    nobody = await stage.alert("Health check failing on api-1")
    mine = await stage.alert("Error rate at 6%", key="errors")
    await stage.alert("Error rate at 9%", key="more errors")
    await stage.act(mine, w.Acknowledge(by="person:mira"))
    told = _post("investigating", "Some requests fail", "Some requests fail.\nWe look for the cause.")
    await stage.act(mine, replace(told, components={"api": "partial_outage"}))
    theirs = await stage.alert("Certificate of gateway-2 ends in 3 days", key="unknown")
    await stage.act(theirs, w.Acknowledge(by="person:jonas"))
    breach = await stage.alert("somebody copied all user data", key="breach", incident_type="data-breach")
    await stage.tocsin.publish(_edited(), "docs/RUNBOOK.md", None)
    await _silence(stage)
    await stage.let_pass(minutes=3)
    await a_bad_night(stage)
    stage.tocsin.worker.last_turned = stage.tocsin.audit.last_looked = stage.clock.monotonic()
    seen = {"incident": nobody, "mine": mine, "theirs": theirs, "ended": ended, "breach": breach}
    return await _paths(stage, seen)


async def _silence(stage: Staged) -> None:
    """Hold something bad back now, plan a maintenance, and have one that is over."""
    engine, hours = stage.tocsin.engine, timedelta(hours=2)
    bad = (
        read_matcher("entry=database-slow-queries"),
        read_matcher('text=~"Database CPU at 9[0-9]% for a long while"'),
    )
    await silencing.begin(engine, Draft(matchers=bad, why="An index is built", lasts=hours), "person:mira")
    later = stage.clock.now() + hours
    told = Maintenance(title="We move the shop", text="It is closed for a while.", components=("web",))
    weekly = Draft(
        matchers=(read_matcher("source=default"),),
        why="Every week",
        starts_at=later,
        lasts=hours,
        repeats="mon,sat",
        maintenance=told,
    )
    await silencing.begin(engine, weekly, "person:jonas")
    over = await silencing.begin(engine, Draft(matchers=bad, why="A mistake", lasts=hours), "person:mira")
    await silencing.end(engine, over.silence.id, "person:mira")
    await stage.alert("Database CPU at 97% for a long while", key="held", incident_type="database-slow-queries")


def _edited() -> bytes:
    text = RUNBOOK.read_bytes()
    for before, after in EDITS:
        assert before in text
        text = text.replace(before, after, 1)
    return text


async def _ended(stage: Staged) -> str:
    ended = await stage.alert("Database CPU at 99%", key="past")
    await stage.let_pass(minutes=4)
    await stage.act(ended, w.Acknowledge(by="person:mira"))
    await stage.act(ended, _post("identified", "Slow answers", "Answers are slow. We know why."))
    await stage.let_pass(minutes=21)
    await stage.act(ended, w.Resolve(by="person:jonas", why="the missing index was added"))
    await stage.act(ended, _post("resolved", "Slow answers", "Answers are as fast as before."))
    await stage.act(
        ended, w.AddAction(by="person:mira", text="Watch the slow queries", owner="jonas", due="2026-12-04")
    )
    await stage.let_pass(hours=3)
    return ended


def _post(status: UpdateStatus, title: str, text: str) -> w.Post:
    return w.Post(by="person:mira", status=status, public=True, title=title, text=text, channels=(), line=None)


async def _paths(stage: Staged, numbers: dict[str, str]) -> dict[str, tuple[str, str]]:
    nobody, mine, ended = numbers["incident"], numbers["mine"], numbers["ended"]
    world = (await stage.tocsin.engine.load(nobody)).world
    entry = world.runbook.incident_type("sequencer-down")
    assert entry
    fix, before = entry.resolution[0].steps[0].id, world.runbook.sha256[:12]
    seen = {
        "home": "/app/",
        **{name: f"/app/incidents/{number}" for name, number in numbers.items()},
        "declare": "/app/declare",
        "silences": "/app/silences",
        "probes": "/app/probes",
        "run": f"/app/incidents/{nobody}/steps/{fix}/run",
        "update": f"/app/incidents/{mine}/update?for=internal",
        "runbook": "/app/runbook",
        "findings": "/app/runbook?only=findings",
        "versions": "/app/runbook/versions",
        "compared": f"/app/runbook?only=findings&against={before}",
        "status": "/status",
        "status incident": f"/status/incidents/{mine}",
        "no status": "/status/incidents/INC-2020-0001",
        "reviews": "/app/reviews",
        "review": f"/app/reviews/{ended}",
        "early review": f"/app/reviews/{nobody}",
        "acknowledge": f"/a/{stage.tocsin.links.token(nobody, 'mira')}",
        "sign in": "/app/sign-in?token=x",
        "trouble": "/app/nothing",
        "signed out": "/app/",
    }
    readers = {"breach": RESTRICTED, "signed out": ""}
    return {name: (readers.get(name, "mira"), path) for name, path in seen.items()}
