"""A process that pm2 keeps running: whether it runs, how often it was started again, its memory and its heap.

`pm2 jlist` prints the whole environment of every process, passwords and all. So a small program reads it where it is
printed, and only names, numbers and the place of the log go on from there.
"""

import glob
import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from tocsin.detection.reading import Reading
from tocsin.probes.options import MEBIBYTE, Pm2Options
from tocsin.probes.probe import LookFailed
from tocsin.probes.scanning import Scanning
from tocsin.probes.table import Parts
from tocsin.runner.command import Command, base_environment
from tocsin.runner.local import run

FULL_HEAP = r"(?i)heap out of memory|reached heap limit"
_READ_AT_MOST = 16 * MEBIBYTE
_FILTER = """
let text = "";
process.stdin.on("data", (data) => { text += data; if (text.length > LIMIT) process.exit(3); });
process.stdin.on("end", () => {
  for (const line of text.split("\\n")) {
    if (line[0] !== "[") continue;
    let all;
    try { all = JSON.parse(line); } catch { continue; }
    const mine = all.filter((one) => one.name === process.argv[1]).map((one) => ({
      pid: one.pid, status: one.pm2_env.status, restarts: one.pm2_env.restart_time, memory: one.monit.memory,
      cpu: one.monit.cpu, began: one.pm2_env.pm_uptime, log: one.pm2_env.pm_err_log_path }));
    console.log(JSON.stringify(mine));
    return;
  }
  process.exit(4);
});
""".replace("LIMIT", str(_READ_AT_MOST))
_TEXT = """
type -P pm2 >/dev/null && type -P node >/dev/null || exit 127
pm2 jlist --silent | node -e "$TOCSIN_FILTER" -- "$TOCSIN_PROCESS"
"""
_TOO_LONG, _MISSING = 3, 127


class Instance(msgspec.Struct, frozen=True):
    """What is known of one instance; `began` in milliseconds since 1970, `cpu` in per cent of a core."""

    status: str
    pid: int | None = None
    restarts: float = 0
    memory: float = 0
    cpu: float = 0
    began: float | None = None
    log: str = ""


class Pm2:
    """Asks pm2 for one process."""

    def __init__(self, options: Pm2Options, parts: Parts) -> None:
        """Take the process and the home of pm2."""
        environment = base_environment()
        self._process = options.process
        usual = os.environ.get("PM2_HOME") or f"{environment['HOME']}/.pm2"
        self._home = parts.base / options.home if options.home else Path(usual)
        self._timeout = parts.timeout
        self._environment = {
            **environment, "PM2_HOME": str(self._home), "TOCSIN_FILTER": _FILTER, "TOCSIN_PROCESS": options.process,
        }  # fmt: skip
        self._log = Scanning({"error": FULL_HEAP}, most=4 * MEBIBYTE, within=parts.timeout.total_seconds())

    @property
    def memory(self) -> str:
        """Give where the log of errors was left."""
        return self._log.memory

    @memory.setter
    def memory(self, text: str) -> None:
        self._log.memory = text

    async def look(self, now: datetime) -> Reading:
        """Ask once. Without a pm2 that runs nothing is asked: asking would start one."""
        if not self._home.is_dir():
            raise LookFailed(f"there is no {self._home}: set `home` to where pm2 keeps its files (PM2_HOME)")
        if not self._runs():
            return _nothing(now, "no pm2 runs")
        instances = await self._asked()
        if not instances:
            return _nothing(now, f"pm2 knows no process {self._process}")
        values = _measured(instances, now)
        details = {} if values["up"] else {"trouble": _states(instances)}
        logs = tuple({glob.escape(one.log) for one in instances if one.log})
        if logs:
            counted = await self._log.scan(logs, now)
            values["out_of_memory"] = float(counted.errors)
            details |= {"out_of_memory": "its heap was full"} if counted.errors else {}
        return Reading(at=now, values=values, details=details)

    def _runs(self) -> bool:
        try:
            os.kill(int((self._home / "pm2.pid").read_text()), 0)
        except PermissionError:
            return True
        except (OSError, ValueError):
            return False
        return True

    async def _asked(self) -> list[Instance]:
        outcome = await run(
            Command(text=_TEXT, environment=self._environment, timeout=self._timeout, cap=2 * MEBIBYTE, directory="/")
        )
        if outcome.how == "timed-out":
            raise LookFailed(f"pm2 did not answer in {self._timeout / timedelta(seconds=1):g} s")
        if outcome.exit == _MISSING:
            raise LookFailed("pm2 or node is not on the PATH of the server: install it, or extend the PATH")
        if outcome.exit == _TOO_LONG:
            raise LookFailed(f"pm2 prints more than {_READ_AT_MOST} bytes")
        try:
            return msgspec.json.decode(outcome.out, type=list[Instance])
        except msgspec.DecodeError as wrong:
            raise LookFailed(
                f"`pm2 jlist` gave no list (exit {outcome.exit}); try it as the user that serves"
            ) from wrong

    async def close(self) -> None:
        """Nothing is held between looks."""


def _measured(instances: list[Instance], now: datetime) -> dict[str, float]:
    online = [one for one in instances if one.status == "online"]
    values = {
        "up": float(len(online) == len(instances)),
        "online": float(len(online)),
        "instances": float(len(instances)),
        "errored": float(sum(one.status == "errored" for one in instances)),
        "restarts": float(sum(one.restarts for one in instances)),
    }
    if online:
        values["memory"] = max(one.memory for one in online)
        values["cpu"] = max(one.cpu for one in online) / 100
        began = [one.began for one in online if one.began]
        values |= {"uptime": max(0.0, now.timestamp() - max(began) / 1000)} if began else {}
    return values


def _states(instances: list[Instance]) -> str:
    states = sorted({one.status for one in instances if one.status != "online"})
    down = sum(one.status != "online" for one in instances)
    return f"{down} of {len(instances)} not online: {', '.join(states)}"[:200]


def _nothing(now: datetime, trouble: str) -> Reading:
    values = {"up": 0.0, "online": 0.0, "instances": 0.0, "errored": 0.0}
    return Reading(at=now, values=values, details={"trouble": trouble})
