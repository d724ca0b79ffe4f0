"""READ THIS FIRST: what should be waiting to be done for an incident.

The life of an incident, in the order of its stages. Everything here is a pure function of values: no I/O, no clock.

    an alert changes     decide()     opens, joins, reopens, raises, acknowledges or resolves: facts
    a person acts        answers.py   the same, for a person's wish: facts
    a deed is done       (engine)     Escalated, Paged, PageFailed ...: facts
    after every fact     jobs_for()   what the incident now wants done, by when

Nothing is ever cancelled: a job that `jobs_for` no longer names is gone. The engine loads, calls one of these,
commits facts and jobs together, and performs the jobs that are due.
"""

from datetime import datetime

from msgspec.structs import replace

from tocsin.communication.cards import cards_due
from tocsin.communication.reminders import update_reminders
from tocsin.escalation.ladder import Ladder
from tocsin.escalation.raising import raise_reminders
from tocsin.escalation.reach import informations, pages
from tocsin.grouping.deciding import MAX_ALERT_CHANGES, Alerts, New, decide, join, seen_of
from tocsin.incident import jobs as j
from tocsin.incident.incident import Incident
from tocsin.incident.world import World
from tocsin.response.deadlines import deadline_reminders
from tocsin.response.diagnostics import runs_due
from tocsin.review.reminders import review_reminders
from tocsin.triage.severity import severity_rank

__all__ = ["MAX_ALERT_CHANGES", "Alerts", "New", "World", "decide", "jobs_for", "join", "seen_of"]


# -- what is waiting to be done


def jobs_for(incident: Incident, world: World) -> tuple[j.Job, ...]:
    """Give everything the incident wants done, now or later. Its stages, in order."""
    ladder = Ladder(incident, world.runbook, world.settings)
    wanted = [
        *_calls(incident, ladder),
        *_informs(incident, ladder),
        *_runs(incident),
        *_pages(incident, world),
        *_notifications(incident, world),
        *_updates(incident),
        *_cards(incident, world),
        *_reminders(incident, world),
        *_giving_up(incident, ladder, world.settings.max_rounds),
    ]
    urgency = severity_rank(world.runbook, incident.severity)
    return tuple(replace(job, urgency=urgency) for job in wanted) if urgency else tuple(wanted)


def _calls(incident: Incident, ladder: Ladder) -> list[j.Job]:
    return [
        _job(
            incident,
            f"call/{due.level}/{due.round}",
            due.due,
            j.Call(level=due.level, round=due.round, cause=due.cause, because=due.because.text, line=due.because.line),
        )
        for due in ladder.calls()
    ]


def _informs(incident: Incident, ladder: Ladder) -> list[j.Job]:
    return [
        _job(
            incident,
            f"inform/{due.level}/{incident.began_seq}",
            due.due,
            j.Inform(level=due.level, because=due.because.text, line=due.because.line),
        )
        for due in ladder.informs()
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


def _runs(incident: Incident) -> list[j.Job]:
    return [
        _job(
            incident,
            f"run/{due.step}/{due.run}",
            due.due,
            j.RunStep(step=due.step, run=due.run, changes=due.changes),
        )
        for due in runs_due(incident)
    ]


def _updates(incident: Incident) -> list[j.Job]:
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
        *raise_reminders(incident),
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


def _giving_up(incident: Incident, ladder: Ladder, rounds: int) -> list[j.Job]:
    at = ladder.give_up_at()
    return [_job(incident, f"give-up/{incident.began_seq}", at, j.GiveUp(rounds=rounds))] if at else []


def _job(incident: Incident, name: str, due: datetime, do: j.Doing) -> j.Job:
    return j.Job(key=f"{incident.number}/{name}", owner=incident.number, due=due, do=do)
