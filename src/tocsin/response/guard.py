"""May this step run without a person? What its text does is judged in `guard/`; here is what a step adds to it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import msgspec

from tocsin.guard.judgement import RISKS, Risk
from tocsin.guard.placeholders import placeholder_in
from tocsin.guard.rewrites import Context, edited, one_restart
from tocsin.guard.rewrites_of_sql import mended
from tocsin.guard.ruling import Allowance, rule
from tocsin.runbook.policy import Runbook, Step
from tocsin.settings import LOCAL, Settings

TIMEOUT = timedelta(seconds=15)
SHELLS = frozenset({"bash", "sh", "shell"})
SQL = "sql"
_NOTHING = Allowance()
_QUOTED = re.compile(r'"([A-Za-z_]\w{0,62}?[A-Z]\w{0,62}|[A-Z]\w{0,62})\\?"')
_FILE = re.compile(r"\w[\w-]*(?:\.\w+)+")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a step may run by itself, and what would run.

    `because` holds parts of a sentence that complete "Not run because ..."; of an unattended step, what to know.
    `effective` is the text that would run, with `environment` besides; `rewritten` says how it differs from the
    document. `variables` are the environment variables that it names, without their values; those in `connects` hold
    the address of a database, whose password is kept out of the arguments. `files` are laid out for it, by name.
    `target` is where it would run; `by_hand`: nobody can start it from here.
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
    target: str = LOCAL
    by_hand: bool = False


def allowance(settings: Settings, runbook: Runbook, incident_type: str | None = None) -> Allowance:
    """Give what steps of an entry may use, and where they run; None stands for steps of no entry.

    What this machine lacks says nothing of another one, and no files are laid out over there.
    """
    machine, database = places(settings, incident_type)
    host = settings.hosts.get(machine)
    context = Context(
        absent=frozenset() if host else frozenset(settings.targets.absent),
        quoted=_quoted(runbook),
        files=() if host else tuple(_files(runbook).items()),
    )
    given = host.granted if host else settings.targets.granted
    return Allowance(given, settings.programs, context, tuple(_warnings(runbook)), machine, database)


def places(settings: Settings, incident_type: str | None) -> tuple[str, str | None]:
    """Give where commands of an entry run and where its SQL is asked: its own targets win over the default ones.

    Without either, commands run on this machine, and SQL is asked of the only database there is.
    """
    own = settings.incident_types.get(incident_type or "")
    named = (*(own.targets if own else ()), *settings.default_targets)
    machine = next((name for name in named if name == LOCAL or name in settings.hosts), LOCAL)
    only = next(iter(settings.databases)) if len(settings.databases) == 1 else None
    return machine, next((name for name in named if name in settings.databases), only)


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
    trouble = _step_trouble(step, source, allowed.database)
    if step.kind != "command" or (step.language not in SHELLS and not _is_asked(step, allowed.database)):
        return Verdict(unattended=False, risk="change", because=trouble, effective=source, timeout=timeout,
                       by_hand=step.kind == "command")  # fmt: skip
    if step.language == SQL:
        return _of_query(step, source, trouble, allowed)
    ruling = rule(source, allowance=allowed)
    tightened = _worse(ruling.risk, step.risk)
    if trouble or not ruling.unattended or tightened != "read":
        marked = () if tightened == ruling.risk else (f"the document marks it as `{step.risk}`",)
        warned = tuple(clause for text, clause in allowed.warnings if text.strip() == source)
        return Verdict(unattended=False, risk=tightened, because=(trouble or marked or ruling.because) + warned,
                       effective=source, timeout=timeout, variables=ruling.source.variables,
                       target=allowed.machine)  # fmt: skip
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
        target=allowed.machine,
    )


def _of_query(step: Step, source: str, trouble: tuple[str, ...], allowed: Allowance) -> Verdict:
    """Give the verdict on SQL that is sent to a configured database: a session there only reads."""
    new, says = mended(source, allowed.context.quoted)
    asked, ruling = new, rule(new, SQL, allowed)
    if not ruling.unattended:
        asked, says, ruling = source, (), rule(source, SQL, allowed)
    risk = _worse(ruling.risk, step.risk)
    marked = () if risk == ruling.risk else (f"the document marks it as `{step.risk}`",)
    alone = ruling.unattended and not trouble and risk == "read"
    return Verdict(
        unattended=alone,
        risk=risk,
        because=() if alone else trouble or marked or (*ruling.because, f"[targets.{allowed.database}] only reads"),
        effective=asked if alone else source,
        rewritten=f"Not quite as written: {', '.join(says)}." if alone and says else None,
        timeout=min(step.timeout or TIMEOUT, TIMEOUT),
        target=allowed.database or LOCAL,
        by_hand=not alone,
    )


def _is_asked(step: Step, database: str | None) -> bool:
    return step.language == SQL and database is not None


def _worse(risk: Risk, marked: str | None) -> Risk:
    """Give the worse of what a text does and what the document says; words that are not known count as a change."""
    if marked is None:
        return risk
    said: Risk = next((one for one in RISKS if one == marked), "change")
    return max(risk, said, key=RISKS.index)


def _step_trouble(step: Step, source: str, database: str | None = None) -> tuple[str, ...]:
    """Give what speaks against the step before its words are looked at."""
    blank = placeholder_in(source)
    if step.kind != "command" or not source:
        return ("it is nothing that a computer can run: a person does it",)
    if blank:
        return (f"`{blank}` in it has to be filled in first",)
    if not step.executable:
        return (step.why_not or "it is not a complete command",)
    if step.language not in SHELLS and not _is_asked(step, database):
        return (f"it is {step.language} text and no command says where to send it",)
    return ()
