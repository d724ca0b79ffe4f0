"""The phases of a protocol ("1. CONTAIN"): all of them apply, in order, each with an owner."""

import re
from typing import NamedTuple

from tocsin.runbook.policy import IncidentType, Step


class Phase(NamedTuple):
    """A phase: `id` is the slug of its name."""

    id: str
    name: str
    steps: tuple[Step, ...]
    line: int


def phases_of(entry: IncidentType | None) -> tuple[Phase, ...]:
    """Give an entry's phases in order; () when its resolution is made of branches."""
    return tuple(
        Phase(_slug(branch.condition), branch.condition, branch.steps, branch.line)
        for branch in (entry.resolution if entry else ())
        if branch.kind == "phase" and branch.condition
    )


def prohibitions_of(entry: IncidentType | None) -> tuple[Step, ...]:
    """Give what an entry forbids ("never delete logs")."""
    branches = entry.resolution if entry else ()
    return tuple(step for branch in branches for step in branch.steps if step.kind == "prohibition")


def _slug(text: str) -> str:
    name = re.sub(r"\(.*?\)", "", text).casefold()
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")
