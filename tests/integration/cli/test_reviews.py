"""`tocsin review` and `tocsin actions`, as a person types them before a real server."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conftest import PLAIN_HTTP
from integration.servers import EXAMPLE, TEAM, Program

Ran = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One running server for all tests of this file."""
    program = Program(tmp_path_factory.mktemp("program"))
    config = program.home / "tocsin.toml"
    config.write_text(TEAM)
    yield program.serve(EXAMPLE, "--config", config)
    program.stop()


def done(ran: Ran) -> str:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def declared(served: Program) -> str:
    """A new open incident."""
    ran = served.run("trigger", "--summary", "Orders are slow", "--severity", "P1", "--format", "json")
    number: str = json.loads(done(ran))["id"]
    return number


@pytest.fixture(scope="module")
def over(served: Program) -> str:
    """A resolved incident whose review has two action items, one of them done."""
    number = declared(served)
    done(served.run("ack", number))
    done(served.run("resolve", number, "--why", "rollback helped"))
    token = done(served.run("token", "mira")).strip()
    with httpx.Client(
        base_url=served.url, headers={"Authorization": f"Bearer {token}"}, timeout=60, verify=PLAIN_HTTP
    ) as client:
        path = f"/api/v1/reviews/{number}"
        asked: list[tuple[str, dict[str, Any]]] = [
            ("parts/why-it-happened", {"text": "A leak in the pool."}),
            ("actions", {"text": "Show pool use", "owner": "mira", "due": "2020-01-01"}),
            ("actions", {"text": "Close connections"}),
            (f"actions/{number}-A2", {"done": True}),
        ]
        for where, body in asked:
            assert client.post(f"{path}/{where}", json=body).status_code == 200
    return number


def test_a_review_is_printed_as_markdown(served: Program, over: str) -> None:
    shown = done(served.run("review", over))
    assert shown.startswith(f"# Review of {over}\n\n## What happened\n\n<ask: ")
    assert "## Why it happened\n\nA leak in the pool.\n" in shown
    assert "- [ ] Show pool use (@mira, 2020-01-01)\n- [x] Close connections\n" in shown
    assert "rollback helped" in shown


def test_a_review_is_written_to_a_file(served: Program, over: str) -> None:
    path = served.home / "review.md"
    said = done(served.run("review", over, "--export", str(path)))
    assert said == f"{path}: 3 parts written, 2 still asked for\n"

    def alike() -> bool:  # good news may still be on its way, and is told in it
        done(served.run("review", over, "--export", str(path)))
        return path.read_text() == done(served.run("review", over))

    assert served.until(alike)


def test_a_file_that_cannot_be_written_is_said_in_one_line(served: Program, over: str) -> None:
    ran = served.run("review", over, "--export", str(served.home))
    assert ran.returncode == 2
    assert ran.stderr == f"tocsin: cannot write {served.home}: Is a directory\n"


def test_a_review_as_json_has_its_parts(served: Program, over: str) -> None:
    found = json.loads(done(served.run("review", over, "--format", "json")))
    assert (found["incident"], found["parts_written"], found["parts_to_write"]) == (over, 3, 5)
    assert {part["state"] for part in found["parts"]} == {"bare", "filled", "written", "asked"}


def test_before_the_end_there_is_none(served: Program) -> None:
    number = declared(served)
    ran = served.run("review", number)
    assert ran.returncode == 1
    assert ran.stderr == f"tocsin: {number} is not resolved; its review begins when it is\n"
    assert served.run("review", "INC-1999-0001").returncode == 1


def test_action_items_are_listed_with_owner_and_day(served: Program, over: str) -> None:
    rows = [line.split("  ") for line in done(served.run("actions")).splitlines()]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        [f"{over}-A1", "late", "2020-01-01", "mira", "Show pool use"],
        [f"{over}-A2", "done", "-", "nobody", "Close connections"],
    ]


def test_open_ones_are_listed_alone(served: Program, over: str) -> None:
    assert done(served.run("actions", "--open")).count("\n") == 1
    found = json.loads(done(served.run("actions", "--open", "--format", "json")))
    assert [one["id"] for one in found["actions"]] == [f"{over}-A1"]


@pytest.mark.parametrize("command", [("review", "INC-2026-0001"), ("actions",)])
def test_without_a_server_it_says_so(served: Program, command: tuple[str, ...]) -> None:
    ran = served.run(*command, TOCSIN_URL="http://127.0.0.1:9")
    assert ran.returncode == 3
    assert ran.stderr.startswith("tocsin: no Tocsin answers at http://127.0.0.1:9")
