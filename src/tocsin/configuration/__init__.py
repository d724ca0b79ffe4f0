"""Reads `tocsin.toml`: text in, `Settings` out. Nothing here reads a file or the environment."""

import re
import tomllib
from collections.abc import Mapping

import msgspec

from tocsin.configuration.drills import read_drill_environment, read_drills
from tocsin.configuration.lines import Lines
from tocsin.configuration.options import read_options
from tocsin.configuration.parts import (
    read_business_hours,
    read_channel,
    read_escalation,
    read_incident_type,
    read_intake_processes,
    read_metric,
    read_person,
    read_programs,
    read_public_url,
    read_reports,
    read_schedule,
    read_status_page,
    read_store,
    read_trusted_proxies,
    read_unmatched,
    read_watch,
)
from tocsin.configuration.probes import Offer, read_probes
from tocsin.configuration.references import check_references
from tocsin.configuration.sources import read_source
from tocsin.configuration.table import Table
from tocsin.configuration.targets import read_targets
from tocsin.errors import SettingsInvalid
from tocsin.settings import ProbeSettings, Settings

__all__ = ["read_settings"]

LATER = ("access",)
PLACE = re.compile(r" \((?:at line (\d+), column \d+|at end of document)\)$")


def read_settings(
    text: str,
    channel_options: Mapping[str, type[msgspec.Struct]] | None = None,
    probe_kinds: Mapping[str, Offer] | None = None,
) -> Settings:
    """Give the settings a configuration asks for.

    `channel_options` are the options each kind of channel takes, `probe_kinds` what each kind of probe does; without
    them they are left for later to check.
    Every instant is aware; durations are ISO 8601 in the text. Raises SettingsInvalid, with the line where there is
    one, for the first thing that is unknown, of the wrong type, in clear though secret, or points at nothing.
    """
    lines, top = parsed(text)
    zone = top.zone("timezone") or "UTC"
    server, usual = top.inner("server"), Settings()
    escalation = read_escalation(top.inner("escalation"))
    targets = read_targets(top.inner("targets"))
    settings = Settings(
        runbook=top.text("runbook"),
        timezone=zone,
        public_url=read_public_url(server) or usual.public_url,
        trusted_proxies=read_trusted_proxies(server),
        intake_processes=read_intake_processes(server),
        store_url=read_store(top.inner("store")),
        people={table.name: read_person(table) for table in top.inner("people").children()},
        roles=roles(top.inner("roles")),
        schedules={table.name: read_schedule(table, zone) for table in top.inner("schedules").children()},
        channels={table.name: read_channel(table) for table in top.inner("channels").children()},
        sources={table.name: read_source(table, zone) for table in top.inner("sources").children()},
        probes=read_probes(top.inner("probes"), probe_kinds),
        incident_types={table.name: read_incident_type(table) for table in top.inner("incident_types").children()},
        unmatched=read_unmatched(top.inner("unmatched")),
        metrics={table.name: read_metric(table) for table in top.inner("metrics").children()},
        business_hours=read_business_hours(top.inner("business_hours")),
        targets=targets.local,
        hosts=targets.hosts,
        databases=targets.databases,
        default_targets=targets.default,
        status_page=read_status_page(top.inner("status_page")),
        watch=read_watch(top.inner("watch")),
        reports=read_reports(top.inner("reports")),
        drills=read_drills(top.inner("drills")),
        drill_environment=read_drill_environment(top.inner("drills")),
        programs=read_programs(top.inner("guard")),
        fallback=top.texts("fallback") or (),
        max_rounds=escalation.max_rounds,
        group_within=escalation.group_within,
        flapping_after=escalation.flapping_after,
        flapping_within=escalation.flapping_within,
        reopen_within=escalation.reopen_within,
        max_reopenings=escalation.max_reopenings,
    )
    server.done()
    top.unsupported(*LATER)
    top.done()
    check_references(settings, lines)
    _check_kinds(settings, channel_options, probe_kinds, lines)
    return settings


def _check_kinds(
    settings: Settings,
    channel_options: Mapping[str, type[msgspec.Struct]] | None,
    probe_kinds: Mapping[str, Offer] | None,
    lines: Lines,
) -> None:
    """Refuse options that the kind of a channel or of a probe does not take."""
    if channel_options is not None:
        for name, channel in settings.channels.items():
            read_options(name, channel.options, channel_options[channel.kind], lines)
    for probe in settings.probes.values():
        if probe_kinds is not None:
            _check_options(probe, probe_kinds[probe.kind], lines)


def _check_options(probe: ProbeSettings, kind: Offer, lines: Lines) -> None:
    read_options(probe.id, probe.options, kind.options, lines, table="probes")
    try:
        kind.try_out(probe)
    except SettingsInvalid as wrong:
        raise SettingsInvalid(wrong.reason, lines.of(("probes", probe.id))) from wrong


def read_store_url(text: str) -> str | None:
    """Give where a configuration wants facts to be kept, whatever else is wrong with it. Raises SettingsInvalid.

    Text that is no TOML and speaks of no PostgreSQL means the data folder: a slip of the pen must not stop a server.
    """
    try:
        _, top = parsed(text)
    except SettingsInvalid:
        if "postgres" in text:
            raise
        return None
    return read_store(top.inner("store"))


def parsed(text: str) -> tuple[Lines, Table]:
    """Give the document as a table, with the lines of its keys. Raises SettingsInvalid when it is no TOML."""
    try:
        values = tomllib.loads(text)
        lines = Lines(text)
    except tomllib.TOMLDecodeError as error:
        found = PLACE.search(str(error))
        reason = PLACE.sub("", str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise SettingsInvalid(f"this is not TOML: {reason}", line) from error
    except RecursionError as error:
        raise SettingsInvalid("this is nested too deeply") from error
    return lines, Table(values, lines)


def roles(table: Table) -> dict[str, tuple[str, ...]]:
    """Give who stands behind each role: ids of people or schedules."""
    found: dict[str, tuple[str, ...]] = {}
    for role in table.names():
        found[role] = table.texts(role) or ()
        if not found[role]:
            table.wrong(f"{role} names nobody; name a person or a schedule, or leave it out", role)
    return found
