"""Turning values into pages: templates, the headers every page carries, and the files pages are made of."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Not "no-referrer": browsers then send "Origin: null" with our own forms, and the origin could not be checked.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_YEAR = "public, max-age=31536000, immutable"


class StaticFile(NamedTuple):
    """A file pages are made of."""

    body: bytes
    media_type: str
    version: str


def page(request: Request, template: str, values: Mapping[str, object], status: int = 200) -> Response:
    """Give a whole page."""
    usual = {"theme": theme(request), "principal": None, "path": request.url.path, "live": None, "doc": ""}
    shown = {**usual, "unconfirmed": request.app.state.tocsin.engine.unconfirmed, **values}
    return HTMLResponse(environment().get_template(template).render(shown), status, HEADERS)


def regions(folder: str, names: list[str], values: Mapping[str, object]) -> Response:
    """Give some regions of a page, one after the other; each is a template of its own in `folder`."""
    templates = [environment().get_template(f"{folder}/{name}.html") for name in names]
    return HTMLResponse("".join(template.render(values) for template in templates), headers=HEADERS)


def theme(request: Request) -> str:
    """Give the theme the reader chose."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


@cache
def environment() -> "Environment":
    """Give the templates; each is compiled when it is first used."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  a server starts without pages

    made = Environment(
        loader=PackageLoader("tocsin.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["static"] = static_url
    return made


def static_url(name: str) -> str:
    """Give the address of a static file; it changes with the content."""
    return f"/app/static/{name}?v={static_files()[name].version}"


async def static(request: Request) -> Response:
    """Send a static file. The version in the address lets browsers keep it for good."""
    found = static_files().get(request.path_params["name"])
    if found is None:
        return Response("there is nothing here", 404, {"X-Content-Type-Options": "nosniff"}, "text/plain")
    tag = f'"{found.version}"'
    current = request.query_params.get("v") == found.version
    headers = {"ETag": tag, "X-Content-Type-Options": "nosniff", "Cache-Control": _YEAR if current else "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(found.body, headers=headers, media_type=found.media_type)


@cache
def static_files() -> dict[str, StaticFile]:
    """Give the files by name: few and small, so they are read once."""
    found = {}
    for entry in files("tocsin.web").joinpath("static").iterdir():
        kind = _TYPES.get(entry.name[entry.name.rfind(".") :])
        if kind is not None:
            body = entry.read_bytes()
            found[entry.name] = StaticFile(body, kind, hashlib.sha256(body).hexdigest()[:12])
    return found
