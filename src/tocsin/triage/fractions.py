"""Shares of calls or people that fail, written out as fractions: "a third of requests fail", "fails for half of us".

Only where what fails stands right behind: half of all requests may as well come from one country, or be answered.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from tocsin.triage.words import lowered, plain

_MANY = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ein": 1, "zwei": 2, "drei": 3, "un": 1, "deux": 2, "trois": 3, "dos": 2, "tres": 3,
}  # fmt: skip
_PARTS = {
    "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "drittel": 3, "viertel": 4, "funftel": 5, "zehntel": 10, "tiers": 3, "quart": 4, "tercio": 3, "tercios": 3,
    "cuarto": 4,
}  # fmt: skip
_HALF = ("half", "halfte", "moitie", "mitad", "metade", "meta")
# Without any of these there is no fraction in a text.
_SIGNS = (*_PARTS, *_HALF)
_OF = r"\s(?:(?:of|der|aller|unserer|des|de|las|los|dos|das|delle|degli|dei|nos|nuestras|the|our|all|its|their)\s){1,3}"
# Of what there are many, and each either works or does not.
_WHO = (
    r"(?:requests?|calls|orders|logins|sign-?ins|log-?ins|checkouts|payments|queries|responses|transactions|users|people|"
    r"customers|clients|visitors|players|members|sessions|connections|submissions|uploads|downloads|"
    r"clicks|invocations|operations|deliveries|messages|intents|anfragen|nutzer|benutzer|kunden|zahlungen|bestellungen|"
    r"requetes|utilisateurs|clients|paiements|commandes|peticiones|solicitudes|usuarios|clientes|pagos|pedidos|"
    r"requisicoes|richieste|utenti)"
)
_SORT = r"(?:(?!fail|error|slow|retr|reject|bad|test|other|broken|reset)[a-z0-9_-]{2,20}\s)?"
# Where, between what fails and the word for it: "to the api", "from mobile".
_WHERE = (
    r"(?:\s(?:to|from|on|in|at|via|by|through|against|auf|an|von|sur|vers|en|a)\s(?:the\s|our\s|die\s|la\s|le\s)?"
    r"[\w/.-]{1,40}){0,2}"
)
_NOW = (
    r"(?:\s(?:now|currently|still|just|simply|silently|already|also|randomly|are|is|were|keep|keeps|gerade|aktuell))*"
)
_FAILS = (
    r"\s(?:fail(?:s|ed|ing)?\b(?!\s?-?over\b)|error(?:s|ed|ing)?(?:\sout)?\b|tim(?:es?|ed|ing)\sout\b"
    r"|(?:gets?\s|getting\s|being\s|been\s)?(?:rejected|refused|dropped|aborted|lost|failing)\b"
    r"|(?:return|get|hit|receive|end\s(?:in|with)|come\sback\swith)(?:s|ed|ing)?\s(?:an?\s|only\s)?"
    r"(?:errors?|5\d\ds?|5xx|timeouts?)\b|(?:schlagen|schlagt|scheitern|scheitert|fehlgeschlagen|echouent|echoue|fallan|"
    r"falla|falham|falha|falliscono)\b)"
)
# What people have to bear who meet trouble of any kind.
_BEARS = (
    r"\s(?:(?:affected|impacted|locked\sout|without\sservice|betroffen|touches|afectados|afetados|colpiti)\b"
    r"|(?:can\s?not|can't|couldn't|could\snot)\s|(?:get|see|meet)(?:s|ing)?\s(?:an?\s|only\s)?(?:errors?|timeouts?)\b)"
)
_SHARE = (
    rf"(?<![\w-])(?:(?P<many>{'|'.join(_MANY)})[\s-](?P<part>{'|'.join(_PARTS)})s?|(?:die\s|la\s|a\s)?(?P<half>{'|'.join(_HALF)}))"
    rf"{_OF}{_SORT}{_WHO}\b"
)
_THEY_FAIL = re.compile(rf"{_SHARE}(?={_WHERE}{_NOW}{_FAILS})")
_IT_FAILS_FOR = re.compile(
    r"\b(?:fail(?:s|ed|ing)?|errors?|erroring|tim(?:es?|ed|ing)\sout|timeouts?|5xx|5\d\ds?|broken)\s(?:for|on)\s"
    rf"(?:about\s|around\s|nearly\s|almost\s|over\s)?{_SHARE}"
)
_THEY_WORK = re.compile(
    rf"\bonly\s(?:about\s|around\s)?{_SHARE}(?={_WHERE}{_NOW}\s(?:succeeds?|succeeded|works?|complete|get\sthrough)\b)"
)
_THEY_BEAR = re.compile(rf"{_SHARE}(?={_WHERE}{_NOW}{_BEARS})")
MOST = 12
_WHOLE = 100


class Share(NamedTuple):
    """So many percent, in these words."""

    percent: float
    quote: str


def failing(text: str) -> Iterator[Share]:
    """Give every share of calls or people of which a text says that they fail."""
    return _shares(text, (_THEY_FAIL, _IT_FAILS_FOR, _THEY_WORK))


def hit(text: str) -> Iterator[Share]:
    """Give every share of calls or people of which a text says that they meet trouble of any kind."""
    return _shares(text, (_THEY_FAIL, _IT_FAILS_FOR, _THEY_WORK, _THEY_BEAR))


def _shares(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Share]:
    low = lowered(plain(text))
    if not any(sign in low for sign in _SIGNS):
        return
    for pattern in patterns:
        for found in islice(pattern.finditer(low), MOST):
            share = _MANY[found["many"]] / _PARTS[found["part"]] if found["part"] else 1 / 2
            if share < 1:
                percent = _WHOLE * (1 - share if pattern is _THEY_WORK else share)
                yield Share(percent, text[found.start() : found.end()])
