"""Whether minutes are what something takes: "p95 is 1.5 minutes", "checkout takes 3m 20s".

Most minutes of an alert are how long something goes on, or over how long it was measured: "for 10 minutes", "5 min
average". So they count only right behind the name of such a time, or behind a verb for it where a call takes them.
"""

import re

from tocsin.triage.numerals import number
from tocsin.triage.reading_terms import CALLS
from tocsin.triage.words import Word, between, listed, stem

_IS = (
    r"\s(?:is|was|are|were|now|currently|already|even|at|to|of|about|around|nearly|almost|up|reached|reaches|hit|hits|"
    r"rose|climbed|jumped|grew|went|averages|averaging|sits|stands|exceeds|exceeded|ist|sind|bei|liegt|jetzt|est|es|"
    r"actuellement)\b"
)
_OF_WHAT = r"(?:\s(?:of|for|on)\s(?:the\s|our\s)?(?!\d)[^\s,;]{1,40})?"
# A "response time" that is not said to be so is mostly what somebody promised.
_NAMES_A_TIME = re.compile(
    r"\b(?:(?:latency|latencies|latenz|latencia|latence|latentie|p(?:50|75|90|95|99)(?:\.9)?|ttfb|time\sto\sfirst\sbyte|"
    r"ladezeit(?:en)?|(?:load|loading|query)[ -]?times?|(?:request|query|call)[ -]duration|"
    r"(?:average|avg|mean|median|p\d\d)\s(?:response|answer|reply|request)[ -]?times?)"
    rf"{_OF_WHAT}(?:\s?[:=(]|{_IS})*"
    rf"|(?:(?:response|answer|reply|request)[ -]?times?|antwortzeit(?:en)?){_OF_WHAT}{_IS}(?:{_IS})*)"
    r"(?:\sfrom\s\d+(?:\.\d+)?\s?(?:ms|s|secs?|seconds?)\s(?:up\s)?to)?\s?(?:\babove|\bmore\sthan|>=?|\u2265)?\s?\Z"
)
# What takes minutes as a matter of course, or is promised, or is done by people.
_OTHERWISE = frozenset(
    part
    for word in listed(
        "migration migrations backup backups restore restoring dump deploy deploys deployment build builds job jobs"
        " batch export exports import imports rollout rollback release failover restart reboot recovery"
        " sync vacuum reindex pipeline test tests cron snapshot upgrade update outage downtime incident sla slo target"
        " objective priority severity sev1 sev2 sev3 p0 p1 p2 p3 p4 ticket tickets support team engineer oncall"
        " on-call ack acknowledge acknowledged paged"
    )
    for part in (word, stem(word))
)
_TAKES_SO_LONG = re.compile(
    r"\b(?:takes?|took|taking|needs?|needed|dauert|dauern|braucht|brauchen|prend|prennent|mettent|met|tarda|tardan|"
    r"demora|demoram|impiega|impiegano|duurt|duren|(?:answers|answered|responds|responded|loads|loaded|replies|replied|"
    r"returns|returned)\s(?:only\s)?(?:in|after))"
    r"(?:\s(?:about|around|nearly|almost|over|up\sto|at\sleast|more\sthan|now|etwa|rund|\u00fcber|mehr\sals|plus\sde|"
    r"environ|unos|unas|m\u00e1s\sde|oltre|circa|ongeveer))*\s?\Z"
)
# What stands behind minutes that are a window, or a time of the clock.
_NO_LENGTH = re.compile(
    r"\s?[)\]]?\s?(?:[:=]|(?:ago|old|apart|later|earlier|avg|average|mean|median|max|window|windows|rolling|moving|rate|"
    r"interval|intervals|p\d\d|timeout|cooldown|budget|straight|running|in\sa\srow|before|after|between|into)\b)"
)
_SECONDS = re.compile(r"\d\s?(?:ms|milliseconds|msec|s|secs?|seconds?)\b")
# Before seconds that are what it should take.
_NO_VALUE = re.compile(
    r"(?:\b(?:threshold|limit|slo|sla|target|objective|budget|max|maximum|normal(?:ly)?|usual(?:ly)?|typical(?:ly)?|baseline|"
    r"above|over|below|under|than|from|vs|versus|instead\sof|expected)|[<>]=?)[\s:=(]{0,3}(?:of\s|is\s|was\s)?\Z"
)
_MINUTE = 60
_AS_FAR_BACK = 120
_ENDS = (",", ";", ". ", "\n")


def in_seconds(minutes: str | None, value: str) -> str:
    """Give so many minutes, or minutes and seconds, as seconds are written."""
    seconds = _MINUTE * number(value) if minutes is None else _MINUTE * number(minutes) + number(value)
    return f"{seconds:.15g}"


def is_how_long(low: str, there: tuple[Word, ...], start: int, end: int) -> bool:
    """Whether the minutes at `start`..`end` of a text in small letters, with these words, are what a call takes."""
    begun = max(start - _AS_FAR_BACK, *(low.rfind(mark, 0, start) + 1 for mark in _ENDS))
    stop = min((place for mark in _ENDS if (place := low.find(mark, end)) >= 0), default=len(low))
    measured = (one.start() for one in _SECONDS.finditer(low, end, stop))
    if _NO_LENGTH.match(low, end) or any(not _NO_VALUE.search(low, end, one) for one in measured):
        return False
    clause = (*between(there, begun, start), *between(there, end, stop))
    said = {part for word in clause for part in (word.stem, word.text.lower())}
    if said & _OTHERWISE:
        return False
    if _NAMES_A_TIME.search(low, begun, start):
        return True
    return _TAKES_SO_LONG.search(low, begun, start) is not None and not said.isdisjoint(CALLS)
