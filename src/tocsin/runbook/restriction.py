"""Whether an incident may be seen by those concerned only: a breach, not an outage."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_SIGNALS = (
    re.compile(r"\b(?:preserv\w*|secure|collect|keep)\s+(?:the\s+|all\s+)?evidence\b|\bevidence preservation\b|"
               r"\bchain of custody\b|\bforensic\w*\b|\blegal hold\b", re.IGNORECASE),
    re.compile(r"\blegal\b|\blawyers?\b|\bcounsel\b|\bregulat(?:or|ors|ory)\b|\blaw enforcement\b", re.IGNORECASE),
    re.compile(r"\bbreach\w*\b|\bexfiltrat\w+|\bstolen\b|\bgdpr\b|\bhipaa\b|\bpersonal data\b|\bdata protection\b|"
               r"\bcompromised (?:account|credential)s?\b", re.IGNORECASE),
    re.compile(r"\bconfidential\w*\b|\bneed[- ]to[- ]know\b|\bsecurity incident protocol\b|\binsider\b", re.IGNORECASE),
)  # fmt: skip
NEEDED = 2


class Said(NamedTuple):
    """A text of an entry with its line."""

    text: str
    line: int


def restricted_because(texts: Iterable[Said]) -> str | None:
    """Give the words that ask for a restricted incident, at least two kinds of them; None when it is open to all."""
    said = list(texts)
    found = [next(_hits(signal, said), None) for signal in _SIGNALS]
    words = [hit for hit in found if hit is not None]
    if len(words) < NEEDED:
        return None
    return "it speaks of " + ", ".join(f'"{hit.text}" (line {hit.line})' for hit in words)


def _hits(signal: re.Pattern[str], said: list[Said]) -> Iterator[Said]:
    return (Said(match[0], text.line) for text in said for match in signal.finditer(text.text))
