"""Trouble as it is framed: what was said of it around, and whose it is, put together from `training/frames.toml`."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tocsin.triage.learned.likeness import NONE

T = TypeVar("T")

EACH = 16
"""A frame is filled with so many troubles, somebody else's subject with so many as well."""


def framed(path: Path) -> Iterator[tuple[str, str]]:
    """Give (kind, summary) of trouble in every frame, and of the trouble of what no entry is about."""
    told = tomllib.loads(path.read_text())
    ours, others, troubles = told["ours"], told["others"], told["troubles"]
    whole = [(kind, text) for kind, texts in told["whole"].items() for text in texts]
    of_a_subject = [(kind, text) for kind, texts in troubles.items() for text in texts]
    ours_in_trouble = [
        (kind, text.format(subject))
        for place, (kind, text) in enumerate(of_a_subject)
        for subject in _some(ours, place, 4)
    ]
    all_trouble = [*whole, *ours_in_trouble]
    for place, frame in enumerate(told["nothing"]):
        for _, text in _some(all_trouble, place, EACH):
            yield NONE, frame.format(text)
    for place, frame in enumerate(told["same"]):
        for kind, text in _some(all_trouble, place, 3 * EACH):
            yield kind, frame.format(text)
    for place, subject in enumerate(others):
        for _, text in _some(of_a_subject, place, EACH):
            yield NONE, text.format(subject)
    for place, part in enumerate(told["parts"]):
        for text in _some(told["parts_say"], place, 9):
            yield NONE, text.format(part)


def _some(of: Sequence[T], place: int, count: int) -> list[T]:
    """Give so many, spread over all of them, others for every place."""
    return [of[(place + at * len(of) // count) % len(of)] for at in range(count)]
