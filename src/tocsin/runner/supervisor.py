"""Stands between the server and one command, so that nothing of the command outlives it. Runs as a program of its own.

    python -I -S supervisor.py REPORT SECONDS GRACE DIRECTORY ARGUMENT...

It waits for one byte on its standard input, then starts the arguments as a program. Everything they start is its own
descendant for good: a daemon that leaves its session is handed back to it by the kernel. When the program ends, when
the time is over, or when standard input closes because the server let go or died, it ends every descendant: politely,
and after GRACE seconds not. What happened goes to file descriptor REPORT as words: `started PID`, `missing WHY`,
`ended CODE`, `timeout`, `dropped`. It imports nothing of the package and needs nothing but the standard library.
"""

import ctypes
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress

SET_PDEATHSIG = 1
SET_CHILD_SUBREAPER = 36
MIB = 1024 * 1024
LIMIT_FILE = 64 * MIB
LIMIT_PROCESSES = 4096
GIVE_UP = 5.0
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run one program and leave nothing of it behind."""
    report, seconds, grace = int(arguments[0]), float(arguments[1]), float(arguments[2])
    directory, program = arguments[3], arguments[4:]
    os.set_inheritable(report, False)
    wake = _prepare()
    if not os.read(0, 1):
        return 0
    child, trouble = _start(program, directory, seconds)
    if trouble:
        _say(report, f"missing {trouble}")
        return 0
    _say(report, f"started {child}")
    _let_go_of_output()
    how = _watch(child, wake, time.monotonic() + seconds)
    if how == "ended":
        how = f"ended {_code(child)}"
    _end_all(child, grace)
    _say(report, how)
    return 0


def _prepare() -> int:
    """Become the parent of every orphan below, hear of the parent's death, and give the pipe signals arrive on."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (*SIGNALS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return reader


def _start(program: list[str], directory: str, seconds: float) -> tuple[int, str]:
    """Start the program in a session of its own; give its id, and why it could not start."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _become(program, directory, seconds, writer)
    os.close(writer)
    with os.fdopen(reader) as told:
        trouble = told.read()
    if trouble:
        os.waitpid(child, 0)
    return child, trouble


def _become(program: list[str], directory: str, seconds: float, writer: int) -> None:
    """Turn into the program, in the child; it never returns."""
    try:
        os.setsid()
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for number in range(1, signal.NSIG):
            with suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        os.umask(0o077)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_CPU, int(seconds) + 2)
        _limit(resource.RLIMIT_FSIZE, LIMIT_FILE)
        _limit(resource.RLIMIT_NPROC, LIMIT_PROCESSES)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if directory:
            os.chdir(directory)
    except OSError as error:
        os.write(writer, f"the folder {directory} cannot be entered: {error.strerror}".encode())
        os._exit(1)
    try:
        os.execvp(program[0], program)  # noqa: S606  no shell: the words are already apart
    except OSError as error:
        os.write(writer, f"{program[0]} cannot be started: {error.strerror}".encode())
    os._exit(1)


def _limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    hard = resource.getrlimit(kind)[1]
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (lowest, lowest))


def _let_go_of_output() -> None:
    """Close the output that the command writes to, or the server would never see its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _watch(child: int, wake: int, until: float) -> str:
    """Wait for the first of: the program's end, the end of its time, the end of the server's interest."""
    while True:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return "ended"
        left = until - time.monotonic()
        if left <= 0:
            return "timeout"
        ready, _, _ = select.select([0, wake], [], [], left)
        if 0 in ready:
            return "dropped"
        if wake in ready and set(os.read(wake, 64)) & set(SIGNALS):
            return "dropped"
        _reap(but=child)


def _code(child: int) -> int:
    """Give the exit code as a shell does: 128 + N for signal N. The child stays unburied: its id stays its own."""
    result = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    if result is None:
        return 1
    return result.si_status if result.si_code == os.CLD_EXITED else 128 + result.si_status


def _reap(but: int) -> None:
    """Bury adopted processes that ended meanwhile."""
    for process in _descendants():
        if process != but:
            with suppress(OSError):
                os.waitpid(process, os.WNOHANG)


def _end_all(child: int, grace: float) -> None:
    """End every descendant: ask, wait, then force, again and again until there is none."""
    with suppress(OSError):
        os.killpg(child, signal.SIGTERM)
    _signal_all(signal.SIGTERM)
    until = time.monotonic() + grace
    while _left() and time.monotonic() < until:
        time.sleep(0.01)
    give_up = time.monotonic() + GIVE_UP
    while _left() and time.monotonic() < give_up:
        # Stopped first, so that nothing multiplies while its relatives are being killed.
        _signal_all(signal.SIGSTOP)
        _signal_all(signal.SIGKILL)
        time.sleep(0.005)


def _left() -> bool:
    """Bury what has ended and tell whether any child is left; orphans become children."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
        except ChildProcessError:
            return False


def _signal_all(number: int) -> None:
    for process in _descendants():
        with suppress(OSError):
            os.kill(process, number)


def _descendants() -> list[int]:
    """Give every process below this one, from the kernel's own table; nothing where there is no such table."""
    children: dict[int, list[int]] = {}
    with suppress(OSError):
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                with suppress(OSError, IndexError, ValueError):
                    children.setdefault(_parent(entry.path), []).append(int(entry.name))
    found, waiting = list[int](), [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _parent(folder: str) -> int:
    """Give the parent's id: the second word behind the name, which may itself hold blanks and brackets."""
    stat = os.open(f"{folder}/stat", os.O_RDONLY)
    try:
        return int(os.read(stat, 4096).rpartition(b")")[2].split()[1])
    finally:
        os.close(stat)


def _say(report: int, word: str) -> None:
    with suppress(OSError):
        os.write(report, (word + "\n").encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
