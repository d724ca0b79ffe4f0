"""The doors of monitors as the server calls them: straight to who reads the delivery, and one piece back.

No answer of Starlette is made for a delivery that is taken, and no request for an event: that would cost as much of the
processor as storing it does.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.clock import Clock
from tocsin.detection.alert import Alert
from tocsin.engine.sources import Sources
from tocsin.errors import TocsinError
from tocsin.web.refusals import refuse
from tocsin.web.replies import Say

Taking = Callable[[Scope, Receive], Awaitable[ASGIApp]]
"""Takes a delivery and gives its answer. Raises what the door then says in the words of its sender."""


class Taker(Protocol):
    """Who stores alerts."""

    async def ingest(self, alerts: Sequence[Alert]) -> None:
        """Return once they are on disk. Raises StoreUnavailable."""
        ...


class Receiver(Protocol):
    """What a door of monitors needs of the Tocsin it belongs to."""

    @property
    def access(self) -> Sources:
        """Give who may send."""
        ...

    @property
    def clock(self) -> Clock:
        """Give the time."""
        ...

    @property
    def engine(self) -> Taker:
        """Give who stores what is sent."""
        ...


class Door:
    """A way in. `name` is what a refusal is counted under. `alone`: who takes needs a `Receiver` and nothing else."""

    def __init__(self, name: str, taking: Taking, say: Say, *, alone: bool = False) -> None:
        """Take who reads a delivery, and how a refusal is told."""
        self._name, self._taking, self._say = name, taking, say
        self.alone = alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await (await self.answer(scope, receive))(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        """Give the answer to a request; raises what is a mistake of ours."""
        try:
            return await self._taking(scope, receive)
        except TocsinError as error:
            return refuse(Request(scope, receive), self._name, self._say, error)
