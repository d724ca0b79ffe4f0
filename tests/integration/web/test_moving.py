"""Merging and splitting over the API and on the pages."""

import asyncio
from typing import Any

from integration.servers import PATIENCE, Here, on_both_stores
from integration.web.staged import RUNBOOK, Staged, on_both_stages
from tocsin.detection.alert import Action, Alert
from tocsin.incident import facts as f
from tocsin.incident.wishes import ChangeSeverity, Note, Reopen, Resolve

ONE, TWO, THREE = "INC-2026-0001", "INC-2026-0002", "INC-2026-0003"


async def fires(stage: Staged, key: str, incident_type: str = "sequencer-down", action: Action = "trigger") -> None:
    """Let a monitor fire, or say that it is over."""
    alert = Alert(source="m", dedup_key=key, action=action, summary=f"{key} <b>", incident_type=incident_type)
    await stage.tocsin.engine.ingest([alert])
    await stage.settle()


async def one_alert_goes_elsewhere(stage: Staged) -> None:
    """Leave an incident that a person reopened while one of its three alerts has an open incident of its own."""
    for action in ("trigger", "resolve"):
        for key in "abc":
            await fires(stage, key, action=action)
    await stage.let_pass(minutes=61)
    await fires(stage, "b")
    await stage.let_pass(minutes=61)
    await stage.act(ONE, Reopen(by="person:mira"))


@on_both_stores
async def test_declared_incidents_are_merged_and_their_alerts_split_off_again(here: Here) -> None:
    one = (await here.declare("Orders fail", type="high-error-rate"))["id"]
    two = (await here.declare("Orders are slow", type="database-slow-queries"))["id"]
    path = f"/api/v1/incidents/{two}"
    merged: dict[str, Any] = (await here.post(f"{path}/merge", {"into": one, "why": "one outage"})).json()
    assert (merged["id"], merged["merged"], len(merged["alerts"])) == (one, [two], 2)
    [joined] = [alert for alert in merged["alerts"] if alert["because"]]
    assert joined["because"]["text"] == f"{two} was merged into this one: one outage"
    left = (await here.get(path)).json()
    assert (left["status"], left["merged_into"]) == ("resolved", one)
    assert "Merged" in [fact["fact"] for fact in left["timeline"]]  # a page that was under way may be told after it
    assert (await here.post(f"{path}/merge", {"into": one})).json()["id"] == one
    group = f"{joined['source']}/{joined['dedup_key']}"
    new = (await here.post(f"/api/v1/incidents/{one}/split", {"alerts": [group], "why": "it is not"})).json()
    assert new["former"] == one
    assert new["status"] == "triggered"
    assert (await here.get("/api/v1/verify")).json()["faults"] == []


@on_both_stores
async def test_what_cannot_be_is_refused_in_one_sentence(here: Here) -> None:
    one = (await here.declare("Orders fail", type="high-error-rate"))["id"]
    for action, body, status in (
        ("merge", {"into": one}, 400),
        ("merge", {"into": "INC-2020-9999"}, 404),
        ("merge", {"into": "x"}, 404),
        ("merge", {}, 400),
        ("split", {"alerts": []}, 400),
        ("split", {"alerts": ["x/y"]}, 404),
        ("split", {"alerts": "x"}, 400),
    ):
        answer = await here.post(f"/api/v1/incidents/{one}/{action}", body)
        assert (answer.status_code, list(answer.json())) == (status, ["error"]), (action, body)


@on_both_stages
async def test_many_alerts_that_joined_are_one_line_that_opens_and_people_are_found_between_them(stage: Staged) -> None:
    for key in "abcdef":
        await fires(stage, key)
    await stage.act(ONE, Note(by="person:mira", text="it is the switch"))
    for key in "gh":
        await fires(stage, key)
    page = await (await stage.as_("mira")).text(f"/app/incidents/{ONE}")
    timeline = page[page.index('id="timeline"') :]
    assert "8 alerts are part of it, 8 fire." in page
    assert timeline.count("<details") == 1
    assert "5 alerts joined since 03:11:38" in timeline
    told = [
        "h &lt;b&gt;",
        "g &lt;b&gt;",
        "it is the switch",
        "5 alerts joined",
        "f &lt;b&gt;",
        "b &lt;b&gt;",
        "Opened as",
    ]
    assert sorted(told, key=timeline.index) == told


@on_both_stages
async def test_the_page_merges_and_says_where_it_goes_on(stage: Staged) -> None:
    await fires(stage, "a")
    await fires(stage, "b", "high-error-rate")
    mira = await stage.as_("mira")
    answer = await mira.post(f"/app/incidents/{TWO}/merge", into="inc-2026-0001", why="one <i>outage</i>")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/incidents/{ONE}")
    left, other = await mira.text(f"/app/incidents/{TWO}"), await mira.text(f"/app/incidents/{ONE}")
    assert f'It goes on in <a href="/app/incidents/{ONE}">' in left
    assert f'<a href="/app/incidents/{TWO}">{TWO}</a> was merged into this one' in other
    assert "one &lt;i&gt;outage" in left
    assert "b &lt;b&gt;" in other
    assert "2 alerts, 2 fire" in other
    assert "<b>&lt;" not in other


@on_both_stages
async def test_the_page_offers_what_else_is_open_to_merge_it_into(stage: Staged) -> None:
    await fires(stage, "a")
    await fires(stage, "b", "high-error-rate")
    await fires(stage, "c", "data-breach")
    boss = await stage.as_("boss")
    offered = f'<option value="{TWO}">'
    page = await boss.text(f"/app/incidents/{ONE}")
    assert offered in page
    assert f'value="{ONE}"' not in page
    assert 'value="INC-2026-0003"' not in page  # few may see that one
    await stage.act(TWO, Resolve(by="person:mira"))
    assert offered not in await boss.text(f"/app/incidents/{ONE}")


@on_both_stages
async def test_the_page_splits_off_what_is_chosen(stage: Staged) -> None:
    for key in "abc":
        await fires(stage, key)
    mira = await stage.as_("mira")
    assert 'name="alert.3" value="m/c"' in await mira.text(f"/app/incidents/{ONE}")
    fields = {"alert.2": "m/b", "alert.3": "m/c", "why": "another host"}
    answer = await mira.post(f"/app/incidents/{ONE}/split", **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/incidents/{TWO}")
    assert "it was split off from" in (await mira.text(f"/app/incidents/{TWO}")).lower()
    assert f'split off into <a href="/app/incidents/{TWO}">' in await mira.text(f"/app/incidents/{ONE}")
    assert any(isinstance(body, f.Split) for body in await stage.facts(ONE))
    assert (await mira.post(f"/app/incidents/{ONE}/split")).status_code == 400


@on_both_stages
async def test_who_may_not_see_an_incident_merges_nothing_into_it(stage: Staged) -> None:
    await fires(stage, "a")
    await fires(stage, "b", "data-breach")
    mira = await stage.as_("mira")
    assert (await mira.post(f"/app/incidents/{ONE}/merge", into=TWO)).status_code == 404
    assert (await mira.post(f"/app/incidents/{TWO}/merge", into=ONE)).status_code == 404


@on_both_stages
async def test_an_alert_that_went_elsewhere_stays_there_when_the_incident_it_left_is_merged(stage: Staged) -> None:
    await one_alert_goes_elsewhere(stage)
    await fires(stage, "d", "high-error-rate")
    async with asyncio.timeout(PATIENCE):  # it decided again for ever
        answer = await (await stage.as_("mira")).post(f"/app/incidents/{ONE}/merge", into=THREE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/incidents/{THREE}")
    [absorbed] = [body for body in await stage.facts(THREE) if isinstance(body, f.Absorbed)]
    assert sorted(absorbed.alerts) == ["m/a", "m/c"]
    assert [one.alert.dedup_key for one in (await stage.tocsin.engine.load(TWO)).alerts] == ["b"]


@on_both_stages
async def test_an_incident_goes_on_with_an_alert_it_still_has_when_its_own_is_split_off(stage: Staged) -> None:
    await one_alert_goes_elsewhere(stage)
    answer = await (await stage.as_("mira")).post(f"/app/incidents/{ONE}/split", **{"alert.1": "m/a"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/incidents/{THREE}")
    left = await stage.tocsin.engine.load(ONE)
    assert left.incident is not None
    assert left.incident.group_key == "m/c"


@on_both_stages
async def test_an_alert_that_was_merged_in_does_not_undo_that_a_person_lowered_the_severity(stage: Staged) -> None:
    await fires(stage, "a", "high-error-rate")
    await fires(stage, "b")
    await (await stage.as_("mira")).post(f"/app/incidents/{TWO}/merge", into=ONE)
    await stage.act(ONE, ChangeSeverity(by="person:mira", severity="P2", because="only one customer"))
    await stage.let_pass(minutes=1)
    await fires(stage, "b", action="resolve")
    await stage.let_pass(minutes=1)
    await fires(stage, "b")
    changes = [(body.before, body.after) for body in await stage.facts(ONE) if isinstance(body, f.SeverityChanged)]
    assert changes == [("P1", "P0"), ("P0", "P2")]


async def test_an_alert_joins_by_a_line_of_the_version_that_the_incident_is_pinned_to(stage: Staged) -> None:
    await fires(stage, "a")
    line = (await stage.tocsin.engine.load(ONE)).world.runbook.incident_type("sequencer-down").line  # type: ignore[union-attr]
    await stage.tocsin.publish(b"\n" * 7 + RUNBOOK.read_bytes(), "docs/RUNBOOK.md", None)
    await fires(stage, "b")
    await asyncio.gather(*(fires(stage, key) for key in "cd"))  # turns that are decided together
    joined = [body.because for body in await stage.facts(ONE) if isinstance(body, f.AlertJoined)]
    assert [because.line for because in joined if because] == [line] * 3
