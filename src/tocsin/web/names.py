"""What principals and channels are called on a page."""

from typing import NamedTuple

from tocsin.escalation.reach import channel_of
from tocsin.escalation.schedule import person
from tocsin.settings import Settings


class Names(NamedTuple):
    """Names as this reader knows them. `me` is the reader's own principal, "" for nobody in particular."""

    settings: Settings
    me: str = ""

    def of(self, by: str) -> str:
        """Give the name of a principal: a person's own, "prometheus" for a source, "Tocsin" for the engine."""
        kind, _, name = by.partition(":")
        if kind == "person":
            return self.person(name)
        if kind == "local":
            return "The operator at the server"
        return name if kind == "source" else "Tocsin"

    def person(self, person_id: str) -> str:
        """Give a person's name, or the id of one who is no longer configured."""
        someone = person(person_id, self.settings)
        return someone.name if someone else person_id

    def has_it(self, by: str | None) -> str:
        """Say who has an incident: "You have it", "Jonas Weber has it", "Nobody has it"."""
        if by is None:
            return "Nobody has it"
        return "You have it" if by == self.me else f"{self.of(by)} has it"


SHORT_SHA = 12
"""So many digits of a runbook's content hash name a version in addresses."""


def short_sha(sha: str) -> str:
    """Give what a version of the runbook is called in addresses."""
    return sha[:SHORT_SHA]


def initials(name: str) -> str:
    """Give one or two letters for the circle of a person."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:1] for word in words]
    return "".join(letters).upper() or "?"


def by_channel(method: str) -> str:
    """Give how a method is spoken of: "0.slack" is "slack", "fallback.console" is "console, as fallback"."""
    step, channel = method.partition(".")[0], channel_of(method)
    return {"fallback": f"{channel}, as the fallback", "late": f"{channel}, late"}.get(step, channel)


def listed(names: list[str]) -> str:
    """Give "A, B and C", or "" of none."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
