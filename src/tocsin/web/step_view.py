"""A step of the runbook as a page and the API show it: how far it got, what it found, what can be done with it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from tocsin.engine.engine import Loaded
from tocsin.incident.facts import StepApproved, StepRan
from tocsin.incident.incident import Incident
from tocsin.incident.progress import StepState
from tocsin.incident.step_facts import Chosen
from tocsin.lifecycle import World
from tocsin.response.diagnostics import LONGEST_CHANGE
from tocsin.response.guard import Verdict, allowance, judge
from tocsin.runbook.policy import Branch, Step
from tocsin.settings import Secret, Settings
from tocsin.web.asking import Asked
from tocsin.web.names import Names
from tocsin.web.times import Times, lasting

State = Literal["will", "running", "ran", "failed", "refused", "approval", "unknown", "open", "done"]
"""Where a step stands, in the words of the page; `open` and `done` are of manual steps."""

_ICONS = {
    "will": "will",
    "running": "run",
    "ran": "tick",
    "failed": "cross",
    "refused": "ban",
    "approval": "lock",
    "unknown": "lost",
    "open": "hand",
    "done": "tick",
}
_SAID = {
    "unknown": ("Outcome unknown.", "It may have run; it is not tried again. Look first, then say what you saw."),
    "approval": ("Needs a person.", "It is not proven to only read, so it runs when somebody approves it."),
    "will": ("Will run", "when you say so. It only reads."),
}
_NO_COMMAND = frozenset({126, 127})
"""Exit codes of a shell that found nothing to run."""

_TICKED = re.compile(r"`([^`]+)`")
_HEAD = re.compile(r"[^,:;(]+")


class Span(NamedTuple):
    """A piece of a sentence; `code` is what a machine says."""

    text: str
    code: bool = False
    bad: bool = False


class StepLine(NamedTuple):
    """A step as shown. `found` comes first where it ran, else `strong` and `rest`; `small` is seconds and the like.

    `command` is the text that ran or would run, `written` that of the document where it differs. `button` is "" where
    nothing can be run; `asks` says that pressing it leads to one more question.
    """

    html_id: str
    step: str
    title: str
    kind: str
    state: State
    icon: str
    line: int
    end_line: int
    strong: str = ""
    found: tuple[Span, ...] = ()
    small: str = ""
    command: str = ""
    written: str = ""
    rewritten: str = ""
    where: str = ""
    excerpt: str = ""
    kept: str = ""
    output: str = ""
    button: str = ""
    asks: bool = False

    @property
    def is_code(self) -> bool:
        """Give whether the title is the command itself."""
        return self.title in {self.written, self.command}


class Choice(NamedTuple):
    """Steps under one condition."""

    condition: str | None
    kind: str
    line: int
    steps: tuple[StepLine, ...]


class Steps(NamedTuple):
    """What the steps of one incident are judged and told by."""

    incident: Incident
    world: World
    names: Names
    times: Times

    def line(self, step: Step) -> StepLine:
        """Give one step as shown."""
        if step.kind in {"manual", "prohibition"}:
            return self._by_hand(step)
        verdict = judge(step, allowance(self.world.settings, self.world.runbook, self.incident.incident_type))
        state, known = self._state(step, verdict), self.incident.progress.steps.get(step.id)
        task = task_of(known)
        strong, found, small = self._words(step, verdict, state, known)
        ran = known.ran if known else None
        return StepLine(
            html_id=f"step-{step.id}",
            step=step.id,
            title=step.title,
            kind=step.kind,
            state=state,
            icon=_ICONS[state] if step.kind == "command" else "file",
            strong=strong,
            found=found,
            small=small,
            command=task.effective if task else verdict.effective,
            written=step.source.strip(),
            rewritten=_rewritten(step, verdict, task),
            where=f"{place_of(self.world.settings, task.target if task else verdict.target)}, "
            f"at most {_limit(verdict, task)}.",
            excerpt=ran.excerpt if ran else "",
            kept=_kept(ran) if ran else "",
            output=ran.output if ran else "",
            button=_button(known, verdict) if self._can_run(step, state) and not verdict.by_hand else "",
            asks=not verdict.unattended,
            line=step.line,
            end_line=step.end_line,
        )

    def _state(self, step: Step, verdict: Verdict) -> State:
        """Give where a step stands; once it is over, nobody is asked for anything any more."""
        state = state_of(self.incident, step, verdict)
        return "will" if state == "approval" and self.incident.status == "resolved" else state

    def choice(self, branch: Branch) -> Choice:
        """Give a branch with its steps as shown."""
        return Choice(branch.condition, branch.kind, branch.line, tuple(self.line(step) for step in branch.steps))

    def _can_run(self, step: Step, state: State) -> bool:
        is_open = self.incident.status != "resolved"
        runs = self.world.settings.targets.run and step.kind == "command" and step.executable
        return is_open and runs and state != "running"

    def _by_hand(self, step: Step) -> StepLine:
        check = self.incident.progress.checks.get(step.id)
        done = check is not None and check.done
        told = f"{self.names.of(check.by)}, {self.times.hm(check.at)}" if check else ""
        words = (told if done else f"taken back by {told}") if check else ""
        return StepLine(
            html_id=f"step-{step.id}",
            step=step.id,
            title=step.title,
            kind=step.kind,
            state="done" if done else "open",
            icon="ban" if step.kind == "prohibition" else "tick" if done else "hand",
            found=spans(check.note) if check else (),
            small=words,
            line=step.line,
            end_line=step.end_line,
        )

    def _words(
        self, step: Step, verdict: Verdict, state: State, known: StepState | None
    ) -> tuple[str, tuple[Span, ...], str]:
        """Give the bold words, the sentence, and the small print of a step's second row."""
        if step.kind == "snippet":
            return "", (Span("For a file, not a command."),), ""
        if known and known.ran and state in {"ran", "failed"}:
            return self._result(known.ran, state, known.approved, rewritten=_changed(known))
        if known and state == "running":
            who = f", started by {self.names.of(known.approved.by)}" if known.approved else ""
            said = f"since {self.times.hms(known.since)}, at most {_limit(verdict, task_of(known))}{who}."
            return "Running", (Span(said),), ""
        if state == "refused":
            return "Not run because", spans(f"{_why_not(step, verdict, known).rstrip('.')}."), ""
        if state == "will" and self.incident.status == "resolved":
            return "", (Span("Not run: it was over without it."),), ""
        strong, said = _SAID[state]
        warned = "; ".join(verdict.because[1:]) if state == "approval" else ""
        return strong, (Span(said), *(spans(f" Mind: {warned}.") if warned else ())), ""

    def _result(
        self, ran: StepRan, state: State, approved: StepApproved | None, *, rewritten: bool
    ) -> tuple[str, tuple[Span, ...], str]:
        who = f", started by {self.names.of(approved.by)}" if approved else ""
        small = f"{lasting(timedelta(seconds=ran.seconds))}{', rewritten' if rewritten else ''}{who}"
        if state == "failed" and ran.how == "ended":
            code = "" if ran.found.startswith("exit ") else f"exit {ran.exit}: "
            return "Ran and failed:", spans(f"{code}{ran.found}"), small
        if state == "failed":
            return "Failed:", spans(ran.found), small
        return "", tuple(_told(ran.found, bad=ran.verdict == "bad")), small


def state_of(incident: Incident, step: Step, verdict: Verdict) -> State:
    """Give where a step stands: what the record says, else what its text allows."""
    if step.kind in {"manual", "prohibition"}:
        check = incident.progress.checks.get(step.id)
        return "done" if check and check.done else "open"
    known = incident.progress.steps.get(step.id)
    if known is None or known.status == "refused":
        if verdict.unattended:
            return "will"
        is_fix = known is None and step.executable and step.section != "diagnostics" and not verdict.by_hand
        return "approval" if is_fix else "refused"
    if known.status in {"chosen", "approved"}:
        return "running" if incident.status != "resolved" else "refused"
    if known.status == "ran" and known.ran:
        return "failed" if _failed(known.ran, changes=known.changes) else "ran"
    return "unknown" if known.status == "unknown" else "running"


def task_of(known: StepState | None) -> StepApproved | Chosen | None:
    """Give what is or was run."""
    return (known.approved or known.chosen) if known else None


def steps_of(loaded: Loaded, incident: Incident, asked: Asked) -> Steps:
    """Give what one reader is shown the steps of an incident by."""
    return Steps(incident, loaded.world, asked.names, asked.times)


def place_of(settings: Settings, target: str) -> str:
    """Give where a step runs, as the beginning of a sentence."""
    if target in settings.databases:
        return f"In the database {target}, reading only"
    host = settings.hosts.get(target)
    where = f"On {target} ({host.address})" if host else "On the server"
    directory = host.directory if host else settings.targets.directory
    shown = f"${directory.env}" if isinstance(directory, Secret) else directory
    return f"{where}, in {shown}" if shown else where


def spans(text: str) -> tuple[Span, ...]:
    """Give a sentence in pieces, with what stands in backticks as code."""
    parts = _TICKED.split(text)
    return tuple(Span(part, code=number % 2 == 1) for number, part in enumerate(parts) if part)


def _told(text: str, *, bad: bool) -> Iterator[Span]:
    """Give what was found; of bad news the words up to the first stop are red."""
    head = _HEAD.match(text)
    if not bad or head is None or "`" in head[0]:
        yield from (piece._replace(bad=bad) for piece in spans(text))
        return
    yield Span(head[0], bad=True)
    yield from spans(text[head.end() :])


def _failed(ran: StepRan, *, changes: bool) -> bool:
    return ran.how != "ended" or ran.exit in _NO_COMMAND or (changes and ran.exit != 0)


def _why_not(step: Step, verdict: Verdict, known: StepState | None) -> str:
    if known and known.status in {"chosen", "approved"}:
        return "it was over before its turn came"
    recorded = known.refused.because if known and known.refused else ""
    return recorded or "; ".join(verdict.because) or step.why_not or "it is no command"


def _button(known: StepState | None, verdict: Verdict) -> str:
    again = " again" if known and known.status in {"ran", "unknown"} else ""
    return f"Run{again}{'' if verdict.unattended else '…'}"


def _changed(known: StepState) -> bool:
    return known.chosen is not None and known.approved is None and known.chosen.rewritten is not None


def _rewritten(step: Step, verdict: Verdict, task: StepApproved | Chosen | None) -> str:
    effective = task.effective if task else verdict.effective
    if effective.strip() == step.source.strip():
        return ""
    said = task.rewritten if isinstance(task, Chosen) else verdict.rewritten
    return said or "Not quite as written."


def _limit(verdict: Verdict, task: StepApproved | Chosen | None) -> str:
    seconds = verdict.timeout.total_seconds() if verdict.unattended else LONGEST_CHANGE
    return f"{task.seconds if task else seconds:g} s"


def _kept(ran: StepRan) -> str:
    """Give what is said under an excerpt: how much there is and what was hidden."""
    kept = f"{ran.size} bytes kept" if ran.size else "Nothing was printed"
    hidden = f", {ran.redactions} secret{'s' if ran.redactions > 1 else ''} hidden" if ran.redactions else ""
    cut = ", the rest was cut off" if ran.truncated else ""
    return f"{kept}{hidden}{cut}."
