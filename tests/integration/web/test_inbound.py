"""Alerts over HTTP, as PagerDuty's Events API v2 takes them."""

import asyncio
import json
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import SHARED
from integration.servers import PATIENCE, Here, on_both_stores

LIMIT = 512 * 1024
TABLES = ("alert", "incident", "fact", "job", "receipt", "viewer")
INVALID = {"status": "invalid event", "message": "Event object is invalid"}
UNRECOGNIZED = {"status": "Unrecognized object", "message": "Event object format is unrecognized"}


def recorded(folder: str) -> list[Any]:
    """Events that real clients sent, by the file they were recorded in."""
    found = sorted((SHARED / "payloads" / folder).glob("*POST-v2_enqueue.json"))
    missing = pytest.mark.skip(reason="needs the recorded payloads, which lie beside the project and not in it")
    return [pytest.param(path, id=f"{folder}/{path.stem}") for path in found] or [pytest.param(None, marks=missing)]


@contextmanager
def second_connection(here: Here) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(here.data / "tocsin.db", isolation_level=None, timeout=60)
    try:
        yield db
    finally:
        db.close()


def counts(here: Here) -> dict[str, int]:
    with second_connection(here) as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


async def send(here: Here, event: object, status: int = 202) -> dict[str, Any]:
    answer = await here.client.post("/v2/enqueue", json=event)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def has_status(here: Here, status: str) -> dict[str, Any]:
    return await here.until(lambda found: found[0] if found and found[0]["status"] == status else None)


# -- what is accepted


async def test_an_accepted_event_is_answered_as_pagerduty_answers_it(here: Here) -> None:
    answer = await here.client.post("/v2/enqueue", json=here.event(dedup_key="disk-7"))
    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "disk-7"}


async def test_a_trigger_without_a_key_gets_one_of_its_own(here: Here) -> None:
    first, second = await send(here, here.event()), await send(here, here.event())
    assert re.fullmatch(r"[0-9a-f]{32}", first["dedup_key"])
    assert first["dedup_key"] != second["dedup_key"]
    assert len(await here.until(lambda found: found if len(found) == 2 else None)) == 2


async def test_an_accepted_event_is_on_disk_before_it_is_answered(here: Here) -> None:
    for place in range(10):
        await send(here, here.event(dedup_key=f"key-{place}"))
        with second_connection(here) as db:
            rows = db.execute("SELECT count(*) FROM alert WHERE group_key = ?", (f"monitoring/key-{place}",))
            assert rows.fetchone() == (1,)


async def test_a_trigger_opens_an_incident_and_pages_the_first_level(here: Here) -> None:
    await send(here, here.event(dedup_key="a"))
    number = (await here.alone())["id"]
    told: list[tuple[str, str]] = []
    async with asyncio.timeout(PATIENCE):
        while (f"{number}/1/L1/mira/0.console", "accepted") not in told:
            receipts = (await here.get(f"/api/v1/incidents/{number}/receipts")).json()["receipts"]
            told = [(one["key"], one["status"]) for one in receipts]
            await asyncio.sleep(0.02)


async def test_the_body_of_an_event_needs_no_content_type(here: Here) -> None:
    answer = await here.client.post("/v2/enqueue", content=json.dumps(here.event()))
    assert answer.status_code == 202


async def test_text_of_any_language_arrives_as_it_was_sent(here: Here) -> None:
    said = "Секвенсор упал 🔥 \u202eevil"
    await send(here, here.event(payload={"summary": said, "source": "x", "severity": "error"}))
    assert (await here.alone())["summary"] == said


async def test_many_senders_at_once_are_all_taken(here: Here) -> None:
    await asyncio.gather(*(send(here, here.event(dedup_key=f"k{place}")) for place in range(60)))
    found = await here.until(lambda listed: listed if len(listed) == 60 else None)
    assert {one["group_key"] for one in found} == {f"monitoring/k{place}" for place in range(60)}


# -- what events mean


async def test_equal_keys_share_one_incident_while_it_is_open(here: Here) -> None:
    for _ in range(5):
        await send(here, here.event(dedup_key="same"))
    number = (await here.alone())["id"]
    assert (await here.get(f"/api/v1/incidents/{number}")).json()["alerts"][0]["count"] == 5


async def test_the_same_key_of_another_source_is_another_incident(here: Here) -> None:
    await send(here, here.event(dedup_key="same"))
    await send(here, here.event(dedup_key="same") | {"routing_key": here.tocsin.access.source_key("probes")})
    found = await here.until(lambda listed: listed if len(listed) == 2 else None)
    assert {one["group_key"] for one in found} == {"monitoring/same", "probes/same"}


async def test_the_sender_may_acknowledge_and_resolve(here: Here) -> None:
    await send(here, here.event(dedup_key="a"))
    await here.alone()
    await send(here, {"routing_key": here.routing_key, "event_action": "acknowledge", "dedup_key": "a"})
    assert (await has_status(here, "acknowledged"))["acknowledged_by"] == "source:monitoring"
    await send(here, {"routing_key": here.routing_key, "event_action": "resolve", "dedup_key": "a"})
    assert (await has_status(here, "resolved"))["next_escalation_at"] is None


@on_both_stores
@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_what_comes_right_behind_its_trigger_counts(here: Here, action: str) -> None:
    """It meets turns that wait, turns that are under way, and those that are over."""

    async def both(key: str) -> None:
        await send(here, here.event(dedup_key=key))
        await send(here, {"routing_key": here.routing_key, "event_action": action, "dedup_key": key})

    for begin in range(0, 40, 4):
        await asyncio.gather(*(both(f"k{place}") for place in range(begin, begin + 4)))
    wanted = {f"{action}d": 40}
    await here.until(lambda found: Counter(one["status"] for one in found) == wanted)


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_what_ends_nothing_is_accepted_and_dropped(here: Here, action: str) -> None:
    answer = await send(here, {"routing_key": here.routing_key, "event_action": action, "dedup_key": "never-seen"})
    assert answer["dedup_key"] == "never-seen"
    assert counts(here)["alert"] == counts(here)["incident"] == 0


async def test_another_source_cannot_resolve_the_incident(here: Here) -> None:
    await send(here, here.event(dedup_key="a"))
    await here.alone()
    other = here.tocsin.access.source_key("probes")
    await send(here, {"routing_key": other, "event_action": "resolve", "dedup_key": "a"})
    assert (await here.alone())["status"] == "triggered"


async def test_what_comes_long_after_the_end_is_a_new_incident(here: Here) -> None:
    await send(here, here.event(dedup_key="a"))
    await here.alone()
    await send(here, {"routing_key": here.routing_key, "event_action": "resolve", "dedup_key": "a"})
    await has_status(here, "resolved")
    here.clock.ahead = here.tocsin.settings.reopen_within * 2
    await send(here, here.event(dedup_key="a"))
    found = await here.until(lambda listed: listed if len(listed) == 2 else None)
    assert [one["status"] for one in found] == ["triggered", "resolved"]


# -- what is refused


BAD_BODIES = {
    "nothing": (b"", UNRECOGNIZED, "JSON parse error"),
    "half an object": (b'{"routing_key":', UNRECOGNIZED, "JSON parse error"),
    "no letters": (b"\xff\xfe\x00", UNRECOGNIZED, "JSON parse error"),
    "a list": (b"[]", UNRECOGNIZED, "Event must be a JSON object"),
    "nesting without end": (b"[" * 100_000, UNRECOGNIZED, "JSON parse error"),
    "an empty object": (b"{}", INVALID, "'routing_key' is missing or blank"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_what_is_no_event_is_refused_as_pagerduty_refuses_it(here: Here, name: str) -> None:
    body, words, error = BAD_BODIES[name]
    before = counts(here)
    answer = await here.client.post("/v2/enqueue", content=body)
    assert answer.status_code == 400
    assert answer.json().items() >= words.items()
    assert error in answer.json()["errors"]
    assert counts(here) == before


BAD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "a key of the wrong length": (
        {"routing_key": "short"},
        "Length of 'routing_key' is incorrect (should be 32 characters)",
    ),
    "an unknown action": ({"event_action": "explode"}, "'event_action' is invalid"),
    "an unknown severity": (
        {"payload": {"summary": "s", "source": "s", "severity": "page"}},
        "'payload.severity' is invalid",
    ),
    "no summary": ({"payload": {"source": "s", "severity": "error"}}, "'payload.summary' is missing or blank"),
    "a long summary": (
        {"payload": {"summary": "s" * 1025, "source": "s", "severity": "error"}},
        "'payload.summary' is too long",
    ),
    "a long key": ({"dedup_key": "k" * 256}, "'dedup_key' is too long (maximum is 255 characters)"),
    "no payload": ({"payload": None}, "'payload' is missing or blank"),
}


@pytest.mark.parametrize("name", BAD_FIELDS)
async def test_an_event_with_a_wrong_field_changes_nothing(here: Here, name: str) -> None:
    fields, error = BAD_FIELDS[name]
    before = counts(here)
    answer = await send(here, here.event() | fields, 400)
    assert answer.items() >= INVALID.items()
    assert any(said.startswith(error) for said in answer["errors"])
    assert counts(here) == before


async def test_a_key_that_is_no_source_here_is_refused_and_changes_nothing(here: Here) -> None:
    before = counts(here)
    answer = await send(here, here.event() | {"routing_key": "0" * 32}, 400)
    assert answer.items() >= INVALID.items()
    assert "routing_key" in answer["errors"][0]
    assert counts(here) == before


async def test_a_body_over_the_limit_is_refused(here: Here) -> None:
    before = counts(here)
    large = here.event() | {"client": "x" * LIMIT}
    answer = await send(here, large, 400)
    assert answer.items() >= INVALID.items()
    assert str(LIMIT) in answer["errors"][0]
    assert counts(here) == before


async def test_a_body_that_never_says_its_size_is_refused_once_it_is_too_large(here: Here) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b" " * 64 * 1024

    before = counts(here)
    answer = await here.client.post("/v2/enqueue", content=chunks())
    assert answer.status_code == 400
    assert answer.json().items() >= INVALID.items()
    assert counts(here) == before


async def test_a_body_just_within_the_limit_is_taken(here: Here) -> None:
    small = json.dumps(here.event() | {"client": ""})
    body = json.dumps(here.event() | {"client": "x" * (LIMIT - len(small))})
    assert len(body) == LIMIT
    assert (await here.client.post("/v2/enqueue", content=body)).status_code == 202


async def test_looking_at_the_address_is_no_event(here: Here) -> None:
    answer = await here.client.get("/v2/enqueue")
    assert answer.status_code == 405
    assert answer.json() == {"error": "that cannot be done here"}


async def test_a_store_that_cannot_be_written_is_told_as_worth_another_try(here: Here) -> None:
    here.tocsin.store._writer.execute("PRAGMA busy_timeout = 50")  # type: ignore[attr-defined]
    before = counts(here)
    with second_connection(here) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await send(here, here.event(dedup_key="a"), 503)
        other.execute("ROLLBACK")
    assert answer["status"] == "error"
    assert "send it again" in answer["message"]
    assert counts(here)["alert"] == before["alert"]
    await send(here, here.event(dedup_key="a"))
    assert (await here.alone())["group_key"] == "monitoring/a"


# -- what real clients send


@pytest.fixture
def body(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())["body"]
    return found


@pytest.mark.parametrize("path", [*recorded("pagerduty-client"), *recorded("am")])
async def test_recorded_events_are_taken(here: Here, body: dict[str, Any]) -> None:
    event = body | {"routing_key": here.routing_key}
    answer = await send(here, event)
    assert answer["dedup_key"] == event.get("dedup_key", answer["dedup_key"])
    if event["event_action"] == "trigger":
        assert (await here.alone())["summary"] == event["payload"]["summary"]
    else:
        assert counts(here)["incident"] == 0
