"""Which steps run, and when: diagnostics by themselves when an incident opens, the rest when a person says so."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from tocsin.errors import NotFound, Refused
from tocsin.guard.ruling import Allowance
from tocsin.identity import These
from tocsin.incident.facts import DiagnosticsChosen, StepApproved, StepChecked
from tocsin.incident.incident import Incident
from tocsin.incident.step_facts import Chosen
from tocsin.incident.step_facts import Refused as RefusedStep
from tocsin.incident.world import World
from tocsin.response.guard import allowance, judge
from tocsin.runbook.policy import IncidentType, Runbook, Step
from tocsin.settings import Settings

LONGEST_CHANGE = 120.0
"""Seconds a step may take that a person started and that is not proven to be read-only."""


class RunDue(NamedTuple):
    """A step to be run at `due`; `run` counts its runs, `changes` = a person approved it."""

    step: str
    run: int
    due: datetime
    changes: bool


def looks_of(entry: IncidentType | None, world: World) -> DiagnosticsChosen | None:
    """Give which of an entry's diagnostics run by themselves, where its commands run; None when it has none."""
    return _looks(These(entry, *world)) if entry and entry.diagnostics else None


# Each command is read like a shell reads it: once for a document and a configuration, not for every alert.
@lru_cache(maxsize=256)
def _looks(asked: These[IncidentType, Runbook, Settings]) -> DiagnosticsChosen | None:
    entry, runbook, settings = asked.values
    return choose(entry, allowance(settings, runbook, entry.id))


def choose(entry: IncidentType | None, allowed: Allowance) -> DiagnosticsChosen | None:
    """Judge an entry's diagnostics; None when it has none. `allowed` is what the configuration grants."""
    run: list[Chosen] = []
    refused: list[RefusedStep] = []
    for step in entry.diagnostics if entry else ():
        if step.kind != "command":
            continue
        verdict = judge(step, allowed)
        if verdict.unattended:
            run.append(
                Chosen(
                    step=step.id,
                    title=step.title,
                    effective=verdict.effective,
                    environment=dict(verdict.environment),
                    line=step.line,
                    seconds=verdict.timeout.total_seconds(),
                    rewritten=verdict.rewritten,
                    connects=verdict.connects,
                    files=dict(verdict.files),
                    target=verdict.target,
                )
            )
        else:
            why = "; ".join(verdict.because)
            refused.append(RefusedStep(step=step.id, title=step.title, because=why, line=step.line))
    return DiagnosticsChosen(run=tuple(run), refused=tuple(refused)) if run or refused else None


def runs_due(incident: Incident) -> tuple[RunDue, ...]:
    """Give the steps that are to be run. One that runs stays wanted, so that its loss is noticed."""
    is_open = incident.status != "resolved"
    return tuple(
        RunDue(state.step, state.run, state.since, state.changes)
        for state in incident.progress.steps.values()
        if state.status == "running" or (is_open and state.status in {"chosen", "approved"})
    )


def step_of(runbook: Runbook, incident: Incident, step_id: str) -> Step:
    """Give a step of the incident's entry or of the useful commands. Raises NotFound."""
    entry = runbook.incident_type(incident.incident_type)
    fixes = [step for branch in entry.resolution for step in branch.steps] if entry else []
    known = [*(entry.diagnostics if entry else ()), *fixes, *runbook.commands]
    found = next((step for step in known if step.id == step_id), None)
    if found is None:
        raise NotFound(f"there is no step {step_id} in what {incident.number} may use")
    return found


def approve(incident: Incident, step: Step, allowed: Allowance, by: str) -> StepApproved:
    """Give the fact that a person starts a step. Raises Refused with the reason it cannot be run."""
    if step.kind != "command" or not step.executable:
        why = step.why_not or "it is no command"
        raise Refused(f"{step.title} is not run from here: {why.rstrip('.')}; copy it and complete it by hand")
    state = incident.progress.steps.get(step.id)
    if state is not None and state.status in {"approved", "running", "chosen"}:
        raise Refused(f"{step.title} is already under way")
    verdict = judge(step, allowed)
    if verdict.by_hand:
        raise Refused(f"{step.title} is not run from here: {'; '.join(verdict.because)}; copy it and run it by hand")
    return StepApproved(
        by=by,
        step=step.id,
        run=(state.run if state else 0) + 1,
        title=step.title,
        effective=verdict.effective if verdict.unattended else step.source,
        environment=dict(verdict.environment) if verdict.unattended else {},
        connects=verdict.connects,
        files=dict(verdict.files),
        target=verdict.target,
        changes=not verdict.unattended,
        line=step.line,
        seconds=verdict.timeout.total_seconds() if verdict.unattended else LONGEST_CHANGE,
    )


def check(step: Step, by: str, note: str, *, done: bool) -> StepChecked:
    """Give the fact that a person did a manual step, or takes that back. Raises Refused for a command."""
    if step.kind != "manual":
        raise Refused(f"{step.title} is no manual step")
    return StepChecked(by=by, step=step.id, title=step.title, done=done, line=step.line, note=note)
