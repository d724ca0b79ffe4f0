"""Transactions about what is kept by its content, and about what the status page shows."""

from datetime import datetime

from tocsin.incident.chain import micros
from tocsin.store.queries import Query
from tocsin.store.transactions import Transaction


def keep(body: bytes, sha: str, now: datetime) -> Transaction[None]:
    """Keep bytes under their sha256."""
    yield Query("artifact_put", (sha, len(body), body, micros(now)))


def artifact(sha: str) -> Transaction[bytes | None]:
    """Give the bytes of a sha256, or None."""
    rows = yield Query("artifact_get", (sha,))
    return bytes(rows[0][0]) if rows else None


def public_incidents(limit: int) -> Transaction[tuple[bytes, ...]]:
    """Give what the status page shows, newest first, as JSON."""
    rows = yield Query("public", (limit,))
    return tuple(bytes(row[0]) for row in rows)
