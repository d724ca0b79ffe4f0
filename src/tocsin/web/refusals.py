"""What was refused, and why: counted for who measures, told in the log now and then. Nothing of a body is in it."""

import logging
from collections import Counter

from starlette.datastructures import State

from tocsin.errors import TocsinError
from tocsin.web.one_piece import Answer
from tocsin.web.replies import Outcome, Say, outcome_of

log = logging.getLogger("tocsin.senders")

TOLD_EVERY = 60.0
"""Seconds for which the same refusal of the same door is only counted after it was told."""


class Refusals:
    """Remembers refusals since the start, by door and outcome: few of each, however much is refused."""

    def __init__(self) -> None:
        """Begin with nothing refused."""
        self.counts: Counter[tuple[str, Outcome]] = Counter()
        self._told: dict[tuple[str, Outcome], tuple[float, int]] = {}

    def note(self, door: str, outcome: Outcome, why: str, now: float, new: int = 1) -> None:
        """Count what is `new`, and tell it unless the same was told a moment ago. `now` is monotonic."""
        kind = door, outcome
        self.counts[kind] += new
        at, count = self._told.get(kind, (float("-inf"), 0))
        if now - at >= TOLD_EVERY:
            many = self.counts[kind] - count
            log.warning("%s refused %s: %s", door, f"{many} deliveries" if many > 1 else "a delivery", why)
            self._told[kind] = now, self.counts[kind]


def refuse(state: State, door: str, say: Say, error: TocsinError) -> Answer:
    """Give the answer to what could not be taken, in the words of its sender; raises what is a mistake of ours."""
    outcome = outcome_of(error)
    if outcome is None:
        raise error
    state.refusals.note(door, outcome, str(error), state.tocsin.clock.monotonic())
    return say(outcome, error)
