"""A look at everything a page depends on, and a marked test page that people answer."""

import asyncio
import secrets
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from tocsin.channels.message import Message, SendFailed
from tocsin.communication.card import page_card
from tocsin.communication.page import PageFacts, page_body, page_data, page_subject
from tocsin.communication.short import menu, page_sms, speech
from tocsin.engine.corrections import corrections_known
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine
from tocsin.engine.links import Links
from tocsin.engine.restoring import NOTE
from tocsin.errors import NotFound
from tocsin.escalation.reach import channel_of, methods
from tocsin.escalation.schedule import fallback, is_operator, people_in
from tocsin.escalation.schedule import person as person_of
from tocsin.runner.command import Outcome
from tocsin.settings import Person
from tocsin.store import credentials as c
from tocsin.store import transactions as t
from tocsin.triage.recalling import Correction

OVERDUE = timedelta(seconds=60)
"""A job that waits longer than this past its instant is a fault."""
_SENDING = 60
"""Seconds that sending by every method may take before the wait for an answer begins."""


class Check(NamedTuple):
    """One thing looked at. `level`: ok, warning or error; `text` says what and, when it is not ok, what to do."""

    name: str
    level: str
    text: str


class Answer(NamedTuple):
    """How a person's test page went. `methods`: method -> accepted, or why not."""

    person: str
    methods: dict[str, str]
    answered: bool
    seconds: float | None


class Ward(NamedTuple):
    """What a test page needs: who records and waits, who sends, and how links are made."""

    engine: Engine
    deeds: Deeds
    links: Links


async def examine(engine: Engine, deeds: Deeds, healthy: bool, more: tuple[Check, ...] = ()) -> tuple[Check, ...]:
    """Give what a look finds, worst last; `more` was found elsewhere."""
    checks = [await _store(engine), _engine(healthy), await _jobs(engine), _runbook(engine)]
    checks += [
        *_entries(engine),
        *await _corrections(engine),
        *_levels(engine),
        *more,
        *(_target(name, ran) for name, ran in await deeds.steps.reach()),
    ]
    if engine.unconfirmed:
        checks.append(Check("restore", "error", f"nobody is paged: {NOTE}"))
    checks += [_person(someone, deeds) for someone in engine.worlds.settings.people.values()]
    order = ["ok", "warning", "error"]
    return tuple(sorted(checks, key=lambda check: order.index(check.level)))


async def _store(engine: Engine) -> Check:
    began = engine.clock.monotonic()
    await engine.store.write(c.remember_once("doctor", "was here"))
    took = engine.clock.monotonic() - began
    return Check("store", "ok", f"writes to disk, {took * 1000:.1f} ms")


def _engine(healthy: bool) -> Check:
    if healthy:
        return Check("engine", "ok", "the worker turns")
    return Check("engine", "error", "the worker has not turned for 30 s; restart the server and read its log")


async def _jobs(engine: Engine) -> Check:
    due = await engine.store.read(t.jobs_due(engine.clock.now() - OVERDUE))
    if due:
        return Check("jobs", "error", f"{len(due)} jobs are more than a minute overdue, the first is {due[0].job.key}")
    return Check("jobs", "ok", "none overdue")


def _target(name: str, outcome: Outcome) -> Check:
    """Say whether another machine or a database can be reached by the steps that run there."""
    if outcome.how == "ended" and outcome.exit == 0:
        return Check(f"target {name}", "ok", f"answers, {outcome.seconds * 1000:.0f} ms")
    lines = [line.strip() for line in (outcome.err or outcome.out).splitlines() if line.strip()]
    why = lines[0] if lines else f"{outcome.how}, exit {outcome.exit}"
    return Check(f"target {name}", "error", f"no step runs there: {why}")


def _runbook(engine: Engine) -> Check:
    runbook = engine.worlds.current.runbook
    errors = sum(1 for finding in runbook.findings if finding.level == "error")
    text = f"{runbook.path}: {len(runbook.incident_types)} incident types, {errors} errors; `tocsin check` shows them"
    return Check("runbook", "warning" if errors else "ok", text)


def _entries(engine: Engine) -> list[Check]:
    """Give the entries that the configuration names and the document does not have."""
    runbook, settings = engine.worlds.current
    named = {name for key, one in settings.incident_types.items() for name in (key, *one.depends_on)}
    known = ", ".join(entry.id for entry in runbook.incident_types)
    return [
        Check(f"entry {name}", "warning", f"[incident_types] names it and the runbook does not have it; it has {known}")
        for name in sorted(named)
        if runbook.incident_type(name) is None
    ]


async def _corrections(engine: Engine) -> list[Check]:
    """Give the entries that people gave alerts to and that the document does not have any more."""
    runbook, latest = engine.worlds.current.runbook, dict[str, Correction]()
    for one in await corrections_known(engine.store):
        latest.setdefault(one.like, one)  # they are the newest first
    lost = [one for one in latest.values() if one.incident_type and not runbook.incident_type(one.incident_type)]
    return [
        Check(
            f"entry {name}",
            "warning",
            "it is gone from the runbook, and people gave alerts to it: correct one of each kind again, as at "
            + ", ".join(one.number for one in lost if one.incident_type == name),
        )
        for name in sorted({one.incident_type or "" for one in lost})
    ]


def _levels(engine: Engine) -> list[Check]:
    runbook, settings = engine.worlds.current
    now, checks = engine.clock.now(), []
    targets = [name for entry in runbook.incident_types if entry.escalation for name in entry.escalation.to]
    names = dict.fromkeys([level.id for level in runbook.escalation] + targets)
    for name in names:
        people = tuple(one for one in people_in(name, runbook, settings, now) if not is_operator(one, settings))
        stand_ins = ", ".join(someone.name for someone in fallback(settings))
        nobody = f"nobody is in it, so {stand_ins} is paged instead; name somebody under [roles]"
        level = "ok" if people else "warning"
        checks.append(Check(f"level {name}", level, ", ".join(people) if people else nobody))
    return checks


def _person(someone: Person, deeds: Deeds) -> Check:
    names = [channel_of(method) for method in methods(someone)]
    missing = [name for name in names if name not in deeds.channels]
    if not names or missing:
        why = f"no channel {', '.join(missing)}" if missing else "no way to be reached"
        return Check(f"person {someone.id}", "error", f"{why}; set reach under [people.{someone.id}]")
    return Check(f"person {someone.id}", "ok", f"reached by {', '.join(names)}")


async def page_and_wait(ward: Ward, people: tuple[str, ...] | None, seconds: float, by: str) -> tuple[Answer, ...]:
    """Send a marked test page to each person by every method and wait for the answers. Raises NotFound."""
    settings = ward.engine.worlds.settings
    wanted = people if people is not None else tuple(settings.people) or tuple(p.id for p in fallback(settings))
    found = [person_of(name, settings) for name in wanted]
    for name, someone in zip(wanted, found, strict=True):
        if someone is None:
            raise NotFound(f"there is no person {name}; there are {', '.join(settings.people)}")
    number = f"TEST-{secrets.token_hex(3).upper()}"
    asked = [someone for someone in found if someone is not None]
    try:
        return tuple(await asyncio.gather(*(_ask(ward, someone, number, seconds, by) for someone in asked)))
    finally:
        for someone in asked:
            await ward.engine.test_pages.forget(number, someone.id)


async def _ask(ward: Ward, someone: Person, number: str, seconds: float, by: str) -> Answer:
    await ward.engine.test_pages.expect(number, someone.id, seconds + _SENDING)
    began = ward.engine.clock.monotonic()
    outcomes = {}
    for method in methods(someone):
        try:
            receipt = await ward.deeds.send_by(channel_of(method), _test_message(ward, someone, number, method, by))
        except SendFailed as failed:
            outcomes[method] = failed.why
        else:
            outcomes[method] = f"accepted {receipt.id}".strip()
    if not await ward.engine.test_pages.answered(number, someone.id, seconds):
        return Answer(someone.id, outcomes, answered=False, seconds=None)
    return Answer(someone.id, outcomes, answered=True, seconds=round(ward.engine.clock.monotonic() - began, 1))


def _test_message(ward: Ward, someone: Person, number: str, method: str, by: str) -> Message:
    runbook, settings = ward.engine.worlds.current
    facts = PageFacts(
        number=number,
        title="Test page",
        severity="",
        severity_name="",
        since=ward.engine.clock.now(),
        why_you="You are in the configuration",
        severity_because=f"asked for by {by}",
        runbook=runbook.path,
        link=ward.links.acknowledge(number, someone.id),
        key=f"{number}/{someone.id}/{method}",
        zone=someone.timezone or settings.timezone,
        test=True,
        code=ward.links.code(number, someone.id),
    )
    return Message(
        key=facts.key,
        incident=number,
        kind="test",
        subject=page_subject(facts),
        text=page_body(facts),
        to=someone,
        data=page_data(facts),
        link=facts.link,
        thread=number,
        short=partial(page_sms, facts),
        spoken=partial(speech, facts),
        menu=menu(facts),
        card=partial(page_card, facts),
    )
