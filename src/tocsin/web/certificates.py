"""A certificate that was renewed is taken up while the server runs: who renews it every 60 days restarts nothing.

Connections that are open go on as they are; the next handshake shows the new one.
"""

import asyncio
import logging
import ssl
from pathlib import Path

import uvicorn

log = logging.getLogger("tocsin.certificates")

EVERY = 2.0
"""Seconds between looks; a change counts once it has stood still for one of them, as two files are written in turn."""

Stamp = tuple[tuple[int, ...] | None, ...]


def check(certificate: Path, key: Path) -> None:
    """Find out whether a certificate and a key can be served with. Raises OSError or ValueError."""
    _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate, key)


def renewing(config: uvicorn.Config) -> asyncio.Task[None] | None:
    """Begin to keep the certificate of a loaded configuration renewed; None where it serves no https."""
    if config.ssl is None or config.ssl_certfile is None or config.ssl_keyfile is None:
        return None
    watching = keep_renewed(config.ssl, Path(config.ssl_certfile), Path(config.ssl_keyfile))
    return asyncio.create_task(watching, name="certificate")


async def keep_renewed(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Let a context show what these files hold, each time they changed, until cancelled.

    What cannot be served with is told, and the one before stays.
    """
    taken = pending = _stamp(certificate, key)
    while True:
        await asyncio.sleep(EVERY)
        seen = _stamp(certificate, key)
        if seen not in (taken, pending):
            pending = seen
        elif seen != taken:
            taken = pending = seen
            _renew(context, certificate, key)


def _renew(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Load them, once it is known that they can be: a context that fails half-way has lost its key."""
    try:
        check(certificate, key)
        _load(context, certificate, key)
    except (OSError, ValueError) as error:
        log.warning("the certificate before stays, %s and %s cannot be used: %s", certificate, key, error)
    else:
        log.info("the certificate of %s is served from now on", certificate)


def _load(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    context.load_cert_chain(certificate, key, password="")  # without a password it would ask at a terminal


def _stamp(*paths: Path) -> Stamp:
    return tuple(map(_stamp_of, paths))


def _stamp_of(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    # Who may read a key that could not be read changes nothing but the last of these.
    return status.st_ino, status.st_mtime_ns, status.st_size, status.st_ctime_ns
