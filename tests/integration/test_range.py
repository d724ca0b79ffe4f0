"""The range is real: it comes up whole, its releases are switched, and it leaves nothing behind."""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import httpx
import pytest
import range_command
from free_ports import free_port
from range_processes import process

from conftest import PLAIN_HTTP, ROOT
from integration.servers import EXAMPLE, PATIENCE, Program
from tocsin.drill.live_record import held

RANGE = [sys.executable, str(ROOT / "script" / "range")]
ADDRESS = "0x" + "0" * 38 + "2a"
INTENT = json.dumps({"senderAddress": ADDRESS, "market": "EUR-USD", "amount": 2}).encode()


class Up:
    """A range that runs."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.words = ["--data", str(folder), "--port", str(port), "--rows", "20000"]

    def say(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*RANGE, *command, *self.words], check=False, capture_output=True, text=True, timeout=280)

    def ask(
        self, path: str, body: bytes | None = None, method: str | None = None, *, patience: float = 60
    ) -> tuple[int, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310  our own address
                text = answer.read().decode()
                status = answer.status
        except urllib.error.HTTPError as error:
            text, status = error.read().decode(), error.code
        return status, json.loads(text) if text.startswith("{") else text

    @property
    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in shlex.split((self.folder / "environment").read_text()))

    def run(self, *words: str) -> str:
        """Run one of the service's scripts with the range's environment."""
        done = subprocess.run(words, cwd=self.folder / "releases", env={**os.environ, **self.environment}, check=False,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        return (done.stdout + done.stderr).strip()

    def sql(self, text: str) -> str:
        return self.run("sh", "-c", 'exec psql -XAqt -c "$1" "$DATABASE_URL"', "sh", text)

    def inside(self) -> tuple[str, ...]:
        """What a fault could leave behind: rows, roles, keys, indexes, columns, releases."""
        asked = (
            # Not the orders that a probe places and takes back: it may be at it at any moment.
            f'SELECT count(*) FROM "Intent" WHERE "senderAddress" <> \'{ADDRESS}\'',
            "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles",
            'SELECT count(*) FROM "ApiKey"',
            "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'Intent'",
        )
        found = self.run("sh", "-c", "git tag; git describe --tags; git status --short; cat .git/releases-before")
        return (found, *(self.sql(each) for each in asked), *sorted(path.name for path in self.folder.iterdir()))

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.folder / "range.json").read_text())
        return state


def place() -> Path:
    """A folder everybody may enter, with a short name: PostgreSQL and the sockets of pm2 live in it."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-range-", dir="/tmp"))
    folder.chmod(0o755)
    return folder / "range"


def listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    if not (shutil.which("node") and shutil.which("npm") and shutil.which("git")):
        pytest.skip("needs Node.js with npm, and git")
    found = Up(place(), free_port())
    try:
        started = found.say("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield found
    finally:
        found.say("down")
        shutil.rmtree(found.folder.parent, ignore_errors=True)


class Watching(Program):
    """Tocsin with the probes of the range."""

    def ask(self, path: str) -> Any:
        token = (self.data / "token").read_text().strip()
        return httpx.get(
            f"{self.url}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60, verify=PLAIN_HTTP
        ).json()

    def opened(self) -> list[tuple[str, str]]:
        """The entries and severities of all incidents so far, the latest first."""
        return [(one["type"], one["severity"]) for one in self.ask("incidents?limit=100")["incidents"]]

    def firing(self) -> list[str]:
        checks = [(probe["id"], check) for probe in self.ask("probes")["probes"] for check in probe["checks"]]
        return [f"{probe}/{check['id']}" for probe, check in checks if check["state"] == "firing"]

    def well(self) -> bool:
        """Whether every probe has looked, and none sees trouble."""
        return {probe["state"] for probe in self.ask("probes")["probes"]} == {"ok"}


@pytest.fixture(scope="module")
def watching(up: Up) -> Iterator[Watching]:
    found = Watching(up.folder.parent / "home")
    found.environment |= up.environment
    try:
        found.serve(EXAMPLE, "--config", EXAMPLE.with_name("tocsin.toml"))
        found.until(found.well)
        yield found
    finally:
        found.stop()


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("range_command.signal.signal", lambda *_: None)
    return range_command


# -- it is whole


def test_an_intent_is_taken_counted_and_logged_with_its_client_and_can_be_withdrawn(up: Up) -> None:
    status, taken = up.ask("/api/v1/intents", INTENT)
    assert (status, taken["intent"]["status"], taken["intent"]["worth"]) == (201, "accepted", 2.18)
    assert up.ask("/health")[1]["pendingIntents"] == 1
    assert up.ask(f"/api/v1/intents/{taken['intent']['id']}", method="DELETE")[0] == 200
    assert up.ask("/health")[1] == {
        "status": "ok", "version": "1.1.0", "checks": {"database": "ok"}, "pendingIntents": 0}  # fmt: skip
    log, end = up.folder / "pm2" / "logs" / "sequencer-out.log", time.monotonic() + PATIENCE
    while " 127.0.0.1 POST /api/v1/intents 201 " not in log.read_text():  # pm2 writes it down when it comes to it
        assert time.monotonic() < end
        time.sleep(0.05)


def test_errors_are_counted_by_their_kind_in_both_forms(up: Up) -> None:
    before = up.ask("/metrics")[1]["errors"]
    assert up.ask("/api/v1/intents", b"{}")[0] == 400
    assert up.ask("/api/v1/intents?limit=5")[0] == 401
    after = up.ask("/metrics")[1]["errors"]
    assert {kind: after[kind] - before[kind] for kind in after} == {
        "validation": 1, "unauthorized": 1, "database": 0, "dependency": 0, "internal": 0}  # fmt: skip
    text = up.ask("/metrics?format=prometheus")[1]
    assert f'sequencer_errors_total{{kind="validation"}} {after["validation"]}\n' in text


def test_the_history_is_there_with_its_index_and_evidence_can_be_kept(up: Up) -> None:
    count = 'SELECT count(*), count(DISTINCT "senderAddress") FROM "Intent" WHERE "status" = \'settled\''
    assert up.run("psql", up.run("sh", "-c", "echo $DATABASE_URL"), "-XAt", "-c", count) == "20000|20000"
    plan = f'EXPLAIN SELECT * FROM "Intent" WHERE "senderAddress" = \'{ADDRESS}\''
    assert "idx_intent_sender" in up.run("sh", "-c", f"psql -XAt $DATABASE_URL -c {shlex.quote(plan)}")
    store = boto3.client("s3", region_name="us-east-1", aws_access_key_id="range", aws_secret_access_key="range",
                         endpoint_url=f"http://127.0.0.1:{up.state['ports']['s3']}")  # fmt: skip
    store.put_object(Bucket="incident-evidence", Key="log", Body=b"a line")
    assert store.get_object(Bucket="incident-evidence", Key="log")["Body"].read() == b"a line"


def test_the_scripts_switch_between_releases_and_refuse_what_is_none(up: Up) -> None:
    assert up.run("scripts/rollback.sh") == "v1.0.0 is in force again"
    assert up.ask("/health")[1]["version"] == "1.0.0"
    assert up.run("scripts/rollback.sh") == "rollback: no release was in force before this one"
    assert up.run("scripts/deploy-production.sh", "v9") == "deploy: there is no release v9; there are: v1.0.0 v1.1.0"
    assert up.run("scripts/deploy-production.sh") == "v1.1.0 is in force; before it was v1.0.0"
    assert up.ask("/health")[1]["version"] == "1.1.0"


def test_a_second_up_finds_what_runs(up: Up) -> None:
    before = up.state
    again = up.say("up")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "It runs already.")
    assert up.state == before


# -- it is broken for real, and mended


class Under(NamedTuple):
    """A fault that is under way."""

    up: Up
    error_log: int
    out_log: int

    def logged(self, text: str) -> bool:
        return text in self._since("error", self.error_log) or text in self._since("out", self.out_log)

    def addresses(self) -> int:
        return len(set(re.findall(r" (127\.9\.\d+\.\d+) POST", self._since("out", self.out_log))))

    def requests(self, address: str) -> int:
        return self._since("out", self.out_log).count(f" {address} POST")

    def _since(self, which: str, offset: int) -> str:
        with (self.up.folder / "pm2" / "logs" / f"sequencer-{which}.log").open() as log:
            log.seek(offset)
            return log.read()

    def silent(self) -> bool:
        return self._answer("/health") is None

    def status(self, path: str, body: bytes | None = None) -> int:
        return (self._answer(path, body) or (0,))[0]

    def errors(self, kind: str) -> int:
        found = self._answer("/metrics")
        return int(found[1]["errors"][kind]) if found else 0

    def waits(self, body: bytes = INTENT) -> bool:
        began = time.monotonic()
        self._answer("/api/v1/intents", body)
        return time.monotonic() - began > 0.5

    def memory(self) -> int:
        found = self._answer("/metrics")
        return int(found[1]["memory"]["heapUsed"]) if found else 0

    def sql(self, text: str) -> str:
        return self.up.sql(text)

    def _answer(self, path: str, body: bytes | None = None) -> tuple[int, Any] | None:
        try:
            return self.up.ask(path, body, patience=1.5)
        except (OSError, http.client.HTTPException):
            return None


BROKEN: dict[str, Callable[[Under], bool]] = {
    "sequencer-down/killed": Under.silent,
    "sequencer-down/port-taken": lambda under: under.silent() and under.logged("EADDRINUSE"),
    "sequencer-down/database-gone": lambda under: under.status("/health") == 503,
    "high-error-rate/bad-release": lambda under: under.errors("internal") > 2,
    "high-error-rate/validation": lambda under: under.errors("validation") > 2,
    "high-error-rate/dependency": lambda under: under.errors("dependency") > 2,
    "database-slow-queries/missing-index": lambda under: (
        not under.sql("SELECT 1 FROM pg_indexes WHERE indexname = 'idx_intent_sender'")
        and int(under.sql("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'Intent'")) > 1_000_000
    ),
    "database-slow-queries/locks": lambda under: (
        int(under.sql("SELECT count(*) FROM pg_locks WHERE NOT granted")) > 1 and under.waits()
    ),
    "database-slow-queries/connections": lambda under: under.status("/health") == 503,
    "out-of-memory/heap": lambda under: under.logged("heap out of memory"),
    "out-of-memory/leak": lambda under: under.memory() > 40_000_000,
    "out-of-memory/restart-loop": lambda under: under.logged("heap out of memory"),
    "ddos-attack/addresses": lambda under: under.addresses() > 300,
    "ddos-attack/heavy-client": lambda under: under.requests("127.9.9.9") > 300,
    "ddos-attack/slow-clients": Under.silent,
    "data-breach/stolen-key": lambda under: under.logged("key=range-fault") and under.logged(" 127.66.6.6 GET "),
    "data-breach/bulk-export": lambda under: bool(
        under.sql("SELECT 1 FROM pg_stat_activity WHERE query ILIKE 'COPY%Intent%'")
    ),
    "data-breach/new-administrator": lambda under: bool(
        under.sql("SELECT 1 FROM pg_roles WHERE rolsuper AND rolname = 'range_fault'")
    ),
}
SEVERITY = {
    "sequencer-down": "P0", "high-error-rate": "P1", "database-slow-queries": "P1", "out-of-memory": "P1",
    "ddos-attack": "P0", "data-breach": "P0",
}  # fmt: skip
QUICK = {
    "sequencer-down/port-taken", "high-error-rate/bad-release", "database-slow-queries/locks", "out-of-memory/heap",
    "ddos-attack/addresses", "data-breach/new-administrator",
}  # fmt: skip
"""One of each; TOCSIN_LONG=1 runs all of them."""

HANGS_UP = "data-breach/new-administrator"
"""The one whose terminal is closed; the others are interrupted."""


def test_there_are_three_variants_of_each_of_the_six() -> None:
    entries = [name.partition("/")[0] for name in BROKEN]
    assert sorted({entry: entries.count(entry) for entry in entries}.values()) == [3] * 6


@pytest.mark.parametrize("name", [name for name in BROKEN if name in QUICK or os.environ.get("TOCSIN_LONG")])
def test_a_fault_breaks_the_service_as_it_says_opens_its_entry_alone_and_is_mended_when_interrupted(
    up: Up, watching: Watching, name: str
) -> None:
    before, known = up.inside(), watching.opened()
    logs = up.folder / "pm2" / "logs"
    under = Under(up, *((logs / f"sequencer-{which}.log").stat().st_size for which in ("error", "out")))
    words = [*RANGE, "inject", name, "--for", "400", *up.words]
    sign = signal.SIGHUP if name == HANGS_UP else signal.SIGINT
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509  tests may run where it is ignored
    ) as injecting:  # fmt: skip
        try:
            end = time.monotonic() + 2 * PATIENCE
            while not BROKEN[name](under):
                assert time.monotonic() < end, "it does not break"
                time.sleep(0.1)
            opened = watching.until(lambda: watching.opened()[: -len(known) or None])
        finally:
            injecting.send_signal(sign)
            said, _ = injecting.communicate(timeout=120)
    assert said.splitlines()[-1] == "mended: the service is healthy", said
    assert injecting.returncode == 128 + sign
    status, taken = up.ask("/api/v1/intents", INTENT)
    assert status == 201
    assert up.ask(f"/api/v1/intents/{taken['intent']['id']}", method="DELETE")[0] == 200
    assert up.inside() == before
    assert opened == [(name.partition("/")[0], SEVERITY[name.partition("/")[0]])], watching.firing()
    assert watching.opened() == opened + known, watching.firing()
    if os.environ.get("TOCSIN_LONG"):
        watching.until(watching.well)


def test_a_fault_ends_by_itself_and_says_what_clients_saw(up: Up) -> None:
    done = up.say("inject", "high-error-rate/dependency", "--for", "1")
    assert done.returncode == 0
    first, seen, last = done.stdout.splitlines()
    assert first == "high-error-rate/dependency: what it depends on is down, for 1 s"
    assert " 100% failed" in seen
    assert last == "mended: the service is healthy"


def test_a_killed_injection_is_mended_by_restore_and_nothing_else_is_injected_before(up: Up) -> None:
    before = up.inside()
    words = [*RANGE, "inject", "sequencer-down/killed", "--for", "400", *up.words]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as injecting:
        end = time.monotonic() + PATIENCE
        while not ((up.folder / "fault.json").exists() and Under(up, 0, 0).silent()):
            assert time.monotonic() < end
        injecting.kill()
    assert up.say("inject", "sequencer-down/killed").stderr == (
        "script/range: a fault is under way or was left: end it with script/range restore\n"
    )
    assert up.say("restore").stdout == "mended: the service is healthy\n"
    assert up.inside() == before
    assert up.say("restore").stdout == "No fault is under way.\n"
    assert "there is no fault 'fire'; there are: sequencer-down/killed, " in up.say("inject", "fire").stderr


# -- it is drilled


def drilled(up: Up, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a live drill of this range, by the configuration of the example."""
    example = ROOT / "examples" / "sequencer"
    range_here = json.dumps(RANGE)[1:-1]
    text = (example / "tocsin.toml").read_text().replace("../../.range/environment", str(up.folder / "environment"))
    named = json.dumps(["--data", str(up.folder)])[1:-1]
    text, drills = re.subn(r'\["\.\./\.\./script/range", ([^\]]*)\]', rf"[{range_here}, \1, {named}]", text)
    assert drills == 2 * len(BROKEN)
    config = folder / "tocsin.toml"
    config.write_text(text)
    command = [sys.executable, "-m", "tocsin", "drill", "examples/sequencer/RUNBOOK.md", *words, "--live"]
    return subprocess.run([*command, "--config", str(config)], cwd=ROOT, check=False, capture_output=True, text=True)


def shape(text: str) -> list[str]:
    """What was printed, without its numbers and how its columns stand."""
    return [" ".join(re.sub(r"\d+(\.\d+)?", "0", line).split()) for line in text.splitlines()]


DRILLED = [("sequencer-down", "--only", "killed"), *([("--all",)] if os.environ.get("TOCSIN_LONG") else [])]


@pytest.mark.timeout(2400 if os.environ.get("TOCSIN_LONG") else 300)
@pytest.mark.parametrize("words", DRILLED, ids=" ".join)
def test_a_live_drill_passes_leaves_nothing_and_prints_what_its_page_shows(
    up: Up, tmp_path: Path, words: tuple[str, ...]
) -> None:
    before = up.inside()
    done = drilled(up, tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert up.inside() == before
    if words == DRILLED[0]:
        page = (ROOT / "docs" / "how-to" / "run-a-live-drill.md").read_text()
        [shown] = re.findall(rf"^\$ .*tocsin drill {' '.join(words)} --live\n((?:.*\n)*?)```", page, re.MULTILINE)
        assert shape(done.stderr + done.stdout) == shape(shown)


# -- it goes away whole


def test_down_leaves_no_process_port_or_file_also_when_the_daemon_of_pm2_was_killed(up: Up) -> None:
    state = up.state
    service = int((up.folder / "pm2" / "pids" / "sequencer-0.pid").read_text())
    os.kill(state["processes"]["pm2"][0], signal.SIGKILL)
    assert up.say("status").returncode == 1
    assert up.say("down").stdout == "Down: no process, port or file of it is left.\n"
    assert [name for name, port in state["ports"].items() if listens(port)] == []
    assert not up.folder.exists()
    left = [pid for pid in (service, *(pid for pid, _ in state["processes"].values())) if runs(pid)]
    assert left == []
    assert up.say("status").stdout == "Nothing of it is there: start it with script/range up\n"


def runs(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], check=False, capture_output=True, text=True).stdout
    return told.strip() not in {"", "Z"}


def test_an_interrupted_up_is_undone() -> None:
    half = Up(place(), free_port())
    half.words[-1] = "4000000"  # it is not through with so many rows before it is interrupted
    with subprocess.Popen([*RANGE, "up", *half.words], start_new_session=True, stderr=subprocess.DEVNULL) as started:
        try:
            end = time.monotonic() + PATIENCE
            while not ((half.folder / "range.json").exists() and "postgres" in half.state["processes"]):
                assert started.poll() is None
                assert time.monotonic() < end
                time.sleep(0.02)
            ports, database = half.state["ports"], half.state["processes"]["postgres"][0]
        finally:
            started.send_signal(signal.SIGINT)
    assert started.returncode == 130
    assert not half.folder.exists()
    assert not runs(database)
    assert not any(listens(port) for port in ports.values())
    half.folder.parent.rmdir()


WRITES = """#!/bin/sh
while :; do mkdir -p data/base; echo more >> data/base/1; done &
echo $! > begun.new; mv begun.new begun
sleep 600
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGHUP])
def test_an_up_that_is_interrupted_while_the_database_is_made_leaves_nothing(sign: signal.Signals) -> None:
    if not (shutil.which("node") and shutil.which("npm") and shutil.which("git")):
        pytest.skip("needs Node.js with npm, and git")
    half = Up(place(), free_port())
    programs = half.folder.parent / "bin"
    programs.mkdir()
    for name in ("initdb", "postgres"):
        (programs / name).write_text(WRITES)
        (programs / name).chmod(0o755)
    begun = half.folder / "postgres" / "begun"
    with subprocess.Popen(
        [*RANGE, "up", *half.words], env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(sign, signal.SIG_DFL),  # noqa: PLW1509  the tests may run where it is ignored
    ) as started:  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not begun.exists():
            assert started.poll() is None
            assert time.monotonic() < end
            time.sleep(0.02)
        writing = int(begun.read_text())
        started.send_signal(sign)
        said, _ = started.communicate(timeout=PATIENCE)
    assert (started.returncode, said) == (128 + sign, "")
    assert not half.folder.exists()
    while runs(writing):  # what was killed may take a moment to be gone
        assert time.monotonic() < end + PATIENCE
        time.sleep(0.05)
    shutil.rmtree(half.folder.parent)


def test_down_needs_no_other_programs_and_ends_what_a_killed_drill_left(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place()
    folder.mkdir()
    left = Path(tempfile.mkdtemp(prefix="tocsin-drill-"))
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        subprocess.Popen(sleeping, start_new_session=True) as s3,
        subprocess.Popen(sleeping, start_new_session=True) as server,
    ):
        ports = dict.fromkeys(("service", "admin", "rates", "postgres", "s3"), 1)
        (folder / "postgres").mkdir()
        (folder / "releases").mkdir()
        (folder / "range.json").write_text(json.dumps({"ports": ports, "processes": {"s3": process(s3.pid)}}))
        begun = {"server": {"pid": server.pid, "started": process(server.pid).started}}
        (folder / ".environment.drill").write_text(json.dumps({"begun": begun, "folder": str(left)}) + "\n")
        with monkeypatch.context() as bare:
            bare.setenv("PATH", "/nowhere")
            with held(folder / ".environment.drill"):
                assert command.main(["down", "--data", str(folder)]) == 2
            assert "another live drill is under way" in capsys.readouterr().err
            assert command.main(["status", "--data", str(folder)]) == 2
            said = "script/range: git cannot be run (No such file or directory): the range needs it, install it\n"
            assert capsys.readouterr().err == said
            assert command.main(["down", "--data", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "What a live drill that was killed had left is ended.",
        "Down: no process, port or file of it is left.",
    ]
    assert not folder.exists()
    assert not left.exists()
    folder.parent.rmdir()


# -- wrong use


def test_a_taken_port_is_said_and_nothing_is_started(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command.main(["up", "--data", str(folder), "--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"script/range: port {port} cannot be used (Address already in use): choose another with --port\n"
    )
    assert not folder.exists()
    folder.parent.rmdir()


def test_a_machine_without_node_is_told_how_to_get_one(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place()
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("range_node.find_spec", lambda _: None)
    assert command.main(["up", "--data", str(folder), "--port", str(free_port())]) == 2
    assert capsys.readouterr().err == (
        "script/range: no Node.js 20 with npm found: install it, or run script/setup --dev, which brings one\n"
    )
    assert not folder.exists()
    folder.parent.rmdir()


def test_a_machine_without_git_is_told_so_and_nothing_is_started(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place()
    for name in ("node", "npm"):
        found = shutil.which(name)
        if found is None:
            pytest.skip("needs Node.js with npm")
        (folder.parent / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder.parent))
    assert command.main(["up", "--data", str(folder), "--port", str(free_port())]) == 2
    said = "script/range: no git found, which keeps the releases of the service: install it\n"
    assert capsys.readouterr().err == said
    assert not folder.exists()
    shutil.rmtree(folder.parent)


def test_a_place_with_a_long_name_is_refused_before_anything_starts(
    command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place() / ("x" * 80)
    assert command.main(["up", "--data", str(folder), "--port", str(free_port())]) == 2
    assert "too long for the sockets of pm2: choose a shorter one with --data" in capsys.readouterr().err
    assert not folder.exists()
    shutil.rmtree(folder.parent.parent)


def test_a_postgresql_that_does_not_start_is_said_in_its_own_words(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place()
    for name in ("initdb", "postgres"):
        (folder.parent / name).write_text("#!/bin/sh\necho 'initdb: error: the disk is full' >&2; exit 1\n")
        (folder.parent / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder.parent}:{os.environ['PATH']}")
    assert command.main(["up", "--data", str(folder), "--port", str(free_port())]) == 2
    assert capsys.readouterr().err == "script/range: PostgreSQL does not start: initdb: error: the disk is full\n"
    assert not folder.exists()
    shutil.rmtree(folder.parent)


def test_a_folder_with_other_files_is_left_alone(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place()
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    for words, code in ((["up"], 2), (["down"], 0)):
        assert command.main([*words, "--data", str(folder), "--port", str(free_port())]) == code
    assert "holds other files: choose an empty folder with --data" in capsys.readouterr().err
    assert (folder / "thesis.txt").read_text() == "mine"
    shutil.rmtree(folder.parent)
