"""Real trouble of real programs, seen by probes and weighed by their checks: found in two looks, over once."""

import asyncio

import asyncpg
import pytest

from integration.guard.programs import Machine
from integration.postgres_server import Server
from integration.probes.looking import Service, answer, service
from integration.probes.weighed import sees, until, watching

SHOP = """
kind = "http"
url = "{url}"
expect = {{ status = "ok" }}
values = {{ errors = "errors" }}
units = {{ errors = "%" }}
[probes.p.checks.down]
value = "up"
below = 1
[probes.p.checks.slow]
value = "latency"
incident_type = "shop-slow"
symptom = "Response time > 1 s"
[probes.p.checks.errors]
value = "errors"
incident_type = "shop-slow"
symptom = "Error rate > 1%"
"""


def says(shop: Service, status: str = "ok", errors: float = 0.2) -> None:
    shop.say[""] = answer(b'{"status":"%s","errors":%g}' % (status.encode(), errors))


async def test_a_service_that_is_wrong_slow_or_full_of_errors_by_the_limits_of_the_document() -> None:
    async with service() as shop, watching(SHOP.format(url=shop.url)) as watch:
        says(shop)
        await watch.look(3)
        says(shop, "degraded")
        await watch.look(2)
        assert watch.told() == [("down", "trigger")]
        assert 'status is "degraded", not "ok"' in watch.alerts[0].summary
        says(shop, errors=1.5)
        await watch.look(2)
        assert watch.told()[1:] == [("down", "resolve"), ("errors", "trigger")]
        assert "limit 1%" in watch.alerts[2].summary
        says(shop)
        shop.delay = 1.1
        await watch.look(2)
        assert watch.told()[3:] == [("slow", "trigger"), ("errors", "resolve")]
        shop.delay = 0
        await watch.look(4)
        assert watch.told()[5:] == [("slow", "resolve")]


async def test_a_service_that_flaps_is_told_no_oftener_than_the_damping_allows() -> None:
    async with service() as shop, watching(SHOP.format(url=shop.url)) as watch:
        for length in (1, 2, 3):
            for at in range(40):
                says(shop, "ok" if at // length % 2 else "degraded")
                await watch.look()
        told = [one for one in watch.told() if one[0] == "down"]
        assert 1 <= told.count(("down", "trigger")) <= 4  # three ends in ten minutes, then it is held
        says(shop)
        await watch.look(60)
        assert watch.standings["down"].alerting is False
        assert len([one for one in watch.told() if one[0] == "down"]) == len(told) + (told[-1][1] == "trigger")


DATABASE = """
kind = "postgresql"
url = "{url}"
long = "PT0.2S"
[probes.p.checks.locks]
value = "blocked"
at_least = 3
[probes.p.checks.long]
value = "long_queries"
above = 0
[probes.p.checks.full]
value = "connections_share"
at_least = 0.95
[probes.p.checks.superuser]
value = "new_superusers"
above = 0
times = 1
recovers_for = "PT1M"
"""


async def test_a_database_with_locks_that_pile_up_long_statements_no_connections_and_a_new_superuser(
    postgres: Server,
) -> None:
    postgres.say("CREATE ROLE seen LOGIN IN ROLE pg_monitor; CREATE TABLE piled (id int); INSERT INTO piled VALUES (1)")
    postgres.say("CREATE ROLE crowd LOGIN; GRANT ALL ON piled TO crowd")
    crowd = postgres.url("postgres").replace("tocsin@", "crowd@")
    opened: list[asyncpg.Connection[asyncpg.Record]] = []
    try:
        async with watching(DATABASE.format(url=postgres.url("postgres").replace("tocsin@", "seen@"))) as watch:
            await watch.look(2)
            await until(lambda: sees(watch, "connections", 1, most=True))
            opened += [await asyncpg.connect(crowd) for _ in range(5)]
            await opened[0].execute("BEGIN; LOCK piled")
            tasks = [asyncio.ensure_future(one.execute("SELECT id FROM piled")) for one in opened[1:]]
            await until(lambda: sees(watch, "blocked", 4))
            await until(lambda: sees(watch, "long_queries", 1))
            await watch.look(2)
            assert watch.told() == [("locks", "trigger"), ("long", "trigger")]
            await opened[0].execute("COMMIT")
            await asyncio.gather(*tasks)
            await watch.look(2)
            assert watch.told()[2:] == [("locks", "resolve"), ("long", "resolve")]

            room = int((await watch.probe.look(watch.now)).values["connections_limit"])
            opened += await asyncio.gather(*(asyncpg.connect(crowd) for _ in range(room - 6)))
            await watch.look(2)
            assert watch.told()[4:] == [("full", "trigger")]
            while len(opened) > 5:
                await opened.pop().close(timeout=60)
            await until(lambda: sees(watch, "connections", 6, most=True))
            await watch.look(2)
            assert watch.told()[5:] == [("full", "resolve")]

            postgres.say("ALTER ROLE crowd SUPERUSER")
            await watch.look(8)
            assert watch.told()[6:] == [("superuser", "trigger"), ("superuser", "resolve")]
    finally:
        for one in opened:
            await one.close(timeout=60)
        postgres.say("DROP TABLE piled; DROP ROLE seen; DROP ROLE crowd")


PM2 = """
kind = "pm2"
process = "{process}"
home = "{home}/.pm2"
[probes.p.checks.down]
value = "up"
below = 1
[probes.p.checks.circle]
value = "restarts"
take = "rate"
window = "PT1M"
above = 0.04
[probes.p.checks.memory]
value = "memory"
above = 120_000_000
times = 1
"""


async def test_a_process_of_pm2_that_crashes_in_a_circle_until_it_is_mended(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", machine.environment["PATH"])
    async with watching(PM2.format(process="mends", home=machine.home), within=60) as watch:
        await watch.look(2)
        (machine.home / "broken").touch()
        await until(lambda: sees(watch, "errored", 1))
        await watch.look(2)
        assert watch.told() == [("down", "trigger"), ("circle", "trigger")]
        assert watch.alerts[0].summary.endswith("1 of 1 not online: errored")
        (machine.home / "broken").unlink()
        machine.say("pm2", "restart", "mends")
        await watch.look(6)
        assert watch.told()[2:] == [("down", "resolve"), ("circle", "resolve")]


async def test_a_process_of_pm2_whose_memory_grows(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", machine.environment["PATH"])
    async with watching(PM2.format(process="steady", home=machine.home), within=60) as watch:
        await watch.look()
        machine.say("pm2", "sendSignal", "SIGUSR2", "steady")
        await until(lambda: sees(watch, "memory", 200_000_000))
        await watch.look()
        assert watch.told() == [("memory", "trigger")]
        machine.say("pm2", "restart", "steady")
        await watch.look(4)
        assert watch.told()[1:] == [("memory", "resolve")]
