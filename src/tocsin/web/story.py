"""What happened, told for a review: facts become events, each in the sentence the timeline has for it."""

from typing import cast

from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.review.story import Event, Kind, Story
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.web.names import Names
from tocsin.web.sentence import Sentence
from tocsin.web.sentences import sentence
from tocsin.web.times import times

_KINDS: dict[type[f.Body], Kind] = {
    f.Opened: "opened",
    f.AlertCleared: "note",
    f.Escalated: "called",
    f.Informed: "called",
    f.Paged: "paged",
    f.PageFailed: "note",
    f.Acknowledged: "acknowledged",
    f.EscalationRequested: "note",
    f.SeverityChanged: "severity",
    f.Noted: "note",
    f.Resolved: "resolved",
    f.Reopened: "reopened",
    f.GaveUp: "note",
    f.StepRan: "diagnostic",
    f.StepLost: "diagnostic",
    f.StepChecked: "diagnostic",
    f.UpdatePosted: "update",
    f.PhaseTaken: "note",
    f.DeadlineMet: "note",
    f.EvidenceAdded: "note",
}
"""What no reader of a review asks for (receipts, reminders, the review itself) is missing here: it is not told."""


def story_of(incident: Incident, facts: tuple[f.Fact, ...], runbook: Runbook, settings: Settings) -> Story:
    """Give the story of an incident in the team's own time zone. `runbook` is the one it is pinned to."""
    entry = runbook.incident_type(incident.incident_type)
    fixes = {step.id for branch in entry.resolution for step in branch.steps} if entry else set()
    fixes |= {fact.body.step for fact in facts if isinstance(fact.body, f.StepApproved) and fact.body.changes}
    names = Names(settings)
    return Story(
        number=incident.number,
        title=incident.title,
        severity=incident.severity,
        started_at=incident.opened_at,
        resolved_at=incident.resolved.at if incident.resolved else None,
        events=tuple(
            Event(
                seq=fact.seq,
                at=fact.at,
                text=_text(sentence(fact, names, times(settings.timezone, fact.at))),
                kind=_kind(fact, fixes),
            )
            for fact in facts
        ),
        zone=settings.timezone,
    )


def _kind(fact: f.Fact, fixes: set[str]) -> Kind:
    kind = _KINDS.get(type(fact.body), "other")
    if kind != "diagnostic":
        return kind
    body = cast("f.StepRan | f.StepLost | f.StepChecked", fact.body)
    return "step" if body.step in fixes else "diagnostic"


def _text(said: Sentence) -> str:
    """Give a sentence on one line of plain text."""
    quote = f" “{' '.join(said.quote.split())}”" if said.quote else ""
    return f"{said.strong}{said.rest}{quote}".strip()
