"""Random histories of the real engine: whatever befalls the nodes, every property of `properties.py` holds."""

import logging
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from simulation.cluster import Cluster
from simulation.company import event
from simulation.machine import Histories, HistoriesOfOneNode, HistoriesOutOfOrder, profile
from simulation.properties import broken_at_the_end, timelines
from tocsin.engine import moving
from tocsin.grouping.moving import Mover
from tocsin.store import transactions as t


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of expected warnings are of no use to anybody."""
    log = logging.getLogger("tocsin")
    before = log.level
    yield
    log.setLevel(before)


@pytest.mark.timeout(600)  # ten seconds on a machine with nothing else to do
def test_nodes_on_one_store_lose_nothing_whatever_befalls_them() -> None:
    run_state_machine_as_test(hypothesis.seed(1)(Histories), settings=profile(28))


@pytest.mark.timeout(600)
def test_one_node_whose_leases_belong_to_a_boot_loses_nothing_either() -> None:
    run_state_machine_as_test(hypothesis.seed(2)(HistoriesOfOneNode), settings=profile(24))


@pytest.mark.timeout(600)
def test_one_node_whose_transactions_come_in_any_order_loses_nothing_either() -> None:
    run_state_machine_as_test(hypothesis.seed(3)(HistoriesOutOfOrder), settings=profile(20))


def test_an_alert_that_a_person_splits_off_opens_an_incident_without_an_event() -> None:
    cluster = Cluster(3, 1, lease_expires=False)
    try:
        [node] = cluster.nodes
        alerts = [event(group, kind="checkout-down") for group in ("till", "shelf")]
        cluster.ask(node, lambda engine: engine.ingest(alerts))
        cluster.run(10.0)
        who, shelf = Mover("person:mira", "two troubles"), ("monitor/shelf",)
        cluster.ask(node, lambda engine: moving.split(engine, "INC-2026-0001", shelf, who, t.SYSTEM))
        cluster.ask(node, lambda engine: moving.merge(engine, "INC-2026-0002", "INC-2026-0001", who, t.SYSTEM))
        cluster.ask(node, lambda engine: moving.split(engine, "INC-2026-0001", shelf, who, t.SYSTEM))
        cluster.settle()
        opened = [facts[0].body for facts in timelines(cluster).values()]
        assert [getattr(body, "group_key", "") for body in opened] == ["monitor/till", *shelf, *shelf]
        assert broken_at_the_end(cluster) == []
    finally:
        cluster.close()


@pytest.mark.parametrize("lease_expires", [True, False])
def test_the_same_seed_tells_the_same_history_to_the_last_microsecond(lease_expires: bool) -> None:
    assert _told(lease_expires=lease_expires) == _told(lease_expires=lease_expires)


def _told(*, lease_expires: bool) -> object:
    cluster = Cluster(7, 3 if lease_expires else 1, lease_expires=lease_expires)
    try:
        cluster.ask(cluster.nodes[0], lambda engine: engine.ingest([event("till", severity="P0")]))
        cluster.fail_store(0.2, 30.0)
        cluster.modes["push"] = "hang"
        cluster.run(1000.0)
        cluster.kill(cluster.nodes[-1], 0.1, 100.0)
        cluster.run(50.0)
        cluster.heal()
        cluster.settle()
        assert broken_at_the_end(cluster) == []
        return timelines(cluster), cluster.ledger.accepted
    finally:
        cluster.close()
