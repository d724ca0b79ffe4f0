"""One message for many incidents: what a person gets in a storm, the most urgent first."""

from collections import Counter
from datetime import tzinfo
from typing import NamedTuple

from tocsin.communication.card import Card, Row, take_button
from tocsin.communication.page import PageFacts, holder, local_zone, page_data, short, time_of
from tocsin.communication.short import in_one_message, spoken_severity

MOST_IN_FULL = 40
"""So many incidents stand in the text with their own link; the rest is counted and stands in the data."""

MOST_IN_A_CARD = 20
"""So many stand in a chat with a button each: Slack shows no more than 50 blocks, and nobody reads them."""

_SHORT = 90


class Bundle(NamedTuple):
    """The pages, or notifications, that go out together, the most urgent first, and where all of them are listed."""

    pages: tuple[PageFacts, ...]
    home: str


def bundle_subject(bundle: Bundle) -> str:
    """Give the subject: how many, how bad, and the most urgent one by name."""
    first = bundle.pages[0]
    late = "Late: " if all(page.late_since for page in bundle.pages) else ""
    named = "a restricted incident" if first.restricted else short(first.title, _SHORT)
    return f"{late}{len(bundle.pages)} more incidents: {counted(bundle)}. First: {first.severity} {named}"


def bundle_body(bundle: Bundle) -> str:
    """Give the plain text: every incident with its own link, up to a number, then how many more there are."""
    first, local = bundle.pages[0], local_zone(bundle.pages[0].zone)
    told = "You are told of" if first.notification else "You are paged for"
    lines = [f"{told} {len(bundle.pages)} more incidents at once: {counted(bundle)}.", ""]
    for page in bundle.pages[:MOST_IN_FULL]:
        lines += _lines(page, local)
    rest = bundle.pages[MOST_IN_FULL:]
    if rest:
        lines += [f"And {len(rest)} more: {counted(Bundle(rest, ''))}. All of them: {bundle.home}", ""]
    else:
        lines += [f"All of them: {bundle.home}", ""]
    lines.append("They come together because several messages reached you just before. Each is one page of its own:")
    lines.append("whoever takes an incident takes that one only.")
    return "\n".join(lines) + "\n"


def bundle_sms(bundle: Bundle) -> str:
    """Give one text message: how many, how bad, the most urgent one and how to take that, and where all are listed."""
    first = bundle.pages[0]
    asks = bool(first.code) and not (first.notification or first.reminder)
    return in_one_message(
        bundle_subject(bundle), f"Reply ACK {first.code} to take the first." if asks else "", bundle.home
    )


def bundle_speech(bundle: Bundle) -> str:
    """Give what a call says: how many, how bad, the most urgent one."""
    first = bundle.pages[0]
    named = "A restricted incident" if first.restricted else short(first.title, _SHORT)
    counts = ", ".join(f"{count} {spoken_severity(severity)}" for severity, count in _by_severity(bundle))
    return f"Tocsin. {len(bundle.pages)} more incidents: {counts}. The first: {named}. Open Tocsin to take them."


def bundle_card(bundle: Bundle) -> Card:
    """Give the same for channels with buttons: each incident with the one that takes it, the most urgent first."""
    local = local_zone(bundle.pages[0].zone)
    rest = bundle.pages[MOST_IN_A_CARD:]
    return Card(
        headline=bundle_subject(bundle),
        lines=(f"And {len(rest)} more: {counted(Bundle(rest, ''))}.",) if rest else (),
        rows=tuple(
            Row(line="\n".join(line.strip() for line in _told(page, local)), button=take_button(page), open=page.page)
            for page in bundle.pages[:MOST_IN_A_CARD]
        ),
        foot="Each is one page of its own: whoever takes an incident takes that one only.",
        open=bundle.home,
    )


def bundle_data(bundle: Bundle) -> dict[str, object]:
    """Give the bundle for machines: every page in full, and the counts by severity."""
    return {
        "type": "bundle",
        "title": bundle_subject(bundle),
        "html_url": bundle.home,
        "count": len(bundle.pages),
        "by_severity": dict(_by_severity(bundle)),
        "incidents": [page_data(page) for page in bundle.pages],
    }


def counted(bundle: Bundle) -> str:
    """Give how many of each severity: "3 P0, 9 P2"."""
    return ", ".join(f"{count} {severity}" for severity, count in _by_severity(bundle))


def _by_severity(bundle: Bundle) -> list[tuple[str, int]]:
    found = Counter(page.severity for page in bundle.pages)
    return list(found.items())  # in the order of the pages: the most urgent first


def _lines(page: PageFacts, local: tzinfo) -> list[str]:
    verb = "Open" if page.reminder else "Take it"
    return [*_told(page, local), f"    {verb}: {page.link}", ""]


def _told(page: PageFacts, local: tzinfo) -> list[str]:
    what = "Restricted incident" if page.restricted else f"{short(page.title, _SHORT)}, {holder(page)}"
    marks = [f"since {time_of(page.since, local)}"]
    marks += [f"late, due {time_of(page.late_since, local)}"] if page.late_since else []
    marks += [f"held by your quiet hours since {time_of(page.held_since, local)}"] if page.held_since else []
    marks += ["you may have it already"] if page.repeat else []
    marks += [short(page.reminder, _SHORT)] if page.reminder and not page.restricted else []
    return [f"{page.severity}  {what} ({page.number})", f"    {', '.join(marks)}"]
