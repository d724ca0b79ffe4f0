"""Reads what process managers and the kernel say of processes and ports: pm2, systemctl, netstat, ss, ps."""

import re
from typing import Literal

from tocsin.response.printed import Found, Printed, counted, operands, shortened, whole

Row = dict[str, str]
CRASHES = 3
_YOUNG = re.compile(r"^\d+s$")
_PORT = re.compile(r"^[^\d]*(\d{2,5})[^\d]*$")
_ACTIVE = re.compile(r"^\s*Active: (\S+(?: \([\w-]+\))?)", re.MULTILINE)
_PM2_DOWN = frozenset({"errored", "stopped", "stopping", "waiting restart"})
_NO_RIGHTS = re.compile(r"not all processes could be identified|you would have to be root", re.IGNORECASE)
_OWN = re.compile(r"--noprofile --norc|supervisor\.py|\bgrep\b")


def pm2_status(printed: Printed) -> Found | None:
    """Read the table of `pm2 status`; of one process when the command names it."""
    rows = _boxed(printed.out)
    if "Spawning PM2 daemon" in printed.out:
        return Found("pm2 does not run for the user that this server runs as")
    if rows is None:
        return None
    wanted = next(iter(operands(printed.first, 2)), "all")
    if wanted != "all":
        mine = [row for row in rows if wanted in (row.get("name"), row.get("id"), row.get("namespace"))]
        return _pm2_process(wanted, mine)
    if not rows:
        return Found("pm2 knows no process")
    down = [row for row in rows if row.get("status") != "online"]
    if not down:
        return Found(f"{counted(len(rows), 'process', 'processes')} online", _steady(rows))
    told = ", ".join(f"{row.get('name')} {row.get('status')}" for row in down)
    bad = any(row.get("status") in {"errored", "waiting restart"} for row in down)
    return Found(shortened(f"{len(rows) - len(down)} of {len(rows)} online: {told}"), "bad" if bad else "unknown")


def pm2_describe(printed: Printed) -> Found | None:
    """Read the two columns of `pm2 describe`."""
    lines = [line for line in printed.out.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    row = {pair[0]: pair[1] for pair in cells if len(pair) == 2}  # noqa: PLR2004  a name and its value
    if "status" not in row or "name" not in row:
        return None
    return _pm2_process(row["name"], [row | {"↺": row.get("restarts", "0")}])


def _pm2_process(name: str, rows: list[Row]) -> Found:
    if not rows:
        return Found(f"{name}: no process of that name", "bad")
    states = [row.get("status", "") for row in rows]
    restarts = sum(whole(row.get("↺", "")) or 0 for row in rows)
    online = states.count("online")
    state = states[0] if len(set(states)) == 1 else f"{online} of {len(rows)} online"
    text = f"{name}: {state or 'in an unknown state'}, {counted(restarts, 'restart')}"
    if online == len(rows):
        return Found(text, _steady(rows))
    return Found(text, "bad" if _PM2_DOWN & set(states) else "unknown")


def _steady(rows: list[Row]) -> Literal["good", "unknown"]:
    """Tell good from a crash loop: online for seconds after several restarts is not yet good."""
    crashing = any(_YOUNG.match(row.get("uptime", "")) and (whole(row.get("↺", "")) or 0) >= CRASHES for row in rows)
    return "unknown" if crashing else "good"


def _boxed(out: str) -> list[Row] | None:
    """Give the rows of a table drawn in boxes, by heading; None when it is no table of processes."""
    lines = [line for line in out.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    if not cells or not {"name", "status"} <= set(cells[0]):
        return None
    return [dict(zip(cells[0], row, strict=False)) for row in cells[1:]]


_FILTER = re.compile(r"\(?\s*sport\s*=?\s*:(\d+)\s*\)?")


def port(printed: Printed) -> Found | None:
    """Read whether something listens, from `netstat` or `ss` narrowed by one number."""
    filtered = _FILTER.fullmatch(printed.last.texts[-1]) if len(printed.calls) == 1 else None
    if filtered and printed.exit == 0 and "l" in printed.first.texts[1]:
        there = any(_listens(line, filtered[1]) for line in printed.lines[1:])
        verb = "something listens" if there else "nothing listens"
        return Found(f"{verb} on {filtered[1]}", "good" if there else "bad")
    if [call.name for call in printed.calls[1:]] != ["grep"] or not _lists_listeners(printed):
        return None
    number = _PORT.match(next(iter(operands(printed.last, 1, "ABCm")), ""))
    unclear = [line for line in printed.err.splitlines() if line.strip() and not _NO_RIGHTS.search(line)]
    if not number or unclear or printed.exit > 1 or set(printed.last.texts) & {"-v", "-c", "-q"}:
        return None
    for line in printed.lines:
        if _listens(line, number[1]):
            owner = re.search(r"\d+/([\w.-]+)|\(\(\"([^\"]+)\"", line)
            return Found(f"{(owner[1] or owner[2]) if owner else 'something'} listens on {number[1]}", "good")
    return Found(f"nothing listens on {number[1]}", "bad")


def _lists_listeners(printed: Printed) -> bool:
    flags = "".join(word.lstrip("-") for word in printed.first.texts[1:] if word.startswith("-"))
    return "l" in flags and "n" in flags and len(printed.first.texts) == 2  # noqa: PLR2004  name and one flag group


def _listens(line: str, number: str) -> bool:
    """Tell whether a line has that port among local addresses: the first two addresses are local, then foreign."""
    addresses = [word for word in line.split() if re.search(r":(?:\d+|\*)$", word)]
    return bool(addresses) and addresses[0].endswith(f":{number}")


_ESTABLISHED = re.compile(r"^TCP:\s+\d+ \(estab (\d+)", re.MULTILINE)


def sockets(printed: Printed) -> Found | None:
    """Read how many connections are open from the summary of `ss -s`."""
    found = _ESTABLISHED.search(printed.out)
    return Found(f"{counted(int(found[1]), 'connection')} established") if found else None


def process_list(printed: Printed) -> Found | None:
    """Read how many processes `ps ... | grep NAME` found, without the search itself, or the first of a sorted list."""
    if len(printed.calls) == 1 and any(word.startswith("--sort") for word in printed.first.texts):
        rows = printed.lines[1:]
        return Found(shortened(f"{counted(len(rows), 'process', 'processes')}, first: {rows[0]}")) if rows else None
    if [call.name for call in printed.calls[1:]] != ["grep"]:
        return None
    mine = [line for line in printed.lines if not _OWN.search(line)]
    wanted = next(iter(operands(printed.last, 1, "ABCm")), "it")
    if not mine:
        return Found(f"no process matches {shortened(wanted, 40)}")
    return Found(f"{counted(len(mine), 'process matches', 'processes match')} {shortened(wanted, 40)}")


_PROPERTY = re.compile(r"(\w+)=(.*)")
_MOST = 5


def properties(printed: Printed) -> Found | None:
    """Read the few properties that `systemctl show` was asked for; sizes in words."""
    rows = [_PROPERTY.fullmatch(line) for line in printed.lines]
    if len(printed.calls) != 1 or not 0 < len(rows) <= _MOST:
        return None
    told = [f"{row[1]} {_size(row[1], row[2])}" for row in rows if row]
    return Found(shortened(", ".join(told))) if len(told) == len(rows) else None


def _size(name: str, value: str) -> str:
    size = whole(value)
    if size is None or not name.startswith("Memory"):
        return value
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def unit(printed: Printed) -> Found | None:
    """Read the state of a unit from `systemctl status` or `is-active`."""
    names = operands(printed.first, 2, "npt")
    if len(names) != 1 or len(printed.calls) != 1:
        return None
    found = _ACTIVE.search(printed.out)
    state = found[1] if found else shortened(printed.out, 40)
    if not found and state not in {"active", "inactive", "failed", "activating", "deactivating", "unknown"}:
        return None
    if state.startswith("failed"):
        return Found(f"{names[0]}: {state}", "bad")
    return Found(f"{names[0]}: {state}", "good" if state in {"active", "active (running)"} else "unknown")
