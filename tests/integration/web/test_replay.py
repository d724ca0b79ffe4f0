"""What real programs sent, recorded, sent again to us: every body that is meant for one of our doors."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import SHARED
from integration.servers import Here
from integration.web.test_inbound import counts
from tocsin.detection.prometheus import fingerprint

DOORS = {
    "/alertmanager/webhook": ("/webhooks/alertmanager", "am"),
    "/api/v2/alerts": ("/api/v2/alerts", "prom"),
    "/v2/enqueue": ("/v2/enqueue", "monitoring"),
    "/v2/change/enqueue": ("/v2/change/enqueue", "monitoring"),
    "/oncalls": ("/oncalls", ""),
    "/users": ("/users", ""),
}
"""Where it was sent, the door it is meant for here, and the source that sends it; "" asks as a person."""


def recorded() -> list[Any]:
    found = []
    for path in sorted((SHARED / "payloads").glob("*/*.json")):
        sent = json.loads(path.read_text())
        if isinstance(sent, dict) and str(sent.get("path", "")).partition("?")[0] in DOORS:
            found.append(pytest.param(sent, id=f"{path.parent.name}/{path.stem}"))
    missing = pytest.mark.skip(reason="needs the recorded payloads, which lie beside the project and not in it")
    return found or [pytest.param(None, marks=missing)]


def began(sent: dict[str, Any]) -> datetime | None:
    """When the first alert of a body began, where it says so."""
    body = sent["body"]
    alerts = body if isinstance(body, list) else body.get("alerts", []) if isinstance(body, dict) else []
    return datetime.fromisoformat(alerts[0]["startsAt"]) if alerts else None


def expected(sent: dict[str, Any]) -> set[str]:
    """The groups a body opens: by fingerprint, or by dedup key."""
    body, path = sent["body"], sent["path"].partition("?")[0]
    if path == "/api/v2/alerts":
        return {f"prom/{fingerprint(alert['labels'])}" for alert in body}
    if path == "/alertmanager/webhook":
        return {f"am/{alert['fingerprint']}" for alert in body["alerts"] if alert["status"] == "firing"}
    if path == "/v2/enqueue" and body["event_action"] == "trigger" and "dedup_key" in body:
        return {f"monitoring/{body['dedup_key']}"}
    return set()


@pytest.mark.parametrize("sent", recorded())
async def test_what_was_recorded_is_taken_and_opens_what_it_says(doors: Here, sent: dict[str, Any]) -> None:
    path, query = sent["path"].partition("?")[::2]
    door, source = DOORS[path]
    if at := began(sent):
        doors.clock.ahead = at + timedelta(minutes=1) - doors.clock.now()
    headers = {name: value for name, value in sent["headers"].items() if name.lower() not in {"host", "content-length"}}
    body: Any = sent.get("body")
    if source:
        headers["Authorization"] = f"Bearer {doors.tocsin.access.source_key(source)}"
        body = body | {"routing_key": doors.routing_key} if "routing_key" in body else body
    else:
        headers |= await doors.token("mira")
    content = None if sent["method"] == "GET" else json.dumps(body).encode()
    answer = await doors.client.request(sent["method"], f"{door}?{query}", content=content, headers=headers)
    assert answer.status_code == (202 if door.startswith("/v2/") else 200), answer.text
    groups = expected(sent)
    if groups:
        found = await doors.until(lambda listed: listed if len(listed) == len(groups) else None)
        assert {one["group_key"] for one in found} == groups
    elif path == "/oncalls":
        assert answer.json()["oncalls"]
    else:
        assert counts(doors)["incident"] == 0 or path == "/v2/enqueue"
