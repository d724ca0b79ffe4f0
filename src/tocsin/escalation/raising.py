"""Who has an incident is told when an alert makes it worse. They are not paged again: they are at it.

Source: docs/decisions/0010-alerts-raise-people-lower.md.
"""

from tocsin.incident.body import Because
from tocsin.incident.incident import Incident
from tocsin.incident.reminder import ReminderDue, not_yet


def raise_reminders(incident: Incident) -> list[ReminderDue]:
    """Give the notification of a severity that an alert raised since somebody took the incident; [] for none."""
    raised, taken = incident.raised, incident.acknowledged
    if incident.status == "resolved" or raised is None or taken is None or taken.seq > raised.seq:
        return []  # who takes it later sees how bad it is
    why = Because(f"{raised.after} now instead of {raised.before}: {raised.because.text}", raised.because.line)
    told = ReminderDue("severity", f"{raised.seq}", raised.at, wake=False, whom="holder", because=why)
    return not_yet(incident, [told])
