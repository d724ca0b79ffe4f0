"""`run`, `check-step` and `update`, as a person types them."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from integration.servers import TEAM_THAT_RUNS, Program

Ran = subprocess.CompletedProcess[str]
RUNBOOK = """# Till

## Severity levels

### P0 - Critical (Response time: immediate)

- The till is down

## Escalation path

1. **L1**: On-call engineer

## Incidents

### 1. Till Down

**Severity**: P0

**Symptoms**:

- The till does not answer

**Diagnosis**:

```bash
# What does it say?
echo hello
```

**Resolution**:

```bash
# Clear it
touch cleared.txt
```

If the database is the issue:

1. Look at the page of the provider

## Useful commands

```bash
# Is there room?
df -h
```
"""
SAYS, CLEAR = "till-down.what-does-it-say", "till-down.clear-it"
LOOK = "till-down.look-at-the-page-of-the-provider"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One running server for all tests of this file."""
    program = Program(tmp_path_factory.mktemp("program"))
    config, runbook = program.home / "tocsin.toml", program.home / "RUNBOOK.md"
    config.write_text(TEAM_THAT_RUNS)
    runbook.write_text(RUNBOOK)
    yield program.serve(runbook, "--config", config)
    program.stop()


@pytest.fixture(scope="module")
def number(served: Program) -> str:
    """An open incident."""
    found: str = as_json(served.run("trigger", "--summary", "Down", "--type", "till-down", "--format", "json"))["id"]
    return found


def done(ran: Ran) -> str:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def as_json(ran: Ran) -> Any:
    return json.loads(done(ran))


def says_no(ran: Ran, code: int) -> str:
    assert ran.returncode == code, ran.stdout + ran.stderr
    [line] = ran.stderr.splitlines()
    return line.removeprefix("tocsin: ")


def test_a_step_that_only_reads_is_run_and_told(served: Program, number: str) -> None:
    assert as_json(served.run("run", number, "commands.is-there-room", "--format", "json"))["status"] == "ran"
    shown = done(served.run("run", number, "commands.is-there-room"))
    assert re.match(r"Is there room\? .+ \(\d+\.\d s\) :\d+\n", shown)
    assert "Filesystem" in shown


def test_a_step_that_may_change_something_is_left_to_a_person(served: Program, number: str) -> None:
    line = says_no(served.run("run", number, CLEAR), 1)
    assert "Clear it is not proven to only read" in line
    assert "a person who is signed in" in line
    token = done(served.run("token", "mira")).strip()
    assert "a person who is signed in" in says_no(served.run("run", number, CLEAR, TOCSIN_TOKEN=token), 1)
    assert not (served.home / "cleared.txt").exists()


def test_a_step_that_is_not_there_is_a_no(served: Program, number: str) -> None:
    assert "there is no step nothing" in says_no(served.run("run", number, "nothing"), 1)
    assert "there is no incident" in says_no(served.run("run", "INC-2026-9999", SAYS), 1)


def test_a_manual_step_is_ticked_and_taken_back(served: Program, number: str) -> None:
    assert re.match(
        rf"{number} #\d+ .* did Look at", done(served.run("check-step", number, LOOK, "--note", "no outage"))
    )
    assert "took back" in done(served.run("check-step", number, LOOK, "--undo"))
    shown = as_json(served.run("check-step", number, LOOK, "--format", "json"))
    assert {step["id"]: step["status"] for step in shown["steps"]}[LOOK] == "done"


def test_an_update_is_posted(served: Program, number: str) -> None:
    words = ("--status", "identified", "--public", "--title", "Tills", "--channel", "console")
    shown = done(served.run("update", number, *words, "We found it."))
    assert re.match(rf"{number} #\d+ Posted identified on the status page, by .*“We found it.”", shown)
    fact = as_json(served.run("update", number, "--status", "monitoring", "-", "--format", "json", say=b"Two\nlines\n"))
    posted = [one["data"] for one in fact["timeline"] if one["fact"] == "UpdatePosted"]
    assert [(one["title"], one["public"], one["text"]) for one in posted] == [
        ("Tills", True, "We found it."),
        ("Till Down", False, "Two\nlines"),
    ]


def test_an_update_that_is_not_complete_is_wrong_usage(served: Program, number: str) -> None:
    assert "fill in every" in says_no(served.run("update", number, "--status", "identified", "<ask: Impact>"), 2)
    wrong = served.run("update", number, "--status", "identified", "--channel", "fax", "x")
    assert "cannot be sent by fax; there are console" in says_no(wrong, 2)
    assert served.run("update", number, "--status", "fine", "x").returncode == 2
