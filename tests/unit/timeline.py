"""Made-up policies and timelines for deciding tests: minutes since the beginning, and bodies of facts."""

from datetime import UTC, datetime, timedelta

from tocsin.incident import facts as f
from tocsin.incident.incident import Incident, fold
from tocsin.runbook.policy import EntryRule, IncidentType, Level, Response, Runbook, Severity
from tocsin.settings import Person, ReachStep, Settings

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
L1 = Level(id="L1", role="On-call engineer", responds_within=timedelta(minutes=15), line=42)
L2 = Level(id="L2", role="Team lead", after=timedelta(minutes=30), condition="not-resolved", line=43)
L3 = Level(id="L3", role="Engineering manager", after=timedelta(hours=1), condition="not-resolved", line=44)
EXECUTIVE = Level(id="Executive", role="CTO", only_severity="P0", line=45)
SEVERITIES = (
    Severity(id="P0", name="Critical", response=Response("immediate"), line=5),
    Severity(id="P1", name="High", response=Response("within", timedelta(minutes=15)), line=12),
    Severity(id="P2", name="Medium", response=Response("within", timedelta(hours=2)), line=18),
    Severity(id="P3", name="Low", response=Response("next-business-day"), line=24),
)
PEOPLE = {
    name: Person(id=name, name=name.title(), reach=(ReachStep(via=("push",)),))
    for name in ("mira", "jonas", "lena", "eva", "falk")
}
SETTINGS = Settings(
    people=PEOPLE,
    roles={"L1": ("mira",), "L2": ("jonas",), "L3": ("lena",), "CTO": ("eva",)},
    fallback=("falk",),
)
WHY = f.Because("because", 1)


def at(minutes: float) -> datetime:
    """Give the instant so many minutes after the beginning."""
    return BEGAN + timedelta(minutes=minutes)


def rule(trigger: str, to: str, minutes: float | None = None) -> EntryRule:
    """Give an entry's escalation sentence; `to` parts names with commas."""
    after = None if minutes is None else timedelta(minutes=minutes)
    return EntryRule(trigger=trigger, after=after, to=tuple(to.split(", ")), text="as it says", line=88)  # type: ignore[arg-type]


def policy(
    *levels: Level,
    rule: EntryRule | None = None,
    restricted: bool = False,
    severities: tuple[Severity, ...] = SEVERITIES,
) -> Runbook:
    """Give a runbook with one entry, "trouble"; without levels the usual four."""
    entry = IncidentType(
        id="trouble",
        title="Trouble",
        severity="P1",
        inferred_severity=None,
        severity_because="",
        severity_line=None,
        escalation=rule,
        restricted=restricted,
        line=80,
        end_line=90,
    )
    return Runbook(
        path="runbook.md",
        sha256="0" * 64,
        title="Runbook",
        lines=100,
        understood=1.0,
        severities=severities,
        escalation=levels or (L1, L2, L3, EXECUTIVE),
        incident_types=(entry,),
    )


def opened(severity: str = "P1", *, restricted: bool = False, incident_type: str | None = "trouble") -> f.Opened:
    """Give the first fact of a timeline."""
    return f.Opened(
        by="source:monitor",
        number="INC-2026-0001",
        group_key="monitor/k",
        title="Trouble",
        summary="It is broken",
        incident_type=incident_type,
        severity=severity,
        restricted=restricted,
        runbook="0" * 64,
        because=(WHY,),
        severity_because=WHY,
    )


def called(level: str, who: str = "", *, counted: int = 1, cause: str = "opened") -> f.Escalated:
    """Give the fact that a level was called."""
    people = tuple(f.Called(person) for person in who.split())
    return f.Escalated(level=level, round=counted, people=people, cause=cause, because=WHY)


def acknowledged(who: str) -> f.Acknowledged:
    """Give the fact that somebody took it."""
    return f.Acknowledged(by=f"person:{who}", via="web")


def facts(*told: tuple[float, f.FactBody]) -> tuple[f.Fact, ...]:
    """Give the facts of bodies, each at its minute."""
    return tuple(f.Fact(seq=seq, at=at(minute), body=body) for seq, (minute, body) in enumerate(told, 1))


def story(*told: tuple[float, f.FactBody]) -> Incident:
    """Give the incident these bodies make."""
    incident = fold(facts(*told))
    assert incident is not None
    return incident
