"""`tocsin simulate` on files: what it prints, and what it answers with."""

import contextlib
import gzip
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from tocsin.cli import replaying
from tocsin.cli.main import main

EXAMPLE = ROOT / "examples" / "sequencer" / "RUNBOOK.md"


def event(summary: str, key: str, action: str = "trigger", at: str | None = None) -> dict[str, object]:
    payload = {"summary": summary, "source": "gateway-3", "severity": "critical"}
    body: dict[str, object] = {"routing_key": "k" * 32, "event_action": action, "dedup_key": key, "payload": payload}
    return {"at": at, "event": body} if at else body


NIGHT = (
    event("Sequencer is down", "seq", at="2026-03-03T02:11:00Z"),
    {"at": "2026-03-03T02:20:00Z", "acknowledge": "mira", "dedup_key": "seq"},
    event("", "seq", "resolve", at="2026-03-03T02:40:00Z"),
)


@pytest.fixture
def alerts(tmp_path: Path) -> Path:
    """A night with one incident, which Mira took."""
    return written(tmp_path, *NIGHT)


def written(folder: Path, *lines: object) -> Path:
    path = folder / "alerts.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def edited(folder: Path, old: str, new: str) -> Path:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    path = folder / "EDITED.md"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def simulate(*words: object) -> int:
    given = [*map(str, words)]
    own = str(EXAMPLE) in given and "--config" not in given
    return main(["simulate", *given, *(("--config", str(EXAMPLE.parent / "demo.toml")) if own else ())])


def test_the_text_tells_who_was_paged_when_and_why(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(EXAMPLE, alerts) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    [paged] = [line for line in printed.out.splitlines() if " page  " in line]
    assert paged.split() == [
        *("03:11", "page", "Mira", "Okafor", "by", "console", "(L1):", "L1", "is", "called", "first"),
        *("[at", "night]", ":31"),
    ]
    assert "INC-2026-0001  Tue 03 Mar 2026 03:11  P0 Sequencer Down  (alerts.jsonl:1,2,3)" in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80
    assert "03:20       mira has it" in printed.out
    assert "03:40       after 29 min, resolved by itself" in printed.out
    assert "1 alert, 1 incident, 1 page (1 at night, 22:00 to 07:00), 1 notification" in printed.out
    assert "nobody answers" not in printed.out


def test_in_the_night_in_which_clocks_go_back_each_time_says_which_of_the_two_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "alerts.jsonl"
    words = "Health check of the sequencer fails"
    payload = {"summary": words, "source": "gateway-3", "severity": "critical"}
    lines = [
        {"at": "2026-10-25T00:30:00Z", "event": {"event_action": "trigger", "dedup_key": "s", "payload": payload}},
        {"at": "2026-10-25T01:30:00Z", "event": {"event_action": "resolve", "dedup_key": "s"}},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    simulate(EXAMPLE, path)
    clocks = [line.split()[:2] for line in capsys.readouterr().out.splitlines() if re.match(r"  \d\d:\d\d ", line)]
    assert clocks[0] == ["02:30", "CEST"]
    assert clocks[-1] == ["02:30", "CET"]


def test_what_was_due_in_the_instant_of_its_end_stands_before_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "alerts.jsonl"
    payload = {"summary": "Health check of the sequencer fails", "source": "gateway-3", "severity": "critical"}
    lines = [
        {"at": "2026-03-03T02:00:00Z", "event": {"event_action": "trigger", "dedup_key": "s", "payload": payload}},
        {"at": "2026-03-03T02:15:00Z", "event": {"event_action": "resolve", "dedup_key": "s"}},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    simulate(EXAMPLE, path)
    *_, page, end = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  03:15")]
    assert ("page" in page, "resolved by itself" in end) == (True, True)


def test_the_recording_of_the_how_to_is_replayed_as_it_stands_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = (ROOT / "docs" / "how-to" / "see-what-an-edit-changes.md").read_text("utf-8").split("```")
    recording = next(part for part in shown if part.startswith("text\n"))
    printed = next(part for part in shown if part.startswith("console\n") and "RUNBOOK.md on" in part)
    simulate(EXAMPLE, written(tmp_path, *recording.splitlines()[1:]))
    promised = printed.partition("RUNBOOK.md on")[2].splitlines()[1:]
    assert capsys.readouterr().out.splitlines()[1:] == promised


def test_the_json_has_its_documented_shape(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(EXAMPLE, alerts, "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["runbook", "recording", "totals", "attention", "incidents", "lines"]
    assert list(told["recording"]) == ["path", "lines", "from", "until", "answer_after", "notes"]
    [incident] = told["incidents"]
    [page] = incident["pages"]
    assert (page["at"], page["after"], page["person"], page["via"]) == (
        "2026-03-03T02:11:00Z",
        "PT0S",
        "mira",
        "console",
    )
    assert page["because"] == {"text": "L1 is called first", "line": 31}
    assert told["totals"]["people"] == [{"person": "mira", "name": "Mira Okafor", "pages": 1, "night": 1}]
    assert [line["what"] for line in told["lines"]] == ["opened", "acknowledged", "resolved"]
    text = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8").partition("### `tocsin simulate`")[2]
    text = text.partition("\n### ")[0]
    keys = {*told, *told["recording"], *told["totals"], *incident, *page, *told["lines"][0]}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def test_nobody_answers_by_itself_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(EXAMPLE, written(tmp_path, NIGHT[0], NIGHT[2])) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "Note: nobody answers: no line of alerts.jsonl says who did, and --answer was not given." in printed
    assert "Priya Raman by console (L2): nobody has answered L1" in printed
    assert simulate(EXAMPLE, tmp_path / "alerts.jsonl", "--answer", "PT5M") == 0
    printed = capsys.readouterr().out
    assert "Note: whoever is paged first answers 5 min after the page (--answer)." in printed
    assert "nobody has answered L1" not in printed


def test_an_alert_that_no_entry_matches_answers_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(EXAMPLE, written(tmp_path, event("The cat sleeps on the gateway", "cat"))) == 1
    assert "ATTENTION  1 alert matched no entry of the runbook" in capsys.readouterr().out


def test_without_a_configuration_the_operator_is_paged_and_that_is_said(
    alerts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "RUNBOOK.md").write_bytes(EXAMPLE.read_bytes())
    written(tmp_path, NIGHT[0], NIGHT[2])
    assert simulate(alone / "RUNBOOK.md", alerts) == 1
    printed = capsys.readouterr().out
    assert "Note: there is no configuration" in printed
    assert "ATTENTION  nobody is in L1" in printed


def test_an_edit_that_changes_something_answers_1_and_names_the_lines(
    alerts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = edited(tmp_path, "**Severity**: P0", "**Severity**: P1")
    assert simulate(EXAMPLE, alerts, "--against", other) == 1
    printed = capsys.readouterr().out
    assert "severity: P1 instead of P0" in printed
    assert "    - RUNBOOK.md:40  **Severity**: P0\n    + EDITED.md:40  **Severity**: P1\n" in printed
    assert "1 of 1 incident goes another way." in printed
    assert simulate(EXAMPLE, alerts, "--against", other, "--format", "json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] is True
    kinds = [one["kind"] for one in told["incidents"][0]["differences"]]
    assert kinds == ["severity", "told"]


def test_an_edit_that_no_alert_meets_says_plainly_that_nothing_changes(
    alerts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = edited(tmp_path, "Error rate > 2% for 1 minute", "Error rate > 3% for 1 minute")
    assert simulate(EXAMPLE, alerts, "--against", other) == 0
    printed = capsys.readouterr().out
    assert "Nothing changes for these alerts: the same 1 incident and 1 page" in printed
    printed = " ".join(printed.split())
    assert 'symptom "Error rate > 3% for 1 minute" instead of "Error rate > 2% for 1 minute"' in printed


def test_both_documents_are_judged_by_the_configuration_of_the_first(
    alerts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = edited(tmp_path, "# Orderbook sequencer", "# The sequencer")
    assert simulate(EXAMPLE, alerts, "--against", other) == 0
    assert "Nothing changes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.md", "alerts.jsonl"], "none.md: No such file or directory"),
        ([str(EXAMPLE), "none.jsonl"], "none.jsonl: No such file or directory"),
        ([str(EXAMPLE), "alerts.jsonl", "--against", "none.md"], "none.md: No such file or directory"),
        ([str(EXAMPLE), "alerts.jsonl", "--config", "none.toml"], "none.toml"),
        ([str(EXAMPLE), "alerts.jsonl", "--answer", "P30D"], "--answer is between PT0S and P7D"),
        ([str(EXAMPLE), "empty.jsonl"], "empty.jsonl: there is no line in it"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_answers_2(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, *NIGHT)
    (tmp_path / "empty.jsonl").write_text("\n")
    assert simulate(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert says in printed.err


def test_every_wrong_line_is_named_and_nothing_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = '{"at": "2026-03-03T02:20:00Z", "severity": "mira", "dedup_key": "seq"}'
    assert simulate(EXAMPLE, written(tmp_path, NIGHT[0], "{oops", wrong)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    first, second = printed.err.splitlines()
    assert first.startswith("tocsin: alerts.jsonl:2: this is no JSON")
    assert second.startswith("tocsin: alerts.jsonl:3: `to` is a name between quotes")


@pytest.mark.parametrize("form", ["packed", "with a mark of its order", "from Windows"])
def test_a_recording_is_read_in_each_form_that_it_is_kept_in(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = written(tmp_path, *NIGHT)
    assert simulate(EXAMPLE, plain, "--format", "json") == 0
    expected = json.loads(capsys.readouterr().out)["incidents"]
    body = plain.read_bytes()
    forms = {"packed": gzip.compress(body), "from Windows": body.replace(b"\n", b"\r\n")}
    other = tmp_path / "other.jsonl"
    other.write_bytes(forms.get(form, b"\xef\xbb\xbf" + body))
    assert simulate(EXAMPLE, other, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["incidents"] == expected


def test_what_is_no_recording_at_all_is_one_line_that_says_what_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.jsonl").write_bytes(gzip.compress(b"{}" * 9000)[:40])
    for file, says in ((EXAMPLE, "no line of it is a JSON object"), (tmp_path / "broken.jsonl", "packed with gzip")):
        assert simulate(EXAMPLE, file) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert says in line


def test_of_many_wrong_lines_the_first_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(EXAMPLE, written(tmp_path, NIGHT[0], *["{oops"] * 25)) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "tocsin: 5 more lines are wrong"


def test_lines_that_many_incidents_hang_on_are_shown_once_and_no_line_is_too_wide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = edited(tmp_path, "### P1 - High (Response time: 15 minutes)", "### P1 - High (Response time: 25 minutes)")
    alerts = [event(f"Out of memory: worker {key} killed", f"oom-{key}") for key in range(4)]
    at = [{"at": f"2026-03-0{3 + place}T02:00:00Z", "event": body} for place, body in enumerate(alerts)]
    config = EXAMPLE.parent / "demo.toml"
    assert simulate(EXAMPLE, written(tmp_path, *at), "--against", other, "--config", config) == 1
    printed = capsys.readouterr().out
    assert printed.count("    + EDITED.md:13  ### P1 - High (Response time: 25 minutes)\n") == 1
    assert printed.count("- RUNBOOK.md:13; + EDITED.md:13, as above") >= 3
    assert max(map(len, printed.partition("\n\n")[2].splitlines())) <= 80  # the paths above cannot be parted


def many(count: int) -> list[dict[str, object]]:
    """Nights on which the sequencer fails and is well again."""
    moments = [f"2026-03-{1 + place // 24:02}T{place % 24:02}" for place in range(count // 2)]
    return [
        line
        for place, moment in enumerate(moments)
        for line in (
            event("Health check of the sequencer fails", f"s{place}", at=f"{moment}:00:00Z"),
            event("", f"s{place}", "resolve", at=f"{moment}:30:00Z"),
        )
    ]


def test_two_documents_replayed_at_once_say_what_they_say_one_after_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = edited(tmp_path, "**Severity**: P0", "**Severity**: P1")
    alerts = written(tmp_path, *many(40))
    told = []
    for worth in (10, 1000):
        monkeypatch.setattr(replaying, "WORTH_ANOTHER", worth)
        assert simulate(EXAMPLE, alerts, "--against", other, "--format", "json") == 1
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert len(json.loads(told[0])["incidents"]) == 20


def test_a_document_that_cannot_be_replayed_beside_another_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "WORTH_ANOTHER", 1)
    (tmp_path / "EMPTY.md").write_text("")
    assert simulate(EXAMPLE, written(tmp_path, *NIGHT), "--against", tmp_path / "EMPTY.md") == 2
    assert "EMPTY.md" in capsys.readouterr().err


def on_a_terminal(folder: Path, count: int, **environment: str) -> bytes:
    """What it writes to standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    words = ["simulate", EXAMPLE, written(folder, *many(count)), "--config", EXAMPLE.parent / "demo.toml"]
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", *map(str, words)],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env={**os.environ, **environment},
        )
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # the other side is closed
            while part := terminal.read(4096):
                seen += part
        assert process.wait(timeout=280) in {0, 1}
    return seen


def test_on_a_terminal_a_long_replay_says_how_far_it_is_and_takes_that_away_again(tmp_path: Path) -> None:
    seen = on_a_terminal(tmp_path, 500, TERM="xterm")
    shown = re.findall(rb"replaying: (\d+) %, about (\d+ s|\d+ min) left", seen)
    assert shown
    assert [int(part) for part, _ in shown] == sorted(int(part) for part, _ in shown)
    assert seen.endswith(b"\r\x1b[K")


def test_on_a_terminal_that_cannot_erase_nothing_is_shown(tmp_path: Path) -> None:
    assert on_a_terminal(tmp_path, 400, TERM="dumb") == b""


def test_neither_help_nor_check_imports_the_engine() -> None:
    script = (
        "import sys\nfrom tocsin.cli.main import main\nmain(sys.argv[1:])\nprint([n for n in sys.modules if n in WHAT])"
    )
    script = script.replace("WHAT", repr(("tocsin.engine.engine", "tocsin.drill.replay", "tocsin.store.sqlite")))
    for words in ([], ["check", str(EXAMPLE)]):
        done = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False, timeout=280
        )
        assert done.stdout.splitlines()[-1] == "[]", done.stderr
