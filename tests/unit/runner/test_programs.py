from pathlib import Path

import pytest

from tocsin.runner import programs
from tocsin.runner.programs import absent_here, knows_fail_with_body


def test_what_curl_knows_is_read_from_the_program_which_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curl = tmp_path / "curl"
    curl.write_text("#!/bin/sh\ntouch started\n# --fail-with-body\n")
    curl.chmod(0o755)
    monkeypatch.setattr(programs, "base_environment", lambda: {"PATH": str(tmp_path)})
    assert absent_here() == ("netstat", "ss", "jq")
    curl.write_text("#!/bin/sh\ntouch started\n# --fail\n")
    assert absent_here() == ("netstat", "ss", "jq", "curl --fail-with-body")
    assert not (tmp_path / "started").exists()


def test_an_empty_or_unreadable_curl_counts_as_an_old_one(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert not knows_fail_with_body(tmp_path / "empty")
    assert not knows_fail_with_body(tmp_path / "missing")
