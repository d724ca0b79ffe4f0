"""What the record knows of an incident, as words for the fields of a template. Times are UTC: others read them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from tocsin.communication.cadence import cadence_for, next_update_words
from tocsin.communication.status_page import publishable, shown_severities
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import Runbook
from tocsin.settings import StatusPage

NOT_PUBLISHED = "not published"
"""What stands for the public page of an incident that has none."""

Status = Literal["investigating", "identified", "monitoring", "resolved"]


def known_values(
    incident: Incident,
    runbook: Runbook,
    *,
    names: Mapping[str, str] | None = None,
    status: Status = "investigating",
    status_page: str | None = None,
    next_update: datetime | None = None,
    page: StatusPage | None = None,
) -> dict[str, str]:
    """Give values by field name for what is known; what is not known has no key.

    `names` gives person ids the name or handle to write ("@mira"); without one the id is written. `status` is that of
    the latest update, "resolved" as soon as the incident is. `status_page` is the address of the public page; of an
    incident that may not be published it says so, or somebody would look for the link. `next_update` is the instant
    from `next_update_at`.

    Source: "Communication Templates".
    """
    known = {
        "severity": incident.severity,
        "status": ("resolved" if incident.resolved else status).capitalize(),
        "started": moment(incident.opened_at),
        "date": f"{incident.opened_at.astimezone(UTC):%Y-%m-%d}",
        "title": incident.title,
        "incident_id": incident.number,
    }
    who = commander(incident)
    if who is not None:
        known["commander"] = (names or {}).get(who, who)
    if not publishable(incident, shown_severities(runbook, page or StatusPage())):
        known["status_page"] = NOT_PUBLISHED
    elif status_page:
        known["status_page"] = f"{status_page.rstrip('/')}/incidents/{incident.number}"
    cadence = cadence_for(runbook, incident.severity)
    if cadence is not None:
        known["update_every"] = cadence.text
    if incident.resolved is not None:
        known["duration"] = lasting(incident.resolved.at - incident.opened_at)
        known["resolved_at"] = moment(incident.resolved.at)
    elif next_update is not None:
        known["next_update"] = next_update_words(next_update)
    return known


def commander(incident: Incident) -> str | None:
    """Give the id of the person who acknowledged last, or None: a machine commands nothing."""
    people = [mark.by for mark in incident.acknowledgements if mark.by.startswith("person:")]
    return people[-1].removeprefix("person:") if people else None


def moment(at: datetime) -> str:
    """Give an instant as people outside read it: `2026-11-24 02:11 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def lasting(span: timedelta) -> str:
    """Give how long it lasted in whole minutes: `45 minutes`, `1 hour 10 minutes`, `2 days 3 hours`."""
    minutes = round(span.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "day"), (hours, "hour"), (minutes % 60 if not days else 0, "minute")]
    words = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count]
    return " ".join(words) or "less than a minute"
