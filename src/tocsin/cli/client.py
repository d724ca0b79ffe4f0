"""Talking to a running server."""

import http.client
import os
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import msgspec

from tocsin.errors import Forbidden, NotFound, Refused, TocsinError, Unreachable, UsageError

DEFAULT_URL = "http://127.0.0.1:8080"
_ERRORS: dict[int, type[TocsinError]] = {400: UsageError, 401: Forbidden, 403: Forbidden, 404: NotFound, 409: Refused}


class Client:
    """Asks the server at TOCSIN_URL, with TOCSIN_TOKEN or this machine's token file."""

    def __init__(self, *, most: int | None = None) -> None:
        """Take address and token from the environment, and how long an answer may be in bytes."""
        self._most = most
        self.url = os.environ.get("TOCSIN_URL", DEFAULT_URL).rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"TOCSIN_URL={self.url} is no address; write it like {DEFAULT_URL}")
        self._parts = parts
        self._token = os.environ.get("TOCSIN_TOKEN") or _token_from_file(parts.hostname, _port_of(parts))

    def get(self, path: str, **query: object) -> Any:  # noqa: ANN401  JSON
        """Give what the server answers. Raises Unreachable, or what the server refused with."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(asked)}" if asked else path, None)

    def post(self, path: str, body: object, seconds: float = 30) -> Any:  # noqa: ANN401  JSON
        """Send something and give what the server answers. Raises as `get`."""
        return self._ask("POST", path, msgspec.json.encode(body), seconds)

    def _ask(self, method: str, path: str, body: bytes | None, seconds: float = 30) -> Any:  # noqa: ANN401  JSON
        secure = self._parts.scheme == "https"
        make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = make(self._parts.hostname or "", self._parts.port, timeout=seconds)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, f"{self._parts.path}{path}", body, headers)
            response = connection.getresponse()
            raw = response.read() if self._most is None else response.read(self._most + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"no Tocsin answers at {self.url} ({error}); start one with `tocsin serve`, or set TOCSIN_URL"
            ) from error
        finally:
            connection.close()
        if self._most is not None and len(raw) > self._most:
            raise Unreachable(f"{self.url} answers with more than {self._most} bytes, which is too much to be read")
        return self._understood(response.status, raw)

    def _understood(self, status: int, raw: bytes) -> Any:  # noqa: ANN401  JSON
        try:
            answer = msgspec.json.decode(raw)
        except msgspec.DecodeError as error:
            raise Unreachable(f"what answers at {self.url} is no Tocsin (HTTP {status})") from error
        if status < http.HTTPStatus.BAD_REQUEST:
            return answer
        text = answer.get("error", f"HTTP {status}") if isinstance(answer, dict) else f"HTTP {status}"
        if status == http.HTTPStatus.UNAUTHORIZED:
            text = f"{self.url} does not know you: set TOCSIN_TOKEN to a token made by `tocsin token PERSON`"
        raise _ERRORS.get(status, Unreachable)(text)


def token_path(host: str, port: int) -> Path:
    """Give where the server of that address on this machine leaves its owner's token."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = host.lower()
    return Path(state) / "tocsin" / f"{'localhost' if name in _LOOPBACK else name}-{port}.token"


# On this machine; the last two are what a server listens at that takes every address. Nothing is bound here.
_LOOPBACK = {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"}  # noqa: S104


def _port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _token_from_file(host: str, port: int) -> str | None:
    paths = [token_path(host, port)]
    if host in _LOOPBACK:  # the data folder does not say of which server it is: its token never leaves this machine
        paths.append(Path(os.environ.get("TOCSIN_DATA", ".tocsin")) / "token")
    for path in paths:
        try:
            return path.read_text().strip()
        except OSError:
            continue
    return None
