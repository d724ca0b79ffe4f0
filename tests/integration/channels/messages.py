"""Messages to send."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from tocsin.channels.message import Message
from tocsin.communication.card import page_card
from tocsin.communication.page import PageFacts, page_body, page_data, page_subject
from tocsin.communication.short import menu, page_sms, speech
from tocsin.settings import Person

MIRA = Person(id="mira", name="Mira", email="mira@example.org", phone="+49 151 12345678")
FACTS = PageFacts(
    number="INC-2026-0042",
    title="Sequencer Down",
    severity="P0",
    severity_name="Critical",
    since=datetime(2026, 11, 24, 2, 11, 38, tzinfo=UTC),
    why_you="L1 until Mon 30 Nov 09:00",
    severity_because='"complete service outage"',
    runbook="runbook.md",
    link="https://tocsin.example/a/7hQ2?x=1&y=2",
    key="INC-2026-0042/1/L1/mira/0.mail",
    code="42KTX",
)


def page(facts: PageFacts = FACTS, **changes: Any) -> Message:
    message = Message(
        key=facts.key,
        incident=facts.number,
        kind="page",
        subject=page_subject(facts),
        text=page_body(facts),
        data=page_data(facts),
        link=facts.link,
        thread=facts.number,
        short=partial(page_sms, facts),
        spoken=partial(speech, facts),
        menu=menu(facts),
        card=(lambda: None) if "text" in changes else partial(page_card, facts),
        to=MIRA,
    )
    return msgspec.structs.replace(message, **changes)
