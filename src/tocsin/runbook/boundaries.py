"""Where the numbers of neighbouring severities leave a gap or overlap (">25%" beside "<25%")."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from tocsin.runbook.inference import terms
from tocsin.runbook.policy import Criterion, Severity
from tocsin.runbook.thresholds import threshold_in

_RANGE = re.compile(r"\b(?P<low>[0-9]{1,6})\s?%?\s?(?:-|to)\s?(?P<high>[0-9]{1,6})\s?(?P<unit>%)", re.ASCII)


class Span(NamedTuple):
    """The numbers a criterion claims; `open_at` is the end that does not belong to it."""

    low: float
    high: float
    unit: str
    open_at: float | None
    criterion: Criterion


class Clash(NamedTuple):
    """Two criteria whose numbers do not meet cleanly."""

    line: int
    sentence: str


def clashes(severities: tuple[Severity, ...]) -> Iterator[Clash]:
    """Give the gaps and overlaps between criteria of different severities that speak of the same thing."""
    spans = [(s.id, span) for s in severities for c in s.criteria if (span := _span(c)) is not None]
    for (id_a, a), (id_b, b) in combinations(spans, 2):
        if id_a == id_b or a.unit != b.unit or not _same_subject(a, b):
            continue
        if a.open_at is not None and a.open_at == b.open_at:
            yield Clash(a.criterion.line, f"Exactly {a.open_at:g}{a.unit} belongs neither to {id_a} nor to {id_b}")
        elif max(a.low, b.low) < min(a.high, b.high):
            low, high = max(a.low, b.low), min(a.high, b.high)
            between = f"{low:g} to {high:g}{a.unit}" if high != float("inf") else f"More than {low:g}{a.unit}"
            yield Clash(a.criterion.line, f"{between} belongs to both {id_a} and {id_b}")


def _span(criterion: Criterion) -> Span | None:
    found = _RANGE.search(criterion.text)
    if found:
        return Span(float(found["low"]), float(found["high"]), found["unit"], None, criterion)
    limit = threshold_in(criterion.text)
    if limit is None or limit.op == "==":
        return None
    strict = limit.value if limit.op in (">", "<") else None
    ends = (limit.value, float("inf")) if limit.op.startswith(">") else (float("-inf"), limit.value)
    return Span(*ends, limit.unit, strict, criterion)


def _same_subject(a: Span, b: Span) -> bool:
    shared = set(terms(a.criterion.text)) & set(terms(b.criterion.text))
    return bool(shared)
