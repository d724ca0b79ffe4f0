"""What all routes of the API share: bodies in, JSON out."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.assembly import Tocsin
from tocsin.engine.access import Principal
from tocsin.errors import Forbidden, NotFound, UsageError
from tocsin.web.inbound import bounded_body

Shape = TypeVar("Shape")
Handler = Callable[[Request], Awaitable[object]]
_DIGITS = 20
"""No number that is asked for has more; Python itself refuses to read very long ones."""
_NUMBER = re.compile(r"INC-\d{4}-\d{4,}")


class ApiRoute(Route):
    """A route of the API: its handler gives a value, which is answered as JSON, or a whole answer of another media.

    `takes`, `gives` and `asks` are the shapes of body, answer and query, for the document that describes the API.
    """

    def __init__(
        self,
        path: str,
        handler: Handler,
        method: Literal["GET", "POST", "DELETE"],
        *,
        takes: Any = None,  # noqa: ANN401  a type of any kind
        gives: Any = None,  # noqa: ANN401  a type of any kind
        asks: Mapping[str, Any] | None = None,
        media: str = "application/json",
    ) -> None:
        """Take what answers there, and what is told of it."""
        super().__init__(path, _json_of(handler), methods=[method])
        self.handler, self.method = handler, method
        self.takes, self.gives, self.asks, self.media = takes, gives, dict(asks or {}), media


def _json_of(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    @wraps(handler)
    async def answer(request: Request) -> Response:
        value = await handler(request)
        if isinstance(value, Response):
            return value
        return Response(msgspec.json.encode(value), media_type="application/json")

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


def choice_of(request: Request, name: str, choices: tuple[str, ...]) -> str | None:
    """Give a word of the query string, None where it is not there. Raises UsageError for one that is no choice."""
    text = request.query_params.get(name)
    if text is not None and text not in choices:
        raise UsageError(f"{name} is {', '.join(choices)}, not {text[:40]}")
    return text


def up_to(most: int) -> Any:  # noqa: ANN401  a type
    """Give the type of a number of the query string that `whole_of` reads."""
    return Annotated[int, msgspec.Meta(ge=1, le=most)]


def must_be_trusted(principal: Principal) -> None:
    """Refuse whoever may not administer. Raises Forbidden."""
    if not principal.everything:
        raise Forbidden("only an administrator, or a command on the server's own machine, may do that")
