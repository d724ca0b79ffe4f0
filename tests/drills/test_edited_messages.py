"""Messages of a chat are edited where they stand: they tell how things are, and wake nobody again."""

from drills.story import PEOPLE, Begin, Story, reached_by
from tocsin.channels.message import SendFailed
from tocsin.incident import facts as f
from tocsin.incident.wishes import Post
from tocsin.settings import ChannelSettings

CHAT = {"chat": ChannelSettings(id="chat", kind="slack", cards=("P0", "P1"))}
TEAM = reached_by("mira", ("chat", 30))


def headlines(story: Story, handle: str) -> list[str]:
    """What a message said after each of its edits."""
    edits = story.rehearsal.channels["chat"].amended
    return [card.headline if (card := message.card()) else "" for edited, message in edits if edited == handle]


def buttons(story: Story, handle: str) -> list[str]:
    """The buttons of a message after its latest edit."""
    latest = [message.card() for edited, message in story.rehearsal.channels["chat"].amended if edited == handle][-1]
    return [button.words for button in latest.buttons] if latest else []


async def handles(story: Story) -> dict[str, str]:
    """The messages of the latest incident: whose, or "" for the card, and the channel's name of it."""
    return {post.person: post.handle for post in (await story.incident()).posts}


async def test_a_page_tells_who_has_it_and_that_it_is_over(begin: Begin) -> None:
    story = await begin(people=TEAM, channels=CHAT)
    await story.alert("sequencer-down", "P1")
    page = (await handles(story))["mira"]
    [sent] = story.take("page")
    card = sent.message.card()
    assert card
    assert card.headline.endswith(" · nobody has it")
    assert [button.words for button in card.buttons] == ["Acknowledge", "Escalate now", "Resolve…"]
    await story.acknowledges("mira")
    assert headlines(story, page)[-1].endswith(" · Mira has it")
    assert buttons(story, page) == ["Escalate now", "Resolve…"]
    await story.resolves("mira")
    assert headlines(story, page)[-1].endswith(" · resolved")
    assert buttons(story, page) == []
    await story.until("3:00")
    assert story.pages() == []
    edits = len(story.rehearsal.channels["chat"].amended)
    await story.until("24:00")
    assert len(story.rehearsal.channels["chat"].amended) == edits


async def test_a_change_is_one_edit_of_each_message(begin: Begin) -> None:
    story = await begin(people=TEAM, channels=CHAT)
    await story.alert("sequencer-down", "P1")
    page = (await handles(story))["mira"]
    before = len(headlines(story, page))
    await story.makes_it("jonas", "P0")
    assert len(headlines(story, page)) == before + 1
    assert headlines(story, page)[-1].startswith("P0 · ")
    await story.wishes(Post(by="person:mira", status="identified", public=False, title="T", text="Not a change."))
    assert len(headlines(story, page)) == before + 1


async def test_a_card_stands_in_the_room_and_updates_answer_it(begin: Begin) -> None:
    story = await begin(people=PEOPLE, channels=CHAT)
    await story.alert("sequencer-down", "P1")
    card = (await handles(story))[""]
    [posted] = [sent for sent in story.take("notification") if sent.channel == "chat"]
    assert posted.message.to.id == "everybody"
    assert posted.message.answers == ""
    await story.wishes(
        Post(by="person:mira", status="identified", public=False, title="T", text="**Found**", channels=("chat",))
    )
    [update] = [sent for sent in story.take("notification") if sent.channel == "chat"]
    assert (update.message.answers, update.message.markdown) == (card, "**Found**")
    assert len(await story.facts(f.Announced)) == 1


async def test_an_incident_below_those_severities_gets_its_card_when_it_is_raised(begin: Begin) -> None:
    story = await begin(people=PEOPLE, channels=CHAT)
    await story.alert(None, "P2")
    assert await handles(story) == {}
    await story.makes_it("jonas", "P1")
    assert list(await handles(story)) == [""]


async def test_a_restricted_incident_has_no_card_and_its_page_says_nothing_of_it(begin: Begin) -> None:
    story = await begin(people=reached_by("sam", ("chat", 30)), channels=CHAT)
    await story.alert("data-breach")
    assert "" not in await handles(story)
    page = (await handles(story))["sam"]
    await story.acknowledges("sam")
    assert headlines(story, page)[-1] == "Restricted incident · Sam has it"
    cards = [message.card() for _, message in story.rehearsal.channels["chat"].amended]
    title = (await story.incident()).title
    assert [card for card in cards if card and title in str(card)] == []


async def test_a_message_that_is_gone_is_left_alone(begin: Begin) -> None:
    story = await begin(people=TEAM, channels=CHAT)
    await story.alert("sequencer-down", "P1")
    story.rehearsal.channels["chat"].failing = SendFailed("message_not_found", permanent=True)
    await story.acknowledges("mira")
    given_up = await story.facts(f.AmendFailed)
    assert len(given_up) == 2  # the page and the card
    story.works_again("chat")
    await story.resolves("mira")
    assert len(await story.facts(f.AmendFailed)) == 2
    assert await story.facts(f.Amended) == [fact for fact in await story.facts(f.Amended) if fact.seq < given_up[0].seq]


async def test_an_edit_that_fails_for_now_is_made_later_and_tells_the_latest(begin: Begin) -> None:
    story = await begin(people=TEAM, channels=CHAT)
    await story.alert("sequencer-down", "P1")
    page = (await handles(story))["mira"]
    before = len(headlines(story, page))
    story.breaks("chat")
    await story.acknowledges("mira")
    await story.until("0:05")
    await story.resolves("mira")
    story.works_again("chat")
    await story.until("0:15")
    assert headlines(story, page)[before:] == ["P1 · " + (await story.incident()).title + " · resolved"]
