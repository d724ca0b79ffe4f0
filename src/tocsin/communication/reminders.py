"""When the next update is due, and who is reminded of it."""

from tocsin.communication.cadence import cadence_for, next_update_at
from tocsin.incident.body import Because
from tocsin.incident.incident import Incident
from tocsin.incident.reminder import ReminderDue, not_yet
from tocsin.runbook.policy import Runbook

MOST_PER_UPDATE = 8
"""So often a missing update is asked for; then the silence is known, and an incident cannot grow without bound."""


def update_reminders(incident: Incident, runbook: Runbook) -> list[ReminderDue]:
    """Give the next reminder of an update that is promised and not posted; [] when none is promised."""
    mark = incident.acknowledged
    posted = [update for update in incident.progress.updates if update.seq > incident.began_seq]
    if incident.status == "resolved" or not (mark or posted):
        return []  # while nobody has it there is nobody to remind: they are being paged
    cadence = cadence_for(runbook, incident.severity)
    if cadence is None:
        return []
    since_seq, due = (posted[-1].seq, posted[-1].at) if posted else (mark.seq, mark.at) if mark else (0, incident.at)
    reminders = []
    for count in range(1, MOST_PER_UPDATE + 1):
        due = next_update_at(due, cadence)
        because = Because(f"an update is due: “{cadence.text}”", cadence.line)
        reminders.append(ReminderDue("update", f"{since_seq}.{count}", due, False, "holder", because))
    return not_yet(incident, reminders)[:1]
