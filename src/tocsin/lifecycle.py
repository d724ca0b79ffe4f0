"""READ THIS FIRST: what should be waiting to be done for an incident.

The life of an incident, in the order of its stages. Everything here is a pure function of values: no I/O, no clock.

    an alert changes     decide()     opens, reopens, raises, acknowledges or resolves: facts
    a person acts        answers.py   the same, for a person's wish: facts
    a deed is done       (engine)     Escalated, Paged, PageFailed ...: facts
    after every fact     jobs_for()   what the incident now wants done, by when

Nothing is ever cancelled: a job that `jobs_for` no longer names is gone. The engine loads, calls one of these,
commits facts and jobs together, and performs the jobs that are due.
"""

from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from tocsin.communication.cards import cards_due
from tocsin.communication.reminders import update_reminders
from tocsin.detection.alert import AlertState, Seen
from tocsin.escalation.ladder import Ladder
from tocsin.escalation.policies import is_restricted
from tocsin.escalation.reach import informations, pages
from tocsin.incident import facts as f
from tocsin.incident import jobs as j
from tocsin.incident.incident import Incident
from tocsin.response.deadlines import deadline_reminders
from tocsin.response.diagnostics import choose, runs_due
from tocsin.response.guard import allowance
from tocsin.review.reminders import review_reminders
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.assessing import assess, kept
from tocsin.triage.recalling import Correction
from tocsin.triage.severity import severity_rank

MAX_ALERT_CHANGES = 20
"""After so many comings, goings or answers of one alert the timeline stops repeating them; its row still counts."""


class World(NamedTuple):
    """What a decision may look at besides the incident: the runbook it is pinned to, and today's settings."""

    runbook: Runbook
    settings: Settings


# -- what is waiting to be done


def jobs_for(incident: Incident, world: World) -> tuple[j.Job, ...]:
    """Give everything the incident wants done, now or later. Its stages, in order."""
    wanted: list[j.Job] = []
    for stage in (_calls, _informs, _runs, _pages, _notifications, _updates, _cards, _reminders, _giving_up):
        wanted += stage(incident, world)
    urgency = severity_rank(world.runbook, incident.severity)
    return tuple(replace(job, urgency=urgency) for job in wanted) if urgency else tuple(wanted)


def _calls(incident: Incident, world: World) -> list[j.Job]:
    return [
        _job(
            incident,
            f"call/{due.level}/{due.round}",
            due.due,
            j.Call(level=due.level, round=due.round, cause=due.cause, because=due.because.text, line=due.because.line),
        )
        for due in Ladder(incident, world.runbook, world.settings).calls()
    ]


def _informs(incident: Incident, world: World) -> list[j.Job]:
    return [
        _job(
            incident,
            f"inform/{due.level}/{incident.began_seq}",
            due.due,
            j.Inform(level=due.level, because=due.because.text, line=due.because.line),
        )
        for due in Ladder(incident, world.runbook, world.settings).informs()
    ]


def _pages(incident: Incident, world: World) -> list[j.Job]:
    return [
        _job(
            incident,
            f"{due.round}/{due.level}/{due.person}/{due.method}",
            due.due,
            due.do,
        )
        for due in pages(incident, world.settings)
    ]


def _notifications(incident: Incident, world: World) -> list[j.Job]:
    return [
        _job(
            incident,
            f"notify/{due.level}/{incident.began_seq}/{due.person}/{due.method}",
            due.due,
            j.Notify(level=due.level, person=due.person, method=due.method),
        )
        for due in informations(incident, world.settings)
    ]


def _runs(incident: Incident, _: World) -> list[j.Job]:
    return [
        _job(
            incident,
            f"run/{due.step}/{due.run}",
            due.due,
            j.RunStep(step=due.step, run=due.run, changes=due.changes),
        )
        for due in runs_due(incident)
    ]


def _updates(incident: Incident, _: World) -> list[j.Job]:
    return [
        _job(incident, f"update/{update.seq}/{channel}", update.at, j.SendUpdate(update=update.seq, channel=channel))
        for update in incident.progress.updates
        for channel in update.body.channels
        if channel not in update.sent
    ]


def _cards(incident: Incident, world: World) -> list[j.Job]:
    return [_job(incident, card.name, card.due, card.do) for card in cards_due(incident, world.settings)]


def _reminders(incident: Incident, world: World) -> list[j.Job]:
    due = [
        *update_reminders(incident, world.runbook),
        *deadline_reminders(incident, world.runbook),
        *review_reminders(incident, world.runbook),
    ]
    return [
        _job(
            incident,
            f"remind/{one.topic}/{one.stage}",
            one.due,
            j.Remind(
                topic=one.topic,
                stage=one.stage,
                wake=one.wake,
                whom=one.whom,
                because=one.because.text,
                line=one.because.line,
            ),
        )
        for one in due
    ]


def _giving_up(incident: Incident, world: World) -> list[j.Job]:
    at = Ladder(incident, world.runbook, world.settings).give_up_at()
    do = j.GiveUp(rounds=world.settings.max_rounds)
    return [_job(incident, f"give-up/{incident.began_seq}", at, do)] if at else []


def _job(incident: Incident, name: str, due: datetime, do: j.Doing) -> j.Job:
    return j.Job(key=f"{incident.number}/{name}", owner=incident.number, due=due, do=do)


# -- an alert changed


class New(NamedTuple):
    """What a new incident would open with: its number, today's document, and what people corrected before."""

    number: str
    world: World
    corrections: tuple[Correction, ...] = ()


def decide(
    incident: Incident | None, alert: AlertState, world: World, new: New, now: datetime
) -> tuple[f.FactBody, ...]:
    """Give the facts that the group's alert makes true. `incident` is the group's latest, open or not, or None.

    `world` is the one it is pinned to; `new` is taken only when a new incident opens.
    """
    if incident is None or incident.status == "resolved":
        return _begin(incident, alert, world, new, now)
    return _follow(incident, alert, world)


def _begin(last: Incident | None, alert: AlertState, world: World, new: New, now: datetime) -> tuple[f.FactBody, ...]:
    if alert.triggers <= max(last.seen.triggers if last else 0, _silenced(alert)):
        return ()  # nothing came since it was resolved, or too few people said so
    by = _sender(alert)
    first: f.Reopened | f.Opened
    reopened = _reopening(last, alert, world, now)
    if reopened and last:
        first, entry = reopened, world.runbook.incident_type(last.incident_type)
    else:
        first = _opening(alert, new)
        entry = new.world.runbook.incident_type(first.incident_type)
    restricted = first.restricted if isinstance(first, f.Opened) else bool(last and last.restricted)
    if alert.status == "resolved" and not restricted:
        return first, f.Resolved(by=by, cause="alert", why="it was over before anybody was called", seen=alert.seen)
    diagnostics = choose(entry, allowance(world.settings, world.runbook, entry.id if entry else None))
    chosen = (diagnostics,) if diagnostics else ()
    if alert.status == "resolved":
        over = f.AlertCleared(by=by, summary=alert.alert.summary, because=_BY_A_PERSON, seen=alert.seen)
        return first, *chosen, over
    if alert.acknowledgements:
        return first, *chosen, f.Acknowledged(by=by, via="alert", seen=alert.seen)
    return first, *chosen


def _silenced(alert: AlertState) -> int:
    """Give how many of its triggers are answered for because it came and went while it was silenced."""
    return alert.held.triggers if alert.held and alert.status == "resolved" else 0


def _reopening(last: Incident | None, alert: AlertState, world: World, now: datetime) -> f.Reopened | None:
    if last is None or last.resolved is None or now - last.resolved.at > world.settings.reopen_within:
        return None
    if last.automatic_reopenings >= world.settings.max_reopenings:
        return None
    reason = f.Because(f"the alert fired again: {alert.alert.summary}")
    return f.Reopened(by=_sender(alert), automatic=True, because=reason, seen=_unanswered(alert))


def _opening(alert: AlertState, new: New) -> f.Opened:
    world = new.world
    found, severity, why = assess(alert.alert, *world, new.corrections)
    entry = world.runbook.incident_type(found.incident_type)
    return f.Opened(
        by=_sender(alert),
        number=new.number,
        group_key=alert.alert.group_key,
        title=entry.title if entry else alert.alert.summary,
        summary=alert.alert.summary,
        incident_type=found.incident_type,
        severity=severity,
        restricted=is_restricted(found.incident_type, *world),
        runbook=world.runbook.sha256,
        because=(*found.because, *_after_silence(alert)),
        severity_because=why,
        score=found.score,
        seen=_unanswered(alert),
    )


def _after_silence(alert: AlertState) -> tuple[f.Because, ...]:
    held = alert.held
    if held is None or held.since < alert.changed_at:
        return ()
    return (f.Because(f"it was silenced until now, since {held.since:%Y-%m-%d %H:%M} UTC: {held.why}"),)


def _follow(incident: Incident, alert: AlertState, world: World) -> tuple[f.FactBody, ...]:
    if alert.status == "resolved":
        return _over(incident, alert, world)
    new: list[f.FactBody] = []
    if incident.cleared and incident.alert_changes < MAX_ALERT_CHANGES:
        new.append(f.AlertJoined(by=_sender(alert), summary=alert.alert.summary, origin=alert.alert.origin))
    new += _raised(incident, alert, world)
    answered = alert.acknowledgements > incident.seen.acknowledgements
    if answered and incident.alert_answers < MAX_ALERT_CHANGES:
        new.append(f.Acknowledged(by=_sender(alert), via="alert", seen=alert.seen))
    return tuple(new)


def _raised(incident: Incident, alert: AlertState, world: World) -> list[f.FactBody]:
    """Give the change to a more urgent severity: alerts may raise it, only people lower it."""
    chosen = (incident.incident_type, incident.severity) if incident.type_corrected else None
    _, severity, why = kept(*chosen, alert.alert, *world) if chosen else assess(alert.alert, *world)
    rank = severity_rank(world.runbook, severity)
    known = min(severity_rank(world.runbook, incident.severity), severity_rank(world.runbook, incident.alert_severity))
    if rank >= known:
        return []
    return [f.SeverityChanged(by=_sender(alert), before=incident.severity, after=severity, because=why)]


def _over(incident: Incident, alert: AlertState, world: World) -> tuple[f.FactBody, ...]:
    if alert.resolutions <= incident.seen.resolutions:
        return ()  # a person reopened it since
    keeps = _keeps_open(incident, world)
    if keeps is None:
        return (f.Resolved(by=_sender(alert), cause="alert", why="the alert is over", seen=alert.seen),)
    if incident.cleared or incident.alert_changes >= MAX_ALERT_CHANGES:
        return ()
    return (f.AlertCleared(by=_sender(alert), summary=alert.alert.summary, because=keeps, seen=alert.seen),)


_BY_A_PERSON = f.Because("a restricted incident is closed by a person")


def _keeps_open(incident: Incident, world: World) -> f.Because | None:
    if incident.restricted:
        return _BY_A_PERSON
    if incident.automatic_reopenings >= world.settings.max_reopenings:
        return f.Because(f"it came back {incident.automatic_reopenings} times, so a person closes it")
    return None


def _unanswered(alert: AlertState) -> Seen:
    """Give what a beginning knows of the alert; the sender's acknowledgement is a fact of its own."""
    return replace(alert.seen, acknowledgements=0)


def _sender(alert: AlertState) -> str:
    return alert.alert.declared_by or f"source:{alert.alert.source}"
