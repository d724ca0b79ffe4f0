"""Transactions about probes: who looks at which of them, and what is remembered of each.

Probes are parted into shards by their id. A node holds shards for a while and renews that; what it remembers is kept
only while it still holds them, together with the alerts that follow from it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.errors import Conflict
from tocsin.incident.chain import instant, micros
from tocsin.incident.jobs import Job
from tocsin.store import transactions as t
from tocsin.store.queries import Query, Row
from tocsin.store.transactions import Transaction

SHARDS = 16
_FORGOTTEN_AFTER = timedelta(hours=1)


class Kept(NamedTuple):
    """A probe as it is stored. `rev` rises with every write; `at` is when it was last heard of."""

    id: str
    shard: int
    rev: int
    at: datetime
    state: bytes
    series: bytes
    baseline: bytes


class Told(NamedTuple):
    """What a change of probes asks for: alerts to take in, and jobs of the system."""

    alerts: tuple[Alert, ...] = ()
    jobs: tuple[Job, ...] = ()


class Held(NamedTuple):
    """The shards a node holds now, and those among them that it should let go, because others are short of some."""

    shards: tuple[int, ...]
    excess: tuple[int, ...]


# -- who looks


def hold(node: str, until: datetime, now: datetime) -> Transaction[Held]:
    """Let a node hold its fair share until then: what it has, and of what nobody holds as much as it lacks."""
    yield Query("looker_put", (node, micros(until)))
    yield Query("looker_drop", ("", micros(now - _FORGOTTEN_AFTER)))
    nodes = [row[0] for row in (yield Query("lookers", (micros(now),)))]
    known = {row[0]: (row[1], instant(row[2])) for row in (yield Query("shards", ()))}
    share = fair_share(nodes, node)
    mine = [number for number in range(SHARDS) if known.get(number, ("",))[0] == node]
    free = [number for number in range(SHARDS) if number not in known or known[number][1] <= now]
    more = [number for number in free if number not in mine][: max(share - len(mine), 0)]
    taken: tuple[int, ...] = ()
    for number in sorted({*mine, *more}):
        if (yield Query("shard_take", (number, node, micros(until), micros(now)))):
            taken = (*taken, number)
    return Held(taken, taken[share:])


def fair_share(nodes: Sequence[str], node: str) -> int:
    """Give how many shards a node should hold: all nodes the same, the first ones one more where that leaves some."""
    others = sorted({*nodes, node})
    each, more = divmod(SHARDS, len(others))
    return each + (others.index(node) < more)


def let_go(node: str, shards: Sequence[int], *, leaves: bool) -> Transaction[None]:
    """Let shards go; `leaves`: the node looks no more at all."""
    for number in sorted(shards):
        yield Query("shard_drop", (number, node))
    if leaves:
        yield Query("looker_drop", (node, 0))


def holders(now: datetime) -> Transaction[dict[int, str]]:
    """Give which node holds each shard now."""
    rows = yield Query("shards", ())
    return {row[0]: row[1] for row in rows if instant(row[2]) > now}


# -- what is remembered


def keep(
    node: str, kept: Sequence[Kept], dropped: Sequence[tuple[str, int]], told: Told, now: datetime
) -> Transaction[bool]:
    """Remember probes, forget others (id and shard), and take in what follows; give whether anybody has to look.

    `node` "" needs no leases: it is alone. Raises Conflict when the node holds one of the shards no more; then nothing
    is kept.
    """
    if node:
        for number in sorted({one.shard for one in kept} | {shard for _, shard in dropped}):
            if not (yield Query("shard_held", (number, node))):
                raise Conflict(f"another node looks at shard {number} now")
    yield Query("probe_put", many=tuple(_row(one) for one in sorted(kept)))
    for name, _ in sorted(dropped):
        yield Query("probe_drop", (name,))
    return (yield from _tell(told, now))


def _tell(told: Told, now: datetime) -> Transaction[bool]:
    waits = (yield from t.ingest(told.alerts, now)) if told.alerts else False
    for job in told.jobs:
        yield from t.want(job)
    return waits or bool(told.jobs)


Decided = tuple[Kept, Told]


def change(
    names: Mapping[str, Callable[[Kept | None], Decided | None]], now: datetime
) -> Transaction[tuple[tuple[str, ...], bool]]:
    """Change probes that any node may change: each is locked, decided on, and kept with what follows.

    Gives the names that were changed, and whether anybody has to look.
    """
    changed, told = [], list[Told]()
    for name in sorted(names):
        rows = yield Query("probe_lock", (name,))
        decided = names[name](_kept(rows[0]) if rows else None)
        if decided is not None:
            yield Query("probe_put", _row(decided[0]))
            changed.append(name)
            told.append(decided[1])
    alerts = tuple(alert for one in told for alert in one.alerts)
    jobs = tuple(job for one in told for job in one.jobs)
    return tuple(changed), (yield from _tell(Told(alerts, jobs), now))


def revs(names: Sequence[str]) -> Transaction[dict[str, int]]:
    """Give how often each of these was written: to find out whether a commit was kept whose answer was lost."""
    found = {}
    for name in names:
        for row in (yield Query("probe_revs", (name,))):
            found[name] = row[0]
    return found


def remembered(shard: int) -> Transaction[tuple[Kept, ...]]:
    """Give what is remembered of the probes of a shard."""
    rows = yield Query("probes_of", (shard,))
    return tuple(map(_kept, rows))


def remembered_of(names: Sequence[str]) -> Transaction[tuple[Kept, ...]]:
    """Give what is remembered of these probes."""
    found: tuple[Kept, ...] = ()
    for name in names:
        found = (*found, *map(_kept, (yield Query("probe_get", (name,)))))
    return found


def all_remembered() -> Transaction[tuple[Kept, ...]]:
    """Give what is remembered of every probe."""
    rows = yield Query("probes_all", ())
    return tuple(map(_kept, rows))


def heard(shard: int) -> Transaction[dict[str, datetime]]:
    """Give when each probe of a shard was last heard of."""
    rows = yield Query("probes_heard", (shard,))
    return {row[0]: instant(row[1]) for row in rows}


def heard_of(names: Sequence[str]) -> Transaction[dict[str, datetime]]:
    """Give when each of these probes was last heard of: for few of them, of whatever shards."""
    found = {}
    for name in names:
        for row in (yield Query("probe_heard", (name,))):
            found[name] = instant(row[0])
    return found


def any_remembered() -> Transaction[bool]:
    """Give whether anything is remembered of any probe."""
    [(found,)] = yield Query("probe_any", ())
    return bool(found)


def _kept(row: Row) -> Kept:
    name, shard, rev, at, state, series, baseline = row
    return Kept(str(name), shard, rev, instant(at), bytes(state), bytes(series), bytes(baseline))


def _row(kept: Kept) -> tuple[object, ...]:
    return tuple(kept._replace(at=micros(kept.at)))  # type: ignore[arg-type]
