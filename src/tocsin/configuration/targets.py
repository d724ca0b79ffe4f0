"""[targets]: where commands and SQL of the document run, on this machine, on others, in databases."""

import re
from typing import NamedTuple

from tocsin.configuration.options import IS_SECRET
from tocsin.configuration.parts import read_option
from tocsin.configuration.table import Table
from tocsin.settings import LOCAL, Database, Host, Secret, Target

KINDS = ("local", "ssh", "sql")
_ADDRESS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_HIGHEST_PORT = 65_535


class Targets(NamedTuple):
    """Where steps run. `default` names a machine for commands, a database for SQL, or both."""

    local: Target
    hosts: dict[str, Host]
    databases: dict[str, Database]
    default: tuple[str, ...]


def read_targets(targets: Table) -> Targets:
    """Give [targets]. Raises SettingsInvalid for a place that is not complete."""
    default = targets.texts("default") or ()
    hosts: dict[str, Host] = {}
    databases: dict[str, Database] = {}
    for name in targets.names():
        if name in {"default", LOCAL}:
            continue
        table = targets.inner(name)
        kind = table.text("kind")
        if not _NAME.fullmatch(name) or kind not in KINDS[1:]:
            table.wrong(f'kind must be "ssh" or "sql", not {kind!r}; this machine is [targets.{LOCAL}]', "kind")
        if kind == "ssh":
            hosts[name] = _host(table)
        else:
            databases[name] = _database(table)
    local = _local(targets.inner(LOCAL))
    targets.done()
    return Targets(local, hosts, databases, default)


def _local(table: Table) -> Target:
    if (table.text("kind") or LOCAL) != LOCAL:
        table.wrong(f"kind of [targets.{LOCAL}] can only be {LOCAL!r}", "kind")
    run = table.flag("run")
    target = Target(
        environment=_environment(table), inherit=_inherited(table), directory=_directory(table),
        run=run is not False,
    )  # fmt: skip
    table.done()
    return target


def _directory(table: Table) -> str | Secret | None:
    """Give the folder, or which variable of the server holds it."""
    if not isinstance(table.raw("directory"), dict):
        return table.text("directory")
    kept = table.secret("directory")
    if kept is not None and kept.env is None:
        table.wrong('directory is a folder, or { env = "NAME" }', "directory")
    return kept


def _inherited(table: Table) -> tuple[str, ...]:
    names = table.texts("inherit") or ()
    for name in names:
        if not _VARIABLE.fullmatch(name):
            table.wrong(f"inherit: {name!r} is no name of a variable", "inherit")
        if IS_SECRET.search(name.lower()):
            table.wrong(f"inherit: {name} holds a secret; grant it under `environment`, which hides it", "inherit")
    return names


def _host(table: Table) -> Host:
    address, user, port = table.text("host"), table.text("user"), table.whole("port", 1)
    if address is None or not _ADDRESS.fullmatch(address):
        table.wrong(f"host must be the name or the address of a machine, not {address!r}", "host")
    if user is not None and not _USER.fullmatch(user):
        table.wrong(f"user {user!r} is no name of a user", "user")
    if port is not None and port > _HIGHEST_PORT:
        table.wrong(f"port must be at most {_HIGHEST_PORT}", "port")
    host = Host(
        address=address, user=user, port=22 if port is None else port, identity=table.text("identity"),
        known_hosts=table.text("known_hosts"), environment=_environment(table), directory=table.text("directory"),
    )  # fmt: skip
    table.done()
    return host


def _database(table: Table) -> Database:
    url = table.secret("url")
    if url is None:
        table.wrong('url is missing: say where it is kept, as in url = { env = "LEDGER_URL" }', "url")
    table.done()
    return Database(url=url)


def _environment(table: Table) -> dict[str, str | Secret]:
    variables = table.inner("environment")
    environment: dict[str, str | Secret] = {}
    for name in variables.names():
        option = read_option(variables, name)
        if not isinstance(option, str | Secret):
            variables.wrong(f"{name} must be a text, or where a secret is kept", name)
        environment[name] = option
    return environment
