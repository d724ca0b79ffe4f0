"""What `serve` starts for each of `[server] intake_processes`; nobody else has a use for it."""

import gc
import signal
import sys

import uvloop

from tocsin.cli.logs import log_to_stderr
from tocsin.web.front import serve


def main(log_form: str, channel: str, listening: str) -> None:
    """Be a front, over these open sockets. It ends with the process that started it, not by a signal for both."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    log_to_stderr(log_form)
    gc.freeze()
    uvloop.run(serve(int(channel), int(listening)))


if __name__ == "__main__":
    main(*sys.argv[1:])
