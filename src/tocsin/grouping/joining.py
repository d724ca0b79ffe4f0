"""Whether an alert that would begin an incident joins one that is open instead: the same entry, time and component.

docs/decisions/0045-alerts-of-one-entry-share-an-incident.md
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.detection.alert import Alert, AlertState
from tocsin.detection.reports import SOURCE
from tocsin.grouping.holding import Begins
from tocsin.incident.body import Because
from tocsin.incident.incident import Incident
from tocsin.runbook.policy import IncidentType

MOST_ALERTS = 100
"""So many alerts share an incident; the next one opens another, which pages: no timeline grows without bound."""


def may_join(alert: AlertState, begins: Begins) -> bool:
    """Give whether an alert ever joins another's incident: it has an entry, and nobody declared or reported it."""
    said = alert.alert
    return begins.entry is not None and not said.declared_by and said.source != SOURCE


def component_of(alert: Alert) -> str:
    """Give the component an alert names, as components are compared; "" for none."""
    return (alert.component or "").strip().casefold()


class Open(NamedTuple):
    """An open incident that may be joined: with its alerts, and its entry in the document that it is pinned to."""

    incident: Incident
    alerts: tuple[AlertState, ...]
    entry: IncidentType | None


def joining(one: Open, alert: AlertState, begins: Begins, within: timedelta, now: datetime) -> Because | None:
    """Give why an alert joins an open incident, or None when it begins its own, which would be `begins`.

    The time counts from the latest alert that came to the incident. A component counts when both sides name one.
    What a person split apart does not come together again.
    """
    incident = one.incident
    group = alert.alert.group_key
    if group not in incident.groups and (group in incident.split_off or group in incident.apart):
        return None
    latest = max([incident.began_at, *(other.joined_at for other in incident.others.values())])
    same_kind = incident.incident_type == begins.entry and incident.restricted == begins.restricted
    if not same_kind or incident.status == "resolved" or len(incident.groups) >= MOST_ALERTS:
        return None
    if within <= timedelta(0) or now - latest > within:
        return None
    component = component_of(alert.alert)
    theirs = {name for other in one.alerts if (name := component_of(other.alert))}
    if component and theirs and component not in theirs:
        return None
    same = f" and the same component, {(alert.alert.component or '').strip()}" if component and theirs else ""
    text = f"it is the same entry{same}, while {incident.number} is open"
    return Because(text, one.entry.line if one.entry else None)
