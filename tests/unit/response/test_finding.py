"""One phrase says what was found; red and green only where the output is really understood."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SHARED
from tocsin.response.finding import finding
from tocsin.response.printed import Found
from tocsin.response.redaction import plain
from tocsin.runbook.policy import Step

STEP = Step(id="s", title="s", kind="command", executable=True, line=1, end_line=1)
HEAP = "1|crasher | FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
PM2 = "pm2 logs sequencer --nostream --lines 200"


class Ran(msgspec.Struct, frozen=True):
    out: str = ""
    err: str = ""
    exit: int | None = 0
    how: str = "ended"


def found(effective: str, out: str = "", err: str = "", exit_code: int | None = 0, how: str = "ended") -> Found:
    return finding(STEP, effective, Ran(out, err, exit_code, how))


def payload(name: str) -> str:
    path = SHARED / "payloads" / name
    if not path.is_file():
        pytest.skip(f"needs {path.name}, which lies beside the project and not in it")
    return plain(path.read_text())


@pytest.mark.parametrize(
    ("command", "file", "text", "verdict"),
    [
        ("pm2 status sequencer", "pm2/status.txt", "sequencer: online, 0 restarts", "good"),
        ("pm2 status crasher", "pm2/status.txt", "crasher: errored, 2 restarts", "bad"),
        ("pm2 status nosuch", "pm2/status-nosuch.txt", "nosuch: no process of that name", "bad"),
        ("pm2 status", "pm2/status.txt", "1 of 2 online: crasher errored", "bad"),
        ("pm2 list", "pm2/restart-maxmem.txt", "1 process online", "good"),
        ("pm2 list", "pm2/start-existing.txt", "1 of 2 online: crasher errored", "bad"),
        ("pm2 status x", "pm2/start.txt", "pm2 does not run for the user that this server runs as", "unknown"),
        (
            "pm2 describe sequencer | sed '/Divergent env/,$d'",
            "pm2/describe.txt",
            "sequencer: online, 0 restarts",
            "good",
        ),
        (
            PM2,
            "pm2/logs-nostream.txt",
            f"38 lines, last error: {HEAP}",
            "unknown",
        ),
    ],
)
def test_what_pm2_really_prints_is_read(command: str, file: str, text: str, verdict: str) -> None:
    got = found(command, payload(file))
    assert (got.text, got.verdict) == (text, verdict)


def test_online_for_seconds_after_many_restarts_is_not_good() -> None:
    table = payload("pm2/status.txt").replace("7s     │ 0 ", "7s     │ 16")
    assert found("pm2 status sequencer", table) == Found("sequencer: online, 16 restarts", "unknown")


@pytest.mark.parametrize(
    ("command", "out", "err", "code", "text", "verdict"),
    [
        (
            "netstat -tulpn | grep 3000",
            "tcp 0 0 0.0.0.0:3000 0.0.0.0:* LISTEN 812/node\n",
            "",
            0,
            "node listens on 3000",
            "good",
        ),
        ("netstat -tulpn | grep 3000", "tcp6 0 0 :::3000 :::* LISTEN -\n", "", 0, "something listens on 3000", "good"),
        ("netstat -tulpn | grep 3000", "", "", 1, "nothing listens on 3000", "bad"),
        (
            "netstat -tulpn | grep 3000",
            "tcp 0 0 0.0.0.0:13000 0.0.0.0:* LISTEN 3000/x\n",
            "(Not all processes could be identified, non-owned process info\n",
            0,
            "nothing listens on 3000",
            "bad",
        ),
        (
            "ss -ltnp | grep :3000",
            'tcp LISTEN 0 511 *:3000 *:* users:(("node",pid=812,fd=19))\n',
            "",
            0,
            "node listens on 3000",
            "good",
        ),
        ("ss -ltnp | grep 3000", "", "ss: something is wrong\n", 1, "no line matches; ss: something is wrong",
         "unknown"),
        ("ss -tnp | grep 3000", "", "", 1, "no line matches", "unknown"),
        (
            "psql -c 'SELECT count(*) FROM pg_stat_activity'",
            " count \n-------\n    41\n(1 row)\n\n",
            "",
            0,
            "41 connections",
            "unknown",
        ),
        ("psql -At -c 'SELECT count(*) FROM x'", "7\n", "", 0, "count: 7", "unknown"),
        ("psql -c 'SELECT pid'", " pid | query \n-----+-------\n(0 rows)\n", "", 0, "no rows", "unknown"),
        (
            "psql -c 'SELECT pid'",
            " pid  | query  | age \n-------+---------+-----\n 29779 | SELECT 1 | 00:00:07\n 2 | a | b\n(2 rows)\n",
            "",
            0,
            "2 rows: pid 29779, query SELECT 1, age 00:00:07",
            "unknown",
        ),
        (
            "psql -c 'SELECT x'",
            "",
            'ERROR:  column "tablename" does not exist\nLINE 2: x\n',
            1,
            'the query failed: column "tablename" does not exist',
            "unknown",
        ),
        (
            "psql -c 'SELECT x'",
            "",
            'psql: error: connection to server at "db", port 5432 failed: Connection refused\n',
            2,
            "the database does not answer: connection refused",
            "bad",
        ),
        ("psql -c 'SELECT x'", "", "bash: line 1: DATABASE_URL: unbound variable", 1, "`DATABASE_URL` is not set here",
         "unknown"),
        (f"{PM2} | grep heap", "", "", 1, "no line matches", "unknown"),
        (f"{PM2} | grep -i error | tail -50", "/srv/x-error.log last 200 lines:\n", "", 0, "no line matches",
         "unknown"),
        (f"{PM2} | grep -i error", "a error 1\nb error 2\n", "", 0, "2 lines match, last: b error 2", "unknown"),
        (f"{PM2} | grep x | wc -l", "12\n", "", 0, "12 lines match", "unknown"),
        (f"{PM2} | grep x | wc -l", "0\n", "", 1, "no line matches", "unknown"),
        (
            f"{PM2} | grep -oP x | sort | uniq -c | sort -nr | head -10",
            "    532 203.0.113.7\n      2 198.51.100.1\n",
            "",
            0,
            "most often: 203.0.113.7, 532 times",
            "unknown",
        ),
        (PM2, "", "bash: line 1: pm2: command not found\n", 127, "`pm2` is not installed here", "unknown"),
        (
            "ps aux | grep node",
            "app 812 1.0 node index.js\napp 900 0.0 grep node\nroot 1 bash --noprofile --norc -c x\n",
            "",
            0,
            "1 process matches node",
            "unknown",
        ),
        (
            "df -h",
            "Filesystem Size Used Avail Use% Mounted on\ntmpfs 1G 1G 0 100% /run\n/dev/vda 9G 8G 1G 83% /\n",
            "",
            0,
            "fullest disk: / at 83%",
            "unknown",
        ),
        ("df -h", "/dev/vda1 9G 8G 1G 97% /var/log\n/dev/vdb 9G 1G 8G 9% /\n", "", 0, "fullest disk: /var/log at 97%",
         "bad"),
        ("free -h", "       total used free shared buff/cache available\nMem: 23Gi 1Gi 21Gi 9Mi 1Gi 22Gi\n", "", 0,
         "22Gi of 23Gi memory available", "unknown"),
        ("uptime", " 15:19:43 up  1:17,  0 user,  load average: 5.93, 3.77, 2.83\n", "", 0, "load 5.93", "unknown"),
        ("curl -s http://a/x", '{"status": "ok"}\n', "", 0, 'answers: {"status": "ok"}', "unknown"),
        ("curl -s http://a/x", "", "", 7, "connection refused", "bad"),
        ("curl -s http://a/x", "", "", 28, "no answer in time", "bad"),
        ("curl http://a/x | jq '.errors'", "", "curl: (7) Failed to connect\n", 7, "connection refused", "bad"),
        ("curl http://a/x | jq '.errors'", "null\n", "", 0, "the answer has no such field", "unknown"),
        ("curl -f http://a/x", "", "curl: (22) The requested URL returned error: 503\n", 22, "HTTP 503", "bad"),
        ("curl -f http://a/x", "", "curl: (22) The requested URL returned error: 401\n", 22, "HTTP 401", "unknown"),
        ("curl -I http://a/x", "HTTP/1.1 200 OK\nServer: x\n", "", 0, "HTTP 200", "good"),
        ("curl -o /dev/null -w '%{http_code}' http://a/x", "502", "", 0, "HTTP 502", "bad"),
        ("git --no-pager log -2 --oneline", "abc123 Fix it\ndef456 Break it\n", "", 0,
         "2 commits, newest: abc123 Fix it",
         "unknown"),
        ("git log --since='1 hour ago'", "", "", 0, "no commits", "unknown"),
        ("systemctl --no-pager status nginx", "x\n     Active: failed (Result: exit-code) since\n", "", 3,
         "nginx: failed", "bad"),
        ("systemctl status nginx", "x\n     Active: active (running) since\n", "", 0, "nginx: active (running)",
         "good"),
        ("systemctl --no-pager show nginx -p A", "MemoryCurrent=4120000000\nMemoryMax=infinity\nNRestarts=2\n", "", 0,
         "MemoryCurrent 3.8 GiB, MemoryMax infinity, NRestarts 2", "unknown"),
        ("ss -s", "Total: 11\nTCP:   9 (estab 7, closed 2)\n", "", 0, "7 connections established", "unknown"),
        ("ps -eo pid,rss,comm --sort=-rss", "  PID RSS COMMAND\n  8 90 node\n  9 12 bash\n", "", 0,
         "2 processes, first: 8 90 node", "unknown"),
        ('psql -c "SELECT 1;"', " ?column? \n---\n 1\n(1 row)\n", "", 0, "1", "unknown"),
        ("systemctl is-active nginx", "inactive\n", "", 3, "nginx: inactive", "unknown"),
        ("journalctl --no-pager -n 200 -u x", "a\nb ERROR c\nd\n", "", 0, "3 lines, last error: b ERROR c", "unknown"),
        ("hostname", "seq-1\n", "", 0, "seq-1", "unknown"),
        ("ls /srv", "a\nb\n", "", 0, "2 lines", "unknown"),
        ("ls /srv", "", "ls: cannot access '/srv': No such file or directory\n", 2,
         "exit 2: ls: cannot access '/srv': No such file or directory", "unknown"),
        ("ls /srv | head -1", "a\n", "", 141, "a", "unknown"),
        ("true", "", "", 0, "printed nothing", "unknown"),
    ],
)  # fmt: skip
def test_the_phrase_says_what_was_found(  # noqa: PLR0917  the columns of the table above
    command: str, out: str, err: str, code: int, text: str, verdict: str
) -> None:
    got = found(command, out, err, code)
    assert (got.text, got.verdict) == (text, verdict)


def test_what_did_not_end_is_neither_good_nor_bad() -> None:
    assert found("df -h", how="timed-out", exit_code=None) == Found("did not end in 15 s")
    assert found("df -h", err="bash cannot be started", how="not-started", exit_code=None).text.startswith("could not")
    assert found("yes", "y\n", how="cut-short", exit_code=None).text == "was stopped: it printed without end"


def test_the_real_table_of_queries_is_read() -> None:
    text = payload("postgres/seed-queries-verbatim.txt")
    part = text[text.index("  pid  ") : text.index("ERROR")]
    assert found("psql -c 'SELECT pid'", part).text.startswith("1 row: pid 29779, query SELECT pg_sleep(25), duration")
    cancelled = payload("postgres/cancelled-client-stderr.txt")
    assert found("psql -c 'SELECT 1'", "", cancelled, 1).verdict == "unknown"


COMMANDS = [
    "pm2 status", "pm2 status a", "pm2 describe a", "systemctl status a", "netstat -tulpn | grep 30", "ps aux | grep a",
    "df", "free", "uptime", "top -b -n 1", "psql -c 'SELECT count(*) FROM pg_stat_activity'", "curl a", "curl a | jq .",
    "git log", "git log --oneline", "cat a", "grep a", "grep -c a", "a | uniq -c", "a; b", "a $(b)", "",
]  # fmt: skip
SHAPES = [
    "│", "name", "status", "↺", "²", "-----", "(1 row)", "(9 rows)", "\n", " ", "|", "%", "/", "12", "Mem:", ":30",
    "available", "load average: 1", "%CPU", "COMMAND", "HTTP/1.1 500", "commit abcdef0", "Active: failed", "ERROR:  x",
]  # fmt: skip


@given(
    st.sampled_from(COMMANDS),
    st.lists(st.sampled_from(SHAPES), max_size=20).map("".join),
    st.lists(st.sampled_from(SHAPES), max_size=4).map("".join),
    st.sampled_from([0, 1, 7, 22, 127, 141]),
)
def test_no_output_is_too_odd_for_a_phrase(command: str, out: str, err: str, code: int) -> None:
    got = found(command, out, err, code)
    assert 0 < len(got.text) <= 200
    assert "\n" not in got.text


def test_a_phrase_is_short_whatever_is_printed() -> None:
    for command in (
        "cat x",
        "grep a x",
        "curl http://a/x",
        "psql -c 'SELECT 1'",
        "pm2 status",
        "git log --oneline",
        "df",
    ):
        for out in (
            "x" * 9000,
            "│" * 9000,
            "│ name │ status │\n│ " + "y" * 9000,
            "1" * 9000,
            "\n" * 90,
            "(1 row)\n---\n",
        ):
            for code in (0, 1, 2, 7, 22, 127, 141):
                assert len(found(command, out, "e" * 9000, code).text) <= 200


@pytest.mark.parametrize(
    ("rows", "text", "verdict"),
    [
        ("", "nothing listens on 7070", "bad"),
        ("LISTEN 0 511 127.0.0.1:7070 0.0.0.0:*\n", "something listens on 7070", "good"),
        ("LISTEN 0 511 127.0.0.1:17070 0.0.0.0:*\n", "nothing listens on 7070", "bad"),
    ],
)
def test_ss_narrowed_by_its_own_filter_is_read_too(rows: str, text: str, verdict: str) -> None:
    out = "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n" + rows
    assert found("ss -ltn 'sport = :7070'", out) == Found(text, verdict)  # type: ignore[arg-type]
