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
    """Accepts everything until `failing` is set; then every send fails that way."""

    def __init__(self, name: str, clock: Clock, sent: list[Sent]) -> None:
        """Take the list all rehearsal channels write to, in order."""
        self._name, self._clock, self._sent = name, clock, sent
        self.failing: SendFailed | None = None
        self.attempts = 0

    async def send(self, message: Message) -> Receipt:
        """Accept a message, or fail as told."""
        self.attempts += 1
        if self.failing is not None:
            raise self.failing
        self._sent.append(Sent(self._clock.now(), self._name, message))
        return Receipt(id=f"{self._name}-{len(self._sent)}")

    async def close(self) -> None:
        """Nothing to give back."""
