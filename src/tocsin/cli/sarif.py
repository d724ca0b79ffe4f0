"""Findings as SARIF 2.1.0, so that GitHub and others show them on the lines of the Markdown file.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0; GitHub, "SARIF support for code scanning".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tocsin import __version__
from tocsin.cli.report import Checked, fingerprints, relative
from tocsin.runbook.policy import Finding
from tocsin.runbook.rules import RULES, explanation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PAGE = "urn:tocsin:rule:{code}"
"""The name of a rule's page. The page itself is in the report: `help`."""
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(checked: Sequence[Checked], base: Path) -> dict[str, Any]:
    """Give one run over all documents; places are relative to `base`, which tools call the root of the sources."""
    used = sorted({finding.code for one in checked for finding in one.findings})
    places = {code: index for index, code in enumerate(used)}
    driver = {
        "name": "tocsin",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in used],
    }
    results = [
        _result(finding, name, relative(one.document.runbook.path, base), places[finding.code], one.document.lines)
        for one in checked
        for finding, name in fingerprints(one)
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    rule = RULES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in "".join(c if c.isalnum() else " " for c in rule.name).split()),
        "shortDescription": {"text": f"{rule.name[:1].upper()}{rule.name[1:]}"},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n\nWhat to do: {rule.do}", "markdown": explanation(code)},
        "helpUri": PAGE.format(code=code),
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": ["runbook"], "precision": "high"},
    }


def _result(finding: Finding, name: str, uri: str, index: int, lines: tuple[str, ...]) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end_column is not None:
        region |= {"endLine": finding.line, "endColumn": finding.end_column}
    if 1 <= finding.line <= len(lines) and lines[finding.line - 1].strip():
        region["snippet"] = {"text": lines[finding.line - 1]}
    text = finding.message if finding.suggestion is None else f"{finding.message} Try: {finding.suggestion}"
    artifact = {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.level],
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {"primaryLocationLineHash": f"{name[:16]}:1", "tocsinFinding/v1": name},
    }
