"""Silences over the API, on the pages and by command."""

import asyncio
import html
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from integration.servers import PATIENCE, Here, on_both_stores
from integration.web.staged import NIGHT, Reader, Staged, on_both_stages
from tocsin.detection.alert import Alert
from tocsin.incident.wishes import Resolve
from tocsin.store import silences
from tocsin.store import transactions as t
from tocsin.web import api_recording


async def api(stage: Staged, method: str, path: str, body: Any = None, who: str = "mira") -> httpx.Response:
    """Ask the API as somebody."""
    token = await stage.tocsin.access.token(who, "", timedelta(hours=1))
    return await stage.client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})


async def silence(stage: Staged, *matchers: object, **more: object) -> dict[str, Any]:
    """Make a silence of two hours."""
    wanted = {"matchers": list(matchers), "because": "we patch the database", "lasts": "PT2H"} | more
    answer = await api(stage, "POST", "/api/v1/silences", wanted)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fire(stage: Staged, summary: str = "Health check failing", **more: str) -> int:
    """Let a monitor fire and give how many incidents there are then."""
    try:
        await stage.alert(summary, incident_type=more["incident_type"])
    except IndexError:
        return 0
    return len(await stage.tocsin.store.read(t.heads()))


async def test_a_silence_is_made_shown_and_ended_and_then_it_pages(stage: Staged) -> None:
    made = await silence(stage, "entry=sequencer-down", "severity!=P3")
    assert (made["id"], made["status"], made["by"]) == ("SIL-1", "active", "person:mira")
    assert made["matchers"] == ['entry="sequencer-down"', 'severity!="P3"']
    assert made["warnings"] == ["it holds back P0: Sequencer Down pages nobody while it lasts"]
    assert await fire(stage, incident_type="sequencer-down") == 0
    assert stage.sent == []
    shown = (await api(stage, "GET", "/api/v1/silences/SIL-1", who="jonas")).json()
    [held] = shown["held"]
    assert (held["summary"], held["type"], held["severity"]) == ("Health check failing", "sequencer-down", "P0")
    assert held["because"] == "SIL-1 of mira: we patch the database"
    ended = (await api(stage, "POST", "/api/v1/silences/SIL-1/end", {}, who="jonas")).json()
    assert (ended["status"], ended["ended_by"], ended["held"]) == ("expired", "person:jonas", [])
    await stage.settle()
    assert stage.sent
    listed = (await api(stage, "GET", "/api/v1/silences?status=expired")).json()["silences"]
    assert [one["id"] for one in listed] == ["SIL-1"]
    assert (await api(stage, "GET", "/api/v1/silences?status=active")).json() == {"silences": []}


async def test_who_silences_what_is_open_is_told_that_it_goes_on_paging(stage: Staged) -> None:
    first = await stage.alert("Health check failing", incident_type="sequencer-down")
    other = await stage.alert("5xx", key="other", incident_type="high-error-rate")
    goes_on = f"{first} is open and goes on, paging until somebody acknowledges or resolves it"
    made = await silence(stage, "entry=sequencer-down")
    assert goes_on in made["warnings"]
    both = await silence(stage, "severity=~P.")
    assert (
        f"{first}, {other} are open and go on, paging until somebody acknowledges or resolves them" in both["warnings"]
    )
    later = await silence(stage, "entry=sequencer-down", starts_at="2026-12-24T03:00:00Z")
    assert not [one for one in later["warnings"] if "paging" in one]
    mira = await stage.as_("mira")
    assert goes_on in await mira.text("/app/silences")
    await api(stage, "POST", f"/api/v1/incidents/{first}/resolve", {})
    assert goes_on not in await mira.text("/app/silences")


async def test_an_open_incident_that_few_may_see_is_not_named_to_who_silences_it(stage: Staged) -> None:
    hidden = await stage.alert("all user data was copied", incident_type="data-breach")
    made = await silence(stage, "entry=data-breach")
    assert hidden not in str(made)


async def test_matchers_may_have_the_shape_of_alertmanagers_api(stage: Staged) -> None:
    made = await silence(stage, {"name": "text", "value": ".*disk.*", "isRegex": True, "isEqual": True})
    assert made["matchers"] == ['text=~".*disk.*"']


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no reason": ({"because": ""}, "say why"),
    "no matcher": ({"matchers": []}, "at least one matcher"),
    "no such property": ({"matchers": ["job=x"]}, "cannot speak of job"),
    "a slow pattern": ({"matchers": ["text=~(a+)+"]}, "too long"),
    "no end": ({"lasts": None}, "say how long"),
    "an instant without a zone": ({"lasts": None, "ends_at": "2026-12-01T00:00:00"}, "time zone"),
    "no such zone": ({"repeats": "daily", "timezone": "Nowhere"}, "no time zone"),
    "an unknown field": ({"colour": "red"}, "does not fit"),
    "too many matchers": ({"matchers": ["entry=x"] * 21}, "at most 20"),
    "no such component": ({"maintenance": {"title": "x", "components": ["moon"]}}, "no component moon"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
async def test_what_makes_no_sense_is_refused_with_what_to_do(stage: Staged, case: str) -> None:
    change, why = WRONG[case]
    wanted = {"matchers": ["entry=sequencer-down"], "because": "x", "lasts": "PT2H"} | change
    answer = await api(stage, "POST", "/api/v1/silences", wanted)
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    assert (await api(stage, "GET", "/api/v1/silences")).json() == {"silences": []}


@pytest.mark.parametrize("name", ["SIL-9", "SIL-", "SIL-x", "9", "SIL-99999999999999999999"])
async def test_a_silence_there_is_not_is_not_found(stage: Staged, name: str) -> None:
    assert (await api(stage, "GET", f"/api/v1/silences/{name}")).status_code == 404
    assert (await api(stage, "POST", f"/api/v1/silences/{name}/end", {})).status_code == 404


async def test_what_is_held_back_of_a_restricted_entry_is_not_told_to_everybody(stage: Staged) -> None:
    await silence(stage, "entry=data-breach")
    assert await fire(stage, summary="all user data was copied", incident_type="data-breach") == 0
    for who, told in (("jonas", False), ("boss", True)):
        shown = await api(stage, "GET", "/api/v1/silences/SIL-1", who=who)
        assert ("user data" in shown.text) is told
        page = await (await stage.as_(who)).text("/app/silences")
        assert ("user data" in page) is told
        assert "An alert of a restricted entry" in page or told


async def form(reader: Reader, **fields: str) -> httpx.Response:
    """Send the form of a silence."""
    return await reader.post("/app/silences", **({"lasts": "PT2H", "because": "we patch"} | fields))


async def offered(reader: Reader) -> str:
    """Give the form to which the page of the first incident leads."""
    page = await reader.text("/app/incidents/INC-2026-0001")
    found = re.search(r'href="(/app/silences\?[^"]+)#new">Silence alerts like this', page)
    assert found is not None
    return await reader.text(html.unescape(found[1]))


async def test_the_form_makes_a_silence_that_the_first_page_shows_and_its_button_ends(stage: Staged) -> None:
    mira = await stage.as_("mira")
    assert "Nothing is silenced" in await mira.text("/app/silences")
    answer = await form(mira, entry="sequencer-down", text="Health", matchers="severity!=P3\n\norigin=\n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/silences#SIL-1")
    assert await fire(stage, incident_type="sequencer-down") == 0
    for path in ("/app/", "/app/silences"):
        page = await mira.text(path)
        assert "we patch" in page
        assert "held back since" in page
        assert "pages nobody while it lasts" in page
    assert (await mira.post("/app/silences/SIL-1/end")).status_code == 303
    await stage.settle()
    assert stage.sent
    assert "Ended " in await mira.text("/app/silences")
    assert "held back since" not in await mira.text("/app/")


@pytest.mark.parametrize(
    ("entry", "filled"),
    [
        ("sequencer-down", '<option value="sequencer-down" selected>'),
        (None, 'name="text" value="The &lt;b&gt; &amp; lamp"'),
    ],
)
async def test_the_page_of_an_incident_leads_to_a_form_that_silences_alerts_like_it(
    stage: Staged, entry: str | None, filled: str
) -> None:
    said = Alert(
        source="default",
        dedup_key="k",
        action="trigger",
        summary="The <b> & lamp",
        component="hall",
        incident_type=entry,
    )
    await stage.tocsin.engine.ingest([said])
    await stage.settle()
    mira = await stage.as_("mira")
    page = await offered(mira)
    assert filled in page
    assert ('value="hall"' in page) is (entry is not None)


async def test_a_silence_from_the_page_of_an_incident_holds_back_its_alert_whatever_that_says(stage: Staged) -> None:
    said = Alert(source="default", dedup_key="k", action="trigger", summary="lamp (3rd) is odd\n" + "." * 900)
    await stage.tocsin.engine.ingest([said])
    await stage.settle()
    mira = await stage.as_("mira")
    page = await offered(mira)
    [text] = re.findall(r'name="text" value="([^"]+)"', page)
    assert (await form(mira, source="default", text=html.unescape(text))).status_code == 303
    await stage.tocsin.engine.ingest([msgspec.structs.replace(said, dedup_key="another")])
    await stage.settle()
    assert len(await stage.tocsin.store.read(t.heads())) == 1
    [made] = (await api(stage, "GET", "/api/v1/silences?status=active")).json()["silences"]
    assert len(made["held"]) == 1


async def test_a_recording_is_told_in_parts_of_a_bounded_size(stage: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("a", "b", "c"):
        await stage.alert(f"The lamp of {key} is odd", key=key)
    monkeypatch.setattr(api_recording, "_ENOUGH", 1)
    told, before = list[str](), ""
    while True:
        part = (await api(stage, "GET", f"/api/v1/recording{before}")).json()
        assert len(part["incidents"]) == 1
        told.append(part["incidents"][0]["id"])
        if part["before"] is None:
            break
        before = f"?before={part['before']}"
    assert told == ["INC-2026-0003", "INC-2026-0002", "INC-2026-0001"]


async def test_the_form_says_what_is_missing_and_keeps_what_was_typed(stage: Staged) -> None:
    mira = await stage.as_("mira")
    answer = await form(mira, component="db-1", because="", matchers="<b>=1")
    assert answer.status_code == 400
    assert "db-1" in answer.text
    assert "is no matcher" in answer.text
    assert "&lt;b&gt;=1" in answer.text
    assert "<b>=1" not in answer.text


async def test_the_form_stands_above_what_is_over_and_asks_first_for_what_everybody_says(stage: Staged) -> None:
    mira = await stage.as_("mira")
    for number in (1, 2):
        await form(mira, entry="sequencer-down")
        await mira.post(f"/app/silences/SIL-{number}/end")
    await form(mira, entry="out-of-memory")
    page = await mira.text("/app/silences")
    places = [page.index(f'id="{name}"') for name in ("SIL-3", "new", "entry", "lasts", "because", "more", "SIL-1")]
    assert places == sorted(places)
    assert '<details class="fold" id="more">' in page
    assert '<details class="fold" id="more" open>' in await mira.text("/app/silences?text=lamp")


async def test_times_of_the_form_are_the_readers_and_it_comes_back_by_their_clock(stage: Staged) -> None:
    jonas = await stage.as_("jonas")  # in New York, where it is Sunday evening
    await form(jonas, source="default", starts="2026-11-30T22:00", repeats="daily", last="2026-12-24")
    [made] = (await api(stage, "GET", "/api/v1/silences")).json()["silences"]
    assert (made["status"], made["next_at"]) == ("pending", "2026-12-01T03:00:00Z")
    assert made["repeats"] == {"days": list(range(7)), "timezone": "America/New_York", "last": "2026-12-24"}
    page = await jonas.text("/app/silences")
    assert re.search(r"every day \(America/New_York\) until 2026-12-24", page)


async def test_a_public_one_is_on_the_status_page_and_tells_nothing_of_what_it_silences(stage: Staged) -> None:
    mira = await stage.as_("mira")
    await form(mira, entry="sequencer-down", title="We move house", about="Back soon.")
    for path in ("/status", "/api/v2/summary.json", "/api/v2/scheduled-maintenances.json"):
        page = (await stage.client.get(path)).text
        assert "We move house" in page
        assert "we patch" not in page
        assert "sequencer" not in page.lower()


async def test_a_stranger_can_make_no_silence(stage: Staged) -> None:
    answer = await stage.client.post("/api/v1/silences", json={}, headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401


@on_both_stages
@pytest.mark.parametrize("after", [30, 90], ids=["before-it-begins", "while-it-holds"])
async def test_one_that_follows_another_holds_nothing_back_once_somebody_ends_it(stage: Staged, after: int) -> None:
    await silence(stage, "entry=sequencer-down", lasts="PT1H")
    follows = {"starts_at": (NIGHT + timedelta(hours=1)).isoformat(), "lasts": "PT5H"}
    second = await silence(stage, "entry=sequencer-down", **follows)
    assert await fire(stage, incident_type="sequencer-down") == 0
    await stage.let_pass(minutes=after)
    [shown] = (await api(stage, "GET", "/api/v1/silences?status=active")).json()["silences"]
    assert [one["summary"] for one in shown["held"]] == ["Health check failing"]
    await api(stage, "POST", f"/api/v1/silences/{second['id']}/end", {})
    await stage.settle()
    await stage.let_pass(minutes=max(0, 61 - after))
    assert stage.sent


@on_both_stages
async def test_a_silence_that_holds_is_told_everywhere_however_many_were_made_since(stage: Staged) -> None:
    public = {"title": "We move house", "text": "", "components": []}
    await silence(stage, "entry=sequencer-down", maintenance=public, repeats="daily")
    engine = stage.tocsin.engine
    known = await engine.store.read(silences.silence("SIL-1"))
    assert known is not None
    over = replace(known, repeats=None, maintenance=None, why="it was a drill", ended_at=NIGHT, ended_by="person:mira")
    for _ in range(510):
        await engine.store.write(silences.begin(over))
    listed = (await api(stage, "GET", "/api/v1/silences?limit=3")).json()["silences"]
    assert [one["id"] for one in listed] == ["SIL-511", "SIL-510", "SIL-1"]
    recorded = (await api(stage, "GET", "/api/v1/recording")).json()["silences"]
    assert [line["silence"]["because"] for line in recorded].count("we patch the database") == 1
    assert "we patch the database" in await (await stage.as_("mira")).text("/app/silences")
    assert "We move house" in (await stage.client.get("/status")).text


@on_both_stages
async def test_what_a_silence_that_was_ended_held_back_is_never_told_as_held_by_it_again(stage: Staged) -> None:
    made = await silence(stage, "entry=sequencer-down")
    await fire(stage, incident_type="sequencer-down")
    await api(stage, "POST", f"/api/v1/silences/{made['id']}/end", {})
    await stage.settle()
    await stage.act("INC-2026-0001", Resolve(by="person:mira"))
    assert (await api(stage, "GET", f"/api/v1/silences/{made['id']}")).json()["held"] == []
    [alert] = (await api(stage, "GET", "/api/v1/alerts")).json()["alerts"]
    assert (alert["state"], alert["silences"]) == ("closed", [])
    [told] = (await api(stage, "GET", "/api/v2/alerts")).json()
    assert told["status"]["state"] == "unprocessed"
    await stage.let_pass(minutes=10)
    later = await silence(stage, "entry=sequencer-down")
    await fire(stage, incident_type="sequencer-down")
    [held] = (await api(stage, "GET", f"/api/v1/silences/{later['id']}")).json()["held"]
    assert datetime.fromisoformat(held["since"]) == NIGHT + timedelta(minutes=10)


@on_both_stores
async def test_either_store_keeps_silences_that_come_back_and_last_longer_and_what_they_held(here: Here) -> None:
    who = await here.token("mira")
    terms = {"matchers": ["source=monitoring"], "because": "we paint", "lasts": "PT2H"}
    first = (await here.post("/api/v1/silences", terms, who)).json()
    assert first["status"] == "active", first
    weekly = terms | {
        "matchers": ["source=probes"],
        "repeats": "sat,sun",
        "timezone": "Asia/Tokyo",
        "last": "2099-01-04",
    }
    returns = (await here.post("/api/v1/silences", weekly, who)).json()
    assert returns["repeats"] == {"days": [5, 6], "timezone": "Asia/Tokyo", "last": "2099-01-04"}, returns
    lamp = here.event(dedup_key="lamp", payload={"summary": "lamp \0is \u00e9", "source": "x", "severity": "error"})
    assert (await here.client.post("/v2/enqueue", json=lamp)).status_code == 202
    until = datetime.fromisoformat(first["ends_at"]) + timedelta(hours=1)
    longer = {"matchers": first["matchers"], "because": "it is not dry", "ends_at": until.isoformat()}
    second = (await here.post("/api/v1/silences", longer, who)).json()
    assert (await here.post(f"/api/v1/silences/{first['id']}/end", {}, who)).json()["status"] == "expired"
    async with asyncio.timeout(PATIENCE):
        while not (held := (await here.get(f"/api/v1/silences/{second['id']}")).json()["held"]):  # noqa: ASYNC110  over HTTP
            await asyncio.sleep(0.05)
    assert [one["summary"] for one in held] == ["lamp is \u00e9"]
    assert await here.incidents() == []
    listed = (await here.get("/api/v1/silences")).json()["silences"]
    assert {one["id"]: one["repeats"] is not None for one in listed} == {"SIL-1": False, "SIL-2": True, "SIL-3": False}
    recorded = (await here.get("/api/v1/recording")).json()
    assert len(recorded["silences"]) == 3
    assert len(recorded["held"]) == 1
    await here.post(f"/api/v1/silences/{second['id']}/end", {}, who)
    assert (await here.alone())["summary"] == "lamp is \u00e9"
