"""On a machine with the real programs, every command that may run by itself ends in time and says something of use."""

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from integration.guard.programs import WITHIN, Machine, Web
from integration.postgres_server import Server
from tocsin.guard.ruling import Allowance
from tocsin.response.finding import finding
from tocsin.response.guard import Verdict, allowance, judge
from tocsin.runbook.policy import Runbook, Step
from tocsin.runbook.reading import read_runbook
from tocsin.runner.addresses import without_password
from tocsin.runner.command import Outcome
from tocsin.settings import Settings, Target

OWN = rb"""
# Orders

## Common Incidents

### Orders are slow

**Diagnostic Commands**:

```bash
# What the processes do
pm2 monit

# The end of the log
pm2 logs sequencer

# How often it failed
pm2 logs sequencer --err | grep -c reserve

# What is busy
top

# Who listens
ss -tulpn

# Which settings are there
env | grep -E "DATABASE_URL|ORDERS_KEY"

# Biggest tables
psql $DATABASE_URL -c "
  SELECT tablename, pg_size_pretty(pg_total_relation_size(schemaname || '.' || tablename))
  FROM pg_tables WHERE schemaname = 'public'
"

# Indexes that nobody uses
psql $DATABASE_URL -c "SELECT tablename, indexname FROM pg_stat_user_indexes WHERE idx_scan = 0"

# Open orders of a sender
psql $DATABASE_URL -c "SELECT senderAddress, count(*) FROM Intent GROUP BY senderAddress LIMIT 3"

# The same as its author meant it
psql $DATABASE_URL -c "SELECT count(*) FROM \"Intent\" WHERE \"senderAddress\" IS NOT NULL"

# What came last
git log -5
git show --stat

# How long an answer takes
curl -s -o /dev/null -w "@timing.txt" https://orders.example.org/health

# timing.txt:
# total: %{time_total}s

# How many fail
curl https://orders.example.org/metrics | jq .errors

# The proxy's log
tail -f access.log | grep 503
```
"""
PORT = 3000


@pytest.fixture(scope="module")
def listening() -> Iterator[None]:
    """Something on the port that the practice runbook looks for."""
    with ExitStack() as open_:
        with suppress(OSError):  # somebody listens there already
            open_.enter_context(socket.create_server(("127.0.0.1", PORT)))
        yield


@pytest.fixture(scope="module")
def tools(here: Machine, web: Web, postgres: Server, address: str) -> dict[str, str]:
    """The variables that the commands see: a database, a web, and settings with secrets in them."""
    (here.home / "access.log").write_text("GET / 200\nGET /orders 503\n" * 300)
    here.say("git", "init", "-q")
    here.say("git", "add", "access.log")
    here.say("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "the first")
    return {"PATH": f"{postgres.tools}:{here.environment['PATH']}", "DATABASE_URL": address, "ORDERS_KEY": "hunter-22",
            "JWT_SECRET": "hunter-33", **web.environment}  # fmt: skip


def commands(runbook: Runbook) -> list[Step]:
    return [step for step in runbook.steps() if step.kind == "command"]


def allowed(runbook: Runbook) -> Allowance:
    absent = tuple(name for name in ("netstat", "ss", "jq") if shutil.which(name) is None)
    target = Target(environment={"DATABASE_URL": "x", "ORDERS_KEY": "x", "JWT_SECRET": "x"}, absent=absent)
    return allowance(Settings(targets=target), runbook)


async def run_as_tocsin_does(here: Machine, verdict: Verdict, tools: dict[str, str]) -> Outcome:
    """Run what the verdict permits, with the password of the database beside its address."""
    more = {**tools, **dict(verdict.environment)}
    for name in verdict.connects:
        more[name], password = without_password(more[name])
        more["PGPASSWORD"] = password or ""
    return await here.run(verdict.effective, more, dict(verdict.files))


async def every_one_ends(runbook: Runbook, here: Machine, tools: dict[str, str]) -> dict[str, str]:
    """Run all that may run by itself; give what was found, by the text as its author wrote it."""
    told: dict[str, str] = {}
    context = allowed(runbook)
    for step in commands(runbook):
        verdict = judge(step, context)
        if not verdict.unattended:
            continue
        outcome = await run_as_tocsin_does(here, verdict, tools)
        found = finding(step, verdict.effective, outcome)
        assert outcome.how == "ended", (step.source, outcome)
        assert outcome.seconds < WITHIN.total_seconds()
        assert outcome.out.strip(), (step.source, outcome.err)
        refused = 22 if "pagerduty.com" in step.source else 0  # it answers 401, as it would without a token
        assert outcome.exit in {refused, 141}, (step.source, outcome)
        assert "hunter" not in outcome.out + outcome.err
        assert "p%40ss" not in outcome.out + outcome.err
        assert "password" not in found.text
        told[step.source] = found.text
    return told


@pytest.mark.usefixtures("listening")
async def test_every_command_of_a_runbook_in_other_words_ends_and_says_something(
    here: Machine, tools: dict[str, str]
) -> None:
    runbook = read_runbook(OWN)
    told = await every_one_ends(runbook, here, tools)
    waiting = [step.source for step in commands(runbook) if step.source not in told]
    assert waiting == []
    assert told['env | grep -E "DATABASE_URL|ORDERS_KEY"'] == "2 lines match, last: ORDERS_KEY is set"
    assert told["tail -f access.log | grep 503"].startswith("100 lines match")
    assert told["pm2 monit"].startswith("sequencer: online, ")
    timed = told['curl -s -o /dev/null -w "@timing.txt" https://orders.example.org/health']
    assert re.match(r"answers: total: \d+\.\d", timed)
    assert told["curl https://orders.example.org/metrics | jq .errors"].startswith("answers: {")


@pytest.mark.usefixtures("listening")
async def test_every_reading_command_of_the_practice_runbook_ends_and_says_something(
    here: Machine, tools: dict[str, str], seed: bytes
) -> None:
    runbook = read_runbook(seed)
    told = await every_one_ends(runbook, here, {**tools, "ENCRYPTION_KEY": "hunter-44"})
    assert sum(bool(judge(step, allowed(runbook)).rewritten) for step in commands(runbook)) >= 15
    lines = {step.line for step in commands(runbook) if step.source in told}
    assert {61, 64, 67, 104, 107, 110, 143, 151, 159, 197, 200, 203, 234, 237, 390, 393, 396, 399, 402, 405, 408,
            414} <= lines  # fmt: skip
