"""Commands on another machine: a real client and a real sshd, and the same with a stand-in for the client."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from integration.runner.ssh_server import Server, sshd, stand_in
from tocsin.runner.command import Command, Host, Outcome
from tocsin.runner.remote import run

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with sshd() as found:
        yield found


@pytest.fixture(params=["sshd", "stand-in"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Host]:
    if request.param == "sshd":
        yield request.getfixturevalue("server").host()
        return
    with stand_in(monkeypatch, tmp_path) as found:
        yield found


def command(text: str, seconds: float = 60, **more: object) -> Command:
    given = {"environment": {}, "timeout": timedelta(seconds=seconds), **more}
    return Command(text=text, **given)  # type: ignore[arg-type]


async def over(host: Host, text: str, seconds: float = 60, **more: object) -> Outcome:
    return await run(command(text, seconds, **more), host)


def running(number: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if words[:2] == [b"sleep", number.encode()]:
                found.append(path.parent.name)
    return found


def number() -> str:
    return f"{4000 + time.monotonic_ns() % 10**9 / 10**9:.9f}"


async def gone(sleeping: str) -> bool:
    async with asyncio.timeout(60):
        while running(sleeping):  # noqa: ASYNC110  another machine rings no bell
            await asyncio.sleep(0.05)
    return True


async def begun(sleeping: str) -> None:
    async with asyncio.timeout(60):
        while not running(sleeping):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_no_shell_on_the_way_reads_the_text(host: Host) -> None:
    text = "printf '%s|' \"it's\" '$HOME' \"a  b\" '`id`' '\\' '!x' $((1+1))\necho; echo err >&2; exit 3"
    found = await over(host, text)
    assert (found.how, found.exit) == ("ended", 3)
    assert found.out == "it's|$HOME|a  b|`id`|\\|!x|2|\n"
    assert found.err == "err\n"


@pytest.mark.parametrize("code", [0, 1, 126, 127, 255])
async def test_the_exit_code_is_the_commands_own(host: Host, code: int) -> None:
    found = await over(host, f"exit {code}")
    assert (found.how, found.exit, found.out, found.err) == ("ended", code, "", "")


async def test_it_fails_as_here_for_an_unset_variable_and_in_a_pipe(host: Host) -> None:
    assert (await over(host, "false | true")).exit == 1
    assert "unbound variable" in (await over(host, "echo $NOBODY_SET_THIS")).err


async def test_variables_arrive_as_they_are_and_stand_in_no_list_of_processes(host: Host) -> None:
    value = "a'b\"c $(id) \n\\ d"
    text = (
        'printf %s "$GIVEN"; echo; ps -eo args | grep -c "[s]ecret-of-the-step" || true; echo "${SHELL_OF_SERVER-no}"'
    )
    found = await over(host, text, environment={"GIVEN": value, "WORD": "secret-of-the-step"})
    assert found.out == f"{value}\n0\nno\n"


async def test_its_input_is_empty_and_secrets_are_not_shown(host: Host) -> None:
    found = await over(host, 'cat; echo "$TOKEN"', environment={"TOKEN": "hunter2hunter2"}, secrets=("hunter2hunter2",))
    assert "hunter2" not in found.out
    assert found.redactions == 1


async def test_it_runs_in_its_folder_or_says_that_there_is_none(host: Host) -> None:
    assert (await over(host, "pwd", directory="/usr/bin")).out == "/usr/bin\n"
    missing = await over(host, "pwd", directory="/not/there")
    assert (missing.exit, missing.out) == (126, "")
    assert "/not/there" in missing.err


async def test_when_its_time_is_over_it_is_ended_over_there(host: Host) -> None:
    sleeping = number()
    found = await over(host, f"echo begun; sleep {sleeping} & sleep {sleeping}", seconds=1)
    assert (found.how, found.exit, found.out) == ("timed-out", None, "begun\n")
    assert await gone(sleeping)


async def test_what_ignores_the_polite_signal_is_ended_too(host: Host) -> None:
    sleeping = number()
    found = await over(host, f"trap '' TERM; sleep {sleeping}; sleep {sleeping}", seconds=1)
    assert found.how == "timed-out"
    assert await gone(sleeping)


async def test_cancelled_it_is_ended_over_there(host: Host) -> None:
    sleeping = number()
    task = asyncio.ensure_future(over(host, f"sleep {sleeping}", seconds=200))
    await begun(sleeping)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(sleeping)


async def test_what_it_leaves_in_the_background_is_ended_with_it(host: Host) -> None:
    sleeping = number()
    found = await over(host, f"sleep {sleeping} >/dev/null 2>&1 & echo done")
    assert (found.how, found.exit, found.out) == ("ended", 0, "done\n")
    assert await gone(sleeping)


async def test_much_output_is_cut_and_its_end_is_still_told(host: Host) -> None:
    found = await over(host, "seq 200000 >&2; exit 4", cap=4096)
    assert (found.how, found.exit, found.truncated) == ("ended", 4, True)
    assert "tocsin-" not in found.err


async def test_a_machine_that_is_not_known_is_not_believed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "known").touch()
    found = await over(server.host(known_hosts=str(tmp_path / "known")), "touch /tmp/never")
    assert (found.how, found.exit) == ("not-started", None)
    assert found.err == "web cannot be reached: Host key verification failed."


async def test_a_machine_that_does_not_answer_is_no_failing_command(server: Server) -> None:
    found = await over(server.host(port=1), "exit 0")
    assert found.how == "not-started"
    assert "web cannot be reached: " in found.err
    assert "Connection refused" in found.err


async def test_a_key_that_is_not_accepted_asks_nobody(server: Server, tmp_path: Path) -> None:
    found = await over(server.host(identity=str(tmp_path / "none")), "exit 0")
    assert found.how == "not-started"
    assert "Permission denied" in found.err


async def test_a_connection_that_breaks_off_leaves_nothing_running_and_says_so() -> None:
    with sshd() as server:
        sleeping = number()
        task = asyncio.ensure_future(over(server.host(), f"echo begun; sleep {sleeping}", seconds=200))
        await begun(sleeping)
        server.stop()
        found = await task
        assert (found.how, found.exit, found.out) == ("cut-short", None, "begun\n")
        assert "the connection to web broke off" in found.err
        assert await gone(sleeping)


async def test_no_configuration_of_ssh_is_read(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text(f"Host *\n  ProxyCommand touch {tmp_path}/read\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (await over(server.host(), "echo there")).out == "there\n"
    assert not (tmp_path / "read").exists()


async def test_without_a_client_nothing_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("bash", "sleep"):
        (tmp_path / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await over(Host(name="web", address="web-1"), "exit 0")
    assert found.how == "not-started"
    assert "ssh: not found" in found.err
