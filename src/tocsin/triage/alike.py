"""Alerts that tell the same of one of many: a hundred pods crash, and each has a name of its own.

What only tells one of many from another says nothing of the trouble: the number of a host or an order, an address, a
hash, the time of day. An alert is read with all of these made alike, so the hundredth one has the answer of the first
without being read again, and none is matched otherwise because its pod is called otherwise. Names that the document or
the configuration uses too stay as they are. Reasons quote what the alert itself says.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.identity import These
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings

LONGEST = 20_000
"""Characters of an alert; what is longer is read as it is, and not remembered."""

DOCUMENTS = 16
"""Documents of which it is remembered what they name."""

_BETWEEN = "\0"  # which no door lets in
_DIGIT, _OF_HASH = re.compile(r"[0-9]"), re.compile(r"[0-9A-Za-z]")
_SIGNS = tuple(zip("123456789", "abcdefghi", strict=True))
_WHOLE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z_%]|[.,-]\d)"
# Behind these a number says what is the matter: "http-404", "exit-137", "ORA-00020", "tcp-5432", "uid-0"; and some say
# it behind any word: "upstream-503".
_TELLS = re.compile(
    r"(?:https?|http2|status|code|exit|err(?:or|no)?|ora|sql(?:state)?|mysql|pg|cve|rfc|kb|sig(?:nal)?|port|tcp|udp|rc|ret"
    r"|[ug]id|sev(?:erity)?|prio(?:rity)?|level|tier|layer)[-_]\d|[A-Za-z]+-[45]\d\d\Z",
    re.IGNORECASE,
)
# Hashes (also those of a pod), addresses, times of a day, and numbers behind a word.
_NAME = re.compile(
    r"""
      (?<![0-9A-Za-z]) (?P<hash>
          [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}
        | (?=[a-fA-F]*+\d) (?=\d*+[a-fA-F]) [0-9a-fA-F]{10,}+
        | (?<=-) (?=[a-f]*+\d) [0-9a-f]{7,10}+-[a-z0-9]{5}
        | (?<=[a-z]-) (?!http2) (?=[a-z]{0,4}\d) [bcdf-hj-np-tv-xz2456789]{5}
      ) (?![0-9A-Za-z-])
    | (?<![\w.-]) (?!0\.|127\.) \d{1,3}(?:\.\d{1,3}){3} (?! \.?\w | - )
    | (?<=\d\d-\d\d[T\ ]) \d\d:\d\d:\d\d (?:[.,]\d{1,9}+)?
    | (?<![A-Za-z]) (?: ip(?:-\d{1,3}){3} | [A-Za-z]{2,}+ ) (?: - | _ (?=\d{5}) ) \d{1,18}+ (?! [\w%/] | [.,-]\d )
    """,
    re.VERBOSE,
)


class Alike(NamedTuple):
    """All that decides what an alert is, with names made alike: equal for alerts that tell the same of one of many.

    `texts` are its summary, origin, component, group and class, then the names and values of its details in turn.
    """

    source: str
    texts: str
    severity: str
    affected: float | None
    declared: tuple[str | None, ...]

    def alert(self) -> Alert:
        """Give the alert that is read in place of all of them."""
        summary, origin, component, group, alert_class, *details = self.texts.split(_BETWEEN)
        incident_type, wanted, dedup_key = self.declared
        return Alert(
            source=self.source,
            dedup_key=dedup_key or "",
            action="trigger",
            summary=summary,
            origin=origin,
            severity=self.severity,
            component=component or None,
            group=group or None,
            alert_class=alert_class or None,
            details=dict(zip(details[::2], details[1::2], strict=True)),
            incident_type=incident_type,
            wanted_severity=wanted,
            affected=self.affected,
        )


class Names(dict[str, str]):
    """What is read in place of the names of an alert, by the names; `too_many` when there are more than signs."""

    def __init__(self, known: frozenset[str]) -> None:
        """Leave what is `known` as it is."""
        super().__init__()
        self.too_many = False
        self._known = known
        self._signs = iter(_SIGNS)

    def sign(self, found: re.Match[str]) -> str:
        """Give what is read in place of a name."""
        own = found[0]
        if own not in self:
            self[own] = own if self._tells(own) else self._next(found)
        return self[own]

    def told(self, text: str) -> str:
        """Give a text that was made of what was read, with the alert's own names in it."""
        own = {sign: name for name, sign in self.items() if sign in text}
        if not own:
            return text
        # A time of day may have letters around it: "2026-01-05T09:00:00Z".
        there = [re.escape(sign) if ":" in sign else _WHOLE.format(re.escape(sign)) for sign in own]
        return re.sub("|".join(there), lambda found: own[found[0]], text)

    def _next(self, found: re.Match[str]) -> str:
        own, text = found[0], found.string
        for digit, letter in self._signs:
            # A hash is one word without a number in it, else it might be read as an amount.
            sign = _OF_HASH.sub(letter, own) if found["hash"] else _DIGIT.sub(digit, own)
            # "web-2/3" is no name, and "web-2" none that could be told from it.
            if not self._tells(sign) and (sign not in text or sign not in _NAME.sub(" ", text)):
                return sign
        self.too_many = True
        return own

    def _tells(self, name: str) -> bool:
        return _TELLS.match(name) is not None or name.lower() in self._known


def made_alike(alert: Alert, known: frozenset[str]) -> tuple[Alike, Names]:
    """Give an alert with its names made alike, but for those that are `known`, and the names."""
    details = [text for pair in alert.details.items() for text in pair]
    own = (alert.summary, alert.origin, alert.component or "", alert.group or "", alert.alert_class or "", *details)
    texts, names = _BETWEEN.join(own), Names(known)
    if texts.count(_BETWEEN) >= len(own):
        texts = _BETWEEN.join([text.replace(_BETWEEN, " ") for text in own])
    read = _NAME.sub(names.sign, texts) if len(texts) <= LONGEST else texts
    if names.too_many:
        read, names = texts, Names(known)
    declared = (alert.incident_type, alert.wanted_severity, alert.dedup_key if alert.incident_type else None)
    return Alike(alert.source, read, alert.severity, alert.affected, declared), names


def known_names(runbook: Runbook, settings: Settings) -> frozenset[str]:
    """Give the names that the document and what is configured of its entries use, in small letters."""
    return _known_names(These(runbook, settings))


@lru_cache(maxsize=DOCUMENTS)
def _known_names(asked: These[Runbook, Settings]) -> frozenset[str]:
    runbook, settings = asked.values
    told = msgspec.json.encode((runbook, settings.incident_types, settings.unmatched)).decode()
    return frozenset(found[0].lower() for found in _NAME.finditer(told))
