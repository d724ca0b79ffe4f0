"""What every kind of probe keeps to, whatever stands at the other end."""

import asyncio
import math
import time
from collections.abc import AsyncIterator

import pytest

from integration.probes.looking import NOW, SECRET, configured, probe
from integration.probes.targets import HOSTILE, TARGETS, Target
from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.options import WebOptions
from tocsin.probes.probe import MOST_MEMORY, LookFailed, Probe
from tocsin.probes.table import KINDS, OFFERS

SHORT = 0.15
ON_THE_WEB = [name for name, kind in KINDS.items() if issubclass(kind.options, WebOptions)]


@pytest.fixture(params=list(KINDS))
async def target(request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    async with TARGETS[request.param](request.getfixturevalue) as opened:
        yield opened


async def seen(looking: Probe) -> Reading | str:
    """What a look gave: a reading, or why there is none."""
    try:
        return await looking.look(NOW)
    except LookFailed as broken:
        return str(broken)


def test_every_kind_is_held_to_this_contract() -> None:
    assert list(TARGETS) == list(KINDS)


async def test_a_reading_holds_only_numbers_that_the_kind_declares(target: Target) -> None:
    settings = configured(target.text)
    offer = OFFERS[settings.kind].named(settings.options)
    async with probe(target.text, within=60) as looking:
        for _ in range(2):
            reading = await looking.look(NOW)
            assert reading.values
            assert [name for name in reading.values if not offer.gives(name)] == []
            assert all(math.isfinite(value) for value in reading.values.values())
            assert reading.values.get("up", 1.0) == 1.0, reading.details
            assert SECRET not in str(reading)


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("target", ON_THE_WEB, indirect=True)
async def test_whatever_stands_there_a_look_ends_in_time_and_says_what_is_wrong(target: Target, what: str) -> None:
    target.be(what)
    async with probe(target.text, within=SHORT) as looking:
        began = time.monotonic()
        got = await seen(looking)
        assert time.monotonic() - began < 60
    assert SECRET not in str(got)
    told = got if isinstance(got, str) else got.details["trouble"]
    assert "\n" not in told
    assert 0 < len(told) < 300
    if isinstance(got, Reading):
        assert got.values["up"] == 0.0
        assert sum(len(text) for text in got.details.values()) < 2000


async def test_a_look_that_is_stopped_leaves_nothing_behind(target: Target) -> None:
    before = asyncio.all_tasks()
    target.hang()
    async with probe(target.text, within=60) as looking:
        for turns in (0, 1, 3, 10):
            look = asyncio.ensure_future(seen(looking))
            for _ in range(turns):
                await asyncio.sleep(0)
            look.cancel()
            await asyncio.wait([look])
    async with asyncio.timeout(60):
        while left := [task for task in asyncio.all_tasks() - before if "Service" not in repr(task)]:
            await asyncio.wait(left, timeout=0.05)


async def test_what_a_probe_remembers_is_small_and_may_be_lost_or_spoilt(target: Target) -> None:
    async with probe(target.text, within=60) as looking:
        looking.memory = "{no memory of ours"
        await looking.look(NOW)
        kept = looking.memory
    assert len(kept.encode()) <= MOST_MEMORY
    assert SECRET not in kept
    async with probe(target.text, within=60) as again:
        again.memory = kept
        await again.look(NOW)


async def test_from_outside_nothing_inside_can_be_looked_at(target: Target) -> None:
    with pytest.raises((SettingsInvalid, LookFailed), match=r"only tocsin\.toml may ask"):
        async with probe(target.text, outside=True) as looking:
            await looking.look(NOW)
