"""An incident as lists show it."""

from datetime import datetime

import msgspec

from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Call, Job


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list. `next_*`: the next level to be called and when, None when none is due."""

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
    next_escalation_at: datetime | None
    next_level: str | None
    runbook: str
    group_key: str


def view(incident: Incident, jobs: tuple[Job, ...]) -> IncidentView:
    """Give the line of an incident that wants these jobs."""
    call = next_call(jobs)
    mark = incident.acknowledged
    return IncidentView(
        id=incident.number,
        title=incident.title,
        summary=incident.summary,
        type=incident.incident_type,
        severity=incident.severity,
        status=incident.status,
        restricted=incident.restricted,
        opened_at=incident.opened_at,
        acknowledged_at=mark.at if mark else None,
        acknowledged_by=mark.by if mark else None,
        resolved_at=incident.resolved.at if incident.resolved else None,
        level=incident.level,
        next_escalation_at=call.due if call else None,
        next_level=call.do.level if call and isinstance(call.do, Call) else None,
        runbook=incident.runbook,
        group_key=incident.group_key,
    )


def next_call(jobs: tuple[Job, ...]) -> Job | None:
    """Give the call that is due next, or None."""
    calls = [job for job in jobs if isinstance(job.do, Call)]
    return min(calls, key=lambda job: job.due, default=None)
