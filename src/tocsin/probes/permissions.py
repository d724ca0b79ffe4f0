"""Who there is and who may do what, against what was there before: new roles, superusers and grants.

What is remembered are short marks of them, so that even thousands fit into the memory of a probe.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress

import msgspec

MOST = 3000
_NAMED = 6
_KINDS = {"role", "superuser"}


class Permissions:
    """Remembers marks and finds what is new. `memory` is that of the probe."""

    def __init__(self) -> None:
        """Know nothing: whatever is seen first is only learned."""
        self._known: frozenset[str] | None = None

    @property
    def memory(self) -> str:
        """Give the marks."""
        return "" if self._known is None else msgspec.json.encode(sorted(self._known)).decode()

    @memory.setter
    def memory(self, text: str) -> None:
        with suppress(msgspec.DecodeError):
            self._known = frozenset(msgspec.json.decode(text, type=list[str]))

    def news(self, found: Iterable[str]) -> list[str]:
        """Give what was not there at the last look; nothing at the first."""
        marks = {_mark(words): words for words in found}
        known, self._known = self._known, frozenset(marks)
        return [] if known is None else sorted(words for mark, words in marks.items() if mark not in known)


def counted(found: list[str], news: list[str]) -> dict[str, float]:
    """Give how many there are and how many are new, by the name of the value."""
    values = {"roles": 0.0, "superusers": 0.0, "new_roles": 0.0, "new_superusers": 0.0, "new_grants": 0.0}
    for words in found:
        kind = words.partition(" ")[0]
        if kind in _KINDS:
            values[f"{kind}s"] += 1
    for words in news:
        kind = words.partition(" ")[0]
        values[f"new_{kind}s" if kind in _KINDS else "new_grants"] += 1
    return values


def told(news: list[str]) -> str:
    """Give the news for people, the worst first."""
    ordered = sorted(news, key=lambda words: (not words.startswith("superuser"), words))
    more = f" and {len(news) - _NAMED} more" if len(news) > _NAMED else ""
    return ", ".join(ordered[:_NAMED]) + more


def _mark(words: str) -> str:
    return hashlib.blake2b(words.encode(), digest_size=6).hexdigest()
