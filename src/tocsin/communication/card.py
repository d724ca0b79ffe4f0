"""The words of a page for channels with buttons: the same facts as in the mail, in fewer lines.

A card is edited where it stands when somebody takes the incident, when diagnostics ended, when it is over.
"""

from typing import Literal

import msgspec

from tocsin.communication.page import PageFacts, after_you, cite, day, ended, holder, local_zone, place, short

LONGEST_LINE = 600


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to press. `value` says what it was pressed for: the incident, and up to where the card tells.

    `level` is the one "escalate" would call. `sure` is asked before, "" for nothing. "take" acknowledges from a message
    that is not edited afterwards, so whoever presses it is told.
    """

    action: Literal["acknowledge", "escalate", "resolve", "take"]
    words: str
    value: str
    level: str = ""
    urgent: bool = False
    sure: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of many: a line, what can be done about it, and the address of its page."""

    line: str
    button: Button | None
    open: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A headline, plain lines, and what can be done. `foot` is small: where it is written.

    `rows` are the incidents of a bundle. `open` is the address of the page to look at, `take` of the one that
    acknowledges without buttons.
    """

    headline: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    foot: str = ""
    buttons: tuple[Button, ...] = ()
    open: str = ""
    take: str = ""


def page_card(facts: PageFacts) -> Card:
    """Give the card of a page, a notification or a room; what it says depends on the facts alone."""
    return Card(
        headline=_headline(facts),
        lines=tuple(short(line, LONGEST_LINE) for line in _lines(facts) if line),
        foot=" · ".join(part for part in (facts.number, "" if facts.restricted else _cites(facts)) if part),
        buttons=_buttons(facts),
        open=facts.page,
        take=facts.link if facts.link != facts.page and facts.resolved_at is None else "",
    )


def take_button(facts: PageFacts) -> Button | None:
    """Give the button that takes one incident of many, or None where there is nothing to take."""
    if facts.notification or facts.reminder or facts.resolved_at is not None:
        return None
    return Button(action="take", words=f"Take {facts.number}", value=_value(facts), urgent=True)


def _value(facts: PageFacts) -> str:
    return f"{facts.number}:{facts.as_of}"


def _headline(facts: PageFacts) -> str:
    if facts.test:
        return "Test page: nothing is wrong"
    if facts.reminder:
        return f"{short(facts.title)}: {facts.reminder}"
    what = "Restricted incident" if facts.restricted else f"{facts.severity} · {short(facts.title)}"
    return f"{'Late: ' if facts.late_since else ''}{what} · {_state(facts)}"


def _state(facts: PageFacts) -> str:
    return "resolved" if facts.resolved_at is not None else holder(facts)


def _lines(facts: PageFacts) -> list[str]:
    if facts.test:
        return ["Press the button to show that pages reach you."]
    if facts.restricted:
        return ["Only those concerned may see what it is about."]
    why = f"{facts.why_you}." if facts.why_you else ""
    return [_what(facts), why, _found(facts), ended(facts) if facts.resolved_at else _next(facts), facts.promise]


def _what(facts: PageFacts) -> str:
    local = local_zone(facts.zone)
    since = facts.since.astimezone(local)
    summary = "" if facts.summary.strip() in {"", facts.title} else f"{short(facts.summary).rstrip('.')}. "
    return f"{summary}Since {since:%H:%M:%S} {place(local)}, {day(since)}."


def _found(facts: PageFacts) -> str:
    return f"Found: {' · '.join(short(text) for text, _ in facts.found)}" if facts.found else ""


def _next(facts: PageFacts) -> str:
    return "" if facts.reminder else after_you(facts, local_zone(facts.zone), "If nobody takes it")


def _cites(facts: PageFacts) -> str:
    lines = [cite(facts.runbook, line) for line in (facts.why_you_line, facts.severity_line) if line]
    return ", ".join(dict.fromkeys(lines))


def _buttons(facts: PageFacts) -> tuple[Button, ...]:
    if facts.reminder or facts.resolved_at is not None:
        return ()
    value = _value(facts)
    take = Button(action="acknowledge", words="Acknowledge", value=value, urgent=True)
    if facts.test:
        return (msgspec.structs.replace(take, words="It reached me"),)
    call = Button(
        action="escalate", words="Escalate now", value=value, level="" if facts.restricted else facts.next_level or ""
    )
    sure = f"Is {facts.number} over? Nobody else is paged then."
    over = Button(action="resolve", words="Resolve…", value=value, sure=sure)
    taken = facts.held_by is not None and not facts.unanswered
    return tuple(
        one for one in (take, call, over) if not (taken and one is take) and not (one is call and not call.level)
    )
