"""[probes]: what is looked at, how often, and when that is trouble."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Literal, NamedTuple, cast

import msgspec

from tocsin.configuration.options import refuse_in_clear
from tocsin.configuration.parts import SEVERITIES, read_id
from tocsin.configuration.table import Table, did_you_mean
from tocsin.settings import CheckSettings, ProbeSettings

OPERATORS: dict[str, Literal[">", ">=", "<", "<=", "=="]] = {
    "above": ">", "below": "<", "at_least": ">=", "at_most": "<=", "equals": "==",
}  # fmt: skip
TAKES = ("last", "mean", "p95", "max", "rate")
OWN = ("kind", "every", "timeout", "checks", "at", "broken_after")
"""Keys of every kind; the others are the kind's options."""

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=1)
LONGEST_WINDOW = timedelta(days=1)
MOST_PROBES, MOST_CHECKS = 5_000, 32


class Offer(NamedTuple):
    """What a kind of probe takes, and the names of the values it gives.

    `try_out` raises SettingsInvalid for options that do not fit together; it looks at nothing.
    """

    options: type[msgspec.Struct]
    values: tuple[str, ...]
    try_out: Callable[[ProbeSettings], None] = lambda _: None

    def named(self, options: Mapping[str, object]) -> "Offer":
        """Give what it takes and gives with these options: a table `values` names values of its own."""
        own = options.get("values")
        return self._replace(values=(*self.values, *own)) if isinstance(own, dict) else self

    def gives(self, value: str) -> bool:
        """Give whether a reading may hold a value of that name."""
        return value in self.values


def read_probes(table: Table, kinds: Mapping[str, Offer] | None) -> dict[str, ProbeSettings]:
    """Give [probes]; without `kinds` any kind is taken."""
    names = table.names()
    if len(names) > MOST_PROBES:
        table.wrong(f"has {len(names)} probes, and one Tocsin looks at {MOST_PROBES} at most", names[MOST_PROBES])
    return {probe.name: read_probe(probe, kinds) for probe in table.children()}


def read_probe(table: Table, kinds: Mapping[str, Offer] | None) -> ProbeSettings:
    """Give one of [probes]. Its options are only looked at for secrets here: each kind knows its own."""
    probe_id = read_id(table)
    kind = table.text("kind")
    if kind is None:
        table.wrong("needs a kind" + (f": {', '.join(kinds)}" if kinds else ""))
    if kinds is not None and kind not in kinds:
        table.wrong(f"kind {kind!r} is unknown{did_you_mean(kind, kinds)}", "kind")
    every, timeout = _pace(table)
    checks = table.inner("checks")
    if len(checks.names()) > MOST_CHECKS:
        checks.wrong(f"has {len(checks.names())} checks, and a probe takes {MOST_CHECKS} at most")
    options = {key: _option(table, key) for key in table.names() if key not in OWN}
    offer = kinds[kind].named(options) if kinds else None
    probe = ProbeSettings(
        id=probe_id,
        kind=kind,
        options=options,
        every=every,
        timeout=timeout,
        checks=tuple(read_check(check, kind, offer) for check in checks.children()),
        at=table.text("at") or "",
        broken_after=table.duration("broken_after", least=every) or ProbeSettings(id="", kind="").broken_after,
    )
    table.done()
    return probe


def _pace(table: Table) -> tuple[timedelta, timedelta]:
    """Give how often it is looked at, and how long a look may take."""
    usual = ProbeSettings(id="", kind="")
    every = table.duration("every", least=SHORTEST) or usual.every
    if every > LONGEST:
        table.wrong("every must be a day or less", "every")
    given = table.duration("timeout", least=timedelta(milliseconds=100))
    if given is not None and given >= every:
        table.wrong("timeout must be less than every, or looks would run into one another", "timeout")
    return every, min(usual.timeout, every * 0.9) if given is None else given


def read_check(table: Table, kind: str, offer: Offer | None) -> CheckSettings:
    """Give one of the `checks` of a probe: one value and its limit."""
    check_id, value = read_id(table), table.text("value")
    if value is None:
        table.wrong("needs a value" + (f": {', '.join(offer.values)}" if offer else ""))
    if offer is not None and not offer.gives(value):
        table.wrong(f"value {value!r} is none that {kind} gives{did_you_mean(value, offer.values)}", "value")
    symptom, incident_type = table.text("symptom"), table.text("incident_type")
    if symptom is not None and incident_type is None:
        table.wrong("symptom needs an incident_type, the entry in which it stands", "symptom")
    op, limit, times_normal, normal = _limit(table, symptom)
    window, take = _window(table)
    severity = table.text("severity")
    if severity is not None and severity not in SEVERITIES:
        table.wrong(f"severity must be one of {', '.join(SEVERITIES)}, not {severity!r}", "severity")
    times, zero = table.whole("times", 1), timedelta(0)
    check = CheckSettings(
        id=check_id,
        value=value,
        op=op,
        limit=limit,
        times_normal=times_normal,
        normal=normal,
        for_=table.duration("for") or zero,
        times=2 if times is None else times,
        recovers=_recovers(table, op, limit),
        recovers_for=table.duration("recovers_for") or zero,
        window=window,
        take=take,
        incident_type=incident_type,
        symptom=symptom,
        severity=severity,
    )
    table.done()
    return check


class _Limit(NamedTuple):
    op: Literal[">", ">=", "<", "<=", "=="]
    limit: float | None
    times_normal: float | None
    normal: float | None


def _limit(table: Table, symptom: str | None) -> _Limit:
    """Give what the value is compared with; nothing where the symptom of the document says it."""
    numbers = {key: number for key in OPERATORS if (number := table.number(key)) is not None}
    times_normal, normal = table.number("times_normal"), table.number("normal")
    if len(numbers) + (times_normal is not None) > 1:
        given = [*numbers, *(["times_normal"] if times_normal is not None else [])]
        table.wrong(f"has {' and '.join(given)}: a check has one limit; make two checks of it", given[1])
    if not numbers and times_normal is None and symptom is None:
        table.wrong(f"needs a limit: {', '.join(OPERATORS)} or times_normal; or a symptom with one in its words")
    if times_normal is not None and times_normal <= 0:
        table.wrong("times_normal must be more than 0", "times_normal")
    for key, number in numbers.items():
        return _Limit(OPERATORS[key], number, None, normal)
    return _Limit("<" if times_normal is not None and times_normal < 1 else ">", None, times_normal, normal)


def _recovers(table: Table, op: str, limit: float | None) -> float | None:
    """Give where it is over; that must be on the good side of the limit."""
    recovers = table.number("recovers")
    if recovers is None or limit is None:
        return recovers
    if op == "==":
        table.wrong("recovers has no meaning with equals", "recovers")
    if (recovers > limit) if op in (">", ">=") else (recovers < limit):
        side = "below" if op in (">", ">=") else "above"
        table.wrong(f"recovers must be {side} the limit {limit:g}, not {recovers:g}: it would end while it lasts",
                    "recovers")  # fmt: skip
    return recovers


def _window(table: Table) -> tuple[timedelta | None, Literal["last", "mean", "p95", "max", "rate"]]:
    """Give over how long readings are taken together, and how."""
    window, take = table.duration("window", least=SHORTEST), table.text("take")
    if take is not None and take not in TAKES:
        table.wrong(f"take {take!r} is unknown{did_you_mean(take, TAKES)}", "take")
    if window is not None and window > LONGEST_WINDOW:
        table.wrong("window must be a day or less", "window")
    if window is None and take not in (None, "last"):
        table.wrong(f'take {take!r} needs a window, such as window = "PT5M"', "take")
    if window is not None and take in (None, "last"):
        table.wrong("window needs a take: mean, p95, max or rate", "window")
    return window, cast('Literal["last", "mean", "p95", "max", "rate"]', take or "last")


def _option(table: Table, key: str) -> object:
    """Give one option: anything TOML can say, with secrets by where they are kept."""
    value = table.raw(key)
    reason = refuse_in_clear(key, value)
    if reason is not None:
        table.wrong(reason, key)
    return _plain(table, key, value)


def _plain(table: Table, key: str, value: object) -> object:
    if isinstance(value, dict):
        if value and value.keys() <= {"env", "file"}:
            return table.secret(key)
        inner = table.inner(key)
        return {name: _option(inner, name) for name in value}
    if isinstance(value, list):
        if any(isinstance(one, dict | list) for one in value):
            table.wrong(f"{key} must hold only texts and numbers", key)
        return tuple(value)
    if not isinstance(value, str | int | float | bool):
        table.wrong(f"{key} must be a text, a number, true or false, a list or a table of those, or a secret", key)
    return value
