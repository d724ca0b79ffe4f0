"""Learn what alerts of each kind read like: `script/learn` writes the weights, `--check` tells how well they would do.

A multinomial logistic regression over the words and pieces of words of labelled alerts, and over what the rules of
triage make of them with `training/RUNBOOK.md`. Twice: once over everything that was met more than once, and again over
what weighed most, so that the file stays small.
"""

import argparse
import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from learn_frames import framed
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from tocsin.detection.alert import Alert
from tocsin.runbook.reading import read_runbook
from tocsin.triage.alike import made_alike
from tocsin.triage.learned.features import features
from tocsin.triage.learned.likeness import Weights
from tocsin.triage.matching import by_rules
from tocsin.triage.profile import Index, index
from tocsin.triage.standing import standing
from tocsin.triage.statement import statement
from tocsin.triage.weighing import signs_of

ROOT = Path(__file__).resolve().parent.parent
TRAINING, FRAMES, RUNBOOK = (ROOT / "training" / name for name in ("alerts.jsonl", "frames.toml", "RUNBOOK.md"))
WEIGHTS = ROOT / "src" / "tocsin" / "triage" / "learned" / "weights.json"
MOST_FEATURES, FEWEST_ALERTS, FEWEST_SIGNED, STRENGTH = 30_000, 2, 3, 20.0
# A sign beside hundreds of words, which together are of length 1: more, and words that rules do not know say nothing.
SIGN = 0.15
# An alert that was put together says less than one that somebody wrote.
FRAMED = 0.5


class Labelled(msgspec.Struct, frozen=True):
    """An alert and the kind of trouble it is; `also` are kinds that would be right too."""

    kind: str
    summary: str
    alert_class: str = ""
    component: str = ""
    details: dict[str, str] = {}
    also: tuple[str, ...] = ()
    weight: float = 1.0


class Met:
    """What is counted of alerts, one by one: what they say, and what rules make of them."""

    def __init__(self, said: list[list[str]], signs: list[list[str]]) -> None:
        """Take both."""
        self.said, self.signs = said, signs

    def __add__(self, other: "Met") -> "Met":
        """Give these and then the other's."""
        return Met([*self.said, *other.said], [*self.signs, *other.signs])

    def only(self, places: Iterable[int]) -> "Met":
        """Give those at some places."""
        chosen = list(places)
        return Met([self.said[place] for place in chosen], [self.signs[place] for place in chosen])


class Learned(NamedTuple):
    """Weights by feature and kind, how rare features are, weights by sign and kind, and the bias of kinds."""

    names: Sequence[str]
    kinds: Sequence[str]
    weights: Any
    rarity: Any
    signs: Sequence[str]
    sign_weights: Any
    bias: Any


def read(path: Path) -> Iterator[Labelled]:
    """Give the labelled alerts of a file."""
    decoder = msgspec.json.Decoder(Labelled)
    yield from map(decoder.decode, path.read_bytes().splitlines())


def read_framed(path: Path) -> Iterator[Labelled]:
    """Give the alerts that are put together."""
    return (Labelled(kind=kind, summary=summary, weight=FRAMED) for kind, summary in framed(path))


def met(alerts: Iterable[Labelled]) -> Met:
    """Give what is counted of labelled alerts."""
    entries = index(read_runbook(RUNBOOK.read_bytes(), RUNBOOK.name))
    both = [_counted(one, entries) for one in alerts]
    return Met([said for said, _ in both], [signs for _, signs in both])


def _counted(one: Labelled, entries: Index) -> tuple[list[str], list[str]]:
    alert = Alert(
        source="training",
        dedup_key="",
        action="trigger",
        summary=one.summary,
        alert_class=one.alert_class or None,
        component=one.component or None,
        details=one.details,
    )
    said = statement(made_alike(alert, frozenset())[0].alert())
    ruled = by_rules(said, entries, standing(said.text, said.named, said.origin))
    return sorted(features(said)), sorted(signs_of(ruled, entries))


class Fitted:
    """What was learned of alerts, by words and by signs."""

    def __init__(self, seen: Met, alerts: Sequence[Labelled], names: Sequence[str] | None = None) -> None:
        """Learn, of all words that are frequent enough or of these."""
        self.words = TfidfVectorizer(
            analyzer=list, binary=True, min_df=1 if names else FEWEST_ALERTS, vocabulary=names
        ).fit(seen.said)
        self.signs = CountVectorizer(analyzer=list, binary=True, min_df=FEWEST_SIGNED).fit(seen.signs)
        self.model = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced").fit(
            self._of(seen), [one.kind for one in alerts], sample_weight=[one.weight for one in alerts]
        )

    def _of(self, seen: Met) -> Any:  # noqa: ANN401  a matrix of scipy
        return hstack([self.words.transform(seen.said), self.signs.transform(seen.signs) * SIGN]).tocsr()

    def told(self, seen: Met) -> Sequence[str]:
        """Give the kinds of alerts."""
        return [str(kind) for kind in self.model.predict(self._of(seen))]


def learned(seen: Met, alerts: Sequence[Labelled]) -> Learned:
    """Learn over everything, then over what weighed most."""
    first = Fitted(seen, alerts)
    names = first.words.get_feature_names_out()
    weighs = np.abs(first.model.coef_[:, : len(names)] * first.words.idf_).max(axis=0)
    best = np.argsort(-weighs, kind="stable")[:MOST_FEATURES]
    kept = sorted(str(names[place]) for place in best)
    last = Fitted(seen, alerts, kept)
    rarity, coefficients = last.words.idf_, last.model.coef_
    return Learned(
        names=kept,
        kinds=[str(kind) for kind in last.model.classes_],
        weights=(coefficients[:, : len(kept)] * rarity).T,
        rarity=rarity,
        signs=[str(sign) for sign in last.signs.get_feature_names_out()],
        sign_weights=coefficients[:, len(kept) :].T * SIGN,
        bias=last.model.intercept_,
    )


def packed(found: Learned, training: str) -> Weights:
    """Give the weights as they are shipped, each a signed byte."""
    rarity_step, step, sign_step = map(_step, (found.rarity, found.weights, found.sign_weights))
    together = np.column_stack([np.rint(found.rarity / rarity_step), np.rint(found.weights / step)])
    return Weights(
        kinds=tuple(found.kinds),
        bias=tuple(round(float(one), 6) for one in found.bias),
        rarity_step=rarity_step,
        step=step,
        features="\n".join(found.names),
        packed=_bytes(together),
        signs="\n".join(found.signs),
        packed_signs=_bytes(np.rint(found.sign_weights / sign_step)),
        sign_step=sign_step,
        training=training,
    )


def _step(numbers: Any) -> float:  # noqa: ANN401  an array of numpy
    """Give the step in which numbers are told by a signed byte."""
    return float(np.abs(numbers).max()) / 127


def _bytes(steps: Any) -> str:  # noqa: ANN401  an array of numpy
    return base64.b64encode(steps.astype(np.int8).tobytes()).decode()


def check(alerts: list[Labelled], framed: list[Labelled]) -> float:
    """Give the share of alerts whose kind is told right by what was learned from the nine tenths without it."""
    kinds, seen, frames, right = [one.kind for one in alerts], met(alerts), met(framed), 0
    for others, left_out in StratifiedKFold(10, shuffle=True, random_state=1).split(kinds, kinds):
        fitted = Fitted(seen.only(others) + frames, [*(alerts[place] for place in others), *framed])
        told = zip(left_out, fitted.told(seen.only(left_out)), strict=True)
        right += sum(kind in (alerts[place].kind, *alerts[place].also) for place, kind in told)
    return right / len(alerts)


def main() -> int:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(prog="script/learn", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="tell how well alerts are known that were left out")
    parser.add_argument("--training", type=Path, default=TRAINING)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    alerts, framed = list(read(args.training)), list(read_framed(FRAMES))
    if args.check:
        print(f"{len(alerts)} alerts, {check(alerts, framed):.1%} of those left out are told right")
        return 0
    found = learned(met([*alerts, *framed]), [*alerts, *framed])
    sha = hashlib.sha256(b"".join(path.read_bytes() for path in (args.training, FRAMES, RUNBOOK))).hexdigest()
    args.weights.write_bytes(msgspec.json.encode(packed(found, sha)) + b"\n")
    print(f"{len(alerts)} alerts, {len(found.names)} features, {args.weights.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
