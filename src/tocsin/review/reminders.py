"""When the post-incident review is due, and who is reminded of it."""

from tocsin.incident.body import Because
from tocsin.incident.incident import Incident
from tocsin.incident.reminder import ReminderDue, not_yet
from tocsin.review.deadline import reminders
from tocsin.runbook.policy import Runbook


def review_reminders(incident: Incident, runbook: Runbook) -> list[ReminderDue]:
    """Give the reminders of a resolved incident's review: told in time, paged when it is late; [] once it is done."""
    review, resolved = runbook.review, incident.resolved
    if review is None or resolved is None or incident.progress.review_finished_at is not None:
        return []
    if incident.merged_into:
        return []  # it is told in the review of the one it goes on in
    instants = reminders(resolved.at, review)
    reasons = ("the post-incident review is due soon", "the post-incident review is late")
    due = [
        ReminderDue(
            "review",
            f"{resolved.seq}.{place}",
            at,
            wake=place == len(instants),
            whom="reviewer",
            because=Because(reason, review.line),
        )
        for place, (at, reason) in enumerate(zip(instants, reasons, strict=False), start=1)
    ]
    return not_yet(incident, due)
