"""Everything else, by way of Apprise: ntfy, Gotify, Telegram, Teams and a hundred more, one address each.

Apprise says whether it worked and nothing else. So there is no answer from there, no editing, and no receipt by
the service; what went wrong is read from what Apprise logs. It works in threads, which cannot be stopped: those that
hang are counted, and with all of them hanging the channel refuses at once. Source: Apprise.
"""

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from tocsin.channels.message import Message, Receipt, SendFailed
from tocsin.errors import SettingsInvalid

THREADS = 4
WORTH_TRYING_AGAIN = frozenset({408, 425, 429})
_CODE = re.compile(r"\berror[=: ]+(\d{3})\b", re.IGNORECASE)
_SERVER = 500
_HOW = "install Tocsin with its extra `apprise`, such as `pip install 'tocsin[apprise]'`"


class Apprise:
    """Sends to one address of Apprise's, such as `ntfy://ntfy.example.org/tocsin`. `timeout` seconds bound a send.

    A page of the gravest severity goes out with the service's highest priority where it has one and the address does
    not state another. Raises SettingsInvalid when Apprise is not there or does not know the address.
    """

    def __init__(self, url: str, *, timeout: float = 8.0) -> None:
        self._usual = _service(url, timeout)
        self._grave = (
            _service(_with(url, "priority=emergency"), timeout) if _may_raise(self._usual, url) else self._usual
        )
        self._name = str(self._usual.service_name or self._usual.schema())
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="apprise")
        self._busy = 0

    async def send(self, message: Message) -> Receipt:
        """Send it once. Raises SendFailed: a 4xx that Apprise logged is permanent; everything else is temporary."""
        if self._busy >= THREADS:
            raise SendFailed(f"{self._name} hangs, and {THREADS} messages wait for it", permanent=False)
        self._busy += 1
        sending = asyncio.get_running_loop().run_in_executor(self._threads, self._notify, message)
        sending.add_done_callback(self._ended)
        try:
            refusal = await asyncio.wait_for(asyncio.shield(sending), self._timeout)
        except TimeoutError as late:
            why = f"{self._name} did not take it in {self._timeout:g} s"
            raise SendFailed(why, permanent=False, answered=False) from late
        if refusal is not None:
            raise refusal
        return Receipt(detail=f"{self._name} took it")

    async def close(self) -> None:
        """Let the threads end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ended(self, sending: "asyncio.Future[SendFailed | None]") -> None:
        self._busy -= 1
        if not sending.cancelled():
            sending.exception()  # looked at, whoever waited

    def _notify(self, message: Message) -> SendFailed | None:
        """Send from a thread; give what went wrong, or None."""
        service = self._grave if message.kind == "page" and _is_grave(message) else self._usual
        text = message.text
        if message.link and message.link not in text:
            text = f"{text}\n\nTake it: {message.link}\n"
        kind = "failure" if message.kind in {"page", "alarm"} else "info"
        with _Listening() as heard:
            worked = service.notify(title=message.subject, body=text, notify_type=kind)
        return None if worked else self._refusal(heard.code)

    def _refusal(self, code: int | None) -> SendFailed:
        if code is None:
            return SendFailed(
                f"{self._name} did not take it; Apprise does not say why", permanent=False, answered=False
            )
        permanent = code < _SERVER and code not in WORTH_TRYING_AGAIN
        return SendFailed(f"{self._name} answered {code}", permanent=permanent)


class _Listening(logging.Handler):
    """Hears what Apprise logs in this thread. Only a status is taken from it: its words may hold secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.code: int | None = None
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        found = _CODE.search(record.getMessage()) if record.thread == self._thread else None
        if found:
            self.code = int(found[1])


def _service(url: str, timeout: float) -> Any:  # noqa: ANN401  Apprise has no types
    try:
        from apprise import Apprise as Library  # noqa: PLC0415  an extra, and heavy
    except ImportError as missing:
        raise SettingsInvalid(f"Apprise is not installed; {_HOW}") from missing
    # Longer than we wait: what we say is that it took too long, and the thread ends soon after.
    bounded = url if "cto=" in url or "rto=" in url else _with(url, f"cto={2 * timeout:g}&rto={2 * timeout:g}")
    service = Library.instantiate(bounded)
    if service is None:
        raise SettingsInvalid("its url is no address that Apprise knows, such as ntfys://ntfy.sh/TOPIC")
    return service


def _with(url: str, option: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{option}"


def _may_raise(service: Any, url: str) -> bool:  # noqa: ANN401  as above
    return "priority" in service.template_args and "priority=" not in url


def _is_grave(message: Message) -> bool:
    """Give whether it is of the first severity; of a restricted one nobody says, and it is taken for grave."""
    priority = message.data.get("priority")
    return not isinstance(priority, dict) or priority.get("summary") == "P0"
