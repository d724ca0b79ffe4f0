"""The API of reviews and action items."""

from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from tocsin.incident import wishes as w
from tocsin.web.answering import ApiRoute, body_of, choice_of, number_of, parts_of
from tocsin.web.review_view import ActionView, PartView, ReviewView
from tocsin.web.reviewing import act_on, actions, review, reviews, write_part

Yes = Literal["1", "true", "0", "false"]
"""How a query says yes or no."""


class Text(msgspec.Struct, forbid_unknown_fields=True):
    """The whole Markdown of a part; empty gives back what Tocsin filled in."""

    text: str


class NewAction(msgspec.Struct, forbid_unknown_fields=True):
    """Something to be done. `due`: an ISO date."""

    text: str
    owner: str | None = None
    due: str | None = None


class Done(msgspec.Struct, forbid_unknown_fields=True):
    """Whether it is done."""

    done: bool = True


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """A body that says nothing more."""


def review_routes() -> list[BaseRoute]:
    """Give the routes of reviews under /api/v1."""
    one = "/api/v1/reviews/{number}"
    return [
        ApiRoute("/api/v1/reviews", list_reviews, "GET"),
        ApiRoute(one, show_review, "GET"),
        ApiRoute(f"{one}/parts/{{part}}", edit_part, "POST", takes=Text),
        ApiRoute(f"{one}/actions", add_action, "POST", takes=NewAction),
        ApiRoute(f"{one}/actions/{{action}}", change_action, "POST", takes=Done),
        ApiRoute(f"{one}/finish", finish, "POST", takes=Nothing),
        ApiRoute("/api/v1/actions", list_actions, "GET", asks={"open": Yes}),
    ]


async def list_reviews(request: Request) -> object:
    """Give the reviews this principal may see: what is due first, then what is finished."""
    tocsin, principal = parts_of(request)
    now = tocsin.clock.now()
    return {"reviews": [_summary(one, now) for one in await reviews(tocsin, principal)]}


async def show_review(request: Request) -> object:
    """Give one review, its parts and the whole as Markdown."""
    tocsin, principal = parts_of(request)
    shown = await review(tocsin, principal, number_of(request))
    return {
        **_summary(shown, tocsin.clock.now()),
        "zone": shown.zone,
        "line": shown.line or None,
        "parts": [_part(part) for part in shown.parts],
        "actions": [_action(shown.incident.number, action) for action in shown.actions],
        "markdown": shown.markdown,
    }


async def edit_part(request: Request) -> object:
    """Write a part and give the review as it then is."""
    tocsin, principal = parts_of(request)
    wanted = await body_of(request, Text)
    await write_part(tocsin, principal, number_of(request), request.path_params["part"], wanted.text)
    return await show_review(request)


async def add_action(request: Request) -> object:
    """Add an action item and give the review as it then is."""
    wanted = await body_of(request, NewAction)
    _, principal = parts_of(request)
    return await _acted(request, w.AddAction(by=principal.by, text=wanted.text, owner=wanted.owner, due=wanted.due))


async def change_action(request: Request) -> object:
    """Say that an action item is done, or open again, and give the review as it then is."""
    wanted = await body_of(request, Done)
    _, principal = parts_of(request)
    wish = w.ChangeAction(by=principal.by, action=request.path_params["action"], done=wanted.done)
    return await _acted(request, wish)


async def finish(request: Request) -> object:
    """Say that the review is complete and give it as it then is."""
    await body_of(request, Nothing)
    _, principal = parts_of(request)
    return await _acted(request, w.FinishReview(by=principal.by))


async def list_actions(request: Request) -> object:
    """Give action items, of the newest incident first: `?open=1` for those that are not done."""
    tocsin, principal = parts_of(request)
    only_open = choice_of(request, "open", get_args(Yes)) in {"1", "true"}
    found = await actions(tocsin, principal)
    return {"actions": [_action(number, one) for number, one in found if not (only_open and one.done)]}


async def _acted(request: Request, wish: w.Wish) -> object:
    tocsin, principal = parts_of(request)
    await act_on(tocsin, principal, number_of(request), wish)
    return await show_review(request)


def _summary(shown: ReviewView, now: datetime) -> dict[str, Any]:
    incident = shown.incident
    return {
        "incident": incident.number,
        "title": incident.title,
        "severity": incident.severity,
        "restricted": incident.restricted,
        "resolved_at": incident.resolved.at if incident.resolved else None,
        "due_at": shown.due,
        "late": shown.finished_at is None and shown.due is not None and shown.due < now,
        "finished_at": shown.finished_at,
        "finished_by": shown.finished_by or None,
        "owner": shown.owner or None,
        "parts_to_write": len(shown.to_write),
        "parts_written": shown.written,
    }


def _part(part: PartView) -> dict[str, Any]:
    return {
        "id": part.id,
        "heading": part.heading,
        "level": part.level,
        "state": part.state,
        "text": part.text,
        "lines": [{"text": line.text, "cites": line.cites} for line in part.lines],
        "prompt": part.prompt or None,
    }


def _action(number: str, action: ActionView) -> dict[str, Any]:
    return {"incident": number, **action._asdict()}
