"""The runbook for scripts: the policy in force, publishing, its versions, and what one changes."""

import asyncio
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.assembly import Tocsin
from tocsin.errors import UsageError
from tocsin.explanation.differences import Difference, Edition, difference
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.store import documents
from tocsin.web.answering import ApiRoute, body_of, must_be_trusted, parts_of, up_to, whole_of
from tocsin.web.versions import NEWEST, PAGE, compare_versions, edition, find_version


def runbook_routes() -> list[BaseRoute]:
    """Give the routes about the runbook."""
    return [
        ApiRoute("/api/v1/runbook", show_runbook, "GET"),
        ApiRoute("/api/v1/runbook", publish, "POST", takes=Publication),
        ApiRoute("/api/v1/runbook/versions", list_versions, "GET", asks={"limit": up_to(500), "before": up_to(NEWEST)}),
        ApiRoute("/api/v1/runbook/difference", show_difference, "GET", asks={"old": str, "new": str}),
    ]


async def show_runbook(request: Request) -> object:
    """Give the runbook in force as typed policy."""
    tocsin, _ = parts_of(request)
    return tocsin.worlds.current.runbook


class Publication(msgspec.Struct, forbid_unknown_fields=True):
    """A new version: the document's text, and the configuration's where that changes too."""

    runbook: str | None = None
    path: str = "RUNBOOK.md"
    settings: str | None = None
    dry_run: bool = False


async def publish(request: Request) -> object:
    """Publish a version, or say what it would change. Raises UsageError; then nothing changed."""
    tocsin, principal = parts_of(request)
    must_be_trusted(principal)
    wanted = await body_of(request, Publication)
    body = wanted.runbook.encode() if wanted.runbook is not None else None
    told = await _difference(tocsin, body, wanted.path)
    put = tocsin.preview(body, wanted.path, wanted.settings) if wanted.dry_run else None
    put = put or await tocsin.publish(body, wanted.path, wanted.settings, principal.by)
    return {
        "sha256": put.runbook.sha256,
        "paged": told.paged if told else (),
        "runs": told.runs if told else (),
        "changes": put.changes,
        "findings": put.runbook.findings,
    }


async def _difference(tocsin: Tocsin, body: bytes | None, path: str) -> Difference | None:
    """Give what a document would change, before it is in force; None where it stays. Raises UsageError."""
    if body is None:
        return None
    old = await edition(tocsin, tocsin.worlds.current.runbook.sha256)
    new = Edition(await asyncio.to_thread(read_runbook, body, path), decode(body).lines)
    return await asyncio.to_thread(difference, old, new, tocsin.settings, tocsin.clock.now())


class VersionShape(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was in force from `at` until `until` (None: it is); `by` "" is a file that the server watches."""

    version: int
    sha256: str
    path: str
    at: datetime
    until: datetime | None
    by: str


async def list_versions(request: Request) -> object:
    """Give every version that was in force, newest first: `?limit=`, `?before=` (a version's number)."""
    tocsin, _ = parts_of(request)
    limit, before = whole_of(request, "limit", PAGE, most=500), whole_of(request, "before", NEWEST, most=NEWEST)
    found = await tocsin.store.read(documents.document_versions("runbook", before, limit + 1))
    after = await tocsin.store.read(documents.document_after("runbook", found[0].version)) if found else None
    ended = [after.at if after else None, *(one.at for one in found)]
    shown = [
        VersionShape(version=one.version, sha256=one.sha, path=one.path, at=one.at, until=until, by=one.by)
        for one, until in zip(found[:limit], ended, strict=False)
    ]
    return {"versions": shown, "more": len(found) > limit, "before": shown[-1].version if shown else None}


async def show_difference(request: Request) -> object:
    """Give what one version changes since another: `?old=`, and `?new=` (else the one in force), by their hashes."""
    tocsin, _ = parts_of(request)
    if "old" not in request.query_params:
        raise UsageError("say with old which version to compare with, by its sha256 or the first 12 digits of it")
    old = await find_version(tocsin, request.query_params["old"])
    new = await find_version(tocsin, request.query_params.get("new") or tocsin.worlds.current.runbook.sha256)
    found = await compare_versions(tocsin, old.one.sha, new.one.sha)
    rows = [row._asdict() for row in found.text if row.kind != "gap"]
    return {"old": old.one.sha, "new": new.one.sha, **found._asdict(), "text": rows}
