"""Evidence: kept as it came, recorded, and handed out so that a stranger can verify it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.drill.rehearsal import Rehearsal
from tocsin.drill.runner import RehearsalRunner, printed
from tocsin.engine import evidence
from tocsin.engine.access import LOCAL, Principal
from tocsin.engine.evidence import Piece
from tocsin.errors import NotFound, UsageError
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.settings import Person, ReachStep, Settings

LOG = b"03:11 login of mallory\r\n\x00\xff end"
STRANGER = Principal(kind="person", id="nils", name="Nils Stranger")
PEOPLE = {"mira": Person(id="mira", name="Mira", reach=(ReachStep(via=("push",)),))}


@pytest.fixture
async def rehearsal(example: bytes) -> AsyncIterator[Rehearsal]:
    """A breach, opened a moment ago; one of its diagnostics printed something."""
    team = Settings(people=PEOPLE, fallback=("mira",), roles={"CTO": ("mira",)})
    runner = RehearsalRunner({"pm2 logs": printed("532 reports from 203.0.113.7")})
    rehearsal = await Rehearsal(example, team, runner=runner).begin()
    await rehearsal.alert("Records are read in bulk", incident_type="data-breach")
    yield rehearsal
    rehearsal.store.close()


async def number(rehearsal: Rehearsal) -> str:
    return (await rehearsal.numbers())[-1]


async def keep(rehearsal: Rehearsal, name: str, body: bytes = LOG, note: str = "") -> Incident:
    return await evidence.add(rehearsal.engine, await number(rehearsal), Piece(name, body, note=note), LOCAL)


async def handed_out(rehearsal: Rehearsal, folder: Path) -> Path:
    package = io.BytesIO()
    manifest = await evidence.export(rehearsal.engine, await number(rehearsal), package, LOCAL)
    with zipfile.ZipFile(package) as opened:
        opened.extractall(folder)
    assert hashlib.sha256((folder / "MANIFEST.sha256").read_bytes()).hexdigest() == manifest
    return folder


def verified(folder: Path) -> tuple[int, str]:
    """What the program in the export says, run by a Python that sees nothing of ours."""
    command = [sys.executable, "-I", str(folder / "verify.py")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return ran.returncode, ran.stdout + ran.stderr


def sums_agree(folder: Path) -> bool:
    command = ["sha256sum", "-c", "MANIFEST.sha256"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


async def test_what_is_kept_is_recorded_with_its_sum_and_who_brought_it(rehearsal: Rehearsal) -> None:
    incident = await keep(rehearsal, "auth.log", note=" from gateway 2 ")
    [entry] = incident.progress.evidence
    assert entry.body == f.EvidenceAdded(
        by="local:operator",
        name="auth.log",
        sha256=hashlib.sha256(LOG).hexdigest(),
        size=len(LOG),
        source="file",
        note="from gateway 2",
    )


async def test_the_same_bytes_under_the_same_name_are_recorded_once(rehearsal: Rehearsal) -> None:
    await keep(rehearsal, "auth.log")
    await keep(rehearsal, "copy.log")
    incident = await keep(rehearsal, "auth.log")
    assert [entry.body.name for entry in incident.progress.evidence] == ["auth.log", "copy.log"]


async def test_the_output_of_a_step_is_kept_whole(rehearsal: Rehearsal) -> None:
    step = "data-breach.which-keys-read-intents-and-from-where"
    where = await number(rehearsal)
    await rehearsal.act(where, w.Run(by="person:mira", step=step))
    incident = await evidence.add_output(rehearsal.engine, where, step, "", LOCAL)
    [entry] = incident.progress.evidence
    run = incident.progress.steps[step].run
    assert (entry.body.source, entry.body.name) == (step, f"{step}.{run}.txt")
    assert entry.body.sha256 == hashlib.sha256(b"532 reports from 203.0.113.7").hexdigest()


async def test_a_step_that_never_ran_here_has_no_output(rehearsal: Rehearsal) -> None:
    with pytest.raises(NotFound, match="never ran"):
        await evidence.add_output(rehearsal.engine, await number(rehearsal), "sequencer-down.x", "", LOCAL)


async def test_what_is_too_large_or_has_no_name_is_refused(rehearsal: Rehearsal) -> None:
    with pytest.raises(UsageError, match="larger than 16 MB"):
        await keep(rehearsal, "dump", bytes(evidence.LARGEST + 1))
    with pytest.raises(UsageError, match="name"):
        await keep(rehearsal, " \x00 ")
    with pytest.raises(UsageError, match="note"):
        await keep(rehearsal, "a", note="x" * 2001)


async def test_who_may_not_know_of_it_neither_adds_nor_gets_evidence(rehearsal: Rehearsal) -> None:
    where = await number(rehearsal)
    await keep(rehearsal, "auth.log")
    with pytest.raises(NotFound):
        await evidence.add(rehearsal.engine, where, Piece("a", b"b"), STRANGER)
    with pytest.raises(NotFound):
        await evidence.add_output(rehearsal.engine, where, "a", "", STRANGER)
    with pytest.raises(NotFound):
        await evidence.export(rehearsal.engine, where, io.BytesIO(), STRANGER)


async def test_without_evidence_there_is_nothing_to_hand_out(rehearsal: Rehearsal) -> None:
    with pytest.raises(NotFound, match="no evidence"):
        await evidence.export(rehearsal.engine, await number(rehearsal), io.BytesIO(), LOCAL)


async def test_an_export_verifies_and_is_recorded(rehearsal: Rehearsal, tmp_path: Path) -> None:
    await keep(rehearsal, "auth.log")
    incident = await keep(rehearsal, "../../etc/passwd", b"root")
    folder = await handed_out(rehearsal, tmp_path)
    code, text = verified(folder)
    assert (code, text.startswith("Everything is as recorded")) == (0, True), text
    assert sums_agree(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [one["path"] for one in manifest["files"]] == ["files/auth.log", "files/passwd"]
    assert (folder / "files" / "auth.log").read_bytes() == LOG
    assert (manifest["head"], manifest["facts"]) == (incident.hash, incident.seq)
    last = (await rehearsal.incident(incident.number)).facts[-1].body
    assert isinstance(last, f.EvidenceExported)
    assert last.manifest in text
    assert last.files == 2


@pytest.mark.parametrize("name", ["files/auth.log", "manifest.json", "timeline.jsonl", "MANIFEST.sha256", "verify.py"])
async def test_a_flipped_byte_is_found(rehearsal: Rehearsal, tmp_path: Path, name: str) -> None:
    await keep(rehearsal, "auth.log")
    folder = await handed_out(rehearsal, tmp_path)
    body = bytearray((folder / name).read_bytes())
    body[2 if name == "verify.py" else len(body) // 2] ^= 1
    (folder / name).write_bytes(bytes(body))
    code, text = verified(folder)
    assert code != 0, text


async def test_facts_that_were_changed_with_their_sums_are_found(rehearsal: Rehearsal, tmp_path: Path) -> None:
    await keep(rehearsal, "auth.log")
    folder = await handed_out(rehearsal, tmp_path)
    timeline = folder / "timeline.jsonl"
    before = hashlib.sha256(timeline.read_bytes()).hexdigest()
    timeline.write_bytes(timeline.read_bytes().replace(b"local:operator", b"person:mallory"))
    after = hashlib.sha256(timeline.read_bytes()).hexdigest()
    manifest = folder / "MANIFEST.sha256"
    manifest.write_text(manifest.read_text().replace(before, after))
    code, text = verified(folder)
    assert code == 1
    assert "the content of fact" in text


async def test_files_that_are_gone_or_came_later_are_found(rehearsal: Rehearsal, tmp_path: Path) -> None:
    await keep(rehearsal, "auth.log")
    folder = await handed_out(rehearsal, tmp_path)
    (folder / "files" / "auth.log").rename(folder / "files" / "other.log")
    code, text = verified(folder)
    assert code == 1
    assert "files/auth.log is missing" in text
    assert "files/other.log is not listed" in text


def test_names_become_files_that_are_safe_and_never_the_same() -> None:
    names = ["a.txt", "A.txt", "a.txt", "../a.txt", "..", "CON.log", "C:\\x\\b c.txt", ".env", "ü", "env"]
    assert evidence.paths(names) == (
        *("a.txt", "A-2.txt", "a-3.txt", "a-4.txt"),
        *("file_", "file_CON.log", "b_c.txt", "env", "file_-2", "env-2"),
    )


@given(st.lists(st.text(max_size=300), max_size=20))
def test_no_name_leads_out_of_the_folder(names: list[str]) -> None:
    made = evidence.paths(names)
    assert len({path.casefold() for path in made}) == len(names)
    for path in made:
        assert path not in {"", ".", ".."}
        assert not set(path) & set("/\\:\0\n ")
        assert len(path) < 140
