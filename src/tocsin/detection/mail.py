"""An e-mail becomes an alert: for monitors that can do nothing else.

A problem and its recovery share a key by their subjects, see `detection/subjects.py`, or by the id of the problem where
the mail tells it; where no word there says how it stands, a mail and its answers share the id of the first. Source: RFC
5322.
"""

import html
import re
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.detection.alert import Alert
from tocsin.detection.body import shortened
from tocsin.detection.delivery import Delivery, Malformed
from tocsin.detection.mime import Part, in_words, leaves, part_of
from tocsin.detection.subjects import Standing, standing
from tocsin.detection.urgency import severity_of

LONGEST_TEXT = 900
_SUMMARY, _KEY = 1024, 255
_UNLIKE = re.compile(rb"^(?:message-id|date|received)[ \t]*:", re.IGNORECASE | re.MULTILINE)
"""What of a mail no other has. A script that writes one by itself may write none of them."""

_ENOUGH, _MOST_MARKS = 20_000, 20_000
"""Characters that are read, far more than are kept; and marks of a page, of which some hold none."""

_LONGEST_DATE = 100

_PROBLEM = re.compile(r"\bOriginal problem ID: ?(\d{1,20})\b")
"""What Zabbix calls a problem in all its mails about it. Its subject names the trigger, but not on which host."""

_MARK = re.compile(r"<(?:(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*+)|[!?])[^<>]*+>")
_UNSEEN = frozenset({"style", "script", "title", "template"})
_WITHIN_WORDS = frozenset({"a", "b", "i", "u", "em", "strong", "span", "font", "code", "small", "big", "sub", "sup"})
"""Marks of HTML around letters of one word; any other one parts words."""


class Mail(NamedTuple):
    """What a mail says: its subject, its first words, who sent it, and the id it or its first one has ("" for none).

    `problem` is the id that its sender gave what it is about, "" for none.
    """

    subject: str
    text: str
    sender: str
    thread: str
    at: datetime | None
    answered_by_machine: bool
    problem: str

    @property
    def summary(self) -> str:
        """Give it in one sentence."""
        return f"{self.subject}: {self.text}" if self.text and self.subject else self.subject or self.text


def read_mail(raw: bytes) -> Mail:
    """Give what a mail says. Raises Malformed for what is none."""
    whole = part_of(raw)
    heads = {name: _plain(value) for name, value in whole.heads.items()}
    if not heads.get("subject") and not heads.get("from"):
        raise Malformed(["this is no e-mail; it has neither subject nor sender"])
    text = _text(whole)
    threads = (heads.get("references") or heads.get("in-reply-to") or heads.get("message-id") or "").split()
    return Mail(
        subject=_plain(in_words(heads.get("subject", ""))),
        text=text[:LONGEST_TEXT],
        sender=_plain(in_words(heads.get("from", ""))),
        thread=threads[0].strip("<>")[:_KEY] if threads else "",
        at=_instant(heads.get("date", "")),
        answered_by_machine=heads.get("auto-submitted", "").lower().startswith("auto-replied"),
        problem=found[1] if (found := _PROBLEM.search(text)) else "",
    )


def _text(whole: Part) -> str:
    """Give the first words for people in plain letters, else those of a page."""
    of_a_page = ""
    for part in leaves(whole):
        if part.is_attached or part.kind not in {"text/plain", "text/html"}:
            continue
        if part.kind == "text/plain" and (words := _plain(part.text[:_ENOUGH])):
            return words
        if part.kind == "text/html" and not of_a_page:
            of_a_page = _plain(_words_of(part.text))
    return of_a_page


def _instant(date: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  only who sends mail pays for it

    try:
        at = parsedate_to_datetime(date[:_LONGEST_DATE])
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _words_of(page: str) -> str:
    """Give what a reader of HTML sees, without its marks: many monitors send nothing else.

    Each character is looked at once, whatever it is: the parser of the standard library takes minutes for some pages.
    """
    found, at, length = list[str](), 0, 0
    lower = page.lower()
    for _ in range(_MOST_MARKS):
        opens = page.find("<", at)
        found.append(page[at : opens if opens >= 0 else len(page)][:_ENOUGH])
        length += len(found[-1])
        if opens < 0 or length > _ENOUGH:
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
    return html.unescape("".join(found).replace("-->", " ")[:_ENOUGH])


def is_unlike_others(raw: bytes) -> bool:
    """Give whether the same mail again is the same one, and not another that says the same."""
    return _UNLIKE.search(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]) is not None


def read(delivery: Delivery, _: datetime) -> tuple[Alert, ...]:
    """Give the alert of a mail; the answer of a machine ("out of office") says nothing."""
    mail = read_mail(delivery.raw)
    if mail.answered_by_machine:
        return ()
    how = standing(mail.subject)
    if how.action is None:
        return ()
    alert = Alert(
        source=delivery.source.id,
        dedup_key=_key(mail, how),
        action=how.action,
        summary=shortened(mail.summary or f"a mail from {mail.sender} without a word", _SUMMARY),
        origin=shortened(mail.sender, 200),
        severity=severity_of(how.word),
        started_at=mail.at,
        client="E-mail",
    )
    return (alert,)


def _key(mail: Mail, how: Standing) -> str:
    """Give what all mails about one trouble share."""
    if how.key is None:  # without a word of state a mail and the answers to it are one trouble
        return mail.thread or shortened(f"subject:{mail.subject.lower()}", _KEY)
    if mail.problem:  # two senders may count alike
        return shortened(f"problem:{mail.problem} {mail.sender.lower()}", _KEY)
    return shortened(f"subject:{how.key}", _KEY)


def _plain(header: object) -> str:
    return " ".join(str(header or "").replace("\x00", "").split())
