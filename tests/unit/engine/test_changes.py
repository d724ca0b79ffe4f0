import asyncio
from datetime import UTC, datetime, timedelta

from tocsin.engine.changes import Changes

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
LONG = 60.0


async def test_who_looks_at_incidents_hears_of_every_commit_and_who_works_only_of_what_may_be_due() -> None:
    changes = Changes()
    looking = asyncio.create_task(changes.after(changes.version, LONG))
    working = asyncio.create_task(changes.asks(changes.asked, LONG))
    await asyncio.sleep(0)
    changes.ask()
    assert await working
    assert not looking.done(), "nothing is to be seen yet"
    working = asyncio.create_task(changes.asks(changes.asked, LONG))
    await asyncio.sleep(0)
    changes.tell()
    assert await looking
    assert not working.done(), "it was asked already"
    changes.announce()
    assert await working


async def test_who_works_hears_when_something_is_due_earlier_than_it_knew() -> None:
    changes = Changes()
    asked = changes.asked
    working = asyncio.create_task(changes.asks(asked, LONG))
    await asyncio.sleep(0)
    changes.tell(LATER)
    assert await working
    assert (changes.due, changes.asked) == (LATER, asked)
    changes.tell(NOW)
    changes.tell(LATER)
    assert changes.due == NOW


async def test_what_was_asked_before_one_waits_is_not_waited_for() -> None:
    changes = Changes()
    asked, version = changes.asked, changes.version
    changes.announce()
    assert await changes.asks(asked, LONG)
    assert await changes.after(version, LONG)
    assert not await changes.asks(changes.asked, 0.0)
