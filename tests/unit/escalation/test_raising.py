"""Who has an incident is told when an alert makes it worse."""

from tocsin.escalation.raising import raise_reminders
from tocsin.incident import facts as f
from tocsin.incident.reminder import ReminderDue
from unit.timeline import WHY, acknowledged, at, opened, story

ALERT, PERSON = "source:monitor", "person:bo"


def changed(by: str, after: str = "P0") -> f.SeverityChanged:
    return f.SeverityChanged(by=by, before="P2", after=after, because=f.Because("it got worse", 7))


def test_who_has_it_is_told_at_once_by_a_notification_with_the_reason() -> None:
    incident = story((0, opened()), (1, acknowledged("mira")), (5, changed(ALERT)))
    why = f.Because("P0 now instead of P2: it got worse", 7)
    assert raise_reminders(incident) == [ReminderDue("severity", "3", at(5), False, "holder", why)]


def test_it_is_told_once_and_again_only_when_it_gets_still_worse() -> None:
    told = f.Reminded(topic="severity", stage="3", people=(f.Called("mira"),), wake=False, because=WHY)
    known: list[tuple[float, f.FactBody]] = [(0, opened()), (1, acknowledged("mira")), (5, changed(ALERT)), (5, told)]
    assert raise_reminders(story(*known)) == []
    [again] = raise_reminders(story(*known, (9, changed(ALERT))))
    assert (again.stage, again.due) == ("5", at(9))


def test_nobody_is_told_of_what_they_saw_when_they_took_it_nor_while_nobody_has_it() -> None:
    assert raise_reminders(story((0, opened()), (5, changed(ALERT)))) == []
    assert raise_reminders(story((0, opened()), (5, changed(ALERT)), (6, acknowledged("mira")))) == []


def test_what_a_person_changes_or_what_is_over_is_not_told() -> None:
    assert raise_reminders(story((0, opened()), (1, acknowledged("mira")), (5, changed(PERSON)))) == []
    over = f.Resolved(by=PERSON, cause="person", why="done")
    assert raise_reminders(story((0, opened()), (1, acknowledged("mira")), (5, changed(ALERT)), (6, over))) == []
