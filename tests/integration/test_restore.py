"""Taken back from a backup, as a person does it: nobody is paged until somebody says so."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, Program

TEAM = '[people.mira]\n[people.ada]\nadmin = true\n[roles]\nL1 = ["mira"]\n'


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Program]:
    """A second home, where nothing is yet."""
    found = Program(tmp_path / "again")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server that was stopped: it had one incident that nobody had, and a backup of it is in its home."""
    program = Program(tmp_path_factory.mktemp("before"))
    try:
        (program.home / "tocsin.toml").write_text(TEAM)
        program.serve(EXAMPLE, "--config", program.home / "tocsin.toml")
        assert program.run("trigger", "--summary", "Sequencer down").returncode == 0
        program.until(lambda: "TOCSIN PAGE" in program.out.read_text())
        done = program.run("backup", program.home / "backup", "--data", program.data)
        assert (done.returncode, "1 incidents" in done.stdout, "0 faults" in done.stdout) == (0, True, True), (
            done.stderr
        )
        program.stop()
        yield program
    finally:
        program.stop()


@pytest.fixture
def backup(before: Program) -> Path:
    """Its backup."""
    return before.home / "backup"


@pytest.mark.parametrize("kept_in", ["sqlite", "postgresql"])
def test_after_a_restore_paging_waits_for_a_person(
    kept_in: str, backup: Path, again: Program, request: pytest.FixtureRequest
) -> None:
    where: tuple[str | Path, ...] = ("--data", again.data)
    if kept_in == "postgresql":
        where = ("--store", request.getfixturevalue("postgres").empty())
    restored = again.run("restore", backup, *where)
    assert restored.returncode == 0, restored.stderr
    assert "pages nobody until" in restored.stdout
    assert again.run("restore", backup, *where).returncode == 2  # it holds something now
    again.serve(*(where if kept_in == "postgresql" else ()))
    assert "NOBODY IS PAGED" in again.log.read_text()

    # What comes in opens incidents, and nobody is paged for them.
    assert again.run("trigger", "--summary", "Sequencer down again").returncode == 0
    assert len(again.run("list").stdout.splitlines()) >= 2
    waits = again.run("confirm-restore", "--dry-run")
    assert (waits.returncode, "call L1" in waits.stdout) == (0, True), waits.stdout + waits.stderr
    assert "TOCSIN PAGE" not in again.out.read_text()

    link = next(word for word in again.out.read_text().split() if "/app/sign-in?token=" in word)
    with httpx.Client(base_url=again.url, follow_redirects=True, timeout=60, verify=PLAIN_HTTP) as browser:
        home = browser.post("/app/sign-in", data={"token": link.rpartition("=")[2]})
        assert "Nobody is paged: this was restored from a backup" in home.text
        assert "Nobody is paged until an administrator confirms" in browser.get("/app/restore").text
        assert browser.post("/app/restore").status_code == 403

    confirmed = again.run("confirm-restore")
    assert (confirmed.returncode, "this happens now" in confirmed.stdout) == (0, True), confirmed.stderr
    again.until(lambda: "TOCSIN PAGE" in again.out.read_text())
    assert again.run("confirm-restore").returncode == 1
    assert "0 faults" in again.run("verify").stdout


def test_a_damaged_backup_restores_nothing(backup: Path, again: Program, tmp_path: Path) -> None:
    plain, damaged = gzip.decompress(backup.read_bytes()), tmp_path / "damaged"
    damaged.write_bytes(gzip.compress(plain[: len(plain) // 2]))
    refused = again.run("restore", damaged, "--data", again.data)
    assert (refused.returncode, "damaged" in refused.stderr) == (2, True)
    assert not (again.data / "tocsin.db").exists()


def test_tables_are_brought_up_to_date_by_hand_too(before: Program) -> None:
    assert "up to date" in before.run("migrate", "--data", before.data).stdout
    assert before.run("migrate", "--data", before.home / "nowhere").returncode == 2
