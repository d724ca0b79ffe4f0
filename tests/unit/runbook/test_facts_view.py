"""The facts of `tocsin show --format facts` have the shapes that scripts and scorers rely on."""

import os
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from conftest import ROOT
from tocsin.runbook.facts_view import facts
from tocsin.runbook.reading import read_runbook

SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
OTHERS = [EXAMPLE, SHARED / "seed/incident-response-runbook.md", *sorted(SHARED.glob("runbooks/*__*.md"))]
Section = Literal["diagnostics", "resolution", "other"]


class Fact(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    line: int


class Severity(Fact, tag="severity"):
    id: str
    name: str | None
    response: str | None


class Criterion(Fact, tag="severity_criterion"):
    severity: str
    text: str


class Level(Fact, tag="escalation_level"):
    id: str
    role: str
    after: str | None
    condition: Literal["not-resolved", "not-acknowledged"] | None
    only_severity: str | None


class Entry(Fact, tag="incident_type"):
    title: str
    severity: str | None


class Threshold(msgspec.Struct, forbid_unknown_fields=True):
    subject: str
    op: Literal[">", "<", ">=", "<=", "=="]
    value: float
    unit: str


class Symptom(Fact, tag="symptom"):
    incident_type: str
    text: str
    threshold: Threshold | None


class Command(Fact, tag="command"):
    incident_type: str | None
    section: Section
    first_word: str
    text: str
    executable: bool


class Manual(Fact, tag="manual_step"):
    incident_type: str | None
    section: Section
    text: str


class Rule(Fact, tag="entry_escalation"):
    incident_type: str
    after: str | None
    to: list[str]


class Template(Fact, tag="template"):
    title: str
    channel: Literal["slack", "status-page", "email"] | None


class Cadence(Fact, tag="cadence"):
    text: str
    every: str


class Deadline(Fact, tag="deadline"):
    what: str
    within: str


class Contact(Fact, tag="contact"):
    name: str
    value: str


AnyFact = (
    Severity | Criterion | Level | Entry | Symptom | Command | Manual | Rule | Template | Cadence | Deadline | Contact
)


class Document(msgspec.Struct, forbid_unknown_fields=True):
    document: str
    facts: list[AnyFact]


def told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(facts(read_runbook(path.read_bytes(), str(path))))
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name)
def test_every_fact_of_a_document_has_the_shape_of_its_kind(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    found = msgspec.convert(told(path), Document)
    assert found.document == path.name
    lines = len(path.read_bytes().splitlines())
    assert all(1 <= fact.line <= lines for fact in found.facts)
    assert [fact.line for fact in found.facts] == sorted(fact.line for fact in found.facts)


def test_the_example_has_facts_of_every_kind() -> None:
    assert {fact["kind"] for fact in told(EXAMPLE)["facts"]} == {
        "severity", "severity_criterion", "escalation_level", "incident_type", "symptom", "command", "manual_step",
        "entry_escalation", "template", "cadence", "deadline", "contact",
    }  # fmt: skip
