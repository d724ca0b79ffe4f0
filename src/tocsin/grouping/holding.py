"""Whether silences hold an alert back, and until when.

They hold back what would begin: an incident that is open goes on, whatever is silenced. What a person declares is never
held back. docs/decisions/0044-silences-hold-back-what-would-begin.md.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tocsin.detection.alert import AlertState, Held
from tocsin.grouping.deciding import New
from tocsin.grouping.matchers import fits, subject
from tocsin.incident.facts import FactBody, Opened, Reopened, SeverityChanged
from tocsin.incident.incident import Incident
from tocsin.incident.silence import Silence, window_at
from tocsin.triage.assessing import assess

_MOST_IN_A_ROW = 50
"""So many times may follow one another; after them it is looked at again."""


class Begins(NamedTuple):
    """What would open or reopen: of which entry (None = of none), how bad, and whether few may see it."""

    entry: str | None
    severity: str
    restricted: bool


def begins_of(
    incident: Incident | None, bodies: tuple[FactBody, ...], alert: AlertState | None, new: New
) -> Begins | None:
    """Give what these facts of an alert would begin, or None when they begin nothing. `incident` is the one before.

    What would reopen an incident may be of another entry than that, as after merging: silences and open incidents are
    asked about what the alert is, unless a person said what all of the incident is.
    """
    first = bodies[0] if bodies else None
    if isinstance(first, Opened):
        return Begins(first.incident_type, first.severity, first.restricted)
    if not isinstance(first, Reopened) or incident is None:
        return None
    if alert is None or incident.type_corrected is not None:
        raised = (body.after for body in bodies if isinstance(body, SeverityChanged))
        return Begins(incident.incident_type, next(raised, incident.severity), incident.restricted)
    found, severity, _ = assess(alert.alert, *new.world, new.corrections)
    return Begins(found.incident_type, severity, incident.restricted)


def holding(alert: AlertState, begins: Begins, silences: Iterable[Silence], now: datetime) -> Held | None:
    """Give what holds an alert back at `now`, until the last silence without a break ends; None when nothing does."""
    if alert.alert.declared_by:
        return None
    of = subject(alert.alert, begins.entry, begins.severity)
    fitting = [silence for silence in silences if fits(silence.matchers, of)]
    now_on = {silence.id: (silence, window.ends) for silence in fitting if (window := window_at(silence, now))}
    if not now_on:
        return None
    until, follow = _until(fitting, now)
    before, said = alert.held if alert.held_at(now) else None, alert.alert
    return Held(
        silences=tuple(now_on),
        until=until,
        why="; ".join(told(silence) for silence, _ in now_on.values()),
        triggers=alert.triggers,
        entry=begins.entry,
        severity=begins.severity,
        restricted=begins.restricted,
        since=before.since if before else now,
        then=tuple(sorted(follow - now_on.keys())),
        again=min(ends for _, ends in now_on.values()),
        summary=before.summary if before else said.summary,
        hint=before.hint if before else said.severity,
    )


def told(silence: Silence) -> str:
    """Give a silence as a reason: which one, of whom, and why they wanted it."""
    return f"{silence.id} of {silence.by.partition(':')[2] or silence.by}: {silence.why}"


def _until(silences: list[Silence], now: datetime) -> tuple[datetime, set[str]]:
    """Give when all of them have ended that hold one after the other without a break, and which of them do."""
    until, counted = now, set[str]()
    for _ in range(_MOST_IN_A_ROW):
        on = {silence.id: window.ends for silence in silences if (window := window_at(silence, until))}
        on = {name: ends for name, ends in on.items() if ends > until}
        if not on:
            break
        counted |= on.keys()
        until = max(on.values())
    return until, counted
