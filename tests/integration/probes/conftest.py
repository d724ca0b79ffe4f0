"""What the tests of probes share: a real pm2 with processes that run, grow, crash in a circle and fill their heap."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError

import pytest

from integration.guard.programs import Machine, install_pm2
from integration.probes.looking import PASSWORD

APPS = {
    "steady": "setInterval(() => {}, 1000); const kept = [];"
    "process.on('SIGUSR2', () => kept.push(Buffer.alloc(200 * 1024 * 1024, 1)));",
    "mends": "const fs = require('fs'), broken = `${__dirname}/broken`;"
    "if (fs.existsSync(broken)) process.exit(1); setInterval(() => fs.existsSync(broken) && process.exit(1), 20);",
    "crashes": "console.error('Error: no database'); process.exit(1);",
    "leaks": "const kept = []; for (;;) kept.push(new Array(100000).fill({}));",
}


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """A machine whose pm2 keeps processes running, with a password in the environment of each."""
    install_pm2()
    found = Machine(Path(tempfile.mkdtemp(prefix="tocsin-pm2-", dir="/tmp")))  # short, for pm2 listens in it
    apps = []
    for name, text in APPS.items():
        (found.home / f"{name}.js").write_text(text)
        environment = {"DATABASE_URL": f"postgres://app:{PASSWORD}@db/x", "LOG": "[redacted]\"'}]" * 50}
        apps.append({"name": name, "script": f"{found.home}/{name}.js", "node_args": "--max-old-space-size=16",
                     "max_restarts": 4, "min_uptime": 60_000, "env": environment})  # fmt: skip
    (found.home / "apps.json").write_text(json.dumps({"apps": apps}))
    found.say("pm2", "start", "apps.json")
    try:
        yield found
    finally:
        with suppress(SubprocessError):
            found.say("pm2", "kill")
        shutil.rmtree(found.home, ignore_errors=True)
