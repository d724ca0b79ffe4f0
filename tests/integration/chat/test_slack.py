"""An alert becomes a page in Slack; what people do there is done here, and the message tells it."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from conftest import PLAIN_HTTP
from integration.chat.company import HTTP, SOCKET, company
from integration.servers import PATIENCE
from tocsin.drill.fakes.slack import Trouble
from tocsin.incident import facts as f
from tocsin.runner.command import Command, Outcome

pytestmark = pytest.mark.usefixtures("trusting_nobody")


on_both_stores = pytest.mark.parametrize("kept_in", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def kept_in(request: pytest.FixtureRequest) -> str | None:
    """The address of the database that Tocsin keeps everything in, None for a file."""
    return request.getfixturevalue("database") if request.param == "postgresql" else None


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both sides wait for each other: what is said later than Slack waits for has tests of its own."""
    monkeypatch.setattr("tocsin.chat.desk.SOON", PATIENCE)
    monkeypatch.setattr("tocsin.drill.fakes.slack_doors.PATIENCE", PATIENCE)


@pytest.mark.parametrize("ways", [HTTP, SOCKET], ids=["http", "socket"])
async def test_a_page_is_taken_passed_on_and_ended_by_its_buttons(tmp_path: Path, ways: str) -> None:
    async with company(tmp_path, ways) as both:
        number = await both.alert()
        page = await both.page()
        assert "nobody has it" in page.said
        assert (await both.slack.doors.press(page, "acknowledge", "U0MIRA")).status == 200
        [taken] = await both.facts(number, f.Acknowledged)
        assert (taken.by, taken.via) == ("person:mira", "slack")
        await both.says(page, "Mira Okafor has it")
        await both.slack.doors.press(page, "escalate", "U0MIRA")
        theirs = await both.page("U0JONAS")
        await both.says(theirs, "Mira Okafor has it")
        # Jonas is known by his address: Slack is asked who has it.
        await both.slack.doors.press(theirs, "resolve", "U0JONAS")
        await both.says(page, "· resolved")
        await both.says(theirs, "· resolved")
        assert (page.buttons, theirs.buttons) == ([], [])
        [ended] = await both.facts(number, f.Resolved)
        assert ended.by == "person:jonas"
        assert len(both.slack.says_to("U0MIRA")) == 1, "an edit is no second message"
        assert both.slack.whispers == []


async def test_the_page_goes_out_at_once_and_what_was_found_is_written_into_it(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        steps = both.here.tocsin.deeds.steps
        assert steps._runner is not None
        runner = steps._runner

        class Later:
            """Runs nothing before the page is there."""

            async def run(self, command: Command) -> Outcome:
                await both.page()
                return await runner.run(command)

        steps._runner = Later()
        number = await both.alert()
        page = await both.page()
        posted = next(args for method, args in both.slack.calls if args.get("channel") == both.slack.where(page).id)
        assert "Found: " not in str(posted["blocks"])
        await both.says(page, "Found: ")
        async with asyncio.timeout(PATIENCE):
            while True:  # steps end one after another, and each is written into it
                found = [one.found for one in await both.facts(number, f.StepRan) if one.found]
                if found and all(words in page.said for words in found):
                    break
                await asyncio.sleep(0.02)
        assert len(both.slack.says_to("U0MIRA")) == 1


async def test_the_room_gets_a_card_and_updates_below_it(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        room = both.slack.room("incidents")
        card = await both.until(lambda: next(iter(room.messages), None))
        assert "Updates in this thread" in card.said
        await both.happened(number, f.Announced)  # what Slack has, the server need not know yet
        body = {"text": "**Status**: Investigating", "channels": ["chat"]}
        assert (await both.here.post(f"/api/v1/incidents/{number}/updates", body)).status_code == 200
        update = await both.until(lambda: room.messages[1] if len(room.messages) > 1 else None)
        assert update.thread_ts == card.ts
        assert "*Status*: Investigating" in update.said
        await both.slack.doors.press(card, "acknowledge", "U0JONAS")
        await both.says(card, "Jonas Weber has it")
        assert len(room.messages) == 2


async def test_a_restricted_incident_is_in_no_room_and_invisible_to_others(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        opened = await both.here.declare("Customer data is for sale", type="data-breach")
        number = opened["id"]
        page = await both.page("U0LEA")
        assert "Restricted incident" in page.said
        assert "breach" not in page.said.lower()
        said = (await both.slack.doors.command("U0MIRA", "list")).body["text"]
        assert number not in said
        refused = (await both.slack.doors.command("U0MIRA", f"ack {number}")).body["text"]
        assert refused == f"There is no incident {number}."
        await both.slack.doors.press(page, "acknowledge", "U0JONAS")  # as if he had been shown hers
        assert await both.whispered("U0JONAS") == f"There is no incident {number}."
        assert await both.facts(number, f.Acknowledged) == []
        await both.slack.doors.press(page, "acknowledge", "U0LEA")
        await both.says(page, "Lea Stern has it")
        assert both.slack.room("incidents").messages == []


async def test_one_of_many_incidents_is_taken_where_all_of_them_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with company(tmp_path) as both:
        stands = both.here.clock.monotonic()
        shops = [(f"The health check of shop {place} gets no answer", f"shop-{place}") for place in range(8)]
        with monkeypatch.context() as held:  # no message may go out by itself while others are still on their way
            held.setattr(both.here.clock, "monotonic", lambda: stands)
            await asyncio.gather(*(both.alert(summary, dedup_key=key) for summary, key in shops))
            await both.here.until(lambda found: all(one["level"] for one in found))
        both.here.tocsin.engine.changes.announce()
        said = both.slack.says_to
        bundle = await both.until(lambda: next((it for it in said("U0MIRA") if "more incidents" in it.said), None))
        first, second = bundle.buttons[0]["value"], bundle.buttons[1]["value"]
        await both.slack.doors.press(bundle, "take", "U0MIRA", value=second)
        assert re.match(r"You have INC-\d{4}-\d{4}, ", await both.whispered("U0MIRA"))
        await both.happened(second.partition(":")[0], f.Acknowledged)
        assert await both.facts(first.partition(":")[0], f.Acknowledged) == []


# -- buttons are for one moment


async def test_a_button_that_is_late_says_who_was_faster_and_changes_nothing(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        card = await both.until(lambda: next(iter(both.slack.room("incidents").messages), None))
        old = msgspec.structs.replace(card)  # as Jonas' phone shows it, which has not caught up
        await both.slack.doors.press(card, "acknowledge", "U0MIRA")
        await both.says(card, "Mira Okafor has it")
        await both.slack.doors.press(old, "acknowledge", "U0JONAS")
        assert re.search(
            r"already acknowledged\. Mira Okafor has it since \d\d:\d\d Berlin", await both.whispered("U0JONAS")
        )
        assert [taken.by for taken in await both.facts(number, f.Acknowledged)] == ["person:mira"]


async def test_two_who_escalate_call_the_next_level_once(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        page = await both.page()
        old = msgspec.structs.replace(page)
        await both.slack.doors.press(page, "escalate", "U0MIRA")
        await both.page("U0JONAS")
        await both.slack.doors.press(old, "escalate", "U0JONAS")
        assert "L2 was called already" in await both.whispered("U0JONAS")
        calls = [call.level for call in await both.facts(number, f.Escalated)]
        assert calls == ["L1", "L2"]


async def test_a_button_of_what_is_over_says_so(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        page = await both.page()
        old = msgspec.structs.replace(page)
        await both.here.post(f"/api/v1/incidents/{number}/resolve")
        await both.says(page, "· resolved")
        await both.slack.doors.press(old, "acknowledge", "U0MIRA")
        assert await both.whispered("U0MIRA") == f"{number} is resolved; reopen it first."
        await both.slack.doors.press(old, "resolve", "U0MIRA")
        await both.until(lambda: "already resolved by" in both.slack.whispers[-1].text)


async def test_somebody_who_is_not_configured_may_look_but_not_act(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        page = await both.page()
        await both.slack.doors.press(page, "acknowledge", "U0GUEST")
        assert 'slack = "U0GUEST"' in await both.whispered("U0GUEST")
        for words in (f"ack {number}", f"resolve {number}", f"escalate {number}", f"note {number} hello"):
            assert "You are not configured" in (await both.slack.doors.command("U0GUEST", words)).body["text"]
        assert number in (await both.slack.doors.command("U0GUEST", "list")).body["text"]
        assert "L1  Mira Okafor" in (await both.slack.doors.command("U0GUEST", "oncall")).body["text"]
        assert await both.facts(number, f.Acknowledged) == await both.facts(number, f.Noted) == []


@pytest.mark.parametrize(
    ("ways", "kept_in"),
    [(HTTP, "sqlite"), (SOCKET, "sqlite"), (HTTP, "postgresql")],
    indirect=["kept_in"],
    ids=["http", "socket", "http-postgresql"],
)
async def test_commands_do_what_buttons_do_and_more(tmp_path: Path, ways: str, kept_in: str | None) -> None:
    async with company(tmp_path, ways, store=kept_in) as both:

        async def says(words: str) -> str:
            return str((await both.slack.doors.command("U0MIRA", words)).body["text"])

        assert await says("list") == "Nothing is open."
        number = await both.alert()
        await both.happened(number, f.Escalated)
        assert "nobody has it, L2 at" in await says("list")
        assert (await says(f"ack {number.lower()}")).startswith(f"You have {number}")
        assert "already acknowledged. You have it since" in await says(f"ack {int(number[-4:])}")
        assert await says(f"note {number} it is *the* sequencer") == f"Written into {number}."
        assert [note.text for note in await both.facts(number, f.Noted)] == ["it is *the* sequencer"]
        assert (await says(f"escalate {number} L2")).startswith("L2 is called")
        assert "There is no level L9" in await says(f"escalate {number} L9")
        assert "is resolved. Nobody else is paged." in await says(f"resolve {number} restarted it")
        assert [ended.why for ended in await both.facts(number, f.Resolved)] == ["restarted it"]
        assert "reopen it first" in await says(f"ack {number}")
        assert "say which incident" in (await says("ack")).lower()
        assert "no open incident 999" in await says("ack 999")
        assert "no command dance" in await says("dance")
        assert await says("help") == await says("")


@on_both_stores
async def test_commands_put_right_what_triage_did(tmp_path: Path, kept_in: str | None) -> None:
    async with company(tmp_path, store=kept_in) as both:

        async def says(words: str, who: str = "U0MIRA") -> str:
            return str((await both.slack.doors.command(who, words)).body["text"])

        one, two = await both.alert(), await both.alert("Queries take 4 s", dedup_key="db")
        assert await says(f"severity {two} p0 all of it waits") == f"{two}, Database Slow Queries, is P0 now."
        assert "say why" in (await says(f"severity {two} P2")).lower()
        assert f"{two} belongs to High Error Rate." in await says(f"type {two} high-error-rate it is that")
        assert "There is no entry nonsense" in await says(f"type {two} nonsense x")
        assert f"{two} belongs to no entry" in await says(f"type {two} none a mistake")
        assert await says(f"merge {two} {int(one[-4:])} one outage") == f"{two} goes on in {one}."
        [absorbed] = await both.facts(one, f.Absorbed)
        assert (absorbed.by, absorbed.why) == ("person:mira", "one outage")
        told = await says(f"split {one}")
        alert = next(iter(absorbed.alerts))
        assert f"split {one} " in told
        assert alert in told
        assert "is open for it, and pages" in await says(f"split {one} {alert}")
        assert f"is not part of {one}" in await says(f"split {one} x/y")
        assert "say which incident" in (await says(f"merge {one}")).lower()
        for words in (f"merge {one} {two}", f"split {one} {alert}", f"severity {one} P3 x", f"type {one} none x"):
            assert "You are not configured" in await says(words, "U0GUEST")


@on_both_stores
async def test_who_may_not_see_an_incident_merges_nothing_into_it_in_chat(tmp_path: Path, kept_in: str | None) -> None:
    async with company(tmp_path, store=kept_in) as both:
        one, hidden = await both.alert(), await both.alert("a copy of all customer data is for sale", dedup_key="leak")
        for words in (f"merge {hidden} {one}", f"merge {one} {hidden}", f"split {hidden} monitoring/leak"):
            assert f"no incident {hidden}" in (await both.slack.doors.command("U0MIRA", words)).body["text"]
        assert await both.facts(one, f.Merged) == await both.facts(one, f.Absorbed) == []


async def test_what_an_alert_says_is_no_markup_in_an_answer(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        await both.alert("<!channel> <https://evil.example|press here> & so on")
        said = (await both.slack.doors.command("U0MIRA", "list")).body["text"]
        assert "&lt;!channel&gt; &lt;https://evil.example|press here&gt; &amp; so on" in said
        odd = (await both.slack.doors.command("U0MIRA", "<!here>")).body["text"]
        assert "<!here>" not in odd


# -- what is delivered more than once, or lost


@pytest.mark.parametrize("ways", [HTTP, SOCKET], ids=["http", "socket"])
async def test_what_slack_delivers_twice_is_done_once(tmp_path: Path, ways: str) -> None:
    async with company(tmp_path, ways) as both:
        number = await both.alert()
        both.slack.doors.twice = True
        await both.slack.doors.command("U0MIRA", f"note {number} once")
        await both.happened(number, f.Noted)  # the answer to the second delivery may come before the first is done
        both.slack.doors.twice = False
        await both.slack.doors.command("U0MIRA", f"note {number} and another")
        assert [note.text for note in await both.facts(number, f.Noted)] == ["once", "and another"]


async def test_socket_mode_comes_back_after_it_was_closed_and_after_it_was_cut(tmp_path: Path) -> None:
    async with company(tmp_path, SOCKET) as both:
        await both.alert()
        page = await both.page()
        for end in (both.slack.doors.refresh, both.slack.doors.cut):
            [before] = both.slack.doors._sockets
            await end()
            await both.until(lambda ended=before: both.slack.doors._sockets and ended not in both.slack.doors._sockets)  # type: ignore[misc]
            await both.connected()
        assert (await both.slack.doors.press(page, "acknowledge", "U0MIRA")).status == 200
        await both.says(page, "Mira Okafor has it")


async def test_a_socket_that_is_refused_does_not_keep_pages_from_going_out(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        both.slack.trouble("apps.connections.open", *[Trouble("invalid_auth")] * 5)
        await both.alert()
        assert (await both.page()).text.startswith("P0")


@pytest.mark.parametrize("status", [503, 0], ids=["it answers that it is in trouble", "it never answers"])
async def test_a_page_whose_outcome_is_unknown_is_there_once(tmp_path: Path, status: int) -> None:
    async with company(tmp_path) as both:
        lies = Trouble("internal_error", status=status, after=True)
        both.slack.trouble("chat.postMessage", lies, lies)  # of the page, and of the card in the room
        number = await both.alert()
        await both.happened(number, f.Paged)
        await both.happened(number, f.Announced)
        assert len(both.slack.says_to("U0MIRA")) == len(both.slack.room("incidents").messages) == 1
        posts = [args for method, args in both.slack.calls if method == "chat.postMessage"]
        assert len(posts) == 2, "each was looked for and found"


async def test_a_limit_of_slack_is_waited_for(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        both.slack.trouble("conversations.open", Trouble("ratelimited", status=429, retry_after=2))
        number = await both.alert()
        await both.happened(number, f.Paged)
        receipts = (await both.here.get(f"/api/v1/incidents/{number}/receipts")).json()["receipts"]
        [waited, sent] = [one for one in receipts if "/mira/" in one["key"]][:2]
        assert (waited["status"], "asks to wait" in waited["detail"]) == ("retrying", True)
        assert sent["status"] == "accepted"
        assert sent["at"] >= waited["at"]


# -- who may knock


async def test_what_slack_did_not_sign_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        page = await both.page()
        doors = both.slack.doors
        both.here.clock.stand()  # a second more or less would count
        payload = {"command": "/tocsin", "text": f"ack {number}", "user_id": "U0MIRA", "trigger_id": "1"}
        assert (await doors.post("slash_commands", payload, secret="another")).status == 401
        now = both.here.clock.now().timestamp()
        for at in (f"{now - 301:.0f}", f"{now + 301:.0f}", "", "soon", "-1", "1" * 40):
            assert (await doors.post("slash_commands", payload, at=at or "x")).status == 401, at
        url = f"{doors.address}/interactions"
        async with httpx.AsyncClient(timeout=60, verify=PLAIN_HTTP) as client:
            assert (await client.post(url, content=b"payload={}")).status_code == 401
            signed = doors.signed(b"payload={}")
            assert (await client.post(url, content=b"payload={} ", headers=signed)).status_code == 401
            forged = signed | {"X-Slack-Signature": "v0="}
            assert (await client.post(url, content=b"payload={}", headers=forged)).status_code == 401
            odd = doors.signed(b"payload=nonsense")
            assert (await client.post(url, content=b"payload=nonsense", headers=odd)).status_code == 400
            assert (await client.post(url, content=b"payload={}", headers=signed)).status_code == 200
        assert await both.facts(number, f.Acknowledged) == []
        doors.shifted = -timedelta(seconds=290)
        assert (await doors.press(page, "acknowledge", "U0MIRA")).status == 200


async def test_two_secrets_are_good_while_one_is_replaced(tmp_path: Path) -> None:
    async with company(tmp_path, secrets="the-new-one\nfake-signing-secret\n") as both:
        number = await both.alert()
        payload = {"command": "/tocsin", "text": "list", "user_id": "U0MIRA"}
        for secret, trigger in (("the-new-one", "1"), ("fake-signing-secret", "2")):
            got = await both.slack.doors.post("slash_commands", payload | {"trigger_id": trigger}, secret=secret)
            assert number in got.body["text"]
        assert (await both.slack.doors.post("slash_commands", payload, secret="the-old-one")).status == 401


async def test_a_press_that_was_recorded_and_is_sent_again_by_a_stranger_does_nothing(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        number = await both.alert()
        payload = {"command": "/tocsin", "text": f"note {number} x", "user_id": "U0MIRA", "trigger_id": "7"}
        assert (await both.slack.doors.post("slash_commands", payload)).status == 200
        assert (await both.slack.doors.post("slash_commands", payload)).status == 200
        assert len(await both.facts(number, f.Noted)) == 1


# -- a test page


async def test_a_test_page_is_answered_by_its_button(tmp_path: Path) -> None:
    async with company(tmp_path) as both:
        asked = asyncio.create_task(both.here.post("/api/v1/doctor/page", {"people": ["mira"], "wait": "PT90S"}))
        page = await both.page()
        assert "nothing is wrong" in page.said
        await both.slack.doors.press(page, "acknowledge", "U0JONAS")  # it is not his
        await both.slack.doors.press(page, "acknowledge", "U0MIRA")
        [answer] = (await asked).json()["people"]
        assert answer["answered"]
        assert await both.whispered("U0MIRA") == "Thank you, pages reach you."
        assert await both.whispered("U0JONAS") == "Nobody waits for this answer any more."
