"""What fires now, and what became of it: `/api/v1/alerts`, and the same as Alertmanager tells it."""

from datetime import timedelta
from typing import Any

from integration.web.staged import Staged
from integration.web.test_silences import api, silence
from tocsin.detection.alert import Alert
from tocsin.incident import wishes as w


async def firing(stage: Staged, query: str = "", who: str = "mira") -> list[dict[str, Any]]:
    answer = await api(stage, "GET", f"/api/v1/alerts{query}", who=who)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found


async def test_what_fires_is_told_with_what_became_of_it(stage: Staged) -> None:
    closed = await stage.alert(key="a", incident_type="sequencer-down")
    await stage.act(closed, w.Resolve(by="person:mira"))
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=1))
    opened = await stage.alert("slow", key="b", incident_type="database-slow-queries")
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=1))
    await silence(stage, "text=quiet", "severity!=P0")
    await stage.alert("quiet", key="c", incident_type="high-error-rate")
    assert [(one["dedup_key"], one["state"], one["incident"], one["type"]) for one in await firing(stage)] == [
        ("c", "silenced", None, "high-error-rate"),
        ("b", "open", opened, "database-slow-queries"),
        ("a", "closed", closed, "sequencer-down"),
    ]
    [held] = await firing(stage, "?state=silenced")
    assert (held["silences"], held["incident_severity"], held["severity"]) == (["SIL-1"], "P1", "error")
    assert [one["dedup_key"] for one in await firing(stage, "?limit=1")] == ["c"]
    assert [one["dedup_key"] for one in await firing(stage, "?state=closed&limit=1")] == ["a"]
    await stage.alert(action="resolve", key="b")
    assert await firing(stage, "?state=open") == []
    for wrong in ("?state=gone", "?limit=0"):
        assert (await api(stage, "GET", f"/api/v1/alerts{wrong}")).status_code == 400


async def test_what_is_not_decided_or_restricted_is_told_to_those_who_may_see_everything(stage: Staged) -> None:
    breach = await stage.alert("user data was copied", key="x", incident_type="data-breach")
    links = ("https://m.example/1",)
    new = Alert(source="monitoring", dedup_key="n", action="trigger", summary="new", client_url=links[0], links=links)
    await stage.tocsin.engine.ingest([new])
    assert await firing(stage, who="jonas") == []
    told = await firing(stage, who="boss")
    assert {one["dedup_key"]: (one["state"], one["incident"]) for one in told} == {
        "n": ("new", None),
        "x": ("open", breach),
    }
    assert next(one["links"] for one in told if one["dedup_key"] == "n") == [*links]


async def test_an_alert_that_came_back_fires_since_then(stage: Staged) -> None:
    await stage.alert()
    began = stage.clock.now() + timedelta(minutes=3)
    await stage.alert(action="resolve")
    stage.clock.move_to(began)
    await stage.alert()
    stage.clock.move_to(began + timedelta(minutes=3))
    await stage.alert()
    [one] = await firing(stage)
    assert (one["since"], one["count"]) == (began.isoformat().replace("+00:00", "Z"), 3)
    [theirs] = (await api(stage, "GET", "/api/v2/alerts")).json()
    assert theirs["startsAt"] == one["since"]
