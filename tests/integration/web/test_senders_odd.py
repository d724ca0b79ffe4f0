"""Monitors that are set up nearly right: what can be meant in one way only is taken, and the rest is told in words."""

import asyncio
import gzip
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from integration.servers import Here
from integration.web.doors import SECRET
from integration.web.test_inbound import INVALID, counts
from integration.web.test_senders import BODIES, PATHS, deliver, proof
from senders import bodies
from tocsin.detection import body
from tocsin.detection.alert import Alert
from tocsin.web.beside import AT_ONCE


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("written", ["{path}/", "/{path}"])
async def test_a_slash_too_many_in_the_address_loses_nothing(doors: Here, kind: str, written: str) -> None:
    raw = bodies.raw(BODIES[kind])
    # An answer that leads elsewhere is none: curl and PagerDuty's client do not follow, and say nothing.
    base = str(doors.client.base_url).rstrip("/")
    url = base + written.format(path=PATHS[kind])
    answer = await doors.client.post(url, content=raw, headers=proof(doors, kind, raw), follow_redirects=False)
    assert answer.is_success, answer.text
    assert counts(doors)["alert"] == (2 if kind == "alertmanager" else 1)


@pytest.mark.parametrize("path", ["/v2/enqueue/", "//v2/enqueue", "//v2/enqueue/"])
async def test_nor_does_it_in_the_address_of_events(doors: Here, path: str) -> None:
    url = str(doors.client.base_url).rstrip("/") + path
    assert (await doors.client.post(url, json=doors.event())).status_code == 202


@pytest.mark.parametrize("kind", BODIES)
async def test_a_compressed_body_is_refused_in_words(doors: Here, kind: str) -> None:
    raw = gzip.compress(bodies.raw(BODIES[kind]))
    headers = proof(doors, kind, raw) | {"Content-Encoding": "gzip"}
    answer = await doors.client.post(PATHS[kind], content=raw, headers=headers)
    assert answer.status_code == 415
    assert "compressed" in answer.text
    assert counts(doors)["alert"] == 0
    assert (await deliver(doors, kind, **{"Content-Encoding": "identity"})).is_success


async def test_a_compressed_event_is_refused_as_pagerduty_refuses_one(doors: Here) -> None:
    raw = gzip.compress(json.dumps(doors.event()).encode())
    answer = await doors.client.post("/v2/enqueue", content=raw, headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json().items() >= INVALID.items()) == (400, True)
    assert "compressed" in answer.json()["errors"][0]


@pytest.mark.parametrize("kind", BODIES)
async def test_a_mark_of_byte_order_before_a_body_says_nothing(doors: Here, kind: str) -> None:
    raw = b"\xef\xbb\xbf" + bodies.raw(BODIES[kind])
    assert (await doors.client.post(PATHS[kind], content=raw, headers=proof(doors, kind, raw))).is_success
    event = b"\xef\xbb\xbf" + json.dumps(doors.event()).encode()
    assert (await doors.client.post("/v2/enqueue", content=event)).status_code == 202


async def test_a_key_in_the_address_counts_beside_the_password_of_a_proxy(doors: Here) -> None:
    raw, key = bodies.raw(bodies.ALERTMANAGER), doors.tocsin.access.source_key("am")
    for secret, status in ((key, 200), ("wrong", 401)):
        url = f"/webhooks/alertmanager?key={secret}"
        answer = await doors.client.post(url, content=raw, auth=("proxy", "its own"))
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v2/enqueue", {"POST"}),
        ("HEAD", "/webhooks/alertmanager", {"POST"}),
        ("OPTIONS", "/webhooks/grafana", {"POST", "PUT"}),
        ("DELETE", "/heartbeat/x", {"GET", "HEAD", "POST"}),
    ],
)
async def test_what_is_asked_in_another_way_is_told_how(doors: Here, method: str, path: str, allowed: set[str]) -> None:
    answer = await doors.client.request(method, path)
    assert answer.status_code == 405
    assert {*answer.headers["allow"].split(", ")} == allowed


async def test_images_of_an_event_are_linked_and_never_fetched(doors: Here) -> None:
    images = [
        {"src": "https://graph.example/1.png", "href": "https://graph.example/1", "alt": "load"},
        {"src": "https://graph.example/2.png"},
        {"src": "javascript:alert(1)"},
    ]
    assert (await doors.client.post("/v2/enqueue", json=doors.event(images=images))).status_code == 202
    number = (await doors.alone())["id"]
    page = (await doors.client.get(f"/app/incidents/{number}", headers=await doors.session("ada"))).text
    assert 'href="https://graph.example/1"' in page
    assert 'href="https://graph.example/2.png"' in page
    assert "javascript:" not in page
    assert "<img" not in page


@pytest.mark.parametrize("kind", BODIES)
async def test_a_letter_torn_in_two_costs_no_alert(doors: Here, kind: str) -> None:
    """A monitor that cuts a text in the middle of a smiley, or writes in another encoding, does so when it burns."""
    for number, odd in enumerate((b"\\ud83d", b"f\xfcll", b"first\nsecond", b"\\u0000", b"\\ud800\\u0000")):
        key = b"k%d" % number
        raw = bodies.raw(BODIES[kind]).replace(b'{"', b'{"odd": "%b", "' % (odd + key), 1)
        for words in (
            b"gives no answer",
            b"Half of",
            b"has not been read",
            b"ZeroDivisionError",
            b"An attack",
            b'"DOWN"',
        ):
            raw = raw.replace(words, (b'"' if words[:1] == b'"' else b"") + odd + words[words[:1] == b'"' :])
        answer = await doors.client.post(PATHS[kind], content=raw, headers=proof(doors, kind, raw))
        assert answer.is_success, (odd, answer.text)
    assert counts(doors)["alert"] > 0
    event = json.dumps(doors.event()).encode().replace(b"The health", b"The \\ud83d\xfc\n health")
    assert (await doors.client.post("/v2/enqueue", content=event)).status_code == 202


async def test_large_bodies_are_read_beside_everything_else(doors: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never comes to an end lets others be answered: of the loop it takes nothing."""
    begun, go, read = threading.Event(), threading.Event(), body.json_of

    def slow(raw: bytes) -> object:
        if len(raw) > AT_ONCE:
            begun.set()
            assert go.wait(60)
        return read(raw)

    for module in ("delivery", "pagerduty"):
        monkeypatch.setattr(f"tocsin.detection.{module}.json_of", slow)
    large = {"text": "x" * AT_ONCE}
    asked = [asyncio.create_task(deliver(doors, kind, _with(BODIES[kind], large))) for kind in BODIES]
    asked.append(asyncio.create_task(doors.client.post("/v2/enqueue", json=doors.event(client="x" * AT_ONCE))))
    change = {"routing_key": doors.routing_key, "payload": {"summary": "y", "custom_details": large}}
    asked.append(asyncio.create_task(doors.client.post("/v2/change/enqueue", json=change)))
    try:
        await asyncio.to_thread(begun.wait, 60)
        assert (await doors.client.get("/health")).status_code == 200
        assert (await doors.client.post("/v2/enqueue", json=doors.event())).status_code == 202
        assert not any(one.done() for one in asked)
    finally:
        go.set()
    assert all(one.is_success for one in await asyncio.gather(*asked))


async def test_a_delivery_of_thousands_is_stored_in_parts_between_which_others_are_answered(
    doors: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, ingest = list[int](), doors.tocsin.engine.ingest

    async def counted(alerts: Sequence[Alert]) -> None:
        parts.append(len(alerts))
        await ingest(alerts)

    monkeypatch.setattr(doors.tocsin.engine, "ingest", counted)
    await doors.tocsin.worker.stop()
    many = [{"labels": {"alertname": "TillDown", "till": str(number)}} for number in range(2_500)]
    assert (await deliver(doors, "prometheus", many)).status_code == 200
    assert parts == [1000, 1000, 500]
    assert counts(doors)["alert"] == 2_500


def _with(known: Any, more: dict[str, str]) -> Any:
    return [known[0] | {"annotations": more}] if isinstance(known, list) else known | {"odd": more}


def of_grafana(name: str, **annotations: str) -> dict[str, Any]:
    """A group with one alert of the rule "Till slow", whose words claim what it would have measured."""
    labels = {"alertname": name, "rulename": "Till slow", "grafana_folder": "shop"}
    alert = bodies.GRAFANA["alerts"][0]
    words = {"summary": "Half of the tills need over 2 s", "description": "40 % of all users wait"} | annotations
    return bodies.GRAFANA | {"alerts": [alert | {"labels": labels, "annotations": words, "values": None}]}


@pytest.mark.parametrize(
    ("name", "annotations", "says"),
    [
        ("DatasourceNoData", {}, "Grafana has no data for the rule Till slow"),
        ("DatasourceError", {"Error": "no route"}, "Grafana cannot evaluate the rule Till slow: no route"),
        ("Tills", {"grafana_state_reason": "NoData"}, "Grafana has no data for the rule Till slow"),
        ("Tills", {"grafana_state_reason": "Updated"}, "Half of the tills need over 2 s"),
    ],
)
async def test_a_rule_of_grafana_that_saw_nothing_claims_nothing(
    doors: Here, name: str, annotations: dict[str, str], says: str
) -> None:
    assert (await deliver(doors, "grafana", of_grafana(name, **annotations))).status_code == 200
    incident = await doors.alone()
    assert incident["summary"] == says
    shown = (await doors.get(f"/app/incidents/{incident['id']}", await doors.session("ada"))).text
    assert ("40 % of all users wait" in shown) != says.startswith("Grafana")
    assert ("measured nothing" in shown) == says.startswith("Grafana")


async def test_a_mail_in_html_alone_is_read_as_people_see_it(doors: Here) -> None:
    page = (
        "<!DOCTYPE html><html><head><title>t</title><style>td { color: red }</style><body><table><tr><td>CPU</td>"
        "<td>97&nbsp;%</td></tr></table><p>on <b>db</b>-1 &lt;main&gt;</p><script>x()</script></body></html>"
    )
    raw = f"From: a@shop.example\r\nSubject: Load\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()
    headers = {"Authorization": f"Bearer {doors.tocsin.access.source_key('mailbox')}"}
    assert (await doors.client.post("/webhooks/email", content=raw, headers=headers)).status_code == 200
    assert (await doors.alone())["summary"] == "Load: CPU 97 % on db-1 <main>"


async def test_sentry_may_say_that_it_is_installed(doors: Here) -> None:
    raw = bodies.raw({"action": "created", "data": {"installation": {"uuid": "a8e5d37a", "status": "pending"}}})
    for secret, status in ((SECRET, 200), ("wrong", 401)):
        headers = {"Sentry-Hook-Resource": "installation", "Sentry-Hook-Signature": bodies.mac(secret, raw)}
        assert (await doors.client.post("/webhooks/sentry", content=raw, headers=headers)).status_code == status
    assert counts(doors)["alert"] == 0
