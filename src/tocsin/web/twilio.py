"""Phones answer: what Twilio asks and tells us about calls and text messages.

Every request is signed by Twilio over the address it was sent to. An answer by phone is the same wish as a click.
Source: TwiML, and "Validating requests are coming from Twilio".
"""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.channels.twiml import gather, message, redirect, say, twiml
from tocsin.engine.access import Principal
from tocsin.engine.messages import spoken_now
from tocsin.engine.reports import report_receipt
from tocsin.errors import Forbidden, NotFound, Refused, UsageError
from tocsin.escalation.schedule import person
from tocsin.incident.incident import Incident
from tocsin.incident.wishes import Acknowledge, Escalate, Resolve, Wish
from tocsin.store import transactions as t
from tocsin.web.acknowledge import TEST
from tocsin.web.inbound import bounded_body

if TYPE_CHECKING:
    from tocsin.channels.twilio import Twilio

_FIELDS = 100
_ANSWER = re.compile(r"\s*(?P<verb>[a-z]+|4|6|8)\b[\s:,.-]*(?P<code>[a-z0-9-]*)", re.IGNORECASE)
_VERBS = {"ack": "ack", "take": "ack", "4": "ack", "resolve": "resolve", "esc": "escalate", "escalate": "escalate"}
_VERBS |= {"acknowledge": "ack", "resolved": "resolve", "6": "escalate", "8": "resolve"}
_LATEST = 200
_SURE = "&sure=1"
"""What the address for the next digit ends with once 8 was pressed."""
_HELP_AGAIN = timedelta(minutes=1)
_HELP = "Tocsin: write ACK, RESOLVE or ESC and the code of the message, such as ACK 42XYZ."


class Called(NamedTuple):
    """Who was paged for which incident: as an address of ours says, or a code."""

    number: str
    principal: Principal


class _Listed(msgspec.Struct):
    id: str


class Phones:
    """What the doors remember between requests."""

    def __init__(self) -> None:
        """Begin with nobody helped."""
        self.helped: dict[str, float] = {}


def twilio_routes() -> list[BaseRoute]:
    """Give the routes Twilio speaks to."""
    return [
        Route("/twilio/voice", voice, methods=["POST"]),
        Route("/twilio/gather", pressed, methods=["POST"]),
        Route("/twilio/status", status, methods=["POST"]),
        Route("/twilio/sms", text, methods=["POST"]),
    ]


async def voice(request: Request) -> Response:
    """Say what an incident is like now, and what may be pressed. Who calls us by themselves is told nothing."""
    tocsin, _ = await _genuine(request)
    if not request.url.query:
        return _xml(say("This number only calls. Answer the message you got, or open its link. Goodbye."))
    called = _called(request, tocsin)
    if called.number.startswith(TEST):
        words = "This is a test. Press 4 to show that this reaches you."
    else:
        loaded = await tocsin.engine.load(called.number)
        someone = person(called.principal.id, tocsin.settings)
        if loaded.incident is None or someone is None:
            raise NotFound(f"there is no incident {called.number}")
        if loaded.incident.status == "resolved":
            return _xml(say("It is resolved already. Goodbye."))
        words = spoken_now(loaded, loaded.incident, someone)
    # No second redirect: whoever presses nothing twice has put the phone aside, or is a mailbox.
    return _xml(gather(_door(request, "gather"), words, words), say("Nothing was pressed. Goodbye."))


async def pressed(request: Request) -> Response:
    """Take the digit that was pressed: 4 takes the incident, 6 calls the next level, 8 and once more 8 resolves it."""
    tocsin, form = await _genuine(request)
    called, digit, test = _called(request, tocsin), form.get("Digits", ""), _named(request, "incident").startswith(TEST)
    if digit not in ({"4", "6"} if test else {"4", "6", "8"}):
        return _xml(redirect(_door(request, "voice")))
    if digit == "8" and not request.url.query.endswith(_SURE):
        # A thumb in the dark must not end it: nobody else is called after that.
        words = "Press 8 again to resolve it. Nobody else is called then. Press 4 to take it instead."
        return _xml(gather(_door(request, "gather") + _SURE, words), say("Nothing was pressed. Goodbye."))
    if test:
        heard = await tocsin.engine.test_pages.answer(called.number, called.principal.id)
        return _xml(say("Thank you, that arrived. Goodbye." if heard else "Nobody waits for this test. Goodbye."))
    wish: Wish = Acknowledge(by=called.principal.by, via="phone")
    if digit == "6":
        wish = Escalate(by=called.principal.by, why="by phone")
    elif digit == "8":
        wish = Resolve(by=called.principal.by, why="by phone")
    return _xml(say(await _do_once(tocsin, called, wish, f"{form.get('CallSid')}/{digit}")))


async def status(request: Request) -> Response:
    """Take what became of a call or a message: one that did not reach its person counts as failed."""
    tocsin, form = await _genuine(request)
    word = form.get("MessageStatus") or form.get("CallStatus") or ""
    detail = f"Twilio's error {form['ErrorCode']}" if form.get("ErrorCode") else ""
    # Not who it was for: somebody who left the configuration meanwhile must not hide that nobody was reached.
    await report_receipt(tocsin.engine, _named(request, "page"), word, detail)
    return Response(status_code=204)


async def text(request: Request) -> Response:
    """Take an answer by text message from the phone of somebody we know; to others nothing is said."""
    tocsin, form = await _genuine(request)
    people = _owners(tocsin, form.get("From", ""))
    if not people:
        return _xml()
    answer = _ANSWER.match(form.get("Body", ""))
    verb = _VERBS.get(answer["verb"].lower()) if answer else None
    found = await _by_code(tocsin, people, answer["code"]) if verb and answer else None
    if found is None:
        return _help(request, tocsin, form.get("From", ""))
    if found.number.startswith(TEST):
        heard = await tocsin.engine.test_pages.answer(found.number, found.principal.id)
        return _xml(message("Thank you, that arrived." if heard else "Nobody waits for this test."))
    by = found.principal.by
    wishes: dict[str, Wish] = {
        "ack": Acknowledge(by=by, via="sms"),
        "resolve": Resolve(by=by, why="by text message"),
        "escalate": Escalate(by=by, why="by text message"),
    }
    said = await _do_once(tocsin, found, wishes[str(verb)], form.get("MessageSid", ""))
    return _xml(message(said.removesuffix(" Goodbye.")))


async def _do_once(tocsin: Tocsin, called: Called, wish: Wish, name: str) -> str:
    """Do what was wished, once for each name, and give what is said about it."""
    once = tocsin.engine.once
    try:
        if not await once.is_done(name):
            # Who was paged may answer, as with the link of a page: that they were told is the permission.
            await tocsin.engine.act(called.number, wish, t.SYSTEM)
            await once.did(name)
    except Refused:
        ended = (await _incident(tocsin, called.number)).status == "resolved"
        return "It is resolved already. Goodbye." if ended else "Everybody was called already. Goodbye."
    if isinstance(wish, Acknowledge):
        return "You have it. Goodbye."
    if isinstance(wish, Resolve):
        return "It is resolved. Nobody else is called. Goodbye."
    return f"It is passed on: {(await _incident(tocsin, called.number)).requests[-1].level} is called. Goodbye."


async def _incident(tocsin: Tocsin, number: str) -> Incident:
    loaded = await tocsin.engine.load(number)
    if loaded.incident is None:
        raise NotFound(f"there is no incident {number}")
    return loaded.incident


async def _genuine(request: Request) -> tuple[Tocsin, dict[str, str]]:
    """Give the form of a request that Twilio signed. Raises Forbidden, or NotFound where there is no Twilio."""
    tocsin: Tocsin = request.app.state.tocsin
    accounts = _accounts(tocsin)
    if not accounts:
        raise NotFound("no channel here is Twilio's")
    raw = await bounded_body(request)
    try:
        # Not stripped, not changed: what was signed is what was sent.
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError as error:
        raise UsageError("the form could not be read") from error
    form, query = dict(pairs), request.url.query
    url = f"{tocsin.links.public_url.rstrip('/')}{request.url.path}{'?' if query else ''}{query}"
    offered = request.headers.get("x-twilio-signature", "")
    if not any(account.is_genuine(url, form, offered) for account in accounts):
        raise Forbidden(f"this was not signed by Twilio for {tocsin.links.public_url}; check [server] public_url")
    return tocsin, form


def _accounts(tocsin: Tocsin) -> "list[Twilio]":
    if not any(channel.kind.startswith("twilio-") for channel in tocsin.settings.channels.values()):
        return []
    from tocsin.channels.twilio import Twilio  # noqa: PLC0415  brings aiohttp, which is there once such a channel is

    return [channel for channel in tocsin.deeds.channels.values() if isinstance(channel, Twilio)]


def _called(request: Request, tocsin: Tocsin) -> Called:
    """Give the incident and the person an address of ours names. Raises NotFound."""
    return Called(_named(request, "incident"), tocsin.access.person(_named(request, "person")))


def _named(request: Request, name: str) -> str:
    """Give what a field of an address of ours holds. Raises NotFound."""
    from tocsin.channels.twilio import unplain  # noqa: PLC0415  as above

    try:
        return unplain(request.query_params.get(name, ""))
    except ValueError as error:
        raise NotFound("this address is not one of ours") from error


def _owners(tocsin: Tocsin, number: str) -> list[Principal]:
    """Give everybody whose phone has that number."""
    from tocsin.channels.twilio import plain_number  # noqa: PLC0415  as above

    people = tocsin.settings.people.values()
    return [tocsin.access.person(one.id) for one in people if number and plain_number(one.phone or "") == number]


async def _by_code(tocsin: Tocsin, people: list[Principal], code: str) -> Called | None:
    """Give the incident (or test page) of a code that one of these people was given, or None."""
    code = code.upper().rpartition("-")[2].lstrip("0")
    if not code.isascii() or len(code) < 4:  # noqa: PLR2004  a digit and three letters
        return None
    listed = await tocsin.store.read(t.incidents(t.SYSTEM, only_open=False, before=2**62, limit=_LATEST))
    numbers = [msgspec.json.decode(one.view, type=_Listed).id for one in listed]
    for number in (*numbers, f"{TEST}{code[:-3]:0>6}"):
        for principal in people:
            if tocsin.links.code(number, principal.id) == code:
                return Called(number, principal)
    return None


def _help(request: Request, tocsin: Tocsin, number: str) -> Response:
    """Say how to answer, at most once a minute to each phone: it may be a machine that answers everything."""
    helped, now = _phones(request).helped, tocsin.clock.monotonic()
    if now - helped.get(number, float("-inf")) < _HELP_AGAIN.total_seconds():
        return _xml()
    helped[number] = now
    return _xml(message(_HELP))


def _phones(request: Request) -> Phones:
    state = request.app.state
    if not hasattr(state, "phones"):
        state.phones = Phones()
    phones: Phones = state.phones
    return phones


def _door(request: Request, name: str) -> str:
    tocsin: Tocsin = request.app.state.tocsin
    return f"{tocsin.links.public_url.rstrip('/')}/twilio/{name}?{request.url.query.removesuffix(_SURE)}"


def _xml(*verbs: str) -> Response:
    return Response(twiml(*verbs), media_type="text/xml")
