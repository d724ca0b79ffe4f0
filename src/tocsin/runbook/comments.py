"""What a comment line in a shell fence says: a title, a condition, a phase, a manual step, another file's text."""

import re
from typing import Literal, NamedTuple

from tocsin.runbook.names import plain

Sort = Literal["condition", "phase", "prohibition", "file", "code", "remark", "example", "edit", "plain"]

CONDITION = re.compile(
    r"^(?:(?:if|when|unless|or|otherwise|else|alternatively|in case)\b(?!\w)|(?:as a )?last resort\b|"
    r"(?:immediate(?:ly)?|short[ -]term|long[ -]term|option [a-z0-9]+|alternative|fallback|plan [a-z])\s*:)",
    re.IGNORECASE,
)
PROHIBITION = re.compile(
    r"^(?:(?:warning|caution|important)\W+)?(?:don'?t|do not|never|must not|avoid)\b", re.IGNORECASE
)
_PHASE = re.compile(r"^(?:(?:step|phase)\s+)?[0-9]{1,2}[.):]\s+(?P<title>\S.*)$", re.IGNORECASE | re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]?\])\s+")
_EXAMPLE = re.compile(r"^(?:example|e\.g\.|for example|for instance)\b", re.IGNORECASE)
_EDIT = re.compile(
    r"^\.\.\.|\.\.\.$|^\(.*\b(?:edit|change|fix|by hand)\b.*\)$|\b(?:edit|change|fix)\b.*\bby hand\b|^now edit\b",
    re.IGNORECASE,
)
_FILE_NAME = r"[\w./-]*\w\.(?:[a-z]{2,4}|conf|toml|json|properties)"
_FILE = re.compile(
    rf"^(?:(?:add|append|put|write|paste)\b.*\b(?:to|in|into)\s+)?(?P<path>{_FILE_NAME})\s*:$", re.IGNORECASE
)
_CODE = re.compile(r"[;{]\s*$|^\s*[})\]]+[;,]?\s*[)};,]*$|^\s*\w+\([^)]*\)\s*;?$|^\s*[\w.-]+\s*[:=]\s*\S+,?$|^\s{2,}\S")


class Remark(NamedTuple):
    """One comment line, judged. `text` is without bullet and phase number; `raw` is as written."""

    sort: Sort
    text: str
    raw: str
    line: int
    bulleted: bool = False


def judge(lines: list[tuple[str, int]]) -> list[Remark]:
    """Judge a run of comment lines, given as (text, line); what follows a file's name belongs to that file."""
    judged: list[Remark] = []
    for index, (raw, line) in enumerate(lines):
        text = _BULLET.sub("", raw.strip())
        sort = _sort(text, raw, lines, index)
        inside = bool(judged) and judged[-1].sort in ("file", "code")
        if inside and (judged[-1].sort == "file" or _CODE.search(raw)):
            sort = "code"
        if sort == "phase":
            text = _phase_title(text)
        judged.append(Remark(sort, plain(text) if sort != "code" else raw, raw, line, text != raw.strip()))
    return judged


def _sort(text: str, raw: str, lines: list[tuple[str, int]], index: int) -> Sort:
    tests: tuple[tuple[Sort, bool], ...] = (
        ("file", bool(_FILE.match(text)) and index + 1 < len(lines)),
        ("edit", bool(_EDIT.search(text))),
        ("phase", bool(_PHASE.match(text)) and _heads(lines, index)),
        ("prohibition", bool(PROHIBITION.match(text.replace("’", "'")))),  # noqa: RUF001 - the typographic apostrophe
        ("condition", bool(CONDITION.match(text))),
        ("example", bool(_EXAMPLE.match(text))),
        ("remark", text.startswith("(") and text.endswith(")") and index > 0),
        ("code", bool(re.search(r"[;{]\s*$|^[})\]]+[;,)]*$", raw)) and not raw[:1].isupper()),
    )
    return next((sort for sort, is_it in tests if is_it), "plain")


def _heads(lines: list[tuple[str, int]], index: int) -> bool:
    """A numbered comment heads a phase when it stands first and bullets follow, or when it shouts."""
    title = _phase_title(lines[index][0].strip())
    first_word = re.match(r"[A-Z]{3,}\b", title)
    follows = lines[index + 1][0].strip() if index + 1 < len(lines) else ""
    return bool(first_word) or (index == 0 and bool(_BULLET.match(follows)))


def _phase_title(text: str) -> str:
    found = _PHASE.match(text)
    return found["title"] if found else text
