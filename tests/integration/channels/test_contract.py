import time
from collections.abc import AsyncIterator

import msgspec
import pytest

from integration.channels.messages import FACTS, MIRA, page
from integration.channels.receivers import RECEIVERS, SLOW, Receiver
from tocsin.channels.message import SendFailed
from tocsin.channels.table import KINDS


@pytest.fixture(params=list(KINDS))
async def receiver(request: pytest.FixtureRequest) -> AsyncIterator[Receiver]:
    async with RECEIVERS[request.param]() as opened:
        yield opened


async def sent(receiver: Receiver, *, times: int = 1, within: float = 60.0) -> None:
    channel = receiver.channel(within)
    try:
        for _ in range(times):
            receipt = await channel.send(page())
            assert receipt.status == "accepted"
    finally:
        await channel.close()


async def refusal(receiver: Receiver, within: float = 60.0) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await sent(receiver, within=within)
    return caught.value


async def test_a_page_arrives_with_its_words_and_a_way_to_answer(receiver: Receiver) -> None:
    await sent(receiver)
    (arrived,) = receiver.received()
    assert [words for words in receiver.words if words not in arrived] == []


async def test_a_repeat_carries_the_same_key(receiver: Receiver) -> None:
    await sent(receiver)
    await sent(receiver, times=2)
    assert receiver.keys() == [FACTS.key] * 3


async def test_a_restricted_page_carries_nothing_of_its_content(receiver: Receiver) -> None:
    secret = msgspec.structs.replace(FACTS, title="XYZZY", summary="XYZZY", why_you="XYZZY", restricted=True)
    channel = receiver.channel()
    await channel.send(page(secret))
    await channel.close()
    (arrived,) = receiver.received()
    assert "XYZZY" not in arrived
    assert "P0" not in arrived
    assert "complete service outage" not in arrived
    assert receiver.restricted in arrived


async def test_trouble_that_passes_is_temporary(receiver: Receiver) -> None:
    receiver.fail_for_now()
    error = await refusal(receiver)
    assert not error.permanent
    assert error.why == str(error)


async def test_trouble_that_stays_is_permanent(receiver: Receiver) -> None:
    receiver.fail_for_good()
    error = await refusal(receiver)
    assert error.permanent
    assert error.retry_after is None


async def test_a_slow_receiver_is_given_up_in_time_and_tried_again(receiver: Receiver) -> None:
    receiver.be_slow()
    began = time.monotonic()
    error = await refusal(receiver, within=0.3)
    assert time.monotonic() - began < SLOW
    assert not error.permanent
    assert "0.3 s" in error.why


async def test_words_from_outside_stay_words(receiver: Receiver) -> None:
    hostile = page(
        subject="Down\r\nBcc: all@example.org\x1b[2J",
        text="a\x1b[2Jb <b>ä</b>\n.\n\nQUIT",
        short=lambda: "<b>QUIT</b>",
        spoken=lambda: "</Say></Response><b>QUIT</b>",
        to=msgspec.structs.replace(MIRA, name="Mi\r\nra <x@y.z>"),
    )
    channel = receiver.channel()
    await channel.send(hostile)
    await channel.close()
    (arrived,) = receiver.received()
    assert "\nBcc:" not in arrived
    assert receiver.hostile in arrived


async def test_every_kind_of_channel_is_held_to_this_contract() -> None:
    assert list(RECEIVERS) == list(KINDS)
