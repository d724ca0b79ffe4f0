"""One exchange over HTTP with a service: bounded in time and size, and every way it goes wrong told as SendFailed."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp

from tocsin.channels.addresses import host_of, proxy_of
from tocsin.channels.message import SendFailed
from tocsin.clock import Clock

WORTH_TRYING_AGAIN = {408, 425, 429}
LONGEST_WAIT = timedelta(days=1)
READ_AT_MOST = 16 * 1024
_WORDS = 200
_USUAL = {"User-Agent": "Tocsin", "Accept-Encoding": "identity"}


class Answer(NamedTuple):
    """What a service said: `body` is the beginning of it, `headers` do not tell upper from lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Give whether it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Wire:
    """Speaks to the service at `url`. No redirects, no cookies. `timeout` seconds bound the whole exchange.

    A proxy is used where the environment names one (HTTPS_PROXY, NO_PROXY). The address may carry a token, so errors
    name only its host. Raises SettingsInvalid when it is no address.
    """

    def __init__(self, url: str, *, clock: Clock, timeout: float, auth: tuple[str, str] | None = None) -> None:
        self.host = host_of(url)
        self._url = url
        self._clock, self._timeout = clock, timeout
        self._usual = _USUAL | ({"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {})
        self._kept: aiohttp.ClientSession | None = None

    async def post(
        self,
        path: str = "",
        *,
        data: bytes | Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Give the answer, whatever it says; `data` is a body, or the fields of a form. Raises SendFailed when none."""
        url = f"{self._url.rstrip('/')}{path}" if path else self._url
        try:
            async with asyncio.timeout(self._timeout):
                try:
                    return await self._exchange(url, data=data, json=json, headers=headers)
                except aiohttp.ClientOSError as broken:
                    if not isinstance(broken.__cause__, aiohttp.ClientConnectionResetError):
                        raise
                    # The service had closed a kept connection: not all was sent, so it did nothing. On a new one then.
                    return await self._exchange(url, data=data, json=json, headers=headers)
        except ValueError as wrong:
            why = f"{self.host} cannot be posted to: its address, a header or the proxy is not valid"
            raise SendFailed(why, permanent=True) from wrong
        except TimeoutError as late:
            why = f"{self.host} did not answer in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        except aiohttp.ClientConnectorError as trouble:
            raise SendFailed(f"{self.host} could not be reached: {trouble.os_error}", permanent=False) from trouble
        except (aiohttp.ClientError, OSError) as trouble:
            # Their own words may hold the whole address.
            why = f"{self.host} did not answer: the connection broke ({type(trouble).__name__})"
            raise SendFailed(why, permanent=False, answered=False) from trouble

    async def _exchange(self, url: str, **sent: Any) -> Answer:  # noqa: ANN401  as aiohttp takes it
        async with self._session().post(url, allow_redirects=False, **sent) as got:
            return Answer(got.status, got.headers, await _beginning(got))

    def refusal(self, got: Answer, said: str) -> SendFailed:
        """Give what an answer that is no success means: 4xx is permanent; 408, 425, 429 and 5xx are temporary."""
        temporary = got.status in WORTH_TRYING_AGAIN or got.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        redirects = HTTPStatus.MULTIPLE_CHOICES <= got.status < HTTPStatus.BAD_REQUEST
        hint = "; redirects are not followed" if redirects else f": {said}" if said else ""
        wait = retry_after(got.headers, self._clock.now()) if temporary else None
        return SendFailed(f"{self.host} answered {got.status}{hint}", permanent=not temporary, retry_after=wait)

    async def close(self) -> None:
        """Close the kept connections."""
        if self._kept is not None:
            await self._kept.close()

    def _session(self) -> aiohttp.ClientSession:
        """Give the connections, which belong to the loop that first sends."""
        if self._kept is None:
            self._kept = aiohttp.ClientSession(
                headers=self._usual,
                proxy=proxy_of(self._url),
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=0),  # how many messages are under way is for `engine/pacing.py`
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            )
        return self._kept


def one_line(raw: bytes) -> str:
    """Give the first words of an answer on one line."""
    return " ".join(raw[:_WORDS].decode("utf-8", "replace").split())


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Give how long the receiver asked to be left alone, at most a day; None when it did not say or not clearly.

    Source: RFC 9110, Retry-After, seconds or an HTTP date.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=min(int(said[:9]), 86_400)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)


async def _beginning(got: aiohttp.ClientResponse) -> bytes:
    """Give the beginning of a body: a receiver cannot make us read without end."""
    read = b""
    async for chunk in got.content.iter_any():
        read += chunk
        if len(read) >= READ_AT_MOST:
            break
    return read[:READ_AT_MOST]
