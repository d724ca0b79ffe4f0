"""New facts at the end of a timeline: their rows, each linked to the one before, and the incident after them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from tocsin.incident.chain import GENESIS, instant, link
from tocsin.incident.chain import Row as FactRow
from tocsin.incident.facts import Fact, FactBody
from tocsin.incident.incident import Incident, apply


def append(
    before: Incident | None, bodies: tuple[FactBody, ...], now: datetime, salt: Callable[[], bytes]
) -> tuple[Incident, tuple[FactRow, ...]]:
    """Give the incident after these bodies were recorded at `now`, and the rows that say so."""
    incident, rows = before, []
    for body in bodies:
        seq, prev = (incident.seq + 1, incident.hash) if incident else (1, GENESIS)
        row = link(Fact(seq=seq, at=now, body=body), prev, salt())
        rows.append(row)
        incident = apply(incident, Fact(seq=seq, at=now, body=body, hash=row.hash))
    if incident is None:
        raise ValueError("a timeline begins with Opened")
    return incident, tuple(rows)


def facts_of(rows: Iterable[FactRow], bodies: Iterable[FactBody]) -> Iterator[Fact]:
    """Give the facts whose rows were made of these bodies."""
    for row, body in zip(rows, bodies, strict=True):
        yield Fact(seq=row.seq, at=instant(row.at), body=body, hash=row.hash)
