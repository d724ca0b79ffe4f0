"""Every rule has a page, and its examples are true: the bad one has the finding, the good one has not."""

import re
from pathlib import Path

import pytest

from tocsin.runbook.reading import read_runbook
from tocsin.runbook.rules import ELSEWHERE, RULES, explanation
from unit.runbook.fixtures import Case, cases

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


# -- each rule in several clothes, and what only looks like it


FRAMES = {
    "diagnosis": ("## Kiln cold (P1)\n\n**Diagnosis**:\n\n```bash\n", "\n```\n"),
    "fix": ("## Kiln cold (P1)\n\n**Fix**:\n\n```bash\n", "\n```\n"),
    "sql": ("## Kiln cold (P1)\n\n**Diagnosis**:\n\n```sql\n", "\n```\n"),
}
"""A case that begins with `%% fix` is a fence in an entry, and its lines count from the first one of the fence."""


def framed(given: str) -> tuple[str, int]:
    """Give the whole document of a case, and how many lines stand before those that it counts."""
    found = re.match(r"%% (\w+)\n", given)
    if found is None:
        return given, 0
    before, behind = FRAMES[found[1]]
    return before + given[found.end() :] + behind, before.count("\n")


@pytest.mark.parametrize(
    ("code", "case"),
    [(code, case) for code in sorted(set(RULES) - ONLY_ELSEWHERE) for case in cases(f"rules/{code}")],
    ids=lambda value: value.title if isinstance(value, Case) else value,
)
def test_a_rule_finds_its_trouble_in_other_clothes_and_nothing_else(code: str, case: Case) -> None:
    document, before = framed(case.given)
    expected = [] if case.expected == "-" else [int(line) + before for line in case.expected.split()]
    found = [finding.line for finding in read_runbook(document.encode()).findings if finding.code == code]
    assert found == expected


@pytest.mark.parametrize("code", sorted(set(RULES) - ONLY_ELSEWHERE))
def test_each_rule_has_three_cases_that_are_it_and_two_that_only_look_like_it(code: str) -> None:
    clean = [case for case in cases(f"rules/{code}") if case.expected == "-"]
    assert len(clean) >= 2
    assert len(cases(f"rules/{code}")) - len(clean) >= 3


@pytest.mark.parametrize(
    "body", ["(" * 3000 + ")" * 3000, "echo " + "$(" * 1500 + ")" * 1500, "a | " * 3000, "x" * 10**6]
)
def test_a_command_of_nobody_is_no_reason_to_fail(body: str) -> None:
    document = f"## Kiln cold (P1)\n\n**Fix**:\n\n```bash\n{body}\n```\n"
    assert codes(document) >= {"RB203", "RB220"}
