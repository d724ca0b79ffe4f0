"""The package as others install it: a wheel, run by uvx, for which a server's parts are not even imported."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.cli.main import COMMANDS

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
READ_DOCUMENTS = {"ftfy", "markdown-it-py", "msgspec", "sqlglot", "tree-sitter", "tree-sitter-bash", "tzdata"}
"""What reading a document needs. Every other dependency is a server's."""
DOCUMENT_COMMANDS = {
    "check": ["check", str(EXAMPLE)],
    "show": ["show", str(EXAMPLE), "--format", "facts"],
    "explain": ["explain", f"{EXAMPLE}:38"],
    "rules": ["rules", str(EXAMPLE)],
    "init": ["init", str(EXAMPLE), "--output", "-"],
    "triage": ["triage", str(EXAMPLE), "/dev/null"],
    "guard": ["guard", "-c", "df -h"],
}


def server_modules() -> set[str]:
    """The modules of the dependencies that only a server needs."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    packages = {re.split(r"[<>=;\s\[]", one, maxsplit=1)[0] for one in named}
    assert {"starlette", "uvicorn", "httpx", "asyncpg", "jinja2"} <= packages
    return {package.replace("-", "_") for package in packages - READ_DOCUMENTS}


@pytest.fixture(scope="module")
def uv() -> str:
    own = ROOT / ".tools" / "bin" / "uv"
    found = str(own) if own.is_file() else shutil.which("uv")
    if found is None:
        pytest.skip("needs uv, which script/setup brings")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([uv, "build", "--wheel", "--quiet", "-o", str(folder), str(ROOT)], check=True, timeout=280)
    [built] = folder.glob("*.whl")
    return built


def run(uv: str, wheel: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the wheel as uvx does, in an environment of its own, far from the clone."""
    program = [uv, "tool", "run", "--quiet", "--from", str(wheel), *words]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False, timeout=280)


def test_a_stranger_can_check_a_document_with_the_wheel_alone(uv: str, wheel: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE.parent, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    before = {*tmp_path.rglob("*")}  # with the files that it names
    done = run(uv, wheel, tmp_path, "tocsin", "check", "RUNBOOK.md")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "RUNBOOK.md: 0 errors, 0 warnings, 0 notes; 100.0% of its lines are understood\n"
    assert {*tmp_path.rglob("*")} == before


@pytest.mark.parametrize("command", [name for name in DOCUMENT_COMMANDS if name in COMMANDS])
def test_commands_about_documents_import_nothing_of_a_server(
    command: str, uv: str, wheel: Path, tmp_path: Path
) -> None:
    alone = str(shutil.copy(EXAMPLE, tmp_path))  # no configuration beside it, whose probes would be read
    words = [word.replace(str(EXAMPLE), alone) for word in DOCUMENT_COMMANDS[command]]
    done = run(uv, wheel, tmp_path, "python", "-X", "importtime", "-m", "tocsin", *words)
    assert done.returncode == 0, done.stderr[-2000:]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "tocsin" in imported
    assert imported & server_modules() == set()
    assert "tests" not in imported


def test_the_wheel_brings_what_the_server_shows_and_keeps(uv: str, wheel: Path, tmp_path: Path) -> None:
    code = (
        "from tocsin.store.schema import newest; from tocsin.web.rendering import environment, static_files; "
        "print(newest('sqlite') == newest('postgresql') > 4, 'tocsin.css' in static_files(), "
        "len(environment().list_templates()) > 20)"
    )
    done = run(uv, wheel, tmp_path, "python", "-c", code)
    assert done.stdout == "True True True\n", done.stderr
