"""The heads and parts of a mail, none of them looked at twice: everybody can write to the address of a mailbox.

The parser of the standard library takes the square of a head and seconds for a few kilobytes, while pages wait. What a
sender got wrong costs a letter here and never the mail. Source: RFC 5322, 2045 to 2047.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_WANTED = b"subject|from|date|auto-submitted|message-id|in-reply-to|references"
_OF_A_PART = b"content-type|content-transfer-encoding|content-disposition"
_HEAD = re.compile(
    rb"^(?P<name>%b|%b)[ \t]*:(?P<value>[^\n]*+(?:\n[ \t][^\n]*+)*+)" % (_WANTED, _OF_A_PART),
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_HEAD = 2_000
"""Bytes of a head that are read: far more than are kept."""

_MOST_PARTS, _DEEPEST = 1_000, 8
_ENOUGH = 200_000
"""Bytes of a text that are read; a page may hold its style first."""

_PARAMETER = re.compile(r';\s*+([^\s=;"]{1,40})\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;\s]*+))', re.DOTALL)
_WORD = re.compile(r"=\?(?P<charset>[^?\s]{1,60})\?(?P<by>[bq])\?(?P<text>.*?)\?=", re.IGNORECASE)
_LONGEST_NAME = 40
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NO_BASE64 = bytes(set(range(256)) - set(_BASE64))

_LETTERS = re.compile(r"[^a-z]")
"""What of a name the look-up of codecs passes over."""

_OTHERS = frozenset({"punycode", "idna", "unicodeescape", "rawunicodeescape"})
"""Codecs of Python in which no mail is written. One of them takes the square of what it reads, half a minute here."""


class Part(NamedTuple):
    """A mail, or a part of one: its first heads of each name that is wanted, in lower case, and what follows them."""

    heads: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Give what it is, such as `text/plain`, which it also is where nothing can be read."""
        kind = self.heads.get("content-type", "").partition(";")[0].strip().lower()
        return kind if kind.count("/") == 1 else "text/plain"

    @property
    def is_attached(self) -> bool:
        """Give whether it is a file that came with the mail."""
        return self.heads.get("content-disposition", "").strip().lower().startswith("attachment")

    def parameter(self, name: str) -> str:
        """Give a parameter of its Content-Type, "" where it has none."""
        for found in _PARAMETER.finditer(self.heads.get("content-type", "")):
            if found[1].lower() == name:
                return re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        return ""

    @property
    def text(self) -> str:
        """Give the beginning of what is written in it."""
        raw = _decoded(self.body, self.heads.get("content-transfer-encoding", "").strip().lower())
        return letters(raw[:_ENOUGH], self.parameter("charset"))


def part_of(raw: bytes) -> Part:
    """Give a mail, or a part of one."""
    raw = raw.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    return _part(raw)


def leaves(part: Part) -> Iterator[Part]:
    """Give the parts that have none, in their order, up to a number and a depth."""
    return _leaves(part, iter(range(_MOST_PARTS)), _DEEPEST)


def in_words(head: str) -> str:
    """Give a head as people read it. Source: RFC 2047."""
    said, at = list[str](), 0
    waiting, charset = b"", ""  # a letter may be torn between two words
    for found in _WORD.finditer(head):
        between = head[at : found.start()]
        read, at = _word(found["text"], found["by"].lower()), found.end()
        another = found["charset"].partition("*")[0]
        if charset and not between.strip():
            between = ""
        if between or another.lower() != charset.lower():
            said += [letters(waiting, charset), between]
            waiting, charset = b"", another
        waiting += read
    return "".join([*said, letters(waiting, charset), head[at:]])


def letters(raw: bytes, charset: str) -> str:
    """Give a text by the name of what it is written in; where that is unknown, as nearly all is written.

    Half a character that some of these can write is none: no store would take it.
    """
    name = charset.strip("\"' ")
    unknown = not name or len(name) > _LONGEST_NAME or _LETTERS.sub("", name.lower()) in _OTHERS
    try:
        text = raw.decode("utf-8" if unknown else name, "replace")
    except (LookupError, ValueError):
        text = raw.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()


def _part(raw: bytes) -> Part:
    if raw.startswith(b"\n"):
        return Part({}, raw[1:])
    head, _, body = raw.partition(b"\n\n")
    heads = dict[str, str]()
    for found in _HEAD.finditer(head):
        value = found["value"][:_LONGEST_HEAD].replace(b"\n", b"")
        heads.setdefault(found["name"].decode().lower(), value.decode("utf-8", "replace").strip())
    return Part(heads, body)


def _leaves(part: Part, places: Iterator[int], depth: int) -> Iterator[Part]:
    if not part.kind.startswith("multipart/"):
        yield part
    elif depth and (boundary := part.parameter("boundary")):
        for piece in _pieces(b"\n" + part.body, boundary.encode(), places):
            yield from _leaves(_part(piece), places, depth - 1)


def _pieces(body: bytes, boundary: bytes, places: Iterator[int]) -> Iterator[bytes]:
    """Give what stands between the lines of a boundary, up to the last of them or the end."""
    begins: int | None = None
    for found in re.finditer(rb"\n--%b(--)?[ \t]*+(?=\n|\Z)" % re.escape(boundary), body):
        if begins is not None:
            yield body[begins : found.start()]
        if found[1] or next(places, None) is None:
            return
        begins = found.end() + 1
    if begins is not None:
        yield body[begins:]


def _decoded(raw: bytes, by: str) -> bytes:
    if by == "base64":
        return _base64(raw)
    return binascii.a2b_qp(raw) if by == "quoted-printable" else raw


def _base64(raw: bytes) -> bytes:
    """Give what is written so, without what is not: the mark of its end, and a letter that is alone."""
    kept = raw.partition(b"=")[0].translate(None, _NO_BASE64)
    return binascii.a2b_base64(kept[: len(kept) - (len(kept) % 4 == 1)] + b"===")


def _word(text: str, by: str) -> bytes:
    raw = text.encode()
    return _base64(raw) if by == "b" else binascii.a2b_qp(raw, header=True)
