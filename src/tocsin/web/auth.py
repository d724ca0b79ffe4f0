"""Who sends this request, and from where: principals, Host and Origin."""

import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from tocsin.engine.access import LOCAL, Principal
from tocsin.web.offered import bearer, password

if TYPE_CHECKING:
    from tocsin.assembly import Tocsin

SESSION_COOKIE = "tocsin_session"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"http": 80, "https": 443}
_SAFE = {"GET", "HEAD", "OPTIONS"}


async def principal_of(request: HTTPConnection, tocsin: "Tocsin") -> Principal | None:
    """Give who this is: the owner of this machine, a person by token or session, or None."""
    secret = bearer(request) or password(request)
    if secret is not None:
        if tocsin.local_token and hmac.compare_digest(secret.encode(), tocsin.local_token.encode()):
            return LOCAL
        return await tocsin.access.by_secret(secret, "token")
    session = request.cookies.get(SESSION_COOKIE)
    return await tocsin.access.by_secret(session, "session") if session else None


def host_is_ours(request: HTTPConnection, tocsin: "Tocsin") -> bool:
    """Give whether the request was meant for us: a stranger's name that points here would let its pages act."""
    host = _hostname(f"//{request.headers.get('host', '')}")
    return host in _LOOPBACK or host == _hostname(tocsin.links.public_url) or host == tocsin.bound_host


def origin_is_ours(request: HTTPConnection, tocsin: "Tocsin") -> bool:
    """Give whether a changing request comes from our own pages (or from no browser at all).

    Behind a proxy Host may name us as the proxy does, while Origin is always the address that people use.
    """
    if request.scope["method"] in _SAFE:
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    site = _site(origin)
    if site is None:
        return False
    return site == _site(tocsin.links.public_url) or urlsplit(origin).netloc == request.headers.get("host")


def _hostname(url: str) -> str:
    """Give the name of the machine in an address, empty for what is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _site(url: str) -> tuple[str, str, int | None] | None:
    """Give scheme, host and port, or None for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)) if parts.hostname else None
