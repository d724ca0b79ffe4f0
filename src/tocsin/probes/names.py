"""Names to addresses for probes, on threads of their own: pages never wait for a name server that hangs."""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

from tocsin.clock import Clock
from tocsin.probes.probe import LookFailed

THREADS = 4
KEEPS = 60.0
"""Seconds for which an answer is good: thousands of looks at one name ask once a minute."""

MOST_NAMES = 4096


class Names:
    """Finds addresses. What is being asked already is not asked twice."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock that says how old an answer is."""
        self._clock = clock
        self._threads: ThreadPoolExecutor | None = None
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asking: dict[str, asyncio.Future[tuple[str, ...]]] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Give the addresses of a host; none when there is no such name. Raises LookFailed when nobody can tell."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        at, found = self._known.get(host, (float("-inf"), ()))
        if self._clock.monotonic() - at < KEEPS:
            return found
        if host not in self._asking:
            self._asking[host] = asyncio.ensure_future(self._ask(host))
        return await asyncio.shield(self._asking[host])

    async def within(self, host: str, seconds: float) -> tuple[str, ...]:
        """Give the addresses of a host as above. Raises LookFailed also when nobody tells them in that time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.addresses(host)
        except TimeoutError as late:
            raise LookFailed(f"no name server told this machine in {seconds:g} s what {host} is") from late

    async def _ask(self, host: str) -> tuple[str, ...]:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._pool(), _resolved, host)
        finally:
            del self._asking[host]
        if len(self._known) >= MOST_NAMES:
            self._known.clear()
        self._known[host] = (self._clock.monotonic(), found)
        return found

    def forget(self, host: str) -> None:
        """Ask again next time: nobody answers where the host was."""
        self._known.pop(host, None)

    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        return self._threads

    def close(self) -> None:
        """Ask nobody any more; who is being asked is not waited for."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def _resolved(host: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        return ()
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):
            return ()
        raise LookFailed(f"the name server does not say what {host} is ({error.strerror}); look at it") from error
    return tuple(dict.fromkeys(str(where[4][0]) for where in found))
