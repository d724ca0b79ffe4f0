"""What an edit of the runbook changes, in words."""

from pathlib import Path

from tocsin.runbook.changes import changes
from tocsin.runbook.reading import read_runbook

EXAMPLE = (Path(__file__).parents[3] / "examples/sequencer/RUNBOOK.md").read_text("utf-8")


def changed(before: str, after: str) -> tuple[str, ...]:
    assert before in EXAMPLE
    return changes(read_runbook(EXAMPLE.encode()), read_runbook(EXAMPLE.replace(before, after).encode()))


def test_nothing_changes_when_only_lines_move() -> None:
    assert changed("## Severity levels", "\n\n## Severity levels") == ()


def test_a_response_time() -> None:
    assert changed("Medium (Response time: 2 hours)", "Medium (Response time: 1 hour)") == (
        "P2 answers within 1 h instead of within 2 h",
    )


def test_a_level() -> None:
    assert changed("(if not resolved in 1 hour)", "(if not resolved in 2 hours)") == (
        "L3 is called after 2 h unresolved instead of after 1 h unresolved",
    )


def test_an_entry_that_is_new_and_one_that_is_gone() -> None:
    assert changed("### 4. Out of Memory", "### 4. Disk Full") == (
        "entry Disk Full is added",
        "entry Out of Memory is removed",
    )


def test_the_rule_and_the_steps_of_an_entry() -> None:
    assert changed("Immediate → Security team + L2", "Immediate → L3") == (
        "DDoS Attack: escalates to L3 at once instead of escalates to Security team and L2 at once",
    )
    assert changed("pm2 restart sequencer\n```\n\nIf the", "true\n```\n\nIf the") == (
        'Sequencer Down: step "Restart the sequencer" is changed',
    )


def test_promises_and_contacts() -> None:
    assert changed("written within 48 hours", "written within 72 hours") == (
        "the review is due within 72 h instead of 48 h",
        '"post-incident review" is due within 72 h instead of 48 h',
    )
    assert changed("- **Legal**: legal@orderbook.example\n", "") == ('contact "Legal" is removed',)
