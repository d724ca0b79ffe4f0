"""Mails of monitors: a problem and its recovery find each other, and an out-of-office reply wakes nobody."""

from base64 import encodebytes as b64encode
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from quopri import encodestring

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
        ("Checkmk: db-1/CPU load PEND -> CRIT", "Checkmk: db-1/CPU load CRIT -> OK"),
        ("Checkmk: db-1 - UP -> UNRE", "Checkmk: db-1 - UNRE -> UP"),
        ("[FIRING:1, RESOLVED:1] TillDown (shop-1)", "[RESOLVED:2] TillDown (shop-1)"),
        ("[Alerting] Till is slow", "[OK] Till is slow"),
        ("[No Data] Till is slow", "[OK] Till is slow"),
        ('INSUFFICIENT_DATA: "Orders" in EU (Ireland)', 'OK: "Orders" in EU (Ireland)'),
        ("[P1] [Triggered] Till is slow", "[P1] [Recovered] Till is slow"),
        ("[Re-Triggered] Till is slow", "[Recovered] Till is slow"),
        ("[P2] [Re-Triggered on {host:till-1}] Slow", "[P2] [Recovered on {host:till-1}] Slow"),
        ("[No data on {host:till-1}] Slow", "[Recovered on {host:till-1}] Slow"),
        ("[P1] [\U0001f534 Down] timeout of 48000 ms", "[P1] [\u2705 Up] 200 - OK"),
        ('Service "Shop" problem: Till is slow', 'Service "Shop" resolved in 1h 5m: Till is slow'),
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
        "The heater of aisle 1 started flapping",
        "Our order of tills was acknowledged",
        "The service had a downtime end (at last)",
        "Service problem: no bread",
        "No data from the till",
        "Re-triggered by hand",
    ],
)
def test_a_word_of_state_in_a_sentence_is_only_a_word(subject: str) -> None:
    [alert] = read(subject)
    assert alert.action == "trigger"
    assert alert.dedup_key == "1@shop.example"


@pytest.mark.parametrize(
    ("begins", "taken_there"),
    [
        (
            "** PROBLEM Service Alert: db-1/disk is CRITICAL **",
            "** ACKNOWLEDGEMENT Service Alert: db-1/disk is CRITICAL **",
        ),
        ("Checkmk: db-1/disk OK -> CRIT", "Checkmk: db-1/disk Acknowledged (CRIT)"),
        ("Check_MK: db-1 - UP -> DOWN", "Check_MK: db-1 - Acknowledged (DOWN)"),
    ],
)
def test_who_has_it_in_the_monitor_acknowledges_it(begins: str, taken_there: str) -> None:
    [first], [taken] = read(begins), read(taken_there)
    assert (taken.action, taken.dedup_key) == ("acknowledge", first.dedup_key)


@pytest.mark.parametrize(
    ("begins", "by_hand"),
    [
        ("** PROBLEM Host Alert: db-1 is DOWN **", "** CUSTOM Host Alert: db-1 is DOWN **"),
        ("[PROBLEM] disk on db-1 is CRITICAL!", "[CUSTOM] disk on db-1 is CRITICAL!"),
        ("Checkmk: db-1/disk OK -> CRIT", "Checkmk: db-1/disk Custom Notification (CRIT)"),
        ("Checkmk: db-1/disk OK -> CRIT", "Checkmk: db-1/disk Custom Notification"),
    ],
)
def test_what_somebody_sends_by_hand_about_a_problem_belongs_to_it(begins: str, by_hand: str) -> None:
    [first], [sent] = read(begins, Message_ID="<1@x>"), read(by_hand, Message_ID="<2@x>")
    assert (sent.action, sent.dedup_key) == ("trigger", first.dedup_key)


@pytest.mark.parametrize(
    "subject",
    ["** CUSTOM Host Alert: db-1 is UP **", "[CUSTOM] disk on db-1 is OK!", "Checkmk: db-1 Custom Notification (UP)"],
)
def test_what_somebody_sends_by_hand_about_what_is_well_is_a_message_of_its_own(subject: str) -> None:
    [sent] = read(subject, Message_ID="<2@x>")
    assert (sent.action, sent.dedup_key) == ("trigger", "2@x")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[P1] [Triggered] Till is slow", "[P1] [Triggered] Stock is stale"),
        ("[Triggered on {host:till-1}] Slow", "[Triggered on {host:till-2}] Slow"),
        ('Service "Shop" problem: Slow', 'Service "Stock" problem: Slow'),
    ],
)
def test_troubles_of_the_same_monitor_are_told_apart(one: str, other: str) -> None:
    [first], [second] = read(one, Message_ID="<1@x>"), read(other, Message_ID="<2@x>")
    assert first.dedup_key != second.dedup_key


def test_a_problem_with_an_id_is_known_by_it_whatever_its_subject_leaves_out() -> None:
    subjects = {"Problem: High CPU": "trigger", "Resolved in 5m 3s: High CPU": "resolve"}
    words = "Problem name: High CPU\r\nHost: {}\r\nOperational data: " + "x" * 1_000 + "\r\nOriginal problem ID: {}\r\n"
    told = {
        number: [read(subject, words.format(host, number)) for subject in subjects]
        for host, number in (("till-1", 4711), ("till-2", 4712))
    }
    for mails in told.values():
        assert [alert.action for (alert,) in mails] == list(subjects.values())
        assert len({alert.dedup_key for (alert,) in mails}) == 1
    assert told[4711][0][0].dedup_key != told[4712][0][0].dedup_key
    page = words.format("till-1", "4711").replace("Original problem ID:", "<b>Original problem ID:</b>")
    [shown] = read("Problem: High CPU", page, Content_Type="text/html; charset=utf-8")
    assert shown.dedup_key == told[4711][0][0].dedup_key


@pytest.mark.parametrize(
    "subject",
    [
        "** DOWNTIMESTART Host Alert: db-1 is UP **",
        "FLAPPINGSTOP - db-1 is UP",
        "Updated problem in 5m: High CPU on db-1",
        "[DOWNTIMEREMOVED] disk on db-1 is OK!",
        "Checkmk: db-1/disk Started Flapping",
        "Checkmk: db-1/disk Stopped Flapping (OK)",
        "Checkmk: db-1/disk Downtime Start (CRIT)",
        "Check_MK: db-1 - Downtime Cancelled (UP)",
        'Changed "Shop" service status to High in 5m',
    ],
)
def test_what_changes_nothing_in_the_monitor_says_nothing(subject: str) -> None:
    assert read(subject) == ()


@pytest.mark.parametrize(
    "piece", ["a ", "- ", "[a", "is up ", "a -> ", "re:", "re-", "in 5 ", 'Service "a', "[P1] ", ", resolved:1"]
)
def test_no_subject_is_too_long_to_be_looked_at(piece: str) -> None:
    assert subjects.standing(piece * 100_000).word in {"", "a", "in", "re", "resolved"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["Subject", "From", "Date", "Content-Type", "Content-Disposition", "References"])
@pytest.mark.parametrize(
    "piece", ["a ", "<a@b> ", "a\r\n ", '"', "(a)", ";", "a=b;", "=?utf-8?q?a?= ", "=?a?q?", "a@b, "]
)
def test_no_head_is_too_long_to_be_read(name: str, piece: str) -> None:
    """The parser of the standard library takes the square of a head: some of these would take it an hour."""
    short, long = (f"Subject: x\r\n{name}: {piece * many}\r\n\r\nx".encode() for many in (400, 120_000))
    in_parts = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n".join([short] * 30)
    for raw in (*[short] * 20, long, *[in_parts] * 20):
        assert mail.read_mail(raw).subject.startswith("x")


@pytest.mark.timeout(60)
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
        b"Subject: x\n" + b"a:\n" * 170_000 + b"\nx",
        b"Subject: x\n\n" + b"\r" * 500_000,
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 60_000,
        b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--bb\n\nx\n" * 60_000,
        b"Subject: x\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9_000)),
        b"Subject: x\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 9_000,
    ],
    ids=[
        "a head behind a bare CR", "parts between bare CRs", "the id of a part", "punycode", "punycode, hidden",
        "heads", "bare CRs", "parts", "parts that are none", "parts in each other", "parts with one name in each other",
    ],
)  # fmt: skip
def test_no_mail_is_too_long_to_be_read(raw: bytes) -> None:
    for _ in range(20):
        assert mail.read_mail(raw).summary


def test_parts_are_looked_at_up_to_a_number_and_a_depth() -> None:
    """What is behind is not looked at, and what was said before is an alert all the same."""
    nothing = b"--b\r\nContent-Type: image/png\r\n\r\n\r\n"
    words = b"--b\r\n\r\nwords\r\n--b--"
    head = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert mail.read_mail(head + nothing * 50 + words).text == "words"
    assert mail.read_mail(head + nothing * 5_000 + words).text == ""
    inner = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    for deep, text in ((5, "words"), (50, "")):
        nested = b"".join(inner % (number, number) for number in range(deep))
        assert mail.read_mail(b"Subject: x\r\n" + nested + b"\r\nwords").text == text


CHARSETS = {
    "iso-8859-8-i": "shalom",
    "x-unknown": "sch\u00f6n",
    "utf-8; format=flowed": "sch\u00f6n",
    "": "sch\u00f6n",
    "idna": "words",
    "unicode_escape": "\\ud800 words",
    "raw_unicode_escape": "\\ud800 words",
    "zlib": "words",
    "rot13": "words",
    "undefined": "words",
    "utf\0-8": "words",
    "a" * 900: "words",
    "us-ascii (Plain text)": "words",
    '"UTF-8"': "sch\u00f6n",
    "'utf-8'": "sch\u00f6n",
}


@pytest.mark.parametrize("charset", CHARSETS)
def test_letters_of_a_kind_that_nobody_knows_cost_no_alert(charset: str) -> None:
    text = CHARSETS[charset]
    raw = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n{text}".encode()
    assert mail.read_mail(raw).text == text


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("=?utf-8?q?Sch=C3=B6ner?= =?utf-8?Q?_Tag?=", "Sch\u00f6ner Tag"),
        ("=?utf-8?b?U2Now7Y=?=\r\n =?utf-8?b?bmVy?= Tag", "Sch\u00f6ner Tag"),
        ("=?utf-8?b?ww==?=\r\n\t=?utf-8?b?tg==?=", "\u00f6"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=B6?=", "\u00f6"),
        ("=?iso-8859-1*de?q?=F6?=: a =?koi8-r?b?xA==?=", "\u00f6: a \u0434"),
        ("=?x-unknown?q?=C3=B6?= x", "\u00f6 x"),
        ("=?utf-8?q?Disk full?=", "Disk full"),
        ("=?utf-8?b?!?= x", "x"),
        ("=?unicode_escape?q?=5Cud800?=", "\\ud800"),
        ("=?utf-7?q?+2AA-?= x", "? x"),
        ("=?utf-16?b?ANg=?= x", "\ufffd x"),
        ("=?utf-8?x?a?= x", "=?utf-8?x?a?= x"),
        ("100% of =? are ?= gone", "100% of =? are ?= gone"),
        ("Sch\u00f6n", "Sch\u00f6n"),
    ],
)
def test_a_subject_is_read_whatever_it_is_written_in(subject: str, said: str) -> None:
    assert mail.read_mail(f"Subject: {subject}\r\n\r\n".encode()).subject == said


@pytest.mark.parametrize("charset", ["utf-7", "utf-16-le", "utf-32-le", "unicode_escape", "cp1252", "hz"])
def test_what_a_mail_says_can_be_kept(charset: str) -> None:
    """Half a character that some of these can write is none: no store would take it."""
    body = b"+2AA- \xd8\x00\x00\xd8 \\ud800 \x00 ~{\xff"
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=%b\r\n\r\n%b" % (charset.encode(), body)
    text = mail.read_mail(raw).text
    assert "\0" not in text.encode().decode()


@pytest.mark.parametrize(
    "date",
    ["Mon, 31 Dec 9999 23:59:59 -2359", "Mon, 99 Jan 2026 1:1:1 +9999", "a" * 3_000],
)
def test_a_date_that_is_none_costs_no_alert(date: str) -> None:
    [alert] = read("The till is dead", Date=date)
    assert (alert.summary[:8], alert.started_at) == ("The till", None)


_SEVEN_BITS = {"us-ascii", "iso-2022-jp"}
_WRITTEN = [
    (written_in, by)
    for written_in in ("utf-8", "iso-8859-1", "windows-1252", "utf-16", "koi8-r", *sorted(_SEVEN_BITS))
    for by in ("7bit", "8bit", "base64", "quoted-printable")
    if by != "7bit" or written_in in _SEVEN_BITS
]


@pytest.mark.parametrize(("written_in", "by"), _WRITTEN)
def test_mails_of_the_standard_library_are_read_as_it_reads_them(written_in: str, by: str) -> None:
    words = {"iso-2022-jp": "\u65e5\u672c = x", "koi8-r": "\u0434\u0430 = x", "us-ascii": "yes = x"}
    text = words.get(written_in, "sch\u00f6n = x") + "\n.\n" + "a line that goes on and on " * 20 + "\n"
    made = EmailMessage()
    made["Subject"], made["From"], made["Date"] = "Gr\u00fc\u00dfe " * 20, "M\u00fcller, J <j@shop.example>", NOW
    payload = {"base64": b64encode, "quoted-printable": encodestring}.get(by, bytes)(text.encode(written_in))
    made["Content-Type"] = f'text/plain; charset="{written_in}"'
    made["Content-Transfer-Encoding"] = by
    whole = made.as_bytes() + payload
    for raw in (whole, whole.replace(b"\n", b"\r\n") if written_in != "utf-16" or by != "8bit" else whole):
        found, theirs = mail.read_mail(raw), message_from_bytes(raw, policy=default)
        assert found.text == " ".join(text.split())[: mail.LONGEST_TEXT]
        assert (found.subject, found.sender) == (str(theirs["subject"]).strip(), str(theirs["from"]))
        assert found.at == NOW


def test_words_for_people_are_found_among_parts() -> None:
    made = EmailMessage()
    made["Subject"] = "x"
    made.set_content("<p>from a <b>page</b></p>", subtype="html")
    made.add_attachment("a log", filename="a.log")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png")
    assert mail.read_mail(made.as_bytes()).text == "from a page"
    both = EmailMessage()
    both["Subject"] = "x"
    both.set_content("plain words")
    both.add_alternative("<p>a page</p>", subtype="html")
    assert mail.read_mail(both.as_bytes()).text == "plain words"
    both.get_payload()[0].set_content("\n \n")  # type: ignore[index,union-attr]
    assert mail.read_mail(both.as_bytes()).text == "a page"
    assert mail.read_mail(b"From shop Fri Nov 27 08:00:00 2026\n" + both.as_bytes()).text == "a page"


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


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["<!-- ", "<", "<a ", "</", "<![", "<b a='", "<style>", "<?", "<p>", "&amp", "&#1;", "&#xfffff", "<!---->"]
)
def test_no_page_is_too_long_to_be_read(piece: str) -> None:
    raw = f"Subject: x\r\nContent-Type: text/html\r\n\r\n{(piece * 500_000)[:500_000]}".encode()
    for _ in range(20):
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


@pytest.mark.parametrize("subject", ["", "   ", "=?utf-8?q??="])
def test_a_mail_without_a_word_says_whose_it_is(subject: str) -> None:
    [alert] = read(subject, body="\r\n")
    assert alert.summary == "a mail from Icinga <icinga@shop.example> without a word"


@pytest.mark.parametrize("raw", [b"", b"hello", b"\x00\xff", b"X: y\r\n\r\nz"])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed, match="no e-mail"):
        mail.read_mail(raw)


def test_recorded_mails_are_read() -> None:
    recorded = sorted((SHARED / "payloads" / "smtp").glob("*.eml"))
    if not recorded:
        pytest.skip("needs the recorded mails, which lie beside the project and not in it")
    assert mail.read_mail(recorded[0].read_bytes()).subject == "P0"
