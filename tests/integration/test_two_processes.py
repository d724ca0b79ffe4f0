"""Two servers on one PostgreSQL: real processes, a real kill."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, PATIENCE, Program

LEASE = 20.0
TEAM = """
[people.mira]
reach = [{{ via = "hook" }}]

[roles]
L1 = ["mira"]

[escalation]
group_within = "PT0S"

[channels.hook]
kind = "webhook"
url = "http://127.0.0.1:{port}/"
"""


class Hook:
    """Takes pages. While it `hangs`, it answers nobody; it knows from which port each page came."""

    def __init__(self) -> None:
        self.came: list[tuple[float, int]] = []
        self.hangs = threading.Event()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                hook.came.append((time.monotonic(), self.client_address[1]))
                while hook.hangs.is_set():
                    time.sleep(0.05)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.hangs.clear()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def programs(tmp_path: Path, hook: Hook, database: str) -> Iterator[tuple[Program, Program]]:
    """Two servers; only the first was ever given a document and a configuration."""
    one, two = Program(tmp_path / "a"), Program(tmp_path / "b")
    (one.home / "tocsin.toml").write_text(f'[store]\nurl = "{database}"\n{TEAM.format(port=hook.port)}')
    one.serve(EXAMPLE, "--config", one.home / "tocsin.toml")
    two.environment["TOCSIN_STORE"] = database
    two.serve()
    yield one, two
    one.stop()
    two.stop()


def raise_alert(program: Program, key: str) -> None:
    routing_key = program.run("token", "default").stdout.split()[-1]
    payload = {"summary": "The health check gets no answer", "source": "probe", "severity": "critical"}
    event = {"routing_key": routing_key, "event_action": "trigger", "dedup_key": key, "payload": payload}
    assert httpx.post(f"{program.url}/v2/enqueue", json=event, timeout=60, verify=PLAIN_HTTP).status_code == 202


def opened(pid: int) -> set[str]:
    """Give what a process has open, which may close some of it meanwhile."""
    found = set[str]()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(entry.readlink()))
    return found


def holder(programs: tuple[Program, ...], port: int) -> Program:
    """Give whose connection comes from that port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port:
            wanted = f"socket:[{fields[9]}]"
            for program in programs:
                assert program.process is not None
                if wanted in opened(program.process.pid):
                    return program
    raise AssertionError(f"nobody is connected from {port}")


def test_an_alert_to_one_is_acknowledged_on_the_other(programs: tuple[Program, Program], hook: Hook) -> None:
    one, two = programs
    raise_alert(one, "down")
    one.until(lambda: hook.came)
    listed = two.run("list", "--format", "json")
    assert '"INC-' in listed.stdout, listed.stderr
    number = two.run("list").stdout.split()[0]
    assert two.run("ack", number).returncode == 0
    assert "acknowledged" in one.run("incident", number).stdout
    verified = one.run("verify", "--store", two.environment["TOCSIN_STORE"])
    assert (verified.returncode, "0 faults" in verified.stdout) == (0, True), verified.stderr
    assert len(hook.came) == 1


def test_a_page_whose_holder_is_killed_is_sent_by_the_other_when_the_lease_is_over(
    programs: tuple[Program, Program], hook: Hook
) -> None:
    hook.hangs.set()
    raise_alert(programs[0], "down")
    programs[0].until(lambda: hook.came)
    began, port = hook.came[0]
    dead = holder(programs, port)
    left = programs[0] if dead is programs[1] else programs[1]
    assert dead.process is not None
    dead.process.kill()
    dead.process.wait()
    hook.hangs.clear()
    deadline = time.monotonic() + LEASE + PATIENCE
    while len(hook.came) < 2:
        assert time.monotonic() < deadline, left.log.read_text()
        time.sleep(0.05)
    assert hook.came[1][0] - began > LEASE - 15  # nobody took it before the lease was over
    number = left.run("list").stdout.split()[0]
    left.until(lambda: "paged" in left.run("incident", number).stdout.lower())


def test_a_server_that_is_stopped_hands_over_at_once(programs: tuple[Program, Program], hook: Hook) -> None:
    one, two = programs
    raise_alert(one, "first")
    one.until(lambda: hook.came)
    assert one.stop() == 0
    raise_alert(two, "second")
    began = time.monotonic()
    two.until(lambda: len(hook.came) == 2)
    assert time.monotonic() - began < LEASE
