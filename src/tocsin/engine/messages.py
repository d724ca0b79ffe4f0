"""From an incident to the message one person gets."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from tocsin.channels.message import Kind, Message, State
from tocsin.communication.bundle import (
    Bundle,
    bundle_body,
    bundle_card,
    bundle_data,
    bundle_sms,
    bundle_speech,
    bundle_subject,
)
from tocsin.communication.cadence import cadence_for
from tocsin.communication.card import page_card
from tocsin.communication.markup import as_plain
from tocsin.communication.page import PageFacts, page_body, page_data, page_subject
from tocsin.communication.short import menu, one_message, page_sms, speech
from tocsin.engine.engine import Loaded
from tocsin.engine.links import Links
from tocsin.escalation.reach import FALLBACK, PATIENCE
from tocsin.escalation.schedule import people_in, person
from tocsin.incident.incident import Incident
from tocsin.incident.jobs import Alarm, Call, Claimed, Notify, Page, SendUpdate
from tocsin.incident.view import next_call
from tocsin.settings import Person, Settings
from tocsin.triage.severity import severity_rank

EVERYBODY = Person(id="everybody", name="Everybody on this channel")
"""Who reads what goes to no person."""


class Reader(NamedTuple):
    """Who gets a message, the links in it, and when it is written."""

    person: Person
    links: Links
    now: datetime


def compose(loaded: Loaded, held: Claimed, reader: Reader, *, repeat: bool = False) -> Message:
    """Give the message of a claimed Page or Notify. `repeat`: it may have been sent before."""
    incident, do = loaded.incident, held.job.do
    if incident is None or not isinstance(do, Page | Notify):
        raise TypeError(f"{held.job.key} is no message")
    facts = _facts(loaded, incident, held, reader, repeat=repeat)
    kind: Kind = "page" if isinstance(do, Page) else "notification"
    return Message(
        key=facts.key,
        incident=incident.number,
        kind=kind,
        subject=page_subject(facts),
        text=page_body(facts),
        to=reader.person,
        data=page_data(facts),
        link=facts.link,
        thread=incident.number,
        card=partial(page_card, facts),
        again=repeat,
        short=partial(page_sms, facts),
        spoken=partial(speech, facts),
        menu=menu(facts),
        state=_state(facts),
    )


def _state(facts: PageFacts) -> State:
    if facts.resolved_at is not None:
        return "resolved"
    return "acknowledged" if facts.held_by and not facts.unanswered else "triggered"


def _urgency(part: tuple[Claimed, Loaded, bool]) -> tuple[int, datetime]:
    held, loaded, _ = part
    severity = loaded.incident.severity if loaded.incident else ""
    return severity_rank(loaded.world.runbook, severity), held.job.due


def compose_card(loaded: Loaded, held: Claimed, links: Links) -> Message:
    """Give the message that stands in a room of the team for as long as the incident is known."""
    incident, settings = loaded.incident, loaded.world.settings
    if incident is None:
        raise TypeError(f"{held.job.key} belongs to an incident")
    facts = msgspec.structs.replace(
        _facts(loaded, incident, held, Reader(EVERYBODY, links, held.job.due), repeat=False),
        link=links.incident(incident.number),
        zone=settings.timezone,
        notification=True,
        promise=_promise(loaded, incident),
    )
    return Message(
        key=facts.key,
        incident=incident.number,
        kind="notification",
        subject=page_subject(facts),
        text=page_body(facts),
        to=EVERYBODY,
        data=page_data(facts),
        link=facts.link,
        thread=incident.number,
        card=partial(page_card, facts),
        room=True,
        again=held.attempts > 1,
    )


def _promise(loaded: Loaded, incident: Incident) -> str:
    """Say how often updates come below a card, in the runbook's words."""
    cadence = cadence_for(loaded.world.runbook, incident.severity)
    if cadence is None or incident.status == "resolved":
        return ""
    return f"Updates in this thread: {cadence.text[:1].lower()}{cadence.text[1:]}."


def compose_bundle(parts: Sequence[tuple[Claimed, Loaded, bool]], reader: Reader) -> Message:
    """Give one message for many claimed pages, or many notifications, to one person: the most urgent first."""
    kind: Kind = "page" if isinstance(parts[0][0].job.do, Page) else "notification"
    facts = [
        _facts(loaded, loaded.incident, held, reader, repeat=repeat)
        for held, loaded, repeat in sorted(parts, key=_urgency)
        if loaded.incident is not None
    ]
    keys = tuple(one.key for one in facts)
    bundle = Bundle(tuple(facts), reader.links.home())
    return Message(
        key=f"bundle/{reader.person.id}/{hashlib.sha256(chr(10).join(sorted(keys)).encode()).hexdigest()[:24]}",
        keys=keys,
        incident="",
        kind=kind,
        subject=bundle_subject(bundle),
        text=bundle_body(bundle),
        to=reader.person,
        data=bundle_data(bundle),
        link=reader.links.home(),
        again=any(one.repeat for one in facts),
        short=partial(bundle_sms, bundle),
        spoken=partial(bundle_speech, bundle),
        card=partial(bundle_card, bundle),
    )


def compose_update(loaded: Loaded, held: Claimed, do: SendUpdate, links: Links) -> Message:
    """Give the message of a posted update. A channel of mail names its reader: "mail:ada"."""
    incident = loaded.incident
    update = next((one for one in incident.progress.updates if one.seq == do.update), None) if incident else None
    if incident is None or update is None:
        raise TypeError(f"{held.job.key} is no update")
    reader = do.channel.partition(":")[2]
    someone = person(reader, loaded.world.settings) if reader else None
    return Message(
        key=held.job.key,
        incident=incident.number,
        kind="notification",
        subject=f"{update.body.title} ({incident.number})",
        text=f"{as_plain(update.body.text)}\n",
        to=someone or EVERYBODY,
        data={
            "event_type": "incident.status_update_published",
            "occurred_at": update.at.isoformat(),
            "id": incident.number,
            "status": update.body.status,
            "title": update.body.title,
            "message": update.body.text,
            "next_update_at": update.body.next_at.isoformat() if update.body.next_at else None,
        },
        link=links.incident(incident.number),
        thread=incident.number,
        markdown=update.body.text,
        answers=_root(incident, do.channel),
        room=someone is None,
        again=held.attempts > 1,
        short=lambda: one_message(f"{update.body.title}: {as_plain(update.body.text)}"),
    )


def _root(incident: Incident, channel: str) -> str:
    """Give the handle of the message in that channel's room that updates of the incident answer, or ""."""
    there = (post for post in incident.posts if post.channel == channel and not post.person and post.handle)
    return next((post.handle for post in there), "")


def alarm(held: Claimed, do: Alarm, someone: Person) -> Message:
    """Give the message that says Tocsin itself is in trouble."""
    return Message(
        key=held.job.key,
        incident="",
        kind="alarm",
        subject="Tocsin needs attention",
        text=f"{do.text}\n\nThis is about Tocsin itself, not about your service. It repeats until it gets through.\n",
        to=someone,
        data={"text": do.text},
    )


def _facts(loaded: Loaded, incident: Incident, held: Claimed, reader: Reader, *, repeat: bool) -> PageFacts:
    someone, links, now = reader
    runbook, settings = loaded.world.runbook, loaded.world.settings
    severity, entry = runbook.severity(incident.severity), runbook.incident_type(incident.incident_type)
    next_person, level, next_at = _next(loaded)
    mark = incident.acknowledged
    why, line = _why_you(loaded, incident, held)
    if _reminder(incident, held):
        why, line = ("You have it" if mark and mark.by == f"person:{someone.id}" else "It concerns you"), None
    steps = [step for step in (entry.diagnostics if entry else ()) if step.kind == "command"]
    return PageFacts(
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        severity_name=(severity.name or "") if severity else "",
        since=incident.opened_at,
        why_you=why,
        why_you_line=line,
        severity_because=incident.severity_because.text,
        severity_line=incident.severity_because.line,
        summary=incident.summary,
        consequence_of=incident.consequence_of,
        runbook=PurePath(runbook.path).name,
        next_person=next_person,
        next_level=level,
        next_at=next_at,
        restricted=incident.restricted,
        zone=someone.timezone or settings.timezone,
        page_number=1 + sum(1 for attempt in incident.attempts if attempt.delivered and attempt.person == someone.id),
        key=key_of(held.job.key, incident),
        found=found_lines(incident),
        reminder=_reminder(incident, held),
        late_since=late_since(incident, held, now),
        held_since=_held_since(incident, held),
        repeat=repeat,
        link=(
            links.incident(incident.number)
            if _reminder(incident, held)
            else links.acknowledge(incident.number, someone.id)
        ),
        lines=tuple((step.title, step.line) for step in steps[:3]),
        held_by=name_of(mark.by, settings) if mark else None,
        notification=isinstance(held.job.do, Notify),
        page=links.incident(incident.number),
        as_of=incident.seq,
        unanswered=mark is not None and any(call.seq > mark.seq for call in incident.current_calls),
        resolved_at=incident.resolved.at if incident.resolved else None,
        resolved_by=name_of(incident.resolved.by, settings) if incident.resolved else None,
        code=links.code(incident.number, someone.id),
    )


def _next(loaded: Loaded) -> tuple[str | None, str | None, datetime | None]:
    """Give the name of who is paged next, their level, and when; None for what is not known."""
    runbook, settings = loaded.world
    upcoming = next_call(loaded.jobs)
    if upcoming is None or not isinstance(upcoming.do, Call):
        return None, None, None
    people = people_in(upcoming.do.level, runbook, settings, upcoming.due)
    someone = person(people[0], settings) if people else None
    return someone.name if someone else None, upcoming.do.level, upcoming.due


def spoken_now(loaded: Loaded, incident: Incident, someone: Person) -> str:
    """Give what a call says of an incident as it is now, with what may be pressed."""
    settings = loaded.world.settings
    next_person, level, next_at = _next(loaded)
    mark = incident.acknowledged
    facts = PageFacts(
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        severity_name="",
        since=incident.opened_at,
        why_you="",
        severity_because="",
        runbook="",
        link="",
        key="",
        next_person=next_person,
        next_level=level,
        next_at=next_at,
        restricted=incident.restricted,
        zone=someone.timezone or settings.timezone,
        held_by=name_of(mark.by, settings) if mark else None,
    )
    return f"{speech(facts)} {menu(facts)}"


def key_of(key: str, incident: Incident) -> str:
    """Give the key a receiver sees; that of a restricted incident does not tell which level is called."""
    if not incident.restricted:
        return key
    return f"{incident.number}/{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def found_lines(incident: Incident) -> tuple[tuple[str, int], ...]:
    """Give what diagnostics found by now, with their lines: "sequencer: no process"."""
    states = incident.progress.steps.values()
    ran = [state.ran for state in states if state.ran is not None and state.ran.found and not state.changes]
    return tuple((one.found, one.line) for one in sorted(ran, key=lambda one: one.line))


def _reminder(incident: Incident, held: Claimed) -> str | None:
    """Give what a reminder is about; None for a message that is none."""
    do = held.job.do
    level = do.level if isinstance(do, Page | Notify) else ""
    return next((call.because.text for call in incident.progress.reminders if call.level == level), None)


def _why_you(loaded: Loaded, incident: Incident, held: Claimed) -> tuple[str, int | None]:
    do = held.job.do
    if isinstance(do, Notify):
        level = loaded.world.runbook.level(do.level)
        return f"You are {do.level}, told of every {incident.severity}", level.line if level else None
    if not isinstance(do, Page):
        return "", None
    if do.method.startswith(FALLBACK):
        return f"You are the fallback: nobody else could be reached for {do.level}", None
    known = loaded.world.runbook.level(do.level)
    role = f"You are {do.level}" if known is None else f"You are {known.id}, {known.role}"
    return role, known.line if known else None


def late_since(incident: Incident, held: Claimed, now: datetime) -> datetime | None:
    """Give when a late page should have reached its reader, or None for one in time.

    What is tried on after everything failed was due when its level was called.
    """
    do, due = held.job.do, held.job.due
    if isinstance(do, Page) and do.method.startswith("late."):
        return next((call.at for call in incident.calls if (call.level, call.round) == (do.level, do.round)), due)
    return due if isinstance(do, Page | Notify) and now - due > PATIENCE else None


def _held_since(incident: Incident, held: Claimed) -> datetime | None:
    """Give when a page that quiet hours held back would have gone out: when its level was called."""
    do = held.job.do
    if not isinstance(do, Page) or not do.quiet:
        return None
    return next((call.at for call in incident.calls if (call.level, call.round) == (do.level, do.round)), None)


def name_of(principal: str, settings: Settings) -> str:
    """Give how a principal is called in a message: a person's name, else the id."""
    kind, _, name = principal.partition(":")
    someone = settings.people.get(name) if kind == "person" else None
    if kind == "local":
        return "The operator at the server"
    return someone.name if someone else name or principal
