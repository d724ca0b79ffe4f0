"""What an error of a connection says: that the target is in trouble, or that this machine is."""

import errno
import os
import socket
import ssl

from tocsin.errors import TocsinError
from tocsin.probes.probe import LookFailed

_OWN = {errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS}
"""Errors of this machine, which say nothing of the other one."""


class NoAnswer(TocsinError):
    """The target gave no answer that can be used; the text says why, in one line.

    `waited` are the seconds after which it was given up: whoever only asks how slow it is must hear of it too.
    """

    def __init__(self, why: str, waited: float | None = None) -> None:
        """Keep why."""
        super().__init__(why)
        self.waited = waited

    @property
    def values(self) -> dict[str, float]:
        """Give what is known nevertheless."""
        return {"up": 0.0} if self.waited is None else {"up": 0.0, "latency": self.waited}


def unconnected(error: OSError) -> NoAnswer:
    """Give why there is no connection. Raises LookFailed where this machine cannot connect to anything."""
    if isinstance(error, ssl.SSLError | socket.gaierror):  # their numbers are not those of the system
        return NoAnswer(getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error.strerror))
    if error.errno in _OWN:
        raise LookFailed(f"this machine cannot connect to anything: {os.strerror(error.errno).lower()}")
    if isinstance(error, ConnectionError) and error.errno is None and error.args:
        return NoAnswer(str(error))
    return NoAnswer(os.strerror(error.errno).lower() if error.errno else "none of its addresses takes the connection")
