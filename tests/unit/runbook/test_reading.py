"""A whole document: sections of every shape, findings, lines, and input nobody meant to give."""

from datetime import timedelta

import pytest
from ftfy import fix_encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import RunbookUnreadable
from tocsin.runbook.decoding import decode
from tocsin.runbook.facts_view import facts
from tocsin.runbook.inference import infer
from tocsin.runbook.policy import Response, Runbook
from tocsin.runbook.reading import read_runbook
from unit.runbook.fixtures import Case, case_title, cases

SEVERITIES = """## Severity levels

### P0 - Red (Response time: immediate)
- Complete outage
- Security incident

### P1 - Orange (Response time: 10 minutes)

- Errors in the checkout
- Database performance problems

### P2 - Yellow (Response time: 3 hours)

- Performance of single pages
"""


def read(text: str) -> Runbook:
    return read_runbook(text.encode(), "shop/RUNBOOK.md")


@pytest.mark.parametrize("case", cases("findings"), ids=case_title)
def test_trouble_is_found_on_its_line(case: Case) -> None:
    # No case says when it was rehearsed; that rule has cases of its own.
    found = [f"{f.code} {f.level} {f.line}" for f in read(case.given).findings if f.code != "RB220"]
    assert found == case.expected.splitlines()


@pytest.mark.parametrize("case", cases("inference"), ids=case_title)
def test_a_missing_severity_is_inferred_from_the_criteria(case: Case) -> None:
    title, *symptoms = case.given.splitlines()
    inferred = infer(title, symptoms, read(SEVERITIES).severities)
    assert f"{inferred.severity} {inferred.line}" == case.expected


@pytest.mark.parametrize(
    "text",
    [
        SEVERITIES,
        (
            "## Severities\n\n| Level | Response | Description |\n|---|---|---|\n| P0 Red | Immediate | Outage |\n"
            "| P1 Orange | 10 min | Errors |\n| P2 Yellow | 3 hours | Slow |\n"
        ),
        "## Severities\n\n- **P0** (Red): respond immediately\n- **P1**: respond in 10 min\n- **P2**: within 3 hours\n",
    ],
    ids=["headings", "table", "bullets"],
)
def test_severities_are_read_from_every_shape(text: str) -> None:
    found = [(s.id, s.response) for s in read(text).severities]
    assert found == [
        ("P0", Response("immediate")),
        ("P1", Response("within", timedelta(minutes=10))),
        ("P2", Response("within", timedelta(hours=3))),
    ]


def test_levels_tell_an_answer_time_from_a_delay() -> None:
    text = """## Escalation

1. **L1**: Clerk (answers within 5 min)
2. **L2**: Owner (if not resolved in 40 min)
3. **L3**: Uncle (if no response in 2 hours)
4. **Executive**: Aunt (for P0 incidents only)
"""
    told = [(v.id, v.role, v.after, v.condition, v.responds_within, v.only_severity) for v in read(text).escalation]
    assert told == [
        ("L1", "Clerk", None, None, timedelta(minutes=5), None),
        ("L2", "Owner", timedelta(minutes=40), "not-resolved", None, None),
        ("L3", "Uncle", timedelta(hours=2), "not-acknowledged", None, None),
        ("Executive", "Aunt", None, None, None, "P0"),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "### Till Down\n\n#### Symptoms\n\n- dark\n\n#### Diagnosis\n\n```bash\nuptime\n```\n\n#### Fix\n\n- restart\n",
        "### Till Down\n\n**Symptoms**:\n\n- dark\n\n**Diagnosis:**\n\n```bash\nuptime\n```\n\n**Fix**\n\n- restart\n",
        "### Till Down\n\nSymptoms:\n\n- dark\n\nDiagnosis:\n\n```bash\nuptime\n```\n\nMitigation:\n\n- restart\n",
        "### Till Down\n\n- **Symptoms**: dark\n- **Diagnosis**: run `df -h`\n- **Fix**: restart\n",
    ],
    ids=["headings", "bold labels", "plain labels", "items"],
)
def test_an_entry_is_read_from_headings_and_labels(entry: str) -> None:
    [found] = read(f"# Shop\n\n## Incidents\n\n{entry}").incident_types
    steps = [s.kind for s in found.diagnostics], [s.title for b in found.resolution for s in b.steps]
    assert (found.id, [s.text for s in found.symptoms], *steps) == ("till-down", ["dark"], ["command"], ["restart"])


def test_an_annotation_states_severity_and_alerts() -> None:
    text = "# S\n\n<!-- tocsin:incident severity=P0 alert=TillDown -->\n## Till\n\n**Symptoms**:\n\n- it is dark\n"
    [entry] = read(text).incident_types
    assert (entry.severity, entry.severity_line, entry.alerts) == ("P0", 3, ("TillDown",))
    assert entry.symptoms[0].bound_to == "the alert TillDown"


def test_what_is_marked_to_be_skipped_is_left_out() -> None:
    text = "# S\n\n<!-- tocsin:skip -->\n## Till\n\n**Fix**:\n\n- x\n\n## Door Stuck\n\n**Fix**:\n\n- y\n"
    assert [entry.id for entry in read(text).incident_types] == ["door-stuck"]


def test_a_symptom_says_who_notices_it_or_what_would() -> None:
    text = (
        "## Till\n\n**Symptoms**:\n\n- Shoppers report a dark screen\n- The alert Dark is firing\n- Error rate > 2%\n"
    )
    told = [(s.bound_to, s.gap is None) for s in read(text).incident_types[0].symptoms]
    assert told == [("people's reports", True), ("an alert source", True), (None, False)]


@pytest.mark.parametrize(
    ("words", "gap"),
    [
        ("The till is not ready", "an HTTP probe of the health check"),
        ("FATAL: the segment has already been removed", "a watch on the log for it"),
        ("Shipping is late", "an alert whose text says so"),
        ("The shop answers 503", "a probe that does what its users do"),
        ('The browser says "certificate expired"', "an HTTP probe, which sees how long it is good"),
        ("Downloads stop", "an alert whose text says so"),
        ("The load is high", "a metric of it"),
        ("Uploads below 1 MB/s", "a metric of Uploads that is compared with < 1MB/s"),
    ],
)
def test_what_would_notice_a_symptom_is_told_by_its_whole_words(words: str, gap: str) -> None:
    [found] = read(f"## Till\n\n**Symptoms**:\n\n- {words}\n").incident_types[0].symptoms
    assert found.gap == f"needs {gap}"


def test_only_words_of_a_breach_restrict_an_incident() -> None:
    open_ = "## Flood of Bots\n\n**Fix**:\n\n- Tell the security team of the attack\n"
    closed = "## Card Theft\n\n**Fix**:\n\n- Preserve evidence\n- Ask legal\n"
    [a, b] = read(f"{open_}\n{closed}").incident_types
    assert (a.restricted, b.restricted) == (False, True)
    assert b.restricted_because == 'it speaks of "Preserve evidence" (line 11), "legal" (line 12)'


def test_odd_characters_are_repaired_on_their_line_only() -> None:
    runbook = read("## Till (P1)\n\n**Fix**: x\n\n**Escalation**: Immediate â†’ Owner\n\n- “quoted”\n")  # noqa: RUF001
    assert runbook.incident_types[0].escalation is not None
    assert runbook.incident_types[0].escalation.to == ("Owner",)
    assert [f.line for f in runbook.findings if f.code == "RB001"] == [5]


@pytest.mark.parametrize("page", ["cp1252", "latin-1", "cp1250", "cp1251", "mac_roman", "cp437"])
@pytest.mark.parametrize("character", "äßéçñøčжλ→’“–•€™≥✓━🔥")  # noqa: RUF001 - characters people type
def test_a_character_decoded_by_an_old_code_page_is_repaired_as_the_library_for_it_does(
    page: str, character: str
) -> None:
    wrong = character.encode().decode(page, errors="ignore")
    for line in (f"a {wrong} b", f"w{wrong}rd", f"- {wrong}x"):
        assert decode(f"# x\n{line}".encode()).lines[1:] == tuple(fix_encoding(line).split("\n"))


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter() -> None:
    data = SEVERITIES.encode()
    other = read_runbook(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert other.severities == read_runbook(data).severities


def test_front_matter_is_no_heading() -> None:
    runbook = read("---\ntitle: x\nowner: y\n---\n# Shop\n")
    assert runbook.title == "Shop"


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"", 1), (b" \n\n", 1), (b"# x\n\x00", 2), (b"# x\n\nab\xff\xfe", 3), (b"just a sentence", 1)],
)
def test_what_is_no_runbook_is_refused_with_a_line(data: bytes, line: int) -> None:
    with pytest.raises(RunbookUnreadable) as refused:
        read_runbook(data)
    assert refused.value.line == line


WORDS = st.sampled_from(
    ["# A", "## Incidents", "### P0 - x (Response Time: Immediate)", "**Symptoms**:", "**Fix**: x", "- a > 1%",
     "```bash", "```", "# If x", "# 1. GO", "# - b", "uptime <x>", "| P0 | x |", "|---|---|", "---", "  1. y",
     "<!-- tocsin:skip -->",
     "<!-- tocsin:incident severity=P0 -->", "<!--", "$ ls", "Escalation: 5 min → L2", "## Contacts", "- a: b", ""]
)  # fmt: skip


def read_or_refuse(data: bytes) -> Runbook | None:
    """Let only the one expected error pass."""
    try:
        return read_runbook(data)
    except RunbookUnreadable:
        return None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=25)), max_size=30))
def test_any_text_is_read_or_refused_and_every_line_number_exists(lines: list[str]) -> None:
    runbook = read_or_refuse("\n".join(lines).encode(errors="replace"))
    if runbook is None:
        return
    numbers = [int(str(fact["line"])) for fact in facts(runbook)["facts"]]  # type: ignore[attr-defined]
    numbers += [finding.line for finding in runbook.findings] + [note.line for note in runbook.notes]
    assert all(1 <= number <= runbook.lines for number in numbers)
    assert 0 <= runbook.understood <= 1


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)
