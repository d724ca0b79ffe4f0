"""Messages posted as JSON to an address of the team.

Source: PagerDuty webhooks v3, the envelope and the `X-PagerDuty-Signature` header, so existing receivers fit.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import msgspec

from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.clock import Clock
from tocsin.errors import SettingsInvalid

WORTH_TRYING_AGAIN = {408, 425, 429}
LONGEST_WAIT = timedelta(days=1)
READ_AT_MOST = 4096
_LONG = 4000

LARGEST = 55 * 1024
"""PagerDuty promises its receivers no larger body."""

EVENTS = {
    "page": ("incident.triggered", "incident"),
    "notification": ("incident.triggered", "incident"),
    "test": ("pagey.ping", "pagey"),
    "alarm": ("tocsin.alarm", "tocsin"),
}


class Webhook:
    """Posts to `url`, signed when there is a `secret`. No redirects. `timeout` seconds bound the whole exchange.

    With `follow` it also posts what becomes of an incident that was posted: somebody took it, it is over.

    Raises SettingsInvalid when `url` is no address.
    """

    def __init__(
        self, url: str, *, clock: Clock, secret: str | None = None, follow: bool = False, timeout: float = 8.0
    ) -> None:
        # The address may carry a token, so errors name only its host.
        self._host = host_of(url)
        self._url = url
        self._secret = secret
        self._follow = follow
        self._clock = clock
        self._timeout = timeout
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def send(self, message: Message) -> Receipt:
        """Post it once. Raises SendFailed: 4xx is permanent; 408, 425, 429, 5xx and the network are temporary."""
        receipt = await self._post(message)
        follows = self._follow and message.kind == "page" and bool(message.menu)
        return msgspec.structs.replace(receipt, handle=message.key) if follows else receipt

    async def amend(self, message: Message, handle: str) -> None:
        """Post that somebody took it, or that it is over; nothing else is told this way. Raises SendFailed."""
        if message.state != "triggered":
            event = {"event_type": f"incident.{message.state}", "occurred_at": self._clock.now().isoformat()}
            data = {**message.data, **event}
            await self._post(msgspec.structs.replace(message, key=f"{handle}/{message.state}", data=data))

    async def _post(self, message: Message) -> Receipt:
        raw = body(message)
        try:
            async with asyncio.timeout(self._timeout):
                async with self._client.stream(
                    "POST", self._url, content=raw, headers=self._headers(message, raw)
                ) as got:
                    said = await beginning(got)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as wrong:
            raise SendFailed(f"{self._host} cannot be posted to: {wrong}", permanent=True) from wrong
        except (TimeoutError, httpx.TimeoutException) as late:
            why = f"{self._host} did not answer in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        except (httpx.HTTPError, OSError) as trouble:
            why = f"{self._host} could not be reached: {trouble}"
            raise SendFailed(why, permanent=False, answered=isinstance(trouble, httpx.ConnectError)) from trouble
        self._check(got, said)
        return Receipt(id=got.headers.get("x-request-id", ""), detail=f"{got.status_code} {said}".strip())

    async def close(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()

    def _headers(self, message: Message, raw: bytes) -> dict[str, str]:
        key = quote(message.key, safe="/:.-_~@+=,")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tocsin",
            "Idempotency-Key": key,
            "X-Tocsin-Key": key,
            "X-Webhook-Id": str(UUID(bytes=hashlib.sha256(message.key.encode()).digest()[:16])),
        }
        if self._secret is not None:
            headers["X-PagerDuty-Signature"] = f"v1={signature(self._secret, raw)}"
        return headers

    def _check(self, got: httpx.Response, said: str) -> None:
        status = got.status_code
        if got.is_success:
            return
        temporary = status in WORTH_TRYING_AGAIN or got.is_server_error
        hint = "; redirects are not followed" if got.is_redirect else f": {said}" if said else ""
        wait = retry_after(got.headers, self._clock.now()) if temporary else None
        raise SendFailed(f"{self._host} answered {status}{hint}", permanent=not temporary, retry_after=wait)


def host_of(url: str) -> str:
    """Give the host of an address. Raises SettingsInvalid, without the address, when it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsInvalid("its url must be an address such as https://example.org/hook")
    return parts.hostname


def body(message: Message) -> bytes:
    """Give the JSON of one event. The same message gives the same bytes, however often it is sent."""
    data = dict(message.data)
    usual, resource = EVENTS[message.kind]
    event: dict[str, object] = {
        "id": message.key,
        "event_type": data.pop("event_type", usual),
        "resource_type": resource,
        "occurred_at": data.pop("occurred_at", None),
        "agent": None,
        "client": {"name": "Tocsin"},
        "data": {"html_url": message.link, **data, **_of_incident(message)},
    }
    raw = msgspec.json.encode({"event": event})
    if len(raw) <= LARGEST:
        return raw
    # What a person wrote without end: the first of it, and where the rest is.
    short = {name: value for name, value in data.items() if isinstance(value, int) or len(str(value)) < _LONG}
    event["data"] = {"html_url": message.link, **short, **_of_incident(message), "text": message.text[:_LONG]}
    return msgspec.json.encode({"event": event})


def _of_incident(message: Message) -> dict[str, object]:
    """Give what an incident of PagerDuty has, and what only ours have."""
    number = message.incident.rpartition("-")[2]
    return {
        "id": message.incident,
        **({"number": int(number)} if number.isdecimal() else {}),
        "incident_key": message.thread or message.key,
        "urgency": "high" if message.kind in {"page", "alarm"} else "low",
        "service": {"id": "tocsin", "type": "service_reference", "summary": "Tocsin"},
        "assignees": [{"id": message.to.id, "type": "user_reference", "summary": message.to.name}],
        "teams": [],
        "kind": message.kind,
        "subject": message.subject,
        "text": message.text,
        "to": {"id": message.to.id, "name": message.to.name},
    }


def signature(secret: str, raw: bytes) -> str:
    """Give the hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


async def beginning(got: httpx.Response) -> str:
    """Give the first words of the answer on one line; a receiver cannot make us read without end."""
    read = b""
    async for chunk in got.aiter_bytes():
        read += chunk
        if len(read) >= READ_AT_MOST:
            break
    return " ".join(read[:200].decode("utf-8", "replace").split())


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Give how long the receiver asked to be left alone, at most a day; None when it did not say or not clearly.

    Source: RFC 9110, Retry-After, seconds or an HTTP date.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=min(int(said[:9]), 86_400)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
