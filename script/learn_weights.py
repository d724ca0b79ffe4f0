"""Learn what alerts of each kind read like: `script/learn` writes the weights, `--check` tells how well they would do.

A multinomial logistic regression over the words and pieces of words of labelled alerts, twice: once over everything
that was met more than once, and again over what weighed most, so that the file stays small.
"""

import argparse
import base64
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from tocsin.detection.alert import Alert
from tocsin.triage.learned.features import features
from tocsin.triage.learned.likeness import Weights
from tocsin.triage.statement import statement

ROOT = Path(__file__).resolve().parent.parent
TRAINING = ROOT / "training" / "alerts.jsonl"
WEIGHTS = ROOT / "src" / "tocsin" / "triage" / "learned" / "weights.json"
MOST_FEATURES, FEWEST_ALERTS, STRENGTH = 30_000, 2, 20.0


class Labelled(msgspec.Struct, frozen=True):
    """An alert and the kind of trouble it is; `also` are kinds that would be right too."""

    kind: str
    summary: str
    alert_class: str = ""
    component: str = ""
    details: dict[str, str] = {}
    also: tuple[str, ...] = ()

    @property
    def features(self) -> list[str]:
        """Give what is counted of it."""
        alert = Alert(
            source="training",
            dedup_key="",
            action="trigger",
            summary=self.summary,
            alert_class=self.alert_class or None,
            component=self.component or None,
            details=self.details,
        )
        return sorted(features(statement(alert)))


class Learned(NamedTuple):
    """Weights by feature and kind, how rare features are, and the bias of kinds."""

    names: Sequence[str]
    kinds: Sequence[str]
    weights: Any
    rarity: Any
    bias: Any


def read(path: Path) -> Iterator[Labelled]:
    """Give the labelled alerts of a file."""
    decoder = msgspec.json.Decoder(Labelled)
    yield from map(decoder.decode, path.read_bytes().splitlines())


def _made(names: Sequence[str] | None = None) -> Any:  # noqa: ANN401  a pipeline of scikit-learn
    rare = TfidfVectorizer(analyzer=list, binary=True, min_df=1 if names else FEWEST_ALERTS, vocabulary=names)
    return make_pipeline(rare, LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced"))


def learned(met: list[list[str]], kinds: list[str]) -> Learned:
    """Learn over everything, then over what weighed most."""
    first = _made().fit(met, kinds)
    names, weighed = first[0].get_feature_names_out(), np.abs(first[1].coef_ * first[0].idf_).max(axis=0)
    best = np.argsort(-weighed, kind="stable")[:MOST_FEATURES]
    kept = sorted(str(names[place]) for place in best)
    last = _made(kept).fit(met, kinds)
    rarity = last[0].idf_
    return Learned(
        kept, [str(kind) for kind in last[1].classes_], (last[1].coef_ * rarity).T, rarity, last[1].intercept_
    )


def packed(found: Learned, training: str) -> Weights:
    """Give the weights as they are shipped, each a signed byte."""
    rarity_step, step = float(found.rarity.max()) / 127, float(np.abs(found.weights).max()) / 127
    together = np.column_stack([np.rint(found.rarity / rarity_step), np.rint(found.weights / step)]).astype(np.int8)
    return Weights(
        kinds=tuple(found.kinds),
        bias=tuple(round(float(one), 6) for one in found.bias),
        rarity_step=rarity_step,
        step=step,
        features="\n".join(found.names),
        packed=base64.b64encode(together.tobytes()).decode(),
        training=training,
    )


def check(alerts: list[Labelled], met: list[list[str]]) -> float:
    """Give the share of alerts whose kind is told right by what was learned from the nine tenths without it."""
    folds = StratifiedKFold(10, shuffle=True, random_state=1)
    told = cross_val_predict(_made(), met, [one.kind for one in alerts], cv=folds)
    return float(np.mean([kind == one.kind or kind in one.also for one, kind in zip(alerts, told, strict=True)]))


def main() -> int:
    """Learn and write, or check."""
    parser = argparse.ArgumentParser(prog="script/learn", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="tell how well alerts are known that were left out")
    parser.add_argument("--training", type=Path, default=TRAINING)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    args = parser.parse_args()
    alerts = list(read(args.training))
    met = [one.features for one in alerts]
    if args.check:
        print(f"{len(alerts)} alerts, {check(alerts, met):.1%} of those left out are told right")
        return 0
    found = learned(met, [one.kind for one in alerts])
    sha = hashlib.sha256(args.training.read_bytes()).hexdigest()
    args.weights.write_bytes(msgspec.json.encode(packed(found, sha)) + b"\n")
    print(f"{len(alerts)} alerts, {len(found.names)} features, {args.weights.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
