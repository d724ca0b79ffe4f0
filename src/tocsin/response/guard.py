"""May this step run without a person? Deny by default: only calls that are written down as reading, fully understood.

The judgement is about the text alone. Whatever is not read with certainty is `unknown`, and a person decides.
"""

import re
from datetime import timedelta
from typing import Literal

import msgspec

from tocsin.response.allowed import ENVIRONMENT
from tocsin.response.calls import Call, Pipelines, Unclear, calls_in
from tocsin.response.fitting import Edit, Fit, No, fit
from tocsin.runbook.endless import hangs
from tocsin.runbook.placeholders import placeholder_in
from tocsin.runbook.policy import Step
from tocsin.runbook.shell import split

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
    names = tuple(dict.fromkeys(_VARIABLE.findall(_SINGLE.sub("", source))))
    no = _step_trouble(step, source)
    if no:
        return _refused(source, no, timeout, names)
    calls = calls_in(source)
    if isinstance(calls, Unclear):
        return _refused(source, No("unknown", calls.because), timeout, names)
    fits = [_explained(source, call, fit(source, call, granted)) for pipeline in calls for call in pipeline]
    troubles = [found for found in fits if isinstance(found, No)]
    if troubles:
        worst = next((t for risk in ("change", "unknown", "read") for t in troubles if t.risk == risk), troubles[0])
        return _refused(source, worst, timeout, names)
    good = [found for found in fits if isinstance(found, Fit)]
    effective, says = _edited(source, [edit for found in good for edit in found.edits])
    hang = next(iter(hangs(effective)), None)
    if hang:
        return _refused(source, No("unknown", f"{hang.what}, so it would not end by itself"), timeout, names)
    return Verdict(
        unattended=True,
        risk="read",
        because=tuple(dict.fromkeys(note for found in good for note in found.notes)),
        effective=effective,
        rewritten=f"Not quite as written: {', '.join(says)}." if says else None,
        timeout=timeout,
        variables=tuple(dict.fromkeys(n for p in calls for call in p for word in call.words for n in word.variables)),
        environment=_environment(calls),
    )


def _refused(source: str, no: No, timeout: timedelta, names: tuple[str, ...]) -> Verdict:
    because = (no.because,)
    return Verdict(unattended=False, risk=no.risk, because=because, effective=source, timeout=timeout, variables=names)


def _environment(calls: Pipelines) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(call.name for pipeline in calls for call in pipeline)
    return tuple(pair for name in names for pair in ENVIRONMENT.get(name, ()))


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


def _explained(source: str, call: Call, found: Fit | No) -> Fit | No:
    """Give the reason that helps most: of a command that never comes back, that it does not."""
    hang = next(iter(hangs(source[call.words[0].start : call.words[-1].end])), None)
    if hang is None or isinstance(found, Fit) or found.risk == "change":
        return found
    return No(found.risk, f"{hang.what}, so it would not end by itself")


def _edited(source: str, edits: list[Edit]) -> tuple[str, tuple[str, ...]]:
    """Give the source with the edits, and what they say, in the order in which they stand."""
    ordered = sorted(enumerate(edits), key=lambda pair: (pair[1].start, pair[0]))
    text, at = "", 0
    for _, edit in ordered:
        text += source[at : edit.start] + edit.text
        at = edit.end
    return text + source[at:], tuple(dict.fromkeys(edit.says for _, edit in ordered))
