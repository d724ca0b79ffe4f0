"""What `tocsin check` prints, in each of its forms."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from tocsin.cli.documents import Loaded
from tocsin.explanation.carets import marked
from tocsin.runbook.policy import Finding


class Checked(NamedTuple):
    """A document and what was found in it."""

    document: Loaded
    findings: tuple[Finding, ...]


def report(checked: Sequence[Checked], form: str, *, alone: bool, base: Path) -> Any:  # noqa: ANN401 - lines or JSON
    """Give the report: lines of text, or a value to print as JSON.

    `alone` says that one document was asked for by name: its JSON is not wrapped in a list. Paths in SARIF and for
    GitLab are relative to `base`.
    """
    placed = [one._replace(findings=tuple(_placed(f, one.document.lines) for f in one.findings)) for one in checked]
    if form == "text":
        from tocsin.cli.excerpts import excerpts  # noqa: PLC0415 - only this form needs it

        return excerpts(placed)
    if form == "sarif":
        from tocsin.cli.sarif import sarif  # noqa: PLC0415 - as above

        return sarif(placed, base)
    if form == "gitlab":
        return [quality for one in placed for quality in _quality(one, base)]
    shapes = [_shape(one) for one in placed]
    return shapes[0] if alone else {"documents": shapes}


def _placed(finding: Finding, lines: tuple[str, ...]) -> Finding:
    """Give a finding with the columns of the words that it is about."""
    if finding.end_column is not None or not 1 <= finding.line <= len(lines):
        return finding
    part = marked(finding, lines[finding.line - 1])
    return msgspec.structs.replace(finding, column=part.start + 1, end_column=max(part.end, part.start + 1) + 1)


def _shape(one: Checked) -> dict[str, Any]:
    about = {key: getattr(one.document.runbook, key) for key in ("path", "sha256", "lines", "understood")}
    return {"runbook": about, "findings": one.findings}


def relative(path: str, base: Path) -> str:
    """Give the address of a document as reports name it: relative to `base` where it lies in there."""
    here = Path(path)
    if path == "-":
        return "stdin"
    absolute = here if here.is_absolute() else base / here
    inside = absolute.resolve().is_relative_to(base.resolve())
    return quote(absolute.resolve().relative_to(base.resolve()).as_posix()) if inside else absolute.resolve().as_uri()


def fingerprints(one: Checked) -> Iterator[tuple[Finding, str]]:
    """Give each finding with a name that stays while lines are moved: of its code and the words of its line."""
    seen: Counter[tuple[str, str]] = Counter()
    lines = one.document.lines
    for finding in one.findings:
        words = " ".join(lines[finding.line - 1].split()) if finding.line <= len(lines) else ""
        seen[finding.code, words] += 1
        name = f"{finding.code}\n{words}\n{seen[finding.code, words]}"
        yield finding, hashlib.sha256(name.encode()).hexdigest()[:32]


_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def _quality(one: Checked, base: Path) -> Iterator[dict[str, Any]]:
    """Give GitLab's code quality entries. Source: GitLab's "Code Quality report format"."""
    path = relative(one.document.runbook.path, base)
    for finding, name in fingerprints(one):
        yield {
            "description": finding.message,
            "check_name": finding.code,
            "fingerprint": name,
            "severity": _SEVERITIES[finding.level],
            "location": {"path": path, "lines": {"begin": finding.line}},
        }
