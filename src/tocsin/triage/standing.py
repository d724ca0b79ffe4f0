"""What an alert says about itself that makes it no incident: over, somewhere else than production, only a notice."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tocsin.triage.words import plain

ENVIRONMENT_KEYS = frozenset({"env", "environment", "stage", "tier", "deployment_environment"})
STATUS_KEYS = frozenset({"status", "state", "alert_status", "new_state", "newstatevalue", "alert_event", "alert_state"})
_PRODUCTION = re.compile(r"\b(?:prod|production|prd|live)\b", re.IGNORECASE)
_OTHER_PLACE = re.compile(
    r"\b(?:staging|stage|stg|sandbox|dev(?:elopment)?|testing|testnet|devnet|qa|uat|preview|local(?:host)?|"
    r"ci|lab|demo|playground)\b",
    re.IGNORECASE,
)
_OTHER_PLACE_TEXT = re.compile(
    r"\b(?:(?:on|in|from|at)\s+(?:the\s+|our\s+|my\s+)?(?:staging|stage|stg|sandbox|qa|uat|dev|ci|preview|demo|testnet)\b"
    r"|staging|stg|sandbox|testnet|devnet|uat|"
    r"(?:dev|test|qa|ci|preview|demo|lab|load.?test)[ -](?:env(?:ironment)?|cluster|server|box|database|db|instance|"
    r"deployment|system|namespace)|test\s+environment|my\s+(?:laptop|machine)|localhost)\b",
    re.IGNORECASE,
)
_NOT_OVER = re.compile(r"\b(?:not|un|isn't|never|before|until|if)[ -]?(?:yet )?(?:resolved|recovered)\b", re.IGNORECASE)
_OVER = re.compile(
    r"^\W*(?:resolved|recovered|ok|up|cleared|closed|normal|recovery)\b\W"
    r"|[\[(](?:resolved|recovered|recovery|ok|closed|cleared)\b[^\])]*[\])]"
    r"|^\W*(?:monitor|site|host|service|check)\s+is\s+up\b"
    r"|\b(?:has|have|is|are|was|been|now)\s+(?:now\s+|been\s+|fully\s+)*(?:resolved|recovered|cleared|ended|fixed|"
    r"restored|over|back\s+(?:up|online|to\s+normal)|healthy\s+again|up\s+again|operational)\b"
    r"|\b(?:back\s+to\s+normal|back\s+online|recovered\s+(?:after|at|by)|is\s+back\s+up|is\s+now\s+up|false\s+alarm|"
    r"all\s+clear|no\s+longer\s+(?:failing|firing|down)|retour\s+a\s+la\s+normale|wieder\s+(?:erreichbar|normal)|"
    r"alarm\s+to\s+ok|-> ?ok)\b|已恢复|恢复正常|復旧",
    re.IGNORECASE,
)
_OVER_STATUS = re.compile(r"\b(?:resolved|recovered|ok|closed|cleared|end|ended|inactive|up)\b", re.IGNORECASE)
_TEST = re.compile(
    r"\b(?:this\s+is\s+(?:only\s+)?(?:a\s+|just\s+a\s+)?(?:test|drill)|test\s+(?:alert|notification|event|message|page|incident)|"
    r"please\s+ignore|ignore\s+(?:this|me)|fire\s?drill|dry\s?run|game\s?day|chaos\s+(?:test|experiment|day)|"
    r"load\s+test|stress\s+test|pen(?:etration)?\s?test|drill)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\b(?:(?:daily|weekly|monthly|quarterly|yearly)\s+(?:report|summary|digest|overview|recap)|reminder|"
    r"(?:scheduled|planned|upcoming)\s+(?:maintenance|downtime|upgrade|window|restart|reboot|failover)|"
    r"(?<!outside )(?<!outside the )maintenance\s+(?:scheduled|window|planned|notice|completed)|"
    r"post.?incident\s+review|post.?mortem|retrospective|retro\b|last\s+(?:week|month|quarter|year)(?:'s)?|"
    r"has\s+been\s+renewed|successfully\s+(?:completed|renewed|deployed|finished|rotated)|"
    r"completed\s+successfully|awareness\s+training|(?:attack|phishing)\s+simulation|training|webinar|lunch|newsletter|release\s+notes|changelog|"
    r"graceful(?:ly)?\s+(?:re\w+|shut\w*|stop\w*)|exit(?:ed)?\s+(?:with\s+)?(?:code|status)\s+\[?0\b|"
    r"deploy(?:ment)?\s+(?:succeeded|finished|completed|started)|feature\s+request|how\s+do\s+i|"
    r"question\s+about|thank\s+you\s+for|out\s+of\s+office|happy\s+birthday|will\s+be\s+(?:deprecated|retired))\b",
    re.IGNORECASE,
)
_FEW = re.compile(r"\b(?:[1-5]\s+events?|1\s+users?|one\s+user|single\s+user|1\s+occurrence)\b", re.IGNORECASE)
_FENDED_OFF = re.compile(
    r"\b(?:all|were|was|been|attempts?|requests?|logins?|and|automatically)?\s*(?:blocked|rejected|denied|dropped|refused|"
    r"quarantined|failed\s+(?:password|login|sign)|prevented|no\s+success(?:ful)?)\b",
    re.IGNORECASE,
)
_GOT_THROUGH = re.compile(
    r"\b(?:success(?:ful(?:ly)?)?\b(?<!no success)|succeeded|then\s+(?:accepted|logged|signed)|got\s+in|"
    r"allowed|granted|"
    r"bypass(?:ed)?|downloaded|exported|leaked|returned\s+\d+)\b",
    re.IGNORECASE,
)


class Standing(NamedTuple):
    """Why there is nothing to open. `certain` when a field says so, not only the wording."""

    text: str
    certain: bool


def standing(text: str, named: Mapping[str, str], origin: str) -> Standing | None:
    """Give why the alert is no incident by its own words, or None. `named` holds its details by lower-case key."""
    text = plain(text)
    return _elsewhere(text, named, origin) or _over(text, named) or _only_words(text)


def fended_off(text: str) -> str | None:
    """Give the words that say an attempt failed, unless others say that one succeeded."""
    found = _FENDED_OFF.search(text)
    return found[0].strip() if found and not _GOT_THROUGH.search(text) else None


def _elsewhere(text: str, named: Mapping[str, str], origin: str) -> Standing | None:
    for key in ENVIRONMENT_KEYS & named.keys():
        if _PRODUCTION.search(named[key]):
            return None
        if _OTHER_PLACE.search(named[key]) or named[key].lower() == "test":
            return Standing(f"its {key} is “{named[key]}”, not production", certain=True)
    tagged = re.search(r"\benv(?:ironment)?[:=]\s?\"?([a-z]+)", " ".join((text, *named.values())), re.IGNORECASE)
    if tagged and _OTHER_PLACE.fullmatch(tagged[1]):
        return Standing(f"it is tagged “{tagged[0]}”, not production", certain=True)
    if tagged and _PRODUCTION.fullmatch(tagged[1]):
        return None
    found = _OTHER_PLACE_TEXT.search(text) or re.search(r"(?:^|[\s.@/-])(staging|stg|sandbox|testnet)\b", origin)
    if found and not _PRODUCTION.search(text):
        return Standing(f"it says “{found[0].strip()}”, not production", certain=False)
    return None


def _over(text: str, named: Mapping[str, str]) -> Standing | None:
    for key in STATUS_KEYS & named.keys():
        if _OVER_STATUS.search(named[key].replace("_", " ")):
            return Standing(f"its {key} is “{named[key]}”: it is over", certain=True)
    found = None if _NOT_OVER.search(text) else _OVER.search(text)
    return Standing(f"it says “{found[0].strip()}”: it is over", certain=False) if found else None


def _only_words(text: str) -> Standing | None:
    if found := _TEST.search(text):
        return Standing(f"it says “{found[0]}”: a test, not an incident", certain=False)
    if found := _NOTICE.search(text):
        return Standing(f"it says “{found[0]}”: a notice, not an incident", certain=False)
    if found := _FEW.search(text):
        return Standing(f"it says “{found[0]}”: too few to be an incident", certain=False)
    return None
