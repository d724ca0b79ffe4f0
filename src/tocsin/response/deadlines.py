"""Legal deadlines of an entry ("within 72 hours per GDPR"), and who is reminded of them.

Article 33 GDPR gives 72 hours to notify the supervisory authority, counted from becoming aware; the persons
affected are told "without undue delay" (Article 34). A document that gives the 72 hours to the persons gets both
clocks, and a finding says that the two differ.
"""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.incident.body import Because
from tocsin.incident.incident import Incident
from tocsin.incident.reminder import ReminderDue, not_yet
from tocsin.runbook.policy import Deadline, Runbook

AUTHORITY = "authority"
_SUPERVISOR = re.compile(r"authorit|regulat|supervis|commissioner|\bdpa\b", re.IGNORECASE)
_ARTICLE_33 = timedelta(hours=72)
_STAGES = (("24h", timedelta(hours=24)), ("6h", timedelta(hours=6)), ("1h", timedelta(hours=1)), ("due", timedelta(0)))


class Clock(NamedTuple):
    """A running deadline. `id` names it in facts; `line` is the runbook's, None for the law's own."""

    id: str
    what: str
    due: datetime
    line: int | None


def deadlines_of(incident: Incident, runbook: Runbook) -> tuple[Clock, ...]:
    """Give the deadlines that run for an incident, counted from its opening, soonest first."""
    stated = [deadline for deadline in runbook.deadlines if _concerns(deadline, incident)]
    clocks = [
        Clock(_id(deadline), deadline.what, incident.opened_at + deadline.within, deadline.line) for deadline in stated
    ]
    if stated and incident.restricted and not any(_is_authority(deadline) for deadline in stated):
        what = "Data protection authority (Article 33 GDPR: 72 hours)"
        clocks.append(Clock(AUTHORITY, what, incident.opened_at + _ARTICLE_33, None))
    return tuple(sorted(clocks, key=lambda clock: clock.due))


def deadline_reminders(incident: Incident, runbook: Runbook) -> list[ReminderDue]:
    """Give the alarms of deadlines that were not met: a day, six hours and an hour before, and at the end."""
    reminders = []
    for clock in deadlines_of(incident, runbook):
        if clock.id in incident.progress.deadlines_met:
            continue
        for stage, before in _STAGES:
            at = clock.due - before
            if at >= incident.opened_at:
                words = "is over" if stage == "due" else f"ends in {stage.removesuffix('h')} h"
                because = Because(f"the deadline {words}: {clock.what}", clock.line)
                topic = f"deadline/{clock.id}"
                reminders.append(ReminderDue(topic, stage, at, wake=True, whom="concerned", because=because))
    return not_yet(incident, reminders)


def _concerns(deadline: Deadline, incident: Incident) -> bool:
    return deadline.incident_type is not None and deadline.incident_type == incident.incident_type


def _is_authority(deadline: Deadline) -> bool:
    return bool(_SUPERVISOR.search(deadline.what))


def _id(deadline: Deadline) -> str:
    if _is_authority(deadline):
        return AUTHORITY
    return re.sub(r"[^a-z0-9]+", "-", deadline.what.casefold()).strip("-")[:60]
