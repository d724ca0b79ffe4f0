"""HTTP as uvicorn speaks it, where what is whole is handed over in one piece."""

from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.flow_control import CLOSE_HEADER
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tocsin.web.one_piece import ONE_PIECE

KEEP_ALIVE = 30
"""Seconds for which a connection without a request is kept."""


def served(app: Callable[..., Any], **more: Any) -> uvicorn.Config:  # noqa: ANN401  as uvicorn
    """Give how an application is served here: nothing of uvicorn is logged or told, and lines are kept for a while."""
    return uvicorn.Config(
        app,
        http=more.pop("http", Protocol),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        **more,
    )


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP, where what is whole is handed over in one piece: it writes a head and a body apart otherwise."""

    _leaves = False

    def leave(self) -> None:
        """Answer one more request, saying that it was the last: to hang up at once could cut off one on its way."""
        self._leaves = True
        if self.cycle is not None:
            self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        if self._leaves:
            cycle.default_headers = [*cycle.default_headers, CLOSE_HEADER]
        cycle.scope["extensions"] = {ONE_PIECE: _Whole(cycle)}  # type: ignore[dict-item]
        super()._start_asgi_task(cycle, app)


class _Whole:
    """The one request of a cycle of uvicorn."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def body(self) -> bytes | None:
        cycle = self._cycle
        return None if cycle.more_body or cycle.disconnected or cycle.waiting_for_100_continue else bytes(cycle.body)

    def answer(self, whole: bytes) -> bool:
        cycle = self._cycle
        usual = cycle.keep_alive and not cycle.disconnected and not cycle.flow.write_paused
        if not usual or cycle.default_headers or cycle.response_started or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(whole)
        cycle.message_event.set()
        cycle.on_response()
        return True
