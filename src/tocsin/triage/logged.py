"""What programs log: how long an answer took ("GET /cart 200 8812ms"), how full a heap is once it was collected."""

import re
from collections.abc import Iterator
from itertools import islice

from tocsin.triage.numerals import legible
from tocsin.triage.reading import WHOLE, Reading
from tocsin.triage.sought import Sought

_TIME = r"(?P<{}>\d+(?:\.\d+)?)\s?(?P<{}>ms|s)(?![^\W_])"
# As web servers and frameworks end a line, and as one of them puts it in columns.
_ANSWERED = Sought(
    r"\b(?:get|post|put|patch|delete|head)\s/\S{0,200}(?:\shttp/\d(?:\.\d)?)?\x22?\s[1-5]\d\d(?:\s(?:\d+|-)(?=\s))?\s"
    rf"{_TIME.format('value', 'unit')}"
    rf"|\|\s{{0,4}}[1-5]\d\d\s{{0,4}}\|\s{{0,12}}{_TIME.format('column', 'column_unit')}\s{{0,4}}\|"
)
# What a collector of garbage writes: how much there was, how much is left, and of how much.
_COLLECTED = re.compile(r"->\s?(?P<left>\d+(?:\.\d+)?)\s?[KMG]?B?\s?\((?P<size>\d+(?:\.\d+)?)\s?[KMG]?B?\)(?:\s?MB)?")
# A long log says no more than its beginning, and reading it all would hold up other alerts.
MOST = 40


def answers(text: str) -> Iterator[Reading]:
    """Give how long each answer took that a text logs, in seconds."""
    for found in islice(_ANSWERED.finditer(legible(text)), MOST):
        value, unit = found["value"] or found["column"], found["unit"] or found["column_unit"]
        seconds = float(value) / (1000 if unit == "ms" else 1)
        yield Reading("latency", seconds, "s", text[found.start() : found.end()])


def heaps(text: str) -> Iterator[Reading]:
    """Give how full a heap still is where its collector says so: "Mark-sweep 98.1 (104.0) -> 97.9 (104.0) MB"."""
    for found in islice(_COLLECTED.finditer(text), MOST) if "->" in text else ():
        if float(found["size"]) > 0:
            yield Reading("memory", WHOLE * float(found["left"]) / float(found["size"]), "%", found[0])
