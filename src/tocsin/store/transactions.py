"""What happens inside each transaction, told once for every driver.

A transaction is a generator: it yields queries and is sent their rows. A driver runs it between BEGIN and COMMIT,
so that SQLite's writer thread and an asynchronous driver share these lines. No transaction spans any other I/O.
"""

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from tocsin.detection.alert import Alert, AlertState, transition
from tocsin.errors import Conflict, Overtaken, Refused
from tocsin.incident.chain import Row as FactRow
from tocsin.incident.chain import instant, micros
from tocsin.incident.jobs import (
    RUNS,
    WAKES,
    WAKES_LAST,
    Claimed,
    Doing,
    Expect,
    Job,
    Turn,
    Unreadable,
    lane_of,
    sends_by,
)
from tocsin.store.beginning import begin, mark_of
from tocsin.store.queries import SENDING, Query, Row

T = TypeVar("T")
Transaction = Generator[Query, Sequence[Row], T]

_Rows = list[tuple[object, ...]]
_states = msgspec.json.Decoder(AlertState)
_doings: msgspec.json.Decoder[Doing] = msgspec.json.Decoder(Doing)


class Viewer(NamedTuple):
    """Who asks: `everything` for those who may see restricted incidents, else the person (or "")."""

    everything: bool
    person: str


SYSTEM = Viewer(everything=True, person="")


class Timeline(NamedTuple):
    """A group's incident as loaded in one transaction, and whether it is open. Without one, `number` is None, `rev` 0.

    `next_ordinal` is the place of a new incident and `reopenings` how many there were, loaded with a group only.
    `others` are the other alerts that are part of the incident now.
    """

    number: str | None
    rev: int
    rows: tuple[FactRow, ...]
    alert: AlertState | None
    next_ordinal: int = 0
    others: tuple[AlertState, ...] = ()
    open: bool = False
    reopenings: int | None = None


class Head(NamedTuple):
    """What the incident's row says after a commit. `view` is JSON for lists; `viewers` may see it if restricted."""

    number: str
    ordinal: int
    group_key: str
    open: bool
    restricted: bool
    opened_at: int
    view: bytes
    viewers: tuple[str, ...]
    public: bytes | None = None
    entry: str | None = None


class Receipt(NamedTuple):
    """An attempt to reach somebody, or what the other side said of it later.

    `status` is accepted, retrying (refused for now), unanswered (it may have arrived), failed, or a provider's word
    such as delivered. `message` is the key the receiver saw; a bundle has one for many pages.
    """

    key: str
    incident: str
    attempt: int
    at: datetime
    status: str
    detail: str
    message: str = ""


class Closed(NamedTuple):
    """What cannot be sent just now: channels without a place or a token, and lanes."""

    channels: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """Give the end of the names of what is asked: past decisions, however many wait, where those have no place."""
        return SENDING if "" in self.channels else ""

    @property
    def lists(self) -> tuple[str, str]:
        """Give both as queries take them."""
        return msgspec.json.encode(self.channels).decode(), msgspec.json.encode(self.lanes).decode()


_NEVER = 2**62
"""An instant in microseconds that no job is due at."""

ALL_OPEN = Closed()


class Change(NamedTuple):
    """Everything one turn commits. `rev` 0 opens the incident; `held` is the claim this turn completes.

    `triggers` is how many events of the alert the decision knew of, `others` the same by group of its other alerts.
    `again` is when the turn has to be taken again.
    `enters` are groups whose alerts become part of it, which must not be part of another open incident; `returns` those
    that do if they are not. `leave` is the open incident that the entering groups leave, "" for none.
    `reopenings` is how many the decision to begin knew of, with `head.ordinal` as the next place; None where a person
    decided, whatever else is open.
    """

    head: Head
    rev: int
    facts: tuple[FactRow, ...]
    last_seq: int
    last_hash: str
    jobs: tuple[Job, ...]
    held: Claimed | None
    receipts: tuple[Receipt, ...] = ()
    now: datetime = instant(0)
    triggers: int = 0
    others: tuple[tuple[str, int], ...] = ()
    again: datetime | None = None
    enters: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    leave: str = ""
    reopenings: int | None = None


class Listed(NamedTuple):
    """An incident as lists show it: JSON, its place in the order, and the hash of its latest fact."""

    view: bytes
    ordinal: int
    hash: str


# -- alerts in


def ingest(alerts: Sequence[Alert], now: datetime) -> Transaction[bool]:
    """Commit what events make of their groups, each with the turn it asks for; give whether anybody has to look.

    Events of a group count in their order. Raises Overtaken when another node hears of a group for the first time too.
    """
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.group_key, []).append(alert)
    named = msgspec.json.encode(sorted(groups)).decode()
    known = {row[0]: _states.decode(row[1]) for row in (yield Query("alerts_lock", (named,)))}
    # Asked when the rows are ours, not with them: what was decided while they were waited for is known only now.
    busy = {row[0]: row[1] for row in (yield Query("groups_busy", (named, turn_key(""))))}
    new, changed, marks, expected, turns = _Rows(), _Rows(), _Rows(), _Rows(), _Rows()
    for group_key in sorted(groups):
        before = known.get(group_key)
        state, nudged = _after(before, groups[group_key], busy.get(group_key), now)
        if state is None or state is before:
            continue
        row = (group_key, msgspec.json.encode(state), state.status, micros(state.last_at))
        (new if before is None else changed).append(row)
        if before is not None and before.alert.component != state.alert.component:
            marks.append((group_key, mark_of(state.alert)))
        expected += _expected(state)
        turns += [_turn_row(group_key, now)] if nudged else []
    # What is not there cannot be locked. To wait now for who was first could make two wait for each other.
    if new and len((yield Query("alert_insert", many=tuple(new)))) < len(new):
        raise Overtaken("another node hears of the same alert for the first time; send it again")
    for name, rows in (("alert_update", changed), ("member_component", marks), ("job_put", expected), ("nudge", turns)):
        if rows:
            yield Query(name, many=tuple(rows))
    return bool(expected or turns)


def _after(
    known: AlertState | None, alerts: Sequence[Alert], busy: object, now: datetime
) -> tuple[AlertState | None, bool]:
    """Give what is known after events, and whether they ask for a turn: after the first that does, one waits.

    `busy` as the store says: whether something is open or waits to be decided, None where it is not even under way.
    """
    nudged = False
    for alert in alerts:
        change = transition(known, alert, idle=not busy and not nudged, deciding=busy is not None, now=now)
        if change is not None:
            known, nudged = change.state, nudged or change.nudge
    return known, nudged


def _expected(state: AlertState) -> list[tuple[object, ...]]:
    """Give the job of who is woken when silence would mean something, if it would."""
    if state.waits_until is None:
        return []
    group_key = state.alert.group_key
    name, do = f"expect/{group_key}", Expect(group_key=group_key)
    return [_job_row(Job(key=name, owner=name, due=state.waits_until, do=do))]


def turn_key(group_key: str) -> str:
    """Give the key of a group's Turn."""
    return f"turn/{group_key}"


def nudge(group_key: str, now: datetime) -> Query:
    """Give what asks for a turn of a group."""
    return Query("nudge", _turn_row(group_key, now))


def _turn_row(group_key: str, now: datetime) -> tuple[object, ...]:
    args = msgspec.json.encode(Turn(group_key=group_key))
    return turn_key(group_key), f"group/{group_key}", micros(now), args


# -- load


def load_group(group_key: str) -> Transaction[Timeline]:
    """Give the group's open incident, else its latest one, else none; its alert; and the place of a new incident."""
    heads = yield Query("incident_latest", (group_key,))
    timeline = yield from _timeline(heads, group_key)
    [(ordinal, reopenings)] = yield Query("incident_next", ())
    return timeline._replace(next_ordinal=ordinal, reopenings=reopenings)


def next_ordinal() -> Transaction[int]:
    """Give the place of a new incident."""
    [(ordinal, _)] = yield Query("incident_next", ())
    return int(ordinal)


def load_incident(number: str, viewer: Viewer) -> Transaction[Timeline | None]:
    """Give that incident, or None when there is none or this viewer may not know of it."""
    heads = yield Query("incident_head", (number, viewer.everything, viewer.person))
    if not heads:
        return None
    return (yield from _timeline(heads, heads[0][4]))


def _timeline(heads: Sequence[Row], group_key: str) -> Transaction[Timeline]:
    # The incident's row first, then its facts, then the alert: a newer alert is harmless, an older one is not.
    number: str | None = None
    rev, rows = 0, tuple[FactRow, ...]()
    if heads:
        number, rev = heads[0][0], heads[0][1]
        found = yield Query("facts", (number, heads[0][2]))
        rows = tuple(fact_row(row) for row in found)
    found = yield Query("alerts_of", (group_key, number or ""))
    states = {state.alert.group_key: state for state in (_states.decode(row[0]) for row in found)}
    alert = states.pop(group_key, None)
    is_open = bool(heads and heads[0][3])
    return Timeline(number, rev, rows, alert, others=tuple(states.values()), open=is_open)


def fact_row(row: Row) -> FactRow:
    """Give a stored fact; a column whose type was changed by hand becomes a value that verification finds."""
    seq, at, kind, payload, salt, digest, prev, last = row
    return FactRow(_whole(seq), _whole(at), str(kind), _bytes(payload), _bytes(salt), str(digest), str(prev), str(last))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else -1


def _bytes(value: object) -> bytes | None:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value  # type: ignore[return-value]


# -- commit


def commit(change: Change) -> Transaction[None]:
    """Append facts and replace jobs; raises Conflict when somebody else committed first. Completing is replacing."""
    yield from commit_together((change,))


def commit_together(changes: Sequence[Change], *, look: bool = False) -> Transaction[None]:
    """Commit changes of several incidents, all or none of them; `look` asks for a turn of all their alerts."""
    changes = sorted(changes, key=lambda change: change.head.number)  # one order everywhere, or databases deadlock
    yield from begin(changes)
    for change in changes:
        yield from _move(change)
    heard = sorted({group for change in changes for group in _heard(change)})
    if len(heard) > 1:  # in one order before each is asked for, or who takes alerts meanwhile deadlocks with this
        yield Query("alerts_lock", (msgspec.json.encode(heard).decode(),))
    for change in changes:
        yield from _enter(change)
        yield from _refuse_unheard(change)
    for change in changes:
        yield from _append(change)
    groups = {group for change in changes for group in (change.head.group_key, *dict(change.others))} if look else ()
    for group_key in sorted(groups):
        yield nudge(group_key, changes[0].now)


def _append(change: Change) -> Transaction[None]:
    number = change.head.number
    yield Query("fact_insert", many=tuple((number, *msgspec.structs.astuple(row)) for row in change.facts))
    yield Query("viewer_put", many=tuple((number, person) for person in change.head.viewers))
    yield from _replace_jobs(change)
    yield Query("receipt_put", many=tuple(map(_receipt_row, change.receipts)))


def _move(change: Change) -> Transaction[None]:
    head, seq, last = change.head, change.last_seq, change.last_hash
    if change.rev == 0:
        key = (head.number, head.ordinal, head.group_key, head.open, seq, last)
        line = (head.restricted, head.view, head.opened_at, head.public, head.entry)
        done = yield Query("incident_insert", (*key, *line))
    else:
        kept = (head.restricted, head.view, change.rev, head.public, head.group_key, head.entry)
        moved = (head.number, seq, last, head.open, *kept)
        done = yield Query("incident_update", moved)
        if not done:
            yield from _refuse_second(head, change.rev)
    if not done:
        raise Conflict(f"{head.number} moved on")


def _heard(change: Change) -> set[str]:
    """Give the groups whose alerts a change locks until it is committed."""
    opens, ends = change.rev == 0, not change.head.open
    own = {change.head.group_key} if opens or ends else set[str]()
    return own | {*change.enters, *change.returns} | (set(dict(change.others)) if ends else set())


def _enter(change: Change) -> Transaction[None]:
    """Let groups be part of this incident from now on. Their rows are locked first, so that only one takes each."""
    head = change.head
    own = (head.group_key,) if change.rev == 0 else ()
    for group_key in sorted({*own, *change.enters, *change.returns}):
        rows = yield Query("alert_lock", (group_key,))
        component = mark_of(_states.decode(rows[0][0]).alert) if rows else None
        if change.leave:
            taken = yield Query("member_move", (group_key, head.number, component, change.leave))
        else:
            taken = yield Query("member_put", (group_key, head.number, component))
        if not taken and (head.open or change.rev) and group_key not in change.returns:
            raise Conflict(f"{group_key} is part of another open incident than {head.number}")


def _refuse_unheard(change: Change) -> Transaction[None]:
    """Refuse to close an incident over an event that came since it was decided.

    A repeat that found it open asked for no turn, so nobody would ever look at it.
    """
    if change.head.open:
        return
    for group_key, triggers in sorted(((change.head.group_key, change.triggers), *change.others)):
        rows = yield Query("alert_lock", (group_key,))
        if rows and _states.decode(rows[0][0]).triggers > triggers:
            raise Conflict(f"the alert of {change.head.number} fired again")


def _refuse_second(head: Head, rev: int) -> Transaction[None]:
    """Refuse to have two open incidents of one group; only reopening an older one can try.

    Whoever decided before others moved on may know the group as one that was split off since, and decides again.
    """
    current = yield Query("incident_head", (head.number, True, ""))
    if not head.open or not current or current[0][1] != rev:
        return
    others = yield Query("incident_other", (head.group_key, head.number))
    if others:
        raise Refused(f"{others[0][0]} is open for the same alert; go on there instead of reopening {head.number}")


def _replace_jobs(change: Change) -> Transaction[None]:
    owner, held = change.head.number, change.held
    named = msgspec.json.encode([job.key for job in change.jobs]).decode()
    if change.rev:  # one that opens had none
        yield Query("jobs_drop", (owner, held.token if held else "", micros(change.now), named))
    # In the order of their keys everywhere, or two nodes deadlock.
    yield Query("job_put", many=tuple(_job_row(job) for job in sorted(change.jobs, key=lambda job: job.key)))
    if held is not None and (held.job.owner != owner or any(job.key == held.job.key for job in change.jobs)):
        yield from _complete(held, change.now, change.again)  # else it is dropped with those that are no longer named


def _complete(held: Claimed, now: datetime, again: datetime | None = None) -> Transaction[None]:
    if isinstance(held.job.do, Turn) and again is not None:
        if (yield Query("hold_turn", (held.job.key, held.token, held.generation, micros(again)))):
            return
    elif isinstance(held.job.do, Turn):
        ended = yield Query("complete_turn", (held.job.key, held.token, held.generation))
        if ended:
            return
    yield Query("release", (held.job.key, held.token, micros(now)))


def complete_turn(held: Claimed, now: datetime, again: datetime | None = None) -> Transaction[None]:
    """End a turn that changed nothing, or give it back if it was asked for again, or is wanted `again` later."""
    yield from _complete(held, now, again)


def complete(held: Claimed, receipts: Iterable[Receipt] = ()) -> Transaction[None]:
    """End a job that belongs to no incident."""
    yield Query("complete", (held.job.key, held.token))
    for receipt in receipts:
        yield Query("receipt_put", _receipt_row(receipt))


# -- jobs

_NO_RANK = -1


def claim(
    now: datetime,
    token: str,
    until: datetime,
    most: int = RUNS,
    closed: Closed = ALL_OPEN,
    *,
    recorded: datetime | None = None,
    last_first: bool = False,
) -> Transaction[Claimed | None]:
    """Take the next due job of the most urgent rank up to `most`, or None.

    It is held until `until`, or until `recorded` where the deed is only recorded (see `is_recorded`).
    `last_first` turns the severities around, so that the least urgent is not left behind for ever.
    """
    ranks = [rank if rank <= most else _NO_RANK for rank in range(WAKES, RUNS + 1)]
    if last_first:
        ranks[: WAKES_LAST + 1] = reversed(ranks[: WAKES_LAST + 1])
    held_until = micros(until), *closed.lists, *ranks, micros(recorded or until)
    rows = yield Query(f"claim{closed.question}", (micros(now), token, *held_until))
    return _claimed(rows[0], token) if rows else None


def claim_turn(now: datetime, token: str, until: datetime) -> Transaction[Claimed | None]:
    """Take the next due turn, and nothing that would reach anybody, or None."""
    rows = yield Query("claim_turn", (micros(now), token, micros(until)))
    return _claimed(rows[0], token) if rows else None


def claim_lane(now: datetime, token: str, until: datetime, lane: str) -> Transaction[tuple[Claimed, ...]]:
    """Take everything that is due in a lane, to send it together."""
    rows = yield Query("claim_lane", (micros(now), token, micros(until), lane))
    return tuple(_claimed(row, token) for row in rows)


def _claimed(row: Row, token: str) -> Claimed:
    key, owner, due, attempts, generation, args = row
    job = Job(key=key, owner=owner, due=instant(due), do=_doing(args))
    return Claimed(job=job, token=token, attempts=attempts, generation=generation)


def check(held: Claimed, until: datetime) -> Transaction[Timeline | None]:
    """Renew the lease and load the incident, in one transaction; None when the lease was lost."""
    renewed = yield Query("renew", (held.job.key, held.token, micros(until)))
    if not renewed:
        return None
    return (yield from load_incident(held.job.owner, SYSTEM))


def renew(held: Claimed, until: datetime) -> Transaction[bool]:
    """Keep a job longer; False when the lease was lost."""
    rows = yield Query("renew", (held.job.key, held.token, micros(until)))
    return bool(rows)


def release(held: Claimed, not_before: datetime, receipts: Iterable[Receipt] = ()) -> Transaction[None]:
    """Give a job back, to be tried again at `not_before`."""
    yield Query("release", (held.job.key, held.token, micros(not_before)))
    for receipt in receipts:
        yield Query("receipt_put", _receipt_row(receipt))


def want(job: Job) -> Transaction[None]:
    """Want a job that belongs to no incident, once."""
    yield Query("job_put_once", _job_row(job))


def _job_row(job: Job) -> tuple[object, ...]:
    way = sends_by(job.do), lane_of(job.do)
    return job.key, job.owner, micros(job.due), msgspec.json.encode(job.do), job.rank, *way


def _doing(args: bytes) -> Doing:
    """Give what a row wants; raising here would undo the claim, and the row would stand first in line for ever."""
    try:
        return _doings.decode(args)
    except msgspec.DecodeError as error:
        return Unreadable(why=str(error))


def next_due(
    most: int = RUNS, closed: Closed = ALL_OPEN, until: datetime | None = None
) -> Transaction[datetime | None]:
    """Give when the next free job up to that rank can be taken that needs nothing closed, if that is by `until`."""
    rows = yield Query(f"next_due{closed.question}", (most, *closed.lists, micros(until) if until else _NEVER))
    return instant(rows[0][0]) if rows and rows[0][0] is not None else None


def jobs_due(now: datetime) -> Transaction[tuple[Claimed, ...]]:
    """Give what is due, unclaimed and claimed alike, without taking it (token "")."""
    rows = yield Query("jobs_due", (micros(now),))
    return tuple(_claimed(row, "") for row in rows)


def jobs_of(owner: str) -> Transaction[tuple[Job, ...]]:
    """Give what an owner wants done."""
    rows = yield Query("jobs_of", (owner,))
    return tuple(Job(key=row[0], owner=row[1], due=instant(row[2]), do=_doing(row[5])) for row in rows)


def _receipt_row(receipt: Receipt) -> tuple[object, ...]:
    return tuple(receipt._replace(at=micros(receipt.at)))  # type: ignore[arg-type]


def receipts(number: str) -> Transaction[tuple[Receipt, ...]]:
    """Give the attempts made for an incident, oldest first."""
    return _receipts((yield Query("receipts", (number,))))


def receipts_of_message(message: str) -> Transaction[tuple[Receipt, ...]]:
    """Give what is known of a message by the key its receiver saw, oldest first."""
    return _receipts((yield Query("receipts_of_message", (message,))))


def _receipts(rows: Sequence[Row]) -> tuple[Receipt, ...]:
    return tuple(Receipt(*row)._replace(at=instant(row[3])) for row in rows)


def refused_attempts(key: str, number: str) -> Transaction[int]:
    """Give how many attempts of a job were refused, so that they surely did not arrive."""
    rows = yield Query("refused_attempts", (key, number))
    count: int = rows[0][0]
    return count


def put_receipts(receipts: Iterable[Receipt]) -> Transaction[None]:
    """Keep what was said of messages."""
    for receipt in receipts:
        yield Query("receipt_put", _receipt_row(receipt))


# -- reading


def incidents(viewer: Viewer, *, only_open: bool, before: int, limit: int) -> Transaction[tuple[Listed, ...]]:
    """Give what this viewer may see, newest first."""
    rows = yield Query("incidents", (viewer.everything, viewer.person, only_open, before, limit))
    return tuple(Listed(bytes(view), ordinal, head) for view, ordinal, head in rows)


class Recorded(NamedTuple):
    """What an incident's row claims of its timeline, for verification."""

    number: str
    seq: int
    hash: str
    view: bytes
    open: bool


def heads() -> Transaction[tuple[Recorded, ...]]:
    """Give what every incident's row claims, without its facts."""
    rows = yield Query("heads", ())
    return tuple(Recorded(number, seq, last, bytes(view), bool(is_open)) for number, seq, last, view, is_open in rows)


def all_facts(number: str) -> Transaction[tuple[FactRow, ...]]:
    """Give every fact that is stored for an incident, even past its recorded head."""
    rows = yield Query("facts", (number, 2**62))
    return tuple(fact_row(row) for row in rows)


def orphans() -> Transaction[tuple[str, ...]]:
    """Give the incidents that facts name but that do not exist."""
    rows = yield Query("orphans", ())
    return tuple(row[0] for row in rows)
