"""[drills]: how to break what a runbook is about, and what is expected of the answer."""

from datetime import timedelta

from tocsin.configuration.parts import read_id, read_severity
from tocsin.configuration.table import Table
from tocsin.settings import DrillSettings, Expect

_LEAST, _MOST = timedelta(seconds=10), timedelta(hours=1)
_ENVIRONMENT = "environment"


def read_drills(table: Table) -> dict[str, DrillSettings]:
    """Give everything under [drills] that is a drill."""
    return {name: read_drill(table.inner(name)) for name in table.names() if name != _ENVIRONMENT}


def read_drill_environment(table: Table) -> str | None:
    """Give the file with the variables of live drills."""
    return table.text(_ENVIRONMENT)


def read_drill(table: Table) -> DrillSettings:
    """Give one of [drills]. Raises SettingsInvalid for one that breaks nothing, or breaks it for good."""
    usual = DrillSettings(id="", incident_type="")
    name = read_id(table)
    entry = table.text("incident_type")
    if entry is None:
        table.wrong("needs an incident_type: the id of the entry that is rehearsed (tocsin show prints them)")
    inject, restore = _command(table, "inject"), _command(table, "restore")
    found = DrillSettings(
        id=name,
        incident_type=entry,
        alert=table.text("alert"),
        inject=inject,
        restore=restore,
        expect=_expect(table.inner("expect")),
        stop_after=_bounded(table, "stop_after") or usual.stop_after,
    )
    if not found.alert and not inject:
        table.wrong("breaks nothing: give it an alert (in memory), a command to inject (live), or both")
    if inject and not restore:
        table.wrong("has inject but no restore: say what puts it right again, whatever happens", "inject")
    if restore and not inject:
        table.wrong("has restore but no inject: say what breaks it, or leave restore out", "restore")
    table.done()
    return found


def _expect(table: Table) -> Expect:
    found = Expect(
        severity=read_severity(table, "severity"),
        within=_bounded(table, "within", timedelta(seconds=1)),
        diagnostics=table.flag("diagnostics") or False,
        told=table.flag("told") or False,
        reviewed=table.flag("reviewed") or False,
    )
    table.done()
    return found


def _bounded(table: Table, key: str, least: timedelta = _LEAST) -> timedelta | None:
    found = table.duration(key, least)
    if found is not None and found > _MOST:
        table.wrong(f"{key} is longer than an hour", key)
    return found


def _command(table: Table, key: str) -> tuple[str, ...]:
    """Give the words of a command: one text is not taken apart as a shell would."""
    words = table.texts(key) or ()
    if table.has(key) and not all(word.strip() for word in words or ("",)):
        table.wrong(f'{key} needs the words of a command, such as ["./break-it", "--hard"]', key)
    return words
