"""What a comment line in a shell fence says: a title, a condition, a phase, a manual step, another file's text."""

import re
from typing import Literal, NamedTuple

from tocsin.runbook.instructions import begins_with_order
from tocsin.runbook.names import plain

Sort = Literal[
    "condition", "phase", "prohibition", "file", "code", "remark", "example", "edit", "expected", "ruler", "plain"
]

CONDITION = re.compile(
    r"^(?:(?:if|when|unless|or|otherwise|else|alternatively|in case)\b(?!\w)|(?:as a )?last resort\b|"
    r"(?:immediate(?:ly)?|short[ -]term|long[ -]term|option [a-z0-9]+|alternative|fallback|plan [a-z])\s*:)",
    re.IGNORECASE,
)
PROHIBITION = re.compile(
    r"^(?:(?:warning|caution|important)\W+)?(?:don'?t|do not|never|must not|avoid)\b"
    r"(?!\s+(?:forget|hesitate|worry|be alarmed)\b)",
    re.IGNORECASE,
)
_PHASE = re.compile(r"^(?:(?:step|phase)\s+)?[0-9]{1,2}[.):]\s+(?P<title>\S.*)$", re.IGNORECASE | re.ASCII)
_BULLET = re.compile(r"^(?:[-*•]|\[[ xX]?\])\s+")
_EXAMPLE = re.compile(r"^(?:example|e\.g\.|for example|for instance)\b", re.IGNORECASE)
_EDIT = re.compile(
    r"^\.\.\.|\.\.\.$|^\(.*\b(?:edit|change|fix|by hand)\b.*\)$|\b(?:edit|change|fix)\b.*\bby hand\b|^now edit\b",
    re.IGNORECASE,
)
# What one sees when it went well: it belongs to the command above, and nobody has to do it.
_EXPECTED = re.compile(
    r"^(?:expected|expect|should|you should see|look(?:ing)? for|output|result|returns|sample output|example output|"
    r"shows|prints)\b(?=.*[:\w])",
    re.IGNORECASE,
)
# What a list of these is of is to be done; another one says what may be so.
_OF_STEPS = re.compile(
    r"\b(?:fix\w*|steps?|actions?|options?|solutions?|try|checks?|do|first|next|then|verify|in|via|using|from)\b",
    re.IGNORECASE,
)
_RULER = re.compile(r"^[-=*#~_+ ]*$")
_FRAMED = re.compile(r"^[-=*#~_+]{2,}\s*(?P<text>.*?\w.*?)\s*[-=*#~_+]*$")
_PLATFORM = re.compile(
    r"^(?:(?:for|using|on|with|via|in|if using)\s+)?(?:docker(?:[ -]compose)?|kubernetes|k8s|systemd|pm2|heroku|aws|"
    r"ecs|eks|gke|gcp|azure|linux|mac ?os(?: x)?|windows|ubuntu(?:/debian)?|debian(?:/ubuntu)?|rhel(?:/centos)?|"
    r"centos(?:/rhel)?|alpine|bare[ -]metal|vms?|local(?:ly)?|helm|swarm|nomad|podman|openshift)"
    r"(?: swarm| deployment| environment)?\s*:?$",
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


def are_alternatives(lines: list[str]) -> bool:
    """Tell whether comments of a fence part it by platform: "# Docker" beside "# Kubernetes"."""
    return sum(bool(_PLATFORM.match(line.strip())) for line in lines) > 1


def judge(lines: list[tuple[str, int]], *, by_platform: bool = False) -> list[Remark]:
    """Judge a run of comment lines, given as (text, line); what follows a file's name belongs to that file.

    `by_platform` says that platforms named in the fence are alternatives to each other.
    """
    judged: list[Remark] = []
    states = False
    for index, (raw, line) in enumerate(lines):
        framed = _FRAMED.match(raw.strip())
        text = _BULLET.sub("", framed["text"] if framed else raw.strip())
        sort = "condition" if by_platform and _PLATFORM.match(text) else _sort(text, raw, lines, index)
        inside = bool(judged) and judged[-1].sort in ("file", "code")
        if inside and (judged[-1].sort == "file" or _CODE.search(raw)):
            sort = "code"
        if sort == "plain" and judged and judged[-1].sort == "expected" and line == judged[-1].line + 1:
            listed = judged[-1].raw.rstrip().endswith(":") or (judged[-1].bulleted and _BULLET.match(raw.strip()))
            sort = "expected" if raw.startswith(" ") or listed else sort
        if sort == "plain" and _introduces(text, lines, index):
            sort, states = "ruler", _OF_STEPS.search(text) is None
        elif sort == "plain" and states and _BULLET.match(raw.strip()):
            sort = "plain" if begins_with_order(text) else "ruler"
        else:
            states = False
        if sort == "phase":
            text = _phase_title(text)
        bulleted = framed is None and text != raw.strip()
        judged.append(Remark(sort, plain(text) if sort != "code" else raw, raw, line, bulleted))
    return judged


def _introduces(text: str, lines: list[tuple[str, int]], index: int) -> bool:
    """Tell a comment that only says what the list below it is of: "Common fixes:"."""
    below = lines[index + 1][0].strip() if index + 1 < len(lines) else ""
    listed = _BULLET.match(below) or _PHASE.match(below)
    return text.endswith(":") and listed is not None and not begins_with_order(text)


def _sort(text: str, raw: str, lines: list[tuple[str, int]], index: int) -> Sort:
    tests: tuple[tuple[Sort, bool], ...] = (
        ("ruler", bool(_RULER.match(text))),
        ("expected", bool(_EXPECTED.match(text)) or text.startswith(("→", "->", "=>"))),
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
