"""The practice runbook's commands, each judged as somebody would who read it with care."""

import pytest

from tocsin.guard.ruling import Ruling, rule
from tocsin.runbook.policy import Step
from tocsin.runbook.reading import read_runbook

DESTROYING = {210}
CHANGING = {70, 77, 118, 122, 124, 170, 174, 177, 211, 215, 284, 411}
ENDLESS = {64, 70, 104, 197, 200, 215, 234, 237, 396}
ON_A_TERMINAL = {70, 197}
TELLING = {408}
SHOWING = {110, 143, 151, 159, 170, 174, 177, 399}
OPAQUE = {118, 124, 215}
BLANK = {170}
BY_A_PERSON = DESTROYING | CHANGING | {414}
"""Lines nobody may run without looking: they change something, or need a file that stands elsewhere in the document."""


@pytest.fixture(scope="module")
def rulings(seed: bytes) -> dict[int, Ruling]:
    runbook = read_runbook(seed)
    steps: list[Step] = [*runbook.commands]
    for entry in runbook.incident_types:
        steps += [*entry.diagnostics, *(step for branch in entry.resolution for step in branch.steps)]
    return {step.line: rule(step.source) for step in steps if step.kind == "command"}


def test_every_command_has_the_risk_that_it_has(rulings: dict[int, Ruling]) -> None:
    assert {line for line, ruling in rulings.items() if ruling.risk == "destructive"} == DESTROYING
    assert {line for line, ruling in rulings.items() if ruling.risk == "change"} == CHANGING
    assert len(rulings) == 38


@pytest.mark.parametrize(
    ("flag", "lines"),
    [("endless", ENDLESS), ("tty", ON_A_TERMINAL), ("prints-secret", TELLING), ("secret-in-argv", SHOWING),
     ("opaque", OPAQUE), ("placeholder", BLANK)],
)  # fmt: skip
def test_every_hazard_is_seen_as_it_is_written(rulings: dict[int, Ruling], flag: str, lines: set[int]) -> None:
    assert {line for line, ruling in rulings.items() if flag in ruling.source.flags} == lines


def test_what_is_left_runs_by_itself_and_ends(rulings: dict[int, Ruling]) -> None:
    assert {line for line, ruling in rulings.items() if not ruling.unattended} == BY_A_PERSON
    assert not [line for line, ruling in rulings.items() if ruling.unattended and "endless" in ruling.flags]
