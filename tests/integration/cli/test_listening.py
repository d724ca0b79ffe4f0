import asyncio
import socket
from pathlib import Path

import pytest

from tocsin.cli.main import main
from tocsin.web.server import bind


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_answer_in_two_parts_is_sent_at_once(host: str) -> None:
    """Else its second part waits until the first is acknowledged, which receivers put off for 40 ms."""
    sends_at_once: asyncio.Queue[int] = asyncio.Queue()

    async def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        sends_at_once.put_nowait(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    bound = bind(host, 0)
    async with await asyncio.start_server(accepted, sock=bound):
        _, writer = await asyncio.open_connection(host, bound.getsockname()[1])
        assert await asyncio.wait_for(sends_at_once.get(), 60)
        writer.close()


def test_a_rehearsal_wants_data_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path / "real"))
    (tmp_path / "stand-ins.toml").touch()
    assert main(["serve", "--port", "0", "--rehearsal", "stand-ins.toml"]) == 2
    said = "a rehearsal never shares data with what is served: name an empty folder with --data"
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["stand-ins.toml"]
