"""The JSON shapes of our own API."""

from datetime import datetime

import msgspec

from tocsin.engine.engine import Loaded
from tocsin.incident.facts import Because, Fact
from tocsin.incident.view import view
from tocsin.runbook.policy import IncidentType, Step
from tocsin.web.names import Names
from tocsin.web.sentence import Sentence
from tocsin.web.sentences import sentence
from tocsin.web.times import times


class StepShape(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the entry. `effective`, `risk`, `status` and `outcome` are None until something judges and runs it."""

    id: str
    section: str
    title: str
    kind: str
    source: str
    line: int
    condition: str | None = None
    effective: str | None = None
    risk: str | None = None
    status: str | None = None
    outcome: str | None = None


class FactShape(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the timeline. `data` is its body; `line` the runbook line it rests on."""

    seq: int
    at: datetime
    fact: str
    by: str
    text: str
    line: int | None
    hash: str
    data: object


class AlertShape(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the incident's alert."""

    source: str
    dedup_key: str
    status: str
    summary: str
    severity: str
    count: int
    first_at: datetime
    last_at: datetime


class IncidentShape(msgspec.Struct, frozen=True, kw_only=True):
    """A whole incident. Durations and instants: RFC 3339 UTC."""

    id: str
    title: str
    summary: str
    type: str | None
    severity: str
    status: str
    restricted: bool
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    level: str | None
    next_level: str | None
    next_escalation_at: datetime | None
    runbook: str
    alerts: tuple[AlertShape, ...]
    because: tuple[Because, ...]
    severity_because: Because
    steps: tuple[StepShape, ...]
    timeline: tuple[FactShape, ...]


def incident_shape(loaded: Loaded) -> IncidentShape:
    """Give an incident that exists as JSON shape."""
    incident = loaded.incident
    if incident is None:
        raise ValueError("nothing was loaded")
    line = view(incident, loaded.jobs)
    entry = loaded.world.runbook.incident_type(incident.incident_type)
    shown = {name: getattr(line, name) for name in line.__struct_fields__ if name != "group_key"}
    return IncidentShape(
        **shown,
        alerts=_alerts(loaded),
        because=incident.because,
        severity_because=incident.severity_because,
        steps=steps_of(entry) if entry else (),
        timeline=tuple(fact_shape(fact, Names(loaded.world.settings)) for fact in loaded.facts),
    )


def fact_shape(fact: Fact, names: Names) -> FactShape:
    """Give a fact as JSON shape; its text speaks of instants in UTC."""
    said = sentence(fact, names, times("UTC", fact.at))
    return FactShape(
        seq=fact.seq,
        at=fact.at,
        fact=fact.kind,
        by=fact.body.by,
        text=told(said),
        line=said.line,
        hash=fact.hash,
        data=fact.body,
    )


def told(said: Sentence) -> str:
    """Give a sentence as plain text."""
    text = f"{said.strong}{said.rest}".strip()
    return f"{text} “{said.quote}”" if said.quote else text


def steps_of(entry: IncidentType) -> tuple[StepShape, ...]:
    """Give all steps of an entry in the document's order."""
    diagnostics = [_step(step, None) for step in entry.diagnostics]
    fixes = [_step(step, branch.condition) for branch in entry.resolution for step in branch.steps]
    return (*diagnostics, *fixes)


def _step(step: Step, condition: str | None) -> StepShape:
    return StepShape(
        id=step.id,
        section=step.section,
        title=step.title,
        kind=step.kind,
        source=step.source,
        line=step.line,
        condition=condition,
    )


def _alerts(loaded: Loaded) -> tuple[AlertShape, ...]:
    state = loaded.alert
    if state is None:
        return ()
    alert = state.alert
    return (
        AlertShape(
            source=alert.source,
            dedup_key=alert.dedup_key,
            status=state.status,
            summary=alert.summary,
            severity=alert.severity,
            count=state.triggers,
            first_at=state.first_at,
            last_at=state.last_at,
        ),
    )
