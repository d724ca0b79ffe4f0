"""An e-mail becomes an alert: for monitors that can do nothing else.

A problem and its recovery share a key by their subjects without the word of state, as monitors write them ("PROBLEM:
x", "RESOLVED: x"). Without such a word a mail and its answers share the id of the first. Source: RFC 5322.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from tocsin.detection.alert import Action, Alert
from tocsin.detection.body import shortened
from tocsin.detection.delivery import Delivery, Malformed
from tocsin.detection.urgency import severity_of

if TYPE_CHECKING:
    from email.message import EmailMessage

LONGEST_TEXT = 900
_SUMMARY, _KEY = 1024, 255
_STATE = re.compile(
    r"^(?:\s*(?:re|fwd?|aw|wg)\s*:)*(?P<lead>[\s\W]*)(?P<word>[A-Za-z]+)\b"
    r"(?P<tail>(?::\d+|\s+(?:alert|host|service)\b)*\s*[\])}*]*\s*[:|\u2013\u2014-]*)\s*",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"style", "script", "title", "template"})
_WITHIN_WORDS = frozenset({"a", "b", "i", "u", "em", "strong", "span", "font", "code", "small", "big", "sub", "sup"})
"""Marks of HTML around letters of one word; any other one parts words."""

_MARKS = frozenset(":[](){}*|-\u2013\u2014")
"""What sets a word of state off from a sentence: "OK: disk", "[OK] disk", but not "Ok, the disk is gone"."""

_BEGINS = frozenset(
    [
        "problem",
        "down",
        "firing",
        "alert",
        "alarm",
        "critical",
        "crit",
        "error",
        "warning",
        "warn",
        "failed",
        "failure",
        "trouble",
        "triggered",
        "emergency",
    ]
)
_ENDS = frozenset(["resolved", "recovery", "recovered", "ok", "up", "closed", "cleared", "normal", "ended", "fixed"])


class Mail(NamedTuple):
    """What a mail says: its subject, its first words, who sent it, and the id it or its first one has ("" for none)."""

    subject: str
    text: str
    sender: str
    thread: str
    at: datetime | None
    answered_by_machine: bool

    @property
    def summary(self) -> str:
        """Give it in one sentence."""
        return f"{self.subject}: {self.text}" if self.text and self.subject else self.subject or self.text


def read_mail(raw: bytes) -> Mail:
    """Give what a mail says. Raises Malformed for what is none."""
    import email  # noqa: PLC0415  only who sends mail pays for its parser
    import email.policy  # noqa: PLC0415  as above
    from email.message import EmailMessage  # noqa: PLC0415  as above

    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        if not isinstance(message, EmailMessage) or not (message["subject"] or message["from"]):
            raise Malformed(["this is no e-mail; it has neither subject nor sender"])
        return _mail(message)
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # The parser of the standard library is lazy, and some headers break it only when they are looked at.
        raise Malformed(["this e-mail cannot be read"]) from error


def _mail(message: "EmailMessage") -> Mail:
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body else ""
    if body is not None and body.get_content_subtype() == "html":
        text = _words_of(text)
    text = " ".join(text.replace("\x00", "").split())
    threads = _plain(message["references"] or message["in-reply-to"] or message["message-id"]).split()
    date = message["date"]
    at = getattr(date, "datetime", None)
    return Mail(
        subject=_plain(message["subject"]),
        text=text[:LONGEST_TEXT],
        sender=_plain(message["from"]),
        thread=threads[0].strip("<>")[:_KEY] if threads else "",
        at=at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else None,
        answered_by_machine=_plain(message["auto-submitted"]).lower().startswith("auto-replied"),
    )


def _words_of(page: str) -> str:
    """Give what a reader of HTML sees, without its marks: many monitors send nothing else."""
    from html.parser import HTMLParser  # noqa: PLC0415  as the parser of mails

    class Words(HTMLParser):
        """Gathers the texts that are shown."""

        def __init__(self) -> None:
            super().__init__()
            self.found: list[str] = []
            self.unseen = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser's
            self.unseen += tag in _UNSEEN
            if tag not in _WITHIN_WORDS:
                self.found.append(" ")

        def handle_endtag(self, tag: str) -> None:
            self.unseen -= tag in _UNSEEN and self.unseen > 0
            if tag not in _WITHIN_WORDS:
                self.found.append(" ")

        def handle_data(self, data: str) -> None:
            if not self.unseen:
                self.found.append(data)

    words = Words()
    words.feed(page)
    words.close()
    return "".join(words.found)


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a mail; the answer of a machine ("out of office") says nothing."""
    mail = read_mail(delivery.raw)
    if mail.answered_by_machine:
        return ()
    action, key, word = _standing(mail)
    alert = Alert(
        source=delivery.source.id,
        dedup_key=key,
        action=action,
        summary=shortened(mail.summary, _SUMMARY),
        origin=shortened(mail.sender, 200),
        severity=severity_of(word),
        started_at=mail.at,
        client="E-mail",
    )
    return (alert,)


def _standing(mail: Mail) -> tuple[Action, str, str]:
    """Give whether it begins or ends something, under which key, and the word that says so."""
    found = _STATE.match(mail.subject)
    marked = found is not None and bool(_MARKS & {*found["lead"], *found["tail"]})
    word = found["word"].lower() if found and marked else ""
    if found and word in _BEGINS | _ENDS:
        rest = " ".join(mail.subject[found.end() :].lower().split())
        return "resolve" if word in _ENDS else "trigger", shortened(f"subject:{rest}", _KEY), word
    return "trigger", mail.thread or shortened(f"subject:{mail.subject.lower()}", _KEY), word


def _plain(header: object) -> str:
    return " ".join(str(header or "").replace("\x00", "").split())
