"""`tocsin.toml` and the secrets it points at, as they lie on this machine."""

import os
from pathlib import Path

from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings, read_store_url
from tocsin.errors import SettingsInvalid
from tocsin.probes.table import OFFERS
from tocsin.settings import Secret, Settings


def load_settings(path: Path) -> Settings:
    """Give the settings in a file. Raises SettingsInvalid when it cannot be read, or says something wrong."""
    return settings_of(_text(path))


def settings_of(text: str) -> Settings:
    """Give the settings a text asks for, with all that its channels and probes take. Raises SettingsInvalid."""
    return read_settings(text, OPTIONS, OFFERS)


def load_store_url(path: Path) -> str | None:
    """Give where a file wants facts to be kept, whatever else is wrong with it. Raises SettingsInvalid."""
    try:
        return read_store_url(_text(path))
    except SettingsInvalid as error:
        raise SettingsInvalid(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsInvalid(f"the configuration {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid("this is not UTF-8; save the file in that encoding", line) from error


def resolve_secret(secret: Secret, base: Path) -> str:
    """Give the secret itself. A relative file lies beside the configuration, in `base`.

    Line ends around it are not part of it. Raises SettingsInvalid when it is missing or empty; it is never shown.
    """
    if secret.env is not None:
        found, where = os.environ.get(secret.env), f"the environment variable {secret.env}"
    else:
        place = base / (secret.file or "")
        where = f"the file {place}"
        try:
            found = place.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise SettingsInvalid(f"{where}, which holds a secret, cannot be read") from error
    if found is None or not found.strip():
        raise SettingsInvalid(f"{where}, which should hold a secret, is {'not set' if found is None else 'empty'}")
    return found.strip("\r\n")
