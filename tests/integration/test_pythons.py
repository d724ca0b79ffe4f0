"""Which Python the clone is installed with. The interpreters are programs that answer as a Python would."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import pythons

SCRIPT = Path(pythons.__file__)
Put = Callable[[str, str, str], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Put a program into a folder of its own, under a name; it answers with a version and the seconds of its trial."""

    def there(folder: str, name: str, answer: str) -> Path:
        program = tmp_path / folder / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{answer} $0"\n')
        program.chmod(0o755)
        return program

    return there


def _chosen(*folders: Path) -> str:
    path = ":".join(map(str, folders))
    done = subprocess.run([sys.executable, SCRIPT], env={"PATH": path}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("first", "second", "is_first"),
    [("0.0124", "0.0094", False), ("0.0095", "0.0094", True), ("0.0094", "0.0124", True)],
    ids=["a third more", "about as fast", "faster"],
)
def test_of_one_version_the_first_is_chosen_unless_the_other_is_a_good_deal_faster(
    put: Put, first: str, second: str, is_first: bool
) -> None:
    own, system = put("own", "python3.11", f"3 11 {first}"), put("system", "python3.11", f"3 11 {second}")
    assert _chosen(own.parent, system.parent) == str(own if is_first else system)


def test_of_those_that_are_about_as_fast_the_newest_is_chosen(put: Put) -> None:
    put("own", "python3.12", "3 12 0.0094")
    newest = put("own", "python3.13", "3 13 0.0099")
    assert _chosen(newest.parent) == str(newest)


def test_one_that_is_too_old_is_not_chosen_however_fast(put: Put) -> None:
    put("own", "python3", "3 10 0.0001")
    new = put("own", "python3.11", "3 11 0.0094")
    assert _chosen(new.parent) == str(new)


@pytest.mark.parametrize("answer", ["pyenv: command not found", "", "3 eleven fast"])
def test_what_is_no_python_is_passed_over(put: Put, answer: str) -> None:
    broken, new = put("shims", "python3.13", answer), put("system", "python3.11", "3 11 0.0094")
    assert _chosen(broken.parent, new.parent) == str(new)


def test_without_any_on_the_path_it_is_the_one_that_asks(tmp_path: Path) -> None:
    assert _chosen(tmp_path) == sys.executable


def test_this_python_is_tried_and_knows_itself() -> None:
    (tried,) = pythons.installed(str(Path(sys.executable).parent))
    assert tried.version == sys.version_info[:2]
    assert 0 < tried.seconds < 10
