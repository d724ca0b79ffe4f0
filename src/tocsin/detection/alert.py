"""The common alert every foreign body becomes, and what the store remembers of it."""

from datetime import datetime
from typing import Literal

import msgspec

from tocsin.detection.heartbeats import LOG, Beat, Beats, heard_of, missing
from tocsin.detection.reports import Report, Reports, affected, heard, summed_up
from tocsin.settings import MOST_ENDS

Action = Literal["trigger", "acknowledge", "resolve"]


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event from outside. What is as usual is not written: half of what is stored for each would be `null`.

    `source` is the id of the configured source, `dedup_key` its own name for the trouble: together they are the
    group. `severity` is the sender's word (critical, error, warning, info) and a hint only. `incident_type` and
    `wanted_severity` are set when a person declares, `report` when one reports. `details` is the sender's free data,
    strings only, bounded. `lease_until`: a trigger that is not repeated by then is over.
    `link_texts` is what the sender calls its links, by their addresses.
    `affected` is the share of users it hits, where they are counted. `beat` is set when a job was heard of, or not.
    """

    source: str
    dedup_key: str
    action: Action
    summary: str = ""
    origin: str = ""
    severity: str = "error"
    component: str | None = None
    group: str | None = None
    alert_class: str | None = None
    started_at: datetime | None = None
    lease_until: datetime | None = None
    client: str | None = None
    client_url: str | None = None
    details: dict[str, str] = {}
    links: tuple[str, ...] = ()
    link_texts: dict[str, str] = {}
    incident_type: str | None = None
    wanted_severity: str | None = None
    declared_by: str | None = None
    report: Report | None = None
    affected: float | None = None
    beat: Beat | None = None

    @property
    def group_key(self) -> str:
        """Give the name of the group of alerts that share one incident while it is open."""
        return f"{self.source}/{self.dedup_key}"

    @property
    def all_links(self) -> tuple[str, ...]:
        """Give the sender's own links, each once: where it was measured, shown, silenced."""
        return tuple(dict.fromkeys((*self.links, *([self.client_url] if self.client_url else []))))


class Seen(msgspec.Struct, frozen=True):
    """How much of an alert was known when something was decided. Counts, not instants: two nodes' clocks differ."""

    triggers: int = 0
    acknowledgements: int = 0
    resolutions: int = 0


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What holds an alert back: which silences, until when, why, and how many of its events they answered.

    `entry`, `severity` and `restricted` are what the incident would be that does not open. `until` counts on silences
    that follow without a break: `then` are those that do not hold yet. `again` is when the first of `silences` ends, so
    that others hold it back or nothing does; None where an older version held it. `summary` and `hint` are its words at
    `since`, and how bad it was by its sender's word; "" as before.
    """

    silences: tuple[str, ...]
    until: datetime
    why: str
    triggers: int
    entry: str | None
    severity: str
    restricted: bool = False
    since: datetime
    then: tuple[str, ...] = ()
    again: datetime | None = None
    summary: str = ""
    hint: str = ""


class AlertState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one group of equal alerts: the latest trigger, and how often events came.

    `triggers` counts all trigger events ever, `acknowledgements` the sender's while an incident is open or about to be,
    `answered` the triggers before the latest of these, 0 where nobody counted them.
    `flaps` how often it fired again after having been resolved, `resolutions` how often it was. `reports` are people's:
    while too few of them count, `triggers` stays. `beats` are what a job was heard of, `ends` when it was over, the
    latest few. `held` stays after that is over, as what was known then.
    """

    alert: Alert
    status: Literal["firing", "resolved"]
    triggers: int
    acknowledgements: int = 0
    answered: int = 0
    flaps: int = 0
    resolutions: int = 0
    reports: Reports | None = None
    beats: Beats | None = None
    first_at: datetime
    last_at: datetime
    changed_at: datetime
    ends: tuple[datetime, ...] = ()
    held: Held | None = None

    def held_at(self, at: datetime) -> bool:
        """Give whether a silence holds it back at that instant."""
        return self.held is not None and self.status == "firing" and at < self.held.until

    @property
    def seen(self) -> Seen:
        """Give the counts a decision taken now rests on."""
        return Seen(self.triggers, self.acknowledgements, self.resolutions)

    def is_answered_beyond(self, triggers: int) -> bool:
        """Give whether its sender acknowledged more of it than the first so many triggers."""
        return self.acknowledgements > 0 and (self.answered == 0 or self.answered > triggers)

    @property
    def waits_until(self) -> datetime | None:
        """Give until when something has to come, or silence means something; None where it means nothing."""
        if self.beats is not None:
            return self.beats.due
        return self.alert.lease_until if self.status == "firing" else None


class Transition(msgspec.Struct, frozen=True):
    """What an event makes of the group: its new state, and whether the engine has to decide again."""

    state: AlertState
    nudge: bool


def transition(
    known: AlertState | None, alert: Alert, *, idle: bool, now: datetime, deciding: bool = False
) -> Transition | None:
    """Give what `alert` makes of the group, or None when it says nothing (resolving what was never known).

    `idle` says that the group has neither an open incident nor a decision waiting. A repeat of what is known only
    counts, but a firing repeat while idle nudges: else an alert that a person resolved too early stays silent.
    `deciding` says that a decision waits or is under way, which may have looked already: what it begins can be
    acknowledged.
    """
    if alert.report is not None:
        return _reported(known, alert, alert.report, idle, now)
    if alert.beat is not None:
        return _beaten(known, alert, alert.beat, idle, now)
    if known is None:
        if alert.action != "trigger":
            return None
        state = AlertState(alert=alert, status="firing", triggers=1, first_at=now, last_at=now, changed_at=now)
        return Transition(state, nudge=True)
    if idle and not deciding and alert.action == "acknowledge":
        return None
    if idle and not deciding and alert.action == "trigger":  # what was acknowledged was an earlier incident
        known = msgspec.structs.replace(known, acknowledgements=0)
    by_action = {"trigger": _triggered, "acknowledge": _acknowledged, "resolve": _resolved}
    return by_action[alert.action](known, alert, idle, max(now, known.last_at))


def _triggered(known: AlertState, alert: Alert, idle: bool, now: datetime) -> Transition:
    again = known.status == "resolved"
    louder = _URGENCY.get(alert.severity, 9) < _URGENCY.get(known.alert.severity, 9)
    state = msgspec.structs.replace(
        known,
        alert=alert,
        status="firing",
        triggers=known.triggers + 1,
        flaps=known.flaps + (again and known.triggers > 0),
        last_at=now,
        changed_at=now if again else known.changed_at,
    )
    return Transition(
        state, nudge=again or idle or louder or (known.held_at(now) and _reads_otherwise(known.alert, alert))
    )


def _reads_otherwise(known: Alert, alert: Alert) -> bool:
    """Give whether an alert says something else than before: a silence may no longer speak of it."""
    moves = {name: getattr(known, name) for name in ("started_at", "lease_until", "links", "link_texts", "beat")}
    return msgspec.structs.replace(alert, **moves) != known


def _reported(known: AlertState | None, alert: Alert, report: Report, idle: bool, now: datetime) -> Transition:
    """Count a person's report; it fires with enough of them, and while its incident is open every one joins."""
    now = max(now, known.last_at) if known else now
    firing = known is not None and known.status == "firing"
    remembered, count = heard((known and known.reports) or Reports(), report, now, anew=firing and idle)
    goes_on = firing and not idle
    fires = goes_on or count >= report.enough
    share = affected(report, count)
    more = goes_on and known is not None and share is not None and share > (known.alert.affected or 0.0)
    share = known.alert.affected if goes_on and known is not None and not more else share
    state = AlertState(
        alert=msgspec.structs.replace(alert, summary=summed_up(report, count), report=None, affected=share),
        status="firing" if fires else "resolved",
        triggers=(known.triggers if known else 0) + fires,
        flaps=known.flaps if known else 0,
        resolutions=known.resolutions if known else 0,
        reports=remembered,
        first_at=known.first_at if known else now,
        last_at=now,
        changed_at=known.changed_at if known and goes_on else now,
        held=known.held if known else None,
    )
    return Transition(state, nudge=fires and (not goes_on or more))


def lapsed(known: AlertState, now: datetime) -> Alert | None:
    """Give what silence until now means: a lease ran out, or a beat was missed; None while something may still come."""
    if known.waits_until is None or known.waits_until > now:
        return None
    if known.beats is None or known.alert.beat is None:
        return msgspec.structs.replace(known.alert, action="resolve")
    beat = msgspec.structs.replace(known.alert.beat, said="missed")
    words = f"{known.alert.origin} is silent: {missing(known.beats)}"
    told = {LOG: known.beats.log} if known.beats.log else {}  # what an earlier run printed is no news
    return msgspec.structs.replace(
        known.alert, action="trigger", beat=beat, summary=words, severity="error", details=told
    )


def _beaten(known: AlertState | None, alert: Alert, beat: Beat, idle: bool, now: datetime) -> Transition:
    """Remember what was heard of a job: success ends its alert, failure and silence fire it."""
    now = max(now, known.last_at) if known else now
    beats = heard_of((known and known.beats) or Beats(), beat, now)
    first = known or AlertState(alert=alert, status="resolved", triggers=0, first_at=now, last_at=now, changed_at=now)
    if beat.said in {"start", "log"}:
        change: Transition | None = None
    elif beat.said == "success":
        change = _resolved(first, alert, idle, now)
    else:
        change = _triggered(first, alert, idle, now)
    state = change.state if change else msgspec.structs.replace(first, last_at=now)
    return Transition(msgspec.structs.replace(state, beats=beats), nudge=change.nudge if change else False)


def _acknowledged(known: AlertState, _: Alert, __: bool, now: datetime) -> Transition | None:
    if known.status == "resolved":
        return None
    count = known.acknowledgements + 1
    state = msgspec.structs.replace(known, acknowledgements=count, answered=known.triggers, last_at=now)
    return Transition(state, nudge=True)


def _resolved(known: AlertState, _: Alert, __: bool, now: datetime) -> Transition | None:
    if known.status == "resolved":
        return None
    over = msgspec.structs.replace(
        known,
        status="resolved",
        resolutions=known.resolutions + 1,
        last_at=now,
        changed_at=now,
        ends=(*known.ends, now)[-MOST_ENDS:],
    )
    return Transition(over, nudge=True)


_URGENCY = {"critical": 0, "error": 1, "warning": 2, "info": 3}
