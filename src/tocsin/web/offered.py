"""The secret that a request offers."""

import base64

from starlette.requests import HTTPConnection


def bearer(request: HTTPConnection) -> str | None:
    """Give the secret of an Authorization header ("Bearer X", or PagerDuty's "Token token=X"), or None."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    if scheme.lower() == "token" and value.startswith("token="):
        return value.removeprefix("token=").strip()
    return None


def password(request: HTTPConnection) -> str | None:
    """Give the password of basic auth, or None."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2] or None
    except ValueError:
        return None
