"""What opens or reopens an incident, of which one knows of the other: alerts of one entry share an incident."""

import hashlib
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from tocsin.detection.alert import Alert
from tocsin.errors import Conflict
from tocsin.grouping.joining import component_of
from tocsin.store.queries import Query, Row

if TYPE_CHECKING:
    from tocsin.store.transactions import Change


def mark_of(alert: Alert) -> str:
    """Give what stands for the component an alert names, whatever is written in it; "" for none."""
    named = component_of(alert)
    return hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:32] if named else ""


def begin(changes: Sequence["Change"]) -> Generator[Query, Sequence[Row], None]:
    """Let one at a time open or reopen, and refuse who did not know of what began since it was decided.

    The alert may belong there. Of two that open, only one gets the place; so only the reopened have to be counted.
    """
    reopening = [change for change in changes if change.rev and change.returns]
    if not reopening and all(change.rev for change in changes):
        return
    [(count,)] = yield Query("begin_lock", (len(reopening),))
    for change in changes:
        if change.reopenings is not None and change.reopenings != count - len(reopening):
            raise Conflict(f"another incident was reopened before {change.head.number} began")
    for change in reopening:
        [(ordinal, _)] = yield Query("incident_next", ())
        if change.reopenings is not None and ordinal > change.head.ordinal:
            raise Conflict(f"another incident opened before {change.head.number} was reopened")
