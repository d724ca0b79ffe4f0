"""Whose trouble it is: what an alert begins with, when that is something no entry is about: "the printer is down"."""

import re
from collections.abc import Collection

from tocsin.triage.profile import Index, said_by
from tocsin.triage.topics import BESIDE_NAMES, STRONG, Hit, hits
from tocsin.triage.words import content, listed

# What others run and people talk of in subject position; elsewhere in a sentence such a name is only the messenger.
NAMES = listed(
    "grafana slack github gitlab bitbucket zoom jira confluence notion figma teams discord npm pypi dockerhub openai "
    "anthropic stripe twilio auth0 sendgrid mailchimp zendesk intercom hubspot salesforce datadog pagerduty statuspage "
    "prometheus alertmanager kibana jenkins sonarqube linear asana trello miro dropbox sharepoint outlook excel "
    "netlify vercel heroku"
)
# What may stand behind such a name: "the Stripe API is down".
_OF_A_NAME = listed("api apis service services website site web app cloud itself status again")
MONITORING = "monitoring"
_SUBJECT = re.compile(
    r"^\W*(?:(?:the|our|my|this|that|their|your|his|her)\s+)?(?P<what>\w[\w.-]*(?:\s+[\w.-]+){0,2}?)\s+"
    r"(?:is|are|was|were|has|have|had|ran|runs|does|did|shows?|showed|crash\w*|keeps?|kept|hangs?|hung|won't|can't|cannot|"
    r"doesn't|isn't|aren't|returns?|responds?|takes?|needs?|seems?|looks?|feels?|went|goes|stopped|fails?|failed)\b",
    re.IGNORECASE,
)
_ANY_THING = re.compile(
    r"\s(?:job|jobs|server|machine|tool|host|box|page|client|system|instance|cluster|task)$", re.IGNORECASE
)
# Alerts of the monitoring about itself are named so; a target that is missing is another's.
_MONITORING = re.compile(
    r"^\W*(?P<what>Prometheus|Alertmanager|Thanos|Loki|Mimir|Cortex|Promtail|Fluentd|Grafana)(?=[A-Z])(?!(?:All)?(?:Target|Job))"
)


# The name of an alert's rule is one word of many: "KafkaBrokerDown".
_RULE = re.compile(r"[A-Za-z][a-z0-9]*[A-Z]\w*")
# A template of alerts that says its name in words, and then of which machine: "Kafka broker down (instance ...)".
_TEMPLATE = re.compile(r"\A[^\n(]{3,60}\(instance\s")
_BRACKETS = re.compile(r"\A(?:\s*\[[^\]\n]*\])*\W*")
# What a cache runs out of is what anything does.
_CACHES = frozenset({"redis", "memcached"})


def named_first(summary: str, name: str, entries: Index, spoken: Collection[str]) -> tuple[str, str] | None:
    """Give the part that the name of an alert's rule begins with and the topic of that, when no entry is about it."""
    bare = _BRACKETS.sub("", summary, count=1)
    rule = _RULE.match(bare) or _RULE.match(name)
    written = rule[0] if rule else bare if _TEMPLATE.match(bare) else ""
    if not written or any(profile.subject & content(bare).keys() for profile in entries.profiles):
        return None
    first = next((hit for hit in hits(written) if _is_foreign(hit, entries) and written.startswith(hit.quote)), None)
    if first is None or said_by(entries, first.quote) or (first.quote.lower() in _CACHES and "memory" in spoken):
        return None
    return first.quote, first.topic


def _is_foreign(hit: Hit, entries: Index) -> bool:
    return hit.topic in BESIDE_NAMES and hit.strength == STRONG and hit.topic not in entries.plain_topics


def foreign_subject(summary: str, name: str, entries: Index) -> tuple[str, str] | None:
    """Give what a summary begins with and the topic of that ("" for a name), when no entry is about it; else None.

    `name` is the one that the alert's rule has.
    """
    monitoring = _MONITORING.match(summary) or _MONITORING.match(name)
    if monitoring and not said_by(entries, monitoring["what"]):
        return monitoring["what"], MONITORING
    found = _SUBJECT.match(summary)
    what = found["what"] if found else ""
    if not what or said_by(entries, what):
        return None
    name, *rest = what.lower().split()
    if name in NAMES and _OF_A_NAME.issuperset(rest):
        return what, ""
    # "The certificate of the API": the trouble is the last word's.
    spoken = (hit for hit in hits(what) if hit.topic in BESIDE_NAMES and hit.strength == STRONG)
    named = _ANY_THING.sub("", what)
    topic = next((hit.topic for hit in spoken if what.endswith(hit.quote) or named.endswith(hit.quote)), None)
    return (what, topic) if topic and topic not in entries.plain_topics else None
