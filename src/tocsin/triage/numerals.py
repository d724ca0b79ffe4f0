"""Numbers as people and monitors write them: "4,000", "45.000", "41 000", "seventeen thousand", "5,1 Mio", "900k"."""

import re

from tocsin.runbook.notation import UNSPACED, english
from tocsin.triage.words import lowered

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
WORDS: dict[str, float] = {word: float(value) for value, word in enumerate(_SMALL.split())} | {
    "half": 0.5, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "eighty": 80.0, "ninety": 90.0,
    "hundred": 100.0, "thousand": 1000.0, "twice": 2.0, "double": 2.0, "dozen": 12.0, "none": 0.0,
    "zehn": 10.0, "zwanzig": 20.0, "hundert": 100.0, "eine": 1.0, "einer": 1.0, "dix": 10.0, "vingt": 20.0,
    "cent": 100.0, "un": 1.0, "une": 1.0, "uno": 1.0, "una": 1.0, "diez": 10.0, "veinte": 20.0, "cien": 100.0,
    "dreissig": 30.0, "dreisig": 30.0, "vierzig": 40.0, "funfzig": 50.0,
    "trente": 30.0, "quarante": 40.0, "cinquante": 50.0, "soixante": 60.0, "sechzig": 60.0, "sesenta": 60.0,
    "sessenta": 60.0, "sessanta": 60.0, "zestig": 60.0, "шестьдесят": 60.0,
    "treinta": 30.0, "cuarenta": 40.0, "cincuenta": 50.0, "vinte": 20.0, "trinta": 30.0, "quarenta": 40.0,
    "cinquenta": 50.0, "venti": 20.0, "trenta": 30.0, "quaranta": 40.0, "cinquanta": 50.0, "dertig": 30.0,
    "veertig": 40.0, "vijftig": 50.0, "десять": 10.0, "двадцать": 20.0, "тридцать": 30.0, "сорок": 40.0,
    "пятьдесят": 50.0,
}  # fmt: skip
"""What number words say, without their accents."""

_SPELLED = "|".join(sorted(WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_SPELLED})\b)"
"""A number in a legible text."""

BEGINS = rf"(?<![^\W{UNSPACED}])(?<!\.)(?<!\d,)"
"""Before a number: none begins within another."""

# "40 mil req" are millions, "40 mil peticiones" thousands.
_MILLIONS = re.compile(
    r"(?<=\d\s)mil(?=\s(?:req|reqs|requests?|users?|hits|calls|connections|packets|rows|visitors?|ips|addresses|a|an|per|in|"
    r"within|times)\b)"
)

SCALE = (
    r"(?:[km]\b|[kmg](?=bit|bps|b/s|pps|rps|qps|req)|million(?:en|s)?\b|mio\b|millones\b|milhoes\b|milioni\b"
    r"|billion\b|bn\b|thousand\b|tausend\b|mille\b|mila\b|mil\b|hundred\b)"
)
"""What stands behind a number that counts thousands or more."""

_THOUSANDS = ("k", "thousand", "tausend", "mille", "mila", "mil")
_BIG = {"hundred": 100.0, "billion": 1e9, "bn": 1e9, "g": 1e9, "b": 1e9} | dict.fromkeys(_THOUSANDS, 1e3)


def legible(text: str) -> str:
    """Give a text in small letters and its numbers as English writes them, every sign in its place."""
    return _MILLIONS.sub("mio", lowered(english(text)))


def number(text: str) -> float:
    """Give the number of what `NUMBER` finds."""
    known = WORDS.get(text.lower())
    return float(text.replace(",", "")) if known is None else known


def scale(written: str | None) -> float:
    """Give what a number is counted in: "k", "thousand" or "tausend", "m" or "Mio", "bn"; 1 for nothing."""
    return _BIG.get(written, 1e6) if written else 1.0
