"""After a restore: what waits, and the button that lets paging go on."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.engine.restoring import waiting
from tocsin.errors import Forbidden
from tocsin.web.answering import ApiRoute, parts_of
from tocsin.web.asking import asked
from tocsin.web.rendering import HEADERS, page


def restoring_routes() -> list[BaseRoute]:
    """Give what belongs to a restore."""
    return [
        ApiRoute("/api/v1/restore", show_restore, "GET"),
        ApiRoute("/api/v1/restore/confirm", confirm_restore, "POST"),
        Route("/app/restore", show_restore_page, methods=["GET"]),
        Route("/app/restore", confirm_on_page, methods=["POST"]),
    ]


async def show_restore(request: Request) -> object:
    """Give what waits for a confirmation, or that nothing does."""
    tocsin, principal = parts_of(request)
    _must_see_everything(everything=principal.everything)
    found = await waiting(tocsin.engine)
    return {"waiting": found is not None, **(found._asdict() if found else {})}


async def confirm_restore(request: Request) -> object:
    """Let paging go on."""
    tocsin, principal = parts_of(request)
    _must_see_everything(everything=principal.everything)
    return {"confirmed": await tocsin.confirm_restore(principal.by)}


async def show_restore_page(request: Request) -> Response:
    """Show what would be paged, and the button."""
    who = asked(request)
    found = await waiting(who.tocsin.engine)
    may = who.principal.everything
    shown = {
        "principal": who.principal,
        "waits": found is not None,
        "may": may,
        "taken": who.times.hm(found.taken_at) if found else "",
        "due": found.due if found and may else (),
    }
    return page(request, "restore.html", shown)


async def confirm_on_page(request: Request) -> Response:
    """Let paging go on, and lead to what is open."""
    who = asked(request)
    _must_see_everything(everything=who.principal.everything)
    await who.tocsin.confirm_restore(who.principal.by)
    return RedirectResponse("/app/", 303, HEADERS)


def _must_see_everything(*, everything: bool) -> None:
    if not everything:
        raise Forbidden("only an administrator, or a command on the server's own machine, may do that")
