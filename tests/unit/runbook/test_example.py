"""The bundled example is a model: read completely, without a finding."""

from pathlib import Path

from tocsin.configuration_file import load_settings
from tocsin.runbook.reading import read_runbook

FOLDER = Path(__file__).parents[3] / "examples/sequencer"
RUNBOOK = read_runbook((FOLDER / "RUNBOOK.md").read_bytes())


def test_the_example_has_no_finding_and_is_understood_completely() -> None:
    assert RUNBOOK.findings == ()
    assert RUNBOOK.understood == 1.0


def test_the_example_has_the_six_incident_types_with_stated_severities() -> None:
    assert {entry.id: entry.severity for entry in RUNBOOK.incident_types} == {
        "sequencer-down": "P0",
        "high-error-rate": "P1",
        "database-slow-queries": "P1",
        "out-of-memory": "P1",
        "ddos-attack": "P0",
        "data-breach": "P0",
    }
    assert [entry.id for entry in RUNBOOK.incident_types if entry.restricted] == ["data-breach"]


def test_every_command_of_the_example_can_run_as_written() -> None:
    steps = [s for e in RUNBOOK.incident_types for s in (*e.diagnostics, *(s for b in e.resolution for s in b.steps))]
    commands = [step for step in (*steps, *RUNBOOK.commands) if step.kind == "command"]
    assert len(commands) > 20
    assert all(step.executable for step in commands)


def test_every_role_that_is_called_is_in_the_configuration() -> None:
    settings = load_settings(FOLDER / "demo.toml")
    called = {target for e in RUNBOOK.incident_types for target in (e.escalation.to if e.escalation else ())}
    levels = {level.id for level in RUNBOOK.escalation}
    roles = set(settings.roles) | {level.role for level in RUNBOOK.escalation if level.id in settings.roles}
    assert called | levels <= roles
    assert set(settings.incident_types) <= {entry.id for entry in RUNBOOK.incident_types}


def test_the_probes_of_the_range_name_entries_of_the_example_and_no_entry_is_left_out() -> None:
    settings = load_settings(FOLDER / "tocsin.toml")
    named = {check.incident_type for probe in settings.probes.values() for check in probe.checks}
    assert named == {entry.id for entry in RUNBOOK.incident_types}
