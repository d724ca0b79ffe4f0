"""May this step run without a person? What its text does is judged in `guard/`; here is what a step adds to it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import msgspec

from tocsin.guard.judgement import RISKS, Risk
from tocsin.guard.placeholders import placeholder_in
from tocsin.guard.rewrites import Context, edited, one_restart
from tocsin.guard.ruling import Allowance, rule
from tocsin.runbook.policy import Runbook, Step
from tocsin.settings import Settings

TIMEOUT = timedelta(seconds=15)
SHELLS = frozenset({"bash", "sh", "shell"})
_NOTHING = Allowance()
_QUOTED = re.compile(r'"([A-Za-z_]\w{0,62}?[A-Z]\w{0,62}|[A-Z]\w{0,62})\\?"')
_FILE = re.compile(r"\w[\w-]*(?:\.\w+)+")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a step may run by itself, and what would run.

    `because` holds parts of a sentence that complete "Not run because ..."; of an unattended step, what to know.
    `effective` is the text that would run, with `environment` besides; `rewritten` says how it differs from the
    document. `variables` are the environment variables that it names, without their values; those in `connects` hold
    the address of a database, whose password is kept out of the arguments. `files` are laid out for it, by name.
    """

    unattended: bool
    risk: Risk
    because: tuple[str, ...] = ()
    effective: str
    rewritten: str | None = None
    timeout: timedelta = TIMEOUT
    variables: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    connects: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def allowance(settings: Settings, runbook: Runbook) -> Allowance:
    """Give what steps may use: the variables and programs of the configuration, and what the document tells besides."""
    context = Context(
        absent=frozenset(settings.targets.absent), quoted=_quoted(runbook), files=tuple(_files(runbook).items())
    )
    return Allowance(frozenset(settings.targets.environment), settings.programs, context, tuple(_warnings(runbook)))


def _warnings(runbook: Runbook) -> Iterator[tuple[str, str]]:
    """Give a clause about each of two commands one after the other that would take a service away."""
    for branch in (branch for entry in runbook.incident_types for branch in entry.resolution):
        for one, other in pairwise(branch.steps):
            text = f"{one.source}\n{other.source}"
            edit = one_restart(text) if one.kind == other.kind == "command" else None
            if edit:
                clause = f"a deleted process cannot be started by its name; `{edited(text, [edit])}` does both"
                yield from ((one.source, clause), (other.source, clause))


def _quoted(runbook: Runbook) -> frozenset[str]:
    """Give the names with capital letters that the document's queries write in quotes."""
    queries = (step.source for step in runbook.steps() if step.language not in SHELLS or "psql" in step.source)
    return frozenset(found[1] for query in queries for found in _QUOTED.finditer(query) if found[1] != found[1].upper())


def _files(runbook: Runbook) -> dict[str, str]:
    """Give the files whose text stands in a comment of the document, under their names."""
    snippets = (step for step in runbook.steps() if step.kind == "snippet" and step.source)
    return {step.title: f"{step.source}\n" for step in snippets if _FILE.fullmatch(step.title)}


def judge(step: Step, allowed: Allowance = _NOTHING) -> Verdict:
    """Give whether a step may run without a person, and the text that would run.

    A risk or timeout that the document asks for can only tighten the judgement.
    """
    source = step.source.strip()
    timeout = min(step.timeout or TIMEOUT, TIMEOUT)
    trouble = _step_trouble(step, source)
    if step.kind != "command" or step.language not in SHELLS:
        return Verdict(unattended=False, risk="change", because=trouble, effective=source, timeout=timeout)
    ruling = rule(source, allowance=allowed)
    tightened = _worse(ruling.risk, step.risk)
    if trouble or not ruling.unattended or tightened != "read":
        marked = () if tightened == ruling.risk else (f"the document marks it as `{step.risk}`",)
        warned = tuple(clause for text, clause in allowed.warnings if text.strip() == source)
        return Verdict(unattended=False, risk=tightened, because=(trouble or marked or ruling.because) + warned,
                       effective=source, timeout=timeout, variables=ruling.source.variables)  # fmt: skip
    return Verdict(
        unattended=True,
        risk="read",
        because=ruling.because,
        effective=ruling.effective,
        rewritten=f"Not quite as written: {', '.join(ruling.says)}." if ruling.says else None,
        timeout=timeout,
        variables=ruling.variables,
        environment=ruling.environment,
        connects=ruling.connects,
        files=ruling.files,
    )


def _worse(risk: Risk, marked: str | None) -> Risk:
    """Give the worse of what a text does and what the document says; words that are not known count as a change."""
    if marked is None:
        return risk
    said: Risk = next((one for one in RISKS if one == marked), "change")
    return max(risk, said, key=RISKS.index)


def _step_trouble(step: Step, source: str) -> tuple[str, ...]:
    """Give what speaks against the step before its words are looked at."""
    blank = placeholder_in(source)
    if step.kind != "command" or not source:
        return ("it is nothing that a computer can run: a person does it",)
    if blank:
        return (f"`{blank}` in it has to be filled in first",)
    if not step.executable:
        return (step.why_not or "it is not a complete command",)
    if step.language not in SHELLS:
        return (f"it is {step.language} text and no command says where to send it",)
    return ()
