"""Whether `bash` itself reads the commands: `bash -n` looks at the grammar and executes nothing."""

import shutil
import subprocess
from collections.abc import Sequence

from tocsin.runbook.commands import Command, commands
from tocsin.runbook.policy import Finding, Runbook

LIMIT = 3.0
"""Seconds for one reading."""
MOST = 200
"""So many commands are read one by one after the whole was refused."""


def unreadable(runbook: Runbook) -> list[Finding]:
    """Give RB105 for each executable command that bash does not read; nothing where there is no bash."""
    bash = shutil.which("bash")
    found = [one for one in commands(runbook) if one.step.executable and one.step.language == "bash"]
    if bash is None or not found or _error(bash, found) is None:
        return []
    told = [(one, _error(bash, [one])) for one in found[:MOST]]
    return [
        Finding(
            code="RB105", level="error", line=one.step.line,
            message=f"bash cannot read this command: {error}",
        )
        for one, error in told
        if error
    ]  # fmt: skip


def _error(bash: str, found: Sequence[Command]) -> str | None:
    """Give what bash says of these commands, each in braces of its own; None when it reads all of them."""
    text = "\n".join(one.step.source for one in found)
    try:
        done = subprocess.run(  # noqa: S603 - the program is bash, and -n only reads
            [bash, "--norc", "--noprofile", "-n"], input=text.encode(), capture_output=True, timeout=LIMIT, check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode == 0:
        return None
    first = next(iter(done.stderr.decode(errors="replace").splitlines()), "")
    return first.rpartition(": ")[2] or "it ends too early"
