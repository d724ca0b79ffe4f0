"""Every scheme of the table: who signed is found, and nobody else is."""

from datetime import UTC, datetime, timedelta

import pytest

from senders.bodies import mac
from tocsin.signatures import SCHEMES, is_genuine, stamped

NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
BODY = b'{"it": "burns"}'


def headers(name: str, secret: str, body: bytes = BODY) -> dict[str, str]:
    """What the sender of that scheme sends along."""
    scheme, stamp = SCHEMES[name], str(int(NOW.timestamp()))
    signed = scheme.sign(secret.encode(), scheme.lead.replace("{stamp}", stamp).encode() + body)
    found = {scheme.header: f"{scheme.prefix}{signed}"}
    return found | ({scheme.stamp_header: stamp} if scheme.stamp_header else {})


@pytest.mark.parametrize("name", SCHEMES)
def test_any_of_the_secrets_may_have_signed_and_no_other(name: str) -> None:
    offered = headers(name, "the new one")
    assert is_genuine(SCHEMES[name], BODY, offered, ("the old one", "the new one"), NOW)
    assert not is_genuine(SCHEMES[name], BODY, offered, ("the old one",), NOW)
    assert not is_genuine(SCHEMES[name], BODY, offered, (), NOW)
    assert not is_genuine(SCHEMES[name], BODY, {}, ("the new one",), NOW)


@pytest.mark.parametrize("name", sorted(SCHEMES.keys() - {"cloudflare"}))
def test_a_body_that_was_changed_on_the_way_is_not_genuine(name: str) -> None:
    offered = headers(name, "secret")
    assert not is_genuine(SCHEMES[name], BODY + b" ", offered, ("secret",), NOW)


def test_pagerduty_may_send_several_signatures_and_one_is_enough() -> None:
    scheme = SCHEMES["pagerduty"]
    both = {scheme.header: f"v1={mac('old', BODY)}, v1={mac('new', BODY)}"}
    assert is_genuine(scheme, BODY, both, ("new",), NOW)
    assert not is_genuine(scheme, BODY, {scheme.header: f"v0={mac('new', BODY)}"}, ("new",), NOW)
    assert not is_genuine(scheme, BODY, {scheme.header: mac("new", BODY)}, ("new",), NOW)


def test_the_vectors_of_the_documented_schemes() -> None:
    assert SCHEMES["sentry"].sign(b"key", b"The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


@pytest.mark.parametrize(("seconds", "fine"), [(-61, False), (-60, True), (60, True), (61, False)])
def test_a_time_that_is_signed_too_bounds_how_long_a_recording_is_good_for(seconds: int, *, fine: bool) -> None:
    scheme = stamped(SCHEMES["grafana"], "X-Grafana-Time")
    stamp = str(int(NOW.timestamp()) + seconds)
    offered = {"x-grafana-time": stamp, scheme.header: mac("secret", stamp.encode() + b":" + BODY)}
    assert is_genuine(scheme, BODY, offered, ("secret",), NOW, tolerance=timedelta(seconds=60)) is fine


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "٣", "1" * 13])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    scheme = stamped(SCHEMES["grafana"], "x-time")
    offered = {"x-time": stamp, scheme.header: mac("s", stamp.encode() + b":" + BODY)}
    assert not is_genuine(scheme, BODY, offered, ("s",), NOW)


@pytest.mark.parametrize("name", SCHEMES)
def test_headers_in_odd_letters_are_refused_and_break_nothing(name: str) -> None:
    assert not is_genuine(SCHEMES[name], BODY, headers(name, "s") | {SCHEMES[name].header: "ä\udcff"}, ("s",), NOW)
