"""A real sshd of the tests' own, run by a user without rights; without one, a stand-in for the client."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from free_ports import free_port

from tocsin.runner.command import Host

SSHD = os.environ.get("TOCSIN_SSHD") or shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_STAND_IN = """\
#!/bin/bash
# Does what `ssh -F none -T ... -- HOST COMMAND` does for whoever calls it: the command goes to a login shell over there
# with none of the variables from here, input and output are passed on, and 255 means that ssh itself failed.
while [ "$1" != "--" ]; do shift; done
case "$2" in
  refused*) echo "ssh: connect to host $2 port 22: Connection refused" >&2; exit 255 ;;
  unknown*) echo "Host key verification failed." >&2; exit 255 ;;
esac
exec env -i HOME=/ PATH="$PATH" sh -c "$3"
"""


class Server:
    """A running sshd, and how it is reached."""

    def __init__(self, folder: Path, port: int, user: pwd.struct_passwd) -> None:
        self.folder, self.port, self.user = folder, port, user
        self.process: subprocess.Popen[bytes] | None = None

    def host(self, **changed: str | int) -> Host:
        """How the runner is told of it."""
        given = {
            "name": "web", "address": "127.0.0.1", "user": self.user.pw_name, "port": self.port,
            "identity": str(self.folder / "client"), "known_hosts": str(self.folder / "known"),
        }  # fmt: skip
        return Host(**{**given, **changed})  # type: ignore[arg-type]  # what a test gives it

    def start(self) -> None:
        """Run it in the foreground, as a user who cannot become another."""
        own = {} if os.getuid() == self.user.pw_uid else {
            "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []
        }  # fmt: skip
        self.process = subprocess.Popen(
            [str(self.folder / "sshd"), "-D", "-e", "-f", str(self.folder / "sshd_config")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("wb"),
            **own,  # type: ignore[call-overload]  # root's own rights
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """End it together with every session of it, as when its machine is gone."""
        if self.process is None:
            return
        told = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        sessions = [line.split(maxsplit=2) for line in told.splitlines() if "sshd: " in line]
        ours = [self.process.pid]  # it and the sessions below it: others may run one for the same user
        for process in ours:
            ours += [int(pid) for pid, parent, _ in sessions if int(parent) == process]
        for process in reversed(ours):
            with suppress(OSError):
                os.kill(process, 9)
        self.process.wait()


def _somebody() -> pwd.struct_passwd:
    """Who may log in: ourselves, or for root another user that has a shell."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    shells = [one for one in pwd.getpwall() if one.pw_uid and one.pw_shell.endswith(("/bash", "/sh"))]
    if not shells:
        pytest.skip("root runs the tests, and no other user has a shell to log in to")
    return shells[0]


@contextmanager
def sshd() -> Iterator[Server]:
    """Give a running server with fresh keys; skips where there is none."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("no sshd here (TOCSIN_SSHD names one)")
    with tempfile.TemporaryDirectory(prefix="tocsin-sshd-", ignore_cleanup_errors=True) as name:
        server = Server(Path(name), free_port(), _somebody())
        _write(server)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _write(server: Server) -> None:
    folder = server.folder
    shutil.copy(str(SSHD), folder / "sshd")  # the other user may not reach where it lies
    for key in ("server", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)], check=True)
    (folder / "authorized").write_text((folder / "client.pub").read_text())
    kind, key, *_ = (folder / "server.pub").read_text().split()
    (folder / "known").write_text(f"[127.0.0.1]:{server.port} {kind} {key}\n")
    (folder / "sshd_config").write_text(
        f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/server\nPidFile none\nUsePAM no\n"
        f"StrictModes no\nAuthorizedKeysFile {folder}/authorized\nPasswordAuthentication no\nPrintMotd no\n"
    )
    folder.chmod(0o711)
    for path in folder.iterdir():
        if path.name != "client":
            os.chown(path, server.user.pw_uid, server.user.pw_gid)
    (folder / "log").touch()
    os.chown(folder, server.user.pw_uid, server.user.pw_gid)


@contextmanager
def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Host]:
    """Give a host that a stand-in for `ssh` reaches: what the runner sends is run on this machine."""
    program = folder / "ssh"
    program.write_text(_STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    yield Host(name="web", address="web-1")
