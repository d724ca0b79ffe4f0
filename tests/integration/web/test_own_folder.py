"""The folder of a server with intake processes: gone at the latest when the next one begins, and never one in use."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.servers import EXAMPLE, Program
from tocsin.web.own_folder import PREFIX, OwnFolder

MAKES = """
import socket, sys
from tocsin.web.own_folder import OwnFolder
one = OwnFolder()
socket.socket(socket.AF_UNIX).bind(one.socket("behind"))
print(one.path, flush=True)
sys.stdin.read()
"""
WITH_FRONT = "[server]\nintake_processes = 1\n[sources.monitoring]\n"


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let temporary files be made there, by this process and those it starts; the path of a socket has to be short."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as made:
        monkeypatch.setenv("TMPDIR", made)
        monkeypatch.setattr(tempfile, "tempdir", made)
        yield Path(made)


@contextmanager
def another() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a folder."""
    command = [sys.executable, "-c", MAKES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_what_a_killed_process_left_is_removed_and_what_another_has_is_not() -> None:
    with another() as (killed, left), another() as (_, used):
        killed.kill()
        killed.wait()
        assert (left / "behind").is_socket(), "nobody could remove it"
        own = OwnFolder()
        assert [one.exists() for one in (left, used / "behind", own.path)] == [False, True, True]
        own.remove()
        assert not own.path.exists()


def test_nobody_loses_a_folder_while_many_begin_and_end_at_once(place: Path) -> None:
    def lives(_: int) -> bool:
        own = OwnFolder()
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(own.socket("behind"))
            is_there = own.path.exists()
        own.remove()
        return is_there

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lives, range(800)))
    assert list(place.iterdir()) == []


def test_one_that_was_removed_before_it_was_locked_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    make, made = tempfile.mkdtemp, list[str]()

    def removed_at_first(prefix: str) -> str:
        made.append(make(prefix=prefix))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", removed_at_first)
    own = OwnFolder()
    assert [str(own.path)] == made[1:]
    assert own.path.is_dir()
    own.remove()


def test_what_is_something_else_is_left_alone(place: Path) -> None:
    kept = place / f"{PREFIX}of-somebody"
    kept.mkdir()
    (kept / "notes").write_text("mine")
    (place / f"{PREFIX}file").write_text("mine too")
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (place / f"{PREFIX}link").symlink_to(elsewhere)
    OwnFolder().remove()
    assert (kept / "notes").exists()
    assert (place / f"{PREFIX}file").exists()
    assert elsewhere.exists()
    assert (place / f"{PREFIX}link").is_symlink()


def test_a_folder_of_another_user_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with another() as (killed, left):
        killed.kill()
        killed.wait()
        monkeypatch.setattr(os, "geteuid", lambda: 1)
        with pytest.raises(OSError, match="can be locked"):
            OwnFolder()
        assert left.exists()


def test_a_server_with_intake_processes_removes_what_a_killed_one_left(tmp_path: Path, place: Path) -> None:
    server = Program(tmp_path / "home")
    configuration = server.home / "tocsin.toml"
    configuration.write_text(WITH_FRONT)

    def folders() -> set[Path]:
        return {one.parent for one in place.glob(f"{PREFIX}*/behind")}

    try:
        server.serve(EXAMPLE, "--config", configuration)
        left = server.until(folders)
        server.stop(signal.SIGKILL)
        assert folders() == left, "nobody could remove it"
        server.serve(EXAMPLE, "--config", configuration)
        server.until(lambda: folders() - left)
        assert not folders() & left
    finally:
        server.stop()
    assert not list(place.glob(f"{PREFIX}*")), "who ends politely leaves nothing"
