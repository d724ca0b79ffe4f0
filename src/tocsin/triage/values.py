"""Values that stand apart from the name of what they are of: "datapoint [3.4]", "VALUE = 4.3", "with a value of 0.97".

They are given by that name, as a detail would say them. Source: the notices of CloudWatch, Azure Monitor and Google
Cloud, and the templates of alerts that people copy for Prometheus.
"""

import re
from collections.abc import Collection, Mapping

from tocsin.runbook.comparisons import UNITS
from tocsin.runbook.notation import english
from tocsin.triage.reading_terms import BARE, kind_of
from tocsin.triage.words import stems

_NUMBER = r"(?P<value>-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?)"
# "Threshold Crossed: 2 out of the last 2 datapoints [3.4 (27/11/26 08:01:00), 2.9 (...)] were greater than": the newest
# comes first.
_CROSSED = re.compile(rf"\bthreshold crossed\b[^\[\n]{{0,60}}\bdatapoints? \[{_NUMBER}[ ,\]]", re.IGNORECASE)
_METRIC_VALUE = re.compile(rf"\bmetric_?value\x22?[:=\s]{{1,4}}{_NUMBER}", re.IGNORECASE)
_OF_METRIC = re.compile(r"\bmetric_?name\W{1,12}(?P<name>\w{1,80})", re.IGNORECASE)
_COUNTED_IN = re.compile(r"\bunit\W{1,12}(?P<unit>milliseconds|seconds|percent)\b", re.IGNORECASE)
# What the name of a metric says where no unit is given.
_KNOWN_UNITS = (("Utilization", "%"), ("TargetResponseTime", "s"), ("Duration", "ms"))
_SAID = re.compile(
    r"\b(?:(?:with\sa|current|metric|measured|observed|latest)\s)?value(?:\s?[=:]|\sis|\sof)\s?"
    rf"{_NUMBER}(?P<unit>\s?(?:%|ms|s))?(?![\w/:%-]|\.\d)",
    re.IGNORECASE,
)
# A detail, and what it is of is not the line above it.
_DETAIL = re.compile(r"^value\s?:", re.IGNORECASE)
_NO_VALUE = re.compile(
    r"\b(?:threshold|limit|max(?:imum)?|min(?:imum)?|target|normal|usual|expected|default|old|previous|last)\s?\Z",
    re.IGNORECASE,
)
_LIMIT_IN_PERCENT = re.compile(
    r"(?:[<>]=?|\b(?:above|below|over|under|than|exceeds))\s?\d{1,3}(?:\.\d+)?\s?%", re.IGNORECASE
)
_FURTHEST = 160
"""Characters before a value that may say what it is of."""

# Details that say what a bare "value" is the value of.
_SUBJECTS = frozenset(
    {"slo", "sli", "indicator", "metric", "metric_name", "metricname", "query", "expr", "nrqlquery", "nrql_query"}
)
_QUANTILE = re.compile(r"p\((\d\d)\)", re.IGNORECASE)
# As a rule in Grafana names its queries and steps.
_OF_A_QUERY = re.compile(r"value [a-z]\d?", re.IGNORECASE)
# Details that name no more than a statistic or a unit of it.
_OF_THE_SUBJECT = BARE | frozenset(
    {"average", "avg", "mean", "seconds", "ms", "percent", "pct", "ratio", "mean_ms", "avg_ms", "average_ms", "mean_s"}
)


def values(text: str, known: Collection[str]) -> dict[str, str]:
    """Give the value a text says, by what it is of; nothing where one of the `known` details is one already."""
    if any(key.lower() in BARE for key in known):
        return {}
    text = english(text)
    return _crossed(text) or _said(text)


def with_subject(named: Mapping[str, str], text: str) -> dict[str, str]:
    """Give the details with a bare "value" named for what it measures: the metric's name, else the alert's words."""
    subject = next((value for key, value in named.items() if key.lower() in _SUBJECTS), text.partition("\n")[0][:200])
    of_queries = [key for key in named if _OF_A_QUERY.fullmatch(key)]
    # Of the steps of a rule in Grafana, one says whether the limit was passed: 1 or 0.
    measured = [key for key in of_queries if named[key] not in {"0", "1"}] or of_queries
    bare = dict.fromkeys(measured[:1], "value")
    return {_subjected(subject, bare.get(key, key)): value for key, value in named.items()}


def _subjected(subject: str, key: str) -> str:
    """Give the name of a detail with what it is of, where it only names a statistic: "value", "p(95)"."""
    if quantile := _QUANTILE.fullmatch(key):
        return f"{subject} p{quantile[1]}"
    return f"{subject} {key}" if key.lower() in _OF_THE_SUBJECT else key


def _crossed(text: str) -> dict[str, str]:
    """Give the value that crossed a threshold: what it is the value of is another field."""
    crossed = _CROSSED.search(text) or _METRIC_VALUE.search(text)
    if crossed is None:
        return {}
    metric, unit = _OF_METRIC.search(text), _COUNTED_IN.search(text)
    name = metric["name"] if metric else "value"
    known = next((unit for end, unit in _KNOWN_UNITS if name.endswith(end)), "")
    counted = UNITS[unit["unit"].lower()] if unit else known
    return {name: f"{float(crossed['value']):.15g}{counted}"}


def _said(text: str) -> dict[str, str]:
    """Give the value that a sentence says behind what it is of, or without that as `value`."""
    for found in _SAID.finditer(text):
        before = text[max(0, found.start() - _FURTHEST) : found.start()]
        detail = before[-1:] in {"", "\n"} and _DETAIL.match(found[0])
        if detail or _NO_VALUE.search(before):
            continue
        of = before.rstrip().rpartition("\n")[2]
        unit = (found["unit"] or "").strip() or ("%" if _LIMIT_IN_PERCENT.search(of) else "")
        name = f"{of} value" if kind_of(stems(of)) else "value"
        return {name: f"{float(found['value']):.15g}{unit}"}
    return {}
