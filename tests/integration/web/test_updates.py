"""Telling people: drafts, what is missing, who gets it, and what never becomes public."""

import html
import re
from typing import Any

import httpx
import pytest

from integration.web.staged import TEAM, Staged
from tocsin.incident import facts as f
from tocsin.incident import wishes as w

MAIL = TEAM.replace("[people.mira]", '[people.mira]\nemail = "mira@example.org"', 1).replace(
    "[channels.slack]",
    '[channels.post]\nkind = "email"\nhost = "127.0.0.1"\nsender = "tocsin@example.org"\n[channels.slack]',
    1,
)


async def taken(stage: Staged) -> str:
    """An incident that Mira has."""
    number = await stage.alert("sequencer down", incident_type="sequencer-down")
    await stage.act(number, w.Acknowledge(by="person:mira"))
    return number


async def posted(stage: Staged, number: str) -> list[f.UpdatePosted]:
    return [fact for fact in await stage.facts(number) if isinstance(fact, f.UpdatePosted)]


def field(page: str, name: str) -> str:
    """What stands in a text field."""
    found = re.search(rf'<textarea [^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    found = found or re.search(rf'<input [^>]*name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return html.unescape(found[1])


async def api(stage: Staged, number: str, body: dict[str, Any], who: str = "mira") -> httpx.Response:
    token = await stage.tocsin.access.token(who, "", None)
    headers = {"Authorization": f"Bearer {token}"}
    answer = await stage.client.post(f"/api/v1/incidents/{number}/updates", json=body, headers=headers)
    await stage.settle()
    return answer


# -- what is due


async def test_the_next_update_is_counted_down_from_when_somebody_has_it(stage: Staged) -> None:
    number = await stage.alert("sequencer down", incident_type="sequencer-down")
    mira = await stage.as_("mira")
    assert "due once somebody has it" in await mira.text(f"/app/incidents/{number}?region=tell")
    await stage.act(number, w.Acknowledge(by="person:mira"))
    region = await mira.text(f"/app/incidents/{number}?region=tell")
    assert "Next update due 03:27" in region
    assert "15:22</span>" in region
    assert ">363<" in region
    await stage.let_pass(minutes=20)
    assert "An update was due 03:27,</b> 4 min ago" in await mira.text(f"/app/incidents/{number}?region=tell")


# -- the form


async def test_the_draft_is_the_runbooks_with_what_is_known(stage: Staged) -> None:
    number = await taken(stage)
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}/update?for=internal")
    assert field(page, "text") == (
        "P0 Sequencer Down\n\nStatus: Investigating\nImpact: <ask: Impact>\nSince: 2026-11-30 02:11 UTC\n"
        "Incident commander: Mira Okafor\nNext update: 02:27 UTC"
    )
    assert 'name="answer.Impact"' in page
    assert 'name="to.slack"' in page
    assert "<ask: Impact>" not in page


async def test_what_is_missing_is_filled_in_and_shown_before_it_is_posted(stage: Staged) -> None:
    number = await taken(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/update"
    page = await mira.text(f"{path}?for=public")
    fields = {
        "for": "public", "was": "investigating", "status": "identified", "title": field(page, "title"),
        "text": field(page, "text"), "public": "yes", "to.slack": "yes",
    }  # fmt: skip
    early = await mira.post(path, do="post", **fields)
    assert early.status_code == 400
    assert "fill in every &lt;ask: …&gt; first" in early.text
    assert await posted(stage, number) == []
    shown = await mira.post(path, do="fill", **{**fields, "answer.Impact": "Orders <b>fail</b> & wait."})
    text = field(shown.text, "text")
    assert text.startswith("[Identified] Sequencer Down")
    assert "Orders <b>fail</b> & wait." in text
    assert "<b>fail" not in shown.text
    assert "answer.Impact" not in shown.text
    answer = await mira.post(path, do="post", **{**fields, "was": "identified", "text": text.replace("\n", "\r\n")})
    assert answer.headers["location"] == f"/app/incidents/{number}#tell"
    [update] = await posted(stage, number)
    assert (update.by, update.status, update.public, update.channels) == ("person:mira", "identified", True, ("slack",))
    assert update.text == text
    assert update.line is not None
    region = await mira.text(f"/app/incidents/{number}?region=tell")
    assert "Status page: Identified, 03:11" in region
    assert "slack: sent" in region
    assert "<b>fail" not in region


async def test_an_answer_is_taken_in_the_step_that_posts(stage: Staged) -> None:
    number = await taken(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/update"
    text = field(await mira.text(path), "text")
    fields = {"for": "internal", "status": "monitoring", "title": "T", "text": text, "answer.Impact": "None any more."}
    assert (await mira.post(path, do="post", **fields)).status_code == 303
    [update] = await posted(stage, number)
    assert "Impact: None any more." in update.text
    assert (update.public, update.channels) == (False, ())


async def test_a_text_of_ones_own_stays_when_the_status_changes(stage: Staged) -> None:
    number = await taken(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/update"
    fields = {"for": "public", "was": "investigating", "title": "T", "text": "My own words"}
    shown = await mira.post(path, do="fill", status="resolved", **fields)
    assert field(shown.text, "text") == "My own words"
    assert "This incident is still open." in shown.text


async def test_what_cannot_be_posted_is_shown_again_with_the_reason(stage: Staged) -> None:
    number = await taken(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/update"
    for fields, why in (
        ({"text": "", "title": "T"}, "the update is empty"),
        ({"text": "x", "title": "<ask: Title>"}, "the title still asks"),
        ({"text": "x", "title": "T", "to.fax": "yes"}, "cannot be sent by fax"),
    ):
        answer = await mira.post(path, do="post", status="identified", **{"for": "internal", **fields})
        assert answer.status_code == 400
        assert why in answer.text
    for wrong in ({"for": "press", "status": "identified"}, {"for": "public", "status": "fine"}):
        assert (await mira.post(path, do="fill", **wrong)).status_code == 400
    assert await posted(stage, number) == []


async def test_mail_goes_to_people_with_an_address(stage: Staged) -> None:
    await stage.begin(MAIL)
    number = await taken(stage)
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}/update")
    assert 'name="to.post:mira"' in page
    assert 'name="to.post:jonas"' not in page
    assert 'name="to.post"' not in page
    assert (await api(stage, number, {"text": "x", "channels": ["post:mira"]})).status_code == 200
    assert [(one.channel, one.message.to.id) for one in stage.sent][-1] == ("post", "mira")
    assert (await api(stage, number, {"text": "x", "channels": ["post"]})).status_code == 400


async def test_what_could_not_be_sent_is_said(stage: Staged) -> None:
    number = await taken(stage)
    await api(stage, number, {"text": "x", "channels": ["pigeon"]})
    await stage.let_pass(minutes=5)
    assert "pigeon: could not be sent" in await (await stage.as_("mira")).text(f"/app/incidents/{number}?region=tell")


# -- what never becomes public


async def test_a_restricted_incident_is_never_public(stage: Staged) -> None:
    number = await stage.alert("somebody copied all user data", incident_type="data-breach")
    boss = await stage.as_("boss")
    page = await boss.text(f"/app/incidents/{number}/update?for=public")
    assert 'name="public"' not in page
    assert "a restricted incident never appears on the status page" in page
    assert "Status page…" not in await boss.text(f"/app/incidents/{number}?region=tell")
    fields = {"for": "public", "status": "identified", "title": "T", "text": "x", "public": "yes"}
    assert "never appears" in (await boss.post(f"/app/incidents/{number}/update", do="post", **fields)).text
    answer = await api(stage, number, {"text": "x", "public": True}, "boss")
    assert answer.status_code == 409
    assert await posted(stage, number) == []
    assert (await (await stage.as_("mira")).get(f"/app/incidents/{number}/update")).status_code == 404
    assert (await api(stage, number, {"text": "x"}, "mira")).status_code == 404


async def test_an_incident_of_the_lowest_severity_is_not_public(stage: Staged) -> None:
    number = await taken(stage)
    await stage.act(number, w.ChangeSeverity(by="person:mira", severity="P3", because="small"))
    answer = await api(stage, number, {"text": "x", "public": True})
    assert answer.status_code == 409
    assert answer.json()["error"] == "the status page does not show incidents of P3"


# -- the API


async def test_an_update_is_posted_by_the_api(stage: Staged) -> None:
    number = await taken(stage)
    body = {"status": "identified", "public": True, "title": "Orders", "text": "We found it.", "channels": ["slack"]}
    assert (await api(stage, number, body)).status_code == 200
    [update] = await posted(stage, number)
    assert (update.title, update.text, update.channels) == ("Orders", "We found it.", ("slack",))
    assert update.next_at


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "Impact: <ask: Impact>"},
        {"text": "x", "title": "<ask: Title>"},
        {"text": "x", "status": "fine"},
        {"text": "x", "channels": ["fax"]},
        {"text": "x", "colour": "red"},
    ],
)
async def test_an_update_that_is_not_complete_is_refused(stage: Staged, body: dict[str, Any]) -> None:
    number = await taken(stage)
    assert (await api(stage, number, body)).status_code == 400
    assert await posted(stage, number) == []


async def test_the_draft_of_the_api_says_what_is_missing(stage: Staged) -> None:
    number = await taken(stage)
    headers = {"Authorization": f"Bearer {await stage.tocsin.access.token('mira', '', None)}"}
    path = f"/api/v1/incidents/{number}/updates/draft"
    shown = (await stage.client.get(f"{path}?for=public", headers=headers)).json()
    assert shown["missing"] == ["Impact"]
    assert shown["text"].startswith("[Investigating] Sequencer Down")
    assert shown["values"]["started"] == "2026-11-30 02:11 UTC"
    over = (await stage.client.get(f"{path}?for=resolved", headers=headers)).json()
    assert (over["title"], over["status"]) == ("Resolved: Sequencer Down", "resolved")
    assert (await stage.client.get(f"{path}?for=press", headers=headers)).status_code == 400


PARTS = TEAM + '\n[status_page.components]\napi = "Order API"\nsite = "Website"\n'


async def test_the_form_offers_each_component_as_the_severity_says_and_posts_what_is_chosen(stage: Staged) -> None:
    await stage.begin(PARTS)
    number = await taken(stage)
    mira = await stage.as_("mira")
    page = await mira.text(f"/app/incidents/{number}/update?for=public")
    assert page.count('<option value="major_outage" selected>Down</option>') == 2
    chosen = {"part.api": "partial_outage", "part.site": ""}
    fields = {"for": "public", "status": "investigating", "title": "Late", "text": "We look.", "public": "yes"}
    answer = await mira.post(f"/app/incidents/{number}/update", do="post", **fields, **chosen)
    assert answer.status_code == 303
    [fact] = await posted(stage, number)
    assert fact.components == {"api": "partial_outage"}
    again = await mira.text(f"/app/incidents/{number}/update?for=public")
    assert again.count('<option value="partial_outage" selected>') == 1
    assert again.count('<option value="" selected>Not concerned') == 1


async def test_the_api_takes_components_with_and_without_their_status(stage: Staged) -> None:
    await stage.begin(PARTS)
    number = await taken(stage)
    body = {"text": "We look.", "public": True}
    assert (await api(stage, number, {**body, "components": ["site"]})).status_code == 200
    assert (await api(stage, number, {**body, "components": {"api": "degraded_performance"}})).status_code == 200
    assert (await api(stage, number, body)).status_code == 200
    assert [fact.components for fact in await posted(stage, number)] == [
        {"site": "major_outage"},
        {"api": "degraded_performance"},
        None,
    ]
    for wrong in ({"pool": "major_outage"}, {"api": "on fire"}):
        answer = await api(stage, number, {**body, "components": wrong})
        assert (answer.status_code, len(await posted(stage, number))) == (400, 3)
