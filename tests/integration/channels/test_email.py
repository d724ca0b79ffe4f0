import asyncio
import socket
from collections.abc import AsyncIterator

import msgspec
import pytest

from integration.channels.messages import FACTS, MIRA, page
from integration.channels.receivers import CLOCK, SmtpReceiver, nobody, smtp_receiver
from tocsin.channels.email import Email, Tls, address
from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.errors import SettingsInvalid


@pytest.fixture
async def receiver() -> AsyncIterator[SmtpReceiver]:
    async with smtp_receiver() as opened:
        yield opened


async def mail(receiver: SmtpReceiver, message: Message | None = None, **options: str) -> Receipt:
    tls: Tls = "starttls" if options.pop("tls", "none") == "starttls" else "none"
    sender = options.pop("sender", "Tocsin Ops <ops@example.org>")
    email = Email("127.0.0.1", sender, port=receiver.port, tls=tls, clock=CLOCK, timeout=60, **options)  # type: ignore[arg-type]
    return await email.send(message or page())


async def refusal(receiver: SmtpReceiver, message: Message | None = None, **options: str) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await mail(receiver, message, **options)
    return caught.value


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


async def test_a_mail_says_the_same_as_text_and_as_html(receiver: SmtpReceiver) -> None:
    receipt = await mail(receiver)
    (arrived,) = receiver.mails()
    plain, html = (arrived.get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert unix(plain.get_content()) == page().text
    assert '<a href="https://tocsin.example/a/7hQ2?x=1&amp;y=2">' in html.get_content()
    assert receiver.envelopes == [("ops@example.org", ["mira@example.org"])]
    assert str(arrived["From"]) == "Tocsin Ops <ops@example.org>"
    assert str(arrived["To"]) == "Mira <mira@example.org>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"].datetime.tzinfo is not None
    assert receipt.id == arrived["Message-ID"]
    assert "queued as 17" in receipt.detail


async def test_a_repeat_is_the_same_mail_and_mails_of_an_incident_hang_together(receiver: SmtpReceiver) -> None:
    for key in ("a", "a", "b"):
        await mail(receiver, page(key=key))
    first, repeat, other = receiver.mails()
    assert first["Message-ID"] == repeat["Message-ID"] != other["Message-ID"]
    assert first["References"] == other["References"] == other["In-Reply-To"]
    assert str(first["Message-ID"]).endswith("@example.org>")


async def test_another_incident_is_another_thread(receiver: SmtpReceiver) -> None:
    for thread in ("INC-1", "INC-2", ""):
        await mail(receiver, page(thread=thread))
    one, two, none = receiver.mails()
    assert one["References"] != two["References"]
    assert none["References"] is None


async def test_nothing_a_message_holds_becomes_a_header(receiver: SmtpReceiver) -> None:
    await mail(
        receiver,
        page(
            subject="Down\r\nBcc: all@example.org\n\nbody",
            key="k\r\nBcc: all@example.org",
            thread="t\r\nBcc: all@example.org",
            to=msgspec.structs.replace(MIRA, name='Mi"ra\r\nBcc: all@example.org'),
        ),
    )
    (arrived,) = receiver.mails()
    assert arrived["Bcc"] is None
    assert arrived["Subject"] == "Down Bcc: all@example.org body"
    assert receiver.envelopes[0][1] == ["mira@example.org"]


@pytest.mark.parametrize(
    "spec", ["a@b.c\r\nRCPT TO:<x@y.z>", "a b@c.d", "a@b@c", "mira", "@b.c", "a@", "ä@b.c", "a@b.c>"]
)
async def test_an_address_that_is_none_is_permanent(receiver: SmtpReceiver, spec: str) -> None:
    error = await refusal(receiver, page(to=msgspec.structs.replace(MIRA, email=spec)))
    assert error.permanent
    assert error.why.startswith("the e-mail address of Mira cannot be used")
    assert receiver.raw == []


async def test_a_person_without_an_address_is_permanent_and_says_what_to_do(receiver: SmtpReceiver) -> None:
    error = await refusal(receiver, page(to=msgspec.structs.replace(MIRA, email=None)))
    assert error.permanent
    assert error.why == "Mira has no e-mail address: add one as `email` under [people.mira]"


@pytest.mark.parametrize(("answer", "permanent"), [("450 mailbox busy", False), ("550 no such user", True)])
async def test_a_refused_recipient_is_judged_by_the_answer(
    receiver: SmtpReceiver, answer: str, *, permanent: bool
) -> None:
    receiver.recipient_answer = answer
    error = await refusal(receiver)
    assert error.permanent is permanent
    assert error.why == f"127.0.0.1 answered {answer[:3]}: {answer[4:]}"


async def test_a_server_without_starttls_is_not_sent_to_in_clear(receiver: SmtpReceiver) -> None:
    error = await refusal(receiver, tls="starttls")
    assert error.permanent
    assert "does not offer what is configured" in error.why
    assert receiver.raw == []


async def test_a_refused_connection_is_temporary() -> None:
    gone = SmtpReceiver()
    with nobody() as gone.port:
        error = await refusal(gone)
    assert not error.permanent
    assert "127.0.0.1 could not be reached" in error.why


async def test_a_server_that_never_greets_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        email = Email(
            "127.0.0.1", "ops@example.org", port=silent.getsockname()[1], tls="none", clock=CLOCK, timeout=0.2
        )
        with pytest.raises(SendFailed, match=r"in 0\.2 s") as caught:
            await email.send(page())
    assert not caught.value.permanent


async def test_a_mail_that_was_taken_stays_taken_when_the_goodbye_fails() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        for answer in (b"250 hi", b"250 ok", b"250 ok", b"354 go", b"250 taken"):
            await (reader.readuntil(b"\r\n.\r\n") if answer == b"250 taken" else reader.readline())
            writer.write(answer + b"\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    receiver = SmtpReceiver()
    receiver.port = server.sockets[0].getsockname()[1]
    receipt = await mail(receiver)
    server.close()
    assert receipt.detail.endswith("taken")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
async def test_the_server_is_told_who_sends() -> None:
    from aiosmtpd.smtp import AuthResult, LoginPassword  # noqa: PLC0415  only this test logs in

    def check(_server: object, _session: object, _envelope: object, _kind: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"ops", b"hunter2"), handled=False)

    async with smtp_receiver(authenticator=check, auth_required=True, auth_require_tls=False) as receiver:
        await mail(receiver, username="ops", password="hunter2")
        error = await refusal(receiver, username="ops", password="wrong")
        assert len(receiver.raw) == 1
        assert error.permanent
        assert "535" in error.why
        assert "wrong" not in error.why


@pytest.mark.parametrize("sender", ["ops", "<>", "Ops <ops>", "ops@example.org\r\nBcc: x@y.z", ""])
def test_a_sender_that_is_no_address_is_a_mistake_of_the_configuration(sender: str) -> None:
    with pytest.raises(SettingsInvalid, match="the sender"):
        Email("127.0.0.1", sender, clock=CLOCK)


def test_an_address_keeps_the_name_of_its_person() -> None:
    assert str(address("mira@example.org", "Söl, Mira")) == '"Söl, Mira" <mira@example.org>'


async def test_a_mail_with_other_letters_arrives_whole(receiver: SmtpReceiver) -> None:
    text = f"Größe über {'x' * 2000} 漢字\n.\n.."
    await mail(receiver, page(text=text, link=None, subject="Größe 漢字 " * 12))
    (arrived,) = receiver.mails()
    plain = arrived.get_body(("plain",))
    assert plain is not None
    assert unix(plain.get_content()).strip() == text
    # Some versions of Python lose a space where they fold a long subject; every word must be there.
    assert arrived["Subject"].replace(" ", "") == "Größe漢字" * 12
    assert receiver.raw[0].isascii()
    assert FACTS.key in str(arrived["X-Tocsin-Key"])
