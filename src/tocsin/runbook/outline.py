"""Which section is what: the document's parts, found by title, by place and by what they hold."""

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.languages import language_of
from tocsin.runbook.leads import shown_in
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, unnumbered
from tocsin.runbook.procedures import is_to_do
from tocsin.runbook.roles import EDGE, EXACT, Role
from tocsin.runbook.sections import Section, reads_as_title
from tocsin.runbook.sorting import is_search_for_cause
from tocsin.runbook.titles import is_about_work, is_of_process, is_of_routine, is_of_severity, is_phase, names_trouble

PARTS: frozenset[Role] = frozenset({"symptoms", "diagnostics", "resolution"})
# What stands for itself wherever it appears; its title must say so clearly.
_OWN: frozenset[Role] = frozenset(
    {"severities", "escalation", "communication", "review", "commands", "contacts", "legal", "background"}
)
_OF_PROCEDURES: frozenset[Role] = frozenset({"procedure", "oncall", "prevention"})
_MANY = re.compile(
    r"\b(?:incidents|scenarios|issues|problems|failures|alerts|playbooks|runbooks|errors|entries)\b", re.IGNORECASE
)
_PLAYBOOK = re.compile(r"^\W*(?:playbook|runbook|incident|alert|scenario)\s*(?:[0-9]+\s*)?[:–—-]\s", re.IGNORECASE)  # noqa: RUF001 - dashes people type


MANY_ORDERS = 3


class Place(NamedTuple):
    """A section of steps that belongs to no entry, and the part of an entry that its steps would be."""

    section: Section
    role: Role | None


@dataclass(slots=True)
class Outline:
    """The sections of a document by what they are for, each list in document order.

    A section stands in one of them without those below it that stand for themselves. `procedures` holds every section
    that is read for steps once all else is read; what is of no known part is in `unknown` too.
    """

    severities: list[Section] = field(default_factory=list)
    escalation: list[Section] = field(default_factory=list)
    oncall: list[Section] = field(default_factory=list)
    entries: list[Section] = field(default_factory=list)
    communication: list[Section] = field(default_factory=list)
    review: list[Section] = field(default_factory=list)
    commands: list[Section] = field(default_factory=list)
    contacts: list[Section] = field(default_factory=list)
    legal: list[Section] = field(default_factory=list)
    background: list[Section] = field(default_factory=list)
    unknown: list[Section] = field(default_factory=list)
    top: list[Section] = field(default_factory=list)
    procedures: list[Place] = field(default_factory=list)


def outline(root: Section, ledger: Ledger) -> Outline:
    """Give the outline of a document."""
    walk = _Walk(root, ledger)
    walk.begin()
    return walk.found


class _Walk:
    def __init__(self, root: Section, ledger: Ledger) -> None:
        self.root, self.ledger = root, ledger
        self.found = Outline()
        self.steps = {id(child) for section in root.walk() if _is_of_steps(section) for child in section.children}

    def begin(self) -> None:
        if self.root.blocks:
            self.found.procedures.append(Place(self.root, None))
        if self._is_page(self.root):
            self._entry(_titled(self.root))
            return
        for child in self.root.children:
            self._visit(child, None)

    def _visit(self, section: Section, context: Role | None) -> None:
        role = _clear_role(section)
        if self._is_entry(section, context):
            self._entry(section)
        elif role in _OWN and section.level > 1:
            self._own(section, role)
        else:
            self._procedure(section, role, context)

    def _own(self, section: Section, role: Role) -> None:
        """Keep a section under its role; those below it that stand for themselves are visited on their own."""
        self.ledger.claim(section.line)
        foreign = [
            child for child in section.children
            if _stands_alone(child, role) or self._is_entry(child, role) or _lists_troubles(child)
        ]  # fmt: skip
        own = [child for child in section.children if not any(child is other for other in foreign)]
        kept = replace(section, children=own) if foreign else section
        getattr(self.found, role).append(kept)
        if role in ("communication", "review", "legal", "escalation", "severities", "commands"):
            self.found.procedures += [Place(part, None) for part in kept.walk()]
        for child in foreign:
            self._visit(child, role)

    def _entry(self, section: Section) -> None:
        """Keep an entry; what below it speaks of more than this entry is kept under its own role too."""
        self.found.entries.append(section)
        for child in section.children:
            role = child.role if child.sureness >= (EDGE if child.is_label else EXACT) else None
            if role in _OWN and role not in ("severities", "escalation") and not is_search_for_cause(child):
                self._own(child, role)
            elif role in _OF_PROCEDURES:
                self.found.procedures += [Place(part, None) for part in child.walk()]

    def _procedure(self, section: Section, role: Role | None, context: Role | None) -> None:
        self._place(section, role)
        below = _below(section, role, context)
        self.found.procedures.append(Place(section, below))
        for child in section.children:
            self._visit(child, below)

    def _place(self, section: Section, role: Role | None) -> None:
        """Keep a section that is no part of its own where the severities may look for theirs, or as not understood."""
        if role == "oncall":
            self.found.oncall.append(section)
        if section.level == 1 and role not in ("oncall", "procedure"):
            self.found.top.append(section)
        known = role is not None or is_phase(section.title) or is_of_severity(section.title)
        if known or section.level == 1:
            self.ledger.claim(section.line)
        else:
            self.found.unknown.append(section)

    # -- is it an entry?

    def _is_entry(self, section: Section, context: Role | None) -> bool:
        if any(note.what == "incident" for note in section.annotations):
            return True
        if section.is_label or is_phase(section.title) or is_of_severity(section.title):
            return False
        if (is_about_work(section.title) or id(section) in self.steps) and not _has_symptoms(section):
            return False
        if section.level == 1:
            return self._is_page(section) or (not _is_of_parts(section, context) and self._is_narrative(section))
        return not _is_of_parts(section, context) and _is_entry_below(section, context)

    def _is_page(self, section: Section) -> bool:
        """Tell a page about one alert or trouble: its parts are the page's chapters."""
        parts = _parts(section, sure=EXACT) | ({"symptoms"} if _has(section, "impact") else set())
        parts |= {part for child in section.children if child.role == "causes" for part in _within(child)}
        of_work = is_of_process(section.title) or is_of_routine(section.title)
        if len(parts) < 2 or (of_work and not _has_symptoms(section)):  # noqa: PLR2004 - one is chance
            return False
        return not any(_has(section, role) for role in ("incidents",))

    def _is_narrative(self, section: Section) -> bool:
        """Tell a page that tells of one trouble in its own words, with no entry below its title."""
        if not names_trouble(section.title) and not _is_playbook(section):
            return False
        if begins_with_order(section.title) or not _acts(section):
            return False
        return not any(
            self._is_entry(below, None) or (below.role == "severities" and not below.is_label)
            for below in section.walk()
            if below is not section
        )


def named(root: Section, ledger: Ledger) -> Section:
    """Give a document without a heading as its title the name in its first line, where that reads as one."""
    first = root.blocks[0] if root.blocks else None
    alone = len(root.blocks) == 1 and not root.children
    if first is None or first.kind != "paragraph" or alone or any(child.level == 1 for child in root.children):
        return root
    if not reads_as_title(first.text) or begins_with_order(first.text):
        return root
    ledger.claim_block(first)
    return replace(root, title=unnumbered(first.text), line=first.line, blocks=root.blocks[1:])


def _titled(root: Section) -> Section:
    """Give the root as a section: under its first heading where that is a mere title, with all that follows."""
    first = root.children[0]
    if first.role not in PARTS and not first.children:
        return replace(
            root, title=first.title, line=first.line, blocks=[*root.blocks, *first.blocks], children=root.children[1:]
        )
    return root


def _is_of_parts(section: Section, context: Role | None) -> bool:
    """Tell whether a title says, in so many words, that the section is something else than an entry."""
    own = section.role if section.sureness == EXACT else None
    return own in _OWN or own in ("oncall", "incidents", "procedure") or (own in PARTS and context is None)


def _is_entry_below(section: Section, context: Role | None) -> bool:
    parts = _parts(section)
    if context == "incidents":
        return section.sureness < EXACT and (bool(parts) or not _holds_entries(section))
    if context in PARTS or context in _OWN:
        return "symptoms" in parts and len(parts) > 1
    if "symptoms" not in parts and (is_of_process(section.title) or section.role == "procedure"):
        return False
    trouble = (names_trouble(section.title) and not begins_with_order(section.title)) or _shows(section)
    if trouble and not parts:
        return _acts(section) and not _lists_troubles(section)
    return (len(parts) > 1 and _is_sure(section)) or trouble or (bool(parts) and _is_sure(section))


def _shows(section: Section) -> bool:
    """Tell a section that begins with what one sees in a log when it is needed."""
    return any(True for _ in shown_in(section.blocks[:3]))


def _below(section: Section, role: Role | None, context: Role | None) -> Role | None:
    """Give what the sections below may take from this one: entries of a list, or the part their steps are of."""
    listing = section.level > 1 and section.sureness < EXACT and role in (None, *PARTS) and _lists_troubles(section)
    if role == "incidents" or listing:
        if section.level > 1 and any(not child.is_label for child in section.children):
            return "incidents"
        return _part_of_list(section.title)
    if role in PARTS or role == "resolved":
        return "resolution" if role == "resolved" else role
    return context if context in PARTS else None


def _part_of_list(title: str) -> Role | None:
    """Give the part that the steps of a list of troubles without entries are of: "Troubleshooting", "Quick fixes"."""
    words = normal(title)
    if words.startswith("troubleshoot"):
        return "diagnostics"
    return "resolution" if re.search(r"\b(?:fixe?s|solutions?|remedies|workarounds)\b", words) else None


def _clear_role(section: Section) -> Role | None:
    role, sure = section.role, section.sureness
    if role == "background" and sure < EXACT:
        return None
    if role == "incidents" and sure < EXACT and not _MANY.search(section.title):
        return None
    if role == "incidents" and section.level == 1:
        return None
    return role if sure >= EDGE else None


def _stands_alone(section: Section, role: Role) -> bool:
    if role == "background":
        return not section.is_label
    own = section.role if section.sureness == EXACT else None
    return own in _OWN and own != role and own not in ("background", "legal") and not section.is_label


def _parts(section: Section, sure: int = EDGE) -> set[Role]:
    return {
        child.role for child in section.children
        if child.role in PARTS and child.sureness >= sure and not is_phase(child.title)
    }  # fmt: skip


def _within(causes: Section) -> set[Role]:
    """Give the parts that stand below each of the causes of a trouble."""
    return {role for part in causes.walk() for role in _parts(part, sure=EXACT)}


def _has(section: Section, role: Role) -> bool:
    return any(child.role == role and child.sureness == EXACT for child in section.children)


def _has_symptoms(section: Section) -> bool:
    """Tell whether a part is called so: a way of working has a chapter on detection too."""
    return any(normal(child.title).startswith("symptom") for child in section.children if not is_phase(child.title))


def _holds_entries(section: Section) -> bool:
    return any(not child.is_label and _parts(child) for child in section.children)


def _is_sure(section: Section) -> bool:
    """Tell whether a lone part makes an entry: many a chapter has its checks, but only a trouble has a diagnosis."""
    return any(
        child.role in PARTS and child.sureness == EXACT and not normal(child.title).startswith("check")
        for child in section.children
    )


def _lists_troubles(section: Section) -> bool:
    """Tell a heading over several troubles ("Common issues and fixes") from one of them."""
    return sum(not child.is_label and names_trouble(child.title) for child in section.children) > 1


def _is_of_steps(section: Section) -> bool:
    """Tell a section whose headings are steps: more of them give orders than name a trouble."""
    titles = [child.title for child in section.children if not child.is_label]
    orders = sum(begins_with_order(title) for title in titles)
    return orders >= MANY_ORDERS and orders > sum(
        names_trouble(title) for title in titles if not begins_with_order(title)
    )


def _is_playbook(section: Section) -> bool:
    return len(_parts(section)) > 0 and not is_of_process(section.title) and not is_of_routine(section.title)


def _acts(section: Section) -> bool:
    """Tell whether there is something to do below a heading."""
    return any(
        is_to_do(block) or (block.kind == "fence" and language_of(block.info)[0] != "other")
        for block in section.all_blocks()
    )
