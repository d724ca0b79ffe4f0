"""The servers that `script/bench ingest` and `script/bench page` compare: Tocsin as people start it, and its peers."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bench_load import DIGITS, NUMBER, Plan
from bench_start import processor_time
from free_ports import free_port

from tocsin.clock import SystemClock

HERE = Path(__file__).resolve().parent
CLOCK = SystemClock()
PATIENCE = 60.0
OK = 200
RESTS, RESTS_FOR = 0.06, 2
"""Seconds of processor time in a second that a server may use and still rest; so many seconds in a row."""

TAKES = "an intake process takes alerts"
ALERTMANAGER = "prometheus-alertmanager"
PING = "HEALTHCHECKS_PING"
BODY = 680
"""Bytes of every body, whoever's."""

RUNBOOK = """# Bench

## Severity levels

### P1 - High (Response time: 15 minutes)

- Something is down

### P2 - Medium (Response time: 2 hours)

- Something is slow

## Escalation path

1. **L1**: First
2. **L2**: Second (if L1 can't resolve in 3 hours)

## Incidents

### 1. Down

**Severity**: P1

**Symptoms**:

- The unit is down
- Timeouts above 50%

### 2. Slow

**Severity**: P2

**Symptoms**:

- It is slow
"""


class Running(NamedTuple):
    """A server that answers. `key` is what a sender proves itself with."""

    pid: int
    port: int
    folder: Path
    key: str = ""


class Door(NamedTuple):
    """Where bodies go and what they look like, with the places of a number. `fresh` as in a plan."""

    path: str
    body: str
    headers: tuple[str, ...] = ()
    fresh: bool = False


@contextlib.contextmanager
def tocsin(sink: int = 0, processes: int = 0) -> Iterator[Running]:
    """Give a Tocsin with fresh data that pages Ada: at the sink, else by its log; `processes` take its alerts."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        (folder / "RUNBOOK.md").write_text(RUNBOOK)
        (folder / "tocsin.toml").write_text(_configuration(sink, processes))
        command = [str(Path(sys.executable).with_name("tocsin")), "serve", str(folder / "RUNBOOK.md")]
        environment = {**os.environ, "HOME": name, "XDG_STATE_HOME": f"{name}/state"}
        with _started([*command, "--port", str(port), "--data", f"{name}/data"], folder, environment) as process:
            until_ready(port, "/health")
            while (folder / "log").read_text().count(TAKES) < processes:
                time.sleep(0.01)
            found = re.search(r'"routing_key": "(\w+)"', (folder / "log").read_text())
            yield Running(process.pid, port, folder, found[1] if found else "")


def _configuration(sink: int, processes: int) -> str:
    via = "sink" if sink else "console"
    channel = (
        f'[channels.sink]\nkind = "webhook"\nurl = "http://127.0.0.1:{sink}/page"\n'
        'rate = "100000/s"\nburst = 100000\nbundle = false\n'
        if sink
        else '[channels.console]\nkind = "console"\nbundle = false\n'
    )
    people = f'[people.ada]\nreach = [{{ via = ["{via}"] }}]\n[people.ben]\nreach = [{{ via = ["{via}"] }}]\n'
    apart = (
        '[escalation]\ngroup_within = "PT0S"\n' if sink else ""
    )  # where pages are measured, each alert is an incident of its own
    server = f"[server]\nintake_processes = {processes}\n"
    return f'{apart}{server}{people}[roles]\nL1 = ["ada"]\nL2 = ["ben"]\n{channel}[sources.bench]\n'


@contextlib.contextmanager
def alertmanager(sink: int = 0) -> Iterator[Running]:
    """Give an Alertmanager with fresh data; with a sink each alert is a group of its own that is told at once."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), free_port()
        address = f"http://127.0.0.1:{sink}/page"
        hook = f"    webhook_configs: [{{url: '{address}', send_resolved: false}}]\n" if sink else ""
        each = "  group_by: ['...']\n  group_wait: 0s\n" if sink else ""
        (folder / "alertmanager.yml").write_text(f"route:\n  receiver: all\n{each}receivers:\n  - name: all\n{hook}")
        command = [ALERTMANAGER, f"--config.file={name}/alertmanager.yml", f"--storage.path={name}/data"]
        listen = [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
        with _started([*command, *listen, "--log.level=error"], folder, dict(os.environ)) as process:
            until_ready(port, "/-/ready")
            yield Running(process.pid, port, folder)


@contextlib.contextmanager
def floor() -> Iterator[Running]:
    """Give the HTTP server alone, with nothing behind it."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        port = free_port()
        command = [sys.executable, str(HERE / "bench_floor.py"), str(port)]
        with _started(command, Path(name), dict(os.environ)) as process:
            until_ready(port, "/", status=202)
            yield Running(process.pid, port, Path(name))


@contextlib.contextmanager
def healthchecks() -> Iterator[Running]:
    """Give the Healthchecks that somebody started, whose ping is named by HEALTHCHECKS_PING.

    It is several processes that are not ours (`pid` 0): their processor time and memory are not known.
    """
    address = urlsplit(os.environ[PING])
    yield Running(0, address.port or 80, Path(), address.path)


@contextlib.contextmanager
def _started(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=PATIENCE)


def absent(name: str) -> str:
    """Give why a peer cannot take part; empty when it can."""
    if name == "alertmanager" and shutil.which(ALERTMANAGER) is None:
        return f"{ALERTMANAGER} is not installed"
    if name == "healthchecks" and not os.environ.get(PING):
        return (
            f"no Healthchecks runs here; start one (4 uwsgi processes, PostgreSQL), name the ping of a check in {PING}"
        )
    return ""


# -- what is sent to them


def events(running: Running, load: str = "0.93") -> Door:
    """Give PagerDuty's Events API v2."""
    body = {
        "routing_key": running.key,
        "event_action": "trigger",
        "dedup_key": f"nr-{NUMBER}",
        "payload": {
            "summary": f"The unit is down, nr-{NUMBER}",
            "source": "unit.bench.example",
            "severity": "critical",
            "component": "unit",
            "custom_details": {"load": load, "region": "north", "note": ""},
        },
    }
    return Door("/v2/enqueue", _sized(body, "note"))


def unlike(running: Running) -> Door:
    """Give the same, each with a value that none before had, so that nothing found out before can be its answer."""
    return events(running, f"0.{NUMBER}")


def webhook(running: Running) -> Door:
    """Give Alertmanager's webhook, version 4, with one alert."""
    alert = {"status": "firing", "fingerprint": f"{NUMBER}abcdef", **_alert()}
    body = {
        "version": "4",
        "groupKey": '{}:{alertname="UnitDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tocsin",
        "externalURL": "http://alertmanager.bench.example:9093",
        "alerts": [alert],
    }
    return Door("/webhooks/alertmanager", _sized(body, "description"), (f"Authorization: Bearer {running.key}",))


def posted(_: Running) -> Door:
    """Give Alertmanager's own API, as Prometheus uses it."""
    return Door("/api/v2/alerts", _sized([_alert()], "description"))


def ping(running: Running) -> Door:
    """Give the ping of a check, without a body, which is the cheapest there is. Its uwsgi keeps no connection."""
    return Door(running.key, "", fresh=True)


def _alert() -> dict[str, Any]:
    return {
        "labels": {"alertname": "UnitDown", "severity": "critical", "unit": f"nr-{NUMBER}", "job": "bench"},
        "annotations": {"summary": "The unit is down", "description": ""},
        "startsAt": "2026-01-05T09:00:00Z",
        "generatorURL": "http://prometheus.bench.example:9090/graph?g0.expr=up",
    }


def _sized(body: object, filled: str) -> str:
    """Give the body with one empty text filled up, so that all bodies are of one size."""
    text = json.dumps(body)
    missing = BODY - len(text.replace(NUMBER, "0" * DIGITS))
    if missing < 0:
        raise ValueError(f"a body is {-missing} bytes too long")
    return text.replace(f'"{filled}": ""', f'"{filled}": "{"x" * missing}"', 1)


# -- looking at them


def loaded(plan: Plan) -> dict[str, Any]:
    """Run the load in a process of its own and give its figures."""
    ran = subprocess.run(
        [sys.executable, str(HERE / "bench_load.py"), json.dumps(plan._asdict())],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise SystemExit(f"the load broke: {ran.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def measured(running: Running, plan: Plan) -> dict[str, Any]:
    """Give the figures of a load, and what it cost the server."""
    before = processor_time(running.pid) if running.pid else 0.0
    figures = loaded(plan)
    used = processor_time(running.pid) - before if running.pid else 0.0
    answered = max(figures["answered"], 1)
    return {**figures, "rps": round(answered / figures["seconds"]), "cpu_us": round(used * 1e6 / answered, 1)}


def until_ready(port: int, path: str, status: int = OK) -> None:
    """Wait until a server answers well."""
    until = CLOCK.monotonic() + PATIENCE
    while CLOCK.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if status_of(port, path) == status:
                return
        time.sleep(0.01)
    raise SystemExit(f"nothing answers on port {port}")


def settle(running: Running) -> None:
    """Wait until a server has done what the alerts before asked of it, so that this is not measured as theirs."""
    until, rested = CLOCK.monotonic() + 4 * PATIENCE, 0
    while rested < RESTS_FOR and CLOCK.monotonic() < until:
        before = processor_time(running.pid)
        time.sleep(1)
        rested = rested + 1 if processor_time(running.pid) - before < RESTS else 0


def status_of(port: int, path: str, headers: Mapping[str, str] | None = None) -> int:
    """Give the status a page answers with."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status


def kill(running: Running) -> None:
    """End a server as a power cut would."""
    os.kill(running.pid, signal.SIGKILL)


def stored(running: Running) -> int:
    """Give how many triggers are in the store of a Tocsin that was killed."""
    with contextlib.closing(sqlite3.connect(running.folder / "data" / "tocsin.db")) as db:
        sql = "SELECT coalesce(sum(json_extract(CAST(state AS TEXT), '$.triggers')), 0) FROM alert"
        count: int = db.execute(sql).fetchone()[0]
        return count
