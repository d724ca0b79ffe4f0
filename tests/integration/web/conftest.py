"""The stage the pages are tested on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from integration.servers import Here, serving
from integration.web.doors import CONFIG, OLD, SECRET
from integration.web.staged import Staged


@pytest.fixture
async def stage() -> AsyncIterator[Staged]:
    """A Tocsin at 03:11 on a Monday night, nothing open."""
    stage = await Staged().begin()
    yield stage
    await stage.client.aclose()
    stage.store.close()


@pytest.fixture
async def doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Here]:
    """A Tocsin that knows a source of every kind."""
    monkeypatch.setenv("SENDERS_NEW", SECRET)
    monkeypatch.setenv("SENDERS_OLD", OLD)
    async with serving(tmp_path / "data", config=CONFIG) as here:
        yield here


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, of an authority that only the environment of this test trusts."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    cert, key, trusted = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    issued.cert_chain_pems[0].write_to_path(str(cert))
    issued.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    return cert, key
