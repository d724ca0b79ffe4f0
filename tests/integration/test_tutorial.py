"""The tutorial, followed step by step: every command on the page is run, and prints what the page shows.

The page may cut what is printed: `...` stands for anything in its line, and a line of nothing else for any lines.
"""

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from conftest import ROOT
from integration.servers import EXAMPLE, PATIENCE, Program

PAGE = ROOT / "docs" / "tutorial" / "first-incident.md"
UP, TOCSIN, CUT = "script/up", ".venv/bin/tocsin", "..."
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
OWN: tuple[tuple[str, str], ...] = (
    (r"(?<=INC-)\d{4}(?=-\d{4})", "<year>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "<instant>"),
    (r"\d\d:\d\d:\d\d Berlin, [A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2}", "<moment>"),
    # The day is named near midnight.
    (rf"(?:\b{_DAY} )?\b\d\d:\d\d\b(?: on {_DAY} \d{{1,2}} [A-Z][a-z]{{2}})?", "<time>"),
    (r"(?<=token=)[\w-]+", "<token>"),
    (r"(?<=\.)(?:mira|jonas)\.[\w-]+", "<on call>.<signature>"),
    (r'(?:(?<="dedup_key":")|(?<=monitoring/))[0-9a-f]{8,}', "<key>"),
    (r"#\d+ +", "#<n> "),
    (r"\b\d+ facts", "<n> facts"),
    # They take turns, a week each.
    (r"Mira Okafor|Jonas Weber", "<on call>"),
    (r"(?<=/)(?:mira|jonas)(?=/)", "<on call>"),
)
"""What is another each time: an expression, and what stands for whatever it finds."""


class Block(NamedTuple):
    """A fenced block of the page."""

    kind: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Give the fenced blocks of a page."""
    for found in re.finditer(r"^```(\w+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        yield Block(found[1], found[2], page.count("\n", 0, found.start()) + 1)


def asked(block: Block) -> Iterator[tuple[str, str]]:
    """Give each command of a console block with what is shown below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def told(text: str) -> str:
    """Give a text without what is another each time."""
    for found, word in OWN:
        text = re.sub(found, word, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def shows(shown: str) -> re.Pattern[str]:
    """Give what matches everything that may be printed where the page shows this."""
    lines = [
        r"(?:.*\n)*?" if line.strip() == CUT else ".*".join(map(re.escape, line.split(CUT))) + "\n"
        for line in told(shown).split("\n")
    ]
    return re.compile("".join(lines))


class Reader:
    """Somebody who follows the page with a clone of their own and fresh data."""

    def __init__(self, program: Program) -> None:
        self.program = program.serve(EXAMPLE, "--config", EXAMPLE.parent / "demo.toml")

    def said(self) -> str:
        """What the first terminal shows."""
        return self._here(self.program.out.read_text())

    def types(self, command: str) -> str:
        """What the second terminal prints."""
        if command.startswith("curl") and command.endswith(CUT):
            begun = command.removesuffix(CUT).strip()
            command = next(line.strip() for line in self.said().split("\n") if line.strip().startswith(begun))
        typed = command.replace("http://127.0.0.1:8080", self.program.url)
        typed = typed.replace(TOCSIN, f"{sys.executable} -m tocsin")
        typed = re.sub(r"(?<=INC-)\d{4}", f"{time.gmtime().tm_year}", typed)
        done = subprocess.run(
            ["bash", "-c", typed],
            env=self.program.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        self._settled()
        return self._here(done.stdout)

    def _here(self, text: str) -> str:
        return text.replace(self.program.url, "http://127.0.0.1:8080").replace(f"{ROOT}/", "")

    def _settled(self) -> None:
        """Wait as somebody does who reads on: until nothing more happens by itself."""
        until = time.monotonic() + PATIENCE
        while self._under_way():
            assert time.monotonic() < until, "it never settles"
            time.sleep(0.1)

    def _under_way(self) -> bool:
        """Whether something is to be done now, or somebody does it."""
        asked = "SELECT 1 FROM job WHERE lease IS NOT NULL OR max(due, not_before) <= ?"
        with closing(sqlite3.connect(self.program.data / "tocsin.db", timeout=60)) as db:
            return db.execute(asked, (time.time_ns() // 1000,)).fetchone() is not None


def test_whoever_follows_the_tutorial_sees_what_it_shows(program: Program) -> None:
    reader = Reader(program)
    page = PAGE.read_text()
    drifted, commands = [], 0
    for block in blocks(page):
        if block.kind == "text" and not shows(block.text).search(told(reader.said()) + "\n"):
            drifted.append(f"line {block.line} is not what the first terminal shows:\n{told(reader.said())}")
        for command, shown in asked(block) if block.kind == "console" else ():
            printed = reader.said() if command == UP else reader.types(command)
            commands += 1
            if not shows(shown).fullmatch(told(printed) + "\n"):
                drifted.append(f"line {block.line}, $ {command}\nprints\n{told(printed)}")
    assert not drifted, "\n\n".join(drifted)
    assert commands == page.count("\n$ ")


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("1 incidents, 17 facts, 0 faults", "1 incidents, 9 facts, 0 faults", True),
        ("1 incidents, 17 facts, 0 faults", "1 incidents, 9 facts, 1 faults", False),
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a\n...\nd", "a\nb\nc", False),
        ("L1 called: ... :31", "L1 called: Mira Okafor, first. :31", True),
        ("L1 called: ... :31", "L1 called: Mira Okafor, first. :32", False),
        ("L2  Priya Raman :32", "L2  Tomasz Lind :32", False),
        ("L2 is called at 2026-11-23 15:04:43 UTC", "L2 is called at 2027-01-02 03:04:05 UTC", True),
        ("(L2) is paged at 16:04.", "(L2) is paged at 00:11 on Fri 27 Nov.", True),
        ("(L2) is paged at 16:04.", "(L2) is paged at 16:04 on call.", False),
    ],
)
def test_a_page_and_a_product_that_differ_are_told_apart(shown: str, printed: str, same: bool) -> None:
    assert bool(shows(shown).fullmatch(told(printed) + "\n")) == same
