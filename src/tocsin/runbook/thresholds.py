"""Numbers in symptoms: "Error rate > 1%", "requests (>10x normal)", "CPU at 100%"."""

import re
from datetime import timedelta

from tocsin.runbook.comparisons import (
    BY_TIME,
    EACH,
    FLOW,
    LASTING,
    NEED_UNIT,
    OPS,
    PARTICLES,
    SCALES,
    UNITS,
    UNSPACED,
    counted_by,
    flow_of,
)
from tocsin.runbook.durations import DURATION, duration_in
from tocsin.runbook.notation import english
from tocsin.runbook.policy import Threshold

_SYMBOLS = r"(?<![!<>=])(?:>=|<=|=>|=<|==|≥|≤|>|<|=)"
_WORDS = "|".join(sorted((re.escape(op) for op in OPS if op[0].isalpha()), key=len, reverse=True))
_LETTER = r"[A-Za-z\u00c0-\u024f\u0400-\u04ff]"
_NAMES = "|".join(
    sorted((re.escape(name) for name in UNITS if name[0].isalpha() and name[0] < "\u1000"), key=len, reverse=True)
)
_NOUN = rf"(?!(?:in|at|on|for|of)\b){_LETTER}{{2,20}}"
_UNIT = (
    rf"%|{FLOW}|(?:(?P<of>(?:[1-5]xx\s)?{_NOUN}(?:\s{_NOUN}){{0,2}})\s?)?{BY_TIME}|(?:{_NAMES})(?!\w)|x\b|-?\s?fold\b|ms\b|s\b|min\b|h\b|d\b|"
    r"[KMGT]i?B\b|[KMGT]?bps\b|(?:EUR|USD|GBP)\b|"
)
_GAP = r"[ \t\u00a0\u202f]"
_SCALED = "|".join(sorted((name for name in SCALES if len(name) > 1), key=len, reverse=True))
# A version, an address, a date and the 95 of "95th" are no amounts.
_NUMBER = (
    r"(?P<value>(?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(?P<power>e\+?[0-9]{1,2}\b)?"
    r"(?![0-9:]|[.,-][0-9]|(?:st|nd|rd|th)\b)"
)
_THRESHOLD = re.compile(
    rf"(?P<op>{_SYMBOLS}|(?<!{_LETTER})(?:{_WORDS})(?!{_LETTER}))\s*"
    r"(?:(?:l?os?|las?|el|del|il|der|die|den|de|dem|das|les?|um|uma)\s)?~?\s?[$\u20ac\u00a3]?"
    rf"(?P<minus>[-\u2212](?=[0-9]))?{_NUMBER}"
    rf"(?:(?P<scale>(?-i:[kKM]))\b|{_GAP}?(?P<many>{_SCALED})\b)?{_GAP}?(?:de\s)?(?P<unit>{_UNIT})",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:a|an|the|only|just|merely|sudden|sharp|large|big|spike|increase|rise|jump|surge|drop|in|of|is|stays?)\s+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s(,:;]+(?:is|are|ist|sind|liegt|bei|est|sont|de|es|está|é|è|stays?|goes|rises?|was|remains?|of|to|in|drops?|falls?|by|have|has|been))*[\s(,:;]*$",
    re.IGNORECASE,
)

_WINDOW = re.compile(
    r"\b(?:(?:for|over|during|within)\s+(?:the\s+)?(?:(?:last|past|previous)\s+)?|"
    r"in\s+(?:the\s+)?(?:last|past|previous)\s+)"
    rf"(?:(?:more|longer) than\s+|at least\s+|over\s+|[>≥]=?\s*)?{DURATION.pattern}|"
    r"\b(?:in|over|during|within)\s+the\s+(?:last|past|previous)\s+(?P<one>minute|hour|day|week)\b",
    re.IGNORECASE | re.ASCII,
)
_BASELINE = re.compile(
    r"\b(?:normal|baseline|usual|average|expected|typical|(?:last|previous) (?:week|day|hour)|yesterday)\b",
    re.IGNORECASE,
)


# "When 5% of the space remains", "only 2 GB free", "95% full", "3% or more": the comparison stands behind the number.
_LATE = re.compile(
    r"(?<![\w.])(?P<value>[0-9]{1,9}(?:\.[0-9]{1,6})?)\s?(?P<unit>%|percent|[KMGT]i?B\b|m?s\b|sec(?:onds?)?\b|"
    r"min(?:utes?)?\b|hours?\b|days?\b)\s+"
    r"(?:(?P<more>or\s+(?:more|higher|above|over|longer)|full|used|utili[sz]ed|in use|of capacity)|"
    r"(?P<less>or\s+(?:less|fewer|lower|below|under))|"
    r"(?:of\s+)?(?:(?:the|its|all|our)\s+)?(?P<subject>(?:[\w-]+\s+){0,4}?)"
    r"(?:(?:is|are)\s+)?(?P<left>remains?|remaining|left|free|available))\b",
    re.IGNORECASE | re.ASCII,
)
# "Less than 3% of its total space remaining": what is left is what is measured.
_OF_LEFT = re.compile(
    r"\s*of\s+(?:(?:the|its|all|our)\s+)?(?P<subject>(?:[\w-]+\s+){1,4}?)(?:(?:is|are)\s+)?"
    r"(?:remains?|remaining|left|free|available)\b",
    re.IGNORECASE | re.ASCII,
)
# "More than 5% of requests fail": the subject stands behind the number.
_BEHIND = re.compile(
    r"\s*(?:(?:out\s+)?of\s+)?(?:[0-9][0-9,]*\s+)?(?:(?:the|its|all|our|any)\s+)?(?!(?:in|on|at|of|for|out)\b)"
    r"(?P<subject>(?:[1-5]xx\s)?[^\W\d_][\w/-]*(?:\s+(?!(?:is|are|was|were|have|has|"
    r"fails?|failing|failed|returns?|returning|in|on|at|for|over|per|within|during|with|from|by|to|than|and|or|"
    r"wait\w*|takes?|gets?|exceeds?|above|below|older|longer|more|less|a|an|each|every|used|pro|je|par|por|al|alla|в|na)\b)"
    r"[^\W\d_][\w/-]*){0,2})"
)


def threshold_in(text: str) -> Threshold | None:
    """Give the first threshold of a text with its subject (the words before it, else those behind it), or None."""
    text = english(text)
    for found in _THRESHOLD.finditer(text):
        op, unit = found["op"].casefold(), _unit(found)
        # "at 15:30" and "at 3" are no measurements; a bare word operator needs a unit to be one.
        if (op in NEED_UNIT and not unit) or _is_window(text, found):
            continue
        left = _OF_LEFT.match(text, found.end())
        baseline = _BASELINE.search(text, found.end()) if unit in ("x", "%") else None
        return Threshold(
            left["subject"].strip() if left
            else _subject(text[: found.start()]) or found["of"] or _behind(text, found.end()),
            OPS[op], _number(found), unit,
            window=_window(text, found), baseline=baseline[0].casefold() if baseline else None,
        )  # fmt: skip
    return _late(text) or _unspaced(text)


def _unit(found: re.Match[str]) -> str:
    """Give the unit of a threshold in the one way it is kept."""
    unit = found["unit"]
    folded = unit.casefold()
    return flow_of(found) or counted_by(found) or UNITS.get(folded, "x" if folded.endswith("fold") else unit)


def _unspaced(text: str) -> Threshold | None:
    """Give a threshold in a script without spaces."""
    if text.isascii():
        return None
    for found in UNSPACED.finditer(text):
        op = next((_OP_OF[name] for name in _OP_OF if found[name]), None)
        if op is None:
            continue
        subject = text[: found.start()].strip(PARTICLES)
        # "リクエストが毎分 100 件", "每分钟请求超过 100": by which time is said at either end.
        said = (name for at_an_end in (subject.endswith, subject.startswith) for name in filter(at_an_end, EACH))
        each = found["each"] or found["per"] or next(said, "")
        value = float(found["value"].replace(",", "")) * SCALES.get((found["scale"] or "").casefold(), 1.0)
        unit = EACH.get(each) or UNITS.get(found["unit"] or "", found["unit"] or "")
        return Threshold(subject.removesuffix(each).removeprefix(each).strip(PARTICLES), op, value, unit)
    return None


# What is said before the number is said more closely by those behind "before".
_OP_OF = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "before_ge": ">=", "before_lt": "<", "before": ">"}


def _number(found: re.Match[str]) -> float:
    """Give the number as meant: "5,000" and "5k" are 5000, "-18" is below zero."""
    many = (found["scale"] or found["many"] or "").casefold()
    value = float(found["value"].replace(",", "") + (found["power"] or "")) * SCALES.get(many, 1.0)
    return -value if found["minus"] else value


def _late(text: str) -> Threshold | None:
    """Give a threshold whose comparison stands behind its number."""
    found = _LATE.search(text)
    if found is None:
        return None
    before = _subject(text[: found.start()])
    subject = (found["subject"] or "").strip() or before or found["left"] or _behind(text, found.end())
    unit = UNITS.get(found["unit"].casefold(), found["unit"])
    op = ">=" if found["more"] else "<="
    return Threshold(subject, op, float(found["value"]), unit, window=_window(text, found)) if subject else None


def _is_window(text: str, found: re.Match[str]) -> bool:
    """Tell how long something lasts from what is measured: "for more than 5 minutes", "over 10 minutes, ..."."""
    before = f" {text[: found.start()].rstrip().casefold()}"
    leads = not before.strip() and text[found.end() :].startswith(",") and DURATION.search(found[0]) is not None
    return before.endswith(LASTING) or leads


def _subject(before: str) -> str:
    """Give what is measured, out of the words before a number; how long it lasts may stand in front."""
    return _LEAD.sub("", f"{_TAIL.sub('', _WINDOW.sub('', before)).strip(' ,')} ").strip()


def _behind(text: str, at: int) -> str:
    found = _BEHIND.match(text, at)
    return found["subject"] if found else ""


def _window(text: str, found: re.Match[str]) -> timedelta | None:
    """Give how long it has to last: what is said behind the number, else before it."""
    lasting = _WINDOW.search(text, found.end()) or _WINDOW.search(text[: found.start()])
    if lasting is None:
        return None
    return duration_in(f"one {lasting['one']}" if lasting["one"] else lasting[0])
