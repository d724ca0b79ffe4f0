"""One exchange over HTTP with a service: bounded in time and size, and every way it goes wrong told as SendFailed."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from tocsin.channels.message import SendFailed
from tocsin.clock import Clock
from tocsin.errors import SettingsInvalid

WORTH_TRYING_AGAIN = {408, 425, 429}
LONGEST_WAIT = timedelta(days=1)
READ_AT_MOST = 16 * 1024
_WORDS = 200


class Wire:
    """Speaks to the service at `url`. No redirects. `timeout` seconds bound the whole exchange.

    The address may carry a token, so errors name only its host. Raises SettingsInvalid when it is no address.
    """

    def __init__(self, url: str, *, clock: Clock, timeout: float, auth: tuple[str, str] | None = None) -> None:
        self.host = host_of(url)
        self._url = url
        self._clock, self._timeout = clock, timeout
        self._client = httpx.AsyncClient(auth=auth, timeout=timeout, follow_redirects=False)

    async def post(self, path: str = "", **body: Any) -> tuple[httpx.Response, bytes]:  # noqa: ANN401  as httpx takes it
        """Give the answer, whatever it says, and the beginning of its body. Raises SendFailed when there is none."""
        url = f"{self._url.rstrip('/')}{path}" if path else self._url
        try:
            async with asyncio.timeout(self._timeout):
                async with self._client.stream("POST", url, **body) as got:
                    return got, await _beginning(got)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as wrong:
            raise SendFailed(f"{self.host} cannot be posted to: {wrong}", permanent=True) from wrong
        except (TimeoutError, httpx.TimeoutException) as late:
            why = f"{self.host} did not answer in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        except (httpx.HTTPError, OSError) as trouble:
            why = f"{self.host} could not be reached: {trouble}"
            raise SendFailed(why, permanent=False, answered=isinstance(trouble, httpx.ConnectError)) from trouble

    def refusal(self, got: httpx.Response, said: str) -> SendFailed:
        """Give what an answer that is no success means: 4xx is permanent; 408, 425, 429 and 5xx are temporary."""
        temporary = got.status_code in WORTH_TRYING_AGAIN or got.is_server_error
        hint = "; redirects are not followed" if got.is_redirect else f": {said}" if said else ""
        wait = retry_after(got.headers, self._clock.now()) if temporary else None
        return SendFailed(f"{self.host} answered {got.status_code}{hint}", permanent=not temporary, retry_after=wait)

    async def close(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()


def host_of(url: str) -> str:
    """Give the host of an address. Raises SettingsInvalid, without the address, when it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsInvalid("its url must be an address such as https://example.org/hook")
    return parts.hostname


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


async def _beginning(got: httpx.Response) -> bytes:
    """Give the beginning of a body: a receiver cannot make us read without end."""
    read = b""
    async for chunk in got.aiter_bytes():
        read += chunk
        if len(read) >= READ_AT_MOST:
            break
    return read[:READ_AT_MOST]
