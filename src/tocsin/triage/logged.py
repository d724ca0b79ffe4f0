"""What programs log: how long an answer took ("GET /cart 200 8812ms"), how full a heap is once it was collected."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from tocsin.triage.numerals import legible
from tocsin.triage.reading import WHOLE, Reading

_TIME = r"(?P<value>\d+(?:\.\d+)?)\s?(?P<unit>ms|s)(?![^\W_])"
# As web servers and frameworks end a line, and as one of them puts it in columns.
_LINE = re.compile(
    r"\b(?:get|post|put|patch|delete|head) /\S{0,200}(?: http/\d(?:\.\d)?)?\x22? [1-5]\d\d(?: (?:\d+|-)(?= ))? " + _TIME
)
_COLUMNS = re.compile(rf"\| {{0,4}}[1-5]\d\d {{0,4}}\| {{0,12}}{_TIME} {{0,4}}\|")
# What a collector of garbage writes: how much there was, how much is left, and of how much.
_COLLECTED = re.compile(r"->\s?(?P<left>\d+(?:\.\d+)?)\s?[KMG]?B?\s?\((?P<size>\d+(?:\.\d+)?)\s?[KMG]?B?\)(?:\s?MB)?")
# A long log says no more than its beginning, and reading it all would hold up other alerts.
MOST = 40


def answers(text: str) -> Iterator[Reading]:
    """Give how long each answer took that a text logs, in seconds."""
    low = legible(text) if " /" in text or "|" in text else ""
    lines = _LINE.finditer(low) if " /" in low else ()
    columns = _COLUMNS.finditer(low) if "|" in low else ()
    for found in islice(chain(lines, columns), MOST):
        seconds = float(found["value"]) / (1000 if found["unit"] == "ms" else 1)
        yield Reading("latency", seconds, "s", text[found.start() : found.end()])


def heaps(text: str) -> Iterator[Reading]:
    """Give how full a heap still is where its collector says so: "Mark-sweep 98.1 (104.0) -> 97.9 (104.0) MB"."""
    for found in islice(_COLLECTED.finditer(text), MOST) if "->" in text else ():
        if float(found["size"]) > 0:
            yield Reading("memory", WHOLE * float(found["left"]) / float(found["size"]), "%", found[0])
