"""What every fake over HTTP has: a record of what came, ways to misbehave, and a socket to listen on."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

Mode = Literal["normal", "slow", "late", "refusing", "lying", "silent", "down"]
"""How a fake behaves.

slow: does it late. late: does it, and answers late. refusing: does nothing and answers that it is in trouble. lying:
does it, and answers the same as refusing. silent: does it and never answers. down: drops the connection.
"""

CONTROL = "/_fake/"
"""Below it a fake is asked and told things that its service does not have."""


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came. Header names are in small letters; the query is as it was sent."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  JSON may be anything
        """Give the body as JSON."""
        return msgspec.json.decode(self.body)

    @property
    def form(self) -> dict[str, str]:
        """Give the body as the fields of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class _Quiet(uvicorn.Server):
    """A server inside of somebody else's process: signals are not its business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


class HttpFake:
    """A service over HTTP. `refusal` is what it answers while refusing or lying."""

    modes: tuple[str, ...] = get_args(Mode)
    refusal: tuple[int, dict[str, object]] = (503, {"error": "Service Unavailable"})

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        """Take what the service answers; it begins to listen with `serving`."""
        self.mode: Mode = "normal"
        self.delay = 3.0
        self.came: list[Came] = []
        self.address = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        control = [
            Route(f"{CONTROL}came", self._show_came, methods=["GET"]),
            Route(f"{CONTROL}mode", self._take_mode, methods=["POST"]),
            *self.controls(),
        ]
        self._routes = Starlette(routes=[*control, *routes])

    @contextlib.asynccontextmanager
    async def serving(
        self, port: int = 0, *, host: str = "127.0.0.1", tls: tuple[Path, Path] | None = None
    ) -> AsyncIterator[str]:
        """Listen, and give the address; 0 takes a free port. `tls`: certificate and key. Raises OSError."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:  # sends at once only so
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            cert, key = tls or (None, None)
            config = uvicorn.Config(
                self, log_config=None, access_log=False, lifespan="off", ssl_certfile=cert, ssl_keyfile=key
            )
            server = _Quiet(config)
            running = asyncio.create_task(server.serve([bound]))
            self.address = f"{'https' if tls else 'http'}://{host}:{bound.getsockname()[1]}"
            while not (server.started or running.done()):  # noqa: ASYNC110  all that uvicorn offers
                await asyncio.sleep(0.005)
            try:
                yield self.address
            finally:
                await self._end(server, running)

    @property
    def about(self) -> str:
        """Say what to configure so that Tocsin speaks to it, and how to look into it."""
        shown = f"What came: curl {self.address}{CONTROL}came\nBehave:    curl {self.address}{CONTROL}mode -d "
        return f"{self.configuration}\n{shown}{'|'.join(self.modes)}"

    @property
    def configuration(self) -> str:
        """Give the lines of a configuration that speak to it."""
        return ""

    def controls(self) -> list[Route]:
        """Give what else it can be told by hand, below `CONTROL`."""
        return []

    def behave(self, mode: str) -> None:
        """Behave like one of `modes` from now on."""
        self.mode = msgspec.convert(mode, Mode)

    async def settled(self) -> None:
        """Wait until everything that was set going by what came is over."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def later(self, deed: Any) -> None:  # noqa: ANN401  a coroutine
        """Do something after the answer, as services do."""
        task = asyncio.get_running_loop().create_task(deed)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the mode says."""
        if scope["type"] == "websocket":
            await self._routes(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL):
            await self._routes(scope, receive, send)
            return
        body = await _body(receive)
        self.came.append(_came(scope, body))
        mode = self.mode
        if mode == "slow":
            await asyncio.sleep(self.delay)
        if mode == "down":
            await _drop(send)
        elif mode == "refusing":
            await answer_json(*self.refusal)(scope, receive, send)
        elif mode in {"lying", "silent"}:
            await self._routes(scope, _again(body), _nowhere)
            if mode == "silent":
                await self._over.wait()
            await answer_json(*self.refusal)(scope, receive, send)
        elif mode == "late":
            await self._routes(scope, _again(body), self._after_a_while(send))
        else:
            await self._routes(scope, _again(body), send)

    def _after_a_while(self, send: Send) -> Send:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self.delay)
            await send(message)

        return answer

    async def _end(self, server: uvicorn.Server, running: asyncio.Task[None]) -> None:
        self._over.set()
        for task in tuple(self._tasks):
            task.cancel()
        server.should_exit = server.force_exit = True
        await running

    async def _show_came(self, _: Request) -> Response:
        shown = [
            {"method": one.method, "path": one.path, "query": one.query, "body": one.body.decode("utf-8", "replace")}
            for one in self.came
        ]
        return answer_json(200, {"came": shown})

    async def _take_mode(self, request: Request) -> Response:
        wanted = (await request.body()).decode("utf-8", "replace").strip()
        if wanted not in self.modes:
            return answer_json(400, {"error": f"post one word of {', '.join(self.modes)}"})
        self.behave(wanted)
        return answer_json(200, {"mode": wanted})


def answer_json(status: int, body: object, headers: dict[str, str] | None = None) -> Response:
    """Give an answer in JSON."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def _came(scope: Scope, body: bytes) -> Came:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Came(method=scope["method"], path=scope["path"], query=query, headers=headers, body=body)


def _again(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nowhere(_: Message) -> None:
    """Take an answer that nobody gets."""


async def _drop(send: Send) -> None:
    """Promise a body and end: uvicorn then closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
