"""What an entry owes its reader beside its commands: a way back, a proof, a rehearsal, true annotations."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from tocsin.runbook.commands import Command, commands
from tocsin.runbook.durations import spoken
from tocsin.runbook.effects import RANK
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Finding, Runbook

STALE_AFTER = timedelta(days=180)
_MARKS = r"^[\s#*>_|`-]*(?:[0-9]{1,2}[.)]\s*)?[*_]*"
_WAY_BACK = re.compile(
    rf"{_MARKS}(?:roll(?:ing)?[ -]?back|undo|revert(?:ing)?|back[ -]?out|way back|if (?:it|this|that) "
    r"(?:fails|goes wrong|does not (?:help|work)|makes it worse))\b|\bto (?:roll back|undo|revert)\b|\brollback=|"
    r"\b(?:restore[ds]?|brings?)\b.*\b(?:backup|snapshot|dump|saved|back)\b",
    re.IGNORECASE,
)
_PROOF = re.compile(
    rf"{_MARKS}(?:verif(?:y|ication|ied)|confirm|validat(?:e|ion)|smoke test|post[ -]?check|"
    r"check (?:that|whether|afterwards)|(?:resolved|done|fixed|over|closed) when|success criteri|expected)|"
    r"\bmake sure\b|\btocsin:resolved-when\b",
    re.IGNORECASE,
)


def check_entries(runbook: Runbook, ledger: Ledger) -> None:
    """Record what entries lack around their commands."""
    found = tuple(commands(runbook))
    for command in found:
        _check_way_back(command, ledger)
        _check_annotation(command, ledger)
    _check_step_names(runbook, ledger)
    _check_rehearsed(runbook, ledger)


def _check_way_back(command: Command, ledger: Ledger) -> None:
    if command.effects.risk != "destructive":
        return
    lines = _around(command, ledger)
    missing = [
        what for what, words in (("way back", _WAY_BACK), ("check afterwards", _PROOF))
        if not any(words.search(line) for line in lines)
    ]  # fmt: skip
    if missing:
        ledger.error(
            "RB140", command.step.line,
            f"This cannot be undone ({command.effects.because}), and the entry names no {' and no '.join(missing)}.",
            at=command.step.source,
        )  # fmt: skip


def _around(command: Command, ledger: Ledger) -> list[str]:
    """Give the lines of the entry, or of the section, without those of the command itself."""
    step, entry = command.step, command.entry
    first, last = (entry.line, entry.end_line) if entry else _section(step.line, ledger)
    numbered = enumerate(ledger.written[first - 1 : last], first)
    return [line for number, line in numbered if not step.line <= number <= step.end_line]


def _section(line: int, ledger: Ledger) -> tuple[int, int]:
    heads = [n for n, text in enumerate(ledger.written, 1) if re.match(r"#{1,6} [A-Z]", text)]
    first = max((n for n in heads if n <= line), default=1)
    return first, min((n - 1 for n in heads if n > line), default=len(ledger.written))


# -- annotations

_RISKS = {"read": 0, "readonly": 0, "read-only": 0, "safe": 0, "none": 0, "change": 1, "mutate": 1, "mutating": 1,
          "write": 1, "destructive": 2, "dangerous": 2}  # fmt: skip
_STEP = re.compile(r"<!--\s*tocsin:step\b(?P<rest>[^>]*)-->")
_NAME = re.compile(r"""\bname=(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
NEAR = 40


def _check_annotation(command: Command, ledger: Ledger) -> None:
    """A risk that a person wrote may be higher than what the text shows, never lower."""
    step, does = command.step, command.effects
    if step.risk is None:
        return
    line = next(
        (n for n in range(step.line, max(step.line - NEAR, 0), -1) if _STEP.search(_text(n, ledger))), step.line
    )
    claimed = _RISKS.get(step.risk.casefold())
    if claimed is None:
        ledger.error(
            "RB301", line, f'"{step.risk}" is no risk, so it is ignored; write read, change or destructive.',
            at=step.risk,
        )  # fmt: skip
    elif claimed < RANK[does.risk] and "opaque" not in does.flags:
        ledger.error(
            "RB302", line,
            f'The annotation calls this "{step.risk}", but {does.because or "it does more"}: it counts as '
            f"{does.risk}.", at=f"risk={step.risk}",
        )  # fmt: skip


def _text(number: int, ledger: Ledger) -> str:
    return ledger.written[number - 1] if number <= len(ledger.written) else ""


def _check_step_names(runbook: Runbook, ledger: Ledger) -> None:
    for entry in runbook.incident_types:
        seen: dict[str, int] = {}
        for number in range(entry.line, entry.end_line + 1):
            for note in _STEP.finditer(_text(number, ledger)):
                found = _NAME.search(note["rest"])
                name = next((part for part in found.groups() if part), "") if found else ""
                if name in seen:
                    ledger.error(
                        "RB003", number,
                        f"Two steps of this entry are called {name} (the first on line {seen[name]}), so nobody can "
                        "tell which one is meant; rename one.", at=name,
                    )  # fmt: skip
                elif name:
                    seen[name] = number


# -- rehearsals

_REHEARSED = re.compile(
    rf"{_MARKS}(?:last\s+|recently\s+)?(?P<what>rehears\w*|drill\w*|exercis\w*|practi[cs]ed|game[ -]?day|tabletop|"
    r"fire[ -]drill|tested|dry[ -]run)(?:\s+(?:on|at|last))?[*_\s]*(?::|=|\s(?=[0-9]{4}-)|\|)[*_\s]*(?P<when>.*)$",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\b(?:never|not (?:yet|so far)|none|no|tbd|todo|n/?a|pending|unknown)\b|^\W*$|\?", re.IGNORECASE)
_DATE = re.compile(r"\b(?P<year>20[0-9]{2})-(?P<month>[01][0-9])(?:-(?P<day>[0-3][0-9]))?\b", re.ASCII)


class Rehearsal(NamedTuple):
    """What an entry says of its last rehearsal; `on` None when it gives no date, `never` when it was never one."""

    line: int
    text: str
    on: date | None
    never: bool


def claim_rehearsals(ledger: Ledger) -> None:
    """Count the lines that tell of rehearsals as understood."""
    for number, line in enumerate(ledger.written, 1):
        if _REHEARSED.match(line):
            ledger.claim(number)


def rehearsals(runbook: Runbook, lines: tuple[str, ...]) -> dict[str, list[Rehearsal]]:
    """Give what is said of rehearsals for each entry id: by the entry, else by the document for all of them."""
    told: dict[str, list[Rehearsal]] = {entry.id: [] for entry in runbook.incident_types}
    for_all: list[Rehearsal] = []
    for number, line in enumerate(lines, 1):
        found = _REHEARSED.match(line)
        if found is None:
            continue
        when = plain(found["when"])
        dated = _DATE.search(when)
        one = Rehearsal(number, when, _date(dated) if dated else None, dated is None and bool(_NEVER.search(when)))
        inside = next((e for e in runbook.incident_types if e.line <= number <= e.end_line), None)
        (told[inside.id] if inside is not None else for_all).append(one)
    return {entry: own or for_all for entry, own in told.items()}


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        return None


def _check_rehearsed(runbook: Runbook, ledger: Ledger) -> None:
    told = rehearsals(runbook, ledger.written)
    for entry in runbook.incident_types:
        never = next((one for one in told[entry.id] if one.never), None)
        if never is not None:
            ledger.warn("RB220", never.line, f'The entry "{entry.title}" was never rehearsed', at=never.text)
        elif not told[entry.id]:
            ledger.warn("RB220", entry.line, f'The entry "{entry.title}" does not say when it was last rehearsed')


def stale(runbook: Runbook, lines: tuple[str, ...], today: date) -> list[Finding]:
    """Give RB220 for each entry whose last rehearsal is too long ago."""
    found = []
    told = rehearsals(runbook, lines)
    for entry in runbook.incident_types:
        dated = [(one.on, one.line) for one in told[entry.id] if one.on is not None]
        last = max(dated, default=None)
        if last is not None and today - last[0] > STALE_AFTER:
            found.append(Finding(
                code="RB220", level="warning", line=last[1],
                message=f'The entry "{entry.title}" was last rehearsed {spoken(today - last[0])} ago',
            ))  # fmt: skip
    return found
