"""What is wrong with commands by what they do: secrets shown, changes under a harmless name, hidden scripts."""

import re

from tocsin.guard.judgement import Effect
from tocsin.runbook.call_checks import check_calls, outside_quotes, shows_processes
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
        readable = check_sql(command.step, ledger)
        _check_ends(command, ledger)
        _check_effects(command, ledger, readable=readable)
    check_order(runbook, ledger)


_STAYS = {
    "endless": ("RB103", "This command never comes back"),
    "tty": ("RB104", "This command cannot run without a terminal"),
}
_NOT_ENDING = ", so it would not end by itself"
UNKNOWN_PROGRAM = "is not on the list of commands that are known to read only"


def _check_ends(command: Command, ledger: Ledger) -> None:
    """Record RB103 and RB104 by the guard's judgement, with what would run instead."""
    step, does = command.step, command.effects
    for flag, (code, says) in _STAYS.items():
        part = does.part(flag)  # type: ignore[arg-type]
        if part is None or (flag == "tty" and "server" in part.why):
            continue  # a server never comes back, but it asks nobody
        why = part.why.removesuffix(_NOT_ENDING)
        if why.endswith("changes something"):
            why = "it runs until it is stopped" if flag == "endless" else "it asks a person"
        ledger.error(
            code, step.line + _down(step, part), f"{says}: {why}.", does.effective or part.instead or None,
            at=_words(step, part),
        )  # fmt: skip


def _down(step: Step, part: Effect) -> int:
    """Give how many lines below its first the part of a command begins."""
    return step.source.count("\n", 0, part.start)


def _words(step: Step, part: Effect) -> str:
    return step.source[part.start : part.end].strip() or step.source


def _check_effects(command: Command, ledger: Ledger, *, readable: bool) -> None:
    step, does = command.step, command.effects
    shown = does.part("prints-secret")
    if shown is not None and not _only_among_others(command):
        ledger.error(
            "RB120", step.line + _down(step, shown),
            "This command prints secrets, which then stand in the terminal, the scrollback and the incident's record.",
            _presence(command), at=_words(step, shown),
        )  # fmt: skip
    carried = does.part("secret-in-argv")
    if carried is not None:
        ledger.warn(
            "RB121", step.line + _down(step, carried),
            "This command carries a secret among its arguments, where every user of the machine sees it "
            f"in the list of processes{_and_bare(command)}.", at=_words(step, carried),
        )  # fmt: skip
    hidden = does.part("opaque")
    if hidden is not None:
        # A program that nobody has told the guard of is unknown too, but its own manual says what it does.
        if not hidden.why.endswith(UNKNOWN_PROGRAM) and "tty" not in hidden.flags:
            ledger.warn(
                "RB143", step.line + _down(step, hidden), f"Nobody can see here what this does: {hidden.why}.",
                at=_words(step, hidden),
            )  # fmt: skip
    elif readable and does.risk != "read" and (step.section == "diagnostics" or _promises_to_look(step)):
        where = "in a diagnosis" if step.section == "diagnostics" else f'under "{step.title}"'
        ledger.warn("RB142", step.line, f"This command changes something, {where}: {does.because}.", at=step.source)


_SECRET_WORDS = re.compile(r"passw|secret|token|credential|api_?key|private", re.IGNORECASE)


def _only_among_others(command: Command) -> bool:
    """Tell whether secrets are shown only beside much else, as in a dump of all processes: that is RB122."""
    dumps = any(shows_processes(call) for call in command.calls)
    return dumps and not _SECRET_WORDS.search(command.step.source)


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
