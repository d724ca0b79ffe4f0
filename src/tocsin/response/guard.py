"""May this step run without a person? What its text does is judged in `guard/`; here is what a step adds to it."""

import re
from datetime import timedelta
from typing import Literal

import msgspec

from tocsin.guard.fitting import No
from tocsin.guard.permission import permission
from tocsin.guard.placeholders import placeholder_in
from tocsin.guard.shell import split
from tocsin.runbook.policy import Step

TIMEOUT = timedelta(seconds=15)
SHELLS = frozenset({"bash", "sh", "shell"})

_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_SINGLE = re.compile(r"'[^']*'")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a step may run by itself, and what would run.

    `because` holds parts of a sentence that complete "Not run because ..."; of an unattended step, what to know.
    `effective` is the text that would run, with `environment` besides; `rewritten` says how it differs from the
    document. `variables` are the environment variables that it names, without their values.
    """

    unattended: bool
    risk: Literal["read", "change", "unknown"]
    because: tuple[str, ...] = ()
    effective: str
    rewritten: str | None = None
    timeout: timedelta = TIMEOUT
    variables: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def judge(step: Step, granted: frozenset[str] = frozenset()) -> Verdict:
    """Give whether a step may run without a person, and the text that would run.

    `granted` are the environment variables that diagnostics may use. A risk or timeout that the document asks for
    can only tighten the judgement.
    """
    source = step.source.strip()
    timeout = min(step.timeout or TIMEOUT, TIMEOUT)
    found = _step_trouble(step, source) or permission(source, granted)
    if isinstance(found, No):
        names = tuple(dict.fromkeys(_VARIABLE.findall(_SINGLE.sub("", source))))
        return Verdict(unattended=False, risk=found.risk, because=(found.because,), effective=source,
                       timeout=timeout, variables=names)  # fmt: skip
    return Verdict(
        unattended=True,
        risk="read",
        because=found.notes,
        effective=found.effective,
        rewritten=f"Not quite as written: {', '.join(found.says)}." if found.says else None,
        timeout=timeout,
        variables=found.variables,
        environment=found.environment,
    )


def _step_trouble(step: Step, source: str) -> No | None:
    """Give what speaks against the step before its words are looked at."""
    blank = placeholder_in(source)
    because = None
    if step.kind != "command" or not source:
        because = "it is nothing that a computer can run: a person does it"
    elif blank:
        because = f"`{blank}` in it has to be filled in first"
    elif not step.executable:
        because = step.why_not or "it is not a complete command"
    elif step.language not in SHELLS:
        because = f"it is {step.language} text and no command says where to send it"
    elif step.risk not in {None, "read"}:
        return No("change", f"the document marks it as `{step.risk}`")
    elif any(part.broken for part in split(source)):
        because = "the shell grammar does not read it"
    return No("unknown", because) if because else None
