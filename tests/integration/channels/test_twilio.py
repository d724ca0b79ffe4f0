"""Phones from end to end, with the fake Twilio: who is called, what is said, and what an answer does."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from twilio.request_validator import RequestValidator

from conftest import PLAIN_HTTP
from integration.channels.messages import MIRA as PERSON
from integration.channels.messages import page
from integration.channels.receivers import CLOCK
from integration.channels.walks import DOWN, Walk, walking
from tocsin.channels.message import SendFailed
from tocsin.channels.twilio import Account, Call, Sms, signed_text, with_and_without_port
from tocsin.drill.fakes.twilio import Phone, Twilio
from tocsin.engine.doctor import Ward, page_and_wait
from tocsin.errors import SettingsInvalid
from tocsin.incident import facts as f
from tocsin.signatures import SCHEMES

pytestmark = pytest.mark.usefixtures("trusting_nobody")

MIRA, JONAS = "+4915112345678", "+4915187654321"
TEAM = """
timezone = "Europe/Berlin"
[channels.sms]
kind = "twilio-sms"
account = "{account}"
auth_token = {{ env = "TWILIO_TOKEN" }}
sender = "{sender}"
url = "{url}"
[channels.call]
kind = "twilio-call"
account = "{account}"
auth_token = {{ env = "TWILIO_TOKEN" }}
sender = "{sender}"
url = "{url}"
[people.mira]
name = "Mira Okafor"
phone = "+49 151 12345678"
reach = [{reach}]
[people.jonas]
name = "Jonas Weber"
phone = "+4915187654321"
reach = [{{ via = ["call"] }}]
[people.sam]
name = "Sam Ito"
[roles]
L1 = ["mira"]
L2 = ["jonas"]
Executive = ["sam"]
Legal = ["mira"]
"Security team" = ["mira"]
"""
SMS, CALL = '{ via = ["sms"] }', '{ via = ["call"] }'


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_TOKEN", "fake-auth-token")


@asynccontextmanager
async def both(reach: str = SMS) -> AsyncIterator[tuple[Walk, Twilio]]:
    fake = Twilio()
    async with fake.serving():
        team = TEAM.format(account=fake.account, sender=fake.ours, url=fake.address, reach=reach)
        async with walking(team) as walk:
            fake.sms_url, fake.voice_url = f"{walk.address}/twilio/sms", f"{walk.address}/twilio/voice"
            yield walk, fake


async def paged(walk: Walk, fake: Twilio, summary: str = DOWN, incident_type: str = "") -> str:
    more = {"incident_type": incident_type} if incident_type else {}
    number = await walk.alert(summary, "trigger", **more)
    await fake.settled()
    await walk.settle()
    await fake.settled()
    return number


def code_in(phone: Phone) -> str:
    found = re.search(r"ACK (\w+)", "\n".join(phone.texts))
    assert found
    return found[1]


async def acknowledged(walk: Walk, number: str) -> list[tuple[str, str]]:
    return [(body.by, body.via) for body in await walk.facts(number) if isinstance(body, f.Acknowledged)]


async def resolved(walk: Walk, number: str) -> list[tuple[str, str]]:
    return [(body.by, body.why) for body in await walk.facts(number) if isinstance(body, f.Resolved)]


# -- text messages


async def test_an_answer_by_text_message_takes_it_and_nobody_else_is_called() -> None:
    async with both() as (walk, fake):
        phone, other = fake.phone(MIRA), fake.phone(JONAS)
        number = await paged(walk, fake)
        assert phone.texts[0].startswith("P0 Sequencer Down, since 03:11.")
        assert len(phone.texts[0]) <= 160
        assert await fake.write(phone, f"ack {code_in(phone).lower()}") == "You have it."
        await walk.let_pass(minutes=25)
        assert await acknowledged(walk, number) == [("person:mira", "sms")]
        assert (await walk.rang(), other.heard) == (["mira 0.sms"], [])


async def test_a_text_message_can_resolve_and_pass_on() -> None:
    async with both() as (walk, fake):
        phone, other = fake.phone(MIRA), fake.phone(JONAS)
        number = await paged(walk, fake)
        assert await fake.write(phone, f"ESC {code_in(phone)}") == "It is passed on: L2 is called."
        await walk.settle()
        await fake.settled()
        assert await walk.rang() == ["mira 0.sms", "jonas 0.call"]
        assert len(other.heard) > 0
        assert await fake.write(phone, f"8 {code_in(phone)}") == "It is resolved. Nobody else is called."
        assert (await walk.tocsin.engine.load(number)).incident.status == "resolved"  # type: ignore[union-attr]
        assert await fake.write(phone, f"ACK {code_in(phone)}") == "It is resolved already."


async def test_a_code_works_only_from_the_phone_it_was_sent_to() -> None:
    async with both() as (walk, fake):
        phone, other, stranger = fake.phone(MIRA), fake.phone(JONAS), fake.phone("+15551112222")
        number = await paged(walk, fake)
        code = code_in(phone)
        assert await fake.write(stranger, f"ACK {code}") == ""
        assert "ACK 42XYZ" in await fake.write(other, f"ACK {code}")
        assert await fake.write(other, f"ACK {code}") == "", "help is not repeated: two machines would never end"
        assert "ACK 42XYZ" in await fake.write(phone, "what is this")
        assert await acknowledged(walk, number) == []


async def test_a_restricted_incident_is_texted_without_a_word_of_what_it_is() -> None:
    async with both() as (walk, fake):
        phone = fake.phone(MIRA)
        number = await paged(walk, fake, "Unauthorized access to the database", incident_type="data-breach")
        assert (await walk.tocsin.engine.load(number)).incident.restricted  # type: ignore[union-attr]
        assert phone.texts[0].splitlines()[:2] == ["Restricted incident.", f"Reply ACK {code_in(phone)} to take it."]
        assert await fake.write(phone, f"ACK {code_in(phone)}") == "You have it."


# -- calls


async def test_a_pressed_four_takes_it_and_nobody_else_is_called() -> None:
    async with both(CALL) as (walk, fake):
        phone, other = fake.phone(MIRA, presses=("4",)), fake.phone(JONAS)
        number = await paged(walk, fake)
        said = (
            "Tocsin. P zero. Sequencer Down, since three eleven. Press 4 to take it. Press 6 to pass it to Jonas Weber."
            " Press 8 if it is over."
        )
        assert phone.heard == [said, said, "You have it. Goodbye."]
        await walk.let_pass(minutes=25)
        assert await acknowledged(walk, number) == [("person:mira", "phone")]
        assert (await walk.rang(), other.heard) == (["mira 0.call"], [])


async def test_a_pressed_six_calls_the_next_level() -> None:
    async with both(CALL) as (walk, fake):
        phone, other = fake.phone(MIRA, presses=("6",)), fake.phone(JONAS)
        await paged(walk, fake)
        assert phone.heard[-1] == "It is passed on: L2 is called. Goodbye."
        await walk.let_pass(seconds=1)  # one call a second is what Twilio takes
        await walk.settle()
        await fake.settled()
        assert len(other.heard) > 0
        assert await walk.rang() == ["mira 0.call", "jonas 0.call"]


async def test_eight_pressed_twice_resolves_it() -> None:
    async with both(CALL) as (walk, fake):
        phone = fake.phone(MIRA, presses=("8", "8"))
        number = await paged(walk, fake)
        assert phone.heard[-2].startswith("Press 8 again to resolve it.")
        assert phone.heard[-1] == "It is resolved. Nobody else is called. Goodbye."
        assert await resolved(walk, number) == [("person:mira", "by phone")]


@pytest.mark.parametrize("presses", [("8",), ("8", "5", "8", "4"), ("8", "5", "8", "9")])
async def test_one_eight_alone_ends_nothing(presses: tuple[str, ...]) -> None:
    async with both(CALL) as (walk, fake):
        fake.phone(MIRA, presses=presses)
        number = await paged(walk, fake)
        assert await resolved(walk, number) == []
        assert await acknowledged(walk, number) == ([("person:mira", "phone")] if "4" in presses else [])


async def test_a_wrong_digit_is_told_how_it_is_now() -> None:
    async with both(CALL) as (walk, fake):
        phone = fake.phone(MIRA, presses=("9", "4"))
        number = await paged(walk, fake)
        assert phone.heard[-1] == "You have it. Goodbye."
        assert phone.heard.count(phone.heard[0]) == 4, "said twice by the call, twice by the door"
        assert await acknowledged(walk, number) == [("person:mira", "phone")]


async def test_who_presses_nothing_has_not_answered() -> None:
    async with both(CALL) as (walk, fake):
        phone = fake.phone(MIRA)
        number = await paged(walk, fake)
        assert phone.heard[-1] == "Nothing was pressed. Goodbye."
        assert await acknowledged(walk, number) == []


async def test_of_a_restricted_incident_a_call_says_that_alone() -> None:
    async with both(CALL) as (walk, fake):
        phone = fake.phone(MIRA, presses=("9",))
        await paged(walk, fake, "Unauthorized access to the database", incident_type="data-breach")
        said = "Tocsin. A restricted incident. Press 4 to take it. Press 6 to escalate it. Press 8 if it is over."
        assert set(phone.heard) == {said, "Nothing was pressed. Goodbye."}


@pytest.mark.parametrize("manner", ["busy", "no-answer", "failed"])
async def test_a_call_that_nobody_takes_is_followed_by_the_next_method_at_once(manner: Any) -> None:
    async with both('{ via = ["call"], wait = "PT10M" }, { via = ["sms"] }') as (walk, fake):
        phone = fake.phone(MIRA, manner)
        number = await paged(walk, fake)
        await walk.settle()
        await fake.settled()
        failed = [body for body in await walk.facts(number) if isinstance(body, f.PageFailed)]
        assert [(body.method, manner in body.why) for body in failed] == [("0.call", True)]
        assert await walk.rang() == ["mira 0.call", "mira 1.sms"]
        assert len(phone.texts) == 1


async def test_a_message_that_does_not_arrive_is_followed_by_the_next_method_at_once() -> None:
    async with both('{ via = ["sms"], wait = "PT10M" }, { via = ["call"] }') as (walk, fake):
        phone = fake.phone(MIRA, "undelivered", presses=("4",))
        number = await paged(walk, fake)
        await walk.settle()
        await fake.settled()
        assert await walk.rang() == ["mira 0.sms", "mira 1.call"]
        assert phone.heard[-1] == "You have it. Goodbye."
        assert await acknowledged(walk, number) == [("person:mira", "phone")]


async def test_who_calls_us_is_told_nothing() -> None:
    async with both() as (walk, fake):
        phone = fake.phone(MIRA)
        await paged(walk, fake)
        await fake.dial(phone)
        assert phone.heard == ["This number only calls. Answer the message you got, or open its link. Goodbye."]


# -- test pages


async def answers_the_test_page(walk: Walk, fake: Twilio) -> bool:
    ward = Ward(walk.tocsin.engine, walk.tocsin.deeds, walk.tocsin.links)
    waiting = asyncio.create_task(page_and_wait(ward, ("mira",), 90, "local:operator"))
    phone = fake.phones[MIRA]
    while not (waiting.done() or phone.texts or phone.heard):  # noqa: ASYNC110  a phone tells nobody
        await asyncio.sleep(0.01)
    if phone.texts and not waiting.done():
        assert await fake.write(phone, f"ACK {code_in(phone)}") == "Thank you, that arrived."
    [answer] = await waiting
    return answer.answered


@pytest.mark.parametrize("reach", [SMS, CALL])
async def test_a_test_page_is_answered_from_the_phone(reach: str) -> None:
    async with both(reach) as (walk, fake):
        phone = fake.phone(MIRA, presses=("4",))
        assert await answers_the_test_page(walk, fake)
        await fake.settled()
        assert "est" in (phone.texts or phone.heard)[0]


async def test_the_code_of_a_test_page_is_found_when_its_number_begins_with_a_nought() -> None:
    async with both() as (walk, fake):
        phone = fake.phone(MIRA)
        await paged(walk, fake)
        await walk.tocsin.engine.test_pages.expect("TEST-00AB1C", "mira", 90)
        code = walk.tocsin.links.code("TEST-00AB1C", "mira")
        assert await fake.write(phone, f"ACK {code}") == "Thank you, that arrived."


# -- the doors


async def test_only_what_twilio_signed_is_taken() -> None:
    async with both(CALL) as (walk, fake):
        phone = fake.phone(MIRA)
        number = await paged(walk, fake)
        gather = next(one.form["Twiml"] for one in fake.came)
        found = re.search(r'action="([^"]+)"', gather)
        assert found
        url = found[1].replace("&amp;", "&")
        form = {"Digits": "4", "CallSid": "CA1", "From": fake.ours, "To": phone.number}
        signed = SCHEMES["twilio"].sign(fake.auth_token.encode(), signed_text(url, form))
        assert RequestValidator(fake.auth_token).compute_signature(url, form) == signed
        async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
            for offered in (
                {},
                {"X-Twilio-Signature": "x"},
                {"X-Twilio-Signature": RequestValidator("other").compute_signature(url, form)},
            ):
                assert (await client.post(url, data=form, headers=offered)).status_code == 403
            changed = await client.post(url, data=form | {"Digits": "6"}, headers={"X-Twilio-Signature": signed})
            assert changed.status_code == 403
            elsewhere = f"{walk.address}/twilio/gather?{urlsplit(url).query}&x=1"
            assert (await client.post(elsewhere, data=form, headers={"X-Twilio-Signature": signed})).status_code == 403
            assert await acknowledged(walk, number) == []
            assert (await client.post(url, data=form, headers={"X-Twilio-Signature": signed})).status_code == 200
        assert await acknowledged(walk, number) == [("person:mira", "phone")]


async def test_a_repeated_request_passes_an_incident_on_once() -> None:
    async with both(CALL) as (walk, fake):
        fake.phone(MIRA, presses=("6",))
        number = await paged(walk, fake)
        url, form, _ = next(one for one in fake.callbacks if "Digits" in one[1])
        async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
            headers = {"X-Twilio-Signature": RequestValidator(fake.auth_token).compute_signature(url, form)}
            again = await client.post(url, data=form, headers=headers)
        assert "L2 is called" in again.text
        asked = [body for body in await walk.facts(number) if isinstance(body, f.EscalationRequested)]
        assert len(asked) == 1


async def test_without_a_twilio_channel_there_are_no_such_doors() -> None:
    async with (
        walking('[people.mira]\nname = "Mira"\n') as walk,
        httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client,
    ):
        assert (await client.post(f"{walk.address}/twilio/sms", data={"From": MIRA})).status_code == 404


@pytest.mark.parametrize("url", ["https://tocsin.example/twilio/sms", "https://tocsin.example:8443/twilio/sms?a=b"])
def test_a_signature_counts_with_and_without_the_port(url: str) -> None:
    channel, form = Sms(account(), clock=CLOCK), {"From": MIRA, "Body": "ACK"}
    for signs in with_and_without_port(url):
        offered = RequestValidator("x").compute_signature(signs, form)
        assert channel.is_genuine(url, form, offered)
        assert RequestValidator("x").validate(url, form, offered)
    other = RequestValidator("x").compute_signature("https://tocsin.example:1/twilio/sms", form)
    assert not channel.is_genuine(url, form, other)


# -- the channel


def account(**changes: str) -> Account:
    known = {"sid": "AC" + "0" * 32, "auth_token": "x", "sender": "+15550000000", "doors": "https://x", **changes}
    return Account(**known)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"sid": "AC1"}, "SID"), ({"sender": "0151"}, "sender"), ({"url": "nowhere"}, "url must be an address")],
)
def test_what_cannot_be_an_account_is_refused_at_start(changes: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsInvalid, match=words):
        Sms(account(**changes), clock=CLOCK)


@pytest.mark.parametrize(("phone", "words"), [(None, "has no phone number"), ("0151 1234567", "write `phone`")])
async def test_a_person_who_cannot_be_called_is_named(phone: str | None, words: str) -> None:
    import msgspec  # noqa: PLC0415

    channel = Call(account(), clock=CLOCK)
    with pytest.raises(SendFailed, match=words) as caught:
        await channel.send(page(to=msgspec.structs.replace(PERSON, phone=phone)))
    assert caught.value.permanent
    await channel.close()


async def test_an_error_of_twilio_keeps_its_code_and_not_the_number() -> None:
    fake = Twilio()
    async with fake.serving() as address:
        fake.ours = "+15551111111"
        channel = Sms(account(url=address, auth_token=fake.auth_token), clock=CLOCK)
        with pytest.raises(SendFailed, match=r"answered 400: 21212: The 'From' number \.\.\. is") as caught:
            await channel.send(page())
        await channel.close()
    assert caught.value.permanent


async def test_too_many_messages_are_tried_again_when_twilio_says() -> None:
    fake = Twilio()
    fake.throttled = 1
    async with fake.serving() as address:
        channel = Sms(account(url=address, auth_token=fake.auth_token), clock=CLOCK)
        with pytest.raises(SendFailed, match="429: 20429") as caught:
            await channel.send(page())
        await channel.close()
    assert not caught.value.permanent
    assert caught.value.retry_after is not None


async def test_trouble_of_tocsin_itself_is_told_by_phone_without_a_menu() -> None:
    fake = Twilio()
    phone = fake.phone(MIRA)
    async with fake.serving() as address:
        channel = Call(account(url=address, auth_token=fake.auth_token), clock=CLOCK)
        await channel.send(page(kind="alarm", subject="Tocsin needs attention", spoken=str, menu=""))
        await fake.settled()
        await channel.close()
    assert phone.heard == ["Tocsin. Tocsin needs attention."] * 2
