"""What a section is for, judged by its title: a scored table of the words people use."""

import re
from functools import lru_cache
from typing import Literal

from tocsin.runbook.names import normal

Role = Literal[
    "severities", "oncall", "escalation", "incidents", "alert", "symptoms", "impact", "causes", "diagnostics",
    "resolution", "resolved", "prevention", "communication", "review", "commands", "contacts", "legal", "background",
    "procedure", "criteria",
]  # fmt: skip

# Each phrase is written as `normal` gives it. Singular forms match their plural too.
_PHRASES: dict[Role, tuple[str, ...]] = {
    "severities": (
        "severity", "severity level", "severity definition", "severity classification", "severity matrix",
        "severity guide", "severity table", "severity scale", "severity rating", "incident severity",
        "incident severity level", "incident level", "incident priority", "priority", "priority level",
        "priority definition", "priority matrix", "priorities and slas", "priorities and sla", "pager policy",
        "response target", "response time", "severities", "priorities", "incident classification", "classification",
        "classification matrix", "class", "level", "sla", "impact level", "alert severity",
    ),
    "oncall": (
        "on call", "on call procedure", "who's on call", "who is on call", "on call rotation", "on call schedule",
        "rotation", "on call information", "on call roster",
    ),
    "escalation": (
        "escalation", "escalation path", "escalation matrix", "escalation chain", "escalation policy",
        "escalation procedure", "escalation level", "escalation tree", "escalation ladder", "escalation rule",
        "escalation contact", "contact chain", "emergency contact chain", "notification chain", "paging chain",
        "escalation workflow", "escalation process", "escalation timeline", "escalate",
        "escalate to", "when to escalate", "who to escalate to", "who gets paged", "who is paged", "who to page",
        "paging policy", "call order", "call chain",
    ),
    "incidents": (
        "common incident", "incident", "incident type", "incident scenario", "scenario", "common scenario",
        "incident catalogue", "incident catalog", "playbook", "incident playbook", "common runbook", "common issue",
        "common problem", "known issue", "known problem", "common failure", "common error", "failure mode",
        "failure scenario", "alerts", "common alert", "runbook entries", "alert runbook", "specific incident",
        "incident specific runbook", "specific runbook", "issue", "problem", "frequent problem", "troubleshooting",
        "troubleshooting guide", "common incidents and responses", "typical incident", "incident response playbook",
        "alert response", "known failure", "quick fixes", "incident runbook",
    ),
    "alert": ("alert name", "alert", "triggered by", "alert rule", "trigger", "alert definition"),
    "symptoms": (
        "symptom", "detect", "sign", "indicator", "detection", "how to detect", "what you see", "what you will see",
        "what you'll see", "how it shows", "how it looks", "meaning", "alert condition", "alert meaning",
        "identification", "how to identify", "how to recognise", "how to recognize", "recognition",
        "observed behavior", "observed behaviour", "warning sign", "red flag", "user symptom", "trigger condition",
        "how you notice", "you notice", "how we notice", "how it is noticed", "how to notice", "what you notice",
        "how you know", "how do you know", "how to tell", "how you see", "you see", "you will see", "what you observe",
        "what happens", "what users see", "what customers see", "observation", "noticed by", "shows as", "tell tale",
        "manifestation", "fires when", "alert fires when",
    ),
    "impact": (
        "impact", "user impact", "business impact", "customer impact", "effect", "consequence", "blast radius",
        "possible impact", "impact assessment", "scope of impact",
    ),
    "causes": (
        "cause", "usual issue", "usual cause", "possible reason", "common cause", "possible cause", "likely cause",
        "root cause", "potential cause", "probable cause", "typical cause", "reason", "why it happens",
        "why this happens",
    ),
    "diagnostics": (
        "diagnostic", "diagnosis", "diagnostic command", "diagnostic step", "diagnose", "investigation",
        "possible check", "investigate", "triage", "quick check", "check", "troubleshooting step", "troubleshoot",
        "first look", "initial assessment", "assessment", "assess", "investigation step", "triage step",
        "initial triage", "immediate check", "first check", "health check", "what to check", "where to look",
        "verify the problem", "debug", "debugging", "analysis", "analyze", "analyse", "initial investigation",
        "confirm", "initial check", "initial diagnosis", "things to check", "evidence collection", "diagnosis step",
        "triage question",
    ),
    "resolution": (
        "resolution", "resolve", "resolution step", "resolving", "fix", "quick fix", "fixes", "mitigation",
        "mitigate", "mitigation step", "remediation", "remediate", "remediation step", "action", "immediate action",
        "immediate response", "recovery", "recovery step", "recover", "containment", "contain", "eradicate",
        "eradication", "protocol", "what to do", "step", "response", "response step", "response action", "workaround",
        "rollback", "solution", "how to fix", "how to resolve", "repair", "restore", "restoration",
        "immediate mitigation", "short term fix", "long term fix", "corrective action", "fallback", "immediate step",
        "stabilize", "stabilise", "treatment", "options to fix",
    ),
    "resolved": (
        "resolved when", "done when", "fixed when", "over when", "verification", "verify", "success criteria",
        "it is over when", "validation", "validate", "verify fix", "verify the fix", "verify recovery",
        "exit criteria", "confirm recovery", "definition of done", "recovery verification", "verify resolution",
        "post check",
    ),
    "prevention": (
        "prevention", "preventive measure", "preventative measure", "prevent", "follow up", "follow up action",
        "long term", "long term prevention", "future prevention", "after the fix", "hardening",
    ),
    "communication": (
        "communication", "communicate", "communication template", "template", "notification", "communication plan",
        "communication protocol", "communication procedure", "communication guideline", "communications",
        "status update", "notification template", "message template", "update", "internal communication",
        "external communication", "customer communication", "stakeholder communication", "status page",
        "status page update", "keeping people informed", "announcement", "update cadence", "communication channel",
        "customer notification", "stakeholder update", "incident communication", "internal update", "external update",
        "slack", "slack message", "slack template", "slack update", "email", "e mail", "email template", "statuspage",
        "public status update", "initial notice",
    ),
    "review": (
        "post incident review", "post mortem", "postmortem", "post incident", "retrospective", "aftermath",
        "incident review", "after the incident", "after incident", "postmortem template", "post mortem template",
        "postmortem process", "post incident activity", "post incident activities", "post incident process",
        "lessons learned", "afterwards", "after action review", "incident report", "incident report template",
        "post incident procedure", "blameless postmortem", "root cause analysis", "rca", "rca template",
        "post incident checklist", "after action", "post incident action",
    ),
    "commands": (
        "useful command", "command", "quick reference", "command reference", "cheat sheet", "handy command",
        "common command", "quick command", "essential command", "emergency command", "diagnostic commands reference",
        "command cheat sheet",
    ),
    "contacts": (
        "contact", "contact information", "emergency contact", "critical contact", "contact rota", "contact list",
        "who to call", "who", "who's who", "who to contact", "who to ask", "whom to call", "whom to contact",
        "people", "key contact", "important contact", "contact directory", "phone number",
        "vendor contact", "external contact", "internal contact", "team contact", "contact detail", "support contact",
        "escalation contacts and numbers",
    ),
    "legal": (
        "legal", "notice", "compliance", "regulatory", "legal notice", "breach notification", "legal requirement",
        "regulatory notification", "notification requirement", "legal and compliance", "regulatory requirement",
        "legal deadline", "reporting obligation", "gdpr",
    ),
    "background": (
        "overview", "purpose", "table of contents", "contents", "introduction", "scope", "reference", "link",
        "related", "changelog", "change log", "background", "context", "prerequisite", "appendix", "revision history",
        "version history", "document history", "related document", "related documentation", "related runbook",
        "further reading", "see also", "quick link", "about", "summary", "description", "glossary", "definition",
        "resource", "documentation", "additional resource", "additional information", "audience", "document control",
        "before you start", "assumption", "architecture", "notes", "note", "metadata", "approval", "review history",
        "references and links", "dashboard", "more information", "owner", "toc", "maintenance of this document",
        "setup",
    ),
    "procedure": (
        "procedure", "workflow", "process", "response procedure", "response process", "response workflow",
        "incident response", "incident response process", "incident response workflow", "incident response procedure",
        "incident management", "incident lifecycle", "response phase", "checklist", "incident checklist", "war room",
        "war room protocol", "role", "roles and responsibilities", "responsibilities", "responsibility",
        "incident role", "incident commander", "incident handling", "incident declaration", "response checklist",
        "first response", "during incident", "before incident", "training", "drill", "maintenance", "monitoring",
        "metrics", "tools", "response team", "incident response team", "emergency procedure", "response plan",
        "initial response", "incident response checklist", "response protocol", "response steps overview",
        "incident workflow",
    ),
    "criteria": (
        "example", "criteria", "criterion", "definition", "description", "characteristic", "includes", "condition",
        "when to use", "applies when", "severity criteria",
    ),
}  # fmt: skip
EXACT, EDGE, INSIDE = 3, 2, 1
_LONGEST = 6
# "Phase 3: Mitigation (15-60 min)" is about mitigation; that it is a phase is asked elsewhere.
_COUNTED = re.compile(r"^(?:phase|step|stage|part|section)\s+(?:[0-9]{1,2}|[a-z])\s+(?=\w)")
_ASIDE = re.compile(r"\([^()]*\)")
# "How you notice it", "What to do about this": what such words stand for is the entry.
_POINTING = frozenset({"it", "this", "that", "them"})
# Between phrases of equal length, the part of an entry is likelier below an entry, and so on: order breaks ties.
_TABLE: dict[str, Role] = {}
for _role, _phrases in _PHRASES.items():
    for _phrase in _phrases:
        _TABLE.setdefault(_phrase, _role)


@lru_cache(maxsize=4096)
def role_of(title: str) -> tuple[Role | None, int]:
    """Give the likeliest role of a title and how sure that is: `EXACT`, `EDGE`, `INSIDE`, or 0 with None.

    The longer phrase wins among equals, so "post incident review" beats "incident".
    """
    words = _COUNTED.sub("", normal(_ASIDE.sub("", title)) or normal(title)).split()[:24]
    while len(words) > 1 and words[-1] in _POINTING:
        words.pop()
    best: tuple[int, int, Role | None] = (0, 0, None)
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
            role = _phrase_role(words[start:end])
            if role is None:
                continue
            whole, edge = end - start == len(words), start == 0 or end == len(words)
            score, length = EXACT if whole else EDGE if edge else INSIDE, len(" ".join(words[start:end]))
            if (score, length) > best[:2]:
                best = (score, length, role)
    return best[2], best[0]


def _phrase_role(words: list[str]) -> Role | None:
    """Give the role of a phrase, its last word in the singular if need be."""
    last = words[-1]
    for form in (last, last.removesuffix("s"), last.removesuffix("es")):
        role = _TABLE.get(" ".join((*words[:-1], form)))
        if role is not None:
            return role
    return None
