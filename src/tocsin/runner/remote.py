"""Run a command on another machine, by way of the system's `ssh`, so that it is ended over there too.

What is run travels on the input of `ssh`, never as an argument: no shell on this machine reads it, and no list of
processes on either shows it or its variables. Over there a few lines of bash start it in a group of its own and wait
for the end of that input, which comes when it is cancelled, when this process dies or when the connection breaks; or
for the end of its time. Then the group is ended.
"""

import secrets
import shlex
from datetime import timedelta
from pathlib import Path

import msgspec

from tocsin import settings
from tocsin.runner import local
from tocsin.runner.command import Command, Host, Outcome, base_environment

CONNECTING = 8
"""Seconds that reaching the other machine may take."""
_SENT = "TOCSIN_SENT_"
_TOLD = ("TERM", "NO_COLOR", "PAGER", "GIT_PAGER", "GIT_TERMINAL_PROMPT", "CI", "TZ")
# No quote may stand in it: it is given between single quotes, which every login shell understands.
_THERE = (
    "set -m; "
    'while IFS= read -r -d "" v && [ -n "$v" ]; do export "$v"; done; IFS= read -r -d "" t; '
    'printf "%s begun\\n" "$1" >&2; '
    'if [ -n "$3" ]; then cd -- "$3" || { printf "%s ended 126\\n" "$1" >&2; exit 126; }; fi; '
    'bash --noprofile --norc -u -o pipefail -c "$t" </dev/null & c=$!; '
    '{ read -r -t "$2" _; [ $? -gt 128 ] && printf "%s timeout\\n" "$1" >&2; '
    'kill -TERM -- "-$c" 2>/dev/null; sleep 1; kill -KILL -- "-$c" 2>/dev/null; } & w=$!; disown "$w"; '
    'wait "$c" 2>/dev/null; r=$?; '
    'kill -TERM -- "-$c" 2>/dev/null && sleep 0.2 && kill -KILL -- "-$c" 2>/dev/null; '
    'kill -KILL -- "-$w" 2>/dev/null; '
    'printf "%s ended %s\\n" "$1" "$r" >&2; exit "$r"'
)
_FEED = f'< <(for n in ${{!{_SENT}*}}; do printf "%s\\0" "${{!n}}"; done; exec sleep 86400)'


async def run(command: Command, host: Host) -> Outcome:
    """Run it on that machine and give what came of it. Cancelling this ends the command over there."""
    mark = f"tocsin-{secrets.token_hex(8)}"
    seconds = max(1, round(command.timeout.total_seconds()))
    there = ("exec", "bash", "--noprofile", "--norc", "-c", _THERE, "tocsin", mark, str(seconds),
             command.directory or "")  # fmt: skip
    text = f"exec ssh {shlex.join((*options(host), '--', host.address, shlex.join(there)))} {_FEED}"
    outcome = await local.run(
        Command(
            text=text,
            environment={**base_environment(), **_sent(command)},
            timeout=command.timeout + timedelta(seconds=CONNECTING),
            cap=command.cap,
            secrets=command.secrets,
        )
    )
    return _told(outcome, mark, host)


def host_of(name: str, given: settings.Host, base: Path) -> Host:
    """Give how a configured machine is reached; its files are relative to the folder of the configuration."""
    return Host(
        name=name,
        address=given.address,
        user=given.user,
        port=given.port,
        identity=str(base / given.identity) if given.identity else None,
        known_hosts=str(base / given.known_hosts) if given.known_hosts else None,
    )


def options(host: Host) -> tuple[str, ...]:
    """Give the options of `ssh`: nobody is asked, no unknown machine is believed, no configuration is read."""
    strict = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "ControlMaster": "no",
        "ControlPath": "none",
        "ConnectTimeout": str(CONNECTING),
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "UpdateHostKeys": "no",
        "LogLevel": "ERROR",
    }
    if host.known_hosts:
        strict |= {"UserKnownHostsFile": host.known_hosts, "GlobalKnownHostsFile": "/dev/null"}
    if host.identity:
        strict["IdentitiesOnly"] = "yes"
    given = [word for name, value in strict.items() for word in ("-o", f"{name}={value}")]
    who = ("-l", host.user) if host.user else ()
    key = ("-i", host.identity) if host.identity else ()
    return ("-F", "none", "-T", "-p", str(host.port), *who, *key, *given)


def _sent(command: Command) -> dict[str, str]:
    """Give what is sent over, each part under a name that sorts it into its place: variables, nothing, the text."""
    usual = base_environment()
    variables = {name: usual[name] for name in _TOLD} | command.environment
    parts = [*(f"{name}={value}" for name, value in variables.items()), "", command.text]
    return {f"{_SENT}{place:06d}": part for place, part in enumerate(parts)}


def _told(outcome: Outcome, mark: str, host: Host) -> Outcome:
    """Give the outcome over there: what went wrong on the way is told from what the command did."""
    lines = outcome.err.splitlines(keepends=True)
    words = [line.split()[1:] for line in lines if line.startswith(f"{mark} ")]
    err = "".join(line for line in lines if not line.startswith(f"{mark} "))
    said = msgspec.structs.replace(outcome, err=err)
    if ["begun"] not in words:
        return _unreached(said, host)
    if ["timeout"] in words or outcome.how == "timed-out":
        return msgspec.structs.replace(said, how="timed-out", exit=None)
    ended = next((int(word[1]) for word in words if word[0] == "ended" and word[-1].isdigit()), None)
    if ended is not None and outcome.how == "ended":
        return msgspec.structs.replace(said, exit=ended)
    if outcome.how == "ended":
        lost = f"the connection to {host.name} broke off; the command is ended there, what it did is not known\n"
        return msgspec.structs.replace(said, how="cut-short", exit=None, err=err + lost)
    return said


def _unreached(outcome: Outcome, host: Host) -> Outcome:
    if outcome.how == "timed-out":
        why = f"no answer within {CONNECTING} s"
    else:
        why = next((line.strip() for line in reversed(outcome.err.splitlines()) if line.strip()), "no reason given")
    return Outcome(how="not-started", err=f"{host.name} cannot be reached: {why}", seconds=outcome.seconds)
