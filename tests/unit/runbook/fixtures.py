"""Cases kept as Markdown: a title, the input and what is expected, parted by lines that hold one dot."""

from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    title: str
    given: str
    expected: str


def cases(name: str) -> list[Case]:
    text = (Path(__file__).parent / "cases" / f"{name}.md").read_text("utf-8")
    parts = text.split("\n.\n")
    found = [Case(parts[n].strip().splitlines()[-1], parts[n + 1], parts[n + 2]) for n in range(0, len(parts) - 2, 3)]
    assert found, f"no cases in {name}.md"
    return found


def case_title(case: Case) -> str:
    return case.title
