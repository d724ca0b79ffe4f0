"""A PostgreSQL server of our own for measurements and chaos: the machine's binaries, as a user without rights."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

USER = "nobody"


@contextlib.contextmanager
def postgres_here(*, needed: bool) -> Iterator[Iterator[str]]:
    """Give the addresses of fresh databases, one at a time; the server ends with this."""
    if not needed:
        yield iter(())
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-") as folder:
        Path(folder).chmod(0o777)
        port = _free_port()
        _run("initdb", "-D", f"{folder}/data", "-U", "tocsin", "-A", "trust", "-E", "UTF8")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        _run("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield _databases(port)
        finally:
            _run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")


def _databases(port: int) -> Iterator[str]:
    for number in itertools.count(1):
        _run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "tocsin", f"bench{number}")
        yield f"postgresql://tocsin@127.0.0.1:{port}/bench{number}"


def _run(program: str, *arguments: str) -> None:
    as_user = ["setpriv", "--reuid", USER, "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_user, _binary(program), *arguments], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise SystemExit(f"{program} failed: {done.stderr.strip()}")


def _binary(program: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    found = shutil.which(program, path=path)
    if found is None:
        raise SystemExit(f"{program} is not installed; install PostgreSQL, or measure with --store sqlite")
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
