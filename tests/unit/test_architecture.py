"""The promises the source makes about its own shape."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tocsin"
FILES = sorted(SOURCE.rglob("*.py"))
NAMES = [path.relative_to(SOURCE).as_posix() for path in FILES]

STAGES = (
    *("guard", "runbook", "detection", "triage", "grouping", "incident"),
    *("escalation", "response", "communication", "review"),
)
DECIDING = ("lifecycle.py", "answers.py", "explanation", "provisioning", *STAGES)
PURE = {
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "base64",
    "binascii",
    "bisect",
    "struct",
    "difflib",  # versions of a document are compared
    "hashlib",
    "json",
    "itertools",
    "jinja2",
    "math",  # triage weighs words
    "msgspec",
    "operator",
    "re",
    "typing",
    "unicodedata",  # alerts come in every script
    "zoneinfo",
}
PARSERS = {"ftfy", "markdown_it", "sqlglot", "tree_sitter", "tree_sitter_bash"}
READING = ("guard/", "runbook/")
"""Only these folders import the parsers."""

BELOW = {"cron", "errors", "explanation", "identity", "provisioning", "settings", "lifecycle", *STAGES}
"""Our own folders the deciding half may look at; which of them looks at which is a contract of its own."""

SHIPPED = {"guard/shipped.py", "triage/learned/likeness.py"}
"""These read data of the package, once, like its code."""

TOO_VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "service", "utils", "util"}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_LIFECYCLE = 600, 60, 310


def deciding(name: str) -> bool:
    """Give whether that file is in the deciding half."""
    return name.split("/", maxsplit=1)[0] in DECIDING


def imported(tree: ast.AST) -> Iterator[str]:
    """Give every module a file imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            yield node.module or ""
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
            yield "__import__"


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Give every function with its number of lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def read(name: str) -> ast.Module:
    """Give the syntax of a file."""
    return ast.parse((SOURCE / name).read_text("utf-8"))


@pytest.mark.parametrize("name", [name for name in NAMES if deciding(name)])
def test_the_deciding_half_reads_no_world(name: str) -> None:
    allowed = (
        PURE
        | ({"importlib"} if name in SHIPPED else set())
        | ({"jmespath"} if name == "detection/custom.py" else set())  # the mapping of any JSON is a language of its own
        | ({"email", "html"} if name == "detection/mail.py" else set())
        | (PARSERS if name.startswith(READING) else set())
    )
    for module in imported(read(name)):
        first, _, rest = module.partition(".")
        if first == "tocsin":
            assert rest.partition(".")[0] in BELOW, f"{name} imports {module}"
        else:
            assert first in allowed, f"{name} imports {module}, which a decision has no use for"


@pytest.mark.parametrize("name", [name for name in NAMES if deciding(name)])
def test_the_deciding_half_reads_no_clock_and_no_file(name: str) -> None:
    for node in ast.walk(read(name)):
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            assert called not in {"open", "print", "input", "eval", "exec"}, f"{name} calls {called}()"
            asked = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            assert asked not in {"now", "utcnow", "today"}, f"{name} asks for {asked}()"


def test_no_file_is_too_long_to_be_read() -> None:
    lengths = {name: len((SOURCE / name).read_text("utf-8").splitlines()) for name in NAMES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}
    assert lengths["lifecycle.py"] < LONGEST_LIFECYCLE


def test_no_function_is_too_long_to_be_understood() -> None:
    long = [
        f"{name}: {function} has {lines} lines"
        for name in NAMES
        for function, lines in functions(read(name))
        if lines > LONGEST_FUNCTION
    ]
    assert long == []


def test_nine_of_ten_functions_fit_half_a_page() -> None:
    lines = sorted(length for name in NAMES for _, length in functions(read(name)))
    assert lines[len(lines) // 2] <= 10
    assert lines[len(lines) * 9 // 10] <= 32


def test_every_file_is_named_for_what_is_in_it() -> None:
    assert [name for name in NAMES if TOO_VAGUE & set(Path(name).with_suffix("").parts)] == []


def test_every_file_says_what_it_is() -> None:
    for name in NAMES:
        assert ast.get_docstring(read(name)), f"{name} does not say what it is"
    folders = {path.parent for path in FILES}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_only_the_clock_reads_the_time() -> None:
    for name in NAMES:
        if name != "clock.py":
            text = (SOURCE / name).read_text("utf-8")
            assert "datetime.now(" not in text, name
            assert "time.time(" not in text, name


def test_nothing_in_the_tests_is_patched() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__).resolve()]
    assert [path for path in tests if "unittest.mock" in path.read_text("utf-8")] == []


def test_the_layers_import_only_what_is_below_them() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout
