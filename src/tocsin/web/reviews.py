"""The pages of reviews: what is due, one review to read, write and print, and the same as Markdown."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tocsin.errors import Refused
from tocsin.incident import wishes as w
from tocsin.web.asking import Asked, asked
from tocsin.web.forms import form
from tocsin.web.incident_view import Badge, badge
from tocsin.web.names import initials, short_sha
from tocsin.web.rendering import HEADERS, page
from tocsin.web.review_view import ActionView, PartView, ReviewView
from tocsin.web.reviewing import act_on, review, reviews, write_part
from tocsin.web.times import lasting

_HOUR, _LONG = timedelta(hours=1), timedelta(days=4)
_WHOLE = 100
WishOf = Callable[[str, dict[str, str], str], w.Wish]


class Due(NamedTuple):
    """When the review is due. `mood` is late, done, or empty; `words` says all of it.

    `left` is the share of the time that is left, 0 to 100.
    """

    mood: str
    figure: str
    at: str
    words: str
    left: int | None = None


class Item(NamedTuple):
    """An action item as a line of a table."""

    id: str
    text: str
    owner: str
    initials: str
    due: str
    done: bool
    state: str
    late: bool


class Block(NamedTuple):
    """A heading with what stands under it: its own words, and its labelled lines."""

    part: PartView
    entries: tuple[PartView, ...]

    @property
    def asked(self) -> bool:
        """Give whether something of it is still to be written."""
        return any(part.state == "asked" for part in (self.part, *self.entries))


class ReviewPage(NamedTuple):
    """A review for one reader."""

    number: str
    incident: str
    title: str
    badge: Badge
    restricted: bool
    day: str
    line: int
    place: str
    blocks: tuple[Block, ...]
    items: tuple[Item, ...]
    loose_items: bool
    due: Due
    owner: str
    left: int
    finished: bool
    people: tuple[tuple[str, str], ...]
    as_of: str


class Row(NamedTuple):
    """A review in the list."""

    number: str
    title: str
    badge: Badge
    owner: str
    written: str
    due: Due


def review_page_routes() -> list[BaseRoute]:
    """Give the routes of the pages of reviews."""
    one = "/app/reviews/{number}"
    return [
        Route("/app/reviews", show_reviews, methods=["GET"]),
        Route(one, show_review, methods=["GET"]),
        Route(f"{one}/markdown", show_markdown, methods=["GET"]),
        Route(f"{one}/parts/{{part}}", save_part, methods=["POST"]),
        Route(f"{one}/actions", _acting(_added, "actions"), methods=["POST"]),
        Route(f"{one}/actions/{{action}}", _acting(_changed, "actions"), methods=["POST"]),
        Route(f"{one}/finish", _acting(lambda by, _, __: w.FinishReview(by=by), "due"), methods=["POST"]),
    ]


async def show_reviews(request: Request) -> Response:
    """List reviews: what is due first."""
    who = asked(request)
    rows = [_row(one, who) for one in await reviews(who.tocsin, who.principal)]
    waiting = sum(1 for row in rows if row.due.mood != "done")
    late = sum(1 for row in rows if row.due.mood == "late")
    values = {"rows": rows, "waiting": waiting, "late": late, "as_of": who.times.hms(who.times.now)}
    return page(request, "review/list.html", {**values, "principal": who.principal})


async def show_review(request: Request) -> Response:
    """Show one review; of an incident that is not over, say that there is none yet."""
    who, number = asked(request), request.path_params["number"]
    try:
        found = await review(who.tocsin, who.principal, number)
    except Refused:
        return page(request, "review/early.html", {"number": number, "principal": who.principal})
    doc = short_sha(found.incident.runbook or "")
    return page(request, "review/one.html", {"v": _page(found, who), "doc": doc, "principal": who.principal})


async def show_markdown(request: Request) -> Response:
    """Give the review as a Markdown file."""
    who = asked(request)
    found = await review(who.tocsin, who.principal, request.path_params["number"])
    name = f"{found.incident.number}-review.md"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.markdown, headers=headers, media_type="text/markdown")


async def save_part(request: Request) -> Response:
    """Write a part."""
    who, number, part = asked(request), request.path_params["number"], request.path_params["part"]
    text = (await form(request)).get("text", "").replace("\r\n", "\n")
    await write_part(who.tocsin, who.principal, number, part, text)
    return RedirectResponse(f"/app/reviews/{number}#p-{part}", 303, HEADERS)


def _acting(wish_of: WishOf, anchor: str) -> Callable[[Request], Awaitable[Response]]:
    async def act(request: Request) -> Response:
        who, number = asked(request), request.path_params["number"]
        wish = wish_of(who.principal.by, await form(request), request.path_params.get("action", ""))
        await act_on(who.tocsin, who.principal, number, wish)
        return RedirectResponse(f"/app/reviews/{number}#{anchor}", 303, HEADERS)

    return act


def _added(by: str, fields: dict[str, str], _: str) -> w.Wish:
    owner, due = fields.get("owner") or None, fields.get("due") or None
    return w.AddAction(by=by, text=fields.get("text", ""), owner=owner, due=due)


def _changed(by: str, fields: dict[str, str], action: str) -> w.Wish:
    return w.ChangeAction(by=by, action=action, done=fields.get("done", "yes") == "yes")


# -- drawing


def _row(found: ReviewView, who: Asked) -> Row:
    incident = found.incident
    return Row(
        number=incident.number,
        title=incident.title,
        badge=badge(who.tocsin.worlds.current.runbook, incident.severity),
        owner=who.names.of(found.owner) if found.owner else "Nobody",
        written=f"{found.written} of {len(found.to_write)}",
        due=_due(found, who),
    )


def _page(found: ReviewView, who: Asked) -> ReviewPage:
    incident = found.incident
    items = tuple(_item(action, who) for action in found.actions)
    return ReviewPage(
        number=incident.number,
        incident=incident.title,
        title=found.title,
        badge=badge(who.tocsin.worlds.current.runbook, incident.severity),
        restricted=incident.restricted,
        day=who.times.day(incident.opened_at),
        line=found.line,
        place=found.zone,
        blocks=_blocks(found),
        items=items,
        loose_items=not any(part.actions for part in found.parts),
        due=_due(found, who),
        owner=who.names.of(found.owner) if found.owner else "Nobody",
        left=len(found.to_write) - found.written,
        finished=found.finished_at is not None,
        people=tuple(sorted(((one.id, one.name) for one in who.tocsin.settings.people.values()), key=_by_name)),
        as_of=who.times.hms(who.times.now),
    )


def _by_name(person: tuple[str, str]) -> str:
    return person[1].casefold()


def _blocks(found: ReviewView) -> tuple[Block, ...]:
    """Give the headings with their labelled lines; the title stands above them all unless it has words of its own."""
    blocks: list[Block] = []
    for part in found.parts:
        if part.level == 0 and blocks:
            blocks[-1] = blocks[-1]._replace(entries=(*blocks[-1].entries, part))
        else:
            blocks.append(Block(part, ()))
    return tuple(
        block for block in blocks if block.entries or block.part.state != "bare" or block.part.heading != found.title
    )


def _item(action: ActionView, who: Asked) -> Item:
    owner = who.names.person(action.owner) if action.owner else "Nobody"
    today = who.times.now.astimezone(who.times.zone).date()
    days = (today - date.fromisoformat(action.due)).days if action.late and action.due else 0
    return Item(
        id=action.id,
        text=action.text,
        owner=owner,
        initials=initials(owner) if action.owner else "?",
        due=action.due or "no day",
        done=action.done,
        state="done" if action.done else lasting(timedelta(days=max(days, 1))) + " late" if action.late else "open",
        late=action.late,
    )


def _due(found: ReviewView, who: Asked) -> Due:
    times, resolved = who.times, found.incident.resolved
    if found.finished_at is not None:
        return Due("done", "", "", f"Finished {times.hm(found.finished_at)} by {who.names.of(found.finished_by)}.")
    if found.due is None or resolved is None:
        return Due("", "", "", "The runbook sets no time for it.")
    at, left = f"due {times.hm(found.due)}", found.due - times.now
    if left.total_seconds() < 0:
        return Due("late", _hours(-left), at, f"{at}, {_hours(-left)} late", 0)
    share = round(_WHOLE * left / max(found.due - resolved.at, timedelta(seconds=1)))
    return Due("", _hours(left), at, f"{at}, in {_hours(left)}", share)


def _hours(span: timedelta) -> str:
    """Give whole hours for up to four days, as runbooks count here; what is shorter or longer as everywhere."""
    return f"{span // _HOUR} h" if _HOUR <= span < _LONG else lasting(span)
