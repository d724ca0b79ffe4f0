"""PagerDuty's own client for Node against us, unmodified, over TLS because it knows nothing else."""

import asyncio
import fcntl
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.servers import Here, serving

PDJS = Path(__file__).parent / "pdjs"


def install() -> None:
    """Install exactly what the lock file says, once for all test processes."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("needs Node.js with npm, which brings PagerDuty's client")
    with (PDJS / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PDJS / "node_modules" / "@pagerduty").exists():
            words = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(words, cwd=PDJS, check=True, capture_output=True)


@pytest.fixture
async def secured(tmp_path: Path, certificate: tuple[Path, Path]) -> AsyncIterator[Here]:
    """A Tocsin that speaks TLS, as PagerDuty's clients insist."""
    async with serving(tmp_path / "data", tls=certificate) as found:
        yield found


async def test_pagerdutys_client_for_node_triggers_reads_takes_notes_and_resolves(
    secured: Here, tmp_path: Path
) -> None:
    install()
    base, who = secured.client.base_url, (await secured.token("mira"))["Authorization"].removeprefix("Bearer ")
    process = await asyncio.create_subprocess_exec(
        "node", "walk.js", f"{base.host}:{base.port}", secured.routing_key, who, cwd=PDJS,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_EXTRA_CA_CERTS": str(tmp_path / "ca.pem")},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, err.decode()
    said = json.loads(out)
    assert said["told"] == [202, {"status": "success", "message": "Event processed", "dedup_key": "till"}]
    assert said["deployed"] == [202, {"status": "success", "message": "Change event processed"}]
    assert said["wrong"] == [400, "invalid event"]
    assert (said["open"]["incident_key"], said["taken"]) == ("till", "acknowledged")
    assert said["noted"] == [200, "on it"]
    assert said["pages"] > 3
    assert (said["over"], said["denied"]) == (202, [401, 2006])
    await secured.until(lambda found: found[0]["status"] == "resolved")
