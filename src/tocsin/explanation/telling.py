"""What became of the lines that say who is told what: templates, rhythms, deadlines, the review, contacts."""

from collections.abc import Iterator

from tocsin.explanation.became import Became
from tocsin.explanation.calling import Placed
from tocsin.runbook.durations import spoken
from tocsin.runbook.policy import Deadline, Runbook

_CHANNELS = {"slack": "a chat", "status-page": "the status page", "email": "e-mail"}


def became_of_messages(runbook: Runbook) -> Iterator[Placed]:
    """Give what templates, update rhythms and the review became, each at its first line."""
    for template in runbook.templates:
        channel = f", for {_CHANNELS[template.channel]}" if template.channel else ""
        yield template.line, Became(
            "template", f"template **{template.title}**{channel}", "a block below a communication heading",
            "Its text is offered, filled in with what is known, when people are told.",
        )  # fmt: skip
    for cadence in runbook.cadences:
        yield cadence.line, Became(
            "cadence", f"updates every {spoken(cadence.every)}", "“every 15 minutes” beside updates is their rhythm",
            "Whoever has the incident is reminded when an update is due.",
        )  # fmt: skip
    yield from _review(runbook)


def _review(runbook: Runbook) -> Iterator[Placed]:
    review = runbook.review
    if review is None:
        return
    due = f", due {spoken(review.due_within)} after the end" if review.due_within else ""
    late = " Its owner is reminded, and paged once it is late." if review.due_within else ""
    yield review.line, Became(
        "review", f"the review{due}", "a section about what comes after an incident",
        f"When an incident is resolved, this form is filled in with what is known.{late}",
        pages=review.due_within is not None,
    )  # fmt: skip


def became_of_deadlines(runbook: Runbook) -> Iterator[Placed]:
    """Give what each stated deadline became."""
    for deadline in runbook.deadlines:
        review = runbook.review
        of_review = review is not None and review.line <= deadline.line <= review.end_line
        yield deadline.line, _deadline(deadline, of_review=of_review)


def _deadline(deadline: Deadline, *, of_review: bool) -> Became:
    rule = "“within 72 hours” sets a deadline"
    if of_review:
        effect = "The review's owner is reminded before, and paged after."
        return Became("deadline", f"review due within {spoken(deadline.within)}", rule, effect, pages=True)
    if deadline.incident_type is None:
        effect = "It stands outside the entries, so no clock runs for it."
        return Became("deadline", f"due within {spoken(deadline.within)}", rule, effect)
    effect = "A clock runs from the opening; those concerned are paged 24, 6 and 1 h before its end, and at the end."
    return Became("deadline", f"clock: due within {spoken(deadline.within)}", rule, effect, pages=True)


def became_of_contacts(runbook: Runbook) -> Iterator[Placed]:
    """Give what each contact became."""
    for contact in runbook.contacts:
        yield contact.line, Became(
            "contact", f"contact **{contact.name}**", "an item or row of the contacts",
            "It counts when roles without anybody are looked for. Pages go to the people of the configuration.",
        )  # fmt: skip
