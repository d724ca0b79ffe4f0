"""The runbook as a page: each line, what it became, and what is wrong with it. One address for each version."""

import asyncio
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from tocsin.errors import NotFound
from tocsin.explanation.explain import Explained, explain, findings_beside
from tocsin.explanation.rewriting import Copy, rewritten
from tocsin.runbook.changes import changes
from tocsin.runbook.decoding import decode
from tocsin.runbook.policy import Runbook
from tocsin.store import transactions as t
from tocsin.web.asking import Asked, asked
from tocsin.web.names import SHORT_SHA, short_sha
from tocsin.web.rendering import HEADERS, page
from tocsin.web.runbook_view import Shown, runbook_page

_VERSIONS = 1000


async def show_runbook(request: Request) -> Response:
    """Show a version of the runbook: the one in force, or the one whose content the address names.

    `only=findings` and `only=pages` leave out lines; `against` names a version to compare with.
    """
    who, query = asked(request), request.query_params
    versions = await who.tocsin.store.read(t.document_versions("runbook", _VERSIONS))
    of = _Version.find(versions, request.path_params.get("sha") or who.tocsin.worlds.current.runbook.sha256)
    against = _Version.find(versions, query["against"]) if "against" in query else None
    only = query.get("only", "")
    shown = Shown(
        only=only if only in {"findings", "pages"} else "",
        since=who.times.day(of.one.at),
        until=who.times.day(of.until.at) if of.until else "",
        before=short_sha(of.before.sha) if of.before else "",
        against=short_sha(against.one.sha) if against else "",
        changed=await _changes(who, against.one.sha, of.one.sha) if against else (),
        rewrites=(await _copy(who, of.one.sha)).changes,
    )
    explained = await _explained(who, of.one.sha)
    return page(request, "runbook.html", {"v": runbook_page(explained, shown), "principal": who.principal})


async def download_rewritten(request: Request) -> Response:
    """Give a version of the runbook as a file, its commands as they are run."""
    who = asked(request)
    versions = await who.tocsin.store.read(t.document_versions("runbook", _VERSIONS))
    of = _Version.find(versions, request.path_params["sha"])
    copy = await _copy(who, of.one.sha)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="RUNBOOK.rewritten.md"'}
    return Response(copy.body, headers=headers, media_type="text/markdown")


class _Version(NamedTuple):
    """A version, the one that followed it (None: it is in force), and the one before it with another text."""

    one: t.Version
    until: t.Version | None
    before: t.Version | None

    @classmethod
    def find(cls, versions: tuple[t.Version, ...], sha: str) -> "_Version":
        """Find a version, the latest time it came into force, by its content or the beginning of it."""
        wanted = sha.casefold()
        place = next((n for n, one in enumerate(versions) if _names(wanted, one.sha)), None)
        if place is None:
            raise NotFound("there is no such version of the runbook")
        one = versions[place]
        before = next((older for older in versions[place + 1 :] if older.sha != one.sha), None)
        return cls(one, versions[place - 1] if place else None, before)


def _names(wanted: str, sha: str) -> bool:
    return len(wanted) >= SHORT_SHA and sha.startswith(wanted)


async def _explained(who: Asked, sha: str) -> Explained:
    runbook, body = await _document(who, sha)
    lines, settings = decode(body).lines, who.tocsin.settings
    return await asyncio.to_thread(explain, runbook, lines, findings_beside(runbook, settings), settings)


async def _copy(who: Asked, sha: str) -> Copy:
    runbook, body = await _document(who, sha)
    return await asyncio.to_thread(rewritten, body, runbook, who.tocsin.settings)


async def _document(who: Asked, sha: str) -> tuple[Runbook, bytes]:
    document = await who.tocsin.store.read(t.document_by_sha(sha))
    if document is None:
        raise NotFound("there is no such version of the runbook")
    return (await who.tocsin.worlds.of(sha)).runbook, document.body


async def _changes(who: Asked, old: str, new: str) -> tuple[str, ...]:
    worlds = who.tocsin.worlds
    return changes((await worlds.of(old)).runbook, (await worlds.of(new)).runbook)
