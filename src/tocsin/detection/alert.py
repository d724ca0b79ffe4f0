"""The common alert every foreign body becomes, and what the store remembers of it."""

from datetime import datetime
from typing import Literal

import msgspec

Action = Literal["trigger", "acknowledge", "resolve"]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One event from outside.

    `source` is the id of the configured source, `dedup_key` its own name for the trouble: together they are the
    group. `severity` is the sender's word (critical, error, warning, info) and a hint only. `incident_type` and
    `wanted_severity` are set when a person declares. `details` is the sender's free data, strings only, bounded.
    """

    source: str
    dedup_key: str
    action: Action
    summary: str = ""
    origin: str = ""
    severity: str = "error"
    component: str | None = None
    group: str | None = None
    alert_class: str | None = None
    started_at: datetime | None = None
    client: str | None = None
    client_url: str | None = None
    details: dict[str, str] = {}
    links: tuple[str, ...] = ()
    incident_type: str | None = None
    wanted_severity: str | None = None
    declared_by: str | None = None

    @property
    def group_key(self) -> str:
        """Give the name of the group of alerts that share one incident while it is open."""
        return f"{self.source}/{self.dedup_key}"


class AlertState(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one group of equal alerts: the latest event, and how often it came.

    `generation` rises with every transition (a repeat of what is known does not raise it). `acknowledged_at` is
    when the sender acknowledged since it last began firing. `flaps` counts resolved -> firing.
    """

    alert: Alert
    status: Literal["firing", "resolved"]
    count: int
    flaps: int
    first_at: datetime
    last_at: datetime
    changed_at: datetime
    acknowledged_at: datetime | None = None
