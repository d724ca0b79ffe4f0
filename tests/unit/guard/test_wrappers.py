"""A guard that refuses all is no guard: what reads stays a read in harmless wrappers, and what does not, does not."""

import pytest

from tocsin.guard.judge import judge

READS = (
    "df -h", "free -m", "uptime", "pm2 status api", "pm2 logs api --nostream --lines 50", "systemctl status nginx",
    "journalctl -u nginx -n 50 --no-pager", "kubectl get pods -n prod", "kubectl logs api-0 --tail=50",
    "docker ps -a", "docker logs --tail 50 api", "redis-cli INFO memory", "psql -c 'SELECT 1'", "ss -ltnp",
    "git log -5 --oneline", "curl -sS -m 5 https://api.example.com/health", "dig +short example.com", "ps aux",
    "ls -la /srv", "tail -n 50 /var/log/app.log", "grep -c ERROR /var/log/app.log", "aws sts get-caller-identity",
    "helm list -A", "du -sh /srv", "nginx -t",
)  # fmt: skip
WRITES = (
    "rm -rf /srv/data", "pm2 delete api", "systemctl stop nginx", "kubectl delete pod api-0", "docker rm -f api",
    "redis-cli FLUSHALL", "psql -c 'DROP TABLE a'", "git reset --hard HEAD~1", "dropdb prod", "kill -9 1",
)  # fmt: skip
PLAIN = ("{}", "timeout 10 {}", "nice -n 10 {}", "nohup {}", "time {}", "stdbuf -oL {}", "ionice -c3 {}", "command {}",
         "env LC_ALL=C {}", "setsid {}", "timeout -k 2 10 nice {}", "env TZ=UTC timeout 5 {}")  # fmt: skip
DEEP = ("sudo {}", "sudo -u app {}", "ssh web-1 {!r}", "bash -c {!r}", "sudo bash -c {!r}", "kubectl exec api-0 -- {}",
        "docker exec api {}", "docker compose exec -T api {}", "watch -n 5 {!r}", "( {} )", "{{ {}; }}",
        "if {}; then :; fi", "for i in 1 2 3; do {}; done", "su -c {!r} app", "nsenter -t 1 -m {}",
        "chroot /mnt {}", "{} | head -5",
        "{} > /dev/null 2>&1", 'echo "$( {} )"', "cd /srv && {}", "x=$( {} ); echo done", "{} || true",
        "while ! {}; do sleep 1; done", "case a in a) {};; esac", "f() {{ {}; }}; f", "cat <({})", "bash <<< {!r}",
        "sh <<'EOF'\n{}\nEOF", "eval {!r}", "trap {!r} EXIT", "alias a={!r}", "timeout 5 sh -c {!r}")  # fmt: skip


def put(wrapper: str, text: str) -> str:
    """Give the text in the wrapper, quoted for a shell where the wrapper says so."""
    quoted = "'" + text.replace("'", "'\\''") + "'"
    return wrapper.replace("{!r}", quoted).replace("{{", "\0").replace("}}", "\1").replace("{}", text).replace(
        "\0", "{").replace("\1", "}")  # fmt: skip


@pytest.mark.parametrize("wrapper", [*PLAIN, *DEEP])
def test_a_read_stays_a_read(wrapper: str) -> None:
    assert [text for text in READS if judge(put(wrapper, text)).risk != "read"] == []


@pytest.mark.parametrize("wrapper", PLAIN)
def test_a_read_in_a_plain_wrapper_still_runs_by_itself(wrapper: str) -> None:
    assert [text for text in READS if not judge(put(wrapper, text)).unattended] == []


@pytest.mark.parametrize("wrapper", [*PLAIN, *DEEP])
def test_what_destroys_something_destroys_it_in_every_wrapper(wrapper: str) -> None:
    found = {text: judge(put(wrapper, text)) for text in WRITES}
    assert [text for text, one in found.items() if one.risk != "destructive" or one.unattended] == []


@pytest.mark.parametrize("outer", DEEP)
def test_two_wrappers_hide_nothing(outer: str) -> None:
    found = {(inner, text): judge(put(outer, put(inner, text))) for inner in DEEP for text in WRITES[:3]}
    assert [pair for pair, one in found.items() if one.risk == "read" or one.unattended] == []


ALONE = {"{} | head -5", "{} > /dev/null 2>&1", "{} || true"}


@pytest.mark.parametrize("wrapper", sorted(set(DEEP) - ALONE))
def test_what_runs_elsewhere_or_is_put_together_never_runs_by_itself(wrapper: str) -> None:
    assert not judge(put(wrapper, "df -h")).unattended
