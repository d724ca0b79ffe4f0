"""From an incident to what the status page shows of it."""

from tocsin.communication.status_page import PublicIncident, PublicUpdate
from tocsin.incident.incident import Incident


def public_incident(incident: Incident) -> PublicIncident:
    """Give the public side of an incident: only updates that a person approved for it."""
    posted = incident.progress.public_updates
    updates = tuple(
        PublicUpdate(
            id=f"{incident.number}-{update.seq}",
            status=update.body.status,
            body=update.body.text,
            at=update.at,
            by=update.body.by,
            next_at=update.body.next_at,
        )
        for update in posted
    )
    ends = [update.at for update in updates if update.status == "resolved"]
    return PublicIncident(
        id=incident.number,
        title=posted[-1].body.title,
        severity=incident.severity,
        started_at=incident.opened_at,
        resolved_at=ends[-1] if ends and updates[-1].status == "resolved" else None,
        updates=updates,
    )
