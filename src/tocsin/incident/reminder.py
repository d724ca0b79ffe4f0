"""Something is due, and somebody has to be reminded of it."""

from datetime import datetime
from typing import NamedTuple

from tocsin.incident.body import Because
from tocsin.incident.incident import Incident


class ReminderDue(NamedTuple):
    """A reminder to be given at `due`. `wake` = by pages; `whom`: holder, concerned or reviewer."""

    topic: str
    stage: str
    due: datetime
    wake: bool
    whom: str
    because: Because


def not_yet(incident: Incident, reminders: list[ReminderDue]) -> list[ReminderDue]:
    """Give those that were not given yet."""
    given = {call.level for call in incident.progress.reminders}
    return [one for one in reminders if f"{one.topic}/{one.stage}" not in given]
