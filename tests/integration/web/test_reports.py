"""The form for people's reports: closed until it is opened, bounded, silent, and counted on the page."""

import html
import re
from typing import Any

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from conftest import PLAIN_HTTP
from integration.web.staged import TEAM, Staged
from tocsin.incident import wishes as w
from tocsin.store import transactions as t
from tocsin.store.readings import alert_state
from tocsin.store.sqlite import InlineStore

OPEN = TEAM + "\n[reports]\npublic = true\n"
HOST = "https://tocsin.example"


@pytest.fixture
async def opened(stage: Staged) -> Staged:
    """The stage with the form open to everybody."""
    return await stage.begin(OPEN)


def browser(stage: Staged, address: str = "192.0.2.1") -> httpx.AsyncClient:
    """Somebody's browser at an address of their own, who never signed in."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(stage.app, client=(address, 1)), base_url=HOST, verify=PLAIN_HTTP
    )


async def choice(stage: Staged, words: str) -> str:
    """The value behind the words of a choice."""
    text = html.unescape(await stage.stranger.text("/status/report"))
    found = re.search(rf'value="(\w+)"> {re.escape(words)}<', text)
    assert found, text
    return found[1]


async def send(stage: Staged, address: str, **fields: str) -> httpx.Response:
    """Send the form from an address, as our own page does."""
    async with browser(stage, address) as client:
        answer = await client.post("/status/report", data=fields, headers={"Origin": HOST})
    await stage.settle()
    return answer


async def kept(stage: Staged, entry: str) -> Any:
    state = await stage.store.read(alert_state(f"reports/{entry}"))
    return state.reports if state else None


async def heads(stage: Staged) -> list[str]:
    return [one.number for one in await stage.store.read(t.heads())]


async def test_without_being_opened_there_is_no_form(stage: Staged) -> None:
    async with browser(stage) as client:
        for answer in (await client.get("/status/report"), await client.post("/status/report", data={"text": "x"})):
            assert answer.status_code == 404
        assert "Report it" not in (await client.get("/status")).text
    assert await kept(stage, "something-else") is None


async def test_the_form_offers_the_symptoms_in_plain_words_and_needs_no_cookie(opened: Staged) -> None:
    async with browser(opened) as client:
        answer = await client.get("/status/report")
        assert 'href="/status/report"' in (await client.get("/status")).text
    text = html.unescape(answer.text)
    assert "Intents fail now and then" in text
    assert "Something else" in text
    assert not re.search("data-breach|sequencer-down|restricted|P0", text)
    assert "set-cookie" not in answer.headers
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]


async def test_three_people_page_and_the_page_says_how_many(opened: Staged) -> None:
    value = await choice(opened, "Intents fail now and then")
    for place in (1, 2):
        answer = await send(opened, f"192.0.2.{place}", symptom=value, text="nothing goes through")
        assert (answer.status_code, answer.headers["location"]) == (303, "/status/report?thanks")
    assert await heads(opened) == []
    await send(opened, "192.0.2.3", symptom=value, text="<b>mine</b> too", contact="kim@example.org")
    [number] = await heads(opened)
    assert [sent.person for sent in opened.sent if sent.message.kind == "page"] == ["mira"]
    mira = await opened.as_("mira")
    text = await mira.text(f"/app/incidents/{number}")
    assert "3 people say the same." in text
    assert "&lt;b&gt;mine&lt;/b&gt; too" in text
    await send(opened, "192.0.2.4", symptom=value)
    facts = len(await opened.facts(number))
    await send(opened, "192.0.2.5", symptom=value)
    assert len(await opened.facts(number)) == facts
    token = await opened.tocsin.access.token("mira", "", None)
    found = await opened.client.get(f"/api/v1/incidents/{number}", headers={"Authorization": f"Bearer {token}"})
    reports = found.json()["reports"]
    assert reports["people"] == 5
    assert reports["said"][2]["contact"] == "kim@example.org"


async def test_the_live_version_of_the_page_moves_with_each_report(opened: Staged) -> None:
    number = await opened.alert(incident_type="high-error-rate")
    mira = await opened.as_("mira")
    version = re.search(r'data-version="([^"]+)"', await mira.text(f"/app/incidents/{number}"))
    await opened.let_pass(seconds=1)
    await send(opened, "192.0.2.1", symptom=await choice(opened, "Intents fail now and then"))
    text = await mira.text(f"/app/incidents/{number}")
    assert "1 person says the same." in text
    assert version is None or version[1] not in text


async def test_one_address_is_one_person_and_only_its_hash_is_kept(opened: Staged) -> None:
    value = await choice(opened, "Intents fail now and then")
    for _ in range(4):
        assert (await send(opened, "192.0.2.77", symptom=value)).status_code == 303
    found = await kept(opened, "high-error-rate")
    assert len(found.people) == 1
    assert isinstance(opened.store, InlineStore)
    dump = "\n".join(opened.store.db.iterdump())
    assert "192.0.2.77" not in dump
    assert await heads(opened) == []


async def test_an_address_may_send_a_few_and_is_then_told_to_wait(opened: Staged) -> None:
    for _ in range(5):
        assert (await send(opened, "192.0.2.9", text="it is slow")).status_code == 303
    refused = await send(opened, "192.0.2.9", text="it is slow")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert (await send(opened, "192.0.2.10", text="it is slow")).status_code == 303
    assert len((await kept(opened, "something-else")).said) == 6


async def test_behind_a_trusted_proxy_the_address_is_the_one_it_saw_not_the_one_it_was_told(opened: Staged) -> None:
    proxied = ProxyHeadersMiddleware(opened.app, trusted_hosts=["10.0.0.1"])  # type: ignore[arg-type]

    async def through(proxy: str, claimed: str) -> int:
        transport = httpx.ASGITransport(proxied, client=(proxy, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=HOST, timeout=60, verify=PLAIN_HTTP) as client:
            headers = {"Origin": HOST, "X-Forwarded-For": claimed}
            return (await client.post("/status/report", data={"text": "slow"}, headers=headers)).status_code

    # What the sender wrote itself stands left of what the proxy saw, and counts for nothing.
    assert [await through("10.0.0.1", f"203.0.113.{n}, 192.0.2.5") for n in range(6)] == [303] * 5 + [429]
    assert await through("10.0.0.1", "192.0.2.6") == 303
    # Who is no proxy of ours is believed nothing.
    assert [await through("192.0.2.8", f"203.0.113.{n}") for n in range(6)] == [303] * 5 + [429]
    assert len((await kept(opened, "something-else")).people) == 3


async def test_another_site_cannot_send_it(opened: Staged) -> None:
    async with browser(opened) as client:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = await client.post("/status/report", data={"text": "x"}, headers=headers)
            assert answer.status_code == 403
    assert await kept(opened, "something-else") is None


@pytest.mark.parametrize("fields", [{}, {"text": "  "}, {"symptom": "nonsense"}, {"text": "x" * 9000}])
async def test_what_cannot_be_used_is_said_and_never_repeated(opened: Staged, fields: dict[str, str]) -> None:
    answer = await send(opened, "192.0.2.1", **fields)
    assert answer.status_code == 400
    assert "Not sent:" in answer.text
    assert "nonsense" not in answer.text
    assert "xxx" not in answer.text


async def test_long_words_are_cut_and_a_filled_trap_keeps_nothing(opened: Staged) -> None:
    await send(opened, "192.0.2.1", text="y" * 2000, contact="c" * 900)
    [said] = (await kept(opened, "something-else")).said
    assert (len(said.text), len(said.contact)) == (500, 200)
    trapped = await send(opened, "192.0.2.2", text="buy", website="https://spam.example")
    assert trapped.headers["location"] == "/status/report?thanks"
    assert len((await kept(opened, "something-else")).said) == 1


async def test_a_breach_that_people_report_is_told_to_those_concerned_alone(opened: Staged) -> None:
    value = await choice(opened, "Intents that were not theirs")
    usual = await choice(opened, "Intents fail now and then")
    answers = []
    for number in (1, 2, 3, 4):
        answers.append(await send(opened, f"192.0.2.{number}", symptom=value, text="my account was stolen"))
        answers.append(await send(opened, f"198.51.100.{number}", symptom=usual))
    assert len({(one.status_code, one.headers["location"], one.text) for one in answers}) == 1
    numbers = await heads(opened)
    loaded = [await opened.tocsin.engine.load(number) for number in numbers]
    [secret] = [one.incident.number for one in loaded if one.incident and one.incident.restricted]
    mira, ada = await opened.as_("mira"), await opened.as_("ada")
    assert (await mira.get(f"/app/incidents/{secret}")).status_code == 404
    text = await ada.text(f"/app/incidents/{secret}")
    assert "my account was stolen" in text
    assert "4 people say the same." in text
    for path in ("/app/", "/api/v1/incidents", "/status", "/api/v2/incidents.json", "/status/report?thanks"):
        assert not re.search(f"{secret}|stolen", (await mira.get(path)).text)
    told = {sent.person for sent in opened.sent if secret in repr(sent.message)}
    assert "mira" not in told


async def test_an_incident_keeps_the_count_it_had_when_it_was_resolved(opened: Staged) -> None:
    value = await choice(opened, "Intents fail now and then")
    for number in (1, 2, 3):
        await send(opened, f"192.0.2.{number}", symptom=value)
    [number_of] = await heads(opened)
    await opened.act(number_of, w.Resolve(by="person:mira"))
    await opened.let_pass(minutes=30)
    await send(opened, "192.0.2.8", symptom=value)
    assert "3 people say the same." in await (await opened.as_("mira")).text(f"/app/incidents/{number_of}")


async def test_who_is_signed_in_reports_from_the_app_and_the_api_also_while_the_form_is_closed(stage: Staged) -> None:
    mira = await stage.as_("mira")
    page = html.unescape(await mira.text("/app/report"))
    found = re.search(r'value="(\w+)"> Intents fail now and then<', page)
    assert found
    answer = await mira.post("/app/report", symptom=found[1], text="two customers called")
    assert answer.headers["location"] == "/app/?note=reported"
    assert "counted with what others report" in await mira.text("/app/?note=reported")
    token = await stage.tocsin.access.token("jonas", "", None)
    headers = {"Authorization": f"Bearer {token}"}
    choices = (await stage.client.get("/api/v1/reports/choices", headers=headers)).json()["choices"]
    assert {"high-error-rate", "data-breach"} <= {one["incident_type"] for one in choices}
    body = {"symptom": "high-error-rate", "text": "and one wrote"}
    assert (await stage.client.post("/api/v1/reports", json=body, headers=headers)).json() == {
        "status": "kept",
        "pages_with": 3,
    }
    assert len((await kept(stage, "high-error-rate")).people) == 2
    wrong = await stage.client.post("/api/v1/reports", json={"symptom": "weather"}, headers=headers)
    assert wrong.status_code == 400
    assert (await stage.stranger.get("/app/report")).status_code == 401
    assert (await stage.client.post("/api/v1/reports", json=body)).status_code == 401
