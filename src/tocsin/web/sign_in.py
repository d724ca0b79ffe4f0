"""Signing in with a one-time link, signing out, and the look of the pages."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.assembly import Tocsin
from tocsin.engine.access import SESSION_LASTS
from tocsin.web.auth import SESSION_COOKIE
from tocsin.web.forms import form
from tocsin.web.rendering import HEADERS, THEME_COOKIE, THEMES, page

_YEAR = timedelta(days=365)


def signed_out(request: Request) -> Response:
    """Give the calm page for somebody without a session."""
    return page(request, "signed_out.html", {"used": False}, 401)


async def show_sign_in(request: Request) -> Response:
    """Show one button. Following the link alone changes nothing: mail scanners follow links."""
    return page(request, "sign_in.html", {"token": request.query_params.get("token", "")})


async def sign_in(request: Request) -> Response:
    """Use the one-time link up and begin a session."""
    tocsin: Tocsin = request.app.state.tocsin
    fields = await form(request)
    session = await tocsin.access.sign_in(fields.get("token", ""))
    if session is None:
        return page(request, "signed_out.html", {"used": True}, 401)
    answer = RedirectResponse("/app/", 303, HEADERS)
    _remember(answer, tocsin, SESSION_COOKIE, session, SESSION_LASTS)
    return answer


async def sign_out(request: Request) -> Response:
    """End the session, here and in the store."""
    tocsin: Tocsin = request.app.state.tocsin
    await tocsin.access.sign_out(request.cookies.get(SESSION_COOKIE, ""))
    answer = RedirectResponse("/app/", 303, HEADERS)
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


async def choose_theme(request: Request) -> Response:
    """Remember light, dark or what the device says."""
    fields = await form(request)
    answer = RedirectResponse(_own(fields.get("back", "")), 303, HEADERS)
    if fields.get("theme") in THEMES:
        _remember(answer, request.app.state.tocsin, THEME_COOKIE, fields["theme"], _YEAR)
    return answer


def _remember(answer: Response, tocsin: Tocsin, name: str, value: str, lasts: timedelta) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        secure=tocsin.links.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def _own(path: str) -> str:
    """Give a path of our pages; anything else could lead a reader away."""
    return path if path.startswith("/app/") and "\\" not in path and path.isprintable() else "/app/"
