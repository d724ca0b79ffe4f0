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


def filled(program: Program) -> Path:
    """A backup of a server with one incident that nobody has."""
    (program.home / "tocsin.toml").write_text(TEAM)
    program.serve(EXAMPLE, "--config", program.home / "tocsin.toml")
    assert program.run("trigger", "--summary", "Sequencer down").returncode == 0
    program.until(lambda: "TOCSIN PAGE" in program.out.read_text())
    backup = program.home / "backup"
    done = program.run("backup", backup, "--data", program.data)
    assert (done.returncode, "1 incidents" in done.stdout, "0 faults" in done.stdout) == (0, True, True), done.stderr
    return backup


@pytest.mark.parametrize("kept_in", ["sqlite", "postgresql"])
def test_after_a_restore_paging_waits_for_a_person(
    kept_in: str, program: Program, again: Program, request: pytest.FixtureRequest
) -> None:
    backup = filled(program)
    program.stop()
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


def test_a_damaged_backup_restores_nothing(program: Program, again: Program) -> None:
    backup = filled(program)
    plain = gzip.decompress(backup.read_bytes())
    backup.write_bytes(gzip.compress(plain[: len(plain) // 2]))
    refused = again.run("restore", backup, "--data", again.data)
    assert (refused.returncode, "damaged" in refused.stderr) == (2, True)
    assert not (again.data / "tocsin.db").exists()


def test_tables_are_brought_up_to_date_by_hand_too(program: Program) -> None:
    filled(program)
    program.stop()
    assert "up to date" in program.run("migrate", "--data", program.data).stdout
    assert program.run("migrate", "--data", program.home / "nowhere").returncode == 2
