"""Blanks that an author left to be filled in, and look-alikes that are none."""

import pytest

from tocsin.guard.placeholders import placeholder_in


@pytest.mark.parametrize(
    "text",
    [
        "kubectl logs <till>",
        "kubectl logs <name of the till, see below>",
        "kubectl logs {till}",
        "kubectl rollout undo deployment/{till}",
        "kubectl logs {{ till }}",
        "kubectl logs TILL_NAME -n NAMESPACE",
        "kubectl logs your-till",
        "kubectl logs pod-name",
        "kubectl logs [till name]",
        "code notes/[timestamp]_till.md",
        "ssh ann@HOST",
        "kill PID",
        "kill -9 PID_OF_TILL",
        "git checkout previous-tag",
        "curl http://xxx.xxx.xxx.xxx/",
        "curl http://till.example/tills/{till_id}/open",
        "aws ec2 reboot-instances --instance-ids i-xxxxxxxx",
        "export TOKEN=CHANGEME",
        "till-ctl open ...",
        "vacuumdb --jobs=N",
        'echo "{{ $labels.till }}"',
        'psql -c "SELECT pg_cancel_backend(PID);"',
        "SELECT pg_drop_replication_slot('slot_name');",
        "SELECT * FROM sales WHERE till = :till",
        "UPDATE sales SET till = @target",
        "SELECT * FROM sales WHERE id = $1",
        "cat /path/to/till.log",
    ],
)
def test_a_blank_is_seen(text: str) -> None:
    assert placeholder_in(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "kubectl get pods -o jsonpath='{.items[*].metadata.name}'",
        "kubectl get nodes -o template --template='{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}'",
        "docker ps --format '{{.Names}}'",
        "docker inspect -f '{{json .State}}' till",
        "awk '{print $1}' till.log",
        "find . -name core -exec rm {} \\;",
        "cp till.conf{,.bak}",
        "for n in {1..5}; do till-ctl open $n; done",
        "ls [a-z]*",
        "[ -f till.conf ] && cat till.conf",
        "sort <in.txt >out.txt",
        "sort <in.txt 2>&1",
        "psql $TILL_DB -c 'SELECT table_name FROM information_schema.tables'",
        "SELECT user_id, service_name FROM sales",
        "SELECT now()::date, 'a:b'",
        "SELECT * FROM pg_stat_activity WHERE query <> '<IDLE>'",
        "SHOW server_version",
        "kubectl exec till-0 -- printenv HOSTNAME",
        "kubectl get nodes -o custom-columns=NAME:.metadata.name,IP:.status.addresses",
        "dig +short NS till.example",
        "kubectl set env deploy/till LOG_LEVEL=DEBUG",
        "curl -w '%{http_code}' http://till.example",
        "date -d '2 days' +%Y-%m-%d",
        "grep POD /var/log/till.log",
    ],
)
def test_a_look_alike_is_none(text: str) -> None:
    assert placeholder_in(text) is None
