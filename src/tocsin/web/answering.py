"""What all routes of the API share: bodies in, JSON out."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tocsin.assembly import Tocsin
from tocsin.engine.access import Principal
from tocsin.errors import Forbidden, NotFound, UsageError
from tocsin.web.inbound import bounded_body

Shape = TypeVar("Shape")
Handler = Callable[[Request], Awaitable[object]]
_DIGITS = 20
"""No number that is asked for has more; Python itself refuses to read very long ones."""
_NUMBER = re.compile(r"INC-\d{4}-\d{4,}")


def json_of(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Give the route of a handler that gives a value."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        return Response(msgspec.json.encode(await handler(request)), media_type="application/json")

    return answer


def parts_of(request: Request) -> tuple[Tocsin, Principal]:
    """Give the running Tocsin and who asks."""
    return request.app.state.tocsin, request.state.principal


async def body_of(request: Request, shape: type[Shape]) -> Shape:
    """Give the body as that shape. Raises UsageError."""
    raw = await bounded_body(request)
    try:
        return msgspec.json.decode(raw or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the body does not fit: {error}") from error
    except RecursionError as error:
        raise UsageError("the body is nested too deeply") from error


def number_of(request: Request) -> str:
    """Give the number of the incident a route names. Raises NotFound."""
    return known_number(request.path_params["number"])


def known_number(number: str) -> str:
    """Give a number that can be one of an incident. Raises NotFound."""
    if not _NUMBER.fullmatch(number):
        raise NotFound(f"there is no incident {number[:40]}; numbers look like INC-2026-0042")
    return number


def whole_of(request: Request, name: str, default: int, most: int) -> int:
    """Give a number of the query string, from 1. Raises UsageError."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if len(text) > _DIGITS or not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise UsageError(f"{name} must be a whole number from 1 to {most}")
    return int(text)


def must_be_trusted(principal: Principal) -> None:
    """Refuse whoever may not administer. Raises Forbidden."""
    if not principal.everything:
        raise Forbidden("only an administrator, or a command on the server's own machine, may do that")
