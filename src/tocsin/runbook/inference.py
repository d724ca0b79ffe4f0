"""The severity of an entry that states none: its words against the criteria of the severities."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tocsin.runbook.names import normal
from tocsin.runbook.policy import Criterion, Severity
from tocsin.runbook.severities import is_urgent

# Words that speak of the same trouble. Written as `normal` gives them; a phrase counts like a word.
CONCEPTS: dict[str, tuple[str, ...]] = {
    "outage": ("outage", "down", "unavailable", "offline", "unreachable", "not responding", "dead", "stopped"),
    "security": (
        "breach", "breached", "security", "attack", "attacked", "ddos", "unauthorized", "unauthorised", "compromised",
        "compromise", "intrusion", "hacked", "malware", "ransomware", "phishing",
    ),
    "database": ("database", "databases", "db", "sql", "postgres", "postgresql", "mysql", "query", "queries"),
    "errors": ("error", "errors", "exception", "exceptions", "5xx", "500s"),
    "slowness": ("slow", "slowness", "performance", "latency", "response time", "sluggish", "lag"),
    "degradation": ("degradation", "degraded", "partial", "partially"),
    "memory": ("memory", "oom", "heap"),
    "disk": ("disk", "storage", "volume", "filesystem"),
    "failure": ("failure", "failures", "failing", "failed", "fails", "fail"),
}  # fmt: skip
_WORD_TO_CONCEPT = {word: name for name, words in CONCEPTS.items() for word in words}
# Words that tell one criterion from another about as well as "the".
_GENERAL = frozenset({
    "a", "an", "the", "and", "or", "of", "to", "in", "for", "with", "on", "by", "is", "are", "be", "not", "no",
    "all", "any", "some", "complete", "full", "total", "major", "minor", "partial", "critical", "non", "core",
    "functionality", "feature", "features", "service", "services", "system", "systems", "issue", "issues",
    "incident", "incidents", "problem", "problems", "user", "users", "customer", "customers", "affected",
    "affecting", "application", "app", "platform", "production", "data", "api", "high", "low", "severe",
    "significant", "multiple", "single", "check", "access", "reporting", "report", "reports", "usage",
})  # fmt: skip
TITLE_WEIGHT, SYMPTOM_WEIGHT, SYMPTOM_LIMIT = 3.0, 1.0, 2.0
# Half as much again for every word before the trouble that the entry does not speak of: "payment" errors.
STRANGER = 0.6
ENOUGH = 2.0


class Inferred(NamedTuple):
    """The severity an entry's words imply; `line` cites the criterion, None when no criterion speaks of it."""

    severity: str | None
    because: str
    line: int | None


def infer(title: str, symptoms: Iterable[str], severities: tuple[Severity, ...]) -> Inferred:
    """Give the most urgent severity with a criterion that the title and symptoms support well."""
    words = weights(title, symptoms)
    for severity in severities:
        best = max(severity.criteria, key=lambda c: support(words, c.text), default=None)
        if best is not None and support(words, best.text) >= ENOUGH:
            return Inferred(severity.id, best.text, best.line)
    default = next((s for s in severities if not is_urgent(s.response)), severities[0] if severities else None)
    if default is None:
        return Inferred(None, "the document defines no severities", None)
    return Inferred(
        default.id, "no criterion speaks of it, so the most urgent severity that need not be answered at once", None
    )


def weights(title: str, symptoms: Iterable[str]) -> dict[str, float]:
    """Give how strongly an entry speaks of each term: its title counts most, repeated symptoms little more."""
    found: dict[str, float] = {}
    for text in symptoms:
        for term in set(terms(text)):
            found[term] = min(found.get(term, 0.0) + SYMPTOM_WEIGHT, SYMPTOM_LIMIT - SYMPTOM_WEIGHT / 2)
    for term in set(terms(title)):
        found[term] = found.get(term, 0.0) + TITLE_WEIGHT
    return found


def support(words: dict[str, float], criterion: str) -> float:
    """Give how well an entry supports a criterion: the best of its alternatives ("data breach or ...")."""
    return max((_support(words, part) for part in re.split(r"\bor\b|/|,|;", criterion)), default=0.0)


def _support(words: dict[str, float], text: str) -> float:
    wanted = list(dict.fromkeys(terms(text)))
    known = [term for term in wanted if term in words]
    if not known:
        return 0.0
    # Words before the last known term say whose trouble it is; words behind it only describe.
    last = max(wanted.index(term) for term in known)
    strangers = sum(term not in words for term in wanted[:last])
    return sum(words[term] for term in known) / (1 + STRANGER * strangers)


@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """Give the telling terms of a text in order: concepts for the words we know, other words by their stem."""
    words = normal(re.sub(r"[/,;]", " ", text))
    for phrase, concept in _WORD_TO_CONCEPT.items():
        if " " in phrase:
            words = re.sub(rf"\b{phrase}\b", concept, words)
    found = []
    for word in words.split():
        known = _WORD_TO_CONCEPT.get(word) or (word if word in CONCEPTS else None)
        if known is not None:
            found.append(known)
        elif word not in _GENERAL and not word[0].isdigit():
            found.append(_stem(word))
    return tuple(found)


def _stem(word: str) -> str:
    return re.sub(r"(?<=\w{4})(?:ing|ed|es|s)$", "", word)


def uncovered(criteria: Iterable[Criterion], entries: Iterable[tuple[str, tuple[str, ...]]]) -> list[Criterion]:
    """Give the criteria that none of the entries, each given as (title, symptoms), supports well."""
    spoken = [weights(title, symptoms) for title, symptoms in entries]
    return [c for c in criteria if not any(support(words, c.text) >= ENOUGH for words in spoken)]
