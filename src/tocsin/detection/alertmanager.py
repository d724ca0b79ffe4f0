"""Alertmanager's webhook, version 4: a group of alerts, of which some may be over while others still fire.

An alert is known by its fingerprint, never by its place in the list. Source: Alertmanager, "webhook_config".
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.body import Checked
from tocsin.detection.delivery import Delivery, object_of, refuse_if_wrong
from tocsin.detection.prometheus import alert_of, web_links

STATES = ("firing", "resolved")
CUT = "alerts_cut_off"
"""The detail that says how many alerts of the group the sender left out."""


def read(delivery: Delivery, now: datetime) -> tuple[Alert, ...]:
    """Give the alerts of a group, each firing or resolved by itself."""
    body = object_of(delivery.raw)
    group = group_of(body, "Alertmanager", delivery, now)
    found = tuple(member(one, group) for one in body.items("alerts"))
    refuse_if_wrong(body.errors)
    return found


class Group(NamedTuple):
    """What the alerts of one delivery share. `told` are details that each of them gets."""

    source: str
    client: str
    client_url: str | None
    lease_until: datetime | None
    told: dict[str, str]


def group_of(body: Checked, client: str, delivery: Delivery, now: datetime) -> Group:
    """Give what the alerts of a body share; faults are noted in `body.errors`."""
    cut, lease = body.count("truncatedAlerts"), delivery.source.lease
    return Group(
        source=delivery.source.id,
        client=client,
        client_url=next(iter(web_links([body.text("externalURL") or ""])), None),
        lease_until=now + lease if lease else None,
        told={CUT: str(cut)} if cut else {},
    )


def member(one: Checked, group: Group) -> Alert:
    """Give one alert of a group."""
    alert = alert_of(one, group.source)
    return msgspec.structs.replace(
        alert,
        action="resolve" if one.one_of("status", STATES) == "resolved" else "trigger",
        client=group.client,
        client_url=group.client_url,
        lease_until=group.lease_until,
        details=alert.details | group.told,
    )
