"""A prober elsewhere: a process of its own that looks for a server, and whose silence is its own trouble."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest

from integration.probes.looking import Service, answer, service
from integration.servers import TEAM, Here, serving
from integration.watching.watchers import until
from tocsin.cli import probe as probing
from tocsin.cli.probe import Prober
from tocsin.clock import SystemClock
from tocsin.engine.plan import phase_of, planned
from tocsin.engine.probe_wire import Said, revived
from tocsin.errors import Unreachable
from tocsin.probes.probe import LookFailed
from tocsin.settings import ProbeSettings, Secret
from tocsin.store.readings import alert_state

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SECRET = "s3cr3t-of-the-far-side"
CONFIG = """
[sources.far]
kind = "prober"

[sources.other]
kind = "prober"

[probes.shop]
kind = "http"
url = "{url}/"
every = "PT1S"
at = "far"
headers = {{ Authorization = {{ env = "SHOP_TOKEN" }} }}

[probes.shop.checks.down]
value = "up"
below = 1
times = 1
"""


@asynccontextmanager
async def prober(
    here: Here, folder: Path, *flags: str, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`tocsin probe` as a process."""
    given = {"TOCSIN_URL": str(here.client.base_url), "TOCSIN_TOKEN": here.tocsin.access.source_key("far")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tocsin", "probe", "--at", "far", *flags),
        env={**os.environ, **given, "SHOP_TOKEN": SECRET, **environment},
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
async def shop() -> AsyncIterator[Service]:
    async with service() as web:
        web.say[""] = answer(b"{}")
        yield web


@pytest.fixture
async def here(tmp_path: Path, shop: Service) -> AsyncIterator[Here]:
    async with serving(tmp_path / "data", config=TEAM + CONFIG.format(url=shop.url)) as found:
        await until(lambda: found.tocsin.watching.plan)
        yield found


def far(here: Here, source: str = "far") -> dict[str, str]:
    return {"Authorization": f"Bearer {here.tocsin.access.source_key(source)}"}


async def state(here: Here) -> str:
    [seen] = await here.tocsin.watching.seen()
    return seen.state


async def alert(here: Here) -> str | None:
    found = await here.tocsin.store.read(alert_state("probe/shop/down"))
    return found.status if found else None


async def stands(here: Here, wanted: str) -> None:
    async with asyncio.timeout(60):
        while await state(here) != wanted:  # noqa: ASYNC110  asked as everybody asks
            await asyncio.sleep(0.02)


async def becomes(here: Here, wanted: str | None) -> None:
    async with asyncio.timeout(60):
        while await alert(here) != wanted:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)


async def why(here: Here) -> str:
    """Why the probe is broken, "" when it is not."""
    [seen] = await here.tocsin.watching.seen()
    return seen.broken.why if seen.broken else ""


async def says(here: Here, wanted: str) -> None:
    async with asyncio.timeout(60):
        while not (await why(here)).endswith(wanted):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)


def body(number: int, *, up: float = 0.0, run: str = "run", **more: Any) -> dict[str, Any]:
    now = SystemClock().now()
    reading = {"probe": "shop", "number": number, "at": now.isoformat(), "values": {"up": up}, **more}
    return {"run": run, "sent_at": now.isoformat(), "readings": [reading]}


async def test_a_prober_in_its_own_process_looks_with_its_own_secrets_and_the_server_judges(
    here: Here, shop: Service, tmp_path: Path
) -> None:
    asked = await here.get("/api/v1/probes/far", far(here))
    assert asked.status_code == 200, asked.text
    assert SECRET not in asked.text
    assert asked.json()["probes"][0]["checks"] == []
    async with prober(here, tmp_path) as process:
        await stands(here, "ok")
        shop.say[""] = answer(b"", status=503)
        await becomes(here, "firing")
        shop.say[""] = answer(b"{}")
        await becomes(here, "resolved")
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        log = (await process.stderr.read()).decode()
        assert await process.wait() == 0, log
    assert f"looking at 1 probes for {here.client.base_url}" in log.replace("/\n", "\n")
    assert any(SECRET in request for request in shop.heads)
    assert SECRET not in log


async def test_a_silent_prober_is_broken_and_its_alerts_go_on(here: Here) -> None:
    here.clock.stand()
    assert (await here.post("/api/v1/readings", body(1), far(here))).json()["taken"] == 1
    assert await alert(here) == "firing"
    here.clock.ahead += timedelta(seconds=3)
    await here.tocsin.watching.remote.listen(range(16))
    assert await state(here) == "firing", "three intervals and a little are not over"
    here.clock.ahead += timedelta(seconds=3)
    await here.tocsin.watching.remote.listen(range(16))
    [seen] = await here.tocsin.watching.seen()
    assert (seen.state, await alert(here)) == ("broken", "firing")
    assert seen.broken is not None
    assert seen.broken.why.startswith("the prober far was last heard at ")
    assert seen.broken.why.endswith("start `tocsin probe --at far` there")
    here.clock.ahead += timedelta(minutes=5)
    await here.tocsin.watching.remote.listen(range(16))
    alarms = [one for one in await here.incidents() if one["status"] != "resolved"]
    assert len(alarms) == 1, "the alert's own incident"
    answered = await here.post("/api/v1/readings", body(2, up=1.0), far(here))
    assert answered.status_code == 200
    assert (await state(here), await alert(here)) == ("ok", "resolved")


async def test_what_is_sent_again_is_judged_once_and_what_a_new_run_sends_is_new(here: Here) -> None:
    first = body(1)
    for _ in range(2):
        assert (await here.post("/api/v1/readings", first, far(here))).status_code == 200
    kept = await here.tocsin.store.read(alert_state("probe/shop/down"))
    assert kept is not None
    assert (kept.status, kept.triggers) == ("firing", 1)
    await here.post("/api/v1/readings", body(1, up=1.0), far(here))
    assert await alert(here) == "firing", "the same number of the same run"
    await here.post("/api/v1/readings", body(1, up=1.0, run="another"), far(here))
    assert await alert(here) == "resolved"


async def test_a_check_that_is_taken_out_takes_back_its_alert_also_when_a_reading_comes_first(here: Here) -> None:
    await here.post("/api/v1/readings", body(1), far(here))
    assert await alert(here) == "firing"
    watching, settings = here.tocsin.watching, here.tocsin.settings
    without = msgspec.structs.replace(settings.probes["shop"], checks=())
    watching.plan["shop"] = planned(without, None, here.tocsin.worlds.current.runbook, settings)
    await here.post("/api/v1/readings", body(2), far(here))
    assert await alert(here) == "resolved"


async def test_a_prober_whose_clock_is_wrong_is_believed_all_the_same(here: Here) -> None:
    wrong = body(1)
    for place in (wrong, wrong["readings"][0]):
        for name in ("at", "sent_at"):
            if name in place:
                place[name] = (datetime.fromisoformat(place[name]) - timedelta(days=400)).isoformat()
    assert (await here.post("/api/v1/readings", wrong, far(here))).json()["taken"] == 1
    [seen] = await here.tocsin.watching.seen()
    assert seen.looked is not None
    assert abs(seen.looked - here.clock.now()) < timedelta(seconds=30)


async def test_what_a_kind_remembers_comes_back_to_the_next_prober(here: Here) -> None:
    await here.post("/api/v1/readings", body(1, memory="offset 7"), far(here))
    await here.post("/api/v1/readings", body(2), far(here))
    assert (await here.get("/api/v1/probes/far", far(here))).json()["memory"] == {"shop": "offset 7"}


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({}, 400, "these are no readings"),
        ({"readings": []}, 400, "missing required field `run`"),
        (body(1) | {"run": ""}, 400, "run must be"),
        (body(1) | {"sent_at": "2026-01-01T00:00:00"}, 400, "needs a time zone"),
        (body(1) | {"readings": body(1)["readings"] * 1001}, 400, "send 1000 at most"),
        (body(1, values={"up": "down"}), 400, "Expected `float`"),
    ],
)
async def test_what_is_no_reading_is_refused_in_a_sentence(
    here: Here, sent: dict[str, Any], status: int, words: str
) -> None:
    answered = await here.post("/api/v1/readings", sent, far(here))
    assert (answered.status_code, words in answered.json()["error"]) == (status, True), answered.text


async def test_each_prober_has_its_own_key_and_its_own_probes(here: Here) -> None:
    assert (await here.get("/api/v1/probes/far", far(here, "other"))).status_code == 401
    assert (await here.get("/api/v1/probes/far", far(here, "monitoring"))).status_code == 401
    assert (await here.get("/api/v1/probes/far", {})).status_code == 401
    assert (await here.post("/api/v1/readings", body(1), {})).status_code == 401
    told = await here.post("/api/v1/readings", body(1), far(here, "other"))
    assert told.json() | {"version": ""} == {"taken": 0, "unknown": ["shop"], "version": ""}
    assert await alert(here) is None
    raised = here.event() | {"routing_key": here.tocsin.access.source_key("far")}
    assert (await here.client.post("/v2/enqueue", json=raised)).status_code == 400, "it raises no alerts of others"


async def test_a_prober_with_a_wrong_token_ends_and_says_what_to_do(here: Here, tmp_path: Path) -> None:
    async with prober(here, tmp_path, TOCSIN_TOKEN="x" * 32) as process:
        assert process.stderr is not None
        log = (await process.stderr.read()).decode()
        assert await process.wait() == 1
    assert "does not know the prober far: set TOCSIN_TOKEN to what `tocsin token far` prints there" in log


class Away:
    """A server that cannot be reached a few times."""

    url = "https://tocsin.example"

    def __init__(self) -> None:
        self.asked = 0

    def get(self, path: str) -> object:
        self.asked += 1
        if self.asked < 5:
            raise Unreachable(f"no Tocsin answers at {self.url}")
        return {"prober": path.rpartition("/")[2], "version": "1", "probes": []}

    def post(self, path: str, body: object) -> object:
        raise AssertionError((path, body))


async def test_a_server_that_is_away_is_told_of_once_and_once_more_when_it_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(probing, "AGAIN_AFTER_AT_MOST", 0.0)
    caplog.set_level("INFO", "tocsin.probe")
    running = asyncio.ensure_future(Prober(Away(), "far").run())
    await until(lambda: "answers again" in caplog.text)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert [record.getMessage() for record in caplog.records] == [
        "no Tocsin answers at https://tocsin.example; what is seen is kept and told when it does",
        "looking at 0 probes for https://tocsin.example",
        "https://tocsin.example answers again",
    ]


class Unruly:
    """A server that asks for looks without a pause, and for other probes each time it is asked."""

    url = "https://tocsin.example"

    def __init__(self) -> None:
        self.versions = count(1)
        self.asked_at: list[float] = []
        self.readings: list[dict[str, Any]] = []

    def get(self, path: str) -> object:
        self.asked_at.append(monotonic())
        asked = {"kind": "http", "options": {"url": "http://127.0.0.1:1/"}, "timeout": "PT1S"}
        paces = {prompt(7, "at-once"): "PT0S", prompt(7, "before"): "-PT9S", prompt(7, "soon"): "PT0.000001S"}
        probes = [asked | {"id": name, "every": every} for name, every in paces.items()]
        return {"prober": path.rpartition("/")[2], "version": str(next(self.versions)), "probes": probes}

    def post(self, path: str, body: object) -> object:
        del path
        self.readings += msgspec.to_builtins(body)["readings"]
        return {"taken": 1, "unknown": [], "version": "another"}


def prompt(most: int, begins: str) -> str:
    """A name of a probe that is looked at as soon as it is known."""
    return next(name for name in (f"{begins}-{number}" for number in count()) if phase_of(name) * 1000 < most)


@pytest.mark.parametrize(("public", "rest"), [(False, 0.0), (True, 2.0)])
async def test_a_server_that_asks_for_looks_without_a_pause_gets_them_at_a_bearable_pace(
    caplog: pytest.LogCaptureFixture, *, public: bool, rest: float
) -> None:
    server = Unruly()
    running = asyncio.ensure_future(Prober(server, "far", public=public).run())
    await until(lambda: len({one["probe"] for one in server.readings}) == 3 and len(server.asked_at) >= 2)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert "is not bearable: it is looked at every" in caplog.text
    assert server.asked_at[1] - server.asked_at[0] >= rest
    looks = {(one["probe"], one["number"]) for one in server.readings}  # what was under way at the end is told again
    assert max(Counter(probe for probe, _ in looks).values()) <= 2 + (monotonic() - server.asked_at[0])


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("odd", [{"env": 5}, {"env": ["PROBE_X"]}, {"file": 3}, {"file": None, "env": True}])
async def test_a_secret_that_can_be_none_breaks_its_probe_alone(odd: dict[str, object], *, public: bool) -> None:
    asked = revived(ProbeSettings(id="shop", kind="http", options={"url": odd}))
    looker = Prober(Away(), "far", public=public)._made(asked)
    with pytest.raises(
        LookFailed, match=r"^the prober cannot look: \[probes\.shop\] url: it must be a text or a secret$"
    ):
        await looker.look(NOW)


async def test_what_is_kept_for_a_server_that_is_away_is_bounded_in_size(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(probing, "MOST_BYTES_KEPT", 1000)
    prober = Prober(Away(), "far")
    for number in range(100):
        prober._keep(Said(probe="shop", number=number, at=NOW, values={"up": 1.0}))
    kept = prober._next()
    assert [one.number for one in kept] == list(range(100 - len(kept), 100))
    assert 500 < sum(len(msgspec.json.encode(one)) for one in kept) <= 1000
    assert caplog.text.count("the oldest readings are lost") == 1


async def test_a_probe_that_lacks_its_secret_over_there_is_broken_and_says_which(here: Here, tmp_path: Path) -> None:
    async with prober(here, tmp_path, SHOP_TOKEN=""):
        await stands(here, "broken")
    [seen] = await here.tocsin.watching.seen()
    assert seen.broken is not None
    assert "the environment variable SHOP_TOKEN, which should hold a secret, is empty" in seen.broken.why


async def test_a_prober_of_somebody_elses_server_asks_nothing_inside_and_gives_no_secret_of_its_machine(
    here: Here, shop: Service, tmp_path: Path
) -> None:
    async with prober(here, tmp_path, "--public", PROBE_TOKEN=SECRET):
        await says(here, "--public gives no secrets but variables called PROBE_NAME")
        probe, world = here.tocsin.settings.probes["shop"], here.tocsin.worlds.current
        named = probe.options | {"headers": {"Authorization": Secret(env="PROBE_TOKEN")}}
        changed = planned(msgspec.structs.replace(probe, options=named), None, *world)
        here.tocsin.watching.plan["shop"] = changed
        await says(here, "127.0.0.1 is not a public address: only tocsin.toml may ask for it")
    assert shop.asked == []
