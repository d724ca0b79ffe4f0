"""What the text above a fence says of it."""

import pytest

from tocsin.runbook.leads import announces_output
from tocsin.runbook.reading import read_runbook

ENTRY = "# Tills\n\n## Incidents\n\n### Till down\n\n**Diagnosis**:\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "You should see something like this:",
        "Run the check. It will print:",
        "Expected output:",
        "The answer looks like the following:",
        "Sample output",
        "In the journal you may see messages like:",
        "If it is healthy, it returns:",
    ],
)
def test_output_is_announced(text: str) -> None:
    assert announces_output(text)


@pytest.mark.parametrize(
    "text",
    [
        "Look at the till:",
        "To see the drawers, run:",
        "You should see all tills. Then run the following command:",
        "Log in to the till:",
        "Check the logs:",
        "",
    ],
)
def test_a_command_is_announced(text: str) -> None:
    assert not announces_output(text)


def test_a_prompt_below_such_a_text_is_shown_and_not_run() -> None:
    document = ENTRY + "Run `ping till-4`. You should see:\n\n```\nann@till-1:~$ ping till-4\n64 bytes\n```\n"
    [entry] = read_runbook(document.encode()).incident_types
    commands = [step for step in entry.diagnostics if step.kind == "command"]
    assert [(step.source, step.executable) for step in commands] == [("ping till-4", True), ("ping till-4", False)]


def test_a_fence_that_calls_itself_shell_is_run_all_the_same() -> None:
    document = ENTRY + "You should see all tills:\n\n```bash\ntill-ctl list\n```\n"
    [entry] = read_runbook(document.encode()).incident_types
    assert [step.executable for step in entry.diagnostics if step.kind == "command"] == [True]
