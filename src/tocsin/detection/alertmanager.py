"""Alertmanager's webhook, version 4: a group of alerts, of which some may be over while others still fire.

An alert is known by its fingerprint, never by its place in the list. Source: Alertmanager, "webhook_config".
"""

from datetime import datetime

from tocsin.detection.alert import Alert
from tocsin.detection.body import Checked
from tocsin.detection.delivery import Delivery, object_of, refuse_if_wrong
from tocsin.detection.prometheus import Shared, alert_of, web_links

STATES = ("firing", "resolved")
CUT = "alerts_cut_off"
"""The detail that says how many alerts of the group the sender left out."""


def read(delivery: Delivery, now: datetime) -> tuple[Alert, ...]:
    """Give the alerts of a group, each firing or resolved by itself."""
    body = object_of(delivery.raw)
    group = group_of(body, "Alertmanager", delivery, now)
    found = tuple([member(one, delivery.source.id, group) for one in body.items("alerts")])
    refuse_if_wrong(body.errors)
    return found


def group_of(body: Checked, client: str, delivery: Delivery, now: datetime) -> Shared:
    """Give what the alerts of a body share; faults are noted in `body.errors`."""
    cut, lease = body.count("truncatedAlerts"), delivery.source.lease
    return Shared(
        client=client,
        client_url=next(iter(web_links([body.text("externalURL") or ""])), None),
        lease_until=now + lease if lease else None,
        told={CUT: str(cut)} if cut else None,
    )


def member(one: Checked, source: str, group: Shared) -> Alert:
    """Give one alert of a group."""
    return alert_of(one, source, group, "resolve" if one.one_of("status", STATES) == "resolved" else "trigger")
