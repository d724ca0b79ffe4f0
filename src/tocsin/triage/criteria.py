"""Which criterion of a severity an alert meets by itself: "complete outage", "> 25% of users".

Source: the bullets under each severity of "Severity Levels".
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from tocsin.detection.alert import Alert
from tocsin.incident.facts import Because
from tocsin.runbook.policy import Criterion, Severity
from tocsin.triage.fractions import hit
from tocsin.triage.numerals import legible
from tocsin.triage.proportions import proportions
from tocsin.triage.reading import WHOLE
from tocsin.triage.readings import readings
from tocsin.triage.statement import Statement, statement
from tocsin.triage.topics import hits
from tocsin.triage.words import content, plain

_PEOPLE = r"(?:users?|customers?|clients?|people|accounts?|players?|visitors?|merchants?|tenants?|traffic|requests?)"
_OF_PEOPLE = re.compile(_PEOPLE, re.IGNORECASE)
_SHARE = re.compile(
    rf"(?:>=?|more than|over|above|at least)\s*(\d+(?:\.\d+)?)\s*%\s*(?:of\s+)?(?:\w+\s+)?{_PEOPLE}", re.IGNORECASE
)
_SAID_SHARE = re.compile(
    rf"(\d+(?:\.\d+)?)\s?(?:%|percent)\s*(?:of\s+)?(?:all\s+|our\s+|the\s+)?{_PEOPLE}"
    rf"|{_PEOPLE}\s+(?:affected|impacted)\W{{0,3}}(\d+(?:\.\d+)?)\s?(?:%|percent)"
)
_WHOLE = re.compile(
    r"\b(?:complete(?:ly)?|total(?:ly)?|full|entire(?:ly)?|whole|site.?wide|all\s+(?:users|customers|clients|regions|locations|instances|"
    r"nodes|services?|checks)|every(?:body|one|thing)|every\s+(?:user|customer|region|request|call)|nobody|no\s+one|nothing\s+works)\b",
    re.IGNORECASE,
)
FEWEST_WORDS = 2


def criterion_met(alert: Alert, severities: tuple[Severity, ...]) -> tuple[str, Because] | None:
    """Give the first of these severities, most urgent first, of which the alert meets a criterion, and which."""
    said = statement(alert)
    own = content(said.text)
    for severity in severities:
        for criterion in severity.criteria:
            if quote := _met(criterion, said, own):
                return severity.id, Because(f"says “{quote}”, which is “{criterion.text}”", criterion.line)
    return None


def share_met(affected: float, severities: tuple[Severity, ...]) -> tuple[str, Because] | None:
    """Give the first of these severities that so great a share of users (0..1) makes it, and by which criterion."""
    for severity in severities:
        for criterion in severity.criteria:
            limit = _share_of(criterion.text)
            if limit is not None and affected * WHOLE > limit:
                because = f"{affected:.0%} of all users report it, which is “{criterion.text}”"
                return severity.id, Because(because, criterion.line)
    return None


def _met(criterion: Criterion, said: Statement, own: Mapping[str, str]) -> str | None:
    return _enough_people(criterion, said) or _all_of_it(criterion, said) or _in_its_words(criterion, own)


def _enough_people(criterion: Criterion, said: Statement) -> str | None:
    """Give the share of people the alert speaks of, where that is past the criterion's."""
    limit = _share_of(criterion.text)
    if limit is None:
        return None
    for found in _SAID_SHARE.finditer(legible(said.text)):
        if float(found[1] or found[2]) > limit:
            return said.text[found.start() : found.end()].strip()
    for part in proportions(said.text):
        near = said.text[part.start : part.end + 20]
        if _OF_PEOPLE.search(near) and WHOLE * part.part / part.whole > limit:
            return part.quote
    shares = (share for share in hit(said.text) if share.percent > limit)
    return next((share.quote for share in shares if _OF_PEOPLE.search(share.quote)), None)


def _all_of_it(criterion: Criterion, said: Statement) -> str | None:
    """Give the words that say that everything is down, where the criterion is a complete outage."""
    quote = _everything(said) if _is_of_a_whole_outage(criterion.text) else None
    return quote if quote and (_speaks_of_outage(said.summary) or _speaks_of_outage(said.rest)) else None


def _everything(said: Statement) -> str | None:
    """Give the words that speak of all there is, or of none that lives."""
    if whole := _WHOLE.search(plain(said.text)):
        return whole[0]
    return next(
        (one.quote for one in readings(said.text, said.spelled) if one.kind == "alive" and one.value == 0), None
    )


# Of the document, which stays as it is.
@lru_cache(maxsize=256)
def _share_of(text: str) -> float | None:
    limit = _SHARE.search(text)
    return float(limit[1]) if limit else None


@lru_cache(maxsize=256)
def _is_of_a_whole_outage(text: str) -> bool:
    return bool(_WHOLE.search(text)) and _speaks_of_outage(text)


def _speaks_of_outage(text: str) -> bool:
    return any(hit.topic == "down" and hit.strength > HINT for hit in hits(text))


HINT = 0.5
"""What a word only hints at is weaker than this."""


def _in_its_words(criterion: Criterion, own: Mapping[str, str]) -> str | None:
    """Give the criterion's own words, where the alert has every one of them."""
    wanted = _wanted(criterion.text)
    if len(wanted) < FEWEST_WORDS or not wanted.keys() <= own.keys():
        return None
    return " ".join(own[stem] for stem in wanted)


@lru_cache(maxsize=256)
def _wanted(text: str) -> Mapping[str, str]:
    return content(text)
