"""How long ago an entry was rehearsed: only the date in the document and the day of the check decide."""

from datetime import date

import pytest

from tocsin.runbook.entry_checks import stale
from tocsin.runbook.reading import read_runbook

TODAY = date(2026, 11, 25)


def document(told: str) -> str:
    return f"# Kiln\n\n## Kiln cold (P1)\n\n**Fix**: light it\n\n{told}\n"


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("**Rehearsed**: 2026-11-01", None),
        ("**Last rehearsed**: 2026-05-30", None),
        ("**Last rehearsed**: 2026-05-28", 7),
        ("Last drill: 2019-01-01, the next one 2019-07-01", 7),
        ("**Rehearsed**: 2024-01-09\n\n**Rehearsed**: 2026-10-09", None),
        ("**Tested**: 2025-13-41", None),
        ("**Rehearsed**: every month", None),
        ("Exercised: 2023-03", 7),
    ],
)
def test_a_rehearsal_is_too_long_ago_after_half_a_year(told: str, line: int | None) -> None:
    text = document(told)
    found = stale(read_runbook(text.encode()), tuple(text.split("\n")), TODAY)
    assert [(finding.code, finding.line) for finding in found] == ([] if line is None else [("RB220", line)])


def test_an_entry_without_a_date_of_its_own_has_that_of_the_document() -> None:
    text = "# Kiln\n\nGame day: 2020-02-02\n\n" + document("").removeprefix("# Kiln\n\n")
    [found] = stale(read_runbook(text.encode()), tuple(text.split("\n")), TODAY)
    assert found.line == 3
    assert "Kiln cold" in found.message
