"""Expectations written over a document's own lines, so that none of its sentences has to stand here.

    == internal            what follows is expected of the message for the team
    305-306                these lines of the document, as they are
    308 s|: .*|: 10:00|    this line with what the expression finds replaced
    + Mira did {253}       words of our own; {253} is that line without the sign, label or number it begins with

Lines are counted from 1. UTF-8 that was once read as cp1252 is put right, as anybody would.
"""

import re
from pathlib import Path

_EDIT = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?(?: s\|(?P<old>.*?)\|(?P<new>.*)\|)?")
_LEAD = re.compile(r"^(?:# (?:- |\d+\. )?|\*\*[^*]+\*\*: )")


def expected(path: Path, document: bytes) -> dict[str, str]:
    """Give what is expected, by part, of a file of edits over a document."""
    lines = [_repaired(line) for line in document.decode().split("\n")]
    found: dict[str, list[str]] = {}
    part: list[str] = []
    for number, written in enumerate(path.read_text().split("\n"), 1):
        if written.startswith("== "):
            part = found.setdefault(written.removeprefix("== "), [])
        elif written == "+" or written.startswith("+ "):
            part.append(_told(written[2:], lines))
        elif written and not written.startswith("# "):
            part += _edited(written, lines, f"{path.name}:{number}")
    return {name: "\n".join(told) for name, told in found.items()}


def _edited(written: str, lines: list[str], where: str) -> list[str]:
    edit = _EDIT.fullmatch(written)
    assert edit, f"{where} is no edit: {written}"
    first, last = int(edit["first"]), int(edit["last"] or edit["first"])
    taken = lines[first - 1 : last]
    if edit["old"] is None:
        return taken
    [line] = taken
    changed, times = re.subn(edit["old"], _told(edit["new"], lines), line, count=1)
    assert times, f"{where} finds nothing in line {first}"
    return [changed]


def _told(words: str, lines: list[str]) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: _LEAD.sub("", lines[int(found[1]) - 1]), words)


def _repaired(line: str) -> str:
    try:
        return line.encode("cp1252").decode()
    except UnicodeError:
        return line
