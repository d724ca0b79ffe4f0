"""Numbers as English writes them: "4,9 %" is 4.9 %, "4 500" and "4'500" are 4,500, "1.200.000" is 1,200,000.

A mark between digits may mean either: 1.500 is one and a half, or so many. Where the number itself does not tell, the
other numbers of its line do, since nobody writes two of them in two ways; else what stands behind it does.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_NARROW = "\u00a0\u202f\u2009"
_SPACES = f" {_NARROW}"
_QUOTES = "'\u2019"
# Without any of these every number is one that English writes so.
_MAY_DIFFER = re.compile(rf"[0-9](?:,[0-9]|[{_SPACES}{_QUOTES}][0-9]{{3}}|\.[0-9]{{3}}(?![0-9]))")
UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""The signs of scripts without spaces between words, for a class of signs: a number may begin right behind one."""

_RUN = re.compile(rf"(?<![^\W{UNSPACED}])(?<![.,{_QUOTES}])[0-9]+(?:[.,{_QUOTES}{_SPACES}][0-9]+)+(?![0-9])")
_GROUPED_BY_SPACE = re.compile(
    rf"(?P<first>[1-9][0-9]{{0,2}})(?P<groups>(?P<by>[{_SPACES}{_QUOTES}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*)(?P<rest>[.,][0-9]{{1,6}})?"
)
# From its first digit only: a long one without a mark would else be looked through again from each of its digits.
_MARKED = re.compile(r"(?<![0-9])[0-9]+(?:[.,][0-9]+)+")
_BOTH = re.compile(r"[0-9]{1,3}(?:(?P<group>[.,])[0-9]{3})+(?!(?P=group))(?P<mark>[.,])[0-9]+")
_GROUPS_OF_DOTS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}")
_ADDRESS = re.compile(r"(?:(?:[1-9]?[0-9]|1[0-9]{2}|2[0-5][0-9])(?:\.|$)){4}")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_ROUND = re.compile(r"[0-9]+\.[0-9]00")
# Answers are numbered so: "12 500" may be twelve of a status, "200 502" are two.
_NO_SUCCESS = re.compile(r"4[0-5][0-9]|499|5[0-3][0-9]|59[89]")
_STATUS = re.compile(rf"10[0-3]|20[0-8]|226|30[0-8]|{_NO_SUCCESS.pattern}")
_MEASURED = re.compile(
    r"\s?(?:%|\u2030|\u00d7|(?:percent|prozent|procent|pct|ms|msec|milli\w*|s|secs?|seconds?|sek\w*|seg\w*|second[eio]\w*|min\w*|h|hours?|"
    r"stunden|heures?|horas?|x|times|mal|fois|veces|vezes|[kmgt]i?b|[kmg]bit\w*|[kmg]bps|mio|mrd|million\w*|millones|"
    r"milh\w*|eur|usd)\b|[\u20ac$]|-?fach)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\s?(?:/|(?:per|pro|par|por|al|alla|a|an|each|every)\s(?:s|sec\w*|sek\w*|seg\w*|m|min\w*|h|hours?|stunde|heure|hora)\b|"
    r"(?:[rq]ps|rpm|pps|req|reqs|requests?|calls?|hits?|users?|customers?|clients?|connections?|queries|messages?|"
    r"events|rows|records|orders|sessions|visit\w*|packets|jobs|items|ips|addresses|"
    r"anfragen|aufrufe|zugriffe|nutzer\w*|kunden|verbindungen|besuch\w*|"
    r"requ[e\u00ea]tes|appels|utilisateurs|connexions|visites|"
    r"peticiones|solicitudes|llamadas|usuarios|conexiones|visitas|accesos|"
    r"requisi[c\u00e7][o\u00f5]es|pedidos|chamadas|usu[a\u00e1]rios|acessos|richieste|utenti|zapyta\u0144|\u0437\u0430\u043f\u0440\u043e\u0441\w*)\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:\b(?:version|release|tls|http|python|node|java|php|postgres\w*|redis|nginx|kernel)\s|[/=-])$", re.IGNORECASE
)
ONES = (
    *("status", "code", "http", "https", "exit", "errno", "signal", "port", "pid", "line", "build", "job", "ticket"),
    *(
        "shard",
        "node",
        "worker",
        "replica",
        "instance",
        "pod",
        "host",
        "server",
        "machine",
        "zone",
        "rack",
        "partition",
    ),
    *("thread", "core", "slot", "region", "box", "container", "unit"),
)
IS_ONE = re.compile(
    rf"(?:\b(?<!per\s)(?<!each\s)(?<!every\s)(?:{'|'.join(ONES)})|#)[\s=:\x22'(]{{0,3}}$", re.IGNORECASE
)
"""Behind these stands which one it is, and behind that how many: "status=200 812"."""

_NAMES, _ENDS = re.compile(r"[:=]\s?$"), re.compile(r"\s*(?:$|[,;)\]])")
_AS_FAR_BACK = 14
# A group of thousands has so many digits, and two numbers are no row of them.
GROUP, PAIR = 3, 2
_LINE = re.compile(r"[^\n]+")


class _Habit(NamedTuple):
    """What other numbers of a line say that marks mean."""

    dot_parts: bool
    comma_parts: bool
    dot_groups: bool
    space_groups: bool


@lru_cache(maxsize=256)
def english(text: str) -> str:
    """Give the text with its numbers as English writes them, every sign in its place."""
    if not _MAY_DIFFER.search(text):
        return text
    return _LINE.sub(lambda line: _read(line[0]), text)


def _read(line: str) -> str:
    if not _MAY_DIFFER.search(line):
        return line
    runs = list(_RUN.finditer(line))
    habit = _habit(line, runs)
    written, end = [], 0
    for run in runs:
        written += [line[end : run.start()], _run(line, run, habit)]
        end = run.end()
    return "".join((*written, line[end:]))


def _run(line: str, run: re.Match[str], habit: _Habit) -> str:
    if _is_grouped(line, run, habit):
        return _of_groups(run[0])
    return _MARKED.sub(
        lambda one: _marked(line, one[0], run.start() + one.start(), run.start() + one.end(), habit), run[0]
    )


def _of_groups(text: str) -> str:
    """Give what groups its thousands by spaces with commas; what stands behind a comma is a part."""
    found = _GROUPED_BY_SPACE.fullmatch(text)
    rest = (found["rest"] or "") if found else ""
    whole = text.removesuffix(rest)
    return "".join(sign if sign.isdigit() else "," for sign in whole) + rest.replace(",", ".")


def _is_grouped(line: str, run: re.Match[str], habit: _Habit) -> bool:
    """Whether blanks group the thousands of a number; before a status they stand between two."""
    sure = _surely_grouped(line, run)
    if sure is None or sure:
        return bool(sure)
    counted = _COUNTED.match(line, run.end()) or _MEASURED.match(line, run.end())
    # "messages waiting: 12 400" counts them, whatever is numbered so.
    is_all = _NAMES.search(line[max(0, run.start() - 2) : run.start()]) and _ENDS.match(line, run.end())
    return habit.space_groups or bool(counted or is_all)


def _surely_grouped(line: str, run: re.Match[str]) -> bool | None:
    """Whether blanks can mean nothing else; None where they cannot group."""
    found = _GROUPED_BY_SPACE.fullmatch(run[0])
    if found is None:
        return None
    parts = (found["first"], *found["groups"][1:].split(found["by"]))
    if found["by"] != " ":
        return True
    if IS_ONE.search(line[max(0, run.start() - _AS_FAR_BACK) : run.start()]):
        return None
    if found["rest"]:
        return True
    statuses = [bool(_STATUS.fullmatch(part)) for part in parts]
    if all(statuses) and len(parts) > PAIR:
        return None
    return not (all(statuses) or any(map(_NO_SUCCESS.fullmatch, parts[1:])))


def _marked(line: str, text: str, start: int, end: int, habit: _Habit) -> str:
    """Give a number with points or commas."""
    if both := _BOTH.fullmatch(text):
        return _swapped(text) if both["mark"] == "," else text
    if text.count(",") > 1 or (text.count(".") > 1 and not _groups_by_dots(text)):
        return text
    if "," in text:
        return text.replace(",", ".") if _is_part(line, text, end, habit) else text
    return _swapped(text) if _groups_by_dots(text) or _is_one_group(line, text, start, end, habit) else text


def _swapped(text: str) -> str:
    return text.translate({ord("."): ",", ord(","): "."})


def _groups_by_dots(text: str) -> bool:
    return _GROUPS_OF_DOTS.fullmatch(text) is not None and _ADDRESS.fullmatch(text) is None


def _is_part(line: str, text: str, end: int, habit: _Habit) -> bool:
    """Whether a comma stands before a part of one: "4,9", "0,355", and "1,500" beside these, but for "1,500 hits"."""
    if not _ONE_GROUP.fullmatch(text):
        return len(text.partition(",")[2]) < GROUP or _MEASURED.match(line, end) is not None or text.startswith("0,")
    return habit.comma_parts and not habit.dot_parts and not _COUNTED.match(line, end)


def _is_one_group(line: str, text: str, start: int, end: int, habit: _Habit) -> bool:
    """Whether a point groups thousands: a round number, unless points are parts in its line."""
    if not _ONE_GROUP.fullmatch(text) or habit.dot_parts:
        return False
    if habit.comma_parts or habit.dot_groups:
        return True
    return _is_round(line, text, start, end)


def _is_round(line: str, text: str, start: int, end: int) -> bool:
    if not _ROUND.fullmatch(text) or _MEASURED.match(line, end):
        return False
    if _COUNTED.match(line, end):
        return True
    return text[1] != "." and not _NAMES.search(line[max(0, start - 2) : start])


def _habit(line: str, runs: list[re.Match[str]]) -> _Habit:
    said = set(_told(line, runs))
    return _Habit(*(name in said for name in _Habit._fields))


def _told(line: str, runs: list[re.Match[str]]) -> Iterator[str]:
    for run in runs:
        if _surely_grouped(line, run):
            yield "space_groups"
            if "," in run[0]:
                yield "comma_parts"
            continue
        for one in _MARKED.finditer(run[0]):
            start, end = run.start() + one.start(), run.start() + one.end()
            yield from _told_by(line, one[0], start, end)


def _told_by(line: str, text: str, start: int, end: int) -> Iterator[str]:
    """Give what one number says of the marks of its line."""
    if both := _BOTH.fullmatch(text):
        yield "comma_parts" if both["mark"] == "," else "dot_parts"
    elif _groups_by_dots(text):
        yield "dot_groups"
    elif text.count(".") + text.count(",") > 1 or _NAMED.search(line[max(0, start - _AS_FAR_BACK) : start]):
        return
    elif _ONE_GROUP.fullmatch(text):
        if "." in text and _is_round(line, text, start, end) and _COUNTED.match(line, end):
            yield "dot_groups"
    elif "." in text:
        yield "dot_parts"
    elif text.startswith("0,") or _MEASURED.match(line, end):
        yield "comma_parts"
