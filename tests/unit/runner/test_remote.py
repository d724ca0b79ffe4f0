"""What is asked of `ssh`, and what is made of its answer."""

from itertools import pairwise

import pytest

from tocsin.runner.command import Host, Outcome
from tocsin.runner.remote import _told, options

WEB = Host(name="web", address="web-1", user="tocsin", port=2222, identity="/k", known_hosts="/n")


def told(err: str, how: str = "ended", exit_: int | None = 0) -> Outcome:
    return _told(Outcome(how=how, exit=exit_, out="x", err=err), "tocsin-1", WEB)  # type: ignore[arg-type]


def test_nobody_is_asked_and_no_unknown_machine_is_believed() -> None:
    given = options(WEB)
    pairs = {word for before, word in pairwise(given) if before == "-o"}
    assert given[:2] == ("-F", "none")
    assert {"BatchMode=yes", "StrictHostKeyChecking=yes", "ControlMaster=no", "ControlPath=none"} <= pairs
    assert {"UserKnownHostsFile=/n", "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes"} <= pairs
    assert {"ForwardAgent=no", "PermitLocalCommand=no", "ClearAllForwardings=yes"} <= pairs
    assert given[given.index("-l") : given.index("-l") + 2] == ("-l", "tocsin")
    bare = options(Host(name="web", address="web-1"))
    assert not {"-l", "-i"} & set(bare)
    assert not [word for word in bare if "KnownHostsFile" in word or "IdentitiesOnly" in word]


@pytest.mark.parametrize(
    ("err", "how", "exit_", "expected"),
    [
        ("tocsin-1 begun\noops\ntocsin-1 ended 255\n", "ended", 255, ("ended", 255, "oops\n")),
        ("tocsin-1 begun\ntocsin-1 ended 0\n", "ended", 0, ("ended", 0, "")),
        ("tocsin-1 begun\ntocsin-1 timeout\ntocsin-1 ended 143\n", "ended", 143, ("timed-out", None, "")),
        ("tocsin-1 begun\n", "timed-out", None, ("timed-out", None, "")),
        ("tocsin-1 begun\n", "cut-short", None, ("cut-short", None, "")),
        ("tocsin-1 begun\ntocsin-1 ended nonsense\n", "ended", 255, ("cut-short", None, None)),
        ("tocsin-1 begun\nclient_loop: send disconnect\n", "ended", 255, ("cut-short", None, None)),
        ("Host key verification failed.\n", "ended", 255,
         ("not-started", None, "web cannot be reached: Host key verification failed.")),
        ("bash: line 1: exec: ssh: not found\n", "ended", 127,
         ("not-started", None, "web cannot be reached: bash: line 1: exec: ssh: not found")),
        ("", "ended", 255, ("not-started", None, "web cannot be reached: no reason given")),
        ("", "timed-out", None, ("not-started", None, "web cannot be reached: no answer within 8 s")),
        ("tocsin-2 begun\n", "ended", 0, ("not-started", None, "web cannot be reached: tocsin-2 begun")),
    ],
)  # fmt: skip
def test_trouble_on_the_way_is_told_from_what_the_command_did(
    err: str, how: str, exit_: int | None, expected: tuple[str, int | None, str | None]
) -> None:
    found = told(err, how, exit_)
    assert (found.how, found.exit) == expected[:2]
    if expected[2] is None:
        assert "the connection to web broke off" in found.err
    else:
        assert found.err == expected[2]
