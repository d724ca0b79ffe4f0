"""Reads what the machine says of itself: df, free, uptime, top."""

import re

from tocsin.response.printed import Found, Printed, shortened

FULL = 95
ROOMY = 80
_LOAD = re.compile(r"load averages?: ([\d.]+)")
_DISK = re.compile(r"^(\S+)\s.*\s(\d{1,3})%\s+(/.*)$")
_NO_DISK = ("tmpfs", "devtmpfs", "udev", "overlay", "none", "efivarfs", "/dev/loop", "squashfs", "shm")


def disk(printed: Printed) -> Found | None:
    """Read the fullest disk of `df`; file systems that live in memory or are always full do not count."""
    rows = [found for line in printed.lines if (found := _DISK.match(line))]
    disks = [(int(row[2]), row[3]) for row in rows if not row[1].startswith(_NO_DISK)]
    if not disks or len(printed.calls) != 1:
        return None
    percent, where = max(disks)
    return Found(
        f"fullest disk: {shortened(where, 60)} at {percent}%",
        "bad" if percent >= FULL else "unknown" if percent >= ROOMY else "good",
    )


def memory(printed: Printed) -> Found | None:
    """Read the memory that is left from `free`."""
    heading = next((line.split() for line in printed.lines if "available" in line), [])
    row = next((line.split()[1:] for line in printed.lines if line.startswith("Mem:")), [])
    if "available" not in heading or len(row) != len(heading):
        return None
    values = dict(zip(heading, row, strict=True))
    return Found(f"{values['available']} of {values.get('total', '?')} memory available")


def load(printed: Printed) -> Found | None:
    """Read the load from the first line of `uptime` or `top`, and the busiest process of `top`."""
    found = _LOAD.search(printed.out)
    if not found:
        return None
    rows = [line.split() for line in printed.lines]
    heading = next((n for n, row in enumerate(rows) if "%CPU" in row and "COMMAND" in row), None)
    if heading is None or heading + 1 >= len(rows):
        return Found(f"load {found[1]}")
    busiest = dict(zip(rows[heading], rows[heading + 1], strict=False))
    return Found(
        f"load {found[1]}, busiest: {busiest.get('COMMAND', '?')} at {busiest.get('%CPU', '?')}% of a processor"
    )
