"""What a judgement is: how bad, which hazards, why, and where in the text."""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

Risk = Literal["read", "change", "destructive"]
Flag = Literal[
    "endless", "tty", "prints-secret", "secret-in-argv", "writes-file", "placeholder", "network", "opaque", "sudo",
    "remote",
]  # fmt: skip
FLAGS: tuple[Flag, ...] = get_args(Flag)
RISKS: tuple[Risk, ...] = get_args(Risk)
"""From harmless to worst."""

NEVER_ALONE = frozenset(FLAGS) - {"network", "secret-in-argv"}
"""Hazards that nothing may have that runs without a person."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of a text does. `why` completes "... because ...", empty where there is nothing to say.

    `proven` is set only where every word of the part is understood. `start` and `end` are characters of the text.
    `instead` says what to write in its stead, empty where nobody knows.
    """

    risk: Risk = "read"
    flags: tuple[Flag, ...] = ()
    why: str = ""
    proven: bool = True
    instead: str = ""
    start: int = 0
    end: int = 0


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What a text does when it is run as written; the worst part wins. `why` is one line for a tired person.

    `unattended` says that it may run without a person; `parts` are the effects with their places, the worst first;
    `variables` are the environment variables it expands, `programs` what it starts.
    """

    risk: Risk
    flags: tuple[Flag, ...]
    unattended: bool
    why: str
    parts: tuple[Effect, ...] = ()
    variables: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


def worst(effects: Iterable[Effect]) -> Risk:
    """Give the worst risk of these; "read" of none."""
    return max((effect.risk for effect in effects), key=RISKS.index, default="read")


def flags_of(effects: Iterable[Effect]) -> tuple[Flag, ...]:
    """Give all flags of these, each once, in the order of `FLAGS`."""
    found = {flag for effect in effects for flag in effect.flags}
    return tuple(flag for flag in FLAGS if flag in found)


def unclear(why: str, *flags: Flag, risk: Risk = "change") -> Effect:
    """Give the effect of what is not understood: it counts as a change, and nothing of it is proven."""
    return Effect(risk=risk, flags=flags, why=why, proven=False)
