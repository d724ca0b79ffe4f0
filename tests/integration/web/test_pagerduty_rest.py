"""Who is on call, asked as one asks PagerDuty: by its own client, by its published shapes, and by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pagerduty import RestApiV2Client
from pagerduty.errors import HttpError

from conftest import SHARED
from integration.servers import TEAM, Here, serving

ROTA = TEAM.replace('L1 = ["mira"]', 'L1 = ["primary", "lea"]').replace(
    'name = "Mira Okafor"', 'name = "Mira Okafor"\nemail = "mira@orderbook.example"\ntimezone = "America/New_York"'
)
"""Mira and Tom take turns in L1, Lea always is; Tom is L2, nobody is L3."""

ACCEPT = {"Accept": "application/vnd.pagerduty+json;version=2"}


@pytest.fixture
async def rota(tmp_path: Path) -> AsyncIterator[Here]:
    async with serving(tmp_path / "data", config=ROTA) as here:
        here.clock.stand()  # no turn of anybody begins in the middle of a test
        yield here


@pytest.fixture
async def secured(tmp_path: Path, certificate: tuple[Path, Path]) -> AsyncIterator[Here]:
    """A Tocsin that speaks TLS, as PagerDuty's clients insist."""
    async with serving(tmp_path / "data", config=ROTA, tls=certificate) as here:
        here.clock.stand()
        yield here


async def token(here: Here, person: str = "mira") -> str:
    return (await here.token(person))["Authorization"].removeprefix("Bearer ")


@contextmanager
def client_of(here: Here, key: str) -> Iterator[Any]:
    with RestApiV2Client(key) as client:
        client.url = str(here.client.base_url).rstrip("/")
        yield client


async def call(deed: Callable[..., Any], *words: Any, **named: Any) -> Any:
    return await asyncio.to_thread(deed, *words, **named)


async def oncalls(here: Here, query: str = "", **headers: str) -> list[dict[str, Any]]:
    answer = await here.client.get(f"/oncalls?{query}", headers={**await here.token("mira"), **headers})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["oncalls"]
    return found


def told(found: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(one["escalation_policy"]["id"], one["escalation_level"], one["user"]["id"]) for one in found]


# -- PagerDuty's own client


async def test_pagerdutys_client_reads_who_is_on_call(secured: Here) -> None:
    with client_of(secured, await token(secured)) as client:
        pages = [
            await call(lambda size: list(client.iter_all("oncalls", page_size=size)), size) for size in (1, 3, 100)
        ]
        assert pages[0] == pages[1] == pages[2]
        general = [one for one in pages[0] if one["escalation_policy"]["id"] == "general"]
        assert [(one["escalation_level"], one["user"]["summary"]) for one in general][1:3] == [
            (1, "Lea Stern"),
            (2, "Tom Lind"),
        ]
        counted = await call(client.get, "oncalls", params={"total": "true", "limit": 1})
        assert counted.json()["total"] == len(pages[0])


async def test_pagerdutys_client_finds_users(secured: Here) -> None:
    with client_of(secured, await token(secured)) as client:
        assert len(await call(client.list_all, "users")) == 6
        found = await call(client.find, "users", "MIRA@orderbook.example", attribute="email")
        assert (found["id"], found["name"], found["time_zone"]) == ("mira", "Mira Okafor", "America/New_York")
        assert await call(client.rget, found["self"]) == found
        assert await call(client.rget, "users/mira") == found
        assert await call(client.find, "users", "nobody@example.org", attribute="email") is None
        assert await call(lambda: client.subdomain) == "127"
        assert await call(client.rget, "abilities") == []


async def test_pagerdutys_client_is_told_what_is_wrong(secured: Here) -> None:
    with client_of(secured, "a wrong key") as client, pytest.raises(HttpError, match="401"):
        await call(client.rget, "oncalls")
    with client_of(secured, await token(secured)) as client, pytest.raises(HttpError, match="404"):
        await call(client.rget, "users/eve")


# -- credentials and errors


@pytest.mark.parametrize("path", ["/oncalls", "/users", "/users/mira", "/abilities"])
async def test_without_credentials_it_answers_as_pagerduty_does(rota: Here, path: str) -> None:
    for headers in ({}, {"Authorization": "Token token=x"}, {"Authorization": f"Token token={rota.routing_key}"}):
        answer = await rota.client.get(path, headers={**ACCEPT, **headers})
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")
        assert (answer.json()["error"]["code"], answer.json()["error"]["message"]) == (2006, "Unauthorized")


async def test_a_personal_token_lets_in_however_it_is_written(rota: Here) -> None:
    key = await token(rota)
    for written in (f"Token token={key}", f'Token token="{key}"', f"Bearer {key}"):
        for more in ({}, ACCEPT):
            answer = await rota.client.get("/oncalls", headers={"Authorization": written, **more})
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/oncalls?limit=x", "limit"),
        ("/oncalls?limit=0", "limit"),
        ("/users?offset=-1", "offset"),
        ("/oncalls?offset=9990&limit=11", "10000"),
        ("/oncalls?total=yes", "total"),
        ("/oncalls?earliest=1", "earliest"),
        ("/oncalls?since=tomorrow", "since"),
        ("/oncalls?since=0001-01-01T00:00:00Z", "1970"),
        ("/oncalls?since=2026-11-02&until=2026-11-01", "before"),
        ("/oncalls?since=2026-01-01&until=2026-04-02", "90 days"),
        ("/oncalls?time_zone=Mars/Base", "Mars"),
        ("/oncalls?time_zone=../../etc/passwd", "unknown"),
        ("/oncalls?include[]=teams", "teams"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_pagerdutys_envelope(rota: Here, path: str, says: str) -> None:
    answer = await rota.client.get(path, headers=await rota.token("mira"))
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == (2001, "Invalid Input Provided")
    assert says in error["errors"][0]


async def test_a_client_may_ask_for_a_part_of_whatever_it_reads(rota: Here) -> None:
    for path in ("/users/mira", "/users/me", "/services/monitoring", "/users", "/abilities"):
        whole = (await rota.client.get(path, headers=await rota.token("mira"))).json()
        part = (await rota.client.get(f"{path}?offset=0&limit=100", headers=await rota.token("mira"))).json()
        assert {name: part[name] for name in whole.keys() - {"limit"}} == {
            name: whole[name] for name in whole.keys() - {"limit"}
        }


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/users/eve", "no such person"),
        ("/users/mira/contact_methods", "not here"),
        ("/incidents/count", "no incident count"),
        ("/incidents/INC-2026-0001/merge", "not here"),
        ("/teams", "not here"),
        ("/teams/P1/members", "not here"),
        ("/maintenance_windows", "not here"),
        ("/audit/records", "not here"),
    ],
)
async def test_what_is_not_there_is_said_in_pagerdutys_envelope(rota: Here, path: str, says: str) -> None:
    answer = await rota.client.get(path, headers=await rota.token("mira"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)
    assert says in answer.json()["error"]["errors"][0]
    assert (await rota.client.get(path)).json()["error"]["code"] == 2006, "nor is that told to anybody"


async def test_what_can_only_be_read_says_so_in_pagerdutys_envelope(rota: Here) -> None:
    posted = await rota.client.post("/users", headers=await rota.token("mira"), json={})
    assert (posted.status_code, posted.json()["error"]["message"]) == (405, "Method Not Allowed")


async def test_every_answer_says_how_often_one_may_ask_also_one_that_refuses(rota: Here) -> None:
    left = list[int]()
    for path, status in (("/users", 200), ("/users/eve", 404), ("/oncalls?limit=0", 400), ("/incidents?open=1", 400)):
        answer = await rota.client.get(path, headers=await rota.token("mira"))
        assert answer.status_code == status
        assert (answer.headers["ratelimit-limit"], int(answer.headers["ratelimit-reset"]) > 0) == ("960", True)
        left.append(int(answer.headers["ratelimit-remaining"]))
    assert all(0 <= one < 960 for one in left)


# -- what is answered


async def test_an_entry_is_a_person_a_policy_a_level_and_from_when_until_when(rota: Here) -> None:
    rota.clock.ahead = datetime.fromisoformat("2026-11-30T12:00:00Z") - rota.clock.now()
    first, second, *_ = await oncalls(rota)
    assert first == {
        "escalation_policy": {
            "id": "general",
            "type": "escalation_policy_reference",
            "summary": "Escalation path",
            "self": f"{rota.client.base_url}/escalation_policies/general",
            "html_url": f"{rota.client.base_url}/app/",
        },
        "escalation_level": 1,
        "schedule": {
            "id": "primary",
            "type": "schedule_reference",
            "summary": "primary",
            "self": f"{rota.client.base_url}/schedules/primary",
            "html_url": f"{rota.client.base_url}/app/",
        },
        "user": {
            "id": "tom",
            "type": "user_reference",
            "summary": "Tom Lind",
            "self": f"{rota.client.base_url}/users/tom",
            "html_url": f"{rota.client.base_url}/app/",
        },
        "start": "2026-11-30T08:00:00Z",
        "end": "2026-12-07T08:00:00Z",
    }
    assert (second["user"]["id"], second["schedule"], second["start"], second["end"]) == ("lea", None, None, None)


async def test_policies_are_the_ladder_and_the_entries_with_levels_of_their_own(rota: Here) -> None:
    found = told(await oncalls(rota, "limit=100&user_ids[]=sam&user_ids[]=jonas&user_ids[]=operator"))
    assert ("general", 3, "operator") in found, "nobody is L3: the fallback is called"
    assert ("general", 4, "sam") in found
    assert {one for one in found if one[0] == "data-breach" and one[1] == 1} == {
        ("data-breach", 1, "sam"),
        ("data-breach", 1, "jonas"),
    }


async def test_filters_narrow_and_do_not_widen(rota: Here) -> None:
    everything = await oncalls(rota, "limit=100")
    for query, field, value in (
        ("user_ids%5B%5D=lea", "user", "lea"),
        ("escalation_policy_ids%5B%5D=general", "escalation_policy", "general"),
        ("schedule_ids[]=primary", "schedule", "primary"),
    ):
        expected = [one for one in everything if one[field] and one[field]["id"] == value]
        assert expected
        assert await oncalls(rota, f"limit=100&{query}") == expected
    assert await oncalls(rota, "user_ids[]=eve") == []


async def test_a_time_gives_every_turn_that_overlaps_it(rota: Here) -> None:
    query = (
        "schedule_ids[]=primary&escalation_policy_ids[]=general&since=2026-11-25T00:00:00Z&until=2026-12-08T00:00:00Z"
    )
    found = await oncalls(rota, query)
    assert [(one["user"]["id"], one["start"], one["end"]) for one in found] == [
        ("mira", "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"),
        ("tom", "2026-11-30T08:00:00Z", "2026-12-07T08:00:00Z"),
        ("mira", "2026-12-07T08:00:00Z", "2026-12-14T08:00:00Z"),
    ]
    first = await oncalls(rota, f"{query}&earliest=true")
    assert [one["start"] for one in first] == ["2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"]


async def test_instants_are_read_and_told_in_the_zone_that_is_asked_for(rota: Here) -> None:
    query = "schedule_ids[]=primary&escalation_policy_ids[]=general&time_zone=Europe/Berlin"
    [before] = await oncalls(rota, f"{query}&since=2026-11-30T08:59:59&until=2026-11-30T08:59:59")
    assert (before["user"]["id"], before["end"]) == ("mira", "2026-11-30T09:00:00+01:00")
    [after] = await oncalls(rota, f"{query}&since=2026-11-30T09:00:00%2B01:00&until=2026-11-30T09:00:00%2B01:00")
    assert after["user"]["id"] == "tom"


async def test_users_can_be_included_whole(rota: Here) -> None:
    [one] = await oncalls(rota, "include[]=users&user_ids[]=lea&escalation_policy_ids[]=general")
    whole = (await rota.client.get("/users/lea", headers=await rota.token("mira"))).json()["user"]
    assert one["user"] == whole
    assert whole["type"] == "user"


async def test_pages_follow_each_other(rota: Here) -> None:
    who = await rota.token("mira")
    everything = await oncalls(rota, "limit=100")
    seen: list[dict[str, Any]] = []
    more = True
    while more:
        body = (await rota.client.get(f"/oncalls?limit=4&offset={len(seen)}", headers=who)).json()
        assert (body["limit"], body["offset"], body["total"]) == (4, len(seen), None)
        seen, more = seen + body["oncalls"], body["more"]
    assert seen == everything
    assert (await rota.client.get("/oncalls?limit=5000", headers=who)).json()["limit"] == 100


async def test_without_a_configuration_the_operator_is_on_call(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", config="[sources.monitoring]") as here:
        found = (await here.get("/oncalls")).json()["oncalls"]
        assert {one["user"]["id"] for one in found} == {"operator"}
        assert [one["id"] for one in (await here.get("/users")).json()["users"]] == ["operator"]


async def test_a_running_breach_changes_nothing(rota: Here) -> None:
    now = rota.clock.now().astimezone(ZoneInfo("UTC")) + timedelta(minutes=1)
    query = f"limit=100&since={now:%Y-%m-%dT%H:%M:%SZ}"
    before = await oncalls(rota, query)
    await rota.declare("Somebody copied the customer table", type="data-breach")
    await rota.until(lambda found: found[0]["level"])
    assert await oncalls(rota, query) == before


# -- PagerDuty's published shapes


def faults(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "") -> list[str]:
    """What of a value does not fit a schema of OpenAPI: types, enumerations, required keys, references.

    A null fits where the schema says so, and in what only PagerDuty itself writes, as its own answers have it there.
    """
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return faults(value, whole["components"]["schemas"][name], whole, at)
    found = [fault for part in schema.get("allOf", ()) for fault in faults(value, part, whole, at)]
    if "oneOf" in schema:
        if value is not None and all(faults(value, part, whole, at) for part in schema["oneOf"]):
            found.append(f"{at}: fits none of its kinds")
        return found
    if value is None:
        return found if schema.get("nullable") or schema.get("readOnly") else [*found, f"{at}: null"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if (kind := kinds.get(schema.get("type", ""))) and not isinstance(value, kind):
        return [*found, f"{at}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not one of {schema['enum']}")
    if isinstance(value, dict):
        found += [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value:
                found += faults(value[name], part, whole, f"{at}.{name}")
    if isinstance(value, list):
        found += [
            fault for index, one in enumerate(value) for fault in faults(one, schema["items"], whole, f"{at}[{index}]")
        ]
    return found


PUBLISHED = SHARED / "reference" / "pagerduty-rest-shapes.json"


def published() -> dict[str, Any]:
    if not PUBLISHED.is_file():
        pytest.skip(f"needs {PUBLISHED.name}, which lies beside the project and not in it")
    whole: dict[str, Any] = json.loads(PUBLISHED.read_text())
    return whole


def schema_of(whole: dict[str, Any], path: str, method: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = whole["paths"][path][method]["responses"][status]
    if "$ref" in found:
        found = whole["components"]["responses"][found["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = found["content"]["application/json"]["schema"]
    return schema


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/oncalls?limit=100&total=true", "/oncalls"),
        ("/oncalls?include[]=users", "/oncalls"),
        ("/users", "/users"),
        ("/users/mira", "/users/{id}"),
        ("/abilities", "/abilities"),
        ("/schedules?total=true", "/schedules"),
        ("/escalation_policies", "/escalation_policies"),
        ("/services", "/services"),
        ("/priorities", "/priorities"),
    ],
)
async def test_answers_fit_the_shapes_that_pagerduty_publishes(rota: Here, asked: str, path: str) -> None:
    whole = published()
    schema = schema_of(whole, path, "get", "200")
    answer = await rota.client.get(asked, headers=await rota.token("mira"))
    assert answer.status_code == 200
    body = answer.json()
    if "include" in asked:  # the published shape knows the reference alone
        for one in body["oncalls"]:
            assert faults(one.pop("user"), {"$ref": "#/components/schemas/User"}, whole) == []
    assert faults(body, schema, whole) == []
    assert faults([], schema, whole) != [], "the check can fail"
