import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings
from tocsin.explanation.explain import findings_beside
from tocsin.provisioning.draft import draft
from tocsin.provisioning.source import Source
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings

SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
OTHERS = [SHARED / "seed/incident-response-runbook.md", *sorted(SHARED.glob("runbooks/*__*.md"))]


def drafted(data: bytes, name: str = "RUNBOOK.md") -> str:
    return "\n".join(draft(Source(read_runbook(data, name), decode(data).lines, name))) + "\n"


def switched_on(text: str) -> str:
    """The draft with everything switched on, as its first lines say how."""
    return re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)


def accepted(text: str) -> Settings:
    return read_settings(text, OPTIONS)


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
    accepted(switched_on(text))


def test_the_seed_implies_six_roles_three_channels_and_the_variable_of_its_database(seed: bytes) -> None:
    text = drafted(seed)
    found = accepted(switched_on(text))
    assert {*found.roles} >= {"L1", "L2", "L3", "Executive", "Legal"}
    assert {*found.channels} == {"console", "slack", "pagerduty", "phone"}
    assert set(found.targets.environment) == {"DATABASE_URL"}
    assert set(found.metrics) == {"Error rate", "API response time", "Database CPU", "requests"}
    assert "XXX" not in "".join(line for line in text.splitlines() if not line.startswith("#"))


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
