"""How long something takes, written out in words: "ten seconds", "une demi-minute"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.triage.reading_terms import TAKES
from tocsin.triage.words import listed, lowered, plain, stem

# One to twelve and the tens, language by language; "some" of them are three.
_WRITTEN = """
one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 ten 10 eleven 11 twelve 12 fifteen 15 twenty 20 thirty 30
forty 40 fifty 50 sixty 60 several 3 some 3 many 5
eine 1 zwei 2 drei 3 vier 4 funf 5 sechs 6 sieben 7 acht 8 neun 9 zehn 10 elf 11 zwolf 12 zwanzig 20 dreissig 30
dreisig 30 vierzig 40 mehrere 3 einige 3
une 1 deux 2 trois 3 quatre 4 cinq 5 sept 7 huit 8 neuf 9 dix 10 onze 11 douze 12 quinze 15 vingt 20 trente 30
quarante 40 plusieurs 3 quelques 3
dos 2 tres 3 cuatro 4 cinco 5 seis 6 siete 7 ocho 8 nueve 9 diez 10 once 11 doce 12 quince 15 veinte 20 treinta 30
varios 3 unos 3 dois 2 quatro 4 sete 7 oito 8 nove 9 dez 10 vinte 20 trinta 30 uns 3
due 2 tre 3 quattro 4 cinque 5 sei 6 sette 7 otto 8 dieci 10 dodici 12 quindici 15 venti 20 trenta 30 diversi 3
twee 2 drie 3 vijf 5 zes 6 zeven 7 negen 9 tien 10 vijftien 15 twintig 20 dertig 30 enkele 3
две 2 три 3 четыре 4 пять 5 шесть 6 семь 7 восемь 8 девять 9 десять 10 пятнадцать 15 двадцать 20 тридцать 30 несколько 3
"""
_NUMBERS = {word: int(value) for word, value in re.findall(r"(\w+) (\d+)", _WRITTEN)}
_MINUTE = 60
# Without any of these there is no time in a text.
_UNITS = ("sec", "seg", "sek", "min", "сек", "мин")
# Found by its unit: words are many and units few.
_SPAN = re.compile(
    r"(?<=[^\W\d_]\s)(?:(?P<minutes>minut\w*|минут\w*)|(?:seconds?|secs|sekunden|secondes?|segundos|secondi|seconden|"
    r"секунд\w*))\b"
)
# Behind these it is how long something goes on, or over how long it was measured.
_BEHIND = listed("last past previous every each for within during since by")
# Behind these too, unless it is what something takes: "answers after ten seconds", "takes over ten seconds".
_MAY_BE_BEHIND = listed("in over after")
_HALF = re.compile(
    r"\b(?:half\s(?:a\s)?minute|halbe\sminute|demi-minute|medio\sminuto|meio\sminuto|mezzo\sminuto|halve\sminuut)\b|"
    r"полминуты"
)


class Span(NamedTuple):
    """So many seconds, in words of the text at `start`..`end`."""

    seconds: float
    quote: str
    start: int
    end: int


def spans(text: str) -> Iterator[Span]:
    """Give every span of time that a text writes out, in seconds."""
    low = lowered(plain(text))
    if not any(unit in low for unit in _UNITS):
        return
    for found in _SPAN.finditer(low):
        *_, takes, behind, last = ["", "", *low[: found.start()].rsplit(None, 3)]
        number = _NUMBERS.get(last)
        goes_on = behind in _BEHIND or (behind in _MAY_BE_BEHIND and TAKES.isdisjoint((takes, stem(takes))))
        if number and not goes_on:
            seconds = number * (_MINUTE if found["minutes"] else 1)
            yield _span(seconds, low.rindex(last, 0, found.start()), found.end(), text)
    for found in _HALF.finditer(low):
        yield _span(_MINUTE / 2, found.start(), found.end(), text)


def _span(seconds: float, start: int, end: int, text: str) -> Span:
    return Span(seconds, text[start:end], start, end)
