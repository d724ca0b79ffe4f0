"""`watch`: a second small process that pages when a server does not work any more. It shares nothing with it."""

import argparse
import asyncio
import json
import logging
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from tocsin.channels.message import Channel, Message, SendFailed
from tocsin.cli.serve import CONFIGURATION
from tocsin.clock import SystemClock
from tocsin.errors import UsageError
from tocsin.escalation.reach import channel_of, methods
from tocsin.escalation.schedule import fallback
from tocsin.settings import Person, Settings

log = logging.getLogger("tocsin.watch")

WATCHER = "X-Tocsin-Watcher"
"""The header by which a server knows that it is watched."""

AGAIN_AFTER = 900.0
"""Seconds after which it is said again that a server does not work."""

_LONGEST_ANSWER = 65_536
_SEND_WITHIN = 15.0


class Seen(NamedTuple):
    """What a look at a server gave: whether it works, and what it says."""

    works: bool
    words: str


class Watch:
    """Decides when to page: a server that does not work for `after` seconds, and again when it does. No I/O.

    What could not be told to anybody is wanted again at the next look.
    """

    def __init__(self, after: float, now: float) -> None:
        """Begin as if all were well; instants are monotonic seconds."""
        self._after = after
        self._well_at = now
        self._told_at: float | None = None

    def wanted(self, seen: Seen, now: float) -> Literal["down", "back"] | None:
        """Give what is to be told after that look."""
        if seen.works:
            self._well_at = now
            return "back" if self._told_at is not None else None
        if now - self._well_at < self._after:
            return None
        again = self._told_at is None or now - self._told_at >= AGAIN_AFTER
        return "down" if again else None

    def told(self, what: Literal["down", "back"], now: float) -> None:
        """Take note that somebody heard it."""
        self._told_at = now if what == "down" else None


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `watch`."""
    watch = subparsers.add_parser("watch", help="page by own channels when a server does not work any more")
    watch.add_argument("url", metavar="URL", help="of the server, such as https://tocsin.example")
    watch.add_argument("--config", metavar="F", type=Path, help=f"channels and people; else ./{CONFIGURATION}")
    watch.add_argument("--page", metavar="PERSON", action="append", help="whom to page; else the fallback")
    watch.add_argument("--every", metavar="S", type=float, default=10.0, help="seconds between looks, default 10")
    watch.add_argument("--after", metavar="S", type=float, default=60.0, help="page after so many, default 60")
    watch.set_defaults(run=run_watch)


def run_watch(args: argparse.Namespace) -> int:
    """Watch until told to stop. Raises UsageError for a configuration that pages nobody."""
    from tocsin.channels.table import build  # noqa: PLC0415  other commands need no channels
    from tocsin.configuration_file import load_settings, resolve_secret  # noqa: PLC0415

    if not args.url.startswith(("http://", "https://")):
        raise UsageError(f"{args.url} is no address; write one such as https://tocsin.example")
    if args.every <= 0 or args.after < 0:
        raise UsageError("--every must be more than 0, --after 0 or more")
    config = args.config or (Path(CONFIGURATION) if Path(CONFIGURATION).is_file() else None)
    settings = load_settings(config) if config else Settings()
    base = (config or Path()).resolve().parent
    channels = build(settings, lambda secret: resolve_secret(secret, base))
    people = _people(settings, args.page)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    print(f"Watching {args.url}; {', '.join(one.name for one in people)} will be paged.", flush=True)
    asyncio.run(watch(args.url, Watch(args.after, SystemClock().monotonic()), args.every, channels, people))
    return 0


def _people(settings: Settings, named: Sequence[str] | None) -> tuple[Person, ...]:
    unknown = [name for name in named or () if name not in settings.people]
    if unknown:
        raise UsageError(f"there is no person {unknown[0]} in the configuration of this watcher")
    return tuple(settings.people[name] for name in named) if named else fallback(settings)


async def watch(
    url: str, state: Watch, every: float, channels: Mapping[str, Channel], people: Sequence[Person]
) -> None:
    """Look and tell, without end."""
    clock = SystemClock()
    while True:
        began = clock.monotonic()
        seen = await asyncio.to_thread(look, url)
        what = state.wanted(seen, clock.monotonic())
        if not seen.works:
            log.warning("%s: %s", url, seen.words)
        if what is not None and await tell(message(url, what, seen, clock.now()), channels, people):
            state.told(what, clock.monotonic())
        await asyncio.sleep(max(every - (clock.monotonic() - began), 0.1))


def look(url: str) -> Seen:
    """Ask a server how it is. Whatever goes wrong is an answer."""
    request = urllib.request.Request(f"{url.rstrip('/')}/health", headers={WATCHER: socket.gethostname()})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  http or https: checked before
            return _read(answer.status, answer.read(_LONGEST_ANSWER))
    except urllib.error.HTTPError as error:
        return _read(error.code, error.read(_LONGEST_ANSWER))
    except Exception as error:  # noqa: BLE001  a watcher must not die of what it watches
        return Seen(works=False, words=f"it cannot be reached: {getattr(error, 'reason', error)}")


def _read(status: int, body: bytes) -> Seen:
    try:
        said = json.loads(body)
        words = "; ".join(said.get("reasons", ())) or str(said.get("status", ""))
    except (ValueError, AttributeError, TypeError):
        return Seen(works=False, words=f"it answered {status} with something that is no health report")
    return Seen(works=status == 200, words=words or f"it answered {status}")  # noqa: PLR2004  OK


def message(url: str, what: Literal["down", "back"], seen: Seen, now: datetime) -> Message:
    """Give what is told, but for the reader."""
    at = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    subject = f"Tocsin does not work: {url}" if what == "down" else f"Tocsin works again: {url}"
    ending = "Nobody is paged by it until it works again." if what == "down" else "What was due meanwhile goes out now."
    return Message(
        key=f"watch/{url}/{what}/{now:%Y%m%dT%H%M}",
        incident="",
        kind="alarm",
        subject=subject,
        text=f"{subject}\n{seen.words}\nSeen at {at} by the watcher on {socket.gethostname()}. {ending}\n",
        to=fallback(Settings())[0],
        data={"type": "watch", "state": what, "url": url, "reason": seen.words, "occurred_at": now.isoformat()},
        short=lambda: subject[:150],
        spoken=lambda: subject.replace(url, ""),
    )


async def tell(told: Message, channels: Mapping[str, Channel], people: Sequence[Person]) -> bool:
    """Tell each person by the first way that works; False when nobody could be told."""
    from msgspec.structs import replace  # noqa: PLC0415  kept beside its only use

    heard = [await _reach(replace(told, to=one), channels) for one in people]
    return any(heard)


async def _reach(told: Message, channels: Mapping[str, Channel]) -> bool:
    for method in methods(told.to):
        channel = channels.get(channel_of(method))
        if channel is None:
            continue
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                await channel.send(told)
        except (SendFailed, TimeoutError) as error:
            log.warning("%s by %s: %s", told.to.name, channel_of(method), error or "no answer")
        except Exception:
            log.exception("channel %s broke", channel_of(method))
        else:
            return True
    sys.stderr.write(f"tocsin watch: {told.to.name} could not be told: {told.subject}\n")
    return False
