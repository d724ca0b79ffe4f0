"""What a person may want of an incident. `answers.answer` says what comes of it."""

from typing import Literal

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True, tag_field="wish", tag=True):
    """What somebody wants of an incident. `by` is the principal."""

    by: str


class Acknowledge(Wish, frozen=True, kw_only=True):
    """I have it.

    `seen_to` is the seq up to which whoever wishes it was told: when somebody took it since, this takes it from nobody.
    None = they know how things stand.
    """

    via: str = "api"
    seen_to: int | None = None


class Resolve(Wish, frozen=True, kw_only=True):
    """It is over."""

    why: str = ""


class Reopen(Wish, frozen=True, kw_only=True):
    """It is not over."""

    why: str = ""


class Escalate(Wish, frozen=True, kw_only=True):
    """Call that level now; None = the next one. `seen_to`: not again when it was called since that seq."""

    level: str | None = None
    why: str = ""
    seen_to: int | None = None


class ChangeSeverity(Wish, frozen=True, kw_only=True):
    """Make it that severity, for that reason."""

    severity: str
    because: str


class CorrectType(Wish, frozen=True, kw_only=True):
    """It belongs to that entry, or to none, for that reason. The entry it has already: that was right."""

    incident_type: str | None
    because: str


class Note(Wish, frozen=True, kw_only=True):
    """Write this down."""

    text: str


class Run(Wish, frozen=True, kw_only=True):
    """Run that step now."""

    step: str


class Check(Wish, frozen=True, kw_only=True):
    """I did that manual step (or did not, after all)."""

    step: str
    done: bool = True
    note: str = ""


class Post(Wish, frozen=True, kw_only=True):
    """Tell people this. `text` is complete: nothing is left to be asked."""

    status: Literal["investigating", "identified", "monitoring", "resolved"]
    public: bool
    title: str
    text: str
    channels: tuple[str, ...] = ()
    line: int | None = None
    components: dict[str, str] | None = None


class TakePhase(Wish, frozen=True, kw_only=True):
    """That person owns that phase."""

    phase: str
    person: str


class MeetDeadline(Wish, frozen=True, kw_only=True):
    """What was due was done."""

    deadline: str
    note: str


class KeepEvidence(Wish, frozen=True, kw_only=True):
    """These bytes, already stored under their sha256, are evidence."""

    name: str
    sha256: str
    size: int
    source: str
    note: str = ""


class HandOutEvidence(Wish, frozen=True, kw_only=True):
    """The evidence was exported with this manifest."""

    files: int
    manifest: str


class EditReview(Wish, frozen=True, kw_only=True):
    """That part of the review reads like this now."""

    part: str
    text: str


class FinishReview(Wish, frozen=True, kw_only=True):
    """The review is complete."""


class AddAction(Wish, frozen=True, kw_only=True):
    """We agreed on this."""

    text: str
    owner: str | None = None
    due: str | None = None


class ChangeAction(Wish, frozen=True, kw_only=True):
    """That action item is done, or open again."""

    action: str
    done: bool = True
