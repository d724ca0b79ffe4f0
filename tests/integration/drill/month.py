"""Days of a team on a real server: monitors and people ask it over HTTP, on a clock that is moved by hand."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conftest import ROOT
from integration.servers import Here
from tocsin.store import transactions as t

Page = tuple[datetime, str, str, str]
"""When, whose alert of the incident came first, who, in which level."""

TOLERATED = timedelta(seconds=1)
"""A server takes milliseconds for what a replay does in no time."""


class Month:
    """Moves the clock of a server from one thing to the next, and lets each happen at its own instant."""

    def __init__(self, here: Here, begins: datetime) -> None:
        self.here, self.begins = here, begins

    async def begin(self) -> "Month":
        """From now on the hand moves the clock, and nothing is done but what it is told to do then."""
        await self.here.tocsin.worker.stop()
        self.here.clock.stand_from(self.begins)
        await self.settle()
        return self

    @property
    def now(self) -> datetime:
        return self.here.clock.now()

    async def to(self, **after: float) -> None:
        """Let time pass until so long after the beginning."""
        end = self.begins + timedelta(**after)
        assert end >= self.now
        await self.settle()
        while (due := await self.here.tocsin.worker.next_due()) is not None and due <= end:
            await self._move(max(due, self.now))
        await self._move(end)

    async def _move(self, at: datetime) -> None:
        self.here.clock.ahead += at - self.now
        await self.settle()

    async def settle(self) -> None:
        """Do what is due now."""
        while await self.here.tocsin.worker.step():
            pass

    # -- monitors

    async def fires(self, summary: str, key: str, severity: str = "error", **payload: object) -> None:
        said = {"summary": summary, "source": "hall", "severity": severity} | payload
        await self._event("trigger", key, payload=said)

    async def is_over(self, key: str) -> None:
        await self._event("resolve", key)

    async def is_seen(self, key: str) -> None:
        """Its monitor says that somebody looks at it there."""
        await self._event("acknowledge", key)

    async def _event(self, action: str, key: str, **more: object) -> None:
        body = {"routing_key": self.here.routing_key, "event_action": action, "dedup_key": key, **more}
        answer = await self.here.client.post("/v2/enqueue", json=body)
        assert answer.status_code == 202, answer.text
        await self.settle()

    # -- people

    async def does(self, key: str, deed: str, who: str = "", **words: object) -> dict[str, Any]:
        """Somebody acts on the latest incident with an alert of that key, as the API has it."""
        number = await self.number(key)
        return await self.asks(f"/api/v1/incidents/{number}/{deed}", words, who)

    async def asks(self, path: str, words: dict[str, Any], who: str = "") -> dict[str, Any]:
        headers = await self.here.token(who) if who else self.here.owner
        answer = await self.here.post(path, words, headers)
        assert answer.status_code == 200, answer.text
        await self.settle()
        found: dict[str, Any] = answer.json()
        return found

    async def number(self, key: str) -> str:
        """The incident that is open for that alert, else the latest."""
        found = (await self.here.tocsin.store.read(t.load_group(f"monitoring/{key}"))).number
        assert found is not None
        return found

    # -- what came of it

    async def pages(self) -> list[Page]:
        """All pages that went out, by the timelines that the server shows."""
        found = list[Page]()
        for one in await self.here.incidents():
            told = (await self.here.get(f"/api/v1/incidents/{one['id']}/timeline")).json()["timeline"]
            found += [
                (datetime.fromisoformat(fact["at"]), one["id"], fact["data"]["person"], fact["data"]["level"])
                for fact in told
                if fact["fact"] == "Paged"
            ]
        return sorted(found)

    async def record(self, folder: Path) -> Path:
        """What `tocsin record` writes of it."""
        done = await self.program("record", "--since", (self.begins - timedelta(days=1)).isoformat())
        assert done.returncode == 0, done.stderr
        file = folder / "alerts.jsonl"
        file.write_text(done.stdout)
        (folder / "said").write_text(done.stderr)
        return file

    async def program(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        """A command beside the server, by the owner of the machine."""
        address, token = str(self.here.client.base_url), str(self.here.tocsin.local_token)
        environment = {**os.environ, "TOCSIN_URL": address, "TOCSIN_TOKEN": token}
        command = [sys.executable, "-m", "tocsin", *map(str, words)]
        return await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT, timeout=280
        )

    async def replayed(self, document: Path, file: Path, *options: str | Path) -> dict[str, Any]:
        """What `tocsin simulate` says of a recording."""
        config = self.here.data / "tocsin.toml"
        words = ("simulate", document, file, "--config", config, "--format", "json", *options)
        done = await self.program(*words)
        assert done.returncode in {0, 1}, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def pages_of(replayed: dict[str, Any]) -> list[Page]:
    """All pages that a replay tells of."""
    return sorted(
        (datetime.fromisoformat(page["at"]), one["id"], page["person"], page["level"])
        for one in replayed["incidents"]
        for page in one["pages"]
    )


def differing(sent: list[Page], told: list[Page]) -> list[tuple[str, Page]]:
    """What was sent and is not told of at its time, and the other way round; incidents may have other numbers."""
    left = list(told)
    found = list[tuple[str, Page]]()
    for page in sent:
        same = next((one for one in left if one[2:] == page[2:] and abs(one[0] - page[0]) <= TOLERATED), None)
        if same is None:
            found.append(("only sent", page))
        else:
            left.remove(same)
    return found + [("only told", page) for page in left]
