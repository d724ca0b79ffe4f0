"""From an incident to what the status page shows of it."""

from typing import cast

from tocsin.communication.status_page import ComponentStatus, PublicIncident, PublicUpdate
from tocsin.incident.incident import Incident
from tocsin.incident.progress import Update


def public_incident(incident: Incident, reopened: str) -> PublicIncident:
    """Give the public side of an incident: the updates that a person approved for it, and that it came back.

    `reopened` is what the page says when an incident it calls resolved was opened again; the configuration words it.
    """
    posted = incident.progress.public_updates
    updates = tuple(_update(incident, update) for update in posted)
    latest = posted[-1]
    if latest.body.status == "resolved" and incident.began_seq > latest.seq:
        updates = (*updates, _back(incident, reopened))
    return PublicIncident(
        id=incident.number,
        title=latest.body.title,
        severity=incident.severity,
        started_at=incident.opened_at,
        resolved_at=updates[-1].at if updates[-1].status == "resolved" else None,
        updates=updates,
    )


def _update(incident: Incident, update: Update) -> PublicUpdate:
    body = update.body
    return PublicUpdate(
        id=f"{incident.number}-{update.seq}",
        status=body.status,
        body=body.text,
        at=update.at,
        by=body.by,
        next_at=body.next_at,
        components=cast("dict[str, ComponentStatus] | None", body.components),
    )


def _back(incident: Incident, reopened: str) -> PublicUpdate:
    return PublicUpdate(
        id=f"{incident.number}-{incident.began_seq}",
        status="investigating",
        body=reopened,
        at=incident.began_at,
        by="engine",
    )
