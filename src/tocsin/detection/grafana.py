"""Grafana's webhook: Alertmanager's group with more in it, such as the values that were measured and where to look.

Source: Grafana, "Configure webhook notifications".
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.alertmanager import group_of, member
from tocsin.detection.body import MAX_LINKS, Checked, shortened
from tocsin.detection.delivery import Delivery, object_of, refuse_if_wrong
from tocsin.detection.prometheus import SAYS, SUMMARY, Shared, web_links

LOOK = ("dashboardURL", "panelURL", "silenceURL", "imageURL")
"""Where Grafana leads to from an alert."""

_MOST_VALUES = 16
UNKNOWN = {"DatasourceNoData": "NoData", "DatasourceError": "Error"}
"""What an alert is called whose rule saw nothing. A rule that is told to fire then keeps its own name, and says why."""
_WORDS = {"NoData": "Grafana has no data for the rule", "Error": "Grafana cannot evaluate the rule"}


def read(delivery: Delivery, now: datetime) -> tuple[Alert, ...]:
    """Give the alerts of a group, each with what was measured."""
    body = object_of(delivery.raw)
    group = group_of(body, "Grafana", delivery, now)
    found = tuple(_alert(one, delivery.source.id, group) for one in body.items("alerts"))
    refuse_if_wrong(body.errors)
    return found


def _alert(one: Checked, source: str, group: Shared) -> Alert:
    alert = member(one, source, group)
    links = [one.text(name) or "" for name in LOOK]
    instead = _not_measured(one)
    told = {name: said for name, said in alert.details.items() if name not in SAYS} if instead else alert.details
    return msgspec.structs.replace(
        alert,
        summary=instead or alert.summary,
        details=told | _values(one),
        links=(*alert.links, *web_links(links))[:MAX_LINKS],
    )


def unmeasured(labels: Mapping[str, str]) -> str | None:
    """Give which rule saw nothing, by the labels and annotations of its alert; None where it saw something.

    A rule that keeps its last state has seen it, and says so behind the reason.
    """
    name = labels.get("alertname", "")
    if name in UNKNOWN or labels.get("grafana_state_reason") in _WORDS:
        return labels.get("rulename") or name
    return None


def _not_measured(one: Checked) -> str | None:
    """Give what is the matter where nothing was measured: the rule's own words would claim what nobody saw."""
    annotations = one.words("annotations")
    labels = annotations | one.words("labels")
    rule = unmeasured(labels)
    if rule is None:
        return None
    words = _WORDS[UNKNOWN.get(labels.get("alertname", "")) or labels["grafana_state_reason"]]
    why = annotations.get("Error", "")
    return shortened(f"{words} {rule}: {why}" if why else f"{words} {rule}", SUMMARY)


def _values(one: Checked) -> dict[str, str]:
    """Give what was measured: by the name of the query, and as Grafana words it."""
    values = one.fields.get("values")
    measured = values.items() if isinstance(values, dict) else ()
    found = {
        f"value {shortened(name, 50)}": str(value) for name, value in list(measured)[:_MOST_VALUES] if _is_number(value)
    }
    words = one.short("valueString")
    return found | ({"values": words} if words and words.strip() else {})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
