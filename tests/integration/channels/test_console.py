import io

import pytest

from integration.channels.messages import FACTS, page
from tocsin.channels.console import Console
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
