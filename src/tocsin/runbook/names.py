"""Texts as they are compared and named: markup taken off, numbers stripped, slugs made."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*\)|\[[^\[\]]*\])")
_TAG = re.compile(
    r"</?(?:a|b|br|code|details|div|em|i|img|kbd|p|span|strong|sub|summary|sup|u)\b[^<>]{0,400}>", re.IGNORECASE
)
# "1.", "1.2", "3)", "#4:", "A.", "IV.", "7 " before a title, and the words people count entries with.
_NUMBER = re.compile(
    r"^\s*(?:\d{1,3}(?:\.\d{1,3})*[.)]|\d{1,3}(?:\.\d{1,3})+|\d{1,2}(?=\s+[A-Z])|#\d{1,3}[.:)]?|[A-Z][.)]|"
    r"[IVX]{2,4}[.)])\s+"
    r"(?:[-–—:]\s+)?"  # noqa: RUF001 - dashes people type
)
_COUNTED = re.compile(
    r"^\s*(?:scenario|incident(?: type)?|case|issue|problem|alert|entry|failure mode|"
    r"(?:(?:incident|alert|emergency|security)\s+)?(?:(?:response|handling)\s+)?(?:playbook|runbook|sop)|"
    r"symptom(?=\s*#?\d))\s*"
    r"(?:#?\d{1,3}(?:\.\d{1,3})*|[A-Z])?\s*[.:)–—-]\s+",  # noqa: RUF001 - as above
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*\([^()]*\)")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})  # noqa: RUF001 - the typographic ones are what is meant
_SYMBOLS = frozenset({"So", "Sk", "Cf", "Mn", "Me", "Zs"})
SLUG_LIMIT = 60


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Give inline Markdown without its markup; the words stay as they are."""
    bare = _TAG.sub(" ", _LINK.sub(r"\1", without_comments(text)))
    bare = re.sub(r"(\*\*|__|`)", "", bare)
    bare = re.sub(r"(?<![\w*])\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])", r"\1", bare)
    return " ".join(bare.split())


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Give where the HTML comments of a text begin and end; one that is left open is none."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end + 3)


def without_comments(text: str) -> str:
    """Give a text without its HTML comments."""
    kept, at = [], 0
    for start, end in comments(text):
        kept.append(text[at:start])
        at = end
    return "".join((*kept, text[at:]))


def unnumbered(title: str) -> str:
    """Give a heading without markup, leading symbols and its number ("1. Sequencer Down" -> "Sequencer Down")."""
    text = _undecorated(plain(title))
    for pattern in (_NUMBER, _COUNTED):
        text = _undecorated(pattern.sub("", text)) or text
    return text.strip().rstrip(":").strip()


def _undecorated(text: str) -> str:
    """Take off symbols, emoji and their joiners at the beginning."""
    at = next((n for n, c in enumerate(text) if unicodedata.category(c) not in _SYMBOLS), len(text))
    return text[at:]


def normal(text: str) -> str:
    """Give lower-case words parted by single blanks, for comparing titles and labels."""
    lowered = unnumbered(text).casefold().translate(_APOSTROPHES)
    return " ".join(re.findall(r"[a-z0-9]+(?:'[a-z]+)?", lowered.replace("-", " ")))


def slug(text: str) -> str:
    """Give an identifier of lower-case words and dashes; asides in parentheses do not count. May be empty."""
    folded = unicodedata.normalize("NFKD", _ASIDE.sub("", unnumbered(text)) or unnumbered(text))
    words = re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", folded.casefold()))  # noqa: RUF001 - as above
    return "-".join(words)[:SLUG_LIMIT].strip("-")


def unique(wanted: str, taken: Collection[str]) -> str:
    """Give `wanted`, or one of `wanted-2`, `wanted-3`... that is not taken: the first, where none was left out."""
    if wanted not in taken:
        return wanted
    # Doubling, then halving: a document with a hundred thousand steps of one name must not take as many looks each.
    low, high = 1, 2
    while f"{wanted}-{high}" in taken:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if f"{wanted}-{middle}" in taken else (low, middle)
    return f"{wanted}-{high}"
