"""Monitors knock over HTTP: who they are is proved, what they say is on disk before it is answered."""

import asyncio
import logging
from copy import deepcopy
from typing import Any

import httpx
import pytest

from integration.servers import Here
from integration.web.doors import OLD, SECRET
from integration.web.test_inbound import counts, second_connection
from senders import bodies
from tocsin.web.gate import Gate
from tocsin.web.refusals import Refusals
from tocsin.web.senders import SENDERS

SIGNED = {"sentry", "cloudflare"}
BODIES: dict[str, Any] = {
    "alertmanager": bodies.ALERTMANAGER,
    "prometheus": bodies.PROMETHEUS,
    "grafana": bodies.GRAFANA,
    "sentry": bodies.SENTRY["issue"],
    "cloudflare": bodies.CLOUDFLARE,
    "pagerduty": bodies.PAGERDUTY,
    "custom": bodies.CUSTOM,
}
PATHS = {sender.kind: sender.path.replace("{name}", "uptime") for sender in SENDERS} | {
    "pagerduty": "/webhooks/pagerduty"
}
NAMES = {"alertmanager": "am", "prometheus": "prom", "grafana": "graf", "custom": "uptime"}


def proof(here: Here, kind: str, raw: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers with which a sender of that kind proves itself."""
    if kind == "sentry":
        return {"Sentry-Hook-Resource": "issue", "Sentry-Hook-Signature": bodies.mac(secret, raw)}
    if kind == "cloudflare":
        return {"cf-webhook-auth": secret}
    if kind == "pagerduty":
        return {"X-PagerDuty-Signature": f"v1={bodies.mac('other', raw)},v1={bodies.mac(secret, raw)}"}
    return {"Authorization": f"Bearer {here.tocsin.access.source_key(NAMES[kind])}"}


async def deliver(here: Here, kind: str, body: object = None, **headers: str) -> httpx.Response:
    path = PATHS[kind]
    raw = bodies.raw(BODIES[kind] if body is None else body)
    return await here.client.post(path, content=raw, headers=proof(here, kind, raw) | headers)


def turns(here: Here) -> int:
    """How many decisions wait."""
    with second_connection(here) as db:
        return int(db.execute("SELECT count(*) FROM job WHERE key LIKE 'turn/%'").fetchone()[0])


async def opened(here: Here, number: int = 1) -> list[dict[str, Any]]:
    return await here.until(lambda found: found if len(found) == number else None)


# -- every sender


@pytest.mark.parametrize("kind", BODIES)
async def test_what_a_monitor_says_opens_an_incident_that_names_its_source(doors: Here, kind: str) -> None:
    answer = await deliver(doors, kind)
    assert answer.status_code == (202 if kind == "pagerduty" else 200), answer.text
    found = await opened(doors, 2 if kind == "alertmanager" else 1)
    source = {"sentry": "errors", "cloudflare": "edge", "pagerduty": "pd"} | NAMES
    assert {one["group_key"].split("/")[0] for one in found} == {source[kind]}


@pytest.mark.parametrize("kind", BODIES)
async def test_the_same_delivery_twice_changes_nothing(doors: Here, kind: str) -> None:
    await deliver(doors, kind)
    ids = [one["id"] for one in await opened(doors, 2 if kind == "alertmanager" else 1)]
    for _ in range(3):
        assert (await deliver(doors, kind)).is_success
    await doors.until(lambda _: True if counts(doors)["job"] and not turns(doors) else None)
    assert [one["id"] for one in await doors.incidents()] == ids
    for name in ids:
        timeline = (await doors.get(f"/api/v1/incidents/{name}")).json()["timeline"]
        assert [fact["fact"] for fact in timeline if fact["by"].startswith("source:")] == ["Opened"]


@pytest.mark.parametrize("kind", BODIES)
async def test_who_does_not_prove_to_be_a_source_changes_nothing(doors: Here, kind: str) -> None:
    path = PATHS[kind]
    raw = bodies.raw(BODIES[kind])
    other = doors.tocsin.access.source_key("graf" if kind != "grafana" else "prom")
    wrong = [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {other}"}, {"cf-webhook-auth": "x"}]
    wrong += [{"Sentry-Hook-Resource": "issue", "Sentry-Hook-Signature": bodies.mac("guess", raw)}]
    for headers in wrong:
        answer = await doors.client.post(path, content=raw, headers=headers)
        assert answer.status_code == (403 if kind == "pagerduty" else 401), headers
        assert "source" in answer.text
        assert ("tocsin token" in answer.text) == (kind not in {*SIGNED, "pagerduty"}), "who signs has no key"
    assert counts(doors)["alert"] == 0


@pytest.mark.parametrize("kind", BODIES)
async def test_a_body_that_cannot_be_read_is_refused_and_its_words_are_nowhere(
    doors: Here, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = PATHS[kind]
    with caplog.at_level(logging.DEBUG):
        for raw in (b'"hunter2"', b'{"alerts": "hunter2", "action": ["hunter2"]', b"", b'[{"labels": {"hunter2": 2}}]'):
            answer = await doors.client.post(path, content=raw, headers=proof(doors, kind, raw))
            assert answer.status_code == 400, answer.text
            assert "hunter2" not in answer.text.replace("hunter2'", "")
    assert counts(doors)["alert"] == 0
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("kind", BODIES)
async def test_a_body_over_the_limit_is_refused(doors: Here, kind: str) -> None:
    raw = b" " * (512 * 1024 + 1)
    path = PATHS[kind]
    answer = await doors.client.post(path, content=raw, headers=proof(doors, kind, raw))
    assert answer.status_code == 413
    assert counts(doors)["alert"] == 0


@pytest.mark.parametrize("kind", BODIES)
async def test_a_store_that_cannot_be_written_is_told_as_worth_another_try(doors: Here, kind: str) -> None:
    doors.tocsin.store._writer.execute("PRAGMA busy_timeout = 50")  # type: ignore[attr-defined]
    with second_connection(doors) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await deliver(doors, kind)
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await deliver(doors, kind)).is_success
    await opened(doors, 2 if kind == "alertmanager" else 1)


async def test_what_is_refused_is_told_in_the_log_once_and_counted(
    doors: Here, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tocsin.senders"):
        for _ in range(3):
            await deliver(doors, "grafana", {"alerts": "hunter2"})
            await doors.client.post("/v2/enqueue", json={"hunter2": 1})
        assert (await deliver(doors, "alertmanager", Authorization="Bearer hunter2")).status_code == 401
    told = [record.getMessage() for record in caplog.records if record.name == "tocsin.senders"]
    assert told[:2] == [
        "/webhooks/grafana refused a delivery: 'alerts' is invalid (must be an array of objects)",
        "/v2/enqueue refused a delivery: 'event_action' is missing or blank; 'routing_key' is missing or blank",
    ]
    assert [line.partition(":")[0] for line in told[2:]] == ["/webhooks/alertmanager refused a delivery"]
    assert "hunter2" not in "".join(told)
    measured = (await doors.get("/metrics")).text
    assert 'tocsin_deliveries_refused_total{door="/webhooks/grafana",outcome="invalid"} 3.0' in measured
    assert 'tocsin_deliveries_refused_total{door="/v2/enqueue",outcome="invalid"} 3.0' in measured
    assert 'tocsin_deliveries_refused_total{door="/webhooks/alertmanager",outcome="unknown"} 1.0' in measured


def test_what_was_refused_meanwhile_is_told_with_the_next_one(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    with caplog.at_level(logging.WARNING, "tocsin.senders"):
        for second in (0, 1, 59, 60):
            refusals.note("/d", "invalid", "it is odd", float(second))
    assert [record.getMessage() for record in caplog.records] == [
        "/d refused a delivery: it is odd",
        "/d refused 3 deliveries: it is odd",
    ]


# -- overload


@pytest.mark.parametrize("gate", [Gate(most_requests=0), Gate(most_bytes=100)], ids=["requests", "bytes"])
async def test_too_much_at_once_is_told_as_each_sender_understands_it(doors: Here, gate: Gate) -> None:
    state = doors.app.state
    before, state.gate = state.gate, gate
    for kind in BODIES:
        answer = await deliver(doors, kind)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), kind
    limited = await doors.client.post("/v2/enqueue", json=doors.event())
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    assert counts(doors)["alert"] == 0
    assert (gate.requests, gate.bytes, gate.refused) == (0, 0, len(BODIES) + 1)
    state.gate = before
    assert (await deliver(doors, "prometheus")).status_code == 200


async def test_what_does_not_fit_while_the_disk_is_slow_is_told_at_once_and_the_rest_is_kept(doors: Here) -> None:
    doors.app.state.gate = Gate(most_requests=5)
    doors.tocsin.store._writer.execute("PRAGMA busy_timeout = 60000")  # type: ignore[attr-defined]
    alerts = [[{"labels": {"alertname": f"A{place}"}, "endsAt": "2099-01-01T00:00:00Z"}] for place in range(20)]
    with second_connection(doors) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = [asyncio.create_task(deliver(doors, "prometheus", body)) for body in alerts]
        told, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        async with asyncio.timeout(60):
            while len(told) < 15:
                await asyncio.sleep(0.01)
                told = {task for task in waiting if task.done()}
        other.execute("ROLLBACK")
    statuses = sorted([(await task).status_code for task in waiting])
    assert statuses == [200] * 5 + [503] * 15
    assert counts(doors)["alert"] == 5


async def test_places_are_given_back_whatever_happens(doors: Here) -> None:
    for kind in BODIES:
        await deliver(doors, kind)
        await deliver(doors, kind, "no such body")
    await asyncio.gather(*(deliver(doors, "prometheus") for _ in range(20)))
    gate = doors.app.state.gate
    assert (gate.requests, gate.bytes) == (0, 0)


# -- how they prove it


async def test_a_key_may_come_as_bearer_as_password_or_in_the_address(doors: Here) -> None:
    key = doors.tocsin.access.source_key("am")
    raw = bodies.raw(bodies.ALERTMANAGER)
    for headers in ({"Authorization": f"Bearer {key}"}, {"Authorization": f"Token token={key}"}):
        answer = await doors.client.post("/webhooks/alertmanager", content=raw, headers=headers)
        assert answer.status_code == 200
    assert (await doors.client.post("/webhooks/alertmanager", content=raw, auth=("any", key))).status_code == 200
    assert (await doors.client.post(f"/webhooks/alertmanager?key={key}", content=raw)).status_code == 200


async def test_a_further_secret_is_a_further_key_while_one_is_replaced(doors: Here) -> None:
    answer = await deliver(doors, "alertmanager", Authorization=f"Bearer {OLD}")
    assert answer.status_code == 200


async def test_a_source_without_a_kind_may_use_every_door_that_takes_a_key(doors: Here) -> None:
    key = doors.tocsin.access.source_key("monitoring")
    for kind in ("alertmanager", "grafana", "prometheus"):
        assert (await deliver(doors, kind, Authorization=f"Bearer {key}")).status_code == 200
    event = doors.event() | {"routing_key": doors.tocsin.access.source_key("am")}
    assert (await doors.client.post("/v2/enqueue", json=event)).status_code == 400


async def test_the_former_secret_still_signs(doors: Here) -> None:
    raw = bodies.raw(BODIES["sentry"])
    headers = proof(doors, "sentry", raw, OLD)
    assert (await doors.client.post("/webhooks/sentry", content=raw, headers=headers)).status_code == 200


async def test_an_issue_that_is_resolved_and_comes_back_with_the_same_words_is_news(doors: Here) -> None:
    for stamp, (action, status) in enumerate((("unresolved", "triggered"), ("resolved", "resolved")) * 2):
        body = BODIES["sentry"] | {"action": action}
        assert (await deliver(doors, "sentry", body, **{"Sentry-Hook-Timestamp": str(stamp)})).status_code == 200
        await doors.until(lambda found, wanted=status: found and found[0]["status"] == wanted)  # type: ignore[misc]


async def test_grafana_may_sign_with_the_time_and_a_recording_is_refused_later(doors: Here) -> None:
    raw = bodies.raw(bodies.GRAFANA)
    stamp = str(int(doors.clock.now().timestamp()))
    signature = bodies.mac(SECRET, stamp.encode() + b":" + raw)
    headers = {"X-Grafana-Time": stamp, "X-Grafana-Alerting-Signature": signature}
    assert (await doors.client.put("/webhooks/grafana", content=raw, headers=headers)).status_code == 200
    assert (await opened(doors))[0]["group_key"].startswith("grafsigned/")
    doors.clock.ahead += 2 * doors.tocsin.settings.sources["grafsigned"].tolerance
    late = await doors.client.put("/webhooks/grafana", content=raw, headers=headers)
    assert late.status_code == 401
    assert f"{doors.clock.now():our clock (%Y-%m-%dT%H:}" in late.text, "else nobody looks for a clock that goes wrong"
    assert (
        await doors.client.put("/webhooks/grafana", content=raw, headers=headers | {"X-Grafana-Time": "1"})
    ).is_error


async def test_a_custom_sender_may_sign_as_github_does_or_without_the_prefix(doors: Here) -> None:
    raw = bodies.raw({"id": 1, "text": "It burns"})
    for signature in (f"sha256={bodies.mac(SECRET, raw)}", bodies.mac(SECRET, raw)):
        headers = {"X-Hub-Signature-256": signature}
        assert (await doors.client.post("/webhooks/custom/hooked", content=raw, headers=headers)).status_code == 200
        assert (await doors.client.post("/webhooks/custom/uptime", content=raw, headers=headers)).status_code == 401
    assert (await opened(doors))[0]["group_key"] == "hooked/1"


async def test_a_mail_is_taken_and_its_recovery_ends_it(doors: Here) -> None:
    headers = {"Authorization": f"Bearer {doors.tocsin.access.source_key('mailbox')}"}
    for word, status in (("PROBLEM", "triggered"), ("RECOVERY", "resolved")):
        raw = f"From: icinga@shop.example\r\nSubject: {word}: till on shop-1\r\n\r\nno answer\r\n".encode()
        answer = await doors.client.post("/webhooks/email", content=raw, headers=headers)
        assert answer.status_code == 200, answer.text
        await doors.until(lambda found, wanted=status: found and found[0]["status"] == wanted)  # type: ignore[misc]
    assert (await doors.client.post("/webhooks/email", content=b"hello", headers=headers)).status_code == 400


async def mailed(here: Here, word: str, status: str, heads: str = "") -> None:
    """Send a mail of that word of state, and wait until the one incident has that status."""
    headers = {"Authorization": f"Bearer {here.tocsin.access.source_key('mailbox')}"}
    raw = f"From: icinga@shop.example\r\n{heads}Subject: {word}: till on shop-1\r\n\r\nno answer\r\n".encode()
    assert (await here.client.post("/webhooks/email", content=raw, headers=headers)).status_code == 200
    await here.until(lambda found: found and len(found) == 1 and found[0]["status"] == status)


async def test_a_mail_that_nothing_tells_apart_is_news_when_it_comes_again(doors: Here) -> None:
    for _ in range(2):  # a script may write neither date nor id
        await mailed(doors, "PROBLEM", "triggered")
        await mailed(doors, "RECOVERY", "resolved")


@pytest.mark.parametrize("head", ["Message-ID: <1@shop.example>", "Date: Wed, 25 Nov 2026 21:00:00 +0100"])
async def test_a_mail_that_is_delivered_twice_is_no_news(doors: Here, head: str) -> None:
    await mailed(doors, "PROBLEM", "triggered", f"{head}\r\n")
    await mailed(doors, "RECOVERY", "resolved")
    await mailed(doors, "PROBLEM", "resolved", f"{head}\r\n")
    await doors.until(lambda _: True if not turns(doors) else None)
    assert [one["status"] for one in await doors.incidents()] == ["resolved"]


async def test_a_custom_source_opens_its_own_address_alone(doors: Here) -> None:
    raw = bodies.raw(bodies.CUSTOM)
    for name, source in (("uptime", "monitoring"), ("hooked", "uptime"), ("nobody", "uptime"), ("am", "am")):
        headers = {"Authorization": f"Bearer {doors.tocsin.access.source_key(source)}"}
        answer = await doors.client.post(f"/webhooks/custom/{name}", content=raw, headers=headers)
        assert answer.status_code == 401, (name, source)
    assert counts(doors)["alert"] == 0


async def test_what_other_tools_open_in_pagerduty_is_taken_and_resolved_there(doors: Here) -> None:
    await deliver(doors, "pagerduty")
    assert (await opened(doors))[0]["group_key"] == "pd/Q1KZ"
    for kind, status in (("incident.acknowledged", "acknowledged"), ("incident.resolved", "resolved")):
        body = deepcopy(bodies.PAGERDUTY)
        body["event"] |= {"event_type": kind, "id": kind}
        assert (await deliver(doors, "pagerduty", body)).status_code == 202
        await doors.until(lambda found, wanted=status: found[0]["status"] == wanted)  # type: ignore[misc]


# -- what becomes of it


async def test_an_alert_in_a_group_that_still_fires_ends_by_itself(doors: Here) -> None:
    await deliver(doors, "alertmanager")
    await opened(doors, 2)
    body = deepcopy(bodies.ALERTMANAGER)
    body["alerts"][0]["status"] = "resolved"
    assert body["status"] == "firing"
    await deliver(doors, "alertmanager", body)
    found = await doors.until(
        lambda all_: all_ if {one["status"] for one in all_} == {"triggered", "resolved"} else None
    )
    over = next(one for one in found if one["status"] == "resolved")
    assert over["group_key"] == "am/a1b2c3d4e5f60718"


async def test_an_end_whose_beginning_was_never_seen_is_nothing(doors: Here) -> None:
    body = deepcopy(bodies.ALERTMANAGER)
    for alert in body["alerts"]:
        alert["status"] = "resolved"
    assert (await deliver(doors, "alertmanager", body)).status_code == 200
    assert counts(doors)["alert"] == 0


async def test_links_of_the_sender_are_on_the_page(doors: Here) -> None:
    await deliver(doors, "grafana")
    number = (await opened(doors))[0]["id"]
    page = await doors.client.get(f"/app/incidents/{number}", headers=await doors.session("ada"))
    assert "https://grafana.example/alerting/silence/new?alertmanager=grafana" in page.text
    assert "<dt>source</dt><dd>graf</dd>" in page.text
    [alert] = (await doors.get(f"/api/v1/incidents/{number}")).json()["alerts"]
    assert alert["source"] == "graf"
    assert {"https://grafana.example/d/abc", "https://grafana.example/"} <= {*alert["links"]}
