"""Published versions of the runbook and the configuration."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.incident.chain import instant, micros
from tocsin.store.queries import Query, Row
from tocsin.store.transactions import Transaction, nudge


class Document(NamedTuple):
    """A published version of the runbook or the configuration. `by` is who published it, "" a watched file."""

    version: int
    sha: str
    path: str
    body: bytes
    at: datetime
    by: str = ""


class Version(NamedTuple):
    """A published version without its text; `at` is when it came into force, `by` who published it."""

    version: int
    sha: str
    path: str
    at: datetime
    by: str = ""


def publish_all(
    versions: Sequence[tuple[str, str, str, bytes]], now: datetime, *, by: str = ""
) -> Transaction[tuple[Document, ...]]:
    """Put versions (kind, sha, path, body) in force together, or none of them; `by` is who does it."""
    documents: tuple[Document, ...] = ()
    for version in versions:
        documents = (*documents, (yield from publish(*version, now, by=by)))
    return documents


def publish(kind: str, sha: str, path: str, body: bytes, now: datetime, *, by: str = "") -> Transaction[Document]:
    """Put a version in force unless it already is, and ask for a turn of every open incident."""
    current = yield from document(kind)
    if current is not None and current.sha == sha and current.path == path:
        return current
    rows = yield Query("document_put", (kind, sha, path, body, micros(now), by))
    groups = yield Query("open_groups", ())
    for (group_key,) in groups:
        yield nudge(group_key, now)
    return Document(rows[0][0], sha, path, body, now, by)


def document(kind: str) -> Transaction[Document | None]:
    """Give the version of a kind that is in force."""
    return _document((yield Query("document_current", (kind,))))


def document_versions(kind: str, before: int, limit: int) -> Transaction[tuple[Version, ...]]:
    """Give the versions of a kind below a number, newest first; one that came back stands there once for each time."""
    return _versions((yield Query("document_versions", (kind, before, limit))))


class Named(NamedTuple):
    """A version, the one that followed it (None: it is in force), and the one before it with another text."""

    one: Version
    until: Version | None
    before: Version | None


def document_named(kind: str, sha: str) -> Transaction[Named | None]:
    """Give a version, the latest time it came into force, by its content's hash or the beginning of that."""
    found = _versions((yield Query("document_named", (kind, len(sha), sha))))
    if not found:
        return None
    one = found[0]
    until = yield from document_after(kind, one.version)
    before = _versions((yield Query("document_other_before", (kind, one.version, one.sha))))
    return Named(one, until, before[0] if before else None)


def document_after(kind: str, version: int) -> Transaction[Version | None]:
    """Give what followed a version, or None while it is in force."""
    found = _versions((yield Query("document_next", (kind, version))))
    return found[0] if found else None


def _versions(rows: Sequence[Row]) -> tuple[Version, ...]:
    return tuple(Version(version, sha, path, instant(at), by) for version, sha, path, at, by in rows)


def newest_documents() -> Transaction[dict[str, int]]:
    """Give the version in force of every kind that was published."""
    rows = yield Query("documents_newest", ())
    return {str(row[0]): int(row[1]) for row in rows}


def document_by_sha(sha: str) -> Transaction[Document | None]:
    """Give a version by its content."""
    return _document((yield Query("document_by_sha", (sha,))))


def _document(rows: Sequence[Row]) -> Document | None:
    if not rows:
        return None
    version, sha, path, body, at, by = rows[0]
    return Document(version, sha, path, bytes(body), instant(at), by)
