"""Whether silences hold an alert back, and until when.

They hold back what would begin: an incident that is open goes on, whatever is silenced. What a person declares is never
held back. docs/decisions/0044-silences-hold-back-what-would-begin.md.
"""

from collections.abc import Iterable
from datetime import datetime

from tocsin.detection.alert import AlertState, Held
from tocsin.escalation.policies import is_restricted
from tocsin.grouping.matchers import fits, subject
from tocsin.incident.silence import Silence, window_at
from tocsin.runbook.policy import Runbook
from tocsin.settings import Settings
from tocsin.triage.assessing import assess

_MOST_IN_A_ROW = 50
"""So many times may follow one another; after them it is looked at again."""


def holding(
    alert: AlertState, silences: Iterable[Silence], runbook: Runbook, settings: Settings, now: datetime
) -> Held | None:
    """Give what holds an alert back at `now`, until the last silence without a break ends; None when nothing does."""
    ahead = tuple(silences)
    if alert.alert.declared_by or not any(window_at(silence, now) for silence in ahead):
        return None
    found, severity, _ = assess(alert.alert, runbook, settings)
    of = subject(alert.alert, found.incident_type, severity)
    fitting = [silence for silence in ahead if fits(silence.matchers, of)]
    now_on = [silence for silence in fitting if window_at(silence, now)]
    if not now_on:
        return None
    return Held(
        silences=tuple(silence.id for silence in now_on),
        until=_until(fitting, now),
        why="; ".join(told(silence) for silence in now_on),
        triggers=alert.triggers,
        entry=found.incident_type,
        severity=severity,
        restricted=is_restricted(found.incident_type, runbook, settings),
        since=alert.held.since if alert.held and alert.held_at(now) else now,
    )


def told(silence: Silence) -> str:
    """Give a silence as a reason: which one, of whom, and why they wanted it."""
    return f"{silence.id} of {silence.by.partition(':')[2] or silence.by}: {silence.why}"


def _until(silences: list[Silence], now: datetime) -> datetime:
    """Give when all of them have ended that hold one after the other without a break."""
    until = now
    for _ in range(_MOST_IN_A_ROW):
        ends = [window.ends for silence in silences if (window := window_at(silence, until)) and window.ends > until]
        if not ends:
            break
        until = max(ends)
    return until
