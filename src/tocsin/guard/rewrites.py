"""The same question, asked so that it ends: a command as written becomes one that may run without a person.

A rewrite never widens what a command does. It is an edit of the author's text with a phrase that says what differs, so
that people see both. Which commands may run is not decided here: the judge reads what comes out.
"""

import re
from itertools import pairwise

import msgspec

from tocsin.guard.calls import Pipelines, Unclear, calls_in

_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What is known besides the text.

    `granted`: environment variables that diagnostics may use. `absent`: programs that the machine has not, and
    options that its version of a program has not, such as `curl --fail-with-body`. `quoted`: names that the document
    writes in quotes somewhere, such as `Intent`. `files`: names of files whose text stands in the document,
    with that text.
    """

    granted: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()
    files: tuple[tuple[str, str], ...] = ()


class Edit(msgspec.Struct, frozen=True):
    """Text to put over `start` to `end` of the source; `says` completes "Not quite as written: ..."."""

    start: int
    end: int
    text: str
    says: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one call, or one pipeline, is to be changed into.

    `environment` is set for it; `connects` names the variables that hold the address of a database and go to nothing
    but its client; `files` are laid out for it. `inlined` are edits for the judge alone.
    """

    edits: tuple[Edit, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    connects: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    inlined: tuple[Edit, ...] = ()


class Rewriting(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it is run.

    `judged` is what the judge reads: the text, with the files that are laid out for it written into it. `says` are
    phrases for people. The runner puts the password of each address in `connects` where no other user sees it.
    """

    text: str
    judged: str
    says: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    connects: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


def rewrite(source: str, context: Context = Context()) -> Rewriting:  # noqa: B008, a frozen value
    """Give the text that asks the same and ends by itself; a text that is not read with certainty stays as it is."""
    from tocsin.guard.rewrites_of_programs import rewrites_of  # noqa: PLC0415, the table needs the types above

    calls = calls_in(source)
    if isinstance(calls, Unclear):
        return Rewriting(text=source, judged=source)
    asked = [found for pipeline in calls for found in rewrites_of(source, pipeline, context)]
    edits = [edit for found in asked for edit in found.edits]
    inlined = [edit for found in asked for edit in found.inlined]
    files = dict.fromkeys(name for found in asked for name in found.files)
    says = [edit.says for edit in sorted(edits, key=lambda edit: edit.start) if edit.says]
    says += [f"with `{name}` as the runbook gives it" for name in files]
    return Rewriting(
        text=edited(source, edits),
        judged=edited(source, [*edits, *inlined]),
        says=tuple(dict.fromkeys(says)),
        environment=tuple(dict.fromkeys(pair for found in asked for pair in found.environment)),
        connects=_connecting(calls, [name for found in asked for name in found.connects]),
        files=tuple((name, text) for name, text in context.files if name in files),
    )


def _connecting(calls: Pipelines, named: list[str]) -> tuple[str, ...]:
    """Give the variable that holds the address of the only database, if nothing else is given it."""
    used = [name for pipeline in calls for call in pipeline for word in call.words for name in word.variables]
    return tuple(set(named)) if len(set(named)) == 1 and used.count(named[0]) == len(named) else ()


def edited(source: str, edits: list[Edit]) -> str:
    """Give the source with the edits; of two at the same place, the one that was asked for first stands first."""
    text, at = "", 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        if edit.start >= at:
            text += source[at : edit.start] + edit.text
            at = edit.end
    return text + source[at:]


def one_restart(source: str) -> Edit | None:
    """Give the edit that makes one restart of `pm2 delete X` and `pm2 start X --flag` behind it.

    Once deleted, a process has no script any more that could be started by its name: the service would stay away.
    """
    calls = calls_in(source)
    if isinstance(calls, Unclear):
        return None
    for gone, back in pairwise(pipeline[0] for pipeline in calls if len(pipeline) == 1):
        removed, started = gone.texts, back.texts
        by_name = removed[:2] in {("pm2", "delete"), ("pm2", "del")} and started[:2] == ("pm2", "start")
        if by_name and removed[2:] == started[2:3] and _NAME.fullmatch(removed[2]):
            kept = source[back.words[1].end : back.words[-1].end]
            says = "one restart, because a deleted process cannot be started by its name"
            return Edit(gone.words[0].start, back.words[-1].end, f"pm2 restart{kept}", says)
    return None
