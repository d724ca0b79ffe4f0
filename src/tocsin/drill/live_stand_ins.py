"""What stands behind the channels of a live drill, so that it pages nobody: the fakes, each in its service's place."""

import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.channels.pagerduty import TOLD
from tocsin.channels.twilio import plain_number, unplain
from tocsin.drill.fakes.http import HttpFake, answer_json
from tocsin.drill.fakes.pagerduty import PagerDuty, PagerIncident, Subscription
from tocsin.drill.fakes.slack import Slack
from tocsin.drill.fakes.slack_shapes import Conversation
from tocsin.drill.fakes.smtp import MailServer
from tocsin.drill.fakes.twilio import Phone, Twilio
from tocsin.settings import ChannelSettings, Person, Secret, Settings

Options = dict[str, str | int | bool | Secret]
Answer = Callable[[], Awaitable[object]]

SECRETS = {
    "TOCSIN_DRILL_SLACK": "xoxb-fake-token",
    "TOCSIN_DRILL_SLACK_APP": "xapp-fake-token",
    "TOCSIN_DRILL_SLACK_SIGNING": "fake-signing-secret",
    "TOCSIN_DRILL_TWILIO": "fake-auth-token",
    "TOCSIN_DRILL_PAGERDUTY": "d" * 32,
    "TOCSIN_DRILL_PAGERDUTY_HOOK": "fake-webhook-secret",
}
"""What the drill's server has in its environment, for the fakes alone: they guard nothing."""

_TAKES_THE_CALL = "4"
_MOST_CALLS = 100
_CODE = re.compile(r"\bACK (\w+)")
_SLACK_ID = re.compile(r"[CGD][A-Z0-9]{8,}")


class Arrived(NamedTuple):
    """A message that came to a stand-in, as its reader has it. `answer` takes it there; None = by the link in it."""

    by: str
    text: str
    answer: Answer | None = None


class StandIn(Protocol):
    """A service that is not really there."""

    def serving(self) -> contextlib.AbstractAsyncContextManager[str]:
        """Listen."""
        ...

    def options(self, channel: ChannelSettings) -> Options:
        """Give what a channel has to say to speak to it."""
        ...

    def answers_at(self, address: str) -> None:
        """Learn where the drill's server listens."""
        ...

    def arrived(self) -> Sequence[Arrived]:
        """Give everything that came, the first first."""
        ...


class StandIns:
    """Everything that stands in for the channels of a configuration. `instead` says what cannot be stood in for."""

    def __init__(self, settings: Settings) -> None:
        """Take the channels and the people who are reached by them."""
        self._settings = settings
        people = tuple(settings.people.values())
        channels = tuple(settings.channels.values())
        kinds = {one.kind for one in channels}
        self._kinds: dict[str, StandIn] = {}
        if "email" in kinds:
            self._kinds["email"] = _Mailboxes()
        if "slack" in kinds:
            self._kinds["slack"] = _Workspace(people, [one for one in channels if one.kind == "slack"])
        if "pagerduty" in kinds:
            self._kinds["pagerduty"] = _Pager(people)
        if "webhook" in kinds:
            self._kinds["webhook"] = _Address()
        if kinds & {"twilio-sms", "twilio-call"}:
            self._kinds["twilio-sms"] = self._kinds["twilio-call"] = _Phones(people)
        self.instead = tuple(one.id for one in channels if one.kind not in {"console", *self._kinds})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Listen for as long as the drill lasts, and give the channels that speak to the stand-ins, as TOML."""
        async with contextlib.AsyncExitStack() as stack:
            for one in self.all_of_them:
                await stack.enter_async_context(one.serving())
            yield "".join(self._table(channel) for channel in self._settings.channels.values())

    def answers_at(self, address: str) -> None:
        """Learn where the drill's server listens."""
        for one in self.all_of_them:
            one.answers_at(address)

    @property
    def all_of_them(self) -> tuple[StandIn, ...]:
        """Give each stand-in once."""
        return tuple(dict.fromkeys(self._kinds.values()))

    def _table(self, channel: ChannelSettings) -> str:
        stand_in = self._kinds.get(channel.kind)
        options = stand_in.options(channel) if stand_in else {}
        kind = channel.kind if stand_in else "console"
        lines = [f"{name} = {_written(value)}\n" for name, value in {"kind": kind, **options}.items()]
        return f"[channels.{json.dumps(channel.id)}]\n{''.join(lines)}\n"


def _written(value: str | int | bool | Secret) -> str:
    """Give a value as TOML."""
    if isinstance(value, Secret):
        return f"{{ env = {json.dumps(value.env)} }}"
    return json.dumps(value, ensure_ascii=False)


def _said(channel: ChannelSettings, *names: str) -> Options:
    """Give those of a channel's options that are no secrets."""
    return {name: value for name, value in channel.options.items() if name in names and not isinstance(value, Secret)}


class _Mailboxes:
    def __init__(self) -> None:
        self._fake = MailServer()

    def serving(self) -> contextlib.AbstractAsyncContextManager[str]:
        return self._fake.serving()

    def options(self, channel: ChannelSettings) -> Options:
        return {**_said(channel, "sender"), "host": "127.0.0.1", "port": self._fake.port, "tls": "none"}

    def answers_at(self, _: str) -> None:
        """Mail is answered by its link."""

    def arrived(self) -> list[Arrived]:
        found = []
        for mail in self._fake.mails:
            body = mail.message.get_body(("plain",))
            found.append(Arrived("e-mail", f"{mail.message['subject']}\n{body.get_content() if body else ''}"))
        return found


class _Workspace:
    """A Slack in which everybody is who may be written to, with the rooms the channels name."""

    def __init__(self, people: Sequence[Person], channels: Sequence[ChannelSettings]) -> None:
        users = {one.slack or f"U0DRILL{place}": (one.name, one.email or "") for place, one in enumerate(people)}
        rooms = [str(channel.options.get("channel", "")).lstrip("#") for channel in channels]
        self._fake = Slack(users=users or None, channels=tuple(name for name in rooms if name))
        for name in rooms:
            if _SLACK_ID.fullmatch(name):
                self._fake.rooms[name] = Conversation(id=name, name=name.lower())

    def serving(self) -> contextlib.AbstractAsyncContextManager[str]:
        return self._fake.serving()

    def options(self, channel: ChannelSettings) -> Options:
        own: Options = {"url": f"{self._fake.address}/api/", "token": Secret(env="TOCSIN_DRILL_SLACK")}
        if "app_token" in channel.options:
            own["app_token"] = Secret(env="TOCSIN_DRILL_SLACK_APP")
        if "signing_secret" in channel.options:
            own["signing_secret"] = Secret(env="TOCSIN_DRILL_SLACK_SIGNING")
        return {**_said(channel, "channel"), **own}

    def answers_at(self, _: str) -> None:
        """What is written there is answered by its link."""

    def arrived(self) -> list[Arrived]:
        posted = [args for method, args in self._fake.calls if method == "chat.postMessage"]
        return [Arrived("Slack", json.dumps(args)) for args in posted]


class _Pager:
    """A PagerDuty in which the person who is paged takes the incident in the app."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._users = {one.pagerduty or f"PDRILL{place}": one.name for place, one in enumerate(people)}
        emails = {one.name: one.email or "" for one in people}
        self._fake = PagerDuty(users={user: (name, emails[name]) for user, name in self._users.items()} or None)

    def serving(self) -> contextlib.AbstractAsyncContextManager[str]:
        return self._fake.serving()

    def options(self, _: ChannelSettings) -> Options:
        return {
            "url": self._fake.address,
            "routing_key": Secret(env="TOCSIN_DRILL_PAGERDUTY"),
            "webhook_secret": Secret(env="TOCSIN_DRILL_PAGERDUTY_HOOK"),
        }

    def answers_at(self, address: str) -> None:
        secrets = (SECRETS["TOCSIN_DRILL_PAGERDUTY_HOOK"],)
        self._fake.subscription = Subscription(url=f"{address}/webhooks/pagerduty", secrets=secrets)

    def arrived(self) -> list[Arrived]:
        asked = [one for one in self._fake.incidents if not one.key.endswith(TOLD)]
        return [Arrived("PagerDuty", f"{one.key} {one.title}", self._answer(one)) for one in asked]

    def _answer(self, incident: PagerIncident) -> Answer:
        paged = incident.event.details.get("to")
        user = next((user for user, name in self._users.items() if name == paged), next(iter(self._users)))
        return lambda: self._fake.act(incident, "acknowledged", user)


class _Phones:
    """Phones that are picked up and press 4, and that write back what a text message asks for."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._fake = Twilio()
        for one in people:
            if one.phone:
                self._fake.phone(plain_number(one.phone), presses=(_TAKES_THE_CALL,) * _MOST_CALLS)

    def serving(self) -> contextlib.AbstractAsyncContextManager[str]:
        return self._fake.serving()

    def options(self, _: ChannelSettings) -> Options:
        token = Secret(env="TOCSIN_DRILL_TWILIO")
        return {
            "url": self._fake.address,
            "account": self._fake.account,
            "sender": self._fake.ours,
            "auth_token": token,
        }

    def answers_at(self, _: str) -> None:
        """Phones learn from a message where to answer it."""

    def arrived(self) -> list[Arrived]:
        forms = [(came.path.rpartition("/")[2], came.form) for came in self._fake.came]
        return [self._one(resource, form) for resource, form in forms if "StatusCallback" in form]

    def _one(self, resource: str, form: Mapping[str, str]) -> Arrived:
        number = parse_qs(urlsplit(form["StatusCallback"]).query).get("incident", [""])[0]
        text = f"{unplain(number)} {form.get('Body') or form.get('Twiml', '')}"
        if resource == "Calls.json":
            return Arrived("a call", text, _nothing_more)
        code, phone = _CODE.search(text), self._fake.phones.get(form.get("To", ""))
        return Arrived("text message", text, self._writes(phone, code[0]) if code and phone else None)

    def _writes(self, phone: Phone, text: str) -> Answer:
        return lambda: self._fake.write(phone, text)


async def _nothing_more() -> None:
    """A phone that was picked up has answered."""


class _Address(HttpFake):
    """An address that takes what is posted to it."""

    def __init__(self) -> None:
        super().__init__([Route("/{rest:path}", _taken, methods=["POST"])])

    def options(self, channel: ChannelSettings) -> Options:
        return {**_said(channel, "follow"), "url": self.address}

    def answers_at(self, _: str) -> None:
        """What is posted is answered by its link."""

    def arrived(self) -> list[Arrived]:
        pages = [came for came in self.came if _kind(came.body) == "page"]
        return [Arrived("webhook", came.body.decode("utf-8", "replace")) for came in pages]


class _Data(msgspec.Struct):
    kind: str = ""


class _Event(msgspec.Struct):
    data: _Data


class _Posted(msgspec.Struct):
    event: _Event


def _kind(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Posted).event.data.kind
    except msgspec.DecodeError:
        return ""


async def _taken(_: Request) -> Response:
    return answer_json(200, {"status": "taken"})
