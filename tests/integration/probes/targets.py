"""What each kind of probe looks at in the contract: something healthy, and what may stand there instead."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from integration.probes.looking import SECRET, Service, answer, service


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
) -> Callable[[], AbstractAsyncContextManager[Target]]:
    """A service that gives that body."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Target]:
        async with service() as web:
            web.path, web.say[""] = path, answer(body)
            yield WebTarget(web, f'kind = "{kind}"\nurl = "{web.url}{path}"\n{more}')

    return opened


@asynccontextmanager
async def port() -> AsyncIterator[Target]:
    async with service() as web:
        yield Target(f'kind = "tcp"\nhost = "127.0.0.1"\nport = {web.port}')


TARGETS: dict[str, Callable[[], AbstractAsyncContextManager[Target]]] = {
    "tcp": port,
    "http": on_the_web(
        "http", b'{"status":"ok","queue":3}', more='values = { queue = "queue" }\nexpect = { status = "ok" }'
    ),
}
