"""A deploy is told to Tocsin as to PagerDuty, pages nobody, and stands on what breaks next."""

import json
from datetime import timedelta
from typing import Any

import pytest

from conftest import SHARED
from integration.servers import Here, on_both_stores
from integration.web.test_inbound import INVALID, counts, second_connection
from integration.web.test_pagerduty_rest import faults
from tocsin.web.gate import Gate

LIMIT = 512 * 1024


def change(here: Here, **changes: Any) -> dict[str, Any]:
    payload = {"summary": "Deployed build 4711 of the till", "source": "ci", "custom_details": {"commit": "abc123"}}
    links = [{"href": "https://ci.example/4711", "text": "build"}]
    return {"routing_key": here.routing_key, "payload": payload, "links": links, **changes}


EVENTS = SHARED / "reference" / "pagerduty-events-shapes.json"


@pytest.mark.parametrize("path", ["/enqueue", "/change/enqueue"])
async def test_answers_fit_the_shapes_that_pagerduty_publishes(here: Here, path: str) -> None:
    if not EVENTS.is_file():
        pytest.skip(f"needs {EVENTS.name}, which lies beside the project and not in it")
    whole = json.loads(EVENTS.read_text())
    responses, good = whole["components"]["responses"], change(here) if "change" in path else here.event()
    kinds = {202: responses["Success"], 400: responses["Error"]}
    for body, status in ((good, 202), ({}, 400), ([], 400)):
        answer = await here.client.post(f"/v2{path}", json=body)
        assert answer.status_code == status
        assert faults(answer.json(), kinds[status]["content"]["application/json"]["schema"], whole) == []
    here.app.state.gate = Gate(most_requests=0)
    limited = await here.client.post(f"/v2{path}", json=good)
    assert limited.status_code == 429
    assert faults(limited.json(), kinds[400]["content"]["application/json"]["schema"], whole) == []


async def kept(here: Here) -> int:
    with second_connection(here) as db:
        return int(db.execute("SELECT count(*) FROM change_event").fetchone()[0])


async def test_a_change_is_answered_as_pagerduty_answers_it_and_pages_nobody(here: Here) -> None:
    answer = await here.client.post("/v2/change/enqueue", json=change(here))
    assert (answer.status_code, answer.json()) == (202, {"status": "success", "message": "Change event processed"})
    assert (await kept(here), counts(here)["incident"], counts(here)["alert"]) == (1, 0, 0)


@on_both_stores
async def test_either_store_keeps_a_change_once_and_shows_it(here: Here) -> None:
    here.clock.stand()  # ten minutes may be over between the two
    for _ in range(2):
        assert (await here.client.post("/v2/change/enqueue", json=change(here))).status_code == 202
    [told] = (await here.declare("The till is dead"))["changes"]
    assert told["when"] == "when it opened"


@on_both_stores
async def test_a_lease_ends_in_either_store(here: Here) -> None:
    until = (here.clock.now() + timedelta(minutes=4)).isoformat()
    headers = {"Authorization": f"Bearer {here.routing_key}"}
    for _ in range(2):
        alerts = [{"labels": {"alertname": "TillDown"}, "endsAt": until}]
        assert (await here.client.post("/api/v2/alerts", json=alerts, headers=headers)).status_code == 200
    await here.alone()
    here.clock.ahead += timedelta(minutes=4, seconds=1)
    here.tocsin.engine.changes.announce()
    await here.until(lambda found: found[0]["status"] == "resolved")


async def test_the_same_change_twice_is_kept_once(here: Here) -> None:
    stamped = change(here)
    stamped["payload"]["timestamp"] = here.clock.now().isoformat()
    for _ in range(3):
        assert (await here.client.post("/v2/change/enqueue", json=stamped)).status_code == 202
    assert await kept(here) == 1


async def test_an_incident_says_what_was_changed_shortly_before(here: Here) -> None:
    here.clock.stand()
    await here.client.post("/v2/change/enqueue", json=change(here))
    here.clock.ahead += timedelta(minutes=4)
    number = (await here.declare("The till is dead"))["id"]
    [told] = (await here.get(f"/api/v1/incidents/{number}")).json()["changes"]
    assert (told["when"], told["summary"]) == ("4 min before it opened", "Deployed build 4711 of the till")
    assert (told["source"], told["links"]) == ("monitoring", ["https://ci.example/4711"])
    page = (await here.client.get(f"/app/incidents/{number}", headers=await here.session("ada"))).text
    assert "Changed 4 min before it opened" in page
    assert 'href="https://ci.example/4711"' in page


async def test_a_change_of_last_week_is_not_shown(here: Here) -> None:
    await here.client.post("/v2/change/enqueue", json=change(here))
    here.clock.ahead += timedelta(days=7)
    assert (await here.declare("The till is dead"))["changes"] == []


async def test_changes_of_long_ago_are_forgotten(here: Here) -> None:
    await here.client.post("/v2/change/enqueue", json=change(here))
    here.clock.ahead += timedelta(days=91)
    await here.client.post("/v2/change/enqueue", json=change(here))
    assert await kept(here) == 1


async def test_what_is_no_change_is_refused_and_changes_nothing(here: Here) -> None:
    wrong: list[Any] = [change(here, payload={}), change(here, routing_key="0" * 32), change(here, links=[{}]), {}, []]
    for body in wrong:
        answer = await here.client.post("/v2/change/enqueue", json=body)
        assert answer.status_code == 400, body
    large = await here.client.post("/v2/change/enqueue", content=b" " * (LIMIT + 1))
    assert (large.status_code, large.json().items() >= INVALID.items()) == (400, True)
    assert await kept(here) == 0
