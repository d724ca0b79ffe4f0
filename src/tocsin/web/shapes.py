"""The JSON shapes of our own API."""

from datetime import datetime
from typing import Any

import msgspec

from tocsin.detection.alert import AlertState
from tocsin.detection.changes import ChangeEvent, in_words
from tocsin.detection.reports import Reports
from tocsin.engine.engine import Engine, Loaded
from tocsin.grouping.flapping import quiet_at
from tocsin.incident.facts import Because, Fact, StepRan
from tocsin.incident.incident import Incident
from tocsin.incident.view import view
from tocsin.lifecycle import World
from tocsin.response.guard import allowance, judge
from tocsin.runbook.policy import IncidentType, Step
from tocsin.settings import Settings
from tocsin.web.heard import heard_of
from tocsin.web.names import Names
from tocsin.web.sentence import Sentence
from tocsin.web.sentences import sentence
from tocsin.web.step_view import state_of, task_of
from tocsin.web.times import times


class OutcomeShape(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a step's latest run. `output` is the sha256 of all that was kept, "" where nothing was printed."""

    found: str
    verdict: str
    how: str
    exit: int | None
    seconds: float
    excerpt: str
    output: str


class StepShape(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the entry, or a useful command.

    `effective` is the text that ran or would run, `risk` what the guard makes of it, `status` the word of the page for
    where it stands, `target` where it runs. Steps that are no commands have neither text nor risk.
    """

    id: str
    section: str
    title: str
    kind: str
    source: str
    line: int
    condition: str | None = None
    effective: str | None = None
    risk: str | None = None
    target: str | None = None
    status: str | None = None
    outcome: OutcomeShape | None = None


class FactShape(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of the timeline. `data` is its body; `line` the runbook line it rests on."""

    seq: int
    at: datetime
    fact: str
    by: str
    text: str
    line: int | None
    hash: str
    data: Any


class AlertShape(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one of the incident's alerts. `joined_at`, `because`: when and why another one joined it.

    `links` are the sender's own: where it was measured, shown, silenced. `link_texts` is what it calls them.
    """

    source: str
    dedup_key: str
    status: str
    summary: str
    severity: str
    component: str | None
    count: int
    first_at: datetime
    last_at: datetime
    links: tuple[str, ...]
    link_texts: dict[str, str]
    flapping: bool
    joined_at: datetime | None
    because: Because | None


class SaidShape(msgspec.Struct, frozen=True, kw_only=True):
    """One of the latest reports of people. `symptom` is the runbook's, "" for something else."""

    at: datetime
    symptom: str
    text: str
    contact: str


class ReportsShape(msgspec.Struct, frozen=True, kw_only=True):
    """How many different people reported it, and what the latest of them say."""

    people: int
    said: tuple[SaidShape, ...]


class ChangeShape(msgspec.Struct, frozen=True, kw_only=True):
    """A change of the systems watched, such as a deploy. `when` is told from when the incident opened."""

    at: datetime
    when: str
    summary: str
    source: str
    origin: str
    links: tuple[str, ...]
    link_texts: dict[str, str]


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
    former: str | None
    merged_into: str | None
    merged: tuple[str, ...]
    alerts: tuple[AlertShape, ...]
    reports: ReportsShape
    changes: tuple[ChangeShape, ...]
    because: tuple[Because, ...]
    severity_because: Because
    steps: tuple[StepShape, ...]
    timeline: tuple[FactShape, ...]


async def shape_of(engine: Engine, loaded: Loaded) -> IncidentShape:
    """Give an incident that exists as JSON shape, with what people report of it."""
    if loaded.incident is None:
        return incident_shape(loaded)
    return incident_shape(loaded, await engine.reports(loaded.incident), await engine.changes_before(loaded.incident))


def incident_shape(
    loaded: Loaded, reports: Reports | None = None, changes: tuple[ChangeEvent, ...] = ()
) -> IncidentShape:
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
        reports=_reports(incident, reports, loaded.world.settings),
        changes=tuple(change_shape(one, incident) for one in changes),
        because=incident.because,
        severity_because=incident.severity_because,
        former=incident.former,
        merged_into=incident.merged_into,
        merged=incident.absorbed,
        steps=steps_of(entry, incident, loaded.world),
        timeline=tuple(fact_shape(fact, Names(loaded.world.settings)) for fact in loaded.facts),
    )


def change_shape(change: ChangeEvent, incident: Incident) -> ChangeShape:
    """Give a change as it is told with an incident."""
    return ChangeShape(
        at=change.at,
        when=in_words(change.at, incident.opened_at),
        summary=change.summary,
        source=change.source,
        origin=change.origin,
        links=change.links,
        link_texts=change.link_texts,
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


def steps_of(entry: IncidentType | None, incident: Incident, world: World) -> tuple[StepShape, ...]:
    """Give all steps of an entry in the document's order, then the useful commands."""
    diagnostics = [step_shape(step, None, incident, world) for step in (entry.diagnostics if entry else ())]
    fixes = [
        step_shape(step, branch.condition, incident, world)
        for branch in (entry.resolution if entry else ())
        for step in branch.steps
    ]
    useful = [step_shape(step, None, incident, world) for step in world.runbook.commands]
    return (*diagnostics, *fixes, *useful)


def step_shape(step: Step, condition: str | None, incident: Incident, world: World) -> StepShape:
    """Give one step: as written, as judged, and how far it got."""
    verdict = judge(step, allowance(world.settings, world.runbook, incident.incident_type))
    known = incident.progress.steps.get(step.id)
    task = task_of(known)
    command = step.kind == "command"
    return StepShape(
        id=step.id,
        section=step.section,
        title=step.title,
        kind=step.kind,
        source=step.source,
        line=step.line,
        condition=condition,
        effective=(task.effective if task else verdict.effective) if command else None,
        risk=verdict.risk if command else None,
        target=(task.target if task else verdict.target) if command else None,
        status=state_of(incident, step, verdict) if step.kind in {"command", "manual"} else None,
        outcome=_outcome(known.ran) if known and known.ran else None,
    )


def _outcome(ran: StepRan) -> OutcomeShape:
    return OutcomeShape(
        found=ran.found,
        verdict=ran.verdict,
        how=ran.how,
        exit=ran.exit,
        seconds=ran.seconds,
        excerpt=ran.excerpt,
        output=ran.output,
    )


def _alerts(loaded: Loaded) -> tuple[AlertShape, ...]:
    return tuple(_alert(state, loaded) for state in loaded.alerts)


def _alert(state: AlertState, loaded: Loaded) -> AlertShape:
    incident = loaded.incident
    alert = state.alert
    other = incident.others.get(alert.group_key) if incident else None
    is_open = incident is not None and incident.status != "resolved"
    return AlertShape(
        source=alert.source,
        dedup_key=alert.dedup_key,
        status=state.status,
        summary=alert.summary,
        severity=alert.severity,
        component=alert.component,
        count=state.triggers,
        first_at=state.first_at,
        last_at=state.last_at,
        flapping=is_open and quiet_at(state, loaded.world.settings, state.last_at) is not None,
        links=alert.all_links,
        link_texts=alert.link_texts,
        joined_at=other.joined_at if other else None,
        because=other.because if other else None,
    )


def _reports(incident: Incident, reports: Reports | None, settings: Settings) -> ReportsShape:
    found = heard_of(incident, reports, settings)
    said = tuple(SaidShape(at=o.at, symptom=o.symptom, text=o.text, contact=o.contact) for o in found.said)
    return ReportsShape(people=found.people, said=said)
