"""What this machine lacks that commands of a runbook are often written for."""

import re
import shutil
import subprocess

from tocsin.runner.command import base_environment

_LOOKED_FOR = ("netstat", "ss", "jq")
_VERSION = re.compile(r"curl ([0-9]{1,3})\.([0-9]{1,3})")
_FAILS_WITH_BODY = (7, 76)
PATIENCE = 5


def absent_here() -> tuple[str, ...]:
    """Give the programs that are not here, and `curl --fail-with-body` where curl is too old to know that option."""
    path = base_environment()["PATH"]
    absent = [name for name in _LOOKED_FOR if shutil.which(name, path=path) is None]
    curl = shutil.which("curl", path=path)
    if curl and not _knows_fail_with_body(curl):
        absent.append("curl --fail-with-body")
    return tuple(absent)


def _knows_fail_with_body(curl: str) -> bool:
    try:
        told = subprocess.run([curl, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False).stdout  # noqa: S603  found on the PATH
    except (OSError, subprocess.SubprocessError):
        return False
    found = _VERSION.match(told)
    return found is not None and (int(found[1]), int(found[2])) >= _FAILS_WITH_BODY
