"""The hook that this repository offers, run by the real pre-commit in a repository of somebody's runbooks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pre_commit.clientlib import load_manifest

ROOT = Path(__file__).parents[3]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PROGRAMS = Path(sys.executable).parent
BROKEN = "# Shop\n\n## Till down (P1)\n\n**Diagnosis**:\n\n```bash\npm2 logs till\n```\n"
WELL = "# Shop\n\n## Till down (P1)\n\n**Fix**: restart it\n"


@pytest.fixture
def runbooks(tmp_path: Path) -> Path:
    """A repository with one runbook, checked by the hook as this checkout has it."""
    folder = tmp_path / "runbooks"
    folder.mkdir()
    [hook] = load_manifest(HOOKS)
    # The definition is the offered one; only the installing is left out, for the program is here already.
    (tmp_path / ".pre-commit-config.yaml").write_text(
        "repos:\n  - repo: local\n    hooks:\n"
        f"      - id: {hook['id']}\n        name: {hook['name']}\n        entry: {PROGRAMS}/{hook['entry']}\n"
        f"        language: system\n        types: {hook['types']}\n        files: '{hook['files']}'\n"
        f"        require_serial: {str(hook['require_serial']).lower()}\n"
    )
    git(tmp_path, "init", "--quiet")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    git(folder, "add", "--all")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(folder / ".home"), "GIT_CONFIG_GLOBAL": os.devnull}
    words = [str(PROGRAMS / "pre-commit"), "run", "--all-files", "--color", "never"]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=280)


def test_a_runbook_with_an_error_stops_the_commit(runbooks: Path) -> None:
    (runbooks / "till.md").write_text(BROKEN)
    done = run(runbooks.parent)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[RB103]" in done.stdout


def test_a_runbook_without_errors_does_not(runbooks: Path) -> None:
    (runbooks / "till.md").write_text(WELL)
    done = run(runbooks.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_a_text_that_is_no_runbook_is_not_looked_at(runbooks: Path) -> None:
    (runbooks.parent / "README.md").write_text(BROKEN)
    assert "no files to check" in run(runbooks.parent).stdout
