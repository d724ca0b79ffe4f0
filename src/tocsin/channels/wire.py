"""One exchange over HTTP with a service: bounded in time, and every way it goes wrong told as SendFailed."""

import asyncio
from typing import Any

import httpx

from tocsin.channels.message import SendFailed
from tocsin.channels.webhook import WORTH_TRYING_AGAIN, host_of, retry_after
from tocsin.clock import Clock


class Wire:
    """Speaks to the service at `url`. No redirects. `timeout` seconds bound the whole exchange.

    Raises SettingsInvalid when `url` is no address.
    """

    def __init__(self, url: str, *, clock: Clock, timeout: float, auth: tuple[str, str] | None = None) -> None:
        self.host = host_of(url)
        self._url = url.rstrip("/")
        self._clock, self._timeout = clock, timeout
        self._client = httpx.AsyncClient(auth=auth, timeout=timeout, follow_redirects=False)

    async def post(self, path: str, **body: Any) -> httpx.Response:  # noqa: ANN401  as httpx takes it
        """Give the answer, whatever it says. Raises SendFailed, temporary, when there is none."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._client.post(self._url + path, **body)
        except (TimeoutError, httpx.TimeoutException) as late:
            why = f"{self.host} did not answer in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        except (httpx.HTTPError, OSError) as trouble:
            why = f"{self.host} could not be reached: {trouble}"
            raise SendFailed(why, permanent=False, answered=isinstance(trouble, httpx.ConnectError)) from trouble

    def refusal(self, got: httpx.Response, said: str) -> SendFailed:
        """Give what an answer that is no success means: 4xx is permanent; 408, 425, 429 and 5xx are temporary."""
        temporary = got.status_code in WORTH_TRYING_AGAIN or got.is_server_error
        wait = retry_after(got.headers, self._clock.now()) if temporary else None
        why = f"{self.host} answered {got.status_code}{f', {said}' if said else ''}"
        return SendFailed(why, permanent=not temporary, retry_after=wait)

    async def close(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()
