"""How a replay and a difference of two are told: as text for somebody tired, as values for programs."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tocsin.drill.replay_difference import Changed, Cited, Compared, Difference, Side
from tocsin.drill.replay_lines import Deed, Recording
from tocsin.drill.replay_report import NIGHT_BEGINS, NIGHT_ENDS, NOISY_WITHIN, Heard, Page, Story, Totals, lasting
from tocsin.incident.facts import Because
from tocsin.runbook.durations import spoken
from tocsin.settings import Settings

_WIDE = 80
"""So many letters are in a line at most where its words allow it, also in a pipe; lines of the document are cut."""

_MOST_SHOWN = 50
"""So many incidents that go another way are told; the JSON has all of them."""

_MOST_REASONS = 3

_ENDS = {"acknowledged", "resolved", "cleared", "merged"}
"""What stops pages: it never causes one."""

_MOST_NAMED = 12
"""So many lines or incidents are named in one line of the totals; the JSON names all."""


class Told(NamedTuple):
    """What was replayed, for whom: the paths as given, after how long people answer, and the configuration if any."""

    runbook: str
    alerts: str
    answer: timedelta | None
    recording: Recording
    settings: Settings | None

    @property
    def zone(self) -> ZoneInfo:
        """Give the place whose clock is shown."""
        return ZoneInfo((self.settings or Settings()).timezone)

    def notes(self) -> Iterator[str]:
        """Give what was assumed, in sentences."""
        yield from self.recording.notes
        if self.settings is None:
            yield "there is no configuration: every page goes to the operator at the console; `tocsin init` writes one"
        if self.answer is not None:
            yield f"whoever is paged first answers {spoken(self.answer)} after the page (--answer)"
        elif not any(isinstance(line.said, Deed) and line.said.answers for line in self.recording.lines):
            yield f"nobody answers: no line of {self.alerts} says who did, and --answer was not given"


# -- for programs


def replay_shape(side: Side, told: Told) -> dict[str, Any]:
    """Give a replay as JSON values."""
    runbook = side.edition.runbook
    parts = {name: getattr(side.report, name) for name in ("totals", "attention", "incidents", "lines")}
    return {"runbook": {"path": told.runbook, "sha256": runbook.sha256}, "recording": _recording(told), **parts}


def difference_shape(compared: Compared, told: Told, other: str) -> dict[str, Any]:
    """Give a difference as JSON values."""
    return {
        "before": {"path": told.runbook, "totals": compared.before},
        "after": {"path": other, "totals": compared.after},
        "recording": _recording(told),
        "changes": bool(compared.incidents),
        "incidents": compared.incidents,
        "people": compared.people,
        "policy": compared.policy,
        "edited_lines": compared.edited,
    }


def _recording(told: Told) -> dict[str, Any]:
    lines = told.recording.lines
    return {
        "path": told.alerts,
        "lines": len(lines),
        "from": lines[0].at,
        "until": lines[-1].at,
        "answer_after": told.answer,
        "notes": list(told.notes()),
    }


# -- a replay for people


def replay_text(side: Side, told: Told) -> Iterator[str]:
    """Give a replay as lines."""
    report, name = side.report, Path(told.runbook).name
    yield from _heading(f"{name} on {told.alerts}", told)
    silent = [line for line in report.lines if line.what in {"held", "silenced", "nothing"}]
    for story in report.incidents:
        yield ""
        yield from _Telling(story, told).lines()
    if silent:
        yield ""
        for line in silent:
            yield from _wrapped(_silent(line, told), "  ")
    yield ""
    yield from _totals(report.totals)
    if report.attention:
        yield ""
        for text in report.attention:
            yield from _wrapped(f"ATTENTION  {text}", " " * 11)


def _heading(what: str, told: Told) -> Iterator[str]:
    lines, zone = told.recording.lines, told.zone
    yield from _wrapped(what, "  ")
    yield f"{_day(lines[0].at, zone)} to {_day(lines[-1].at, zone)}, {zone.key}"
    for note in told.notes():
        yield from _wrapped(f"Note: {note}.", "  ")


def _silent(line: Heard, told: Told) -> str:
    words = {"held": "held back by a silence", "silenced": "silence begins", "nothing": "changed nothing"}[line.what]
    about = f": {line.why}" if line.why else f": {line.summary}" if line.summary else ""
    return f"{_day(line.at, told.zone)}  {told.alerts}:{line.line} {words}{about}"


class _Telling:
    """Tells one incident."""

    def __init__(self, story: Story, told: Told) -> None:
        self._story, self._told = story, told

    def lines(self) -> Iterator[str]:
        story, zone = self._story, self._told.zone
        from_lines = _some(str(line) for line in story.lines)
        restricted = ", restricted" if story.restricted else ""
        title = f"{story.id}  {_day(story.opened_at, zone)}  {story.severity} {story.title}{restricted}"
        yield from _wrapped(f"{title}  ({self._told.alerts}:{from_lines})", "  ")
        rows = list(self._rows())
        wide = max(len(head) for head, _, _ in rows)
        for head, text, because in rows:
            place = f":{because.line}" if because and because.line else ""
            yield from _beside(f"  {head:<{wide}}  ", text, place)

    def _rows(self) -> Iterator[tuple[str, str, Because | None]]:
        story = self._story
        yield from (("entry", because.text, because) for because in story.because[:_MOST_REASONS])
        yield story.severity, story.severity_because.text, story.severity_because
        for at, _, word, text, because in sorted(self._events(), key=lambda event: event[:4]):
            yield f"{self._clock(at)} {word}".strip(), text, because
        if not story.pages:
            ended = ": it was over before anybody was to be called" if story.status == "resolved" else ""
            yield "nobody", f"was paged{ended}", None

    def _events(self) -> Iterator[tuple[datetime, int, str, str, Because | None]]:
        for page in self._story.pages:
            yield page.at, 1, "page", _paged(page), page.because
        for failed in self._story.failed:
            yield failed.at, 2, "FAILED", f"{failed.person} by {failed.via}: {failed.why}", None
        for told in self._story.told:
            yield told.at, 3, "told", f"{told.name} by {told.via} ({told.level}): {told.because.text}", told.because
        for change in self._story.changes:
            because = f" ({change.because.text})" if change.because else ""
            # What is due in the instant of a line comes before it, so a page does too.
            yield (
                change.at,
                4 if change.what in _ENDS else 0,
                "",
                self._change(change.what, f"{change.text}{because}"),
                change.because,
            )

    def _change(self, what: str, text: str) -> str:
        story = self._story
        if what == "resolved" and story.resolved_at:
            return f"after {lasting(story.resolved_at - story.opened_at)}, {text}{' [noise]' if story.noisy else ''}"
        return text

    def _clock(self, at: datetime) -> str:
        zone = self._told.zone
        here, opened = at.astimezone(zone), self._story.opened_at.astimezone(zone)
        twice = here.utcoffset() != here.replace(fold=1 - here.fold).utcoffset()  # in the night in which clocks go back
        clock = f"{here:%H:%M %Z}" if twice else f"{here:%H:%M}"
        return clock if here.date() == opened.date() else f"{here:%a %d %b} {clock}"


def _paged(page: Page) -> str:
    marks = [
        f"waited {lasting(page.waited)} for {page.waited_for}" if page.waited and page.waited_for else "",
        "nobody is in the level" if page.instead else "",
        "at night" if page.night else "",
    ]
    said = "; ".join(mark for mark in marks if mark)
    who = f"{page.name} by {page.via} ({page.level}{f', round {page.round}' if page.round > 1 else ''})"
    return f"{who}: {page.because.text}{f' [{said}]' if said else ''}"


def _totals(totals: Totals) -> Iterator[str]:
    night = f"({totals.night} at night, {NIGHT_BEGINS:%H:%M} to {NIGHT_ENDS:%H:%M})"
    counts = [_count(totals.alerts, "alert"), _count(totals.incidents, "incident"), _count(totals.pages, "page")]
    yield from _wrapped(f"{', '.join(counts)} {night}, {_count(totals.told, 'notification')}", "  ")
    wide = max((len(one.name) for one in totals.people), default=0)
    for one in totals.people:
        yield f"  {one.name:<{wide}}  {_count(one.pages, 'page')}, {one.night} at night"
    rows = (
        (f"ended by itself within {spoken(NOISY_WITHIN)}", totals.noisy),
        ("matched no entry, lines", totals.unmatched),
        ("held back by a silence, lines", totals.held),
        ("nobody answered", totals.unanswered),
    )
    for words, found in rows:
        if found:
            yield from _wrapped(f"  {len(found)} {words}: {_some(map(str, found), ', ')}", "    ")


# -- a difference for people


def difference_text(compared: Compared, told: Told, other: str) -> Iterator[str]:
    """Give a difference as lines."""
    yield from _heading(f"{other} instead of {told.runbook}, on {told.alerts}", told)
    yield ""
    if not compared.incidents:
        yield from _unchanged(compared, told)
        return
    changed, shown = len(compared.incidents), set[_Lines]()
    for one in compared.incidents[:_MOST_SHOWN]:
        yield from _changed(one, told, other, shown)
    if changed > _MOST_SHOWN:
        yield f"{changed - _MOST_SHOWN} more; --format json has all of them."
        yield ""
    yield f"{changed} of {_count(_most(compared), 'incident')} {'goes' if changed == 1 else 'go'} another way."
    before, after = compared.before, compared.after
    yield f"  pages {before.pages} -> {after.pages}, at night {before.night} -> {after.night}"
    for person in compared.people:
        nights = f", at night {person.night_before} -> {person.night_after}"
        yield f"  {person.name} {person.pages_before} -> {person.pages_after}{nights}"
    if len(before.unmatched) != len(after.unmatched):
        yield f"  alerts that match no entry {len(before.unmatched)} -> {len(after.unmatched)}"
    yield from _policy(compared)


def _most(compared: Compared) -> int:
    return max(compared.before.incidents, compared.after.incidents)


def _unchanged(compared: Compared, told: Told) -> Iterator[str]:
    totals = compared.before
    yield (
        f"Nothing changes for these alerts: the same {_count(totals.incidents, 'incident')} and "
        f"{_count(totals.pages, 'page')}, at the same times."
    )
    if compared.edited:
        yield f"The documents differ in {_count(compared.edited, 'line')} that nothing in {told.alerts} depends on."
    else:
        yield "The documents have the same lines."
    yield from _policy(compared)


def _policy(compared: Compared) -> Iterator[str]:
    if compared.policy:
        yield ""
        yield "The edit, whatever the alerts:"
        for text in compared.policy:
            yield from _wrapped(f"  {text}", "    ")


_Lines = tuple[tuple[Cited, ...], tuple[Cited, ...]]
"""Lines of the one document, and of the other."""


def _changed(one: Changed, told: Told, other: str, shown: set[_Lines]) -> Iterator[str]:
    names = " -> ".join(dict.fromkeys(name or "none" for name in (one.before, one.after)))
    yield from _wrapped(f"{_day(one.at, told.zone)}  {one.title}  ({names}, {told.alerts}:{one.line})", "  ")
    cited: _Lines | None = None
    for difference in one.differences:
        lines = (difference.before, difference.after)
        if cited is not None and lines != cited:
            yield from _cited(cited, told, other, shown)
        cited = lines
        yield from _wrapped(f"  {_said(difference)}", "    ")
    if cited is not None:
        yield from _cited(cited, told, other, shown)
    yield ""


def _said(difference: Difference) -> str:
    return f"{'' if difference.person else difference.kind + ': '}{difference.text}"


def _cited(lines: _Lines, told: Told, other: str, shown: set[_Lines]) -> Iterator[str]:
    """Give the lines it rests on; only their numbers where they stand above already."""
    same = Path(told.runbook).name == Path(other).name
    named = [
        (sign, path if same else Path(path).name, found)
        for sign, path, found in (("-", told.runbook, lines[0]), ("+", other, lines[1]))
    ]
    if lines in shown:
        places = "; ".join(
            f"{sign} {name}:{','.join(str(one.line) for one in found)}" for sign, name, found in named if found
        )
        yield from _wrapped(f"    {places}, as above", "      ") if places else ()
        return
    shown.add(lines)
    for sign, name, found in named:
        yield from (_short(f"    {sign} {name}:{one.line}  {one.text}") for one in found)


# -- words


def _short(text: str) -> str:
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"


def _wrapped(text: str, further: str, wide: int = _WIDE) -> list[str]:
    """Give words in lines that are no wider than that where they can be, later ones behind `further`."""
    return wrap(text, wide, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)


def _beside(head: str, text: str, place: str) -> Iterator[str]:
    """Give words behind a head, and the line of the document at the right of where they end."""
    *lines, last = _wrapped(f"{head}{text}", " " * len(head), _WIDE - (len(place) + 1 if place else 0)) or [head]
    yield from lines
    yield f"{last:<{_WIDE - len(place)}}{place}".rstrip()


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _some(words: Iterable[str], between: str = ",") -> str:
    every = list(words)
    left = len(every) - _MOST_NAMED
    return between.join(every[:_MOST_NAMED]) + (f" and {left} more" if left > 0 else "")
