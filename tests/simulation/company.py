"""The runbook, the people and the alerts every history is about."""

from datetime import UTC, datetime, timedelta
from functools import cache

from tocsin.detection.alert import Action, Alert
from tocsin.detection.heartbeats import HEARTBEAT, Beat, Said
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Layer, Person, ReachStep, Schedule, Settings, SourceSettings

BEGAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning."""

RUNBOOK = """# Incident Runbook

## Severity Levels

### P0 - Critical (Response Time: Immediate)

- Nobody can buy anything

### P1 - High (Response Time: 15 minutes)

- Some cannot buy

### P2 - Medium (Response Time: 2 hours)

- Something is slow

### P3 - Low (Response Time: Next business day)

- Something is ugly

## On-Call Procedures

### Escalation Path

1. **L1**: On-call engineer (responds within 15 min)
2. **L2**: Team lead (if L1 can't resolve in 30 min)
3. **L3**: Engineering manager (if L2 can't resolve in 1 hour)
4. **Executive**: CTO (for P0 incidents only)

## Common Incidents

### 1. Checkout Down

**Symptoms**:

- Health check failing

**Escalation**: If not resolved in 20 min → Escalate to L2

### 2. Search Slow

**Symptoms**:

- Queries take long

**Escalation**: If crashes persist → Escalate to L2

### 3. Flood

**Symptoms**:

- Too many requests

**Escalation**: Immediate → Notify security team + L2

### 4. Data Breach

**Symptoms**:

- Unauthorized access detected

**Escalation**: Immediate → CTO + Legal + Security team

### 5. Ledger Stuck

**Symptoms**:

- Bookings are not written

**Escalation**: If not resolved in 25 min → DBA team

### 6. Errors Rise

**Symptoms**:

- Error rate > 1% in monitoring

**Escalation**: If error rate doesn't drop in 20 min → Escalate to L2

## Useful Commands

```bash
# Restart the till
systemctl restart till

# Is there room?
df -h
```
"""
SECOND_EDITION = RUNBOOK.replace("resolve in 30 min", "resolve in 40 min").replace("in 20 min", "in 50 min")
EDITIONS = (RUNBOOK.encode(), SECOND_EDITION.encode())

TYPES = (None, "checkout-down", "search-slow", "flood", "data-breach", "ledger-stuck", "errors-rise")
SEVERITIES = ("P0", "P1", "P2", "P3")
CHANGE, LOOK = "commands.restart-the-till", "commands.is-there-room"
"""A step that changes something and one that only reads; every incident may use them."""

JOB, PERIOD, GRACE = "backup", timedelta(hours=1), timedelta(minutes=5)
"""A job that beats once it was heard of."""

GROUPS = ("till", "shelf", "gate")
CHANNELS = ("push", "phone", "mail", "console")
PEOPLE = ("mira", "noor", "bo", "cy", "dana", "lex", "sam", "fay")


@cache
def reading(body: bytes, path: str) -> Runbook:
    """Give the runbook of a document; read once, because histories are many and documents two."""
    return read_runbook(body, path)


def settings() -> Settings:
    """Give who is called and how: several methods, a rotation, a level without people, a fallback."""
    people = (
        _person("mira", ReachStep(via=("push",), wait=timedelta(minutes=2)), ReachStep(via=("phone", "mail"))),
        _person("noor", ReachStep(via=("push", "phone"))),
        _person("bo", ReachStep(via=("phone",), wait=timedelta(minutes=3)), ReachStep(via=("mail",))),
        _person("cy", ReachStep(via=("mail",))),
        _person("dana", ReachStep(via=("push",))),
        _person("lex", ReachStep(via=("mail",))),
        _person("sam", ReachStep(via=("push",))),
        _person("fay", ReachStep(via=("phone",)), ReachStep(via=("mail",))),
    )
    rotation = Layer(people=("mira", "noor"), start=BEGAN.replace(hour=9), rotation=timedelta(days=1))
    return Settings(
        people={person.id: person for person in people},
        schedules={"primary": Schedule(id="primary", layers=(rotation,))},
        roles={
            "L1": ("primary",),
            "L2": ("bo",),
            "L3": ("cy", "bo"),
            "CTO": ("dana",),
            "Legal": ("lex",),
            "Security team": ("sam",),
        },
        fallback=("fay",),
        sources={JOB: SourceSettings(id=JOB, kind=HEARTBEAT, period=PERIOD, grace=GRACE)},
        max_rounds=2,
    )


def _person(name: str, *reach: ReachStep) -> Person:
    return Person(id=name, name=name.title(), reach=reach)


def event(
    group: str,
    action: Action = "trigger",
    *,
    kind: str | None = None,
    severity: str = "",
    word: str = "error",
    lease_until: datetime | None = None,
) -> Alert:
    """Give one event of a monitor. `kind` is an entry of the runbook, `severity` what the monitor asks for."""
    return Alert(
        source="monitor",
        dedup_key=group,
        action=action,
        summary=f"{group} is in trouble",
        severity=word,
        incident_type=kind,
        details={"severity": severity} if severity else {},
        lease_until=lease_until,
    )


def beat(said: Said) -> Alert:
    """Give what is heard of the job."""
    return Alert(
        source=JOB,
        dedup_key="beat",
        action="trigger" if said == "fail" else "resolve",
        summary=f"{JOB} says that it failed" if said == "fail" else JOB,
        origin=JOB,
        beat=Beat(said=said, period=PERIOD, grace=GRACE),
    )
