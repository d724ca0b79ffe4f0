"""The copy of a document with its commands as they are run."""

import os
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.explanation.explain import explain
from tocsin.explanation.rewriting import rewritten
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings, Target

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
OTHERS = [SHARED / "seed/incident-response-runbook.md", *sorted(SHARED.glob("runbooks/*__*.md"))]
GRANTED = Settings(targets=Target(environment={"DATABASE_URL": "postgres://db/till"}))

TILL = """\
# Till

## Incidents

### 1. Till Down

**Severity**: P0

**Diagnosis**:

```bash
# What does it say?
pm2 logs till   # the last hundred, please

pm2 logs till; pm2 status

pm2 logs \\
  till

sudo pm2 logs till
```

**Resolution**:

```bash
pm2 restart till
```

Trailing blanks stay.  \t
"""
WANTED = "pm2 logs till --nostream --lines 200   # the last hundred, please"


def copied(body: bytes, settings: Settings = GRANTED) -> tuple[bytes, dict[int, tuple[str, str]]]:
    """The copy, and the lines that differ: number -> what stood there, what stands there."""
    copy = rewritten(body, read_runbook(body, "RUNBOOK.md"), settings)
    return copy.body, {change.line: (change.old, change.new) for change in copy.changes}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_other_byte_is_the_authors(end: str, mark: str) -> None:
    body = (mark + TILL.replace("\n", end)).encode()
    copy, changes = copied(body)
    lines = body.decode().split(end)
    for number, (old, new) in changes.items():
        assert lines[number - 1] == old
        lines[number - 1] = new
    assert list(changes) == [13, 15]
    assert copy == end.join(lines).encode()


def test_what_the_author_wrote_behind_a_command_stays_there() -> None:
    _, changes = copied(TILL.encode())
    assert changes[13] == ("pm2 logs till   # the last hundred, please", WANTED)


def test_what_a_person_starts_and_what_takes_several_lines_is_left_as_it_is() -> None:
    copy, _ = copied(TILL.encode())
    for kept in (b"pm2 logs \\\n  till", b"sudo pm2 logs till\n", b"pm2 restart till"):
        assert kept in copy


def test_a_document_in_order_is_its_own_copy() -> None:
    body = TILL.replace("pm2 logs till", "pm2 status").encode()
    assert copied(body) == (body, {})


@pytest.mark.parametrize("path", [EXAMPLE, *OTHERS] if OTHERS[0].exists() else [EXAMPLE], ids=lambda path: path.name)
def test_the_copy_of_a_real_document_is_true_and_says_what_the_explanation_says(path: Path) -> None:
    body = path.read_bytes()
    copy, changes = copied(body)
    runbook, again = read_runbook(body, "RUNBOOK.md"), read_runbook(copy, "RUNBOOK.md")
    runs = {
        line.written.number: {became.runs.strip() for became in line.became if became.runs}
        for line in explain(runbook, decode(body).lines, (), GRANTED).lines
    }
    assert all(any(run in new for run in runs[number]) for number, (_, new) in changes.items())
    assert copied(copy) == (copy, {})
    assert len(again.findings) <= len(runbook.findings)
    old, new = body.splitlines(keepends=True), copy.splitlines(keepends=True)
    assert {number for number, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b} == changes.keys()


def test_checking_the_copy_finds_less() -> None:
    body = TILL.encode()
    copy, _ = copied(body)
    before = [finding.code for finding in read_runbook(body, "RUNBOOK.md").findings]
    after = [finding.code for finding in read_runbook(copy, "RUNBOOK.md").findings]
    assert len(after) < len(before)
    assert before.count("RB103") - after.count("RB103") == 2
