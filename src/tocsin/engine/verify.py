"""Verification that every timeline is what it was when it was written."""

import logging
from typing import NamedTuple

import msgspec

from tocsin.engine.ports import Store
from tocsin.errors import UnknownFact
from tocsin.incident.chain import Row, faults, unlink
from tocsin.incident.incident import fold
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t

log = logging.getLogger("tocsin.verify")


class Verification(NamedTuple):
    """What was looked at and what is wrong: (incident, sentence) pairs, none when all is clean."""

    incidents: int
    facts: int
    faults: tuple[tuple[str, str], ...]


async def verify(store: Store) -> Verification:
    """Check each hash chain, its recorded head, and that the incident's row says what its facts say."""
    found: list[tuple[str, str]] = []
    counted = 0
    heads = await store.read(t.heads())
    for head in heads:
        rows = await store.read(t.all_facts(head.number))
        # A fact appended since the heads were read is no fault; what the head vouches for is looked at.
        later = [row for row in rows if row.seq > head.seq]
        rows = tuple(row for row in rows if row.seq <= head.seq)
        counted += len(rows)
        wrong = [*faults(rows, head.hash, head.seq), *_disagreements(head, rows)]
        if later and not (await _moved_on(store, head)):
            wrong.append(f"{len(later)} facts stand behind the recorded head")
        found += [(head.number, sentence) for sentence in wrong]
    found += [(number, "facts without an incident") for number in await store.read(t.orphans())]
    log.info("verified %d incidents, %d facts, %d faults", len(heads), counted, len(found))
    return Verification(len(heads), counted, tuple(found))


async def _moved_on(store: Store, head: t.Recorded) -> bool:
    now = {other.number: other.seq for other in await store.read(t.heads())}
    return now.get(head.number, 0) > head.seq


def _disagreements(head: t.Recorded, rows: tuple[Row, ...]) -> list[str]:
    """Give where the incident's row, which lists show, says other than its facts."""
    try:
        incident = fold(unlink(row) for row in rows)
        shown = msgspec.json.decode(head.view, type=IncidentView)
    except (UnknownFact, msgspec.DecodeError, ValueError, KeyError, OverflowError) as error:
        return [f"cannot be read: {error}"]
    if incident is None:
        return ["has no facts"]
    told = (incident.number, incident.status, incident.severity, incident.title, incident.restricted)
    listed = (shown.id, shown.status, shown.severity, shown.title, shown.restricted)
    wrong = [] if told == listed else ["lists show something else than its facts say"]
    if head.open != (incident.status != "resolved"):
        wrong.append("its row says open or closed, its facts the opposite")
    return wrong
