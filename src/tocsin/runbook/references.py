"""The files and addresses that the commands of a runbook rely on, and the programs that they start."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.guard.placeholders import placeholder_in
from tocsin.runbook.commands import Command, commands
from tocsin.runbook.invocations import Invocation
from tocsin.runbook.policy import Runbook

_INTERPRETERS = frozenset({"bash", "sh", "zsh", "source", ".", "python", "python3", "node", "ruby", "perl", "php",
                           "ts-node", "deno", "bun"})  # fmt: skip
_FILE_OPTIONS: dict[str, tuple[str, ...]] = {
    "kubectl": ("-f", "--filename", "-k", "--kustomize"), "oc": ("-f", "--filename"), "psql": ("-f", "--file"),
    "docker": ("-f", "--file", "--env-file"), "docker-compose": ("-f", "--file", "--env-file"),
    "helm": ("-f", "--values"), "ansible-playbook": ("-i", "--inventory"), "terraform": ("-var-file",),
    "make": ("-f", "--file"), "awk": ("-f",), "sed": ("-f",), "ssh": ("-i", "-F"), "scp": ("-i",),
    "curl": ("-K", "--config", "--cacert", "--cert", "--key", "-T", "--upload-file"), "jq": ("-f", "--from-file"),
    "redis-cli": ("--eval",), "k6": (), "vegeta": ("-targets",),
}  # fmt: skip
_AT_OPTIONS = ("-w", "--write-out", "-d", "--data", "--data-binary", "--data-raw", "--json", "-F", "--form", "-H")
_FILE_NAME = re.compile(r"[^\s]*\.(?:sh|bash|py|js|cjs|mjs|ts|rb|pl|json|ya?ml|sql|lua|conf|config|ini|toml|txt|cnf)")
_UNKNOWN = re.compile(r"[$`*?\[\]{}<>~]|^-|://|^\s*$")
_ADDRESS = re.compile(r"https?://[^\s'\"<>|;)`]+")
_BUILTINS = frozenset(
    """
    . : [ [[ alias bg bind break builtin caller case cd command compgen complete continue declare dirs disown do
    done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history
    if in jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set
    shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset until wait
    while {
    """.split()  # noqa: SIM905 - sixty quotes would hide the words
)


class Reference(NamedTuple):
    """Something outside the document: `kind` is `file`, `program` or `address`; `line` is where it is named.

    `elsewhere` is set when the command changes its folder before, so that a relative path is not ours to look for.
    """

    kind: str
    name: str
    line: int
    elsewhere: bool = False


def references(runbook: Runbook) -> tuple[Reference, ...]:
    """Give what the commands rely on, each once for each line, in the order of the document."""
    found: dict[tuple[str, str, int], Reference] = {}
    made: set[str] = set()
    moved: dict[str, bool] = {}
    for command in commands(runbook):
        place = f"{command.entry.id if command.entry else ''}:{command.step.section}"
        for reference in _of(command, made, moved.get(place, False)):
            found.setdefault((reference.kind, reference.name, reference.line), reference)
        moved[place] = moved.get(place, False) or any(call.name in ("cd", "pushd") for call in command.calls)
    return tuple(sorted(found.values(), key=lambda one: (one.line, one.kind, one.name)))


def _of(command: Command, made: set[str], moved: bool) -> Iterator[Reference]:
    for call in command.calls:
        line = command.line(call)
        moved = moved or call.name in ("cd", "pushd", "ssh")
        for path in _files(call):
            if not _UNKNOWN.search(path) and placeholder_in(path) is None and path not in made:
                yield Reference("file", path, line, moved and not path.startswith("/"))
        if re.fullmatch(r"[A-Za-z0-9_][\w.+-]*", call.name) and call.name not in _BUILTINS:
            yield Reference("program", call.name, line)
        for address in _ADDRESS.findall(call.text):
            if not _UNKNOWN.search(address.partition("://")[2]) and placeholder_in(address) is None:
                yield Reference("address", address.rstrip(".,:"), line)
        made.update((*call.writes, *_made_by(call)))


def _files(call: Invocation) -> Iterator[str]:
    """Give the paths of the files that a call reads or runs."""
    if "/" in call.name:
        yield call.name
    if call.name in _INTERPRETERS and call.operands and not call.has("-c", "-e", "-m"):
        yield call.operands[0]
    if call.name == "pm2" and call.operands[:1] in (("start",), ("reload",)):
        yield from (word for word in call.operands[1:2] if _FILE_NAME.fullmatch(word))
    for option in _FILE_OPTIONS.get(call.name, ()):
        value = call.value(option)
        if value is not None and not (option == "-f" and _is_switch(call)):
            yield value
    if call.name == "curl":
        for option in _AT_OPTIONS:
            value = call.value(option) or ""
            file = re.match(r"(?:[\w.-]+=)?@(?P<file>[^;,]+)", value)
            if file and file["file"] != "-":
                yield file["file"]
    if call.name == "ansible-playbook":
        yield from (word for word in call.operands if _FILE_NAME.fullmatch(word))
    yield from (path for path in call.reads if path != "/dev/null")


def _is_switch(call: Invocation) -> bool:
    """Tell whether `-f` takes no file here: it follows a log, or forces."""
    if call.name == "docker":
        return call.operands[:1] not in (("build",), ("compose",), ("buildx",), ("stack",))
    return call.name in ("kubectl", "oc", "docker-compose") and "logs" in call.operands


def _made_by(call: Invocation) -> tuple[str, ...]:
    if call.name in ("tee", "touch", "mkdir"):
        return call.operands
    if call.name in ("cp", "mv", "ln", "scp"):
        return call.operands[-1:]
    value = call.value("-o", "--output", "-O") if call.name in ("curl", "wget") else None
    return (value,) if value else ()
