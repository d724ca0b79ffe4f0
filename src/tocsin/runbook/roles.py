"""What a section is for, judged by its title: a scored table of the words people use."""

import re
from functools import cache
from typing import Literal

from tocsin.runbook.names import normal

Role = Literal[
    "severities", "oncall", "escalation", "incidents", "symptoms", "diagnostics", "resolution", "resolved",
    "alert", "communication", "review", "commands", "contacts", "legal", "background",
]  # fmt: skip

# Each phrase is written as `normal` gives it. Singular forms match their plural too.
_PHRASES: dict[Role, tuple[str, ...]] = {
    "severities": (
        "severity", "severity level", "severity definition", "severity classification", "severity matrix",
        "incident severity", "priority", "priority level", "priorities and slas", "pager policy", "response target",
        "severities", "priorities", "incident classification", "class", "level",
    ),
    "oncall": ("on call", "on call procedure", "who's on call", "on call rotation", "on call schedule", "rotation"),
    "escalation": (
        "escalation", "escalation path", "escalation matrix", "escalation chain", "escalation policy",
        "escalation procedure", "escalate", "when to escalate",
    ),
    "incidents": (
        "common incident", "incident", "incident type", "incident scenario", "scenario", "incident catalogue",
        "playbook", "common issue", "common problem", "known issue", "common failure", "failure mode", "alerts",
        "common alert", "runbook entries",
    ),
    "symptoms": (
        "symptom", "sign", "indicator", "detection", "how to detect", "what you see", "how it shows",
        "how it looks", "meaning", "impact",
    ),
    "diagnostics": (
        "diagnostic", "diagnosis", "diagnostic command", "diagnostic step", "diagnose", "investigation",
        "investigate", "triage", "quick check", "check", "troubleshooting", "first look", "initial assessment",
    ),
    "resolution": (
        "resolution", "resolve", "resolution step", "fix", "mitigation", "mitigate", "remediation", "remediate",
        "action", "immediate action", "recovery", "containment", "contain", "protocol", "what to do", "step",
        "response", "workaround", "rollback",
    ),
    "resolved": (
        "resolved when", "done when", "fixed when", "over when", "verification", "verify", "success criteria",
        "it is over when",
    ),
    "alert": ("alert name", "alert", "triggered by", "alert rule"),
    "communication": (
        "communication", "communication template", "template", "notification", "communication plan",
        "status update", "notification template", "message template", "update",
    ),
    "review": (
        "post incident review", "post mortem", "postmortem", "post incident", "retrospective", "aftermath",
        "incident review", "after the incident",
    ),
    "commands": (
        "useful command", "command", "quick reference", "command reference", "cheat sheet", "handy command",
        "common command",
    ),
    "contacts": (
        "contact", "contact information", "emergency contact", "critical contact", "contact rota", "contact list",
        "who to call", "people",
    ),
    "legal": ("legal", "notice", "compliance", "regulatory", "legal notice", "breach notification"),
    "background": (
        "overview", "purpose", "table of contents", "contents", "introduction", "scope", "reference", "link",
        "related", "changelog", "background", "context", "prerequisite", "appendix", "revision history",
    ),
}  # fmt: skip
EXACT, EDGE, INSIDE = 3, 2, 1


@cache
def role_of(title: str) -> tuple[Role | None, int]:
    """Give the likeliest role of a title and how sure that is: `EXACT`, `EDGE`, `INSIDE`, or 0 with None.

    The longer phrase wins among equals, so "post incident review" beats "incident".
    """
    words = normal(re.sub(r"\([^()]*\)", "", title)) or normal(title)
    best: tuple[int, int, Role | None] = (0, 0, None)
    for role, phrases in _PHRASES.items():
        for phrase in phrases:
            score = _score(words, phrase)
            if score and (score, len(phrase)) > best[:2]:
                best = (score, len(phrase), role)
    return best[2], best[0]


def _score(words: str, phrase: str) -> int:
    found = re.search(rf"(?:^|(?<=\s)){re.escape(phrase)}(?:s|es)?(?=\s|$)", words)
    if found is None:
        return 0
    if found.end() - found.start() == len(words):
        return EXACT
    return EDGE if found.start() == 0 or found.end() == len(words) else INSIDE
