"""Lists of incidents and log entries at any size: filters that hold, orders, pages, and what a script must not miss."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from integration.servers import Here, on_both_stores, serving
from integration.web.test_pagerduty_rest import ROTA, call, client_of, faults, published, rota, secured, token
from integration.web.test_pagerduty_rest_history import alerted
from integration.web.test_pagerduty_rest_incidents import asked, opened, refer
from tocsin.engine.appending import append
from tocsin.incident.chain import micros
from tocsin.incident.facts import Because, FactBody, Noted, Opened, Resolved
from tocsin.incident.view import view
from tocsin.store import transactions as t
from tocsin.store.archive import PART

__all__ = ["rota", "secured"]

LONG_AGO = datetime(2020, 3, 1, tzinfo=UTC)


def archived(here: Here, ordinal: int, at: datetime, *more: FactBody, restricted: bool = False) -> t.Change:
    """An incident of long ago, as a commit: opened, what more there was, and resolved, all in that instant."""
    runbook, number = here.tocsin.worlds.current.runbook.sha256, f"INC-2020-{ordinal:04d}"
    begun = Opened(
        by="source:monitoring", number=number, group_key=f"monitoring/old-{ordinal}", title="Till down",
        summary="The till is down", incident_type=None, severity="P2" if ordinal % 2 else "P1", restricted=restricted,
        runbook=runbook, because=(), severity_because=Because("it is old"),
    )  # fmt: skip
    bodies: tuple[FactBody, ...] = (begun, *more, Resolved(by="person:tom", cause="person"))
    one, rows = append(None, bodies, at, lambda: b"s" * 16)
    head = t.Head(number, ordinal, one.group_key, False, restricted, micros(at), msgspec.json.encode(view(one, ())), ())
    return t.Change(head, 0, rows, one.seq, one.hash, (), None, now=at)


async def remember(here: Here, changes: list[t.Change]) -> None:
    for first in range(0, len(changes), 500):
        await here.tocsin.store.write(t.commit_together(changes[first : first + 500]))


async def ids(here: Here, query: str, who: str = "mira") -> list[str]:
    return [one["id"] for one in (await asked(here, "GET", f"/incidents?{query}", who=who))["incidents"]]


# -- filters that hold


@pytest.mark.parametrize(
    "path",
    [
        "/incidents?urgencies[]=urgent",
        "/incidents?date_range=week",
        "/incidents?status=triggered",
        "/incidents?statuses=triggered",
        "/incidents?since=2026-02-01&until=2026-01-01",
        "/incidents?priority_ids[]=P1",
        "/incidents?sort_by=created_at:up",
        "/incidents?sort_by=urgency,urgency",
        "/incidents?sort_by=urgency,created_at,incident_number",
        "/users?name=mira",
        "/users?include[]=secrets",
        "/services?sort_by=size",
        "/escalation_policies?sort_by=id",
        "/schedules?include[]=people",
        "/oncalls?team_ids[]=T",
        "/priorities?query=P1",
        "/incidents/INC-2026-0001/alerts?sort_by=severity",
        "/incidents/INC-2026-0001/log_entries?until=2026-01-01&since=2026-01-02",
        "/incidents/INC-2026-0001/log_entries?user_ids[]=mira",
        "/incidents/INC-2026-0001/notes?since=2026-01-01",
        "/log_entries?user_ids[]=mira",
        "/log_entries?is_overview=yes",
    ],
)
async def test_a_filter_that_would_not_hold_is_refused(rota: Here, path: str) -> None:
    await opened(rota)
    error = (await asked(rota, "GET", path, status=400))["error"]
    assert (error["code"], error["message"]) == (2001, "Invalid Input Provided")
    assert error["errors"]


async def test_who_is_asked_for_is_who_an_incident_is_assigned_to(rota: Here) -> None:
    number = await opened(rota)
    [shown] = (await asked(rota, "GET", "/incidents"))["incidents"]
    called = {one["assignee"]["id"] for one in shown["assignments"]}
    assert called
    for person in ("mira", "tom", "lea", "sam"):
        assert await ids(rota, f"user_ids[]={person}") == ([number] if person in called else []), person
    await asked(rota, "PUT", "/incidents", refer(number, status="acknowledged"), who="tom")
    assert await ids(rota, "user_ids[]=tom") == [number]
    assert await ids(rota, "user_ids[]=lea") == []
    await asked(rota, "PUT", "/incidents", refer(number, status="resolved"), who="tom")
    assert await ids(rota, "user_ids[]=tom") == [], "what is over is assigned to nobody"


async def test_what_has_no_team_is_in_none(rota: Here) -> None:
    await opened(rota)
    for path in ("/users", "/services", "/escalation_policies", "/schedules", "/incidents", "/log_entries"):
        assert (await asked(rota, "GET", f"{path}?team_ids[]=T"))[path[1:]] == [], path


async def test_things_are_found_by_whom_they_call_and_in_the_order_that_is_asked_for(rota: Here) -> None:
    services = [one["name"] for one in (await asked(rota, "GET", "/services?sort_by=name:desc"))["services"]]
    assert services == sorted(services, key=str.casefold, reverse=True)
    assert len(services) > 2
    assert [one["name"] for one in (await asked(rota, "GET", "/services?name=probes"))["services"]] == ["probes"]
    policies = (await asked(rota, "GET", "/escalation_policies?sort_by=name:desc&user_ids[]=lea"))[
        "escalation_policies"
    ]
    assert policies
    names = [one["name"] for one in policies]
    assert names == sorted(names, key=str.casefold, reverse=True)
    for policy in policies:
        targets = [each["id"] for rule in policy["escalation_rules"] for each in rule["targets"]]
        assert "lea" in targets, policy["id"]
    whole = (await asked(rota, "GET", "/schedules?include[]=schedule_layers&include[]=final_schedule"))["schedules"]
    assert whole[0]["schedule_layers"]
    assert "final_schedule" in whole[0]


# -- orders


async def test_incidents_are_sorted_by_what_is_asked_for(rota: Here) -> None:
    low = (await rota.declare("Slow", severity="P3"))["id"]
    high = (await rota.declare("Nothing works at all", severity="P1"))["id"]
    also_low = (await rota.declare("A bit slow", severity="P3"))["id"]
    assert await ids(rota, "sort_by=urgency:asc") == [low, also_low, high]
    assert await ids(rota, "sort_by=urgency:desc,created_at:desc") == [high, also_low, low]
    assert await ids(rota, "sort_by=urgency:desc,incident_number:asc") == [high, low, also_low]
    assert await ids(rota, "sort_by=urgency:desc&limit=1&offset=1") == [low]
    assert await ids(rota, "sort_by[]=urgency:desc&sort_by[]=created_at:desc") == [high, also_low, low]
    await asked(rota, "PUT", "/incidents", refer(high, status="resolved"))
    rota.clock.ahead += timedelta(minutes=1)
    await asked(rota, "PUT", "/incidents", refer(low, status="resolved"))
    assert await ids(rota, "sort_by=resolved_at:desc&statuses[]=resolved") == [low, high]
    assert await ids(rota, "sort_by=resolved_at&statuses[]=resolved") == [high, low]


# -- what was long ago


async def test_an_alert_of_an_incident_that_is_over_does_not_fire_there_when_it_fires_again(rota: Here) -> None:
    first = await alerted(rota, dedup_key="till")
    assert (await rota.client.post("/v2/enqueue", json=rota.event("resolve", dedup_key="till"))).status_code == 202
    await rota.until(lambda found: all(one["status"] == "resolved" for one in found))
    rota.clock.ahead += timedelta(days=2)
    assert (await rota.client.post("/v2/enqueue", json=rota.event(dedup_key="till"))).status_code == 202
    second = (await rota.until(lambda found: found if len(found) == 2 else None))[0]["id"]
    [old] = (await asked(rota, "GET", f"/incidents/{first}/alerts"))["alerts"]
    [new] = (await asked(rota, "GET", f"/incidents/{second}/alerts"))["alerts"]
    whole = (await asked(rota, "GET", f"/incidents/{first}"))["incident"]
    assert (old["status"], old["resolved_at"]) == ("resolved", whole["resolved_at"])
    assert old["created_at"] == whole["created_at"]
    assert (new["status"], new["resolved_at"]) == ("triggered", None)
    assert new["created_at"] > whole["resolved_at"], "it began when it fired again"


# -- any number of incidents


async def test_more_incidents_than_a_client_can_page_through_are_all_found_by_their_time(secured: Here) -> None:
    """PagerDuty's client asks for the count of a time, and halves it while that is more than 10,000."""
    many = 10_050
    await remember(secured, [archived(secured, n, LONG_AGO + timedelta(minutes=n)) for n in range(1, many + 1)])
    with client_of(secured, await token(secured)) as client:
        around = {"since": LONG_AGO.isoformat(), "until": (LONG_AGO + timedelta(days=30)).isoformat()}
        assert await call(client.get_total, "incidents", params=around) == many
        assert await call(client.get_total, "log_entries", params=around) == 2 * many
        early = {"since": LONG_AGO.isoformat(), "until": (LONG_AGO + timedelta(minutes=4)).isoformat()}
        assert [one["incident_number"] for one in await call(client.list_all, "incidents", params=early)] == [1, 2, 3]
        entries = await call(client.list_all, "log_entries", params=early)
        assert [(one["incident"]["id"], one["type"]) for one in entries] == [
            (f"INC-2020-{n:04d}", kind) for n in (3, 2, 1) for kind in ("resolve_log_entry", "trigger_log_entry")
        ]
    newest = await asked(secured, "GET", "/incidents?sort_by=created_at:desc&limit=2&urgencies[]=low")
    assert ([one["incident_number"] for one in newest["incidents"]], newest["more"]) == ([10_049, 10_047], True)
    last = await asked(secured, "GET", "/incidents?offset=9900&limit=100&total=true")
    assert (last["incidents"][-1]["incident_number"], last["more"], last["total"]) == (10_000, True, many)
    last = await asked(secured, "GET", "/log_entries?offset=9999&limit=1")
    assert (last["log_entries"][0]["incident"]["id"], last["more"]) == ("INC-2020-5051", True)
    await asked(secured, "GET", "/log_entries?offset=9999&limit=2", status=400)


@on_both_stores
async def test_what_happened_anywhere_is_told_latest_first(here: Here) -> None:
    restricted = PART + 3
    changes = [archived(here, n, LONG_AGO + timedelta(minutes=n % 7, seconds=n)) for n in range(1, restricted)]
    changes.append(archived(here, restricted, LONG_AGO, Noted(by="person:tom", text="a secret"), restricted=True))
    await remember(here, changes)
    expected = sorted(
        ((change.head.opened_at, change.head.ordinal, row.seq) for change in changes for row in change.facts),
        reverse=True,
    )

    async def told(query: str, who: str) -> tuple[list[tuple[int, int]], dict[str, Any]]:
        answer = await asked(here, "GET", f"/log_entries?{query}", who=who)
        found = [one["id"].removeprefix("INC-2020-").split("-") for one in answer["log_entries"]]
        return [(int(ordinal), int(seq)) for ordinal, seq in found], answer

    for who, all_of_them in (("ada", expected), ("mira", [one for one in expected if one[1] != restricted])):
        pages = []
        for offset in range(0, len(all_of_them), 100):
            page, answer = await told(f"limit=100&offset={offset}", who)
            pages += page
            assert answer["more"] is (offset + 100 < len(all_of_them))
        assert pages == [one[1:] for one in all_of_them], who
        assert (await told("total=true", who))[1]["total"] == len(all_of_them)
    for path in (f"/log_entries/INC-2020-{restricted:04d}-2", f"/incidents/INC-2020-{restricted:04d}"):
        await asked(here, "GET", path, status=404)
        await asked(here, "GET", path, who="ada")
    minute = LONG_AGO + timedelta(minutes=3)
    span = f"since={minute:%Y-%m-%dT%H:%M:%SZ}&until={minute + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}&limit=100"
    within = [one[1:] for one in expected if micros(minute) <= one[0] < micros(minute + timedelta(minutes=1))]
    assert within
    page, answer = await told(f"{span}&total=true", "ada")
    assert (page, answer["total"]) == (within[:100], len(within))
    there = minute + timedelta(hours=3)
    span = f"since={there:%Y-%m-%dT%H:%M:%S}&until={there + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}&limit=100"
    assert (await told(f"{span}&time_zone=Etc/GMT-3", "ada"))[0] == within[:100]


@on_both_stores
async def test_lists_of_incidents_are_the_same_on_both_stores(here: Here) -> None:
    await remember(here, [archived(here, n, LONG_AGO + timedelta(minutes=n)) for n in range(1, PART + 5)])
    number = await opened(here, severity="P1")
    assert await ids(here, "sort_by=incident_number:desc&limit=2") == [number, f"INC-2020-{PART + 4:04d}"]
    assert await ids(here, f"offset={PART - 2}&limit=3") == [f"INC-2020-{PART + n:04d}" for n in (-1, 0, 1)]
    assert await ids(here, "statuses[]=triggered&statuses[]=acknowledged") == [number]
    assert await ids(here, "statuses[]=resolved&sort_by=created_at:desc&limit=1") == [f"INC-2020-{PART + 4:04d}"]
    assert await ids(here, "incident_key=old-7&service_ids[]=monitoring") == ["INC-2020-0007"]
    assert await ids(here, "until=2020-03-01T00:03:00Z") == ["INC-2020-0001", "INC-2020-0002"]
    counted = await asked(here, "GET", "/incidents?total=true&urgencies[]=high&limit=1&offset=3")
    assert (counted["total"], counted["more"]) == (1 + (PART + 4) // 2, True)


async def test_what_was_erased_hides_nothing_else(rota: Here) -> None:
    await remember(rota, [archived(rota, n, LONG_AGO + timedelta(minutes=n)) for n in (1, 2, 3)])
    writer = rota.tocsin.store._writer  # type: ignore[attr-defined]
    writer.execute("UPDATE fact SET payload = NULL, salt = NULL WHERE incident = 'INC-2020-0002'")
    assert await ids(rota, "") == ["INC-2020-0001", "INC-2020-0003"]
    entries = (await asked(rota, "GET", "/log_entries"))["log_entries"]
    assert {one["incident"]["id"] for one in entries} == {"INC-2020-0001", "INC-2020-0003"}


# -- one log entry, and what hangs on it


async def test_pagerdutys_client_reads_what_happened_anywhere(secured: Here) -> None:
    number = await alerted(secured, dedup_key="till")
    await alerted(secured, dedup_key="shelf")
    other = (await secured.until(lambda found: found if len(found) == 2 and found[0]["level"] else None))[0]["id"]
    with client_of(secured, await token(secured)) as client:
        for one, words in ((number, "the cable"), (other, "the plug")):
            await call(client.rpost, f"incidents/{one}/notes", json={"content": words})
        notes = await call(lambda: list(client.iter_incident_notes()))
        assert [(one["channel"]["content"], one["incident"]["id"]) for one in notes] == [
            ("the plug", other),
            ("the cable", number),
        ]
        assert await call(client.rget, notes[0]) == notes[0]
        incident = await call(client.rget, f"incidents/{number}", params={"include[]": ["first_trigger_log_entries"]})
        first = await call(client.rget, incident["first_trigger_log_entry"])
        assert incident["first_trigger_log_entry"] == first
        assert first["type"] == "trigger_log_entry"
        plain = await call(client.rget, f"incidents/{number}")
        assert await call(client.rget, plain["first_trigger_log_entry"]) == first
        now = secured.clock.now()
        around = now - timedelta(days=1), now + timedelta(days=1)
        told = await call(lambda: list(client.iter_history("log_entries", *around)))
        assert {one["incident"]["id"] for one in told} == {number, other}
    query = "include[]=incidents&include[]=services&include[]=channels&include[]=teams&is_overview=true"
    whole = published()
    entries = (await asked(secured, "GET", f"/log_entries?{query}"))["log_entries"]
    assert "notify_log_entry" not in {one["type"] for one in entries}
    for one in entries:
        assert (one["incident"]["type"], one["service"]["type"]) == ("incident", "service")
        referring = one | {name: {**one[name], "type": f"{name}_reference"} for name in ("incident", "service")}
        assert faults(referring, {"$ref": "#/components/schemas/LogEntry"}, whole) == []
    for path in (f"/log_entries/{number}-99", f"/log_entries/{number}-0", "/log_entries/x", "/log_entries/x-1"):
        assert (await asked(secured, "GET", path, status=404))["error"]["code"] == 2100
    paged = (await asked(secured, "GET", "/log_entries?limit=100"))["log_entries"]
    assert {one["type"] for one in paged} > {one["type"] for one in entries}


async def test_nothing_is_done_where_the_answer_could_not_be_given(rota: Here) -> None:
    number = await opened(rota)
    body = refer(number, status="acknowledged")
    for query in ("include[]=x", "time_zone=Mars/Base", "force=true"):
        await asked(rota, "PUT", f"/incidents?{query}", body, status=400)
        await asked(rota, "PUT", f"/incidents/{number}?{query}", {"incident": body["incidents"][0]}, status=400)
    assert (await rota.alone())["status"] == "triggered"


async def test_links_are_shown_by_what_their_sender_calls_them(secured: Here) -> None:
    links = [
        {"href": "https://graph.example/1", "text": "  Graph of\nthe till "},
        {"href": "https://bare.example/2"},
        {"href": "javascript:alert(1)", "text": "a script"},
        {"href": "https://odd.example/3", "text": 7},
    ]
    images = [{"src": "https://pictures.example/4.png", "href": "https://board.example/4", "alt": "<b>the board</b>"}]
    number = await alerted(secured, dedup_key="till", links=links, images=images)
    named = {
        "https://graph.example/1": "Graph of the till",
        "javascript:alert(1)": "a script",
        "https://board.example/4": "<b>the board</b>",
    }
    with client_of(secured, await token(secured)) as client:
        [alert] = await call(client.list_all, f"incidents/{number}/alerts")
    assert {one["href"]: one.get("text") for one in alert["body"]["contexts"]} == {
        "https://bare.example/2": None,
        "https://odd.example/3": None,
        **named,
    }
    [known] = (await secured.get(f"/api/v1/incidents/{number}")).json()["alerts"]
    assert known["link_texts"] == named
    page = (await secured.client.get(f"/app/incidents/{number}", headers=await secured.session("ada"))).text
    for to, text, host in (
        ("https://graph.example/1", "Graph of the till", "graph.example"),
        ("https://board.example/4", "&lt;b&gt;the board&lt;/b&gt;", "board.example"),
    ):
        assert f'<a href="{to}" rel="noreferrer noopener nofollow">{text}</a> <span class="small">{host}</span>' in page
    assert ">https://bare.example/2</a></dd>" in page
    assert "javascript:" not in page


async def test_a_rota_that_turns_by_the_minute_keeps_nobody_waiting(tmp_path: Path) -> None:
    config = ROTA.replace('rotation = "P7D"', 'rotation = "PT1M"')
    async with serving(tmp_path / "data", config=config) as here:
        for path in (
            "/oncalls?",
            "/schedules/primary?",
            "/schedules/primary/users?",
            "/schedules?include[]=final_schedule&",
        ):
            error = (await asked(here, "GET", f"{path}since=2026-11-01&until=2027-01-29", status=400))["error"]
            assert "primary has more than 2500 turns" in error["errors"][0]
        day = "since=2026-11-01&until=2026-11-02"
        [schedule] = (await asked(here, "GET", f"/schedules?include[]=final_schedule&{day}"))["schedules"]
        assert len(schedule["final_schedule"]["rendered_schedule_entries"]) == 24 * 60 + 1
        assert (await asked(here, "GET", "/schedules?since=2026-11-01&until=2027-01-29"))["schedules"]


async def test_pagerdutys_client_walks_through_lists_that_are_given_whole(secured: Here) -> None:
    number = (await secured.declare("Nothing works"))["id"]
    words = [f"note {place}" for place in range(30)]
    for text in words:
        await asked(secured, "POST", f"/incidents/{number}/notes", {"note": {"content": text}})
    path = f"/incidents/{number}/notes"
    assert [one["content"] for one in (await asked(secured, "GET", path))["notes"]] == words
    with client_of(secured, await token(secured)) as client:
        for size in (7, 100):
            walked = await call(lambda size=size: list(client.iter_all(path, page_size=size)))
            assert [one["content"] for one in walked] == words
        assert await call(client.list_all, "abilities") == []


async def test_of_the_users_of_a_schedule_a_page_can_be_asked_for(rota: Here) -> None:
    fortnights = "since=2026-11-01&until=2026-12-01"
    whole = await asked(rota, "GET", f"/schedules/primary/users?{fortnights}")
    assert (len(whole["users"]) > 1, "more" in whole) == (True, False)
    first = await asked(rota, "GET", f"/schedules/primary/users?{fortnights}&limit=1&total=true")
    assert (first["users"], first["more"], first["total"]) == (whole["users"][:1], True, len(whole["users"]))
