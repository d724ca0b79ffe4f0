import asyncio
import io
import os
import select
import subprocess
import sys
import threading

import pytest

from conftest import ROOT
from integration.channels.messages import FACTS, page
from tocsin.channels.console import MAX_WAITING, Console
from tocsin.channels.message import SendFailed


async def test_a_page_is_a_box_that_can_be_searched() -> None:
    stream = io.StringIO()
    console = Console(stream)
    await console.send(page(text="Health failed 3 of 3."))
    await console.close()
    assert stream.getvalue().splitlines() == [
        "",
        "+-- TOCSIN PAGE INC-2026-0042 to Mira ".ljust(78, "-"),
        "| P0 Sequencer Down, nobody has it (INC-2026-0042)",
        "|",
        "| Health failed 3 of 3.",
        "|",
        f"| Take it: {FACTS.link}",
        f"+-- key {FACTS.key} ".ljust(78, "-"),
    ]


async def test_the_link_is_printed_once_when_the_text_has_it() -> None:
    stream = io.StringIO()
    await Console(stream).send(page())
    assert stream.getvalue().count(FACTS.link) == 1


async def test_a_terminal_that_knows_only_ascii_still_gets_the_page() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    await Console(stream).send(page(text="Datenbank läuft über"))
    assert b"l\\xe4uft" in raw.getvalue()


async def test_an_alert_cannot_drive_the_terminal() -> None:
    stream = io.StringIO()
    await Console(stream).send(page(subject="\x1b]0;owned\x07", text="a\x9b2Jb\u202e"))
    assert all(character.isprintable() or character == "\n" for character in stream.getvalue())


async def test_a_console_whose_reader_left_is_permanent() -> None:
    class Left(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(SendFailed, match="the console is closed") as caught:
        await Console(Left()).send(page())
    assert caught.value.permanent


async def test_a_console_that_takes_nothing_refuses_for_now_instead_of_piling_up() -> None:
    class Stuck(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.taken, self.go_on = threading.Event(), threading.Event()

        def write(self, text: str) -> int:
            self.taken.set()
            self.go_on.wait(60)
            return super().write(text)

    stream = Stuck()
    console = Console(stream, timeout=60)
    first = asyncio.create_task(console.send(page()))
    assert await asyncio.to_thread(stream.taken.wait, 60)  # the thread has taken it and is stuck
    waiting = [asyncio.create_task(console.send(page())) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(SendFailed, match="messages wait for it") as caught:
        await console.send(page())
    assert not caught.value.permanent
    stream.go_on.set()
    await asyncio.gather(first, *waiting)
    assert stream.getvalue().count("+-- key ") == MAX_WAITING + 1


async def test_what_waits_for_a_console_that_is_closed_is_told_so() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream, os.fdopen(reader):
        console = Console(stream)
        tasks = [asyncio.create_task(console.send(page(text="x" * 200_000))) for _ in range(2)]
        async with asyncio.timeout(60):
            while not select.select([reader], [], [], 0)[0]:  # noqa: ASYNC110  a thread tells nobody
                await asyncio.sleep(0.01)  # until the thread is at the first one
        await console.close()
        with pytest.raises(SendFailed, match="the console was closed"):
            await tasks[1]
        with pytest.raises(SendFailed, match="the console was closed"):
            await console.send(page())
        os.read(reader, 1_000_000)
        tasks[0].cancel()
        while os.read(reader, 1_000_000)[-2:] != b"-\n":
            pass  # let the thread end before its pipe is closed


BLOCKED = """
import asyncio, sys
from integration.channels.messages import page
from tocsin.channels.console import Console
from tocsin.channels.message import SendFailed

async def main():
    console = Console(sys.stdout, timeout=0.2)
    for _ in range(3):
        try:
            await console.send(page(text="x" * 200_000))
        except SendFailed as failed:
            print(failed.why, failed.permanent, file=sys.stderr)
    await console.close()

asyncio.run(main())
"""


def test_a_reader_that_stopped_reading_does_not_keep_the_process_from_ending() -> None:
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT / "src")])}
    command = [sys.executable, "-c", BLOCKED]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | path)
    try:
        assert process.wait(60) == 0
        assert process.stderr
        assert process.stderr.read().decode().splitlines() == ["the console did not take it in 0.2 s False"] * 3
    finally:
        process.kill()
        process.communicate()
