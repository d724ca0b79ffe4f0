"""May this text run without a person? Deny by default: only calls that are written down as reading, fully understood.

The judgement is about the text alone. Whatever is not read with certainty is `unknown`, and a person decides.
"""

import msgspec

from tocsin.guard.allowed import ENVIRONMENT
from tocsin.guard.calls import Call, Pipelines, Unclear, calls_in
from tocsin.guard.endless import hangs
from tocsin.guard.fitting import Edit, Fit, No, fit


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """That a text may run by itself, as `effective`, with `environment` besides.

    `says` is how the effective text differs, `notes` what to know, `variables` the names that it expands.
    """

    effective: str
    says: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def permission(source: str, granted: frozenset[str]) -> Permit | No:
    """Give how a shell text may run without a person, or why not. `granted` are the variables that it may use."""
    calls = calls_in(source)
    if isinstance(calls, Unclear):
        return No("unknown", calls.because)
    fits = [_explained(source, call, fit(source, call, granted)) for pipeline in calls for call in pipeline]
    troubles = [found for found in fits if isinstance(found, No)]
    if troubles:
        return next((t for risk in ("change", "unknown", "read") for t in troubles if t.risk == risk), troubles[0])
    good = [found for found in fits if isinstance(found, Fit)]
    effective, says = _edited(source, [edit for found in good for edit in found.edits])
    hang = next(iter(hangs(effective)), None)
    if hang:
        return No("unknown", f"{hang.what}, so it would not end by itself")
    return Permit(
        effective=effective,
        says=says,
        notes=tuple(dict.fromkeys(note for found in good for note in found.notes)),
        variables=tuple(dict.fromkeys(n for p in calls for call in p for word in call.words for n in word.variables)),
        environment=_environment(calls),
    )


def _environment(calls: Pipelines) -> tuple[tuple[str, str], ...]:
    names = dict.fromkeys(call.name for pipeline in calls for call in pipeline)
    return tuple(pair for name in names for pair in ENVIRONMENT.get(name, ()))


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
