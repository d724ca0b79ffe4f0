"""When a storm is on, and until when."""

from datetime import timedelta

from msgspec.structs import replace

from tocsin.grouping.storm import FEWEST, WITHIN, storm
from tocsin.incident.facts import Because
from tocsin.incident.incident import Incident, Other
from unit.timeline import BEGAN, opened, story

MINUTE = timedelta(minutes=1)


def incident(number: str, *joined: float, began: float = 0) -> Incident:
    """An incident that opened so many minutes after the beginning, with alerts that joined then."""
    why = Because("it is the same entry")
    others = {f"m/{n}": Other(summary="x", joined_at=BEGAN + at * MINUTE, because=why) for n, at in enumerate(joined)}
    at = BEGAN + began * MINUTE
    return replace(story((0, opened())), number=number, opened_at=at, began_at=at, others=others)


def test_a_few_alerts_are_no_storm_and_one_more_is() -> None:
    few = incident("A", *([1.0] * (FEWEST - 2)))
    assert storm([few], BEGAN + MINUTE) is None
    assert storm([few, incident("B", began=1)], BEGAN + MINUTE) is not None


def test_a_storm_says_how_many_came_since_when_and_where_most_of_them_are() -> None:
    on = storm([incident("A", *([1.0] * 11)), incident("B", 2.0, began=2)], BEGAN + 3 * MINUTE)
    assert on is not None
    assert (on.alerts, on.incidents, on.since, on.largest, on.most) == (14, 2, BEGAN, "A", 12)
    assert on.counts == {"A": 12, "B": 2}


def test_it_is_over_once_too_few_of_the_alerts_are_recent_at_the_instant_it_said() -> None:
    known = [incident("A", *(0.5 * n for n in range(1, 15)))]
    on = storm(known, BEGAN + 8 * MINUTE)
    assert on is not None
    assert storm(known, on.until - timedelta(seconds=1)) is not None
    assert storm(known, on.until) is None


def test_what_is_older_or_still_to_come_counts_for_nothing() -> None:
    assert storm([incident("A", *([0.0] * 30))], BEGAN + WITHIN) is None
    assert storm([incident("A", *([5.0] * 30), began=5)], BEGAN) is None


def test_an_incident_that_comes_back_counts_again() -> None:
    back = replace(incident("A"), began_at=BEGAN + 5 * MINUTE)
    known = [replace(back, number=str(n)) for n in range(FEWEST // 2)]
    on = storm(known, BEGAN + 5 * MINUTE)
    assert on is not None
    assert on.alerts == FEWEST


def test_alerts_that_a_person_merges_or_splits_off_are_no_storm() -> None:
    calm = incident("A", *([1.0] * FEWEST))
    merged = replace(calm, others={key: replace(other, moved=True) for key, other in calm.others.items()})
    split_off = replace(incident("B", *([1.0] * FEWEST), began=1), apart=("m/rest",))
    assert storm([calm], BEGAN + MINUTE) is not None
    assert storm([merged, split_off], BEGAN + MINUTE) is None
