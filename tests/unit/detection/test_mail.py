"""Mails of monitors: a problem and its recovery find each other, and an out-of-office reply wakes nobody."""

from datetime import UTC, datetime

import pytest

from conftest import SHARED
from tocsin.detection import mail, subjects
from tocsin.detection.alert import Alert
from tocsin.detection.delivery import Delivery, Malformed
from tocsin.settings import SourceSettings

NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)


def read(subject: str, body: str = "The till gives no answer\r\n", **headers: str) -> tuple[Alert, ...]:
    named = {"From": "Icinga <icinga@shop.example>", "Subject": subject, "Message-ID": "<1@shop.example>"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = "".join(f"{name}: {value}\r\n" for name, value in named.items()) + f"\r\n{body}"
    return mail.read(Delivery(SourceSettings(id="m"), raw.encode(), {}), NOW)


def test_a_mail_becomes_an_alert() -> None:
    [alert] = read("The till is dead", Date="Wed, 25 Nov 2026 21:00:00 +0100")
    assert alert.summary == "The till is dead: The till gives no answer"
    assert (alert.dedup_key, alert.action, alert.origin) == (
        "1@shop.example",
        "trigger",
        "Icinga <icinga@shop.example>",
    )
    assert alert.started_at == NOW


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("PROBLEM: till on shop-1", "RECOVERY: till on shop-1"),
        ("[FIRING:1] TillDown shop-1", "[RESOLVED] TillDown shop-1"),
        ("Problem: High CPU on db-1", "Resolved: High CPU on db-1"),
        ("** PROBLEM Service Alert: db-1/disk is CRITICAL **", "** RECOVERY Service Alert: db-1/disk is CRITICAL **"),
        ("DOWN alert: shop.example", "UP alert: shop.example"),
        ('Re: ALARM: "Orders" in eu-west-1', 'OK: "Orders" in eu-west-1'),
        ("Problem: High CPU on db-1", "Resolved in 1h 5m 3s: High CPU on db-1"),
        ("** PROBLEM Host Alert: db-1 is DOWN **", "** RECOVERY Host Alert: db-1 is UP **"),
        ("PROBLEM - disk on db-1 is CRITICAL", "RECOVERY - disk on db-1 is OK"),
        ("Monitor is DOWN: shop.example", "Monitor is UP: shop.example"),
        ("\U0001f534 Monitor is DOWN: shop.example", "\U0001f7e2 Monitor is UP: shop.example"),
        ("[shop] [\U0001f534 Down] timeout of 48000 ms", "[shop] [\u2705 Up] 200 - OK"),
        ("Check_MK: db-1/CPU load OK -> CRIT", "Check_MK: db-1/CPU load CRIT -> OK"),
        ("Check_MK: db-1 UP \u2192 DOWN", "Check_MK: db-1 DOWN \u2192 UP"),
        ("Fired:Sev1 Azure Monitor Alert Orders on shop", "Resolved:Sev1 Azure Monitor Alert Orders on shop"),
    ],
)  # fmt: skip
def test_a_problem_and_its_recovery_share_a_key(begins: str, ends: str) -> None:
    [first], [last] = read(begins, Message_ID="<1@x>"), read(ends, Message_ID="<2@x>")
    assert (first.action, last.action) == ("trigger", "resolve")
    assert first.dedup_key == last.dedup_key


@pytest.mark.parametrize(
    "subject",
    [
        "Backup of the warehouse is ok again after the problem",
        "Ok, the till is dead",
        "Up 300% in errors",
        "Closed till",
        "The shelf [left] is empty",
        "Moved from a -> b",
        "Warehouse went from full -> ok",
    ],
)
def test_a_word_of_state_in_a_sentence_is_only_a_word(subject: str) -> None:
    [alert] = read(subject)
    assert alert.action == "trigger"
    assert alert.dedup_key == "1@shop.example"


def test_who_has_it_in_the_monitor_acknowledges_it() -> None:
    [first], [taken] = (
        read(f"** {word} Service Alert: db-1/disk is CRITICAL **") for word in ("PROBLEM", "ACKNOWLEDGEMENT")
    )
    assert (taken.action, taken.dedup_key) == ("acknowledge", first.dedup_key)


@pytest.mark.parametrize(
    "subject",
    [
        "** DOWNTIMESTART Host Alert: db-1 is UP **",
        "FLAPPINGSTOP - db-1 is UP",
        "Updated problem in 5m: High CPU on db-1",
    ],
)
def test_what_changes_nothing_in_the_monitor_says_nothing(subject: str) -> None:
    assert read(subject) == ()


@pytest.mark.parametrize("piece", ["a ", "- ", "[a", "is up ", "a -> ", "re:", "in 5 "])
def test_no_subject_is_too_long_to_be_looked_at(piece: str) -> None:
    assert subjects.standing(piece * 100_000).word in {"", "a", "in"}


@pytest.mark.parametrize("name", ["Subject", "From", "Content-Type"])
@pytest.mark.parametrize("piece", ["a ", "<a@b> ", "a\r\n "])
def test_heads_that_would_hold_up_everybody_are_refused(name: str, piece: str) -> None:
    """The parser of the standard library takes the square of a head: some of these would take it an hour."""
    raw = f"Subject: x\r\n{name}: {piece * 60_000}\r\n\r\nx".encode()
    with pytest.raises(Malformed, match="heads of this e-mail are too long"):
        mail.read_mail(raw)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "raw",
    [
        b"X: y\rFrom: " + b'"a' * 40_000 + b"\nSubject: x\n\nx",
        b"Subject: x\nX: y\rContent-Type: multipart/mixed; boundary=a\r" + b"\r--a\rz" * 60_000,
        b"Subject: x\nContent-Type: multipart/related; boundary=a; start=x\n\n--a\nContent-ID: "
        + b"=?utf-8?q?a?= " * 30_000
        + b"\n\nx\n--a--\n",
        b"Subject: x\nContent-Type: text/plain; charset=PunyCode\n\nx-" + b"9" * 480_000,
        b'Subject: x\nContent-Type: text/plain; charset="(punycode)"\n\nx-' + b"9" * 480_000,
    ],
    ids=["a head behind a bare CR", "parts between bare CRs", "the id of a part", "punycode", "punycode, hidden"],
)
def test_no_other_way_leads_around_that(raw: bytes) -> None:
    with pytest.raises(Malformed):
        mail.read_mail(raw)


def test_parts_without_end_are_refused() -> None:
    of_many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 40_000
    in_each_other = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(99)
    )
    for body in (of_many, in_each_other):
        with pytest.raises(Malformed, match="parts too many"):
            mail.read_mail(b"Subject: x\r\n" + body)


def test_a_long_thread_is_known_by_its_first_mail() -> None:
    [alert] = read("Something", References=" ".join(f"<{number}@x>" for number in range(500)))
    assert alert.dedup_key == "0@x"


PAGES = {
    "<p>CPU</p><p>97&nbsp;%</p> of <b>db</b>-1 &lt;main&gt;": "CPU 97 % of db-1 <main>",
    "<head><title>t</title><STYLE>td { }</style><body>down<br/>since 5 min": "down since 5 min",
    "a<!-- <p>no</p> -->b": "a b",
    "a < b and c<d": "a < b and c<d",
    "<!DOCTYPE html><?xml?><script>if (a < b) x()</script>words": "words",
    "before<style>after": "before",
    "before<!-- after": "before",
}


@pytest.mark.parametrize("page", PAGES)
def test_a_mail_in_html_is_what_people_see_of_it(page: str) -> None:
    raw = f"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()
    assert mail.read_mail(raw).text == PAGES[page]


@pytest.mark.parametrize("piece", ["<!-- ", "<", "<a ", "</", "<![", "<b a='", "<style>", "<?", "<p>"])
def test_no_page_is_too_long_to_be_read(piece: str) -> None:
    raw = f"Subject: x\r\nContent-Type: text/html\r\n\r\n{(piece * 500_000)[:500_000]}".encode()
    assert mail.read_mail(raw).subject == "x"


def test_an_answer_belongs_to_its_first_mail() -> None:
    [alert] = read("Something", Message_ID="<2@x>", References="<0@x> <1@x>", In_Reply_To="<1@x>")
    assert alert.dedup_key == "0@x"


def test_how_bad_it_is_is_read_from_the_word_of_state() -> None:
    assert read("CRITICAL: disk full")[0].severity == "critical"
    assert read("WARNING - disk at 80%")[0].severity == "warning"


def test_the_answer_of_a_machine_says_nothing() -> None:
    assert read("Out of office", Auto_Submitted="auto-replied") == ()
    assert read("Disk full", Auto_Submitted="auto-generated") != ()


@pytest.mark.parametrize("name", ["Message-ID", "In-Reply-To", "References"])
def test_a_thread_is_a_name_that_every_store_keeps(name: str) -> None:
    raw = f"Subject: Disk full\r\n{name}: <a\0b@mail.example>\r\n\r\nIt is full.".encode()
    assert mail.read_mail(raw).thread == "ab@mail.example"


@pytest.mark.parametrize("raw", [b"", b"hello", b"\x00\xff", b"X: y\r\n\r\nz"])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="no e-mail"):
        mail.read_mail(raw)


def test_recorded_mails_are_read() -> None:
    recorded = sorted((SHARED / "payloads" / "smtp").glob("*.eml"))
    if not recorded:
        pytest.skip("needs the recorded mails, which lie beside the project and not in it")
    assert mail.read_mail(recorded[0].read_bytes()).subject == "P0"
