"""The hash chain of a timeline: each fact is linked to the one before.

    digest = H(salt + payload)
    hash   = H(prev, seq, at, kind, digest)

so a payload can be erased by law (salt and payload gone, digest kept) while the chain stays verifiable.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from tocsin.errors import UnknownFact
from tocsin.incident.facts import KINDS, Fact, FactBody

GENESIS = "0" * 64
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)
_bodies: msgspec.json.Decoder[FactBody] = msgspec.json.Decoder(FactBody)


class Row(msgspec.Struct, frozen=True):
    """A fact as it is stored. `at`: microseconds since 1970 (UTC); `payload` None means erased by law."""

    seq: int
    at: int
    kind: str
    payload: bytes | None
    salt: bytes | None
    digest: str
    prev: str
    hash: str


def micros(at: datetime) -> int:
    """Give whole microseconds since 1970: exact, unlike a float timestamp."""
    return (at - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """Give the instant (UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


def link(fact: Fact, prev: str, salt: bytes) -> Row:
    """Give the row of a fact behind the one whose hash is `prev`."""
    payload = msgspec.json.encode(fact.body)
    digest = _digest(salt, payload)
    at = micros(fact.at)
    return Row(fact.seq, at, fact.kind, payload, salt, digest, prev, _hash(prev, fact.seq, at, fact.kind, digest))


def unlink(row: Row) -> Fact:
    """Give the fact of a row. A kind this version does not know, or an erased payload, raises UnknownFact."""
    if row.kind not in KINDS:
        raise UnknownFact(f"fact {row.seq} is of kind {row.kind}, which this version cannot read; upgrade this node")
    if row.payload is None:
        raise UnknownFact(f"the content of fact {row.seq} ({row.kind}) was erased; its incident can only be verified")
    try:
        body = _bodies.decode(row.payload)
    except msgspec.DecodeError as error:
        raise UnknownFact(f"fact {row.seq} ({row.kind}) cannot be decoded: {error}") from error
    return Fact(seq=row.seq, at=instant(row.at), body=body, hash=row.hash)


def faults(rows: Iterable[Row], head: str, length: int) -> tuple[str, ...]:
    """Give a sentence for everything wrong with a chain whose recorded head and length are given; none is clean."""
    found: list[str] = []
    prev, last_at, seq = GENESIS, 0, 0
    for seq, row in enumerate(rows, start=1):
        found += _faults_of(row, seq, prev, last_at)
        prev, last_at = row.hash, row.at
    if seq != length:
        found.append(f"{length} facts are recorded, {seq} are there")
    if prev != head:
        found.append("the last hash is not the recorded head")
    return tuple(found)


def _faults_of(row: Row, seq: int, prev: str, last_at: int) -> list[str]:
    found = []
    if row.seq != seq:
        found.append(f"fact {seq} is missing (found {row.seq})")
    if row.prev != prev:
        found.append(f"fact {row.seq} is not linked to the one before")
    if row.at < last_at:
        found.append(f"fact {row.seq} is older than the one before")
    if row.payload is not None and row.salt is not None and _digest(row.salt, row.payload) != row.digest:
        found.append(f"the content of fact {row.seq} was changed")
    if row.payload is not None and row.salt is None:
        found.append(f"the salt of fact {row.seq} is gone but its content is not")
    if _hash(row.prev, row.seq, row.at, row.kind, row.digest) != row.hash:
        found.append(f"fact {row.seq} does not have its hash")
    return found


def _digest(salt: bytes, payload: bytes) -> str:
    return hashlib.sha256(salt + payload).hexdigest()


def _hash(prev: str, seq: int, at: int, kind: str, digest: str) -> str:
    return hashlib.sha256(f"{prev}\n{seq}\n{at}\n{kind}\n{digest}".encode()).hexdigest()
