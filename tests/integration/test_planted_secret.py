"""A planted password is nowhere: everything that runs prints it in every form, and it is looked for everywhere."""

import asyncio
import base64
import io
import json
import logging
import os
import re
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from integration.servers import EXAMPLE, PATIENCE, TEAM_THAT_RUNS, Here, serving
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook

FIRST, SECOND = "Zq7planted", "Kw9sunken"
PASSWORD = f"{FIRST}@{SECOND}"
ADDRESS = f"postgresql://orders:{quote(PASSWORD, safe='')}@127.0.0.1:1/orderbook"
NEEDLES = tuple(
    needle.encode()
    for needle in (
        FIRST,
        SECOND,
        *(base64.b64encode(text.encode()).decode().rstrip("=") for text in (PASSWORD, ADDRESS)),
    )
)
"""Either half of it, so that no part of it is overlooked, and what hides both."""

LEAK = f"""#!/bin/sh
echo "in an address: {ADDRESS}"
printf 'in two pieces: {FIRST}'; sleep 0.05; echo '@{SECOND}, and on'
printf 'in two pieces: {FIRST}%%4'; sleep 0.05; echo '0{SECOND}, and on'
echo 'as JSON: {json.dumps({"password": PASSWORD}).replace("/", chr(92) + "/")}'
echo 'as base64: {base64.b64encode(PASSWORD.encode()).decode()} {base64.b64encode(ADDRESS.encode()).decode()}'
echo 'between words: x{PASSWORD}x and x{quote(PASSWORD)}x' >&2
env
printf 'at the end: {FIRST}@{SECOND}'
"""
PRINTED = "printed"
PROGRAMS = ("pm2", "ss", "psql", "curl", "ps", "tar", "git", "df", "grep", "sort", "head")
"""What the example runs, and what stands at the end of its pipes."""
_REACHED = re.sub(r"(\[people\.\w+\]\n)", r'\1reach = [{ via = ["console"] }]\n', TEAM_THAT_RUNS)
CONFIG = f"{_REACHED}\n[targets.local]\nenvironment = {{ DATABASE_URL = {{ env = 'DATABASE_URL' }} }}\n"


@pytest.fixture
def policy() -> Runbook:
    """What stands in the bundled runbook."""
    return read_runbook(EXAMPLE.read_bytes())


@pytest.fixture
async def leaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """A server on a machine on which every program tells the password."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).write_text(LEAK)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    with (tmp_path / PRINTED).open("w", buffering=1) as printed:
        monkeypatch.setattr(sys, "stdout", printed)
        monkeypatch.setattr(sys, "stderr", printed)
        async with serving(tmp_path / "data", EXAMPLE, CONFIG) as here:
            yield here


async def rested(here: Here, number: str) -> dict[str, Any]:
    """An incident none of whose steps is waiting or runs."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: dict[str, Any] = (await here.get(f"/api/v1/incidents/{number}")).json()
            if all(step["status"] not in {"chosen", "approved", "running"} for step in found["steps"]):
                return found
            await asyncio.sleep(0.05)


async def paged(here: Here, number: str) -> None:
    """Wait until somebody was paged: whoever takes it spares those who were not yet."""
    async with asyncio.timeout(PATIENCE):
        while True:
            facts = (await here.get(f"/api/v1/incidents/{number}")).json()["timeline"]
            if any(fact["fact"] == "Paged" for fact in facts):
                return
            await asyncio.sleep(0.05)


async def everything_of(here: Here, number: str, policy: Runbook, entry: str) -> None:
    """Let an incident be what it can be: every step run, every message sent, evidence kept, its review finished."""
    ada, one = await here.session("ada"), f"/api/v1/incidents/{number}"
    await rested(here, number)
    known = policy.incident_type(entry)
    assert known is not None
    steps = [step for branch in known.resolution for step in branch.steps if step.executable]
    steps += [step for step in known.diagnostics if step.executable]
    for step in steps:
        page = f"/app/incidents/{number}/steps/{step.id}/run"
        draft = (await here.get(page, ada)).text
        assert step.title.split()[0] in draft
        form = {"confirmed": step.source}
        done = await here.client.post(page, data=form, headers=ada | {"Origin": str(here.client.base_url).rstrip("/")})
        assert done.status_code in {303, 400, 409}, done.text
    found = await rested(here, number)
    assert sum(bool(step["outcome"]) for step in found["steps"]) >= len(known.diagnostics) - 1
    for step in found["steps"]:
        if step["outcome"]:
            assert (await here.post(f"{one}/evidence", {"step": step["id"]})).status_code == 200
    await here.post(f"{one}/escalate", {})
    draft = (await here.get(f"{one}/updates/draft")).json()
    told = {"text": found["steps"][0]["outcome"]["found"], "status": "identified", "channels": ["console"]}
    assert (await here.post(f"{one}/updates", told | {"title": draft["title"]})).status_code == 200
    await paged(here, number)
    await here.post(f"{one}/ack", {})
    assert (await here.post(f"{one}/resolve", {"why": "done"})).status_code == 200
    assert (await here.post(f"/api/v1/reviews/{number}/finish")).status_code == 200


async def everything_shown(here: Here, number: str) -> AsyncIterator[tuple[str, bytes]]:
    """Every page, answer and file of an incident."""
    ada = await here.session("ada")
    found = (await here.get(f"/api/v1/incidents/{number}")).json()
    steps = [step for step in found["steps"] if step["outcome"]]
    paths = [
        "/app/", f"/app/incidents/{number}", f"/app/incidents/{number}/update", f"/app/reviews/{number}",
        f"/app/reviews/{number}/markdown", "/status", "/status/feed.atom", "/api/v2/summary.json",
        f"/api/v1/incidents/{number}", f"/api/v1/reviews/{number}", f"/api/v1/incidents/{number}/evidence",
        "/api/v1/incidents?limit=500", "/api/v1/reviews",
        *(f"/app/incidents/{number}/steps/{step['id']}/run" for step in steps),
        *(f"/app/incidents/{number}/outputs/{step['outcome']['output']}" for step in steps),
    ]  # fmt: skip
    for path in paths:
        answer = await here.get(path, ada if path.startswith("/app") else None)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        yield path, answer.content
    package = await here.post(f"/api/v1/incidents/{number}/evidence/export")
    with zipfile.ZipFile(io.BytesIO(package.content)) as opened:
        for name in opened.namelist():
            yield f"export {name}", opened.read(name)


def leaks(where: str, content: bytes) -> Iterator[str]:
    """Give each needle that stands in there, with what stands around it."""
    for needle in NEEDLES:
        at = content.find(needle)
        if at >= 0:
            yield f"{where}: …{content[max(0, at - 60) : at + 60]!r}…"


async def test_a_password_that_every_command_prints_is_nowhere(
    leaking: Here, policy: Runbook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tocsin")
    numbers = {}
    for entry in policy.incident_types:
        declared = await leaking.declare(f"Something is wrong, {entry.title}", type=entry.id)
        numbers[entry.id] = declared["id"]
    found: list[str] = []
    shown = outputs = 0
    for entry_id, number in numbers.items():
        await everything_of(leaking, number, policy, entry_id)
        async for where, content in everything_shown(leaking, number):
            shown += 1
            outputs += b"in two pieces: [redacted], and on" in content
            found += leaks(f"{number} {where}", content)
    found += leaks("log", caplog.text.encode())
    files = [path for path in (*leaking.data.rglob("*"), tmp_path / PRINTED) if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        found += leaks(str(path), path.read_bytes())
    assert found == []
    assert shown > 100
    assert outputs > 30  # the commands did run, and did print it
    said = (tmp_path / PRINTED).read_text()
    assert said.count("TOCSIN PAGE") >= len(numbers)
    assert "Found" in said
