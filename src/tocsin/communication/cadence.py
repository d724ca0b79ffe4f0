"""How often an update was promised, and when the next one is due."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tocsin.runbook.policy import Cadence, Runbook

MINUTE = timedelta(minutes=1)


def cadence_for(runbook: Runbook, severity: str) -> Cadence | None:
    """Give the rhythm of updates the document promises for a severity, or None when it promises none.

    A rhythm inside a template is meant for whoever that template is sent for: it holds for every severity. A list
    of rhythms outside the templates, each slower than the one before, goes by severity in the document's order;
    severities after its end were promised nothing. Any other list is not ours to take apart: its fastest rhythm
    holds for all, because an update too many breaks no promise.

    Source: "Communication Templates" ("Every 15 minutes in this thread").
    """
    inside = [cadence for cadence in runbook.cadences if _in_template(runbook, cadence)]
    listed = [cadence for cadence in runbook.cadences if cadence not in inside]
    names = [level.id for level in runbook.severities]
    slower = all(one.every < other.every for one, other in pairwise(listed))
    if 1 < len(listed) <= len(names) and slower and severity in names:
        return dict(zip(names, listed, strict=False)).get(severity)
    return min(listed or inside, key=lambda cadence: cadence.every, default=None)


def next_update_at(last: datetime, cadence: Cadence) -> datetime:
    """Give when the next update is due, rounded up to a whole minute: the minute that will be promised in words."""
    due = (last + cadence.every).astimezone(UTC)
    whole = due.replace(second=0, microsecond=0)
    return whole if whole == due else whole + MINUTE


def next_update_words(due: datetime) -> str:
    """Give the promise as people outside read it: `15:45 UTC`."""
    return f"{due.astimezone(UTC):%H:%M} UTC"


def _in_template(runbook: Runbook, cadence: Cadence) -> bool:
    return any(template.line <= cadence.line <= template.end_line for template in runbook.templates)
