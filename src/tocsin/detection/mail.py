"""An e-mail becomes an alert: for monitors that can do nothing else.

A problem and its recovery share a key by their subjects, see `detection/subjects.py`; where no word there says how it
stands, a mail and its answers share the id of the first. Source: RFC 5322.
"""

import html
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from tocsin.detection.alert import Alert
from tocsin.detection.body import shortened
from tocsin.detection.delivery import Delivery, Malformed
from tocsin.detection.subjects import standing
from tocsin.detection.urgency import severity_of

if TYPE_CHECKING:
    from email.message import EmailMessage

LONGEST_TEXT = 900
_SUMMARY, _KEY = 1024, 255
_ENOUGH = 20_000
"""Characters of a page that are read: far more than are kept."""

_MARK = re.compile(r"<(?:(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*+)|[!?])[^<>]*+>")
_HEAD = re.compile(rb"^(?P<name>[!-9;-~]{1,40}):[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)
_LOOKED_AT = frozenset(
    b"subject from date auto-submitted mime-version content-id content-type content-transfer-encoding "
    b"content-disposition".split()
)
_LONGEST_HEAD, _MOST_HEADS, _MOST_MULTIPARTS, _MOST_PARTS = 2_000, 16_000, 8, 1_000

_SQUARED, _LETTERS = "punycode", re.compile(r"[^a-z]")
"""A codec that takes the square of what it reads, half a minute for a mail that is not too large; and what of a name
the look-up of codecs passes over."""

_UNSEEN = frozenset({"style", "script", "title", "template"})
_WITHIN_WORDS = frozenset({"a", "b", "i", "u", "em", "strong", "span", "font", "code", "small", "big", "sub", "sup"})
"""Marks of HTML around letters of one word; any other one parts words."""


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

    _check_heads(raw)
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        if not isinstance(message, EmailMessage) or not (message["subject"] or message["from"]):
            raise Malformed(["this is no e-mail; it has neither subject nor sender"])
        return _mail(message)
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # The parser of the standard library is lazy, and some headers break it only when they are looked at.
        raise Malformed(["this e-mail cannot be read"]) from error


def _check_heads(raw: bytes) -> None:
    """Refuse heads that the parser of the standard library would look at for minutes: it takes the square of each.

    Everybody can write to the address of a mailbox, and whoever waits behind such a mail is a page.
    """
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # for that parser each of them ends a line
    heads = [found for found in _HEAD.finditer(raw) if found["name"].lower() in _LOOKED_AT]
    multiparts = sum(b"multipart" in found[0].lower() for found in heads)
    parts = raw.count(b"\n--") if multiparts else 0
    longest, together = max((len(one[0]) for one in heads), default=0), sum(len(one[0]) for one in heads)
    too_many = multiparts > _MOST_MULTIPARTS or parts > _MOST_PARTS
    if longest > _LONGEST_HEAD or together > _MOST_HEADS or too_many:
        raise Malformed(["the heads of this e-mail are too long, or its parts too many"])


def _mail(message: "EmailMessage") -> Mail:
    body = message.get_body(("plain", "html"))
    if body and _SQUARED in _LETTERS.sub("", str(body.get_param("charset", "")).lower()):
        raise Malformed(["the letters of this e-mail are written as those of a host's name"])
    text = str(body.get_content()) if body else ""
    if body is not None and body.get_content_subtype() == "html":
        text = _words_of(text)
    text = " ".join(text.replace("\x00", "").split())
    # Not parsed, as a long thread has a long head.
    raw = {name.lower(): value for name, value in reversed([*message.raw_items()])}
    threads = _plain(raw.get("references") or raw.get("in-reply-to") or raw.get("message-id")).split()
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
    """Give what a reader of HTML sees, without its marks: many monitors send nothing else.

    Each character is looked at once, whatever it is: the parser of the standard library takes minutes for some pages.
    """
    found, at, length = list[str](), 0, 0
    lower = page.lower()
    while length < _ENOUGH:
        opens = page.find("<", at)
        found.append(page[at:opens] if opens >= 0 else page[at:])
        length += len(found[-1])
        if opens < 0:
            break
        at = opens + 1
        mark = _MARK.match(page, opens)
        if page.startswith("<!--", opens):
            at = page.find("-->", opens)
        elif mark is None:
            found.append("<")
        else:
            name = (mark["name"] or "").lower()
            found.append("" if name in _WITHIN_WORDS else " ")
            at = lower.find(f"</{name}", mark.end()) if name in _UNSEEN and not mark["closes"] else mark.end()
        if at < 0:
            break  # what is not shown has no end
    return html.unescape("".join(found).replace("-->", " "))


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a mail; the answer of a machine ("out of office") says nothing."""
    mail = read_mail(delivery.raw)
    if mail.answered_by_machine:
        return ()
    how = standing(mail.subject)
    if how.action is None:
        return ()
    # Without a word of state a mail and the answers to it are one trouble.
    known = mail.thread if how.key is None else ""
    alert = Alert(
        source=delivery.source.id,
        dedup_key=known or shortened(f"subject:{mail.subject.lower() if how.key is None else how.key}", _KEY),
        action=how.action,
        summary=shortened(mail.summary, _SUMMARY),
        origin=shortened(mail.sender, 200),
        severity=severity_of(how.word),
        started_at=mail.at,
        client="E-mail",
    )
    return (alert,)


def _plain(header: object) -> str:
    return " ".join(str(header or "").replace("\x00", "").split())
