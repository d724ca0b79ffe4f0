"""A person acts: given a wish, which facts become true. Pure, like `lifecycle.py`, which says what follows.

A wish that is true already gives no fact; one that cannot be is refused with the reason.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from tocsin.communication.cadence import cadence_for, next_update_at
from tocsin.communication.status_page import BADNESS
from tocsin.detection.alert import Alert, Seen
from tocsin.errors import NotFound, Refused, UsageError
from tocsin.escalation.ladder import Ladder
from tocsin.escalation.policies import is_restricted
from tocsin.escalation.schedule import person
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.body import is_human
from tocsin.incident.incident import Incident
from tocsin.lifecycle import World
from tocsin.response import diagnostics
from tocsin.response.deadlines import deadlines_of
from tocsin.response.guard import allowance
from tocsin.response.phases import phases_of
from tocsin.runbook.policy import IncidentType
from tocsin.triage.assessing import kept
from tocsin.triage.recalling import likeness


class Now(NamedTuple):
    """The instant a wish is decided at, how much of the alert was known then, the alert itself, and the same of others.

    `others` are the alerts that joined it.
    """

    at: datetime
    seen: Seen = Seen()
    alert: Alert | None = None
    others: Mapping[str, Seen] = {}


def answer(incident: Incident, wish: w.Wish, world: World, now: Now) -> tuple[f.FactBody, ...]:
    """Give the facts a wish makes true; () when it is so already. Raises Refused or UsageError with a reason."""
    return _ANSWERS[type(wish)](incident, wish, world, now)


def _acknowledge(incident: Incident, wish: w.Acknowledge, _: World, now: Now) -> tuple[f.FactBody, ...]:
    _must_be_open(incident)
    latest = incident.acknowledged
    calls = incident.current_calls
    unanswered = latest is None or any(call.seq > latest.seq for call in calls)
    if latest and not unanswered and (latest.by == wish.by or _is_later(latest.seq, wish.seen_to)):
        return ()
    return (f.Acknowledged(by=wish.by, via=wish.via, seen=now.seen),)


def _is_later(seq: int, seen_to: int | None) -> bool:
    """Give whether that happened after what somebody was told; False for one who knows how things stand."""
    return seen_to is not None and seq > seen_to


def _resolve(incident: Incident, wish: w.Resolve, _: World, now: Now) -> tuple[f.FactBody, ...]:
    if incident.status == "resolved":
        return ()
    return (f.Resolved(by=wish.by, cause="person", why=wish.why, seen=now.seen, others=dict(now.others)),)


def _reopen(incident: Incident, wish: w.Reopen, world: World, now: Now) -> tuple[f.FactBody, ...]:
    if incident.status != "resolved":
        return ()
    because = f.Because(wish.why or "a person reopened it")
    entry = world.runbook.incident_type(incident.incident_type)
    chosen = diagnostics.looks_of(entry, world)
    others = dict(now.others)
    reopened = f.Reopened(by=wish.by, automatic=False, because=because, seen=now.seen, others=others)
    return (reopened, chosen) if chosen else (reopened,)


def _escalate(incident: Incident, wish: w.Escalate, world: World, _: Now) -> tuple[f.FactBody, ...]:
    _must_be_open(incident)
    ladder = Ladder(incident, world.runbook, world.settings)
    level = ladder.named(wish.level) if wish.level else ladder.next_level()
    if level is None and wish.level:
        raise UsageError(f"there is no level {wish.level}; this runbook has {', '.join(ladder.names())}")
    if level is None:
        raise Refused("every level was called already; name one to call it again")
    calls = [call.seq for call in incident.current_calls if call.level == level]
    calls += [request.seq for request in incident.requests if request.level == level]
    if any(_is_later(seq, wish.seen_to) for seq in calls):
        return ()
    return (f.EscalationRequested(by=wish.by, level=level, why=wish.why),)


def _change(incident: Incident, wish: w.ChangeSeverity, world: World, _: Now) -> tuple[f.FactBody, ...]:
    _must_be_open(incident)
    known = [severity.id for severity in world.runbook.severities] or ["P0", "P1", "P2", "P3"]
    if wish.severity not in known:
        raise UsageError(f"there is no severity {wish.severity}; this runbook has {', '.join(known)}")
    if not wish.because.strip():
        raise UsageError("say why: a change of severity needs a reason")
    if wish.severity == incident.severity:
        return ()
    reason = f.Because(wish.because)
    return (f.SeverityChanged(by=wish.by, before=incident.severity, after=wish.severity, because=reason),)


def _correct(incident: Incident, wish: w.CorrectType, world: World, now: Now) -> tuple[f.FactBody, ...]:
    entry = world.runbook.incident_type(wish.incident_type)
    if wish.incident_type is not None and entry is None:
        known = ", ".join(one.id for one in world.runbook.incident_types)
        raise UsageError(f"there is no entry {wish.incident_type[:80]}; this runbook has {known or 'none'}")
    same = wish.incident_type == incident.incident_type
    if not same and not wish.because.strip():
        raise UsageError("say why: a correction needs a reason")
    if same and incident.type_corrected is not None:
        return ()
    said = "it was matched rightly" if same else "a person gave it to " + (entry.title if entry else "no entry")
    why = f"{said}: {wish.because.strip()}" if wish.because.strip() else said
    corrected = f.TypeCorrected(
        by=wish.by,
        before=incident.incident_type,
        after=wish.incident_type,
        title=entry.title if entry else incident.summary,
        # What was written while it was restricted stays with those concerned.
        restricted=incident.restricted or is_restricted(wish.incident_type, *world),
        because=f.Because(why, entry.line if entry else None),
        like=likeness(now.alert) if now.alert else "",
    )
    return (corrected, *(() if same else _following(incident, entry, world, now.alert)))


def _following(
    incident: Incident, entry: IncidentType | None, world: World, alert: Alert | None
) -> tuple[f.FactBody, ...]:
    """Give what follows while it is open: its alert's severity as of that entry, and the diagnostics of that.

    A severity that a person chose stays.
    """
    if incident.status == "resolved" or entry is None:
        return ()
    found: list[f.FactBody] = []
    chosen = incident.severity_changed is not None and is_human(incident.severity_changed.by)
    if alert is not None and not chosen:
        _, wanted, why = kept(entry.id, incident.severity, alert, *world)
        if wanted != incident.severity:
            found.append(f.SeverityChanged(by="engine", before=incident.severity, after=wanted, because=why))
    looks = diagnostics.looks_of(entry, world)
    return (*found, looks) if looks else tuple(found)


def _note(_: Incident, wish: w.Note, __: World, ___: Now) -> tuple[f.FactBody, ...]:
    if not wish.text.strip():
        raise UsageError("the note is empty")
    return (f.Noted(by=wish.by, text=wish.text.strip()),)


def _run(incident: Incident, wish: w.Run, world: World, _: Now) -> tuple[f.FactBody, ...]:
    step = diagnostics.step_of(world.runbook, incident, wish.step)
    _must_be_open(incident)
    allowed = allowance(world.settings, world.runbook, incident.incident_type)
    return (diagnostics.approve(incident, step, allowed, wish.by),)


def _check(incident: Incident, wish: w.Check, world: World, _: Now) -> tuple[f.FactBody, ...]:
    step = diagnostics.step_of(world.runbook, incident, wish.step)
    known = incident.progress.checks.get(wish.step)
    if (known.done if known else False) == wish.done and not wish.note:
        return ()
    return (diagnostics.check(step, wish.by, wish.note, done=wish.done),)


def _post(incident: Incident, wish: w.Post, world: World, now: Now) -> tuple[f.FactBody, ...]:
    if not wish.text.strip():
        raise UsageError("the update is empty")
    if "<ask:" in wish.text:
        raise UsageError("the update still asks for something; fill in every <ask: …> first")
    if wish.public and incident.restricted:
        raise Refused("a restricted incident never appears on the status page")
    cadence = cadence_for(world.runbook, incident.severity)
    ends = wish.status == "resolved" or cadence is None
    return (
        f.UpdatePosted(
            by=wish.by,
            status=wish.status,
            public=wish.public,
            title=wish.title.strip() or incident.title,
            text=wish.text.strip(),
            channels=wish.channels,
            next_at=None if ends or cadence is None else next_update_at(now.at, cadence),
            line=wish.line,
            components=_components(wish, world),
        ),
    )


def _components(wish: w.Post, world: World) -> dict[str, str] | None:
    """Give what the update says of components. Raises UsageError for one there is not, or an unknown status."""
    known = world.settings.status_page.components
    for name, status in (wish.components or {}).items():
        if name not in known:
            there = ", ".join(known) or "none: name them in [status_page.components]"
            raise UsageError(f"there is no component {name[:60]}; there are {there}")
        if status not in BADNESS:
            raise UsageError(f"a component is {', '.join(BADNESS)}, not {status[:60]}")
    return None if wish.status == "resolved" else wish.components


def _take_phase(incident: Incident, wish: w.TakePhase, world: World, _: Now) -> tuple[f.FactBody, ...]:
    phases = phases_of(world.runbook.incident_type(incident.incident_type))
    phase = next((one for one in phases if one.id == wish.phase), None)
    if phase is None:
        raise NotFound(f"there is no phase {wish.phase} in {incident.title}")
    if person(wish.person, world.settings) is None:
        raise UsageError(f"there is no person {wish.person or 'without a name'}; name somebody of the configuration")
    if incident.progress.phases.get(phase.id) == wish.person:
        return ()
    return (f.PhaseTaken(by=wish.by, phase=phase.id, person=wish.person, line=phase.line),)


def _meet(incident: Incident, wish: w.MeetDeadline, world: World, _: Now) -> tuple[f.FactBody, ...]:
    clocks = deadlines_of(incident, world.runbook)
    clock = next((one for one in clocks if one.id == wish.deadline), None)
    if clock is None:
        raise NotFound(f"no deadline {wish.deadline} runs for {incident.number}")
    if not wish.note.strip():
        raise UsageError("say how it was met, or why it is late")
    if clock.id in incident.progress.deadlines_met:
        return ()
    return (f.DeadlineMet(by=wish.by, deadline=clock.id, note=wish.note.strip(), line=clock.line),)


def _keep(incident: Incident, wish: w.KeepEvidence, _: World, __: Now) -> tuple[f.FactBody, ...]:
    known = {(entry.body.sha256, entry.body.name) for entry in incident.progress.evidence}
    if (wish.sha256, wish.name) in known:
        return ()
    return (
        f.EvidenceAdded(
            by=wish.by, name=wish.name, sha256=wish.sha256, size=wish.size, source=wish.source, note=wish.note
        ),
    )


def _hand_out(_: Incident, wish: w.HandOutEvidence, __: World, ___: Now) -> tuple[f.FactBody, ...]:
    return (f.EvidenceExported(by=wish.by, files=wish.files, manifest=wish.manifest),)


def _edit_review(incident: Incident, wish: w.EditReview, _: World, __: Now) -> tuple[f.FactBody, ...]:
    if incident.progress.review.get(wish.part) == wish.text:
        return ()
    return (f.ReviewEdited(by=wish.by, part=wish.part, text=wish.text),)


def _finish_review(incident: Incident, wish: w.FinishReview, _: World, __: Now) -> tuple[f.FactBody, ...]:
    if incident.status != "resolved":
        raise Refused(f"{incident.number} is not resolved; its review cannot be complete")
    return () if incident.progress.review_finished_at else (f.ReviewFinished(by=wish.by),)


def _add_action(incident: Incident, wish: w.AddAction, _: World, __: Now) -> tuple[f.FactBody, ...]:
    if not wish.text.strip():
        raise UsageError("say what is to be done")
    name = f"{incident.number}-A{len(incident.progress.actions) + 1}"
    return (f.ActionAdded(by=wish.by, action=name, text=wish.text.strip(), owner=wish.owner, due=_date(wish.due)),)


def _date(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(f"{text!r} is no date; write it like 2026-12-01") from error


def _change_action(incident: Incident, wish: w.ChangeAction, _: World, __: Now) -> tuple[f.FactBody, ...]:
    known = incident.progress.actions.get(wish.action)
    if known is None:
        raise NotFound(f"there is no action item {wish.action}")
    return () if known.done == wish.done else (f.ActionChanged(by=wish.by, action=wish.action, done=wish.done),)


def _must_be_open(incident: Incident) -> None:
    if incident.merged_into:
        raise Refused(f"{incident.number} goes on in {incident.merged_into}; do it there")
    if incident.status == "resolved":
        raise Refused(f"{incident.number} is resolved; reopen it first")


_ANSWERS: dict[type[w.Wish], Callable[..., tuple[f.FactBody, ...]]] = {
    w.Acknowledge: _acknowledge,
    w.Resolve: _resolve,
    w.Reopen: _reopen,
    w.Escalate: _escalate,
    w.ChangeSeverity: _change,
    w.CorrectType: _correct,
    w.Note: _note,
    w.Run: _run,
    w.Check: _check,
    w.Post: _post,
    w.TakePhase: _take_phase,
    w.MeetDeadline: _meet,
    w.KeepEvidence: _keep,
    w.HandOutEvidence: _hand_out,
    w.EditReview: _edit_review,
    w.FinishReview: _finish_review,
    w.AddAction: _add_action,
    w.ChangeAction: _change_action,
}
