"""A test page reaches somebody, and the answer reaches whoever asked."""

import asyncio
from urllib.parse import urlsplit

from integration.web.staged import Staged
from tocsin.engine.doctor import Ward, page_and_wait


async def asked(stage: Staged, person: str, seconds: float) -> "asyncio.Task[tuple[object, ...]]":
    tocsin = stage.tocsin
    ward = Ward(tocsin.engine, tocsin.deeds, tocsin.links)
    task: asyncio.Task[tuple[object, ...]] = asyncio.create_task(
        page_and_wait(ward, (person,), seconds, "local:operator")
    )
    while not any(sent.message.kind == "test" for sent in stage.sent):  # noqa: ASYNC110  the channel says nothing
        await asyncio.sleep(0.01)
    return task


async def test_the_button_of_a_test_page_answers_it_and_changes_no_incident(stage: Staged) -> None:
    waiting = await asked(stage, "mira", 30)
    message = stage.sent[-1].message
    assert message.subject.startswith("Test: Test page")
    path = urlsplit(message.link or "").path
    shown = await stage.stranger.get(path)
    assert (shown.status_code, "It reached me" in shown.text) == (200, True)
    assert not waiting.done()  # following the link alone answers nothing
    answered = await stage.stranger.post(path)
    assert "Pages reach you, Mira Okafor." in answered.text
    [answer] = await waiting
    assert getattr(answer, "answered", None) is True


async def test_an_answer_nobody_waits_for_any_more_is_told_so(stage: Staged) -> None:
    waiting = await asked(stage, "mira", 0.01)
    [answer] = await waiting
    assert getattr(answer, "answered", None) is False
    path = urlsplit(stage.sent[-1].message.link or "").path
    assert "Nobody waits for this answer any more" in (await stage.stranger.post(path)).text
