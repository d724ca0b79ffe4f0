"""`tocsin evidence`, as a person types it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.servers import EXAMPLE, TEAM, Program


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("program"))
    config = program.home / "tocsin.toml"
    config.write_text(TEAM)
    yield program.serve(EXAMPLE, "--config", config)
    program.stop()


def test_evidence_is_kept_listed_and_handed_out(served: Program, tmp_path: Path) -> None:
    told = served.run("trigger", "--summary", "Records are read", "--type", "sequencer-down", "--format", "json")
    number = json.loads(told.stdout)["id"]
    assert served.run("evidence", number).stdout == "No evidence is kept.\n"
    for name in ("auth.log", "café.txt"):
        (tmp_path / name).write_bytes(name.encode())
    added = served.run(
        "evidence", number, "--add", str(tmp_path / "auth.log"), str(tmp_path / "café.txt"), "--note", "from disk"
    )
    assert added.returncode == 0, added.stderr
    assert "auth.log" in added.stdout
    assert "from disk" in added.stdout
    listed = json.loads(served.run("evidence", number, "--format", "json").stdout)["evidence"]
    assert [one["name"] for one in listed] == ["auth.log", "café.txt"]
    out = tmp_path / "out"
    exported = served.run("evidence", number, "--export", str(out))
    assert exported.returncode == 0, exported.stderr
    assert (out / "files" / "auth.log").read_bytes() == b"auth.log"
    checked = subprocess.run([sys.executable, "-I", str(out / "verify.py")], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout
    again = served.run("evidence", number, "--export", str(out))
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)
    manifest = hashlib.sha256((out / "MANIFEST.sha256").read_bytes()).hexdigest()
    assert manifest in served.run("incident", number).stdout


def test_what_cannot_be_kept_is_refused_in_one_line(served: Program, tmp_path: Path) -> None:
    told = served.run("trigger", "--summary", "Down", "--type", "sequencer-down", "--format", "json")
    number = json.loads(told.stdout)["id"]
    for words in (("--add", str(tmp_path / "gone")), ("--output", "no.such"), ("--export", str(tmp_path / "empty"))):
        ran = served.run("evidence", number, *words)
        assert ran.returncode in {1, 2}, words
        [line] = ran.stderr.splitlines()
        assert line.startswith("tocsin: ")
