import os
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.explanation.became import DECIDES_NOTHING, Became, Piece, pieces, unmarked
from tocsin.explanation.carets import marked, told
from tocsin.explanation.explain import Explained, explain, findings_beside
from tocsin.explanation.written import prose
from tocsin.runbook.decoding import decode
from tocsin.runbook.policy import Finding
from tocsin.runbook.reading import read_runbook
from tocsin.settings import IncidentTypeSettings, MetricSettings, Secret, Settings, Target

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
SHARED = Path(os.environ.get("TOCSIN_SHARED", ROOT.parent / "shared"))
OTHERS = [SHARED / "seed/incident-response-runbook.md", *sorted(SHARED.glob("runbooks/*__*.md"))]

MOJIBAKE = "→".encode().decode("cp1252")

SHOP = f"""\
# Shop

Somebody wrote this down.

## Severity levels

### P0 - Critical (Response Time: Immediate)

- The till is down

### P1 - High (Response Time: 20 minutes)

- Prices are wrong

## Escalation path

1. **L1**: Clerk (responds within 15 min)
2. **L2**: Shop owner (if L1 can't resolve in 30 min)
3. **Executive**: Bank (for P0 incidents only)

## Incidents

### 1. Till Down

**Symptoms**:

- The till shows nothing
- Customers report that they cannot pay

**Diagnosis**:

```bash
# Is it on?
pm2 status till

# What does it say?
pm2 logs till

psql $SHOP_DB -c "SELECT 1;"
```

**Resolution**:

```bash
# Start it again
pm2 restart till

# If the cable is out
# Put it back
kill PID
```

**Escalation**: If not resolved in 10 min {MOJIBAKE} Escalate to L2

### 2. Robbery

**Symptoms**:

- Money is missing

**Resolution**:

- Call the police

**Escalation**: Immediate → Shop owner + Bank

## Communication templates

### Note to the team

```
We look into it.
Updates every 15 minutes
```

## Contacts

- **Owner**: 12 Main Street

## The weather

It often rains.
"""


def explained(text: str = SHOP, settings: Settings = Settings()) -> Explained:  # noqa: B008 - a frozen value
    data = text.encode()
    runbook = read_runbook(data)
    return explain(runbook, decode(data).lines, findings_beside(runbook, settings), settings)


def at(what: str, found: Explained) -> Became:
    """What the line that holds these words became first."""
    return next(line.became[0] for line in found.lines if what in line.written.text)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("# Shop", "title", "the name of this runbook"),
        ("P0 - Critical", "severity", "severity P0 Critical, answered at once"),
        ("The till is down", "criterion", "makes P0 of Till Down"),
        ("Prices are wrong", "criterion", "P1 when this holds"),
        ("Clerk", "level", "L1 is called first"),
        ("Shop owner (if", "level", "L2 after 30 min unresolved"),
        ("Bank (for", "level", "Executive, told of every P0"),
        ("1. Till Down", "incident-type", "incident type till-down, P0 from :9"),
        ("**Symptoms**", "part", "2 symptoms, 1 watched"),
        ("The till shows", "unwatched", "nothing watches this; it needs an alert whose text says so"),
        ("Customers report", "people", "noticed by people's reports"),
        ("**Diagnosis**", "part", "3 commands, 2 by themselves"),
        ("pm2 status till", "alone", "reads only, runs by itself"),
        ("pm2 logs till", "alone", "reads only, runs by itself, rewritten"),
        ("SELECT 1", "person", "a person starts it: it needs SHOP_DB, which diagnostics have not been granted"),
        ("pm2 restart", "person", "changes something, a person starts it"),
        ("If the cable", "branch", "branch: a person picks it"),
        ("Put it back", "belongs", ""),
        ("kill PID", "refused", "refused: PID has to be filled in first"),
        ("If not resolved", "rule", "10 min after the first call, pages L2, not as :18"),
        ("Call the police", "manual", "check-box for a person"),
        ("Immediate →", "rule", "pages Shop owner and Bank when it opens"),
        ("We look into it", "template", "template Note to the team"),
        ("Updates every", "cadence", "updates every 15 min"),
        ("12 Main Street", "contact", "contact Owner"),
        ("It often rains", "note", "note"),
        ("Somebody wrote", "background", ""),
    ],
)
def test_each_construct_says_what_it_became(line: str, kind: str, words: str) -> None:
    became = at(line, explained())
    assert (became.kind, unmarked(became.words)) == (kind, words)


def test_every_line_of_a_document_became_something_or_says_why_not() -> None:
    for line in explained().lines:
        assert line.became
        assert all(one.rule for one in line.became)


def test_a_rewritten_command_is_shown_exactly_as_it_runs() -> None:
    became = at("pm2 logs till", explained())
    assert became.runs == "pm2 logs till --nostream --lines 200"
    assert at("pm2 status till", explained()).runs == ""


def test_the_configuration_decides_with_the_document() -> None:
    granted = Settings(targets=Target(environment={"SHOP_DB": Secret(env="SHOP_DB")}))
    assert at("SELECT 1", explained(settings=granted)).kind == "alone"
    nothing = Settings(targets=Target(run=False))
    assert at("pm2 status", explained(settings=nothing)).kind == "refused"
    stated = Settings(incident_types={"till-down": IncidentTypeSettings(severity="P1", restricted=True)})
    words = unmarked(at("1. Till Down", explained(settings=stated)).words)
    assert words == "incident type till-down, P1 as configured, restricted"
    assert not any(f.code == "RB202" for f in explained(settings=stated).lines[24].findings)


def test_what_pages_somebody_is_marked() -> None:
    paging = [line.written.text for line in explained().lines if any(one.pages for one in line.became)]
    assert len(paging) == 9
    assert all(word in " ".join(paging) for word in ("P0", "P1", "L1", "L2", "Executive", "Till Down", "Immediate"))


def test_a_comment_above_a_command_is_its_name_and_a_blank_line_is_nothing() -> None:
    found = explained()
    assert at("Is it on?", found).effect == "It is the name of the step at :34."
    assert found.lines[1].became[0].kind in DECIDES_NOTHING


def test_wrongly_decoded_characters_are_shown_repaired() -> None:
    line = next(line for line in explained().lines if "If not resolved" in line.written.text)
    assert "→" in line.written.text


def test_the_sections_are_the_entries_and_what_stands_beside_them() -> None:
    parts = [(part.title, part.line) for part in explained().parts]
    assert [title for title, _ in parts] == [
        "Severity levels", "Escalation path", "Till Down", "Robbery", "Communication templates", "Contacts",
        "The weather",
    ]  # fmt: skip
    till = next(part for part in explained().parts if part.title == "Till Down")
    assert (till.level, till.findings) == ("error", 2)


def test_a_page_about_one_alert_has_its_own_parts() -> None:
    text = (
        "# TillDown\n\n## Meaning\n\nThe till is down.\n\n## Diagnosis\n\n- Look at it\n\n## Mitigation\n\n- Fix it\n"
    )
    assert [part.title for part in explained(text).parts] == ["Meaning", "Diagnosis", "Mitigation"]


@pytest.mark.parametrize("path", [EXAMPLE, *OTHERS], ids=lambda path: path.name)
def test_other_teams_documents_are_explained_completely_and_nothing_is_invented(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"{path} is not there; set TOCSIN_SHARED to its folder")
    data = path.read_bytes()
    runbook = read_runbook(data, str(path))
    lines = decode(data).lines
    found = explain(runbook, lines, runbook.findings, Settings())
    assert [line.written.text for line in found.lines] == list(lines)
    assert sum(len(line.findings) for line in found.lines) == len(runbook.findings)
    notes = {note.line for note in runbook.notes}
    assert {one.kind for line in notes for one in found.lines[line - 1].became} <= DECIDES_NOTHING
    steps = [s for e in runbook.incident_types for s in (*e.diagnostics, *(s for b in e.resolution for s in b.steps))]
    commands = [step for step in (*steps, *runbook.commands, *runbook.procedures) if step.kind == "command"]
    assert found.count("alone", "click", "person", "refused") == len(commands)
    for entry in runbook.incident_types:
        assert any(one.kind == "incident-type" for one in found.lines[entry.line - 1].became)


def test_a_document_without_an_entry_or_with_an_open_fence_is_explained_too() -> None:
    for text in (
        "# Nothing\n",
        "# A\n\n```bash\nls",
        "---\ntitle: x\n---\n# A\n\n<!-- why -->\n\n| a |\n|---|\n| b |\n",
    ):
        assert all(line.became for line in explained(text).lines)


@pytest.mark.parametrize(
    ("message", "text", "part"),
    [
        ("PID is a placeholder, so this", 'psql -c "kill(PID)"', "PID"),
        ('"Prices" is wrong', "- Prices", "Prices"),
        ("Something else.", "   all of it  ", "all of it"),
        ("Something else.", "", ""),
    ],
)
def test_a_finding_marks_the_part_it_speaks_of(message: str, text: str, part: str) -> None:
    where = marked(Finding(code="RB103", level="error", line=1, message=message), text)
    assert text[where.start : where.end] == part


def test_a_call_that_never_comes_back_is_marked_among_others_with_what_to_write_instead() -> None:
    text = "# Till down\n\n## Diagnosis\n\n```bash\ncat x | ping db-1\n```\n"
    found = next(one for one in read_runbook(text.encode(), "R.md").findings if one.code == "RB103")
    where = marked(found, "cat x | ping db-1")
    assert "cat x | ping db-1"[where.start : where.end] == "ping db-1"
    assert found.suggestion == "add -c 4"


def test_a_finding_with_its_reason_behind_a_colon_is_parted() -> None:
    finding = Finding(code="RB103", level="error", line=1, message="This command never comes back: it follows.")
    assert told(finding) == ("This command never comes back.", "it follows")
    whole = Finding(code="RB203", level="warning", line=1, message='"A: b" does not end. Say when.')
    assert told(whole).sentence == whole.message


def test_marks_become_pieces_and_other_marks_stay() -> None:
    assert pieces("a **b** `c` * d") == (
        Piece("a "), Piece("b", "strong"), Piece(" "), Piece("c", "code"), Piece(" * d"),
    )  # fmt: skip
    assert pieces("") == ()
    assert prose(explained("# A\n\n* one\n").lines[2].written) == "– one"  # noqa: RUF001 - the bullet people draw


def test_a_threshold_that_the_configuration_measures_is_watched_and_no_finding_any_more() -> None:
    text = "# S\n\n## Incidents\n\n### Till Down\n\n**Symptoms**:\n\n- Error rate > 5%\n"
    runbook, lines = read_runbook(text.encode(), "R.md"), decode(text.encode()).lines
    before = explain(runbook, lines, runbook.findings, Settings()).lines[8]
    assert before.became[0].kind == "unwatched"
    assert "`tocsin rules` makes an alerting rule of it" in before.became[0].effect
    assert "RB204" in [finding.code for finding in before.findings]
    settings = Settings(metrics={"error-rate": MetricSettings(expr="sum(x) / sum(y)")})
    after = explain(runbook, lines, findings_beside(runbook, settings), settings).lines[8]
    assert (after.became[0].kind, after.became[0].words) == ("symptom", "measured by `sum(x) / sum(y)`")
    assert "RB204" not in [finding.code for finding in after.findings]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (1, "front matter, which other programs read"), (5, "it underlines the heading above"),
        (7, "a comment that nobody sees when the document is shown"),
        (11, "the head of a table says what its columns are"),
        (12, "it parts the head of a table from its rows"), (15, "HTML of the document's own"),
        (21, "below “Weather”, it is no part of a known kind"),
    ],
)  # fmt: skip
def test_a_line_that_became_nothing_says_what_it_is_and_why(line: int, rule: str) -> None:
    text = (
        "---\nowner: x\n---\nOur guide\n=========\n\n<!-- short -->\n\n## Severity levels\n\n"
        "| Level | Respond in |\n|---|---|\n| P1 | 5 min |\n\n"
        "<details>\n<summary>More</summary>\n</details>\n\n## Weather\n\nIt often rains.\n"
    )
    runbook, lines = read_runbook(text.encode(), "R.md"), decode(text.encode()).lines
    became = explain(runbook, lines, (), Settings()).lines[line - 1].became
    assert became[0].kind in DECIDES_NOTHING
    assert became[0].rule == rule
