"""What alerts are held against is built beside everything else, and before the first of them where that can be."""

import asyncio
import re
import threading
from pathlib import Path

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import Program
from integration.web.staged import RUNBOOK, Staged
from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.store import transactions as t
from tocsin.store.readings import load_for_turn
from tocsin.triage import alike, profile, ready

PATIENCE = 60.0
EDITED = RUNBOOK.read_bytes().replace(b"Error rate > 2%", b"Error rate > 4%")
DEMO = RUNBOOK.parent / "demo.toml"
ALERT = Alert(source="monitoring", dedup_key="k", action="trigger", summary="Health check failing", severity="error")
SUMMARY = "OOMKilled: payments-api was restarted 4 times, exit code 137, on and off since yesterday, vs 0 as usual"
COUNTS = """
import gc, os
from re import _compiler

said, compiling, freezing = open(os.environ["COUNTED"], "a", buffering=1), _compiler.compile, gc.freeze

def compiled(pattern, flags=0):
    said.write(f"compiled {pattern!r}\\n")
    return compiling(pattern, flags)

def frozen():
    freezing()
    said.write("settled\\n")

_compiler.compile, gc.freeze = compiled, frozen
"""


class Held:
    """Building, which goes on only when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.goes_on = threading.Event(), threading.Event()
        self.building = ready.build
        monkeypatch.setattr(ready, "build", self)

    def __call__(self, runbook: Runbook, settings: Settings) -> None:
        self.began.set()
        assert self.goes_on.wait(PATIENCE)
        self.building(runbook, settings)

    async def until_it_begins(self) -> None:
        """Wait for it."""
        assert await asyncio.to_thread(self.began.wait, PATIENCE)


async def an_alert_that_waits(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> tuple[Held, asyncio.Task[None]]:
    """Let an alert come while everything is being built, and give what goes on when it may."""
    held = Held(monkeypatch)
    building = asyncio.create_task(stage.tocsin.worlds.building.run(*stage.tocsin.worlds.current))
    await held.until_it_begins()
    await stage.tocsin.engine.ingest([ALERT])
    return held, building


async def opened(stage: Staged) -> list[str]:
    return [head.number for head in await stage.store.read(t.heads())]


@pytest.fixture
async def stage() -> Staged:
    return await Staged().begin()


async def test_an_alert_waits_for_what_it_is_held_against_and_nobody_else_does(
    stage: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, building = await an_alert_that_waits(stage, monkeypatch)
    settling = asyncio.create_task(stage.settle())
    assert (await stage.client.get("/health")).json()
    assert not settling.done()
    assert not await opened(stage)
    held.goes_on.set()
    await asyncio.gather(building, settling)
    assert len(await opened(stage)) == 1
    assert {one.person for one in stage.sent} == {"mira"}


async def test_an_alert_that_is_silenced_while_it_waits_pages_nobody(
    stage: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, building = await an_alert_that_waits(stage, monkeypatch)
    turn = await stage.tocsin.worker.claim()
    assert turn
    before = await stage.store.read(load_for_turn("monitoring/k", stage.clock.now()))
    taking = asyncio.create_task(stage.tocsin.deeds.turns.take(turn, before))
    await asyncio.sleep(0)
    silence = {"lasts": "PT2H", "because": "we patch", "text": "Health"}
    answer = await (await stage.as_("mira")).post("/app/silences", **silence)
    assert answer.status_code == 303
    held.goes_on.set()
    await asyncio.gather(building, taking)
    await stage.settle()
    assert not await opened(stage)
    assert not stage.sent


async def test_where_nothing_could_be_built_an_alert_builds_it(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: Runbook, __: Settings) -> None:
        raise MemoryError

    monkeypatch.setattr(ready, "build", breaks)
    await stage.tocsin.worlds.building.run(*stage.tocsin.worlds.current)
    assert await stage.alert()


async def test_a_new_document_is_built_before_it_is_in_force_and_alerts_go_by_the_old_one_meanwhile(
    stage: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    publishing = asyncio.create_task(stage.tocsin.publish(EDITED, "docs/RUNBOOK.md", None))
    await held.until_it_begins()
    before = await stage.tocsin.engine.load(await stage.alert())
    assert not publishing.done()
    held.goes_on.set()
    published = await publishing
    monkeypatch.setattr(profile, "index_of", None)  # whoever builds anything now breaks
    monkeypatch.setattr(alike, "msgspec", None)
    after = await stage.tocsin.engine.load(await stage.alert(key="another", summary="p95 latency is 4 s"))
    assert before.world.runbook.sha256 != after.world.runbook.sha256 == published.runbook.sha256


def test_the_first_alert_of_a_server_compiles_nothing(tmp_path: Path) -> None:
    program, counted = Program(tmp_path), tmp_path / "counted"
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "sitecustomize.py").write_text(COUNTS)
    program.environment |= {"COUNTED": str(counted), "PYTHONPATH": str(tmp_path / "spy")}
    try:
        program.serve(RUNBOOK, "--config", DEMO)
        # What stays for ever is frozen when everything is put together, and when everything is built.
        program.until(lambda: counted.read_text().count("settled\n") == 2)
        key = program.until(lambda: re.search(r'"routing_key": "(\w+)"', program.out.read_text()))[1]
        said = {"summary": SUMMARY, "source": "node-7", "severity": "critical"}
        body = {"routing_key": key, "event_action": "trigger", "payload": said}
        answer = httpx.post(f"{program.url}/v2/enqueue", json=body, timeout=PATIENCE, verify=PLAIN_HTTP)
        assert answer.status_code == 202
        program.until(lambda: "OOMKilled" in program.out.read_text())
    finally:
        program.stop()
    assert counted.read_text().endswith("settled\n")
