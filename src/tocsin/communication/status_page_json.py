"""The status page for machines, in the shapes that readers of Statuspage pages already know.

Source: the public `/api/v2` of Atlassian Statuspage (summary, status, components, incidents, scheduled maintenances).
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from tocsin.communication.maintenance import PublicMaintenance, in_progress
from tocsin.communication.status_page import (
    Component,
    ComponentStatus,
    PageSettings,
    PublicIncident,
    PublicUpdate,
    changed_at,
    component_status,
    concerned,
    effect,
    impact_of,
    indicator,
    is_over,
    open_ones,
    published,
    status_of,
    told,
)

Incidents = tuple[PublicIncident, ...]
SHOWN = 50
_DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}


def summary(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/summary.json`: the page, its state, all components, what is open."""
    return {
        **status(page, incidents, now),
        **components(page, incidents, now),
        **unresolved(page, incidents, now),
        "scheduled_maintenances": [
            _maintenance(page, one, incidents, now) for one in page.planned if one.status(now) != "completed"
        ],
    }


def status(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/status.json`: how bad it is altogether."""
    how_bad = indicator(page, incidents, now)
    return {
        "page": _page(page, incidents, now),
        "status": {"indicator": how_bad, "description": _DESCRIPTIONS[how_bad]},
    }


def components(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/components.json`: every component with its state."""
    found = [_component(page, part, incidents, now) for part in page.components]
    return {"page": _page(page, incidents, now), "components": found}


def all_incidents(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/incidents.json`: the latest fifty, open or over, newest first."""
    found = [_incident(page, one, incidents, now) for one in published(page, incidents, now)[:SHOWN]]
    return {"page": _page(page, incidents, now), "incidents": found}


def unresolved(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/incidents/unresolved.json`: what is open, newest first."""
    found = [_incident(page, one, incidents, now) for one in open_ones(page, incidents, now)]
    return {"page": _page(page, incidents, now), "incidents": found}


def scheduled_maintenances(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    """Give `/api/v2/scheduled-maintenances.json`: what is planned, under way or over, the latest first."""
    found = [_maintenance(page, one, incidents, now) for one in page.planned[::-1][:SHOWN]]
    return {"page": _page(page, incidents, now), "scheduled_maintenances": found}


def page_id(page: PageSettings) -> str:
    """Give the page's id: the same for the same address."""
    return hashlib.sha256(page.url.encode()).hexdigest()[:12]


def _page(page: PageSettings, incidents: Incidents, now: datetime) -> dict[str, Any]:
    changed = [changed_at(one, now) for one in published(page, incidents, now)]
    changed += [one.changed_at for one in page.planned]
    return {
        "id": page_id(page),
        "name": page.name,
        "url": page.url,
        "time_zone": "Etc/UTC",
        # The latest change, not the instant of asking: an unchanged page keeps its entity tag.
        "updated_at": _instant(max([page.since, *changed])),
    }


def _component(page: PageSettings, part: Component, incidents: Incidents, now: datetime) -> dict[str, Any]:
    touched = [changed_at(one, now) for one in published(page, incidents, now) if part in concerned(page, one)]
    touched += [one.changed_at for one in page.planned if part.id in one.components]
    does = component_status(page, part, incidents, now)
    worked_on = does == "operational" and part.id in in_progress(page.planned, now)
    return {
        "id": part.id,
        "name": part.name,
        "status": "under_maintenance" if worked_on else does,
        "created_at": _instant(page.since),
        "updated_at": _instant(max([page.since, *touched])),
        "position": page.components.index(part) + 1,
        "description": None,
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": page_id(page),
        "group": False,
        "only_show_if_degraded": False,
    }


def _incident(page: PageSettings, incident: PublicIncident, incidents: Incidents, now: datetime) -> dict[str, Any]:
    updates = told(incident, now)
    watched = [update.at for update in updates if update.status == "monitoring"]
    return {
        "id": incident.id,
        "name": incident.title,
        "status": status_of(incident, now),
        "impact": impact_of(page, incident)[0],
        "shortlink": f"{page.url.rstrip('/')}/incidents/{incident.id}",
        "created_at": _instant(incident.started_at),
        "updated_at": _instant(changed_at(incident, now)),
        "monitoring_at": _instant(min(watched)) if watched else None,
        "resolved_at": _instant(incident.resolved_at) if incident.resolved_at and is_over(incident, now) else None,
        "started_at": _instant(incident.started_at),
        "page_id": page_id(page),
        "components": [_component(page, part, incidents, now) for part in concerned(page, incident)],
        "incident_updates": [
            {
                "id": update.id,
                "status": update.status,
                "body": update.body,
                "incident_id": incident.id,
                "created_at": _instant(update.at),
                "updated_at": _instant(update.at),
                "display_at": _instant(update.at),
                "affected_components": _affected(page, incident, updates[number:][::-1]),
            }
            for number, update in enumerate(updates)
        ],
    }


def _maintenance(page: PageSettings, one: PublicMaintenance, incidents: Incidents, now: datetime) -> dict[str, Any]:
    said, status = one.text or one.title, one.status(now)
    over = status == "completed"
    return {
        "id": one.id,
        "name": one.title,
        "status": status,
        "impact": "maintenance",
        "shortlink": page.url.rstrip("/"),
        "created_at": _instant(one.announced_at),
        "updated_at": _instant(one.changed_at),
        "monitoring_at": None,
        "resolved_at": _instant(one.ends) if over else None,
        "started_at": _instant(one.begins),
        "scheduled_for": _instant(one.begins),
        "scheduled_until": _instant(one.ends),
        "page_id": page_id(page),
        "components": [_component(page, part, incidents, now) for part in page.components if part.id in one.components],
        "incident_updates": [
            {
                "id": f"{one.id}-1",
                "status": "scheduled",
                "body": said,
                "incident_id": one.id,
                "created_at": _instant(one.announced_at),
                "updated_at": _instant(one.announced_at),
                "display_at": _instant(one.announced_at),
                "affected_components": None,
            }
        ],
    }


def _affected(
    page: PageSettings, incident: PublicIncident, updates: tuple[PublicUpdate, ...]
) -> list[dict[str, str]] | None:
    """Give what the last of these updates changed for each component; the updates are oldest first."""
    before, after = _after(page, incident, updates[:-1]), _after(page, incident, updates)
    found = [
        {
            "code": part.id,
            "name": part.name,
            "old_status": before.get(part.id, "operational"),
            "new_status": after.get(part.id, "operational"),
        }
        for part in page.components
        if part.id in before or part.id in after
    ]
    return found or None


def _after(
    page: PageSettings, incident: PublicIncident, updates: tuple[PublicUpdate, ...]
) -> dict[str, ComponentStatus]:
    return effect(page, incident, updates) if updates and updates[-1].status != "resolved" else {}


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
