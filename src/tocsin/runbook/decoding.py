"""Bytes become lines: UTF-8 only, wrongly decoded characters repaired line by line, line numbers kept."""

import re
from functools import lru_cache
from typing import NamedTuple

from tocsin.errors import RunbookUnreadable

MOST_BYTES, MOST_LINES = 1 << 20, 20_000
"""A document of more is refused: the longest runbooks of people have a thousand lines, and half of one is none."""


class Lines(NamedTuple):
    """The document as lines. `repaired` holds the 1-based lines whose encoding was repaired."""

    lines: tuple[str, ...]
    repaired: tuple[int, ...]


@lru_cache(maxsize=2)
def decode(data: bytes) -> Lines:
    """Give the lines of a document.

    Raises `RunbookUnreadable` for what is no text (NUL bytes, bytes that are not UTF-8, nothing at all) and for more
    than `MOST_BYTES` or `MOST_LINES`.
    """
    if len(data) > MOST_BYTES:
        raise RunbookUnreadable(
            f"the document has {len(data) / MOST_BYTES:.1f} MiB, and at most 1 MiB is read; "
            "keep data in files of their own, or part it into several runbooks"
        )
    if b"\x00" in data:
        raise RunbookUnreadable("a NUL byte: this is a binary file, not a Markdown document", _line_of(data, b"\x00"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RunbookUnreadable("the bytes are not UTF-8 text; save the document as UTF-8", line) from None
    if not text.strip():
        raise RunbookUnreadable("the document is empty; give a Markdown runbook with headings")
    written = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    if len(written) > MOST_LINES:
        raise RunbookUnreadable(
            f"the document has {len(written)} lines, and at most {MOST_LINES} are read; part it into several runbooks",
            MOST_LINES + 1,
        )
    lines = tuple(_repaired(line) for line in written)
    return Lines(lines, tuple(n for n, (old, new) in enumerate(zip(written, lines, strict=True), 1) if old != new))


def _line_of(data: bytes, what: bytes) -> int:
    return data.count(b"\n", 0, data.index(what)) + 1


# What a byte above 127 becomes in one of the old code pages; no arrow, no emoji, no letter of Asia is among them.
_OF_A_PAGE = "\\x80-\\u04ff\\u2010-\\u218f\\u2200-\\u2321\\u25ca\\uf8ff\\ufb01\\ufb02\\ufffd"
_OF_A_BOX = "\\u2500-\\u259f"
# A character that was decoded wrongly became two or more of them. Lines of a drawing join as well, but in no word.
_PERHAPS_BROKEN = re.compile(
    f"[{_OF_A_PAGE}][{_OF_A_PAGE}{_OF_A_BOX}]|[{_OF_A_BOX}][{_OF_A_PAGE}]|(?<=\\w)[{_OF_A_BOX}]{{2}}"
)


def _repaired(line: str) -> str:
    # fix_encoding only: fix_text would straighten quotes and unescape entities, and so change commands.
    if line.isascii() or _PERHAPS_BROKEN.search(line) is None:
        return line
    from ftfy import fix_encoding  # noqa: PLC0415 - 80 ms to import, and most documents need none of it

    fixed = fix_encoding(line)
    return line if "\n" in fixed or "\r" in fixed else fixed
