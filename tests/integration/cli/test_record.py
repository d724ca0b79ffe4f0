"""`tocsin record`: what happened on a server, and the replay of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from integration.cli.test_commands import as_json, done, says_no
from integration.servers import EXAMPLE, TEAM, Program


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server on which something happened: an alert that Mira took and that is over, and one that is silenced."""
    program = Program(tmp_path_factory.mktemp("program"))
    config = program.home / "tocsin.toml"
    config.write_text(TEAM)
    program.serve(EXAMPLE, "--config", config)
    key = done(program.run("token", "default")).strip()
    sends(program, key, "trigger", summary="Health check of the sequencer fails")
    number = program.until(lambda: next((one["id"] for one in incidents(program)), None))
    program.environment["TOCSIN_TOKEN"] = done(program.run("token", "mira")).strip()
    done(program.run("ack", number))
    del program.environment["TOCSIN_TOKEN"]
    sends(program, key, "resolve")
    program.until(lambda: incidents(program)[0]["status"] == "resolved")
    silenced = ("add", "entry=out-of-memory", "--for", "PT2H", "--because", "we add some")
    assert program.run("silence", *silenced).returncode == 0
    yield program
    program.stop()


def sends(program: Program, key: str, action: str, **payload: str) -> None:
    """Send an event as a monitor does."""
    said = {"source": "node-1", "severity": "critical"} | payload
    body = {"routing_key": key, "event_action": action, "dedup_key": "seq", "payload": said}
    assert httpx.post(f"{program.url}/v2/enqueue", json=body, verify=program.trusted).status_code == 202


def incidents(program: Program) -> list[dict[str, str]]:
    """Give what `tocsin list` has."""
    found: list[dict[str, str]] = as_json(program.run("list", "--format", "json"))["incidents"]
    return found


def test_what_happened_is_written_and_replayed(served: Program, tmp_path: Path) -> None:
    said = done(served.run("record"))
    kinds = [
        next(name for name in ("event", "acknowledge", "silence") if name in json.loads(line))
        for line in said.splitlines()
    ]
    assert kinds == ["event", "acknowledge", "event", "silence"]
    assert json.loads(said.splitlines()[1])["acknowledge"] == "mira"
    file = tmp_path / "alerts.jsonl"
    file.write_text(said)
    replayed = as_json(
        served.run("simulate", EXAMPLE, file, "--config", served.home / "tocsin.toml", "--format", "json")
    )
    [story] = replayed["incidents"]
    assert (story["incident_type"], story["status"]) == ("sequencer-down", "resolved")
    assert [line["what"] for line in replayed["lines"]] == ["opened", "acknowledged", "resolved", "silenced"]


def test_only_what_began_in_the_time_is_written_and_a_silence_that_still_holds(served: Program) -> None:
    lines = [json.loads(line) for line in done(served.run("record")).splitlines()]
    after, first = lines[-1]["at"], lines[0]["at"]
    [silence] = done(served.run("record", "--since", after)).splitlines()
    assert "silence" in json.loads(silence)
    [opened] = done(served.run("record", "--until", first)).splitlines()
    assert json.loads(opened)["event"]["event_action"] == "trigger"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--since", "yesterday"), "--since 'yesterday' is no instant; write it like 2026-11-23T05:00Z"),
        (("--since", "PX"), "--since 'PX' is no ISO 8601 duration; write P7D or PT12H"),
        (("--since", "2026-01-01T00:00"), "add Z for UTC, or an offset such as +01:00"),
        (("--since", "P1D", "--until", "P2D"), "--since is not before --until"),
    ],
)
def test_a_time_that_cannot_be_read_is_one_line_that_says_how(
    options: tuple[str, ...], says: str, served: Program
) -> None:
    assert says in says_no(served.run("record", *options), 2)


def test_where_nothing_happened_it_says_so_and_answers_1(served: Program) -> None:
    assert "nothing happened since" in says_no(served.run("record", "--since", "P20D", "--until", "P10D"), 1)
