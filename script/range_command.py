"""`script/range`: everything of the example's service on loopback, in one folder, and away again."""

import argparse
import fcntl
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from free_ports import free_ports
from range_database import Database
from range_injection import end_injection, inject, restore
from range_node import SERVICE, Pm2, Release, answers, check_git, find_node
from range_processes import ENDINGS, Process, Unusable, heard_later, process, until

from tocsin.drill.live_record import held, record_of, take_away
from tocsin.errors import TocsinError

ROOT = Path(__file__).resolve().parent.parent
BUCKET = "incident-evidence"
STATE = "range.json"
LOOPBACK = "127.0.0.1"
OWN_PORTS = ("admin", "rates", "postgres", "s3")
ROWS = 400_000


def main(argv: list[str]) -> int:
    """Run one command: 0 done, 1 it does not run, 2 it cannot."""
    parser = argparse.ArgumentParser(prog="script/range", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status", "inject", "restore"))
    parser.add_argument("fault", nargs="?", default="", help="inject: which one, such as sequencer-down/killed")
    parser.add_argument(
        "--for", dest="seconds", type=float, default=60, help="inject: for so many seconds (default 60)"
    )
    parser.add_argument("--port", type=int, default=3000, help="where the service listens (default 3000)")
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".range", help="the folder all of it lives in (default .range)"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="intents in the database (default %(default)s)")
    args = parser.parse_args(argv)
    found = Range(args.data.resolve())
    for sign in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sign) != signal.SIG_IGN:  # as `nohup` has it: the terminal may close
            signal.signal(sign, lambda number, _: sys.exit(128 + number))
    # Also where a shell started it in the background, which has it ignore interruptions: it is mended then too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if args.command in {"inject", "restore"}:
            with found.held():  # up and down are over
                pass
            return inject(found, args.fault, args.seconds) if args.command == "inject" else restore(found)
        with found.held():
            if args.command == "up":
                return found.up(args.port, args.rows)
            return found.down() if args.command == "down" else found.status()
    except (Unusable, TocsinError) as error:
        print(f"script/range: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads has seen enough; what Python would still flush goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


class Range:
    """All parts of it, and what is written down about them."""

    def __init__(self, folder: Path) -> None:
        """Take the folder all of it lives in."""
        self.folder = folder
        self._ports: dict[str, int] = {}
        self._processes: dict[str, Process] = {}

    def _read(self) -> None:
        if (self.folder / STATE).exists():
            kept = json.loads((self.folder / STATE).read_text())
            self._ports = kept["ports"]
            self._processes = {name: Process(*each) for name, each in kept["processes"].items()}

    # -- what is asked of it

    def up(self, port: int, rows: int) -> int:
        """Start it, unless it runs; what was half started is taken away again."""
        if self.well():
            print("It runs already.")
            return self.status()
        self.pm2.check_home()
        if self._ports:
            self._end_fault()
            self._take_away()
        self._empty_place()
        try:
            self._free(port)
            self._start(port, rows)
        except BaseException:
            self._take_away()
            raise
        return self.status()

    def down(self) -> int:
        """End what was started here and remove the folder."""
        if not self._ports:
            print("Nothing of it is there.")
            return 0
        self._end_fault()
        self._take_away()
        print("Down: no process, port or file of it is left.")
        return 0

    def _end_fault(self) -> None:
        """End the injection that is under way, and what a live drill that was killed left beside it."""
        record = record_of(self.folder / "environment", None)
        if not record.exists():
            end_injection(self)
            return
        with held(record) as left:
            end_injection(self)
            take_away(left, "inject", "restore", "server")
            left.note(fault="", restore=())
        print("What a live drill that was killed had left is ended.")

    def _take_away(self) -> None:
        for sign in ENDINGS:
            signal.signal(sign, signal.SIG_IGN)  # half taken away would be worse than late
        self.pm2.stop()
        for name in ("s3", "postgres"):
            if name in self._processes:
                self._processes[name].end(signal.SIGINT)
        if not until(self._removed, 5):
            raise Unusable(f"{self.folder} cannot be removed: look who still writes there, then remove it")
        self._ports, self._processes = {}, {}

    def _removed(self) -> bool:
        shutil.rmtree(self.folder, ignore_errors=True)
        return not self.folder.exists()

    def status(self) -> int:
        """Say what runs and where; 0 when all of it does."""
        if not self._ports:
            print("Nothing of it is there: start it with script/range up")
            return 1
        for name, each in self._processes.items():
            print(f"{name:9} {'runs' if each.alive else 'does not run'}, process {each.pid}")
        service = f"http://{LOOPBACK}:{self._ports['service']}"
        well = self.well()
        print(f"service   {service} {'is healthy' if well else 'is NOT healthy'}")
        print(f"database  {self.database.url()}")
        print(f"evidence  s3://{BUCKET} at http://{LOOPBACK}:{self._ports['s3']}")
        print(f"releases  {self.release.folder} ({self.release.git('describe', '--tags')} is in force)")
        print(f"shell     set -a; . {shlex.quote(str(self.folder / 'environment'))}; set +a")
        return 0 if well else 1

    # -- its parts

    @property
    def database(self) -> Database:
        """The PostgreSQL."""
        return Database(self.folder / "postgres", self._ports["postgres"])

    @property
    def port(self) -> int:
        """Where the service listens."""
        return self._ports["service"]

    @property
    def server(self) -> Process:
        """The process of the database."""
        return self._processes["postgres"]

    def database_runs(self) -> None:
        """Start the database again if it does not run."""
        if not self.server.alive:
            self.database.launch(lambda started: self._keep("postgres", started))

    def start_afresh(self) -> None:
        """Start the service anew, under a new daemon if the former one is gone."""
        self._keep("pm2", self.pm2.afresh())

    @property
    def release(self) -> Release:
        """The place the service runs from."""
        return Release(self.folder / "releases")

    @property
    def pm2(self) -> Pm2:
        """What keeps the service running."""
        return Pm2(self.folder / "pm2", self.environment, self.release.folder)

    @property
    def environment(self) -> dict[str, str]:
        """What the service, and whoever works on it, runs with."""
        bin_of_packages = self.release.folder / "node_modules" / ".bin"
        kept = self.folder / "environment"
        own = dict(word.split("=", 1) for word in shlex.split(kept.read_text())) if kept.exists() else {}
        return {"HOME": str(self.folder), "PATH": f"{bin_of_packages}:{os.environ['PATH']}", **own}

    def _start(self, port: int, rows: int) -> None:
        self._ports = {"service": port} | dict(zip(OWN_PORTS, free_ports(len(OWN_PORTS)), strict=True))
        self._write()
        node = find_node()
        check_git()
        packages = node.install()
        self.database.start(lambda started: self._keep("postgres", started))
        self.database.fill(SERVICE / "schema.sql", rows)
        self._start_s3()
        self.release.make(packages)
        (self.folder / "environment").write_text(self._environment_of(node.program))
        self._keep("pm2", self.pm2.start())
        if not answers(f"http://{LOOPBACK}:{port}/health", 60):
            raise Unusable(f"the service does not become healthy: {self._last_error()}")

    def _environment_of(self, node: Path) -> str:
        programs = (self.release.folder / "node_modules" / ".bin", self.database.binaries, node.parent)
        service, admin = (f"http://{LOOPBACK}:{self._ports[name]}" for name in ("service", "admin"))
        values = {
            "PATH": ":".join((*map(str, programs), os.environ["PATH"])),
            "PM2_HOME": self.folder / "pm2",
            "PM2_DISCRETE_MODE": "true",
            "RELEASE": self.release.folder,
            "PORT": self._ports["service"],
            "ADMIN_PORT": self._ports["admin"],
            "RATES_PORT": self._ports["rates"],
            "DATABASE_URL": self.database.url(),
            "INTENTS_URL": f"{service}/api/v1/intents",
            "HEALTH_URL": f"{admin}/health",
            "METRICS_URL": f"{admin}/metrics?format=prometheus",
            "AWS_ACCESS_KEY_ID": "range",
            "AWS_SECRET_ACCESS_KEY": "range",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self._ports['s3']}",
        }
        return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())

    def _start_s3(self) -> None:
        if find_spec("moto") is None:
            raise Unusable("no S3 to be had: run script/setup --dev, which brings moto's server")
        port = self._ports["s3"]
        with (self.folder / "s3.log").open("ab") as log, heard_later():
            command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)]
            server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
            self._keep("s3", process(server.pid))
        if not answers(f"http://{LOOPBACK}:{port}/moto-api/", 60):
            raise Unusable(f"moto's server does not start: look at what it says with {sys.executable} -m moto.server")
        _make_bucket(port)

    def well(self) -> bool:
        """Whether all of it runs and the service says that it is well."""
        return (
            set(self._processes) == {"postgres", "s3", "pm2"}
            and all(each.alive for each in self._processes.values())
            and answers(f"http://{LOOPBACK}:{self._ports['service']}/health", 0)
        )

    def _last_error(self) -> str:
        log = self.folder / "pm2" / "logs" / "sequencer-error.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        return lines[-1] if lines else "it says nothing"

    # -- its folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """One command at a time: the lock is on the folder above, for this one comes and goes."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._read()
            yield
        finally:
            os.close(handle)

    def _keep(self, name: str, started: Process) -> None:
        self._processes[name] = started
        self._write()

    def _write(self) -> None:
        new = self.folder / f"{STATE}.new"
        new.write_text(json.dumps({"ports": self._ports, "processes": self._processes}))
        new.replace(self.folder / STATE)

    def _empty_place(self) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            raise Unusable(f"{self.folder} holds other files: choose an empty folder with --data")
        self.folder.mkdir(parents=True, exist_ok=True)

    def _free(self, port: int) -> None:
        with socket.socket() as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                bound.bind((LOOPBACK, port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise Unusable(f"port {port} cannot be used ({reason}): choose another with --port") from None


def _make_bucket(port: int) -> None:
    import urllib.request  # noqa: PLC0415

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(f"http://{LOOPBACK}:{port}/{BUCKET}", method="PUT"), timeout=10).close()
