"""How one called person is reached: steps, waits, failures, and what happens when nothing works."""

from datetime import timedelta

from drills.story import PEOPLE, ROLES, Begin, reached_by
from tocsin.incident.facts import Escalated, PageFailed


async def test_the_next_step_follows_after_its_wait(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("push", 2), ("sms chat", 5), ("call", 2)))
    await story.alert("sequencer-down", "P1")
    await story.until("0:14:59")
    assert story.pages(via=True) == [
        "0:00 mira by push",
        "0:02 mira by chat",  # 0:00 + 2 min
        "0:02 mira by sms",  # the same step: together
        "0:07 mira by call",  # 0:02 + 5 min
    ]


async def test_an_acknowledgement_ends_the_steps_that_are_left(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("push", 2), ("call", 2)))
    await story.alert("sequencer-down", "P1")
    await story.until("0:01")
    await story.acknowledges("mira")
    await story.until("0:29")
    assert story.pages(via=True) == ["0:00 mira by push"]


async def test_a_step_that_fails_for_good_moves_on_at_once(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("push", 10), ("call", 2)))
    story.breaks("push", for_good=True)
    await story.alert("sequencer-down", "P1")
    assert story.pages(via=True) == ["0:00 mira by call"]  # not after the 10 min of a page that arrived


async def test_a_step_of_two_channels_moves_on_only_when_both_failed(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("push chat", 3), ("call", 2)))
    story.breaks("push", for_good=True)
    await story.alert("sequencer-down", "P1")
    await story.until("0:10")
    assert story.pages(via=True) == ["0:00 mira by chat", "0:03 mira by call"]  # chat arrived: 0:00 + 3 min


async def test_a_channel_that_is_down_is_tried_six_times_and_then_the_next_step_follows(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("chat", 10), ("call", 2)))
    story.breaks("chat")
    await story.alert("sequencer-down", "P1")
    await story.until("0:01")
    assert story.rehearsal.channels["chat"].attempts == 6
    [failed] = await story.facts(PageFailed)
    waited = (failed.at - story.began).total_seconds()
    assert 0.8 * 23 <= waited <= 23  # 1 + 2 + 4 + 8 + 8 s, each shortened by up to a fifth
    [page] = story.take("page")
    assert (page.channel, page.at) == ("call", failed.at)


async def test_whom_nothing_reaches_is_replaced_by_the_fallback_at_once(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("chat", 2), ("sms", 2)))
    story.breaks("chat", for_good=True)
    story.breaks("sms", for_good=True)
    await story.alert("sequencer-down", "P1")
    [page] = story.take("page")
    assert (page.person, page.channel) == ("falk", "push")
    assert "You are the fallback" in page.message.text
    await story.until("0:15")
    assert story.pages() == ["0:15 jonas"]  # the ladder goes on: L1's call 0:00 + R


async def test_a_level_with_nobody_in_it_is_answered_by_the_fallback(begin: Begin) -> None:
    story = await begin(roles={name: who for name, who in ROLES.items() if name != "L2"})
    await story.alert("sequencer-down", "P1")
    await story.until("0:30")
    assert story.pages() == ["0:00 mira", "0:15 falk", "0:30 lena"]
    called = [fact.body for fact in await story.facts(Escalated)]
    assert [body.people[0].via_fallback for body in called if isinstance(body, Escalated)] == [False, True, False]


async def test_a_page_that_could_not_get_out_arrives_late_and_says_so(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("chat", 2)))
    story.breaks("chat")
    await story.alert(None, "P2")
    await story.until("1:59")
    assert [sent.person for sent in story.take("page")] == ["falk"]  # in her place

    story.works_again("chat")
    await story.until("2:05")

    heard = {sent.person: sent for sent in story.take("page")}
    mira = heard.pop("mira")
    assert [story.when(sent.at) for sent in heard.values()] == ["2:00"]  # Jonas: the ladder went on, 0:00 + R
    assert mira.message.subject.startswith("Late: ")
    assert "This page is late: it should have reached you at 10:00 UTC, Mon 2 Mar." in mira.message.text
    assert mira.at - story.began <= timedelta(hours=2, minutes=4)  # 1:59 + 5 min, the longest pause


async def test_an_acknowledgement_ends_the_attempts_of_a_late_page(begin: Begin) -> None:
    story = await begin(people=reached_by("mira", ("chat", 2)))
    story.breaks("chat")
    await story.alert("sequencer-down", "P1")
    await story.until("0:03")
    await story.acknowledges("falk")
    tried = story.rehearsal.channels["chat"].attempts
    story.works_again("chat")
    await story.until("0:29")
    assert story.rehearsal.channels["chat"].attempts == tried
    assert [page for page in story.pages() if page.endswith("mira")] == []


async def test_the_pages_of_the_fallback_never_stop_trying(begin: Begin) -> None:
    story = await begin(people={"falk": PEOPLE["falk"]}, roles={})
    story.breaks("push")
    await story.alert(None, "P2")
    await story.until("1:59")
    assert story.pages() == []
    assert story.rehearsal.channels["push"].attempts >= 119 // 5  # a pause is 5 min at most
    assert len(await story.facts()) == 3  # Opened, Escalated, PageFailed: attempts are receipts, not facts
    story.works_again("push")
    await story.until("2:04")
    assert story.pages()


async def test_three_rounds_without_an_answer_page_the_fallback_until_somebody_has_it(begin: Begin) -> None:
    story = await begin(max_rounds=1)
    await story.alert("sequencer-down", "P1")
    await story.until("0:44")
    story.pages()
    story.breaks("push")
    await story.until("0:50")
    assert story.pages() == []  # 0:30 + R = 0:45, but nothing gets out
    story.works_again("push")
    await story.until("0:56")
    [late] = story.take("page")
    assert late.person == "falk"
    await story.acknowledges("falk")
    assert (await story.incident()).status == "acknowledged"


async def test_nobody_configured_pages_the_operator_at_the_console(begin: Begin) -> None:
    story = await begin(people={}, roles={}, fallback=())
    await story.alert("sequencer-down", "P1")
    assert story.pages(via=True) == ["0:00 operator by console"]
