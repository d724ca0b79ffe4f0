"""How much what an alert says reads like alerts of each kind of trouble: a sum of weights of its words and pieces.

The weights are made by `script/learn` from the alerts in `training/`. They speak of kinds of trouble and of no runbook.
"""

import base64
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from math import exp, sqrt
from struct import Struct

import msgspec

from tocsin.triage.learned.features import features_of, first_of, lines_of, names_of, word_feature
from tocsin.triage.statement import Statement
from tocsin.triage.words import content

NONE = "none"
"""The kind of what is no trouble, or none of these: notices, talk, tests, other parts of a platform."""

MOST_QUOTED = 3


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """A file of weights. `bias` has a number for each kind; `features` are lines.

    `packed` has for each feature one signed byte for how rare it is and one for each kind, in base64; a step of them is
    worth `rarity_step`, and `step`. `signs` and `packed_signs` are the same for what rules make of an alert, but for
    how rare that is; a step of them is worth `sign_step`. `training` is the SHA-256 of what they were learned from.
    """

    kinds: tuple[str, ...]
    bias: tuple[float, ...]
    rarity_step: float
    step: float
    features: str
    packed: str
    signs: str
    packed_signs: str
    sign_step: float
    training: str


class Model:
    """Weights, ready to be asked."""

    def __init__(self, weights: Weights) -> None:
        """Unpack them: for each feature how rare it is, and its weight for each kind."""
        self._kinds, self._bias = weights.kinds, weights.bias
        self._rarity_step, self._step = weights.rarity_step, weights.step
        # As tuples of numbers, all rows would take twenty times as much memory, and most of the time of a first use.
        self._rows, row = base64.b64decode(weights.packed), Struct(f"{len(weights.kinds) + 1}b")
        self._row_at = row.unpack_from
        names = weights.features.split("\n")
        self._places = dict(zip(names, range(0, len(self._rows), row.size), strict=True))
        each = Struct(f"{len(weights.kinds)}b").iter_unpack(base64.b64decode(weights.packed_signs))
        signs = zip(weights.signs.split("\n"), each, strict=True)
        self._signs = {name: tuple(one * weights.sign_step for one in row) for name, row in signs}
        # Alerts of a storm have most of their lines in common.
        self._places_of = lru_cache(maxsize=256)(self._looked_up)

    def likeness(self, said: Statement, signs: Iterable[str]) -> dict[str, float]:
        """Give how probable each kind is (0..1, together 1) by what an alert reads like and what rules make of it."""
        places = self._known([*names_of(said), *first_of(said)]).union(*map(self._places_of, lines_of(said)))
        rows, row_at = self._rows, self._row_at
        there = [row_at(rows, place) for place in places]
        length = sqrt(sum([row[0] * row[0] for row in there])) * self._rarity_step or 1.0
        sums = [sum(column) for column in zip(*there, strict=True)][1:] or [0] * len(self._kinds)
        ruled = [self._bias, *[self._signs[sign] for sign in signs if sign in self._signs]]
        weighed = [
            sum(column) + one * self._step / length for column, one in zip(zip(*ruled, strict=True), sums, strict=True)
        ]
        most = max(weighed)
        shares = [exp(one - most) for one in weighed]
        whole = sum(shares)
        return {kind: one / whole for kind, one in zip(self._kinds, shares, strict=True)}

    def _looked_up(self, line: str) -> frozenset[int]:
        return self._known(features_of(line))

    def _known(self, names: Iterable[str]) -> frozenset[int]:
        return frozenset([place for place in map(self._places.get, names) if place is not None])

    def telling(self, said: Statement, kind: str) -> tuple[str, ...]:
        """Give the words that speak most for a kind, and more than for any other, as written, in their order."""
        place, worth = self._kinds.index(kind) + 1, dict[str, int]()
        for stem, written in content(said.text).items():
            known = self._places.get(word_feature(stem))
            if known is not None and 0 < (row := self._row_at(self._rows, known))[place] == max(row[1:]):
                worth[written] = row[place]
        best = sorted(worth, key=lambda written: -worth[written])[:MOST_QUOTED]
        return tuple(written for written in worth if written in best)


@cache
def shipped() -> Model:
    """Give the weights that come with the program, which are data of this package like its code."""
    raw = (files("tocsin.triage.learned") / "weights.json").read_bytes()
    return Model(msgspec.json.decode(raw, type=Weights))
