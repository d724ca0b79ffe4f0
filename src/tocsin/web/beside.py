"""What is large is read beside the loop: nobody's page waits for half a megabyte of somebody else's JSON.

In one thread: while it reads, the loop has its turns every few milliseconds, and however many send what costs much, one
of it is read at a time. Those who wait keep their place in the gate, which is bounded.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 32 * 1024
"""Bytes that are read at once: usually in less time than giving them to somebody else takes."""

_thread = ThreadPoolExecutor(1, thread_name_prefix="reading")


async def read_beside(raw: bytes, reading: Callable[[], T]) -> T:
    """Give what `reading` makes of a body, or raise what it raises. It must touch nothing but values."""
    if len(raw) <= AT_ONCE:
        return reading()
    return await asyncio.get_running_loop().run_in_executor(_thread, reading)
