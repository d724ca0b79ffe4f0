"""Steps run where the configuration says: on another machine by ssh, in a real PostgreSQL, on this one."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.postgres_server import Server
from integration.runner.ssh_server import stand_in
from integration.servers import PATIENCE, TEAM_THAT_RUNS, Here, serving
from tocsin.configuration import read_settings
from tocsin.inspection.looking import look_around
from tocsin.runbook.reading import read_runbook

RUNBOOK = """\
# Shop

## Severity levels

### P1 - High (Response Time: 15 minutes)

## Incidents

### 1. Ledger Slow

**Severity**: P1

**Diagnosis**:

```sql
SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid();
```

```sql
SELECT name FROM orders WHERE id = 7;
```

```bash
uptime
printf '%s\\n' "$SHOP_REGION"
```

**Resolution**:

```sql
DELETE FROM orders WHERE id = 7;
```

```bash
touch "$SHOP_MARK"
```

### 2. Till Down

**Severity**: P1

**Diagnosis**:

```bash
uptime
```

```bash
ls
```
"""
CONFIG = f"""{TEAM_THAT_RUNS}
[targets]
default = ["web", "ledger"]

[targets.web]
kind = "ssh"
host = "web-1"
directory = "/tmp"
environment = {{ SHOP_REGION = "over-there", SHOP_MARK = "@at@" }}

[targets.ledger]
kind = "sql"
url = {{ env = "LEDGER_URL" }}

[targets.local]
directory = {{ env = "SHOP_RELEASE" }}

[incident_types.till-down]
targets = ["local"]
"""
PASSWORD = "Zq7-ledger"


@pytest.fixture
def ledger(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with an order in it and a role that has a password, and whose rights are not held back."""
    url = postgres.empty()
    name = url.rpartition("/")[2]
    postgres.say(f"CREATE ROLE r{name} LOGIN PASSWORD '{PASSWORD}'")
    postgres.ask_for_passwords(f"r{name}")
    made = "CREATE TABLE orders (id int, name text); INSERT INTO orders VALUES (7, 'kiln')"
    postgres.say(f"{made}; GRANT ALL ON orders TO r{name}", name)
    monkeypatch.setenv("LEDGER_URL", f"postgresql://r{name}:{PASSWORD}@127.0.0.1:{postgres.port}/{name}")
    monkeypatch.setenv("PATH", f"{postgres.tools}:{os.environ['PATH']}")
    (tmp_path / "release-7").mkdir()
    (tmp_path / "release-7" / "kiln.txt").touch()
    monkeypatch.setenv("SHOP_RELEASE", str(tmp_path / "release-7"))
    return name


@pytest.fixture
async def shop(ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    del ledger
    path = tmp_path / "RUNBOOK.md"
    path.write_text(RUNBOOK)
    with stand_in(monkeypatch, tmp_path):
        async with serving(tmp_path / "data", path, CONFIG.replace("@at@", str(tmp_path / "mark"))) as here:
            yield here


async def ran(here: Here, entry: str) -> dict[str, dict[str, Any]]:
    """Open an incident of a kind and give its steps by their text once none is waiting or runs."""
    made = await here.post("/api/v1/incidents", {"summary": entry, "type": entry})
    assert made.status_code in {200, 201}, made.text
    number = made.json()["id"]
    async with asyncio.timeout(PATIENCE):
        while True:
            steps = (await here.get(f"/api/v1/incidents/{number}")).json()["steps"]
            if all(step["status"] not in {"chosen", "approved", "running", "will"} for step in steps):
                return {step["source"].strip(): step | {"number": number} for step in steps}
            await asyncio.sleep(0.05)


async def test_sql_of_the_document_runs_in_the_database_and_commands_over_there(shop: Here) -> None:
    steps = await ran(shop, "ledger-slow")
    count = steps["SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid();"]
    assert (count["target"], count["outcome"]["exit"]) == ("ledger", 0)
    assert count["outcome"]["found"] == "1 connection"  # its own: others come and go
    assert steps["SELECT name FROM orders WHERE id = 7;"]["outcome"]["found"] == "name: kiln"
    there = steps["uptime"]
    assert (there["target"], there["outcome"]["exit"]) == ("web", 0)


async def test_what_would_change_the_database_runs_for_nobody(shop: Here, postgres: Server, ledger: str) -> None:
    steps = await ran(shop, "ledger-slow")
    delete = steps["DELETE FROM orders WHERE id = 7;"]
    assert delete["outcome"] is None
    refused = await shop.post(f"/api/v1/incidents/{delete['number']}/steps/{delete['id']}/run", {})
    assert refused.status_code == 409
    assert "[targets.ledger] only reads" in refused.text
    assert (await ran(shop, "ledger-slow"))["SELECT name FROM orders WHERE id = 7;"]["outcome"]["exit"] == 0
    del postgres, ledger


async def test_an_entry_can_name_its_own_place(shop: Here) -> None:
    steps = await ran(shop, "till-down")
    assert steps["uptime"]["target"] == "local"
    assert steps["ls"]["outcome"]["found"] == "kiln.txt"
    page = await shop.get(f"/app/incidents/{steps['ls']['number']}")
    assert "On the server, in $SHOP_RELEASE" in page.text


async def test_a_step_sees_what_is_inherited_and_of_secrets_only_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "shopctl").write_text(
        '#!/bin/sh\necho "home ${SHOP_HOME-}, key ${SHOP_KEY-none}, ${SHOP_ABSENT-absent}"\n'
    )
    (tools / "shopctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("SHOP_HOME", "/srv/shop")
    monkeypatch.setenv("SHOP_KEY", PASSWORD)
    path = tmp_path / "RUNBOOK.md"
    path.write_text(RUNBOOK.replace("```bash\nuptime\n```", "```bash\nshopctl home\n```"))
    local = """
[targets.local]
inherit = ["SHOP_HOME", "SHOP_ABSENT"]
environment = { SHOP_KEY = { env = "SHOP_KEY" } }
[guard.programs.shopctl]
read = "home"
"""
    async with serving(tmp_path / "data", path, TEAM_THAT_RUNS + local) as here:
        steps = await ran(here, "till-down")
    assert steps["shopctl home"]["outcome"]["found"] == "home /srv/shop, key none, absent"


async def test_the_password_is_nowhere_and_the_doctor_asks_every_place(shop: Here) -> None:
    steps = await ran(shop, "ledger-slow")
    number = next(iter(steps.values()))["number"]
    assert PASSWORD not in (await shop.get(f"/api/v1/incidents/{number}")).text
    checks = {check["name"]: check for check in (await shop.get("/api/v1/doctor")).json()["checks"]}
    assert checks["target web"]["level"] == "ok"
    assert checks["target ledger"]["level"] == "ok"


async def test_the_doctor_says_why_no_step_runs_there(
    ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ledger
    path = tmp_path / "RUNBOOK.md"
    path.write_text(RUNBOOK)
    monkeypatch.setenv("LEDGER_URL", f"postgresql://nobody:{PASSWORD}@127.0.0.1:1/ledger")
    with stand_in(monkeypatch, tmp_path):
        async with serving(tmp_path / "data", path, CONFIG.replace('"web-1"', '"refused"')) as here:
            checks = {check["name"]: check for check in (await here.get("/api/v1/doctor")).json()["checks"]}
            assert checks["target web"]["level"] == "error"
            assert "web cannot be reached: ssh: connect to host refused" in checks["target web"]["text"]
            assert checks["target ledger"]["level"] == "error"
            assert "Connection refused" in checks["target ledger"]["text"]
            assert PASSWORD not in str(checks)


def test_a_check_asks_the_machine_that_runs_the_step(
    ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ledger
    text = RUNBOOK.replace("```bash\nuptime\nprintf", "```bash\nshopctl-over-there status\nprintf")
    text = text.replace("```bash\nuptime\n```", "```bash\nshopctl-here status\n```")
    with stand_in(monkeypatch, tmp_path):
        found = look_around(read_runbook(text.encode()), read_settings(CONFIG), tmp_path)
    told = [one.message for one in found if one.code == "RB112"]
    assert "`shopctl-over-there` is not installed on web, which runs the step" in told
    assert "`shopctl-here` is not installed on this machine, which runs the steps" in told
    with stand_in(monkeypatch, tmp_path):
        gone = CONFIG.replace('"web-1"', '"refused"')
        found = look_around(read_runbook(text.encode()), read_settings(gone), tmp_path)
    assert any("[targets.web] was not looked at: web cannot be reached" in one.message for one in found)
