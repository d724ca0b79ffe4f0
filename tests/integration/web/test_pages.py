import re
from datetime import timedelta

import msgspec
import pytest

from integration.web.staged import RUNBOOK, Staged
from tocsin.channels.message import SendFailed
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.settings import IncidentTypeSettings
from tocsin.store.sqlite import InlineStore
from tocsin.web.incident_page import REGIONS

EVIL = "<script>alert(1)</script> & \"quotes\" 'too'"


def said(page: str) -> str:
    """The words of a page without its marks."""
    text = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def bar(page: str) -> list[str]:
    """What the bar of an incident offers, in its order; what opens only when asked for is not in it."""
    part = re.search(r'<section id="actions".*?</section>', page, re.DOTALL)
    assert part
    closed = re.sub(r"</summary>.*?</details>", "</summary></details>", part[0], flags=re.DOTALL)
    found = re.findall(r"<(summary|button|a)\b([^>]*)>(.*?)</\1>", closed, re.DOTALL)
    labels = [re.findall(r'aria-label="([^"]+)"', marks) or [said(words)] for _, marks, words in found]
    return [label for one in labels for label in one]


async def test_what_an_alert_says_stays_text(stage: Staged) -> None:
    number = await stage.alert(EVIL, host=EVIL, link="javascript:alert(1)")
    mira = await stage.as_("mira")
    await mira.post(f"/app/incidents/{number}/note", text=EVIL)
    token = stage.tocsin.links.token(number, "mira")
    for path in ("/app/", f"/app/incidents/{number}", f"/a/{token}", f"/app/sign-in?token={EVIL}"):
        page = await mira.text(path)
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page
    assert "&lt;script&gt;alert(1)" in await mira.text(f"/app/incidents/{number}")


async def test_reading_changes_nothing(stage: Staged) -> None:
    number = await stage.alert()
    mira = await stage.as_("mira")
    before = await stage.facts(number)
    sent = len(stage.sent)
    link = await stage.tocsin.access.link("mira")
    token = stage.tocsin.links.token(number, "mira")
    pages = ["/app/", "/app/declare", f"/app/incidents/{number}", f"/a/{token}", f"/app/sign-in?token={link}"]
    for path in pages:
        await mira.text(path)
        head = await stage.client.head(path, headers=mira.headers)
        assert head.status_code == 200
    await stage.settle()
    assert await stage.facts(number) == before
    assert len(stage.sent) == sent
    assert await stage.tocsin.access.sign_in(link), "reading the page of a sign-in link used it up"


async def test_a_restricted_incident_does_not_exist_for_others(stage: Staged) -> None:
    number = await stage.alert("somebody copied all user data", incident_type="data-breach")
    mira = await stage.as_("mira")
    for path in (f"/app/incidents/{number}", f"/app/incidents/{number}?region=clock", f"/app/events/{number}"):
        assert (await mira.get(path)).status_code == 404
    assert (await mira.post(f"/app/incidents/{number}/acknowledge")).status_code == 404
    assert "user data" not in await mira.text("/app/")
    concerned = await stage.as_("ada")
    page = await concerned.text(f"/app/incidents/{number}")
    assert "Restricted" in page
    assert "user data" in page
    assert "Restricted" in await concerned.text("/app/")


async def test_the_link_of_a_restricted_page_says_nothing_else(stage: Staged) -> None:
    number = await stage.alert("somebody copied all user data", incident_type="data-breach")
    page = await stage.stranger.text(f"/a/{stage.tocsin.links.token(number, 'ada')}")
    assert "Restricted incident" in page
    for word in ("user data", "Data Breach", "P0", "Sam", "Priya"):
        assert word not in page


@pytest.mark.parametrize("path", ["/app/", "/app/declare", "/app/incidents/INC-1", "/app/sign-in?token=x", "/a/forged"])
async def test_every_page_carries_the_headers(stage: Staged, path: str) -> None:
    for reader in (await stage.as_("mira"), stage.stranger):
        headers = (await reader.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_pages_have_no_inline_style_or_script(stage: Staged) -> None:
    number = await stage.alert()
    mira = await stage.as_("mira")
    for path in ("/app/", "/app/declare", f"/app/incidents/{number}"):
        page = await mira.text(path)
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\bsrc=)|\son\w+=", page)


async def test_every_part_of_a_page_can_be_had_alone(stage: Staged) -> None:
    number = await stage.alert()
    mira = await stage.as_("mira")
    whole = await mira.text(f"/app/incidents/{number}")
    for name in REGIONS:
        part = await mira.text(f"/app/incidents/{number}?region={name}")
        assert part.lstrip().startswith(f'<section id="{name}" data-region')
        assert part.strip() in whole
    both = await mira.text(f"/app/incidents/{number}?region=clock,who")
    assert both.count("data-region") == 2
    wrong = await mira.get(f"/app/incidents/{number}?region=secrets")
    assert wrong.status_code == 400
    assert "clock" in wrong.text


async def test_every_kind_of_fact_is_a_sentence(stage: Staged) -> None:
    number = await stage.alert("API errors", severity="warning")
    stage.channels["sms"].failing = None
    await stage.act(number, w.Note(by="person:mira", text="looking"))
    await stage.alert("API errors", "resolve")
    await stage.alert("API errors", severity="critical")
    bodies: list[f.FactBody] = [
        f.AlertJoined(by="source:monitoring", summary="again", origin="api-1"),
        f.AlertCleared(by="source:monitoring", summary="over", because=f.Because("a person closes it", 3)),
        f.CheckTurned(by="source:probe", check="api/slow", good=False, summary="latency 2 s"),
        f.CheckTurned(by="source:probe", check="api/slow", good=True, summary="latency 2 s", after="Restart"),
        f.Escalated(level="L2", round=2, people=(f.Called("jonas", True),), cause="repeat", because=f.Because("x")),
        f.Informed(level="Executive", people=(f.Called("sam"),), because=f.Because("told of every P0", 9)),
        f.Notified(level="Executive", person="sam", method="0.slack"),
        f.Paged(level="L2", round=2, person="jonas", method="late.slack", receipt="ok", due=stage.clock.now()),
        f.PageFailed(level="L2", round=2, person="gone", method="0.sms", why="no such number", permanent=True),
        f.Acknowledged(by="local:operator", via="page"),
        f.EscalationRequested(by="person:mira", level="L3", why="stuck"),
        f.SeverityChanged(by="person:mira", before="P2", after="P1", because=f.Because("more users", 12)),
        f.TypeCorrected(
            by="person:mira", before=None, after="x", title="X", restricted=False, because=f.Because("it is X", 12)
        ),
        f.Noted(by="person:mira", text="a note"),
        f.Resolved(by="person:mira", cause="person", why="done"),
        f.Reopened(by="source:monitoring", automatic=True, because=f.Because("it fired again")),
        f.GaveUp(rounds=3),
        f.DiagnosticsChosen(run=(), refused=()),
        f.StepApproved(
            by="person:mira", step="s", run=1, title="Restart", effective="restart", changes=True, line=1, seconds=9.0
        ),
        f.StepStarted(step="s", run=1, title="Restart", line=1),
        f.StepRan(
            step="s",
            run=1,
            title="Restart",
            effective="restart",
            how="timed-out",
            exit=None,
            seconds=9.0,
            found="nothing listens on 3000",
            verdict="bad",
            excerpt="",
            output="",
            size=0,
            truncated=False,
            redactions=0,
            line=1,
        ),
        f.StepLost(step="s", run=1, title="Restart", line=1),
        f.StepChecked(by="person:mira", step="m", title="Look at the dashboard", done=True, line=2),
        f.UpdatePosted(by="person:mira", status="identified", public=True, title="API errors", text="We found it."),
        f.UpdateSent(update=3, channel="slack"),
        f.UpdateFailed(update=3, channel="sms", why="down"),
        f.Reminded(topic="update", stage="1.1", people=(f.Called("mira"),), wake=False, because=f.Because("due", 4)),
        f.PhaseTaken(by="person:mira", phase="contain", person="ada", line=5),
        f.DeadlineMet(by="person:mira", deadline="authority", note="sent by mail"),
        f.EvidenceAdded(by="person:mira", name="journal.txt", sha256="a" * 64, size=12, source="file"),
        f.EvidenceExported(by="person:mira", files=1, manifest="b" * 64),
        f.ReviewEdited(by="person:mira", part="root-cause", text="A leak."),
        f.ReviewFinished(by="person:mira"),
        f.Absorbed(by="person:mira", number="INC-2026-0009", title="Other", alerts={"m/x": "x"}, seen={}, why="one"),
        f.Split(by="person:mira", into="INC-2026-0010", alerts=("m/x",), why="two"),
        f.Merged(by="person:mira", into="INC-2026-0009"),
        f.ActionAdded(by="person:mira", action="A1", text="Mend it", owner="mira", due="2026-12-01"),
        f.ActionChanged(by="person:mira", action="A1", done=True),
        f.Announced(channel="slack", handle="1.2", as_of=3),
        f.AnnouncementFailed(channel="sms", why="it has no rooms."),
        f.Amended(message=4, as_of=9),
        f.AmendFailed(message=4, why="it is gone."),
        f.CheckTurned(by="source:probe", check="api/slow", good=False, summary="It is slow"),
    ]
    await stage.tocsin.engine.settle(number, lambda *_: tuple(bodies), None)
    kinds = {type(body).__name__ for body in await stage.facts(number)}
    assert kinds == f.KINDS, f"not shown: {f.KINDS - kinds}"
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}?region=timeline")
    shown = said(page)
    for words in (
        "L2 called for the second time: Jonas Weber (nobody is L2)",
        "Could not reach gone (L2) by sms: no such number. Not tried again this way.",
        "Not over : the probe api/slow says so. latency 2 s",
        "The fix helped : the probe api/slow is good again after “Restart” ran.",
        "The operator at the server acknowledged with the link of a page.",
        "Restart: nothing listens on 3000.",
        "Outcome unknown of Restart: whoever ran it is gone.",
        "Posted identified on the status page, by Mira Okafor",
        "Ada Moreau owns contain.",
        "P1 instead of P2 , by Mira Okafor, because more users",
        "3 rounds, nobody answered.",
        "Told Sam Ito (Executive) by slack.",
        "Announced to the team by slack.",
        "Could not announce it by sms: it has no rooms.",
        "The message of #4 was edited: it tells what happened up to #9.",
        "The message of #4 stays as it is: it is gone.",
        "verified chain",
    ):
        assert words in shown
    assert page.count("<li id=") == len(await stage.facts(number))


async def test_a_changed_timeline_is_told(stage: Staged) -> None:
    number = await stage.alert()
    assert isinstance(stage.store, InlineStore)
    stage.store.db.execute("UPDATE fact SET at = at + 1 WHERE incident = ? AND seq = 2", (number,))
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert "broken chain" in page
    assert "Fact 2 does not have its hash" in page


async def test_nobody_mine_theirs_resolved(stage: Staged) -> None:
    number = await stage.alert()
    path = f"/app/incidents/{number}"
    mira, jonas = await stage.as_("mira"), await stage.as_("jonas")
    page = await mira.text(path)
    assert "Nobody has it" in page
    assert bar(page) == ["Acknowledge", "Escalate now", "More actions"]
    assert 'class="clock hot"' in page
    assert "<title>(1) P0 Sequencer Down" in page
    assert "bell-alarm.svg" in page.split("</head>", maxsplit=1)[0]
    assert "until Jonas Weber (L2) is paged," in page
    answer = await mira.post(f"{path}/acknowledge")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = await mira.text(path)
    assert "You have it" in page
    assert bar(page) == ["Resolve…", "Update…", "Escalate…", "More actions"]
    page = await jonas.text(path)
    assert "Mira Okafor has it" in page
    assert bar(page) == ["Join", "Take over", "Escalate…", "More actions"]
    assert "hot" not in re.findall(r'class="clock[^"]*"', page)[0]
    await mira.post(f"{path}/resolve", why="restarted")
    page = await mira.text(path)
    assert bar(page) == ["Open the review", "Reopen…", "Note…"]
    assert f"{path}/acknowledge" not in page
    await mira.post(f"{path}/reopen", why="no, it is not")
    assert "Nobody has it" in await jonas.text(path)


async def test_forms_do_what_they_say(stage: Staged) -> None:
    number = await stage.alert()
    path = f"/app/incidents/{number}"
    mira = await stage.as_("mira")
    assert (await mira.post(f"{path}/severity", severity="P1", because=" ")).status_code == 400
    assert (await mira.post(f"{path}/severity", severity="P1", because="half of them")).status_code == 303
    assert (await mira.post(f"{path}/note", text="")).status_code == 400
    assert (await mira.post(f"{path}/escalate", level="L3", why="stuck")).status_code == 303
    bodies = await stage.facts(number)
    assert any(isinstance(body, f.SeverityChanged) and body.by == "person:mira" for body in bodies)
    assert any(isinstance(body, f.Escalated) and body.level == "L3" for body in bodies)
    page = await mira.text(path)
    assert "P1 because half of them" in said(page)


async def test_a_correction_is_kept_and_later_alerts_like_it_follow_it(stage: Staged) -> None:
    number = await stage.alert("conveyor belt hums oddly", key="first")
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}"
    asks = await mira.text(path)
    assert "Is that right?" in asks
    assert "that say “conveyor belt hums oddly”, whatever the numbers and hosts, are matched the same way" in asks
    assert (await mira.post(f"{path}/type", type="out-of-memory", because="")).status_code == 400
    assert (await mira.post(f"{path}/type", type="out-of-memory", because="it is the leak")).status_code == 303
    page = await mira.text(path)
    assert "A person said so" in page
    assert "A person gave it to Out of Memory: it is the leak" in page
    await mira.post(f"{path}/resolve")  # else the next one would join it
    later = await stage.alert("conveyor belt hums oddly", key="second")
    assert later != number
    [opened] = [body for body in await stage.facts(later) if isinstance(body, f.Opened)]
    assert opened.incident_type == "out-of-memory"
    assert f"corrected by mira on {stage.clock.now().date()} at {number}" in opened.because[0].text
    again = await mira.text(f"/app/incidents/{later}")
    assert f"corrected by mira on {stage.clock.now().date()} at {number}" in again


async def test_a_correction_to_an_entry_that_is_renamed_is_told_to_who_looks_and_at_the_next_alert(
    stage: Staged,
) -> None:
    number = await stage.alert("conveyor belt hums oddly", key="first")
    await stage.act(number, w.CorrectType(by="person:mira", incident_type="out-of-memory", because="it is the leak"))
    await stage.act(number, w.Resolve(by="person:mira"))
    renamed = RUNBOOK.read_bytes().replace(b"Out of Memory", b"Memory Exhausted")
    await stage.tocsin.publish(renamed, "docs/RUNBOOK.md", None)
    token = await stage.tocsin.access.token("boss", "", timedelta(hours=1))
    looked = await stage.client.get("/api/v1/doctor", headers={"Authorization": f"Bearer {token}"})
    [found] = [one for one in looked.json()["checks"] if one["name"] == "entry out-of-memory"]
    assert (found["level"], number in found["text"]) == ("warning", True)
    later = await stage.alert("conveyor belt hums oddly", key="second")
    page = await (await stage.as_("mira")).text(f"/app/incidents/{later}")
    assert "to out-of-memory, which the runbook has no more: say it again" in page


async def test_who_was_reached_how_and_who_is_next(stage: Staged) -> None:
    stage.channels["slack"].failing = None
    number = await stage.alert()
    await stage.let_pass(minutes=3)
    shown = said(await (await stage.as_("mira")).text(f"/app/incidents/{number}?region=who"))
    assert "Called 03:11:38, because L1 is called first." in shown
    assert "03:11:38 slack to Mira Okafor: accepted, slack-1" in shown
    assert "03:13:38 sms to Mira Okafor: accepted" in shown
    assert "At 03:26 if nobody has it by then, because nobody has answered L1." in shown
    failed = said(await (await stage.as_("mira")).text(f"/app/incidents/{number}"))
    assert "there is no channel pigeon in the configuration" in failed


async def test_attempts_that_failed_are_seen_while_they_are_tried_again(stage: Staged) -> None:
    stage.channels["slack"].failing = SendFailed("slack gave no answer in 12 s", permanent=False)
    number = await stage.alert()
    mira = await stage.as_("mira")
    shown = said(await mira.text(f"/app/incidents/{number}?region=who"))
    assert "slack to Mira Okafor: attempt 1 failed: slack gave no answer in 12 s. It is tried again." in shown
    await stage.let_pass(minutes=1)
    shown = said(await mira.text(f"/app/incidents/{number}"))
    assert "slack to Mira Okafor: failed: slack gave no answer in 12 s" in shown
    assert "Could not reach Mira Okafor (L1) by slack" in shown
    assert "You were paged 03:11 by sms." in shown  # six attempts in about 20 s


async def test_when_nobody_answers_at_all_it_says_so(stage: Staged) -> None:
    number = await stage.alert()
    await stage.let_pass(hours=6)
    mira = await stage.as_("mira")
    shown = said(await mira.text(f"/app/incidents/{number}"))
    assert "Every level was called and nobody answered." in shown
    assert "3 rounds, nobody answered." in shown
    assert "The ladder ended unanswered." in shown
    assert "Escalate…" in shown


async def test_joining_says_to_everybody_that_one_more_looks_and_leaves_it_with_whoever_has_it(stage: Staged) -> None:
    number = await stage.alert()
    path = f"/app/incidents/{number}"
    await stage.act(number, w.Acknowledge(by="person:mira"))
    jonas = await stage.as_("jonas")
    await jonas.post(f"{path}/note", text="I look at it too.")
    page = await jonas.text(path)
    assert bar(page) == ["Note…", "Take over", "Escalate…", "More actions"]
    assert "Mira Okafor has it" in page
    seen = said(await (await stage.as_("mira")).text(f"{path}?region=timeline"))
    assert "Jonas Weber wrote: I look at it too." in seen
    await stage.act(number, w.Escalate(by="person:mira", level="L2"))
    assert bar(await jonas.text(path))[:2] == ["Take over", "Note…"]
    assert bar(await (await stage.as_("mira")).text(path)) == ["Still mine", "Resolve…", "Escalate…", "More actions"]


async def test_once_it_is_over_no_fix_asks_for_a_person_any_more(stage: Staged) -> None:
    number = await stage.alert()
    mira = await stage.as_("mira")
    fixes = f"/app/incidents/{number}?region=fixes"
    assert 'data-s="approval"' in await mira.text(fixes)
    await stage.act(number, w.Resolve(by="person:mira"))
    over = await mira.text(fixes)
    assert 'data-s="approval"' not in over
    assert "Not run: it was over without it." in said(over)


async def test_who_is_next_and_cannot_be_reached_is_told_while_it_can_still_be_mended(stage: Staged) -> None:
    number = await stage.alert()
    jonas = await stage.as_("jonas")
    people = await jonas.text(f"/app/incidents/{number}?region=who")
    assert re.search(r'class="who out".*?</span>Sam Ito <span class="small bad">cannot be reached</span>', people)
    assert people.count("cannot be reached") == 1
    page = await jonas.text(f"/app/incidents/{number}")
    assert '<a href="/app/" aria-current="true">Now</a>' in page
    await stage.act(number, w.Resolve(by="person:mira"))
    assert "cannot be reached" not in await jonas.text(f"/app/incidents/{number}?region=who")


async def test_times_are_the_readers_own_and_named(stage: Staged) -> None:
    number = await stage.alert()
    assert "As of 03:11:38 , Berlin time." in said(await (await stage.as_("mira")).text(f"/app/incidents/{number}"))
    there = said(await (await stage.as_("jonas")).text(f"/app/incidents/{number}"))
    assert "New York time." in there
    assert "Since 21:11:38." in there


async def test_home_says_what_matters_first(stage: Staged) -> None:
    first = await stage.alert("Database CPU at 100%", key="a")
    await stage.act(first, w.Acknowledge(by="person:jonas"))
    await stage.let_pass(minutes=1)
    await stage.alert("a typo in the documentation", key="b", severity="info")
    await stage.alert("Health check failing", key="c")
    page = await (await stage.as_("mira")).text("/app/")
    words = said(page)
    assert "You are on call: L1." in words
    assert re.findall(r'id="o-INC-2026-(\d+)"', page) == ["0003", "0002", "0001"]
    assert "<title>(2) P0 Sequencer Down" in page
    assert "Cannot be reached: no channel pigeon is configured." in words
    assert "Nothing has been resolved yet." in words
    assert re.search(r"\d+ symptoms, nothing watches \d+ of them", words)
    await stage.act(first, w.Resolve(by="person:jonas"))
    lately = said(await (await stage.as_("mira")).text("/app/?region=lately"))
    assert "0001 Database Slow Queries Mon 03:11 0.0 s 1 min" in lately


async def test_without_people_the_console_is_called_and_home_says_so() -> None:
    stage = await Staged().begin("")
    number = await stage.alert()
    operator = await stage.as_("operator")
    words = said(await operator.text("/app/"))
    assert "No people are configured." in words
    assert "Nobody. Operator at the console is called instead." in words
    assert "Operator at the console" in await operator.text(f"/app/incidents/{number}")


async def test_an_alert_no_entry_is_about_still_has_a_page(stage: Staged) -> None:
    number = await stage.alert("printer on fire")
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert "No entry of the runbook is about this" in page
    assert '<details class="fold" id="useful" open>' in page
    assert '<h1 id="title">printer on fire' in page


async def test_declaring_opens_an_incident_and_leads_to_it(stage: Staged) -> None:
    mira = await stage.as_("mira")
    sent = await mira.post("/app/declare", summary="It is slow", type="database-slow-queries", severity="P2")
    assert sent.headers["location"] == "/app/?note=waiting"
    assert "Declared." in await mira.text("/app/?note=waiting")
    opened = (await stage.facts("INC-2026-0001"))[0]
    assert isinstance(opened, f.Opened)
    assert (opened.by, opened.severity, opened.incident_type) == ("person:mira", "P2", "database-slow-queries")
    assert (await mira.post("/app/declare", summary=" ")).status_code == 400
    assert (await mira.post("/app/declare", summary="x", type="no-such")).status_code == 400
    assert (await mira.post("/app/declare", summary="x", severity="P9")).status_code == 400


async def test_signing_in_and_out(stage: Staged) -> None:
    away = await stage.stranger.get("/app/")
    assert away.status_code == 401
    assert "tocsin link YOU" in away.text
    link = await stage.tocsin.access.link("mira")
    answer = await stage.stranger.post("/app/sign-in", token=link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    cookie = answer.headers["set-cookie"]
    for part in ("tocsin_session=", "HttpOnly", "SameSite=lax", "Secure", "Path=/", f"Max-Age={30 * 86400}"):
        assert part in cookie
    again = await stage.stranger.post("/app/sign-in", token=link)
    assert again.status_code == 401
    assert "works once" in again.text
    mira = await stage.as_("mira")
    await mira.post("/app/sign-out")
    assert (await mira.get("/app/")).status_code == 401


async def test_the_theme_is_remembered_and_leads_back_to_our_own_pages(stage: Staged) -> None:
    mira = await stage.as_("mira")
    answer = await mira.post("/app/theme", theme="dark", back="/app/declare")
    assert answer.headers["location"] == "/app/declare"
    assert "theme=dark" in answer.headers["set-cookie"]
    mira.headers["Cookie"] += "; theme=dark"
    assert 'data-theme="dark"' in await mira.text("/app/")
    for away in ("https://evil.example", "//evil.example", "/\\evil.example", "/app/\\evil"):
        assert (await mira.post("/app/theme", theme="dark", back=away)).headers["location"] == "/app/"


async def test_static_files_are_kept_by_version(stage: Staged) -> None:
    mira = await stage.as_("mira")
    page = await mira.text("/app/")
    for url in re.findall(r'(?:href|src)="(/app/static/[^"]+)"', page):
        answer = await stage.stranger.get(url)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in (await stage.stranger.get("/app/static/tocsin.css?v=old")).headers["cache-control"]
    assert (await stage.stranger.get("/app/static/..%2Fapp.py")).status_code == 404


async def test_trouble_says_what_and_leads_back(stage: Staged) -> None:
    answer = await (await stage.as_("mira")).get("/app/incidents/INC-2026-9999")
    assert answer.status_code == 404
    assert "There is no incident INC-2026-9999." in answer.text
    assert 'href="/app/"' in answer.text


async def test_incidents_of_entries_that_depend_on_each_other_name_one_another(stage: Staged) -> None:
    stage.tocsin.worlds.settings = msgspec.structs.replace(
        stage.tocsin.worlds.settings,
        incident_types={"high-error-rate": IncidentTypeSettings(depends_on=("database-slow-queries",))},
    )
    symptom = await stage.alert("5xx", key="web", incident_type="high-error-rate")
    assert "consequence" not in await (await stage.as_("mira")).text(f"/app/incidents/{symptom}")
    cause = await stage.alert("queries", key="db", incident_type="database-slow-queries")
    mira = await stage.as_("mira")
    assert f'Probably a consequence of <a href="/app/incidents/{cause}">' in await mira.text(
        f"/app/incidents/{symptom}"
    )
    shown = await mira.text(f"/app/incidents/{cause}")
    assert f'<a href="/app/incidents/{symptom}">' in shown
    assert "is probably a consequence of this" in shown
    await stage.act(cause, w.Resolve(by="person:mira", why="gone"))
    assert "consequence" not in await mira.text(f"/app/incidents/{symptom}")


async def test_a_storm_is_told_on_the_first_page_and_on_the_pages_of_its_incidents(stage: Staged) -> None:
    for number in range(8):
        await stage.alert("no answer", key=f"a{number}", incident_type="sequencer-down")
    mira = await stage.as_("mira")
    assert "A storm is on" not in await mira.text("/app/")
    other = await stage.alert("slow", key="b", incident_type="database-slow-queries")
    await stage.let_pass(minutes=2)
    await stage.alert("no answer", key="c", incident_type="sequencer-down")
    shown = said(await mira.text("/app/"))
    assert "A storm is on: 10 alerts in 2 min, held together in 2 incidents, 9 of them in INC-2026-0001." in shown
    assert "After 3 messages in a row each person gets what waits as one" in shown
    assert "It is over at 03:21 if nothing more comes." in shown
    assert "1 of them held together here, all in 2 incidents." in said(await mira.text(f"/app/incidents/{other}"))
    await stage.let_pass(minutes=10)
    assert "A storm is on" not in await mira.text("/app/")
    assert "A storm is on" not in await mira.text(f"/app/incidents/{other}")
