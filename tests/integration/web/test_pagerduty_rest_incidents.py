"""Incidents as PagerDuty's clients read, take, resolve, declare and note them."""

import asyncio
from typing import Any

import pytest
from pagerduty.errors import HttpError

from integration.servers import PATIENCE, Here
from integration.web.test_pagerduty_rest import (
    call,
    client_of,
    faults,
    published,
    rota,
    schema_of,
    secured,
    token,
)

__all__ = ["rota", "secured"]


async def asked(here: Here, method: str, path: str, body: object = None, **more: Any) -> Any:
    """The JSON of an answer to Mira, once its status is as expected (200)."""
    status, who = more.pop("status", 200), more.pop("who", "mira")
    answer = await here.client.request(method, path, json=body, headers=await here.token(who), **more)
    assert answer.status_code == status, answer.text
    return answer.json()


async def opened(here: Here, **words: str) -> str:
    number: str = (await here.declare("Nothing works", **words))["id"]
    await here.until(lambda found: found[0]["level"])
    return number


def refer(number: str, **change: object) -> dict[str, Any]:
    return {"incidents": [{"id": number, "type": "incident_reference", **change}]}


# -- PagerDuty's own client


async def test_pagerdutys_client_reads_takes_notes_and_resolves(secured: Here) -> None:
    number = await opened(secured, type="high-error-rate")
    with client_of(secured, await token(secured)) as client:
        read: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE):
            while True:  # what is told of it moves while its page goes out and its diagnostics run
                [listed] = await call(client.list_all, "incidents", params={"statuses[]": ["triggered"]})
                if read == listed:
                    break
                read = await call(client.rget, listed["self"])
        assert (listed["id"], listed["status"], listed["urgency"]) == (number, "triggered", "high")
        taken = await call(client.rput, "incidents", json=refer(number, status="acknowledged")["incidents"])
        assert [one["status"] for one in taken] == ["acknowledged"]
        assert taken[0]["assignments"][0]["assignee"]["id"] == "mira"
        said = await call(client.rpost, f"incidents/{number}/notes", json={"content": "I restart it"})
        assert (said["content"], said["user"]["id"]) == ("I restart it", "mira")
        notes = await call(client.rget, f"incidents/{number}/notes")
        assert [one["content"] for one in notes] == ["I restart it"]
        over = await call(client.rput, f"incidents/{number}", json={"type": "incident", "status": "resolved"})
        assert over["status"] == "resolved"
        with pytest.raises(HttpError, match="400"):
            await call(client.rput, "incidents", json=refer(number, status="resolved")["incidents"])
        assert await call(client.list_all, "incidents", params={"statuses[]": ["triggered", "acknowledged"]}) == []
    assert (await secured.alone())["status"] == "resolved"


async def test_pagerdutys_client_declares(secured: Here) -> None:
    wanted = {
        "type": "incident",
        "title": "The till is dead",
        "service": {"id": "manual", "type": "service_reference"},
        "priority": {"id": "P1", "type": "priority_reference"},
        "incident_key": "till",
        "body": {"type": "incident_body", "details": "aisle 1"},
    }
    with client_of(secured, await token(secured)) as client:
        made = await call(client.rpost, "incidents", json=wanted)
        assert (made["status"], made["incident_key"], made["priority"]["id"]) == ("triggered", "till", "P1")
        with pytest.raises(HttpError, match="400"):
            await call(client.rpost, "incidents", json=wanted)
        [found] = await call(client.list_all, "incidents", params={"incident_key": "till"})
        assert found["id"] == made["id"]
        for name in ("schedules", "escalation_policies", "services", "priorities"):
            assert await call(client.list_all, name), name


# -- one by one


async def test_every_answer_about_incidents_fits_the_shapes_that_pagerduty_publishes(rota: Here) -> None:
    whole, number = published(), await opened(rota)
    service = {"id": "monitoring", "type": "service_reference"}
    exchanges = [
        ("GET", "/incidents?total=true&limit=1", "/incidents", None, "200"),
        ("GET", f"/incidents/{number}", "/incidents/{id}", None, "200"),
        ("PUT", "/incidents", "/incidents", refer(number, status="acknowledged"), "200"),
        ("GET", "/incidents?include[]=acknowledgers&include[]=assignees", "/incidents", None, "200"),
        ("POST", f"/incidents/{number}/notes", "/incidents/{id}/notes", {"note": {"content": "x"}}, "200"),
        ("GET", f"/incidents/{number}/notes", "/incidents/{id}/notes", None, "200"),
        (
            "PUT",
            f"/incidents/{number}",
            "/incidents/{id}",
            {"incident": {"type": "incident", "status": "resolved"}},
            "200",
        ),
        ("GET", "/incidents", "/incidents", None, "200"),
        (
            "POST",
            "/incidents",
            "/incidents",
            {"incident": {"type": "incident", "title": "t", "service": service}},
            "201",
        ),
        ("PUT", "/incidents", "/incidents", refer(number, status="resolved"), "400"),
        ("GET", "/incidents/INC-2026-9999", "/incidents/{id}", None, "404"),
    ]
    for method, path, template, body, status in exchanges:
        value = await asked(rota, method, path, body, status=int(status))
        assert faults(value, schema_of(whole, template, method.lower(), status), whole) == [], (method, path)


async def test_what_a_client_wants_and_cannot_have_is_refused_and_nothing_is_done(rota: Here) -> None:
    number = await opened(rota)
    for body, says in (
        (refer(number, title="x"), "title cannot be changed here"),
        (refer(number, assignments=[]), "assignments cannot be changed here"),
        (refer(number, status="on fire"), "status must be one of"),
        (refer(number, priority={"id": "P9"}), "there is no such priority"),
        (refer(number, escalation_level=9), "escalation_level must be a whole number"),
        ({"incidents": [{"id": number, "status": "acknowledged"}, {"id": "INC-2026-0099"}]}, None),
        ({"incident": {}}, "the body does not fit"),
        (refer(number, resolution="the cable"), "resolution goes with status resolved"),
        ({"incidents": [*refer(number, status="acknowledged")["incidents"] * 2]}, "is named twice"),
    ):
        status = 404 if says is None else 400
        error = (await asked(rota, "PUT", "/incidents", body, status=status))["error"]
        assert says is None or says in error["errors"][0]
    many = {"incidents": [{"id": number}] * 251}
    assert "at most 250" in (await asked(rota, "PUT", "/incidents", many, status=413))["error"]["errors"][0]
    timeline = (await rota.get(f"/api/v1/incidents/{number}/timeline")).json()["timeline"]
    assert [fact for fact in timeline if fact["by"] == "person:mira"] == []


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"urgency": "low"}, "urgency cannot be chosen here; priority"),
        ({"assignments": [{"assignee": {"id": "tom", "type": "user_reference"}}]}, "incident_type names its entry"),
        ({"escalation_policy": {"id": "PT20", "type": "escalation_policy_reference"}}, "who is called"),
        ({"conference_bridge": {"conference_number": "+1 415 555 1212"}}, "conference_bridge cannot be chosen here"),
    ],
)
async def test_what_cannot_be_chosen_of_a_new_incident_is_refused_and_nothing_opens(
    rota: Here, wish: dict[str, Any], says: str
) -> None:
    wanted = {"type": "incident", "title": "t", "service": {"id": "manual", "type": "service_reference"}}
    error = (await asked(rota, "POST", "/incidents", {"incident": wanted | wish}, status=400))["error"]
    assert says in error["errors"][0]
    assert await rota.incidents() == []
    await asked(rota, "POST", "/incidents", {"incident": wanted | dict.fromkeys(wish)}, status=201)


async def test_what_is_taken_cannot_be_untaken_silently(rota: Here) -> None:
    number = await opened(rota)
    for status in ("triggered", "acknowledged"):
        [one] = (await asked(rota, "PUT", "/incidents", refer(number, status=status)))["incidents"]
        assert one["status"] == status
    error = (await asked(rota, "PUT", "/incidents", refer(number, status="triggered"), status=400))["error"]
    assert "cannot be given back" in error["errors"][0]


async def test_a_note_that_is_added_is_the_one_that_is_told(rota: Here) -> None:
    number = await opened(rota)
    bodies = [{"note": {"content": f"note {place}"}} for place in range(6)]
    path = f"/incidents/{number}/notes"
    told = await asyncio.gather(*(asked(rota, "POST", path, body) for body in bodies))
    assert [one["note"]["content"] for one in told] == [body["note"]["content"] for body in bodies]
    assert len({one["note"]["id"] for one in told}) == len(bodies)


async def test_priority_level_and_status_can_be_changed(rota: Here) -> None:
    number = await opened(rota, severity="P2")
    [raised] = (await asked(rota, "PUT", "/incidents", refer(number, priority={"id": "P1"})))["incidents"]
    assert (raised["priority"]["id"], raised["urgency"]) == ("P1", "high")
    await asked(rota, "PUT", "/incidents", refer(number, escalation_level=2))
    await rota.until(lambda found: found[0]["level"] == "L2")
    await asked(rota, "PUT", "/incidents", refer(number, status="resolved", resolution="it was the cable"))
    timeline = (await rota.get(f"/api/v1/incidents/{number}/timeline")).json()["timeline"]
    assert any("it was the cable" in str(fact["data"]) for fact in timeline)
    [again] = (await asked(rota, "PUT", "/incidents", refer(number, status="triggered")))["incidents"]
    assert again["status"] == "triggered"


async def test_a_level_is_one_of_the_policy_that_the_incident_is_told_to_have(rota: Here) -> None:
    """The first rung of a breach is not L1, who may not even know of it."""
    await rota.declare("Somebody copied the customer table", type="data-breach")
    number = (await rota.until(lambda found: found if found[0]["level"] else None))[0]["id"]
    [one] = (await asked(rota, "GET", "/incidents", who="ada"))["incidents"]
    policy = (await asked(rota, "GET", f"/escalation_policies/{one['escalation_policy']['id']}"))["escalation_policy"]
    rungs = len(policy["escalation_rules"])
    await asked(rota, "PUT", "/incidents", refer(number, escalation_level=rungs + 1), who="ada", status=400)
    await asked(rota, "PUT", "/incidents", refer(number, escalation_level=1), who="ada")
    timeline = (await rota.get(f"/api/v1/incidents/{number}/timeline")).json()["timeline"]
    requested = [fact["data"]["level"] for fact in timeline if fact["fact"] == "EscalationRequested"]
    assert requested == ["Executive", "Legal", "Security team"]
    assert (await asked(rota, "GET", f"/incidents/{number}", status=404))["error"]["code"] == 2100, "not for Mira of L1"


async def test_lists_are_filtered_sorted_and_paged(rota: Here) -> None:
    first, second = await opened(rota, severity="P1"), (await rota.declare("Slow", severity="P3"))["id"]
    await asked(rota, "PUT", "/incidents", refer(first, status="acknowledged"))

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in (await asked(rota, "GET", f"/incidents?{query}"))["incidents"]]

    assert await ids("") == [first, second]
    assert await ids("sort_by=created_at:desc") == [second, first]
    assert await ids("statuses%5B%5D=acknowledged") == [first]
    assert await ids("urgencies[]=low") == [second]
    assert await ids("user_ids[]=mira") == [first]
    assert await ids("since=2099-01-01") == await ids("until=2020-01-01") == await ids("service_ids[]=monitoring") == []
    page = await asked(rota, "GET", "/incidents?limit=1&offset=1&total=true")
    assert ([one["id"] for one in page["incidents"]], page["more"], page["total"]) == ([second], False, 2)
    for wrong in ("statuses[]=open", "sort_by=title", "include[]=channel"):
        await asked(rota, "GET", f"/incidents?{wrong}", status=400)


async def test_a_restricted_incident_is_not_there_for_others(rota: Here) -> None:
    await rota.declare("Somebody copied the customer table", type="data-breach")
    await rota.until(lambda found: found[0]["level"])
    assert (await asked(rota, "GET", "/incidents"))["incidents"] == []
    number = (await rota.alone())["id"]
    await asked(rota, "GET", f"/incidents/{number}", status=404)
    await asked(rota, "PUT", "/incidents", refer(number, status="acknowledged"), status=404)
    assert [one["id"] for one in (await asked(rota, "GET", "/incidents", who="ada"))["incidents"]] == [number]


async def test_the_owner_of_the_machine_acts_for_whom_from_names(rota: Here) -> None:
    number = await opened(rota)
    for address, status in (("mira@orderbook.example", 200), ("eve@example.org", 400)):
        headers = {**rota.owner, "From": address}
        answer = await rota.client.put("/incidents", json=refer(number, status="acknowledged"), headers=headers)
        assert answer.status_code == status, answer.text
    assert (await rota.alone())["acknowledged_by"] == "person:mira"


async def test_how_many_requests_are_left_is_told_and_too_many_are_refused(
    rota: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rota.clock, "monotonic", lambda: 119.9)  # no minute begins in the middle of it
    who = await rota.token("mira")
    first = (await rota.client.get("/abilities", headers=who)).headers
    assert (first["ratelimit-limit"], first["ratelimit-remaining"]) == ("960", "959")
    assert first["ratelimit-reset"] == "1"
    rota.app.state.rates._asked["person:mira"] = 960
    limited = await rota.client.get("/abilities", headers=who)
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, 2020)
