"""What silence means, decided where it is certain: in one transaction with the group's row."""

from datetime import datetime

import msgspec

from tocsin.detection.alert import AlertState, lapsed
from tocsin.incident.jobs import Claimed
from tocsin.store.queries import Query
from tocsin.store.transactions import Transaction, complete, ingest, release

_states = msgspec.json.Decoder(AlertState)


def lapse(held: Claimed, group_key: str, now: datetime, *, awaited: bool) -> Transaction[None]:
    """Take in what it means that nothing came for a group, or wait on for what may still come.

    `awaited` False: the configuration awaits no beats of it any more, and silence means nothing. The group's row is
    locked first, as by whoever brings something: so what came in time is never overlooked.
    """
    rows = yield Query("alert_lock", (group_key,))
    state = _states.decode(rows[0][0]) if rows else None
    if state is not None and state.beats is not None and not awaited:
        state = None
    silence = lapsed(state, now) if state else None
    if silence is not None:
        yield from ingest((silence,), now)
    if silence is None and state is not None and state.waits_until is not None:
        yield from release(held, now)  # it is due later by now
    else:
        yield from complete(held)
