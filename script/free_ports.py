"""Ports for programs that cannot choose one themselves."""

import socket
from collections.abc import Iterator
from itertools import islice
from random import SystemRandom

FIRST, END = 10_000, 32_000
"""Below what Linux gives to those who connect or bind to 0: such a port stays free until its program takes it."""


def free_port() -> int:
    """Give a port of 127.0.0.1 that nobody holds."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Give so many of them, all different. Raises OSError when the machine has none."""
    found = list(islice((port for port in _in_any_order() if _is_free(port)), count))
    if len(found) < count:
        raise OSError(f"no {count} free ports from {FIRST} to {END} of 127.0.0.1")
    return found


def _in_any_order() -> Iterator[int]:
    """Give each once; at random, because several who ask at the same time must not all begin with the same."""
    yield from SystemRandom().sample(range(FIRST, END), END - FIRST)


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
