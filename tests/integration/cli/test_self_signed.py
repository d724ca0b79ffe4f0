"""A server with a certificate of its own making, and clients that trust it."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.servers import EXAMPLE, Program
from tocsin.cli.certificate import self_signed
from tocsin.cli.main import main
from tocsin.errors import UsageError


@pytest.fixture(autouse=True)
def _has_openssl() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, which makes the certificate")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    found = Program(tmp_path / "home")
    yield found
    found.stop()


def until_served(program: Program) -> str:
    """Wait until the address stands there, and trust its certificate."""
    program.url = program.until(
        lambda: next((word for word in program.out.read_text().split() if word.startswith("https://127")), "")
    )
    program.environment |= {"TOCSIN_URL": program.url, "SSL_CERT_FILE": str(program.data / "tls-certificate.pem")}
    program.until(lambda: program.run("list").returncode == 0)
    return program.url


def test_whoever_trusts_the_certificate_is_served(program: Program) -> None:
    program.start(EXAMPLE, "--config", EXAMPLE.with_name("demo.toml"), "--tls-self-signed")
    url = until_served(program)
    assert f"SSL_CERT_FILE={program.data}" in program.out.read_text()
    trusting = ["curl", "-fsS", "--cacert", str(program.data / "tls-certificate.pem"), f"{url}/health"]
    assert b'"status"' in subprocess.run(trusting, capture_output=True, check=True).stdout
    strangers = subprocess.run(["curl", "-sS", f"{url}/health"], capture_output=True, check=False)
    assert strangers.returncode == 60, "nobody else trusts it"
    assert (program.data / "tls-key.pem").stat().st_mode & 0o077 == 0


def test_it_is_made_once_and_again_for_another_name(tmp_path: Path) -> None:
    first = self_signed(tmp_path / "data", "127.0.0.1").certificate.read_bytes()
    assert self_signed(tmp_path / "data", "127.0.0.1").certificate.read_bytes() == first
    assert self_signed(tmp_path / "data", "pager.example").certificate.read_bytes() != first
    names = ssl._ssl._test_decode_cert(str(tmp_path / "data" / "tls-certificate.pem"))  # type: ignore[attr-defined]
    assert ("DNS", "pager.example") in names["subjectAltName"]
    assert ("IP Address", "127.0.0.1") in names["subjectAltName"]


@pytest.mark.parametrize("name", ["-rf", "a b", "x,DNS:bank.example", "ä.example", ""])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no certificate can be made for the name"):
        self_signed(tmp_path, name)


def test_without_openssl_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="needs the program openssl"):
        self_signed(tmp_path, "127.0.0.1")


def test_it_is_one_or_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(EXAMPLE), "--tls-self-signed", "--tls-cert", "a", "--tls-key", "b"]) == 2
    assert "--tls-self-signed makes a certificate" in capsys.readouterr().err
