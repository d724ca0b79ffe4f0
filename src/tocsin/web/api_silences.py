"""The API of silences: make one, end one, see what they hold back."""

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from tocsin.engine import silencing
from tocsin.errors import UsageError
from tocsin.grouping.drafting import Draft, Terms
from tocsin.grouping.matchers import matcher, read_matcher
from tocsin.incident.silence import Matcher, status_of
from tocsin.web.answering import body_of, json_of, parts_of, whole_of
from tocsin.web.silence_shapes import SilenceShape, silence_shape

_MOST = 500
_MATCHERS = 20
_NEWEST = 2**62
_STATUSES = ("active", "pending", "expired")


def silence_routes() -> list[BaseRoute]:
    """Give the routes."""
    one = "/api/v1/silences/{silence}"
    return [
        Route("/api/v1/silences", json_of(list_silences), methods=["GET"]),
        Route("/api/v1/silences", json_of(begin), methods=["POST"]),
        Route(one, json_of(show), methods=["GET"]),
        Route(f"{one}/end", json_of(end), methods=["POST"]),
    ]


class Labelled(msgspec.Struct, forbid_unknown_fields=True):
    """A matcher as Alertmanager's API has it."""

    name: str
    value: str
    isRegex: bool = False  # noqa: N815  their name
    isEqual: bool = True  # noqa: N815  their name

    @property
    def read(self) -> Matcher:
        """Give the matcher. Raises UsageError."""
        if self.isRegex:
            return matcher(self.name, "=~" if self.isEqual else "!~", self.value)
        return matcher(self.name, "=" if self.isEqual else "!=", self.value)


class Wanted(Terms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A silence somebody wants: matchers as text (`entry=sequencer-down`) or as Alertmanager's API has them."""

    matchers: tuple[str | Labelled, ...] = ()
    because: str = ""


async def begin(request: Request) -> object:
    """Make a silence and give it, with what is worth a warning."""
    tocsin, principal = parts_of(request)
    wanted = await body_of(request, Wanted)
    if len(wanted.matchers) > _MATCHERS:
        raise UsageError(f"a silence has at most {_MATCHERS} matchers")
    draft = Draft(
        matchers=tuple(read_matcher(one) if isinstance(one, str) else one.read for one in wanted.matchers),
        why=wanted.because,
        **{name: getattr(wanted, name) for name in Terms.__struct_fields__},
    )
    return _shape(request, await silencing.begin(tocsin.engine, draft, principal.by))


async def end(request: Request) -> object:
    """End a silence and give it as it then is; one that is over stays as it is."""
    tocsin, principal = parts_of(request)
    return _shape(request, await silencing.end(tocsin.engine, request.path_params["silence"], principal.by))


async def show(request: Request) -> object:
    """Give one silence with what it holds back."""
    tocsin, _ = parts_of(request)
    return _shape(request, await silencing.one(tocsin.engine, request.path_params["silence"]))


async def list_silences(request: Request) -> object:
    """Give silences, newest first, those that are over too; `?status=` active, pending or expired, `?limit=`."""
    tocsin, _ = parts_of(request)
    status, limit = request.query_params.get("status"), whole_of(request, "limit", 100, most=_MOST)
    if status is not None and status not in _STATUSES:
        raise UsageError(f"status is {', '.join(_STATUSES)}, not {status[:40]}")
    found = await silencing.listed(tocsin.engine, _NEWEST, _MOST)
    now = tocsin.clock.now()
    wanted = [one for one in found if status in {None, status_of(one.silence, now)}]
    return {"silences": [_shape(request, one) for one in wanted[:limit]]}


def _shape(request: Request, found: silencing.Silenced) -> SilenceShape:
    tocsin, principal = parts_of(request)
    return silence_shape(found, principal.viewer, tocsin.clock.now())
