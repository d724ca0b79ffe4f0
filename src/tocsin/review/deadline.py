"""When the review is due, and when to remind of it."""

from datetime import datetime

from tocsin.runbook.policy import Review

# A reminder comes while a quarter of the time is left: late enough to matter, early enough to write.
LEFT = 4


def review_due(resolved_at: datetime, review: Review | None) -> datetime | None:
    """Give when the review must be done, or None when the document sets no time.

    Source: "Post-Incident Review" ("to be completed within 48 hours").
    """
    return None if review is None or review.due_within is None else resolved_at + review.due_within


def reminders(resolved_at: datetime, review: Review | None) -> tuple[datetime, ...]:
    """Give the instants to remind at: when a quarter of the time is left, and when it is due."""
    due = review_due(resolved_at, review)
    if due is None or review is None or review.due_within is None:
        return ()
    return due - review.due_within / LEFT, due
