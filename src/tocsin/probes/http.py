"""One request over HTTP: whether the answer comes in time and is what it should be, and what it says in numbers.

With a `clean_up` it may make something: what it made is taken back by a second request, whatever the answer was.
"""

import asyncio
import re
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from msgspec.structs import replace
from yarl import URL

from tocsin.channels.addresses import proxy_of
from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.exchange import Answer
from tocsin.probes.expressions import Expressions, decoded, shown
from tocsin.probes.options import CleanUp, HttpOptions
from tocsin.probes.probe import LookFailed
from tocsin.probes.table import Parts
from tocsin.probes.target import Statuses, Target, address_of, target_of
from tocsin.probes.trouble import NoAnswer

_LONGEST_NAME = 256
_PLACE = re.compile(r"\{([^{}]*)\}")


class Http:
    """Asks one address. Raises SettingsInvalid for options that do not fit together."""

    memory = ""

    def __init__(self, options: HttpOptions, parts: Parts) -> None:
        """Take what to ask and what to expect."""
        if (options.expect or options.values or options.contains or options.clean_up) and options.method == "HEAD":
            raise SettingsInvalid("HEAD brings no body: nothing of it can be asked for")
        self._target = target_of(options, parts, method=options.method, body=options.body)
        self._status = Statuses(options.status)
        self._contains = None if options.contains is None else options.contains.encode()
        self._expect, self._expected = (
            Expressions({path: path for path in options.expect}, outside=parts.outside),
            options.expect,
        )
        self._values = Expressions(options.values, outside=parts.outside) if options.values else None
        self._reads = bool(options.expect or options.values or options.contains)
        self._clean_up = _CleanUp(options.clean_up, self._target, parts) if options.clean_up else None

    async def look(self, now: datetime) -> Reading:
        """Ask once. What the probe makes is taken back also when this is cancelled, before the cancellation goes on."""
        if self._clean_up is None:
            return await self._looked(now)
        looking = asyncio.ensure_future(self._looked(now))
        try:
            return await asyncio.shield(looking)
        except asyncio.CancelledError:
            await asyncio.wait([looking])
            if not looking.cancelled():
                looking.exception()  # nobody hears of it any more
            raise

    async def _looked(self, now: datetime) -> Reading:
        try:
            got = await self._target.ask()
        except NoAnswer as none:
            left = {"clean_up": "nobody knows whether it made anything"} if self._clean_up else {}
            return Reading(at=now, values=none.values, details={"trouble": str(none), **left})
        values = _measured(got, now)
        details: dict[str, str] = {}
        trouble = self._judged(got, values, details)
        if trouble:
            values["up"] = 0.0
            details |= {"trouble": trouble, "answer": self._target.beginning(got)}
        if self._clean_up is not None:
            await self._clean_up.after(got, values, details)
        return Reading(at=now, values=values, details=details)

    def _judged(self, got: Answer, values: dict[str, float], details: dict[str, str]) -> str:
        """Give what is wrong with an answer, "" when nothing is, and add the numbers in it."""
        if got.status not in self._status:
            hint = "; redirects are not followed without `follow`" if 300 <= got.status < 400 else ""  # noqa: PLR2004
            return f"it answered {got.status}, not {self._status}{hint}"
        try:
            body = self._target.body(got) if self._reads or not got.whole else b""
            if self._contains is not None and self._contains not in body:
                return "its answer does not contain what it should"
            return self._read(body, values, details) if self._expected or self._values else ""
        except (NoAnswer, ValueError) as wrong:
            return str(wrong)

    def _read(self, body: bytes, values: dict[str, float], details: dict[str, str]) -> str:
        json = decoded(body)
        if self._values is not None:
            found = self._values.numbers(json)
            values |= found.values
            if found.not_read:
                details["not_read"] = self._target.shown("; ".join(f"{k} {why}" for k, why in found.not_read.items()))
        for path, value in self._expect.asked(json).items():
            if not _same(value, self._expected[path]):
                return self._target.shown(f"{path} is {shown(value)}, not {shown(self._expected[path])}")
        return ""

    async def close(self) -> None:
        """Nothing is held: the connections belong to all probes."""


class _CleanUp:
    """Takes back what a request made. Raises SettingsInvalid for an address that cannot be filled in."""

    def __init__(self, options: CleanUp, target: Target, parts: Parts) -> None:
        """Take what to ask for, and what was asked before: its headers go along to the same host."""
        given = options.url
        if isinstance(given, str) and given.startswith("/") and not given.startswith("//"):
            given = f"{target.wanted.url.origin()}{given}"
        url, text = address_of(given, parts), parts.plain(given) or ""
        if set(_PLACE.findall(text)) != options.keep.keys() or _PLACE.search(url.authority):
            raise SettingsInvalid("clean_up: url must hold each name of keep as {name}, behind the host, and no other")
        self._keep, self._url, self._target = Expressions(options.keep, outside=parts.outside), text, target
        self._status = Statuses(options.status)
        headers = target.wanted.headers if url.origin() == target.wanted.url.origin() else {}
        proxy = None if target.wanted.outside else proxy_of(text)
        self._wanted = replace(target.wanted, method=options.method, headers=headers, body=None, follow=0, proxy=proxy)

    async def after(self, got: Answer, values: dict[str, float], details: dict[str, str]) -> None:
        """Take it back, and tell whether that went well; nothing is told where nothing was made."""
        url = self._filled(got)
        if url is None and got.status >= HTTPStatus.BAD_REQUEST:
            return
        trouble = await self._asked(url) if url else "its answer does not name what it made"
        values["cleaned_up"] = float(not trouble)
        if trouble:
            details["clean_up"] = f"what the probe made is still there: {trouble}"

    async def _asked(self, url: URL) -> str:
        try:
            got = await self._target.ask(replace(self._wanted, url=url))
        except (NoAnswer, LookFailed) as none:
            return str(none)
        return "" if got.status in self._status else f"{self._wanted.method} answered {got.status}, not {self._status}"

    def _filled(self, got: Answer) -> URL | None:
        """Give the address with what the answer names; None when it names nothing that fits one place of a path."""
        try:
            kept = self._keep.asked(decoded(self._target.body(got)))
        except (NoAnswer, ValueError):
            return None
        url = self._url
        for name, value in kept.items():
            text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
            if not 0 < len(text) <= _LONGEST_NAME or text in {".", ".."}:
                return None
            url = url.replace(f"{{{name}}}", quote(text, safe=""))
        return URL(url, encoded=True)


def _measured(got: Answer, now: datetime) -> dict[str, float]:
    values = {"up": 1.0, "status": float(got.status), "latency": got.seconds, "connect": got.connect}
    values["size"] = float(len(got.body))
    if got.tls is not None:
        values["tls"] = got.tls
    if got.certificate is not None:
        values["certificate"] = got.certificate - now.timestamp()
    return values


def _same(found: object, wanted: str | float | bool) -> bool:
    """Give whether a value is the one that is wanted; yes is no number here."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return found == wanted
