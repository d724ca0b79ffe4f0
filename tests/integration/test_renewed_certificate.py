"""A certificate is renewed under a server that takes alerts: nobody is turned away, and the new one is shown."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import httpx
import pytest
import trustme

from integration.servers import EXAMPLE, PATIENCE, Program

CONFIG = """
[server]
intake_processes = {fronts}

[people.mira]

[escalation]
group_within = "PT0S"

[sources.monitoring]

[targets.local]
run = false
"""


class Authority:
    """Issues certificates for 127.0.0.1 into two files, each as its own writing as `certbot` and others do it."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.certificate, self.key, self.trusted = folder / "cert.pem", folder / "key.pem", folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.trusted))

    def issue(self) -> tuple[bytes, Callable[[], None], Callable[[], None]]:
        """A new certificate: as it is shown in a handshake, and what writes its file and the one of its key."""
        issued = self._authority.issue_cert("127.0.0.1")
        whole = issued.cert_chain_pems[0].bytes()
        shown = ssl.PEM_cert_to_DER_cert(whole.decode())
        key = issued.private_key_pem.bytes()
        return shown, lambda: _replace(self.certificate, whole), lambda: _replace(self.key, key)


def _replace(path: Path, text: bytes) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(text)
    new.replace(path)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    found = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.trusted))
    return found


@pytest.fixture(params=[0, 1], ids=["one process", "an intake process"])
def server(request: pytest.FixtureRequest, tmp_path: Path, authority: Authority) -> Iterator[Program]:
    program = Program(tmp_path / "home")
    _, certificate, key = authority.issue()
    certificate()
    key()
    (program.home / "tocsin.toml").write_text(CONFIG.format(fronts=request.param))
    words = ("--config", program.home / "tocsin.toml", "--tls-cert", authority.certificate, "--tls-key", authority.key)
    try:
        program.serve(EXAMPLE, *words)
        if request.param:
            program.until(lambda: "an intake process takes alerts" in program.log.read_text())
        yield program
    finally:
        program.stop()


def shown(server: Program, authority: Authority) -> bytes | None:
    """The certificate of a new connection that trusts the authority."""
    context = ssl.create_default_context(cafile=str(authority.trusted))
    host, _, port = server.url.removeprefix("https://").partition(":")
    plain = socket.create_connection((host, int(port)), PATIENCE)
    with context.wrap_socket(plain, server_hostname=host) as line:
        return line.getpeercert(binary_form=True)


class Senders:
    """Two monitors that send all the time: on a line that is kept, and on a new line for each alert."""

    def __init__(self, server: Program) -> None:
        self.answers: list[int | str] = []
        self.asked = 0
        self._server, self._over = server, threading.Event()
        key = server.run("token", "monitoring").stdout.strip()
        self._payload = {"summary": "The health check gets no answer", "source": "p", "severity": "critical"}
        self._event = {"routing_key": key, "event_action": "trigger", "payload": self._payload}
        self._threads = [threading.Thread(target=self._send, args=(kept,)) for kept in (True, False)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _send(self, kept: bool) -> None:
        client = httpx.Client(timeout=PATIENCE)
        while not self._over.is_set():
            event = self._event | {"dedup_key": "kept" if kept else "new"}
            try:
                self.answers.append(client.post(f"{self._server.url}/v2/enqueue", json=event).status_code)
            except httpx.HTTPError as error:
                self.answers.append(repr(error))
            if not kept:
                client.close()
                client = httpx.Client(timeout=PATIENCE)
        client.close()

    def more(self, number: int) -> bool:
        """Whether so many were answered since this was asked first."""
        self.asked = self.asked or len(self.answers)
        return len(self.answers) >= self.asked + number


def test_a_renewed_certificate_is_shown_and_no_alert_is_turned_away(server: Program, authority: Authority) -> None:
    first = shown(server, authority)
    with Senders(server) as senders:
        second, certificate, key = authority.issue()
        certificate()
        server.until(lambda: "the certificate before stays" in server.log.read_text())
        assert shown(server, authority) == first, "a certificate without its key is not taken up"
        key()
        server.until(lambda: shown(server, authority) == second)
        server.until(lambda: senders.more(20))
    assert {*senders.answers} == {202}


def test_a_file_that_is_gone_changes_nothing(server: Program, authority: Authority) -> None:
    first = shown(server, authority)
    authority.key.unlink()
    server.until(lambda: "the certificate before stays" in server.log.read_text())
    assert shown(server, authority) == first
