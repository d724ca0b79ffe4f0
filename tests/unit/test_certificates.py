"""When a certificate was renewed: whatever became different about its files is seen."""

import asyncio
import contextlib
import os
import ssl
from pathlib import Path

import pytest
import trustme

from tocsin.web import certificates


class Shown(ssl.SSLContext):
    """What a server shows, and when it was given something else."""

    renewed: asyncio.Event

    def load_cert_chain(self, *args: object, **more: object) -> None:
        super().load_cert_chain(*args, **more)  # type: ignore[arg-type]
        self.renewed.set()


async def test_a_key_that_becomes_usable_is_taken_up_though_its_time_and_size_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a `chmod` that lets it be read, or a copy that keeps times."""
    monkeypatch.setattr(certificates, "EVERY", 0.01)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    authority = trustme.CA()
    first, second = authority.issue_cert("127.0.0.1"), authority.issue_cert("127.0.0.1")
    certificate.write_bytes(first.cert_chain_pems[0].bytes())
    key.write_bytes(first.private_key_pem.bytes())
    context = Shown(ssl.PROTOCOL_TLS_SERVER)
    context.renewed = asyncio.Event()
    refused = asyncio.Event()
    monkeypatch.setattr(certificates.log, "warning", lambda *_: refused.set())
    watching = asyncio.create_task(certificates.keep_renewed(context, certificate, key))
    await asyncio.sleep(0)
    certificate.write_bytes(second.cert_chain_pems[0].bytes())
    await asyncio.wait_for(refused.wait(), 20)
    before = key.stat()
    key.write_bytes(second.private_key_pem.bytes())
    os.utime(key, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert key.stat().st_size == before.st_size
    await asyncio.wait_for(context.renewed.wait(), 20)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
