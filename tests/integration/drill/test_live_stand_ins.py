"""What stands in for the channels of a live drill: configured, reached and answered as the real services are."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from tocsin.channels.message import Channel, Message
from tocsin.channels.table import build
from tocsin.clock import SystemClock
from tocsin.configuration.rehearsal import rehearsed
from tocsin.configuration_file import settings_of
from tocsin.drill.live_stand_ins import SECRETS, Arrived, StandIns
from tocsin.errors import SettingsInvalid
from tocsin.settings import ChannelSettings, Secret, Settings

CONFIGURATION = """
[people.mira]
name = "Mira Okafor"
email = "mira@kiln.example"
phone = "+49 151 12345678"
pagerduty = "PMIRA"

[channels.chat]
kind = "slack"
token = { env = "SLACK" }
app_token = { env = "SLACK_APP" }
channel = "C0KILN12345"
cards = ["P0"]

[channels.mail]
kind = "email"
host = "smtp.kiln.example"
sender = "tocsin@kiln.example"
username = "tocsin"
password = { env = "SMTP" }

[channels.text]
kind = "twilio-sms"
account = "AC00000000000000000000000000000009"
auth_token = { env = "TWILIO" }
sender = "+15551234567"

[channels.call]
kind = "twilio-call"
account = "AC00000000000000000000000000000009"
auth_token = { env = "TWILIO" }
sender = "+15551234567"

[channels.pd]
kind = "pagerduty"
routing_key = { env = "PD" }

[channels.hook]
kind = "webhook"
url = { env = "HOOK" }

[channels.push]
kind = "apprise"
url = { env = "PUSH" }
"""
LINK = "http://127.0.0.1:1/a/INC-2026-0001.mira.0123456789abcdef"


class Stage(NamedTuple):
    """Channels that lead to stand-ins, and what came there."""

    settings: Settings
    channels: Mapping[str, Channel]
    stand_ins: StandIns

    async def sends(self, channel: str) -> Arrived:
        """What comes of one page, sent by a channel."""
        await self.channels[channel].send(self.page)
        [arrived] = [one for stand_in in self.stand_ins.all_of_them for one in stand_in.arrived()]
        assert "INC-2026-0001" in arrived.text
        return arrived

    @property
    def page(self) -> Message:
        return Message(
            key="INC-2026-0001/1/L1/mira/0", incident="INC-2026-0001", kind="page", subject="Kiln Cold (INC-2026-0001)",
            text=f"Take it: {LINK}", to=self.settings.people["mira"], link=LINK, menu="Press 4 to take it.",
            short=lambda: "P0 Kiln Cold. Reply ACK 1BCD to take it.", data={"kind": "page"},
        )  # fmt: skip


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    settings = settings_of(CONFIGURATION)
    stand_ins = StandIns(settings)
    async with stand_ins.serving() as written:
        found = rehearsed(settings, settings_of(written).channels)

        def secret(wanted: Secret) -> str:
            return SECRETS[wanted.env or ""]

        channels = build(found, secret, clock=SystemClock(), doors="http://127.0.0.1:1")
        stand_ins.answers_at("http://127.0.0.1:1")
        try:
            yield Stage(found, channels, stand_ins)
        finally:
            for channel in channels.values():
                await channel.close()


@pytest.mark.parametrize(("channel", "by"), [("chat", "Slack"), ("mail", "e-mail"), ("hook", "webhook")])
async def test_a_page_with_a_link_comes_to_the_stand_in_as_it_was_sent(channel: str, by: str) -> None:
    async with staged() as stage:
        arrived = await stage.sends(channel)
        assert (arrived.by, arrived.answer) == (by, None)
        assert LINK in arrived.text


@pytest.mark.parametrize(("channel", "by"), [("text", "text message"), ("call", "a call"), ("pd", "PagerDuty")])
async def test_a_page_that_is_answered_elsewhere_brings_its_answer(channel: str, by: str) -> None:
    async with staged() as stage:
        arrived = await stage.sends(channel)
        assert arrived.by == by
        assert arrived.answer is not None


async def test_what_cannot_be_stood_in_for_goes_to_the_console_and_the_rest_is_kept() -> None:
    async with staged() as stage:
        assert stage.stand_ins.instead == ("push",)
        channels = stage.settings.channels
        assert channels["push"].kind == "console"
        assert channels["chat"].cards == ("P0",)
        assert all("kiln.example" not in str(channels[name].options.get("host", "")) for name in channels)
        assert stage.settings.channels["chat"].options["app_token"] == Secret(env="TOCSIN_DRILL_SLACK_APP")


def test_a_channel_without_a_stand_in_is_refused() -> None:
    settings = Settings(channels={"chat": ChannelSettings(id="chat", kind="slack")})
    with pytest.raises(SettingsInvalid, match=r"nothing stands in for \[channels.chat\]"):
        rehearsed(settings, {})
