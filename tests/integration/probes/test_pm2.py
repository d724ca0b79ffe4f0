"""A real pm2 with processes that run, grow, crash in a circle and fill their heap."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from integration.guard.programs import BIN, Machine
from integration.probes.looking import NOW, PASSWORD, look, probe
from tocsin.detection.reading import Reading
from tocsin.probes.probe import LookFailed


def asking(machine: Machine, process: str) -> str:
    return f'kind = "pm2"\nprocess = "{process}"\nhome = "{machine.home}/.pm2"'


@pytest.fixture(autouse=True)
def on_the_path(monkeypatch: pytest.MonkeyPatch, machine: Machine) -> None:
    monkeypatch.setenv("PATH", machine.environment["PATH"])


async def until(looking: str, good: Callable[[Reading], bool]) -> Reading:
    """The first reading that is good."""
    async with asyncio.timeout(60), probe(looking, within=60) as watching:
        while True:
            reading = await watching.look(NOW)
            if good(reading):
                return reading


async def test_a_process_that_runs_is_up_and_its_memory_is_seen_to_grow(machine: Machine) -> None:
    async with probe(asking(machine, "steady"), within=60) as looking:
        first = await looking.look(NOW + timedelta(days=10_000))
        assert first.details == {}
        assert {name: first.values[name] for name in ("up", "online", "instances", "errored")} == {
            "up": 1, "online": 1, "instances": 1, "errored": 0,
        }  # fmt: skip
        assert first.values["uptime"] > 0
        assert PASSWORD not in str(first) + looking.memory
        machine.say("pm2", "sendSignal", "SIGUSR2", "steady")
        grown = first.values["memory"] + 150 * 1024 * 1024
        async with asyncio.timeout(60):
            while (reading := await looking.look(NOW)).values["memory"] < grown:
                pass
    assert reading.values["out_of_memory"] == 0


async def test_a_process_that_crashes_in_a_circle_is_down_and_was_started_again(machine: Machine) -> None:
    reading = await until(asking(machine, "crashes"), lambda reading: reading.values["errored"] == 1)
    assert (reading.values["up"], reading.values["online"]) == (0, 0)
    assert reading.values["restarts"] >= 2
    assert reading.details["trouble"] == "1 of 1 not online: errored"


async def test_a_full_heap_is_found_in_the_log_of_errors_once(machine: Machine) -> None:
    await until(asking(machine, "leaks"), lambda reading: reading.values["errored"] == 1)
    async with probe(asking(machine, "leaks"), within=60) as looking:
        assert (await looking.look(NOW)).values["out_of_memory"] == 0  # what was there before is not new
        machine.say("pm2", "restart", "leaks")
        async with asyncio.timeout(60):
            while not (reading := await looking.look(NOW)).values["out_of_memory"]:
                pass
        assert reading.details["out_of_memory"] == "its heap was full"


async def test_a_process_pm2_does_not_know_is_down(machine: Machine) -> None:
    reading = await look(asking(machine, "steady'; touch x"), within=60)
    assert reading.values == {"up": 0, "online": 0, "instances": 0, "errored": 0}
    assert reading.details == {"trouble": "pm2 knows no process steady'; touch x"}


async def test_a_pm2_that_does_not_run_is_not_started(machine: Machine) -> None:
    idle = machine.home / "idle"
    idle.mkdir()
    reading = await look(f'kind = "pm2"\nprocess = "steady"\nhome = "{idle}"')
    assert reading.details == {"trouble": "no pm2 runs"}
    (idle / "pm2.pid").write_text("999999999")
    assert (await look(f'kind = "pm2"\nprocess = "steady"\nhome = "{idle}"')).values["up"] == 0
    assert [path.name for path in idle.iterdir()] == ["pm2.pid"]


async def test_what_is_missing_breaks_the_probe(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LookFailed, match="there is no nowhere: set `home` to where pm2 keeps its files"):
        await look('kind = "pm2"\nprocess = "steady"\nhome = "nowhere"')
    with pytest.raises(LookFailed, match=r"pm2 did not answer in 0\.05 s"):
        await look(asking(machine, "steady"), within=0.05)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert not list(BIN.glob("bash"))
    with pytest.raises(LookFailed, match="pm2 or node is not on the PATH"):
        await look(asking(machine, "steady"))
