"""Running servers for tests: in this process, and as the program."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme

from integration.postgres_server import Server, running
from integration.servers import Here, Program, serving
from read_once import reading_once


@pytest.fixture(scope="session", autouse=True)
def runbooks_read_once() -> Iterator[None]:
    """Read no runbook of a server in this process twice."""
    with reading_once():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for the tests of this process."""
    with running() as server:
        yield server


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    """The address of a database of the test's own, with all tables."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Here]:
    """A Tocsin in this process with a small team and fresh data; `on_both_stores` runs a test on PostgreSQL too."""
    kept_in = getattr(request, "param", "sqlite")
    store = request.getfixturevalue("database") if kept_in == "postgresql" else None
    async with serving(tmp_path / "data", store=store) as found:
        yield found


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The program, not started yet; its server ends with the test."""
    found = Program(tmp_path / "home")
    yield found
    found.stop()


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


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of an authority that issued nothing."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def trusting_nobody(stranger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust no authority of the world: each new client would read all of them first, only to speak plain HTTP."""
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger))
