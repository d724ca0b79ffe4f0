import io
import subprocess
import sys

import pytest

from integration.channels.messages import page
from tocsin.channels.console import Console
from tocsin.channels.email import Email
from tocsin.channels.table import build
from tocsin.channels.webhook import Webhook
from tocsin.configuration import read_settings
from tocsin.errors import SettingsInvalid
from tocsin.settings import ChannelSettings, Secret, Settings

EXAMPLE = """
[channels.mail]
kind = "email"
host = "smtp.example.org"
sender = "ops@example.org"
username = "ops"
password = { env = "SMTP_PASSWORD" }
[channels.hook]
kind = "webhook"
url = { env = "HOOK_URL" }
[channels.tty]
kind = "console"
"""
SECRETS = {"SMTP_PASSWORD": "hunter2", "HOOK_URL": "https://hooks.example.org/T0KEN"}


def kept(secret: Secret) -> str:
    return SECRETS[str(secret.env)]


async def test_every_configured_channel_is_built_and_the_console_always() -> None:
    channels = build(read_settings(EXAMPLE), kept)
    assert {name: type(channel) for name, channel in channels.items()} == {
        "console": Console,
        "mail": Email,
        "hook": Webhook,
        "tty": Console,
    }
    for channel in channels.values():
        await channel.close()


async def test_the_console_writes_to_the_stream_it_is_given() -> None:
    stream = io.StringIO()
    await build(Settings(), kept, console=stream)["console"].send(page())
    assert "TOCSIN PAGE" in stream.getvalue()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs 'url'"),
        ({"url": "ftp://x"}, "must be an address"),
        ({"url": "https://x", "secret": "hunter2"}, "only as"),
        ({"url": "https://x", "colour": "red"}, "does not know 'colour'"),
    ],
)
def test_options_that_do_not_fit_name_their_channel(options: dict[str, str], words: str) -> None:
    settings = Settings(channels={"hook": ChannelSettings(id="hook", kind="webhook", options={**options})})
    with pytest.raises(SettingsInvalid, match=r"\[channels\.hook\]") as caught:
        build(settings, kept)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_username_without_a_password_is_refused() -> None:
    settings = read_settings(EXAMPLE.replace('password = { env = "SMTP_PASSWORD" }', ""))
    with pytest.raises(SettingsInvalid, match=r"\[channels\.mail\]: username and password go together"):
        build(settings, kept)


def test_a_server_with_only_the_console_never_loads_http_and_mail_clients() -> None:
    code = (
        "import sys; from tocsin.channels.table import build; from tocsin.settings import Settings;"
        "import tocsin.configuration_file; build(Settings(), str);"
        "heavy = {'aiohttp', 'httpx', 'aiosmtplib', 'email.message', 'slack_sdk', 'websockets'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
