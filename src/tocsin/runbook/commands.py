"""The commands of a document with all that the rules ask of them: their calls and what they do."""

from collections.abc import Iterator
from typing import NamedTuple

from tocsin.guard.placeholders import placeholder_in
from tocsin.runbook.effects import Effects, effects
from tocsin.runbook.invocations import Invocation, invocations
from tocsin.runbook.languages import SQL
from tocsin.runbook.making import EXAMPLE, SQL_BROKEN
from tocsin.runbook.policy import IncidentType, Runbook, Step


class Command(NamedTuple):
    """A command with all that the rules ask of it; `entry` is None for a command of the document's own."""

    step: Step
    entry: IncidentType | None
    calls: tuple[Invocation, ...]
    effects: Effects

    def line(self, call: Invocation) -> int:
        """Give the line of the document on which a call begins."""
        return self.step.line + call.line


def commands(runbook: Runbook) -> Iterator[Command]:
    """Give the commands that a shell or a database would really be given, in document order of their sections."""
    for step, entry in steps_of(runbook):
        if step.kind == "command" and is_judged(step):
            calls = invocations(step.source) if step.language == "bash" else ()
            yield Command(step, entry, calls, effects(step))


def steps_of(runbook: Runbook) -> Iterator[tuple[Step, IncidentType | None]]:
    """Give every step with its entry, None for the commands and ways of working of the document."""
    for entry in runbook.incident_types:
        yield from ((step, entry) for step in entry.diagnostics)
        yield from ((step, entry) for branch in entry.resolution for step in branch.steps)
    yield from ((step, None) for step in (*runbook.commands, *runbook.procedures))


def is_judged(step: Step) -> bool:
    """Tell a command, also one with a blank or one given as an example, from text and from what cannot be read."""
    if step.language != "bash" and step.language not in SQL:
        return False
    return step.executable or step.why_not in (EXAMPLE, SQL_BROKEN) or placeholder_in(step.source) is not None
