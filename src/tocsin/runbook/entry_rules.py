"""The escalation rule of one entry: "If not resolved in 30 min -> Escalate to L2", "Immediate -> CTO + Legal"."""

import re
from typing import Literal

from tocsin.runbook.durations import DURATION, duration_in
from tocsin.runbook.names import plain
from tocsin.runbook.policy import EntryRule

_ARROW = re.compile(r"\s*(?:→|⇒|➜|->|=>|—>)\s*")
_VERB = re.compile(
    r"\b(?:escalate|hand over|hand off|goes?|go)\s+to\b|"
    r"\b(?:reach out to|loop in|bring in|notify|page|call|contact|inform|tell|alert|involve|engage|ask|phone|ring|"
    r"wake|to)\b",
    re.IGNORECASE,
)
_IMMEDIATE = re.compile(r"\b(?:immediate(?:ly)?|at once|right away|instantly|straight away)\b", re.IGNORECASE)
_PERSISTS = re.compile(
    r"\b(?:persists?|continues?|remains?|stays?|still|recurs?|keeps?)\b|"
    r"\b(?:does|do|did|has|have|is|are)(?:n'?t| not)\s+(?!(?:been\s+)?(?:resolv|fix|solv))\w+",
    re.IGNORECASE,
)
_NOT_RESOLVED = re.compile(
    r"\b(?:un|not\s+(?:yet\s+|been\s+)?|can'?t\s+(?:be\s+)?|cannot\s+(?:be\s+)?|without\s+(?:a\s+)?|no\s+)"
    r"(?:resolv\w*|resolution|fix\w*|solv\w*|solution|progress|restored)\b",
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s*(?:\+|,|&|;|\band\b|\bplus\b)\s*", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|our|your|an?)\s+", re.IGNORECASE)
# What follows an arrow is not always somebody: another severity, another runbook, a step.
_NOBODY = re.compile(
    r"^(?:p|sev|s)[- ]?[0-5]$|\.md\b|^(?:restore|restart|see|use|open|create|roll|run|follow|"
    r"investigate|check|review|consider|analy[sz]e|verify|try|scale|rebuild|redeploy|disable|enable|proceed|start|stop|"
    r"update|document)\b",
    re.IGNORECASE,
)
TARGET_WORDS = 5


def entry_rule(text: str, line: int) -> EntryRule | None:
    """Give the rule a line states, or None when it names nobody."""
    words = plain(text).replace("’", "'")  # noqa: RUF001 - the typographic apostrophe
    condition, target = _halves(words)
    to = _targets(target)
    if not to:
        return None
    trigger = _trigger(condition)
    after = None if trigger == "immediate" else duration_in(condition)
    return EntryRule(trigger=trigger, after=after, to=to, text=words, line=line)


_TOLD = re.compile(r"^\W*(?:(?:p|sev)-?[0-5]\W{1,3})?(?:escalate|escalation\s*:)\s*(?=\S)", re.IGNORECASE)


def told_rule(sentence: str, line: int) -> EntryRule | None:
    """Give the rule of a sentence among the steps that says to escalate, or None."""
    words = plain(sentence)
    return entry_rule(words, line) if _TOLD.match(words) and re.search(r"\bto\b|→|->", words) else None


def _halves(words: str) -> tuple[str, str]:
    """Part what has to be the case from who is called."""
    arrow = _ARROW.split(words, maxsplit=1)
    if len(arrow) > 1:
        return arrow[0], arrow[1]
    verb = _VERB.search(words)
    if verb:
        # "Page the lead after 20 min" has its condition behind the person.
        before, behind = words[: verb.start()], words[verb.end() :]
        cut = re.search(r"\b(?:if|when|after|within|unless|immediately)\b", behind, re.IGNORECASE)
        return (before, behind) if cut is None else (f"{before} {behind[cut.start() :]}", behind[: cut.start()])
    colon = re.split(r":\s+|,\s+", words, maxsplit=1)
    return (colon[0], colon[1]) if len(colon) > 1 else ("", words)


def _targets(text: str) -> tuple[str, ...]:
    bare = DURATION.sub("", re.sub(r"\([^()]*\)", "", text))
    names = []
    for part in _JOIN.split(bare):
        name = _ARTICLE.sub("", _VERB.sub("", part).strip(" .:")).strip()
        if name and len(name.split()) <= TARGET_WORDS and not _ARROW.search(name) and _NOBODY.search(name) is None:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _trigger(condition: str) -> Literal["immediate", "not-resolved", "persists"]:
    if _NOT_RESOLVED.search(condition):
        return "not-resolved"
    if _PERSISTS.search(condition):
        return "persists"
    return "immediate" if _IMMEDIATE.search(condition) else "not-resolved"
