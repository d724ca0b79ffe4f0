"""Somebody tries to have a command run without a person. One yes here changes somebody's production."""

import base64
import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.guard.judge import judge
from tocsin.guard.ruling import rule

EXAMPLES = int(os.environ.get("TOCSIN_GUARD_EXAMPLES", "1500"))
"""How many wrapped commands are tried; by hand, 20000."""


def lines(name: str) -> list[str]:
    """The commands of a file, without its remarks."""
    text = (Path(__file__).with_name("commands") / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


ADVERSARIAL = lines("adversarial.txt")
DESTRUCTIVE = lines("destructive.txt")
READING = lines("reading.txt")
OF_SEVERAL_LINES = [
    "df -h \\\n; rm -rf /srv", "df -h #\nrm -rf /srv", "df -h # '\nrm -rf /srv # '", "df -h && \\\nrm -rf /srv",
    "d\\\nf -h; r\\\nm -rf /srv", "echo 'ok\nrm -rf /srv'; rm -rf /srv", ": <<'X'\nnothing\nX\nrm -rf /srv",
    "sh << 'X'\nrm -rf /srv\nX", "cat << X | sh\nrm -rf /srv\nX", "cat <<-\tX\n\trm\n\tX\nrm -rf /srv",
    "bash <<X\n$(rm -rf /srv)\nX", "cat <<X\n$(rm -rf /srv)\nX", "cat <<X\n`rm -rf /srv`\nX",
    "cat <<'X'\nX\nrm -rf /srv\n#'X'", "df -h\r\nrm -rf /srv\r\n", "df -h ; \trm -rf /srv", "df -h\n\n\n\nrm -rf /srv",
    "echo a;#\nrm -rf /srv", "echo \\\\\nrm -rf /srv", 'echo "\\\n"; rm -rf /srv', "if true\nthen rm -rf /srv\nfi",
    "psql <<'X'\nSELECT 1;\nDROP TABLE a;\nX", "psql <<X\n\\! rm -rf /srv\nX", 'psql -c "SELECT 1\n; DROP TABLE a"',
    "psql -c 'SELECT 1 --\n; DROP TABLE a'", "python3 - <<'X'\nprint(1)\nX", "kubectl apply -f - <<X\nkind: Pod\nX",
    "ssh web-1 <<'X'\nrm -rf /srv\nX", "docker exec -i api sh <<X\nrm -rf /srv\nX", "sudo tee /etc/x <<X\na\nX",
    "cat > /etc/x <<X\na\nX", "crontab - <<X\n* * * * * rm\nX", "ed a <<X\n!rm x\nX", "mysql <<X\nDROP TABLE a\nX",
    "redis-cli <<X\nFLUSHALL\nX", "f() {\nrm -rf /srv\n}\nf", "case a in\na) rm -rf /srv ;;\nesac",
    'while read l\ndo rm "$l"\ndone < list', "{\nrm -rf /srv\n}", "(\nrm -rf /srv\n)", "df -h |\nsh",
    "df -h &&\nrm -rf /srv", "true ||\nfalse\nrm -rf /srv", "\uff52\uff4d -rf /srv", "r\u043c -rf /srv",
]  # fmt: skip
DECEIVING = [
    "df -h\rrm -rf /srv", "df -h\x00; rm -rf /srv", "df -h\x0brm", "df -h\x0c; rm -rf /srv", "df\u00a0-h",
    "df -h \u2028rm -rf /srv", "df -h\u200b", "d\u200bf -h", "df -h \u202e# txet", "df -h\uff1b rm -rf /srv",
    "df \u2010h", "df \u2013h", "\x1b[2Kdf -h", "df -h\x08\x08\x08rm", "\ufeffdf -h", "echo \u201cok\u201d",
]  # fmt: skip
"""Nothing in these harms as bash reads them, but not all readers and no eye read them so."""


@pytest.mark.parametrize("text", [*ADVERSARIAL, *OF_SEVERAL_LINES, *DECEIVING])
def test_nothing_of_this_runs_without_a_person(text: str) -> None:
    found = judge(text)
    assert not found.unattended, found
    assert found.why


@pytest.mark.parametrize("text", [*DESTRUCTIVE, *OF_SEVERAL_LINES])
def test_what_removes_something_is_never_called_a_read(text: str) -> None:
    assert judge(text).risk != "read", judge(text)


def test_the_list_is_long_and_says_nothing_twice() -> None:
    assert len(ADVERSARIAL) + len(OF_SEVERAL_LINES) > 800
    assert len({*ADVERSARIAL}) == len(ADVERSARIAL)
    assert {*DESTRUCTIVE} <= {*ADVERSARIAL}
    assert len({*READING}) == len(READING) >= 50


# -- known-bad commands in layers


Layer = Callable[[str, bool], tuple[str, bool]]
"""Puts a command where the shell runs it. The flag says that it is one plain command, which can follow a wrapper."""


def _before(words: str) -> Layer:
    """Put a program in front that starts what follows it."""
    return lambda text, plain: (f"{words} {text}" if plain else f"{words} bash -c {shlex.quote(text)}", True)


def _joined(words: str) -> Layer:
    """Put a program in front that joins what follows it and hands it to a shell."""
    return lambda text, _: (f"{words} {shlex.quote(text)}", True)


def _around(form: str) -> Layer:
    """Put it into a construct of the shell."""
    return lambda text, _: (form.replace("{}", text), False)


def _quoted(form: str) -> Layer:
    """Hand it to something as one quoted word."""
    return lambda text, _: (form.replace("{}", shlex.quote(text)), "|" not in form and ";" not in form)


def _first(change: Callable[[str], str]) -> Layer:
    """Write the name of the program in another way."""

    def layer(text: str, plain: bool) -> tuple[str, bool]:
        name, blank, rest = text.partition(" ")
        spelled = plain and name.isalnum()
        return (change(name) + blank + rest if spelled else text), plain

    return layer


def _coded(form: str) -> Layer:
    """Write the whole of it in letters that say nothing to the eye."""

    def layer(text: str, _: bool) -> tuple[str, bool]:
        data = text.encode()
        return form.format(b64=base64.b64encode(data).decode(), hex=data.hex(),
                           oct="".join(f"\\{byte:03o}" for byte in data),
                           esc="".join(f"\\x{byte:02x}" for byte in data)), False  # fmt: skip

    return layer


WRAPPERS = [_before(form) for form in (*lines("wrappers.txt"),)]
JOINING = [_joined(words) for words in ("ssh web-1", "ssh -p 22 root@web-1", "ssh -t web-1", "watch -n 1", "watch")]
CONSTRUCTS = [
    _around(form)
    for form in (
        *lines("constructs.txt"),
        "df -h\n{}",
        "# a remark\n{}",
        "df -h \\\n; {}",
        "cat <<X\n$( {} )\nX",
    )
]
HANDED = [_quoted(form) for form in (*lines("handed.txt"),)]
SPELLINGS = [
    _first(change)
    for change in (
        lambda name: "\\" + name,
        lambda name: f"'{name}'",
        lambda name: f'"{name}"',
        lambda name: f'{name[0]}""{name[1:]}',
        lambda name: "$'" + "".join(f"\\x{ord(c):02x}" for c in name) + "'",
        lambda name: "$'" + "".join(f"\\{ord(c):03o}" for c in name) + "'",
        lambda name: f"${{x:-{name}}}",
        lambda name: f"$(echo {name})",
        lambda name: f"`echo {name}`",
        lambda name: f"/bin/{name}",
        lambda name: f"/usr/bin/../bin/{name}",
        lambda name: "\\".join(["", *name]),
        lambda name: f"{name[0]}\\\n{name[1:]}",
        lambda name: f"$(printf {name})",
        lambda name: f"{{{name},}}",
        lambda name: f"{name[0]}$@{name[1:]}",
    )
]
CODES = [_coded(form) for form in (*lines("codes.txt"),)]
LAYERS = [*WRAPPERS, *JOINING, *CONSTRUCTS, *HANDED, *SPELLINGS, *CODES]
BAD = lines("known-bad.txt")


def _wrapped(bad: str, layers: list[Layer]) -> str:
    text, plain = bad, True
    for layer in layers:
        text, plain = layer(text, plain)
    return text


@pytest.mark.timeout(1800)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES < 10_000)
@given(bad=st.sampled_from(BAD), layers=st.lists(st.sampled_from(LAYERS), min_size=1, max_size=5))
def test_no_layers_around_a_bad_command_make_it_run_without_a_person(bad: str, layers: list[Layer]) -> None:
    text = _wrapped(bad, layers)
    found = judge(text)
    assert not found.unattended, (text, found)
    assert found.risk != "read", (text, found)


@pytest.mark.parametrize("bad", BAD)
def test_every_layer_alone_is_seen_through(bad: str) -> None:
    for layer in LAYERS:
        text = _wrapped(bad, [layer])
        assert not judge(text).unattended, text
        assert judge(text).risk != "read", text


# -- a guard that refuses all is no guard


HARMLESS = [
    "{}",
    "timeout 5 {}",
    "timeout -k 1 5 {}",
    "nice {}",
    "nice -n 10 {}",
    "ionice -c 3 {}",
    "command {}",
    "LANG=C {}",
    "env LANG=C {}",
    "{} 2>/dev/null",
    "{} 2>&1",
    "{} | head -5",
    "{} | tail -n 20",
    "{} | grep -i error",
    "{} | wc -l",
    "{} | sort | uniq -c",
    "date; {}",
    "{} && date",
    "{} || echo failed",
    "{}\nuptime",
    "{} # a remark",
    "stdbuf -oL {}",
]
FAR = ["sudo {}", "ssh web-1 {q}", "bash -c {q}", "sh -c {q}", "docker exec api {}", "kubectl exec api-1 -- {}",
       "time {}", "sudo timeout 5 {}", "kubectl exec -n prod api-1 -- sh -c {q}"]  # fmt: skip
"""These still only read; who runs there, and where, is for a person."""


@pytest.mark.parametrize("text", READING)
def test_what_only_reads_stays_a_read_in_harmless_wrappers(text: str) -> None:
    for form in HARMLESS:
        wrapped = form.replace("{}", text)
        assert judge(wrapped).risk == "read", (wrapped, judge(wrapped).why)
    assert judge(text).unattended, judge(text)


@pytest.mark.parametrize("text", READING)
def test_what_only_reads_reads_elsewhere_too(text: str) -> None:
    for form in FAR:
        wrapped = form.replace("{q}", shlex.quote(text)).replace("{}", text)
        assert judge(wrapped).risk == "read", (wrapped, judge(wrapped).why)


@pytest.mark.parametrize(
    "text", ["rm -rf /;" * 120_000, 'psql -c "SELECT ' + "a," * 500_000 + '"', "echo " + "$(" * 400_000], ids=range(3)
)
def test_a_text_as_long_as_a_book_is_refused(text: str) -> None:
    ruling = rule(text)
    assert not ruling.unattended
    assert ruling.risk != "read"
    assert ruling.effective == text.strip()
