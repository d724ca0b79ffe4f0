"""What `tocsin check --config` asks of the world: a real PostgreSQL, real HTTP servers, the path of this machine."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.postgres_server import Server

SHARED = Path(os.environ.get("TOCSIN_SHARED", Path(__file__).parents[4] / "shared"))
SEED = SHARED / "seed/incident-response-runbook.md"


class Checker:
    """A runbook and its configuration in a folder, checked by the program itself."""

    def __init__(self, folder: Path) -> None:
        self.runbook, self.config = folder / "RUNBOOK.md", folder / "tocsin.toml"

    def write(self, commands: str, configuration: str = "", *, language: str = "bash", rest: str = "") -> None:
        text = f"## Kiln cold (P1)\n\n**Diagnosis**:\n\n```{language}\n{commands}\n```\n{rest}"
        self.runbook.write_text(text, "utf-8")
        self.config.write_text(configuration, "utf-8")

    def found(self, *codes: str, environment: dict[str, str] | None = None) -> list[tuple[str, int, str]]:
        words = [sys.executable, "-m", "tocsin", "check", str(self.runbook), "--config", str(self.config)]
        done = subprocess.run(
            [*words, "--format", "json"], env={**os.environ, **(environment or {})},
            capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        return [(f["code"], f["line"], f["message"]) for f in json.loads(done.stdout)["findings"] if f["code"] in codes]


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    return Checker(tmp_path)


# -- the database

ON_KILN = '[targets.local.environment]\nKILN_URL = { env = "KILN_URL" }\n'


@pytest.fixture
def kiln(postgres: Server) -> Iterator[str]:
    url = postgres.empty()
    postgres.say('CREATE TABLE burn (id int, hot bool); CREATE TABLE "Glaze" (id int)', url.rpartition("/")[2])
    yield url
    postgres.drop(url)


def test_a_column_that_is_not_there_is_an_error_on_the_line_of_its_query(checker: Checker, kiln: str) -> None:
    checker.write(
        'psql "$KILN_URL" -X -c "SELECT id FROM burn"\npsql "$KILN_URL" -X -c "\n  SELECT id, colour\n  FROM burn;\n"',
        ON_KILN,
    )
    [(code, line, message)] = checker.found("RB150", "RB004", environment={"KILN_URL": kiln})
    assert (code, line) == ("RB150", 8)
    assert 'column "colour" does not exist' in message


def test_a_table_that_is_not_there_is_an_error_in_an_sql_block_too(checker: Checker, kiln: str) -> None:
    checker.write("SELECT count(*) FROM pots;", ON_KILN, language="sql")
    [(_, line, message)] = checker.found("RB150", "RB004", environment={"KILN_URL": kiln})
    assert line == 6
    assert 'relation "pots" does not exist' in message


def test_a_name_without_quotes_is_an_error_only_where_a_table_has_capitals(
    checker: Checker, kiln: str, postgres: Server
) -> None:
    checker.write('psql "$KILN_URL" -X -c "SELECT pg_table_size(schemaname||\'.\'||tablename) FROM pg_tables"', ON_KILN)
    [(_, line, message)] = checker.found("RB150", environment={"KILN_URL": kiln})
    assert line == 6
    assert '"public.Glaze"' in message
    postgres.say('DROP TABLE "Glaze"', kiln.rpartition("/")[2])
    assert checker.found("RB150", environment={"KILN_URL": kiln}) == []


def test_nothing_is_run_for_it(checker: Checker, kiln: str, postgres: Server) -> None:
    checker.write('psql "$KILN_URL" -X -c "DELETE FROM burn"', ON_KILN)
    postgres.say("INSERT INTO burn VALUES (1, true)", kiln.rpartition("/")[2])
    assert checker.found("RB150", environment={"KILN_URL": kiln}) == []
    postgres.say("DO $$ BEGIN ASSERT (SELECT count(*) = 1 FROM burn); END $$", kiln.rpartition("/")[2])


def test_a_database_that_is_not_there_is_a_note_and_no_failure(checker: Checker) -> None:
    checker.write('psql "$KILN_URL" -X -c "SELECT 1"', ON_KILN)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"postgresql://kiln:hunter2@127.0.0.1:{bound.getsockname()[1]}/kiln"
        [(code, line, message)] = checker.found("RB004", "RB150", environment={"KILN_URL": url})
    assert (code, line) == ("RB004", 6)
    assert "could not be asked" in message
    assert "hunter2" not in message


def test_a_variable_that_the_configuration_does_not_fill_is_a_note(checker: Checker) -> None:
    checker.write('psql "$OTHER_URL" -X -c "SELECT 1"', ON_KILN)
    [(_, _, message)] = checker.found("RB004", environment={"KILN_URL": "postgresql://127.0.0.1:1/x"})
    assert "$OTHER_URL is no variable that the configuration fills" in message


@pytest.mark.skipif(not SEED.is_file(), reason=f"{SEED} is not there; set TOCSIN_SHARED to its folder")
def test_the_two_broken_queries_of_the_first_runbook_are_found(checker: Checker, postgres: Server) -> None:
    url = postgres.empty()
    postgres.say('CREATE TABLE "Intent" ("senderAddress" text)', url.rpartition("/")[2])
    checker.runbook = SEED
    checker.config.write_text('[targets.local.environment]\nDATABASE_URL = { env = "SEED_URL" }\n')
    found = checker.found("RB150", "RB004", environment={"SEED_URL": url})
    postgres.drop(url)
    assert [(code, line) for code, line, _ in found] == [("RB150", 152), ("RB150", 160)]
    assert '"public.Intent"' in found[0][2]
    assert 'column "tablename" does not exist' in found[1][2]


# -- addresses


class _Answers(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        status = int(self.path.strip("/").split("/")[0])
        self.send_response(status)
        if status == 302:
            self.send_header("location", "/200/behind")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A web server that answers with the status its path begins with, and what it was asked."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    asked: list[str] = []
    server.asked = asked  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_addresses_that_answer_are_well_also_when_they_want_credentials(
    checker: Checker, web: tuple[str, list[str]]
) -> None:
    address, asked = web
    checker.write("\n".join(f"curl -fsS -m 5 {address}/{status}/x" for status in (200, 401, 405, 302)))
    assert checker.found("RB132") == []
    assert sorted(asked) == ["/200/x", "/302/x", "/401/x", "/405/x"], "no redirection is followed"


def test_addresses_that_are_gone_broken_or_silent_are_warnings(checker: Checker, web: tuple[str, list[str]]) -> None:
    address, _ = web
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        contacts = f"\n## Contacts\n\n- Dashboard: {address}/410/board\n"
        checker.write(f"curl -fsS -m 5 {address}/404/x\ncurl -fsS -m 5 {address}/503/x\ncurl -fsS -m 5 {silent}",
                      rest=contacts)  # fmt: skip
        found = checker.found("RB132")
    assert [line for _, line, _ in found] == [6, 7, 8, 13]
    assert ["404" in found[0][2], "503" in found[1][2], "does not answer" in found[2][2], "410" in found[3][2]] == [
        True
    ] * 4


def test_an_address_where_clouds_keep_credentials_is_never_asked(checker: Checker) -> None:
    checker.write("curl -fsS -m 5 http://169.254.169.254/latest/meta-data/")
    [(_, _, message)] = checker.found("RB132")
    assert "never asked" in message


# -- this machine and its people


def test_a_program_that_is_not_installed_is_a_warning(checker: Checker) -> None:
    checker.write("kilnctl-that-nobody-has status\nls -l")
    [(_, line, message)] = checker.found("RB112")
    assert line == 6
    assert "`kilnctl-that-nobody-has`" in message


def test_an_absolute_file_is_looked_for_on_this_machine(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "there.sh").touch()
    checker.write(f"bash {tmp_path}/there.sh\nbash {tmp_path}/gone.sh")
    [(_, line, _)] = checker.found("RB111")
    assert line == 7


def test_a_role_that_the_configuration_gives_to_nobody_is_a_warning(checker: Checker) -> None:
    rest = "\n**Escalation**: not resolved in 20 min → Fire warden\n\n## Contacts\n\n- Fire warden: fire@kiln.example\n"
    checker.write("uptime", '[people.ann]\n[roles]\nL1 = ["ann"]\n', rest=rest)
    [(_, line, message)] = checker.found("RB208")
    assert line == 9
    assert "the configuration names nobody" in message
    checker.write("uptime", '[people.ann]\n[roles]\n"Fire warden" = ["ann"]\n', rest=rest)
    assert checker.found("RB208") == []
