"""What the kinds that speak HTTP ask: an address, with headers, authorities and limits of its own."""

import re
from typing import NamedTuple

from yarl import URL

from tocsin.channels.addresses import host_of, proxy_of
from tocsin.configuration.table import HOW_SECRETS
from tocsin.errors import SettingsInvalid
from tocsin.probes.exchange import Answer, Asks, Wanted, believing, opened, unpacked
from tocsin.probes.options import MeasuredOptions, WebOptions
from tocsin.probes.table import Parts
from tocsin.probes.trouble import NoAnswer
from tocsin.response.redaction import redact
from tocsin.runbook.units import dimension
from tocsin.settings import Secret

_SHOWN = 200
_TELLS = re.compile(r"(?i)(?:proxy-)?authorization|cookie|.*(?:api[-_]?key|auth[-_]key|token|secret|password)")
"""Headers, and parameters of addresses, whose values let people in."""

_STATUS = re.compile(r"[1-5](?:xx|\d\d)")


class Target(NamedTuple):
    """Whom to ask for what, in how many seconds, and what must not be shown of it."""

    web: Asks
    wanted: Wanted
    within: float
    secrets: tuple[str, ...]

    @property
    def host(self) -> str:
        """Give who is asked: all of the address that may be shown."""
        return self.wanted.url.host or ""

    async def ask(self, wanted: Wanted | None = None, within: float | None = None) -> Answer:
        """Give the answer. Raises NoAnswer, LookFailed."""
        return await self.web.ask(wanted or self.wanted, self.within if within is None else within)

    def body(self, answer: Answer) -> bytes:
        """Give the whole body. Raises NoAnswer when it is too long."""
        return unpacked(answer, self.wanted.largest)

    def beginning(self, answer: Answer) -> str:
        """Give the first words of an answer on one line, without secrets."""
        try:
            body, _ = opened(answer, 4 * _SHOWN)
        except NoAnswer:
            return ""
        return self.shown(body.decode("utf-8", "replace"))

    def shown(self, text: str) -> str:
        """Give a text on one line, shortened, without secrets."""
        return " ".join(redact(text, self.secrets).text.split())[:_SHOWN]


def target_of(options: WebOptions, parts: Parts, *, method: str = "GET", body: str | Secret | None = None) -> Target:
    """Give what the options ask for. Raises SettingsInvalid, without showing a secret, for what cannot be asked."""
    url = address_of(options.url, parts)
    if isinstance(options, MeasuredOptions):
        _check_units(options)
    secret = [one for one in (options.url, *options.headers.values(), body) if isinstance(one, Secret)]
    headers = {name: parts.plain(value) or "" for name, value in options.headers.items()}
    for name, value in headers.items():
        if isinstance(options.headers[name], str) and _TELLS.fullmatch(name):
            raise SettingsInvalid(f"the header {name} stands there in clear; {HOW_SECRETS}")
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or "\n" in value or "\r" in value:
            raise SettingsInvalid(f"the header {name!r} cannot be sent: it takes letters, digits and -, on one line")
    sent = parts.plain(body)
    if parts.outside and options.ca:
        raise SettingsInvalid("only tocsin.toml may name a file of authorities: leave ca out")
    try:
        tls = believing(str(parts.base / options.ca)) if options.ca else None
    except OSError as error:
        raise SettingsInvalid(f"ca: {options.ca} cannot be read as certificates; give a file of PEM") from error
    wanted = Wanted(
        url=url,
        method=method,
        headers=headers,
        body=None if sent is None else sent.encode(),
        follow=options.follow,
        largest=options.largest,
        tls=tls,
        proxy=None if parts.outside else proxy_of(str(url)),
        outside=parts.outside,
    )
    known = tuple(parts.resolve_secret(one) for one in secret)
    return Target(parts.shared.web(), wanted, parts.timeout.total_seconds(), known)


def address_of(given: str | Secret, parts: Parts) -> URL:
    """Give an address as it is asked. Raises SettingsInvalid as below, and for one that holds a secret in clear."""
    url = url_of(parts.plain(given) or "")
    if isinstance(given, str):
        if url.password is not None:
            raise SettingsInvalid(f"url holds a password in clear; {HOW_SECRETS}")
        for name, value in url.query.items():
            if _TELLS.fullmatch(name) and not value.startswith("{"):
                raise SettingsInvalid(f"url holds {name} in clear; {HOW_SECRETS}")
    return url


def url_of(text: str) -> URL:
    """Give an address. Raises SettingsInvalid, without showing it, for a text that is none."""
    host_of(text)
    try:
        return URL(text).with_fragment(None)
    except ValueError as wrong:
        raise SettingsInvalid("its url must be an address such as https://example.org/health") from wrong


def _check_units(options: MeasuredOptions) -> None:
    for name, unit in options.units.items():
        if name not in getattr(options, "values", {}):
            raise SettingsInvalid(f"units: there is no value {name!r}")
        if dimension(unit) is None:
            raise SettingsInvalid(f"units: {unit!r} is none; write one such as s, ms, %, share, bytes, MB, /s, count")


class Statuses:
    """Which statuses are good: `200`, or `"2xx"` for all of a hundred. Raises SettingsInvalid for one that is none."""

    def __init__(self, given: str | int | tuple[str | int, ...]) -> None:
        """Take one or several."""
        self._words = tuple(str(one) for one in (given if isinstance(given, tuple) else (given,)))
        for word in self._words:
            if not _STATUS.fullmatch(word):
                raise SettingsInvalid(f'status {word!r} is none; write one such as 200 or "2xx"')

    def __contains__(self, status: int) -> bool:
        """Give whether a status is good."""
        return str(status) in self._words or f"{status // 100}xx" in self._words

    def __str__(self) -> str:
        """Give them for people."""
        return " or ".join(self._words)
