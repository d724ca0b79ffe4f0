"""JSON as senders write it: what is nearly JSON is read, so that a letter torn in two costs no alert."""

import json

import pytest

from tocsin.detection.alertmanager import read as read_alertmanager
from tocsin.detection.body import json_of
from tocsin.detection.delivery import Delivery, Malformed
from tocsin.detection.prometheus import read as read_prometheus
from tocsin.settings import SourceSettings
from unit.detection.test_mail import NOW

NEARLY = {
    rb'{"a": "disk \ud83d"}': "disk \ufffd",
    rb'{"a": "\ude00\ud83d\ude00\ud83d"}': "\ufffd\U0001f600\ufffd",
    rb'{"a": "\uD83Dx"}': "\ufffdx",
    rb'{"a": "C:\\ud83d \ud83d"}': "C:\\ud83d \ufffd",
    rb'{"a": "\\\ud83d"}': "\\\ufffd",
    b'{"a": "disk f\xfcll"}': "disk f\ufffdll",
    b'{"a": "torn \xe2\x82"}': "torn \ufffd",
    b'{"a": "\xed\xa0\xbd"}': "\ufffd" * 3,
    b'{"a": "first\nsecond\tthird"}': "first\nsecond\tthird",
    b'{"a": 1e400}': "1e400",
    b'{"a": -1E+999}': "-1E+999",
    b'{"a": %b}' % (b"9" * 5_000): "9" * 5_000,
    b'{"a": NaN}': None,
    b'{"a": -Infinity}': None,
    b'\xef\xbb\xbf{"a": "\xfc"}': "\ufffd",
}


@pytest.mark.parametrize("raw", NEARLY)
def test_what_is_nearly_json_is_read(raw: bytes) -> None:
    assert json_of(raw) == {"a": NEARLY[raw]}


def test_a_large_body_is_read_as_a_small_one() -> None:
    for raw, said in NEARLY.items():
        assert json_of(b" " * 40_000 + raw.removeprefix(b"\xef\xbb\xbf")) == {"a": said}
    known = {"a": [1, -2.5, 1e300, "\u00e9\U0001f600\n\\", None, True, {"b": {}}] * 3_000}
    assert json_of(json.dumps(known).encode()) == known


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a": \xfc}', b"[" * 200_000, b"{'a': 1}", b'{"a": "\\', b"\xff\xfe{\0}\0"]
)
def test_what_is_no_json_is_none(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        json_of(raw)


def test_of_a_body_of_nothing_but_faults_the_first_ones_are_named_and_the_rest_is_glanced_at() -> None:
    """To name each of 170,000 took seconds in which nobody else was answered; among Prometheus' some may be right."""
    looked = 0

    class Faulty(dict[str, object]):
        def get(self, name: str, default: object = None) -> object:
            nonlocal looked
            looked += name == "labels"
            return super().get(name, default)

    many = [Faulty() for _ in range(1_000)]
    for read, body, most in ((read_alertmanager, {"alerts": many}, 100), (read_prometheus, many, 1_100)):
        looked = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tocsin.detection.delivery.json_of", lambda _, body=body: body)
            with pytest.raises(Malformed) as told:
                read(Delivery(SourceSettings(id="m"), b"", {}), NOW)
        assert 0 < looked < most
        assert str(told.value).endswith("; and more")
        assert str(told.value).count(";") == 20
