"""Comments that ask for a finding to be left out, each with its reason: `<!-- tocsin:ignore RB103 on purpose -->`.

One above a block speaks of the whole block, one behind the text of its line, `# tocsin:ignore` in a shell fence of its
line and the command below, `tocsin:ignore-file` of the document. What has no effect is a finding itself.
"""

import re
from collections.abc import Collection, Iterable, Iterator

from tocsin.runbook.document import Block
from tocsin.runbook.policy import Finding, Ignore
from tocsin.runbook.rules import ELSEWHERE, RULES

_COMMENT = re.compile(
    r"(?:<!--\s*|#\s*)tocsin:(?P<what>ignore(?:-file)?)\b(?P<codes>(?:[\s,]+[A-Z]{2}[0-9]+\b)*)[\s:,–—-]*"  # noqa: RUF001 - dashes people type
    r"(?P<reason>[^\n]*?)\s*(?:-->|$)",
    re.MULTILINE,
)
_CODE = re.compile(r"[A-Z]{2}[0-9]+")
SHORTEST_REASON = 3


def ignores_in(lines: tuple[str, ...], blocks: Iterable[Block]) -> tuple[Ignore, ...]:
    """Give the ignore comments of a document, those without effect too."""
    spans = tuple(blocks)
    return tuple(
        Ignore(code=code, reason=found["reason"].strip(), line=number, first=first, last=last)
        for number, text in enumerate(lines, 1)
        if "tocsin:" in text
        for found in _COMMENT.finditer(text)
        for first, last in [_span(found, number, lines, spans)]
        for code in (_CODE.findall(found["codes"]) or [""])
    )


def _span(found: re.Match[str], line: int, lines: tuple[str, ...], blocks: tuple[Block, ...]) -> tuple[int, int]:
    if found["what"] == "ignore-file":
        return 1, len(lines)
    if found[0].startswith("#"):
        return line, min(line + 1, len(lines))
    if (found.string[: found.start()] + found.string[found.end() :]).strip():
        return line, line
    below = next((b for b in blocks if b.line > line and not (b.kind == "comment" and "tocsin:" in b.text)), None)
    return (line, below.end_line) if below is not None else (line, line)


def kept(findings: Iterable[Finding], ignores: Collection[Ignore]) -> list[Finding]:
    """Give the findings that no comment leaves out."""
    valid = [one for one in ignores if _trouble(one) is None]
    return [f for f in findings if not any(one.code == f.code and one.first <= f.line <= one.last for one in valid)]


def wrong_ignores(findings: Collection[Finding], ignores: Iterable[Ignore]) -> Iterator[Finding]:
    """Give RB303 for each comment that has no effect, and RB304 for each that left nothing out.

    `findings` are all that were found. What only a look at the world can find is not missed here.
    """
    for one in ignores:
        trouble = _trouble(one)
        if trouble is not None:
            yield Finding(code="RB303", level="error", line=one.line, message=trouble)
        elif one.code not in ELSEWHERE and not any(
            one.code == f.code and one.first <= f.line <= one.last for f in findings
        ):
            yield Finding(
                code="RB304", level="warning", line=one.line,
                message=f"This comment leaves out {one.code}, but there is no such finding here any more",
            )  # fmt: skip


def _trouble(one: Ignore) -> str | None:
    if not one.code:
        return "This comment names no code, so nothing is left out"
    if one.code not in RULES:
        return f"There is no code {one.code}, so nothing is left out"
    if one.code in ("RB303", "RB304"):
        return f"{one.code} cannot be left out: it is about such comments themselves"
    if len(re.findall(r"\w", one.reason)) < SHORTEST_REASON:
        return f"This comment gives no reason, so {one.code} is not left out"
    return None
