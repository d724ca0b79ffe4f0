"""The server of a live drill: the real program, with data of its own, asked over HTTP as anybody would ask it."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from tocsin.assembly import token_file
from tocsin.drill.live_record import Record, What, ladder
from tocsin.drill.live_stand_ins import Arrived
from tocsin.errors import Refused, Unreachable

PAUSE = 0.1
"""Seconds between two looks of whoever waits for something."""

_STARTS_WITHIN = 60.0
_ADDRESS = re.compile(r" at (https?://\S+)$")
_LONGEST_LINE = 1024 * 1024
_PAGE, _FOOT = "+-- TOCSIN PAGE ", "+-- key "


class Served(NamedTuple):
    """What is served: the document, its configuration, what stands in for its channels, and the environment."""

    runbook: Path
    config: Path
    stand_ins: Path
    environment: Mapping[str, str]


class LiveServer:
    """A Tocsin that runs in a process of its own. Its console is read for pages, as a person would."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        """Take the process, whose log is in the folder."""
        self.process, self._folder = process, folder
        self.address = ""
        self.pages: list[str] = []
        self._client = httpx.AsyncClient(timeout=15, trust_env=False)

    @property
    def owner(self) -> dict[str, str]:
        """Give what proves the owner of this machine."""
        return {"Authorization": f"Bearer {token_file(self._folder / 'data').read_text()}"}

    def arrived(self) -> list[Arrived]:
        """Give the pages that were printed."""
        return [Arrived("the console", page) for page in self.pages]

    async def get(self, path: str, who: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  JSON
        """Give what the server answers. Raises Refused with its reason, Unreachable when it is gone."""
        return await self._asked("GET", path, who)

    async def post(self, path: str, body: object, who: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  JSON
        """Send something and give what the server answers. Raises as `get`."""
        return await self._asked("POST", path, who, body)

    async def press(self, link: str) -> None:
        """Press the button of the page behind a link. Raises as `get`."""
        answer = await self._sent("POST", link, {})
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(f"the link in the page was answered with {answer.status_code}")

    async def close(self) -> None:
        """End the process, in the end whatever it does."""
        await self._client.aclose()
        await ended(self.process, "server")

    async def _asked(self, method: str, path: str, who: Mapping[str, str] | None, body: object = None) -> Any:  # noqa: ANN401  JSON
        headers = self.owner if who is None else who
        answer = await self._sent(method, f"{self.address}{path}", headers, body)
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            raise Refused(str(said.get("error", f"{method} {path} was answered with {answer.status_code}")))
        return answer.json()

    async def _sent(self, method: str, url: str, headers: Mapping[str, str], body: object = None) -> httpx.Response:
        self.must_run()
        try:
            return await self._client.request(
                method, url, headers=dict(headers), json=body if method == "POST" else None
            )
        except httpx.HTTPError as error:
            await asyncio.sleep(PAUSE)  # the end of a process is heard of a moment after that of its connections
            self.must_run()
            raise Refused(f"the drill's server did not answer {method} {httpx.URL(url).path}: {error!r}") from error

    def must_run(self) -> None:
        """Raise Unreachable when the process ended."""
        if self.process.returncode is not None:
            how = f"ended with {self.process.returncode}"
            raise Unreachable(f"the drill's server {how}: {last_line(self._folder / 'log') or 'it said nothing'}")

    # -- while it runs

    async def read_console(self) -> None:
        """Keep the pages that are printed, and learn the address from the first line."""
        page: list[str] | None = None
        while self.process.stdout is not None and (raw := await self.process.stdout.readline()):
            line = raw.decode("utf-8", "replace").rstrip("\n")
            found = None if self.address else _ADDRESS.search(line)
            self.address = found[1] if found else self.address
            if line.startswith(_PAGE):
                page = []
            if page is not None:
                page.append(line.removeprefix("| "))
                if line.startswith(_FOOT):
                    self.pages.append("\n".join(page))
                    page = None

    async def answers(self) -> None:
        """Wait until it answers. Raises Unreachable."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STARTS_WITHIN):
                while not await self._is_well():  # noqa: ASYNC110  asks over HTTP, as everybody must
                    await asyncio.sleep(PAUSE)
                return
        raise Unreachable(f"the drill's server did not begin within {_STARTS_WITHIN:.0f} s")

    async def _is_well(self) -> bool:
        self.must_run()
        if not self.address:
            return False
        with contextlib.suppress(Refused):
            return bool((await self.get("/health", {}))["status"] != "dead")
        return False


@contextlib.asynccontextmanager
async def live_server(served: Served, folder: Path, record: Record) -> AsyncIterator[LiveServer]:
    """Start the server with fresh data in a folder, on a port it chooses itself, and end it."""
    command = [
        *(sys.executable, "-P", "-m", "tocsin", "serve", str(served.runbook), "--config", str(served.config)),
        *("--port", "0", "--data", str(folder / "data"), "--rehearsal", str(served.stand_ins)),
    ]
    environment = {**served.environment, "XDG_STATE_HOME": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        process = await record.begin(
            "server", command, environment, stdout=asyncio.subprocess.PIPE, stderr=log, limit=_LONGEST_LINE
        )
    server = LiveServer(process, folder)
    reading = asyncio.create_task(server.read_console(), name="console")
    try:
        await server.answers()
        yield server
    finally:
        await server.close()
        record.over("server")
        await asyncio.wait([reading], timeout=PAUSE)
        reading.cancel()


async def ended(process: asyncio.subprocess.Process, what: What) -> None:
    """Ask a process to end, then all of its session, and make them end when they do not in time."""
    for tell, sign, seconds in ladder(what):
        if process.returncode is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            tell(process.pid, sign)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left in its session


def last_line(log: Path) -> str:
    """Give the last line that was written there, "" when there is none."""
    lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
