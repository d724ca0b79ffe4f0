"""Escalation policies: the runbook's general ladder, and one for each entry that names its own levels.

What `ladder.py` decides for an incident, told without one: who is called first, who next. Other tools know an
on-call rota in this form.

Source: the runbook's "Escalation Path" and each entry's "Escalation"; docs/decisions/0004-the-ladder.md.
"""

from typing import NamedTuple

from tocsin.runbook.policy import EntryRule, IncidentType, Runbook
from tocsin.settings import Settings

GENERAL = "general"
"""The id of the general ladder; an entry's policy has the id of the entry."""


class Policy(NamedTuple):
    """`rungs`: the levels or roles that are called together, first rung first."""

    id: str
    name: str
    rungs: tuple[tuple[str, ...], ...]


def policies(runbook: Runbook, settings: Settings) -> tuple[Policy, ...]:
    """Give every policy of a runbook, the general one first."""
    rungs = tuple((level.id,) for level in runbook.escalation) or (("L1",),)
    named = [
        Policy(entry.id, entry.title, _rungs(rungs, entry, entry.escalation, runbook, settings))
        for entry in runbook.incident_types
        if entry.escalation is not None and entry.escalation.to
    ]
    return (Policy(GENERAL, "Escalation path", rungs), *named)


def is_restricted(incident_type: str | None, runbook: Runbook, settings: Settings) -> bool:
    """Give whether only those concerned may see incidents of that type: configuration first, then the document."""
    configured = settings.incident_types.get(incident_type or "")
    if configured is not None and configured.restricted is not None:
        return configured.restricted
    entry = runbook.incident_type(incident_type)
    return entry is not None and entry.restricted


def _rungs(
    general: tuple[tuple[str, ...], ...], entry: IncidentType, rule: EntryRule, runbook: Runbook, settings: Settings
) -> tuple[tuple[str, ...], ...]:
    to = tuple(dict.fromkeys(_level(name, runbook) for name in rule.to))
    first, *later = general
    if rule.trigger != "immediate":
        # Whom the entry names beside the ladder is called when the first level took too long.
        beside = tuple(name for name in to if (name,) not in general)
        return (first, beside, *later) if beside else general
    at_once = to if is_restricted(entry.id, runbook, settings) else tuple(dict.fromkeys((*first, *to)))
    return (at_once, *(rung for rung in later if not set(rung) & set(at_once)))


def _level(name: str, runbook: Runbook) -> str:
    level = runbook.level(name)
    return level.id if level else name
