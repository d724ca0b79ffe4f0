"""What this machine lacks that commands of a runbook are often written for. Nothing is started to find out."""

import mmap
import shutil
from pathlib import Path

from tocsin.runner.command import base_environment

_LOOKED_FOR = ("netstat", "ss", "jq")


def absent_here() -> tuple[str, ...]:
    """Give the programs that are not here, and `curl --fail-with-body` where curl is too old to know that option."""
    path = base_environment()["PATH"]
    absent = [name for name in _LOOKED_FOR if shutil.which(name, path=path) is None]
    curl = shutil.which("curl", path=path)
    if curl and not knows_fail_with_body(Path(curl)):
        absent.append("curl --fail-with-body")
    return tuple(absent)


def knows_fail_with_body(curl: Path) -> bool:
    """Tell whether a curl knows that option, of 7.76: the names of its options stand in the program itself.

    Starting it to ask for its version takes longer than everything else that a start has to find out.
    """
    try:
        with curl.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
            return program.find(b"fail-with-body") >= 0
    except (OSError, ValueError):
        return False
