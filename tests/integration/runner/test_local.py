"""Real processes: nothing is inherited, nothing is left behind, nothing secret is shown."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import uvloop

from tocsin.runner.command import CAP, Command, Outcome, base_environment
from tocsin.runner.local import run

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel's adoption of orphans is Linux"
)
Make = Callable[..., Command]
FLOOD = int(os.environ.get("TOCSIN_FLOOD", "300000000"))
"""How many bytes come through a pipe where all of them do; what is kept of them is a thousandth of this."""


def mark() -> str:
    """Give a number of seconds to sleep that no other process sleeps."""
    return f"{3600 + time.monotonic_ns() % 10**9 / 10**9 + os.getpid():.9f}"


def processes() -> list[tuple[int, str]]:
    """Give the id and the command line of every process; a zombie has none."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found.append((int(path.parent.name), words))
    return found


def alive(text: str) -> list[str]:
    """Give the command lines that hold the text."""
    return [words for _, words in processes() if text in words]


def children() -> set[str]:
    """Give the id and the name of every process below this one that nobody buried, zombies among them.

    A server that other tests of this process started may be one of them: compare with those before.
    """
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = path.read_text().rpartition(")")
            if rest.split()[1] == str(os.getpid()):
                found.add(f"{name})")
    return found


def opened() -> set[str]:
    """Give the files this process has open."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def supervisor_of(text: str) -> int:
    """Give the process that watches over the command with that text."""
    return next(process for process, words in processes() if text in words and "supervisor.py" in words)


async def gone(text: str, within: float = 60.0) -> bool:
    until = time.monotonic() + within
    while alive(text):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.02)
    return True


async def started(text: str) -> None:
    async with asyncio.timeout(60):
        while not alive(text):  # noqa: ASYNC110  another process, which cannot tell us
            await asyncio.sleep(0.01)


async def ran(text: str, seconds: float = 60, **over: object) -> Outcome:
    fields = {"environment": base_environment(), "timeout": timedelta(seconds=seconds)} | over
    return await run(Command(text=text, **fields))  # type: ignore[arg-type]


async def test_a_command_that_ends_tells_its_code_and_both_outputs() -> None:
    outcome = await ran("echo out; echo err >&2; exit 3")
    assert (outcome.how, outcome.exit, outcome.out, outcome.err) == ("ended", 3, "out\n", "err\n")
    assert not outcome.truncated
    assert 0 < outcome.seconds < 60


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("true", 0),
        ("false | cat", 1),
        ("yes | head -1", 141),
        ("echo x | grep -q y", 1),
        ("echo $UNSET_HERE; echo on", 127),
        ("nosuchcommand", 127),
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
    ],
)
async def test_codes_are_those_of_a_strict_shell(text: str, code: int) -> None:
    outcome = await ran(text)
    assert (outcome.how, outcome.exit) == ("ended", code)


async def test_of_a_text_that_bash_cannot_read_not_even_the_first_line_runs(tmp_path: Path) -> None:
    made = tmp_path / "made"
    outcome = await ran(f"touch {made}\nif true; then")
    assert outcome.how == "not-started"
    assert "bash cannot read it" in outcome.err
    assert not made.exists()


async def test_the_text_reaches_the_shell_as_it_is() -> None:
    assert (await ran("printf '%s|' \"a  b\" 'c$d' é\\\\")).out == "a  b|c$d|é\\|"


async def test_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_TEST_SECRET", "hunter22")
    monkeypatch.setenv("BASH_ENV", "/nonexistent")
    environment = {"PATH": base_environment()["PATH"], "ONLY": "this"}
    outcome = await ran("env; tr '\\0' '\\n' < /proc/$PPID/environ", environment=environment)
    names = {line.partition("=")[0] for line in outcome.out.splitlines() if "=" in line}
    assert "hunter22" not in outcome.out
    assert names - {"LC_CTYPE"} == {"PATH", "ONLY", "PWD", "SHLVL", "_"}


async def test_no_descriptor_of_ours_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "ours").open("w") as ours:
        os.set_inheritable(ours.fileno(), True)
        outcome = await ran("for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do readlink /proc/$$/fd/$fd; done; true")
    assert [target.partition(":")[0] for target in outcome.out.split()] == ["/dev/null", "pipe", "pipe"]


async def test_there_is_no_terminal_and_no_input() -> None:
    assert (await ran("cat; read x || echo none; tty; : < /dev/tty")).out == "none\nnot a tty\n"


def test_the_base_environment_takes_only_the_path_and_the_home() -> None:
    outer = {
        "PATH": "/bin:.:relative:/opt/node/bin",
        "HOME": "/srv",
        "DATABASE_URL": "x",
        "BASH_FUNC_ls%%": "() { rm; }",
    }
    base = base_environment(outer)
    assert base["PATH"] == "/bin:/opt/node/bin"
    assert base["HOME"] == "/srv"
    assert set(base) == {
        "PATH", "HOME", "LANG", "TZ", "TERM", "NO_COLOR", "PAGER", "GIT_PAGER", "GIT_TERMINAL_PROMPT", "CI",
    }  # fmt: skip


async def test_it_runs_where_it_is_told(tmp_path: Path) -> None:
    assert (await ran("pwd; umask", directory=str(tmp_path))).out == f"{tmp_path}\n0077\n"


async def test_a_missing_folder_or_shell_is_not_started(tmp_path: Path) -> None:
    outcome = await ran("touch x", directory=str(tmp_path / "nope"))
    assert (outcome.how, outcome.exit) == ("not-started", None)
    assert "nope cannot be entered" in outcome.err
    outcome = await ran("true", environment={"PATH": str(tmp_path)})
    assert (outcome.how, outcome.err) == ("not-started", "bash cannot be started: No such file or directory")
    outcome = await ran("x" * 3_000_000)
    assert outcome.how == "not-started"
    outcome = await ran("echo \0")
    assert outcome.how == "not-started"


async def test_a_machine_that_gives_no_more_threads_is_not_started_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(self: threading.Thread) -> None:
        assert self.name.startswith("child-")
        raise RuntimeError("can't start new thread")

    before, files = children(), opened()
    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", refuses)
        outcome = await ran("true")
    assert (outcome.how, outcome.exit) == ("not-started", None)
    assert outcome.err.startswith("it cannot be started: ")
    assert "no thread can be started" in outcome.err
    assert children() <= before
    assert opened() <= files


# Twice forked and in a session of its own, as daemons are.
DAEMON = (
    "python3 -c 'import os; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); "
    'os.execvp("sleep", ["sleep", "{0}"])\'; sleep {0}'
)


@pytest.mark.parametrize(
    "text",
    [
        "sleep {0}",
        "sleep {0} | sleep {0} | cat",
        "sleep {0} & wait",
        "setsid sleep {0} & setsid setsid sleep {0} & wait",
        "(setsid sleep {0} &) ; sleep {0}",
        "setsid bash -c 'setsid sleep {0} & disown; exit' & sleep {0}",
        "nohup sleep {0} >/dev/null 2>&1 & disown; sleep {0}",
        DAEMON,
    ],
)  # fmt: skip
async def test_when_the_time_is_over_everything_is_ended(text: str) -> None:
    seconds, before = mark(), children()
    outcome = await ran(text.format(seconds), 0.4)
    assert (outcome.how, outcome.exit) == ("timed-out", None)
    assert alive(f"sleep {seconds}") == []
    assert children() <= before
    assert outcome.seconds < 60


@pytest.mark.parametrize(
    "text",
    [
        "trap '' TERM; sleep {0} & while :; do wait; done",
        "setsid bash -c \"trap '' TERM HUP INT; sleep {0}\" & wait",
    ],
)
async def test_what_ignores_a_polite_end_is_ended_all_the_same(text: str) -> None:
    seconds = mark()
    outcome = await ran(text.format(seconds), 2)
    assert outcome.how == "timed-out"
    assert alive(seconds) == []
    assert 4 <= outcome.seconds < 60


async def test_what_a_command_leaves_in_the_background_ends_with_it() -> None:
    seconds = mark()
    outcome = await ran(f"sleep {seconds} & setsid sleep {seconds} & (setsid sleep {seconds} &) ; echo done")
    assert (outcome.how, outcome.exit, outcome.out) == ("ended", 0, "done\n")
    assert alive(seconds) == []
    assert outcome.seconds < 60


async def test_processes_that_multiply_while_being_ended_are_ended() -> None:
    seconds = mark()
    busy = f"(trap '' TERM; while :; do setsid sleep {seconds} & sleep 0.2; done)"
    text = f"trap '' TERM; for i in 1 2 3 4; do {busy} & done; wait"
    outcome = await ran(text, 0.5)
    assert outcome.how == "timed-out"
    assert alive(seconds) == []


async def test_cancelling_ends_the_command_first() -> None:
    seconds = mark()
    task = asyncio.create_task(ran(f"setsid sleep {seconds} & sleep {seconds}", 60))
    await started(f"sleep {seconds}")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert alive(seconds) == []


async def test_cancelling_twice_and_at_once_leaves_nothing() -> None:
    seconds = mark()
    for pause in (0, 0.001, 0.01, 0.03, 0.06):
        task = asyncio.create_task(ran(f"sleep {seconds}", 60))
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await gone(seconds)


SERVER = """
import asyncio, sys
from datetime import timedelta
from tocsin.runner.command import Command, base_environment
from tocsin.runner.local import run
text = "trap '' TERM; sleep {0} & setsid sleep {0} & (setsid sleep {0} &) ; wait".format(sys.argv[1])
asyncio.run(run(Command(text=text, environment=base_environment(), timeout=timedelta(seconds=60))))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_killed_server_leaves_nothing_behind(how: signal.Signals) -> None:
    seconds = mark()
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, seconds)
    await started(f"sleep {seconds}")
    server.send_signal(how)
    await server.wait()
    assert await gone(seconds)


async def test_a_killed_supervisor_is_noticed() -> None:
    seconds = mark()
    task = asyncio.create_task(ran(f"sleep {seconds} & sleep {seconds}", 60))
    async with asyncio.timeout(60):
        # The supervisor's own command line has the text too, before anything runs.
        while sum(words.startswith("sleep ") for words in alive(seconds)) < 2:  # noqa: ASYNC110  they cannot tell us
            await asyncio.sleep(0.01)
    os.kill(supervisor_of(seconds), signal.SIGKILL)
    outcome = await task
    assert (outcome.how, outcome.exit) == ("cut-short", None)
    assert await gone(seconds)


async def test_an_endless_log_is_ended_in_time_and_what_it_said_is_kept(tmp_path: Path) -> None:
    seconds, told, before = mark(), tmp_path / "log", children()
    told.write_text("one\ntwo\n")
    follow = f"tail -f {told} & while :; do echo more; sleep 0.02; done & sleep {seconds}"
    outcome = await ran(follow, 3)
    assert (outcome.how, outcome.exit) == ("timed-out", None)
    assert {"one", "two", "more"} <= set(outcome.out.splitlines())
    assert alive(str(told)) == alive(seconds) == []
    assert children() <= before


SUPERVISED = """
import asyncio, resource, sys
from datetime import timedelta
from pathlib import Path
from tocsin.runner import local
from tocsin.runner.command import Command, base_environment

def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

async def ran(text):
    return await local.run(Command(text=text, environment=base_environment(), timeout=timedelta(seconds=60)))

asyncio.run(ran("echo warm"))
before = used()
local.GRACE = float(sys.argv[1])
outcome = asyncio.run(ran(sys.argv[2]))
below = [path for path in Path("/proc/self/task").glob("*/children") if path.read_text().strip()]
print(outcome.how, outcome.truncated, len(outcome.out), used() - before, len(below))
"""


@pytest.mark.parametrize(
    ("grace", "command", "whole"),
    [
        (2.0, "head -c 1000000000 /dev/zero && touch {0}", False),
        # It will not be told to stop and has the time to go on: all of it comes through the pipe.
        (60.0, f"trap '' TERM; head -c {FLOOD} /dev/zero && touch {{0}}", True),
    ],
    ids=["as it is", "all of it"],
)
def test_a_flood_of_output_takes_no_memory(tmp_path: Path, grace: float, command: str, whole: bool) -> None:
    end = tmp_path / "end"
    arguments = [sys.executable, "-c", SUPERVISED, str(grace), command.format(end)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=280, check=True)
    how, truncated, kept, grown, left = done.stdout.split()
    assert (how, truncated) == ("cut-short", "True")
    assert end.exists() == whole
    assert int(kept) <= CAP + 100
    assert int(grown) < 64  # MiB
    assert int(left) == 0
    assert alive(str(end)) == []


async def test_a_flood_is_cut_short_and_its_ends_are_kept() -> None:
    outcome = await ran("echo first; yes", 120)
    assert (outcome.how, outcome.truncated) == ("cut-short", True)
    assert outcome.out.startswith("first\ny\n")
    assert len(outcome.out.encode()) <= CAP + 100
    assert outcome.seconds < 120


async def test_the_middle_of_a_long_output_is_left_out_with_a_mark() -> None:
    outcome = await ran("seq 1 2000; seq 1 2000 >&2", cap=1000)
    assert (outcome.how, outcome.exit, outcome.truncated) == ("ended", 0, True)
    assert outcome.out.startswith("1\n2\n3\n")
    assert outcome.out.endswith("\n1999\n2000\n")
    total = sum(len(f"{n}\n") for n in range(1, 2001))
    assert f"\n… {total - 1000} bytes left out …\n" in outcome.out
    assert len(outcome.err) < 1100


async def test_one_huge_line_is_bounded() -> None:
    outcome = await ran("head -c 3000000 /dev/zero | tr '\\0' a")
    assert (outcome.how, outcome.exit, outcome.truncated) == ("ended", 0, True)
    assert len(outcome.out) <= CAP + 100


async def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    outcome = await ran("printf '\\xff\\xfe\\x00a\\033[31mred\\033[0m\\n'; head -c 2000 /dev/urandom")
    assert outcome.how == "ended"
    assert outcome.out.startswith("\ufffd\ufffd␀ared\n")


async def test_secrets_are_hidden_also_where_the_output_is_cut() -> None:
    secret = "hunter22-and-more"
    environment = base_environment() | {"TOKEN_VALUE": secret}
    text = "for i in $(seq 300); do echo $i x$TOKEN_VALUE$i; done; echo $TOKEN_VALUE >&2; env | grep TOKEN; exit 0"
    for cap in range(400, 460):
        if cap % 20 == 0:
            outcome = await ran(text, environment=environment, secrets=(secret,), cap=cap)
            assert "hunter" not in outcome.out + outcome.err
            assert outcome.redactions == 302


async def test_limits_are_in_force(tmp_path: Path) -> None:
    outcome = await ran("ulimit -c; ulimit -f; ulimit -t", 10)
    assert outcome.out == "0\n65536\n12\n"
    outcome = await ran("head -c 100000000 /dev/zero > big; echo $?; wc -c < big", directory=str(tmp_path))
    assert outcome.out.splitlines()[1] == str(64 * 1024 * 1024)


async def test_a_busy_loop_ends() -> None:
    assert (await ran("while :; do :; done", 0.5)).how == "timed-out"


async def test_many_at_once_do_not_disturb_each_other() -> None:
    outcomes = await asyncio.gather(*(ran(f"echo {n}; exit {n}") for n in range(12)))
    assert [(o.how, o.exit, o.out) for o in outcomes] == [("ended", n, f"{n}\n") for n in range(12)]


async def test_no_descriptor_is_lost() -> None:
    await ran("true")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  a count of our own
    for _ in range(3):
        await ran("true")
        await ran("true", environment={"PATH": "/nonexistent"})
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_the_supervisor_starts_nothing_without_the_word_to_begin(tmp_path: Path) -> None:
    supervisor = Path(__file__).parents[3] / "src/tocsin/runner/supervisor.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", supervisor, "2", "5", "1", str(tmp_path), "touch", "begun"],
        stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_command_writes_to_its_outputs_by_name_on_the_loop_that_serves_too() -> None:
    text = "echo good > /dev/stdout; echo bad > /dev/stderr; cat /dev/stdin"
    outcome = uvloop.run(run(Command(text=text, environment=base_environment())))
    assert (outcome.how, outcome.exit, outcome.out, outcome.err) == ("ended", 0, "good\n", "bad\n")
