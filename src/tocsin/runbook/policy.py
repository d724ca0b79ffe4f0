"""The runbook as typed policy: what the document says, each value with the line it stands on.

Lines are 1-based lines of the document as written. Texts are repaired (mojibake) but otherwise the author's words.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import msgspec

from tocsin.settings import Condition


class Response(msgspec.Struct, frozen=True):
    """How fast somebody must answer. `after` is set for `within` only."""

    kind: Literal["immediate", "within", "next-business-day"]
    after: timedelta | None = None


class Criterion(msgspec.Struct, frozen=True):
    """One bullet under a severity."""

    text: str
    line: int


class Severity(msgspec.Struct, frozen=True, kw_only=True):
    """A severity level, most urgent first in `Runbook.severities`. Source: "Severity Levels"."""

    id: str
    name: str | None
    response: Response | None
    criteria: tuple[Criterion, ...] = ()
    line: int


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of the escalation path. Source: "Escalation Path".

    `responds_within` is an acknowledgement target ("responds within 15 min"); `after` is how long the level before
    may take ("if L1 can't resolve in 30 min"); `only_severity` limits the level ("for P0 incidents only").
    """

    id: str
    role: str
    after: timedelta | None = None
    condition: Literal["not-resolved", "not-acknowledged"] | None = None
    responds_within: timedelta | None = None
    only_severity: str | None = None
    line: int


class Threshold(msgspec.Struct, frozen=True):
    """A number in a symptom. `unit`: "%", "s", "ms", "x" (times normal), "" ...; `op`: ">", "<", ">=", "<=", "==".

    `window` is how long it has to last ("for more than 5 minutes"), `baseline` what a multiple is of ("normal").
    """

    subject: str
    op: str
    value: float
    unit: str
    window: timedelta | None = None
    baseline: str | None = None


PEOPLE = "people's reports"
"""What a symptom is bound to that nothing but people can tell of."""


class Symptom(msgspec.Struct, frozen=True, kw_only=True):
    """One way the incident shows itself.

    `bound_to` names what detects it (a probe, an alert source, "people's reports"); without one, `gap` says what
    would have to watch for it.
    """

    text: str
    threshold: Threshold | None = None
    bound_to: str | None = None
    gap: str | None = None
    line: int


class Query(msgspec.Struct, frozen=True):
    """SQL that a step sends. `target` is where it goes as the document writes it ("$DATABASE_URL", "-d shop").

    `client` is the program it is handed to, "" in a fence of SQL.
    """

    text: str
    target: str | None = None
    client: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something to do. Nothing here says that it may run by itself: that is the guard's judgement.

    `kind`: `command` (shell or SQL text in `source`), `manual` (a person does it; `title` says what), `snippet`
    (content for another file), `prohibition` ("Don't delete logs"). `executable` is true for a real, fully bound
    command as written; otherwise `why_not` says why. `risk` and `timeout` are what an annotation asks for: they
    may tighten the guard's judgement, never loosen it. `queries` is the SQL in it.
    """

    id: str
    title: str
    kind: Literal["command", "manual", "snippet", "prohibition"]
    source: str = ""
    language: str = "bash"
    executable: bool = False
    why_not: str | None = None
    section: Literal["diagnostics", "resolution", "other"] = "other"
    risk: str | None = None
    timeout: timedelta | None = None
    queries: tuple[Query, ...] = ()
    line: int
    end_line: int


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """Steps under one condition of a resolution, for a person to pick; `condition` None = always offered first.

    `kind` is `phase` for numbered phases ("1. CONTAIN") that all apply, in order.
    """

    condition: str | None
    steps: tuple[Step, ...]
    kind: Literal["branch", "phase"] = "branch"
    line: int


class EntryRule(msgspec.Struct, frozen=True, kw_only=True):
    """The escalation rule of one entry; overrides the general path. Source: the entry's "Escalation".

    `immediate`: `to` is called at opening. `not-resolved` and `persists` (the words name the trouble: "error rate
    doesn't drop") wait `after`; None = the general path's own minutes. `to` holds role and level names as written
    ("L2", "CTO", "Legal", "Security team").
    """

    trigger: Literal["immediate", "not-resolved", "persists"]
    after: timedelta | None
    to: tuple[str, ...]
    text: str
    line: int


class Note(msgspec.Struct, frozen=True):
    """Lines that became no policy and are kept as they are; `end_line` is the last of them."""

    text: str
    line: int
    end_line: int | None = None


class IncidentType(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the runbook. `id` is the slug of the heading without its number.

    `severity` is what the document states (None when it does not); `inferred_severity` what its words imply, with
    `severity_because` and `severity_line` citing the criterion. `restricted` entries (a breach) open incidents
    that only those concerned may see; `restricted_because` says from which words. `resolved_when` is how the
    document says that it is over, `conditions` are those of them that a probe measures.
    """

    id: str
    title: str
    severity: str | None
    inferred_severity: str | None
    severity_because: str
    severity_line: int | None
    symptoms: tuple[Symptom, ...] = ()
    diagnostics: tuple[Step, ...] = ()
    resolution: tuple[Branch, ...] = ()
    escalation: EntryRule | None = None
    restricted: bool = False
    restricted_because: str | None = None
    alerts: tuple[str, ...] = ()
    resolved_when: tuple[Note, ...] = ()
    conditions: tuple[Condition, ...] = ()
    line: int
    end_line: int


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A message to send. `line` is the first line of its body. Source: "Communication Templates"."""

    id: str
    title: str
    channel: Literal["slack", "status-page", "email"] | None
    body: str
    line: int
    end_line: int


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """The post-incident review template; `due_within` counts from resolution."""

    title: str
    body: str
    due_within: timedelta | None
    line: int
    end_line: int


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    """How often an update is promised ("Every 15 minutes in this thread")."""

    text: str
    every: timedelta
    line: int


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A promise with an end ("within 72 hours per GDPR"). `incident_type` is None outside the entries."""

    what: str
    within: timedelta
    incident_type: str | None = None
    line: int


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A name and how to reach it, as written."""

    name: str
    value: str
    line: int


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Trouble in a readable runbook. Codes are stable; `suggestion` is what to write instead, where there is one.

    `column` and `end_column` (behind the last character) say which words of the line are meant; without an end, the
    whole line is.
    """

    code: str
    level: Literal["error", "warning", "info"]
    line: int
    column: int = 1
    end_column: int | None = None
    message: str
    suggestion: str | None = None


class Ignore(msgspec.Struct, frozen=True, kw_only=True):
    """One code that is left out from `first` to `last`; the comment itself stands on `line`."""

    code: str
    reason: str
    line: int
    first: int
    last: int


class Runbook(msgspec.Struct, frozen=True, kw_only=True):
    """The whole document. `understood` is the share (0..1) of non-blank lines that became facts or known notes.

    `commands` are the document's own, for any incident; `procedures` are the steps of its ways of working: phases,
    checklists, what to do at each severity. `context` is what stands around the facts and is of a known kind: headings,
    introductions, links. Every other line that is not blank is in `notes`.
    `findings` are without those that `ignores` leave out.
    """

    path: str
    sha256: str
    title: str
    lines: int
    understood: float
    severities: tuple[Severity, ...] = ()
    escalation: tuple[Level, ...] = ()
    incident_types: tuple[IncidentType, ...] = ()
    templates: tuple[Template, ...] = ()
    review: Review | None = None
    commands: tuple[Step, ...] = ()
    procedures: tuple[Step, ...] = ()
    contacts: tuple[Contact, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    context: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = ()
    ignores: tuple[Ignore, ...] = ()

    def incident_type(self, type_id: str | None) -> IncidentType | None:
        """Give the entry with that id, or None."""
        return next((entry for entry in self.incident_types if entry.id == type_id), None)

    def steps(self) -> Iterator[Step]:
        """Give every step: those of the entries, then the commands of the document."""
        for entry in self.incident_types:
            yield from entry.diagnostics
            yield from (step for branch in entry.resolution for step in branch.steps)
        yield from self.commands

    def severity(self, severity_id: str) -> Severity | None:
        """Give the severity with that id, or None."""
        return next((severity for severity in self.severities if severity.id == severity_id), None)

    def level(self, name: str) -> Level | None:
        """Give the level with that id or role (case does not matter), or None."""
        wanted = name.casefold()
        return next(
            (level for level in self.escalation if wanted in (level.id.casefold(), level.role.casefold())), None
        )
