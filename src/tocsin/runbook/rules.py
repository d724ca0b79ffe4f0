"""The findings explained: what each code means, why it matters, what to do. Codes never change their meaning."""

from tocsin.runbook.rule import Rule
from tocsin.runbook.rules_of_commands import OF_COMMANDS
from tocsin.runbook.rules_of_policy import OF_POLICY
from tocsin.runbook.rules_of_reading import OF_ANNOTATIONS, OF_READING

RULES: dict[str, Rule] = {**OF_READING, **OF_COMMANDS, **OF_POLICY, **OF_ANNOTATIONS}
ELSEWHERE = frozenset(code for code, rule in RULES.items() if rule.elsewhere)
"""Codes that also come of looking at something beside the document: files, the shell, a database, the configuration."""

LEVELS = {"error": "an error: `tocsin check` exits with 1", "warning": "a warning", "info": "a note"}


def explanation(code: str) -> str | None:
    """Give the page of a rule as Markdown, or None when there is no such code."""
    rule = RULES.get(code.upper())
    if rule is None:
        return None
    code = code.upper()
    return f"""# {code}: {rule.name}

This is {LEVELS[rule.level]}.

## Why

{rule.why}

## At 3 a.m.

{rule.night}

## What to do

{rule.do}

## Example

Before:

{_fenced(rule.bad)}

After:

{_fenced(rule.good)}

## When it is meant

{_left_out(code)}
"""


def _fenced(document: str) -> str:
    return f"````markdown\n{document.strip()}\n````"


def _left_out(code: str) -> str:
    if code in ("RB303", "RB304"):
        return "It cannot be left out: correct or remove the comment."
    return (
        f"Say why, in a comment above the block or behind the line: `<!-- tocsin:ignore {code} the reason -->`.\n"
        f"In a shell fence write `# tocsin:ignore {code} the reason` above the command; "
        f"`<!-- tocsin:ignore-file {code} the reason -->`\nspeaks of the whole document. Without a reason nothing is "
        "left out."
    )
