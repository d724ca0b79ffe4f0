"""The secret that a request offers."""

import base64
from collections.abc import Mapping

from starlette.requests import HTTPConnection


def bearer(request: HTTPConnection) -> str | None:
    """Give the secret of an Authorization header ("Bearer X", or PagerDuty's "Token token=X", also quoted), or None."""
    return _bearer(request.headers.get("authorization", ""))


def password(request: HTTPConnection) -> str | None:
    """Give the password of basic auth, or None."""
    return _password(request.headers.get("authorization", ""))


def offered(headers: Mapping[str, str]) -> str | None:
    """Give the secret of an Authorization header, of whichever kind, or None."""
    authorization = headers.get("authorization", "")
    return _bearer(authorization) or _password(authorization)


def _bearer(authorization: str) -> str | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    if scheme.lower() == "token" and value.startswith("token="):
        return value.removeprefix("token=").strip().strip('"')
    return None


def _password(authorization: str) -> str | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None
