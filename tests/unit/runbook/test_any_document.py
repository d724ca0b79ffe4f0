"""Documents nobody would write: cut, mixed and spoiled. None is lost, none hangs, none is half read.

`TOCSIN_DOCUMENTS=10000` tries as many mutated documents; a few hundred are tried otherwise.
"""

import os
import random
import re
from pathlib import Path

import msgspec
import pytest

from tocsin.errors import RunbookUnreadable
from tocsin.runbook.accounting import fact_lines
from tocsin.runbook.decoding import MOST_BYTES, MOST_LINES, decode
from tocsin.runbook.facts_view import facts
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook

COUNT = int(os.environ.get("TOCSIN_DOCUMENTS", "300"))
SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[4] / "shared"))
OWN = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "documents").glob("*.md"))]
THEIRS = [path.read_text("utf-8") for path in sorted([*SHARED.glob("runbooks/*.md"), *SHARED.glob("seed/*.md")])]
ODD = [
    "", "```", "~~~bash", "---", "***", "> ", ">>> x", "- ", "1. ", "\t- x", "| a | b |", "|---|---|", "<!--", "-->",
    "<details>", "<!-- tocsin:incident severity=P0 -->", "<!-- tocsin:skip -->", "# ", "###### x", "Title", "=====",
    "**Symptoms**:", "**Fix:** x", "$ ls",
    "[a]: http://x", "\u202e", "\ufeff", "\x0c", "\x1b[31m", "\u00e2\u2020\u2019", "🚨" * 50,
    "P0" * 200, "(" * 300, "*" * 300, "`" * 99, "[" * 300, "a" * 12_000, "\\", "&lt;", "{{ x }}", "<pid>", "%",
]  # fmt: skip


def mutated(draw: random.Random) -> str:
    """Give a document cut from one or two others, with lines moved, repeated, dropped, joined and spoiled."""
    lines = [line for text in draw.sample(OWN + THEIRS, 2) for line in text.split("\n")]
    start = draw.randrange(len(lines))
    lines = lines[start : start + draw.randrange(5, 160)] or ["x"]
    for _ in range(draw.randrange(1, 25)):
        at = draw.randrange(len(lines))
        kind = draw.randrange(8)
        if kind == 0:
            lines.insert(at, draw.choice(ODD))
        elif kind == 1:
            lines[at] = draw.choice(ODD) + lines[at]
        elif kind == 2:
            lines[at] += draw.choice(ODD)
        elif kind == 3:
            lines.insert(at, lines[draw.randrange(len(lines))])
        elif kind == 4 and len(lines) > 1:
            del lines[at]
        elif kind == 5:
            lines[at] = " " * draw.randrange(1, 9) + lines[at]
        elif kind == 6:
            cut = draw.randrange(len(lines[at]) + 1)
            lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
        else:
            characters = list(lines[at])
            draw.shuffle(characters)
            lines[at] = "".join(characters)
    return draw.choice(["\n", "\n", "\r\n", "\r"]).join(lines)


def read_or_refuse(data: bytes) -> Runbook | None:
    """Let only the one expected error pass."""
    try:
        return read_runbook(data, "docs/RUNBOOK.md")
    except RunbookUnreadable:
        return None


def assert_no_line_is_lost(data: bytes, runbook: Runbook) -> None:
    lines = decode(data).lines
    notes = [*runbook.notes, *runbook.context]
    kept = fact_lines(runbook) | {n for note in notes for n in range(note.line, (note.end_line or note.line) + 1)}
    assert [n for n, line in enumerate(lines, 1) if line.strip() and n not in kept] == []
    assert [n for n in kept if not 1 <= n <= len(lines)] == []
    left = {n for note in runbook.notes for n in range(note.line, (note.end_line or note.line) + 1)}
    written = sum(bool(line.strip()) for line in lines)
    assert runbook.understood == pytest.approx(1 - len(left) / written, abs=0.0001)


@pytest.mark.parametrize("part", range(10))
def test_no_mutated_document_is_lost_or_crashes(part: int) -> None:
    for number in range(part, COUNT, 10):
        draw = random.Random(number)  # noqa: S311 - the same documents each time
        data = mutated(draw).encode(errors="surrogatepass" if draw.random() < 0.01 else "replace")
        runbook = read_or_refuse(data)
        if runbook is not None:
            assert_no_line_is_lost(data, runbook)
            msgspec.json.encode(facts(runbook))


@pytest.mark.parametrize("text", OWN + THEIRS)
def test_every_word_of_a_document_is_kept_somewhere(text: str) -> None:
    """Mark each line of running text with a word of its own and find all of them again."""
    marked, fenced, marks = [], False, []
    for number, line in enumerate(text.split("\n"), 1):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        plain_text = (
            not fenced and line.strip() and re.search(r"^\s*(?:\||[-=:| >]+$|---|<|\[[^\]]+\]:|```|    )", line) is None
        )
        if plain_text and number > 8 and not line.rstrip().endswith(("`", "\\", "-->")):
            marks.append(f"qz{number}z")
            line = f"{line.rstrip()} {marks[-1]}"  # noqa: PLW2901
        marked.append(line)
    runbook = read_runbook("\n".join(marked).encode(), "R.md")
    kept = msgspec.json.encode(runbook).decode()
    # A fact keeps what it needs of its line: of a promise the time, of a severity the name.
    short = {f"qz{line}z" for line in fact_lines(runbook)}
    assert [mark for mark in marks if mark not in kept and mark not in short] == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"# R\n" + b"- x\n" * (MOST_LINES + 1), "20002 lines"),
        (b"# R\n" + b"x" * MOST_BYTES, "1.0 MiB"),
        (b"# R\n" + b"word " * MOST_BYTES, "5.0 MiB"),
        (b"# R\n\nb\x00d", "a NUL byte"),
        (b"# R\n\nb\xc3", "not UTF-8"),
    ],
)
def test_what_is_too_large_or_no_text_is_refused_with_a_reason(data: bytes, says: str) -> None:
    with pytest.raises(RunbookUnreadable, match=says):
        read_runbook(data)


@pytest.mark.parametrize(
    "data",
    [
        b"# R\n\n## Till down\n\n**Fix**: " + b"x " * 450_000,
        b"# R\n\n## Till down\n\n**Fix**:\n\n```bash\necho " + b"x" * 900_000 + b"\n```\n",
        b"# R\n\n" + b"[" * 200_000,
        b"# R\n\nx " + b"<!--" * 100_000,
        b"# R\n\n" + b"> " * 20_000 + b"x",
        b"# R\n\n" + b"- " * 10_000 + b"x",
        b"# R\n\n" + b"".join(b" " * (2 * n) + b"- x\n" for n in range(700)),
        b"# R\n\n## Till down\n\n**Fix**:\n\n" + b"1. restart the till\n" * 4_000,
        b"# R\n\n" + b"## Till down\n\n**Fix**: x\n\n" * 1_000,
        b"# R\n\n## Till down\n\n**Fix**:\n\n```bash\ncat <<EOF\nx\n",
        b"# R\n\n" + b"|" * 50_000 + b"\n" + b"|-" * 25_000 + b"|\n",
    ],
    ids=[
        "a line",
        "a fence",
        "brackets",
        "comments",
        "quotes",
        "lists in a line",
        "lists",
        "steps",
        "entries",
        "open fence",
        "cells",
    ],
)
def test_the_longest_documents_are_read_and_no_line_of_them_is_lost(data: bytes) -> None:
    assert_no_line_is_lost(data, read_runbook(data))
