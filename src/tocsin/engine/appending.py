"""New facts at the end of a timeline: their rows, each linked to the one before, and the incident after them."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.escalation.calling import fact_of
from tocsin.incident.chain import GENESIS, instant, link
from tocsin.incident.chain import Row as FactRow
from tocsin.incident.facts import Fact, FactBody
from tocsin.incident.incident import Incident, apply
from tocsin.incident.jobs import Job, is_recorded
from tocsin.incident.world import World
from tocsin.lifecycle import jobs_for

log = logging.getLogger("tocsin.engine")


class Appended(NamedTuple):
    """The incident after facts were recorded at its end, their rows and bodies, its world, and what it wants done."""

    incident: Incident
    rows: tuple[FactRow, ...]
    bodies: tuple[FactBody, ...]
    world: World
    jobs: tuple[Job, ...]


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


def append_due(incident: Incident, world: World, now: datetime, salt: Callable[[], bytes]) -> Appended:
    """Record what is due by then and whose deed is a fact, as whoever claims it would: levels are called, people told.

    What breaks is left to whoever claims it, so that nobody waits for the facts before it.
    """
    jobs, done = jobs_for(incident, world), set[str]()
    rows, bodies = tuple[FactRow, ...](), tuple[FactBody, ...]()
    while due := [job for job in jobs if job.due <= now and is_recorded(job.do) and job.key not in done]:
        job = min(due, key=lambda one: (one.rank, one.due, one.key))
        done.add(job.key)
        try:
            body = fact_of(job.do, incident, world, now)
            after, more = append(incident, (body,), now, salt)
            jobs = jobs_for(after, world)
        except Exception:
            log.exception("%s is left to whoever takes it", job.key)
            continue
        incident, rows, bodies = after, (*rows, *more), (*bodies, body)
    return Appended(incident, rows, bodies, world, jobs)


def facts_of(rows: Iterable[FactRow], bodies: Iterable[FactBody]) -> Iterator[Fact]:
    """Give the facts whose rows were made of these bodies."""
    for row, body in zip(rows, bodies, strict=True):
        yield Fact(seq=row.seq, at=instant(row.at), body=body, hash=row.hash)
