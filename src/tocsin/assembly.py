"""Settings -> running engine. The only file that knows every part; here the type checker proves that they fit."""

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from tocsin.channels.message import Channel
from tocsin.channels.table import build
from tocsin.chat.desk import Desk
from tocsin.chat.socket import Sockets
from tocsin.clock import Clock, SharedClock, SystemClock
from tocsin.configuration.rehearsal import rehearsed
from tocsin.configuration_file import resolve_secret, settings_of
from tocsin.detection.pagerduty import ROUTING_KEY_LENGTH
from tocsin.engine import building
from tocsin.engine.access import Access, Given
from tocsin.engine.asking import want
from tocsin.engine.audit import Audit
from tocsin.engine.deeds import Deeds
from tocsin.engine.engine import Engine
from tocsin.engine.health import Health
from tocsin.engine.links import Links
from tocsin.engine.nodes import Nodes
from tocsin.engine.ports import Store
from tocsin.engine.restoring import NOTE
from tocsin.engine.steps import Place
from tocsin.engine.watching import Watching
from tocsin.engine.worker import Worker
from tocsin.engine.worlds import Worlds
from tocsin.errors import SettingsInvalid, UsageError
from tocsin.incident import jobs as j
from tocsin.probes.probe import Probe
from tocsin.probes.table import Parts, Shared
from tocsin.probes.table import build as build_probe
from tocsin.runbook.changes import changes
from tocsin.runbook.policy import Runbook
from tocsin.runbook.reading import read_runbook
from tocsin.runner import anywhere, remote
from tocsin.runner.command import Database as Address
from tocsin.runner.programs import absent_here
from tocsin.settings import ChannelSettings, Database, Host, ProbeSettings, Secret, Settings
from tocsin.store import credentials as c
from tocsin.store import documents
from tocsin.store.schema import newest
from tocsin.store.sqlite import SqliteStore, lock

log = logging.getLogger("tocsin")

SHORTEST_SECRET = 8
"""Characters of what a source signs with; Cloudflare takes any, and a guess must not be worth it."""


_LOOKS_FOR_ROOM, _LOOKS_EVERY = 40, 0.05
"""How often, and after how many seconds again, a node looks whether a data folder can be shared."""


class Options(NamedTuple):
    """What `tocsin serve` was told. `public_url` is where it listens; a configured one wins.

    `store` is the address of a PostgreSQL; None keeps everything in the data folder. `stand_ins` take the places of
    the channels in a rehearsal, by their names.
    """

    runbook: Path | None
    config: Path | None
    data: Path
    public_url: str | None = None
    store: str | None = None
    stand_ins: Mapping[str, ChannelSettings] | None = None


class Published(NamedTuple):
    """What publishing did: the version in force, and what it changes, in sentences."""

    runbook: Runbook
    changes: tuple[str, ...]


class Tocsin:
    """A running Tocsin: every part, put together once."""

    def __init__(self, store: Store, clock: Clock, key: str, base: Path, public_url: str | None) -> None:
        """Take an open store and its own key; secrets in files lie beside the configuration, in `base`."""
        self.store, self.clock = store, clock
        self.worlds = Worlds(store, read_runbook, Settings())
        self.engine = Engine(store, clock, self.worlds)
        self.access = Access(store, clock, key)
        self.links = Links(key, public_url or Settings().public_url)
        self.deeds = Deeds(self.engine, {}, self.links, anywhere)
        self.worker = Worker(self.engine, self.deeds)
        self.desk = Desk(self.engine, self.access)
        self.sockets = Sockets(self.desk)
        self.watching = Watching(self.engine)
        self.audit = Audit(self.engine, self.alarm)
        self.health = Health(clock, self.worker, self.audit, lambda: self.settings.watch.expected)
        self.local_token = ""
        self.bound_host = "127.0.0.1"
        self._key, self._base, self._public_url = key, base, public_url
        self._looking = Parts(self._secret, clock, base, shared=Shared(clock))
        self._in_force: dict[str, int] = {}
        self.nodes: Nodes | None = None
        self.folder: IO[str] | None = None
        """What keeps others out of the data folder, where the store is elsewhere."""
        self.absent: tuple[str, ...] = ()
        self.stand_ins: Mapping[str, ChannelSettings] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def settings(self) -> Settings:
        """Give the settings in force."""
        return self.worlds.settings

    @property
    def healthy(self) -> bool:
        """Give whether pages go out as they should."""
        return self.health.report().works

    def use(self, settings: Settings, version: int = 0) -> None:
        """Put settings in force, of that published version. Raises SettingsInvalid before anything changed."""
        self._apply(self._prepared(settings))
        self._in_force["settings"] = version

    def _prepared(self, settings: Settings) -> "_Prepared":
        """Give everything that can be wrong about settings, made; nothing changes."""
        settings = settings if self.stand_ins is None else rehearsed(settings, self.stand_ins)
        settings = msgspec.structs.replace(
            settings, targets=msgspec.structs.replace(settings.targets, absent=self.absent)
        )
        channels: dict[str, Channel] = build(settings, self._secret, clock=self.clock, doors=self._address(settings))
        looking = {name: self.probe(one) for name, one in settings.probes.items() if not one.at}
        return _Prepared(settings, channels, self._given(settings), self._place(settings), looking)

    def probe(self, settings: ProbeSettings) -> Probe:
        """Give what looks, made anew. Raises SettingsInvalid."""
        return build_probe(settings, self._looking)

    def _given(self, settings: Settings) -> Given:
        """Give what is secret about sources. Raises SettingsInvalid for a key that cannot be one."""
        keys = {name: self._secret(source.key) for name, source in settings.sources.items() if source.key}
        for name, key in keys.items():
            if len(key) != ROUTING_KEY_LENGTH:
                wanted = f"a key has {ROUTING_KEY_LENGTH} characters, as PagerDuty's do"
                raise SettingsInvalid(f"[sources.{name}]: {wanted}; this one has {len(key)}")
        secrets = {name: tuple(map(self._secret, source.secrets)) for name, source in settings.sources.items()}
        for name, found in secrets.items():
            if any(len(secret) < SHORTEST_SECRET for secret in found):
                raise SettingsInvalid(f"[sources.{name}]: a secret has {SHORTEST_SECRET} characters or more")
        return Given(keys, secrets)

    def _apply(self, new: "_Prepared") -> dict[str, Channel]:
        """Put prepared settings in force, which cannot fail; give the channels they replace."""
        settings = new.settings
        self.access.use(settings, new.given)
        self.worlds.settings = settings
        self.links.public_url = self._address(settings)
        old, self.deeds.channels = dict(self.deeds.channels), new.channels
        if self._tasks:
            self.sockets.use(new.channels)
        self.deeds.steps.place = new.place
        self.watching.use(settings, new.probes)
        return old

    async def publish(self, body: bytes | None, path: str, settings_text: str | None, by: str = "") -> Published:
        """Put a runbook version and settings in force, both or none; None = as they are. `by`: who does it.

        Raises UsageError or StoreUnavailable: then nothing changed.
        """
        runbook = await self._read(body, path) if body is not None else self.worlds.current.runbook
        prepared = self._prepared(settings_of(settings_text)) if settings_text is not None else None
        await self._build(runbook, prepared.settings if prepared else self.settings)
        before = self.worlds.current.runbook if self.worlds.has_runbook else runbook
        versions = [_version_of_settings(settings_text)] if settings_text is not None else []
        if body is not None:
            versions.append(("runbook", runbook.sha256, path, body))
        published = await self.store.write(documents.publish_all(versions, self.clock.now(), by=by))
        self._in_force |= {kind: document.version for (kind, *_), document in zip(versions, published, strict=True)}
        if body is not None:
            self.worlds.put_in_force(published[-1], runbook)
            self.watching.use_document()
        if prepared is not None:
            await _close(self._apply(prepared))
        self.engine.changes.announce()
        return Published(runbook, changes(before, runbook))

    async def _read(self, body: bytes, path: str) -> Runbook:
        """Give a document; where one is in force, nobody waits meanwhile. Raises UsageError."""
        if not self.worlds.has_runbook:
            return read_runbook(body, path)
        return await building.read(lambda: read_runbook(body, path))

    async def _build(self, runbook: Runbook, settings: Settings) -> None:
        """Build what alerts are held against before these are in force; the very first are built once we listen."""
        if self.worlds.has_runbook:
            known = self.worlds.at_hand(runbook.sha256)
            await building.build(known.runbook if known else runbook, settings)

    async def follow(self) -> None:
        """Put in force what another node published. What this node cannot use is told; the version before stays."""
        await self._refuse_newer_tables()
        await self.look_for_restore()
        for kind, version in (await self.store.read(documents.newest_documents())).items():
            if self._in_force.get(kind) == version:
                continue
            document = await self.store.read(documents.document(kind))
            if document is not None:
                await self._follow(kind, document)
                self._in_force[kind] = document.version

    async def _refuse_newer_tables(self) -> None:
        """Take no more jobs once a newer node changed the tables in a way this one does not know."""
        needed, known = await self.store.read(c.schema_minimum()), newest("postgresql")
        if needed > known and not self.worker.stopping:
            log.error("a newer Tocsin changed the tables (%d, known are %d): upgrade this node", needed, known)
            await self.worker.stop()

    async def look_for_restore(self) -> None:
        """Page nobody while the store says that it was restored and nobody confirmed it."""
        before, self.engine.unconfirmed = self.engine.unconfirmed, await self.store.read(c.restored())
        if self.engine.unconfirmed and not before:
            log.error("NOBODY IS PAGED: %s", NOTE)
        elif before and not self.engine.unconfirmed:
            log.warning("the restore was confirmed: paging goes on")
            self.engine.changes.announce()

    async def confirm_restore(self, by: str) -> bool:
        """Let paging go on after a restore; False when nothing waited for it."""
        waited = await self.store.write(c.confirm_restore())
        if waited:
            log.warning("the restore was confirmed by %s", by)
        await self.look_for_restore()
        return waited

    async def _follow(self, kind: str, document: documents.Document) -> None:
        try:
            if kind == "settings":
                prepared = self._prepared(settings_of(document.body.decode()))
                if self.worlds.has_runbook:
                    await self._build(self.worlds.current.runbook, prepared.settings)
                await _close(self._apply(prepared))
            else:
                known = self.worlds.at_hand(document.sha)
                runbook = known.runbook if known else await self._read(document.body, document.path)
                await self._build(runbook, self.settings)
                self.worlds.put_in_force(document, runbook)
                self.watching.use_document()
        except UsageError as error:
            node = socket.gethostname()
            text = f"node {node} cannot use the {kind} that were published and keeps those before: {error}"
            log.error("%s", text)  # noqa: TRY400  no bug of ours
            await self.alarm(f"refused-on/{node}", text)
        else:
            log.info("in force: %s %s, published %s", kind, document.sha[:12], f"{document.at:%Y-%m-%d %H:%M} UTC")
        self.engine.changes.announce()

    async def store_settings(self, text: str) -> None:
        """Remember the configuration, so that a bad edit can be answered with the version before."""
        await self.store.write(documents.publish_all([_version_of_settings(text)], self.clock.now()))

    def preview(self, body: bytes | None, path: str, settings_text: str | None) -> Published:
        """Give what publishing would change. Raises UsageError."""
        runbook = read_runbook(body, path) if body is not None else self.worlds.current.runbook
        if settings_text is not None:
            settings_of(settings_text)
        return Published(runbook, changes(self.worlds.current.runbook, runbook))

    async def alarm(self, name: str, text: str) -> None:
        """Tell the fallback that Tocsin itself is in trouble."""
        now = self.clock.now()
        job = j.Job(key=f"system/{name}", owner="system", due=now, do=j.Alarm(text=text))
        await want(self.store, self.engine.changes, job)

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [asyncio.create_task(self.worker.run(), name="worker")]
        self.health.working = self._tasks[0]
        self._tasks.append(asyncio.create_task(self.audit.run(), name="audit"))
        self._tasks.append(asyncio.create_task(self.health.run(self.alarm), name="health"))
        if self.nodes is not None:
            self._tasks.append(asyncio.create_task(self.nodes.attend(), name="nodes"))
        self.watching.start()
        self.sockets.use(self.deeds.channels)

    async def stop(self) -> None:
        """Finish what is under way, then close channels and store."""
        await self.sockets.close()
        await self.watching.stop()
        await self._looking.close()
        await self.worker.stop()
        try:
            for task in self._tasks[1:]:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=20)
            await _close(self.deeds.channels)
        finally:
            self.store.close()
            if self.folder is not None:
                self.folder.close()

    def _address(self, settings: Settings) -> str:
        """Give where people and services reach us: what is configured, else where we listen."""
        configured = settings.public_url != Settings().public_url
        return settings.public_url if configured else self._public_url or settings.public_url

    def _place(self, settings: Settings) -> Place:
        """Give where steps run, with the values of what they may see; those from secrets are never shown."""
        values, hidden = self._values(settings.targets.environment)
        given = settings.targets.directory
        directory = self._path(self._secret(given) if isinstance(given, Secret) else given)
        hosts = {name: self._over_there(name, host) for name, host in settings.hosts.items()}
        asked = {name: self._asked(database) for name, database in settings.databases.items()}
        inherited = {name: os.environ[name] for name in settings.targets.inherit if name in os.environ}
        return Place(values, hidden, directory, settings.targets.run, inherited=inherited, far=hosts | asked)

    def _over_there(self, name: str, host: Host) -> Place:
        values, hidden = self._values(host.environment)
        return Place(values, hidden, host.directory, where=remote.host_of(name, host, self._base))

    def _asked(self, database: Database) -> Place:
        address = self._secret(database.url)
        return Place(secrets=(address,), where=Address(address=address))

    def _values(self, given: Mapping[str, str | Secret]) -> tuple[dict[str, str], tuple[str, ...]]:
        """Give variables with their values, and those values that are secret."""
        secrets_of = {name: self._secret(value) for name, value in given.items() if isinstance(value, Secret)}
        return {name: secrets_of.get(name, str(value)) for name, value in given.items()}, tuple(secrets_of.values())

    def _path(self, path: str | None) -> str | None:
        return str(self._base / path) if path else None

    def _secret(self, secret: Secret) -> str:
        return resolve_secret(secret, self._base)


class _Prepared(NamedTuple):
    settings: Settings
    channels: dict[str, Channel]
    given: Given
    place: Place
    probes: dict[str, Probe]


async def _close(channels: Mapping[str, Channel]) -> None:
    for name, channel in channels.items():
        try:
            await channel.close()
        except Exception:
            log.exception("channel %s could not be closed", name)


def _version_of_settings(text: str) -> tuple[str, str, str, bytes]:
    return "settings", hashlib.sha256(text.encode()).hexdigest(), "tocsin.toml", text.encode()


async def assemble(options: Options, clock: Clock | None = None) -> Tocsin:
    """Open the store and put everything in force. Raises UsageError with what to do."""
    if options.store is not None:
        return await _assemble_node(options, options.store, clock)
    absent = absent_here() if clock is None else ()
    clock = clock or SystemClock()
    store = open_store(options)
    try:
        key = await store.write(c.remember_once("signing_key", secrets.token_hex(32)))
        base = (options.config or options.runbook or options.data / "x").resolve().parent
        tocsin = Tocsin(store, clock, key, base, options.public_url)
        tocsin.absent, tocsin.stand_ins = absent, options.stand_ins
        await tocsin.look_for_restore()
        await _put_in_force(tocsin, options)
        tocsin.local_token = write_token_file(options.data)
    except BaseException:
        store.close()
        raise
    return tocsin


async def _assemble_node(options: Options, url: str, clock: Clock | None) -> Tocsin:
    """Assemble one of the nodes on a PostgreSQL. A given clock is believed; the machine's is corrected."""
    from tocsin.store.postgres import open_postgres  # noqa: PLC0415  who keeps everything in a file never pays for it

    shared = SharedClock(clock or SystemClock())
    store = await open_postgres(url)
    try:
        if clock is None:
            await store.bell.compare(shared)
        key = await store.write(c.remember_once("signing_key", secrets.token_hex(32)))
        base = (options.config or options.runbook or options.data / "x").resolve().parent
        tocsin = Tocsin(store, shared if clock is None else clock, key, base, options.public_url)
        tocsin.absent = absent_here() if clock is None else ()
        tocsin.nodes = Nodes(store.bell, shared, tocsin.engine.changes, tocsin.follow)
        await _take_what_is_published(tocsin, options)
        make_data_folder(options.data)
        tocsin.folder, tocsin.local_token = await enter_folder(options.data)
    except BaseException:
        store.close()
        raise
    return tocsin


async def enter_folder(data: Path) -> tuple[IO[str], str]:
    """Be one of the nodes in a data folder; give what keeps it, and the token of its owner.

    Who is alone in it writes a new one, and whoever comes while anybody is there has the same. A rehearsal, or whoever
    keeps everything in a folder, must not take this one. Raises UsageError where one of them is in it already.
    """
    path = data / "tocsin.lock"
    for left in reversed(range(_LOOKS_FOR_ROOM)):
        with contextlib.suppress(UsageError), lock(path):
            write_token_file(data)
        try:
            folder = lock(path, shared=True)
        except UsageError:  # unless another node is coming in just now
            if not left:
                raise
            await asyncio.sleep(_LOOKS_EVERY)
        else:
            break
    # Nobody writes it from here on, and whoever was alone after us did so before we were in.
    with contextlib.suppress(FileNotFoundError):
        return folder, token_file(data).read_text()
    return folder, write_token_file(data)


async def _take_what_is_published(tocsin: Tocsin, options: Options) -> None:
    """Put in force what the database holds; only an empty one is filled from files. Raises UsageError."""
    if await tocsin.store.read(documents.document("runbook")) is None:
        await _put_in_force(tocsin, options)
        return
    settings = await tocsin.store.read(documents.document("settings"))
    if settings is not None:
        tocsin.use(settings_of(settings.body.decode()), settings.version)
    else:
        tocsin.use(Settings())
    await tocsin.follow()
    if options.runbook is not None or options.config is not None:
        log.info("the files named are not read: `tocsin apply` publishes them to all nodes")


def make_data_folder(data: Path) -> None:
    """Make the folder; what it holds is for this user's eyes alone. Raises UsageError."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(OSError):
            data.chmod(0o700)
    except OSError as error:
        raise UsageError(f"the data folder {data} cannot be used: {error.strerror}") from error


def open_store(options: Options) -> SqliteStore:
    """Open the store in the data folder. Raises UsageError."""
    make_data_folder(options.data)
    try:
        return SqliteStore(options.data / "tocsin.db")
    except OSError as error:
        raise UsageError(f"the data folder {options.data} cannot be used: {error.strerror}") from error


async def _put_in_force(tocsin: Tocsin, options: Options) -> None:
    """Publish what the files say; where a file is bad, go on with the version the store has, and say so loudly."""
    trouble = await _settings_in_force(tocsin, options)
    stored = await tocsin.store.read(documents.document("runbook"))
    if options.runbook is not None:
        try:
            body = read_file(options.runbook)
            await tocsin.publish(body, str(options.runbook), None)
        except UsageError as error:
            if stored is None:
                raise
            trouble.append(f"the runbook {options.runbook} is refused ({error}); the version before stays in force")
            tocsin.worlds.put_in_force(stored)
    elif stored is not None:
        tocsin.worlds.put_in_force(stored)
    else:
        raise UsageError("say which runbook: `tocsin serve RUNBOOK.md`")
    for text in trouble:
        log.error("%s", text)
        await tocsin.alarm("refused-at-start", text)


async def _settings_in_force(tocsin: Tocsin, options: Options) -> list[str]:
    stored = await tocsin.store.read(documents.document("settings"))
    if options.config is None:
        # What was published to a running server outlives it, also when no file lies beside the runbook.
        tocsin.use(settings_of(stored.body.decode()) if stored else Settings())
        log.info(
            "configuration in force: %s", f"the one published {stored.at:%Y-%m-%d %H:%M} UTC" if stored else "none"
        )
        return []
    try:
        text = read_file(options.config).decode("utf-8-sig")
        tocsin.use(settings_of(text))
    except (UsageError, UnicodeDecodeError) as error:
        if stored is None:
            raise SettingsInvalid(f"{options.config}: {error}") from error
        tocsin.use(settings_of(stored.body.decode()))
        return [f"the configuration {options.config} is refused ({error}); the version before stays in force"]
    await tocsin.store_settings(text)
    return []


def read_file(path: Path) -> bytes:
    """Give a file's bytes. Raises UsageError with what is wrong."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def token_file(data: Path) -> Path:
    """Give where `serve` writes the token of this machine's owner."""
    return data / "token"


def write_token_file(data: Path) -> str:
    """Write the token with which commands on this machine prove themselves, readable by its owner alone."""
    token = secrets.token_urlsafe(24)
    path = token_file(data)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(token)
    return token
