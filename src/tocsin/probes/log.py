"""What log files say: how much, how many errors, from whom, and what was never there before."""

from datetime import datetime
from itertools import islice

from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.options import LogOptions
from tocsin.probes.probe import LookFailed
from tocsin.probes.scanning import MOST_KNOWN, Counted, Scanning
from tocsin.probes.table import Parts
from tocsin.response.redaction import redact

_SHOWN = 200
_NAMED = 5


class Log:
    """Reads what was added to files. Raises SettingsInvalid for an expression that is none."""

    def __init__(self, options: LogOptions, parts: Parts) -> None:
        """Take the files and what to count in them."""
        paths = (options.path,) if isinstance(options.path, str) else options.path
        if not paths or not all(paths):
            raise SettingsInvalid("path names no file")
        self._paths = tuple(str(parts.base / path) for path in paths)
        self._learn, self._learns = options.learn, options.access is not None
        within = parts.timeout.total_seconds()
        expressions = {
            "line": options.line, "error": options.error, "client": options.client, "access": options.access,
        }  # fmt: skip
        self._scanning = Scanning(expressions, most=options.largest, within=within)

    @property
    def memory(self) -> str:
        """Give where each file was left, and the marks of known accesses."""
        return self._scanning.memory

    @memory.setter
    def memory(self, text: str) -> None:
        self._scanning.memory = text

    async def look(self, now: datetime) -> Reading:
        """Read what was added. The first look only finds out where the files end."""
        before = self._scanning.kept.at
        found = await self._scanning.scan(self._paths, now)
        if not found.files:
            raise LookFailed(f"there is no file {self._paths[0]}; look at `path`")
        if found.trouble and not found.seen:
            raise LookFailed(f"{found.trouble}; let the user that serves read it")
        details = {"trouble": found.trouble} if found.trouble else {}
        if before is None or now <= before:
            return Reading(at=now, values={"lines": 0.0, "errors": 0.0, "unread": 0.0}, details=details)
        return Reading(
            at=now,
            values=_measured(found, (now - before).total_seconds()) | self._unusual(found, now),
            details=details | self._told(found, now),
        )

    def _unusual(self, found: Counted, now: datetime) -> dict[str, float]:
        """Give how many accesses were never seen; nothing while that is being learned, or there are too many kinds."""
        began = self._scanning.kept.began or now
        knows = self._learns and now - began >= self._learn and len(self._scanning.kept.known) < MOST_KNOWN
        return {"unusual": float(len(found.new))} if knows else {}

    def _told(self, found: Counted, now: datetime) -> dict[str, str]:
        """Give words for people: who asked most, the last error, what is unusual. Secrets are hidden."""
        told: dict[str, str] = {}
        if found.of_clients:
            top = islice(found.top, _NAMED)
            told["clients"] = ", ".join(f"{_plain(name)} ({count / found.of_clients:.0%})" for name, count in top)
        if found.last_error:
            told["last_error"] = _plain(found.last_error)
        if found.new and self._unusual(found, now):
            told["unusual"] = _plain(", ".join(islice(found.new.values(), _NAMED)))
        if self._learns and len(self._scanning.kept.known) >= MOST_KNOWN:
            told["not_read"] = f"unusual: there are over {MOST_KNOWN} kinds of access; let `access` tell fewer apart"
        return told

    async def close(self) -> None:
        """Nothing is held between looks."""


def _measured(found: Counted, seconds: float) -> dict[str, float]:
    # What was too much to be read is taken to be like what was read.
    whole = (found.read + found.unread) / found.read if found.read else 1.0
    values = {
        "lines": found.lines * whole,
        "rate": found.lines * whole / seconds,
        "errors": found.errors * whole,
        "clients": float(found.clients),
        "unread": float(found.unread),
    }
    if found.lines:
        values["error_share"] = found.errors / found.lines
    if found.of_clients:
        values["top_client_share"] = found.top[0][1] / found.of_clients
    return values


def _plain(text: str) -> str:
    return " ".join(redact(text).text.split())[:_SHOWN]
