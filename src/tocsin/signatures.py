"""Who really sent this? Every scheme by which a sender proves itself, in one table.

A signature is made over the body exactly as it was sent, so it is checked before anything is read. All secrets are
tried each time, in constant time: how long it takes tells nothing. Several secrets let one be replaced by another.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

WINDOW = timedelta(minutes=5)
"""How old or new a signature with a time in it may be, where nothing else is configured."""

_STAMP = re.compile(r"\d{1,12}")


class Scheme(NamedTuple):
    """Where a signature stands and what it is made over.

    `lead` comes before the body in what is signed; in it `{stamp}` is the value of `stamp_header`. `many`: the header
    may hold several signatures with commas between them; `bare`: the prefix may be left out.
    """

    header: str
    sign: Callable[[bytes, bytes], str]
    prefix: str = ""
    stamp_header: str = ""
    lead: str = ""
    many: bool = False
    bare: bool = False


def _sha256(secret: bytes, text: bytes) -> str:
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def _sha1(secret: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(secret, text, hashlib.sha1).digest()).decode()


def _itself(secret: bytes, _: bytes) -> str:
    return secret.decode()


SCHEMES: dict[str, Scheme] = {
    "cloudflare": Scheme("cf-webhook-auth", _itself),
    "custom": Scheme("x-hub-signature-256", _sha256, prefix="sha256=", bare=True),
    "grafana": Scheme("x-grafana-alerting-signature", _sha256),
    "pagerduty": Scheme("x-pagerduty-signature", _sha256, prefix="v1=", many=True),
    "sentry": Scheme("sentry-hook-signature", _sha256),
    "slack": Scheme(
        "x-slack-signature", _sha256, prefix="v0=", stamp_header="x-slack-request-timestamp", lead="v0:{stamp}:"
    ),
    "twilio": Scheme("x-twilio-signature", _sha1),
}
"""By the name of who signs so. Twilio's text is not the body but the address with the sorted fields of the form."""

STAMPED = "{stamp}:"
"""What Grafana and its like sign before the body once they are told to send the time."""


def stamped(scheme: Scheme, stamp_header: str) -> Scheme:
    """Give the scheme whose signatures cover the time in that header too."""
    return scheme._replace(stamp_header=stamp_header.lower(), lead=STAMPED)


def is_genuine(
    scheme: Scheme,
    raw: bytes,
    headers: Mapping[str, str],
    secrets: Collection[str],
    now: datetime,
    *,
    tolerance: timedelta = WINDOW,
) -> bool:
    """Give whether one of the secrets signed this, within `tolerance` where the scheme knows a time.

    `headers` by lower-case name.
    """
    stamp = headers.get(scheme.stamp_header, "") if scheme.stamp_header else ""
    if scheme.stamp_header and not _is_lately(stamp, now, tolerance):
        return False
    offered = headers.get(scheme.header, "")
    parts = [part.strip() for part in offered.split(",")] if scheme.many else [offered]
    text = scheme.lead.replace("{stamp}", stamp).encode() + raw
    genuine = False
    for secret in secrets:
        signed = scheme.sign(secret.encode(), text)
        for good in (f"{scheme.prefix}{signed}", *((signed,) if scheme.bare else ())):
            for part in parts:
                genuine |= hmac.compare_digest(good.encode(), part.encode("utf-8", "surrogateescape"))
    return genuine


def _is_lately(stamp: str, now: datetime, tolerance: timedelta) -> bool:
    return bool(_STAMP.fullmatch(stamp)) and abs(now.timestamp() - int(stamp)) <= tolerance.total_seconds()
