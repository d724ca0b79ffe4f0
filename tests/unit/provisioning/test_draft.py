import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings
from tocsin.detection.watched import Unwatched, check_of
from tocsin.engine.plan import unit_of
from tocsin.explanation.binding import bound
from tocsin.explanation.explain import findings_beside
from tocsin.probes.table import OFFERS
from tocsin.provisioning.draft import draft
from tocsin.provisioning.source import Source
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Condition, Secret, Settings

SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
OTHERS = [SHARED / "seed/incident-response-runbook.md", *sorted(SHARED.glob("runbooks/*__*.md"))]


def drafted(data: bytes, name: str = "RUNBOOK.md") -> str:
    return "\n".join(draft(Source(read_runbook(data, name), decode(data).lines, name))) + "\n"


def switched_on(text: str) -> str:
    """The draft with everything switched on, as its first lines say how."""
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


def accepted(text: str) -> Settings:
    return read_settings(text, OPTIONS, OFFERS)


def unjudged(data: bytes, made: Settings) -> list[str]:
    """Give why checks of a configuration could not be judged beside that document."""
    runbook = read_runbook(data, "RUNBOOK.md")
    checks = [(probe, check) for probe in made.probes.values() for check in probe.checks]
    found = [check_of(probe, check, unit_of(probe, check.value), runbook, made) for probe, check in checks]
    return [one.why for one in found if isinstance(one, Unwatched)]


def test_what_the_example_implies_is_there_and_cites_its_lines(example: bytes) -> None:
    text = drafted(example)
    found = accepted(text)
    assert found.runbook == "RUNBOOK.md"
    assert list(found.roles) == ["L1", "L2", "L3", "Executive", "Security team", "Legal"]
    assert found.roles["Executive"] == ("cto",)
    assert found.people["cto"].email == "cto@orderbook.example"
    assert found.people["on-call-engineer"].phone == "+44 20 7946 0010"
    assert set(found.incident_types) == {entry.id for entry in read_runbook(example).incident_types}
    lines = example.decode().splitlines()
    for number, said in re.findall(r"^# RUNBOOK\.md:(\d+) (.+)$", text, re.MULTILINE):
        assert 1 <= int(number) <= len(lines), said
    assert "# RUNBOOK.md:34 Executive is: CTO" in text


def test_everything_that_is_switched_off_is_accepted_when_it_is_switched_on(example: bytes) -> None:
    found = accepted(switched_on(drafted(example)))
    assert set(found.channels) == {"console", "slack", "mail", "phone"}
    assert found.channels["slack"].options["channel"] == "#incidents"
    assert "Error rate" in found.metrics
    assert found.reports.public


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_drafts_for_documents_of_other_teams_are_accepted_as_they_are_and_switched_on(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    text = drafted(path.read_bytes(), path.name)
    accepted(text)
    assert unjudged(path.read_bytes(), accepted(switched_on(text))) == []


def test_the_seed_implies_six_roles_three_channels_and_the_variable_of_its_database(seed: bytes) -> None:
    text = drafted(seed)
    found = accepted(switched_on(text))
    assert {*found.roles} >= {"L1", "L2", "L3", "Executive", "Legal"}
    assert {*found.channels} == {"console", "slack", "pagerduty", "phone"}
    assert set(found.targets.environment) == {"DATABASE_URL"}
    assert set(found.metrics) == {"Error rate", "API response time", "Database CPU", "requests"}
    assert "XXX" not in "".join(line for line in text.splitlines() if not line.startswith("#"))


def test_every_symptom_of_the_seed_is_watched_by_a_proposal_an_alert_or_people(seed: bytes) -> None:
    runbook, made = read_runbook(seed, "R.md"), accepted(switched_on(drafted(seed)))
    told = {one.text: one.bound_to for entry in bound(runbook, made).incident_types for one in entry.symptoms}
    assert [text for text, by in told.items() if by is None] == []
    assert told["Health check failing"] == "the probe health (down)"
    assert told['Process crashes with "heap out of memory"'] == "the probe sequencer (heap)"
    assert told["Sentry alerts firing"] == "an alert source"
    kinds = {name: probe.kind for name, probe in made.probes.items()}
    assert kinds == {
        "health": "http", "orders": "http", "metrics": "http", "log": "log", "database": "postgresql",
        "sequencer": "pm2", "host": "host", "port-3000": "tcp", "supabase": "statuspage", "cloudflare": "statuspage",
        "sentry": "statuspage",
    }  # fmt: skip
    assert made.probes["metrics"].options["values"] == {"errors": "sum(values(errors))"}
    assert made.incident_types["out-of-memory"].resolved_when == (
        Condition(probe="sequencer", check="heap", for_=timedelta(minutes=2)),
    )


SHOP = """# Shop

## Incidents

### Till down (P1)

**Symptoms**:

- The till does not respond
- Answers slow, p95 latency above 700 ms
- Disk usage > 85%
- Free memory below 10%
- Too many connections to the database
- Errors > 3% on the dashboard
- Traffic above 40 MB/s
- The printer is out of paper

**Diagnosis**:

```bash
curl -fsS https://till.example.org/ready
psql "$TILL_DB" -c 'select 1'
tail -n 50 /var/log/till/till.log
curl https://{host}/healthz
curl https://user:secret@till.example.org/health
nc -z printer.local 9100
```

**Escalation**: If the till does not respond after 10 min -> Escalate to the lead
"""


def test_checks_fit_what_another_document_names_and_asks() -> None:
    made = accepted(switched_on(drafted(SHOP.encode())))
    assert unjudged(SHOP.encode(), made) == []
    checks = {f"{name}/{one.id}": one for name, probe in made.probes.items() for one in probe.checks}
    assert made.probes["health"].options == {"url": "https://till.example.org/ready"}
    assert made.probes["database"].options == {"url": Secret(env="TILL_DB")}
    assert made.probes["port-9100"].options == {"host": "printer.local", "port": 9100}
    assert (checks["host/disk"].value, checks["host/disk"].op, checks["host/disk"].limit) == ("disk_free", "<", 0.15)
    assert (checks["host/memory"].value, checks["host/memory"].limit) == ("memory_available", None)
    assert (checks["health/slow"].take, checks["health/slow"].limit) == ("p95", None)
    assert checks["database/connections"].limit == 0.9
    assert checks["log/errors"].value == "error_share"
    assert checks["host/bandwidth"].value == "received"
    assert made.incident_types["till-down"].resolved_when[0].check == "down"
    assert "The printer is out of paper" in drafted(SHOP.encode()).partition("# Nothing watches these symptoms")[2]
    assert "secret" not in drafted(SHOP.encode())


def test_what_is_called_like_a_probe_of_ours_keeps_its_own_kind() -> None:
    named = "pm2 status database\npm2 status sentry\npm2 status log"
    text = SHOP.replace("nc -z printer.local 9100", named).replace("out of paper", "quiet, as Sentry says")
    made = accepted(switched_on(drafted(text.encode())))
    kinds = {name: probe.kind for name, probe in made.probes.items()}
    assert {name: kinds[name] for name in ("database", "database-process", "sentry", "sentry-status")} == {
        "database": "postgresql", "database-process": "pm2", "sentry": "pm2", "sentry-status": "statuspage",
    }  # fmt: skip
    assert kinds["log-process"] == "pm2"
    assert unjudged(text.encode(), made) == []


def test_a_role_that_is_not_filled_in_is_still_reported_as_missing(seed: bytes) -> None:
    runbook = read_runbook(seed, "R.md")
    before = [f.line for f in findings_beside(runbook, Settings()) if f.code == "RB208"]
    beside = findings_beside(runbook, accepted(drafted(seed)))
    assert [f.line for f in beside if f.code == "RB208"] == before
    assert before
    filled = drafted(seed).replace('L2 = ["operator"]', 'L2 = ["jo"]') + '\n[people.jo]\nname = "Jo"\n'
    left = [f.line for f in findings_beside(runbook, accepted(filled)) if f.code == "RB208"]
    assert len(left) == len(before) - 1


def test_a_document_without_anything_gives_a_draft_that_serves_it() -> None:
    found = accepted(drafted(b"# Nothing here\n"))
    assert found.roles == {}
    assert set(found.sources) == {"monitoring"}


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=50)
@given(TEXTS, TEXTS, TEXTS)
def test_no_name_in_a_document_breaks_the_draft(title: str, role: str, value: str) -> None:
    text = (
        f"# {title}\n\n## Escalation\n\n1. **L1**: {role} (responds within 15 min)\n\n## Incidents\n\n### {title}\n\n"
        f"**Symptoms**:\n\n- {value} error rate > 1%\n\n**Escalation**: Immediate → {role} + {title}\n\n"
        f"## Contacts\n\n- **{role}**: {value} a@b.example\n"
    )
    made = drafted(text.encode("utf-8", "replace"), f"{title[:9]}.md")
    accepted(made)
    accepted(switched_on(made))
