"""What must hold after the server was killed again and again, judged from timelines and from what arrived.

Times of the drill's ladder stand here too, because its runbook is made of them and its timelines are judged by them.
"""

import contextlib
import itertools
import random
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.engine.deeds import LEASE
from tocsin.engine.verify import verify
from tocsin.store.sqlite import ReadOnlyStore

RESPONSE = timedelta(seconds=2)
NEXT = {"L2": timedelta(seconds=4), "L3": timedelta(seconds=6)}
BELOW = {"L2": "L1", "L3": "L2"}
PEOPLE = {"L1": ("anna", "ben"), "L2": ("cara",), "L3": ("dora",)}
FALLBACK = "falk"
EARLY = timedelta(seconds=0.05)
IN_FLIGHT, MARKED_IN_FLIGHT = timedelta(seconds=1), timedelta(seconds=3)
"""How long after an answer a page may still arrive that was under way; longer when its fact says that they crossed."""

AROUND_A_KILL = timedelta(seconds=3)
ENOUGH_TIME = 8.0
LONGEST_BACKOFF = 16.0
"""Seconds of a working server and sink after which a page that is still wanted has arrived; longer once refused."""

WHILE_LEASED = LEASE + timedelta(seconds=2)
"""Where leases expire, what a killed server had in hand waits so long for another one."""

Facts = list[dict[str, Any]]
Span = tuple[datetime, datetime]


class Arrival(NamedTuple):
    """One request at the sink. `taken`: it was answered with success; `marked`: it says that it may come twice."""

    key: str
    at: datetime
    kind: str
    incident: str
    link: str
    taken: bool
    marked: bool = False


class Found(NamedTuple):
    """Sentences about what should not have been."""

    lost: list[str]
    early: list[str]
    after_acknowledge: list[str]
    unexplained: list[str]
    duplicates: int
    unmarked: list[str]


class Seen(NamedTuple):
    """What was sent, answered and received, and when server and sink worked. `groups` are the keys of alerts."""

    accepted: list[str]
    answered: list[tuple[str, str]]
    arrivals: list[Arrival]
    ups: list[Span]
    kills: list[datetime]
    troubles: list[Span]
    at_rest: frozenset[str] = frozenset()
    """The incidents somebody has and for whom nobody else will be called."""


def judge(seen: Seen, timelines: dict[str, Facts], now: datetime, *, leases: bool = False) -> Found:
    """Give everything that is wrong. `leases`: several servers share the store, so a kill leaves leases behind."""
    longer = WHILE_LEASED if leases else timedelta(0)
    delivered: dict[str, list[datetime]] = {}
    for arrival in seen.arrivals:
        if arrival.taken:
            delivered.setdefault(arrival.key, []).append(arrival.at)
    refused = {arrival.key for arrival in seen.arrivals if not arrival.taken}
    lost, early, late = list(_missing_incidents(seen, timelines)), list[str](), list[str]()
    for number, facts in timelines.items():
        ended = number in seen.at_rest or is_over(facts)
        lost += [*_missing_levels(number, facts, ended=ended, in_order=not leases)]
        lost += [
            f"{key} never arrived"
            for key, call in _wanted(number, facts)
            if not any(way in delivered for way in _ways(key))
            and _had_time(seen, facts, call, now, _enough(key in refused) + longer.total_seconds())
        ]
        early += _early(number, facts)
        late += _after_acknowledge(number, facts, delivered)
    unexplained, repeats = _duplicates(seen, delivered, AROUND_A_KILL + longer)
    for number, facts in timelines.items():
        unexplained += _sent_again(number, facts, delivered)
    return Found(lost, early, late, unexplained, repeats, _unmarked(seen))


def _missing_incidents(seen: Seen, timelines: dict[str, Facts]) -> Iterator[str]:
    opened = {facts[0]["data"]["group_key"]: facts for facts in timelines.values()}
    for group in seen.accepted:
        if group not in opened:
            yield f"{group} was accepted and has no incident"
    for group, kind in seen.answered:
        if not any(fact["fact"] == kind for fact in opened.get(group, [])):
            yield f"{group} was answered and has no {kind}"


def _had_time(seen: Seen, facts: Facts, call: dict[str, Any], now: datetime, enough: float) -> bool:
    """Give whether a page could be sent before it was no longer wanted."""
    answer = _answer_after(facts, call["seq"])
    if answer is None:
        return True
    window = call["at"], min(answer["at"], now)
    up = sum((_overlap(span, window) for span in seen.ups), timedelta(0))
    down = sum((_overlap(span, window) for span in seen.troubles), timedelta(0))
    return (up - down).total_seconds() >= enough


def _after_acknowledge(number: str, facts: Facts, delivered: dict[str, list[datetime]]) -> Iterator[str]:
    crossed = {_key(number, fact["data"]) for fact in facts if fact["fact"] == "Paged" and fact["data"].get("crossed")}
    for key, call in _wanted(number, facts):
        answer = _answer_after(facts, call["seq"])
        for way in _ways(key):
            under_way = MARKED_IN_FLIGHT if way in crossed else IN_FLIGHT
            for at in delivered.get(way, []):
                if answer and at > answer["at"] + under_way:
                    yield f"{way} arrived {at - answer['at']} after somebody had it"


def _enough(refused: bool) -> float:
    return LONGEST_BACKOFF if refused else ENOUGH_TIME


def _duplicates(seen: Seen, delivered: dict[str, list[datetime]], around: timedelta) -> tuple[list[str], int]:
    repeats, unexplained = 0, []
    for key, instants in delivered.items():
        for first, second in itertools.pairwise(instants):
            repeats += 1
            if not any(first - EARLY <= kill <= first + around for kill in seen.kills):
                unexplained.append(f"{key} arrived at {first} and again at {second}, with no kill between")
    return unexplained, repeats


def _unmarked(seen: Seen) -> list[str]:
    """Give the pages that came again without saying that they might."""
    taken, found = set[str](), list[str]()
    for arrival in seen.arrivals:
        if arrival.taken and arrival.kind == "page":
            if arrival.key in taken and not arrival.marked:
                found.append(f"{arrival.key} came again at {arrival.at} and did not say so")
            taken.add(arrival.key)
    return found


def _key(number: str, paged: dict[str, Any]) -> str:
    return f"{number}/{paged['round']}/{paged['level']}/{paged['person']}/{paged['method']}"


def _sent_again(number: str, facts: Facts, delivered: dict[str, list[datetime]]) -> Iterator[str]:
    """Give the pages that went out although it was on record that they had."""
    for fact in facts:
        data = fact["data"]
        if fact["fact"] == "Paged":
            key = _key(number, data)
            if any(at > fact["at"] + EARLY for at in delivered.get(key, [])):
                yield f"{key} was sent again after it was recorded"


def _wanted(number: str, facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the key of every page a timeline asks for, with the fact that asks for it."""
    for fact in facts:
        if fact["fact"] == "Escalated":
            data = fact["data"]
            for called in data["people"]:
                yield f"{number}/{data['round']}/{data['level']}/{called['person']}/0.webhook", fact
        elif fact["fact"] == "GaveUp":
            yield f"{number}/{fact['seq']}/fallback/{FALLBACK}/fallback.webhook", fact


def _ways(key: str) -> tuple[str, str]:
    """Give the key of a page, and the one under which it is tried on when it failed as long as patience lasts.

    A killed server keeps it from the others for a lease; refused once after that, it goes out as late.
    """
    return key, f"{key.rpartition('/')[0]}/late.webhook"


def _answer_after(facts: Facts, seq: int) -> dict[str, Any] | None:
    answers = (fact for fact in facts if fact["seq"] > seq and fact["fact"] in {"Acknowledged", "Resolved"})
    return next(answers, None)


def _at(fact: dict[str, Any]) -> datetime:
    at: datetime = fact["at"]
    return at


def _overlap(one: Span, other: Span) -> timedelta:
    return max(min(one[1], other[1]) - max(one[0], other[0]), timedelta(0))


def _missing_levels(number: str, facts: Facts, *, ended: bool, in_order: bool) -> Iterator[str]:
    """Give the levels an open incident was never called at, and those called before the one below them.

    Not `in_order` where a killed server keeps the call of a level from the others for a while: the next one does not
    wait for it, which matters in a ladder of seconds. Who took it before anybody was called spares the first level.
    """
    order = [fact["data"]["level"] for fact in facts if fact["fact"] == "Escalated"]
    first = list(dict.fromkeys(order)) if in_order else sorted(set(order))
    kinds = [fact["fact"] for fact in facts if fact["fact"] in {"Escalated", "Acknowledged"}]
    spared = list(PEOPLE)[1 : len(first) + 1] if kinds[:1] == ["Acknowledged"] else None
    if first not in (list(PEOPLE)[: len(first)], spared):
        yield f"{number} called {first}: a level was skipped"
    if not ended:
        yield f"{number} stopped after {first}"


def is_over(facts: Facts) -> bool:
    """Give whether nothing more is to come: it is resolved, or every level was called and the fallback too."""
    return any(fact["fact"] in {"Resolved", "GaveUp"} for fact in facts)


def _early(number: str, facts: Facts) -> Iterator[str]:
    calls: dict[str, Facts] = {}
    for fact in facts:
        if fact["fact"] == "Escalated":
            level = fact["data"]["level"]
            due = _due(fact, calls.get(BELOW.get(level, ""), []), facts[0]["at"])
            if fact["at"] < due - EARLY:
                yield f"{number} called {level} {due - fact['at']} too early ({fact['data']['cause']})"
            calls.setdefault(level, []).append(fact)


def lateness(facts: Facts) -> Iterator[float]:
    """Give how many seconds after its instant each level was called."""
    calls: dict[str, Facts] = {}
    for fact in facts:
        if fact["fact"] == "Escalated":
            level = fact["data"]["level"]
            yield (fact["at"] - _due(fact, calls.get(BELOW.get(level, ""), []), facts[0]["at"])).total_seconds()
            calls.setdefault(level, []).append(fact)


def _due(call: dict[str, Any], below: Facts, opened: datetime) -> datetime:
    """Give the earliest instant at which a call is right: counted from when the level below really was called."""
    level = call["data"]["level"]
    if level not in BELOW or not below:
        return opened
    if call["data"]["cause"] == "unacknowledged":
        return _at(below[-1]) + RESPONSE
    return _at(below[0]) + NEXT[level]


# -- one flipped bit


FLIPPED = ("incident", "seq", "at", "kind", "payload", "salt", "digest", "prev", "hash")


async def flip(path: Path, chance: random.Random, sample: int) -> tuple[int, int, list[str]]:
    """Flip one bit of every column of some facts, one at a time; give how many, how many were found, and the others.

    The last flip, of a payload, stays: for the command to find.
    """
    done, missed = 0, []
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = OFF")
        rows = [row for (row,) in db.execute("SELECT rowid FROM fact ORDER BY rowid")]
        for row, column in itertools.product(chance.sample(rows, min(sample, len(rows))), FLIPPED):
            before = db.execute(f"SELECT {column} FROM fact WHERE rowid = ?", (row,)).fetchone()[0]
            after = _flip_one(db, chance, row, column, before)
            done += 1
            if not await _is_found(path):
                missed.append(f"{column} of fact {row} became {after!r} instead of {before!r}")
            db.execute(f"UPDATE fact SET {column} = ? WHERE rowid = ?", (before, row))
        _flip_one(db, chance, rows[0], "payload", db.execute("SELECT payload FROM fact").fetchone()[0])
    return done, done - len(missed), missed


def _flip_one(db: sqlite3.Connection, chance: random.Random, row: int, column: str, before: object) -> object:
    """Flip one bit of a cell, as a failing disk or a careful forger would, and give what it became."""
    while True:
        if isinstance(before, int):
            after: object = before ^ (1 << chance.randrange(63))
            spelled = "?"
        else:
            raw = bytearray(before if isinstance(before, bytes) else str(before).encode())
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            after, spelled = bytes(raw), "?" if isinstance(before, bytes) else "CAST(? AS TEXT)"
        with contextlib.suppress(sqlite3.IntegrityError):
            db.execute(f"UPDATE fact SET {column} = {spelled} WHERE rowid = ?", (after, row))
            return after


async def _is_found(path: Path) -> bool:
    store = ReadOnlyStore(path)
    try:
        return bool((await verify(store)).faults)
    finally:
        store.close()
