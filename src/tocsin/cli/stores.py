"""Which store a command means: a PostgreSQL that is named, else the data folder."""

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import UsageError

_POSTGRES = ("postgresql://", "postgres://")


def add_store(parser: argparse.ArgumentParser) -> None:
    """Let a command take `--store`."""
    parser.add_argument(
        "--store", metavar="URL", help="a PostgreSQL, else TOCSIN_STORE, else [store] url, else the data folder"
    )


def find_store(named: str | None, config: Path | None) -> str | None:
    """Give the address of the PostgreSQL that is meant; None for the data folder. Raises UsageError."""
    if named is not None and _password_in(named):
        raise UsageError("--store holds a password that everybody on this machine can see; use PGPASSWORD or ~/.pgpass")
    url = named or os.environ.get("TOCSIN_STORE") or (_configured(config) if config else None)
    if url is None or url.startswith("sqlite:"):
        return None
    if not url.startswith(_POSTGRES):
        raise UsageError("a store is written like postgresql://user@host/database")
    return url


def _password_in(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False


def _configured(config: Path) -> str | None:
    from tocsin.configuration_file import load_store_url  # noqa: PLC0415  not needed when the store is named

    return load_store_url(config)
