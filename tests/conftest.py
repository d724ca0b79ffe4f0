"""What all tests share: where the inputs beside the project lie, and that CI skips nothing."""

import logging
import os
import signal
import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No test measures time: a busy machine is no fault of what is tested.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")

# A shell that runs tests in the background lets them ignore Ctrl-C, and with them every program they start: what is
# asked to end by it would be waited for until it is killed.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))

# What the tests' own clients verify with where they speak plain HTTP: nobody is trusted. Left alone, each client reads
# all authorities of the world first, which takes longer than most of what is then asked.
PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="session")
def seed() -> bytes:
    """The real runbook, where it lies beside the project."""
    path = SHARED / "seed" / "incident-response-runbook.md"
    if not path.is_file():
        pytest.skip(f"needs {path.name}, which lies beside the project and not in it")
    return path.read_bytes()


@pytest.fixture(scope="session")
def example() -> bytes:
    """The bundled runbook."""
    return (ROOT / "examples" / "sequencer" / "RUNBOOK.md").read_bytes()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:  # noqa: ARG001  pytest's names
    """With TOCSIN_REQUIRE=all, a test that did not run has failed."""
    report: pytest.TestReport = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("TOCSIN_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be: {report.longrepr}"
    return report


def pytest_runtest_teardown() -> None:
    """Let no test leave the log quiet for the next one: those that play many histories turn it off."""
    logging.getLogger("tocsin").setLevel(logging.NOTSET)
