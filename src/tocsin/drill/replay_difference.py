"""What another version of the document makes of the same recording: only what is different, and by which lines."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tocsin.drill.replay_report import Page, PerPerson, Report, Story, Totals, lasting
from tocsin.explanation.differences import Edition, Row, text_difference
from tocsin.runbook.changes import changes
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings

_MOST_LINES = 6
"""So many lines of one document are named for one difference."""


class Cited(msgspec.Struct, frozen=True):
    """A line of one of the documents."""

    line: int
    text: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is different for one incident. `kind`: opens, entry, severity, restricted, pages, told, ends.

    `before` and `after` are the lines of the two documents that it rests on: those that were edited where there are
    any, else those the decision cites. `person` is whom it affects, None for nobody alone.
    """

    kind: str
    text: str
    person: str | None = None
    before: tuple[Cited, ...] = ()
    after: tuple[Cited, ...] = ()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that goes another way. `line` is the line of the recording it begins with."""

    line: int
    at: datetime
    before: str | None
    after: str | None
    title: str
    differences: tuple[Difference, ...]


class PersonChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is paged another number of times, or at night."""

    person: str
    name: str
    pages_before: int
    pages_after: int
    night_before: int
    night_after: int


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is different. `edited` is the number of lines that only one of the documents has.

    `policy` says in sentences what the edit changes in the document, whether this recording meets it or not.
    """

    incidents: tuple[Changed, ...]
    people: tuple[PersonChanged, ...]
    before: Totals
    after: Totals
    policy: tuple[str, ...]
    edited: int


class Side(NamedTuple):
    """One version of the document and what it made of the recording."""

    edition: Edition
    report: Report


def compare(before: Side, after: Side, settings: Settings) -> Compared:
    """Give what is different in `after`. Both are of the same recording."""
    edit = _Edit(before.edition, after.edition)
    pairs = _paired(before.report.incidents, after.report.incidents)
    found = (_changed(one, other, edit, settings) for one, other in pairs)
    old, new = before.report.totals, after.report.totals
    return Compared(
        incidents=tuple(one for one in found if one),
        people=tuple(_people(old.people, new.people)),
        before=old,
        after=new,
        policy=changes(before.edition.runbook, after.edition.runbook),
        edited=len(edit.gone) + len(edit.new),
    )


def _paired(before: Iterable[Story], after: Iterable[Story]) -> Iterator[tuple[Story | None, Story | None]]:
    """Give the incidents that begin with the same line, in the order of the recording's times."""
    old, new = ({story.lines[0]: story for story in stories if story.lines} for stories in (before, after))
    first = {line: (old.get(line) or new[line]).opened_at for line in old.keys() | new.keys()}
    for line in sorted(first, key=lambda line: (first[line], line)):
        yield old.get(line), new.get(line)


def _people(old: tuple[PerPerson, ...], new: tuple[PerPerson, ...]) -> Iterator[PersonChanged]:
    before, after = {one.person: one for one in old}, {one.person: one for one in new}
    for who in sorted(before.keys() | after.keys()):
        name = (before.get(who) or after[who]).name
        nothing = PerPerson(person=who, name=name, pages=0, night=0)
        a, b = before.get(who, nothing), after.get(who, nothing)
        if a != b:
            yield PersonChanged(
                person=who,
                name=name,
                pages_before=a.pages,
                pages_after=b.pages,
                night_before=a.night,
                night_after=b.night,
            )


# -- the lines a difference rests on


_Lines = tuple[set[int], set[int]]
"""Lines of the one document, and of the other."""

_Citations = tuple[tuple[Cited, ...], tuple[Cited, ...]]


class _Edit:
    """The lines that were edited, and for a decision those of them it rests on."""

    def __init__(self, before: Edition, after: Edition) -> None:
        self.before, self.after = before, after
        rows = text_difference(before.lines, after.lines)
        self.gone = {row.old for row in rows if row.kind == "gone" and row.old and row.text.strip()}
        self.new = {row.new for row in rows if row.kind == "new" and row.new and row.text.strip()}
        self._became = dict(_rewritten(rows))
        self._was = {new: old for old, new in self._became.items()}

    def cite(self, candidates: tuple[_Lines, ...], entries: tuple[str | None, ...]) -> _Citations:
        """Give lines of both documents: the first candidates of which any were edited, and of these those that were.

        The entries themselves are the last candidates. Without any edited line the first candidates are given as
        they are.
        """
        whole = _of(self.before.runbook, entries), _of(self.after.runbook, entries)
        for old, new in (*candidates, whole):
            gone, added = old & self.gone, new & self.new
            if gone or added:
                gone |= {self._was[line] for line in added if line in self._was}
                added |= {self._became[line] for line in gone if line in self._became}
                return self._cited(self.before, gone), self._cited(self.after, added)
        return self._cited(self.before, candidates[0][0]), self._cited(self.after, candidates[0][1])

    @staticmethod
    def _cited(edition: Edition, numbers: set[int]) -> tuple[Cited, ...]:
        shown = sorted(number for number in numbers if 1 <= number <= len(edition.lines))[:_MOST_LINES]
        return tuple(Cited(number, edition.lines[number - 1].strip()) for number in shown)


def _rewritten(rows: Iterable[Row]) -> Iterator[tuple[int, int]]:
    """Give the lines that were edited where they stand, before and after: as many are gone as are new."""
    for kind, block in groupby(rows, lambda row: row.kind in {"gone", "new"}):
        edited = list(block) if kind else []
        gone, new = ([row for row in edited if row.kind == name] for name in ("gone", "new"))
        if len(gone) == len(new):
            yield from ((a.old or 0, b.new or 0) for a, b in zip(gone, new, strict=True))


def _numbers(lines: Iterable[int | None]) -> set[int]:
    return {line for line in lines if line}


def _of(runbook: Runbook, entries: tuple[str | None, ...]) -> set[int]:
    found = [entry for entry in (runbook.incident_type(name) for name in entries) if entry]
    return {line for entry in found for line in range(entry.line, entry.end_line + 1)}


def _reasons(story: Story | None, runbook: Runbook) -> set[int]:
    """Give the lines that make an incident what it is: its entry, and the reasons for that and for its severity."""
    if story is None:
        return set()
    entry = runbook.incident_type(story.incident_type)
    cited = (why.line for why in (*story.because, story.severity_because))
    return _numbers((*cited, entry.line if entry else None))


def _timing(story: Story | None, runbook: Runbook) -> set[int]:
    """Give the lines that say when people are called for an incident: of its severity, and its entry's own rule."""
    if story is None:
        return set()
    entry, severity = runbook.incident_type(story.incident_type), runbook.severity(story.severity)
    rule = entry.escalation if entry else None
    return _numbers((severity.line if severity else None, rule.line if rule else None))


# -- one incident


def _changed(before: Story | None, after: Story | None, edit: _Edit, settings: Settings) -> Changed | None:
    story = before or after
    if story is None:
        return None
    differences = tuple(_Differences(before, after, edit, settings).all())
    if not differences:
        return None
    return Changed(
        line=story.lines[0],
        at=story.opened_at,
        before=before.id if before else None,
        after=after.id if after else None,
        title=(after or story).title,
        differences=differences,
    )


class _Differences:
    """Compares one incident with what the edit makes of it."""

    def __init__(self, before: Story | None, after: Story | None, edit: _Edit, settings: Settings) -> None:
        self._before, self._after, self._edit = before, after, edit
        self._zone = ZoneInfo(settings.timezone)
        self._entries = tuple(story.incident_type if story else None for story in (before, after))
        old, new = edit.before.runbook, edit.after.runbook
        self._why = _reasons(before, old), _reasons(after, new)
        self._timing = _timing(before, old), _timing(after, new)

    def all(self) -> Iterator[Difference]:
        a, b = self._before, self._after
        if a is None or b is None:
            text = f"opens {_named(b)} now" if b else f"opens {_named(a)} no more"
            yield self._difference("opens", text)
        else:
            yield from self._what_it_is(a, b)
        yield from self._reached(a.pages if a else (), b.pages if b else ())
        if a and b and _tellings(a) != _tellings(b):
            yield self._difference("told", _told_words(a, b))
        if a and b and (a.status, a.resolved_at) != (b.status, b.resolved_at):
            yield self._difference("ends", f"ends {self._end(b)} instead of {self._end(a)}")

    def _what_it_is(self, a: Story, b: Story) -> Iterator[Difference]:
        if a.incident_type != b.incident_type:
            yield self._difference("entry", f"matches {_entry(b)} instead of {_entry(a)}")
        if a.severity != b.severity:
            yield self._difference("severity", f"{b.severity} instead of {a.severity}: {b.severity_because.text}")
        if a.restricted != b.restricted:
            only = "only those concerned may see it" if b.restricted else "everybody may see it"
            yield self._difference("restricted", only)

    def _end(self, story: Story) -> str:
        return f"at {self._clock(story.resolved_at)}" if story.resolved_at else "never"

    def _difference(self, kind: str, text: str) -> Difference:
        before, after = self._edit.cite((self._why,), self._entries)
        return Difference(kind=kind, text=text, before=before, after=after)

    def _paged(self, text: str, old: tuple[Page, ...], new: tuple[Page, ...]) -> Difference:
        (a, b), edit = self._timing, self._edit
        own = a | _page_lines(old, edit.before.runbook), b | _page_lines(new, edit.after.runbook)
        both = own[0] | self._why[0], own[1] | self._why[1]
        # A call hangs on those before it, of other levels too: they come before the rest of the entry.
        path = _path_lines(edit.before.runbook), _path_lines(edit.after.runbook)
        candidates = (own, self._why, path) if self._is_the_same else (both, path)
        before, after = edit.cite(candidates, self._entries)
        return Difference(kind="pages", text=text, person=(new or old)[0].person, before=before, after=after)

    @property
    def _is_the_same(self) -> bool:
        """Give whether it has the same entry and severity: then who is paged hangs on the timing alone."""
        a, b = self._before, self._after
        return a is not None and b is not None and (a.incident_type, a.severity) == (b.incident_type, b.severity)

    # -- pages

    def _reached(self, before: tuple[Page, ...], after: tuple[Page, ...]) -> Iterator[Difference]:
        was, now = _by_person(before), _by_person(after)
        for key in dict.fromkeys((*was, *now)):
            old, new = was.get(key, ()), now.get(key, ())
            text = self._compared(old, new)
            if text:
                yield self._paged(text, old, new)

    def _compared(self, old: tuple[Page, ...], new: tuple[Page, ...]) -> str:
        first = (new or old)[0]
        who = f"{first.name} ({first.level}, {first.via})"
        if not old:
            return f"{who} is paged too, at {self._times(new)}"
        if not new:
            return f"{who} is no longer paged, which was at {self._times(old)}"
        parts = []
        if old[0].at != new[0].at:
            moved = new[0].at - old[0].at
            how = f"{lasting(abs(moved))} {'later' if moved > timedelta() else 'earlier'}"
            parts.append(f"is paged {how}, at {self._instead(new[0].at, old[0].at)}")
        if len(old) != len(new):
            parts.append(f"is paged {_times(len(new))} instead of {_times(len(old))}")
        if not parts and [page.at for page in old] != [page.at for page in new]:
            place = next(n for n, (a, b) in enumerate(zip(old, new, strict=True)) if a.at != b.at)
            parts.append(f"is paged again at {self._instead(new[place].at, old[place].at)}")
        return f"{who} {', and '.join(parts)}" if parts else ""

    def _times(self, pages: tuple[Page, ...]) -> str:
        more = len(pages) - 1
        return f"{self._clock(pages[0].at)}{f' and {_times(more)} more' if more else ''}"

    def _instead(self, at: datetime, before: datetime) -> str:
        """Give when, and when it was; the day of that only where it is another one."""
        here, there = (one.astimezone(self._zone) for one in (at, before))
        return f"{here:%a %d %b %H:%M} instead of {there:{'' if here.date() == there.date() else '%a %d %b '}%H:%M}"

    def _clock(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._zone):%a %d %b %H:%M}" if at else "never"


def _by_person(pages: tuple[Page, ...]) -> dict[tuple[str, str, str], tuple[Page, ...]]:
    def key(page: Page) -> tuple[str, str, str]:
        return page.person, page.level, page.via

    found = {name: tuple(group) for name, group in groupby(sorted(pages, key=key), key)}
    return dict(sorted(found.items(), key=lambda one: (one[1][0].at, one[0])))


def _page_lines(pages: tuple[Page, ...], runbook: Runbook) -> set[int]:
    """Give the lines that pages rest on, with those of their levels: where minutes and roles stand."""
    levels = (runbook.level(page.level) for page in pages)
    return _numbers((*(page.because.line for page in pages), *(level.line for level in levels if level)))


def _path_lines(runbook: Runbook) -> set[int]:
    return _numbers(level.line for level in runbook.escalation)


def _named(story: Story | None) -> str:
    return f"{story.severity} {story.title}" if story else ""


def _entry(story: Story) -> str:
    return story.title if story.incident_type else "no entry"


def _tellings(story: Story) -> list[tuple[str, str, datetime]]:
    return [(one.person, one.level, one.at) for one in story.told]


def _told_words(a: Story, b: Story) -> str:
    was, now = {one.name for one in a.told}, {one.name for one in b.told}
    parts = []
    if now - was:
        parts.append(f"{', '.join(sorted(now - was))} told too")
    if was - now:
        parts.append(f"{', '.join(sorted(was - now))} no longer told")
    return " and ".join(parts) or f"told at other times: {', '.join(sorted(now))}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
