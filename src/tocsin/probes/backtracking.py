"""How often an expression may try again on one text, at most: `re` cannot be interrupted, so it is counted before.

Counted is what multiplies: each repeat may end at every character, each group may go each of its ways.
"""

import re

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|\{\d*,?\d*\}|.", re.DOTALL)
_REPEATS = re.compile(r"[*+]|\{\d*,?\d*\}")
_AGAIN = re.compile(r"\\[1-9g]")


def tries(text: str, length: int) -> int | None:
    """Give how many ways there are through a text of that many characters; None for what may have any number.

    A group that is repeated may, and so may what looks around or back.
    """
    groups: list[tuple[int, int]] = [(0, 1)]  # of each that is open: the ways of its alternatives before, and of this
    last = ""
    for part in _TOKEN.findall(text):
        before, ways = groups.pop()
        if (last == "(" and part == "?") or _AGAIN.match(part):
            return None
        if _REPEATS.fullmatch(part):
            if last == ")":
                return None
            ways *= length
        elif part == "?":
            ways *= 2
        elif part == "|":
            before, ways = before + ways, 1
        elif part == ")":
            if not groups:
                return None
            inside, (before, ways) = before + ways, groups.pop()
            ways *= inside
        groups.append((before, ways))
        if part in {"(", "(?:"}:
            groups.append((0, 1))
        last = ")" if last == ")" and part == "?" else part
    return sum(groups[0]) if len(groups) == 1 else None
