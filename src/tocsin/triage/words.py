"""Text as comparable words: camel case split, accents folded, endings taken off, with the place each came from."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from tocsin.runbook.notation import english

NONE_OF = "none-of"  # "0 of 3", "0/3"
ALL_OF = "all-of"  # "3 of 3", "100%"
NO_FAILURE = "none-failed"  # "0 of 400" before "failed"
SERVER_ERROR = "5xx"  # "500", "502s", "5xx"
UNAVAILABLE = "503"  # the server errors that say themselves that nothing is there
_NOTHING_THERE = ("503", "521", "522", "523", "525")
SIGNS = frozenset({NONE_OF, ALL_OF})
BREAK = "."  # the end of a sentence; phrases do not reach across it


def listed(text: str) -> frozenset[str]:
    """Give the words of a plain list."""
    return frozenset(text.split())


STOP_WORDS = listed(
    "a an the and or but if of in on at to for from by with as is are was were be been being it its this that "
    "these those there here we our you your they their he she his her i my me us them has have had do does did so "
    "than then too very just also still into over under about after before during since while per via when where "
    "which who what how can could will would should may might must user users report reports reporting reported "
    "see shows show alert alerts firing triggered detected detect new issue monitoring high low"
)
# Words every alert of every system has; sharing them says nothing about which entry it is.
EVERYDAY = listed(
    "request response time service app api process server normal host instance prod production value count job "
    "name status message state description check second seconds minute minutes hour hours day days week weeks today "
    "yesterday tonight morning night month last first next now again get getting got give come coming go "
    "going take make put keep use using used way thing things everything something anything bit lot lots much many few "
    "more most less other another each every all any some both own same old good out off through back "
    "system"
)
NEGATIONS = listed("no not never without cannot neither nor zero")
SAYS_LITTLE = STOP_WORDS | EVERYDAY | NEGATIONS

_ACCENTS = str.maketrans(
    "İàáâãäåāąăçćčďđèéêëēęěėğìíîïīıįłñńňòóôõöøőřśšşșťțùúûüūůűųýÿźżžß\u2019\u0451\u0401ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŚŹŻŁĞŞČŘŠŽĚĆ",
    "Iaaaaaaaaacccddeeeeeeeegiiiiiiilnnnooooooorssssttuuuuuuuuyyzzzs'\u0435\u0415AAAAAACEEEEIIIINOOOOOOUUUUYSZZLGSCRSZEC",
)
# Names whose capitals are no word boundaries.
_ONE_WORD = re.compile(
    r"DDoS|DoS|PostgreSQL|MySQL|NoSQL|MongoDB|MariaDB|GitHub|GitLab|CloudTrail|CloudFront|CloudWatch|GuardDuty|"
    r"PagerDuty|JavaScript|TypeScript|NodeJS|BigQuery|DynamoDB|OpenSearch|RabbitMQ|PgBouncer|e-mail|E-mail"
)
# Query strings, and the level a log line begins with, say nothing about the trouble.
_NOISE = re.compile(
    r"\?\S{20,}|\[(?:error|warn(?:ing)?|fatal|crit(?:ical)?|alert|info|notice|debug)\]|\blevel=\w+", re.IGNORECASE
)
# Each alternative begins with a sign: where that is another, nothing of it is tried. Groups mark what was found.
_TOKEN = re.compile(
    r"[tT](?<!\w[tT])im(?:e|ed|es|ing)[ -][oO]uts?\b(?P<timeout>)"
    r"|[dD](?<!\w[dD])ead[ -][lL]etters?(?:[ -](?:[qQ]ueues?|[tT]opics?)\b)?(?P<dlq>)"
    r"|[sSlL](?<!\w[sSlL])(?:(?<=[sS])ign(?:ed|ing|s)?|(?<=[lL])og(?:ged|ging|s)?)[ -]?"
    r"(?:[iI]ns?\b(?P<login>)|[oO]uts?\b(?P<logout>))"
    r"|s(?<![^\W_]s)tatus=~?\x225[^\x22]*\x22(?P<server_status>)"
    r"|[nN](?<!\w[nN])o[ -][oO]ne\b(?P<nobody>)"
    r"|c(?<!\wc)ode=~?\x225[^\x22]*\x22(?P<server_code>)"
    r"|[pP](?<![A-Za-z0-9][pP])(?:50|75|90|95|99)(?![A-Za-z0-9])"
    r"|[A-Z]{2,}s(?![A-Za-z])|[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z]+(?:'[a-z]+)?|[A-Z]+"
    r"|0(?<!\w0)\s*(?:(?:of|out\s+of|von|sur|de|van|su)\b|/)\s*\d+(?P<none>)|1(?<!\w1)00(?:\.0+)?\s?%(?P<all>)"
    r"|(?=\d)\b(?P<n>[2-9]|\d\d+)\s*(?:of|out\s+of|/)\s*(?P=n)\b"
    r"|5(?<![A-Z0-9]5)[xX]{2}(?P<server>)|5(?<![\d.,#:<>]5)(?<![<>=][ \t]5)(?:0[0-9]|2[0-9])(?:['\u2019]?[sz]\b|"
    r"(?!\d)(?![.,:]\d)(?![^\S\n]?(?:%|ms|s\b|sec|m?b\b|[kmg]i?b|ev|req|row|us|ips?\b|client|node|people|intent|order|item|min|hour|con|pps|rps|times|x\b)))"
    r"(?P<server_error>)"
    r"|\d+(?:\.\d+)*"
    r"|[.;!?](?=\s|$)(?P<break>)|\n(?P<line>)|[^\W\d_A-Za-z]+"
)
# What a token of these groups stands for; those of the others stand for the group's name.
_KINDS = {"none": NONE_OF, "all": ALL_OF, "n": ALL_OF, "break": BREAK, "line": BREAK}
_SERVER = "server"
# A token that begins in one line and ends in the next, or minds what stands there: "3\nof 3".
_ACROSS_LINES = re.compile(
    r"\d\s*\n\s*(?:of|out\s+of|/|%)|\d\s*(?:of|out\s+of|/)\s*\n\s*\d|\d\s*out\s*\n\s*of"
    r"|(?:code|status)=~?\x225[^\x22\n]*\n"
)
# Lines that are short say the same in many alerts: "job: sequencer".
_SHORT_LINE = 200
# Addresses of health checks, as Kubernetes names them.
_ALSO = dict.fromkeys(("healthz", "livez", "readyz", "healthcheck"), "health") | {"zero": "no", "ips": "ip"}
# Endings are taken only off words longer than this.
SHORT = 4
ELIDED = 2
_WORDS = re.compile(r"\w+|[<>%]")
# "worker-0" counts nothing.
_PART_OF_NAME = re.compile(r"[A-Za-z][-_]")
# Endings of Slavic words in Cyrillic letters; at least three letters are left.
_CYRILLIC_ENDINGS = (
    "аются яются ается яется ами ями ому ему ыми ими ает яет ают яют ует уют ится ется ются лся лась лись ало ала "
    "али ило ила или "
    "ить ать ять еть ет ют ат ят ит ем им ам ям ях ов ев ей ой ый ий ая яя ые ие ую юю ла ло ли ть"
)
_CYRILLIC_ENDING = re.compile(
    rf"(?<=[\u0430-\u044f]{{3}})(?:{_CYRILLIC_ENDINGS.replace(' ', '|')}"
    r"|[\u043e\u0435]\u0433\u043e|\u0430\u0445|[\u043e\u0435]\u0435|[\u0430\u044f\u043e\u0435\u044b\u0438\u0443\u044e\u044c\u0439\u043b])$"
)
_VOWEL = re.compile(r"[aeiouy]")


UNSPACED_SIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Of a script without spaces between words."""


class Word(NamedTuple):
    """One word: its stem, as written, and where it stood in the text."""

    stem: str
    text: str
    start: int
    end: int


_START = attrgetter("start")


@lru_cache(maxsize=512)
def plain(text: str) -> str:
    """Give the text without accents, query strings and misleading capitals, numbers as English writes them.

    Every remaining sign keeps its place.
    """
    read = english(text)
    folded = read if read.isascii() else read.translate(_ACCENTS)
    if "?" in folded or "[" in folded or "=" in folded:
        folded = _NOISE.sub(lambda found: " " * len(found[0]), folded)
    return _ONE_WORD.sub(lambda found: found[0].lower().replace("-", "_"), folded)


def lowered(text: str) -> str:
    """Give the text in small letters, every one in its place: patterns of small letters are several times quicker."""
    return text.replace("İ", "I").lower()


def folded(text: str) -> str:
    """Give the words of a text in their order, between blanks, without what people write differently each time."""
    return f" {' '.join(_WORDS.findall(text.casefold()))} "


@lru_cache(maxsize=512)
def words(text: str) -> tuple[Word, ...]:
    """Give the words of a text in order, with `BREAK` between sentences."""
    if "\n" not in text:
        return _of_line(text) if len(text) <= _SHORT_LINE else _read(text)
    if _ACROSS_LINES.search(plain(text)):
        return _read(text)
    found: list[Word] = []
    begin = 0
    for line in text.split("\n"):
        if begin:
            found.append(Word(BREAK, "\n", begin - 1, begin))
        there = _of_line(line) if len(line) <= _SHORT_LINE else _read(line)
        found += [Word(known, written, begin + start, begin + end) for known, written, start, end in there]
        begin += len(line) + 1
    return tuple(found)


@lru_cache(maxsize=1024)
def _of_line(text: str) -> tuple[Word, ...]:
    return _read(text)


def _read(text: str) -> tuple[Word, ...]:
    return tuple([_word(found) for found in _TOKEN.finditer(plain(text))])


def between(there: tuple[Word, ...], low: int, high: int) -> tuple[Word, ...]:
    """Give the words that begin at `low` or later and before `high`."""
    begin = bisect_left(there, low, key=_START)
    return there[begin : bisect_left(there, high, begin, key=_START)]


@lru_cache(maxsize=1024)
def stems(text: str) -> frozenset[str]:
    """Give the stems of a short text, such as the name of a detail."""
    return frozenset([word.stem for word in words(text)])


def stems_of_each(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Give the stems of texts of one line each, read as one: no word may begin in one and end in the next."""
    found, there = list[tuple[str, ...]](), list[str]()
    for word in _read("\n".join(texts)) if texts else ():
        if word.text == "\n":
            found.append(tuple(there))
            there = []
        else:
            there.append(word.stem)
    return [*found, tuple(there)] if texts else []


@lru_cache(maxsize=512)
def content(text: str) -> Mapping[str, str]:
    """Give the words that carry meaning, by stem, as written: no stop words, breaks or numbers."""
    return {
        word.stem: word.text
        for word in words(text)
        if len(word.stem) > 1
        and word.stem not in SIGNS
        and word.stem[0].isalpha()
        and word.stem not in SAYS_LITTLE
        and word.text.lower() not in SAYS_LITTLE
    }


def squeezed(name: str) -> str:
    """Give a name without capitals and what separates its words: `SequencerDown` and `sequencer-down` are one."""
    return "".join(word.text.lower() for word in words(name) if word.stem != BREAK)


def _word(found: re.Match[str]) -> Word:
    text, kind = found[0], found.lastgroup
    start, end = found.span()
    if kind is None:
        return Word(_stem_of(text) if text != "0" else _zero(found.string, start), text, start, end)
    if kind.startswith(_SERVER):
        return Word(UNAVAILABLE if text.startswith(_NOTHING_THERE) else SERVER_ERROR, text, start, end)
    return Word(_KINDS.get(kind) or stem(kind), text, start, end)


def _zero(text: str, start: int) -> str:
    return "#0" if _PART_OF_NAME.match(text, max(0, start - 2)) else "0"


@lru_cache(maxsize=20_000)
def _stem_of(written: str) -> str:
    # "IPs", "VMs": the plural of a short form.
    return stem((written[:-1] if written[:-1].isupper() and written[-1] == "s" else written).lower())


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Give an English word without its common endings; both sides of a comparison lose the same ones."""
    if word.endswith("n't") or word in {"cannot", "cant", "wont", "dont", "doesnt", "isnt"}:
        return "not"
    if "\u0430" <= word[:1] <= "\u044f":
        return _CYRILLIC_ENDING.sub("", word)
    article, _, rest = word.partition("'")
    # "l'erreur", "d'erreur", "qu'erreur": before the apostrophe stands what French drops a letter of.
    word = rest if len(rest) > ELIDED and (len(article) == 1 or article == "qu") else article
    word = _ALSO.get(word, word)
    if len(word) > SHORT and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) >= SHORT and word.endswith("s") and not word.endswith(("ss", "us", "is", "os")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= SHORT - 1 and _VOWEL.search(rest):
            doubled = len(rest) >= SHORT and rest[-1] == rest[-2] and rest[-1] not in "ls"
            word = rest[:-1] if doubled else rest
            break
    return word[:-1] if len(word) > SHORT and word.endswith("e") else word
