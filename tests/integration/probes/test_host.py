"""The machine the tests run on, and one that is none."""

import asyncio
import os
import shutil
import socket
from pathlib import Path

import pytest

from integration.probes.looking import NOW, configured, look, parts, probe
from tocsin.errors import SettingsInvalid
from tocsin.probes import host
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import build

ON_LINUX = pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="needs Linux: nothing else has /proc")


@ON_LINUX
async def test_disks_memory_processors_and_network(tmp_path: Path) -> None:
    async with probe(f'kind = "host"\nvalues = {{ data = "{tmp_path}" }}\ninterfaces = ["lo"]') as looking:
        first = await looking.look(NOW)
        assert first.details == {}
        free = shutil.disk_usage("/").free
        assert first.values["disk_free_bytes"] == pytest.approx(free, rel=0.2)
        for name in ("disk_free", "data", "inodes_free", "memory_available"):
            assert 0 < first.values[name] <= 1
        assert first.values["load_per_core"] == first.values["load"] / (os.cpu_count() or 1)
        assert "received" not in first.values
        second = first
        with socket.socket(type=socket.SOCK_DGRAM) as sender, socket.socket(type=socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 0))
            async with asyncio.timeout(60):
                while not {"cpu", "sent"} <= second.values.keys() or not second.values["sent"]:
                    sender.sendto(b"x" * 60_000, receiver.getsockname())
                    await asyncio.sleep(0.02)  # the kernel counts in hundredths
                    second = await looking.look(NOW)
    assert second.values["received"] > 0
    assert second.values["sent"] == second.values["received"]  # what goes over the loopback comes back
    assert 0 <= second.values["cpu"] <= 1


async def test_a_path_that_is_not_there_is_said_and_the_others_are_read() -> None:
    reading = await look('kind = "host"\nvalues = { data = "/no/such/place" }')
    assert "data" not in reading.values
    assert reading.details == {"not_read": "data: no such file or directory"}
    assert reading.values["disk_free"] > 0


async def test_a_machine_without_proc_breaks_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "PROC", tmp_path)
    with pytest.raises(LookFailed, match="only Linux has"):
        await look('kind = "host"')


async def test_a_disk_that_hangs_breaks_the_probe_once_and_takes_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    answer = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hangs(path: Path) -> OSError:
        asked.append(path)
        asyncio.run_coroutine_threadsafe(answer.wait(), loop).result()
        return OSError(5, "Input/output error")

    monkeypatch.setattr(host, "_asked", hangs)
    async with probe('kind = "host"', within=0.05) as looking:
        for _ in range(3):
            with pytest.raises(LookFailed, match=r"a disk did not say in 0\.05 s how full it is"):
                await looking.look(NOW)
        assert len(asked) == 1
        answer.set()
        async with asyncio.timeout(60):
            while True:
                try:
                    reading = await looking.look(NOW)
                    break
                except LookFailed:
                    continue
    assert reading.details == {"not_read": "/: input/output error"}


async def test_a_name_that_is_taken_is_refused() -> None:
    shared = parts()
    with pytest.raises(SettingsInvalid, match="load is always measured"):
        build(configured('kind = "host"\nvalues = { load = "/" }'), shared)
    await shared.close()
