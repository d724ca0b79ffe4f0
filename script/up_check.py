"""Serve the example on a free port with fresh data, raise one alert, wait for its incident, print it, stop."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

EXAMPLE = Path(__file__).parent.parent / "examples" / "sequencer"
TOCSIN = [sys.executable, "-m", "tocsin"]
PATIENCE = 60.0
T = TypeVar("T")


def main() -> int:
    """Give 0 when an alert became an incident."""
    with tempfile.TemporaryDirectory() as data, (Path(data) / "out").open("w+") as out:
        runbook, config = EXAMPLE / "RUNBOOK.md", EXAMPLE / "demo.toml"
        command = [*TOCSIN, "serve", str(runbook), "--config", str(config), "--port", "0", "--data", f"{data}/data"]
        with subprocess.Popen(command, stdout=out, stderr=sys.stderr) as server:
            try:
                return check(server, Path(data) / "out")
            finally:
                server.terminate()
                server.wait(timeout=30)


def check(server: "subprocess.Popen[bytes]", out: Path) -> int:
    """Follow what the server printed, as a person would."""
    welcome = wait_for(lambda: out.read_text() if "curl" in out.read_text() else None, server)
    address = re.findall(r"http://[\d.]+:\d+", welcome)[0]
    wait_for(lambda: ask(f"{address}/health") or None, server)
    line = next(line for line in welcome.splitlines() if "curl" in line)
    body = shlex.split(line)[-1].encode()
    accepted = ask(f"{address}/v2/enqueue", body)
    print(accepted)
    environment = {**os.environ, "TOCSIN_URL": address}
    listed = wait_for(lambda: incidents(environment), server)
    number = listed[0]["id"]
    subprocess.run([*TOCSIN, "incident", number], env=environment, check=True)
    return 0


def incidents(environment: dict[str, str]) -> list[dict[str, str]] | None:
    """Give the open incidents, or None while there are none."""
    command = [*TOCSIN, "list", "--open", "--format", "json"]
    listed = subprocess.run(command, env=environment, check=True, capture_output=True)
    found: list[dict[str, str]] = json.loads(listed.stdout)["incidents"]
    return found or None


def ask(url: str, body: bytes | None = None) -> str:
    """Give an answer's text; "" when nobody answers yet."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  our own address
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  our own address
            return str(answer.read().decode())
    except OSError:
        return ""


def wait_for(look: Callable[[], T | None], server: "subprocess.Popen[bytes]") -> T:
    """Give what `look` finds within a minute, or end with what went wrong."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        if server.poll() is not None:
            sys.exit(f"script/up --check: the server ended with {server.returncode}")
        time.sleep(0.1)
    sys.exit("script/up --check: nothing happened within a minute")


if __name__ == "__main__":
    sys.exit(main())
