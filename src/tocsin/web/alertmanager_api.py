"""Alertmanager's API, so that amtool and dashboards can look at alerts and make silences here.

A silence of theirs is one of ours, with their words: see `grouping/labels.py`. What ours know and theirs do not, such
as recurring, is shown as the time it holds in or will hold next. Source: Alertmanager's API v2 (OpenAPI 2.0 document).
"""

from datetime import datetime
from importlib.metadata import version
from typing import Literal, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from tocsin.detection.prometheus import LASTS, fingerprint
from tocsin.engine import silencing
from tocsin.errors import UsageError
from tocsin.grouping.drafting import Draft
from tocsin.grouping.labels import label_of_name, labels_of, name_of_label
from tocsin.grouping.matchers import fits, matcher, parts_of_matcher, subject
from tocsin.incident.silence import Matcher, Operator, Silence, next_window, status_of, window_at
from tocsin.store.readings import FiringAlert, firing_alerts
from tocsin.web.answering import ApiRoute, body_of, choice_of, parts_of

_MOST_ALERTS, _MOST_SILENCES, _NEWEST = 1000, 500, 2**62
_MOST_MATCHERS = 20
_RECEIVER = "tocsin"
Flag = Literal["true", "false"]
_OPERATORS: dict[tuple[bool, bool], Operator] = {
    (False, True): "=",
    (False, False): "!=",
    (True, True): "=~",
    (True, False): "!~",
}


class Labelled(msgspec.Struct, rename="camel"):
    """A matcher of theirs."""

    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class PostedSilence(msgspec.Struct, rename="camel"):
    """A silence somebody wants; with an id it takes the place of that one. Whose it is says the token."""

    matchers: tuple[Labelled, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    id: str | None = None


class State(msgspec.Struct):
    """Whether a silence is active, pending or expired."""

    state: str


class ShownSilence(msgspec.Struct, rename="camel"):
    """A silence as theirs are shown."""

    id: str
    status: State
    matchers: tuple[Labelled, ...]
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    created_by: str
    comment: str


class AlertStatus(msgspec.Struct, rename="camel"):
    """`suppressed` is what a silence holds back, `unprocessed` what has no incident (yet)."""

    state: Literal["active", "suppressed", "unprocessed"]
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()


class Receiver(msgspec.Struct):
    """Who gets it: Tocsin."""

    name: str = _RECEIVER


class ShownAlert(msgspec.Struct, rename="camel", kw_only=True):
    """An alert that fires."""

    labels: dict[str, str]
    annotations: dict[str, str]
    fingerprint: str
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    generator_url: str = msgspec.field(name="generatorURL")
    receivers: tuple[Receiver, ...] = (Receiver(),)
    status: AlertStatus


class Made(msgspec.Struct):
    """The id of the silence that was made."""

    silence_id: str = msgspec.field(name="silenceID")


_LOOKS = dict.fromkeys(("active", "silenced", "inhibited", "unprocessed"), Flag) | {"filter": list[str]}


def alertmanager_routes() -> list[BaseRoute]:
    """Give the routes of their API beside `POST /api/v2/alerts`, which is a door of monitors."""
    one = "/api/v2/silence/{silence}"
    return [
        ApiRoute("/api/v2/status", show_status, "GET"),
        ApiRoute("/api/v2/receivers", list_receivers, "GET", gives=list[Receiver]),
        ApiRoute("/api/v2/alerts", list_alerts, "GET", gives=list[ShownAlert], asks=_LOOKS),
        ApiRoute("/api/v2/silences", list_silences, "GET", gives=list[ShownSilence], asks={"filter": list[str]}),
        ApiRoute("/api/v2/silences", make, "POST", takes=PostedSilence, gives=Made),
        ApiRoute(one, show, "GET", gives=ShownSilence),
        ApiRoute(one, expire, "DELETE"),
    ]


def speaks_alertmanager(path: str) -> bool:
    """Give whether refusals are told there as Alertmanager does: a JSON string."""
    return path in {"/api/v2/status", "/api/v2/receivers", "/api/v2/alerts", "/api/v2/silences"} or path.startswith(
        "/api/v2/silence/"
    )


async def show_status(request: Request) -> object:
    """Give what their clients ask before anything else."""
    tocsin, _ = parts_of(request)
    unsaid = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
    return {
        "cluster": {"status": "disabled", "name": "", "peers": []},
        "config": {"original": "# Tocsin routes by its runbook, not by a configuration of Alertmanager\n"},
        "uptime": tocsin.health.since,
        "versionInfo": {"version": version("tocsin"), **unsaid},
    }


async def list_receivers(_: Request) -> object:
    """Give the one receiver there is."""
    return [Receiver()]


# -- alerts


async def list_alerts(request: Request) -> object:
    """Give the alerts that fire, latest first: `filter` (matchers), `active`, `silenced`, `unprocessed`."""
    tocsin, principal = parts_of(request)
    wanted = _filters(request)
    hidden = {
        state
        for name, state in (("active", "active"), ("silenced", "suppressed"), ("unprocessed", "unprocessed"))
        if choice_of(request, name, get_args(Flag)) == "false"
    }
    choice_of(request, "inhibited", get_args(Flag))  # nothing is inhibited here
    now = tocsin.clock.now()
    found = await tocsin.store.read(firing_alerts(principal.viewer, now, _MOST_ALERTS))
    fitting = [one for one in found if fits(wanted, subject(one.state.alert, one.entry, one.severity))]
    return [shown for one in fitting if (shown := _alert(one, now)).status.state not in hidden]


def _alert(found: FiringAlert, now: datetime) -> ShownAlert:
    state, held = found.state, found.state.held
    status = AlertStatus("active" if found.open else "unprocessed")
    if held and state.held_at(now) and not found.open:
        status = AlertStatus("suppressed", held.silences)
    return ShownAlert(
        labels=labels_of(state.alert, found.entry, found.severity),
        annotations={"summary": state.alert.summary},
        fingerprint=fingerprint({"group": state.alert.group_key}),
        starts_at=state.alert.started_at or state.changed_at,
        ends_at=state.alert.lease_until or now + LASTS,
        updated_at=state.last_at,
        generator_url=next(iter(state.alert.links), ""),
        status=status,
    )


def _filters(request: Request) -> tuple[Matcher, ...]:
    texts = request.query_params.getlist("filter")
    if len(texts) > _MOST_MATCHERS:
        raise UsageError(f"at most {_MOST_MATCHERS} filters are looked at")
    parts = [parts_of_matcher(text) for text in texts]
    return tuple(matcher(name_of_label(label), operator, value) for label, operator, value in parts)


# -- silences


async def list_silences(request: Request) -> object:
    """Give silences, newest first, those that are over too; `filter` (matchers) asks what they speak of."""
    tocsin, _ = parts_of(request)
    wanted, now = _filters(request), tocsin.clock.now()
    found = [one.silence for one in await silencing.listed(tocsin.engine, _NEWEST, _MOST_SILENCES)]
    return [_silence(one, now) for one in found if fits(wanted, {said.name: said.value for said in one.matchers})]


async def make(request: Request) -> object:
    """Make a silence, or one in the place of another, and give its id."""
    tocsin, principal = parts_of(request)
    wanted = await body_of(request, PostedSilence)
    if len(wanted.matchers) > _MOST_MATCHERS:
        raise UsageError(f"a silence has at most {_MOST_MATCHERS} matchers")
    draft = Draft(
        matchers=tuple(_ours(one) for one in wanted.matchers),
        why=wanted.comment,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
    )
    if wanted.id:
        await silencing.one(tocsin.engine, wanted.id)
    made = await silencing.begin(tocsin.engine, draft, principal.by)
    if wanted.id:
        await silencing.end(tocsin.engine, wanted.id, principal.by)
    return Made(made.silence.id)


async def show(request: Request) -> object:
    """Give one silence."""
    tocsin, _ = parts_of(request)
    found = await silencing.one(tocsin.engine, request.path_params["silence"])
    return _silence(found.silence, tocsin.clock.now())


async def expire(request: Request) -> object:
    """End a silence; what it held back is looked at again at once."""
    tocsin, principal = parts_of(request)
    await silencing.end(tocsin.engine, request.path_params["silence"], principal.by)
    return Response(b"{}", media_type="application/json")


def _ours(one: Labelled) -> Matcher:
    return matcher(name_of_label(one.name), _OPERATORS[one.is_regex, one.is_equal], one.value)


def _theirs(one: Matcher) -> Labelled:
    return Labelled(label_of_name(one.name), one.value, one.operator.endswith("~"), not one.operator.startswith("!"))


def _silence(silence: Silence, now: datetime) -> ShownSilence:
    window = window_at(silence, now) or next_window(silence, now)
    starts, ends = (window.begins, window.ends) if window else (silence.starts_at, silence.ends_at)
    return ShownSilence(
        id=silence.id,
        status=State(status_of(silence, now)),
        matchers=tuple(_theirs(one) for one in silence.matchers),
        starts_at=starts,
        ends_at=silence.ended_at or ends,
        updated_at=silence.ended_at or silence.created_at,
        created_by=silence.by.partition(":")[2] or silence.by,
        comment=silence.why,
    )
