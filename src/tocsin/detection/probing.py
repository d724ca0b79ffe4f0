"""What a look of a probe makes of what is remembered of it: the standing of its checks, and what has to be told."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from tocsin.detection.alert import Alert
from tocsin.detection.baseline import Baseline
from tocsin.detection.reading import Broken, Reading
from tocsin.detection.thresholds import Standing, unknown
from tocsin.detection.watched import SOURCE, Check, alert_of, weigh
from tocsin.settings import ProbeSettings


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a probe, and of each of its checks by id.

    `asked` is what it looks at: another question is begun anew. `looked` is when it last did, `broken` that it could
    not then, `broken_since` since when, `alarmed` that the fallback heard of it. `memory` is what the kind itself wants
    to find again. `run` and `number` name the latest reading of a remote prober.
    """

    asked: str = ""
    checks: dict[str, Standing] = {}
    last: Reading | None = None
    looked: datetime | None = None
    broken: Broken | None = None
    broken_since: datetime | None = None
    alarmed: bool = False
    memory: str = ""
    run: str = ""
    number: int = 0


class Outcome(NamedTuple):
    """What is remembered after a look, the alerts that follow, and what the fallback has to hear ("" for nothing)."""

    known: Remembered
    alerts: tuple[Alert, ...] = ()
    alarm: str = ""

    @property
    def tells(self) -> bool:
        """Give whether anybody hears of it."""
        return bool(self.alerts or self.alarm)


Baselines = dict[str, Baseline]
"""What is normal, by check. It is much, so it is changed in place and written only now and then."""


def saw(
    probe: ProbeSettings,
    checks: Mapping[str, Check],
    known: Remembered,
    baselines: Baselines,
    seen: Reading | Broken,
    *,
    zone: str = "UTC",
) -> Outcome:
    """Give what a look makes of what was known. Days and weeks are those of `zone`."""
    if isinstance(seen, Broken):
        return _broken(probe, known, seen)
    standings, alerts = dict(known.checks), []
    for name, check in checks.items():
        before = known.checks.get(name, Standing())
        usual = baselines.get(name, Baseline(zone=zone)) if check.limit.times is not None else None
        after, learned = weigh(check.limit, before, seen, usual)
        if learned is not None:
            baselines[name] = learned
        standings[name] = after
        alerts.append(alert_of(check, before, after, seen))
    after_all = msgspec.structs.replace(
        known,
        checks=standings,
        last=seen,
        looked=_later(known.looked, seen.at),
        broken=None,
        broken_since=None,
        alarmed=False,
    )
    alarm = f"the probe {probe.id} looks again" if known.alarmed else ""
    return Outcome(after_all, tuple(alert for alert in alerts if alert), alarm)


def _broken(probe: ProbeSettings, known: Remembered, seen: Broken) -> Outcome:
    """Give what is known when nothing was seen: the alerts of the probe go on, and after a while somebody is told."""
    since = known.broken_since or seen.at
    lasts = seen.at - since >= probe.broken_after
    checks = {name: unknown(standing, seen.at) for name, standing in known.checks.items()} if lasts else known.checks
    after = msgspec.structs.replace(
        known,
        checks=checks,
        looked=_later(known.looked, seen.at),
        broken=seen,
        broken_since=since,
        alarmed=known.alarmed or lasts,
    )
    if not lasts or known.alarmed:
        return Outcome(after)
    words = f"the probe {probe.id} cannot look since {since:%Y-%m-%d %H:%M} UTC, so nothing is known of what it watches"
    return Outcome(after, alarm=f"{words}: {seen.why}")


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def configured(probe: ProbeSettings, asked: str, known: Remembered) -> Outcome:
    """Give what is remembered of a probe as it is configured now.

    Checks that are gone take back their alerts. A probe that looks at something else begins anew, but for the alerts
    it raised: they are over once what it looks at now is well.
    """
    there = {check.id for check in probe.checks}
    gone = [name for name, standing in known.checks.items() if standing.alerting and name not in there]
    why = "the check {} of the probe {} was taken out of the configuration"
    alerts = tuple(_withdrawn(probe.id, name, why.format(name, probe.id)) for name in gone)
    checks = {name: standing for name, standing in known.checks.items() if name in there}
    if known.asked == asked:
        return Outcome(msgspec.structs.replace(known, checks=checks), alerts)
    return Outcome(Remembered(asked=asked, checks=begun_anew(checks)), alerts)


def begun_anew(checks: Mapping[str, Standing]) -> dict[str, Standing]:
    """Give standings of which nothing is known but which alerts go on."""
    return {name: Standing(alerting=True, state="firing") for name, standing in checks.items() if standing.alerting}


def given_up(name: str, known: Remembered) -> tuple[Alert, ...]:
    """Give what takes back the alerts of a probe that is not configured any more."""
    why = f"the probe {name} was taken out of the configuration"
    return tuple(_withdrawn(name, check, why) for check in _alerting(known.checks))


def _alerting(checks: Mapping[str, Standing]) -> Iterable[str]:
    return (name for name, standing in checks.items() if standing.alerting)


def _withdrawn(probe: str, check: str, why: str) -> Alert:
    return Alert(source=SOURCE, dedup_key=f"{probe}/{check}", action="resolve", summary=why, origin=probe)
