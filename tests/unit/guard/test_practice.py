"""How right the guard is on a set of labelled commands. They measure; nothing is made to fit them."""

import json
from collections import Counter
from functools import cache
from typing import Any, NamedTuple

import pytest

from conftest import SHARED
from tocsin.guard.judge import judge
from tocsin.guard.judgement import NEVER_ALONE, Judgement
from tocsin.guard.ruling import rule

PATH = SHARED / "corpora" / "commands-dev.jsonl"


class Case(NamedTuple):
    """A labelled command. `risks` are the risks that count as right."""

    id: str
    text: str
    lang: str
    risk: str
    risks: frozenset[str]
    flags: frozenset[str]


@cache
def cases() -> tuple[Case, ...]:
    """Give every labelled command; skips without them."""
    if not PATH.is_file():
        pytest.skip(f"needs {PATH.name}, which lies beside the project and not in it")
    return tuple(_case(json.loads(line)) for line in PATH.read_text().splitlines())


def _case(line: dict[str, Any]) -> Case:
    expect = line["expect"]
    also = expect.get("also_risk", [])
    risks = frozenset((expect["risk"], *([also] if isinstance(also, str) else also)))
    return Case(line["id"], line["text"], line["lang"], expect["risk"], risks, frozenset(expect["flags"]))


@cache
def verdict(case: Case) -> Judgement:
    return judge(case.text, case.lang)


def test_nothing_that_changes_something_runs_by_itself() -> None:
    wrong = [case.id for case in cases() if case.risk != "read" and verdict(case).unattended]
    assert wrong == []


def test_nothing_that_changes_something_runs_by_itself_after_it_was_rewritten() -> None:
    for case in cases():
        ruling = rule(case.text, case.lang)
        assert not (ruling.unattended and case.risk != "read"), case.id


def test_nothing_that_stays_or_tells_a_secret_runs_by_itself() -> None:
    assert [case.id for case in cases() if verdict(case).unattended and case.flags & NEVER_ALONE] == []


def test_nothing_destructive_is_judged_below_a_change() -> None:
    assert [case.id for case in cases() if case.risk == "destructive" and verdict(case).risk == "read"] == []


def test_nothing_that_changes_something_is_judged_a_read() -> None:
    assert [case.id for case in cases() if "read" not in case.risks and verdict(case).risk == "read"] == []


def test_nearly_all_that_reads_is_judged_a_read() -> None:
    reads = [case for case in cases() if case.risk == "read"]
    found = [case for case in reads if verdict(case).risk == "read"]
    assert len(found) / len(reads) >= 0.92


def test_nearly_every_hazard_is_seen() -> None:
    found, missed = Counter[str](), Counter[str]()
    for case in cases():
        found.update(case.flags & set(verdict(case).flags))
        missed.update(case.flags - set(verdict(case).flags))
    assert found.total() / (found.total() + missed.total()) >= 0.95, missed
    assert all(found[flag] / (found[flag] + missed[flag]) >= 0.9 for flag in found | missed), missed


def test_many_reads_run_by_themselves() -> None:
    reads = [case for case in cases() if case.risk == "read" and not case.flags & NEVER_ALONE]
    assert sum(rule(case.text, case.lang).unattended for case in reads) / len(reads) >= 0.5
