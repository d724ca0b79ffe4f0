"""Who is it: principals, and the secrets that prove them. Only hashes of secrets are stored."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NamedTuple

import msgspec

from tocsin.clock import Clock
from tocsin.engine.ports import Store
from tocsin.engine.sources import Known, Sources, signs
from tocsin.errors import NotFound, UsageError
from tocsin.escalation.schedule import person
from tocsin.settings import Settings, SourceSettings
from tocsin.store import credentials as c
from tocsin.store import transactions as t

SCOPES = frozenset({"metrics"})
"""What a token may be limited to. A limited one opens that door and no other."""

LINK_LASTS = timedelta(minutes=30)
FIRST_LINK_LASTS = timedelta(hours=24)
SESSION_LASTS = timedelta(days=30)
"""Long, because the on-call engineer opens the page half asleep and must not have to sign in first."""

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=3660)
"""How long a credential may last that does not last for ever."""

DEFAULT_SOURCE = "default"
"""The source that exists without any configuration."""


class Given(NamedTuple):
    """What is secret about sources, by their id: a key of one's own, and what they sign with."""

    keys: Mapping[str, str] = {}
    secrets: Mapping[str, tuple[str, ...]] = {}


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts. `id` is the person's or source's key in the configuration; `local` is whoever owns this machine.

    `via` is how that was proved. Only a session is a person at a page: a token may be in the hands of a script.
    """

    kind: Literal["person", "source", "local"]
    id: str
    name: str
    everything: bool = False
    via: Literal["session", "token", "local", "link", "chat"] = "link"

    @property
    def by(self) -> str:
        """Give what a fact says of who did it."""
        return f"{self.kind}:{self.id}"

    @property
    def viewer(self) -> t.Viewer:
        """Give which incidents this principal may see."""
        return t.Viewer(everything=self.everything, person=self.id if self.kind == "person" else "")


LOCAL = Principal(kind="local", id="operator", name="Operator at the server", everything=True, via="local")


class Access(Sources):
    """Makes and checks the secrets of principals: of people here, of sources as whoever takes their alerts does."""

    def __init__(self, store: Store, clock: Clock, key: str) -> None:
        """Take the store's own key, from which source keys are derived."""
        super().__init__(clock)
        self._store = store
        self._key = key.encode()
        self._settings = Settings()

    def use(self, settings: Settings, given: Given) -> None:
        """Let these settings say who exists, with the secrets they name."""
        self._settings = settings
        sources = {DEFAULT_SOURCE: SourceSettings(id=DEFAULT_SOURCE), **settings.sources}
        self.know(
            Known(source, given.keys.get(name) or self._derived(name), given.secrets.get(name, ()))
            for name, source in sources.items()
        )

    def source_key(self, name: str) -> str:
        """Give a source's key. Raises NotFound."""
        known = next((one for one in self.known if one.source.id == name), None)
        if known is None:
            raise NotFound(f"there is no person or source {name}; the sources are {', '.join(self.sources)}")
        if signs(known.source):
            raise NotFound(f"the source {name} has no key: it signs what it sends with one of its secrets")
        return known.key

    def reporter(self, who: str) -> str:
        """Give what is remembered of who reports, an address or a principal: a hash under the store's own key."""
        return hmac.new(self._key, f"reporter\n{who}".encode(), hashlib.sha256).hexdigest()[:32]

    def person(self, person_id: str) -> Principal:
        """Give a person as a principal. Raises NotFound."""
        someone = person(person_id, self._settings)
        if someone is None:
            known = ", ".join(self._settings.people) or "operator (no people are configured)"
            raise NotFound(f"there is no person {person_id}; there are {known}")
        return Principal(kind="person", id=someone.id, name=someone.name, everything=someone.admin)

    def by_chat(self, person_id: str) -> Principal:
        """Give a person whom a chat proved by its own name of them. Raises NotFound."""
        return msgspec.structs.replace(self.person(person_id), via="chat")

    async def link(self, person_id: str, lasts: timedelta = LINK_LASTS) -> str:
        """Give the secret of a one-time sign-in link. Raises NotFound, or UsageError for an odd lifetime."""
        return await self._make("link", self.person(person_id).id, "", lasts)

    async def first_link(self, person_id: str) -> str:
        """Give the secret of the link that is printed at start, before anybody looks."""
        return await self.link(person_id, FIRST_LINK_LASTS)

    async def sign_in(self, link: str) -> str | None:
        """Take a one-time link and give the secret of a new session, or None when it is unknown, used or expired."""
        used = await self._store.write(c.use_credential(_digest(link), "link", self._clock.now()))
        return await self._make("session", used.principal, "", SESSION_LASTS) if used else None

    async def sign_out(self, session: str) -> None:
        """End a session."""
        await self._store.write(c.drop_credential(_digest(session)))

    async def token(self, person_id: str, scope: str, lasts: timedelta | None) -> str:
        """Give a new personal token. Raises NotFound, or UsageError for an odd lifetime or an unknown scope."""
        if scope and scope not in SCOPES:
            known = ", ".join(sorted(SCOPES))
            raise UsageError(f"there is no scope {scope}; there is {known}, or a token without --scope")
        return await self._make("token", self.person(person_id).id, scope, lasts)

    async def by_secret(self, secret: str, kind: Literal["session", "token"], scope: str = "") -> Principal | None:
        """Give who a session or token stands for; None when it is invalid, of another scope, or its person is gone."""
        found = await self._store.read(c.get_credential(_digest(secret), kind, self._clock.now()))
        if found is None or found.scope != scope or person(found.principal, self._settings) is None:
            return None
        return msgspec.structs.replace(self.person(found.principal), via=kind)

    async def _make(self, kind: str, principal: str, scope: str, lasts: timedelta | None) -> str:
        if lasts is not None and not SHORTEST <= lasts <= LONGEST:
            raise UsageError(f"a credential lasts from one second to {LONGEST.days} days, such as PT30M or P90D")
        secret = secrets.token_urlsafe(24)
        now = self._clock.now()
        made = c.Credential(_digest(secret), kind, principal, scope, now + lasts if lasts is not None else None)
        await self._store.write(c.put_credential(made, now))
        return secret

    def _derived(self, source: str) -> str:
        return hmac.new(self._key, f"source\n{source}".encode(), hashlib.sha256).hexdigest()[:32]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
