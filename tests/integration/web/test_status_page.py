"""The status page as the public reads it: without signing in, without scripts, and never more than was approved."""

import json
import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest

from integration.web.staged import NIGHT, TEAM, Staged
from tocsin.errors import Refused
from tocsin.incident import wishes as w

PAGE = """
[status_page]
name = "Order <book>"
[status_page.components]
api = "Order API"
site = "Website"
"""
SHAPES = {
    "summary": {"page", "status", "components", "incidents", "scheduled_maintenances"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
}
FOREIGN_SCRIPT = re.compile(r"<script(?! defer src=\"/app/static/status\.js\?v=[0-9a-f]{12}\"></script>)")
EVERYWHERE = [
    "/status",
    "/status/incidents/INC-2026-0001",
    "/status/feed.atom",
    "/status/feed.rss",
    *(f"/api/v2/{name}.json" for name in SHAPES),
]
INCIDENT_KEYS = {
    "id", "name", "status", "impact", "shortlink", "created_at", "updated_at", "monitoring_at", "resolved_at",
    "started_at", "page_id", "components", "incident_updates",
}  # fmt: skip
COMPONENT_KEYS = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "group_id", "group",
    "page_id", "only_show_if_degraded",
}  # fmt: skip
UPDATE_KEYS = {
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components",
}  # fmt: skip
PHRASE = "We look into wombats"


@pytest.fixture
async def page(stage: Staged) -> Staged:
    """The stage with a status page of two components."""
    return await stage.begin(TEAM + PAGE)


async def tell(stage: Staged, number: str, text: str = PHRASE, status: str = "investigating", **more: Any) -> None:
    fields: dict[str, Any] = {"title": "Orders are late", "public": True} | more
    await stage.act(number, w.Post(by="person:mira", status=status, text=text, **fields))  # type: ignore[arg-type]


async def down(stage: Staged) -> str:
    """Open a P0 that the public was told of at 02:11:38 UTC."""
    number = await stage.alert(incident_type="sequencer-down")
    await tell(stage, number)
    return number


async def read(stage: Staged, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await stage.stranger.text(path))
    return found


async def everywhere(stage: Staged) -> str:
    """All that the public can read, as one text."""
    return "\n".join([(await stage.stranger.get(path)).text for path in EVERYWHERE])


# -- the page


async def test_a_quiet_page_says_that_everything_works(page: Staged) -> None:
    text = await page.stranger.text("/status")
    assert "<h1>Everything works.</h1>" in text
    assert "Nothing was wrong in the last 90 days." in text
    assert text.count("no trouble in 90 days") == 4  # two components, each as picture and in words
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in text


async def test_an_open_incident_is_the_headline_with_its_updates_and_the_next_one(page: Staged) -> None:
    number = await down(page)
    await page.let_pass(minutes=8)
    await tell(page, number, "It is the wombat pool.", "identified")
    text = await page.stranger.text("/status")
    assert "<h1>Orders are late.</h1>" in text
    assert "Since 02:11 UTC. Next update by <b>02:35 UTC</b>." in " ".join(text.split())  # + 15 min, whole
    assert text.index("It is the wombat pool.") < text.index(PHRASE)  # newest first
    assert text.count("Down since 02:11 UTC") == 2
    assert "trouble on 1 of 90 days, down on 1" in text


async def test_an_update_that_does_not_come_is_called_late(page: Staged) -> None:
    await down(page)
    await page.let_pass(minutes=21)
    assert "The update promised for <b>02:27 UTC</b> is late." in await page.stranger.text("/status")


async def test_what_is_over_moves_to_earlier_and_keeps_its_address(page: Staged) -> None:
    number = await down(page)
    await page.let_pass(minutes=46)
    await tell(page, number, "It is over.", "resolved")
    text = await page.stranger.text("/status")
    assert "<h1>Everything works.</h1>" in text
    assert f'<a href="/status/incidents/{number}">Orders are late</a>' in text
    assert "02:11 UTC, lasted 46 min. Resolved." in text
    one = await page.stranger.text(f"/status/incidents/{number}")
    assert "<h1>Orders are late</h1>" in one
    assert "Concerns Order API, Website." in one
    assert "Next update" not in one


async def test_an_incident_that_is_not_known_is_a_page_of_its_own(page: Staged) -> None:
    answer = await page.stranger.get("/status/incidents/INC-1999-0001")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


async def test_words_of_people_are_text_and_never_markup(page: Staged) -> None:
    number = await down(page)
    await tell(page, number, '<script>alert("x")</script> & more', title="Orders <b>late</b>")
    text = await everywhere(page)
    assert not FOREIGN_SCRIPT.search(text.replace("\\u003c", "<").split('{"page"')[0])
    for path in ("/status", f"/status/incidents/{number}"):
        shown = await page.stranger.text(path)
        assert "&lt;script&gt;" in shown
        assert "Orders &lt;b&gt;late&lt;/b&gt;" in shown
        assert "Order &lt;book&gt;" in shown
        assert not FOREIGN_SCRIPT.search(shown)
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", shown)


# -- who may read it, and what it never says


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_anybody_may_read_it_and_reading_changes_nothing(page: Staged, path: str) -> None:
    await down(page)
    before = [row.hash for row in (await page.tocsin.engine.load("INC-2026-0001")).facts]
    answer = await page.stranger.get(path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "public, max-age=15"
    assert [row.hash for row in (await page.tocsin.engine.load("INC-2026-0001")).facts] == before
    posted = await page.client.post(path, json={"a": 1})
    assert posted.status_code == 405


@pytest.mark.parametrize("path", ["/api/v2/alerts.json", "/api/v1/incidents", "/api/v2/"])
async def test_nothing_else_of_the_api_is_public(page: Staged, path: str) -> None:
    assert (await page.stranger.get(path)).status_code == 401


async def test_what_monitors_post_beside_it_cannot_be_read(page: Staged) -> None:
    assert (await page.stranger.get("/api/v2/alerts")).status_code == 401
    assert (await page.client.post("/api/v2/alerts", json=[])).status_code == 401


async def test_pages_carry_a_strict_policy(page: Staged) -> None:
    policy = (await page.stranger.get("/status")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


async def test_who_wrote_an_update_is_not_told(page: Staged) -> None:
    await down(page)
    text = (await everywhere(page)).casefold()
    assert PHRASE.casefold() in text
    assert not re.search("mira|okafor|health check failing", text)


async def test_what_only_the_team_was_told_is_not_there(page: Staged) -> None:
    number = await down(page)
    await tell(page, number, "The koala did it", public=False)
    assert "koala" not in await everywhere(page)


async def test_an_incident_without_an_approved_update_is_not_there(page: Staged) -> None:
    number = await page.alert(incident_type="sequencer-down")
    text = await everywhere(page)
    assert "Orders are late" not in text
    assert (await page.stranger.get(f"/status/incidents/{number}")).status_code == 404


async def test_a_restricted_incident_is_never_there(page: Staged) -> None:
    number = await page.alert("Leaked data", incident_type="data-breach")
    assert (await page.tocsin.engine.load(number)).incident.restricted  # type: ignore[union-attr]
    with pytest.raises(Refused, match="never appears on the status page"):
        await tell(page, number)
    await tell(page, number, public=False)
    text = await everywhere(page)
    assert number not in text.replace(f"/status/incidents/{number}", "")
    assert PHRASE not in text


async def test_what_is_lowered_below_the_third_severity_disappears_and_comes_back(page: Staged) -> None:
    number = await down(page)
    await page.act(number, w.ChangeSeverity(by="person:mira", severity="P3", because="only one reader"))
    assert PHRASE not in await everywhere(page)
    assert (await read(page, "/api/v2/status.json"))["status"]["indicator"] == "none"
    await tell(page, number, "Still wombats.")
    assert "wombats" not in await everywhere(page)
    await page.act(number, w.ChangeSeverity(by="person:mira", severity="P2", because="more readers"))
    assert PHRASE in await everywhere(page)
    assert (await read(page, "/api/v2/status.json"))["status"]["indicator"] == "minor"


async def test_what_comes_back_is_no_longer_called_resolved(page: Staged) -> None:
    number = await down(page)
    await tell(page, number, components={"api": "partial_outage"})
    await page.let_pass(minutes=10)
    await tell(page, number, "It is over.", "resolved")
    await page.act(number, w.Resolve(by="person:mira"))
    assert "Everything works." in await page.stranger.text("/status")
    await page.let_pass(minutes=1)
    await page.act(number, w.Reopen(by="person:mira", why="wombats again"))
    text = await page.stranger.text("/status")
    assert "<h1>Orders are late.</h1>" in text
    assert "This has come back. We are looking into it." in text
    assert "wombats again" not in await everywhere(page)
    found = await read(page, "/api/v2/summary.json")
    assert [part["status"] for part in found["components"]] == ["partial_outage", "operational"]
    [one] = found["incidents"]
    assert (one["status"], one["resolved_at"], one["incident_updates"][0]["status"]) == (
        "investigating", None, "investigating",
    )  # fmt: skip
    await page.let_pass(minutes=1)
    await page.act(number, w.Resolve(by="person:mira"))
    assert "<h1>Orders are late.</h1>" in await page.stranger.text("/status")  # over when a person says so
    await tell(page, number, "Now it is.", "resolved")
    assert (await read(page, "/api/v2/summary.json"))["incidents"] == []


async def test_the_words_for_what_comes_back_are_the_configurations(page: Staged) -> None:
    await page.begin(TEAM + PAGE.replace('name = "Order <book>"', 'name = "O"\nreopened = "Once more."'))
    number = await down(page)
    await tell(page, number, "It is over.", "resolved")
    await page.act(number, w.Resolve(by="person:mira"))
    await page.act(number, w.Reopen(by="person:mira"))
    assert "Once more." in await page.stranger.text("/status")


async def test_the_severities_that_are_shown_can_be_configured(page: Staged) -> None:
    await page.begin(TEAM + PAGE.replace('name = "Order <book>"', 'name = "O"\nseverities = ["P0", "P3"]'))
    number = await down(page)
    await page.act(number, w.ChangeSeverity(by="person:mira", severity="P1", because="x"))
    assert PHRASE not in await everywhere(page)
    await page.act(number, w.ChangeSeverity(by="person:mira", severity="P3", because="y"))
    assert PHRASE in await everywhere(page)
    assert (await read(page, "/api/v2/status.json"))["status"]["indicator"] == "minor"


# -- for machines


@pytest.mark.parametrize("name", list(SHAPES))
async def test_each_answer_has_the_shape_that_readers_know(page: Staged, name: str) -> None:
    number = await down(page)
    answer = await page.stranger.get(f"/api/v2/{name}.json")
    found = answer.json()
    assert set(found) == SHAPES[name]
    assert set(found["page"]) == {"id", "name", "url", "time_zone", "updated_at"}
    assert found["page"]["url"] == "https://tocsin.example/status"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/json"
    for incident in found.get("incidents", []):
        assert set(incident) == INCIDENT_KEYS
        assert incident["shortlink"] == f"https://tocsin.example/status/incidents/{number}"
        assert all(set(update) == UPDATE_KEYS for update in incident["incident_updates"])
    for part in found.get("components", []):
        assert set(part) >= COMPONENT_KEYS


async def test_the_summary_says_how_bad_it_is(page: Staged) -> None:
    await down(page)
    found = await read(page, "/api/v2/summary.json")
    assert found["status"]["indicator"] == "critical"
    assert [part["status"] for part in found["components"]] == ["major_outage", "major_outage"]
    assert [one["status"] for one in found["incidents"]] == ["investigating"]


async def test_what_is_over_is_no_longer_unresolved(page: Staged) -> None:
    number = await down(page)
    await tell(page, number, "It is over.", "resolved")
    assert (await read(page, "/api/v2/incidents/unresolved.json"))["incidents"] == []
    [one] = (await read(page, "/api/v2/incidents.json"))["incidents"]
    assert (one["status"], one["resolved_at"]) == ("resolved", "2026-11-30T02:11:38.000Z")


@pytest.mark.parametrize("path", EVERYWHERE[2:])
async def test_an_unchanged_answer_is_not_sent_again(page: Staged, path: str) -> None:
    number = await down(page)
    tag = (await page.stranger.get(path)).headers["etag"]
    await page.let_pass(seconds=30)
    for offered in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await page.client.get(path, headers={"If-None-Match": offered})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    await tell(page, number, "News.")
    changed = await page.client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize(("feed", "media_type"), [("atom", "application/atom+xml"), ("rss", "application/rss+xml")])
async def test_a_feed_reader_understands_the_feeds(page: Staged, feed: str, media_type: str) -> None:
    number = await down(page)
    await page.let_pass(minutes=8)
    await tell(page, number, "It is the <wombat> pool.", "identified")
    answer = await page.stranger.get(f"/status/feed.{feed}")
    assert answer.headers["content-type"].split(";")[0] == media_type
    found = feedparser.parse(answer.content)
    assert not found.bozo
    [entry] = found.entries
    assert entry.id == f"tag:tocsin.example,2005:Incident/{number}"
    assert entry.link == f"https://tocsin.example/status/incidents/{number}"
    assert entry.title == "Orders are late"
    changed = entry.updated_parsed if feed == "atom" else entry.published_parsed
    assert datetime.fromtimestamp(timegm(changed), UTC) == NIGHT + timedelta(minutes=8)
    assert "It is the &lt;wombat&gt; pool." in (entry.content[0].value if feed == "atom" else entry.summary)


async def test_it_says_first_what_still_works(page: Staged) -> None:
    number = await down(page)
    await tell(page, number, components={"api": "partial_outage"})
    assert re.search(r"Since 02:11 UTC\. Website works\. Next update by <b>", await page.stranger.text("/status"))
    await tell(page, number, components={"api": "partial_outage", "site": "partial_outage"})
    assert " works. " not in await page.stranger.text("/status")
