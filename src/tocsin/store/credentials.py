"""Transactions about credentials, and about what the store remembers of itself."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tocsin.incident.chain import micros
from tocsin.store.queries import Query
from tocsin.store.transactions import Transaction

_REMEMBERED = timedelta(days=1)


class Credential(NamedTuple):
    """Who a credential stands for. `hash`: SHA-256 of the secret; `kind`: session, token, link, source, test, done."""

    hash: str
    kind: str
    principal: str
    scope: str
    expires_at: datetime | None = None


def put_credential(credential: Credential, now: datetime) -> Transaction[None]:
    """Remember a credential, and forget some that expired more than a day ago."""
    yield Query("credentials_forget", (micros(now - _REMEMBERED),))
    yield Query("credential_put", _row(credential, now))


def put_credential_once(credential: Credential, now: datetime) -> Transaction[bool]:
    """Remember a credential; False when somebody did before."""
    yield Query("credentials_forget", (micros(now - _REMEMBERED),))
    return bool((yield Query("credential_put_once", _row(credential, now))))


def _row(credential: Credential, now: datetime) -> tuple[object, ...]:
    return *credential[:4], micros(now), micros(credential.expires_at) if credential.expires_at else None


def get_credential(digest: str, kind: str, now: datetime) -> Transaction[Credential | None]:
    """Give a valid credential, or None."""
    rows = yield Query("credential_get", (digest, kind, micros(now)))
    return Credential(digest, kind, *rows[0]) if rows else None


def use_credential(digest: str, kind: str, now: datetime) -> Transaction[Credential | None]:
    """Take a one-time credential, or give None when it is unknown, expired or used."""
    rows = yield Query("credential_use", (digest, kind, micros(now)))
    return Credential(digest, kind, *rows[0]) if rows else None


def was_used(digest: str, kind: str) -> Transaction[bool]:
    """Give whether a one-time credential was taken."""
    return bool((yield Query("credential_used", (digest, kind))))


def drop_credential(digest: str) -> Transaction[None]:
    """End a credential."""
    yield Query("credential_drop", (digest,))


def remember_once(name: str, value: str) -> Transaction[str]:
    """Give the remembered value of a setting, remembering `value` the first time."""
    rows = yield Query("meta_get", (name,))
    if not rows:
        yield Query("meta_put_once", (name, value))
        rows = yield Query("meta_get", (name,))
    return str(rows[0][0])


def schema_minimum() -> Transaction[int]:
    """Give the number of the migration a program has to know to work on this store."""
    rows = yield Query("meta_get", ("schema_minimum",))
    return int(rows[0][0]) if rows else 0


def restored() -> Transaction[str]:
    """Give what is remembered of a restore that nobody confirmed yet, as JSON; "" when there is none."""
    rows = yield Query("meta_get", ("restored",))
    return str(rows[0][0]) if rows else ""


def confirm_restore() -> Transaction[bool]:
    """Let paging begin after a restore; False when nothing waited for it."""
    return bool((yield Query("meta_drop", ("restored",))))
