"""Every rule has a page, and its examples are true: the bad one has the finding, the good one has not."""

import re
from pathlib import Path

import pytest

from tocsin.runbook.reading import read_runbook
from tocsin.runbook.rules import ELSEWHERE, RULES, explanation

PAGES = Path(__file__).parents[3] / "docs/rules"
ONLY_ELSEWHERE = {"RB004", "RB111", "RB112", "RB132"}
"""Nothing of these can be seen in the document alone."""


def codes(document: str) -> set[str]:
    return {finding.code for finding in read_runbook(document.encode()).findings}


@pytest.mark.parametrize("code", sorted(set(RULES) - ONLY_ELSEWHERE))
def test_the_bad_example_of_a_rule_has_its_finding_and_the_good_one_has_not(code: str) -> None:
    assert code in codes(RULES[code].bad)
    assert code not in codes(RULES[code].good)


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_finding_has_the_level_of_its_rule(code: str) -> None:
    if code not in ONLY_ELSEWHERE:
        found = read_runbook(RULES[code].bad.encode()).findings
        assert {finding.level for finding in found if finding.code == code} == {RULES[code].level}


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_page_of_a_rule_is_what_explain_prints(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text("utf-8")
    assert page == explanation(code)
    headings = re.findall(
        r"^## (.+)$", re.sub(r"^````.*?^````", "", page, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    assert headings == ["Why", "At 3 a.m.", "What to do", "Example", "When it is meant"]


def test_there_is_no_page_without_a_rule() -> None:
    assert {path.stem for path in PAGES.glob("RB*.md")} == set(RULES)


def test_what_needs_a_look_elsewhere_is_known() -> None:
    assert ONLY_ELSEWHERE <= ELSEWHERE
