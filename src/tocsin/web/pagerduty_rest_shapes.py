"""PagerDuty's REST shapes: what its clients read. Values in, values out.

Source: PagerDuty REST API v2 (oncalls, users, abilities, classic pagination, errors).
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from tocsin.escalation.duties import Duty
from tocsin.escalation.schedule import person
from tocsin.settings import Person, Settings

Shape = dict[str, Any]
MOST = 100
"""Items of a page at most; a client that asks for more is given these."""

_CODES = {
    400: (2001, "Invalid Input Provided"),
    401: (2006, "Unauthorized"),
    402: (2014, "Required abilities are unavailable"),
    403: (2010, "Access Denied"),
    404: (2100, "Not Found"),
    405: (2001, "Method Not Allowed"),
    413: (2001, "Too Many Incidents"),
    429: (2020, "Rate Limit Exceeded"),
}
_THEIRS, _OURS = (2001, "Invalid Input Provided"), (2000, "Internal Error")
_FIRST_OF_OURS = 500
_ROOTS = {
    "user": "users",
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "service": "services",
    "incident": "incidents",
    "log_entry": "log_entries",
}
"""Where a thing that can be asked for by itself is found, by its kind."""


class Place(NamedTuple):
    """What shapes speak of: the settings in force, the address people use, the zone that instants are told in."""

    settings: Settings
    url: str
    zone: tzinfo = UTC


class Page(NamedTuple):
    """Which part of a list is wanted. `counted`: also say how many there are."""

    limit: int = 25
    offset: int = 0
    counted: bool = False


def error(status: int, text: str, known: tuple[int, str] | None = None) -> Shape:
    """Give the body of an error; `text` says what to do. `known` is one with a code of its own."""
    code, message = known or _CODES.get(status, _THEIRS if status < _FIRST_OF_OURS else _OURS)
    return {"error": {"message": message, "code": code, "errors": [text] if text else []}}


def page_of(name: str, items: Sequence[object], page: Page) -> Shape:
    """Give a part of a list."""
    return {name: list(items[page.offset : page.offset + page.limit]), **pagination(len(items), page)}


def pagination(total: int, page: Page) -> Shape:
    """Give what a list says of itself beside its items."""
    return {
        "limit": page.limit,
        "offset": page.offset,
        "more": total > page.offset + page.limit,
        "total": total if page.counted else None,
    }


def oncall(duty: Duty, place: Place, include: Collection[str]) -> Shape:
    """Give one on-call entry; with `users` in `include` the person is given whole."""
    someone = person(duty.person, place.settings)
    whole = someone is not None and "users" in include
    return {
        "escalation_policy": reference("escalation_policy", duty.policy.id, duty.policy.name, place),
        "escalation_level": duty.rung,
        "schedule": reference("schedule", duty.schedule, duty.schedule, place) if duty.schedule else None,
        "user": user(someone, place) if whole and someone else user_reference(duty.person, place),
        "start": instant(duty.start, place),
        "end": instant(duty.end, place),
    }


def user(one: Person, place: Place) -> Shape:
    """Give a user, whole. Numbers and addresses they are reached by are not told."""
    return {
        **user_reference(one.id, place),
        "type": "user",
        "name": one.name,
        "email": one.email or "",
        "time_zone": one.timezone or place.settings.timezone,
        "color": "black",
        "role": "admin" if one.admin else "user",
        "description": None,
        "invitation_sent": False,
        "teams": [],
        "contact_methods": [],
        "notification_rules": [],
    }


def user_reference(person_id: str, place: Place) -> Shape:
    """Give the reference of a user."""
    someone = person(person_id, place.settings)
    return reference("user", person_id, someone.name if someone else person_id, place)


def reference(kind: str, name: str, summary: str, place: Place) -> Shape:
    """Give a reference, with the address its thing is told at where it has one. People see it on the first page."""
    root = _ROOTS.get(kind)
    return {
        "id": name,
        "type": f"{kind}_reference",
        "summary": summary,
        "self": f"{place.url}/{root}/{name}" if root else None,
        "html_url": f"{place.url}/app/",
    }


def instant(at: datetime | None, place: Place) -> str | None:
    """Give an instant as PagerDuty writes it, in the zone that was asked for."""
    return at.astimezone(place.zone).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def whole(kind: str, name: str, summary: str, place: Place) -> Shape:
    """Give what every thing that is given whole begins with."""
    return {**reference(kind, name, summary, place), "type": kind, "name": summary}
