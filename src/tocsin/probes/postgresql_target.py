"""Which PostgreSQL the options of a probe ask, and for what; nothing of this asks it."""

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from tocsin.configuration.table import HOW_SECRETS
from tocsin.errors import SettingsInvalid
from tocsin.probes import postgresql_sql as sql
from tocsin.probes.options import PostgresqlOptions
from tocsin.probes.table import Parts
from tocsin.runner.addresses import without_password
from tocsin.settings import Secret


class Database(NamedTuple):
    """Its address; its host, "" for none or several; and the role or table that each value of the team's follows."""

    address: str
    host: str
    rows: dict[str, tuple[str, str]]

    @property
    def is_local(self) -> bool:
        """Give whether it runs on this machine."""
        try:
            return self.host in {"", "localhost"} or ip_address(self.host).is_loopback
        except ValueError:
            return False


def database_of(options: PostgresqlOptions, parts: Parts) -> Database:
    """Give what is asked. Raises SettingsInvalid for options that do not fit together."""
    address = parts.plain(options.url) or ""
    if not isinstance(options.url, Secret) and without_password(address)[1] is not None:
        raise SettingsInvalid(f"url holds a password in clear; {HOW_SECRETS}")
    return Database(address, _host_of(address), {name: _followed(name, text) for name, text in options.values.items()})


def _followed(name: str, text: str) -> tuple[str, str]:
    """Give what is followed, a role or a table, and its name."""
    what, _, whose = text.strip().partition(" ")
    if what not in sql.ROWS_OF or not whose.strip():
        raise SettingsInvalid(f'values: {name} must be "role NAME" or "table NAME", not {text!r}')
    return what, whose.strip()


def _host_of(address: str) -> str:
    """Give the name of the only host in an address that is a URL; "" where there is none, or several."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return "" if "," in host or "%" in host else host
