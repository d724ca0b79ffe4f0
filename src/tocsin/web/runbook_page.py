"""The runbook as a page: each line, what it became, and what is wrong with it. One address for each version."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from tocsin.explanation.explain import Explained, explain, findings_beside
from tocsin.explanation.rewriting import Copy, rewritten
from tocsin.runbook.decoding import decode
from tocsin.web.asking import Asked, asked
from tocsin.web.names import short_sha
from tocsin.web.rendering import HEADERS, page
from tocsin.web.runbook_view import Shown, changed_of, runbook_page
from tocsin.web.versions import compare_versions, find_version, published, read_version


async def show_runbook(request: Request) -> Response:
    """Show a version of the runbook: the one in force, or the one whose content the address names.

    `only=findings` and `only=pages` leave out lines; `against` names a version to compare with.
    """
    who, query = asked(request), request.query_params
    of = await find_version(who.tocsin, request.path_params.get("sha") or who.tocsin.worlds.current.runbook.sha256)
    against = await find_version(who.tocsin, query["against"]) if "against" in query else None
    only = query.get("only", "")
    shown = Shown(
        only=only if only in {"findings", "pages"} else "",
        since=who.times.day(of.one.at),
        until=who.times.day(of.until.at) if of.until else "",
        published=published(of.one.by, who.names),
        before=short_sha(of.before.sha) if of.before else "",
        against=short_sha(against.one.sha) if against else "",
        changed=changed_of(await compare_versions(who.tocsin, against.one.sha, of.one.sha)) if against else None,
        rewrites=(await _copy(who, of.one.sha)).changes,
    )
    explained = await _explained(who, of.one.sha)
    return page(request, "runbook.html", {"v": runbook_page(explained, shown), "principal": who.principal})


async def download_rewritten(request: Request) -> Response:
    """Give a version of the runbook as a file, its commands as they are run."""
    who = asked(request)
    of = await find_version(who.tocsin, request.path_params["sha"])
    copy = await _copy(who, of.one.sha)
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="RUNBOOK.rewritten.md"'}
    return Response(copy.body, headers=headers, media_type="text/markdown")


async def _explained(who: Asked, sha: str) -> Explained:
    runbook, body = await read_version(who.tocsin, sha)
    lines, settings = decode(body).lines, who.tocsin.settings
    return await asyncio.to_thread(explain, runbook, lines, findings_beside(runbook, settings), settings)


async def _copy(who: Asked, sha: str) -> Copy:
    runbook, body = await read_version(who.tocsin, sha)
    return await asyncio.to_thread(rewritten, body, runbook, who.tocsin.settings)
