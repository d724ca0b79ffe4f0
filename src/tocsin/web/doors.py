"""The doors of monitors as the server calls them: straight to who reads the delivery, and one piece back.

No answer of Starlette is made for a delivery that is taken, and no request for an event: that would cost as much of the
processor as storing it does.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.errors import TocsinError
from tocsin.web.refusals import refuse
from tocsin.web.replies import Say

Taking = Callable[[Scope, Receive], Awaitable[ASGIApp]]
"""Takes a delivery and gives its answer. Raises what the door then says in the words of its sender."""


class Door:
    """A way in. `name` is what a refusal is counted under."""

    def __init__(self, name: str, taking: Taking, say: Say) -> None:
        """Take who reads a delivery, and how a refusal is told."""
        self._name, self._taking, self._say = name, taking, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await (await self.answer(scope, receive))(scope, receive, send)

    async def answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        """Give the answer to a request; raises what is a mistake of ours."""
        try:
            return await self._taking(scope, receive)
        except TocsinError as error:
            return refuse(Request(scope, receive), self._name, self._say, error)
