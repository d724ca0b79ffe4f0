"""The fake Twilio, checked with Twilio's own client and its own check of signatures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

from tocsin.drill.fakes.http import HttpFake
from tocsin.drill.fakes.twilio import Twilio

MIRA = "+4915112345678"


class Redirected(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's client sends to one host only; this sends it elsewhere."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def request(self, method: str, url: str, *words: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self.address), *words, **named)


class Ours(HttpFake):
    """A server as a customer of Twilio has one: two menus, and a place where statuses go."""

    def __init__(self) -> None:
        super().__init__([Route("/{rest:path}", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        said = VoiceResponse()
        if request.url.path == "/voice":
            gather = Gather(num_digits=1, action="/pressed?menu=1")
            gather.say("Press 4.")
            said.append(gather)
            said.say("Nothing was pressed.")
        elif request.url.path == "/pressed":
            said.say("It is yours.")
        return Response(str(said), media_type="text/xml")


@asynccontextmanager
async def both() -> AsyncIterator[tuple[Twilio, Ours]]:
    twilio, ours = Twilio(), Ours()
    async with twilio.serving(), ours.serving():
        yield twilio, ours


async def send(fake: Twilio, token: str = "", **words: Any) -> Any:
    client = Client(fake.account, token or fake.auth_token, http_client=Redirected(fake.address))
    resource = client.calls if words.keys() & {"url", "twiml"} else client.messages
    made = await asyncio.to_thread(resource.create, **{"to": MIRA, "from_": fake.ours, **words})
    await fake.settled()
    return made


async def test_its_own_client_sends_a_message_that_arrives() -> None:
    async with both() as (fake, ours):
        phone = fake.phone(MIRA)
        made = await send(fake, body="P0", status_callback=f"{ours.address}/status?page=1")
        assert (made.status, made.to, phone.texts) == ("queued", MIRA, ["P0"])
        assert [came.form["MessageStatus"] for came in ours.came] == ["sent", "delivered"]
        assert {came.form["MessageSid"] for came in ours.came} == {made.sid}


async def test_a_phone_that_is_called_hears_and_presses() -> None:
    async with both() as (fake, ours):
        phone = fake.phone(MIRA, presses=("4",))
        await send(fake, url=f"{ours.address}/voice?page=1", status_callback=f"{ours.address}/status")
        assert phone.heard == ["Press 4.", "It is yours."]
        voice, pressed, status = ours.came
        assert (voice.form["CallStatus"], pressed.form["Digits"]) == ("in-progress", "4")
        assert (pressed.path, pressed.query, status.form["CallStatus"]) == ("/pressed", "menu=1", "completed")


async def test_a_phone_where_nobody_presses_hears_the_rest() -> None:
    async with both() as (fake, ours):
        phone = fake.phone(MIRA)
        await send(fake, url=f"{ours.address}/voice")
        assert phone.heard == ["Press 4.", "Nothing was pressed."]


@pytest.mark.parametrize("manner", ["busy", "no-answer", "failed"])
async def test_a_call_that_nobody_takes_ends_that_way(manner: Any) -> None:
    async with both() as (fake, ours):
        phone = fake.phone(MIRA, manner)
        await send(fake, url=f"{ours.address}/voice", status_callback=f"{ours.address}/status")
        assert [came.form["CallStatus"] for came in ours.came] == [manner]
        assert phone.heard == []


async def test_a_message_may_not_arrive() -> None:
    async with both() as (fake, ours):
        phone = fake.phone(MIRA, "undelivered")
        await send(fake, body="P0", status_callback=f"{ours.address}/status")
        last = ours.came[-1].form
        assert (last["MessageStatus"], last["ErrorCode"], phone.texts) == ("undelivered", "30003", [])


async def test_callbacks_pass_the_check_that_twilio_gives_its_customers() -> None:
    async with both() as (fake, ours):
        fake.phone(MIRA, presses=("4",))
        await send(fake, url=f"{ours.address}/voice?page=a%2Fb")
        for came in ours.came:
            url = f"{ours.address}{came.path}{'?' if came.query else ''}{came.query}"
            signed = came.headers["x-twilio-signature"]
            assert RequestValidator(fake.auth_token).validate(url, came.form, signed)
            assert not RequestValidator("another").validate(url, came.form, signed)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ({"body": "x", "token": "wrong"}, 401, 20003),
        ({"body": "x", "to": "0151"}, 400, 21211),
        ({"body": "x", "from_": "+15559999999"}, 400, 21212),
        ({"body": ""}, 400, 21602),
        ({"body": "x" * 1601}, 400, 21617),
        ({"url": "nowhere"}, 400, 21205),
    ],
)
async def test_it_refuses_with_twilios_codes(words: dict[str, Any], status: int, code: int) -> None:
    async with both() as (fake, _):
        with pytest.raises(TwilioRestException) as caught:
            await send(fake, **words)
        assert (caught.value.status, caught.value.code) == (status, code)


async def test_who_said_stop_gets_nothing_and_too_many_are_told_to_wait() -> None:
    async with both() as (fake, _):
        phone = fake.phone(MIRA)
        await fake.write(phone, "STOP")
        with pytest.raises(TwilioRestException) as caught:
            await send(fake, body="x")
        assert caught.value.code == 21610
        fake.throttled = 1
        with pytest.raises(TwilioRestException) as caught:
            await send(fake, body="x")
        assert (caught.value.status, caught.value.code) == (429, 20429)


async def test_a_made_call_can_be_looked_up() -> None:
    async with both() as (fake, ours):
        fake.phone(MIRA, "busy")
        made = await send(fake, url=f"{ours.address}/voice")
        client = Client(fake.account, fake.auth_token, http_client=Redirected(fake.address))
        assert (await asyncio.to_thread(client.calls(made.sid).fetch)).status == "busy"
        with pytest.raises(TwilioRestException):
            await asyncio.to_thread(client.calls("CA" + "0" * 32).fetch)
