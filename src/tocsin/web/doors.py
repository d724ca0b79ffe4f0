"""The doors of monitors as the server calls them: straight to who reads the delivery, and one piece back.

No answer of Starlette is made for a delivery that is taken, and no request for an event: that would cost as much of the
processor as storing it does. What a door does with a delivery of which nothing is needed but what it says is told apart
from how it came (`Reading`): so the server can read one that came whole without ASGI too.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from starlette.datastructures import Headers, State
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.clock import Clock
from tocsin.detection.alert import Alert
from tocsin.detection.delivery import PartlyMalformed
from tocsin.engine.sources import Sources
from tocsin.errors import TocsinError
from tocsin.web.beside import read_beside
from tocsin.web.one_piece import Answer
from tocsin.web.refusals import refuse
from tocsin.web.replies import Say

Taking = Callable[[Scope, Receive], Awaitable[ASGIApp]]
"""Takes a delivery and gives its answer. Raises what the door then says in the words of its sender."""


class Sent(NamedTuple):
    """A request as it came, and its body. `headers` are found by their lower-case names."""

    headers: Mapping[str, str]
    query: bytes
    raw: bytes


class Read(NamedTuple):
    """The alerts of a delivery, and what its sender is told once they are on disk."""

    alerts: Sequence[Alert]
    answer: Answer


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


MOST_AT_ONCE = 1_000
"""Alerts of a delivery that share a commit. Who sent more, and hears that some were not stored, sends all again."""

Reading = Callable[[Receiver, Sent], Read]
"""Proves and reads a delivery. Raises what the door then says in the words of its sender."""


class Door:
    """A way in. `name` is what a refusal is counted under. `reading`: all that is done here is to read and to store."""

    def __init__(self, name: str, taking: Taking, say: Say, reading: Reading | None = None) -> None:
        """Take who reads a delivery, and how a refusal is told."""
        self._name, self._taking, self._say = name, taking, say
        self.reading = reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await (await self.answer(scope, receive))(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        """Give the answer to a request; raises what is a mistake of ours."""
        try:
            return await self._taking(scope, receive)
        except TocsinError as error:
            return self.refusal(scope["app"].state, error)

    def refusal(self, state: State, error: TocsinError) -> Answer:
        """Give the answer to what met this error, and count it; raises what is a mistake of ours."""
        return refuse(state, self._name, self._say, error)


async def _store(here: Receiver, alerts: Sequence[Alert]) -> None:
    for begins in range(0, len(alerts), MOST_AT_ONCE):
        await here.engine.ingest(alerts[begins : begins + MOST_AT_ONCE])


def reading_door(name: str, reading: Reading, say: Say) -> Door:
    """Give a door behind which a delivery is read and stored, and nothing else is done."""

    async def taking(scope: Scope, receive: Receive) -> Answer:
        state = scope["app"].state
        here: Receiver = state.tocsin
        with state.gate.place() as place:
            raw = await place.read(scope, receive)
            sent = Sent(Headers(scope=scope), scope["query_string"], raw)
            try:
                alerts, answer = await read_beside(raw, partial(reading, here, sent))
            except PartlyMalformed as error:
                await _store(here, error.alerts)
                raise
            await _store(here, alerts)
        return answer

    return Door(name, taking, say, reading)
