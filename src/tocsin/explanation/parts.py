"""The parts of a document: what its headings and labels became, and the list of sections beside it."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from tocsin.explanation.became import Became
from tocsin.explanation.calling import Placed
from tocsin.runbook.document import parse
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.roles import Role
from tocsin.runbook.sections import Section, section_tree

_COMMANDS = ("alone", "click", "person", "refused")
_COUNTED: dict[Role, tuple[tuple[str, ...], str, str]] = {
    "severities": (("severity",), "severity", "severities"),
    "escalation": (("level",), "level", "levels"),
    "incidents": (("incident-type",), "entry", "entries"),
    "symptoms": (("symptom", "people", "unwatched"), "symptom", "symptoms"),
    "communication": (("template",), "template", "templates"),
    "contacts": (("contact",), "contact", "contacts"),
}


class Part(NamedTuple):
    """A section of the document as the list beside it shows it; `level` is its worst finding's, "" without any."""

    title: str
    line: int
    end_line: int
    level: str = ""
    findings: int = 0

    @property
    def lines(self) -> range:
        """Give its lines."""
        return range(self.line, self.end_line + 1)

    def counting(self, findings: Collection[Finding]) -> "Part":
        """Give the part with how many of its findings are of the worst level; remarks do not count."""
        levels = [finding.level for finding in findings]
        worst = next((level for level in ("error", "warning") if level in levels), "")
        return self._replace(level=worst, findings=sum(level == worst for level in levels))


def parts_of(root: Section, runbook: Runbook) -> tuple[Part, ...]:
    """Give the sections to jump to: the entries, and what stands beside them at the top."""
    entries = {entry.line for entry in runbook.incident_types}
    found = [part for child in root.children for part in _part(child, entries)]
    if len(found) == 1:  # a page about one alert has its parts below its only heading
        inside = next((section for section in root.walk() if section.level and section.line == found[0].line), root)
        found = [_whole(child) for child in inside.children if not child.is_label] or found
    return tuple(found)


def part_words(root: Section, known: Mapping[int, list[Became]]) -> Iterator[Placed]:
    """Give what the headings and labels became on whose line nothing else stands; counts are of what is below them."""
    for section in root.walk():
        if section.level and not known.get(section.line):
            yield section.line, _words(section, known)


def titles_of(root: Section) -> dict[int, str]:
    """Give the title of the innermost section around each line that has one."""
    found: dict[int, str] = {}
    starts = sorted((section.line, section.end_line, section.title) for section in root.walk() if section.level)
    for first, last, title in starts:
        found.update(dict.fromkeys(range(first + 1, last + 1), title))
    return found


def tree_of(lines: tuple[str, ...]) -> Section:
    """Give the sections of a document, as its reader sees them."""
    return section_tree(parse(lines), Ledger())


def _part(section: Section, entries: Collection[int]) -> Iterator[Part]:
    if section.is_label:
        return
    inside = any(one.line in entries for one in section.walk() if one is not section)
    if section.line in entries or (section.level > 1 and not inside):
        yield _whole(section)
        return
    for child in section.children:
        yield from _part(child, entries)


def _whole(section: Section) -> Part:
    return Part(section.title, section.line, section.end_line)


def _words(section: Section, known: Mapping[int, list[Became]]) -> Became:
    if section.level == 1:
        return Became("title", "the name of this runbook", "the first heading", "Pages and messages show it.")
    inside = [one for line in range(section.line, section.end_line + 1) for one in known.get(line, ()) if one.words]
    words = _counted(section.role, [one.kind for one in inside])
    if words:
        effect = "It says what the lines below it are."
        return Became("part", words, f"its title says what it is for: {section.role or 'steps'}", effect)
    if section.role == "background" or any(one.kind != "note" for one in inside):
        return Became("background", "", "a heading around what decides", "It is shown, and decides nothing.")
    return Became("note", "note", "its title is of no known part", "It is kept and shown, and decides nothing.")


def _counted(role: Role | None, kinds: list[str]) -> str:
    if role not in _COUNTED and "template" in kinds:
        role = "communication"
    if role in _COUNTED:
        wanted, one, many = _COUNTED[role]
        found = sum(kind in wanted for kind in kinds)
        watched = f", {found - kinds.count('unwatched')} watched" if role == "symptoms" and found else ""
        return f"{_number(found, one, many)}{watched}" if found else ""
    if set(kinds) & {"incident-type", "level", "severity"}:
        return ""  # a chapter over several parts
    choices = kinds.count("branch")
    phases = kinds.count("phase")
    if phases:
        return f"{_number(phases, 'phase', 'phases')}; all apply, in order"
    commands, alone, by_hand = sum(kind in _COMMANDS for kind in kinds), kinds.count("alone"), kinds.count("manual")
    counts = (
        (commands, _number(commands, "command", "commands")),
        (alone, f"{alone} by {'itself' if alone == 1 else 'themselves'}"),
        (by_hand, f"{by_hand} by hand"),
        (choices, f"{_number(choices, 'branch', 'branches')}; a person picks"),
    )
    return ", ".join(words for count, words in counts if count)


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
