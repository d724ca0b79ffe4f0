"""What each kind of probe looks at in the contract: something healthy, and what may stand there instead."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from integration.guard.programs import Machine
from integration.probes.looking import SECRET, Service, answer, service

Ask = Callable[[str], Any]
"""Gives what a fixture of that name is."""


class Target:
    """The options that look at it; `be` puts one of HOSTILE there instead, where that is possible."""

    def __init__(self, text: str) -> None:
        self.text = text

    def hang(self) -> None:
        """Answer no more, where it is possible."""

    def be(self, what: str) -> None:
        raise AssertionError(what)


HOSTILE = ("hangs", "floods", "lies", "redirects to itself", "drips", "breaks off", "speaks no HTTP", "echoes")


class WebTarget(Target):
    """Something that is asked over HTTP, with a secret in a header."""

    def __init__(self, web: Service, text: str) -> None:
        super().__init__(f'{text}\nheaders = {{ Authorization = {{ env = "TOKEN" }} }}')
        self._web = web

    def hang(self) -> None:
        self.be("hangs")

    def be(self, what: str) -> None:
        path = self._web.path
        bad = {
            "hangs": b"",
            "floods": answer(length=10**15),
            "lies": answer(b"{}", length=10**9),
            "redirects to itself": answer(status=302, headers=f"Location: {path}\r\n"),
            "drips": answer(b"{", length=9),
            "breaks off": answer(b"{", headers="Connection: close\r\n", length=9),
            "speaks no HTTP": b"\x00\xff" * 5000,
            "echoes": answer(SECRET.encode(), 401),
        }
        self._web.say[""] = bad[what]
        if what == "floods":
            self._web.endless.add(path)
        if what in {"hangs", "drips"}:
            self._web.hang.add(path)


def on_the_web(
    kind: str, body: bytes, *, path: str = "/", more: str = ""
) -> Callable[[Ask], AbstractAsyncContextManager[Target]]:
    """A service that gives that body."""

    @asynccontextmanager
    async def opened(_: Ask) -> AsyncIterator[Target]:
        async with service() as web:
            web.path, web.say[""] = path, answer(body)
            yield WebTarget(web, f'kind = "{kind}"\nurl = "{web.url}{path}"\n{more}')

    return opened


@asynccontextmanager
async def port(_: Ask) -> AsyncIterator[Target]:
    async with service() as web:
        yield Target(f'kind = "tcp"\nhost = "127.0.0.1"\nport = {web.port}')


@asynccontextmanager
async def process(ask: Ask) -> AsyncIterator[Target]:
    machine: Machine = ask("machine")
    ask("monkeypatch").setenv("PATH", machine.environment["PATH"])
    yield Target(f'kind = "pm2"\nprocess = "steady"\nhome = "{machine.home}/.pm2"')


@asynccontextmanager
async def file(ask: Ask) -> AsyncIterator[Target]:
    path: Path = ask("tmp_path") / "app.log"
    path.write_text(  # noqa: ASYNC240  a test may wait for its disk
        f"203.0.113.7 GET /health 200\ntoken={SECRET}\n"
    )
    yield Target(f'kind = "log"\npath = "{path}"\naccess = "GET \\\\S+"')


@asynccontextmanager
async def database(ask: Ask) -> AsyncIterator[Target]:
    yield Target(f'kind = "postgresql"\nurl = "{ask("postgres").url("postgres")}"')


@asynccontextmanager
async def machine_itself(ask: Ask) -> AsyncIterator[Target]:
    yield Target(f'kind = "host"\nvalues = {{ data = "{ask("tmp_path")}" }}')


TARGETS: dict[str, Callable[[Ask], AbstractAsyncContextManager[Target]]] = {
    "tcp": port,
    "http": on_the_web(
        "http", b'{"status":"ok","queue":3}', more='values = { queue = "queue" }\nexpect = { status = "ok" }'
    ),
    "prometheus_text": on_the_web("prometheus_text", b"queue_depth 3\n", more='values = { queue = "queue_depth" }'),
    "promql": on_the_web(
        "promql",
        b'{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}',
        path="/api/v1/query",
        more='values = { queue = "sum(queue_depth)" }',
    ),
    "statuspage": on_the_web(
        "statuspage", b'{"status":{"indicator":"none"},"components":[]}', path="/api/v2/summary.json"
    ),
    "pm2": process,
    "postgresql": database,
    "log": file,
    "host": machine_itself,
}
