"""What `serve` starts for each of `[server] intake_processes`; nobody else has a use for it."""

import ctypes
import gc
import os
import signal
import sys

import uvloop

from tocsin.cli.logs import log_to_stderr
from tocsin.runner.supervisor import SET_PDEATHSIG
from tocsin.web.front import serve


def main(log_form: str, channel: str, listening: str) -> None:
    """Be a front, over these open sockets. It ends with the process that started it, not by a signal for both."""
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    if sys.platform == "linux":  # a front that stands still cannot see that it is alone, and would keep the port
        ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGKILL)
    log_to_stderr(log_form)
    gc.freeze()
    uvloop.run(_serve(int(channel), int(listening)))


async def _serve(channel: int, listening: int) -> None:
    await serve(channel, listening)
    os._exit(0)  # at once: nobody may be answered now, not even that something broke


if __name__ == "__main__":
    main(*sys.argv[1:])
