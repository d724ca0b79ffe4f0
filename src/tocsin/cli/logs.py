"""The log of a server on stderr: lines of text, or of JSON."""

import json
import logging
import sys


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the record as JSON."""
        shown = {"at": self.formatTime(record), "level": record.levelname.lower(), "logger": record.name}
        shown["text"] = record.getMessage()
        if record.exc_info:
            shown["error"] = self.formatException(record.exc_info)
        return json.dumps(shown)


def log_to_stderr(form: str) -> None:
    """Write the log to stderr in that form, text or json."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(_JsonLines() if form == "json" else plain)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # No line of ours names these, and to find them out for each costs half of it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001  as the HOWTO of logging says
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
