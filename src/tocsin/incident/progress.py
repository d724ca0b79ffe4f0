"""What the facts about steps, updates, deadlines, evidence and review make of an incident."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, cast

import msgspec
from msgspec.structs import replace

from tocsin.incident import facts as f
from tocsin.incident.calls import LevelCall
from tocsin.incident.step_facts import Chosen, Refused

StepStatus = Literal["chosen", "refused", "approved", "running", "ran", "unknown"]


class StepState(msgspec.Struct, frozen=True, kw_only=True):
    """Where one step stands. `run` counts its runs; `since` is when it got there, `seq` where in the timeline."""

    step: str
    run: int
    status: StepStatus
    since: datetime
    seq: int
    changes: bool = False
    chosen: Chosen | None = None
    refused: Refused | None = None
    approved: f.StepApproved | None = None
    ran: f.StepRan | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A manual step: done or not, by whom, when."""

    done: bool
    by: str
    at: datetime
    note: str


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An update that was posted, and how far it was sent: channel -> receipt, or None where it failed."""

    seq: int
    at: datetime
    body: f.UpdatePosted
    sent: dict[str, str | None] = {}


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence with its custody entry."""

    seq: int
    at: datetime
    body: f.EvidenceAdded


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action item."""

    action: str
    text: str
    owner: str | None
    due: str | None
    done: bool = False
    done_at: datetime | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Everything besides paging. Keys: step ids, phase names, deadline names, review part ids, action ids."""

    steps: dict[str, StepState] = {}
    checks: dict[str, Check] = {}
    updates: tuple[Update, ...] = ()
    reminders: tuple[LevelCall, ...] = ()
    phases: dict[str, str] = {}
    deadlines_met: dict[str, datetime] = {}
    evidence: tuple[Evidence, ...] = ()
    review: dict[str, str] = {}
    review_finished_at: datetime | None = None
    actions: dict[str, Action] = {}

    @property
    def public_updates(self) -> tuple[Update, ...]:
        """Give what the status page shows, oldest first."""
        return tuple(update for update in self.updates if update.body.public)


def apply(progress: Progress, fact: f.Fact) -> Progress:
    """Give the progress after one more fact."""
    change = _APPLY.get(type(fact.body))
    return change(progress, fact) if change else progress


def _state(progress: Progress, state: StepState) -> Progress:
    return replace(progress, steps={**progress.steps, state.step: state})


def _chosen(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.DiagnosticsChosen", fact.body)
    steps = dict(progress.steps)
    for chosen in body.run:
        run = steps[chosen.step].run + 1 if chosen.step in steps else 1
        steps[chosen.step] = StepState(
            step=chosen.step, run=run, status="chosen", since=fact.at, seq=fact.seq, chosen=chosen
        )
    for refused in body.refused:
        run = steps[refused.step].run if refused.step in steps else 0
        steps[refused.step] = StepState(
            step=refused.step, run=run, status="refused", since=fact.at, seq=fact.seq, refused=refused
        )
    return replace(progress, steps=steps)


def _approved(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.StepApproved", fact.body)
    return _state(
        progress,
        StepState(
            step=body.step,
            run=body.run,
            status="approved",
            since=fact.at,
            seq=fact.seq,
            changes=body.changes,
            approved=body,
        ),
    )


def _moved(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.StepStarted | f.StepLost", fact.body)
    known = progress.steps.get(body.step)
    status: StepStatus = "running" if isinstance(body, f.StepStarted) else "unknown"
    if known is None:
        return progress
    return _state(progress, replace(known, run=body.run, status=status, since=fact.at, seq=fact.seq))


def _ran(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.StepRan", fact.body)
    known = progress.steps.get(body.step)
    if known is None or body.run < known.run:
        return progress
    return _state(progress, replace(known, run=body.run, status="ran", since=fact.at, seq=fact.seq, ran=body))


def _checked(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.StepChecked", fact.body)
    check = Check(done=body.done, by=body.by, at=fact.at, note=body.note)
    return replace(progress, checks={**progress.checks, body.step: check})


def _posted(progress: Progress, fact: f.Fact) -> Progress:
    update = Update(seq=fact.seq, at=fact.at, body=cast("f.UpdatePosted", fact.body))
    return replace(progress, updates=(*progress.updates, update))


def _sent(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.UpdateSent | f.UpdateFailed", fact.body)
    outcome = body.receipt if isinstance(body, f.UpdateSent) else None
    updates = tuple(
        replace(update, sent={**update.sent, body.channel: outcome}) if update.seq == body.update else update
        for update in progress.updates
    )
    return replace(progress, updates=updates)


def _reminded(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.Reminded", fact.body)
    call = LevelCall(
        level=f"{body.topic}/{body.stage}",
        round=fact.seq,
        people=body.people,
        cause="wake" if body.wake else "tell",
        at=fact.at,
        seq=fact.seq,
        because=body.because,
    )
    return replace(progress, reminders=(*progress.reminders, call))


def _phase(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.PhaseTaken", fact.body)
    return replace(progress, phases={**progress.phases, body.phase: body.person})


def _met(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.DeadlineMet", fact.body)
    return replace(progress, deadlines_met={**progress.deadlines_met, body.deadline: fact.at})


def _evidence(progress: Progress, fact: f.Fact) -> Progress:
    entry = Evidence(seq=fact.seq, at=fact.at, body=cast("f.EvidenceAdded", fact.body))
    return replace(progress, evidence=(*progress.evidence, entry))


def _edited(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.ReviewEdited", fact.body)
    return replace(progress, review={**progress.review, body.part: body.text})


def _finished(progress: Progress, fact: f.Fact) -> Progress:
    return replace(progress, review_finished_at=fact.at)


def _action(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.ActionAdded", fact.body)
    action = Action(action=body.action, text=body.text, owner=body.owner, due=body.due)
    return replace(progress, actions={**progress.actions, body.action: action})


def _action_changed(progress: Progress, fact: f.Fact) -> Progress:
    body = cast("f.ActionChanged", fact.body)
    known = progress.actions.get(body.action)
    if known is None:
        return progress
    changed = replace(known, done=body.done, done_at=fact.at if body.done else None)
    return replace(progress, actions={**progress.actions, body.action: changed})


_APPLY: dict[type[f.Body], Callable[[Progress, f.Fact], Progress]] = {
    f.DiagnosticsChosen: _chosen,
    f.StepApproved: _approved,
    f.StepStarted: _moved,
    f.StepLost: _moved,
    f.StepRan: _ran,
    f.StepChecked: _checked,
    f.UpdatePosted: _posted,
    f.UpdateSent: _sent,
    f.UpdateFailed: _sent,
    f.Reminded: _reminded,
    f.PhaseTaken: _phase,
    f.DeadlineMet: _met,
    f.EvidenceAdded: _evidence,
    f.ReviewEdited: _edited,
    f.ReviewFinished: _finished,
    f.ActionAdded: _action,
    f.ActionChanged: _action_changed,
}
