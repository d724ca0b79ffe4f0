"""The page about live drills says what is so: its commands are there, and its results are of every fault there is."""

import re
import shlex
import subprocess
import sys

import pytest
from range_faults import FAULTS

from conftest import ROOT
from tocsin.cli.main import build_parser
from tocsin.configuration_file import load_settings
from tocsin.drill.score import HEAD

PAGE = (ROOT / "docs" / "how-to" / "run-a-live-drill.md").read_text()
COMMANDS = re.findall(r"^\$ (?:\.venv/bin/)?(\S.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("tocsin ")])
def test_a_command_of_the_page_is_one(command: str) -> None:
    words = shlex.split(command)[1:]
    assert build_parser(words).parse_args(words).run


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.startswith("tocsin ")])
def test_a_script_of_the_page_is_there(command: str) -> None:
    script, *words = shlex.split(command)
    asked = subprocess.run([sys.executable, ROOT / script, "--help"], capture_output=True, text=True, check=True)
    assert all(word in asked.stdout for word in words)


def test_every_fault_of_the_range_is_a_drill_and_has_its_result() -> None:
    drills = load_settings(ROOT / "examples" / "sequencer" / "tocsin.toml").drills
    faults = [(fault.entry, fault.variant) for fault in FAULTS.values()]
    assert [(drill.incident_type, drill.id) for drill in drills.values()] == faults
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("|")]
    head = rows.index([f" {name or 'result'} " for name in HEAD])
    results = [[cell.strip() for cell in row] for row in rows[head + 2 :]]
    assert [(entry, variant) for entry, variant, *_ in results] == faults
    assert all(row[-1] == "yes" for row in results), "whatever comes of it, it is put right"
