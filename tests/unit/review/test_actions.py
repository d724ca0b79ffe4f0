from datetime import UTC, date, datetime, timedelta

import pytest

from tocsin.review.actions import ActionItem, parse_actions
from tocsin.review.deadline import reminders, review_due
from tocsin.runbook.policy import Review

WRITTEN = """\
## Action items

- [ ] Watch the **pool** (@ana, 2026-12-01)
- [x] Give up after a while (15s) (@ben.b, 2026-11-28)
* [ ] Ask the vendor (due 2026-12-24, owner: Cleo)
- [ ] A long one that goes on
      below (@dora)
- [ ] Nobody's (for now)
- [ ] Watch the pool (@eve)
- [ ] Odd day (2026-02-30)
- a plain item (@ana, 2026-12-01)

```
- [ ] an example (@ana, 2026-12-01)
```
"""
ENDED = datetime(2026, 11, 24, 2, 57, tzinfo=UTC)


def test_check_boxes_become_action_items() -> None:
    assert parse_actions(WRITTEN) == (
        ActionItem(id="watch-the-pool", text="Watch the pool", owner="ana", due=date(2026, 12, 1)),
        ActionItem(
            id="give-up-after-a-while",
            text="Give up after a while (15s)",
            owner="ben.b",
            due=date(2026, 11, 28),
            done=True,
        ),
        ActionItem(id="ask-the-vendor", text="Ask the vendor", owner="Cleo", due=date(2026, 12, 24)),
        ActionItem(id="a-long-one-that-goes-on-below", text="A long one that goes on below", owner="dora"),
        ActionItem(id="nobodys", text="Nobody's (for now)"),
        ActionItem(id="watch-the-pool-2", text="Watch the pool", owner="eve"),
        ActionItem(id="odd-day", text="Odd day (2026-02-30)"),
    )


def test_an_id_outlives_a_new_owner_day_and_tick() -> None:
    before, after = parse_actions("- [ ] Oil it (@ana)") + parse_actions("- [x] Oil it (@ben, 2026-12-01)")
    assert before.id == after.id


def test_words_in_any_script_have_an_id() -> None:
    (item,) = parse_actions("- [ ] 監視する (@ana)")
    assert item.id


def test_what_the_draft_asks_for_is_no_action_item() -> None:
    assert parse_actions("<ask: What will be changed, by whom, until when?>") == ()


def review(within: timedelta | None) -> Review:
    return Review(title="Review", body="", due_within=within, line=1, end_line=2)


def test_a_review_is_due_when_the_document_says() -> None:
    assert review_due(ENDED, review(timedelta(hours=48))) == datetime(2026, 11, 26, 2, 57, tzinfo=UTC)
    assert reminders(ENDED, review(timedelta(hours=48))) == (
        datetime(2026, 11, 25, 14, 57, tzinfo=UTC),
        datetime(2026, 11, 26, 2, 57, tzinfo=UTC),
    )


@pytest.mark.parametrize("template", [None, review(None)])
def test_without_a_time_nothing_is_due(template: Review | None) -> None:
    assert review_due(ENDED, template) is None
    assert reminders(ENDED, template) == ()
