"""Every rewrite is run with the real program: it ends, it says something of use, and it shows no secret."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from integration.guard.programs import SERVICE, Machine, Web
from integration.postgres_server import Server
from tocsin.guard.rewrites import Context, edited, one_restart, rewrite
from tocsin.runner.addresses import without_password
from tocsin.runner.command import Command
from tocsin.runner.local import run

ABSENT = Context(absent=frozenset({"netstat"}))


async def hangs(here: Machine, text: str) -> bool:
    """Tell whether a text as its author wrote it is still running after two seconds."""
    outcome = await run(Command(text=text, environment=here.environment, timeout=timedelta(seconds=2),
                                directory=str(here.home)))  # fmt: skip
    return outcome.how == "timed-out"


# -- pm2


async def test_pm2_logs_ends_and_shows_both_streams(here: Machine) -> None:
    assert await hangs(here, f"pm2 logs {SERVICE}")
    outcome = await here.run(rewrite(f"pm2 logs {SERVICE}").text)
    assert (outcome.how, outcome.exit) == ("ended", 0)
    assert "POST /api/v1/intents" in outcome.out
    assert "could not reserve" in outcome.out


async def test_pm2_logs_into_a_pipe_gives_the_pipe_its_lines(here: Machine) -> None:
    text = f"pm2 logs {SERVICE} | grep -oP '\\d+\\.\\d+\\.\\d+\\.\\d+' | sort | uniq -c | sort -nr | head -10"
    assert await hangs(here, text)
    outcome = await here.run(rewrite(text).text)
    assert outcome.how == "ended"
    assert "203.0.113." in outcome.out


async def test_pm2_logs_keeps_the_number_of_lines_that_was_asked_for(here: Machine) -> None:
    outcome = await here.run(rewrite(f"pm2 logs {SERVICE} --err --lines 3").text)
    assert outcome.out.count("could not reserve") == 3


@pytest.mark.parametrize("absent", [frozenset[str](), frozenset({"jq"})], ids=["with jq", "without jq"])
async def test_pm2_monit_becomes_a_list_without_the_environment(here: Machine, absent: frozenset[str]) -> None:
    rewriting = rewrite("pm2 monit", Context(absent=absent))
    outcome = await here.run(rewriting.text, {"API_SECRET": "hunter-2-secret"})
    assert (outcome.how, outcome.exit) == ("ended", 0), outcome.err
    assert SERVICE in outcome.out
    assert "online" in outcome.out
    assert "PATH" not in outcome.out
    assert str(here.home) not in outcome.out
    assert "hunter" not in outcome.out
    assert outcome.redactions == 0


async def test_pm2_describe_leaves_the_environment_out(here: Machine) -> None:
    outcome = await here.run(rewrite(f"pm2 describe {SERVICE}").text)
    assert outcome.exit == 0
    assert "restarts" in outcome.out
    assert "Divergent" not in outcome.out


async def test_a_deleted_process_cannot_be_started_and_one_restart_does_what_was_meant(here: Machine) -> None:
    here.started("spare")
    text = "pm2 delete spare\npm2 start spare --max-memory-restart 300M"
    edit = one_restart(text)
    assert edit
    mended = edited(text, [edit])
    assert mended == "pm2 restart spare --max-memory-restart 300M"
    assert (await here.run(mended)).exit == 0
    kept = next(app for app in json.loads(here.say("pm2", "jlist")) if app["name"] == "spare")
    assert kept["pm2_env"]["status"] == "online"
    assert kept["pm2_env"]["max_memory_restart"] == 300 * 1024 * 1024
    assert (await here.run(text)).exit == 1, "as written, the service is gone afterwards"
    assert "spare" not in here.say("pm2", "list")


# -- logs and the machine


@pytest.mark.parametrize("text", ["tail -f app.log", "tail -F app.log", "tail -fn 5 app.log", "tail -5f app.log",
                                  "tail --follow=name --retry app.log", "tail -n 5 -f app.log | cat"])  # fmt: skip
async def test_tail_ends_with_the_last_lines(here: Machine, text: str) -> None:
    (here.home / "app.log").write_text("".join(f"line {n}\n" for n in range(1000)))
    assert await hangs(here, text)
    outcome = await here.run(rewrite(text).text)
    assert (outcome.how, outcome.exit) == ("ended", 0)
    assert outcome.out.endswith("line 999\n")
    assert outcome.out.count("\n") == (5 if "5" in text else 200)


@pytest.mark.parametrize("text", ["top", "top -o %MEM", "top -n 1", "top -b", "top | head -20"])
async def test_top_looks_once(here: Machine, text: str) -> None:
    outcome = await here.run(rewrite(text).text)
    assert outcome.how == "ended"
    assert "load average" in outcome.out


async def test_ss_shows_what_netstat_would_have(here: Machine) -> None:
    for written, means in (("netstat -tulpn", "ss -tulpn"), ("netstat --tcp --listening --programs -n", "")):
        rewriting = rewrite(written, ABSENT)
        assert not means or rewriting.text == means
        outcome = await here.run(rewriting.text)
        assert outcome.exit == 0, outcome.err
        assert "LISTEN" in outcome.out
    assert rewrite("netstat -tulpn").text == "netstat -tulpn"
    assert rewrite("netstat -r", ABSENT).text == "netstat -r"
    assert rewrite("netstat -tulpn", Context(absent=frozenset({"netstat", "ss"}))).text == "netstat -tulpn"


@pytest.mark.parametrize("text", ["systemctl status", "journalctl -u ssh", "journalctl -fu ssh", "journalctl -k"])
async def test_the_programs_of_systemd_know_the_options_they_are_given(here: Machine, text: str) -> None:
    rewriting = rewrite(text)
    assert "--no-pager" in rewriting.text
    outcome = await here.run(rewriting.text)
    assert outcome.how == "ended"
    assert "unrecognized" not in outcome.err
    assert "invalid option" not in outcome.err


async def test_the_environment_is_told_by_name_and_never_by_value(here: Machine) -> None:
    secrets = {"DATABASE_URL": "postgres://app:hunter-2@db/prod", "JWT_SECRET": "hunter-3\nJWT_SECRET again=hunter-4"}
    for text in ("env | grep -E 'DATABASE_URL|JWT_SECRET|ENCRYPTION_KEY'", "printenv | grep -E 'DATABASE|JWT'", "env"):
        outcome = await here.run(rewrite(text).text, secrets)
        assert outcome.exit == 0
        assert "DATABASE_URL is set\n" in outcome.out
        assert "JWT_SECRET is set\n" in outcome.out
        assert "hunter" not in outcome.out
        assert "ENCRYPTION_KEY" not in outcome.out
        assert outcome.redactions == 0


# -- code and the web


@pytest.fixture
def repository(here: Machine) -> Path:
    """A repository whose settings start programs wherever git lets them."""
    folder = here.home / "repository"
    if not folder.exists():
        folder.mkdir()
        git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org")
        here.say("git", "init", "-q", str(folder))
        for n in range(30):
            (folder / "a.txt").write_text(f"{n}\n" * 50)
            here.say(*git, "add", "-A")
            here.say(*git, "commit", "-q", "-m", f"change {n}")
        for key in ("core.pager", "diff.external", "pager.log"):
            here.say("git", "-C", str(folder), "config", key, f"touch {here.home}/started-by-git; sleep 60")
    return folder


@pytest.mark.parametrize("text", ["git log -10 --oneline", "git log --since='1 hour ago'", "git show HEAD",
                                  "git log -p -3", "git diff HEAD~3", "git log | less", "git branch -a"])  # fmt: skip
async def test_git_starts_no_pager_and_no_program_of_the_repository(here: Machine, repository: Path, text: str) -> None:
    here.directory = repository
    try:
        outcome = await here.run(rewrite(text).text, {"GIT_PAGER": "less", "PAGER": "less"})
    finally:
        here.directory = here.home
    assert (outcome.how, outcome.exit) == ("ended", 0), outcome.err
    assert outcome.out
    assert not (here.home / "started-by-git").exists()


async def test_curl_shows_an_answer_and_gives_up_where_there_is_none(here: Machine, web: Web) -> None:
    good = await here.run(rewrite("curl -s https://api.example.org/health | jq .status").text, web.environment)
    assert (good.exit, good.out) == (0, '"ok"\n')
    written = await here.run("curl -s https://api.example.org/broken", web.environment)
    assert written.exit == 0, "as written, a failing server looks like a healthy one"
    bad = await here.run(rewrite("curl -s https://api.example.org/broken").text, web.environment)
    assert bad.exit == 22
    assert "pool exhausted" in bad.out
    assert "500" in bad.err
    silent = rewrite("curl -s -m 1 https://api.example.org/silent").text
    assert "--max-time" not in silent
    assert (await here.run(silent, web.environment)).exit == 28
    assert "--max-time 10" in rewrite("curl -s https://api.example.org/silent").text


async def test_a_format_that_stands_in_a_comment_is_laid_out(
    here: Machine, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # others lay out files of that name too
    text = 'curl -w "@timing.txt" -o /dev/null -s https://api.example.org/health'
    known = Context(files=(("timing.txt", "total: %{time_total}s, status: %{response_code}\n"),))
    rewriting = rewrite(text, known)
    assert rewriting.files == known.files
    assert 'curl --fail-with-body --show-error --max-time 10 -w "@timing.txt"' in rewriting.text
    outcome = await here.run(rewriting.text, web.environment, dict(rewriting.files))
    assert outcome.exit == 0, outcome.err
    assert re.fullmatch(r"total: \d+\.\d+s, status: 200", outcome.out), "curl leaves out the end of a line"
    inlined = await here.run(rewriting.judged, web.environment)
    assert inlined.out.endswith("status: 200\n"), "what the judge reads does the same"
    assert not (here.home / "timing.txt").exists()
    assert not list(here.laid_out("timing.txt"))


async def test_a_file_of_a_step_stays_within_its_folder(here: Machine) -> None:
    for name in ("../outside.txt", "/tmp/tocsin-outside.txt", "a/../../outside.txt"):  # noqa: S108
        outcome = await here.run("true", files={name: "x"})
        assert outcome.how == "not-started", name
    outcome = await here.run("cat a/b.txt", files={"a/b.txt": "x"})
    assert outcome.out == "x"


# -- databases


def arguments() -> Iterator[bytes]:
    """The arguments of every process, as any user of the machine can read them."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes()


async def asked(
    here: Machine, postgres: Server, address: str, text: str, quoted: frozenset[str] = frozenset()
) -> tuple[str, str, int | None]:
    """Run a rewritten query as the engine does: the password beside the address."""
    rewriting = rewrite(text, Context(quoted=quoted))
    assert rewriting.connects == ("DATABASE_URL",)
    bare, password = without_password(address)
    assert password == "p@ss word"
    more = {**dict(rewriting.environment), "DATABASE_URL": bare, "PGPASSWORD": password}
    path = f"{postgres.tools}:{here.environment['PATH']}"
    outcome = await here.run(rewriting.text, {"PATH": path, **more})
    return outcome.out, outcome.err, outcome.exit


async def test_a_query_reaches_the_database_with_its_password(here: Machine, postgres: Server, address: str) -> None:
    out, err, code = await asked(
        here, postgres, address, 'psql $DATABASE_URL -c "SELECT count(*) FROM pg_stat_activity;"'
    )
    assert code == 0, err
    assert "(1 row)" in out


async def test_no_password_is_among_the_arguments(here: Machine, postgres: Server, address: str) -> None:
    text = 'psql $DATABASE_URL -c "SELECT pg_advisory_lock(4711)"'
    seen: set[bytes] = set()
    holder = await asyncpg.connect(without_password(address)[0], password="p@ss word")
    await holder.execute("SELECT pg_advisory_lock(4711)")  # it waits until it was seen
    asking = asyncio.create_task(asked(here, postgres, address, text))
    while not (asking.done() or any(words.startswith(b"psql") for words in seen)):
        seen.update(words for words in arguments() if b"pg_advisory_lock(4711)" in words)
        await asyncio.sleep(0.02)
    await holder.close()
    _, err, code = await asking
    assert code == 0, err
    assert any(words.startswith(b"psql") for words in seen)
    assert not [words for words in seen if b"p%40ss" in words or b"p@ss" in words]


async def test_a_query_changes_nothing_waits_for_nothing_and_reads_no_settings_of_a_user(
    here: Machine, postgres: Server, address: str
) -> None:
    (here.home / ".psqlrc").write_text("\\! touch started-by-psqlrc\n")
    for text, trouble in (
        ("INSERT INTO accounts (name) VALUES ('three')", "permission denied|read-only"),
        ("CREATE TABLE public.x ()", "permission denied|read-only"),
        ("SELECT pg_sleep(20)", "statement timeout"),
    ):
        _, err, code = await asked(here, postgres, address, f'psql "$DATABASE_URL" -c "{text}"')
        assert code == 1
        assert any(part in err for part in trouble.split("|")), err
    assert not (here.home / "started-by-psqlrc").exists()


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("SELECT schemaname, tablename, indexname, idx_scan FROM pg_stat_user_indexes ORDER BY 4", "Intent_pkey"),
        ("SELECT i.tablename, s.n_live_tup FROM pg_stat_user_indexes i JOIN pg_stat_user_tables s USING (relid)", "In"),
        ("SELECT pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) FROM pg_tables LIMIT 3", "kB"),
        ("SELECT (schemaname || '.' || relname)::regclass FROM pg_stat_user_tables", '\\"Intent\\"'),
        ("SELECT procpid, dbname FROM pg_stat_activity WHERE client_address IS NOT NULL", "row"),
        ("SELECT max(senderAddress) FROM Intent WHERE status = 'open'", "a99"),
        ("SELECT Intent.status, count(*) FROM Intent WHERE createdAt > now() - interval '1 hour' GROUP BY 1", "500"),
        ("SELECT pg_xlog_location_diff(pg_current_xlog_location(), '0/0') > 0 AS moved", "t"),
    ],
)  # fmt: skip
async def test_names_that_postgresql_does_not_find_are_put_right(
    here: Machine, postgres: Server, address: str, query: str, shows: str
) -> None:
    path = f"{postgres.tools}:{here.environment['PATH']}"
    written = await here.run(f'psql -X "$DATABASE_URL" -c "{query}"', {"PATH": path, "DATABASE_URL": address})
    assert written.exit == 1, "as written, PostgreSQL refuses it"
    known = frozenset({"Intent", "senderAddress", "createdAt"})
    out, err, code = await asked(here, postgres, address, f'psql $DATABASE_URL -c "{query}"', quoted=known)
    assert code == 0, err
    assert shows.replace("\\", "") in out


async def test_kubectl_and_docker_know_the_options_they_are_given(here: Machine) -> None:
    """No cluster is here, so only what the programs say of their options is looked at."""
    for text in ("kubectl logs -f deploy/api -n prod", "kubectl logs -fc app api-1", "kubectl get pods -w",
                 "docker logs -f api", "docker logs --follow --tail 5 api", "docker stats"):  # fmt: skip
        new = rewrite(text).text
        assert " -f" not in new
        assert "follow" not in new
        outcome = await here.run(new, {"KUBECONFIG": "/nonexistent", "DOCKER_HOST": "unix:///nonexistent"})
        assert outcome.how == "ended", new
        assert "unknown" not in outcome.err, outcome.err
        assert "parse" not in outcome.err, outcome.err


def test_every_rewrite_is_found_once_and_leaves_nothing_to_do() -> None:
    texts = [
        "pm2 logs a", "pm2 monit", "top", "tail -f a", "kubectl logs -f a", "docker compose logs -f a",
        "journalctl -fu a",
        "git show a", "curl -s https://a.io", "psql $A -c 'SELECT 1'", "env | grep A", "pm2 describe a",
        "git log | less", "netstat -tulpn", 'psql $A -c "SELECT tablename FROM pg_stat_user_tables"',
    ]  # fmt: skip
    for text in texts:
        once = rewrite(text, ABSENT)
        assert once.text != text
        assert once.says
        assert rewrite(once.text, ABSENT).text == once.text, text


def test_a_text_that_is_not_read_with_certainty_stays_as_it_is() -> None:
    for text in ("tail -f $(ls)", "for f in a; do tail -f $f; done", "tail -f a > b", "'tail' -f a", "tail -f a &"):
        assert rewrite(text).text == text


def test_the_programs_are_those_that_are_spoken_of(here: Machine) -> None:
    assert here.say("pm2", "--version").strip().splitlines()[-1].startswith("7.")
    assert subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout
    assert os.access(here.home, os.W_OK)
