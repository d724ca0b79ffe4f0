"""Six faults with three variants each: what is broken, for real, and what its clients do meanwhile."""

import asyncio
import hashlib
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from ipaddress import IPv4Address
from typing import NamedTuple

import asyncpg
from range_load import Load, asked, slow_bodies
from range_node import Pm2, Release
from range_processes import Process, Unusable

FAULTY = "1.2.0"
"""The version of a bad release."""
NAME = "range-fault"
"""What everything in the database is called that a fault brings in."""
ROLE = "range_fault"
INDEX = 'CREATE INDEX IF NOT EXISTS "idx_intent_sender" ON "Intent" ("senderAddress")'
THIEF = IPv4Address("127.66.6.6")
MOST_CONNECTIONS = 100


class Scene(NamedTuple):
    """What a fault may touch. What it opens ends with `stack`."""

    port: int
    database: str
    server: Process
    release: Release
    pm2: Pm2
    stack: AsyncExitStack

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Give a connection to the database that ends with the fault."""
        connection = await asyncpg.connect(self.database, server_settings={"application_name": NAME})
        self.stack.callback(connection.terminate)
        return connection

    def meanwhile(self, doing: Awaitable[object]) -> None:
        """Do something until the fault ends."""
        task = asyncio.ensure_future(doing)
        self.stack.callback(task.cancel)

    def deploy(self, path: str, old: str, new: str) -> None:
        """Release a change of one file, by the script that people use."""
        file = self.release.folder / path
        text = file.read_text()
        if old not in text:
            raise Unusable(f"the fault does not fit {path} of this release")
        file.write_text(text.replace(old, new))
        self.release.release(FAULTY)
        self.release.git("checkout", "--quiet", "HEAD~1")
        self.pm2.script("scripts/deploy-production.sh", f"v{FAULTY}")


Break = Callable[[Scene, float], Awaitable[None]]


class Fault(NamedTuple):
    """One way to break the service."""

    entry: str
    variant: str
    does: str
    breaks: Break
    clients: int = 4
    pause: float = 0.2

    @property
    def name(self) -> str:
        """Give the name people ask for it by."""
        return f"{self.entry}/{self.variant}"


# -- sequencer down


async def killed(scene: Scene, _: float) -> None:
    """Kill it, and let pm2 not start it again."""
    for each in scene.pm2.processes("sequencer"):
        each.end(signal.SIGKILL)
    scene.pm2.say("stop", "sequencer")


async def port_taken(scene: Scene, _: float) -> None:
    """Let another program take its port while it restarts: this one."""
    scene.pm2.say("stop", "sequencer")
    scene.stack.enter_context(socket.create_server(("127.0.0.1", scene.port)))
    scene.pm2.say("start", "sequencer")


async def database_gone(scene: Scene, _: float) -> None:
    """End the database as a machine that loses power does."""
    scene.server.end(signal.SIGQUIT)


# -- high error rate


async def bad_release(scene: Scene, _: float) -> None:
    """Release a version that fails on one sender in seven."""
    scene.deploy(
        "src/intents.js",
        "  const { id } = kept.rows[0];",
        "  if (Number(kept.rows[0].id) % 7 === 0) kept.rows = [];\n  const { id } = kept.rows[0];",
    )


async def validation(scene: Scene, _: float) -> None:
    """Release a version that takes some good addresses for bad ones."""
    scene.deploy("src/intents.js", "/^0x[0-9a-f]{40}$/", "/^0x[0-9a-f]{39}[0-9a-c]$/")


async def dependency(scene: Scene, _: float) -> None:
    """Stop what the sequencer asks for rates."""
    scene.pm2.say("stop", "rates")


# -- slow queries


async def missing_index(scene: Scene, _: float) -> None:
    """Drop the index that every intent needs."""
    connection = await scene.connect()
    await connection.execute('DROP INDEX "idx_intent_sender"')


async def locks(scene: Scene, seconds: float) -> None:
    """Change the table behind a transaction that stays open, so that everybody queues up behind the change."""
    holder, change = await scene.connect(), await scene.connect()
    await holder.execute('BEGIN; SELECT 1 FROM "Intent" LIMIT 1')
    scene.meanwhile(change.execute('ALTER TABLE "Intent" ADD COLUMN "fault" integer', timeout=seconds + 60))
    await asyncio.sleep(0.2)


async def connections(scene: Scene, _: float) -> None:
    """Take every connection there is."""
    first = await scene.connect()
    for _attempt in range(MOST_CONNECTIONS):
        await first.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sequencer'"
        )
        try:
            while True:
                await scene.connect()
        except asyncpg.TooManyConnectionsError:
            left = await first.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sequencer'")
        if not left:
            return
    raise Unusable("the connections of the database could not all be taken")


# -- out of memory


async def heap(scene: Scene, _: float) -> None:
    """Release a version that keeps a lot of every request until the heap is full."""
    await _leak(scene, 400_000)


async def leak(scene: Scene, _: float) -> None:
    """Release a version that keeps a little of every request."""
    await _leak(scene, 30_000)


async def _leak(scene: Scene, numbers: int) -> None:
    scene.deploy(
        "src/index.js",
        "async function answer(request, response) {",
        "const kept = [];\nasync function answer(request, response) {\n"
        f'  if (request.method === "POST") kept.push(Array.from({{ length: {numbers} }}, Math.random));',
    )


async def restart_loop(scene: Scene, _: float) -> None:
    """Release a version whose heap is full seconds after it has started, each time: pm2 never gives it up."""
    forever = "for (;;) kept.push(Array.from({ length: 400000 }, Math.random));"
    grow = f"const kept = [];\nsetTimeout(() => {{ {forever} }}, 4000);\n"
    scene.deploy("src/index.js", "const server = http.createServer", grow + "const server = http.createServer")


# -- flood


async def addresses(scene: Scene, seconds: float) -> None:
    """Let two thousand addresses ask at once."""
    scene.meanwhile(Load(scene.port, clients=200, addresses=2000, first="127.9.0.1").run(seconds + 60))


async def heavy_client(scene: Scene, seconds: float) -> None:
    """Let one address ask for hundreds."""
    scene.meanwhile(Load(scene.port, clients=200, first="127.9.9.9").run(seconds + 60))


async def slow_clients(scene: Scene, seconds: float) -> None:
    """Let one address hold every connection with bodies that never end."""
    scene.meanwhile(slow_bodies(scene.port, 300, seconds + 60, IPv4Address("127.9.9.8")))
    await asyncio.sleep(0.5)


# -- breach


async def stolen_key(scene: Scene, _: float) -> None:
    """Read the whole table page by page with a key that was made for somebody else."""
    key = secrets.token_urlsafe(24)
    connection = await scene.connect()
    digest = hashlib.sha256(key.encode()).hexdigest()
    await connection.execute('INSERT INTO "ApiKey" ("name", "digest") VALUES ($1, $2)', NAME, digest)

    async def read() -> None:
        after = 0
        while True:
            path = f"/api/v1/intents?after={after}&limit=2000"
            await asked(scene.port, THIEF, "GET", path, more=f"X-Api-Key: {key}\r\n")
            after += 2000
            await asyncio.sleep(0.2)

    scene.meanwhile(read())


async def bulk_export(scene: Scene, _: float) -> None:
    """Copy the whole table out, as a role that never did so."""
    connection = await scene.connect()
    await connection.execute(f'CREATE ROLE {ROLE} LOGIN; GRANT SELECT ON "Intent" TO {ROLE}')
    await connection.execute(f"SET ROLE {ROLE}")

    async def export() -> None:
        async def drop(_: bytes) -> None:
            """Only that it was read matters."""

        while True:
            await connection.copy_from_query('SELECT * FROM "Intent"', output=drop)
            await asyncio.sleep(1)

    scene.meanwhile(export())


async def new_administrator(scene: Scene, _: float) -> None:
    """Make a role that may do everything."""
    connection = await scene.connect()
    await connection.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER")


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("sequencer-down", "killed", "the process is killed and stays down", killed),
        Fault("sequencer-down", "port-taken", "another program has its port", port_taken),
        Fault("sequencer-down", "database-gone", "its database is gone", database_gone),
        Fault("high-error-rate", "bad-release", "a release fails on some requests", bad_release),
        Fault("high-error-rate", "validation", "a release refuses what is good", validation),
        Fault("high-error-rate", "dependency", "what it depends on is down", dependency),
        Fault("database-slow-queries", "missing-index", "an index is gone under load", missing_index, 30, 0.5),
        Fault("database-slow-queries", "locks", "everybody waits behind one lock", locks),
        Fault("database-slow-queries", "connections", "no connection is left", connections),
        Fault("out-of-memory", "heap", "the heap fills within seconds", heap, 20, 0.0),
        Fault("out-of-memory", "leak", "memory grows with every request", leak, 5, 0.05),
        Fault("out-of-memory", "restart-loop", "it runs out of memory at each start", restart_loop),
        Fault("ddos-attack", "addresses", "many addresses flood it", addresses),
        Fault("ddos-attack", "heavy-client", "one address floods it", heavy_client),
        Fault("ddos-attack", "slow-clients", "slow bodies hold all connections", slow_clients),
        Fault("data-breach", "stolen-key", "a stolen key reads everything", stolen_key),
        Fault("data-breach", "bulk-export", "the table is copied out", bulk_export),
        Fault("data-breach", "new-administrator", "somebody is made administrator", new_administrator),
    )
}
"""Each by the name people ask for it by."""
