"""Alertmanager's API, beside the real Alertmanager: the same alerts, silences and questions, and what both tell."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port

from integration.servers import Here
from integration.web.test_alerting_rules import needs, running
from integration.web.test_real_monitors import amtool, shop, until_held, until_ready, url_of

__all__ = ["shop"]

ALERTMANAGER = """
route: {receiver: tocsin, group_by: [alertname], group_wait: 100ms}
receivers: [{name: tocsin}]
"""


@contextlib.asynccontextmanager
async def real_one(here: Here, folder: Path) -> AsyncIterator[str]:
    """An Alertmanager that sends nothing to anybody; gives its address."""
    at = free_port()
    (folder / "am.yml").write_text(ALERTMANAGER)
    words = ["--config.file=am.yml", "--storage.path=am", f"--web.listen-address=127.0.0.1:{at}"]
    program = needs("prometheus-alertmanager", "alertmanager")
    async with running(folder, program, *words, "--cluster.listen-address="):
        await until_ready(here, f"http://127.0.0.1:{at}")
        yield f"http://127.0.0.1:{at}"


def silence(here: Here, *matchers: tuple[str, str]) -> dict[str, Any]:
    """A silence of two hours, as clients post it."""
    now = here.clock.now()
    return {
        "createdBy": "x",
        "comment": "known",
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=2)).isoformat(),
        "matchers": [{"name": name, "value": value, "isRegex": False} for name, value in matchers],
    }


SAME_ALERTS = (
    ("alertname=TillDown", "service=till", "instance=a", "--annotation=summary=The till gives no answer"),
    ("alertname=TillDown", "service=till", "instance=b"),
    ("alertname=ShelfDown", "service=shelf"),
)
QUESTIONS = (
    "status",
    "receivers",
    "alerts",
    "alerts?filter=service=till&filter=instance!=a",
    "alerts?receiver=t.*",
    "alerts?receiver=nobody",
    "alerts?active=false",
    "alerts/groups",
    "alerts/groups?filter=service=shelf",
    "alerts/groups?receiver=nobody",
    "silences",
    "silences?filter=service=shelf",
    "alerts?receiver=(",
    "alerts?filter=bad{",
    "alerts/groups?filter=bad{",
)


def shape_of(value: Any) -> Any:
    """The names and kinds of what a JSON value has, with what every one of a list has."""
    if isinstance(value, dict):
        free = ("labels", "annotations")
        return {name: "labels" if name in free else shape_of(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape_of(one) for one in value]
    return type(value).__name__


def missing(theirs: Any, ours: Any) -> list[str]:
    """What the real one tells and we do not, or of another kind; what we tell besides is no fault."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [
            f".{name}{fault}"
            for name, one in theirs.items()
            for fault in (missing(one, ours[name]) if name in ours else [" is missing"])
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            return [f" has {len(ours)}, not {len(theirs)}"]
        return [fault for one, other in zip(theirs, ours, strict=True) for fault in missing(one, other)]
    return [] if theirs == ours else [f" is {ours}, not {theirs}"]


async def test_what_alertmanagers_clients_read_is_what_the_real_one_tells(shop: Here, tmp_path: Path) -> None:
    base, token = shop.client.base_url, await shop.tocsin.access.token("ada", "", None)
    sender = f"http://amtool:{shop.tocsin.access.source_key('prom')}@{base.host}:{base.port}"
    ada = f"http://ada:{token}@{base.host}:{base.port}"
    async with real_one(shop, tmp_path) as real:
        for address, looks in ((real, real), (sender, ada)):
            await amtool(looks, "silence", "add", "service=shelf", "--comment=new shelf", "-d2h", "--no-version-check")
            for words in SAME_ALERTS:
                await amtool(address, "alert", "add", *words, "--end=2099-01-01T00:00:00Z")
        await until_held(shop)
        await shop.until(lambda found: len([one for one in found if one["group_key"].startswith("prom/")]) == 2)
        for question in QUESTIONS:
            answers = []
            for address, who in ((real, {}), (url_of(shop), {"Authorization": f"Bearer {token}"})):
                async with asyncio.timeout(60):
                    while True:  # a group of the real one is there once it waited for others
                        answer = await shop.client.get(f"{address}/api/v2/{question}", headers=who)
                        if question != "alerts/groups" or address != real or len(answer.json()) == 2:
                            break
                        await asyncio.sleep(0.05)
                answers.append(answer)
            theirs, ours = answers
            assert (ours.status_code, ours.headers["content-type"]) == (
                theirs.status_code,
                theirs.headers["content-type"],
            ), question
            if question.partition("?")[0] == "alerts/groups" and "nobody" not in question and "bad" not in question:
                ours_alerts = [one for group in ours.json() for one in group["alerts"]]
                theirs_alerts = [one for group in theirs.json() for one in group["alerts"]]
                assert missing(shape_of(theirs.json()[0]), shape_of(ours.json()[0])) == [], question
                assert told(ours_alerts) == told(theirs_alerts), question
            elif question.partition("?")[0] == "alerts" and theirs.status_code == 200:
                assert missing(shape_of(by_labels(theirs.json())), shape_of(by_labels(ours.json()))) == [], question
                assert told(ours.json()) == told(theirs.json()), question
            else:
                assert missing(shape_of(theirs.json()), shape_of(ours.json())) == [], question


def said(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """What the sender said of an alert, without what we add."""
    return tuple(sorted((name, value) for name, value in labels.items() if not name.startswith("tocsin_")))


def by_labels(alerts: list[Any]) -> list[Any]:
    return sorted(alerts, key=lambda one: said(one["labels"]))


def told(alerts: list[Any]) -> list[Any]:
    return [(said(one["labels"]), one["status"]["state"], one["endsAt"][:19]) for one in by_labels(alerts)]


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        ([{"labels": {}}], 400),
        ([{"labels": {}}] * 30, 400),
        ([{"labels": {"alertname": "Odd"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}], 400),
        ([], 200),
    ],
)
async def test_an_alert_that_is_odd_keeps_no_other_from_anybody(
    shop: Here, tmp_path: Path, odd: list[Any], status: int
) -> None:
    good = [{"labels": {"alertname": name}, "endsAt": "2099-01-01T00:00:00Z"} for name in ("TillDown", "ShelfDown")]
    key = {"Authorization": f"Bearer {shop.tocsin.access.source_key('prom')}"}
    async with real_one(shop, tmp_path) as real:
        for address, who in ((real, {}), (url_of(shop), key)):
            answer = await shop.client.post(f"{address}/api/v2/alerts", json=[good[0], *odd, good[1]], headers=who)
            assert (answer.status_code, answer.headers.get("content-type")) == (
                status,
                "application/json" if odd else None,
            )
            assert not odd or isinstance(answer.json(), str)
        theirs = {one["labels"]["alertname"] for one in (await shop.client.get(f"{real}/api/v2/alerts")).json()}
    await shop.until(lambda found: len(found) == 2)
    ours = {one["labels"]["alertname"] for one in (await shop.get("/api/v2/alerts", await shop.token("ada"))).json()}
    assert ours == theirs == {"TillDown", "ShelfDown"}
    counted = shop.app.state.refusals.counts
    assert counted["/api/v2/alerts", "invalid"] == bool(odd)


async def test_alerts_are_in_the_groups_the_runbook_makes_and_each_can_be_silenced_by_its_labels(shop: Here) -> None:
    base, who = shop.client.base_url, await shop.token("ada")
    sender = f"http://amtool:{shop.tocsin.access.source_key('prom')}@{base.host}:{base.port}"
    others = ("alertname=SequencerDown", "--annotation=summary=The sequencer is down"), ("alertname=Other", "a=b")
    for words in (*SAME_ALERTS, *others):
        await amtool(sender, "alert", "add", *words, "--end=2099-01-01T00:00:00Z")
    await shop.until(lambda found: len(found) == 5)
    groups = (await shop.get("/api/v2/alerts/groups", who)).json()
    alerts = (await shop.get("/api/v2/alerts", who)).json()
    assert sum(len(group["alerts"]) for group in groups) == len(alerts) == 5
    seen = [tuple(sorted(group["labels"].items())) for group in groups]
    assert len(set(seen)) == len(seen)
    assert seen == sorted(seen)
    entries = [group["labels"]["tocsin_entry"] for group in groups if "tocsin_entry" in group["labels"]]
    assert "sequencer-down" in entries
    for group in groups:
        for alert in group["alerts"]:
            assert group["labels"].items() <= alert["labels"].items()
        names = {"tocsin_entry", "tocsin_component"}
        names |= set() if "tocsin_entry" in group["labels"] else {"tocsin_source", "alertname"}
        query = "&".join(f'filter={name}="{group["labels"].get(name, "")}"' for name in sorted(names))
        found = (await shop.get(f"/api/v2/alerts?{query}", who)).json()
        assert [one["fingerprint"] for one in found] == [one["fingerprint"] for one in group["alerts"]]
        wanted = silence(shop, *group["labels"].items())
        answer = await shop.client.post("/api/v2/silences", json=wanted, headers=who)
        assert answer.status_code == 200, answer.text


async def test_amtool_reads_a_configuration_and_its_routes(shop: Here) -> None:
    base, token = shop.client.base_url, await shop.tocsin.access.token("ada", "", None)
    ada = f"http://ada:{token}@{base.host}:{base.port}"
    assert "receiver: tocsin" in await amtool(ada, "config", "show")
    assert "tocsin" in await amtool(ada, "config", "routes", "show")
    assert (await amtool(ada, "config", "routes", "test", "service=till", "--no-version-check")).strip() == "tocsin"


async def test_a_silence_that_holds_is_told_however_many_were_made_since(
    shop: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.web.alertmanager_api._MOST_SILENCES", 2)
    who = await shop.token("ada")
    wanted = silence(shop, ("service", "till"))
    made = [
        (await shop.client.post("/api/v2/silences", json=wanted, headers=who)).json()["silenceID"] for _ in range(4)
    ]
    assert (await shop.client.delete(f"/api/v2/silence/{made[3]}", headers=who)).status_code == 200
    for query, expected in (("", made[::-1]), ("?expired=false", made[2::-1]), ("?active=false", [made[3]])):
        found = (await shop.get(f"/api/v2/silences{query}", who)).json()
        assert [one["id"] for one in found] == expected, query


async def test_whoever_may_not_know_of_an_alert_finds_it_in_no_group(shop: Here) -> None:
    await shop.declare("Somebody copied the customer table", type="data-breach")
    await shop.until(lambda found: found[0]["level"])
    assert (await shop.get("/api/v2/alerts/groups", await shop.token("mira"))).json() == []
    [group] = (await shop.get("/api/v2/alerts/groups", await shop.token("ada"))).json()
    assert group["labels"]["tocsin_entry"] == "data-breach"
    for path in ("alerts/groups", "alerts"):
        refused = await shop.client.get(f"/api/v2/{path}", headers={"Authorization": "Bearer x"})
        assert refused.status_code == 401
        assert isinstance(refused.json(), str)
