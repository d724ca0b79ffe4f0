"""The doors Slack knocks at over HTTP. Every request is signed over its raw body, and answered within three seconds.

Source: docs.slack.dev, "Verifying requests from Slack".
"""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tocsin.assembly import Tocsin
from tocsin.channels.doors import Chat
from tocsin.chat.slack import is_genuine
from tocsin.errors import UsageError
from tocsin.web.inbound import bounded_body

_FIELDS = 100


def slack_routes() -> list[BaseRoute]:
    """Give the routes Slack is told in the app's settings."""
    return [
        Route("/slack/interactions", interactions, methods=["POST"]),
        Route("/slack/commands", commands, methods=["POST"]),
    ]


async def interactions(request: Request) -> Response:
    """Take a button that was pressed. 401 for what Slack did not sign, or not lately."""
    raw = await bounded_body(request)
    chat = _signer(request, raw)
    if chat is None:
        return _refused()
    try:
        payload = msgspec.json.decode(_form(raw).get("payload", ""), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError("the payload is no JSON object") from error
    return await _taken(request, chat, "interactive", payload)


async def commands(request: Request) -> Response:
    """Take a command; its answer is for whoever typed it."""
    raw = await bounded_body(request)
    chat = _signer(request, raw)
    if chat is None:
        return _refused()
    form = _form(raw)
    return Response() if "ssl_check" in form else await _taken(request, chat, "slash_commands", form)


async def _taken(request: Request, chat: Chat, kind: str, payload: dict[str, Any]) -> Response:
    tocsin: Tocsin = request.app.state.tocsin
    said = await tocsin.desk.take(chat, kind, payload)
    return Response(msgspec.json.encode(said), media_type="application/json") if said else Response()


def _signer(request: Request, raw: bytes) -> Chat | None:
    """Give the Slack whose secret signed this, or None."""
    tocsin: Tocsin = request.app.state.tocsin
    found = None
    for channel in tocsin.deeds.channels.values():
        secrets = channel.doors.signing_secrets if isinstance(channel, Chat) else ()
        if is_genuine(raw, request.headers, secrets, tocsin.clock.now()) and isinstance(channel, Chat):
            found = channel
    return found


def _refused() -> Response:
    why = "not signed by a Slack that is configured here, or more than five minutes old; check signing_secret and clock"
    return Response(msgspec.json.encode({"error": why}), 401, media_type="application/json")


def _form(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError as error:
        raise UsageError("the form could not be read") from error
