import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.detection.body import flattened
from tocsin.detection.pagerduty import (
    MAX_BYTES,
    EventInvalid,
    TooLarge,
    Unrecognized,
    read_change,
    read_event,
    to_alert,
)

KEY = "r" * 32
SHARED = Path(os.environ.get("TOCSIN_SHARED") or Path(__file__).parents[4] / "shared")


def trigger(**payload: Any) -> dict[str, Any]:
    fields = {"summary": "Orders stuck", "source": "shop-2", "severity": "warning"} | payload
    return {"routing_key": KEY, "event_action": "trigger", "dedup_key": "orders", "payload": fields}


def raw(body: object) -> bytes:
    return json.dumps(body).encode()


def errors_of(body: object) -> list[str]:
    with pytest.raises(EventInvalid) as caught:
        read_event(raw(body))
    assert caught.value.body["status"] == "invalid event"
    assert caught.value.body["message"] == "Event object is invalid"
    errors: list[str] = caught.value.body["errors"]
    return errors


@pytest.mark.parametrize("key", [{}, {"routing_key": "..."}])
def test_a_recorded_event_needs_no_key_and_everything_else(key: dict[str, str]) -> None:
    body = {name: value for name, value in trigger().items() if name != "routing_key"} | key
    assert read_event(raw(body), recorded=True).summary == "Orders stuck"
    assert "routing_key" in errors_of(body)[0]
    with pytest.raises(EventInvalid, match="event_action"):
        read_event(raw(key), recorded=True)


def test_a_trigger_becomes_an_alert_with_all_it_said() -> None:
    body = trigger(
        timestamp="2031-05-02T08:00:00.000+0200",
        component="cart",
        group="shop",
        custom_details={"depth": 12, "hosts": ["a", "b"], "note": "since the release"},
    )
    body["payload"]["class"] = "queue"
    body |= {"client": "Probe", "client_url": "https://probe.example", "links": [{"href": "https://x.example"}]}
    alert = to_alert(read_event(raw(body)), "shop", "unused")
    assert alert.group_key == "shop/orders"
    assert (alert.summary, alert.origin, alert.severity) == ("Orders stuck", "shop-2", "warning")
    assert (alert.component, alert.group, alert.alert_class) == ("cart", "shop", "queue")
    assert alert.started_at == datetime(2031, 5, 2, 6, tzinfo=UTC)
    assert alert.details == {"depth": "12", "hosts": '["a","b"]', "note": "since the release"}
    assert alert.links == ("https://x.example",)


def test_a_trigger_without_a_key_takes_the_one_it_is_given() -> None:
    body = trigger()
    del body["dedup_key"]
    assert to_alert(read_event(raw(body)), "shop", "fresh").dedup_key == "fresh"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_acknowledge_and_resolve_need_a_key_and_nothing_else(action: str) -> None:
    body = {"routing_key": KEY, "event_action": action, "dedup_key": "orders"}
    assert read_event(raw(body)).action == action
    del body["dedup_key"]
    assert errors_of(body) == ["'dedup_key' is missing or blank"]


def test_a_resolve_is_not_lost_to_a_faulty_payload() -> None:
    body = trigger(severity="page", summary="", custom_details=[1]) | {"event_action": "resolve"}
    assert read_event(raw(body)).severity == "error"


def test_a_body_that_is_no_json_gets_the_answer_pagerduty_gives() -> None:
    with pytest.raises(Unrecognized) as caught:
        read_event(b"{nope")
    assert caught.value.body == {
        "status": "Unrecognized object",
        "message": "Event object format is unrecognized",
        "errors": ["JSON parse error"],
    }


def test_all_that_is_wrong_is_said_at_once() -> None:
    body = trigger(severity="page", summary=" ") | {"routing_key": "short"}
    assert errors_of(body) == [
        "Length of 'routing_key' is incorrect (should be 32 characters)",
        "'payload.summary' is missing or blank",
        "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
    ]


MUST_BE_AN_ACTION = "must be one of the following: 'trigger', 'acknowledge' or 'resolve'"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"event_action": "close"}, f"'event_action' is invalid ({MUST_BE_AN_ACTION})"),
        ({"event_action": 7}, "'event_action' is invalid (must be a string)"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": []}, "'payload' is invalid (must be an object)"),
        ({"dedup_key": "d" * 256}, "'dedup_key' is too long (maximum is 255 characters)"),
        ({"links": [{"text": "no address"}]}, "'links[0].href' is missing or blank"),
        ({"images": {"src": "x"}}, "'images' is invalid (must be an array)"),
    ],
)  # fmt: skip
def test_each_faulty_field_is_named(change: dict[str, Any], error: str) -> None:
    assert errors_of(trigger() | change) == [error]


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"summary": "s" * 1025}, "'payload.summary' is too long (maximum is 1024 characters)"),
        ({"source": ""}, "'payload.source' is missing or blank"),
        ({"timestamp": "yesterday"}, "'payload.timestamp' is invalid (must be an ISO 8601 date and time)"),
        ({"custom_details": [1, 2]}, "'payload.custom_details' is invalid (must be an object)"),
    ],
)
def test_each_faulty_field_of_the_payload_is_named(payload: dict[str, Any], error: str) -> None:
    assert errors_of(trigger(**payload)) == [error]


def test_details_may_be_a_bare_string() -> None:
    assert read_event(raw(trigger(custom_details="see the graph"))).details == {"details": "see the graph"}


def test_details_are_bounded_and_keep_the_end_of_a_long_text() -> None:
    details = flattened({f"k{n}": n for n in range(90)} | {"log": "x" * 5000 + "the last words"})
    assert len(details) == 64
    assert max(map(len, details.values())) <= 1000
    assert details["more"].endswith("the last words")
    assert "k80: 80" in details["more"]


def test_a_body_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_event(b" " * (MAX_BYTES + 1))


def test_a_change_needs_a_routing_key_and_a_summary() -> None:
    change = read_change(raw({"routing_key": KEY, "payload": {"summary": "deploy 4f2", "source": "ci"}}))
    assert (change.summary, change.source) == ("deploy 4f2", "ci")
    with pytest.raises(EventInvalid) as caught:
        read_change(raw({"routing_key": KEY, "payload": {}}))
    assert caught.value.body["errors"] == ["'payload.summary' is missing or blank"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("routing_key", "event_action", "dedup_key", "payload", "links", "images", "client")
PAYLOAD = ("summary", "source", "severity", "timestamp", "component", "class", "custom_details")
BODIES = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANY_JSON)) | st.fixed_dictionaries(
    {
        "routing_key": st.just(KEY),
        "event_action": st.sampled_from(["trigger", "resolve"]),
        "payload": st.fixed_dictionaries({}, optional=dict.fromkeys(PAYLOAD, ANY_JSON)),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | (ANY_JSON | BODIES).map(raw))
def test_whatever_arrives_is_an_event_or_a_clear_refusal(body: bytes) -> None:
    for read in (read_event, read_change):
        with suppress(EventInvalid, TooLarge):
            assert len(read(body).routing_key) == len(KEY)


def recorded(pattern: str) -> list[dict[str, Any]]:
    files = sorted((SHARED / "payloads").glob(pattern))
    if not files:
        pytest.skip(f"no recorded traffic under {SHARED / 'payloads'}; set TOCSIN_SHARED")
    return [json.loads(file.read_text()) for file in files]


def test_events_recorded_from_real_senders_are_accepted() -> None:
    calls = recorded("pagerduty-client/*v2_enqueue.json") + recorded("am/*v2_enqueue.json")
    for call in calls:
        event = read_event(raw(call["body"]))
        assert to_alert(event, "recorded", "key").dedup_key == (event.dedup_key or "key")


def test_changes_recorded_from_a_real_sender_are_accepted() -> None:
    for call in recorded("pagerduty-client/*change_enqueue.json"):
        assert read_change(raw(call["body"])).summary


def test_what_is_endless_is_cut_and_the_event_is_accepted() -> None:
    endless = "x" * 5_000
    body = trigger(source=endless, component=endless, group=endless)
    body["payload"]["class"] = endless
    body |= {"client": endless, "client_url": endless, "links": [{"href": endless}] * 40}
    event = read_event(raw(body))
    named = (event.source, event.component, event.group, event.event_class, event.client, event.client_url)
    assert {(len(text or ""), "…" in (text or "")) for text in named} == {(1000, True)}
    assert [len(link) for link in event.links] == [2000] * 32


def test_what_is_endless_is_cut_in_what_closes_and_in_changes_too() -> None:
    closing = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "orders", "payload": {"source": "x" * 5000}}
    assert len(read_event(raw(closing)).source) == 1000
    change = {"routing_key": KEY, "payload": {"summary": "Deployed", "source": "x" * 5000}}
    assert len(read_change(raw(change)).source or "") == 1000


def test_links_keep_what_they_are_called_within_bounds() -> None:
    body: dict[str, Any] = trigger()
    body |= {"links": [{"href": f"https://x.example/{number}", "text": "y" * 5000} for number in range(40)]}
    body["links"][0]["text"] = "turned \u202e round\x00"
    body["links"][1]["text"] = " \n "
    event = read_event(raw(body))
    assert set(event.link_texts) == set(event.links) - {"https://x.example/1"}
    assert {len(text) for text in event.link_texts.values()} == {200, len("turned  round")}
    assert event.link_texts["https://x.example/0"] == "turned  round"
    assert to_alert(event, "monitoring", "new").link_texts == event.link_texts
