"""What a document names that can be looked at: addresses, processes, databases, ports, logs, services of others."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.provisioning.source import Source
from tocsin.runbook.policy import Step

_URL = re.compile(r"https?://[^\s'\"|)>`\\;&]{3,300}")
_OPEN = re.compile(r"[$<{@*]")
"""What has to be filled in first, or holds a password."""
_HEALTH = re.compile(r"https?://\S*(?:health|ready|live|ping|status\.json)", re.IGNORECASE)
_JSON_METRICS = re.compile(r"(?P<url>https?://\S*metrics\S*)[^|]*\|\s*jq\s+(?:-\w+\s+)*['\"]?\.(?P<path>[\w.]+)")
_PM2 = re.compile(
    r"\bpm2\s+(?P<verb>status|describe|show|logs|restart|stop|start|reload|info)\s+(?P<name>[A-Za-z][\w.-]*)"
)
_LOOKS = frozenset({"status", "describe", "show", "info"})
_DATABASE = re.compile(r"\bpsql\b[^|;]*?\$\{?(?P<name>[A-Z][A-Z0-9_]*)\}?")
_PORT = re.compile(
    r"\b(?:netstat|ss|lsof)\b[^\n]*?[\s:'\"](?P<port>[1-9][0-9]{1,4})\b|"
    r"\bnc\s+-\S*z\S*\s+(?:-\S+\s+)*(?P<host>[\w.-]+)\s+(?P<there>[1-9][0-9]{0,4})\b"
)
_LOG = re.compile(r"(?<![\w.])(?P<path>/[\w./*-]+(?:\.log\b|/log/[\w.*-]+)\S*?)(?=[\s'\"|;)]|$)")
_POST = re.compile(r"\bPOST\s+(?P<path>/[\w./-]+)")
_ORIGIN = re.compile(r"https?://[^/\s]+")
_HIGHEST_PORT = 65_535
_SERVICES = {
    "Supabase": "https://status.supabase.com", "Cloudflare": "https://www.cloudflarestatus.com",
    "Sentry": "https://status.sentry.io", "GitHub": "https://www.githubstatus.com",
    "Twilio": "https://status.twilio.com", "Vercel": "https://www.vercel-status.com",
    "Netlify": "https://www.netlifystatus.com", "DigitalOcean": "https://status.digitalocean.com",
    "CircleCI": "https://status.circleci.com", "Datadog": "https://status.datadoghq.com",
    "New Relic": "https://status.newrelic.com", "MongoDB Atlas": "https://status.mongodb.com",
    "Fly.io": "https://status.flyio.net", "Render": "https://status.render.com", "Linode": "https://status.linode.com",
    "OpenAI": "https://status.openai.com", "SendGrid": "https://status.sendgrid.com", "npm": "https://status.npmjs.org",
}  # fmt: skip
"""Whose status page is one of Statuspage's."""


class Thing(NamedTuple):
    """Something a document names, with the line; `entry` is the one whose diagnosis looks at it, "" for none."""

    what: str
    line: int
    entry: str = ""
    more: str = ""


class Named(NamedTuple):
    """All that a document names. `metrics` has the path of jq as `more`, `ports` the host, `services` the page."""

    health: Thing | None
    metrics: Thing | None
    processes: tuple[Thing, ...]
    database: Thing | None
    ports: tuple[Thing, ...]
    logs: tuple[Thing, ...]
    posts: Thing | None
    services: tuple[Thing, ...]

    @property
    def origin(self) -> str:
        """Give the scheme and host of what the document asks, "" where it asks nothing."""
        asked = self.health or self.metrics
        found = _ORIGIN.match(asked.what) if asked else None
        return found[0] if found else ""


def named(source: Source) -> Named:
    """Give what a document names, each once, in its order."""
    lines = list(_commands(source))
    asked = [(url.rstrip("/.,"), line, entry) for text, line, entry in lines for url in _URL.findall(text)]
    urls = [Thing(*one) for one in asked if not _OPEN.search(one[0])]
    posted = source.find(_POST)
    return Named(
        health=next((one for one in urls if _HEALTH.match(one.what)), None),
        metrics=next(iter(_metrics(lines)), None),
        processes=_once(_processes(lines)),
        database=next(iter(_databases(lines)), None),
        ports=_once(_ports(lines)),
        logs=_once(Thing(found["path"], line, entry) for text, line, entry in lines for found in _LOG.finditer(text)),
        posts=Thing(posted[1]["path"], posted[0]) if posted else None,
        services=tuple(
            Thing(name, line, more=page)
            for name, page in _SERVICES.items()
            if (line := source.first(rf"(?<!\w){re.escape(name)}\b"))
        ),
    )


def _commands(source: Source) -> Iterator[tuple[str, int, str]]:
    """Give the lines of commands with their number and the entry whose diagnosis they are."""
    own = {step.id: entry.id for entry in source.entries for step in entry.diagnostics}
    for step in source.steps():
        yield from _lines(step, own.get(step.id, ""))


def _lines(step: Step, entry: str) -> Iterator[tuple[str, int, str]]:
    if step.kind == "command":
        yield from ((text, step.line + n, entry) for n, text in enumerate(step.source.split("\n")))


def _metrics(lines: list[tuple[str, int, str]]) -> Iterator[Thing]:
    for text, line, entry in lines:
        found = _JSON_METRICS.search(text)
        if found:
            yield Thing(found["url"].rstrip("'\""), line, entry, found["path"])


def _processes(lines: list[tuple[str, int, str]]) -> Iterator[Thing]:
    """Give the processes of pm2; the entry is that whose diagnosis asks for their status."""
    found = [
        Thing(one["name"], line, entry if one["verb"] in _LOOKS else "")
        for text, line, entry in lines
        for one in _PM2.finditer(text)
        if one["name"] not in ("all", "monit")
    ]
    yield from sorted(found, key=lambda one: not one.entry)


def _databases(lines: list[tuple[str, int, str]]) -> Iterator[Thing]:
    for text, line, entry in lines:
        found = _DATABASE.search(text)
        if found:
            yield Thing(found["name"], line, entry)


def _ports(lines: list[tuple[str, int, str]]) -> Iterator[Thing]:
    for text, line, entry in lines:
        for found in _PORT.finditer(text):
            port = found["port"] or found["there"]
            if int(port) <= _HIGHEST_PORT:
                yield Thing(port, line, entry, found["host"] or "127.0.0.1")


def _once(things: Iterator[Thing]) -> tuple[Thing, ...]:
    found: dict[str, Thing] = {}
    for thing in things:
        found.setdefault(thing.what, thing)
    return tuple(found.values())
