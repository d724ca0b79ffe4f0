"""Whether the programs and the absolute files that commands need are on this machine."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from tocsin.runbook.policy import Finding
from tocsin.runbook.references import Reference
from tocsin.settings import Settings


def absent_on_target(needed: Iterable[Reference], settings: Settings) -> list[Finding]:
    """Give RB112 for programs that are not on the path, and RB111 for absolute files that are not there."""
    path = settings.targets.environment.get("PATH")
    found: dict[str, Finding] = {}
    for one in needed:
        if one.kind == "program" and shutil.which(one.name, path=path if isinstance(path, str) else None) is None:
            found.setdefault(one.name, Finding(
                code="RB112", level="warning", line=one.line,
                message=f"`{one.name}` is not installed on this machine, which runs the steps",
            ))  # fmt: skip
        elif one.kind == "file" and one.name.startswith("/") and not _is_there(one.name):
            found.setdefault(one.name, Finding(
                code="RB111", level="warning", line=one.line, message=f"{one.name} is not on this machine",
            ))  # fmt: skip
    return list(found.values())


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except PermissionError:
        return True
    except OSError:
        return False
