"""Fences become steps: titles, branches, phases, what a person does and what can run as written."""

from collections.abc import Iterator

import pytest

from tocsin.runbook.document import Block
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.policy import Branch
from tocsin.runbook.steps import StepReader
from unit.runbook.fixtures import Case, case_title, cases


def read(body: str, info: str = "bash") -> tuple[Branch, ...]:
    block = Block(kind="fence", line=0, end_line=body.count("\n") + 2, body_line=1, text=body + "\n", info=info)
    return StepReader("till-down", Ledger()).fence(block, "resolution")


def told(branches: tuple[Branch, ...]) -> Iterator[str]:
    for number, branch in enumerate(branches):
        if branch.condition is not None:
            yield f"{'!' if branch.kind == 'phase' else '?'} {branch.condition} :{branch.line}"
        elif number:
            yield "?"
        for step in branch.steps:
            source = f" | {step.source}".replace("\n", "⏎") if step.kind == "command" else ""
            why = f" not: {step.why_not}" if step.why_not else ""
            yield f"- {step.kind} {step.title}{source} :{step.line}{why}"


@pytest.mark.parametrize("case", cases("fences"), ids=case_title)
def test_a_fence_is_read(case: Case) -> None:
    assert "\n".join(told(read(case.given))) == case.expected


def test_step_ids_are_unique_and_made_of_titles() -> None:
    steps = [s for b in read("# Look\nuptime\n\n# Look\nuptime\n\nkubectl get pods -n shop") for s in b.steps]
    assert [step.id for step in steps] == ["till-down.look", "till-down.look-2", "till-down.kubectl-get-pods"]


def test_a_fence_without_a_language_runs_only_well_known_commands() -> None:
    steps = [s for b in read("kubectl get pods\nfrobnicate now", "") for s in b.steps]
    assert [step.executable for step in steps] == [True, False]


def test_a_fence_in_another_language_is_text_for_another_file() -> None:
    [branch] = read("a: 1", "yaml")
    assert [(step.kind, step.executable) for step in branch.steps] == [("snippet", False)]


def test_sql_is_one_step() -> None:
    [branch] = read("-- Who is there?\nSELECT 1;", "sql")
    assert [(s.title, s.language, s.executable) for s in branch.steps] == [("Who is there?", "sql", True)]
