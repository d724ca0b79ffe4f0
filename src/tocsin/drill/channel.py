"""A channel that remembers what it was given and fails when told to."""

from datetime import datetime
from typing import NamedTuple

from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.clock import Clock


class Sent(NamedTuple):
    """A message that was accepted, and when."""

    at: datetime
    channel: str
    message: Message

    @property
    def person(self) -> str:
        """Give who got it."""
        return self.message.to.id


class RehearsalChannel:
    """Accepts everything until `failing` is set; then every send fails that way.

    `amended` are the edits: the name of a message, and what it says since.
    """

    def __init__(self, name: str, clock: Clock, sent: list[Sent], *, edits: bool = False) -> None:
        """Take the list all rehearsal channels write to, in order. `edits`: it can edit what it sent, as chats can."""
        self._edits = edits
        self._name, self._clock, self._sent = name, clock, sent
        self.failing: SendFailed | None = None
        self.attempts = 0
        self.amended: list[tuple[str, Message]] = []

    async def send(self, message: Message) -> Receipt:
        """Accept a message, or fail as told."""
        self.attempts += 1
        if self.failing is not None:
            raise self.failing
        self._sent.append(Sent(self._clock.now(), self._name, message))
        name = f"{self._name}-{len(self._sent)}"
        return Receipt(id=name, handle=name if self._edits else "")

    async def amend(self, message: Message, handle: str) -> None:
        """Edit a message, or fail as told."""
        if self.failing is not None:
            raise self.failing
        self.amended.append((handle, message))

    async def close(self) -> None:
        """Nothing to give back."""
