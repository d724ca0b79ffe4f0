"""Log files as they really behave: they grow, are renamed, emptied, copied, replaced, and hold anything."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from integration.probes.looking import NOW, configured, look, parts, probe
from tocsin.detection.reading import Reading
from tocsin.errors import SettingsInvalid
from tocsin.probes.probe import MOST_MEMORY, LookFailed, Probe
from tocsin.probes.table import build

CLF = '{} - - [02/Mar/2026:09:00:00 +0000] "{} {} HTTP/1.1" {} 12 "-" "curl"\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("")
    return path


def reading_of(path: object, more: str = "") -> str:
    return f"kind = \"log\"\npath = '{path}'\n{more}"


class Watch:
    """Looks again and again, ten seconds apart."""

    def __init__(self, probe: Probe) -> None:
        self.probe, self.now = probe, NOW

    async def __call__(self) -> Reading:
        self.now += timedelta(seconds=10)
        return await self.probe.look(self.now)

    async def counted(self) -> tuple[float, float]:
        values = (await self()).values
        return values["lines"], values["errors"]


def add(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


async def test_what_was_added_is_counted_and_what_was_there_before_is_not(log: Path) -> None:
    add(log, "ERROR of yesterday")
    async with probe(reading_of(log)) as looking:
        watch = Watch(looking)
        assert (await watch()).values == {"lines": 0, "errors": 0, "unread": 0}
        add(log, *["203.0.113.7 fine"] * 6, *["2001:db8::7 Error: password=s3cr3t0 pool exhausted"] * 2, "", "   ")
        reading = await watch()
        assert reading.values == {
            "lines": 8, "rate": 0.8, "errors": 2, "error_share": 0.25, "clients": 2, "top_client_share": 0.75,
            "unread": 0,
        }  # fmt: skip
        assert reading.details == {
            "clients": "203.0.113.7 (75%), 2001:db8::7 (25%)",
            "last_error": "2001:db8::7 Error: password=[redacted] pool exhausted",
        }
        nothing = await watch()
        assert (nothing.values["rate"], "error_share" in nothing.values) == (0, False)


async def test_a_line_counts_once_it_is_complete_whatever_is_in_it(log: Path) -> None:
    log.write_bytes(b"begun befo")  # noqa: ASYNC240  a test may wait for its disk
    async with probe(reading_of(log)) as looking:
        watch = Watch(looking)
        await watch()
        with log.open("ab") as file:
            file.write(b"re: error\n\xff\xfe error \x00 \xc3(\nhalf an err")
        assert await watch.counted() == (2, 2)
        with log.open("ab") as file:
            file.write(b"or\r\n" + b"x" * 3_000_000)
        assert await watch.counted() == (2, 1)  # a line without an end counts by its beginning
        with log.open("ab") as file:
            file.write(b" still the same error\nerror\n")
        assert await watch.counted() == (1, 1)


async def test_files_that_are_rotated_are_read_to_their_end_and_not_twice(log: Path) -> None:
    add(log, *["2026-03-02 08:59:59.123 the first line of a file, long enough to know it by"] * 3)
    async with probe(reading_of(log)) as renamed, probe(reading_of(f"{log}*")) as pattern:
        one, all_of_them = Watch(renamed), Watch(pattern)
        await one()
        await all_of_them()
        add(log, "error in the old file")
        log.rename(log.with_suffix(".log.1"))  # noqa: ASYNC240  as above
        add(log, "fine", "error in the new file")
        assert await one.counted() == (3, 2)
        assert await all_of_them.counted() == (3, 2)
        add(log, "2026-03-02 09:10:00.000 another file with a beginning of its own, long enough to know it by")
        for watch in (one, all_of_them):
            await watch()
        shutil.copy(log, log.with_suffix(".log.2"))  # copied and emptied, as logrotate does with copytruncate
        os.truncate(log, 0)
        add(log, "error")
        assert await one.counted() == (1, 1)
        assert await all_of_them.counted() == (1, 1)


async def test_of_very_many_files_those_written_last_are_read(tmp_path: Path) -> None:
    for day in range(40):
        path = tmp_path / f"app-{day:02}.log"
        path.write_text("")
        os.utime(path, (day, day))
    async with probe(reading_of(tmp_path / "app-*.log", 'error = "ERROR"')) as looking:
        watch = Watch(looking)
        await watch()
        add(tmp_path / "app-39.log", "ERROR today")
        assert await watch.counted() == (1, 1)


async def test_a_restart_goes_on_where_the_last_look_ended(log: Path) -> None:
    async with probe(reading_of(log)) as before:
        await before.look(NOW)
        kept = before.memory
    add(log, "error while nobody looked")
    async with probe(reading_of(log)) as after:
        after.memory = kept
        assert (await after.look(NOW + timedelta(seconds=10))).values["errors"] == 1


async def test_more_than_may_be_read_is_skipped_and_taken_to_be_alike(log: Path) -> None:
    async with probe(reading_of(log, "largest = 10000")) as looking:
        watch = Watch(looking)
        await watch()
        add(log, *["a fine line"] * 4000, *["an error line"] * 4000)
        values = (await watch()).values
    assert values["unread"] == 4000 * (12 + 14) - 10_000
    assert values["lines"] == pytest.approx(104_000 / 14, rel=0.01)
    assert values["rate"] == values["lines"] / 10


async def test_requests_of_an_access_log_and_who_sends_most_of_them(log: Path) -> None:
    more = "line = 'POST /api/v1/intents'\nerror = '\" 5\\d\\d '\nclient = '^(\\S+)'"
    async with probe(reading_of(log, more)) as looking:
        watch = Watch(looking)
        await watch()
        with log.open("a") as file:
            for at in range(100):
                who = "198.51.100.9" if at % 10 else f"203.0.113.{at}"
                file.write(CLF.format(who, "POST", "/api/v1/intents", 503 if at % 4 == 0 else 201))
                file.write(CLF.format("192.0.2.1", "GET", "/health", 500))
        reading = await watch()
    assert reading.values["rate"] == 10
    assert reading.values["error_share"] == 0.25
    assert reading.values["top_client_share"] == 0.9
    assert reading.values["clients"] == 11
    assert reading.details["clients"].startswith("198.51.100.9 (90%), ")


ACCESS = 'access = \'"(\\S+) ([^ ?]+)\\S* HTTP/[\\d.]+" (\\d+)\'\nlearn = "PT15S"'


async def test_an_access_that_was_never_seen_is_unusual_once_and_history_teaches(log: Path) -> None:
    def come(*asked: tuple[str, int]) -> None:
        with log.open("a") as file:
            file.writelines(CLF.format("203.0.113.7", "GET", path, status) for path, status in asked)

    come(("/", 200), ("/login", 200))
    async with probe(reading_of(log, ACCESS)) as looking:
        watch = Watch(looking)
        await watch()
        come(("/new", 200))
        assert "unusual" not in (await watch()).values  # still learning
        come(("/", 200), ("/new?a=1", 200), ("/login", 200))
        assert (await watch()).values["unusual"] == 0
        come(("/login", 401), ("/admin/export?token=abcdef123", 200), ("/admin/export", 200))
        reading = await watch()
        assert reading.values["unusual"] == 2
        assert reading.details["unusual"] == "GET /login 401, GET /admin/export 200"
        come(("/login", 401))
        assert (await watch()).values["unusual"] == 0
        kept = looking.memory
    async with probe(reading_of(log, ACCESS)) as again:
        again.memory = kept
        come(("/login", 401), ("/.env", 200))
        assert (await again.look(NOW + timedelta(days=1))).values["unusual"] == 1


async def test_too_many_kinds_of_access_are_said_and_not_judged(log: Path) -> None:
    async with probe(reading_of(log, ACCESS), within=60) as looking:
        watch = Watch(looking)
        await watch()
        with log.open("a") as file:
            file.writelines(CLF.format("203.0.113.7", "GET", f"/{at}", 200) for at in range(5000))
        await watch()
        reading = await watch()
        assert "unusual" not in reading.values
        assert "over 3000 kinds of access" in reading.details["not_read"]
        assert len(looking.memory) <= MOST_MEMORY


async def test_an_expression_that_takes_for_ever_breaks_its_probe_and_holds_nobody(log: Path) -> None:
    async with probe(reading_of(log, "error = '(a+)+$'")) as patient:
        await patient.look(NOW)
    async with probe(reading_of(log, "error = '(a+)+$'"), within=1.0) as looking:
        looking.memory = patient.memory
        add(log, "a" * 60 + "!")
        ticks = 0

        async def ticking() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        beside = asyncio.ensure_future(ticking())
        with pytest.raises(LookFailed, match=r"(could not be read in|took more than) .* make the expressions simpler"):
            await looking.look(NOW + timedelta(seconds=10))
        beside.cancel()
        with suppress(asyncio.CancelledError):
            await beside
    assert ticks > 5


@pytest.fixture
def unreadable(log: Path) -> Iterator[Path]:
    log.unlink()
    log.mkdir()
    yield log
    log.rmdir()


async def test_files_that_are_not_there_break_the_probe(unreadable: Path) -> None:
    with pytest.raises(LookFailed, match="there is no file"):
        await look(reading_of(unreadable))


@pytest.mark.parametrize(
    ("more", "why"),
    [("error = '['", "error is no regular expression"), (f"access = '{'a' * 1001}'", "access is over 1000 characters")],
)
async def test_an_expression_that_is_none_is_refused(log: Path, more: str, why: str) -> None:
    shared = parts()
    with pytest.raises(SettingsInvalid, match=why):
        build(configured(reading_of(log, more)), shared)
    await shared.close()
