"""Who may come in, from where, and who may know of a restricted incident."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from integration.servers import EXAMPLE, PATIENCE, Here
from tocsin.drill.channel import RehearsalChannel, Sent
from tocsin.engine.access import SESSION_LASTS
from tocsin.web.api import api_routes

ROUTES = [
    (method, route.path.replace("{number}", "INC-2026-0001"))  # type: ignore[attr-defined]
    for route in api_routes()
    for method in sorted(route.methods - {"HEAD"})  # type: ignore[attr-defined]
]
TRUSTED = ["POST /runbook", "POST /links", "POST /tokens", "GET /verify", "GET /doctor", "POST /doctor/page"]
ON_ONE = ["", "/timeline", "/receipts"]
DEEDS: dict[str, dict[str, str]] = {
    "acknowledge": {},
    "resolve": {},
    "reopen": {},
    "escalate": {},
    "severity": {"severity": "P1", "because": "x"},
    "notes": {"text": "x"},
}


async def ask(here: Here, method: str, path: str, headers: dict[str, str], body: object = None) -> httpx.Response:
    return await here.client.request(method, path, headers=headers, content=json.dumps(body or {}))


async def breach(here: Here) -> dict[str, Any]:
    """A restricted incident: sam, lea and jonas are called, and only ada sees everything."""
    return await here.declare("Somebody copied the customer table", type="data-breach")


async def called(here: Here, number: str) -> None:
    """Wait until all three are called: each is of a level of their own, and those are called one after another."""
    async with asyncio.timeout(PATIENCE):
        while await people(here, number) != {"sam", "lea", "jonas"}:  # noqa: ASYNC110  asks over HTTP
            await asyncio.sleep(0.02)


async def people(here: Here, number: str) -> set[str]:
    """Whom the timeline says that the incident called, by id."""
    facts = (await here.get(f"/api/v1/incidents/{number}")).json()["timeline"]
    return {who["person"] for fact in facts if fact["fact"] == "Escalated" for who in fact["data"]["people"]}


# -- credentials


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_every_route_of_the_api_needs_credentials(here: Here, method: str, path: str) -> None:
    answer = await ask(here, method, path, {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert "tocsin token" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/app/", "/app/incidents/INC-2026-0001", "/app/events"])
async def test_every_page_needs_a_session(here: Here, path: str) -> None:
    answer = await here.client.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Bearer", "Basic bWlyYTp4", "Token token=", "Token wrong", "", "Bearer é"]
)
async def test_what_is_no_token_lets_nobody_in(here: Here, header: str) -> None:
    answer = await here.client.get("/api/v1/incidents", headers={b"Authorization": header.encode()})
    assert answer.status_code == 401


async def test_the_owner_of_the_machine_a_token_and_a_session_let_in(here: Here) -> None:
    for who in (here.owner, await here.token("mira"), await here.session("mira")):
        assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 200
    spelled = (await here.token("mira"))["Authorization"].replace("Bearer ", "Token token=")
    assert (await ask(here, "GET", "/api/v1/incidents", {"Authorization": spelled})).status_code == 200


async def test_the_token_of_the_machine_is_written_for_its_owner_alone(here: Here) -> None:
    token = here.data / "token"
    assert token.read_text() == here.tocsin.local_token
    assert token.stat().st_mode & 0o777 == 0o600


async def test_the_key_of_a_source_is_no_credential(here: Here) -> None:
    for header in (f"Bearer {here.routing_key}", f"Token token={here.routing_key}"):
        assert (await ask(here, "GET", "/api/v1/incidents", {"Authorization": header})).status_code == 401
    cookie = {"Cookie": f"tocsin_session={here.routing_key}"}
    assert (await ask(here, "GET", "/api/v1/incidents", cookie)).status_code == 401


async def test_a_token_is_no_session_and_a_session_is_no_token(here: Here) -> None:
    token = (await here.token("mira"))["Authorization"].removeprefix("Bearer ")
    session = (await here.session("mira"))["Cookie"].partition("=")[2]
    crossed = ({"Cookie": f"tocsin_session={token}"}, {"Authorization": f"Bearer {session}"})
    for who in crossed:
        assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 401


async def test_a_token_ends_when_it_said_it_would(here: Here) -> None:
    made = (await here.post("/api/v1/tokens", {"name": "mira", "expires": "PT1H"})).json()
    who = {"Authorization": f"Bearer {made['token']}"}
    here.clock.ahead = timedelta(minutes=59)
    assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 200
    here.clock.ahead = timedelta(minutes=61)
    assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 401


@pytest.mark.parametrize("lasts", ["PT0S", "-PT1H", "PT0.5S", "P3661D", "P999999999D"])
@pytest.mark.parametrize("path", ["/api/v1/tokens", "/api/v1/links"])
async def test_a_credential_of_an_odd_lifetime_is_not_made(here: Here, path: str, lasts: str) -> None:
    answer = await here.post(path, {"name": "mira", "expires": lasts})
    assert (answer.status_code, "from one second to 3660 days" in answer.json()["error"]) == (400, True)


async def test_the_longest_and_the_shortest_lifetime_are_given(here: Here) -> None:
    for lasts in ("PT1S", "P3660D"):
        assert (await here.post("/api/v1/tokens", {"name": "mira", "expires": lasts})).status_code == 200


@pytest.mark.parametrize("name", ["mira", "monitoring"])
async def test_a_token_that_should_be_limited_is_not_made_without_limits(here: Here, name: str) -> None:
    answer = await here.post("/api/v1/tokens", {"name": name, "scope": "read"})
    assert answer.status_code == 400
    assert (
        answer.json()["error"]
        == {
            "mira": "there is no scope read; there is metrics, or a token without --scope",
            "monitoring": "monitoring is a source: its key sends alerts and nothing else; leave --scope away",
        }[name]
    )


async def test_a_session_ends_some_day(here: Here) -> None:
    who = await here.session("mira")
    here.clock.ahead = SESSION_LASTS + timedelta(minutes=1)
    assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 401


async def test_who_leaves_the_configuration_is_out_at_once(here: Here) -> None:
    who = await here.token("tom")
    config = (here.data / "tocsin.toml").read_text().replace('["mira", "tom"]', '["mira"]')
    config = config.replace('[people.tom]\nname = "Tom Lind"\n', "").replace('L2 = ["tom"]\n', "")
    assert (await here.post("/api/v1/runbook", {"settings": config})).status_code == 200
    assert (await ask(here, "GET", "/api/v1/incidents", who)).status_code == 401


async def test_a_source_key_or_a_token_is_made_for_those_there_are(here: Here) -> None:
    made = (await here.post("/api/v1/tokens", {"name": "monitoring"})).json()
    assert made == {"kind": "source", "token": here.routing_key}
    answer = await here.post("/api/v1/tokens", {"name": "eve"})
    assert (answer.status_code, answer.json()["error"][:29]) == (404, "there is no person or source ")


# -- one-time links


async def test_a_sign_in_link_works_once(here: Here) -> None:
    made = (await here.post("/api/v1/links", {"name": "mira"})).json()
    path = made["link"].removeprefix(str(here.client.base_url).rstrip("/"))
    token = parse_qs(urlsplit(made["link"]).query)["token"][0]
    for _ in range(2):  # following the link changes nothing, whoever follows it
        assert (await here.client.get(path)).status_code == 200
    first = await here.client.post("/app/sign-in", data={"token": token})
    assert first.status_code == 303
    assert re.search(r"tocsin_session=[^;]+;.*HttpOnly.*SameSite=lax", first.headers["set-cookie"])
    here.client.cookies.clear()
    second = await here.client.post("/app/sign-in", data={"token": token})
    assert second.status_code == 401
    assert "set-cookie" not in second.headers


async def test_a_sign_in_link_expires(here: Here) -> None:
    made = (await here.post("/api/v1/links", {"name": "mira", "expires": "PT10M"})).json()
    token = parse_qs(urlsplit(made["link"]).query)["token"][0]
    here.clock.ahead = timedelta(minutes=11)
    assert (await here.client.post("/app/sign-in", data={"token": token})).status_code == 401


async def test_there_is_no_link_for_somebody_who_is_not_there(here: Here) -> None:
    answer = await here.post("/api/v1/links", {"name": "eve"})
    assert answer.status_code == 404
    assert "there is no person eve" in answer.json()["error"]


# -- from where


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]", "["])
async def test_a_request_meant_for_another_host_is_refused(here: Here, host: str) -> None:
    answer = await ask(here, "GET", "/api/v1/incidents", here.owner | {"Host": host})
    assert answer.status_code == 421
    assert "public_url" in answer.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:8080"])
async def test_the_names_of_this_machine_are_ours(here: Here, host: str) -> None:
    assert (await ask(here, "GET", "/api/v1/incidents", here.owner | {"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "http://[", "http://a:b"]
)
async def test_a_change_asked_for_by_another_site_is_refused(here: Here, origin: str) -> None:
    headers = await here.session("mira") | {"Origin": origin}
    answer = await ask(here, "POST", "/api/v1/incidents", headers, {"summary": "forged"})
    assert answer.status_code == 403
    assert await here.incidents() == []


async def test_a_change_that_a_browser_calls_foreign_is_refused_without_an_origin_too(here: Here) -> None:
    headers = await here.session("mira")
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        answer = await ask(here, "POST", "/api/v1/incidents", headers | {"Sec-Fetch-Site": site}, {"summary": site})
        assert answer.status_code == status


async def test_a_change_from_our_own_pages_is_taken(here: Here) -> None:
    own = await here.session("mira") | {"Origin": str(here.client.base_url).rstrip("/")}
    assert (await ask(here, "POST", "/api/v1/incidents", own, {"summary": "real"})).status_code == 200


async def test_a_change_from_our_own_pages_behind_a_proxy_is_taken(here: Here) -> None:
    here.tocsin.links.public_url = "https://pager.example"
    behind = await here.session("mira") | {"Host": "127.0.0.1:8080"}
    for origin, status in (
        ("https://pager.example", 200),
        ("https://pager.example:443", 200),
        ("http://pager.example", 403),
        ("https://pager.example:8443", 403),
        ("https://pager.example.evil.example", 403),
        ("https://evil.example", 403),
    ):
        answer = await ask(here, "POST", "/api/v1/incidents", behind | {"Origin": origin}, {"summary": origin})
        assert (origin, answer.status_code) == (origin, status)


# -- what only the trusted may do


@pytest.mark.parametrize("route", TRUSTED)
async def test_what_concerns_the_server_itself_is_for_administrators(here: Here, route: str) -> None:
    method, _, path = route.partition(" ")
    bodies = {"/runbook": {"runbook": EXAMPLE.read_text(), "dry_run": True}, "/doctor/page": {"wait": "PT0.01S"}}
    body = bodies.get(path, {} if method == "GET" else {"name": "mira"})
    refused = await ask(here, method, f"/api/v1{path}", await here.token("mira"), body)
    assert refused.status_code == 403
    assert "administrator" in refused.json()["error"]
    assert (await ask(here, method, f"/api/v1{path}", await here.token("ada"), body)).status_code == 200


# -- restricted incidents


@pytest.mark.parametrize("path", ON_ONE)
async def test_a_restricted_incident_is_not_there_for_those_it_does_not_concern(here: Here, path: str) -> None:
    number = (await breach(here))["id"]
    absent = number.replace("0001", "0007")
    mira = await here.token("mira")
    hidden = await ask(here, "GET", f"/api/v1/incidents/{number}{path}", mira)
    nothing = await ask(here, "GET", f"/api/v1/incidents/{absent}{path}", mira)
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.json()["error"].replace(number, absent) == nothing.json()["error"]


async def test_a_restricted_incident_is_listed_only_for_those_it_concerns(here: Here) -> None:
    number = (await breach(here))["id"]
    await called(here, number)
    plain = (await here.declare("Slow"))["id"]
    listed = {}
    for name in ("mira", "tom", "jonas", "lea", "sam", "ada"):
        answer = await ask(here, "GET", "/api/v1/incidents", await here.token(name))
        listed[name] = {one["id"] for one in answer.json()["incidents"]}
    assert listed["mira"] == listed["tom"] == {plain}
    assert listed["jonas"] == listed["lea"] == listed["sam"] == listed["ada"] == {number, plain}


@pytest.mark.parametrize("deed", DEEDS)
async def test_nobody_acts_on_a_restricted_incident_that_does_not_concern_them(here: Here, deed: str) -> None:
    number = (await breach(here))["id"]
    path = f"/api/v1/incidents/{number}/{deed}"
    for who in (await here.token("mira"), await here.session("mira")):
        assert (await ask(here, "POST", path, who, DEEDS[deed])).status_code == 404
    shown = (await here.get(f"/api/v1/incidents/{number}")).json()
    assert not any(fact["by"] == "person:mira" for fact in shown["timeline"])


async def test_who_was_called_sees_a_restricted_incident_and_acts(here: Here) -> None:
    number = (await breach(here))["id"]
    await called(here, number)
    who = await here.token("lea")
    for path in ON_ONE:
        assert (await ask(here, "GET", f"/api/v1/incidents/{number}{path}", who)).status_code == 200
    taken = await ask(here, "POST", f"/api/v1/incidents/{number}/acknowledge", who)
    assert (taken.status_code, taken.json()["acknowledged_by"]) == (200, "person:lea")


async def test_a_page_of_a_restricted_incident_does_not_say_what_it_is(here: Here) -> None:
    sent: list[Sent] = []
    here.tocsin.deeds.channels = {"console": RehearsalChannel("console", here.clock, sent)}
    number = (await breach(here))["id"]
    async with asyncio.timeout(PATIENCE):
        while {one.person for one in sent} != {"sam", "lea", "jonas"}:  # noqa: ASYNC110  waits for a channel
            await asyncio.sleep(0.02)
    for one in sent:
        said = f"{one.message.subject} {one.message.text} {one.message.data}".lower()
        assert "customer table" not in said
        assert "breach" not in said
        assert "restricted" in said
        assert number in str(one.message.link)


async def test_whoever_declares_a_restricted_incident_without_being_called_sees_it_once(here: Here) -> None:
    mira = await here.token("mira")
    body = {"summary": "Somebody copied the customer table", "type": "data-breach"}
    declared = await ask(here, "POST", "/api/v1/incidents", mira, body)
    assert declared.status_code == 200
    number = declared.json()["id"]
    assert (await ask(here, "GET", f"/api/v1/incidents/{number}", mira)).status_code == 404
