"""What PagerDuty's clients ask besides: one thing by its id, who they are, an incident's alerts and log entries."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from integration.servers import PATIENCE, Here, serving
from integration.web.test_pagerduty_rest import ROTA, call, client_of, faults, published, rota, secured, token
from integration.web.test_pagerduty_rest_incidents import asked, opened, refer

__all__ = ["rota", "secured"]


async def alerted(here: Here, **changes: Any) -> str:
    """The number of the incident that an event opened."""
    assert (await here.client.post("/v2/enqueue", json=here.event(**changes))).status_code == 202
    number: str = (await here.until(lambda found: found if found and found[0]["level"] else None))[0]["id"]
    return number


# -- PagerDuty's own client


async def test_whatever_a_list_holds_is_found_again_at_its_own_address(secured: Here) -> None:
    number = await opened(secured)
    with client_of(secured, await token(secured)) as client:
        for name in ("users", "schedules", "escalation_policies", "services", "incidents"):
            listed = await call(client.list_all, name)
            assert listed, name
            for one in listed:
                whole = await call(client.rget, one)
                assert (whole["id"], whole["type"]) == (one["id"], one["type"])
        incident = await call(client.rget, f"incidents/{number}")
        for name in ("service", "escalation_policy"):
            assert (await call(client.rget, incident[name]))["type"] == name, "a reference leads to what it names"
        oncall = next(one for one in await call(client.list_all, "oncalls") if one["schedule"])
        assert (await call(client.rget, oncall["schedule"]))["id"] == "primary"


async def test_pagerdutys_client_finds_things_by_name(secured: Here) -> None:
    with client_of(secured, await token(secured)) as client:
        for name, query in (
            ("schedules", "PRIMARY"),
            ("escalation_policies", "escalation path"),
            ("services", "probes"),
        ):
            assert (await call(client.find, name, query))["name"].casefold() == query.casefold()
        assert await call(client.find, "services", "nothing") is None


async def test_pagerdutys_client_learns_whose_key_it_has(secured: Here) -> None:
    with client_of(secured, await token(secured)) as client:
        assert (await call(client.rget, "users/me"))["id"] == "mira"
        assert await call(lambda: client.api_key_access) == "user"
        assert await call(client.account_has_ability, "teams") is False
    with client_of(secured, secured.tocsin.local_token) as client:
        assert await call(lambda: client.api_key_access) == "account"


async def test_pagerdutys_client_reads_what_happened(secured: Here) -> None:
    number = await alerted(secured, dedup_key="till", links=[{"href": "https://graph.example/1", "text": "graph"}])
    with client_of(secured, await token(secured)) as client:
        await call(client.rput, "incidents", json=refer(number, status="acknowledged")["incidents"])
        for words in ("first", "second"):
            await call(client.rpost, f"incidents/{number}/notes", json={"content": words})
        await call(client.rput, "incidents", json=refer(number, status="resolved", resolution="the cable")["incidents"])
        notes = await call(lambda: list(client.iter_incident_notes(number)))
        assert [(one["channel"]["content"], one["agent"]["id"]) for one in notes] == [
            ("second", "mira"),
            ("first", "mira"),
        ]
        for size in (1, 100):
            told = await call(
                lambda size=size: list(client.iter_all(f"incidents/{number}/log_entries", page_size=size))
            )
            kinds = [one["type"] for one in told if one["type"] != "notify_log_entry"]
            assert kinds == [
                "resolve_log_entry",
                "annotate_log_entry",
                "annotate_log_entry",
                "acknowledge_log_entry",
                "escalate_log_entry",
                "trigger_log_entry",
            ]
        assert (told[0]["note"], told[0]["summary"]) == ("the cable", "Resolved by Mira Okafor")
        assert told[-1]["agent"]["id"] == "monitoring", "what a monitor did is told as done by its service"
        [alert] = await call(client.list_all, f"incidents/{number}/alerts")
        assert (alert["alert_key"], alert["severity"], alert["service"]["id"]) == ("till", "critical", "monitoring")
        assert alert["body"]["contexts"] == [{"type": "link", "href": "https://graph.example/1", "text": "graph"}]
        assert await call(client.rget, alert["self"]) == alert


async def test_pagerdutys_client_reads_a_time_at_once(secured: Here) -> None:
    number, now = await opened(secured), secured.clock.now()
    with client_of(secured, await token(secured)) as client:
        around = now.replace(year=now.year - 1), now.replace(year=now.year + 1)
        found = await call(lambda: list(client.iter_history("incidents", *around)))
        assert [one["id"] for one in found] == [number]
        assert await call(lambda: list(client.iter_history("incidents", around[0], around[0].replace(month=12)))) == []


# -- one by one


async def test_a_schedule_tells_its_layers_and_the_turns_that_are_asked_for(rota: Here) -> None:
    whole = (await asked(rota, "GET", "/schedules/primary?since=2026-11-27T00:00:00Z&until=2026-12-01T00:00:00Z"))[
        "schedule"
    ]
    [layer] = whole["schedule_layers"]
    assert [one["user"]["id"] for one in layer["users"]] == ["mira", "tom"]
    assert layer["rotation_turn_length_seconds"] == 7 * 24 * 3600
    told = [
        (one["user"]["id"], one["start"], one["end"]) for one in whole["final_schedule"]["rendered_schedule_entries"]
    ]
    assert told == [
        ("mira", "2026-11-27T00:00:00Z", "2026-11-30T08:00:00Z"),
        ("tom", "2026-11-30T08:00:00Z", "2026-12-01T00:00:00Z"),
    ]
    for query, people in (("", 1), ("?since=2026-11-27&until=2026-12-01", 2)):
        assert len((await asked(rota, "GET", f"/schedules/primary/users{query}"))["users"]) == people


async def test_references_are_given_whole_where_that_is_asked(rota: Here) -> None:
    number = await opened(rota)
    query = "include[]=services&include[]=escalation_policies&include[]=first_trigger_log_entries&include[]=teams"
    for one in ((await asked(rota, "GET", f"/incidents?{query}"))["incidents"][0],
                (await asked(rota, "GET", f"/incidents/{number}?{query}"))["incident"]):  # fmt: skip
        assert (one["service"]["type"], one["service"]["status"]) == ("service", "active")
        assert one["escalation_policy"]["escalation_rules"]
    query = "include[]=escalation_policies&include[]=schedules&schedule_ids[]=primary"
    for one in (await asked(rota, "GET", f"/oncalls?{query}"))["oncalls"]:
        assert one["escalation_policy"]["escalation_rules"]
        assert one["schedule"]["time_zone"] == "UTC" or one["schedule"]["users"]


async def test_filters_of_incidents_narrow(rota: Here) -> None:
    number = await opened(rota)
    long_ago = "since=2020-01-01&until=2020-02-01"
    for query, found in ((long_ago, []), (f"{long_ago}&date_range=all", [number]), ("team_ids[]=PTEAM", [])):
        assert [one["id"] for one in (await asked(rota, "GET", f"/incidents?{query}"))["incidents"]] == found


async def test_log_entries_and_alerts_are_narrowed_too(rota: Here) -> None:
    number = await alerted(rota, dedup_key="till")
    path = f"/incidents/{number}"
    assert (await asked(rota, "GET", f"{path}/log_entries?until=2020-01-01"))["log_entries"] == []
    overview = (await asked(rota, "GET", f"{path}/log_entries?is_overview=true"))["log_entries"]
    assert {one["type"] for one in overview} == {"trigger_log_entry", "escalate_log_entry"}
    for query, count in (("statuses[]=triggered", 1), ("statuses[]=resolved", 0), ("alert_key=x", 0), ("offset=1", 0)):
        assert len((await asked(rota, "GET", f"{path}/alerts?{query}"))["alerts"]) == count
    await asked(rota, "GET", f"{path}/alerts?statuses[]=open", status=400)
    await asked(rota, "GET", f"{path}/alerts/A1", status=404)


async def test_an_incident_counts_the_alerts_that_it_lists(tmp_path: Path) -> None:
    config = ROTA.replace('group_within = "PT0S"', 'group_within = "PT1H"')
    async with serving(tmp_path / "data", config=config) as here:
        number = await alerted(here, dedup_key="first")
        event = here.event(dedup_key="second")

        async def told() -> tuple[list[tuple[str, str]], dict[str, int]]:
            incident = (await asked(here, "GET", f"/incidents/{number}"))["incident"]
            alerts = (await asked(here, "GET", f"/incidents/{number}/alerts"))["alerts"]
            return [(one["alert_key"], one["status"]) for one in alerts], incident["alert_counts"]

        for action, triggered in (("trigger", 2), ("resolve", 1)):
            assert (await here.client.post("/v2/enqueue", json=event | {"event_action": action})).status_code == 202
            wanted = {"all": 2, "triggered": triggered, "resolved": 2 - triggered}
            async with asyncio.timeout(PATIENCE):
                while (found := await told())[1] != wanted:  # noqa: ASYNC110  asks over HTTP, as everybody must
                    await asyncio.sleep(0.02)
        assert found[0] == [("first", "triggered"), ("second", "resolved")]


@pytest.mark.parametrize(
    "path",
    ["/schedules/x", "/schedules/x/users", "/escalation_policies/x", "/services/x", "/incidents/INC-2026-0099/alerts",
     "/incidents/INC-2026-0099/log_entries"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(rota: Here, path: str) -> None:
    assert (await asked(rota, "GET", path, status=404))["error"]["code"] == 2100


async def test_a_restricted_incident_tells_others_nothing(rota: Here) -> None:
    await rota.declare("Somebody copied the customer table", type="data-breach")
    number = (await rota.until(lambda found: found if found[0]["level"] else None))[0]["id"]
    for part in ("alerts", "log_entries"):
        await asked(rota, "GET", f"/incidents/{number}/{part}", status=404)
        await asked(rota, "GET", f"/incidents/{number}/{part}", who="ada")


async def test_every_answer_fits_the_shapes_that_pagerduty_publishes(rota: Here) -> None:
    whole, number = published(), await alerted(rota)
    await asked(rota, "POST", f"/incidents/{number}/notes", {"note": {"content": "x"}})
    entries = (await asked(rota, "GET", f"/incidents/{number}/log_entries"))["log_entries"]
    assert {"annotate_log_entry", "trigger_log_entry"} <= {one["type"] for one in entries}
    shown = [
        ("LogEntry", entries),
        ("Schedule", [(await asked(rota, "GET", "/schedules/primary?since=2026-11-27&until=2026-12-01"))["schedule"]]),
        ("EscalationPolicy", [(await asked(rota, "GET", "/escalation_policies/general"))["escalation_policy"]]),
        ("Service", [(await asked(rota, "GET", "/services/monitoring"))["service"]]),
        ("User", [(await asked(rota, "GET", "/users/me"))["user"]]),
    ]
    for name, values in shown:
        for value in values:
            assert faults(value, {"$ref": f"#/components/schemas/{name}"}, whole) == [], name


async def test_the_ability_that_is_asked_for_is_named(rota: Here) -> None:
    error = (await asked(rota, "GET", "/abilities/teams", status=402))["error"]
    assert (error["code"], error["message"]) == (2014, "Required abilities are unavailable")
    assert "teams" in error["errors"][0]
