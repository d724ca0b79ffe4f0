"""What the first page says that the reader has to see to: each with why, until when, and a link that leads there."""

import html
import re
from datetime import timedelta

from integration.web.staged import TEAM, Staged
from integration.web.test_pages import said
from tocsin.incident import facts as f
from tocsin.incident import wishes as w

FIX = "sequencer-down.restart-the-sequencer"
ROTA = TEAM.replace('L1 = ["mira"]', 'L1 = "primary"').replace('L3 = ["priya"]\n', "")


async def needs(stage: Staged, person: str) -> list[tuple[str, str, str]]:
    """What somebody is told, in order: the link's words, where it leads, and the line below."""
    page = await (await stage.as_(person)).text("/app/?region=needs")
    found = re.findall(r'<a href="([^"]+)">([^<]+)</a><br><span class="small">([^<]*)<', page)
    return [(html.unescape(what), link, html.unescape(why)) for link, what, why in found]


async def whats(stage: Staged, person: str) -> list[str]:
    return [what for what, _, _ in await needs(stage, person)]


async def test_an_update_waits_for_whoever_has_the_incident_and_for_nobody_else(stage: Staged) -> None:
    number = await stage.alert()
    await stage.act(number, w.Acknowledge(by="person:mira"))
    assert not [what for what in await whats(stage, "mira") if "update" in what]
    await stage.let_pass(minutes=20)
    [(what, link, why)] = [one for one in await needs(stage, "mira") if "update" in one[0]]
    assert what == "An update was due 03:27, 4 min ago"
    assert why == f"{number}, Sequencer Down. The runbook says “every 15 minutes”."
    assert (await (await stage.as_("mira")).get(link)).status_code == 200
    assert not [what for what in await whats(stage, "jonas") if "update" in what]
    await stage.act(number, w.Acknowledge(by="person:jonas"))
    assert not [what for what in await whats(stage, "mira") if "update" in what]


async def test_a_step_of_unknown_outcome_leads_to_the_step(stage: Staged) -> None:
    number = await stage.alert()
    bodies = (
        f.StepApproved(
            by="person:mira", step=FIX, run=1, title="Restart it", effective="x", changes=True, line=66, seconds=9.0
        ),
        f.StepStarted(step=FIX, run=1, title="Restart it", line=66),
        f.StepLost(step=FIX, run=1, title="Restart it", line=66),
    )
    await stage.tocsin.engine.settle(number, lambda *_: bodies, None)
    what, link, why = (await needs(stage, "priya"))[0]
    assert what == "Outcome unknown: Restart it"
    assert why == f"{number}, Sequencer Down. It may have run 03:11 and is not tried again. Look first."
    page, _, anchor = link.partition("#")
    assert f'id="{anchor}"' in await (await stage.as_("jonas")).text(page)
    await stage.act(number, w.Acknowledge(by="person:mira"))
    assert (await whats(stage, "mira"))[0] == "Outcome unknown: Restart it"
    assert "Outcome unknown: Restart it" not in await whats(stage, "jonas")


async def test_a_review_waits_for_its_owner_and_action_items_for_the_day_they_are_due(stage: Staged) -> None:
    number = await stage.alert("Database CPU at 99%")
    await stage.act(number, w.Acknowledge(by="person:mira"))
    await stage.act(number, w.Resolve(by="person:jonas"))
    await stage.act(number, w.AddAction(by="person:mira", text="Add the index", owner="jonas", due="2026-12-02"))
    [(what, link, why)] = [one for one in await needs(stage, "mira") if "eview" in one[0]]
    assert (what, link) == (f"Review of {number} is due Wed 03:11", f"/app/reviews/{number}")
    assert why == "Database Slow Queries. 2 of 5 parts written."
    assert "Add the index" not in await whats(stage, "jonas")
    await stage.let_pass(days=2, hours=1)
    assert f"Review of {number} was due 03:11" in await whats(stage, "mira")
    [(_, link, why)] = [one for one in await needs(stage, "jonas") if one[0] == "Add the index"]
    assert why == f"It is due today, agreed on in the review of {number}, Database Slow Queries."
    page, _, anchor = link.partition("#")
    assert f'id="{anchor}"' in await (await stage.as_("jonas")).text(page)
    await stage.let_pass(days=1)
    assert "It was due 2026-12-02" in "".join(why for _, _, why in await needs(stage, "jonas"))
    assert not [what for what in await whats(stage, "mira") if what == "Add the index"]
    assert "1 day late" in said(await (await stage.as_("mira")).text(page))
    action = next(body.action for body in await stage.facts(number) if isinstance(body, f.ActionAdded))
    await stage.act(number, w.ChangeAction(by="person:jonas", action=action, done=True))
    await stage.act(number, w.FinishReview(by="person:mira"))
    assert await whats(stage, "jonas") == await whats(stage, "mira") == ["Sam Ito cannot be reached"]


async def test_a_legal_deadline_that_ends_soon_is_told_to_those_concerned_only() -> None:
    stage = await Staged().begin(f'{TEAM}\n[people.eve]\nname = "Eve"\nreach = [{{ via = ["slack"] }}]\n')
    number = await stage.alert("somebody copied all user data", incident_type="data-breach")
    await stage.act(number, w.Acknowledge(by="person:ada"))
    assert not [what for what in await whats(stage, "ada") if "left" in what]
    await stage.let_pass(hours=50)
    what, link, _ = (await needs(stage, "ada"))[0]
    assert what.endswith("22 h left, until Thu 03:11")
    assert 'id="breach"' in await (await stage.as_("ada")).text(link.partition("#")[0])
    assert number not in await (await stage.as_("eve")).text("/app/")
    await stage.let_pass(hours=30)
    assert (await whats(stage, "ada"))[0].endswith("over since 03:11")
    await stage.act(
        number, w.MeetDeadline(by="person:ada", deadline="authority", note="late, because the office was closed")
    )
    assert not [what for what in await whats(stage, "ada") if "over since" in what]


async def test_levels_that_would_call_nobody_and_people_out_of_reach_are_everybodys_concern() -> None:
    stage = await Staged().begin(ROTA)
    found = await needs(stage, "boss")
    assert [what for what, _, _ in found] == ["Nobody is L3 now", "Sam Ito cannot be reached"]
    assert found[0][2] == "Priya Raman is called instead. Put somebody into the role or its schedule."
    assert found[1][2] == "No channel pigeon is configured. Sam Ito is Executive now."
    assert {link for _, link, _ in found} == {"#oncall"}


async def test_who_is_on_call_reads_first_until_when_and_who_is_next() -> None:
    stage = await Staged().begin(ROTA)
    words = said(await (await stage.as_("mira")).text("/app/?region=me"))
    assert "You are on call: L1 until Mon 09:00, then Jonas Weber." in words
    assert "You are on call" not in said(await (await stage.as_("ada")).text("/app/?region=me"))


async def test_what_somebody_owes_changes_the_live_page_though_the_list_stays_the_same(stage: Staged) -> None:
    number = await stage.alert("Database CPU at 99%")
    await stage.act(number, w.Acknowledge(by="person:mira"))
    await stage.act(number, w.Resolve(by="person:mira"))
    mira = await stage.as_("mira")
    [before] = re.findall(r'data-version="(\w+)"', await mira.text("/app/"))
    await stage.act(number, w.FinishReview(by="person:mira"))
    [after] = re.findall(r'data-version="(\w+)"', await mira.text("/app/"))
    assert after != before


async def test_the_pulse_tells_a_worker_that_stopped_work_that_waits_and_who_watches(stage: Staged) -> None:
    mira = await stage.as_("mira")
    stage.tocsin.worker.last_turned = stage.clock.monotonic()
    assert "worker turned 0.0 s ago, nothing overdue." in said(await mira.text("/app/?region=pulse"))
    stage.tocsin.health.saw_watcher()
    assert "watcher seen 0.0 s ago, nothing overdue." in said(await mira.text("/app/?region=pulse"))
    await stage.alert()
    stage.clock.move_to(stage.clock.now() + timedelta(minutes=20))
    words = said(await mira.text("/app/?region=pulse"))
    assert re.search(r"\d jobs wait for over a minute; `tocsin doctor` says more\.", words)
    assert "No watcher has asked for over 5 min" in words
    assert "The engine has not turned for 1200 s; restart the server." in words
