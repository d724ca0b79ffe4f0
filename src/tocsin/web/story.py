"""What happened, told for a review: facts become events, each in the sentence the timeline has for it."""

from typing import cast

from msgspec.structs import replace

from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.review.story import Event, Kind, Story
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.web.names import Names
from tocsin.web.sentence import Sentence
from tocsin.web.sentences import sentence
from tocsin.web.times import Times, times

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
    f.TypeCorrected: "note",
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
    # Of the commands only those that may change something mend it: the others, wherever they stand, are looks.
    started = [fact.body for fact in facts if isinstance(fact.body, f.StepApproved)]
    fixes -= {body.step for body in started if not body.changes}
    fixes |= {body.step for body in started if body.changes}
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
                text=_text(_short(fact, names, times(settings.timezone, fact.at))),
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


def _short(fact: f.Fact, names: Names, zone: Times) -> Sentence:
    """Give the sentence of a fact without what only its timeline is asked for: reasons, receipts, whole messages."""
    body = fact.body
    if isinstance(body, f.Opened):
        entry = f", {body.title}" if body.incident_type else ""
        by = f" by {names.of(body.by)}" if body.by.startswith(("person:", "local:")) else ""
        return Sentence("bell", f"{entry}{by}:", f"Opened as {body.severity}", body.summary)
    if isinstance(body, f.Paged):
        fact = replace(fact, body=replace(body, receipt=""))
    elif isinstance(body, f.UpdatePosted):
        fact = replace(fact, body=replace(body, text=""))
    return sentence(fact, names, zone)


def _text(said: Sentence) -> str:
    """Give a sentence on one line of plain text."""
    quote = f" “{' '.join(said.quote.split())}”" if said.quote else ""
    return f"{said.strong}{said.rest}{quote}".strip()
