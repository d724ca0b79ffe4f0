"""Text messages and phone calls by Twilio.

Source: Twilio's REST API 2010-04-01, TwiML, and "Validating requests are coming from Twilio".
"""

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import msgspec

from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.channels.twiml import gather, redirect, say, twiml
from tocsin.channels.wire import Wire
from tocsin.clock import Clock
from tocsin.communication.short import one_message
from tocsin.errors import SettingsInvalid
from tocsin.settings import Person
from tocsin.signatures import SCHEMES, is_genuine

API = "https://api.twilio.com"
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_WORDS = re.compile(r"\+?\d{6,}")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose Twilio account it is. `doors` is the address of this server, which Twilio calls back."""

    sid: str
    auth_token: str
    sender: str
    doors: str
    url: str = API


class Twilio:
    """What text messages and calls share: one account, one number. `timeout` seconds bound the whole exchange.

    Raises SettingsInvalid when the account, the sender or the address cannot be what it should be.
    """

    def __init__(self, account: Account, *, clock: Clock, timeout: float = 8.0) -> None:
        if not _ACCOUNT.fullmatch(account.sid):
            raise SettingsInvalid("its account must be the SID of a Twilio account: AC and 32 hex digits")
        if not (_NUMBER.fullmatch(account.sender) or account.sender.startswith("MG")):
            raise SettingsInvalid("its sender must be a number such as +15551234567, or a messaging service (MG...)")
        self._account = account
        self._clock = clock
        self._wire = Wire(account.url, clock=clock, timeout=timeout, auth=(account.sid, account.auth_token))

    async def close(self) -> None:
        """Close the kept connections."""
        await self._wire.close()

    def is_genuine(self, url: str, form: Mapping[str, str], offered: str) -> bool:
        """Give whether a request that Twilio is said to have made was signed with this account's token.

        Twilio signs an address now with its port and now without, whichever was given to it.
        """
        headers, secrets, now = {SCHEMES["twilio"].header: offered}, (self._account.auth_token,), self._clock.now()
        found = False
        for one in with_and_without_port(url):
            found |= is_genuine(SCHEMES["twilio"], signed_text(one, form), headers, secrets, now)
        return found

    async def _post(self, resource: str, form: dict[str, str]) -> Receipt:
        """Make one message or call. Raises SendFailed: 4xx is permanent; 408, 425, 429, 5xx, the network are not."""
        account = self._account
        sender = "MessagingServiceSid" if account.sender.startswith("MG") else "From"
        path = f"/2010-04-01/Accounts/{account.sid}/{resource}.json"
        got = await self._wire.post(path, data={sender: account.sender, **form})
        said = _read(got.body)
        if not got.is_success:
            # Numbers of people are not for the timeline.
            words = _WORDS.sub("...", " ".join(said.message.split())[:200])
            raise self._wire.refusal(got, f"{said.code}: {words}" if said.code else "")
        return Receipt(id=said.sid, detail=f"{said.sid} {said.status}".strip())

    def _door(self, name: str, message: Message) -> str:
        named = {"page": message.key, "incident": message.incident, "person": message.to.id}
        query = urlencode({name: _plain(text) for name, text in named.items()})
        return f"{self._account.doors.rstrip('/')}/twilio/{name}?{query}"


class Sms(Twilio):
    """Sends one text message of at most 160 characters, which can be answered."""

    async def send(self, message: Message) -> Receipt:
        """Send it once. Raises SendFailed."""
        form = {"To": number_of(message.to), "Body": message.short() or one_message(message.subject)}
        if message.kind != "alarm":
            form["StatusCallback"] = self._door("status", message)
        return await self._post("Messages", form)


class Call(Twilio):
    """Rings, says the message twice, and takes a digit as the answer."""

    async def send(self, message: Message) -> Receipt:
        """Ring once. Raises SendFailed."""
        if self._account.sender.startswith("MG"):
            raise SendFailed("a messaging service cannot ring; set the sender to a number", permanent=True)
        form = {"To": number_of(message.to), "Twiml": self._twiml(message)}
        if message.kind != "alarm":
            form["StatusCallback"] = self._door("status", message)
        return await self._post("Calls", form)

    def _twiml(self, message: Message) -> str:
        said = message.spoken() or f"Tocsin. {message.subject}."
        if not message.menu:
            return twiml(say(said, said))
        # What it is, is said from here even when Twilio cannot reach our doors; what is pressed is taken there.
        words = f"{said} {message.menu}"
        return twiml(gather(self._door("gather", message), words, words), redirect(self._door("voice", message)))


def number_of(person: Person) -> str:
    """Give the number of a person as +491511234567. Raises SendFailed, permanent, when there is none."""
    where = f"`phone` under [people.{person.id}]"
    if person.phone is None:
        raise SendFailed(f"{person.name} has no phone number: add one as {where}", permanent=True)
    number = plain_number(person.phone)
    if not _NUMBER.fullmatch(number):
        why = f"the phone number of {person.name} cannot be used: write {where} like +15551234567"
        raise SendFailed(why, permanent=True)
    return number


def plain_number(written: str) -> str:
    """Give a number without the signs that people write in it for their eyes."""
    return re.sub(r"[\s().\-/]", "", written)


def signed_text(url: str, form: Mapping[str, str]) -> bytes:
    """Give what Twilio signs of a posted form: the address and the sorted fields."""
    return (url + "".join(name + form[name] for name in sorted(form))).encode()


def with_and_without_port(url: str) -> tuple[str, ...]:
    """Give an address as it is, without its port, and with the one it means."""
    parts = urlsplit(url)
    host = (parts.hostname or "").join(("[", "]") if ":" in (parts.hostname or "") else ("", ""))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return tuple(dict.fromkeys((url, *(parts._replace(netloc=one).geturl() for one in (host, f"{host}:{port}")))))


def unplain(text: str) -> str:
    """Give what stands in a query of ours. Raises ValueError for what does not come from us."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def _plain(text: str) -> str:
    """Give a text in letters that nobody on the way rewrites: the signature is over the address as it was sent."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class _Said(msgspec.Struct):
    sid: str = ""
    status: str | int = ""
    code: int | None = None
    message: str = ""


def _read(raw: bytes) -> _Said:
    try:
        return msgspec.json.decode(raw, type=_Said)
    except msgspec.DecodeError:
        return _Said()
