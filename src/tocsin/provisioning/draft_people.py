"""The people, roles and channels that a document implies."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.guard.placeholders import placeholder_in_prose
from tocsin.provisioning.quoting import aside, comment, toml_key, toml_text
from tocsin.provisioning.source import Source
from tocsin.runbook.names import normal, slug, unique
from tocsin.runbook.policy import Contact

OPERATOR = "operator"
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w/])\+?\(?[0-9][0-9 ()./-]{6,18}[0-9](?![\w/])")
_ROOM = re.compile(r"(?<![\w/&])#(?P<room>[a-z][a-z0-9_-]{1,79})(?![\w/])")


class _Someone(NamedTuple):
    """A person that the document names with an address: the key, who it is, and where that stands."""

    key: str
    name: str
    email: str | None
    phone: str | None
    line: int


class _Called(NamedTuple):
    """A level or role that is called: its key under [roles], all its names, what the document says, and where."""

    key: str
    names: tuple[str, ...]
    said: str
    line: int


def people_and_roles(source: Source) -> Iterator[str]:
    """Give [people], a schedule to begin with, and [roles]."""
    someone = _people(source)
    yield "# Who can be reached, and how. Each step of `reach` is tried in order."
    yield "[people.operator]"
    yield aside('name = "Operator at the console"', "FILL IN: you, until the others are filled in")
    yield "admin = true"
    yield 'reach = [{ via = ["console"] }]'
    for one in someone:
        yield ""
        yield f"# {source.at(one.line)}"
        yield f"[people.{toml_key(one.key)}]"
        yield aside(f"name = {toml_text(one.name)}", "FILL IN: who that is")
        yield from ([f"email = {toml_text(one.email)}"] if one.email else [])
        yield from ([f"phone = {toml_text(one.phone)}"] if one.phone else [])
        ways = "FILL IN: the channels above, once they are switched on"
        yield aside('reach = [{ via = ["console"] }]', ways)
    yield ""
    yield from _roles(source, someone)


def _roles(source: Source, someone: tuple[_Someone, ...]) -> Iterator[str]:
    yield "# People who take turns: put the name of the schedule under [roles]."
    yield "#[schedules.primary]"
    yield aside('#people = ["operator"]', "FILL IN: in the order of their turns")
    yield "#start = 2026-01-05T09:00:00"
    yield '#rotation = "P7D"'
    yield ""
    yield "# Who a level or role of the document is. Who is `operator` alone still counts as missing."
    yield "[roles]"
    for one in _called(source):
        yield f"# {source.at(one.line)} {comment(one.said)}"
        known = [person.key for person in someone if any(_same(name, person.name) for name in one.names)]
        members = ", ".join(toml_text(key) for key in known[:1] or [OPERATOR])
        yield aside(f"{toml_key(one.key)} = [{members}]", "" if known else "FILL IN")


def reached_by(source: Source) -> Iterator[str]:
    """Give the channels that the document implies, switched off until their secrets are there."""
    yield "# How messages leave. The console prints them; whatever needs an account is switched off."
    yield "[channels.console]"
    yield 'kind = "console"'
    contacts = source.runbook.contacts
    room = source.find(_ROOM)
    slack = source.first(r"\bslack\b")
    if slack or room:
        yield ""
        yield f"# {source.at(slack or (room[0] if room else 0))} People are told in Slack."
        yield "#[channels.slack]"
        yield '#kind = "slack"'
        yield '#token = { env = "SLACK_BOT_TOKEN" }'
        yield '#app_token = { env = "SLACK_APP_TOKEN" }'
        named = f"#{room[1]['room']}" if room else "#incidents"
        yield aside(f"#channel = {toml_text(named)}", source.at(room[0]) if room else "FILL IN")
    if pagerduty := source.first(r"\bpagerduty\b"):
        yield ""
        yield f"# {source.at(pagerduty)} PagerDuty is spoken of: pages can go through it, both ways."
        yield "#[channels.pagerduty]"
        yield '#kind = "pagerduty"'
        yield '#routing_key = { env = "PAGERDUTY_ROUTING_KEY" }'
    if mail := next((one.line for one in contacts if _MAIL.search(one.value)), source.first(r"\be-?mails?\b")):
        yield ""
        yield f"# {source.at(mail)}"
        yield "#[channels.mail]"
        yield '#kind = "email"'
        yield aside('#host = "smtp.example.org"', "FILL IN")
        yield aside('#sender = "tocsin@example.org"', "FILL IN")
    if phone := next((one.line for one in contacts if _phone(one)), source.first(r"\b(?:phone|hotline|sms|call us)\b")):
        yield ""
        yield f"# {source.at(phone)}"
        yield "#[channels.phone]"
        yield '#kind = "twilio-call"'
        yield aside('#account = "AC00000000000000000000000000000000"', "FILL IN")
        yield '#auth_token = { env = "TWILIO_AUTH_TOKEN" }'
        yield aside('#sender = "+15551234567"', "FILL IN")


def _people(source: Source) -> tuple[_Someone, ...]:
    """Give the contacts who are called and have an address that can be used as it is written."""
    wanted = _called(source)
    found: list[_Someone] = []
    for contact in source.runbook.contacts:
        mail, phone = _MAIL.search(contact.value), _phone(contact)
        called = any(_same(name, contact.name) for one in wanted for name in one.names)
        if called and (mail or phone):
            taken = {OPERATOR, "primary", *(one.key for one in found)}
            key = unique(slug(contact.name) or "person", taken)
            name = " ".join(contact.name.split())
            found.append(_Someone(key, name, mail[0] if mail else None, phone, contact.line))
    return tuple(found)


def _called(source: Source) -> tuple[_Called, ...]:
    """Give the levels, and whom entries name besides."""
    runbook = source.runbook
    found = {
        normal(level.id): _Called(level.id, (level.id, level.role), f"{level.id} is: {level.role}", level.line)
        for level in runbook.escalation
    }
    for entry in source.entries:
        for name in entry.escalation.to if entry.escalation else ():
            if runbook.level(name) is None and name.strip():
                said = f"{entry.title} calls: {name}"
                line = entry.escalation.line if entry.escalation else entry.line
                found.setdefault(normal(name) or name, _Called(name, (name,), said, line))
    keys = {one.key: one for one in reversed(found.values())}
    return tuple(reversed(keys.values()))


def _phone(contact: Contact) -> str | None:
    if placeholder_in_prose(contact.value):
        return None
    found = _PHONE.search(contact.value)
    return found[0].strip() if found else None


def _same(name: str, other: str) -> bool:
    """Tell whether two names mean one role: all words of one are in the other, as for finding RB208."""
    a, b = set(normal(name).split()), set(normal(other).split())
    return bool(a and b) and (a <= b or b <= a)
