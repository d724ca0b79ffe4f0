import asyncio

from tocsin.engine.line import Line


async def test_one_decides_at_a_time_and_who_left_is_followed_while_still_under_way() -> None:
    line, told = Line(), list[str]()
    answered = asyncio.Event()

    async def first() -> None:
        async with line.place() as place:
            await place.enter()
            await place.enter()
            told.append("first decides")
            await asyncio.sleep(0)
            told.append("first hands over")
            place.leave()
            await answered.wait()
            assert line.busy
            await place.enter()
            told.append("first decides again")

    async def second() -> None:
        async with line.place() as place:
            await place.enter()
            told.append("second decides")
            answered.set()
            await asyncio.sleep(0)
            told.append("second is done")

    assert not line.busy
    await asyncio.gather(first(), second())
    assert not line.busy
    assert told == [
        "first decides",
        "first hands over",
        "second decides",
        "second is done",
        "first decides again",
    ]


async def test_who_is_cancelled_in_line_holds_nobody_up() -> None:
    line = Line()

    async def one() -> None:
        async with line.place() as place:
            await place.enter()
            await asyncio.sleep(0)

    running = asyncio.create_task(one())
    waiting = asyncio.create_task(one())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([running, waiting])
    assert not line.busy
    await one()
