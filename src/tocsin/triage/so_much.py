"""Whether a number behind "of" or "in" was measured: "an error rate of 5 %", "answers in 3 s"; no aim, no norm."""

import re

from tocsin.triage.reading_terms import SHARE, TAKES, USUAL, kind_of_one
from tocsin.triage.words import Word, between, listed, stem

# Words that end the name of what is measured, whatever it is.
_MEASURES = frozenset(map(stem, listed("rate ratio usage utilization utilisation time times level")))
_AIMS = listed(
    "threshold thresholds limit limits target targets slo sla objective budget allowed maximum minimum against than vs "
    "versus below under within acceptable permitted goal ceiling alert alerts drop drops increase decrease "
    "reduction rise improvement change difference"
)
# How long somebody waits on purpose has these names too.
_ON_PURPOSE = frozenset(map(stem, listed("delay wait spin timing elapsed took slow slower")))
_AIMED = (USUAL - SHARE) | _AIMS | frozenset(map(stem, _AIMS))
# How many words before may say that it is no measurement.
_NEAR = 8
_RESPONSE_TIME = re.compile(r"\s?response\s?time\b")


def is_so_much(behind: str, low: str, there: tuple[Word, ...], start: int, end: int) -> bool:
    """Whether so much was measured; `behind` is the word before the number, which is at `start` of a lowered text."""
    before = between(there, low.rfind("\n", 0, start) + 1, start)[-_NEAR:]
    said = [part for word in before for part in (word.stem, word.text.lower())]
    if behind == "in":
        # What stands behind "in" is how long an answer takes: "answers in 3 seconds", "in 3 s response time".
        return _RESPONSE_TIME.match(low, end) is not None or not TAKES.isdisjoint(said[-2:])
    name = before[-1].stem if before else ""
    measures = name in _MEASURES or (name not in _ON_PURPOSE and kind_of_one(name) is not None)
    return behind == "of" and measures and _AIMED.isdisjoint(said)
