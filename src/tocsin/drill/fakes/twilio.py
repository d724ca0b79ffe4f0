"""Twilio: messages and calls out, phones that answer them, callbacks that are signed.

Source: Twilio's REST API 2010-04-01, TwiML, error codes and "Validating requests are coming from Twilio".
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from html import unescape
from typing import Any, Literal
from urllib.parse import parse_qsl, urljoin
from xml.etree import ElementTree as ET

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tocsin.drill.fakes.http import CONTROL, HttpFake, answer_json

Manner = Literal["answers", "busy", "no-answer", "failed", "undelivered"]
"""What becomes of a call or a message to a phone: "undelivered" is a phone that can be called but gets no message."""

LONGEST_BODY = 1600
MOST_TURNS = 20
NUMBER = "+1234567890"
_MORE = "https://www.twilio.com/docs/errors/"
_REFUSALS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21205: (400, "Url is not a valid URL"),
    21211: (400, "The 'To' number {} is not a valid phone number."),
    21212: (400, "The 'From' number {} is not a valid phone number, shortcode, or alphanumeric sender ID."),
    21213: (400, "No 'From' number is specified"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
}


class Phone(msgspec.Struct, kw_only=True):
    """Somebody's phone. `presses` are the digits typed into each menu, in order; `heard` is what was said to it."""

    number: str
    manner: Manner = "answers"
    presses: list[str] = []
    heard: list[str] = []
    texts: list[str] = []
    stopped: bool = False


class _Text(msgspec.Struct):
    number: str
    text: str


class Twilio(HttpFake):
    """The service with one account and one number of ours. A number that no phone has is answered, and hung up.

    `voice_url` and `sms_url` are what the number of ours asks when a phone calls it or writes to it; unless they are
    set, those of the server that sent something first.
    """

    refusal = (503, {"code": 20503, "message": "Service Unavailable", "more_info": f"{_MORE}20503", "status": 503})

    def __init__(
        self,
        account: str = "AC" + "0" * 32,
        auth_token: str = "fake-auth-token",  # noqa: S107  a made-up one, it guards nothing
        ours: str = "+15550000000",
    ) -> None:
        """Begin without phones."""
        self.account, self.auth_token, self.ours = account, auth_token, ours
        self.phones: dict[str, Phone] = {}
        self.voice_url = self.sms_url = ""
        self.resources: dict[str, dict[str, Any]] = {}
        self.callbacks: list[tuple[str, dict[str, str], int]] = []
        self.throttled = self._made = 0
        root = f"/2010-04-01/Accounts/{account}"
        super().__init__(
            [
                Route(f"{root}/Messages.json", self._message, methods=["POST"]),
                Route(f"{root}/Calls.json", self._call, methods=["POST"]),
                Route(f"{root}/Messages/{{name}}.json", self._fetch, methods=["GET"]),
                Route(f"{root}/Calls/{{name}}.json", self._fetch, methods=["GET"]),
                Route("/2010-04-01/{rest:path}", self._nothing, methods=["GET", "POST"]),
            ]
        )

    def phone(self, number: str, manner: Manner = "answers", presses: tuple[str, ...] = ()) -> Phone:
        """Give somebody a phone."""
        self.phones[number] = Phone(number=number, manner=manner, presses=list(presses))
        return self.phones[number]

    @property
    def configuration(self) -> str:
        """Give the lines of a configuration that speak to it."""
        token = f'auth_token = {{ env = "TWILIO_TOKEN" }}  # {self.auth_token}'
        who = f'account = "{self.account}"\nsender = "{self.ours}"'
        shown = f'[channels.sms]\nkind = "twilio-sms"\nurl = "{self.address}"\n{who}\n{token}'
        phone = '{"number": "+4915112345678", "manner": "answers", "presses": ["4"]}'
        text = '{"number": "+4915112345678", "text": "ACK 1XYZ"}'
        return (
            f"{shown}\nA phone:   curl {self.address}{CONTROL}phone -d '{phone}'\n"
            f"It writes: curl {self.address}{CONTROL}write -d '{text}'"
        )

    def controls(self) -> list[Route]:
        """Give what else it can be told by hand: who has which phone, and what a phone writes."""
        return [
            Route(f"{CONTROL}phone", self._take_phone, methods=["POST"]),
            Route(f"{CONTROL}write", self._take_text, methods=["POST"]),
        ]

    async def _take_phone(self, request: Request) -> Response:
        try:
            phone = msgspec.json.decode(await request.body(), type=Phone)
        except msgspec.DecodeError as error:
            return answer_json(400, {"error": str(error)})
        self.phones[phone.number] = phone
        return answer_json(200, phone)

    async def _take_text(self, request: Request) -> Response:
        try:
            wanted = msgspec.json.decode(await request.body(), type=_Text)
        except msgspec.DecodeError as error:
            return answer_json(400, {"error": str(error)})
        phone = self.phones.get(wanted.number) or self.phone(wanted.number)
        if not self.sms_url:
            return answer_json(409, {"error": "send a message first: who is called back is known from it"})
        return answer_json(200, {"answered": await self.write(phone, wanted.text), "texts": phone.texts})

    # -- what a phone does by itself

    async def write(self, phone: Phone, text: str) -> str:
        """Let a phone write to our number, and give what is answered, which it also gets."""
        if text.strip().upper() in {"STOP", "START"}:  # Twilio keeps these to itself
            phone.stopped = text.strip().upper() == "STOP"
            return ""
        said = await self._ask(self.sms_url, self._of_message(self._sid("SM"), phone.number, self.ours, text))
        answers = ["".join(one.itertext()).strip() for one in _twiml(said).iter("Message")]
        phone.texts += answers
        return "\n".join(answers)

    async def dial(self, phone: Phone) -> None:
        """Let a phone call our number."""
        await self._talk(self._sid("CA"), phone, self.voice_url, "inbound")

    # -- the API

    async def _message(self, request: Request) -> Response:
        form = await _form(request)
        code = self._unwelcome(request, form, needed=21603)
        body = form.get("Body", "")
        if code is None:
            code = 21602 if not body else 21617 if len(body) > LONGEST_BODY else None
        phone = self.phones.get(form.get("To", ""))
        if code is None and phone is not None and phone.stopped:
            code = 21610
        if code is not None:
            return _refused(code, form.get("To", ""))
        sid = self._sid("SM")
        segments = 1 if len(body) <= 160 else -(-len(body) // 153)  # noqa: PLR2004  GSM 03.38
        self.resources[sid] = self._shown(sid, form) | {"body": body, "num_segments": str(segments)}
        self.later(self._deliver(sid, form, phone))
        return answer_json(201, self.resources[sid])

    async def _call(self, request: Request) -> Response:
        form = await _form(request)
        code = self._unwelcome(request, form, needed=21213)
        if code is None and not form.get("Twiml") and not form.get("Url", "").startswith(("http://", "https://")):
            code = 21205
        if code is not None:
            return _refused(code, form.get("To", ""))
        sid = self._sid("CA")
        self.resources[sid] = self._shown(sid, form)
        self.later(self._ring(sid, form))
        return answer_json(201, self.resources[sid])

    async def _fetch(self, request: Request) -> Response:
        if not self._is_known(request):
            return _refused(20003)
        found = self.resources.get(request.path_params["name"])
        return answer_json(200, found) if found else _refused(20404)

    async def _nothing(self, request: Request) -> Response:
        return _refused(20404 if self._is_known(request) else 20003)

    def _unwelcome(self, request: Request, form: Mapping[str, str], needed: int) -> int | None:
        """Give the code of the first thing that is wrong with a message or a call, or None."""
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        if not self._is_known(request):
            return 20003
        if self.throttled > 0:
            self.throttled -= 1
            return 20429
        if not form.get("To"):
            return 21604
        if not _is_number(form["To"]):
            return 21211
        if not sender:
            return needed
        return None if sender == self.ours else 21212

    def _is_known(self, request: Request) -> bool:
        offered = request.headers.get("authorization", "")
        wanted = base64.b64encode(f"{self.account}:{self.auth_token}".encode()).decode()
        return hmac.compare_digest(offered.encode(), f"Basic {wanted}".encode())

    # -- what becomes of it

    async def _deliver(self, sid: str, form: Mapping[str, str], phone: Phone | None) -> None:
        told = self._of_message(sid, self.ours, form["To"], form["Body"])
        told = {name: value for name, value in told.items() if name != "Body"}
        await self._tell(sid, form, told | {"MessageStatus": "sent", "SmsStatus": "sent"})
        status = "undelivered" if phone is not None and phone.manner == "undelivered" else "delivered"
        if phone is not None and status == "delivered":
            phone.texts.append(form["Body"])
        told |= {"MessageStatus": status, "SmsStatus": status}
        await self._tell(sid, form, told | ({"ErrorCode": "30003"} if status != "delivered" else {}))

    async def _ring(self, sid: str, form: Mapping[str, str]) -> None:
        phone = self.phones.get(form["To"]) or Phone(number=form["To"])
        status = phone.manner if phone.manner in {"busy", "no-answer", "failed"} else "completed"
        if status == "completed":
            await self._talk(sid, phone, form.get("Url", ""), "outbound-api", form.get("Twiml", ""))
        told = self._of_call(sid, self.ours, form["To"], "outbound-api")
        await self._tell(sid, form, told | {"CallStatus": status, "CallDuration": "0"})

    async def _tell(self, sid: str, form: Mapping[str, str], told: dict[str, str]) -> None:
        status = told.get("MessageStatus") or told["CallStatus"]
        self.resources[sid] |= {"status": status}
        if form.get("StatusCallback"):
            doors = form["StatusCallback"].partition("?")[0].rpartition("/")[0]
            self.voice_url, self.sms_url = self.voice_url or f"{doors}/voice", self.sms_url or f"{doors}/sms"
            await self._ask(form["StatusCallback"], told)

    async def _talk(self, sid: str, phone: Phone, url: str, direction: str, twiml: str = "") -> None:
        """Follow TwiML as a phone that is picked up: say, gather, go where the digits lead, until it hangs up."""
        ends = (phone.number, self.ours) if direction == "inbound" else (self.ours, phone.number)
        of_call = self._of_call(sid, *ends, direction) | {"CallStatus": "in-progress"}
        text = twiml or await self._ask(url, of_call)
        for _ in range(MOST_TURNS):
            turn = _turn(_twiml(text), phone)
            if turn is None:
                return
            where, digits = turn
            url = urljoin(url, unescape(where)) if where else url
            text = await self._ask(url, of_call | ({"Digits": digits, "msg": "Gather End"} if digits else {}))

    async def _ask(self, url: str, params: dict[str, str]) -> str:
        """Post as Twilio does: a form, signed with the account's token over the address and the sorted fields."""
        signed = {"X-Twilio-Signature": signature(self.auth_token, url, params)}
        try:
            async with httpx.AsyncClient(timeout=15) as client:
                got = await client.post(url, data=params, headers=signed)
        except httpx.HTTPError:
            self.callbacks.append((url, params, 0))
            return ""
        self.callbacks.append((url, params, got.status_code))
        return got.text if got.is_success else ""

    # -- shapes

    def _sid(self, prefix: str) -> str:
        self._made += 1
        return prefix + hashlib.sha256(f"{self.account}/{self._made}".encode()).hexdigest()[:32]

    def _of_message(self, sid: str, sender: str, to: str, body: str) -> dict[str, str]:
        names = {"MessageSid": sid, "SmsSid": sid, "AccountSid": self.account, "ApiVersion": "2010-04-01"}
        return names | {"From": sender, "To": to, "Body": body}

    def _of_call(self, sid: str, sender: str, to: str, direction: str) -> dict[str, str]:
        names = {"CallSid": sid, "AccountSid": self.account, "ApiVersion": "2010-04-01"}
        return names | {"From": sender, "To": to, "Direction": direction}

    def _shown(self, sid: str, form: Mapping[str, str]) -> dict[str, Any]:
        kind = "Calls" if sid.startswith("CA") else "Messages"
        return {
            "sid": sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "to": form["To"],
            "from": form.get("From"),
            "status": "queued",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "uri": f"/2010-04-01/Accounts/{self.account}/{kind}/{sid}.json",
        }


def signature(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """Give what `X-Twilio-Signature` is for a posted form."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _turn(document: ET.Element, phone: Phone) -> tuple[str, str] | None:
    """Let the phone hear one document; give where it leads and the digits pressed, or None when it hangs up."""
    for verb in document:
        if verb.tag == "Say":
            phone.heard.append("".join(verb.itertext()).strip())
        elif verb.tag == "Gather":
            phone.heard += ["".join(said.itertext()).strip() for said in verb.iter("Say")]
            if phone.presses:
                return verb.get("action", ""), phone.presses.pop(0)[: int(verb.get("numDigits", "99"))]
        elif verb.tag == "Redirect":
            return "".join(verb.itertext()).strip(), ""
        elif verb.tag in {"Hangup", "Reject"}:
            return None
    return None


def _twiml(text: str) -> ET.Element:
    """Give a document; what is none is what Twilio says "an application error has occurred" to."""
    try:
        return ET.fromstring(text)  # noqa: S314  it comes from the server that is being rehearsed
    except ET.ParseError:
        return ET.fromstring("<Response><Say>An application error has occurred. Goodbye.</Say></Response>")  # noqa: S314


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _is_number(text: str) -> bool:
    return text.startswith("+") and text[1:].isdigit() and 8 <= len(text) <= 16  # noqa: PLR2004  E.164


def _refused(code: int, number: str = "") -> Response:
    status, words = _REFUSALS[code]
    body = {"code": code, "message": words.format(number), "more_info": f"{_MORE}{code}", "status": status}
    return answer_json(status, body, {"Retry-After": "1"} if status == 429 else None)  # noqa: PLR2004
