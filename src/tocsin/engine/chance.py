"""Where unpredictable values come from."""

import secrets
from collections.abc import Callable
from typing import NamedTuple

_SALT, _TOGETHER = 16, 64


class Drawn:
    """Unpredictable bytes, drawn many at a time: to ask the system for a few costs as much as for a thousand."""

    def __init__(self) -> None:
        """Draw nothing yet."""
        self._left: list[bytes] = []

    def __call__(self) -> bytes:
        """Give 16 bytes that were never given before, to whichever thread asks."""
        try:
            return self._left.pop()
        except IndexError:
            drawn = secrets.token_bytes(_SALT * _TOGETHER)
            self._left += [drawn[start : start + _SALT] for start in range(_SALT, len(drawn), _SALT)]
            return drawn[:_SALT]


_drawn = Drawn()


class Chance(NamedTuple):
    """Where unpredictable values come from; simulations hand in predictable ones."""

    token: Callable[[], str] = lambda: _drawn().hex()
    salt: Callable[[], bytes] = _drawn
