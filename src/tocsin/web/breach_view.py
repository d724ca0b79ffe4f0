"""What the page shows of an incident that follows a protocol: phases, what is forbidden, clocks, evidence."""

from typing import NamedTuple

from tocsin.engine.engine import Loaded
from tocsin.incident.incident import Incident
from tocsin.response.deadlines import Clock, deadlines_of
from tocsin.response.phases import Phase, phases_of, prohibitions_of
from tocsin.runbook.policy import Step
from tocsin.web.asking import Asked
from tocsin.web.names import Names
from tocsin.web.times import Times, figure, millis

_KIB = 1024


class PhaseShown(NamedTuple):
    """A phase. `owner` is a name, "" while nobody has it; `mine` when that is the reader.

    `left` counts what is still to be done by hand.
    """

    id: str
    name: str
    line: int
    owner: str
    mine: bool
    left: int


class ClockShown(NamedTuple):
    """A legal clock. Instants are milliseconds since 1970; `met_at` is "" while it runs."""

    id: str
    what: str
    figure: str
    due: int
    since: int
    at: str
    over: bool
    met_at: str
    line: int | None


class Kept(NamedTuple):
    """A piece of evidence with its custody entry `#seq`."""

    name: str
    size: str
    sha256: str
    by: str
    at: str
    note: str
    seq: int


class Output(NamedTuple):
    """The output of a step that can be kept."""

    step: str
    title: str
    size: str
    at: str


class BreachPage(NamedTuple):
    """All of it. `people` are whom a phase can be given to: id and name; `me` is "" for one who is no person."""

    phases: tuple[PhaseShown, ...]
    never: tuple[Step, ...]
    clocks: tuple[ClockShown, ...]
    evidence: tuple[Kept, ...]
    outputs: tuple[Output, ...]
    people: tuple[tuple[str, str], ...]
    me: str

    @property
    def shown(self) -> bool:
        """Give whether there is anything to show."""
        return bool(self.phases or self.clocks or self.evidence)


def breach_page(loaded: Loaded, asked: Asked) -> BreachPage | None:
    """Give what there is to show in the world the incident is pinned to; None for an incident without any of it."""
    incident, runbook = loaded.incident, loaded.world.runbook
    if incident is None:
        return None
    entry = runbook.incident_type(incident.incident_type)
    names, times = asked.names, asked.times
    page = BreachPage(
        phases=tuple(_phase(phase, incident, asked) for phase in phases_of(entry)),
        never=prohibitions_of(entry),
        clocks=tuple(_clock(clock, incident, times) for clock in deadlines_of(incident, runbook)),
        evidence=_evidence(incident, names, times),
        outputs=_outputs(incident, times),
        people=tuple((one.id, one.name) for one in asked.tocsin.settings.people.values()),
        me=asked.me,
    )
    return page if page.shown else None


def _phase(phase: Phase, incident: Incident, asked: Asked) -> PhaseShown:
    owner = incident.progress.phases.get(phase.id, "")
    checks = incident.progress.checks
    done = {step for step, check in checks.items() if check.done}
    left = sum(1 for step in phase.steps if step.kind == "manual" and step.id not in done)
    name = asked.names.person(owner) if owner else ""
    return PhaseShown(phase.id, phase.name, phase.line, name, bool(owner) and owner == asked.me, left)


def _clock(clock: Clock, incident: Incident, times: Times) -> ClockShown:
    met = incident.progress.deadlines_met.get(clock.id)
    return ClockShown(
        id=clock.id,
        what=clock.what,
        figure=figure(clock.due - times.now),
        due=millis(clock.due),
        since=millis(incident.opened_at),
        at=times.hm(clock.due),
        over=clock.due <= times.now,
        met_at=times.hm(met) if met else "",
        line=clock.line,
    )


def _evidence(incident: Incident, names: Names, times: Times) -> tuple[Kept, ...]:
    return tuple(
        Kept(
            name=one.body.name,
            size=sized(one.body.size),
            sha256=one.body.sha256,
            by=names.of(one.body.by),
            at=times.hm(one.at),
            note=one.body.note,
            seq=one.seq,
        )
        for one in incident.progress.evidence
    )


def _outputs(incident: Incident, times: Times) -> tuple[Output, ...]:
    kept = {(one.body.source, one.body.sha256) for one in incident.progress.evidence}
    return tuple(
        Output(state.step, state.ran.title, sized(state.ran.size), times.hm(state.since))
        for state in incident.progress.steps.values()
        if state.ran is not None and state.ran.output and (state.step, state.ran.output) not in kept
    )


def sized(size: int) -> str:
    """Give a size as people read it: 812 bytes, 4.2 KB, 12.0 MB."""
    if size < _KIB:
        return f"{size} byte{'' if size == 1 else 's'}"
    return f"{size / _KIB:.1f} KB" if size < _KIB**2 else f"{size / _KIB**2:.1f} MB"
