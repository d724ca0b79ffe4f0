"""The first page: am I on call, what is open, what needs me, what was, who is on call, is Tocsin itself alive."""

import hashlib
from datetime import datetime
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tocsin.engine.doctor import OVERDUE
from tocsin.engine.engine import Understood
from tocsin.engine.silencing import Silenced, in_force
from tocsin.escalation.schedule import called
from tocsin.explanation.binding import bound
from tocsin.explanation.explain import findings_beside
from tocsin.incident.view import IncidentView
from tocsin.lifecycle import World
from tocsin.runbook.policy import Runbook
from tocsin.store import transactions as t
from tocsin.triage.severity import severity_rank
from tocsin.web.asking import Asked, asked
from tocsin.web.incident_page import regions_of
from tocsin.web.incident_view import Badge, badge
from tocsin.web.listing import listed_for, read_view, understood_of
from tocsin.web.names import listed, short_sha
from tocsin.web.needs import Need, needs
from tocsin.web.on_call import OnCall, on_call
from tocsin.web.rendering import page, regions
from tocsin.web.silences import SilencedOne
from tocsin.web.silences import shown as shown_silence
from tocsin.web.storm_view import in_storm, storm_words
from tocsin.web.times import figure, lasting, millis

REGIONS = ("me", "open", "silenced", "needs", "lately", "oncall", "runbook", "pulse")

_LATELY = 10

_NOTES = {
    "reported": "Reported. It is counted with what others report; enough of them page those on call.",
    "waiting": "Declared. It opens as soon as the engine turns; this page shows it then.",
    "restricted": "Declared. It is restricted: those concerned are being called, and only they may see it.",
}


class OpenOne(NamedTuple):
    """An open incident. `due` is the next escalation in milliseconds since 1970, None when none is due."""

    id: str
    short: str
    title: str
    from_runbook: bool
    summary: str
    badge: Badge
    restricted: bool
    has_it: str
    hot: bool
    figure: str
    due: int | None
    next: str
    since: str


class PastOne(NamedTuple):
    """A resolved incident."""

    id: str
    short: str
    title: str
    from_runbook: bool
    badge: Badge
    opened: str
    to_answer: str
    to_end: str


class Document(NamedTuple):
    """What is said of the runbook."""

    name: str
    understood: str
    errors: int
    warnings: int
    symptoms: int
    unwatched: int


class Pulse(NamedTuple):
    """How Tocsin itself does: how long ago its worker turned and a watcher asked ("" for never), and its worries."""

    turned: str
    watched: str
    worries: tuple[str, ...]


class HomePage(NamedTuple):
    """The first page for one reader."""

    me: tuple[OnCall, ...]
    note: str
    storm: str
    open: tuple[OpenOne, ...]
    nobody: int
    silenced: tuple[SilencedOne, ...]
    needs: tuple[Need, ...]
    lately: tuple[PastOne, ...]
    last_ended: str
    levels: tuple[OnCall, ...]
    configured: bool
    document: Document
    pulse: Pulse
    as_of: str
    place: str
    say: str

    @property
    def window_title(self) -> str:
        """Give the title of the window: the worst incident that nobody has comes first."""
        if not self.nobody:
            return "Now"
        worst = self.open[0]
        return f"({self.nobody}) {worst.badge.id} {worst.title}"


async def show_home(request: Request) -> Response:
    """Show the first page; with `?region=open` only that part of it."""
    who = asked(request)
    views, silenced = await listed_for(who), await in_force(who.tocsin.engine)
    shown = _home(who, views, await understood_of(who, views), silenced, await _pulse(who))
    note = _NOTES.get(request.query_params.get("note", ""), "")
    values: dict[str, object] = {"v": shown._replace(note=note), "principal": who.principal}
    values["doc"] = short_sha(who.tocsin.worlds.current.runbook.sha256)
    wanted = request.query_params.get("region")
    if wanted is not None:
        return regions("home", regions_of(wanted, REGIONS), values)
    version = in_storm(_digest(views, silenced), on=bool(shown.storm))
    live = {"url": "/app/events", "version": version, "zone": who.times.zone_name}
    return page(request, "home.html", {**values, "live": live, "names": REGIONS})


async def home_version(who: Asked) -> str:
    """Give what changes whenever the list this reader may see does."""
    return _digest(await listed_for(who), await in_force(who.tocsin.engine))


def _digest(views: tuple[t.Listed, ...], silenced: tuple[Silenced, ...]) -> str:
    """Any fact may change what a reader owes, so each counts, and so does what is held back."""
    lines = [one.hash.encode() + one.view for one in views]
    lines += [msgspec.json.encode((one.silence, [state.held for state in one.held])) for one in silenced]
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


async def _pulse(who: Asked) -> Pulse:
    tocsin = who.tocsin
    report = tocsin.health.report()
    overdue = len(await tocsin.store.read(t.jobs_due(who.times.now - OVERDUE)))
    jobs = f"{overdue} job{'s wait' if overdue > 1 else ' waits'} for over a minute; `tocsin doctor` says more"
    worries = (*report.reasons, *((jobs,) if overdue else ()))
    watched = "" if report.watched is None else _ago(report.watched)
    return Pulse(_ago(report.turned), watched, worries)


def _ago(seconds: float) -> str:
    return lasting(datetime.resolution * round(seconds * 1_000_000))


def _home(
    who: Asked,
    listed_views: tuple[t.Listed, ...],
    known: list[Understood],
    silenced: tuple[Silenced, ...],
    pulse: Pulse,
) -> HomePage:
    world, times, tocsin = who.tocsin.worlds.current, who.times, who.tocsin
    views = [read_view(one) for one in listed_views]
    is_open = sorted((one for one in views if one.status != "resolved"), key=lambda one: _order(one, world.runbook))
    ended = sorted((one for one in views if one.status == "resolved"), key=_ended_at, reverse=True)
    levels = on_call(world, who.names, times, tocsin.deeds.channels)
    shown = tuple(_open(one, world, who) for one in is_open)
    nobody = sum(one.hot for one in shown)
    return HomePage(
        me=tuple(level for level in levels if who.me in {one.id for one in level.people}),
        note="",
        storm=storm_words(known, times),
        open=shown,
        nobody=nobody,
        silenced=tuple(shown_silence(one, who) for one in silenced),
        needs=needs(known, levels if tocsin.settings.people else (), who.names, times),
        lately=tuple(_past(one, world.runbook, who) for one in ended[:_LATELY]),
        last_ended=times.day(_ended_at(ended[0])) if ended else "",
        levels=levels,
        configured=bool(tocsin.settings.people),
        document=_document(world),
        pulse=pulse,
        as_of=times.hms(times.now),
        place=times.place,
        say=f"{len(shown)} open. {f'Nobody has {nobody} of them.' if nobody else ''}",
    )


def _order(one: IncidentView, runbook: Runbook) -> tuple[bool, int, float, str]:
    """Nobody has it, then severity, then the next deadline."""
    due = one.next_escalation_at.timestamp() if one.next_escalation_at else float("inf")
    return one.status != "triggered", severity_rank(runbook, one.severity), due, one.id


def _ended_at(one: IncidentView) -> datetime:
    return one.resolved_at or one.opened_at


def _open(one: IncidentView, world: World, who: Asked) -> OpenOne:
    due = one.next_escalation_at
    has = who.names.has_it(one.acknowledged_by if one.status == "acknowledged" else None)
    return OpenOne(
        id=one.id,
        short=_short(one.id),
        title=one.title,
        from_runbook=one.type is not None,
        summary=one.summary if one.summary != one.title else "",
        badge=badge(world.runbook, one.severity),
        restricted=one.restricted,
        has_it=has,
        hot=one.status == "triggered",
        figure=figure(due - who.times.now) if due else "",
        due=millis(due) if due else None,
        next=_next(one, due, world, who) if due else "",
        since=f"{who.times.hm(one.opened_at)}, {lasting(who.times.now - one.opened_at)} ago",
    )


def _next(one: IncidentView, due: datetime, world: World, who: Asked) -> str:
    level = one.next_level or ""
    people = listed([who.names.person(person.person) for person in called(level, world.runbook, world.settings, due)])
    verb = "is paged" if one.status == "triggered" else "joins"
    return f"until {people} ({level}) {verb}, at {who.times.hm(due)}"


def _past(one: IncidentView, runbook: Runbook, who: Asked) -> PastOne:
    return PastOne(
        id=one.id,
        short=_short(one.id),
        title=one.title,
        from_runbook=one.type is not None,
        badge=badge(runbook, one.severity),
        opened=who.times.day(one.opened_at),
        to_answer=lasting(one.acknowledged_at - one.opened_at) if one.acknowledged_at else "nobody did",
        to_end=lasting(_ended_at(one) - one.opened_at),
    )


def _short(number: str) -> str:
    """Give the number without what all of a year have in common: INC-2026-0042 is 0042."""
    return number.rpartition("-")[2]


def _document(world: World) -> Document:
    runbook = world.runbook
    levels = [finding.level for finding in findings_beside(runbook, world.settings)]
    symptoms = [one for entry in bound(runbook, world.settings).incident_types for one in entry.symptoms]
    return Document(
        name=runbook.path.rpartition("/")[2],
        understood=f"{runbook.understood:.1%}".replace(".0%", "%"),
        errors=levels.count("error"),
        warnings=levels.count("warning"),
        symptoms=len(symptoms),
        unwatched=sum(symptom.bound_to is None for symptom in symptoms),
    )
