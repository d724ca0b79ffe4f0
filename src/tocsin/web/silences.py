"""The page of silences: what is held back now, what will be, what was; and the form that makes one."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.detection.alert import AlertState
from tocsin.engine import silencing
from tocsin.engine.silencing import Silenced
from tocsin.errors import UsageError
from tocsin.grouping.drafting import DAYS, Draft
from tocsin.grouping.matchers import containing, matcher, read_matcher
from tocsin.incident.silence import Maintenance, Matcher, Recurrence, next_window, status_of, window_at
from tocsin.triage.severity import severity_ids
from tocsin.web.asking import Asked, asked
from tocsin.web.forms import form
from tocsin.web.incident_view import badge
from tocsin.web.names import listed
from tocsin.web.rendering import HEADERS, page
from tocsin.web.times import lasting

_MOST = 200
_HELD_SHOWN = 20
_LENGTHS = ("PT30M", "PT1H", "PT2H", "PT4H", "PT8H", "P1D", "P3D")
_PLAIN = ("entry", "severity", "source", "component")
_FIELDS = (*_PLAIN, "text", "matchers", "lasts", "starts", "repeats", "last", "title", "about", "because")


class HeldOne(NamedTuple):
    """An alert that is held back, as a reader sees it; of a restricted entry only that there is one."""

    what: str
    severity: str
    since: str
    loud: bool


class SilencedOne(NamedTuple):
    """A silence as a reader sees it. `when` says when it holds, `by` who wants it and since when."""

    id: str
    status: str
    matchers: tuple[str, ...]
    why: str
    when: str
    by: str
    public: str
    cautions: tuple[str, ...]
    held: tuple[HeldOne, ...]
    more: int


def silence_page_routes() -> list[BaseRoute]:
    """Give the routes."""
    return [
        Route("/app/silences", show_silences, methods=["GET"]),
        Route("/app/silences", begin, methods=["POST"]),
        Route("/app/silences/{silence}/end", end, methods=["POST"]),
    ]


async def show_silences(request: Request) -> Response:
    """Show every silence, and the form; `?entry=` and `?component=` fill it in."""
    return await _page(request, dict(request.query_params), "", 200)


async def begin(request: Request) -> Response:
    """Make the silence the form speaks of; what is missing is said above the form, which keeps what was typed."""
    who, fields = asked(request), await form(request)
    try:
        made = await silencing.begin(who.tocsin.engine, draft_of(fields, who), who.principal.by)
    except UsageError as error:
        return await _page(request, fields, str(error), 400)
    return RedirectResponse(f"/app/silences#{made.silence.id}", 303, HEADERS)


async def end(request: Request) -> Response:
    """End a silence."""
    who = asked(request)
    ended = await silencing.end(who.tocsin.engine, request.path_params["silence"], who.principal.by)
    return RedirectResponse(f"/app/silences#{ended.silence.id}", 303, HEADERS)


def draft_of(fields: dict[str, str], who: Asked) -> Draft:
    """Give the silence a form speaks of; its times are the reader's. Raises UsageError."""
    found = [matcher(name, "=", fields[name]) for name in _PLAIN if fields.get(name)]
    found += [containing("text", fields["text"])] if fields.get("text") else []
    found += [read_matcher(line) for line in fields.get("matchers", "").splitlines() if line.strip()]
    title = fields.get("title", "")
    return Draft(
        matchers=tuple(found),
        why=fields.get("because", ""),
        starts_at=_wall(fields.get("starts", ""), who),
        lasts=_length(fields.get("lasts", "")),
        repeats=fields.get("repeats", ""),
        timezone=who.times.zone_name if fields.get("repeats") else "",
        last=fields.get("last", ""),
        maintenance=Maintenance(title=title, text=fields.get("about", "")) if title else None,
    )


def _wall(text: str, who: Asked) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(who.times.zone_name))
    except ValueError as error:
        raise UsageError(f"{text[:40]!r} is no time; write it like 2026-11-23T03:15") from error


def _length(text: str) -> timedelta:
    if text not in _LENGTHS:
        raise UsageError("say how long it lasts")
    number = int("".join(sign for sign in text if sign.isdigit()))
    return {"M": timedelta(minutes=number), "H": timedelta(hours=number), "D": timedelta(days=number)}[text[-1]]


async def _page(request: Request, fields: dict[str, str], trouble: str, status: int) -> Response:
    who = asked(request)
    tocsin, runbook = who.tocsin, who.tocsin.worlds.current.runbook
    found = [shown(one, who) for one in await silencing.listed(tocsin.engine, _MOST)]
    parts = {name: [one for one in found if one.status == name] for name in ("active", "pending", "expired")}
    return page(
        request,
        "silences.html",
        {
            "principal": who.principal,
            "parts": parts,
            "trouble": trouble,
            "given": dict.fromkeys(_FIELDS, "") | fields,
            "types": [(entry.id, entry.title, entry.restricted) for entry in runbook.incident_types],
            "severities": [badge(runbook, severity) for severity in severity_ids(runbook)],
            "sources": sorted(tocsin.access.sources),
            "lengths": [(text, lasting(_length(text))) for text in _LENGTHS],
            "place": who.times.place,
        },
        status,
    )


def shown(found: Silenced, who: Asked) -> SilencedOne:
    """Give a silence as that reader sees it."""
    silence, now = found.silence, who.times.now
    held = [_held(state, who) for state in found.held]
    public = silence.maintenance.title if silence.maintenance else ""
    return SilencedOne(
        id=silence.id,
        status=status_of(silence, now),
        matchers=tuple(told(one) for one in silence.matchers),
        why=silence.why,
        when=_when(found, who),
        by=f"{who.names.of(silence.by)}, {who.times.day(silence.created_at)}",
        public=public,
        cautions=found.cautions,
        held=tuple(held[:_HELD_SHOWN]),
        more=max(len(held) - _HELD_SHOWN, 0),
    )


def told(one: Matcher) -> str:
    """Give a matcher as a reader sees it: without quotes where they say nothing."""
    return replace(one, value="").text[:-2] + (one.value or '""')


def _held(state: AlertState, who: Asked) -> HeldOne:
    held = state.held
    if held is None:
        raise ValueError(f"nothing holds {state.alert.group_key} back")
    hidden = held.restricted and not who.principal.everything
    worst = held.severity == severity_ids(who.tocsin.worlds.current.runbook)[0]
    what = "An alert of a restricted entry" if hidden else state.alert.summary
    return HeldOne(what, held.severity, who.times.hm(held.since), worst or held.restricted)


def _when(found: Silenced, who: Asked) -> str:
    silence, now = found.silence, who.times.now
    window, ahead = window_at(silence, now), next_window(silence, now)
    again = f", {_again(silence.repeats)}" if silence.repeats else ""
    if window:
        return f"until {who.times.hm(window.ends)}, {lasting(window.ends - now)} more{again}"
    if ahead:
        return f"from {who.times.day(ahead.begins)} to {who.times.day(ahead.ends)}{again}"
    if silence.ended_at:
        return f"ended {who.times.day(silence.ended_at)} by {who.names.of(silence.ended_by or '')}"
    return f"from {who.times.day(silence.starts_at)} to {who.times.day(silence.ends_at)}{again}"


def _again(repeats: Recurrence) -> str:
    days = "every day" if len(repeats.days) == len(DAYS) else listed([DAYS[day].title() for day in repeats.days])
    until = f" until {repeats.last}" if repeats.last else ""
    return f"{days} ({repeats.timezone}){until}"
