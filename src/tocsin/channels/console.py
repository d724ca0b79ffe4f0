"""Pages printed where the server runs: works without any configuration."""

import asyncio
import contextlib
import io
import os
import queue
import threading
from concurrent.futures import Future
from typing import TextIO

from tocsin.channels.message import Message, Receipt, SendFailed

RULE = 78
MAX_WAITING = 100
"""So many messages wait for a terminal that takes nothing; more are refused for now."""


class Console:
    """Writes each message to `stream` as one block that starts with `TOCSIN PAGE` and ends with its key."""

    def __init__(self, stream: TextIO, *, timeout: float = 5.0) -> None:
        self._stream = stream
        self._timeout = timeout
        self._waiting: queue.Queue[tuple[str, Future[None]] | None] = queue.Queue(MAX_WAITING)
        self._writer: threading.Thread | None = None
        self._closed = False

    async def send(self, message: Message) -> Receipt:
        """Print it. A closed stream is permanent; a terminal that does not take it in time is temporary."""
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._enqueue(block(message))), self._timeout)
        except (ValueError, BrokenPipeError) as gone:
            raise SendFailed("the console is closed", permanent=True) from gone
        except TimeoutError as late:
            raise SendFailed(f"the console did not take it in {self._timeout:g} s", permanent=False) from late
        except OSError as trouble:
            raise SendFailed(f"the console could not be written: {trouble.strerror}", permanent=False) from trouble
        return Receipt()

    async def close(self) -> None:
        """Stop the writing thread; the stream is not ours to close."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while (entry := self._waiting.get_nowait()) is not None:
                if entry[1].set_running_or_notify_cancel():
                    entry[1].set_exception(_stopped())
        self._waiting.put_nowait(None)

    def _enqueue(self, text: str) -> Future[None]:
        if self._closed:
            raise _stopped()
        if self._writer is None:
            # One thread of our own: a stopped terminal holds up this channel only, and two blocks never mix. Nobody
            # waits for it at the end of the process, which a stopped terminal must not keep from ending.
            self._writer = threading.Thread(target=self._write_all, name="console", daemon=True)
            self._writer.start()
        printed: Future[None] = Future()
        try:
            self._waiting.put_nowait((text, printed))
        except queue.Full as full:
            why = f"the console takes nothing, and {MAX_WAITING} messages wait for it"
            raise SendFailed(why, permanent=False) from full
        return printed

    def _write_all(self) -> None:
        while (entry := self._waiting.get()) is not None:
            text, printed = entry
            if not printed.set_running_or_notify_cancel():
                continue  # whoever sent it gave up
            try:
                self._print(text)
            except Exception as error:  # noqa: BLE001  told to whoever sent it
                printed.set_exception(error)
            else:
                printed.set_result(None)

    def _print(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        raw = text.encode(encoding, "backslashreplace")
        try:
            descriptor = self._stream.fileno()
        except io.UnsupportedOperation:  # no file, such as what a test hands in
            self._stream.write(raw.decode(encoding))
            self._stream.flush()
            return
        # Past the stream's own buffer: Python takes its lock at the end of the process, and dies of one that is held.
        while raw:
            raw = raw[os.write(descriptor, raw) :]


def _stopped() -> SendFailed:
    return SendFailed("the console was closed", permanent=False)


def block(message: Message) -> str:
    """Give the message as a box of lines that can be searched: no line is folded, so links stay whole."""
    head = f"+-- TOCSIN {message.kind.upper()} {message.incident} to {message.to.name} "
    lines = [message.subject, "", *message.text.splitlines()]
    if message.link and message.link not in message.text:
        lines += ["", f"Take it: {message.link}"]
    body = [f"| {visible(line)}".rstrip() for line in lines]
    foot = f"+-- key {message.key} "
    return "\n".join(["", visible(head).ljust(RULE, "-"), *body, visible(foot).ljust(RULE, "-"), ""])


def visible(text: str) -> str:
    """Give the text without control characters: an alert must not be able to drive somebody's terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
