import pytest

from tocsin.engine.pacing import Pacing, UnderWay
from tocsin.incident.jobs import Page, lane_of

PAGE = Page(level="L1", round=1, person="ada", method="0.hook")


@pytest.mark.parametrize(("together", "closed"), [(True, (lane_of(PAGE),)), (False, ())])
def test_only_where_messages_go_together_one_waits_for_the_other(together: bool, closed: tuple[str, ...]) -> None:
    pacing = Pacing(lambda _: None, lambda _: together)
    assert pacing.closed(UnderWay([PAGE]), 64, 0.0).lanes == closed
