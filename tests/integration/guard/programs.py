"""The real programs that rewritten commands are run with: pm2 with a service, and a web behind a certificate."""

import fcntl
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from tocsin.runner.command import Command, Outcome, base_environment
from tocsin.runner.local import run

HERE = Path(__file__).parent
PM2 = HERE / "pm2"
BIN = PM2 / "node_modules" / ".bin"
SERVICE = "sequencer"
WITHIN = timedelta(seconds=60)
EMPTY: Mapping[str, str] = {}


def install_pm2() -> None:
    """Install exactly what the lock file says, once for all test processes."""
    if shutil.which("npm") is None:
        pytest.skip("needs Node.js with npm, which brings pm2")
    with (PM2 / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = PM2 / "node_modules" / ".package-lock.json"
        if not mark.exists() or mark.stat().st_mtime < (PM2 / "package-lock.json").stat().st_mtime:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=PM2, check=True,
                           capture_output=True)  # fmt: skip


class Machine:
    """A home of its own with pm2 and a service in it; what is run there sees the variables of `environment`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = base_environment({"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home)})
        self.directory = home

    def say(self, *words: str) -> str:
        """Run a program and give what it printed."""
        return subprocess.run(words, env=self.environment, cwd=self.home, check=True, capture_output=True,
                              text=True, timeout=180).stdout  # fmt: skip

    async def run(self, text: str, more: Mapping[str, str] = EMPTY, files: Mapping[str, str] = EMPTY) -> Outcome:
        """Run a text as steps are run, with the limit that all read-only ones must keep."""
        return await run(Command(text=text, environment={**self.environment, **more}, timeout=WITHIN,
                                 directory=str(self.directory), files=dict(files)))  # fmt: skip

    def laid_out(self, name: str) -> Iterator[Path]:
        """Give the folders of steps that still hold a file of that name."""
        return (path for path in Path(tempfile.gettempdir()).glob("tocsin-step-*") if (path / name).exists())

    def started(self, name: str = SERVICE) -> None:
        """Start the service and wait until it has logged."""
        self.say("pm2", "start", str(PM2 / "app.js"), "--name", name)
        logs = self.home / ".pm2" / "logs"
        least = {logs / f"{name}-out.log": 40, logs / f"{name}-error.log": 8}
        end = time.monotonic() + 90
        while not all(log.exists() and log.read_text().count("\n") >= lines for log, lines in least.items()):
            assert time.monotonic() < end, "the service does not log"
            time.sleep(0.05)


@contextmanager
def machine() -> Iterator[Machine]:
    """A machine with pm2 and a running service; the folder is short, for pm2 listens in it."""
    install_pm2()
    home = Path(tempfile.mkdtemp(prefix="tocsin-pm2-", dir="/tmp"))
    found = Machine(home)
    try:
        found.started()
        yield found
    finally:
        with suppress(subprocess.SubprocessError):
            found.say("pm2", "kill")
        shutil.rmtree(home, ignore_errors=True)


ANSWERS = {
    "/health": (200, '{"status":"ok","checks":{"database":"ok"}}'),
    "/metrics": (200, '{"errors":{"timeout":3,"validation":1}}'),
    "/broken": (500, '{"error":"pool exhausted"}'),
}
"""What the web says; to anything else, that a token is missing."""


class Web:
    """A proxy that answers for every host itself, with certificates of its own authority."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.bundle = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(self.bundle)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """What curl has to be told to ask here."""
        return {"https_proxy": f"http://127.0.0.1:{self.listener.getsockname()[1]}", "CURL_CA_BUNDLE": str(self.bundle)}

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            host = _head(connection).split()[1].rpartition(":")[0]
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.authority.issue_cert(host).configure_cert(context)
            with context.wrap_socket(connection, server_side=True) as inner:
                path = _head(inner).split()[1]
                self.asked.append(f"{host}{path}")
                if path == "/silent":
                    time.sleep(60)
                status, body = ANSWERS.get(path, (401, '{"error":"a token is missing"}'))
                inner.sendall(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
                )


def _head(connection: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    return data.decode()
