"""The API of silences: make one, end one, see what they hold back."""

from typing import get_args

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.engine import silencing
from tocsin.errors import UsageError
from tocsin.grouping.drafting import Draft, Terms
from tocsin.grouping.matchers import matcher, read_matcher
from tocsin.incident.silence import Matcher, Status, status_of
from tocsin.web.answering import ApiRoute, body_of, choice_of, parts_of, up_to, whole_of
from tocsin.web.silence_shapes import SilenceShape, silence_shape

_MOST = 500
_MATCHERS = 20
_STATUSES = get_args(Status)


def silence_routes() -> list[BaseRoute]:
    """Give the routes."""
    one = "/api/v1/silences/{silence}"
    return [
        ApiRoute("/api/v1/silences", list_silences, "GET", asks={"status": Status, "limit": up_to(_MOST)}),
        ApiRoute("/api/v1/silences", begin, "POST", takes=Wanted, gives=SilenceShape),
        ApiRoute(one, show, "GET", gives=SilenceShape),
        ApiRoute(f"{one}/end", end, "POST", gives=SilenceShape),
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
    status, limit = choice_of(request, "status", _STATUSES), whole_of(request, "limit", 100, most=_MOST)
    now = tocsin.clock.now()
    found = [(one, status_of(one.silence, now)) for one in await silencing.listed(tocsin.engine, _MOST)]
    wanted = [(one, state) for one, state in found if status in {None, state}]
    # What holds, or will, is told before what is over, and all of it in the order it was made.
    first = sorted(range(len(wanted)), key=lambda place: (wanted[place][1] == "expired", place))[:limit]
    return {"silences": [_shape(request, wanted[place][0]) for place in sorted(first)]}


def _shape(request: Request, found: silencing.Silenced) -> SilenceShape:
    tocsin, principal = parts_of(request)
    return silence_shape(found, principal.viewer, tocsin.clock.now())
