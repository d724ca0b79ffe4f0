"""Promises with a time: update rhythms ("every 15 minutes") and deadlines ("within 72 hours")."""

import re

from tocsin.runbook.durations import DURATION, duration_in
from tocsin.runbook.names import plain
from tocsin.runbook.policy import Cadence, Deadline

_EVERY = re.compile(rf"\b(?:every|each)\s+(?:{DURATION.pattern}|hour\b|half\s+hour\b)", re.IGNORECASE | re.ASCII)
_HOURLY = re.compile(r"\bhourly\b", re.IGNORECASE)
_WITHIN = re.compile(
    rf"(?:\b(?:within|no later than|in under|due in|due)|[<≤])\s+(?:the\s+(?:first|next)\s+|at "
    rf"most\s+)?{DURATION.pattern}",
    re.IGNORECASE | re.ASCII,
)
# What makes a rhythm an update: reviews, backups and rotations have rhythms too.
_UPDATE = re.compile(r"\b(update|status|post|inform|tell|notify|communicat|message|report)", re.IGNORECASE)


# Rhythms of looking after things, not of telling people.
_OTHER_RHYTHM = re.compile(
    r"\b(?:review|rotat|drill|backup|back up|test|quarter|maintenance|break|rest\b|audit|runbook|document|patch|"
    r"training|scrape|"
    r"runs?|pings?|cron|interval|heartbeat|collect|sync|refresh|poll|retr(?:y|ies)|probe|check(?:ed|s)?\b(?! in))",
    re.IGNORECASE,
)
# Deadlines of an incident: the review, the law, those affected. Answer times and repair times are none.
_OWED = re.compile(
    r"\b(?:post-?\s?mortems?|post-?\s?incident|reviews?|retrospectives?|\brca\b|root cause|reports?|gdpr|hipaa|pci|"
    r"regulat\w*|"
    r"authorit\w*|supervisory|legal\w*|notif(?:y|ied|ication)\w*|affected|disclos\w*|inform\w*|customers?|users? "
    r"affected|"
    r"data protection|insur\w*|law enforcement|timeline|debrief|follow-?up|action items?|write-?up|summary|statement|"
    r"status page|announce\w*|status update|update)\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(
    r"\bpost-?\s?mortems?\b|\bpost-?\s?incident\b|\bretrospectives?\b|\brca\b|\bdebrief\b|\bincident (?:review|"
    r"report)\b",
    re.IGNORECASE,
)
REVIEW = "post-incident review"


def cadence_in(text: str, line: int, *, is_update: bool = False) -> Cadence | None:
    """Give the update rhythm a line promises, or None; `is_update` when its place says so already."""
    found = _EVERY.search(text) or _HOURLY.search(text)
    if found is None or not (is_update or _UPDATE.search(text)) or _OTHER_RHYTHM.search(text):
        return None
    every = duration_in(found[0]) or duration_in("30 min" if "half" in found[0].casefold() else "1 h")
    return None if not every else Cadence(text=found[0], every=every, line=line)


def deadline_in(text: str, line: int, incident_type: str | None = None) -> Deadline | None:
    """Give the deadline a line sets, or None; `what` is the rest of the line."""
    found = _WITHIN.search(text)
    within = duration_in(found[0]) if found else None
    if found is None or within is None:
        return None
    before = re.sub(r"^\[[ xX]?\]\s+", "", plain(text[: found.start()])).strip(" (,:;-–")  # noqa: RUF001 - a dash people type
    what = before or plain(text[found.end() :]).strip(" ),:;.") or plain(text)
    return Deadline(what=re.sub(r"\s+(?:must|should|to) be\b.*$", "", what), within=within,
                    incident_type=incident_type, line=line)  # fmt: skip


def owed_in(text: str, line: int, incident_type: str | None = None) -> Deadline | None:
    """Give the deadline of a line that speaks of what an incident owes to others: its review, the law's notices."""
    if not _OWED.search(text):
        return None
    found = deadline_in(text, line, incident_type)
    if found is None or not _REVIEW.search(text):
        return found
    return Deadline(what=REVIEW, within=found.within, incident_type=incident_type, line=line)
