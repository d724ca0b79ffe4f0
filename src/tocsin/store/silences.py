"""Transactions about silences, and about the alerts they hold back."""

from datetime import datetime
from functools import lru_cache

import msgspec

from tocsin.detection.alert import AlertState, Held
from tocsin.incident.chain import micros
from tocsin.incident.jobs import Claimed
from tocsin.incident.silence import Silence, over_at, status_of
from tocsin.store.queries import Query
from tocsin.store.transactions import Transaction, complete_turn, nudge

PREFIX = "SIL-"
_NEVER = 2**62
MOST_HELD = 500
"""So many held alerts are read at once for a list; all of them are when a silence ends."""

_states = msgspec.json.Decoder(AlertState)
_silences = msgspec.json.Decoder(Silence)


def begin(silence: Silence) -> Transaction[Silence]:
    """Keep a new silence, and give it with its id."""
    while True:
        [(ordinal,)] = yield Query("silence_next", ())
        named = msgspec.structs.replace(silence, id=f"{PREFIX}{ordinal}")
        if (yield Query("silence_insert", (ordinal, *_row(named)))):
            return named


def end(name: str, by: str, now: datetime) -> Transaction[Silence | None]:
    """End a silence that is not over, and ask for a turn of all it holds back or would, if it went on as planned.

    Gives it as it then is, None = unknown.

    What never began is over at its beginning. The silence is locked first: what wants to hold an alert back looks
    whether it still may.
    """
    ordinal = ordinal_of(name)
    rows = (yield Query("silence_lock", (ordinal,))) if ordinal else ()
    if not rows:
        return None
    known = _silences.decode(rows[0][0])
    if status_of(known, now) == "expired":
        return known
    ended = msgspec.structs.replace(known, ended_at=now, ended_by=by)
    yield Query("silence_update", (ordinal, *_row(ended)))
    held = yield Query("alerts_held", (micros(now), _NEVER))
    states = (_states.decode(row[0]) for row in held)
    named = (
        state.alert.group_key for state in states if state.held and name in (*state.held.silences, *state.held.then)
    )
    for group_key in sorted(named):
        yield nudge(group_key, now)
    return ended


def hold(
    claimed: Claimed, group_key: str, what: Held, now: datetime, again: datetime | None = None
) -> Transaction[bool]:
    """Remember what holds an alert back and let its turn wait until that changes; False: it has to be decided again.

    An alert that is over needs no turn any more, only to be remembered; or one at `again`.
    """
    rows = yield Query("alert_lock", (group_key,))
    for ordinal in sorted({ordinal_of(name) for name in (*what.silences, *what.then)}):  # or two that hold deadlock
        kept = yield Query("silence_lock", (ordinal,))
        if not kept or _silences.decode(kept[0][0]).ended_at is not None:
            yield from complete_turn_later(claimed, now)
            return False
    state = msgspec.structs.replace(_states.decode(rows[0][0]), held=what)
    yield Query("alert_hold", (group_key, msgspec.json.encode(state), micros(what.until)))
    if state.status == "resolved":
        yield from complete_turn(claimed, now, again)
        return True
    due = micros(what.again or what.until)
    waits = yield Query("hold_turn", (claimed.job.key, claimed.token, claimed.generation, due))
    if not waits:
        yield from complete_turn_later(claimed, now)
    return True


def let_go(group_key: str, now: datetime) -> Transaction[None]:
    """Remember that nothing holds an alert back any more, although that was planned for longer."""
    rows = yield Query("alert_lock", (group_key,))
    state = _states.decode(rows[0][0]) if rows else None
    if state is not None and state.held is not None and state.held.until > now:
        over = msgspec.structs.replace(state, held=msgspec.structs.replace(state.held, until=now))
        yield Query("alert_hold", (group_key, msgspec.json.encode(over), micros(now)))


def complete_turn_later(claimed: Claimed, now: datetime) -> Transaction[None]:
    """Give a turn back, to be taken again at once."""
    yield Query("release", (claimed.job.key, claimed.token, micros(now)))


def silences_ahead(now: datetime) -> Transaction[tuple[Silence, ...]]:
    """Give the silences that hold now or later, in the order they were made."""
    rows = yield Query("silences_ahead", (micros(now),))
    return tuple(silence_of(bytes(row[0])) for row in rows)


def silences(before: int, limit: int) -> Transaction[tuple[Silence, ...]]:
    """Give silences below a number, newest first, those that are over too."""
    rows = yield Query("silences", (before, limit))
    return tuple(silence_of(bytes(row[0])) for row in rows)


def silences_told(now: datetime, limit: int) -> Transaction[tuple[Silence, ...]]:
    """Give the silences that hold now or later, however many were made since, and the latest; newest first."""
    latest = yield from silences(_NEVER, limit)
    ahead = yield from silences_ahead(now)
    found = {one.id: one for one in (*latest, *ahead)}
    return tuple(sorted(found.values(), key=lambda one: -ordinal_of(one.id)))


def silence(name: str) -> Transaction[Silence | None]:
    """Give one silence, or None."""
    ordinal = ordinal_of(name)
    rows = (yield Query("silences", (ordinal + 1, 1))) if ordinal else ()
    found = silence_of(bytes(rows[0][0])) if rows else None
    return found if found and found.id == name else None


def alerts_held(now: datetime) -> Transaction[tuple[AlertState, ...]]:
    """Give the alerts that silences hold back now, those that are held longest first."""
    rows = yield Query("alerts_held", (micros(now), MOST_HELD))
    return tuple(_states.decode(row[0]) for row in rows)


def alerts_ever_held(limit: int) -> Transaction[tuple[AlertState, ...]]:
    """Give the alerts that silences held back at any time, whatever became of them, the latest first."""
    rows = yield Query("alerts_ever_held", (limit,))
    return tuple(_states.decode(row[0]) for row in rows)


def ordinal_of(name: str) -> int:
    """Give the number in an id, 0 for what is no id of a silence."""
    digits = name.removeprefix(PREFIX)
    return int(digits) if name.startswith(PREFIX) and digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004


@lru_cache(maxsize=256)
def silence_of(body: bytes) -> Silence:
    """Give a stored silence; remembered, because every turn asks for those in force."""
    return _silences.decode(body)


def _row(silence: Silence) -> tuple[bytes, int]:
    over = over_at(silence)
    return msgspec.json.encode(silence), micros(over) if over else _NEVER
