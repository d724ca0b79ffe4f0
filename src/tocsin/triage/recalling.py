"""What people said of alerts like this one: corrections, and "that was right", the latest counts.

Two alerts are alike when the same source sends them under the same name, or with the same words once numbers, hosts
and quoted values are taken out.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.triage.statement import NAME_KEYS

# A word begins where it begins: else one without a number is looked through again from each of its letters. Nor is
# any longer than this, or a row of quotation marks would be.
_VARIES = re.compile(r"(?<![^\s\"'])[^\s\d]{0,120}\d\S*|\"[^\"]*\"|'[^']*'|https?://\S+|\b[0-9a-f]{8,}\b")
_WORD = re.compile(r"[^\W\d_]+")
MOST_WORDS = 16
FEWEST_WORDS = 2


class Correction(NamedTuple):
    """What a person said of the alert of an incident: the entry it belongs to, or None for none.

    `like` is what alerts it is said of have in common, `before` what was found, `on` the day (UTC).
    """

    like: str
    before: str | None
    incident_type: str | None
    by: str
    on: date
    number: str

    @property
    def told(self) -> str:
        """Give it as a reason."""
        done = "confirmed" if self.before == self.incident_type else "corrected"
        return f"{done} by {self.by.partition(':')[2] or self.by} on {self.on.isoformat()} at {self.number}"


def likeness(alert: Alert) -> str:
    """Give what alerts like this one have in common; "" when too little is said to know another one by."""
    named = {key.lower(): value for key, value in alert.details.items()}
    name = next((named[key] for key in NAME_KEYS if named.get(key)), alert.alert_class)
    if name:
        return f"{alert.source}/name/{name.strip().lower()[:200]}"
    words = _WORD.findall(_VARIES.sub(" ", alert.summary.lower()))[:MOST_WORDS]
    return f"{alert.source}/words/{' '.join(words)}" if len(words) >= FEWEST_WORDS else ""


def recalled(alert: Alert, corrections: Iterable[Correction]) -> Correction | None:
    """Give the latest correction that is about alerts like this one, or None; `corrections` are the newest first."""
    like = likeness(alert)
    return next((one for one in corrections if one.like == like), None) if like else None
