"""What a title is: the name of a trouble, a numbered phase, a severity, a way of working, or a thing to do."""

import re

from tocsin.runbook.names import normal, plain

_PHASE = re.compile(
    r"^(?:procedure|phase|stage|part|appendix|option|step|section|chapter|tier|level)\s+(?:[0-9]{1,3}|[a-z])\b(?!\s+\w+ing\b)",
    re.IGNORECASE,
)
_PROCEDURES = re.compile(r"\bprocedures?$", re.IGNORECASE)
_SEVERITY = re.compile(
    r"\b(?:p-?[0-5]|sev(?:erity)?[\s-]?[0-5a-d]|s[0-5]|priority\s[0-5])\b(?:\s*/\s*(?:p|sev|s)?-?[0-5]\b)*",
    re.IGNORECASE,
)
# What is left of "SEV-1 (Critical) Response Procedure" once the severity is out says nothing of what went wrong.
_OF_SEVERITIES = frozenset({
    "critical", "high", "medium", "low", "major", "minor", "moderate", "urgent", "severe", "response", "procedure",
    "procedures", "incident", "incidents", "workflow", "process", "action", "actions", "alert", "alerts", "checklist",
    "steps", "playbook", "protocol", "and", "or", "the", "for", "of", "a", "an", "all", "level", "severity",
    "priority", "emergency", "template", "example", "issues", "issue", "handling", "informational", "info", "normal",
    "trivial", "update", "updates", "escalation", "to",
})  # fmt: skip
_PROCESS = frozenset({
    "incident", "incidents", "response", "responding", "runbook", "runbooks", "playbook", "playbooks", "guide",
    "plan", "management", "handling", "process", "processes", "procedure", "procedures", "workflow", "policy",
    "handbook", "manual", "operations", "operational", "ops", "on", "call", "oncall", "triage", "emergency",
    "production", "the", "a", "an", "of", "for", "and", "to", "in", "our", "team", "sre", "template", "checklist",
    "escalation", "document", "documentation", "standard", "operating", "sop", "severity", "post", "mortem",
    "postmortem", "review", "overview", "readme", "lifecycle", "communication", "communications", "general",
    "service", "services", "platform", "system", "systems", "index", "home", "introduction", "troubleshooting",
    "debugging", "monitoring", "alerting", "alerts", "v1", "version", "security", "reference", "quick", "first",
    "steps", "notes", "information", "how", "we", "engineer",
})  # fmt: skip
_PROCESS_PHRASE = re.compile(
    r"\b(?:incident|emergency)s?\s+(?:response|management|handling|triage|process|command|procedures?|communications?|"
    r"playbooks?|runbooks?|handbook|guide|plan|policy|operations)\b|\bon\s?call\b|\bescalation\b|\bpost\s?mortem\b"
)
_TROUBLE = re.compile(
    r"\b(?:down|outages?|offline|unavailable|unreachable|inaccessible|unresponsive|unhealthy|dead|hung|hang(?:s|ing)?|"
    r"stuck|stops?|stopped|stalled|stale|fail(?:s|ed|ing|ure|ures)?|failover|errors?|5xx|4xx|50[0-9]s?|slow|slowness|"
    r"sluggish|latency|delay(?:s|ed)?|late|lag(?:s|ging)?|backlog|behind|high|low|spikes?|surge|flood|burst|"
    r"(?<=\w )full|exhaust(?:ed|ion)|out of|run(?:s|ning)? out|"
    r"runs? low|low on|too (?:many|much|high|low|few|large)|not\s+\w+ing|not\s+(?:\w+\s+)?(?:accessible|"
    r"available|reachable|ready|started|keeping up|found|synced|updated|delivered|sent|received|enough)|isn't|aren't|"
    r"doesn't|don't|won't|can't|cannot|unable|broken|breaks|corrupt(?:ed|ion)?|crash(?:es|ed|ing|loop)?|"
    r"crashloopbackoff|oom|oomkilled|leaks?|leaked|time\s?outs?|timed out|expir(?:ed|es|ing|y)|missing|lost|loss|"
    r"deadlocks?|blocked|overload(?:ed)?|saturat(?:ed|ion)|throttl(?:ed|ing)|exceed(?:ed|s)|degrad(?:ed|ation)|"
    r"attacks?|ddos|breach(?:ed|es)?|compromised?|intrusion|ransomware|phishing|malware|defacement|theft|stolen|"
    r"unauthori[sz]ed|exfiltration|exposure|vulnerab(?:le|ility)|rejected|refused|denied|mismatch|inconsisten(?:t|cy)|"
    r"imbalance|drift|split.brain|disconnected|unsched\w+|evicted|pressure|pending|dropped|drops|duplicate[ds]?|"
    r"excessive|elevated|unusual|suspicious|flapping|unstable|looping|contention|starvation|bottleneck|"
    r"anomal(?:y|ies)|gone|wrong|invalid|unexpected|insufficient|violations?|abuse|"
    r"misconfigured|(?:problems?|issues?)(?=\W*$|\s+(?:with|in|on|of|when|after|\w+ing)\b|\s*[(:&/]|\s+(?:and|or)\b))\b",
    re.IGNORECASE,
)
_ALERT_NAME = re.compile(r"^(?=[A-Za-z0-9]{8,80}$)[A-Za-z][a-z0-9]*(?:[A-Z]+[a-z0-9]*){2,}$")
_NO_TROUBLE = re.compile(
    r"\?$|^(?:how|when|where|what|why|who|about|example|sample|testing|using|creating|adding|configuring|understanding|"
    r"monitoring|preventing|handling|verifying|checking|reporting|declaring|simulating)\b|"
    r"\b(?:policy|policies|budgets?|template|dashboards?|metrics|training|roles?|documentation|overview|architecture|"
    r"configuration|checklist|examples?|reporting|categories|classification|definitions?|levels?|matrix|timeline)$",
    re.IGNORECASE,
)


_WORK = re.compile(
    r"\b(?:structure|format|template|outline|guidelines?|standards?|conventions?|lifecycle|life cycle|workflow|"
    r"flow|diagram|methodology|principles|best practices|responsibilities|training|maintenance|targets?|objectives?|"
    r"slas?|slos?)$",
    re.IGNORECASE,
)


_ROUTINE = re.compile(
    r"\b(?:deployments?|deploy|onboarding|offboarding|rollback|releases?|promotion|quick ?start|upgrades?|migrations?|"
    r"installation|setup|backups?|restore|rotation|game ?day|drills?|maintenance|provisioning)\b"
)


def is_phase(title: str) -> bool:
    """Tell a heading that says how to work ("Phase 2", "Failover Procedure") from one that says what went wrong."""
    bare = re.sub(r"\([^()]*\)", "", plain(title)).strip(" :")
    return bool(_PHASE.match(bare) or _PROCEDURES.search(bare))


def is_of_severity(title: str) -> bool:
    """Tell whether a title names a severity and nothing else: "SEV-1 Response Procedure", "P0 - Critical"."""
    left, count = _SEVERITY.subn(" ", plain(title))
    words = re.findall(r"[^\W\d_]+", re.sub(r"\([^()]*\)", " ", left).casefold())
    return count > 0 and set(words) <= _OF_SEVERITIES


# A playbook for one of these is about it, however it is called: "Phishing Incident Response Playbook".
_ATTACK = re.compile(
    r"\b(?:ransomware|phishing|malware|d?dos|defacement|data (?:breach|leak|exfiltration|loss)|account takeover|"
    r"(?:account|credential|email|key|token|supply chain|insider) (?:compromise|threat|leak|theft|attack)|"
    r"brute force)\b"
)


def is_of_process(title: str) -> bool:
    """Tell whether a title names a way of working ("Incident Response Guide") rather than a trouble."""
    words = normal(title)
    return (
        bool(words)
        and _ATTACK.search(words) is None
        and (_PROCESS_PHRASE.search(words) is not None or set(words.split()) <= _PROCESS)
    )


def is_about_work(title: str) -> bool:
    """Tell a title that says how something is written, agreed or timed ("Runbook structure", "Response time: 1 h")."""
    bare = plain(title).strip()
    return (
        _WORK.search(bare) is not None or re.match(r"(?:response|resolution) time\b", bare, re.IGNORECASE) is not None
    )


def is_of_routine(title: str) -> bool:
    """Tell a title of work that is planned ("Deployment Runbook", "Quickstart") from one of a trouble with it."""
    return _ROUTINE.search(normal(title)) is not None and not names_trouble(title)


def names_trouble(title: str) -> bool:
    """Tell whether a title names something that goes wrong: "The disk is full", "HighErrorRate"."""
    bare = plain(title).strip()
    words = re.findall(r"[^\W\d_]+", bare.casefold())
    if set(words) <= _OF_SEVERITIES:  # "High severity incidents" are many
        return False
    if is_phase(bare) or is_of_severity(bare) or is_of_process(bare) or _NO_TROUBLE.search(bare):
        return False
    if _ALERT_NAME.match(bare):  # "KubeletDown" names a trouble, "CircleCI" does not
        bare = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
    return _TROUBLE.search(bare) is not None


def is_alert_name(title: str) -> bool:
    """Tell whether a title is the name of an alert, as Prometheus has them: "KubePodCrashLooping"."""
    return _ALERT_NAME.match(title.strip()) is not None
