"""The shapes in which people write fences: what of them is a command, what a person does, and what is only text."""

import re

import pytest

from unit.runbook.fixtures import Case, case_title, cases
from unit.runbook.test_steps import read, told


@pytest.mark.parametrize("case", cases("shapes"), ids=case_title)
def test_a_shape_is_read(case: Case) -> None:
    info = re.search(r"\[(.*)\]$", case.title)
    assert info is not None
    assert "\n".join(told(read(case.given, info[1]))) == case.expected


def test_windows_line_ends_are_no_part_of_a_command() -> None:
    sources = [step.source for branch in read("uptime\r\ncurl -s \\\r\n  x.example\r\n") for step in branch.steps]
    assert sources == ["uptime", "curl -s \\\r\n  x.example"]
