"""Messages posted as JSON to an address of the team.

Source: PagerDuty webhooks v3, the envelope and the `X-PagerDuty-Signature` header, so existing receivers fit.
"""

import hashlib
import hmac
from urllib.parse import quote
from uuid import UUID

import msgspec

from tocsin.channels.message import Message, Receipt
from tocsin.channels.wire import Wire, one_line
from tocsin.clock import Clock

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
        self._wire = Wire(url, clock=clock, timeout=timeout)
        self._secret = secret
        self._follow = follow
        self._clock = clock

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
        got = await self._wire.post(data=raw, headers=self._headers(message, raw))
        said = one_line(got.body)
        if not got.is_success:
            raise self._wire.refusal(got, said)
        return Receipt(id=got.headers.get("x-request-id", ""), detail=f"{got.status} {said}".strip())

    async def close(self) -> None:
        """Close the kept connections."""
        await self._wire.close()

    def _headers(self, message: Message, raw: bytes) -> dict[str, str]:
        key = quote(message.key, safe="/:.-_~@+=,")
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-Tocsin-Key": key,
            "X-Webhook-Id": str(UUID(bytes=hashlib.sha256(message.key.encode()).digest()[:16])),
        }
        if self._secret is not None:
            headers["X-PagerDuty-Signature"] = f"v1={signature(self._secret, raw)}"
        return headers


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
