"""What a command of the runbook does, in the terms that the rules ask for."""

import re
from typing import Literal, NamedTuple

from tocsin.guard.refused import refusal
from tocsin.runbook.invocations import Invocation, invocations
from tocsin.runbook.policy import Step

Risk = Literal["read", "change", "destructive"]
RANK: dict[str, int] = {"read": 0, "change": 1, "destructive": 2}

_DESTRUCTIVE = re.compile(
    r"^(?:pm2 (?:delete|del|flush|kill)|rm|shred|mkfs\S*|wipefs|dd|truncate|dropdb|dropuser|"
    r"docker (?:rm|rmi|kill|volume rm|system prune|volume prune|container rm|image rm)|docker(?: |-)compose down|"
    r"(?:kubectl|oc) (?:delete|drain)|helm (?:uninstall|delete)|redis-cli.* (?:flushall|flushdb|del|unlink)|"
    r"git (?:reset|clean|branch -D)|aws s3 (?:rm|rb)|aws \S+ (?:delete|terminate|purge)-\S+|"
    r"gcloud .*\bdelete|az .*\bdelete|terraform destroy|zfs destroy|kafka-topics.* --delete|rabbitmqctl "
    r"(?:purge|delete)_?\S*|userdel|lvremove|etcdctl del)\b",
    re.IGNORECASE,
)
_CHANGING_SQL = re.compile(
    r"\b(insert|update|merge|create|alter|grant|revoke|vacuum|reindex|cluster|refresh|call|set|lock|copy|notify|"
    r"pg_cancel_backend|pg_terminate_backend|pg_reload_conf|nextval|setval)\b",
    re.IGNORECASE,
)
_DESTRUCTIVE_SQL = re.compile(r"\b(drop|truncate|delete)\b", re.IGNORECASE)
_PRINTS_SECRETS = re.compile(
    r"passw|secret|token|_key|api_?key|credential|DATABASE_URL|_url\b|_dsn\b|private", re.IGNORECASE
)
_SCRIPT = re.compile(r"^(?:\.{0,2}/\S+|\S+\.(?:sh|py|js|rb|pl))$")
_SECRET_NAME = re.compile(
    r"pass(?:w|$|_)|secret|token|api_?key|credential|(?:DATABASE|DB|REDIS|MONGO\w*|AMQP|POSTGRES\w*)_(?:URL|URI|DSN)|DSN$|PWD|PGPASS|AUTH|_KEY$",
    re.IGNORECASE,
)
_CURL_SECRET = re.compile(
    r"\$\{?\w*(?:PASS|SECRET|TOKEN|KEY|CRED|AUTH)\w*|(?:bearer|token|basic)\s+[A-Za-z0-9._~+/=-]{12,}|//[^/\s:@]+:[^/\s@]+@",
    re.IGNORECASE,
)


class Effects(NamedTuple):
    """The risk and the flags of one command; `because` is a part of a sentence."""

    risk: Risk
    flags: frozenset[str]
    because: str


def effects(step: Step) -> Effects:
    """Give what a step's command does when it is run as written."""
    if step.language != "bash":
        return _sql(step.source)
    risk, flags, because = 0, set[str](), ""
    for call in invocations(step.source):
        one = _call(call)
        flags |= one.flags
        if RANK[one.risk] > risk or not because:
            risk, because = max(risk, RANK[one.risk]), one.because
    return Effects(("read", "change", "destructive")[risk], frozenset(flags), because)


def _sql(text: str) -> Effects:
    if _DESTRUCTIVE_SQL.search(text):
        return Effects("destructive", frozenset(), "it deletes")
    return Effects("change" if _CHANGING_SQL.search(text) else "read", frozenset(), "it changes something")


def _call(call: Invocation) -> Effects:
    line = " ".join((call.name, *call.words))
    flags = set[str]()
    if (
        any(_SECRET_NAME.search(name) for name in re.findall(r"\$\{?(\w+)", line))
        or (
            call.name in ("mysql", "mysqldump", "mysqladmin", "redis-cli", "sshpass")
            and re.search(r"(?:^|\s)(?:-p\S+|-a \S+|--password=\S+)", line)
        )
        or (call.name in ("curl", "wget") and _CURL_SECRET.search(line))
    ):
        if call.name not in ("echo", "printf", "[", "test", "[["):
            flags.add("secret-in-argv")
        else:
            flags.add("prints-secret")
    if (
        (call.name in ("env", "printenv", "set") and not call.operands)
        or (
            call.name in ("kubectl", "oc")
            and call.words[:1] == ("get",)
            and call.has("-o", "--output")
            and any(w.startswith("secret") for w in call.words)
        )
        or (
            call.name in ("cat", "less", "more", "head", "tail", "grep")
            and any(
                re.search(r"(?:^|/)\.env\b|\.pem$|\.key$|id_rsa|credentials$|\.pgpass|secret", w) for w in call.operands
            )
        )
    ):
        flags.add("prints-secret")
    sql = (
        (call.value("-c", "--command", "-e", "--execute") or "") + call.given if call.name in ("psql", "mysql") else ""
    )
    if sql:
        found = _sql(sql)
        return Effects(found.risk, frozenset(flags), found.because)
    if _DESTRUCTIVE.match(line):
        return Effects("destructive", frozenset(flags), f"`{call.name}` deletes")
    no = refusal((call.name, *call.words))
    if _SCRIPT.match(call.name) or call.name in (
        "bash",
        "sh",
        "make",
        "npm",
        "python",
        "python3",
        "source",
        ".",
        "eval",
    ):
        return Effects("change", frozenset({*flags, "opaque"}), f"what `{call.name}` does is not known")
    if no.risk == "change" or call.name == "npx":
        return Effects("change", frozenset(flags), no.because)
    return Effects("read", frozenset(flags), "")
