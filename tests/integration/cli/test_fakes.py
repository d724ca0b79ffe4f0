"""`tocsin fakes`: a stand-in that somebody starts by hand."""

import re
import subprocess
import sys

import httpx
import pytest

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
    command = [sys.executable, "-m", "tocsin", "fakes", "twilio", "--mode", "refusing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout
            [address] = re.findall(r"http://127.0.0.1:\d+", running.stdout.readline())
            assert httpx.get(f"{address}/_fake/came").json() == {"came": []}
            assert httpx.post(f"{address}/2010-04-01/").status_code == 503
        finally:
            running.terminate()


def test_a_mode_that_it_does_not_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fakes", "smtp", "--mode", "silent"]) == 2
    assert "it can be normal, slow, busy" in capsys.readouterr().err
