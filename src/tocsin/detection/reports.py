"""What people report: no machine says it, so it counts who does.

One person may be wrong, or wicked. Reports of one entry share a group; they are kept and counted, and only when enough
different people report within a window does their alert fire. Nothing here knows who they are: a reporter is a salted
hash. Source: the "Symptoms" that begin with what users report.
"""

import hashlib
import re
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from tocsin.runbook.policy import PEOPLE, Runbook
from tocsin.settings import MOST_REPORTERS

SOURCE = "reports"
"""The source of people's reports; no configured one may look like it."""

OTHER = "something-else"
"""The group of reports that name no symptom; their words are matched like those of any alert."""

MAX_TEXT, MAX_CONTACT = 500, 200
_MOST_WORDS = 50
_REMEMBERED = timedelta(hours=24)
_SAYS = re.compile(
    r"^.*?\b(?:report(?:s|ing|ed)?|complain(?:s|ing|ed)?|say(?:s|ing)?|mention(?:s|ing)?|tickets?)\b"
    r"(?:\s+(?:of|from|that|about))*\s*[:,]?\s*",
    re.IGNORECASE,
)
_WHO = re.compile(r"^(?:\w+\s+){0,2}(?:users|customers|clients|people)\s+(?=can|are|get|see)", re.IGNORECASE)


class Choice(NamedTuple):
    """Something people may say is wrong. `id` tells nothing of the entry; `text` is in plain words."""

    id: str
    text: str
    incident_type: str
    symptom: str
    line: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one person reports. `enough` different people `within` that time make the alert fire.

    `users` is how many there are altogether, 0 where nobody said.
    """

    reporter: str
    symptom: str
    text: str = ""
    contact: str = ""
    enough: int = 3
    within: timedelta = timedelta(minutes=10)
    users: int = 0


class Heard(msgspec.Struct, frozen=True):
    """Somebody who reported: a hash, and when first and last."""

    reporter: str
    first_at: datetime
    last_at: datetime


class Said(msgspec.Struct, frozen=True):
    """The words of one report."""

    at: datetime
    symptom: str
    text: str
    contact: str


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """What a group remembers, bounded: the latest people and words of a day.

    `counting`: who reported since the last incident of the group was over.
    """

    people: tuple[Heard, ...] = ()
    said: tuple[Said, ...] = ()
    counting: tuple[str, ...] = ()

    def within(self, start: datetime, end: datetime) -> int:
        """Give how many different people reported between two instants."""
        return sum(1 for one in self.people if one.first_at <= end and one.last_at >= start)


def choices(runbook: Runbook) -> tuple[Choice, ...]:
    """Give what people may choose from: the symptoms that people's reports show, each wording once."""
    found: dict[str, Choice] = {}
    for entry in runbook.incident_types:
        for symptom in entry.symptoms:
            if symptom.bound_to == PEOPLE:
                text = in_plain_words(symptom.text)
                name = hashlib.sha256(f"{entry.id}\n{symptom.text}".encode()).hexdigest()[:10]
                found.setdefault(text.casefold(), Choice(name, text, entry.id, symptom.text, symptom.line))
    return tuple(found.values())


def in_plain_words(symptom: str) -> str:
    """Give a symptom as whoever has it would say it: "Users reporting slow app" is "Slow app"."""
    text = _WHO.sub("", _SAYS.sub("", symptom, count=1), count=1).strip()
    text = text.strip(" .\"“”'") or symptom
    return text[:1].upper() + text[1:]


def heard(known: Reports, report: Report, now: datetime, *, anew: bool) -> tuple[Reports, int]:
    """Give what is remembered after one more report, and how many different people count now.

    `anew` begins the counting again: what was reported before led to an incident that is over.
    """
    before = {one.reporter: one for one in known.people if now - one.last_at <= _REMEMBERED}
    first = before[report.reporter].first_at if report.reporter in before else now
    before.pop(report.reporter, None)
    people = (*before.values(), Heard(report.reporter, first, now))[-MOST_REPORTERS:]
    words = tuple(one for one in known.said if now - one.at <= _REMEMBERED)
    said = (*words, Said(now, report.symptom, report.text, report.contact))[-_MOST_WORDS:]
    counting = {report.reporter} if anew else {report.reporter, *known.counting}
    count = tuple(one.reporter for one in people if one.reporter in counting and now - one.last_at <= report.within)
    return Reports(people=people, said=said, counting=count), len(count)


def affected(report: Report, count: int) -> float | None:
    """Give which share of all users reports it (0..1), or None where nobody said how many there are."""
    return min(count / report.users, 1.0) if report.users else None


def summed_up(report: Report, count: int) -> str:
    """Give the alert's words: how many people, and what the latest of them says."""
    what = report.symptom or report.text
    who = "1 person reports" if count == 1 else f"{count} people report"
    return f"{who}: {what}"
