"""What steps and the branches around them became: what runs by itself, what a person starts, what is refused."""

from collections.abc import Iterator

from tocsin.explanation.became import Became
from tocsin.guard.ruling import Allowance
from tocsin.response.diagnostics import LONGEST_CHANGE
from tocsin.response.guard import Verdict, judge
from tocsin.runbook.policy import Branch, Step
from tocsin.settings import LOCAL

_COMMAND = "a statement of a shell or SQL block is a command"


def became_of_step(step: Step, allowed: Allowance, entry: str | None, *, runs: bool) -> Became:
    """Give what a step became; `entry` is the title of its incident type, None for a command of the document."""
    if step.kind == "command":
        return _command(step, allowed, entry, runs=runs)
    if step.kind == "manual":
        return Became(
            "manual", "check-box for a person", "what no computer can run is a step by hand",
            "It is shown with the incident; who ticked it, and when, is recorded.",
        )  # fmt: skip
    if step.kind == "prohibition":
        return Became(
            "prohibition", "**never**, while it is open", "words such as “don't” and “never” forbid something",
            "It is shown with the incident as a warning; nothing can be run or ticked.",
        )  # fmt: skip
    return Became(
        "snippet", "text for another file", "content of another language, or comments that hold code",
        "It is shown to be copied; only a command that names it finds it, in a folder of its own.",
    )  # fmt: skip


def _command(step: Step, allowed: Allowance, entry: str | None, *, runs: bool) -> Became:
    verdict = judge(step, allowed)
    if not step.executable:
        why = (step.why_not or "it is no complete command").rstrip(".")
        return Became(
            "refused", f"**refused**: {why}", _COMMAND,
            "It is never run from here; it is shown to be completed and run by hand.",
        )  # fmt: skip
    if not runs:
        return Became(
            "refused", "**refused**: the configuration runs nothing", _COMMAND,
            "`run = false` under [targets.local]: every command is shown to be run by hand.",
        )  # fmt: skip
    if verdict.by_hand:
        return Became(
            "refused", f"**refused**: {'; '.join(verdict.because)}", _COMMAND,
            "It is never run from here; it is shown to be copied.",
        )  # fmt: skip
    if not verdict.unattended:
        return _by_a_person(verdict, diagnostic=step.section == "diagnostics")
    alone = step.section == "diagnostics" and entry is not None
    differs = verdict.effective.strip() != step.source.strip()
    when = f"an incident of {entry} opens" if alone else "somebody presses Run"
    where = "" if verdict.target == LOCAL else f" on {verdict.target}"
    effect = f"Runs{where} when {when}, for at most {verdict.timeout.total_seconds():g} s."
    return Became(
        "alone" if alone else "click",
        f"reads only, runs {'by itself' if alone else 'at a click'}{', **rewritten**' if differs else ''}",
        _COMMAND,
        f"{effect} {verdict.rewritten or 'Not quite as written.'}" if differs else effect,
        runs=verdict.effective if differs else "",
    )


def _by_a_person(verdict: Verdict, *, diagnostic: bool) -> Became:
    because = "; ".join(verdict.because)
    known = verdict.risk != "read" and not diagnostic
    words = "changes something, a person starts it" if known else f"a person starts it: {because}"
    effect = (
        f"Not run by itself because {because}. A person who is signed in sees the exact command and starts it, "
        f"for at most {LONGEST_CHANGE:g} s."
    )
    return Became("person", words, _COMMAND, effect)


def became_of_branch(branch: Branch) -> Iterator[Became]:
    """Give what the line of a branch became; nothing where it has no condition or is its only step."""
    if branch.condition is None or any(step.line == branch.line for step in branch.steps):
        return
    if branch.kind == "phase":
        yield Became(
            "phase", "phase: it applies, in this order", "a numbered comment or heading begins a phase",
            "It is shown with an owner who can be named; its steps stand below it.",
        )  # fmt: skip
    else:
        yield Became(
            "branch", "branch: a person picks it", "words such as “if” and “or” begin an alternative",
            "Its steps are offered under this condition; nothing of it runs until somebody picks it.",
        )  # fmt: skip
