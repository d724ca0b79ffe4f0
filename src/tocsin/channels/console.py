"""Pages printed where the server runs: works without any configuration."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

from tocsin.channels.message import Message, Receipt, SendFailed

RULE = 78


class Console:
    """Writes each message to `stream` as one block that starts with `TOCSIN PAGE` and ends with its key."""

    def __init__(self, stream: TextIO, *, timeout: float = 5.0) -> None:
        self._stream = stream
        self._timeout = timeout
        # One thread of our own: a stopped terminal holds up this channel only, and two blocks never mix.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="console")

    async def send(self, message: Message) -> Receipt:
        """Print it. A closed stream is permanent; a terminal that does not take it in time is temporary."""
        printed = asyncio.get_running_loop().run_in_executor(self._writer, self._print, block(message))
        try:
            await asyncio.wait_for(printed, self._timeout)
        except (ValueError, BrokenPipeError) as gone:
            raise SendFailed("the console is closed", permanent=True) from gone
        except TimeoutError as late:
            raise SendFailed(f"the console did not take it in {self._timeout:g} s", permanent=False) from late
        except OSError as trouble:
            raise SendFailed(f"the console could not be written: {trouble.strerror}", permanent=False) from trouble
        return Receipt()

    async def close(self) -> None:
        """Stop the writing thread; the stream is not ours to close."""
        self._writer.shutdown(wait=False, cancel_futures=True)

    def _print(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()


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
