"""Recorded alerts replayed: who would have been paged, when and why, and what an edit changes."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from tocsin.configuration import read_settings
from tocsin.drill.replay import Replayed, Wishes, replay
from tocsin.drill.replay_difference import Compared, Side, compare
from tocsin.drill.replay_lines import LinesInvalid, read_recording
from tocsin.drill.replay_report import Report, Story, report
from tocsin.errors import UsageError
from tocsin.explanation.differences import Edition
from tocsin.runbook.decoding import decode
from tocsin.runbook.reading import read_runbook
from tocsin.settings import Settings

LAUNDRY = """# Laundry

## Severity levels

### P0 - Critical (Response time: immediate)

- The laundry is flooded

### P1 - High (Response time: 20 minutes)

- A machine stands still

### P2 - Medium (Response time: 2 hours)

- Towels are late

### P3 - Low (Response time: next business day)

- A button is missing

## Escalation path

1. **L1**: Washer on call
2. **L2**: Foreman (if not resolved in 40 minutes)
3. **Executive**: Owner (for P0 only)

## Incidents

### 1. Boiler Leaking

**Severity**: P0

**Symptoms**:

- Water under the boiler
- Boiler pressure < 2 bar

### 2. Dryer Jammed

**Severity**: P1

**Symptoms**:

- The drum of the dryer does not turn

### 3. Button Missing

**Severity**: P3

**Symptoms**:

- A coat comes back without a button
"""

TEAM = """
timezone = "Europe/Berlin"
fallback = ["otto"]

[business_hours]
opens = "09:00"
closes = "17:00"

[channels.console]
kind = "console"

[people.wanda]
name = "Wanda"
reach = [{ via = ["console"] }]

[people.fred]
name = "Fred"
reach = [{ via = ["console"] }]
quiet = [{ from = "20:00", until = "08:00", severities = ["P3"] }]

[people.otto]
name = "Otto"
reach = [{ via = ["console"] }]

[roles]
L1 = ["wanda"]
L2 = ["fred"]
Executive = ["otto"]
"""


def event(summary: str, key: str, action: str = "trigger", at: str | None = None, severity: str = "error") -> str:
    payload = {"summary": summary, "source": "hall", "severity": severity}
    body = {"routing_key": "k" * 32, "event_action": action, "dedup_key": key, "payload": payload}
    return json.dumps({"at": at, "event": body} if at else body)


def leak(at: str, key: str = "boiler") -> str:
    return event("Boiler leaking", key, at=at)


def jam(at: str, key: str = "dryer") -> str:
    return event("Dryer jammed", key, at=at)


def over(at: str, key: str) -> str:
    return event("", key, "resolve", at)


def said(at: str, **what: object) -> str:
    return json.dumps({"at": at} | what)


def at(day: int, clock: str) -> datetime:
    """An instant of March 2026 by the clock in Berlin, which is an hour ahead."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


def team(text: str = TEAM) -> Settings:
    return read_settings(text)


async def played(*lines: str, document: str = LAUNDRY, config: str = TEAM, answer: timedelta | None = None) -> Replayed:
    recording = read_recording([line.encode() for line in lines], team(config))
    return await replay(document.encode(), team(config), recording, Wishes(answer))


async def told(*lines: str, document: str = LAUNDRY, config: str = TEAM, answer: timedelta | None = None) -> Report:
    return report(await played(*lines, document=document, config=config, answer=answer), team(config))


def pages(story: Story) -> list[tuple[datetime, str, str, str]]:
    return [(page.at, page.person, page.level, page.cause) for page in story.pages]


# -- who is paged


async def test_an_alert_pages_the_levels_of_the_runbook_until_it_is_over() -> None:
    [story] = (await told(jam("2026-03-02T09:00:00Z"), over("2026-03-02T09:50:00Z", "dryer"))).incidents
    assert (story.incident_type, story.severity, story.lines) == ("dryer-jammed", "P1", (1, 2))
    assert pages(story)[:2] == [
        (at(2, "10:00"), "wanda", "L1", "opened"),
        (at(2, "10:20"), "fred", "L2", "unacknowledged"),
    ]
    assert story.pages[1].because.line == 24
    assert story.severity_because.line == 40
    assert story.resolved_at == at(2, "10:50")
    assert all(page.at <= at(2, "10:50") for page in story.pages)


async def test_who_is_told_without_being_woken_is_told_apart() -> None:
    [story] = (await told(leak("2026-03-02T09:00:00Z"), over("2026-03-02T09:10:00Z", "boiler"))).incidents
    assert [(one.person, one.level, one.because.line) for one in story.told] == [("otto", "Executive", 25)]
    assert [page.person for page in story.pages] == ["wanda"]


async def test_a_page_that_can_wait_says_for_what_and_how_long() -> None:
    [story] = (await told(event("Button missing", "coat", at="2026-03-07T11:00:00Z"))).incidents
    first = story.pages[0]
    assert (first.at, first.waited_for, first.waited) == (at(9, "09:00"), "business hours", timedelta(hours=45))


async def test_a_page_in_quiet_hours_says_so() -> None:
    quiet = TEAM.replace('L1 = ["wanda"]', 'L1 = ["fred"]').replace('severities = ["P3"]', 'severities = ["P2", "P3"]')
    document = LAUNDRY.replace("**Severity**: P1", "**Severity**: P2")
    [story] = (await told(jam("2026-03-02T21:00:00Z"), document=document, config=quiet)).incidents
    first = story.pages[0]
    assert (first.person, first.at) == ("fred", at(3, "08:00"))
    assert (first.waited_for, first.waited) == ("quiet hours", timedelta(hours=10))


async def test_what_a_person_did_is_replayed_and_stops_the_calls() -> None:
    told_of = await told(
        jam("2026-03-02T09:00:00Z"),
        said("2026-03-02T09:05:00Z", acknowledge="wanda", dedup_key="dryer"),
        said("2026-03-02T09:30:00Z", resolve="wanda", incident="INC-2026-0001"),
    )
    [story] = told_of.incidents
    assert [page.person for page in story.pages] == ["wanda"]
    assert [(one.what, one.by) for one in story.changes] == [("acknowledged", "wanda"), ("resolved", "wanda")]
    assert [line.what for line in told_of.lines] == ["opened", "acknowledged", "resolved"]


async def test_what_a_person_did_to_nothing_is_told_and_stops_nothing() -> None:
    told_of = await told(
        said("2026-03-02T08:00:00Z", acknowledge="wanda", dedup_key="dryer"), jam("2026-03-02T09:00:00Z")
    )
    assert (told_of.lines[0].what, told_of.lines[0].why) == ("nothing", "dryer had opened no incident")
    assert told_of.incidents[0].pages


async def test_whoever_is_paged_first_can_be_let_answer() -> None:
    lines = jam("2026-03-02T09:00:00Z"), over("2026-03-02T09:35:00Z", "dryer")
    [late] = (await told(*lines, answer=timedelta(minutes=25))).incidents
    [soon] = (await told(*lines, answer=timedelta(minutes=5))).incidents
    assert [page.person for page in late.pages] == ["wanda", "fred"]
    assert [page.person for page in soon.pages] == ["wanda"]
    assert soon.changes[0].at == at(2, "10:05")


async def test_without_an_answer_everybody_is_called_to_the_end_and_it_is_named() -> None:
    told_of = await told(jam("2026-03-02T09:00:00Z"))
    [story] = told_of.incidents
    assert (story.pages[-1].cause, story.pages[-1].person) == ("gave-up", "otto")
    assert told_of.totals.unanswered == (story.id,)


async def test_a_silence_in_the_recording_holds_back_and_lets_go() -> None:
    silence = {"matchers": ["entry=dryer-jammed"], "because": "new belt", "lasts": "PT1H"}
    told_of = await told(said("2026-03-02T09:00:00Z", silence=silence), jam("2026-03-02T09:10:00Z"))
    assert [line.what for line in told_of.lines] == ["silenced", "held"]
    assert told_of.totals.held == (2,)
    [story] = told_of.incidents
    assert story.opened_at == at(2, "11:00")


async def test_pages_that_wait_for_each_other_at_the_end_all_go_out() -> None:
    """Many at one instant to one person are paced; the clock goes on until the last of them went out."""
    cats = [event("The cat sleeps", f"cat-{n}", at="2026-03-07T11:00:00Z", severity="info") for n in range(12)]
    told_of = await told(*cats, config=TEAM.replace('L1 = ["wanda"]\nL2 = ["fred"]', 'L1 = ["otto"]\nL2 = ["otto"]'))
    assert len(told_of.totals.unanswered) == 12
    assert all(story.pages[-1].cause == "gave-up" for story in told_of.incidents)
    assert told_of.attention == ("12 alerts matched no entry of the runbook",)


# -- what it adds up to


async def test_pages_are_counted_for_each_person_and_at_night_by_their_clock() -> None:
    told_of = await told(
        leak("2026-03-02T22:30:00Z"), over("2026-03-02T22:35:00Z", "boiler"), jam("2026-03-03T11:00:00Z"),
        over("2026-03-03T11:30:00Z", "dryer"),
    )  # fmt: skip
    totals = told_of.totals
    assert [(one.person, one.pages, one.night) for one in totals.people] == [("wanda", 2, 1), ("fred", 1, 0)]
    assert (totals.alerts, totals.incidents, totals.pages, totals.night) == (2, 2, 3, 1)
    assert totals.noisy == ("INC-2026-0001",)


async def test_an_alert_that_matched_nothing_asks_for_attention() -> None:
    told_of = await told(event("The cat sleeps on the shirts", "cat", at="2026-03-02T09:00:00Z"))
    assert told_of.totals.unmatched == (1,)
    assert told_of.attention == ("1 alert matched no entry of the runbook",)


async def test_a_level_with_nobody_in_it_asks_for_attention() -> None:
    told_of = await told(jam("2026-03-02T09:00:00Z"), config=TEAM.replace('L1 = ["wanda"]\n', ""))
    assert any(text.startswith("nobody is in L1: the fallback got") for text in told_of.attention)
    assert told_of.incidents[0].pages[0].instead
    assert told_of.incidents[0].pages[0].person == "otto"


# -- lines


async def test_lines_are_replayed_by_their_times_and_a_note_says_so() -> None:
    lines = over("2026-03-02T09:50:00Z", "dryer"), jam("2026-03-02T09:00:00Z")
    recording = read_recording([line.encode() for line in lines], team())
    assert [line.number for line in recording.lines] == [2, 1]
    assert recording.notes == ("1 of 2 lines come before the line above them: all are replayed by their times",)


def test_a_line_without_a_time_follows_the_one_before_it() -> None:
    lines = event("a", "a"), jam("2026-03-02T09:00:00Z"), event("b", "b"), event("c", "c")
    recording = read_recording([line.encode() for line in lines], team())
    assert [line.at for line in recording.lines] == [at(2, "09:59"), at(2, "10:00"), at(2, "10:01"), at(2, "10:02")]
    assert recording.notes[0].startswith("3 of 4 lines tell no time")


def test_the_time_of_the_payload_counts_where_the_line_tells_none() -> None:
    body = json.loads(event("a", "a"))
    body["payload"]["timestamp"] = "2026-03-02T10:00:00+01:00"
    closing = json.loads(event("a", "a", "resolve"))
    closing["payload"]["timestamp"] = "2026-03-02T09:30:00"
    recording = read_recording([json.dumps(one).encode() for one in (body, closing)], team())
    assert [line.at for line in recording.lines] == [at(2, "10:00"), at(2, "10:30")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{oops", "this is no JSON"),
        ("[1]", "this is no JSON object"),
        ("\xff", "this is no JSON"),
        ("{}", "event_action"),
        ('{"event": 7}', "its `event` is wrong"),
        ('{"at": "yesterday", "event": {}}', "`at` is no instant; write it like 2026-11-23T03:15:00Z"),
        ('{"at": 7}', "`at` is no instant"),
        (event("a", "a", at="2026-03-02T09:00:00"), "`at` has no time zone"),
        (event("a", "a", at="0001-01-01T00:00:00+23:00"), "`at` is outside the years"),
        ('{"severity": "wanda", "dedup_key": "a", "because": "x"}', "`to` is a name between quotes"),
        ('{"severity": "wanda", "dedup_key": "a", "to": "P1"}', "`because` is a name between quotes"),
        ('{"merge": "wanda", "dedup_key": "a", "into": "b"}', "`into` names alerts by their source and dedup_key"),
        ('{"split": "wanda", "dedup_key": "a", "alerts": []}', "`alerts` is a list such as"),
        ('{"note": 7}', "`note` is a name between quotes"),
        ('{"affected": 7, "event": ' + event("a", "a") + "}", "`affected` is the share of users"),
        ('{"acknowledge": "wanda"}', "say what wanda took"),
        ('{"acknowledge": "wanda", "dedup_key": "a", "incident": "INC-2026-0001"}', "say what wanda took"),
        ('{"resolve": 7, "dedup_key": "a"}', "`resolve` is a name between quotes"),
        ('{"silence": "all"}', "`silence` is an object such as"),
        ('{"silence": {"matchers": ["colour=red"], "because": "x", "lasts": "PT1H"}}', "a matcher cannot speak"),
        ('{"silence": {"matchers": ["entry=a"], "because": "x", "lasts": "soon"}}', "its `silence` is wrong"),
        ('{"source": "a/b", "event": ' + event("a", "a") + "}", "`source` is the name of a source"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named_with_what_to_do(line: str, says: str) -> None:
    with pytest.raises(LinesInvalid) as caught:
        read_recording([jam("2026-03-02T09:00:00Z").encode(), b"", line.encode("latin-1")], team())
    [(number, why)] = caught.value.errors
    assert number == 3
    assert says in why


def test_who_left_since_counts_and_a_note_says_so() -> None:
    lines = jam("2026-03-02T09:00:00Z"), said("2026-03-02T09:05:00Z", acknowledge="nora", dedup_key="dryer")
    recording = read_recording([line.encode() for line in lines], team())
    assert recording.notes == ("what nora did counts, but the configuration knows only fred, otto, wanda",)
    assert len(recording.lines) == 2


def test_a_note_of_the_recording_is_said_with_what_was_assumed() -> None:
    lines = said("2026-03-02T09:00:00Z", note="The first hour is missing."), jam("2026-03-02T09:00:00Z")
    recording = read_recording([line.encode() for line in lines], team())
    assert (recording.notes, len(recording.lines)) == (("The first hour is missing",), 1)


async def test_what_a_person_cannot_do_with_this_document_is_told_and_changes_nothing() -> None:
    told_of = await told(
        jam("2026-03-02T09:00:00Z"),
        said("2026-03-02T09:05:00Z", type="wanda", to="ironing", because="it smells", dedup_key="dryer"),
        said("2026-03-02T09:06:00Z", split="wanda", alerts=["recorded/coat"], dedup_key="dryer"),
        said("2026-03-02T09:07:00Z", merge="wanda", into="recorded/coat", dedup_key="dryer"),
    )
    assert [line.what for line in told_of.lines] == ["opened", "nothing", "nothing", "nothing"]
    assert told_of.lines[1].why.startswith("there is no entry ironing; this runbook has boiler-leaking")
    assert "coat had opened no incident" in told_of.lines[3].why


async def test_an_incident_that_opens_after_a_silence_begins_with_the_line_that_was_held_back() -> None:
    silence = {"matchers": ["entry=dryer-jammed"], "because": "new belt", "lasts": "PT1H"}
    [story] = (await told(said("2026-03-02T09:00:00Z", silence=silence), jam("2026-03-02T09:10:00Z"))).incidents
    assert story.lines == (2,)


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no line in it"):
        read_recording([b"", b"\n"], team())


# -- the same again

KEYS = ("boiler", "dryer", "coat", "cat")
SUMMARIES = ("Boiler leaking", "Dryer jammed", "Button missing", "The cat sleeps")
MOMENTS = st.integers(0, 3 * 24 * 60).map(lambda minute: datetime(2026, 3, 6, tzinfo=UTC) + timedelta(minutes=minute))


@st.composite
def recorded(draw: st.DrawFn) -> str:
    moment = draw(MOMENTS).isoformat()
    place = draw(st.integers(0, len(KEYS) - 1))
    what = draw(st.sampled_from(["trigger", "trigger", "resolve", "acknowledge", "person"]))
    if what == "person":
        return said(moment, **{draw(st.sampled_from(["acknowledge", "resolve"])): "wanda", "dedup_key": KEYS[place]})
    return event(SUMMARIES[place], KEYS[place], what, moment, draw(st.sampled_from(["critical", "info"])))


@given(st.lists(recorded(), min_size=1, max_size=8), st.sampled_from([None, timedelta(minutes=7)]))
@settings(max_examples=15)
async def test_a_replay_is_the_same_every_time(lines: list[str], answer: timedelta | None) -> None:
    once, again = [msgspec.json.encode(await told(*lines, answer=answer)) for _ in range(2)]
    assert once == again


TOUCHES = """
import asyncio, sys
from pathlib import Path
from tocsin.cli.main import main

main(sys.argv[1:])  # everything is imported and read once
touched = []

def watch(name, arguments):
    written = name == "open" and isinstance(arguments[2], int) and arguments[2] & 0o3
    if written or name.split(".")[0] in {"subprocess", "shutil", "tempfile"}:
        touched.append((name, arguments))
    if name in {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "os.exec", "os.fork",
                "os.posix_spawn", "os.mkdir", "os.rename", "os.remove", "os.system"}:
        touched.append((name, arguments))
    if name == "sqlite3.connect" and arguments[0] != ":memory:":
        touched.append((name, arguments))

sys.addaudithook(watch)
main(sys.argv[1:])
assert touched == [], touched
print("UNTOUCHED")
"""


def test_no_network_no_disk_and_no_program_is_touched(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_text("\n".join([event("Sequencer is down", "s"), event("Data breach", "b")]))
    example = ROOT / "examples" / "sequencer" / "RUNBOOK.md"
    words = ["simulate", str(example), str(tmp_path / "alerts.jsonl"), "--against", str(example)]
    done = subprocess.run(
        [sys.executable, "-c", dedent(TOUCHES), *words], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.stdout.splitlines()[-1:] == ["UNTOUCHED"], done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["alerts.jsonl"]


# -- what an edit changes


async def compared(edited: str, *lines: str) -> Compared:
    sides = []
    for text in (LAUNDRY, edited):
        document = Edition(read_runbook(text.encode(), "RUNBOOK.md"), decode(text.encode()).lines)
        sides.append(Side(document, await told(*lines, document=text)))
    return compare(sides[0], sides[1], team())


JAM = (jam("2026-03-02T09:00:00Z"), over("2026-03-02T10:30:00Z", "dryer"))


async def test_the_same_document_changes_nothing() -> None:
    found = await compared(LAUNDRY, *JAM)
    assert (found.incidents, found.people, found.policy, found.edited) == ((), (), (), 0)


async def test_lines_that_only_move_change_nothing() -> None:
    found = await compared(LAUNDRY.replace("# Laundry\n", "# Laundry\n\nWe wash.\n\nAnd dry.\n"), *JAM)
    assert (found.incidents, found.policy, found.edited) == ((), (), 2)


async def test_an_edit_that_no_alert_meets_changes_nothing_and_is_still_named() -> None:
    found = await compared(LAUNDRY.replace("Water under the boiler", "Steam over the boiler"), *JAM)
    assert found.incidents == ()
    assert any("Steam over the boiler" in text for text in found.policy)


async def test_a_response_time_moves_the_pages_behind_it_and_the_line_is_named_in_both() -> None:
    found = await compared(LAUNDRY.replace("Response time: 20 minutes", "Response time: 30 minutes"), *JAM)
    [incident] = found.incidents
    [difference] = [one for one in incident.differences if one.person == "fred"]
    assert difference.text.startswith("Fred (L2, console) is paged 10 min later, at Mon 02 Mar 10:30 instead of")
    assert [one.text for one in difference.before] == ["### P1 - High (Response time: 20 minutes)"]
    assert [one.line for one in (*difference.before, *difference.after)] == [9, 9]


async def test_a_severity_changes_who_is_told_and_names_the_line_of_the_entry() -> None:
    edited = LAUNDRY.replace("**Severity**: P1", "**Severity**: P0")
    [incident] = (await compared(edited, *JAM)).incidents
    kinds = {one.kind: one for one in incident.differences}
    assert kinds["severity"].text.startswith("P0 instead of P1")
    assert ([one.line for one in kinds["severity"].before], [one.line for one in kinds["severity"].after]) == (
        [40],
        [40],
    )
    assert kinds["told"].text == "Otto told too"


async def test_an_entry_that_is_gone_leaves_its_alerts_to_none() -> None:
    start, end = LAUNDRY.index("### 2. Dryer"), LAUNDRY.index("### 3. Button")
    found = await compared(LAUNDRY[:start] + LAUNDRY[end:], *JAM)
    [difference] = [one for one in found.incidents[0].differences if one.kind == "entry"]
    assert difference.text == "matches no entry instead of Dryer Jammed"
    assert 38 in [one.line for one in difference.before]
    assert (found.before.unmatched, found.after.unmatched) == ((), (1,))


async def test_a_level_more_pages_somebody_else_too() -> None:
    edited = LAUNDRY.replace(
        "3. **Executive**: Owner", "3. **Owner**: Otto (if not resolved in 50 minutes)\n4. **Executive**: Owner"
    )
    found = await compared(edited, *JAM)
    [difference] = [one for one in found.incidents[0].differences if one.person == "otto"]
    assert difference.text.startswith("Otto (L3, console) is paged too")
    assert [one.person for one in found.people if one.pages_after > one.pages_before] == ["otto"]


async def test_a_call_that_moves_because_another_level_was_edited_names_the_line_of_that_level() -> None:
    """Round 2 begins once the last level was given its time, whatever else was edited in the entry."""
    edited = LAUNDRY.replace("if not resolved in 40 minutes", "if not resolved in 60 minutes").replace(
        "- The drum of the dryer does not turn", "- The drum of the dryer does not turn\n- It smells"
    )
    acknowledged = said("2026-03-02T09:05:00Z", acknowledge="wanda", dedup_key="dryer")
    found = await compared(edited, jam("2026-03-02T09:00:00Z"), acknowledged)
    for difference in found.incidents[0].differences:
        assert [one.text for one in difference.before] == ["2. **L2**: Foreman (if not resolved in 40 minutes)"]
