"""Tables with a column of commands."""

from tocsin.runbook.reading import read_runbook

DOCUMENT = """# Tills

## Incidents

### Till down

**Diagnosis**:

| Look at | Command | Good |
|---------|---------|------|
| the load | `uptime` | below 4 |
| the pods | `kubectl get pods -n tills \\| grep -v Running` | none |
| the clock | ask the shop | right |
| one till | `kubectl logs <till>` | quiet |
"""


def test_a_column_of_commands_is_read_row_by_row() -> None:
    [entry] = read_runbook(DOCUMENT.encode()).incident_types
    told = [(step.title, step.source, step.executable, step.line) for step in entry.diagnostics]
    assert told == [
        ("the load", "uptime", True, 11),
        ("the pods", "kubectl get pods -n tills | grep -v Running", True, 12),
        ("one till", "kubectl logs <till>", False, 14),
    ]
