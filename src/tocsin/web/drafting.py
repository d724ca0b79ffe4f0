"""Drafts of updates: the runbook's template with what is known filled in, and where an update may be sent."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, get_args

from tocsin.assembly import Tocsin
from tocsin.communication.cadence import cadence_for, next_update_at
from tocsin.communication.known import Status, known_values
from tocsin.communication.purpose import Purpose, template_for
from tocsin.communication.status_page import (
    BADNESS,
    PageSettings,
    PublicIncident,
    impact_of,
    ordered,
    publishable,
    shown_severities,
)
from tocsin.communication.template import ASKED, fill
from tocsin.engine.engine import Loaded
from tocsin.errors import Refused, UsageError
from tocsin.incident.incident import Incident
from tocsin.lifecycle import World
from tocsin.runbook.policy import Runbook
from tocsin.settings import ChannelSettings, Settings
from tocsin.web.names import Names

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
STATUSES: tuple[Status, ...] = get_args(Status)

_SUBJECT = re.compile(r"\ASubject:[ \t]*([^\n]+)\n+")


class Draft(NamedTuple):
    """What could be said. `line` and `template` are those of the runbook's template; without one the text is empty."""

    purpose: Purpose
    status: Status
    title: str
    text: str
    missing: tuple[str, ...]
    values: dict[str, str]
    template: str
    line: int | None


class Way(NamedTuple):
    """A channel an update may be sent by. `kind` is that of the channel."""

    id: str
    label: str
    kind: str


def purpose_of(text: str) -> Purpose:
    """Give whom an update is for. Raises UsageError."""
    found = next((known for known in PURPOSES if known == text), None)
    if found is None:
        raise UsageError(f"an update is for {', '.join(PURPOSES[:-1])} or {PURPOSES[-1]}, not for {text[:40]!r}")
    return found


def status_of(text: str) -> Status:
    """Give the status an update speaks of. Raises UsageError."""
    found = next((known for known in STATUSES if known == text), None)
    if found is None:
        raise UsageError(f"the status is {', '.join(STATUSES[:-1])} or {STATUSES[-1]}, not {text[:40]!r}")
    return found


def usual_status(incident: Incident, purpose: Purpose) -> Status:
    """Give the status that is offered first: that of the latest update, or that it is over."""
    if purpose == "resolved" or incident.status == "resolved":
        return "resolved"
    posted = incident.progress.updates
    return posted[-1].body.status if posted and posted[-1].seq > incident.began_seq else "investigating"


def draft(tocsin: Tocsin, loaded: Loaded, incident: Incident, purpose: Purpose, status: Status) -> Draft:
    """Give the runbook's words for that purpose with what the record knows; the rest stands as `<ask: …>`."""
    runbook, settings = loaded.world
    template = template_for(runbook, purpose)
    values = known_values(
        incident,
        runbook,
        names={who: Names(settings).person(who) for who in settings.people},
        status=status,
        status_page=f"{tocsin.links.public_url.rstrip('/')}/status",
        next_update=_next_update(incident, runbook, status, tocsin.clock.now()),
        page=settings.status_page,
    )
    values["status"] = status.capitalize()
    if template is None:
        return Draft(purpose, status, incident.title, "", (), values, "", None)
    text = fill(template, values).text.strip()
    subject = _SUBJECT.match(text)
    title = subject[1].strip() if subject else incident.title
    text = text[subject.end() :] if subject else text
    return Draft(purpose, status, title, text, asked_for(title, text), values, template.title, template.line)


def _next_update(incident: Incident, runbook: Runbook, status: Status, now: datetime) -> datetime | None:
    cadence = cadence_for(runbook, incident.severity)
    return None if cadence is None or status == "resolved" else next_update_at(now, cadence)


def asked_for(*texts: str) -> tuple[str, ...]:
    """Give the labels that still stand as `<ask: …>`, each once."""
    return tuple(dict.fromkeys(label for text in texts for label in ASKED.findall(text)))


def answered(text: str, answers: Mapping[str, str]) -> str:
    """Give the text with those answers that are not empty in place of what asks for them."""
    return ASKED.sub(lambda found: answers.get(found[1], "").strip() or found[0], text)


_PERSONAL = {"email": "email", "twilio-sms": "phone"}
"""Kinds that reach one person each, and what of the person they need."""

_ONLY_PAGES = frozenset({"twilio-call", "pagerduty"})
"""Kinds that wake people and are no place to tell them something."""


def ways(settings: Settings) -> tuple[Way, ...]:
    """Give where an update may be sent: each channel that reaches everybody on it, and mail or text to each person."""
    known: dict[str, str] = {"console": "console"}
    known.update({name: channel.kind for name, channel in settings.channels.items() if _has_place(channel)})
    shared = [Way(name, name, kind) for name, kind in known.items() if kind not in _ONLY_PAGES | _PERSONAL.keys()]
    personal = [
        Way(f"{name}:{someone.id}", f"{someone.name}, {getattr(someone, _PERSONAL[kind])}", kind)
        for name, kind in known.items()
        if kind in _PERSONAL
        for someone in settings.people.values()
        if getattr(someone, _PERSONAL[kind])
    ]
    return (*shared, *personal)


def _has_place(channel: ChannelSettings) -> bool:
    """Give whether an update has somewhere to go: a chat needs a room for it."""
    return channel.kind != "slack" or "channel" in channel.options


def known_ways(settings: Settings, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Give the channels as asked for, each once. Raises UsageError for one there is not."""
    known = [way.id for way in ways(settings)]
    for name in wanted:
        if name not in known:
            raise UsageError(f"an update cannot be sent by {name[:60]}; there are {', '.join(known)}")
    return tuple(dict.fromkeys(wanted))


def why_not_public(incident: Incident, world: World) -> str:
    """Give why the status page may not show this incident, or ""."""
    if incident.restricted:
        return "a restricted incident never appears on the status page"
    if not publishable(incident, shown_severities(world.runbook, world.settings.status_page)):
        return f"the status page does not show incidents of {incident.severity}"
    return ""


def usual_components(incident: Incident, world: World) -> dict[str, str]:
    """Give how components do as far as was said, else as the severity implies; those not concerned are not there."""
    named = [u.body.components for u in incident.progress.public_updates if u.body.components is not None]
    known = world.settings.status_page.components
    if named:
        return {name: status for name, status in named[-1].items() if name in known}
    return dict.fromkeys(known, usual_effect(incident, world))


def usual_effect(incident: Incident, world: World) -> str:
    """Give what the severity of an incident means for a component it concerns."""
    known = ordered(world.runbook)
    if incident.severity not in known:
        return BADNESS[1]
    outside = PublicIncident(id="", title="", severity=incident.severity, started_at=incident.opened_at)
    return impact_of(PageSettings(name="", url="", severities=known), outside)[1]


def must_be_publishable(loaded: Loaded, *, public: bool) -> None:
    """Refuse a public update of what may not be published. Raises Refused."""
    why = why_not_public(loaded.incident, loaded.world) if loaded.incident and public else ""
    if why:
        raise Refused(why)
