"""Whose token the command line sends to whom."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tocsin.cli.client import Client, token_path
from tocsin.cli.serve import reached_at
from tocsin.errors import Unreachable

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  nothing is bound


@pytest.fixture(autouse=True)
def _of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_TOKEN", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "token").write_text("of-this-folder\n")


def sent_to(url: str, monkeypatch: pytest.MonkeyPatch) -> str | None:
    monkeypatch.setenv("TOCSIN_URL", url)
    return Client()._token


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", EVERY_ADDRESS, "[::]"])
def test_the_token_of_the_data_folder_is_for_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_to(f"http://{host}:8080", monkeypatch) == "of-this-folder"


@pytest.mark.parametrize("host", ["pager.example", "127.0.0.1.evil.example", "192.168.1.5", "localhost.evil.example"])
def test_the_token_of_the_data_folder_is_sent_to_no_other_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_to(f"https://{host}", monkeypatch) is None


@pytest.mark.parametrize("bound", ["127.0.0.1", "localhost", "::1", EVERY_ADDRESS, "::"])
def test_what_a_server_here_wrote_is_found_from_here(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = token_path(bound, 8080)
    written.parent.mkdir(parents=True)
    written.write_text("of-that-server")
    assert sent_to("http://127.0.0.1:8080", monkeypatch) == "of-that-server"


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443)])
def test_an_address_without_a_port_has_the_one_of_its_scheme(
    scheme: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = token_path("pager.example", port)
    written.parent.mkdir(parents=True)
    written.write_text("of-that-server")
    assert sent_to(f"{scheme}://pager.example", monkeypatch) == "of-that-server"


def test_links_of_a_server_at_every_address_say_the_name_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Pager-1")
    assert [reached_at(host) for host in (EVERY_ADDRESS, "::", "127.0.0.1", "10.0.0.1")] == [
        "pager-1",
        "pager-1",
        "127.0.0.1",
        "10.0.0.1",
    ]


class _Talkative(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'"' + b"x" * 1000 + b'"')

    def log_message(self, *_: object) -> None: ...


def test_an_answer_that_is_longer_than_it_may_be_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), _Talkative) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("TOCSIN_URL", f"http://127.0.0.1:{server.server_port}")
        assert Client(most=1002).get("/") == "x" * 1000
        with pytest.raises(Unreachable, match="more than 1001 bytes, which is too much to be read"):
            Client(most=1001).get("/")
        server.shutdown()
