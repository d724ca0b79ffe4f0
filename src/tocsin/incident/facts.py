"""Facts: what happened to an incident, in the past tense. Appended, never changed.

A fact's body is one of the structs below or of the files beside it; its tag is the fact kind. `by` is the principal:
`person:mira`, `source:prometheus`, `engine`. Instants live on the envelope (`Fact.at`), never in a body, unless they
say something else than "when this was recorded".
"""

from datetime import datetime

import msgspec

from tocsin.detection.alert import Seen
from tocsin.incident.body import Because, Body, Called
from tocsin.incident.breach_facts import DeadlineMet, EvidenceAdded, EvidenceExported, PhaseTaken
from tocsin.incident.check_facts import CheckTurned
from tocsin.incident.merge_facts import Absorbed, Merged, Split
from tocsin.incident.post_facts import Amended, AmendFailed, Announced, AnnouncementFailed
from tocsin.incident.review_facts import ActionAdded, ActionChanged, ReviewEdited, ReviewFinished
from tocsin.incident.step_facts import DiagnosticsChosen, StepApproved, StepChecked, StepLost, StepRan, StepStarted
from tocsin.incident.told_facts import Reminded, UpdateFailed, UpdatePosted, UpdateSent
from tocsin.incident.type_facts import TypeCorrected


class Opened(Body, frozen=True, kw_only=True):
    """An incident began. `runbook` is the sha256 of the document version it is pinned to for good.

    `consequence_of` names the open incident that it probably is a consequence of, "" for none. `recalled`: its entry is
    the one a person said of an earlier alert like it. `apart`: the groups that a person split its alerts off from.
    `hint` is how bad its alert was by its sender's word then, "" in timelines that did not keep it.
    """

    number: str
    group_key: str
    title: str
    summary: str
    incident_type: str | None
    severity: str
    restricted: bool
    runbook: str
    because: tuple[Because, ...]
    severity_because: Because
    score: float | None = None
    seen: Seen = Seen()
    former: str | None = None
    consequence_of: str = ""
    recalled: bool = False
    apart: tuple[str, ...] = ()
    hint: str = ""


class AlertJoined(Body, frozen=True, kw_only=True):
    """An alert of another group became part of it, for a reason; or one that is part of it fired again.

    `group_key` is whose alert it is, "" for the group the incident was opened for. `hint` as of `Opened`.
    """

    summary: str
    hint: str = ""
    origin: str = ""
    group_key: str = ""
    component: str = ""
    because: Because | None = None
    seen: Seen = Seen()


class AlertCleared(Body, frozen=True, kw_only=True):
    """An alert's sender says it is over; the incident stays open: other alerts fire, or a person has to close it."""

    summary: str
    because: Because
    seen: Seen = Seen()
    group_key: str = ""


class Escalated(Body, frozen=True, kw_only=True):
    """A level was called: from this instant its people are being paged.

    `round` counts the calls of this level, from 1. `cause`: opened, immediate, unacknowledged, unresolved, repeat,
    requested.
    """

    level: str
    round: int
    people: tuple[Called, ...]
    cause: str
    because: Because


class Informed(Body, frozen=True, kw_only=True):
    """A level is being told without being woken (the executive level at the opening of a P0)."""

    level: str
    people: tuple[Called, ...]
    because: Because


class Notified(Body, frozen=True, kw_only=True):
    """Somebody was told without being woken: the channel accepted it. `handle` and `as_of` as of a page."""

    level: str
    person: str
    method: str
    receipt: str = ""
    handle: str = ""
    as_of: int = 0


class Paged(Body, frozen=True, kw_only=True):
    """A page went out: the channel accepted it. `method` is `step.channel` of the person's reach rule.

    `handle` is the channel's own name of a message that can be edited, `as_of` the seq up to which it tells.
    `due` is when it should have gone out; only a late page carries it. `crossed`: somebody took or ended the incident
    while the page was under way.
    """

    level: str
    round: int
    person: str
    method: str
    receipt: str = ""
    due: datetime | None = None
    handle: str = ""
    as_of: int = 0
    crossed: bool = False


class PageFailed(Body, frozen=True, kw_only=True):
    """A page could not be delivered this way. `permanent` failures are never tried again."""

    level: str
    round: int
    person: str
    method: str
    why: str
    permanent: bool


class Acknowledged(Body, frozen=True, kw_only=True):
    """Somebody has it. `via`: page, web, cli, api, alert, phone, sms, pagerduty."""

    via: str
    seen: Seen = Seen()
    group_key: str = ""


class EscalationRequested(Body, frozen=True, kw_only=True):
    """A person asked for the next level now."""

    level: str
    why: str = ""


class SeverityChanged(Body, frozen=True, kw_only=True):
    """The severity is another one from now on.

    Where an alert did that: `group_key` is whose, "" for the incident's own, with its words and `hint` as of `Opened`.
    """

    before: str
    after: str
    because: Because
    group_key: str = ""
    summary: str = ""
    hint: str = ""


class Noted(Body, frozen=True, kw_only=True):
    """Somebody wrote something down."""

    text: str


class Resolved(Body, frozen=True, kw_only=True):
    """It is over. `cause`: person or alert. `seen` is of `group_key`, `others` what was known of its other alerts."""

    cause: str
    why: str = ""
    seen: Seen = Seen()
    group_key: str = ""
    others: dict[str, Seen] = msgspec.field(default_factory=dict)


class Reopened(Body, frozen=True, kw_only=True):
    """It was not over. `automatic` when an alert did it; those are capped. `seen` and `others` as of an end.

    Where an alert did that: its words and `hint` as of `Opened`.
    """

    automatic: bool
    because: Because
    seen: Seen = Seen()
    group_key: str = ""
    others: dict[str, Seen] = msgspec.field(default_factory=dict)
    summary: str = ""
    hint: str = ""


class GaveUp(Body, frozen=True, kw_only=True):
    """Every round of the ladder went unanswered; the fallback is paged and rounds end."""

    rounds: int


FactBody = (
    Opened
    | AlertJoined
    | AlertCleared
    | Escalated
    | Informed
    | Notified
    | Paged
    | PageFailed
    | Acknowledged
    | EscalationRequested
    | SeverityChanged
    | Noted
    | Resolved
    | Reopened
    | GaveUp
    | TypeCorrected
    | Merged
    | Absorbed
    | Split
    | CheckTurned
    | DiagnosticsChosen
    | StepApproved
    | StepStarted
    | StepRan
    | StepLost
    | StepChecked
    | UpdatePosted
    | UpdateSent
    | UpdateFailed
    | Announced
    | AnnouncementFailed
    | Amended
    | AmendFailed
    | Reminded
    | PhaseTaken
    | DeadlineMet
    | EvidenceAdded
    | EvidenceExported
    | ReviewEdited
    | ReviewFinished
    | ActionAdded
    | ActionChanged
)

__all__ = [
    "KINDS",
    "Absorbed",
    "Acknowledged",
    "ActionAdded",
    "ActionChanged",
    "AlertCleared",
    "AlertJoined",
    "AmendFailed",
    "Amended",
    "Announced",
    "AnnouncementFailed",
    "Because",
    "Body",
    "Called",
    "CheckTurned",
    "DeadlineMet",
    "DiagnosticsChosen",
    "Escalated",
    "EscalationRequested",
    "EvidenceAdded",
    "EvidenceExported",
    "Fact",
    "FactBody",
    "GaveUp",
    "Informed",
    "Merged",
    "Noted",
    "Notified",
    "Opened",
    "PageFailed",
    "Paged",
    "PhaseTaken",
    "Reminded",
    "Reopened",
    "Resolved",
    "ReviewEdited",
    "ReviewFinished",
    "SeverityChanged",
    "Split",
    "StepApproved",
    "StepChecked",
    "StepLost",
    "StepRan",
    "StepStarted",
    "TypeCorrected",
    "UpdateFailed",
    "UpdatePosted",
    "UpdateSent",
]

KINDS: frozenset[str] = frozenset(kind.__name__ for kind in FactBody.__args__)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded fact: its place in the timeline, the recorded instant (UTC) and its link in the hash chain."""

    seq: int
    at: datetime
    body: FactBody
    hash: str = ""

    @property
    def kind(self) -> str:
        """Give the name of the fact, in the past tense."""
        return type(self.body).__name__
