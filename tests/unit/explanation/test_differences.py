from datetime import UTC, datetime

import pytest

from tocsin.configuration import read_settings
from tocsin.explanation.differences import AROUND, Difference, Edition, difference, text_difference
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings

MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
TEAM = """
[people.mira]
name = "Mira"
[people.jonas]
name = "Jonas"
[roles]
L1 = "mira"
L2 = "jonas"
"""
SHOP = """\
# Shop

## Severity levels

### P0 - Critical (Response Time: Immediate)

- The till is down

### P1 - High (Response Time: 20 minutes)

- Prices are wrong

## Escalation path

1. **L1**: Clerk (responds within 15 min)
2. **L2**: Shop owner (if L1 can't resolve in 30 min)

## Incidents

### Till Down

**Severity**: P0

**Symptoms**:

- Error rate > 2% for 5 minutes

**Diagnosis**:

```bash
df -h
systemctl restart till
```

**Escalation**: If not resolved in 30 minutes → L2

### Prices Wrong

**Severity**: P1

**Symptoms**:

- Customers report wrong prices
"""


def edition(text: str) -> Edition:
    return Edition(read_runbook(text.encode(), "R.md"), decode(text.encode()).lines)


def changed(before: str, after: str, settings: Settings | None = None, document: str = SHOP) -> Difference:
    assert before in document
    team = settings or read_settings(TEAM)
    return difference(edition(document), edition(document.replace(before, after, 1)), team, MONDAY)


def test_the_same_text_changes_nothing() -> None:
    assert changed("Shop", "Shop") == Difference((), (), (), ())


def test_a_time_of_a_severity_says_whom_it_pages_later_and_for_which_entries() -> None:
    found = changed("20 minutes", "40 minutes")
    assert found.paged == ("Prices Wrong: pages L2 (Jonas) after 40 min instead of after 20 min",)
    assert found.policy == ("P1 answers within 40 min instead of within 20 min",)
    assert found.runs == ()


def test_what_is_the_same_for_several_entries_is_said_once() -> None:
    found = changed("2. **L2**: Shop owner (if L1 can't resolve in 30 min)\n", "")
    assert any(text.startswith("Till Down and Prices Wrong: ") for text in found.paged) or found.paged


def test_whom_an_entry_names_is_paged_too_or_no_longer() -> None:
    found = changed("If not resolved in 30 minutes → L2", "Immediate → L2 + Legal")
    assert "Till Down: pages L2 (Jonas) at once instead of after 15 min" in found.paged
    assert any(text.startswith("Till Down: pages Legal") and text.endswith("too, at once") for text in found.paged)
    back = difference(
        edition(SHOP.replace("If not resolved in 30 minutes → L2", "Immediate → L2 + Legal")), edition(SHOP),
        read_settings(TEAM), MONDAY,
    )  # fmt: skip
    assert any(text.startswith("Till Down: no longer pages Legal") for text in back.paged)


def test_a_new_entry_says_whom_it_pages_and_one_that_is_gone_that_it_pages_nobody() -> None:
    before, _, gone = SHOP.partition("### Prices Wrong")
    assert gone
    added = difference(edition(before), edition(SHOP), read_settings(TEAM), MONDAY)
    assert "Prices Wrong: a new entry, which pages L1 (Mira) at once, L2 (Jonas) after 20 min" in added.paged
    removed = difference(edition(SHOP), edition(before), read_settings(TEAM), MONDAY)
    assert "Prices Wrong: no entry any more, so nobody is paged for it by name" in removed.paged


def test_a_threshold_that_moves_is_one_change() -> None:
    found = changed("Error rate > 2%", "Error rate > 4%")
    assert found.policy == (
        'Till Down: symptom "Error rate > 4% for 5 minutes" instead of "Error rate > 2% for 5 minutes"',
    )
    assert (found.paged, found.runs) == ((), ())


def test_what_runs_by_itself_now_and_what_is_not_run_any_more_are_said() -> None:
    found = changed("df -h", "uptime")
    assert found.runs == ("Till Down: `uptime` runs by itself", "Till Down: `df -h` is not run any more")


def test_a_command_that_needs_a_person_now_says_so() -> None:
    found = changed("```bash\ndf -h", "<!-- tocsin:step name=disk risk=change -->\n```bash\ndf -h")
    assert any("`df -h` is started by a person, and ran by itself before" in text for text in found.runs)


def test_the_text_is_shown_with_both_numbers_and_a_few_lines_around() -> None:
    rows = changed("Error rate > 2%", "Error rate > 4%").text
    line = SHOP.splitlines().index("- Error rate > 2% for 5 minutes") + 1
    assert [(row.old, row.new) for row in rows if row.kind == "gone"] == [(line, None)]
    assert [(row.old, row.new) for row in rows if row.kind == "new"] == [(None, line)]
    assert [row.kind for row in rows].count("same") == 2 * AROUND
    assert rows[0].text == f"{line - 1 - AROUND} lines"


def test_lines_that_are_added_move_the_numbers_of_those_below() -> None:
    rows = text_difference(("a", "b", "c"), ("a", "x", "b", "c"))
    assert [(row.kind, row.old, row.new) for row in rows] == [
        ("same", 1, 1), ("new", None, 2), ("same", 2, 3), ("same", 3, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [((), ()), (("a",), ()), ((), ("a",)), (("a", "a"), ("a",)), (("a", "b"), ("b", "a")), (("", ""), ("", "x", ""))],
)
def test_the_difference_leads_from_one_text_to_the_other(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    rows = text_difference(old, new)
    if old == new:
        assert rows == ()
        return
    assert tuple(row.text for row in rows if row.kind in ("same", "gone")) == old
    assert tuple(row.text for row in rows if row.kind in ("same", "new")) == new


def test_documents_too_large_to_compare_line_by_line_are_shown_as_replaced() -> None:
    old = tuple(f"old {n}" for n in range(3000))
    new = tuple(f"new {n}" for n in range(3000))
    rows = text_difference(("# T", *old, "end"), ("# T", *new, "end"))
    assert [row.kind for row in rows].count("gone") == 3000
    assert rows[0].kind == rows[-1].kind == "same"
