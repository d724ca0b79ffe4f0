"""When probes are due: spread out, at the same instants everywhere, and soon where nobody looked for too long."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from tocsin.engine.plan import first_look, next_look, phase_of, shard_of
from tocsin.store.probes import SHARDS, fair_share

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVERY = timedelta(seconds=15)
NAMES = [f"probe-{number}" for number in range(2000)]


def test_probes_are_spread_over_their_interval_and_over_the_shards() -> None:
    phases = sorted(map(phase_of, NAMES))
    assert max(later - earlier for earlier, later in pairwise(phases)) < 0.01
    shards = [shard_of(name) for name in NAMES]
    assert all(80 < shards.count(number) < 170 for number in range(SHARDS))


def test_a_probe_is_due_at_the_same_instants_whoever_asks_and_when() -> None:
    for name in NAMES[:50]:
        dues = {
            NOW + timedelta(seconds=ask + next_look(name, EVERY, NOW + timedelta(seconds=ask))) for ask in range(60)
        }
        near = sorted(due.timestamp() for due in dues)
        gaps = [later - earlier for earlier, later in pairwise(near) if later - earlier > 0.001]
        assert all(abs(gap - 15) < 0.001 for gap in gaps), name
        assert len(gaps) in (3, 4)


def test_what_was_not_looked_at_for_an_interval_is_due_soon() -> None:
    day = timedelta(days=1)
    for name in NAMES[:50]:
        assert first_look(name, day, None, NOW) < 10
        assert first_look(name, day, NOW - day, NOW) < 10
        assert first_look(name, day, NOW - timedelta(hours=3), NOW) == next_look(name, day, NOW)


def test_nodes_share_evenly() -> None:
    for count in range(1, 20):
        nodes = [f"node-{number}" for number in range(count)]
        shares = [fair_share(nodes, node) for node in nodes]
        assert sum(shares) == SHARDS
        assert max(shares) - min(shares) <= 1
