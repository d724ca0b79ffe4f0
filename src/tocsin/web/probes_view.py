"""What the page of probes shows, as values: each check with its reading and chart, what cannot look, and the gaps."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from tocsin.assembly import Tocsin
from tocsin.detection.thresholds import Standing
from tocsin.detection.watched import Check, Unwatched, check_of, compared, unit_of
from tocsin.engine.access import Principal
from tocsin.engine.plan import unit_of as unit_of_value
from tocsin.engine.probe_seen import Seen, is_shown, shown
from tocsin.explanation.binding import bound
from tocsin.provisioning.draft_probes import proposals, written
from tocsin.provisioning.source import Source
from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import Runbook
from tocsin.runbook.units import told
from tocsin.settings import ProbeSettings, Settings
from tocsin.web.charts import Chart, chart
from tocsin.web.times import Times, lasting

_ICONS = {"firing": "cross", "ok": "tick", "learning": "will", "unknown": "lost", "broken": "warn", "shown": "eye"}
_MOST_VALUES = 6
_EXACT = "yes"
_STALE = timedelta(minutes=5)
_DRAWN_EVERY, _DRAWN_EACH = timedelta(seconds=15), timedelta(milliseconds=100)
"""How often a page with readings is drawn anew at most, and what each probe on it adds to that."""
_DRAWN_TOGETHER = 10


class Row(NamedTuple):
    """A check, or a probe that has none or cannot look. `quoted`: its name is in the words of the document.

    `value` is the latest in words, `small` what it is compared with and how it stands, `trouble` what is wrong with it.
    """

    id: str
    name: str
    quoted: bool
    icon: str
    state: str
    value: str
    small: str
    trouble: str
    chart: Chart | None
    line: int | None


class Gap(NamedTuple):
    """A symptom that nothing notices, and what would; `proposal` is a check for `tocsin.toml`, "" for none."""

    text: str
    entry: str
    line: int
    needs: str
    proposal: str


class ProbesPage(NamedTuple):
    """Everything there is to watch: what fires or cannot look first, then what is fine, then what nothing watches."""

    trouble: tuple[Row, ...]
    fine: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    symptoms: int
    as_of: str
    place: str


async def seen_by(principal: Principal, tocsin: Tocsin) -> tuple[Seen, ...]:
    """Give the probes that somebody may know of, whichever node looks at them."""
    found = await tocsin.watching.seen()
    return found if principal.everything else shown(found, tocsin.worlds.current)


def names_for(principal: Principal, tocsin: Tocsin) -> frozenset[str]:
    """Give the names of the probes that somebody may know of."""
    plan, world = tocsin.watching.plan, tocsin.worlds.current
    return frozenset(name for name, one in plan.items() if principal.everything or is_shown(one.settings, world))


async def readings_version(checks: Mapping[str, Collection[str] | None], tocsin: Tocsin) -> str:
    """Give what changes when one of these checks of probes turns (None = any), and with newer readings of the probes.

    A page that follows it is drawn no oftener, and more seldom the more there is to draw.
    """
    if not checks:
        return ""
    lately = await tocsin.watching.lately(checks)
    pace = max(_DRAWN_EVERY, len(checks) * _DRAWN_EACH).total_seconds()
    newest = int(lately.at.timestamp() // pace) if lately.at else 0
    return f"{newest}.{lately.turns}.{lately.broken}"


async def all_rows(seen: Sequence[Seen], runbook: Runbook, settings: Settings, times: Times) -> list[Row]:
    """Give the rows of many probes, and everything else its turn in between: a thousand charts take a second."""
    rows: list[Row] = []
    for place, one in enumerate(seen):
        if place % _DRAWN_TOGETHER == 0:
            await asyncio.sleep(0)
        rows += rows_of(one, runbook, settings, times)
    return rows


def probes_page(rows: Sequence[Row], source: Source, settings: Settings, times: Times) -> ProbesPage:
    """Give the page."""
    runbook, proposed = source.runbook, _proposed(source)
    loud = tuple(row for row in rows if row.state in ("firing", "broken"))
    entries = bound(runbook, settings).incident_types
    gaps = tuple(
        Gap(
            text=symptom.text,
            entry=entry.title,
            line=symptom.line,
            needs=symptom.gap or "needs an alert that says so",
            proposal=proposed.get((entry.id, symptom.line), ""),
        )
        for entry in entries
        for symptom in entry.symptoms
        if symptom.bound_to is None
    )
    quiet = tuple(row for row in rows if row not in loud)
    symptoms = sum(len(entry.symptoms) for entry in entries)
    return ProbesPage(loud, quiet, gaps, symptoms, times.hms(times.now), times.place)


def _proposed(source: Source) -> dict[tuple[str, int], str]:
    """Give the checks that are proposed, by entry and line of the symptom."""
    found = proposals(source)
    return {(one.entry, one.symptom.line): written(one, found, source) for one in found.checks if one.symptom}


def rows_of(
    seen: Seen, runbook: Runbook, settings: Settings, times: Times, only: Iterable[str] | None = None
) -> Iterator[Row]:
    """Give the rows of a probe: one for each of its checks, or of those of them that are named."""
    probe = seen.settings
    if seen.broken is not None and only is None:
        yield _broken(seen, times)
    for check in probe.checks:
        if only is not None and check.id not in only:
            continue
        found = check_of(probe, check, unit_of_value(probe, check.value), runbook, settings)
        if isinstance(found, Unwatched):
            yield _unjudged(probe, check.id, found, times, seen)
        else:
            yield _row(found, seen, times)
    if not probe.checks and seen.broken is None:
        yield _shown(seen, times)


def _row(check: Check, seen: Seen, times: Times) -> Row:
    standing = seen.standings.get(check.settings.id, Standing())
    state = "firing" if standing.alerting else standing.state
    unit = unit_of(check.limit)
    value = told(standing.last, unit) if standing.last is not None else "no reading yet"
    if check.limit.times is not None and standing.last is not None and standing.normal:
        value = f"{standing.last / standing.normal:.3g}x normal"
    elif unit == _EXACT and standing.last is not None:
        value = f"{check.limit.measure.replace('_', ' ')}: {value}"
    trouble = seen.latest.details.get("trouble", "") if seen.latest and state == "firing" else ""
    return Row(
        id=check.name,
        name=check.symptom.text if check.symptom else f"{check.probe.id} {check.settings.id}".replace("-", " "),
        quoted=check.symptom is not None,
        icon=_ICONS[state],
        state=state,
        value=value,
        small=_small(check, standing, seen, times),
        trouble=trouble,
        chart=chart(check.limit, standing, seen.history.get(check.settings.id, ()), times),
        line=check.limit.line,
    )


def _small(check: Check, standing: Standing, seen: Seen, times: Times) -> str:
    """Give what a check is compared with, how it stands since when, who looks and how often."""
    since = f" since {times.hm(standing.since)}" if standing.since else ""
    words = {"ok": f"fine{since}", "firing": f"firing{since}", "learning": "learning what is normal"}
    limit = _limit(check, standing)
    state = words.get("firing" if standing.alerting else standing.state, "not known")
    return f"{limit}{state}; {check.name}, every {spoken(check.probe.every)}{_late(seen, times)}"


def _limit(check: Check, standing: Standing) -> str:
    """Give what a value is compared with; what a multiple is of stands here, the multiple itself beside the name."""
    limit = check.limit
    if limit.unit == _EXACT:
        return ""
    if limit.times is None or standing.normal is None:
        return f"{compared(limit, standing)}; "
    return f"{told(standing.normal, unit_of(limit))} is normal, limit {limit.times:g}x; "


def _late(seen: Seen, times: Times) -> str:
    """Give since when nobody looked, where that is long ago."""
    allowed = max(3 * seen.settings.every, _STALE)
    if seen.looked is None:
        return ", not looked at yet"
    return f", last looked at {times.hms(seen.looked)}" if times.now - seen.looked > allowed else ""


def _broken(seen: Seen, times: Times) -> Row:
    since = f"since {times.hm(seen.since)}, for {lasting(times.now - seen.since)}" if seen.since else ""
    why = seen.broken.why if seen.broken else ""
    small = f"{since}; nothing is known of what it watches, and what it raised goes on"
    return _plain(seen.settings.id, "broken", "cannot look", small, why)


def _unjudged(probe: ProbeSettings, check: str, found: Unwatched, times: Times, seen: Seen) -> Row:
    name = f"{probe.id}/{check}"
    return _plain(
        name, "broken", "not judged", f"a {probe.kind} probe, nothing is compared{_late(seen, times)}", found.why
    )


def _shown(seen: Seen, times: Times) -> Row:
    values = seen.latest.values if seen.latest else {}
    probe = seen.settings
    first = sorted(values)[:_MOST_VALUES]
    words = ", ".join(f"{name.replace('_', ' ')} {told(values[name], unit_of_value(probe, name))}" for name in first)
    small = f"a {probe.kind} probe, every {spoken(probe.every)}, without a check{_late(seen, times)}"
    return _plain(probe.id, "shown", words or "no reading yet", small, "")


def _plain(name: str, state: str, value: str, small: str, trouble: str) -> Row:
    return Row(
        id=name,
        name=name.replace("-", " "),
        quoted=False,
        icon=_ICONS[state],
        state=state,
        value=value,
        small=small,
        trouble=trouble,
        chart=None,
        line=None,
    )
