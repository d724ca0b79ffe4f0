"""Facts about steps: what was chosen, approved, started, run, checked off."""

from typing import Literal

import msgspec

from tocsin.incident.body import Body


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A step that runs by itself. `effective` is what is run, `rewritten` says why it differs from the document.

    `connects` names the variables that hold the address of a database: its password is kept out of the arguments.
    `files` are laid out for it, by name. `target` is where it runs.
    """

    step: str
    title: str
    effective: str
    line: int
    seconds: float
    environment: dict[str, str] = msgspec.field(default_factory=dict)
    rewritten: str | None = None
    connects: tuple[str, ...] = ()
    files: dict[str, str] = msgspec.field(default_factory=dict)
    target: str = "local"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A step that does not run by itself, and why."""

    step: str
    title: str
    because: str
    line: int


class DiagnosticsChosen(Body, frozen=True, kw_only=True):
    """It was judged which diagnostics of the entry run by themselves."""

    run: tuple[Chosen, ...]
    refused: tuple[Refused, ...]


class StepApproved(Body, frozen=True, kw_only=True):
    """A person asked for a step to be run. `run` counts the runs of this step, from 1.

    `effective` is the exact text that was approved; `changes` = it is not proven to be read-only. `connects`, `files`
    and `target` are those of `Chosen`.
    """

    step: str
    run: int
    title: str
    effective: str
    changes: bool
    line: int
    seconds: float
    environment: dict[str, str] = msgspec.field(default_factory=dict)
    connects: tuple[str, ...] = ()
    files: dict[str, str] = msgspec.field(default_factory=dict)
    target: str = "local"


class StepStarted(Body, frozen=True, kw_only=True):
    """A changing step is about to run: if nothing follows, its outcome is unknown."""

    step: str
    run: int
    title: str
    line: int


class StepRan(Body, frozen=True, kw_only=True):
    """A step ended. `excerpt` is the redacted output in short; the whole is kept under its sha256.

    `how`: ended, timed-out, not-started, cut-short. `found` says what it shows, `verdict` whether that is good.
    """

    step: str
    run: int
    title: str
    effective: str
    how: str
    exit: int | None
    seconds: float
    found: str
    verdict: Literal["good", "bad", "unknown"]
    excerpt: str
    output: str
    size: int
    truncated: bool
    redactions: int
    line: int


class StepLost(Body, frozen=True, kw_only=True):
    """Whoever ran a changing step is gone: it may have run. It is not tried again."""

    step: str
    run: int
    title: str
    line: int


class StepChecked(Body, frozen=True, kw_only=True):
    """A person did (or took back) a manual step."""

    step: str
    title: str
    done: bool
    line: int
    note: str = ""
