"""Prometheus' own alerts: labels and annotations, as it pushes them and as Alertmanager and Grafana pass them on.

Source: Alertmanager's API v2 (`POST /api/v2/alerts`) and its webhook, version 4.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import MAX_LINK, MOST_FAULTS, Checked, flattened, shortened
from tocsin.detection.delivery import Delivery, Malformed, PartlyMalformed, decoded, refuse_if_wrong
from tocsin.detection.urgency import severity_of

LASTS = timedelta(minutes=5)
"""How long an alert lasts that does not say when it ends, as `resolve_timeout` of Alertmanager."""

SUMMARY = 1024
"""Characters of a summary at most, as PagerDuty's."""

_KEY = 255
SAYS = ("summary", "title", "message", "description")
"""The annotations in which a rule says in words what it is about, the plainest first."""

_WHERE = ("instance", "host", "hostname", "node", "pod", "job")
_OFFSET, _PRIME, _BYTES = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
_BETWEEN = 255
_NEVER = 1
"""The year of an instant that Go leaves empty: it means that there is none."""


class Shared(NamedTuple):
    """What the alerts of one delivery share. `told` are details that each of them gets."""

    client: str | None = None
    client_url: str | None = None
    lease_until: datetime | None = None
    told: dict[str, str] | None = None


_ALONE = Shared()


def read(delivery: Delivery, now: datetime) -> tuple[Alert, ...]:
    """Give the alerts that Prometheus (or amtool) posts: each lasts until its `endsAt` and has to be sent again.

    Raises PartlyMalformed with the alerts that are right where others are not, as Alertmanager takes them: one that is
    odd must not keep the others from anybody, wherever it stands.
    """
    value = decoded(delivery.raw)
    if not isinstance(value, list):
        raise Malformed(["the body is no JSON array of alerts"])
    errors, found = list[str](), list[Alert]()
    for place, item in enumerate(value):
        if len(errors) > MOST_FAULTS and not (isinstance(item, dict) and item.get("labels")):
            continue  # is odd too, which is not told any more
        faults = list[str]()
        alert = _posted(item, f"[{place}]", delivery.source.id, now, faults)
        if alert is not None and not faults:
            found.append(alert)
        elif len(errors) <= MOST_FAULTS:
            errors += faults
    if errors and found:
        raise PartlyMalformed(errors, found)
    refuse_if_wrong(errors)
    return tuple(found)


def _posted(item: object, place: str, source: str, now: datetime, faults: list[str]) -> Alert | None:
    """Give one alert; what is wrong with it goes to `faults`. None for what has not even labels."""
    if not isinstance(item, dict):
        faults.append(f"'{place}' is invalid (must be an object)")
        return None
    one = Checked(item, faults, f"{place}.")
    if not one.words("labels"):
        one.complain("labels", "must hold at least one label")
        return None
    alert, ends = alert_of(one, source), instant_of(one, "endsAt")
    if alert.started_at and ends and ends < alert.started_at:
        one.complain("endsAt", "must not be before startsAt")
    until = ends or now + LASTS
    return msgspec.structs.replace(
        alert,
        action="trigger" if until > now else "resolve",
        started_at=alert.started_at or min(now, until),
        lease_until=until if until > now else None,
        client="Prometheus",
    )


def alert_of(one: Checked, source: str, shared: Shared = _ALONE, action: Action = "trigger") -> Alert:
    """Give one alert by its labels and annotations; what is wrong is noted where `one` keeps its errors."""
    labels, annotations = one.words("labels"), one.words("annotations")
    name, details = labels.get("alertname", ""), flattened({**annotations, **labels})
    return Alert(
        source=source,
        dedup_key=(one.text("fingerprint") or fingerprint(labels))[:_KEY],
        action=action,
        summary=shortened(_first(annotations, SAYS) or name or "an alert without a name", SUMMARY),
        origin=shortened(_first(labels, _WHERE)),
        severity=severity_of(labels.get("severity")),
        component=_short(labels.get("component") or labels.get("service")),
        group=_short(labels.get("cluster") or labels.get("namespace")),
        alert_class=_short(name),
        started_at=instant_of(one, "startsAt"),
        lease_until=shared.lease_until,
        client=shared.client,
        client_url=shared.client_url,
        details=details | shared.told if shared.told else details,
        links=web_links([one.text("generatorURL") or "", *map(annotations.__getitem__, filter(_is_link, annotations))]),
    )


def _first(words: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Give the first of these that says something, "" where none does."""
    for name in names:
        said = words.get(name)
        if said and not said.isspace():
            return said
    return ""


def _is_link(name: str) -> bool:
    return name.lower().endswith(("url", "_link"))


def instant_of(one: Checked, name: str) -> datetime | None:
    """Give an instant; the one that Go writes for none is none."""
    found = one.instant(name)
    return None if found is None or found.year == _NEVER else found


def web_links(links: list[str]) -> tuple[str, ...]:
    """Give the addresses among these, each once."""
    found = [shortened(link, MAX_LINK) for link in links if link.startswith(("http://", "https://"))]
    return tuple(found if len(found) <= 1 else dict.fromkeys(found))


def fingerprint(labels: Mapping[str, str]) -> str:
    """Give the fingerprint Prometheus and Alertmanager know these labels by: FNV-1a, 64 bits."""
    total = _OFFSET
    for name in sorted(labels):
        for byte in (*name.encode(), _BETWEEN, *labels[name].encode(), _BETWEEN):
            total = ((total ^ byte) * _PRIME) & _BYTES
    return f"{total:016x}"


def _short(text: str | None) -> str | None:
    return shortened(text) if text else None
