"""What does not fit together once everything is read: gaps, contradictions and blanks in the policy."""

import re
from collections.abc import Collection, Iterator
from datetime import timedelta

from tocsin.guard.placeholders import placeholder_in_prose
from tocsin.runbook.boundaries import clashes
from tocsin.runbook.durations import DURATION, spoken
from tocsin.runbook.ignores import kept
from tocsin.runbook.inference import uncovered
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import normal, plain
from tocsin.runbook.outline import Outline
from tocsin.runbook.policy import Deadline, Finding, IncidentType, Runbook
from tocsin.runbook.promises import deadline_in
from tocsin.runbook.severities import SEVERITY_ID, canonical, is_urgent, severity_id_in
from tocsin.runbook.thresholds import threshold_in

LEGAL_FROM = timedelta(hours=24)
AUTHORITY_WITHIN = timedelta(hours=72)
_GDPR = re.compile(r"\bGDPR\b|\bDSGVO\b|\bRGPD\b|data protection|\bart(?:\.|icle)\s*3[34]\b", re.IGNORECASE)
_PERSONS = re.compile(
    r"\b(?:affected|users?|customers?|clients?|tenants?|persons?|people|individuals?|subjects?|patients?|members?)\b",
    re.IGNORECASE,
)
_LAW = re.compile(
    r"\b(?:GDPR|DSGVO|RGPD|HIPAA|CCPA|NIS ?2|PCI[ -]DSS|SOX|DORA|legally|by law|statutory|contractual)\b", re.IGNORECASE
)
_TELL = re.compile(
    r"\b(?:notif\w+|inform(?:ed|s|ing)?|told|tell|disclos\w+|report(?:ed|s)? to|announce\w*)\b", re.IGNORECASE
)
_REVIEW = re.compile(r"post[ -]?mortem|post[ -]incident|retrospective|\breview\b|root cause", re.IGNORECASE)
# Who does it, also where the contacts name nobody: a word for a person or a department of one's own.
_OWNER = re.compile(
    r"\b(?:legal(?: team| counsel)?|counsel|dpo|ciso|cto|ceo|cfo|coo|officer|lead|manager|owner|director|commander|"
    r"head of|compliance team|security team|press office|communications?(?: team| lead)?|support team|on ?call)\b"
)
_AUTHORITY = re.compile(r"authorit|regulat|supervis|commissioner|\bDPA\b", re.IGNORECASE)


def check(runbook: Runbook, found: Outline, ledger: Ledger) -> None:
    """Record what is missing or contradicts itself."""
    _unread(found, ledger)
    _uncovered(runbook, ledger)
    for entry in runbook.incident_types:
        _entry(entry, ledger)
    _thresholds(runbook, ledger)
    for clash in clashes(runbook.severities):
        ledger.warn("RB205", clash.line, f"{clash.sentence}, so people will disagree; let one of them include it.")
    _conflicts(runbook, ledger)
    _unreachable(runbook, ledger)
    _unread_numbers(ledger)
    _cadences(runbook, found, ledger)
    _legal(runbook, ledger)


def _unread(found: Outline, ledger: Ledger) -> None:
    for section in found.unknown:
        left = [b for b in section.blocks if b.kind != "comment" and b.line not in ledger.lines and b.text.strip()]
        if left and not section.is_label:
            ledger.info(
                "RB002", section.line,
                f'The section "{section.title}" is kept as notes, because its title and contents say no part of an '
                "incident process; rename it if it holds one.",
            )  # fmt: skip


def _uncovered(runbook: Runbook, ledger: Ledger) -> None:
    """Only what must be answered at once needs an entry of its own; without any entries there is nothing to miss."""
    if not runbook.incident_types:
        return
    entries = [(entry.title, tuple(s.text for s in entry.symptoms)) for entry in runbook.incident_types]
    for severity in runbook.severities:
        for criterion in uncovered(severity.criteria, entries) if is_urgent(severity.response) else ():
            ledger.error(
                "RB201", criterion.line,
                f'"{criterion.text}" has to be answered at once ({severity.id}), but no entry says what to do then; '
                "write one.",
            )  # fmt: skip


def _entry(entry: IncidentType, ledger: Ledger) -> None:
    if entry.severity is None:
        guess = "none can be inferred, because"
        if entry.inferred_severity:
            guess = f"{entry.inferred_severity} is inferred and in force until another is stated or configured, because"
        ledger.warn(
            "RB202", entry.line,
            f'The entry "{entry.title}" states no severity; {guess} {_because(entry)}.',
            f"<!-- tocsin:incident severity={entry.inferred_severity or 'P1'} -->",
        )  # fmt: skip
    if not entry.resolved_when:
        ledger.warn(
            "RB203", entry.line,
            f'The entry "{entry.title}" does not say when it is over, so nobody can tell a fix from a lull; '
            "add a line such as **Resolved when**: the health check answers for 5 minutes.",
        )  # fmt: skip
    rule = entry.escalation
    if rule is not None and rule.after is None and rule.trigger != "immediate":
        ledger.warn(
            "RB206", rule.line,
            f'"{rule.text}" gives no time, so the minutes of the general path hold; write how long to wait.',
        )  # fmt: skip


def _because(entry: IncidentType) -> str:
    if entry.severity_line is None:
        return entry.severity_because
    return f'it fits "{entry.severity_because}" (line {entry.severity_line})'


def _thresholds(runbook: Runbook, ledger: Ledger) -> None:
    texts = [(c.text, c.line) for severity in runbook.severities for c in severity.criteria]
    texts += [(s.text, s.line) for entry in runbook.incident_types for s in entry.symptoms if s.bound_to is None]
    for text, line in texts:
        limit = threshold_in(text)
        if limit is None or not limit.unit:
            continue
        if limit.unit == "x":
            missing = "what is normal"
        elif not DURATION.search(text.replace(f"{limit.value:g}{limit.unit}", "")):
            missing = "which metric that is, and for how long"
        else:
            continue
        ledger.warn(
            "RB204", line,
            f'"{text}" does not say {missing}, so nothing can watch it yet; bind it to a metric in the configuration.',
        )  # fmt: skip


def _conflicts(runbook: Runbook, ledger: Ledger) -> None:
    for level in runbook.escalation:
        within = level.responds_within
        other = next((s.id for s in runbook.severities if within and _differs(s.response, within)), None)
        if within and other:
            ledger.warn(
                "RB207", level.line,
                f"{level.id} answers within {spoken(within)} here, but {other} asks for another time; the severity's "
                "time holds. Name the severity this line is meant for.",
            )  # fmt: skip
    for entry in runbook.incident_types:
        _conflicting_rule(entry, runbook, ledger)


def _differs(response: object, within: timedelta) -> bool:
    after = getattr(response, "after", None)
    return response is not None and after != within


def _conflicting_rule(entry: IncidentType, runbook: Runbook, ledger: Ledger) -> None:
    rule = entry.escalation
    for target in rule.to if rule else ():
        level = runbook.level(target)
        if rule is None or level is None:
            continue
        if level.after is not None and rule.after is not None and level.after != rule.after:
            ledger.warn(
                "RB207", rule.line,
                f"{level.id} comes after {spoken(rule.after)} here and after {spoken(level.after)} in the general "
                f"path (line {level.line}); the entry's own time holds. Make them agree if that is not meant.",
            )  # fmt: skip
        if level.only_severity is not None and entry.severity != level.only_severity:
            this = f"is {entry.severity}" if entry.severity else "states none"
            ledger.warn(
                "RB207", rule.line,
                f"{target} is for {level.only_severity} only (line {level.line}), but this entry {this}; "
                "the entry's own rule holds. Change one of them if that is not meant.",
            )  # fmt: skip


def _unreachable(runbook: Runbook, ledger: Ledger) -> None:
    ledger.findings += unreachable(runbook, ())
    for contact in runbook.contacts:
        blank = placeholder_in_prose(contact.value) or next(iter(_NOTHING.findall(contact.value)), None)
        if blank is not None or not contact.value.strip():
            ledger.warn(
                "RB208", contact.line,
                f"{contact.name} cannot be reached: {blank or 'nothing'} stands where an address or a number should.",
                at=blank or contact.name,
            )  # fmt: skip


# A number that nobody can dial: +1-XXX-XXX-XXXX, (XXX) XXX-XXXX.
_UNDIALLED = re.compile(r"(?:\+[0-9]{1,3}[-. ]?)?\(?\bX{3}\)?[-. ]X{3,4}(?:[-. ]X{2,4})?\b")


def _unread_numbers(ledger: Ledger) -> None:
    """Record numbers to be filled in that stand outside the contacts."""
    known = {finding.line for finding in ledger.findings if finding.code in ("RB101", "RB208")}
    for number, line in enumerate(ledger.written, 1):
        found = _UNDIALLED.search(line)
        if found is not None and number not in known:
            ledger.warn("RB208", number, f"{found[0]} reaches nobody: the number was never written.", at=found[0])


def unreachable(runbook: Runbook, roles: Collection[str]) -> list[Finding]:
    """Give RB208 for each person or role that is called but has neither a contact nor a place among `roles`."""
    if not runbook.incident_types and not runbook.escalation:
        return []
    found: dict[str, Finding] = {}
    known = [normal(c.name) for c in runbook.contacts] + [normal(role) for role in roles]
    for names, line in called(runbook):
        key = normal(names[-1])
        if key in found or any(_same(normal(name), other) for name in names for other in known):
            continue
        found[key] = Finding(
            code="RB208", level="warning", line=line,
            message=f"{' / '.join(names)} is called, but the document says nowhere how to reach them; "
            "add a contact, or a role in tocsin.toml.",
        )  # fmt: skip
    return list(found.values())


def findings_with(runbook: Runbook, roles: Collection[str], severities: Collection[str]) -> tuple[Finding, ...]:
    """Give the findings that are left once a configuration fills blanks.

    `roles` are the roles somebody holds, `severities` the ids of the entries whose severity it states.
    """
    stated = {entry.line for entry in runbook.incident_types if entry.id in severities}
    before = unreachable(runbook, ())
    left = [f for f in runbook.findings if f not in before and not (f.code == "RB202" and f.line in stated)]
    still = kept(unreachable(runbook, roles), runbook.ignores)
    return tuple(sorted([*left, *still], key=lambda f: (f.line, f.code, f.message)))


def called(runbook: Runbook) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give everybody who is called, by all their names (level and role), with the line that says so."""
    for level in runbook.escalation:
        yield tuple(dict.fromkeys((level.id, level.role))), level.line
    for entry in runbook.incident_types:
        for target in entry.escalation.to if entry.escalation else ():
            if runbook.level(target) is None and entry.escalation:
                yield (target,), entry.escalation.line


def _same(name: str, other: str) -> bool:
    """Tell whether two names mean the same role: all words of one are in the other."""
    a, b = set(name.split()), set(other.split())
    return bool(a and b) and (a <= b or b <= a)


_NOTHING = re.compile(r"^\W*(?:tbd|tba|todo|n/?a|none|unknown|fill (?:me )?in|\?+|-+|\.\.\.)\W*$", re.IGNORECASE)


def _cadences(runbook: Runbook, found: Outline, ledger: Ledger) -> None:
    if not runbook.cadences:
        return
    named = {canonical(one[0]) for line in ledger.written for one in SEVERITY_ID.finditer(line)}
    known = {severity.id for severity in runbook.severities} | named
    if len(known) < 2:  # noqa: PLR2004 - one severity has one rhythm
        return
    spoken_for = {_severity_near(cadence.line, found) for cadence in runbook.cadences}
    if None in spoken_for or len(spoken_for) > 1:
        return
    first = runbook.cadences[0]
    ledger.info(
        "RB210", first.line,
        f"Updates are promised for {spoken_for.pop()} only; say how often the other severities are updated.",
    )  # fmt: skip


def _severity_near(line: int, found: Outline) -> str | None:
    """Give the severity named in the block that holds a line."""
    for top in found.communication:
        for block in top.all_blocks():
            if block.line <= line <= block.end_line:
                return severity_id_in(block.text)
    return None


def _legal(runbook: Runbook, ledger: Ledger) -> None:
    names = [normal(c.name) for c in runbook.contacts] + [normal(level.role) for level in runbook.escalation]
    titles = {step.line: step.title for e in runbook.incident_types for branch in e.resolution for step in branch.steps}
    for deadline in (*runbook.deadlines, *_unread_deadlines(runbook, ledger)):
        text = normal(titles.get(deadline.line, deadline.what))
        if deadline.what == "post-incident review" or deadline.within < LEGAL_FROM:
            continue
        if not any(name and name in text for name in names) and not _OWNER.search(text):
            ledger.warn(
                "RB211", deadline.line,
                f'"{deadline.what}" has to happen within {spoken(deadline.within)}, but nobody is named who does it; '
                "write the role.",
            )  # fmt: skip
        if _is_told_to_persons(deadline, titles.get(deadline.line, deadline.what)):
            ledger.warn(
                "RB212", deadline.line,
                f'"{deadline.what}" gets the {spoken(deadline.within)} of the GDPR, but they are the time to notify '
                "the supervisory authority; persons affected are told without undue delay. Write a line for each.",
            )  # fmt: skip


def _unread_deadlines(runbook: Runbook, ledger: Ledger) -> Iterator[Deadline]:
    """Give the duties to tell somebody that stand where nothing else is read: in notes and running text."""
    known = {deadline.line for deadline in runbook.deadlines}
    for number, line in enumerate(ledger.written, 1):
        if not _LAW.search(line) and not _TELL.search(line):
            continue
        text = plain(line.strip(" #*-|>"))
        duty = _LAW.search(text) or (_TELL.search(text) and (_PERSONS.search(text) or _AUTHORITY.search(text)))
        if number in known or not duty or _REVIEW.search(text):
            continue
        found = deadline_in(text, number)
        if found is not None:
            yield found


def _is_told_to_persons(deadline: Deadline, text: str) -> bool:
    """Tell whether the 72 hours of Article 33 GDPR are given to the persons affected, who have Article 34."""
    is_article_33 = deadline.within == AUTHORITY_WITHIN and _GDPR.search(text) is not None
    return is_article_33 and _PERSONS.search(text) is not None and _AUTHORITY.search(text) is None
