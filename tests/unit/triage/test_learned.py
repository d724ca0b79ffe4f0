"""What alerts read like, learned from labelled ones and from what rules make of them; it has the last word on most."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.triage.evidence import Evidence
from tocsin.triage.learned.features import features
from tocsin.triage.learned.likeness import NONE, Model, Weights, shipped
from tocsin.triage.learned.signs import signs
from tocsin.triage.matching import by_rules, match
from tocsin.triage.profile import index
from tocsin.triage.standing import standing
from tocsin.triage.statement import Statement, statement
from tocsin.triage.weighing import KINDS, signs_of

ROOT = Path(__file__).resolve().parents[3]
TRAINING, FRAMES, RUNBOOK = (ROOT / "training" / name for name in ("alerts.jsonl", "frames.toml", "RUNBOOK.md"))
WEIGHTS = ROOT / "src" / "tocsin" / "triage" / "learned" / "weights.json"

Make = Callable[..., Alert]
Build = Callable[..., Runbook]


def test_the_weights_are_those_that_were_learned_from_what_stands_here() -> None:
    weights = msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)
    learned_from = b"".join(path.read_bytes() for path in (TRAINING, FRAMES, RUNBOOK))
    assert weights.training == hashlib.sha256(learned_from).hexdigest(), "run script/learn"
    assert set(weights.kinds) == {*KINDS.values(), NONE}


def test_what_was_learned_is_known_again(alert: Make) -> None:
    """A change of how words are told apart, or of rules, makes the weights worth less: then learn them anew."""
    told = [msgspec.json.decode(line) for line in TRAINING.read_bytes().splitlines()[::7]]
    model, entries = shipped(), index(read_runbook(RUNBOOK.read_bytes(), RUNBOOK.name))
    right = 0
    for one in told:
        said = statement(alert(summary=one["summary"], details=one.get("details", {})))
        ruled = by_rules(said, entries, standing(said.text, said.named, said.origin))
        likely = model.likeness(said, signs_of(ruled, entries))
        right += max(likely, key=lambda kind: likely[kind]) in (one["kind"], *one.get("also", ()))
    assert right / len(told) > 0.95


def test_a_number_is_any_number_and_a_detail_that_says_nothing_is_not_there(alert: Make) -> None:
    one, other = (statement(alert(summary=f"queue has {count} items", details={"zone": "b"})) for count in (7, 1204))
    assert features(one) == features(other)
    assert "@zone" in features(one)
    assert "@failures" not in features(statement(alert(summary="x", details={"failures": "0"})))


def test_probabilities_are_whole_and_nothing_at_all_is_no_mistake(alert: Make) -> None:
    for summary in ("", "\ud83d\ude80", "word " * 4_000, "\n" * 50):
        likely = shipped().likeness(statement(alert(summary=summary)), {"never met"})
        assert sum(likely.values()) == pytest.approx(1.0)


def test_signs_tell_what_rules_chose_by_what_and_what_they_heard() -> None:
    spoken = {"down": Evidence(0.7, "is down"), "memory": Evidence(0.4, "swap", caused=True)}
    assert signs("down", "words", 0.85, spoken) == {
        "down",
        "down words",
        "down words 4",
        "~down",
        "~down plainly",
        "~memory",
        "~memory caused",
        "~~down",
    }
    assert signs(NONE, "little", 0.0, {}) == {NONE, "none little", "none little 0", "~~"}


def test_what_rules_make_of_an_alert_speaks_beside_its_words(alert: Make) -> None:
    said, model = statement(alert(summary=UNKNOWN)), shipped()
    without = model.likeness(said, ())
    assert model.likeness(said, signs("memory", "limits", 0.9, {}))["memory"] > without["memory"]
    assert model.likeness(said, {"never met"}) == without


# A model with two words, so that what becomes of its answer is tried and not what was learned.


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float], None]:
    """Let every alert read like a kind, with that probability; the rest is of no kind that matters."""

    def reading(kind: str, share: float) -> None:
        kinds = ("breach", "down", "errors", "flood", "memory", NONE, "slow")
        left = (1.0 - share) / (len(kinds) - 1)

        class Told(Model):
            def likeness(self, said: Statement, signs: Iterable[str]) -> dict[str, float]:  # noqa: ARG002  whatever it says
                return {one: share if one == kind else left for one in kinds}

        monkeypatch.setattr("tocsin.triage.matching.shipped", lambda: Told(shipped_weights()))

    return reading


def shipped_weights() -> Weights:
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


UNKNOWN = "the gizmo went wobbly"


def test_where_rules_have_nothing_to_go_by_what_is_likely_opens_its_entry(
    example: Runbook, alert: Make, reads: Callable[[str, float], None]
) -> None:
    reads("memory", 0.61)
    found = match(alert(summary=UNKNOWN), example, {})
    entry = example.incident_type("out-of-memory")
    assert entry is not None
    assert found.incident_type == entry.id
    assert found.because[0].text.startswith("reads like what “Out of Memory” is about")
    assert found.because[0].line == entry.line
    assert "no entry matched" in found.otherwise[0].text
    reads("memory", 0.59)
    assert match(alert(summary=UNKNOWN), example, {}).incident_type is None


@pytest.mark.parametrize(
    ("summary", "details"),
    [
        ("error rate is 0.2%", {}),
        ("error rate is 9%", {}),
        ("out-of-memory", {}),
        ("all is well", {"environment": "staging"}),
    ],
)
def test_limits_of_the_document_names_and_what_a_field_says_stand(
    example: Runbook, alert: Make, reads: Callable[[str, float], None], summary: str, details: dict[str, str]
) -> None:
    reads(NONE, 0.2)
    before = match(alert(summary=summary, details=details), example, {})
    for kind in ("breach", NONE):
        reads(kind, 1.0)
        assert match(alert(summary=summary, details=details), example, {}) == before


@pytest.mark.parametrize(
    ("said", "least"),
    [
        ("resolved: the sequencer is down", 0.9),
        ("the printer is out of paper", 0.95),
        ("the certificate of the api expires in nine days", 0.75),
        ("cpu at 30%", 0.9),
        ("the sequencer is down", 0.5),
    ],
)
def test_what_rules_go_by_otherwise_gives_way_to_what_is_likely_enough(
    example: Runbook, alert: Make, reads: Callable[[str, float], None], said: str, least: float
) -> None:
    reads("flood", least - 0.01)
    before = match(alert(summary=said), example, {})
    assert before.incident_type != "ddos-attack"
    reads("flood", least + 0.01)
    found = match(alert(summary=said), example, {})
    assert found.incident_type == "ddos-attack"
    assert found.otherwise[0].text == f"without that: {before.because[0].text}"
    assert not found.excused


def test_what_reads_like_nothing_opens_nothing_and_says_what_it_would_have_been(
    example: Runbook, alert: Make, reads: Callable[[str, float], None]
) -> None:
    reads(NONE, 0.64)
    assert match(alert(summary="the sequencer is down"), example, {}).incident_type == "sequencer-down"
    reads(NONE, 0.66)
    found = match(alert(summary="the sequencer is down"), example, {})
    assert found.incident_type is None
    assert "reads like talk, notices or other trouble" in found.because[0].text
    assert "without that it would be Sequencer Down" in found.otherwise[0].text
    assert not found.excused


def test_what_is_none_of_the_kinds_may_be_what_a_document_is_about_besides(
    made_of: Build, alert: Make, reads: Callable[[str, float], None]
) -> None:
    more = made_of({"Shop down": ["The shop is down"], "Stock empty": ["No flour is left"]})
    reads(NONE, 0.96)
    assert match(alert(summary="the shop is down"), more, {}).incident_type == "shop-down"
    reads(NONE, 0.98)
    assert match(alert(summary="the shop is down"), more, {}).incident_type is None


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


def test_a_threshold_that_denies_an_entry_is_stronger_than_what_an_alert_reads_like(
    example: Runbook, alert: Make, reads: Callable[[str, float], None]
) -> None:
    said = alert(summary="the sequencer is down, error rate is 0.2%")
    reads("errors", 1.0)
    assert match(said, example, {}).incident_type == "sequencer-down"
