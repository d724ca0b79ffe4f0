"""The pages on a stage: the real application in this process, on a clock that is moved by hand, with a small team."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from conftest import PLAIN_HTTP, ROOT
from integration.servers import NOTHING_RUNS
from tocsin.assembly import Tocsin
from tocsin.channels.message import Channel
from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings
from tocsin.detection.alert import Action, Alert
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.drill.clock import MovedClock
from tocsin.engine.ports import Store
from tocsin.incident import facts as f
from tocsin.incident.wishes import Wish
from tocsin.store import transactions as t
from tocsin.store.sqlite import InlineStore
from tocsin.web.app import application
from tocsin.web.auth import SESSION_COOKIE

RUNBOOK = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
NIGHT = datetime(2026, 11, 30, 2, 11, 38, tzinfo=UTC)
"""Monday 03:11:38 in Berlin."""

TEAM = (
    """
timezone = "Europe/Berlin"
fallback = ["priya"]
[channels.slack]
kind = "console"
[channels.sms]
kind = "console"
[channels.pigeon]
kind = "console"
[people.mira]
name = "Mira Okafor"
reach = [{ via = ["slack"], wait = "PT2M" }, { via = ["sms"] }]
[people.jonas]
name = "Jonas Weber"
timezone = "America/New_York"
reach = [{ via = ["slack"] }]
[people.priya]
name = "Priya Raman"
reach = [{ via = ["slack"] }]
[people.sam]
name = "Sam Ito"
reach = [{ via = ["pigeon"] }]
[people.ada]
name = "Ada Moreau"
reach = [{ via = ["slack"] }]
[people.boss]
name = "Bo Ssin"
admin = true
[schedules.primary]
people = ["mira", "jonas"]
start = 2026-11-09T09:00:00
rotation = "P7D"
[roles]
L1 = ["mira"]
L2 = ["jonas"]
L3 = ["priya"]
Executive = ["sam"]
Legal = ["ada"]
"Security team" = ["priya"]
"""
    + NOTHING_RUNS
)
"""Jonas lives in New York. The pigeon has flown, so Sam cannot be reached. Boss sees everything."""

TEAM_THAT_RUNS = TEAM.replace(NOTHING_RUNS, "")
"""The same, and what the runbook lets run by itself is run."""


on_both_stages = pytest.mark.parametrize("stage", ["memory", "postgresql"], indirect=True)


class Staged:
    """A Tocsin with open doors and a hand on its clock; in memory unless it is given a store."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = MovedClock(NIGHT)
        self.store = store or InlineStore()
        self.tocsin = Tocsin(self.store, self.clock, "a key of our own", Path(), "https://tocsin.example")
        self.sent: list[Sent] = []
        self.channels: dict[str, RehearsalChannel] = {}
        self.app = application(self.tocsin)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="https://tocsin.example", verify=PLAIN_HTTP)

    async def begin(self, team: str = TEAM, runbook: bytes | None = None) -> "Staged":
        """Publish runbook and team; channels remember what they are given."""
        self.tocsin.use(read_settings(team, OPTIONS))
        await self.tocsin.publish(runbook or RUNBOOK.read_bytes(), "docs/RUNBOOK.md", None)
        self.channels = {
            name: RehearsalChannel(name, self.clock, self.sent)
            for name in self.tocsin.deeds.channels
            if name != "pigeon"
        }
        channels: dict[str, Channel] = dict(self.channels)
        self.tocsin.deeds.channels = channels
        return self

    async def alert(
        self, summary: str = "Health check failing", action: Action = "trigger", key: str = "k", **more: str
    ) -> str:
        """Let a monitor send an event and give the newest incident's number."""
        details = {name: value for name, value in more.items() if name not in {"severity", "incident_type"}}
        alert = Alert(
            source="monitoring",
            dedup_key=key,
            action=action,
            summary=summary,
            severity=more.get("severity", "error"),
            incident_type=more.get("incident_type"),
            details=details,
        )
        await self.tocsin.engine.ingest([alert])
        await self.settle()
        return (await self.store.read(t.heads()))[-1].number

    async def act(self, number: str, wish: Wish) -> None:
        """Let somebody act, and let everything happen that is due."""
        await self.tocsin.engine.act(number, wish, t.SYSTEM)
        await self.settle()

    async def settle(self) -> None:
        """Do everything that is due now."""
        while await self.tocsin.worker.step():
            pass

    async def let_pass(self, **duration: float) -> None:
        """Let time pass, doing each thing at its own instant."""
        end = self.clock.now() + timedelta(**duration)
        await self.settle()
        while (due := await self.tocsin.worker.next_due()) is not None and due <= end:
            self.clock.move_to(max(due, self.clock.now()))
            await self.settle()
        self.clock.move_to(end)

    async def facts(self, number: str) -> list[f.FactBody]:
        """What happened to an incident."""
        return [fact.body for fact in (await self.tocsin.engine.load(number)).facts]

    async def as_(self, person: str) -> "Reader":
        """The browser of somebody who is signed in."""
        session = await self.tocsin.access.sign_in(await self.tocsin.access.link(person))
        return Reader(self, {"Cookie": f"{SESSION_COOKIE}={session}"})

    @property
    def stranger(self) -> "Reader":
        """The browser of somebody who is not."""
        return Reader(self, {})


class Reader:
    """A browser without a screen: pages, forms, and where they lead."""

    def __init__(self, stage: Staged, headers: dict[str, str]) -> None:
        self.stage, self.headers = stage, headers

    async def get(self, path: str) -> httpx.Response:
        """A page."""
        return await self.stage.client.get(path, headers=self.headers)

    async def text(self, path: str) -> str:
        """A page that must be there."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as our own pages do, and let everything happen that is due."""
        headers = {**self.headers, "Origin": "https://tocsin.example"}
        answer = await self.stage.client.post(path, data=fields, headers=headers)
        await self.stage.settle()
        return answer
