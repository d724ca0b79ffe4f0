"""The words after /tocsin: look at what is open, take it, end it, pass it on, write something down, put it right."""

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from tocsin.chat.words import acted, came_true, done, listed, on_call
from tocsin.engine import moving
from tocsin.engine.access import Principal
from tocsin.engine.engine import Engine
from tocsin.errors import Forbidden, NotFound, UsageError
from tocsin.grouping.moving import Mover
from tocsin.incident import wishes as w
from tocsin.incident.view import IncidentView
from tocsin.store import transactions as t

MOST = 30
USAGE = (
    "list: what is open · oncall: who is called · ack INC · resolve INC WHY · escalate INC LEVEL · note INC TEXT · "
    "severity INC P1 WHY · type INC ENTRY WHY (none for no entry) · merge INC INTO WHY · split INC ALERT. "
    "INC is a number such as INC-2026-0042, or only 42."
)
_NUMBER = re.compile(r"INC-\d{4}-\d{4,}")


class Asker(NamedTuple):
    """Who typed it: a configured person, or None, and the chat's own name of them."""

    person: Principal | None
    user: str

    @property
    def viewer(self) -> t.Viewer:
        """Give which incidents they may see; a stranger sees those that are not restricted."""
        return self.person.viewer if self.person else t.Viewer(everything=False, person="")


_WISHES: dict[str, Callable[[str, str], w.Wish]] = {
    "ack": lambda by, _: w.Acknowledge(by=by, via="slack"),
    "resolve": lambda by, rest: w.Resolve(by=by, why=rest or "in Slack"),
    "escalate": lambda by, rest: w.Escalate(by=by, level=rest or None, why="in Slack"),
    "note": lambda by, rest: w.Note(by=by, text=rest),
    "severity": lambda by, rest: w.ChangeSeverity(by=by, severity=_first(rest).upper(), because=_rest(rest)),
    "type": lambda by, rest: w.CorrectType(
        by=by, incident_type=None if _first(rest) == "none" else _first(rest), because=_rest(rest)
    ),
}
_MOVES = ("merge", "split")
_MOST_NAMED = 5


class Commands:
    """Runs one command at a time for one asker."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine that acts."""
        self._engine = engine

    async def run(self, words: str, asker: Asker) -> str:
        """Do what was typed and give what to say. Raises TocsinError with the reason."""
        verb, _, rest = words.strip().partition(" ")
        verb = verb.casefold()
        if verb in {"", "help"}:
            return USAGE
        if verb == "list":
            return listed(await self._open(asker), self._engine.worlds.settings)
        if verb == "oncall":
            return on_call(self._engine.worlds.current, self._engine.clock.now())
        if verb not in (*_WISHES, *_MOVES):
            raise UsageError(f"there is no command {verb[:40]}. {USAGE.rstrip('.')}")
        return await self._act(verb, rest.strip(), asker)

    async def _act(self, verb: str, rest: str, asker: Asker) -> str:
        if asker.person is None:
            raise Forbidden(not_configured(asker.user).rstrip("."))
        named, _, more = rest.partition(" ")
        number = await self._number(named, asker)
        if verb in _MOVES:
            return await self._move(verb, number, more.strip(), asker.person)
        wish = _WISHES[verb](asker.person.by, more.strip())
        before = await self._engine.load(number, asker.viewer)
        after = await self._engine.act(number, wish, asker.viewer)
        changed = came_true(after, wish, before.incident.seq if before.incident else 0)
        return (done if changed else acted)(after, wish, self._engine.worlds.settings)

    async def _move(self, verb: str, number: str, rest: str, person: Principal) -> str:
        """Merge an incident into another, or split alerts off, and say where they are now."""
        if verb == "merge":
            into = await self._number(_first(rest), Asker(person, ""))
            await moving.merge(self._engine, number, into, Mover(person.by, _rest(rest)), person.viewer)
            return f"{number} goes on in {into}."
        loaded = await self._engine.load(number, person.viewer)
        known = " or ".join(state.alert.group_key for state in loaded.alerts[:_MOST_NAMED])
        if not rest:
            raise UsageError(f"say which alert has another cause: split {number} {known or 'ALERT'}")
        new = await moving.split(self._engine, number, (rest,), Mover(person.by, "in Slack"), person.viewer)
        if (await self._engine.load(new.number, person.viewer)).incident is None:
            return "A restricted incident is open for it; those concerned are called."
        return f"{new.number} {new.severity}, {new.title}, is open for it, and pages."

    async def _open(self, asker: Asker) -> list[IncidentView]:
        reading = t.incidents(asker.viewer, only_open=True, before=2**62, limit=MOST)
        return [msgspec.json.decode(row.view, type=IncidentView) for row in await self._engine.store.read(reading)]

    async def _number(self, named: str, asker: Asker) -> str:
        """Give the incident that is meant: by its whole number, or by the last digits of one that is open."""
        if not named:
            raise UsageError("say which incident, such as INC-2026-0042 or 42")
        if _NUMBER.fullmatch(named.upper()):
            return named.upper()
        if named.isascii() and named.isdigit() and len(named) < 10:  # noqa: PLR2004  no year has more incidents
            found = [one.id for one in await self._open(asker) if int(one.id.rpartition("-")[2]) == int(named)]
            if len(found) == 1:
                return found[0]
        raise NotFound(f"there is no open incident {named[:40]}")


def _first(text: str) -> str:
    return text.partition(" ")[0]


def _rest(text: str) -> str:
    return text.partition(" ")[2].strip()


def not_configured(user: str) -> str:
    """Give what somebody is told whom the configuration does not know."""
    return (
        "You are not configured here, so you may look but not act. Ask whoever runs Tocsin to write "
        f'slack = "{user}" under your name in [people].'
    )
