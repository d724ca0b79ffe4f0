"""Texts as they are compared and named: markup taken off, numbers stripped, slugs made."""

import re
import unicodedata
from collections.abc import Collection

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NUMBER = re.compile(r"^\s*(?:\d{1,3}(?:\.\d{1,3})*[.)]|#\d{1,3}[.:)]?)\s+")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})  # noqa: RUF001 - the typographic ones are what is meant
SLUG_LIMIT = 60


def plain(text: str) -> str:
    """Give inline Markdown without its markup; the words stay as they are."""
    bare = _LINK.sub(r"\1", _COMMENT.sub("", text))
    bare = re.sub(r"(\*\*|__|`)", "", bare)
    bare = re.sub(r"(?<![\w*])\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])", r"\1", bare)
    return " ".join(bare.split())


def unnumbered(title: str) -> str:
    """Give a heading without markup, leading symbols and its number ("1. Sequencer Down" -> "Sequencer Down")."""
    text = plain(title)
    while text and unicodedata.category(text[0]) in {"So", "Sk", "Cf", "Mn", "Zs"}:
        text = text[1:]
    return _NUMBER.sub("", text).strip().rstrip(":").strip()


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
    """Give `wanted`, or the first of `wanted-2`, `wanted-3`... that is not taken."""
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name
