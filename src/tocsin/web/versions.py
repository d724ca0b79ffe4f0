"""Versions of the runbook: finding one, reading it, comparing two; and the page that lists them all."""

import asyncio
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from tocsin.assembly import Tocsin
from tocsin.errors import NotFound
from tocsin.explanation.differences import Difference, Edition, difference
from tocsin.runbook.decoding import decode
from tocsin.runbook.policy import Runbook
from tocsin.store import documents
from tocsin.web.answering import whole_of
from tocsin.web.asking import asked
from tocsin.web.names import SHORT_SHA, Names, short_sha
from tocsin.web.rendering import HEADERS, page

PAGE = 100
"""So many versions are listed at once."""
NEWEST = 2**62
"""More versions than there will ever be."""
_MISSING = "there is no such version of the runbook"


class Listed(NamedTuple):
    """A version as the list shows it; `until` is "" while it is in force, `before` the one to compare with or ""."""

    sha: str
    since: str
    until: str
    by: str
    before: str


async def find_version(tocsin: Tocsin, sha: str) -> documents.Named:
    """Give a version by its content or the beginning of it. Raises NotFound."""
    named = None
    if len(sha) >= SHORT_SHA:
        named = await tocsin.store.read(documents.document_named("runbook", sha.casefold()))
    if named is None:
        raise NotFound(_MISSING)
    return named


async def read_version(tocsin: Tocsin, sha: str) -> tuple[Runbook, bytes]:
    """Give what was read from a version, by its whole hash, and its bytes. Raises NotFound."""
    document = await tocsin.store.read(documents.document_by_sha(sha))
    if document is None:
        raise NotFound(_MISSING)
    return (await tocsin.worlds.of(sha)).runbook, document.body


async def edition(tocsin: Tocsin, sha: str) -> Edition:
    """Give a version as it is compared, by its whole hash. Raises NotFound."""
    runbook, body = await read_version(tocsin, sha)
    return Edition(runbook, decode(body).lines)


async def compare_versions(tocsin: Tocsin, old: str, new: str) -> Difference:
    """Give what a version changes since another, by whole hashes. Raises NotFound."""
    before, after = await edition(tocsin, old), await edition(tocsin, new)
    return await asyncio.to_thread(difference, before, after, tocsin.settings, tocsin.clock.now())


def published(by: str, names: Names) -> str:
    """Say who published a version, behind "published"."""
    return f"by {names.of(by)}" if by else "from its file"


async def show_versions(request: Request) -> Response:
    """Show every version that was in force, newest first; `before` (a version's number) leads to older ones."""
    who, before = asked(request), whole_of(request, "before", NEWEST, most=NEWEST)
    found = await who.tocsin.store.read(documents.document_versions("runbook", before, PAGE + 1))
    after = await who.tocsin.store.read(documents.document_after("runbook", found[0].version)) if found else None
    rows = [
        Listed(
            sha=short_sha(one.sha),
            since=who.times.day(one.at),
            until=who.times.day(until.at) if until else "",
            by=published(one.by, who.names),
            before=next((short_sha(older.sha) for older in found[place + 1 :] if older.sha != one.sha), ""),
        )
        for place, (one, until) in enumerate(zip(found[:PAGE], (after, *found), strict=False))
    ]
    older = found[PAGE - 1].version if len(found) > PAGE else 0
    title = who.tocsin.worlds.current.runbook.title
    return page(request, "versions.html", {"rows": rows, "older": older, "title": title, "principal": who.principal})


async def download_document(request: Request) -> Response:
    """Give a version of the runbook as a file, byte for byte as it was written."""
    tocsin = asked(request).tocsin
    of = await find_version(tocsin, request.path_params["sha"])
    _, body = await read_version(tocsin, of.one.sha)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="RUNBOOK.{short_sha(of.one.sha)}.md"'}
    return Response(body, headers=headers, media_type="text/markdown")
