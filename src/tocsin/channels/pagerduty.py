"""Pages through PagerDuty, for teams that keep it for its phones.

Each page is an alert of its own there, so that a second round rings again. What happens to the incident here is told
there: somebody took it, it is over. Source: PagerDuty Events API v2.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from tocsin.channels.message import Message, Receipt
from tocsin.channels.wire import Wire
from tocsin.clock import Clock
from tocsin.errors import SettingsInvalid
from tocsin.signatures import SCHEMES, is_genuine

API = "https://events.pagerduty.com"
KEY_LENGTH, LONGEST_KEY, LONGEST_SUMMARY = 32, 255, 1024

TOLD = "/told"
"""How the key of a message ends that asks for no answer."""

Action = Literal["trigger", "acknowledge", "resolve"]
FOLLOWS: dict[str, Action] = {"acknowledged": "acknowledge", "resolved": "resolve"}


class PagerDuty:
    """Sends events with one integration's key. `doors` is the address of this server; `secrets` sign its webhooks.

    Raises SettingsInvalid when the key cannot be one.
    """

    def __init__(
        self,
        routing_key: str,
        *,
        clock: Clock,
        doors: str,
        url: str = API,
        secrets: tuple[str, ...] = (),
        timeout: float = 8.0,
    ) -> None:
        if len(routing_key) != KEY_LENGTH:
            raise SettingsInvalid(f"its routing_key has {len(routing_key)} characters; PagerDuty's have {KEY_LENGTH}")
        self._key, self._doors, self._secrets = routing_key, doors.rstrip("/"), secrets
        self._clock = clock
        self._wire = Wire(url, clock=clock, timeout=timeout)

    async def send(self, message: Message) -> Receipt:
        """Open an alert, or repeat one that may be there. Raises SendFailed: 400 is permanent, 429 and 5xx are not."""
        key = dedup_key(message)
        return Receipt(id=key, detail=await self._event("trigger", key, self._alert(message)), handle=key)

    async def amend(self, message: Message, handle: str) -> None:
        """Tell that somebody took it, or that it is over; an alert there has no other changes. Raises SendFailed."""
        action = FOLLOWS.get(message.state)
        if action is not None:
            await self._event(action, handle, {})

    async def close(self) -> None:
        """Close the kept connections."""
        await self._wire.close()

    def is_genuine(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Give whether a webhook was signed with a secret of ours: any signature, any secret, for the change of one."""
        return is_genuine(SCHEMES["pagerduty"], raw, headers, self._secrets, self._clock.now())

    async def _event(self, action: Action, key: str, more: dict[str, object]) -> str:
        event = {"routing_key": self._key, "event_action": action, "dedup_key": key, **more}
        got = await self._wire.post("/v2/enqueue", json=event)
        said = _read(got.body)
        if got.is_success:
            return f"{got.status} {said.message}".strip()
        words = "; ".join(said.errors) or said.message
        raise self._wire.refusal(got, " ".join(words.split())[:200].replace(self._key, "..."))

    def _alert(self, message: Message) -> dict[str, object]:
        # Not the text and not the link that acknowledges: there it is read by others than who was paged.
        page = f"{self._doors}/app/incidents/{message.incident}"
        return {
            "payload": {
                "summary": message.subject[:LONGEST_SUMMARY],
                "source": "Tocsin",
                "severity": _severity(message),
                "custom_details": _details(message),
            },
            "client": "Tocsin",
            **({"client_url": page, "links": [{"href": page, "text": "Open in Tocsin"}]} if message.thread else {}),
        }


def dedup_key(message: Message) -> str:
    """Give the key of a message as PagerDuty can take it; it begins with the incident's number and a slash.

    What asks for no answer is marked: to resolve a reminder there must not resolve the incident here.
    """
    key = message.key if message.menu else f"{message.key}{TOLD}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key.partition('/')[0]}/{hashlib.sha256(key.encode()).hexdigest()}{'' if message.menu else TOLD}"


def _severity(message: Message) -> str:
    """Give the severity there: it decides the urgency, so only a page for something grave may ring."""
    if message.kind in {"notification", "test"}:
        return "info"
    priority = message.data.get("priority")
    ours = priority.get("summary") if isinstance(priority, dict) else None
    return {"P0": "critical", "P1": "critical", "P2": "error", "P3": "warning"}.get(str(ours), "critical")


def _details(message: Message) -> dict[str, str]:
    """Give what a page knows, in words; of a restricted one there is nothing."""
    data, shown = message.data, {"incident": message.incident, "to": message.to.name}
    for name in ("summary", "reminder", "held_by", "late_since", "text"):
        if isinstance(data.get(name), str):
            shown[name] = str(data[name])
    for name in ("why_you", "why_severity"):
        reason = data.get(name)
        if isinstance(reason, dict):
            line = f" ({data.get('runbook')}:{reason['line']})" if reason.get("line") else ""
            shown[name] = f"{reason.get('text')}{line}"
    upcoming, found = data.get("next"), data.get("found")
    if isinstance(upcoming, dict) and upcoming.get("at"):
        shown["next"] = f"{upcoming.get('person') or upcoming.get('level')} at {upcoming['at']}"
    if isinstance(found, list) and found:
        shown["found"] = "; ".join(str(one.get("text")) for one in found if isinstance(one, dict))
    return shown


class _Said(msgspec.Struct):
    message: str = ""
    errors: list[str] = []


def _read(raw: bytes) -> _Said:
    try:
        return msgspec.json.decode(raw, type=_Said)
    except msgspec.DecodeError:
        return _Said()
