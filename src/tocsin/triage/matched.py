"""What matching an alert with a runbook gives."""

from typing import NamedTuple

from tocsin.incident.facts import Because


class Considered(NamedTuple):
    """An entry that was weighed, with its score (0..1)."""

    incident_type: str
    score: float


class Match(NamedTuple):
    """The entry to open first, or None; `score` 0..1 says how sure, `because` why, `considered` what else.

    `otherwise` says what would have changed the answer, `excused` that the alert itself says that it is no incident.
    """

    incident_type: str | None
    score: float
    because: tuple[Because, ...]
    considered: tuple[Considered, ...] = ()
    otherwise: tuple[Because, ...] = ()
    excused: bool = False
