"""What the subject of a mail says of how something stands, as monitors write it: it began, it is over, somebody has it.

What both mails of one trouble share is left as its key: the subject without the word of state, where that stands in
front ("PROBLEM: x"), in brackets ("[x] [DOWN]"), or as a change at the end ("x OK -> CRIT"). Source: the subjects that
Nagios, Icinga, Zabbix, Checkmk, Alertmanager, Grafana, Datadog, CloudWatch and Uptime Kuma write unless told otherwise.
"""

import re
from typing import NamedTuple

from tocsin.detection.alert import Action

_LEAD = re.compile(
    r"^(?:\s*(?:re|fwd?|aw|wg)\s*:)*(?P<lead>[\s\W]*)(?:(?P<update>updated)\s+|monitor\s+is\s+|re-)?"
    r"(?P<word>no[ -]?data|insufficient_data|[A-Za-z]+)\b"
    r"(?P<tail>(?::\d+|,\s*resolved:\d+|\s+(?:alert|host|service)\b|\s+in\s+\d[\w. ]*(?=:))*"
    r"\s*[\])}*]*\s*[:|\u2013\u2014-]*)\s*",
    re.IGNORECASE,
)
_RANK = re.compile(r"^\s*\[P[1-5]\]\s*(?=\[[A-Za-z])", re.IGNORECASE)
"""How urgent it is, in front of a word of state: "[P1] [Triggered] x". A monitor may be named P1: "[P1] [! Down] x"."""

_OF_A_SERVICE = re.compile(
    r'^Service (?P<what>".*?") (?P<word>problem|resolved)(?: in \d[\w. ]*)?:\s*(?P<rest>.*)$'
    r'|^Changed ".*?" service status to .* in \d[\w. ]*$'
)
_BRACKETED = re.compile(r"\[\W*(?P<word>[A-Za-z]+)\W*\]")
_CHANGE = re.compile(r"^(?P<what>.*?)[\s:,-]*\b(?P<before>\w+)\s*(?:->|\u2192)\s*(?P<word>\w+)\W*$")
_NOTED = re.compile(
    r"^(?P<what>.*?)[\s:,-]*\b(?P<event>acknowledged|(?:started|stopped|disabled)\s+flapping"
    r"|downtime\s+(?:start|end|cancelled)|custom\s+notification)(?:\s+\((?P<level>\w+)\))?\s*$",
    re.IGNORECASE,
)
"""What somebody or something noted of a trouble, at the end and with the level it has: "x Acknowledged (CRIT)"."""

_CHECKMK = re.compile(r"^\s*check_?mk:", re.IGNORECASE)
_ENDING = re.compile(
    r"\s+(?:is|went|has)\s+(?P<level>down|up|ok|critical|warning|unknown|unreachable|recovered)(?=[\s*!.]*$)",
    re.IGNORECASE,
)

_LOOKED_AT = 500
"""Characters of a subject; strangers can write to the address of a mailbox, and looking costs their square."""

_MARKS = frozenset(":[](){}*|-\u2013\u2014")
"""What sets a word of state off from a sentence: "OK: disk", "[OK] disk", but not "Ok, the disk is gone"."""

_WORDS: dict[Action, str] = {
    "trigger": "problem down firing fired alert alerting alarm critical crit error warning warn failed failure trouble "
    "triggered emergency activated insufficient_data no-data nodata",
    "resolve": "resolved recovery recovered ok up closed cleared normal ended fixed deactivated",
    "acknowledge": "acknowledgement acknowledged",
}
_ACTIONS = {word: action for action, words in _WORDS.items() for word in words.split()}
_NO_NEWS = frozenset(
    f"{what}{how}"
    for what in ("downtime", "flapping")
    for how in ("start", "stop", "end", "cancelled", "removed", "disabled")
)
"""What Nagios and Icinga also tell, and that changes nothing about whether something burns."""

_CUSTOM = "custom"
"""What somebody sends by hand, about something that has a problem or none."""

_OVER = frozenset(["ok", "up"])
_LEVELS = _OVER | {
    *("warn", "warning", "crit", "critical", "unkn", "unknown", "down"),
    *("unre", "unreach", "unreachable", "pend", "pending"),
}


class Standing(NamedTuple):
    """How something stands. `action` None: nothing of it changed. `word` says so; `key` None: none does."""

    action: Action | None
    key: str | None
    word: str


def standing(subject: str) -> Standing:
    """Give how something stands by the subject of a mail."""
    subject = _RANK.sub("", subject[:_LOOKED_AT])
    found = _LEAD.match(subject)
    marked = found is not None and bool(_MARKS & {*found["lead"], *found["tail"]})
    word = found["word"].lower().replace(" ", "-") if found and marked else ""
    if found and (word in _NO_NEWS or (word and found["update"])):
        return Standing(None, None, word)
    if found and word == _CUSTOM and (level := _ENDING.search(subject)) and level["level"].lower() not in _OVER:
        return Standing("trigger", _key(subject[found.end() :]), word)
    if found and word in _ACTIONS:
        return Standing(_ACTIONS[word], _key(subject[found.end() :]), word)
    others = (_of_a_service, _noted, _in_brackets, _changed)
    return next((how for one in others if (how := one(subject))), Standing("trigger", None, word))


def _of_a_service(subject: str) -> Standing | None:
    """Give how a service of Zabbix stands: what it is called comes first there."""
    found = _OF_A_SERVICE.match(subject)
    if found is None:
        return None
    if found["word"] is None:
        return Standing(None, None, "changed")
    return Standing(_ACTIONS[found["word"]], _key(f"{found['what']} {found['rest']}"), found["word"])


def _noted(subject: str) -> Standing | None:
    """Give what was noted of a trouble, which is news only where somebody has it."""
    found = _NOTED.match(subject)
    if found is None:
        return None
    event, level = found["event"].lower(), (found["level"] or "").lower()
    if level not in _LEVELS and not _CHECKMK.match(subject):
        return None
    if event.startswith(_CUSTOM):  # of what is well it is a message of its own
        return None if level in _OVER else Standing("trigger", _key(found["what"]), event)
    return Standing("acknowledge", _key(found["what"]), event) if event in _ACTIONS else Standing(None, None, event)


def _in_brackets(subject: str) -> Standing | None:
    for found in _BRACKETED.finditer(subject):
        word = found["word"].lower()
        if word in _ACTIONS:
            before, behind = subject[: found.start()], subject[found.end() :]
            return Standing(_ACTIONS[word], _key(before) or _key(behind), word)
    return None


def _changed(subject: str) -> Standing | None:
    found = _CHANGE.match(subject)
    if found is None or not {found["before"].lower(), found["word"].lower()} <= _LEVELS:
        return None
    word = found["word"].lower()
    return Standing("resolve" if word in _OVER else "trigger", _key(found["what"]), word)


def _key(rest: str) -> str:
    return " ".join(_ENDING.sub("", rest).lower().split()).strip(" *")
