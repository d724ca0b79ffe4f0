"""Answers to test pages, while somebody waits for them."""

import asyncio


class TestPages:
    """Waits for answers to test pages; one per process, in memory: a test that a restart forgets is sent again."""

    def __init__(self) -> None:
        """Begin with nothing waited for."""
        self._waiting: dict[str, asyncio.Event] = {}

    def expect(self, number: str, person: str) -> asyncio.Event:
        """Wait for that person's answer."""
        return self._waiting.setdefault(f"{number}/{person}", asyncio.Event())

    def answer(self, number: str, person: str) -> bool:
        """Take an answer; False when nothing waits for it."""
        event = self._waiting.get(f"{number}/{person}")
        if event is not None:
            event.set()
        return event is not None

    def forget(self, number: str, person: str) -> None:
        """Wait for that answer no longer."""
        self._waiting.pop(f"{number}/{person}", None)
