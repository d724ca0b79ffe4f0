"""`tocsin fakes`: a stand-in that somebody starts by hand."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, Program
from tocsin.cli.fakes import NAMES
from tocsin.cli.main import main
from tocsin.drill.fakes.table import FAKES, fake


def test_the_command_knows_every_fake() -> None:
    assert list(NAMES) == list(FAKES)


@pytest.mark.parametrize("name", NAMES)
async def test_every_fake_listens_and_says_what_to_configure(name: str) -> None:
    service = fake(name)
    async with service.serving() as address:
        assert address.rpartition(":")[2] in service.about


def test_a_fake_serves_until_it_is_stopped() -> None:
    with started("twilio", "--mode", "refusing") as address:
        assert httpx.get(f"{address}/_fake/came", timeout=60, verify=PLAIN_HTTP).json() == {"came": []}
        assert httpx.post(f"{address}/2010-04-01/", timeout=60, verify=PLAIN_HTTP).status_code == 503


def test_a_mode_that_it_does_not_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fakes", "smtp", "--mode", "silent"]) == 2
    assert "it can be normal, slow, busy" in capsys.readouterr().err


@contextmanager
def started(*words: str) -> Iterator[str]:
    """A fake as a program of its own; gives its address."""
    command = [sys.executable, "-m", "tocsin", "fakes", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            [address] = re.findall(r"http://127.0.0.1:\d+", running.stdout.readline())
            yield address
        finally:
            running.terminate()


TEAM = """
[channels.sms]
kind = "twilio-sms"
account = "AC00000000000000000000000000000000"
auth_token = {{ env = "TWILIO_TOKEN" }}
sender = "+15550000000"
url = "{twilio}"
[channels.pd]
kind = "pagerduty"
routing_key = {{ env = "PD_KEY" }}
webhook_secret = {{ env = "PD_SECRET" }}
url = "{pagerduty}"
[people.mira]
name = "Mira Okafor"
phone = "+4915112345678"
reach = [{{ via = ["sms", "pd"] }}]
[roles]
L1 = ["mira"]
L2 = ["mira"]
"""


def test_three_programs_talk_to_each_other_as_by_hand(program: Program) -> None:
    with started("twilio") as twilio, started("pagerduty") as pagerduty:
        config = program.home / "tocsin.toml"
        config.write_text(TEAM.format(twilio=twilio, pagerduty=pagerduty))
        program.environment |= {"TWILIO_TOKEN": "fake-auth-token", "PD_KEY": "0" * 32, "PD_SECRET": "S"}
        program.serve(EXAMPLE, "--config", config)
        hook = {"url": f"{program.url}/webhooks/pagerduty", "secrets": ["S"]}
        assert (
            httpx.post(f"{pagerduty}/_fake/subscription", json=hook, timeout=60, verify=PLAIN_HTTP).status_code == 200
        )
        assert (
            httpx.post(
                f"{twilio}/_fake/phone", json={"number": "+4915112345678"}, timeout=60, verify=PLAIN_HTTP
            ).status_code
            == 200
        )
        assert program.run("trigger", "--summary", "The health check gets no answer").returncode == 0
        came = program.until(lambda: httpx.get(f"{twilio}/_fake/came", timeout=60, verify=PLAIN_HTTP).json()["came"])
        [code] = re.findall(r"ACK\+(\w+)", came[0]["body"])
        key = {"key": program.until(lambda: key_of(pagerduty)), "status": "resolved", "user": "PMIRA01"}
        text = {"number": "+4915112345678", "text": f"ACK {code}"}
        said = program.until(
            lambda: httpx.post(f"{twilio}/_fake/write", json=text, timeout=60, verify=PLAIN_HTTP).json().get("answered")
        )
        assert said == "You have it."
        assert (
            httpx.post(f"{pagerduty}/_fake/act", json=key, timeout=60, verify=PLAIN_HTTP).json()["status"] == "resolved"
        )
        shown = program.run("incident", key["key"].partition("/")[0], "--format", "json")
        facts = [fact["fact"] for fact in json.loads(shown.stdout)["timeline"]]
        assert {"Acknowledged", "Resolved"} <= set(facts)


def key_of(pagerduty: str) -> str | None:
    """The key of the page that PagerDuty got, or None."""
    events = [
        json.loads(one["body"])
        for one in httpx.get(f"{pagerduty}/_fake/came", timeout=60, verify=PLAIN_HTTP).json()["came"]
    ]
    return next((one["dedup_key"] for one in events if "/L1/" in one["dedup_key"]), None)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("phone", b"{}", 400),
        ("write", b"[]", 400),
        ("write", b'{"number": "+4915112345678", "text": "ACK"}', 409),
    ],
)
async def test_what_a_fake_is_told_wrongly_is_refused(path: str, body: bytes, status: int) -> None:
    async with fake("twilio").serving() as address, httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        assert (await client.post(f"{address}/_fake/{path}", content=body)).status_code == status


async def test_a_user_acts_on_what_is_open_alone() -> None:
    async with fake("pagerduty").serving() as address, httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
        act = {"key": "k", "status": "resolved", "user": "PMIRA01"}
        refused = await client.post(f"{address}/_fake/act", json=act)
        assert (refused.status_code, refused.json()["error"]) == (404, "open is nothing; the users are PMIRA01")
        assert (await client.post(f"{address}/_fake/act", json=act | {"status": "lost"})).status_code == 400
        assert (await client.post(f"{address}/_fake/subscription", content=b"{}")).status_code == 400
