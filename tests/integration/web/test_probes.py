"""What is told of probes: by the API, the doctor and the measures, and what nobody is told who must not know."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.probes.looking import Service, answer, service
from integration.servers import TEAM, Here, serving
from integration.watching.watchers import until
from tocsin.engine.watched import Watched

CONFIG = """
[probes.shop]
kind = "tcp"
host = "127.0.0.1"
port = {port}
every = "PT1S"

[probes.shop.checks.down]
value = "up"
below = 1

[probes.shop.checks.words]
value = "latency"
incident_type = "sequencer-down"
symptom = "Nothing like this stands there"

[probes.roles]
kind = "tcp"
host = "127.0.0.1"
port = {port}
every = "PT1S"

[probes.roles.checks.new]
value = "up"
below = 1
incident_type = "data-breach"

[incident_types.data-breach]
restricted = true

[probes.broken]
kind = "http"
url = "http://127.0.0.1:{port}/"
every = "PT1S"
"""


@pytest.fixture
async def shop() -> AsyncIterator[Service]:
    async with service() as web:
        web.say[""] = answer(b"{}")
        yield web


def sees(watched: Watched) -> bool:
    """Whether it saw that all is well."""
    known = watched.known
    return known.last is not None and not known.broken and known.last.values.get("up") == 1.0


@pytest.fixture
async def here(tmp_path: Path, shop: Service) -> AsyncIterator[Here]:
    async with serving(tmp_path / "data", config=TEAM + CONFIG.format(port=shop.port)) as found:
        watched = found.tocsin.watching.watched
        await until(lambda: len(watched) == 3 and shop.asked and all(map(sees, watched.values())))
        yield found


async def test_the_api_tells_how_every_probe_stands(here: Here) -> None:
    probes = {one["id"]: one for one in (await here.get("/api/v1/probes")).json()["probes"]}
    assert list(probes) == ["shop", "roles", "broken"]
    shop = probes["shop"]
    assert (shop["kind"], shop["state"], shop["every"], shop["holder"]) == ("tcp", "ok", 1.0, "")
    assert shop["values"]["up"] == 1.0
    assert shop["next_look"] > shop["looked_at"]
    checks = {one["id"]: one for one in shop["checks"]}
    assert (checks["down"]["state"], checks["down"]["words"]) == ("ok", "up: yes")
    assert "Nothing like this" in checks["words"]["unwatched"]


async def test_nothing_is_told_of_a_probe_that_watches_for_what_is_restricted(here: Here) -> None:
    found = await here.get("/api/v1/probes", await here.token("mira"))
    assert "roles" not in found.text
    assert "data-breach" not in found.text
    assert [one["id"] for one in found.json()["probes"]] == ["shop", "broken"]
    page = await here.client.get("/app/probes", headers=await here.session("mira"))
    assert "shop/down" in page.text
    assert "roles/new" not in page.text
    assert "roles/new" in (await here.client.get("/app/probes", headers=await here.session("ada"))).text
    assert (await here.client.get("/api/v1/probes")).status_code == 401


async def test_the_doctor_looks_once_at_each_and_says_what_it_saw(here: Here, shop: Service) -> None:
    shop.say[""] = answer(b"no", status=500)
    checks = {
        f"{one['name']}: {one['text']}": one["level"] for one in (await here.get("/api/v1/doctor")).json()["checks"]
    }
    told = {text: level for text, level in checks.items() if text.startswith("probe")}
    assert any(re.fullmatch(r"probe shop: sees up yes, latency [\d.]+ m?s", text) for text in told), told
    assert any(text.startswith("probe broken: sees up no") and level == "warning" for text, level in told.items()), told
    assert any("the check words is not judged" in text and level == "warning" for text, level in told.items()), told


async def test_the_measures_say_that_looks_begin_in_time_and_name_no_probe(here: Here) -> None:
    async with asyncio.timeout(60):
        while not re.search(  # noqa: ASYNC110  waits for a look
            r'tocsin_probe_looks_total\{outcome="read"\} [1-9]', (await here.get("/metrics")).text
        ):
            await asyncio.sleep(0.02)
    text = (await here.get("/metrics")).text
    assert 'tocsin_probes{state="looks"} 3.0' in text
    assert 'tocsin_probe_lateness_seconds_bucket{le="+Inf"}' in text
    assert "shop" not in text
    assert "roles" not in text
