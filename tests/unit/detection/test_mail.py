"""Mails of monitors: a problem and its recovery find each other, and an out-of-office reply wakes nobody."""

from datetime import UTC, datetime

import pytest

from conftest import SHARED
from tocsin.detection import mail
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
    ],
)
def test_a_word_of_state_in_a_sentence_is_only_a_word(subject: str) -> None:
    [alert] = read(subject)
    assert alert.action == "trigger"
    assert alert.dedup_key == "1@shop.example"


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
