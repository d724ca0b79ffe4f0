"""A Tocsin and a Slack workspace that know each other: the real server, the real clients, a stand-in for Slack."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from integration.servers import NOTHING_RUNS, PATIENCE, Here, serving
from tocsin.drill.fakes.slack import Slack
from tocsin.drill.fakes.slack_shapes import Posted
from tocsin.incident import facts as f

T = TypeVar("T")

USERS = {
    "U0MIRA": ("Mira Okafor", "mira@example.org"),
    "U0JONAS": ("Jonas Weber", "jonas@example.org"),
    "U0LEA": ("Lea Stern", "lea@example.org"),
    "U0GUEST": ("A Guest", "guest@example.com"),
}
TEAM = """
timezone = "Europe/Berlin"
fallback = ["ada"]
[channels.chat]
kind = "slack"
token = { file = "bot" }
url = "URL"
channel = "incidents"
WAYS
[people.mira]
name = "Mira Okafor"
slack = "U0MIRA"
reach = [{ via = ["chat"] }]
[people.jonas]
name = "Jonas Weber"
email = "jonas@example.org"
reach = [{ via = ["chat"] }]
[people.lea]
name = "Lea Stern"
slack = "U0LEA"
reach = [{ via = ["chat"] }]
[people.ada]
name = "Ada Moreau"
admin = true
[roles]
L1 = ["mira"]
L2 = ["jonas"]
Executive = ["ada"]
Legal = ["lea"]
"Security team" = ["lea"]
[escalation]
group_within = "PT0S"
[sources.monitoring]
"""
"""Jonas is known to Slack by his address only. Lea alone of those in Slack is called for a data breach."""

SOCKET, HTTP = 'app_token = { file = "app" }', 'signing_secret = { file = "signing" }'


class Company(NamedTuple):
    """Both sides."""

    here: Here
    slack: Slack

    async def alert(self, summary: str = "The health check gets no answer", **changes: Any) -> str:
        """Let a monitor send an event, and give the incident it opens."""
        body = self.here.event(payload={"summary": summary, "source": "probe", "severity": "critical"}, **changes)
        before = {one["id"] for one in await self.here.incidents()}
        assert (await self.here.client.post("/v2/enqueue", json=body)).status_code == 202
        return str(
            await self.here.until(lambda found: next((one["id"] for one in found if one["id"] not in before), None))
        )

    async def until(self, look: Callable[[], T | None]) -> T:
        """What `look` finds, as soon as it finds something."""
        async with asyncio.timeout(PATIENCE):
            while not (found := look()):  # noqa: ASYNC110  two servers and a worker, which tell a test nothing
                await asyncio.sleep(0.01)
            return found

    async def page(self, user: str = "U0MIRA") -> Posted:
        """The first page that user gets."""
        return await self.until(lambda: next(iter(self.slack.says_to(user)), None))

    async def says(self, message: Posted, words: str) -> None:
        """Wait until a message says that."""
        await self.until(lambda: words in message.said)

    async def facts(self, number: str, kind: type[f.FactBody]) -> list[Any]:
        """What happened of that kind."""
        loaded = await self.here.tocsin.engine.load(number)
        return [fact.body for fact in loaded.facts if isinstance(fact.body, kind)]

    async def happened(self, number: str, kind: type[f.FactBody]) -> Any:
        """Wait for something of that kind, and give the first."""
        async with asyncio.timeout(60):
            while not (found := await self.facts(number, kind)):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.02)
            return found[0]

    async def connected(self) -> None:
        """Wait for Socket Mode."""
        await self.until(lambda: self.here.tocsin.sockets.connected and self.slack.doors.connections)

    async def whispered(self, user: str) -> str:
        """The latest words that only this user sees."""
        return await self.until(lambda: next((w.text for w in reversed(self.slack.whispers) if w.user == user), None))


@asynccontextmanager
async def company(
    path: Path, ways: str = HTTP, *, secrets: str = "fake-signing-secret", store: str | None = None, **how: Any
) -> AsyncIterator[Company]:
    """Both sides, begun; `store` is the address of the database Tocsin keeps everything in, None = a file."""
    slack = Slack(users=USERS, **how)
    async with slack.serving() as address:
        data = path / "data"
        data.mkdir()
        (data / "bot").write_text(slack.tokens[0])
        (data / "app").write_text(slack.tokens[1])
        (data / "signing").write_text(secrets)
        config = TEAM.replace("URL", f"{address}/api/").replace("WAYS", ways) + NOTHING_RUNS
        async with serving(data, config=config, store=store) as here:
            slack.doors.address = f"{str(here.client.base_url).rstrip('/')}/slack"
            both = Company(here, slack)
            if ways == SOCKET:
                await both.connected()
            yield both
