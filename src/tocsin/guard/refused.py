"""Why well-known commands are not run by themselves, in plain words. Nothing is allowed here, only explained."""

import re
from typing import Literal, NamedTuple, cast

Risk = Literal["read", "change", "unknown"]


class Refusal(NamedTuple):
    """What a call does; `because` completes "Not run because ..."."""

    risk: Risk
    because: str


_CHANGING = {
    "pm2": "restart reload stop delete start scale flush reset kill save update set resurrect startup sendSignal",
    "systemctl": "restart start stop reload enable disable kill mask unmask edit daemon-reload isolate reboot poweroff",
    "service": "", "git": "checkout switch reset revert pull push merge rebase commit stash clean restore fetch gc tag",
    "kubectl": "delete apply create scale rollout patch edit replace drain cordon uncordon label annotate set cp",
    "docker": "restart start stop kill rm rmi run pull prune system cp update volume build",
    "docker-compose": "up down restart start stop kill rm run pull build",
    "helm": "upgrade rollback install uninstall delete", "rm": "", "mv": "", "cp": "", "mkdir": "", "rmdir": "",
    "touch": "", "ln": "", "chmod": "", "chown": "", "truncate": "", "dd": "", "tee": "", "kill": "", "pkill": "",
    "killall": "", "reboot": "", "shutdown": "", "fail2ban-client": "", "iptables": "", "ufw": "", "createdb": "",
    "dropdb": "", "pg_restore": "",
}  # fmt: skip
_PRINTS = {"env": "", "printenv": "", "set": "", "export": "", "declare": "", "pm2": "jlist prettylist env",
           "docker": "inspect", "kubectl": "config"}  # fmt: skip
_SCRIPT = re.compile(r"^(?:\.{0,2}/\S+|\S+\.(?:sh|py|js|ts|rb|pl))$")
_RUNNERS = frozenset({"npx", "npm", "yarn", "pnpm", "make", "node", "python", "python3", "perl", "ruby", "php", "bash",
                      "sh", "zsh", "eval", "source", ".", "exec", "xargs", "find", "awk", "sed"})  # fmt: skip


def refusal(words: tuple[str, ...]) -> Refusal:
    """Give why a call with these words is not on the list of calls that only read."""
    name, second = words[0], words[1] if len(words) > 1 else ""
    shown = f"`{name} {second}`" if second and not second.startswith("-") else f"`{name}`"
    for listed, risk, what in ((_PRINTS, "read", "prints variables, which hold secrets"),
                               (_CHANGING, "change", "changes something")):  # fmt: skip
        subcommands = listed.get(name)
        if subcommands == "":
            return Refusal(cast("Risk", risk), f"`{name}` {what}")
        if subcommands and second in subcommands.split():
            return Refusal(cast("Risk", risk), f"{shown} {what}")
    because = f"{shown} is not on the list of commands that are known to read only"
    if name in {"sudo", "su", "doas", "pkexec", "runuser"}:
        because = f"`{name}` runs it with the rights of another user"
    elif _SCRIPT.match(name):
        because = f"what the script `{name}` does is not known"
    elif "=" in name:
        because = "it sets a variable for the command it starts"
    elif name in _RUNNERS:
        because = f"`{name}` runs other programs, and what they do is not known"
    return Refusal("unknown", because)
