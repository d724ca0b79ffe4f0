"""Alertmanager's API, so that amtool and dashboards can look at alerts and make silences here.

A silence of theirs is one of ours, with their words: see `grouping/labels.py`. What ours know and theirs do not, such
as recurring, is shown as the time it holds in or will hold next. Source: Alertmanager's API v2 (OpenAPI 2.0 document).
"""

import asyncio
from collections.abc import Sequence
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
from tocsin.grouping.matchers import DETAILS, fits, matcher, parts_of_matcher, subject
from tocsin.incident.silence import Matcher, Operator, Silence, next_window, status_of, window_at
from tocsin.store.readings import FiringAlert, firing_alerts
from tocsin.store.silences import silences_told
from tocsin.web.answering import ApiRoute, body_of, choice_of, parts_of

_MOST_ALERTS, _MOST_LOOKED_AT, _MOST_SILENCES = 1000, 10_000, 500
"""Alerts that are told at once, those that filters look at, silences that are told."""

_AT_ONCE = 200
"""So many alerts are held against filters before others may go on."""

_MOST_MATCHERS = 20
_RECEIVER = "tocsin"
_CONFIG = f"""# Tocsin routes by its runbook. What of that is seen by its alerts:
route:
  receiver: {_RECEIVER}
  group_by: [tocsin_entry, tocsin_component]
receivers:
- name: {_RECEIVER}
"""
"""Clients read this as a configuration of Alertmanager, and give up where it is none."""

_ANNOTATIONS = ("summary", "description", "message", "runbook_url", "dashboard_url")
"""What rules of Prometheus call their annotations. Kept are both, labels and these, as details."""

_GROUPED_BY = {
    True: ("tocsin_entry", "tocsin_component"),
    False: ("tocsin_source", "tocsin_component", "alertname"),
}
"""By which labels alerts are in a group, by whether they have an entry: all of them can be silenced by."""
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
    annotations: dict[str, str] = {}


class AlertStatus(msgspec.Struct, rename="camel"):
    """`suppressed` is what a silence holds back, `unprocessed` what has no incident (yet)."""

    state: Literal["active", "suppressed", "unprocessed"]
    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    muted_by: tuple[str, ...] = ()


class Receiver(msgspec.Struct, frozen=True):
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
    generator_url: str | msgspec.UnsetType = msgspec.field(name="generatorURL", default=msgspec.UNSET)
    receivers: tuple[Receiver, ...] = (Receiver(),)
    status: AlertStatus


class AlertGroup(msgspec.Struct, rename="camel"):
    """Alerts that have these labels."""

    labels: dict[str, str]
    alerts: list[ShownAlert]
    receiver: Receiver = Receiver()
    route_labels: dict[str, str] = {}


class Made(msgspec.Struct):
    """The id of the silence that was made."""

    silence_id: str = msgspec.field(name="silenceID")


_CHOSEN = {"filter": list[str], "receiver": str, "receiver_matchers": list[str]}
_LOOKS = dict.fromkeys(("active", "silenced", "inhibited", "unprocessed"), Flag) | _CHOSEN
_GROUP_LOOKS = dict.fromkeys(("active", "silenced", "inhibited", "muted"), Flag) | _CHOSEN
_STATES = ("active", "pending", "expired")
_SILENCE_LOOKS = dict.fromkeys(_STATES, Flag) | {"filter": list[str]}


def alertmanager_routes() -> list[BaseRoute]:
    """Give the routes of their API beside `POST /api/v2/alerts`, which is a door of monitors."""
    one = "/api/v2/silence/{silence}"
    return [
        ApiRoute("/api/v2/status", show_status, "GET"),
        ApiRoute("/api/v2/receivers", list_receivers, "GET", gives=list[Receiver]),
        ApiRoute("/api/v2/alerts", list_alerts, "GET", gives=list[ShownAlert], asks=_LOOKS),
        ApiRoute("/api/v2/alerts/groups", list_groups, "GET", gives=list[AlertGroup], asks=_GROUP_LOOKS),
        ApiRoute("/api/v2/silences", list_silences, "GET", gives=list[ShownSilence], asks=_SILENCE_LOOKS),
        ApiRoute("/api/v2/silences", make, "POST", takes=PostedSilence, gives=Made),
        ApiRoute(one, show, "GET", gives=ShownSilence),
        ApiRoute(one, expire, "DELETE"),
    ]


def speaks_alertmanager(path: str) -> bool:
    """Give whether refusals are told there as Alertmanager does: a JSON string."""
    return path in _PATHS or path.startswith("/api/v2/silence/")


_PATHS = frozenset(f"/api/v2/{name}" for name in ("status", "receivers", "alerts", "alerts/groups", "silences"))


async def show_status(request: Request) -> object:
    """Give what their clients ask before anything else."""
    tocsin, _ = parts_of(request)
    unsaid = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
    return {
        "cluster": {"status": "disabled", "name": "", "peers": []},
        "config": {"original": _CONFIG},
        "uptime": tocsin.health.since,
        "versionInfo": {"version": version("tocsin"), **unsaid},
    }


async def list_receivers(request: Request) -> object:
    """Give the one receiver there is, unless others are asked for."""
    return [Receiver()] if _is_for_us(request) else []


# -- alerts


async def list_alerts(request: Request) -> object:
    """Give the alerts that fire, latest first: `filter` (matchers), `receiver`, and their states."""
    return await _shown(request)


async def list_groups(request: Request) -> object:
    """Give the same in groups, as the runbook puts alerts together; `muted=false` leaves out those nobody hears of."""
    groups = dict[tuple[tuple[str, str], ...], AlertGroup]()
    heard = _says(request, "muted")
    for one in await _shown(request):
        names = _GROUPED_BY["tocsin_entry" in one.labels]
        labels = {name: one.labels[name] for name in names if name in one.labels}
        groups.setdefault(tuple(sorted(labels.items())), AlertGroup(labels, [])).alerts.append(one)
    return [
        group
        for _, group in sorted(groups.items(), key=lambda named: named[0])
        if heard or any(one.status.state != "suppressed" for one in group.alerts)
    ]


async def _shown(request: Request) -> Sequence[ShownAlert]:
    tocsin, principal = parts_of(request)
    wanted, for_us = _filters(request), _is_for_us(request)
    hidden = {
        state
        for name, state in (("active", "active"), ("silenced", "suppressed"), ("unprocessed", "unprocessed"))
        if not _says(request, name)
    }
    _says(request, "inhibited")  # nothing is inhibited here
    now, narrow = tocsin.clock.now(), bool(wanted or hidden)
    most = _MOST_LOOKED_AT if narrow else _MOST_ALERTS
    found = await tocsin.store.read(firing_alerts(principal.viewer, now, most)) if for_us else ()
    shown: list[ShownAlert] = []
    for first in range(0, len(found), _AT_ONCE):
        for one in found[first : first + _AT_ONCE]:
            if not wanted or fits(wanted, subject(one.state.alert, one.entry, one.severity)):
                told = _alert(one, now)
                shown += [told] if told.status.state not in hidden else []
        await asyncio.sleep(0)
    return shown[:_MOST_ALERTS]


def _says(request: Request, name: str) -> bool:
    """Give whether something is to be shown, as all is unless somebody says that it is not. Raises UsageError."""
    return choice_of(request, name, get_args(Flag)) != "false"


def _is_for_us(request: Request) -> bool:
    """Give whether the one receiver there is, which has no labels, is among those asked for. Raises UsageError."""
    query = request.query_params
    parts = [parts_of_matcher(text) for text in _few(query.getlist("receiver_matchers"))]
    wanted = [matcher(f"{DETAILS}{label}", operator, value) for label, operator, value in parts]
    if (name := query.get("receiver")) is not None:
        wanted.append(matcher(f"{DETAILS}{_RECEIVER}", "=~", name))
    return fits(tuple(wanted), {f"{DETAILS}{_RECEIVER}": _RECEIVER})


def _few(texts: list[str]) -> list[str]:
    if len(texts) > _MOST_MATCHERS:
        raise UsageError(f"at most {_MOST_MATCHERS} filters are looked at")
    return texts


def _alert(found: FiringAlert, now: datetime) -> ShownAlert:
    state, held = found.state, found.state.held
    status = AlertStatus("active" if found.open else "unprocessed")
    if held and state.held_at(now) and not found.open:
        status = AlertStatus("suppressed", held.silences)
    said = labels_of(state.alert, found.entry, found.severity)
    annotations = {name: said[name] for name in _ANNOTATIONS if name in said}
    return ShownAlert(
        labels={name: value for name, value in said.items() if name not in annotations},
        annotations=annotations | {"summary": state.alert.summary},
        fingerprint=fingerprint({"group": state.alert.group_key}),
        starts_at=state.alert.started_at or state.changed_at,
        ends_at=state.alert.lease_until or now + LASTS,
        updated_at=state.last_at,
        generator_url=next(iter(state.alert.links), msgspec.UNSET),
        status=status,
    )


def _filters(request: Request) -> tuple[Matcher, ...]:
    parts = [parts_of_matcher(text) for text in _few(request.query_params.getlist("filter"))]
    return tuple(matcher(name_of_label(label), operator, value) for label, operator, value in parts)


# -- silences


async def list_silences(request: Request) -> object:
    """Give silences, newest first, those that are over too; `filter` (matchers) asks what they speak of.

    `active`, `pending` and `expired` leave out those that are so.
    """
    tocsin, _ = parts_of(request)
    wanted, now = _filters(request), tocsin.clock.now()
    states = {name for name in _STATES if _says(request, name)}
    found = await tocsin.store.read(silences_told(now, _MOST_SILENCES))
    fitting = [one for one in found if fits(wanted, {said.name: said.value for said in one.matchers})]
    return [shown for one in fitting if (shown := _silence(one, now)).status.state in states]


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
