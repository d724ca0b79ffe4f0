"""A person moves alerts between incidents: merging two into one, splitting some off. Which facts become true in both.

docs/decisions/0046-people-merge-and-split.md
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.alert import AlertState
from tocsin.errors import NotFound, Refused, UsageError
from tocsin.grouping.deciding import Leaving, New, opening, seen_of
from tocsin.incident import facts as f
from tocsin.incident.incident import Incident
from tocsin.incident.world import World
from tocsin.triage.severity import severity_rank

MOST_MERGED = 500
"""So many alerts are part of one incident at most, however many are merged into it."""


class Known(NamedTuple):
    """An incident with its alerts and the world it is pinned to."""

    incident: Incident
    alerts: tuple[AlertState, ...]
    world: World


class Mover(NamedTuple):
    """Who wants alerts to move, and why."""

    by: str
    why: str = ""


class Moved(NamedTuple):
    """What becomes true where alerts leave, and where they go; nothing in either when it is so already."""

    leaving: tuple[f.FactBody, ...] = ()
    going: tuple[f.FactBody, ...] = ()


def merging(one: Known, into: Known, who: Mover) -> Moved:
    """Give what is true once an incident is merged into another. Raises UsageError or Refused with a reason."""
    leaving, target = one.incident, into.incident
    if leaving.number == target.number:
        raise UsageError(f"{leaving.number} cannot be merged into itself; name another incident")
    if leaving.merged_into == target.number:
        return Moved()
    for incident in (leaving, target):
        if incident.merged_into:
            raise Refused(f"{incident.number} goes on in {incident.merged_into}; name that one instead")
        if incident.status == "resolved":
            raise Refused(f"{incident.number} is resolved; only open incidents are merged")
    if leaving.restricted != target.restricted:
        raise Refused("a restricted incident and one that everybody may see stay apart")
    said = {state.alert.group_key: state.alert.summary for state in one.alerts}
    # One that went to another incident is part of that, although this one was open again since.
    groups = (leaving.group_key, *(group for group in leaving.others if group in said))
    if len(groups) + len(target.groups) > MOST_MERGED:
        raise Refused(f"{target.number} would have more than {MOST_MERGED} alerts")
    seen = {group: leaving.seen_of(group) for group in groups} | seen_of(one.alerts)
    absorbed = f.Absorbed(
        by=who.by,
        number=leaving.number,
        title=leaving.title,
        alerts={group: said.get(group, leaving.summary) for group in groups},
        seen=seen,
        cleared=tuple(group for group in groups if leaving.cleared_of(group)),
        why=who.why,
        alert_severity=_asked_for(leaving, into),
    )
    merged = f.Merged(
        by=who.by,
        into=target.number,
        why=who.why,
        seen=seen[leaving.group_key],
        others={group: seen[group] for group in groups[1:]},
    )
    return Moved((merged,), (absorbed, *_raised(leaving, into, who)))


def _asked_for(leaving: Incident, into: Known) -> str:
    """Give the more urgent of what the alerts of both asked for."""
    both = into.incident.alert_severity, leaving.alert_severity
    return min(both, key=lambda one: severity_rank(into.world.runbook, one))


def _raised(leaving: Incident, into: Known, who: Mover) -> tuple[f.FactBody, ...]:
    """Give the change to the more urgent severity of the two: merging wakes nobody less."""
    rank = severity_rank(into.world.runbook, leaving.severity)
    if rank >= severity_rank(into.world.runbook, into.incident.severity):
        return ()
    because = f.Because(f"{leaving.number}, which was merged into it, is {leaving.severity}")
    return (f.SeverityChanged(by=who.by, before=into.incident.severity, after=leaving.severity, because=because),)


def split_before(incident: Incident, groups: Iterable[str]) -> str | None:
    """Give the incident that these alerts were split off into already, or None."""
    numbers = {incident.split_off.get(group, "") if group not in incident.groups else "" for group in groups}
    return next(iter(numbers)) or None if len(numbers) == 1 else None


def splitting(one: Known, groups: tuple[str, ...], who: Mover, new: New, now: datetime) -> Moved:
    """Give what is true once these alerts have an incident of their own. Raises UsageError, NotFound or Refused.

    The new incident opens with the document in force, as for any alert, and so it pages.
    """
    incident, wanted = one.incident, tuple(dict.fromkeys(groups))
    if incident.merged_into:
        raise Refused(f"{incident.number} goes on in {incident.merged_into}; split its alerts off there")
    if incident.status == "resolved":
        raise Refused(f"{incident.number} is resolved; reopen it first")
    if not wanted:
        raise UsageError("say which alerts to split off")
    states = {state.alert.group_key: state for state in one.alerts}
    for group in wanted:
        if group not in incident.groups or group not in states:
            raise NotFound(f"the alert {group[:80]} is not part of {incident.number}; `alerts` names those that are")
    left = [group for group in incident.groups if group in states and group not in wanted]
    if not left:
        raise Refused(f"{incident.number} would be left without an alert; leave at least one in it")
    because = f.Because(f"it was split off from {incident.number}{f': {who.why}' if who.why else ''}")
    leaving = Leaving(incident, tuple(states[group] for group in wanted), who.by, because)
    going = opening(leaving, new, now)
    return Moved((f.Split(by=who.by, into=new.number, alerts=wanted, why=who.why, own=left[0]),), going)
