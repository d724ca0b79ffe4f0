"""The commands that talk to a server, as a person types them."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.servers import EXAMPLE, TEAM, Program

Ran = subprocess.CompletedProcess[str]
NOBODY_HOME = "http://127.0.0.1:9"
CLIENT_COMMANDS = [
    ("list",),
    ("incident", "INC-2026-0001"),
    ("trigger", "--summary", "x"),
    ("ack", "INC-2026-0001"),
    ("resolve", "INC-2026-0001"),
    ("reopen", "INC-2026-0001"),
    ("escalate", "INC-2026-0001"),
    ("severity", "INC-2026-0001", "P1", "--because", "x"),
    ("note", "INC-2026-0001", "x"),
    ("merge", "INC-2026-0001", "INC-2026-0002"),
    ("split", "INC-2026-0001", "m/x"),
    ("silence", "list"),
    ("silence", "end", "SIL-1"),
    ("oncall",),
    ("link", "mira"),
    ("token", "mira"),
    ("verify",),
    ("doctor",),
]
MAIL = """\
From: Trader <trader@example.org>
To: oncall@orderbook.example
Subject: =?utf-8?Q?Orders_are_refused_=E2=80=93_urgent?=
Message-ID: <abc123@example.org>
Date: Mon, 23 Nov 2026 03:15:00 +0100
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

TmV3IG9yZGVycyBhcmUgcmVmdXNlZCBieSBldmVyeSBnYXRld2F5Lgo=
--b
Content-Type: text/html; charset=utf-8

<p>New orders are refused by every gateway.</p>
--b--
""".replace("\n", "\r\n").encode()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One running server for all tests of this file; nothing is there when it starts."""
    program = Program(tmp_path_factory.mktemp("program"))
    config = program.home / "tocsin.toml"
    config.write_text(TEAM)
    yield program.serve(EXAMPLE, "--config", config)
    program.stop()


def says_no(ran: Ran, code: int) -> str:
    """The one line of an error."""
    assert ran.returncode == code, ran.stdout + ran.stderr
    [line] = ran.stderr.splitlines()
    assert line.startswith("tocsin: ")
    assert "Traceback" not in ran.stderr
    return line.removeprefix("tocsin: ")


def done(ran: Ran, code: int = 0) -> str:
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def as_json(ran: Ran, code: int = 0) -> Any:
    return json.loads(done(ran, code))


@pytest.fixture(scope="module")
def empty(served: Program) -> Ran:
    """What the list says before anything happened."""
    return served.run("list")


@pytest.fixture
def number(empty: Ran, served: Program) -> str:
    """A new open incident."""
    assert empty.returncode == 0
    found: str = as_json(served.run("trigger", "--summary", "Orders are slow", "--severity", "P1", "--format", "json"))[
        "id"
    ]
    return found


# -- incidents


def test_a_list_with_nothing_in_it_says_so(empty: Ran) -> None:
    assert done(empty) == "No incident yet.\n"


def test_a_declared_incident_is_shown_with_its_reasons_and_its_page(empty: Ran, served: Program) -> None:
    assert empty.returncode == 0
    shown = done(served.run("trigger", "--summary", "Sequencer is gone", "--type", "sequencer-down"))
    first, *_, last = shown.splitlines()
    assert re.match(r"INC-\d{4}-\d{4}  P0  .*\(sequencer-down\)$", first)
    assert "P0 because" in shown
    assert re.search(r"#1 .* UTC", shown)
    assert last.strip().startswith(f"{served.url}/app/incidents/INC-")


def test_a_mail_becomes_an_incident_and_a_copy_of_it_does_not(empty: Ran, served: Program) -> None:
    assert empty.returncode == 0
    first = as_json(served.run("trigger", "--email", "--format", "json", say=MAIL))
    assert first["summary"] == "Orders are refused – urgent: New orders are refused by every gateway."  # noqa: RUF001
    assert as_json(served.run("trigger", "--email", "--format", "json", say=MAIL))["id"] == first["id"]


@pytest.mark.parametrize("mail", [b"", b"hello\n", b"\xff\xfe\x00"])
def test_what_is_no_mail_is_refused(served: Program, mail: bytes) -> None:
    assert "no e-mail" in says_no(served.run("trigger", "--email", say=mail), 2)


def test_a_declaration_without_words_says_how(served: Program) -> None:
    assert "--summary" in says_no(served.run("trigger"), 2)


def test_a_declaration_of_an_unknown_type_names_those_there_are(served: Program) -> None:
    line = says_no(served.run("trigger", "--summary", "x", "--type", "flood"), 2)
    assert "there is no incident type flood; this runbook has sequencer-down" in line


def test_the_list_shows_who_has_what(number: str, served: Program) -> None:
    row = next(line for line in done(served.run("list")).splitlines() if line.startswith(number))
    assert re.match(rf"{number}  P1  triggered +nobody has it +\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC  ", row)
    assert number in {one["id"] for one in as_json(served.run("list", "--format", "json"))["incidents"]}


def test_the_list_of_what_is_open_leaves_out_what_is_over(number: str, served: Program) -> None:
    done(served.run("resolve", number))
    assert number not in done(served.run("list", "--open"))
    assert number in done(served.run("list"))


def test_a_list_of_no_length_is_refused(served: Program) -> None:
    assert "limit must be a whole number" in says_no(served.run("list", "--limit", "0"), 2)


def test_an_incident_is_shown_with_its_timeline(number: str, served: Program) -> None:
    assert "#1" in done(served.run("incident", number))
    shown = as_json(served.run("incident", number, "--format", "json"))
    assert shown["timeline"][0]["fact"] == "Opened"


def test_an_incident_that_is_not_there_is_told_in_one_line(served: Program) -> None:
    ran = served.run("incident", "INC-2026-9999")
    assert "there is no incident INC-2026-9999" in says_no(ran, ran.returncode)
    assert ran.returncode in {1, 2}


def test_an_incident_is_taken_ended_and_reopened(number: str, served: Program) -> None:
    assert done(served.run("ack", number)).startswith(f"{number} P1 ")
    assert as_json(served.run("ack", number, "--format", "json"))["status"] == "acknowledged"
    assert "resolved" in done(served.run("resolve", number, "--why", "restarted"))
    assert "triggered" in done(served.run("reopen", number, "--why", "it is back"))
    words = [
        fact["data"].get("why") for fact in as_json(served.run("incident", number, "--format", "json"))["timeline"]
    ]
    assert "restarted" in words


def test_a_correction_says_which_later_alerts_it_is_about(served: Program) -> None:
    declared = ("trigger", "--summary", "conveyor belt 4 hums oddly", "--type", "out-of-memory", "--format", "json")
    number = as_json(served.run(*declared))["id"]
    said = done(served.run("type", number, "none", "--because", "it always does"))
    assert "Later alerts of manual that say “conveyor belt hums oddly”, whatever the numbers and hosts," in said


def test_what_is_over_is_not_taken(number: str, served: Program) -> None:
    done(served.run("resolve", number))
    ran = served.run("ack", number)
    assert says_no(ran, ran.returncode) == f"{number} is resolved; reopen it first"
    assert ran.returncode in {1, 2}


def test_an_incident_is_merged_and_an_alert_split_off_again(served: Program) -> None:
    one, two = (
        as_json(served.run("trigger", "--summary", summary, "--type", "high-error-rate", "--format", "json"))["id"]
        for summary in ("Orders fail", "Orders fail too")
    )
    assert done(served.run("merge", two, one, "--why", "the same")).startswith(f"{two} goes on in {one}: ")
    alerts = as_json(served.run("incident", one, "--format", "json"))["alerts"]
    [joined] = [alert for alert in alerts if alert["because"]]
    assert f"{joined['source']}/{joined['dedup_key']}  fires, heard 1 time  Orders fail too" in done(
        served.run("incident", one)
    )
    assert says_no(served.run("merge", two, two), 2)
    assert f"{two} goes on in {one}; do it there" in says_no(served.run("ack", two), 1)
    assert f"{two} goes on in {one}; split its alerts off there" in says_no(served.run("split", two, "x/y"), 1)
    third = as_json(served.run("trigger", "--summary", "Disk", "--type", "out-of-memory", "--format", "json"))["id"]
    assert f"{two} goes on in {one}; name that one instead" in says_no(served.run("merge", two, third), 1)
    said = done(served.run("split", one, f"{joined['source']}/{joined['dedup_key']}"))
    assert re.match(r"INC-\d{4}-\d{4} P1 .* is open for them: ", said)
    assert says_no(served.run("split", one, "x/y"), 1)
    assert says_no(served.run("merge", one, one), 2)


def test_a_silence_is_added_with_its_warnings_listed_and_ended(served: Program) -> None:
    said = says_no(served.run("silence", "add", "entry=sequencer-down", "--for", "PT2H"), 2)
    assert "say why" in said
    ran = served.run("silence", "add", "entry=sequencer-down", "--for", "PT2H", "--because", "we patch")
    assert ran.returncode == 0
    # Other tests of this file leave incidents of that entry open, which it does not stop.
    assert ran.stderr.startswith("WARNING: it holds back P0: Sequencer Down pages nobody while it lasts\n")
    assert re.match(r'SIL-1 active until .* UTC: entry="sequencer-down"', ran.stdout)
    assert re.search(r"SIL-1 +active .* operator +we patch", done(served.run("silence", "list")))
    [one] = as_json(served.run("silence", "list", "--status", "active", "--format", "json"))["silences"]
    assert (one["id"], one["because"]) == ("SIL-1", "we patch")
    assert done(served.run("silence", "end", "SIL-1")).startswith("SIL-1 expired ended ")
    weekly = ("--for", "PT2H", "--because", "we patch", "--repeats", "sat,sun", "--last", "2099-01-04")
    done(served.run("silence", "add", "entry=out-of-memory", *weekly))
    assert ", sat,sun by the clock of " in done(served.run("silence", "list"))
    done(served.run("silence", "end", "SIL-2"))
    assert says_no(served.run("silence", "end", "SIL-9"), 1)
    assert says_no(served.run("silence", "end"), 2)
    assert "--public" in says_no(served.run("silence", "add", "entry=x", "--component", "api"), 2)


def test_a_silence_that_has_to_last_longer_is_followed_by_another_one(served: Program) -> None:
    until = ("--until", "2027-01-10T09:00Z", "--because", "we patch")
    first = json.loads(served.run("silence", "add", "entry=database-slow-queries", *until, "--format", "json").stdout)
    longer = json.loads(served.run("silence", "extend", first["id"], "--for", "PT90M", "--format", "json").stdout)
    assert (longer["matchers"], longer["because"]) == (first["matchers"], "we patch")
    assert longer["ends_at"].startswith("2027-01-10T10:30:00")
    listed = as_json(served.run("silence", "list", "--status", "active", "--format", "json"))["silences"]
    assert [one["id"] for one in listed] == [longer["id"]]
    assert f"{first['id']} is over" in says_no(served.run("silence", "extend", first["id"], "--for", "PT1H"), 1)
    assert "say how much longer" in says_no(served.run("silence", "extend", longer["id"]), 2)
    done(served.run("silence", "end", longer["id"]))


@pytest.mark.parametrize(
    ("options", "until"),
    [
        (("--until", "2027-01-10T09:00Z"), "2027-01-10 09:00:00 UTC"),
        (("--until", "2027-01-10T09:00+01:00"), "2027-01-10 08:00:00 UTC"),
        (("--until", "2027-01-10T09:00", "--timezone", "America/New_York"), "2027-01-10 14:00:00 UTC"),
        (("--from", "2027-01-10T09:00", "--for", "PT1H", "--timezone", "Europe/Berlin"), "2027-01-10 08:00:00 UTC"),
    ],
)
def test_times_of_a_silence_are_written_as_people_write_them(
    options: tuple[str, ...], until: str, served: Program
) -> None:
    made = served.run("silence", "add", "entry=sequencer-down", "--because", "we patch", *options).stdout
    done(served.run("silence", "end", made.split()[0]))
    assert until in made


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--until", "tomorrow"), "--until 'tomorrow' is no instant; write it like 2026-11-23T05:00Z"),
        (("--from", "2027-01-10T09:00", "--for", "PT1H"), "add Z for UTC, or --timezone Europe/Berlin"),
        (("--until", "2027-01-10T09:00", "--timezone", "Mars/Base"), "there is no time zone 'Mars/Base'"),
    ],
)
def test_a_time_that_cannot_be_read_names_its_option_and_how_to_write_it(
    options: tuple[str, ...], says: str, served: Program
) -> None:
    assert says in says_no(served.run("silence", "add", "entry=sequencer-down", "--because", "x", *options), 2)


def test_the_next_level_and_a_named_one_are_called(number: str, served: Program) -> None:
    done(served.run("escalate", number, "--why", "it is large"))
    shown = as_json(served.run("escalate", number, "--level", "L3", "--format", "json"))
    assert [fact["data"]["level"] for fact in shown["timeline"] if fact["fact"] == "EscalationRequested"][-1] == "L3"
    assert "there is no level L9" in says_no(served.run("escalate", number, "--level", "L9"), 2)


def test_the_severity_changes_for_a_reason(number: str, served: Program) -> None:
    assert f"{number} P0 " in done(served.run("severity", number, "P0", "--because", "all markets"))
    assert served.run("severity", number, "P0").returncode == 2
    assert "there is no severity P9" in says_no(served.run("severity", number, "P9", "--because", "x"), 2)


def test_a_note_is_kept(number: str, served: Program) -> None:
    shown = as_json(served.run("note", number, "looking at «disk» 🔥", "--format", "json"))
    [note] = [fact for fact in shown["timeline"] if fact["fact"] == "Noted"]
    assert note["data"]["text"] == "looking at «disk» 🔥"
    assert says_no(served.run("note", number, " "), 2) == "the note is empty"


# -- people


def test_who_is_on_call_is_printed_and_a_level_without_people_is_a_no(served: Program) -> None:
    shown = done(served.run("oncall"), 1)
    assert re.search(r"L1 +On-call engineer +Mira Okafor :\d+", shown)
    assert re.search(r"L3 +Engineering manager +nobody; .* is paged instead", shown)


def test_who_is_on_call_at_another_time(served: Program) -> None:
    found = as_json(served.run("oncall", "--at", "2026-01-12T08:00:00Z", "--format", "json"), 1)
    night = next(duty for duty in found["oncall"] if duty["level"] == "Night")
    assert night["people"][0]["id"] == "tom"
    assert "is no instant" in says_no(served.run("oncall", "--at", "tomorrow"), 2)


def test_a_link_is_printed_alone(served: Program) -> None:
    assert re.fullmatch(rf"{served.url}/app/sign-in\?token=[\w-]+\n", done(served.run("link", "mira")))
    assert "expires_at" in as_json(served.run("link", "mira", "--expires", "PT5M", "--format", "json"))
    ran = served.run("link", "eve")
    assert "there is no person eve" in says_no(ran, ran.returncode)


def test_a_token_is_printed_alone_and_is_somebody(number: str, served: Program) -> None:
    token = done(served.run("token", "mira")).strip()
    shown = as_json(served.run("ack", number, "--format", "json", TOCSIN_TOKEN=token))
    assert shown["acknowledged_by"] == "person:mira"
    assert re.fullmatch(r"[0-9a-f]{32}\n", done(served.run("token", "monitoring")))


def test_a_wrong_duration_is_wrong_usage(served: Program) -> None:
    ran = served.run("token", "mira", "--expires", "soon")
    assert ran.returncode == 2
    assert "no ISO 8601 duration" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_wrong_token_says_how_to_get_one(served: Program) -> None:
    ran = served.run("list", TOCSIN_TOKEN="wrong")
    assert "tocsin token PERSON" in says_no(ran, ran.returncode)
    assert ran.returncode != 0


def test_what_only_administrators_may_do_is_told(served: Program) -> None:
    token = done(served.run("token", "mira")).strip()
    ran = served.run("doctor", TOCSIN_TOKEN=token)
    assert "only an administrator" in says_no(ran, ran.returncode)
    assert ran.returncode != 0


# -- care


def test_a_clean_record_verifies_by_the_server_and_from_the_file(number: str, served: Program) -> None:
    assert number
    assert done(served.run("verify")).endswith(" 0 faults\n")
    assert as_json(served.run("verify", "--data", served.data, "--format", "json"))["faults"] == []
    assert "there is no" in says_no(served.run("verify", "--data", served.home / "nowhere"), 2)


def test_the_doctor_prints_what_it_looked_at(served: Program) -> None:
    shown = done(served.run("doctor"))
    assert re.search(r"ok +store +writes to disk", shown)
    assert re.search(r"warning +level L3 ", shown)


def test_a_test_page_that_nobody_answers_is_a_no(served: Program) -> None:
    found = as_json(served.run("doctor", "--page", "--person", "mira", "--wait", "PT0.2S", "--format", "json"), 1)
    assert [(one["person"], one["answered"]) for one in found["people"]] == [("mira", False)]


def test_a_dry_run_prints_the_changes_and_publishes_nothing(served: Program, tmp_path: Path) -> None:
    edited = tmp_path / "RUNBOOK.md"
    edited.write_text(EXAMPLE.read_text().replace("(if not resolved in 30 minutes)", "(if not resolved in 45 minutes)"))
    shown = done(served.run("apply", edited, "--dry-run"))
    assert "45 min" in shown
    assert "Would publish" in shown
    assert "Nothing of the policy changes." in done(served.run("apply", EXAMPLE, "--dry-run"))


def test_a_version_is_published_and_a_broken_one_is_not(served: Program, tmp_path: Path) -> None:
    assert "Published " in done(served.run("apply", EXAMPLE))
    broken = tmp_path / "broken.md"
    broken.write_bytes(b"# x\n\x00\x00\xff\xfe\x01" * 50)
    says_no(served.run("apply", broken), 2)
    assert "cannot be read" in says_no(served.run("apply", tmp_path / "absent.md"), 2)
    assert "say what to publish" in says_no(served.run("apply"), 2)


# -- the program itself


@pytest.mark.parametrize("command", CLIENT_COMMANDS, ids=lambda words: words[0])
def test_a_server_that_is_not_there_is_told_in_one_line(served: Program, command: tuple[str, ...]) -> None:
    line = says_no(served.run(*command, TOCSIN_URL=NOBODY_HOME), 3)
    assert f"no Tocsin answers at {NOBODY_HOME}" in line
    assert "tocsin serve" in line


def test_an_address_that_is_none_is_wrong_usage(served: Program) -> None:
    assert "is no address" in says_no(served.run("list", TOCSIN_URL="nonsense"), 2)


def test_without_a_command_the_help_is_printed(served: Program) -> None:
    ran = served.run()
    assert ran.returncode == 2
    for name in ("serve", "trigger", "oncall", "verify"):
        assert name in ran.stdout


@pytest.mark.parametrize("command", CLIENT_COMMANDS, ids=lambda words: words[0])
def test_every_command_has_help(served: Program, command: tuple[str, ...]) -> None:
    assert "--format" in done(served.run(command[0], "--help"))


def test_a_reader_that_leaves_early_is_no_error(number: str, served: Program) -> None:
    assert number
    piped = f'"{served.python}" -m tocsin list | head -c 1 >/dev/null; exit "${{PIPESTATUS[0]}}"'
    ran = subprocess.run(["bash", "-c", piped], env=served.environment, capture_output=True, check=False, timeout=180)
    assert (ran.returncode, ran.stderr) == (0, b"")
