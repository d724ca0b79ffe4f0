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
_MARKS = r"^[\s#*>_|`-]*(?:[0-9]{1,2}[.)]\s*[*_]*)?"
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
    backs = _lines_with(_WAY_BACK, ledger)
    proofs = _lines_with(_PROOF, ledger)
    heads = [n for n, text in enumerate(ledger.written, 1) if re.match(r"#{1,6} [A-Z]", text)]
    for command in commands(runbook):
        if command.effects.risk == "destructive" and not _comes_back(command):
            _check_way_back(command, _around(command, heads, ledger), (backs, proofs), ledger)
        _check_annotation(command, ledger)
    _check_step_names(ledger)
    _check_rehearsed(runbook, ledger)


def _lines_with(words: re.Pattern[str], ledger: Ledger) -> list[int]:
    return [number for number, text in enumerate(ledger.written, 1) if words.search(text)]


def _check_way_back(
    command: Command, around: tuple[int, int], told: tuple[list[int], list[int]], ledger: Ledger
) -> None:
    """Record RB140 when nothing between the lines of `around` tells how to come back, or how to see that it worked."""
    step = command.step
    missing = [
        what for what, lines in zip(("way back", "check afterwards"), told, strict=True)
        if not any(
            around[0] <= number <= around[1] and not step.line <= number <= step.end_line for number in lines
        )
    ]  # fmt: skip
    if missing:
        ledger.error(
            "RB140", step.line,
            f"This cannot be undone ({command.effects.because}), and the entry names no {' and no '.join(missing)}.",
            at=step.source,
        )  # fmt: skip


# What only stops comes back when it is started, and what stands in these places is made anew.
_STOPS = re.compile(
    r"\b(?:stop|kill|pkill|killall|reboot|shutdown|poweroff|halt|restart)\b|--replicas[ =]0\b|"
    r"\bdelete\s+(?:pods?|po)\b|\bdelete\s+(?:pods?|po)/",
)
_FLEETING = re.compile(r"^(?:/tmp/|/var/tmp/|/run/|/var/run/|/dev/shm/)|\.(?:lock|pid|sock|tmp)$")


def _comes_back(command: Command) -> bool:
    """Tell whether all that is taken away comes back by a start, or by itself."""
    worst = [part for part in command.effects.parts if part.risk == "destructive"]
    return bool(worst) and all(_passes(command.step.source[part.start : part.end]) for part in worst)


def _passes(text: str) -> bool:
    words = text.split()
    paths = [word for word in words[1:] if not word.startswith("-")]
    removes = words[:1] in (["rm"], ["unlink"]) and bool(paths)
    return bool(_STOPS.search(text)) or (removes and all(_FLEETING.search(path) for path in paths))


def _around(command: Command, heads: list[int], ledger: Ledger) -> tuple[int, int]:
    """Give the first and the last line of the entry, or of the section between two headings."""
    line, entry = command.step.line, command.entry
    if entry is not None:
        return entry.line, entry.end_line
    first = max((head for head in heads if head <= line), default=1)
    return first, min((head - 1 for head in heads if head > line), default=len(ledger.written))


# -- annotations

_RISKS = {"read": 0, "readonly": 0, "read-only": 0, "safe": 0, "none": 0, "change": 1, "mutate": 1, "mutating": 1,
          "write": 1, "destructive": 2, "dangerous": 2}  # fmt: skip
_STEP = re.compile(r"<!--\s*tocsin:step\b(?P<rest>[^>]*)-->")
_NAME = re.compile(r"""\bname["']?\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{},]+))""")
_ATTRIBUTES = re.compile(r"^\s*(?:`{3,}|~{3,})\s*\w+\s*(?P<braces>\{.*)$")
_MALFORMED = re.compile(r"^[^}]*$|^(?:[^\"]*\"[^\"]*\")*[^\"]*\"[^\"]*$")
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


def _check_step_names(ledger: Ledger) -> None:
    """A step is asked for by its name, on the telephone too, so one name means one step of the document."""
    seen: dict[str, int] = {}
    for number, line in enumerate(ledger.written, 1):
        attributes = _ATTRIBUTES.match(line)
        if attributes is not None and _MALFORMED.search(attributes["braces"]):
            ledger.error(
                "RB301", number, "The attributes of this fence are not closed, so they are ignored; write "
                '{ name=restart } or {"name":"restart"}.', at=attributes["braces"],
            )  # fmt: skip
        for rest in (*(note["rest"] for note in _STEP.finditer(line)), attributes["braces"] if attributes else ""):
            found = _NAME.search(rest)
            name = next((part for part in found.groups() if part), "") if found else ""
            if name in seen:
                ledger.error(
                    "RB003", number,
                    f"Two steps are called {name} (the first on line {seen[name]}), so nobody can tell which one is "
                    "meant; rename one.", at=name,
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
