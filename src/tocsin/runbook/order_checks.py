"""What is wrong with commands in their order: a thing that is removed and then used by its name."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tocsin.runbook.invocations import Invocation, invocations
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.policy import Runbook, Step
from tocsin.runbook.sql_text import sql_in

EVERYTHING = "*"


class Verbs(NamedTuple):
    """The subcommands of a tool that remove a thing by name, need it, and make it."""

    removes: frozenset[str]
    needs: frozenset[str]
    makes: frozenset[str]


class Touch(NamedTuple):
    """What one call does to named things: (kind, name). `EVERYTHING` stands for all names of the kind."""

    removes: tuple[tuple[str, str], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    makes: tuple[tuple[str, str], ...] = ()


class _Gone(NamedTuple):
    step: Step
    call: Invocation


def check_order(runbook: Runbook, ledger: Ledger) -> None:
    """Record RB141 for each list of commands that would be run one after the other."""
    for steps in _sequences(runbook):
        _check(steps, ledger)


def _sequences(runbook: Runbook) -> Iterator[list[Step]]:
    """Give the commands that follow each other; alternatives do not."""
    for entry in runbook.incident_types:
        yield list(entry.diagnostics)
        straight: list[Step] = []
        for branch in entry.resolution:
            if branch.condition is None or branch.kind == "phase":
                straight += branch.steps
            else:
                yield list(branch.steps)
        yield straight
    yield list(runbook.commands)


def _check(steps: Iterable[Step], ledger: Ledger) -> None:
    gone: dict[tuple[str, str], _Gone] = {}
    for step in steps:
        if step.kind != "command":
            continue
        for call, touch in _touches(step):
            for kind, name in touch.needs:
                before = gone.get((kind, name)) or gone.get((kind, EVERYTHING)) or _above(name, kind, gone)
                if before is not None and name != EVERYTHING:
                    _record(before, step, call, name, ledger)
                    break
            for kind, name in touch.makes:
                for key in [key for key in gone if key[0] == kind and name in (EVERYTHING, key[1])]:
                    del gone[key]
            gone |= {key: _Gone(step, call) for key in touch.removes}


def _above(name: str, kind: str, gone: dict[tuple[str, str], _Gone]) -> _Gone | None:
    """Give the removal of a folder that a file lies in."""
    inside = (found for (what, path), found in gone.items() if what == kind == "file" and name.startswith(f"{path}/"))
    return next(inside, None)


def _record(before: _Gone, step: Step, call: Invocation, name: str, ledger: Ledger) -> None:
    removed = before.step.line + before.call.line
    suggestion = None
    if call.name == before.call.name == "pm2":
        options = " ".join(word for word in call.words[1:] if word != name)
        suggestion = f"pm2 restart {name} {options}".strip() + ", and no delete before it"
    ledger.error(
        "RB141", removed,
        f"`{_short(before.call)}` removes {name}, and line {step.line + call.line} then uses it by that name: "
        "it is not found, and the service stays down.",
        suggestion, at=before.call.text,
    )  # fmt: skip


def _short(call: Invocation) -> str:
    return call.text.split("\n", maxsplit=1)[0][:60]


def _touches(step: Step) -> Iterator[tuple[Invocation, Touch]]:
    for call in invocations(step.source) if step.language == "bash" else ():
        yield call, _touch(call)
    whole = Invocation("sql", (), 0, step.source, 0)
    for sql in sql_in(step):
        yield whole._replace(line=sql.line, text=sql.text.strip()), _sql(sql.text)


def _touch(call: Invocation) -> Touch:
    special = _SPECIAL.get(call.name)
    if special is not None:
        return special(call)
    found = _by_verb(call) or _by_any_verb(call)
    return found if found is not None else _files(call)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONTAINERS = Verbs(
    _words("rm kill-rm"), _words("start restart exec stop logs attach unpause update"), _words("run create")
)
_TOOLS: dict[str, Verbs] = {
    "docker": _CONTAINERS,
    "podman": _CONTAINERS,
    "helm": Verbs(_words("uninstall delete"), _words("rollback status test history"), _words("install")),
    "systemctl": Verbs(_words("mask"), _words("start restart enable reload"), _words("unmask")),
    "supervisorctl": Verbs(_words("remove"), _words("start restart status tail"), _words("add update reread")),
    "lxc": Verbs(_words("delete"), _words("start restart exec stop"), _words("launch init copy")),
    "virsh": Verbs(_words("undefine"), _words("start reboot resume"), _words("define create")),
    "tmux": Verbs(_words("kill-session"), _words("attach attach-session send-keys"), _words("new new-session")),
}
_GROUPS = frozenset({"container", "service", "network"})
_COMPOSE = Verbs(_words("down rm"), _words("start restart exec unpause"), _words("up run create"))


def _by_verb(call: Invocation) -> Touch | None:
    tool, words = call.name, list(call.operands)
    if tool == "docker-compose" or (tool == "docker" and words[:1] == ["compose"]):
        return _compose(words[1:] if tool == "docker" else words)
    verbs = _TOOLS.get(tool)
    if verbs is None or not words:
        return None
    if words[0] in _GROUPS:
        words = words[1:]
    verb, names = (words[0], words[1:]) if words else ("", [])
    if verb in verbs.makes:
        named = call.value("--name")
        return Touch(makes=((tool, named or (names[0] if names and tool != "docker" else EVERYTHING)),))
    if tool == "helm" and verb == "upgrade":
        made = call.has("--install", "-i")
        return Touch(makes=((tool, names[0]),)) if made and names else Touch(needs=tuple((tool, n) for n in names[:1]))
    marked = call.value("-t")
    keys = tuple((tool, marked or name) for name in names or filter(None, [marked]))
    if verb in verbs.removes:
        return Touch(removes=keys)
    return Touch(needs=keys[:1] if verb == "exec" else keys) if verb in verbs.needs else Touch()


_REMOVING = re.compile(
    r"^-*(?:delete|del|remove|destroy|drop|uninstall|terminate|undefine|unregister|deregister)(?:[-_]|$)"
)
_MAKING = re.compile(
    r"^-*(?:create|add|apply|install|run|new|init|import|restore|register|launch|define|put)(?:[-_]|$)"
)
_NEEDING = re.compile(
    r"^-*(?:start|restart|reboot|resume|mount|attach|scale|update|upgrade|rollback|exec|stop|purge|resize|modify|alter|"
    r"publish|consume|connect|enable)(?:[-_]|$)"
)


def _by_any_verb(call: Invocation) -> Touch | None:
    """Read a tool that the table does not name by the words that nearly all tools use."""
    bare = [word for word in call.words if word]
    for pattern in (_REMOVING, _MAKING, _NEEDING):
        at = next((n for n, word in enumerate(bare) if pattern.match(word)), None)
        if at is None or "/" in call.name:
            continue
        names = tuple((call.name, word) for word in bare[at + 1 :] if not word.startswith("-"))
        if pattern is _MAKING:
            return Touch(makes=names)
        return Touch(removes=names) if pattern is _REMOVING else Touch(needs=names)
    return None


def _compose(words: list[str]) -> Touch:
    verb, names = (words[0], words[1:]) if words else ("", [])
    if verb in _COMPOSE.makes:
        return Touch(makes=(("compose", EVERYTHING),))
    if verb in _COMPOSE.removes:
        return Touch(removes=tuple(("compose", name) for name in names) or (("compose", EVERYTHING),))
    return (
        Touch(needs=tuple(("compose", name) for name in names or ["the service"]))
        if verb in _COMPOSE.needs
        else Touch()
    )


_PM2_FILE = re.compile(r"/|\.(?:c?js|mjs|ts|json|ya?ml|py|sh|config)\b")


def _pm2(call: Invocation) -> Touch:
    verb, names = (call.operands[0], call.operands[1:2]) if call.operands else ("", ())
    key = tuple(("pm2", EVERYTHING if name == "all" else name) for name in names)
    if verb in ("delete", "del"):
        return Touch(removes=key)
    if verb == "kill":
        return Touch(removes=(("pm2", EVERYTHING),))
    if verb == "resurrect" or (verb == "start" and (not names or _PM2_FILE.search(names[0]) or call.has("--name"))):
        return Touch(makes=(("pm2", EVERYTHING),))
    needs = ("start", "restart", "reload", "stop", "scale", "describe", "show", "logs", "reset", "gracefulReload")
    return Touch(needs=key) if verb in needs else Touch()


_KINDS = {"deploy": "deployment", "sts": "statefulset", "ds": "daemonset", "svc": "service", "cm": "configmap",
          "ns": "namespace", "ing": "ingress", "cj": "cronjob", "persistentvolumeclaim": "pvc"}  # fmt: skip
_KUBECTL_NEEDS = _words("scale rollout set patch edit annotate label expose autoscale exec describe get logs")


def _kubectl(call: Invocation) -> Touch:
    words = list(_without_values(call, "-n", "--namespace", "-c", "--container", "--context", "-o", "-l"))
    verb = words[0] if words else ""
    if verb in ("apply", "create", "replace", "run"):
        return Touch(makes=(("kubectl", EVERYTHING),))
    rest = words[2:] if verb in ("rollout", "set") else words[1:]
    names = _resources(rest)
    if verb == "delete":
        # What a controller owns comes back by itself.
        return Touch(removes=tuple(("kubectl", name) for name in names if not name.startswith(("pod/", "job/"))))
    return Touch(needs=tuple(("kubectl", name) for name in names)) if verb in _KUBECTL_NEEDS else Touch()


def _resources(words: list[str]) -> list[str]:
    slashed = [word for word in words if re.fullmatch(r"[a-zA-Z.]+/[\w.-]+", word)]
    if slashed:
        return [f"{_kind(word.partition('/')[0])}/{word.partition('/')[2]}" for word in slashed]
    if len(words) > 1 and re.fullmatch(r"[a-zA-Z.]+", words[0]):
        return [f"{_kind(words[0])}/{name}" for name in words[1:] if re.fullmatch(r"[\w.-]+", name)]
    return []


def _kind(word: str) -> str:
    kind = word.casefold().partition(".")[0]
    return _KINDS.get(kind) or _KINDS.get(kind.removesuffix("s")) or kind.removesuffix("s")


def _without_values(call: Invocation, *options: str) -> Iterator[str]:
    words = iter(call.words)
    for word in words:
        if word in options:
            next(words, None)
        elif not word.startswith("-"):
            yield word


def _git(call: Invocation) -> Touch:
    words = list(call.operands)
    verb = words[0] if words else ""
    branches = tuple(("branch", name) for name in words[1:])
    if verb in ("branch", "tag") and call.has("-d", "-D", "--delete"):
        return Touch(removes=branches)
    if (verb == "checkout" and call.has("-b", "-B", "--orphan")) or (verb == "switch" and call.has("-c", "-C")):
        return Touch(makes=branches)
    if verb in ("fetch", "branch", "tag"):
        return Touch(makes=(("branch", EVERYTHING),) if verb == "fetch" else branches)
    return (
        Touch(needs=branches) if verb in ("checkout", "switch", "merge", "push", "rebase", "cherry-pick") else Touch()
    )


def _database(call: Invocation) -> Touch:
    name = call.value("-d", "--dbname") or (call.operands[0] if call.operands else "")
    key = (("database", name),) if name else ()
    if call.name == "dropdb":
        return Touch(removes=key)
    if call.name == "createdb" or (call.name == "pg_restore" and call.has("-C", "--create")):
        return Touch(makes=key)
    return Touch(needs=key)


def _users(call: Invocation) -> Touch:
    key = tuple(("user", name) for name in call.operands[-1:])
    if call.name in ("userdel", "deluser"):
        return Touch(removes=key)
    return Touch(makes=key) if call.name in ("useradd", "adduser") else Touch(needs=key)


_FILE_NEEDS = frozenset({"cat", "tail", "head", "less", "grep", "source", ".", "chmod", "chown", "gzip", "gunzip", "wc",
                         "diff", "bash", "sh", "cd"})  # fmt: skip


def _files(call: Invocation) -> Touch:
    """Read calls on files; what is not known may have made the file again."""
    paths = tuple(
        ("file", path) for path in call.operands if path not in ("-", ".") and not re.search(r"[*?\[$]", path)
    )
    if call.name in ("rm", "unlink", "shred"):
        return Touch(removes=paths)
    if call.name in _FILE_NEEDS:
        made = tuple(("file", path) for path in call.writes)
        return Touch(needs=paths + tuple(("file", path) for path in call.reads), makes=made)
    if call.name in ("mv", "cp"):
        return Touch(needs=paths[:-1], makes=paths[-1:])
    return Touch(makes=(("file", EVERYTHING),))


_SPECIAL = {
    "pm2": _pm2, "kubectl": _kubectl, "oc": _kubectl, "git": _git, "dropdb": _database, "createdb": _database,
    "psql": _database, "pg_restore": _database, "userdel": _users, "deluser": _users, "useradd": _users,
    "adduser": _users, "usermod": _users, "passwd": _users, "su": _users,
}  # fmt: skip


# -- SQL

_NAME = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:\"?\w+\"?\.)?\"?(?P<name>\w+)\"?"
_KIND = r"(?:TABLE|MATERIALIZED\s+VIEW|VIEW|INDEX(?:\s+CONCURRENTLY)?|SEQUENCE|FUNCTION|ROLE|USER|SCHEMA|DATABASE|TYPE)"
_DROP = re.compile(rf"\bDROP\s+{_KIND}\s+{_NAME}", re.IGNORECASE)
_CREATE = re.compile(rf"\bCREATE\s+(?:OR\s+REPLACE\s+|UNIQUE\s+|TEMP(?:ORARY)?\s+)*{_KIND}\s+{_NAME}", re.IGNORECASE)
_USE = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE|INTO|REINDEX\s+(?:TABLE|INDEX)|ANALYZE|ALTER\s+{_KIND}|REFRESH\s+{_KIND})\s+{_NAME}",
    re.IGNORECASE,
)


def _sql(text: str) -> Touch:
    def keys(pattern: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
        return tuple(("sql", found["name"].casefold()) for found in pattern.finditer(text))

    created = keys(_CREATE)
    return Touch(removes=tuple(key for key in keys(_DROP) if key not in created), needs=keys(_USE), makes=created)
