"""HTTP for all probes: each exchange on a connection of its own, bounded in time and size, with what it took.

A new connection meets what a new customer meets: the name, the handshake, the certificate. A proxy is used where the
environment names one. Errors never hold an address, for it may carry a token; they name the host.
"""

import errno
import socket
import ssl
import time
from asyncio import timeout as bounded
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tocsin.errors import TocsinError
from tocsin.probes.addresses import is_public
from tocsin.probes.exchange import NOTES, Answer, Notes, Tls, Wanted, believing
from tocsin.probes.names import Names
from tocsin.probes.probe import LookFailed
from tocsin.probes.trouble import NoAnswer, unconnected

_REDIRECTS = {301, 302, 303, 307, 308}
_USUAL = {"User-Agent": "Tocsin", "Accept": "*/*", "Accept-Encoding": "identity"}


class _Inside(LookFailed):
    """An address from outside leads inside."""

    def __init__(self, host: str) -> None:
        """Keep the address."""
        super().__init__(f"{host} is not a public address: only tocsin.toml may ask for it")
        self.host = host


class Web:
    """The HTTP that probes share. Connections are opened at the first look, in the loop that looks."""

    def __init__(self, names: Names) -> None:
        """Take who finds addresses."""
        self._names = names
        self._tls: Tls | None = None
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def ask(self, wanted: Wanted, within: float) -> Answer:
        """Give the answer, whatever it says, in at most so many seconds.

        Raises NoAnswer where the target is at fault, LookFailed where this machine or the configuration is.
        """
        notes = Notes()
        token = NOTES.set(notes)
        host = wanted.url.host or ""
        try:
            async with bounded(within):
                return await self._followed(wanted, notes)
        except TimeoutError as late:
            if notes.doing == "resolve":
                raise LookFailed(f"no name server told this machine in {within:g} s what {host} is") from late
            raise NoAnswer(f"it did not {notes.doing} within {within:g} s", within) from late
        except (aiohttp.ClientError, OSError, ValueError) as trouble:
            raise _told(trouble, host) from trouble
        finally:
            NOTES.reset(token)
            if notes.doing == "connect":
                self._names.forget(host)  # it may have moved

    async def _followed(self, wanted: Wanted, notes: Notes) -> Answer:
        """Ask, and go where the answer sends us as often as that is wanted."""
        seen = {wanted.url}
        got = await self._once(wanted, notes)
        for _ in range(wanted.follow):
            if got.status not in _REDIRECTS:
                return got
            wanted = _redirected(wanted, got)
            if wanted.url in seen:
                raise NoAnswer(f"it answered {got.status} and redirects in a circle")
            seen.add(wanted.url)
            try:
                got = await self._once(wanted, notes)
            except _Inside as inside:
                raise NoAnswer(
                    f"it redirects to {inside.host}, which is not public; configure that address"
                ) from inside
        if wanted.follow and got.status in _REDIRECTS:
            raise NoAnswer(f"it redirects more than {wanted.follow} times")
        return got

    async def _once(self, wanted: Wanted, notes: Notes) -> Answer:
        url, notes.doing = wanted.url, "connect"
        if wanted.outside:
            _refuse_inside(url.host or "", literal=True)
        if url.scheme == "https":
            self._tls = self._tls or believing()
        async with self._session(outside=wanted.outside).request(
            wanted.method,
            url,
            headers=wanted.headers,
            data=wanted.body,
            ssl=wanted.tls or self._tls or True,
            allow_redirects=False,
            proxy=wanted.proxy,
        ) as got:
            notes.doing = "finish its answer"
            body, whole = await _beginning(got, wanted.largest)
        ended = time.perf_counter()
        tls = None if notes.handshake is None else notes.connected - notes.handshake
        connect = notes.connected - notes.began
        return Answer(got.status, got.headers, body, whole, ended - notes.began, connect, tls, notes.certificate)

    def _session(self, *, outside: bool) -> aiohttp.ClientSession:
        """Give who asks; addresses from outside have one of their own, which refuses what is inside."""
        found = self._sessions.get(outside)
        if found is None:
            found = self._sessions[outside] = aiohttp.ClientSession(
                headers=_USUAL,
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(
                    limit=0, force_close=True, use_dns_cache=False, resolver=_Resolver(self._names, outside=outside)
                ),
                request_class=_Request,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            )
        return found

    async def close(self) -> None:
        """Close what is open."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()


class _Request(aiohttp.ClientRequest):
    """A request that notes when its connection stood, and until when the certificate is good."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:  # noqa: ANN401  the library keeps its class to itself
        notes = NOTES.get(None)
        if notes is not None:
            notes.connected, notes.doing = time.perf_counter(), "answer"
            shown = conn.transport.get_extra_info("peercert") if conn.transport else None
            notes.certificate = ssl.cert_time_to_seconds(shown["notAfter"]) if shown else None
        return await super().send(conn)


class _Resolver(AbstractResolver):
    """Names by way of the probes' own threads. What it gives is connected to: nobody asks a second time."""

    def __init__(self, names: Names, *, outside: bool) -> None:
        self._names, self._outside = names, outside

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        notes = NOTES.get()
        notes.doing = "resolve"
        found = await self._names.addresses(host)
        notes.doing = "connect"
        if not found:
            raise OSError(errno.ENXIO, f"there is no host {host}")
        if self._outside:
            for address in found:
                _refuse_inside(address)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
            if family in (socket.AF_UNSPEC, socket.AF_INET6 if ":" in address else socket.AF_INET)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _refuse_inside(host: str, *, literal: bool = False) -> None:
    """Raise _Inside for an address that is not public; with `literal`, a name is left for whoever resolves it."""
    if literal and not _is_literal(host):
        return
    if not is_public(host):
        raise _Inside(host)


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _redirected(wanted: Wanted, got: Answer) -> Wanted:
    """Give the request an answer sends us to. To another host nothing goes along, and that must be a public one."""
    place = got.headers.get("location")
    if not place:
        raise NoAnswer(f"it answered {got.status} without saying where to")
    try:
        url = wanted.url.join(URL(place)).with_fragment(None)
    except ValueError as wrong:
        raise NoAnswer(f"it answered {got.status} with an address that is none") from wrong
    if url.scheme != wanted.url.scheme or not url.host:
        raise NoAnswer(f"it redirects to {url.scheme}, which is not followed; configure that address instead")
    keeps = got.status in {307, 308} or wanted.method in {"GET", "HEAD"}
    same = url.origin() == wanted.url.origin()
    return msgspec.structs.replace(
        wanted,
        url=url if same else url.with_user(None),
        method=wanted.method if keeps else "GET",
        body=wanted.body if keeps and same else None,
        headers=wanted.headers if same else {},
        proxy=wanted.proxy if same else None,
        outside=wanted.outside or not same,
    )


async def _beginning(got: aiohttp.ClientResponse, largest: int) -> tuple[bytes, bool]:
    """Give the body, at most so much of it, and whether that is all."""
    pieces, size = list[bytes](), 0
    async for piece in got.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            break
    return b"".join(pieces)[:largest], size <= largest


_WORDS: tuple[tuple[type[Exception], type[TocsinError], str], ...] = (
    (aiohttp.ClientProxyConnectionError, LookFailed, "the proxy that the environment names cannot be reached"),
    (aiohttp.ClientConnectorCertificateError, NoAnswer, "its certificate is not accepted: {verify}"),
    (aiohttp.ClientSSLError, NoAnswer, "it does not speak TLS as it should"),
    (aiohttp.ClientConnectorDNSError, NoAnswer, "there is no host {host}"),
    (aiohttp.ClientHttpProxyError, NoAnswer, "the proxy answered {status}"),
    (aiohttp.InvalidURL, LookFailed, "its address is not valid; look at the configuration"),
    (aiohttp.ServerDisconnectedError, NoAnswer, "it hung up without an answer"),
    (aiohttp.ClientPayloadError, NoAnswer, "its answer broke off before its end"),
    (aiohttp.ClientResponseError, NoAnswer, "what it answers is no HTTP"),
    (aiohttp.ClientError, NoAnswer, "the connection broke"),
    (OSError, NoAnswer, "the connection broke"),
    (ValueError, LookFailed, "its address, a header or the proxy is not valid; look at the configuration"),
)
"""What errors of the library mean, the first that fits; the library's own words may hold the whole address."""


def _told(trouble: Exception, host: str) -> TocsinError:
    """Give what an error means."""
    kind, words = next((kind, words) for error, kind, words in _WORDS if isinstance(trouble, error))
    if isinstance(trouble, aiohttp.ClientConnectorError) and words.startswith("the connection broke"):
        return unconnected(trouble.os_error)
    if getattr(trouble, "status", 0) == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        kind = LookFailed
    verify = getattr(getattr(trouble, "certificate_error", None), "verify_message", "") or "it does not fit"
    return kind(words.format(host=host, status=getattr(trouble, "status", 0), verify=verify))
