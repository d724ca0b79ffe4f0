"""The page of probes, and what probes measure on the page of an incident."""

import re
from html import unescape

from integration.web.staged import TEAM, Staged
from integration.web.watched import PROBES, a_bad_night, watches
from tocsin.settings import Condition, IncidentTypeSettings
from tocsin.store import transactions as t


async def text(stage: Staged, path: str) -> str:
    """Give a page as Mira reads it, without marks."""
    page = await (await stage.as_("mira")).text(path)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_what_fires_or_cannot_look_comes_first_and_what_nothing_notices_last_with_a_proposal() -> None:
    stage = await Staged().begin(TEAM + PROBES)
    await a_bad_night(stage)
    page = await text(stage, "/app/probes")
    assert "3 need somebody , 3 are quiet; nothing watches 12 of the 20 symptoms" in page
    loud, _, rest = page.partition("Quiet")
    assert "Response time > 800ms for 1 minute 1.8 s Limit 800 ms; firing since" in loud
    assert "runbook line : 143" in loud
    assert "mail cannot look No name server answers; look at /etc/resolv.conf." in loud
    quiet, _, gaps = rest.partition("Nothing watches this")
    assert "ledger latency 2 ms, up yes" in quiet
    assert "gateway requests 1.09x normal 100 B is normal, limit 10x" in quiet
    assert 'Error rate > 2% for 1 minute High Error Rate What could [probes.log] kind = "log"' in gaps
    assert 'incident_type = "high-error-rate" symptom = "Error rate > 2% for 1 minute"' in gaps
    assert (
        "A key reads intents in bulk, or at an hour or from an address it never did Data Breach It needs an alert"
        in gaps
    )
    drawn = await (await stage.as_("mira")).text("/app/probes")
    told = re.findall(r'class="spark"[^>]* role="img" aria-label="([^"]+)"', drawn)
    assert "The last 24 min: between 240 ms and 2.16 s, now 1.8 s; limit 800 ms" in told
    number = (await stage.store.read(t.heads()))[0].number
    opened = await text(stage, f"/app/incidents/{number}")
    assert "The health check gets no answer for 15 seconds up: no Firing since" in opened


async def test_an_incident_shows_the_check_that_says_whether_it_is_over() -> None:
    over = '[incident_types.out-of-memory]\nresolved_when = { probe = "mail" }\n'
    stage = await Staged().begin(TEAM + PROBES + over)
    condition = IncidentTypeSettings(resolved_when=(Condition(probe="mail"),))
    assert stage.tocsin.settings.incident_types["out-of-memory"] == condition
    await watches(stage, "mail", [{"up": 1.0, "latency": 0.002}] * 5)
    number = await stage.alert("the kernel killed it", incident_type="out-of-memory")
    assert "mail down up: yes Fine since" in await text(stage, f"/app/incidents/{number}")


async def test_without_probes_the_page_says_how_to_begin() -> None:
    stage = await Staged().begin()
    page = await text(stage, "/app/probes")
    assert "No probe is configured. tocsin init RUNBOOK proposes some, out of the runbook." in page
    assert (await stage.stranger.get("/app/probes")).status_code == 401


async def test_parts_of_the_page_are_there_on_their_own() -> None:
    stage = await Staged().begin(TEAM + PROBES)
    await a_bad_night(stage)
    quiet = await text(stage, "/app/probes?region=quiet")
    assert quiet.startswith("Quiet 3")
    assert "Nothing watches this" not in quiet
    refused = await (await stage.as_("mira")).get("/app/probes?region=cellar")
    assert refused.status_code == 400
    assert "it has stand, loud, quiet, gaps" in refused.text
