"""What alerts read like, learned from labelled ones: asked where rules have little to go by, seldom against them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.learned.features import features
from tocsin.triage.learned.likeness import NONE, Model, Weights, shipped
from tocsin.triage.matching import match
from tocsin.triage.statement import Statement, statement
from tocsin.triage.weighing import KINDS

ROOT = Path(__file__).resolve().parents[3]
TRAINING = ROOT / "training" / "alerts.jsonl"
WEIGHTS = ROOT / "src" / "tocsin" / "triage" / "learned" / "weights.json"

Make = Callable[..., Alert]
Build = Callable[..., Runbook]


def test_the_weights_are_those_that_were_learned_from_what_stands_here() -> None:
    weights = msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)
    assert weights.training == hashlib.sha256(TRAINING.read_bytes()).hexdigest(), "run script/learn"
    assert set(weights.kinds) == {*KINDS.values(), NONE}


def test_what_was_learned_is_known_again(alert: Make) -> None:
    """A change of how words are told apart makes the weights worthless: then they have to be learned anew."""
    told = [msgspec.json.decode(line) for line in TRAINING.read_bytes().splitlines()[::7]]
    model = shipped()
    right = 0
    for one in told:
        said = statement(alert(summary=one["summary"], details=one.get("details", {})))
        likely = model.likeness(said)
        right += max(likely, key=lambda kind: likely[kind]) in (one["kind"], *one.get("also", ()))
    assert right / len(told) > 0.95


def test_a_number_is_any_number_and_a_detail_that_says_nothing_is_not_there(alert: Make) -> None:
    one, other = (statement(alert(summary=f"queue has {count} items", details={"zone": "b"})) for count in (7, 1204))
    assert features(one) == features(other)
    assert "@zone" in features(one)
    assert "@failures" not in features(statement(alert(summary="x", details={"failures": "0"})))


def test_probabilities_are_whole_and_nothing_at_all_is_no_mistake(alert: Make) -> None:
    for summary in ("", "\ud83d\ude80", "word " * 4_000, "\n" * 50):
        likely = shipped().likeness(statement(alert(summary=summary)))
        assert sum(likely.values()) == pytest.approx(1.0)


# A model with two words, so that what becomes of its answer is tried and not what was learned.


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Let every alert read like a kind, with that probability; the rest is of no kind that matters."""

    def reading(kind: str, share: float) -> None:
        kinds = ("breach", "down", "errors", "flood", "memory", NONE, "slow")
        left = (1.0 - share) / (len(kinds) - 1)

        class Told(Model):
            def likeness(self, said: Statement) -> dict[str, float]:  # noqa: ARG002  whatever it says
                return {one: share if one == kind else left for one in kinds}

        monkeypatch.setattr("tocsin.triage.matching.shipped", lambda: Told(shipped_weights()))

    return reading


def shipped_weights() -> Weights:
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


UNKNOWN = "the gizmo went wobbly"


def test_where_rules_have_nothing_to_go_by_what_is_likely_opens_its_entry(
    example: Runbook, alert: Make, reads: Callable[[str, float], None]
) -> None:
    reads("memory", 0.56)
    found = match(alert(summary=UNKNOWN), example, {})
    entry = example.incident_type("out-of-memory")
    assert entry is not None
    assert found.incident_type == entry.id
    assert found.because[0].text.startswith("reads like what “Out of Memory” is about")
    assert found.because[0].line == entry.line
    assert "no entry matched" in found.otherwise[0].text
    reads("memory", 0.54)
    assert match(alert(summary=UNKNOWN), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("summary", "details"),
    [
        ("error rate is 0.2%", {}),
        ("resolved: the sequencer is down", {}),
        ("the printer is out of paper", {}),
        ("sequencer pods", {"ready": "3", "desired": "3"}),
        ("error rate is 9%", {}),
        ("out-of-memory", {}),
    ],
)
def test_numbers_excuses_other_trouble_and_names_stand(
    example: Runbook, alert: Make, reads: Callable[[str, float], None], summary: str, details: dict[str, str]
) -> None:
    reads(NONE, 0.2)
    before = match(alert(summary=summary, details=details), example, {})
    for kind in ("breach", NONE):
        reads(kind, 1.0)
        assert match(alert(summary=summary, details=details), example, {}) == before


def test_words_alone_give_way_to_what_is_quite_sure_and_to_nothing_only_where_it_is_certain(
    example: Runbook, alert: Make, reads: Callable[[str, float], None]
) -> None:
    said = alert(summary="the sequencer is down")
    for kind, share, entry in (
        ("flood", 0.74, "sequencer-down"),
        ("flood", 0.76, "ddos-attack"),
        (NONE, 0.96, "sequencer-down"),
        (NONE, 0.98, None),
    ):
        reads(kind, share)
        assert match(said, example, {}).incident_type == entry, (kind, share)
    reads(NONE, 0.98)
    found = match(said, example, {})
    assert "reads like talk, notices or other trouble" in found.because[0].text
    assert "without that it would be Sequencer Down" in found.otherwise[0].text
    assert not found.excused


def test_of_two_entries_of_a_kind_neither_is_chosen_where_rules_find_neither_closer(
    made_of: Build, alert: Make, reads: Callable[[str, float], None]
) -> None:
    both = made_of({"Shop down": ["The shop is down"], "Depot down": ["The depot is down"]})
    reads("down", 1.0)
    assert match(alert(summary=UNKNOWN), both, {}).incident_type is None
    assert match(alert(summary=f"{UNKNOWN} at the depot"), both, {}).incident_type == "depot-down"


def test_what_anything_may_have_is_of_an_entry_only_where_a_rule_found_a_sign_of_it(
    made_of: Build, alert: Make, reads: Callable[[str, float], None]
) -> None:
    lifts = made_of({"Lift stuck": ["The lift stands between floors"], "Intruder": ["Unauthorized access"]})
    reads("down", 1.0)
    assert match(alert(summary=UNKNOWN), lifts, {}).incident_type is None
    assert match(alert(summary=f"{UNKNOWN} beside the lift"), lifts, {}).incident_type == "lift-stuck"
    reads("breach", 1.0)
    assert match(alert(summary=UNKNOWN), lifts, {}).incident_type == "intruder"


def test_a_document_about_other_things_is_left_to_the_rules(
    made_of: Build, alert: Make, reads: Callable[[str, float], None]
) -> None:
    other = made_of({"Stock empty": ["No flour is left"]})
    for kind in KINDS.values():
        reads(kind, 1.0)
        assert match(alert(summary=UNKNOWN), other, {}).incident_type is None
