"""What a command of the runbook does, in the terms that the rules ask for: the guard's judgement, no other."""

from typing import NamedTuple

from tocsin.guard.judgement import RISKS, Effect, Flag, Risk
from tocsin.guard.ruling import rule
from tocsin.runbook.policy import Step

RANK: dict[str, int] = {risk: place for place, risk in enumerate(RISKS)}


class Effects(NamedTuple):
    """The risk and the flags of one command, its parts with their places, and what would run in its stead.

    `because` is a clause about the worst part; `effective` is None where the guard has nothing better.
    """

    risk: Risk
    flags: frozenset[str]
    because: str
    parts: tuple[Effect, ...] = ()
    effective: str | None = None

    def part(self, flag: Flag) -> Effect | None:
        """Give the first part with a flag."""
        return min((part for part in self.parts if flag in part.flags), key=lambda part: part.start, default=None)


def effects(step: Step) -> Effects:
    """Give what a step's command does when it is run as written."""
    ruling = rule(step.source, "bash" if step.language == "bash" else "sql")
    source = ruling.source
    worst = next((part for part in source.parts if part.risk == source.risk and part.why), None)
    better = ruling.effective if ruling.unattended and ruling.effective != step.source.strip() else None
    return Effects(source.risk, frozenset(source.flags), worst.why if worst else source.why, source.parts, better)
