"""A live drill on a small service of our own: broken for real, answered over HTTP, and put right whatever happens."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from tocsin.cli.main import main
from tocsin.configuration_file import settings_of
from tocsin.drill.live import Plan, drill_live, planned
from tocsin.drill.live_record import Left
from tocsin.errors import Refused, UsageError
from tocsin.runbook.reading import read_runbook

pytestmark = pytest.mark.usefixtures("trusting_nobody")

RUNBOOK = b"""# Kiln

## Incidents

### Kiln Cold

**Severity**: P0

**Symptoms**:

- The burner does not light

**Diagnosis**:

```bash
# What is there?
ls /
```

```bash
# Is there gas?
ls /no/gas
```

**Escalation**: If not resolved in 30 minutes -> L2

## Communication

### Status page update

```text
[{{ status }}] {{ title }}: {{ impact }}
```
"""
SERVICE = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if Path(sys.argv[1]).exists() else 200)
        self.end_headers()

    def log_message(self, *_):
        pass

service = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
print(service.server_port, flush=True)
service.serve_forever()
"""
"""It answers whatever the tests are busy with."""

BREAK = """#!/bin/sh
trap 'echo ended >> told; exit 130' INT
echo "broken with $GAS" >> told
touch down
for _ in $(seq 2000); do sleep 0.05; done
"""
MEND = "#!/bin/sh\nrm -f down\necho mended >> told\n"
CONFIGURATION = """
runbook = "RUNBOOK.md"

[server]
public_url = "https://tocsin.example"

[store]
url = "postgresql://nobody@127.0.0.1:1/none"

[channels.chat]
kind = "slack"
token = {{ env = "NOT_SET" }}
channel = "#kiln"

[people.mira]
name = "Mira Okafor"
email = "mira@kiln.example"
reach = [{{ via = ["chat"] }}]

[roles]
L1 = ["mira"]

[probes.burner]
kind = "http"
url = "{address}"
every = "PT1S"
timeout = "PT0.9S"

[probes.burner.checks.out]
value = "up"
below = 1
incident_type = "kiln-cold"

[drills]
environment = "environment"
"""
BREAKS = '[drills.{}]\nincident_type = "kiln-cold"\ninject = ["{}"]\nrestore = ["{}"]\n'


class Kiln(NamedTuple):
    """A service that is down while a file is there, with a runbook and a configuration beside it."""

    folder: Path
    told: Path

    def breaks(self, name: str, inject: str = "./break", restore: str = "./mend") -> "Kiln":
        with (self.folder / "tocsin.toml").open("a") as config:
            config.write(BREAKS.format(name, inject, restore))
        return self

    @property
    def record(self) -> Path:
        """What a drill that is under way writes down."""
        return self.folder / ".environment.drill"

    @property
    def plan(self) -> Plan:
        config = self.folder / "tocsin.toml"
        settings, path = settings_of(config.read_text()), self.folder / "RUNBOOK.md"
        return Plan(read_runbook(RUNBOOK, "RUNBOOK.md"), path, settings, config, planned(settings, (), None))


@pytest.fixture
def kiln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiln]:
    folder, temporary = tmp_path / "kiln", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    # As the command does: where a shell began the tests in the background, their children would hear no SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)

    serving = [sys.executable, "-c", SERVICE, str(folder / "down")]
    service = subprocess.Popen(serving, stdout=subprocess.PIPE)
    assert service.stdout is not None
    port = int(service.stdout.readline())
    (folder / "RUNBOOK.md").write_bytes(RUNBOOK)
    (folder / "environment").write_text("GAS='town gas'\n")
    (folder / "tocsin.toml").write_text(CONFIGURATION.format(address=f"http://127.0.0.1:{port}/"))
    for name, text in {"break": BREAK, "mend": MEND, "fail": "#!/bin/sh\necho no gas >&2\nexit 3\n"}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    yield Kiln(folder, folder / "told")
    signal.signal(signal.SIGINT, before)
    signal.signal(signal.SIGHUP, hung_up)
    service.kill()
    service.communicate()
    assert list(temporary.iterdir()) == []
    end = time.monotonic() + 60
    while _of(str(temporary)):  # what was ended may take a moment to be gone
        assert time.monotonic() < end, _of(str(temporary))
        time.sleep(0.05)


def _of(folder: str) -> list[int]:
    """Give the processes that have to do with a folder."""
    told = subprocess.run(["ps", "-A", "-o", "pid=,args=", "-ww"], check=True, capture_output=True, text=True).stdout
    lines = [line.split(maxsplit=1) for line in told.splitlines()]
    return [int(pid) for pid, *words in lines if folder in " ".join(words) and int(pid) != os.getpid()]


async def test_each_variant_is_an_incident_that_is_answered_told_resolved_and_reviewed(kiln: Kiln) -> None:
    kiln.breaks("cold").breaks("cold-again").breaks("no-break", "./fail").breaks("killed").breaks("too-late")
    said: list[str] = []

    def hear(text: str) -> None:
        said.append(text)
        if text.startswith("kiln-cold/killed") and text.endswith("broken"):
            for process in _of(os.environ["TMPDIR"]):
                os.kill(process, signal.SIGKILL)

    scores = await drill_live(kiln.plan, os.environ, hear)
    assert [score.variant for score in scores] == ["cold", "cold-again", "no-break", "killed", "too-late"]
    for score in scores[:2]:
        assert score.passed, score.because
        assert (score.matched, score.severity, score.diagnostics) == (True, "P0", "1/2")
        assert score.detected is not None
        assert score.paged is not None
        assert score.acknowledged is not None
        assert score.detected <= score.paged <= score.acknowledged
        assert (score.told, score.resolved, score.reviewed, score.restored) == (True,) * 4
        assert any("no such file" in why.lower() for why in score.because)
    numbers = {word for line in said for word in line.split() if word.startswith("INC-")}
    assert len(numbers) == 2
    assert "kiln-cold/cold" in next(line for line in said if "paged by Slack" in line)
    unbroken, killed, never = scores[2:]
    assert "inject ended with 3: no gas" in unbroken.because
    assert (unbroken.detected, unbroken.restored, unbroken.passed) == (None, True, False)
    assert any(why.startswith("the drill's server ended with -9") for why in killed.because)
    assert (killed.restored, killed.passed) == (True, False)
    assert any(why.startswith("the drill's server ended with -9") for why in never.because)
    assert kiln.told.read_text().splitlines() == [*("broken with town gas", "ended", "mended")] * 2 + ["mended"] + [
        "broken with town gas",
        "ended",
        "mended",
    ]
    assert not kiln.record.exists()


async def test_nothing_more_is_broken_once_something_could_not_be_restored(kiln: Kiln) -> None:
    kiln.breaks("no-gas", "./fail", "./fail").breaks("cold").breaks("cold-again")
    first, *others = await drill_live(kiln.plan, os.environ, lambda _: None)
    assert "restore ended with 3: no gas" in first.because
    assert (first.restored, first.passed) == (False, False)
    assert [(one.variant, one.because) for one in others] == [
        ("cold", ("not run: the service is not well",)),
        ("cold-again", ("not run: the service is not well",)),
    ]
    assert not kiln.told.exists()
    left = msgspec.json.decode(kiln.record.read_bytes(), type=Left)
    assert (left.fault, left.restore, left.begun) == ("kiln-cold/no-gas", ("./fail",), {}), "the next one tries again"


async def test_nothing_is_injected_into_a_service_that_is_not_well(kiln: Kiln) -> None:
    (kiln.folder / "down").touch()
    with pytest.raises(Refused, match=r"^the service is not well, so nothing was injected: burner/out: up: no"):
        await drill_live(kiln.breaks("cold").plan, os.environ, lambda _: None)
    assert not kiln.told.exists()


SLOWLY = "#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\nrm -f down\necho mended >> told\n"


async def drilling(kiln: Kiln, until: str) -> tuple[asyncio.subprocess.Process, list[str]]:
    """A live drill in a process of its own that has said so much, and what it said."""
    words = [sys.executable, "-m", "tocsin", "drill", str(kiln.folder / "RUNBOOK.md"), "--live", "--all"]
    drill = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    assert drill.stderr is not None
    said = list[str]()
    while not said or not said[-1].endswith(until):
        line = (await drill.stderr.readline()).decode()
        assert line, said
        said.append(line)
    return drill, said


async def test_a_second_drill_is_refused_and_a_killed_one_is_put_right_by_the_next(kiln: Kiln) -> None:
    unseen = kiln.breaks("cold").folder / "unseen"
    unseen.write_text(BREAK.replace("touch down\n", ""))  # so that the drill waits for as long as we need
    unseen.chmod(0o755)
    unseen.rename(kiln.folder / "break")
    drill, _ = await drilling(kiln, "broken\n")
    with pytest.raises(
        Refused, match=r"^another live drill is under way here: wait for its end, or interrupt it first$"
    ):
        await drill_live(kiln.plan, os.environ, lambda _: None)
    async with asyncio.timeout(60):
        while not kiln.told.exists():  # noqa: ASYNC110  what is looked at tells nobody
            await asyncio.sleep(0.02)
    drill.kill()
    await drill.wait()
    assert _of(os.environ["TMPDIR"]), "its server goes on"
    seen = kiln.folder / "seen"
    seen.write_text(BREAK)
    seen.chmod(0o755)
    seen.rename(kiln.folder / "break")
    said: list[str] = []
    [score] = await drill_live(kiln.plan, os.environ, said.append)
    assert said[:2] == [
        "an earlier drill has left the fault kiln-cold/cold behind: first that is ended and put right",
        "what the earlier drill left is ended, and the service put right",
    ]
    assert score.passed, score.because
    assert kiln.told.read_text().splitlines() == ["broken with town gas", "ended", "mended"] * 2
    assert not kiln.record.exists()


async def test_what_a_killed_drill_left_and_nobody_can_restore_is_refused_until_somebody_did(kiln: Kiln) -> None:
    kiln.breaks("cold")
    left = {"fault": "kiln-cold/cold", "restore": ["./fail"], "base": str(kiln.folder)}
    kiln.record.write_text(json.dumps(left) + "\n")
    for _ in range(2):
        with pytest.raises(Refused, match="cannot be put right: restore ended with 3: no gas; put it right yourself"):
            await drill_live(kiln.plan, os.environ, lambda _: None)
    kiln.record.write_text("mine\n")
    with pytest.raises(Refused, match=r"environment\.drill is no record of a drill; look what it is, and remove it"):
        await drill_live(kiln.plan, os.environ, lambda _: None)
    assert not kiln.told.exists()


@pytest.mark.parametrize(
    ("inject", "restore", "why"),
    [
        ("./break", "./mned", "restore of [drills.cold] cannot be run: there is no file "),
        ("./break", "./RUNBOOK.md", "RUNBOOK.md cannot be executed; give it the right with chmod +x"),
        ("./break", "mned-the-kiln", "restore of [drills.cold] cannot be run: there is no program mned-the-kiln"),
        ("./break", 'sh", "mned.sh', "restore of [drills.cold] cannot be run: there is no file "),
        ("./braek", "./mend", "inject of [drills.cold] cannot be run: there is no file "),
    ],
)
async def test_what_cannot_be_run_is_found_before_anything_breaks(
    kiln: Kiln, inject: str, restore: str, why: str
) -> None:
    with pytest.raises(UsageError) as refused:
        await drill_live(kiln.breaks("cold", inject, restore).plan, os.environ, lambda _: None)
    assert why in str(refused.value)
    assert str(refused.value).endswith("; nothing was broken")
    assert not kiln.told.exists()
    assert not kiln.record.exists()


@pytest.mark.parametrize(("when", "sign"), [("broken\n", signal.SIGINT), ("is put right\n", signal.SIGHUP)])
async def test_an_interrupted_drill_puts_the_service_right_and_leaves_nothing(
    kiln: Kiln, when: str, sign: signal.Signals
) -> None:
    kiln.breaks("cold")
    (kiln.folder / "mend").write_text(SLOWLY)
    drill, said = await drilling(kiln, when)
    assert drill.stderr is not None
    drill.send_signal(sign)
    drill.send_signal(signal.SIGTERM)
    (kiln.folder / "go").touch()
    while line := (await drill.stderr.readline()).decode():
        said.append(line)
    assert await drill.wait() == 130, said
    assert "interrupted: first the fault is ended and the service put right\n" in said
    assert kiln.told.read_text().splitlines()[-1] == "mended"
    assert not (kiln.folder / "down").exists()


def test_a_live_drill_says_what_it_lacks(kiln: Kiln, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(kiln.folder / "RUNBOOK.md")
    assert main(["drill", path, "--live"]) == 2
    assert "name the entries to rehearse, or say --all" in capsys.readouterr().err
    assert main(["drill", path, "--live", "--all"]) == 2
    assert "give one of [drills] an `inject`; there are none" in capsys.readouterr().err
    kiln.breaks("cold")
    assert main(["drill", path, "--live", "--only", "hot"]) == 2
    assert "there are kiln-cold/cold" in capsys.readouterr().err
    (kiln.folder / "environment").unlink()
    assert main(["drill", path, "--live", "--all"]) == 2
    assert "cannot be read: No such file or directory; start what is drilled first" in capsys.readouterr().err
    (kiln.folder / "tocsin.toml").unlink()
    assert main(["drill", path, "--live", "--all"]) == 2
    assert "a live drill needs a configuration" in capsys.readouterr().err
