"""What another version of the document changes: in what happens, and in its text.

Source: the runbook page, the difference between versions.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from tocsin.explanation.explain import judged_steps
from tocsin.explanation.paging import Paging, paging
from tocsin.explanation.steps import became_of_step
from tocsin.runbook.changes import changes
from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings

AROUND = 2
"""So many lines that stay are shown around those that change."""
_MOST_COMPARED = 4_000_000
"""Lines before times lines after: more is not compared line by line, because that would take minutes."""
_LONGEST_COMMAND = 80
_NOW = {
    "alone": "runs by itself", "click": "runs at a click", "person": "is started by a person", "refused": "is refused",
}  # fmt: skip
_BEFORE = {
    "alone": "ran by itself", "click": "ran at a click", "person": "was started by a person", "refused": "was refused",
}  # fmt: skip


class Row(NamedTuple):
    """A line of the difference. `old` and `new` are its numbers in the versions that have it."""

    kind: Literal["same", "gone", "new", "gap"]
    old: int | None
    new: int | None
    text: str


class Difference(NamedTuple):
    """What changes: who is paged, what runs by itself, what the policy says, and the text itself."""

    paged: tuple[str, ...]
    runs: tuple[str, ...]
    policy: tuple[str, ...]
    text: tuple[Row, ...]


class Edition(NamedTuple):
    """One version of the document: its policy and its decoded lines."""

    runbook: Runbook
    lines: tuple[str, ...]


def difference(old: Edition, new: Edition, settings: Settings, now: datetime) -> Difference:
    """Give what `new` changes. Who is paged is asked as if each entry opened at `now`, with today's settings."""
    return Difference(
        paged=_gathered(_paged(old.runbook, new.runbook, settings, now)),
        runs=_gathered(_run(old.runbook, new.runbook, settings)),
        policy=changes(old.runbook, new.runbook),
        text=text_difference(old.lines, new.lines),
    )


# -- what happens

_Said = tuple[str, str]
"""The title of an entry, and what changes for it."""


def _gathered(said: Iterable[_Said]) -> tuple[str, ...]:
    """Give one sentence for each change, naming all entries it is the same for."""
    titles: dict[str, list[str]] = defaultdict(list)
    for title, change in said:
        titles[change].append(title)
    return tuple(f"{_and(names)}: {change}" for change, names in titles.items())


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _paged(old: Runbook, new: Runbook, settings: Settings, now: datetime) -> Iterator[_Said]:
    for entry in new.incident_types:
        before = old.incident_type(entry.id)
        plan = paging(entry, new, settings, now)
        if before is None:
            calls = ", ".join(f"{one.who(settings)} {_when(one.after)}" for one in plan)
            yield entry.title, f"a new entry, which pages {calls or 'nobody'}"
        else:
            yield from ((entry.title, text) for text in _calls(paging(before, old, settings, now), plan, settings))
    for entry in old.incident_types:
        if new.incident_type(entry.id) is None:
            yield entry.title, "no entry any more, so nobody is paged for it by name"


def _calls(old: tuple[Paging, ...], new: tuple[Paging, ...], settings: Settings) -> Iterator[str]:
    before, after = {one.level: one for one in old}, {one.level: one for one in new}
    for level, one in after.items():
        if level not in before:
            yield f"pages {one.who(settings)} too, {_when(one.after)}"
        elif before[level].after != one.after:
            yield f"pages {one.who(settings)} {_when(one.after)} instead of {_when(before[level].after)}"
    for level, one in before.items():
        if level not in after:
            yield f"no longer pages {one.who(settings)}, which was {_when(one.after)}"


def _when(after: timedelta) -> str:
    return f"after {spoken(after)}" if after else "at once"


def _run(old: Runbook, new: Runbook, settings: Settings) -> Iterator[_Said]:
    before, after = _commands(old, settings), _commands(new, settings)
    for (title, source), kind in after.items():
        was = before.get((title, source))
        if kind != was and (was is not None or kind == "alone"):
            before_that = f", and {_BEFORE[was]} before" if was else ""
            yield title, f"`{_short(source)}` {_NOW[kind]}{before_that}"
    for (title, source), kind in before.items():
        if kind == "alone" and (title, source) not in after:
            yield title, f"`{_short(source)}` is not run any more"


def _commands(runbook: Runbook, settings: Settings) -> dict[tuple[str, str], str]:
    runs = settings.targets.run
    return {
        (title or "Useful commands", step.source.strip()): became_of_step(step, allowed, title, runs=runs).kind
        for step, title, allowed in judged_steps(runbook, settings)
        if step.kind == "command"
    }


def _short(source: str) -> str:
    line = source.splitlines()[0] if source else ""
    return f"{line[:_LONGEST_COMMAND]}…" if line != source or len(line) > _LONGEST_COMMAND else line


# -- the text


def text_difference(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Row, ...]:
    """Give the lines that change, each with a few that stay; a `gap` says how many lines are left out between."""
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    a, b = old[first : len(old) - last], new[first : len(new) - last]
    rows = [Row("same", n + 1, n + 1, old[n]) for n in range(first)]
    for kind, a1, a2, b1, b2 in _blocks(a, b):
        if kind == "equal":
            rows += [Row("same", first + a1 + n + 1, first + b1 + n + 1, a[a1 + n]) for n in range(a2 - a1)]
        else:
            rows += [Row("gone", first + n + 1, None, a[n]) for n in range(a1, a2)]
            rows += [Row("new", None, first + n + 1, b[n]) for n in range(b1, b2)]
    rows += [
        Row("same", len(old) - last + n + 1, len(new) - last + n + 1, old[len(old) - last + n]) for n in range(last)
    ]
    return tuple(_near(rows))


def _blocks(a: tuple[str, ...], b: tuple[str, ...]) -> list[tuple[str, int, int, int, int]]:
    if len(a) * len(b) > _MOST_COMPARED:
        return [("replace", 0, len(a), 0, len(b))]
    return list(SequenceMatcher(None, a, b, autojunk=False).get_opcodes())


def _common(old: tuple[str, ...], new: tuple[str, ...]) -> int:
    return next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _near(rows: list[Row]) -> Iterator[Row]:
    """Leave out what stays far from what changes."""
    kept: set[int] = set()
    for place, row in enumerate(rows):
        if row.kind != "same":
            kept.update(range(place - AROUND, place + AROUND + 1))
    skipped = 0
    for place, row in enumerate(rows if kept else ()):
        if place in kept:
            if skipped:
                yield Row("gap", None, None, f"{skipped} line{'s' if skipped > 1 else ''}")
            skipped = 0
            yield row
        else:
            skipped += 1
