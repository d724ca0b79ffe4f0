"""[sources]: who may send alerts, and how each proves to be who it is."""

import re
from datetime import UTC, datetime, timedelta

from tocsin.configuration.parts import read_id
from tocsin.configuration.table import Table, did_you_mean
from tocsin.cron import next_run
from tocsin.settings import MAPPED, SourceSettings

DECLARED = "manual"
REPORTED = "reports"
PROBED = "probe"
RESERVED = {DECLARED: "people declare", REPORTED: "people report", PROBED: "probes see"}
"""The sources of what Tocsin itself hears and sees; no other source may look like them."""

KINDS = (
    "events",
    "alertmanager",
    "prometheus",
    "grafana",
    "sentry",
    "cloudflare",
    "pagerduty",
    "custom",
    "email",
    "heartbeat",
    "prober",
)
PROBER = "prober"
"""The kind of a source that looks at probes elsewhere, and sends what it saw."""

SIGNED = ("sentry", "cloudflare", "pagerduty")
"""Kinds that send no key: they sign, or send a secret of their own."""

MAY_SIGN = ("grafana", "custom")
"""Kinds that sign once they are told to; until then they send a key."""

LEASED = ("alertmanager", "grafana")
"""Kinds whose alerts may be given a lease; those of Prometheus bring one."""

REQUIRED = ("dedup_key", "summary")
"""What every mapping must have."""

_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

_LONGEST_TOLERANCE = timedelta(days=1)


def read_source(table: Table, zone: str) -> SourceSettings:
    """Give one of [sources]; `zone` is the one of the configuration."""
    source_id = read_id(table)
    if source_id in RESERVED:
        table.wrong(f"{source_id} is the source of what {RESERVED[source_id]}; give this one another name")
    kind = table.text("kind") or ""
    if kind and kind not in KINDS:
        table.wrong(f"kind {kind!r} is unknown{did_you_mean(kind, KINDS)}", "kind")
    tolerance = _tolerance(table, kind)
    period, grace = _beats(table, kind)
    source = SourceSettings(
        id=source_id,
        kind=kind,
        key=table.secret("key"),
        secrets=table.secrets("secrets"),
        tolerance=tolerance or SourceSettings(id="").tolerance,
        signature_header=_header(table, "signature_header", kind),
        timestamp_header=_header(table, "timestamp_header", kind),
        lease=_lease(table, kind),
        period=period,
        grace=grace or SourceSettings(id="").grace,
        cron=_cron(table, kind),
        timezone=_zone(table, kind) or zone,
        mapping=_mapping(table, kind),
    )
    table.done()
    _check_proof(table, source)
    return source


def _check_proof(table: Table, source: SourceSettings) -> None:
    if source.kind in SIGNED and not source.secrets:
        table.wrong(f'{source.kind} signs what it sends: it needs secrets, such as secrets = {{ env = "NAME" }}')
    if source.kind in SIGNED and source.key is not None:
        table.wrong(f"{source.kind} sends no key; it signs with secrets", "key")
    if (source.signature_header or source.timestamp_header) and not source.secrets:
        table.wrong("says where a signature stands, but has no secrets to check it with")


def _tolerance(table: Table, kind: str) -> timedelta | None:
    tolerance = table.duration("tolerance", least=timedelta(seconds=1))
    if tolerance is not None and not table.has("timestamp_header"):
        table.wrong(f"tolerance is for signatures with a time in them: set timestamp_header; {_named(kind)} has none")
    if tolerance is not None and tolerance > _LONGEST_TOLERANCE:
        table.wrong("tolerance is over a day: what was recorded could be sent again for that long", "tolerance")
    return tolerance


def _header(table: Table, key: str, kind: str) -> str:
    name = table.text(key)
    if name is None:
        return ""
    if kind not in MAY_SIGN:
        table.wrong(f"{key} is for {' and '.join(MAY_SIGN)}; {_named(kind)} has its own", key)
    if not _HEADER.fullmatch(name):
        table.wrong(f"{key} {name!r} is no name of a header", key)
    return name.lower()


def _lease(table: Table, kind: str) -> timedelta | None:
    lease = table.duration("lease", least=timedelta(seconds=10))
    if lease is not None and kind not in LEASED:
        table.wrong(f"lease is for {' and '.join(LEASED)}, not for {_named(kind)}", "lease")
    return lease


def _beats(table: Table, kind: str) -> tuple[timedelta | None, timedelta | None]:
    """Give how often a job beats, and how late it may be."""
    period = table.duration("period", least=timedelta(seconds=10))
    grace = table.duration("grace", least=timedelta(seconds=1))
    if kind == "heartbeat" and (period is None) is not table.has("cron"):
        told = 'how often the job runs, such as period = "PT24H", or when, such as cron = "30 2 * * 1-5"'
        table.wrong(f"heartbeat needs either a period or a cron: {told}")
    if kind != "heartbeat" and (period or grace):
        table.wrong(f"{'period' if period else 'grace'} is for a heartbeat, not for {_named(kind)}")
    return period, grace


def _cron(table: Table, kind: str) -> str:
    """Give when a job runs, as cron has it."""
    text = table.text("cron") or ""
    if not table.has("cron"):
        return ""
    if kind != "heartbeat":
        table.wrong(f"cron is for a heartbeat, not for {_named(kind)}", "cron")
        return ""
    try:
        next_run(text, "UTC", _ANY_TIME)
    except ValueError as error:
        table.wrong(f"cron {text!r} cannot be read: {error}", "cron")
    return text


def _zone(table: Table, kind: str) -> str | None:
    zone = table.zone("timezone")
    if zone is not None and (kind != "heartbeat" or not table.has("cron")):
        table.wrong("timezone is for a heartbeat with cron", "timezone")
    return zone


def _mapping(table: Table, kind: str) -> dict[str, str]:
    """Give what each field of an alert is, as expressions that were tried."""
    if kind != "custom":
        if table.has("mapping"):
            table.wrong(f"mapping is for custom, not for {_named(kind)}", "mapping")
        return {}
    inner = table.inner("mapping")
    found = {name: expression for name in MAPPED if (expression := inner.text(name)) is not None}
    inner.done()
    for name in REQUIRED:
        if name not in found:
            table.wrong(f'custom needs a mapping with {name}, such as {name} = "check.{name}"', "mapping")
    for name, expression in found.items():
        if fault := _fault_of(expression):
            inner.wrong(f"{name} is no expression in JMESPath: {fault}", name)
    return found


def _fault_of(expression: str) -> str | None:
    import jmespath  # noqa: PLC0415  only sources of kind custom need it
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415  as above

    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        return " ".join(str(error).split())
    return None


def _named(kind: str) -> str:
    return kind or "a source without a kind"
