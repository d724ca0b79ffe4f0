"""What is run and what came of it, as values, and the environment a command starts from."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec

CAP = 256 * 1024
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Another machine and how it is reached. `name` is that of the target; the files are absolute."""

    name: str
    address: str
    user: str | None = None
    port: int = 22
    identity: str | None = None
    known_hosts: str | None = None


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A PostgreSQL that a statement is sent to. `address` holds its password."""

    address: str


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A text for bash. `environment` is all that it sees; `cap` is in bytes for each stream of output.

    `directory` None is the folder that the server runs in. `secrets` are values that must not be shown. `files` are
    laid out for it by name: it runs in a folder that holds them and nothing else, and that is gone afterwards.
    `where` None is this machine; for a database the text is one statement.
    """

    text: str
    environment: dict[str, str]
    directory: str | None = None
    timeout: timedelta = timedelta(seconds=15)
    cap: int = CAP
    secrets: tuple[str, ...] = ()
    files: dict[str, str] = {}
    where: Host | Database | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a command. A command that fails has ended; its `exit` says so.

    `cut-short`: it was stopped because it printed without end, or it was killed from outside; `exit` is None unless
    it ended. `out` and `err` are redacted, with the middle left out when they are longer than the cap.
    """

    how: Literal["ended", "timed-out", "not-started", "cut-short"]
    exit: int | None = None
    out: str = ""
    err: str = ""
    truncated: bool = False
    redactions: int = 0
    seconds: float = 0.0


def base_environment(outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the variables every command starts with, and no others of `outer` (the server's own) than PATH and HOME."""
    outer = os.environ if outer is None else outer
    folders = [folder for folder in outer.get("PATH", PATH).split(":") if folder.startswith("/")]
    return {
        "PATH": ":".join(folders) or PATH,
        "HOME": outer.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "CI": "1",
    }
