"""Starting, stopping and starting again, as a person and a supervisor do it."""

import contextlib
import re
import shutil
import signal
import socket
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, PATIENCE, TEAM, Program

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  what is tested is what comes of it
UNREADABLE = b"\x00\x01\x02" * 40
UNKNOWN_KEY = TEAM + '\n[people.eve]\ncolour = "red"\n'


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    """A copy of the example that may be broken, without a configuration beside it."""
    path = tmp_path / "runbook" / "RUNBOOK.md"
    path.parent.mkdir()
    return Path(shutil.copy(EXAMPLE, path))


@pytest.fixture
def config(runbook: Path) -> Path:
    """A configuration beside it."""
    path = runbook.parent / "tocsin.toml"
    path.write_text(TEAM)
    return path


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Program]:
    found = Program(tmp_path / "another")
    yield found
    found.stop()


def refused(program: Program, *arguments: str | Path) -> str:
    """The one line with which a server says that it cannot start; its exit code is 2."""
    process = program.start(*arguments)
    assert process.wait(PATIENCE) == 2, program.log.read_text()
    lines = [line for line in program.log.read_text().splitlines() if line.startswith("tocsin: ")]
    assert "Traceback" not in program.log.read_text()
    assert len(lines) == 1
    return lines[0]


def listed(program: Program) -> str:
    done = program.run("list")
    assert done.returncode == 0, done.stderr
    return done.stdout


# -- starting


def test_a_runbook_alone_is_enough_to_serve(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    answer = httpx.get(f"{program.url}/health", timeout=60, verify=PLAIN_HTTP)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    welcome = program.out.read_text()
    assert f"Tocsin serves {runbook} at {program.url}" in welcome
    assert re.search(r"Sign in as operator .*:\n +http://127\.0\.0\.1:\d+/app/sign-in\?token=", welcome)


def test_the_curl_line_it_prints_raises_an_incident(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    line = next(line for line in program.out.read_text().splitlines() if "curl -s" in line)
    body = line.partition(" -d '")[2].removesuffix("'")
    answer = httpx.post(f"{program.url}/v2/enqueue", content=body, timeout=60, verify=PLAIN_HTTP)
    assert answer.status_code == 202
    assert program.until(lambda: "INC-" in listed(program))


def test_what_it_keeps_is_for_its_owner_alone(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    assert stat.S_IMODE(program.data.stat().st_mode) == 0o700
    tokens = [program.data / "token", *(program.home / "state").rglob("*.token")]
    assert len(tokens) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in tokens} == {0o600}


def test_a_data_folder_that_was_there_is_closed_to_others(program: Program, runbook: Path) -> None:
    program.data.mkdir(mode=0o755)
    program.serve(runbook)
    assert stat.S_IMODE(program.data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in program.data.glob("tocsin.db*")} == {0o600}


def test_links_of_a_server_at_every_address_can_be_followed(program: Program, runbook: Path) -> None:
    program.start(runbook, "--host", EVERY_ADDRESS)
    name = socket.gethostname().lower()
    found = program.until(lambda: re.search(rf"http://{re.escape(name)}:(\d+)/app/sign-in", program.out.read_text()))
    assert EVERY_ADDRESS not in program.out.read_text()
    assert "set [server] public_url" in program.log.read_text()
    program.url = f"http://127.0.0.1:{found[1]}"
    program.until(program.answers)
    at_its_name = httpx.get(
        f"{program.url}/app/sign-in", headers={"Host": f"{name}:{found[1]}"}, timeout=60, verify=PLAIN_HTTP
    )
    assert at_its_name.status_code != 421
    program.environment["TOCSIN_URL"] = program.url
    assert program.run("list").returncode == 0


def test_the_configuration_beside_the_runbook_is_used(program: Program, runbook: Path, config: Path) -> None:
    assert config.is_file()
    program.serve(runbook)
    assert "Mira Okafor" in program.run("oncall").stdout


def test_a_log_for_machines_is_one_json_object_a_line(program: Program, runbook: Path) -> None:
    program.serve(runbook, "--log", "json")
    program.run("trigger", "--summary", "Down")
    program.until(lambda: "Opened" in program.log.read_text())
    assert all(line.startswith("{") and line.endswith("}") for line in program.log.read_text().splitlines())


# -- what cannot be served


def test_a_second_server_on_the_same_data_is_refused(program: Program, another: Program, runbook: Path) -> None:
    program.serve(runbook)
    another.data = program.data
    assert "another Tocsin already serves" in refused(another, runbook)
    assert program.answers()
    assert program.run("list").returncode == 0


def test_a_port_that_is_taken_is_refused(program: Program, runbook: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = refused(program, runbook, "--port", port)
    assert f"cannot listen on 127.0.0.1:{port}" in line
    assert "--port" in line
    assert not program.data.exists()


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_is_none_is_refused(program: Program, runbook: Path, port: str) -> None:
    assert "--port" in refused(program, runbook, "--port", port)


def test_a_runbook_that_is_not_there_is_refused(program: Program, tmp_path: Path) -> None:
    assert "absent.md cannot be read" in refused(program, tmp_path / "absent.md")


def test_a_first_start_needs_a_readable_runbook(program: Program, runbook: Path) -> None:
    runbook.write_bytes(UNREADABLE)
    assert "line 1" in refused(program, runbook)


def test_a_first_start_needs_a_readable_configuration(program: Program, runbook: Path, config: Path) -> None:
    config.write_text(UNKNOWN_KEY)
    line = refused(program, runbook)
    assert f"{config}: line {UNKNOWN_KEY.count(chr(10))}: " in line


def test_without_any_runbook_it_says_how_to_name_one(program: Program) -> None:
    assert "tocsin serve RUNBOOK.md" in refused(program)


def test_data_in_a_file_is_refused(program: Program, runbook: Path) -> None:
    program.data.write_text("not a folder")
    assert "cannot be used" in refused(program, runbook)


def test_data_that_a_newer_version_wrote_is_refused_and_left_alone(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    program.stop()
    path = program.data / "tocsin.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("UPDATE meta SET value = '99' WHERE name = 'schema_minimum'")
        db.commit()
    assert "upgrade" in refused(program, runbook)
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)


def test_data_that_is_no_database_is_refused_and_verification_says_so(program: Program, runbook: Path) -> None:
    program.data.mkdir()
    (program.data / "tocsin.db").write_bytes(b"this is no database" * 500)
    assert "restore it from a backup" in refused(program, runbook)
    verified = program.run("verify", "--data", program.data)
    assert verified.returncode != 0
    assert verified.stderr.startswith("tocsin: the store cannot be read: ")
    assert len(verified.stderr.splitlines()) == 1


# -- ending


def test_a_polite_end_takes_its_token_away_and_is_a_success(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    assert program.stop(signal.SIGTERM) == 0
    assert not list((program.home / "state").rglob("*.token"))
    assert "Traceback" not in program.log.read_text()


def test_an_end_from_the_keyboard_takes_its_token_away(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    assert program.stop(signal.SIGINT) in {0, 130}
    assert not list((program.home / "state").rglob("*.token"))
    assert "Traceback" not in program.log.read_text()


def test_open_pages_and_slow_requests_do_not_keep_it_from_ending(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    link = program.run("link", "operator").stdout.strip()
    host, port = program.url.removeprefix("http://").split(":")
    with (
        httpx.Client(base_url=program.url, timeout=60, verify=PLAIN_HTTP) as browser,
        socket.create_connection((host, int(port))) as slow,
    ):
        signed_in = browser.post("/app/sign-in", data={"token": link.partition("token=")[2]})
        assert signed_in.status_code == 303
        slow.sendall(f"POST /v2/enqueue HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n{{".encode())
        with browser.stream("GET", "/app/events") as stream:
            reading = threading.Thread(target=_read_on, args=(stream,))
            reading.start()
            program.stop()
            reading.join(PATIENCE)
            assert not reading.is_alive()
    assert program.process is not None
    assert program.process.returncode == 0


def _read_on(stream: httpx.Response) -> None:
    try:
        for _ in stream.iter_raw():
            pass
    except httpx.HTTPError:
        return


# -- starting again


def test_a_restart_keeps_incidents_keys_and_tokens(program: Program, runbook: Path, config: Path) -> None:
    program.serve(runbook, "--config", config)
    program.run("trigger", "--summary", "Down", "--severity", "P1")
    token = program.run("token", "mira").stdout.strip()
    key = program.run("token", "monitoring").stdout
    before = listed(program)
    program.stop()
    program.serve(runbook, "--config", config)
    assert listed(program) == before
    assert program.run("token", "monitoring").stdout == key
    assert program.run("list", TOCSIN_TOKEN=token).stdout == before
    assert program.run("verify").returncode == 0


def test_a_runbook_that_broke_meanwhile_leaves_the_old_version_in_force(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    program.stop()
    runbook.write_bytes(UNREADABLE)
    program.serve(runbook)
    said = program.log.read_text()
    assert f"the runbook {runbook} is refused (line 1: " in said
    assert "the version before stays in force" in said
    assert "(sequencer-down)" in program.run("trigger", "--summary", "Down", "--type", "sequencer-down").stdout
    program.until(lambda: "Tocsin needs attention" in program.out.read_text())


def test_a_configuration_that_broke_meanwhile_leaves_the_old_one_in_force(
    program: Program, runbook: Path, config: Path
) -> None:
    program.serve(runbook, "--config", config)
    program.stop()
    config.write_text(UNKNOWN_KEY)
    program.serve(runbook, "--config", config)
    said = program.log.read_text()
    assert f"the configuration {config} is refused (line {UNKNOWN_KEY.count(chr(10))}: " in said
    assert "Mira Okafor" in program.run("oncall").stdout


def test_without_a_runbook_the_version_in_the_store_is_served(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    program.stop()
    program.serve()
    assert "(sequencer-down)" in program.run("trigger", "--summary", "Down", "--type", "sequencer-down").stdout


def test_an_edit_is_published_while_it_runs_and_a_bad_one_is_not(program: Program, runbook: Path) -> None:
    program.serve(runbook)
    runbook.write_text(
        EXAMPLE.read_text().replace("(if not resolved in 30 minutes)", "(if not resolved in 45 minutes)")
    )
    program.until(lambda: "45 min" in program.log.read_text())
    runbook.write_bytes(UNREADABLE)
    program.until(lambda: "the edit is refused" in program.log.read_text())
    assert program.run("trigger", "--summary", "Down", "--type", "sequencer-down").returncode == 0


def test_the_bundled_example_is_served_with_its_own_configuration(program: Program) -> None:
    program.serve(EXAMPLE, "--config", EXAMPLE.parent / "demo.toml")
    assert "Sign in as mira" in program.out.read_text()
