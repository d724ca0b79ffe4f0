"""A PostgreSQL server of our own for measurements and chaos: the machine's binaries, as a user without rights."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from free_ports import free_port
from postgres_binaries import as_user, find_binaries


class PostgresHere:
    """One server on a port of its own; `next` of it is the address of a fresh database."""

    def __init__(self, folder: Path) -> None:
        """Make its files, without starting it."""
        self._folder, self._port, self._made = folder, free_port(), 0
        self._binaries = _binaries(folder)
        self._run("initdb", "-D", f"{folder}/data", "-U", "tocsin", "-A", "trust", "-E", "UTF8")

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-l", f"{self._folder}/log", "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it as a crash does, or politely with `fast`."""
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", mode, "stop")

    def __iter__(self) -> "PostgresHere":
        """Give itself: every step is another database."""
        return self

    def __next__(self) -> str:
        """Make a database and give its address."""
        self._made += 1
        name = f"tocsin{self._made}"
        self._run("psql", "-qX", "-d", self._url("postgres"), "-c", f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://tocsin@127.0.0.1:{self._port}/{database}"

    def _run(self, program: str, *arguments: str) -> None:
        # Whoever starts a server must not wait for what it keeps open, so nothing is captured through a pipe.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [self._binaries / program, *arguments], stdout=said, stderr=said, check=False, cwd="/", **as_user()
            )
            if done.returncode:
                said.seek(0)
                raise SystemExit(f"{program} failed: {said.read().decode(errors='replace').strip()[-500:]}")


@contextlib.contextmanager
def postgres_here() -> Iterator[PostgresHere]:
    """Give a running server, which ends with this."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-") as folder:
        Path(folder).chmod(0o777)
        server = PostgresHere(Path(folder))
        server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(SystemExit):  # it may have been stopped on purpose
                server.stop()


def _binaries(folder: Path) -> Path:
    found = find_binaries(folder)
    if found is None:
        raise SystemExit("no PostgreSQL found: install it (Debian: postgresql), or use --store sqlite")
    return found
