"""The order of what waits for a reader, whatever order it is found in."""

import itertools
from datetime import UTC, datetime, timedelta

from tocsin.web.needs import Kind, Need, in_order

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def need(kind: Kind, hours: float, link: str = "/") -> Need:
    return Need(kind, NOON + timedelta(hours=hours), hours <= 0, "", "", link)


def test_the_law_comes_first_then_what_may_be_broken_then_customers_then_the_next_page_and_paper_last() -> None:
    kinds: tuple[Kind, ...] = ("deadline", "unknown", "update", "nobody", "unreachable", "review", "action")
    # Each later kind waits longer already: the kind counts more.
    wanted = tuple(need(kind, -place) for place, kind in enumerate(kinds))
    assert in_order(reversed(wanted)) == wanted


def test_of_one_kind_what_is_late_longest_comes_first_and_ties_are_settled() -> None:
    wanted = (need("review", -9), need("review", -1), need("review", 2, "/a"), need("review", 2, "/b"))
    assert {in_order(some) for some in itertools.permutations(wanted)} == {wanted}
