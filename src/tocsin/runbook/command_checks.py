"""What is wrong with commands by what they do: secrets shown, changes under a harmless name, hidden scripts."""

import re

from tocsin.runbook.call_checks import check_calls, outside_quotes
from tocsin.runbook.commands import Command, commands
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.order_checks import check_order
from tocsin.runbook.policy import Runbook, Step
from tocsin.runbook.sql_checks import check_sql


def check_commands(runbook: Runbook, ledger: Ledger) -> None:
    """Record the trouble of every command of the document."""
    found = tuple(commands(runbook))
    for command in found:
        if command.step.language == "bash":
            check_calls(command, ledger)
        check_sql(command.step, command.calls, ledger)
        _check_effects(command, ledger)
    check_order(runbook, ledger)


def _check_effects(command: Command, ledger: Ledger) -> None:
    step, does = command.step, command.effects
    if "prints-secret" in does.flags:
        ledger.error(
            "RB120", step.line,
            "This command prints secrets, which then stand in the terminal, the scrollback and the incident's record.",
            _presence(command), at=step.source,
        )  # fmt: skip
    if "secret-in-argv" in does.flags:
        ledger.warn(
            "RB121", step.line,
            "This command carries a secret among its arguments, where every user of the machine sees it "
            f"in the list of processes{_and_bare(command)}.", at=step.source,
        )  # fmt: skip
    if "opaque" in does.flags:
        ledger.warn(
            "RB143", step.line,
            f"What this does cannot be seen from the runbook: {does.because}.", at=step.source,
        )  # fmt: skip
    elif does.risk != "read" and (step.section == "diagnostics" or _promises_to_look(step)):
        where = "in a diagnosis" if step.section == "diagnostics" else f'under "{step.title}"'
        ledger.warn("RB142", step.line, f"This command changes something, {where}: {does.because}.", at=step.source)


def _and_bare(command: Command) -> str:
    bare = next((found for call in command.calls if (found := outside_quotes(call)) is not None), None)
    return f", and {bare} stands outside quotes, where its value can change the command" if bare else ""


_LOOKS = re.compile(
    r"^\W*(?:quick(?:ly)?\s+|first\s+|then\s+)?(?:check|test|verify|validate|inspect|look|list|show|view|see|find|get|"
    r"display|count|measure|monitor|confirm|read|examine|review|watch|diagnose|query)\b",
    re.IGNORECASE,
)


def _promises_to_look(step: Step) -> bool:
    return step.title != step.source and bool(_LOOKS.match(step.title))


def _presence(command: Command) -> str | None:
    names = [name for call in command.calls for name in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", call.text)]
    if not any(call.name in ("env", "printenv", "echo", "printf") for call in command.calls) or not names:
        return None
    return " ".join(f'[ -n "${{{name}:-}}" ] && echo "{name} is set";' for name in dict.fromkeys(names)).rstrip(";")
