"""What a killed drill left is ended, and nothing else: numbers of processes are given to others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tocsin.drill.live_record import held, started, take_away

PATIENCE = 60.0
LEAVES = "import os, sys, time\nif os.fork() == 0:\n    print(os.getpid(), flush=True)\n    time.sleep(600)"
"""Ends at once, and leaves a child in its session that says its number."""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / ".kiln.drill"


@pytest.fixture
def left(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A session's number, whose first process is gone, and that of what it left; the parameter is its mark."""
    first = subprocess.Popen(
        [sys.executable, "-c", LEAVES],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TOCSIN_DRILL": request.param},
    )
    with first:
        assert first.stdout is not None
        child = int(first.stdout.readline())
        first.wait(PATIENCE)
        yield first.pid, child
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def written(record: Path, pid: int, instant: str, mark: str, boot: str = "") -> None:
    record.write_text(
        f'{{"begun": {{"inject": {{"pid": {pid}, "started": "{instant}", "boot": "{boot}"}}}}, "mark": "{mark}"}}\n'
    )


def ended(record: Path) -> None:
    with held(record) as found:
        take_away(found, "inject")
        assert not found.left.begun
    assert not record.exists()


def is_gone(pid: int) -> bool:
    end = time.monotonic() + PATIENCE
    while started(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("left", ["ours"], indirect=True)
def test_the_rest_of_a_session_that_carries_the_mark_is_ended(record: Path, left: tuple[int, int]) -> None:
    session, child = left
    written(record, session, "17", mark="ours")
    ended(record)
    assert is_gone(child)


@pytest.mark.parametrize("left", ["theirs"], indirect=True)
@pytest.mark.parametrize("mark", ["ours", ""])
def test_the_rest_of_a_session_that_had_the_number_since_is_left_alone(
    record: Path, left: tuple[int, int], mark: str
) -> None:
    session, child = left
    written(record, session, "17", mark)
    ended(record)
    assert started(child)


def test_a_process_is_ended_by_its_number_and_instant_in_the_same_boot_alone(record: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True) as process:
        try:
            for instant, boot in (("17", ""), (started(process.pid), "another boot")):
                written(record, process.pid, instant, "ours", boot)
                ended(record)
                assert process.poll() is None
            written(record, process.pid, started(process.pid), "ours")
            ended(record)
            assert process.wait(PATIENCE)
        finally:
            process.kill()
