"""Which open incidents an alert may share, as the store says: those that cannot be are not even read."""

import msgspec

from integration.store.stores import BEGAN, Told, alert, at, opened
from tocsin.detection.alert import Alert
from tocsin.engine.ports import Store
from tocsin.grouping.joining import MOST_ALERTS
from tocsin.store import transactions as t
from tocsin.store.readings import open_of_type
from tocsin.store.sqlite import InlineStore


def of(component: str | None, key: str = "new") -> Alert:
    return msgspec.structs.replace(alert(key), component=component)


async def begun(store: Store, place: int, component: str | None, entry: str | None = "db", seconds: float = 0) -> str:
    """Open an incident of an alert with that component; `entry` None as a version before did, which did not say."""
    key = f"k{place}"
    await store.write(t.ingest([of(component, key)], BEGAN))
    told = Told(f"INC-2026-{place:04d}", place, f"monitor/{key}", now=at(seconds))
    change = told.change
    head = change.head._replace(entry=entry, view=msgspec.json.encode({"id": told.number, "type": entry or "db"}))
    await store.write(t.commit(change._replace(head=head)))
    return told.number


async def test_an_alert_may_share_what_is_open_of_its_entry_with_its_component_or_none(store: Store) -> None:
    eu = await begun(store, 1, " EU ")
    us = await begun(store, 2, "us")
    none = await begun(store, 3, None)
    await begun(store, 4, "eu", entry="web")
    assert await store.read(open_of_type("db")) == (none, us, eu)
    assert await store.read(open_of_type("db", of("eu"))) == (none, eu)
    assert await store.read(open_of_type("db", of("ap"))) == (none,)
    assert await store.read(open_of_type("db", of(" "))) == (none, us, eu)
    assert await store.read(open_of_type("db", of("odd \x00 \ud800"))) == (none,)


async def test_what_nothing_happened_to_for_long_is_not_shared(store: Store) -> None:
    await begun(store, 1, None)
    late = await begun(store, 2, None, seconds=60)
    assert await store.read(open_of_type("db", of(None), at(60))) == (late,)


async def test_what_has_no_room_is_not_shared_and_still_told_of(store: Store) -> None:
    groups = tuple(f"monitor/k{place}" for place in range(1, MOST_ALERTS + 1))
    await store.write(t.ingest([of(None, group.partition("/")[2]) for group in groups], BEGAN))
    told = Told("INC-2026-0001", 1, groups[0], now=BEGAN)
    change = told.change
    head = change.head._replace(entry="db", view=msgspec.json.encode({"id": told.number, "type": "db"}))
    others = tuple((group, 1) for group in groups[1:-1])
    await store.write(t.commit(change._replace(head=head, enters=groups[:-1], others=others)))
    assert await store.read(open_of_type("db", of(None))) == (told.number,)
    grown = Told(after=told.spot, now=at(1)).change
    head = grown.head._replace(entry="db", view=head.view)
    await store.write(t.commit(grown._replace(head=head, enters=groups[-1:], others=((groups[-1], 1),))))
    assert await store.read(open_of_type("db", of(None))) == ()
    assert await store.read(open_of_type("db")) == (told.number,)


async def test_an_event_that_names_another_component_moves_its_incident_there(store: Store) -> None:
    number = await begun(store, 1, "eu")
    await store.write(t.ingest([of("us", "k1")], at(1)))
    assert await store.read(open_of_type("db", of("us"))) == (number,)
    assert await store.read(open_of_type("db", of("eu"))) == ()


async def test_what_a_version_before_wrote_is_looked_at_by_its_line(store: Store) -> None:
    known = await begun(store, 1, None, entry=None)
    assert await store.read(open_of_type("db", of("eu"))) == (known,)
    assert await store.read(open_of_type("web", of("eu"))) == ()


async def test_what_a_version_before_moved_on_is_looked_at_by_its_line_too() -> None:
    """It leaves columns as they are that it does not know."""
    store = InlineStore()
    number = await begun(store, 1, "eu")
    line = msgspec.json.encode({"id": number, "type": "web"})
    store.db.execute("UPDATE fact SET seq = seq + 1")
    store.db.execute("UPDATE incident SET seq = seq + 1, view = ?", (line,))
    assert await store.read(open_of_type("web", of("eu"))) == (number,)
    assert await store.read(open_of_type("db", of("eu"))) == ()
    other = await begun(store, 2, "us")
    store.db.execute("UPDATE member SET incident = ? WHERE group_key = 'monitor/k1'", (other,))
    assert await store.read(open_of_type("db", of("ap"))) == (other,)


async def test_the_entry_is_what_it_was_corrected_to_and_what_is_over_is_not_there(store: Store) -> None:
    told = Told(now=at(1))
    spot = await opened(store, told)
    for open_, entry, expected in ((True, "web", (told.number,)), (False, "web", ())):
        told = Told(after=spot, open=open_, now=at(2))
        view = msgspec.json.encode({"id": told.number, "type": entry})
        change = told.change._replace(head=told.change.head._replace(entry=entry, view=view))
        await store.write(t.commit(change))
        spot = told.spot
        assert await store.read(open_of_type("db")) == ()
        assert await store.read(open_of_type("web")) == expected
