"""Our own JSON API, over a socket."""

import asyncio
import re
import sqlite3
from datetime import timedelta
from typing import Any

import httpx
import pytest

from integration.servers import EXAMPLE, PATIENCE, TEAM, Here, on_both_stores

BROKEN = b"\x00\x01\x02 not a document \xff\xfe".decode("latin-1")


def one_sentence(answer: httpx.Response, status: int) -> str:
    """What went wrong, as the API tells it: {"error": one line}."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert list(body) == ["error"]
    text: str = body["error"]
    assert text
    assert "\n" not in text
    assert "Traceback" not in text
    return text


async def facts(here: Here, number: str) -> list[str]:
    answer = await here.get(f"/api/v1/incidents/{number}/timeline")
    return [fact["fact"] for fact in answer.json()["timeline"]]


# -- declaring and looking


@on_both_stores
async def test_a_declared_incident_is_given_once_it_is_open(here: Here) -> None:
    shown = await here.declare("Traders see errors", type="high-error-rate", severity="P1")
    assert re.fullmatch(r"INC-\d{4}-0001", shown["id"])
    assert (shown["type"], shown["severity"], shown["status"]) == ("high-error-rate", "P1", "triggered")
    assert shown["summary"] == "Traders see errors"
    assert shown["timeline"][0]["by"] == "local:operator"
    assert [step["section"] for step in shown["steps"]]


async def test_the_timeline_says_what_it_rests_on_and_is_linked(here: Here) -> None:
    number = (await here.declare("Down", type="sequencer-down"))["id"]
    shown = (await here.get(f"/api/v1/incidents/{number}")).json()
    assert (await here.get(f"/api/v1/incidents/{number}/timeline")).json()["timeline"][0] == shown["timeline"][0]
    assert [fact["seq"] for fact in shown["timeline"]] == list(range(1, len(shown["timeline"]) + 1))
    assert all(re.fullmatch(r"[0-9a-f]{64}", fact["hash"]) for fact in shown["timeline"])


DECLARATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no summary": ({"summary": "  "}, "say in the summary what is wrong"),
    "an unknown type": ({"summary": "s", "type": "flood"}, "there is no incident type flood"),
    "an unknown severity": ({"summary": "s", "severity": "P9"}, "there is no severity P9"),
    "an unknown field": ({"summary": "s", "colour": "red"}, "the body does not fit"),
    "a summary that is no text": ({"summary": 7}, "the body does not fit"),
}


@pytest.mark.parametrize("name", DECLARATIONS)
async def test_a_declaration_that_cannot_be_used_says_why_and_opens_nothing(here: Here, name: str) -> None:
    body, why = DECLARATIONS[name]
    assert why in one_sentence(await here.post("/api/v1/incidents", body), 400)
    assert await here.incidents() == []


async def test_declaring_the_same_key_twice_is_one_incident(here: Here) -> None:
    first = await here.declare("Down", dedup_key="mail-1")
    assert (await here.declare("Down", dedup_key="mail-1"))["id"] == first["id"]
    assert (await here.declare("Down", dedup_key="mail\0-1"))["id"] == first["id"], "no store keeps a NUL in a key"


async def test_the_list_is_newest_first_and_is_read_page_by_page(here: Here) -> None:
    for place in range(5):
        await here.declare(f"Trouble {place}")
    first = (await here.get("/api/v1/incidents?limit=2")).json()
    assert [one["summary"] for one in first["incidents"]] == ["Trouble 4", "Trouble 3"]
    assert first["more"] is True
    rest = (await here.get(f"/api/v1/incidents?limit=10&before={first['before']}")).json()
    assert [one["summary"] for one in rest["incidents"]] == ["Trouble 2", "Trouble 1", "Trouble 0"]
    assert rest["more"] is False


@on_both_stores
async def test_the_list_can_leave_out_what_is_over(here: Here) -> None:
    over, kept = (await here.declare("Over"))["id"], (await here.declare("Kept"))["id"]
    await here.post(f"/api/v1/incidents/{over}/resolve")
    shown = (await here.get("/api/v1/incidents?status=open")).json()["incidents"]
    assert [one["id"] for one in shown] == [kept]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=-1", "limit=x", "limit=1.5", "limit=", "before=0", f"limit={'1' * 5000}"],
    ids=lambda query: query[:12],
)
async def test_a_list_refuses_numbers_it_cannot_use(here: Here, query: str) -> None:
    name = query.partition("=")[0]
    text = one_sentence(await here.get(f"/api/v1/incidents?{query}"), 400)
    assert text.startswith(f"{name} must be a whole number from 1 to ")


@pytest.mark.parametrize("number", ["INC-2026-9999", "INC-1", "nonsense", "INC-2026-0001%00", "%F0%9F%94%A5"])
@pytest.mark.parametrize("path", ["", "/timeline", "/receipts"])
async def test_an_incident_that_is_not_there_is_not_found(here: Here, number: str, path: str) -> None:
    assert "there is no incident" in one_sentence(await here.get(f"/api/v1/incidents/{number}{path}"), 404)


async def test_what_is_not_there_and_what_cannot_be_done_is_told_as_json(here: Here) -> None:
    one_sentence(await here.get("/api/v1/nothing"), 404)
    one_sentence(await here.client.delete("/api/v1/incidents", headers=here.owner), 405)


# -- acting


@on_both_stores
async def test_an_incident_is_acknowledged_resolved_and_reopened(here: Here) -> None:
    number = (await here.declare("Down", type="sequencer-down"))["id"]
    mira = await here.token("mira")
    taken = (await here.post(f"/api/v1/incidents/{number}/acknowledge", who=mira)).json()
    assert (taken["status"], taken["acknowledged_by"]) == ("acknowledged", "person:mira")
    over = (await here.post(f"/api/v1/incidents/{number}/resolve", {"why": "restarted"}, mira)).json()
    assert (over["status"], over["next_escalation_at"]) == ("resolved", None)
    again = (await here.post(f"/api/v1/incidents/{number}/reopen", {"why": "no, it is not"}, mira)).json()
    assert again["status"] == "triggered"


async def test_what_is_so_already_adds_nothing_to_the_timeline(here: Here) -> None:
    number = (await here.declare())["id"]
    async with asyncio.timeout(PATIENCE):
        while not {"Paged", "Notified"} <= set(await facts(here, number)):  # noqa: ASYNC110  as everybody asks
            await asyncio.sleep(0.02)
    await here.post(f"/api/v1/incidents/{number}/resolve")
    before = await facts(here, number)
    assert (await here.post(f"/api/v1/incidents/{number}/resolve")).status_code == 200
    after = [kind for kind in await facts(here, number) if kind != "StepRan"]  # what ran meanwhile ends when it ends
    assert after == [kind for kind in before if kind != "StepRan"]


@pytest.mark.parametrize("deed", ["acknowledge", "escalate"])
async def test_what_is_over_must_be_reopened_first(here: Here, deed: str) -> None:
    number = (await here.declare())["id"]
    await here.post(f"/api/v1/incidents/{number}/resolve")
    text = one_sentence(await here.post(f"/api/v1/incidents/{number}/{deed}"), 409)
    assert text == f"{number} is resolved; reopen it first"


async def test_an_older_incident_is_not_reopened_beside_a_newer_one(here: Here) -> None:
    old = (await here.declare("Down", dedup_key="a"))["id"]
    await here.post(f"/api/v1/incidents/{old}/resolve")
    here.clock.ahead = here.tocsin.settings.reopen_within * 2
    new = (await here.declare("Down", dedup_key="a"))["id"]
    assert new != old
    text = one_sentence(await here.post(f"/api/v1/incidents/{old}/reopen"), 409)
    assert new in text
    assert (await here.get(f"/api/v1/incidents/{old}")).json()["status"] == "resolved"


async def test_a_level_is_called_on_request(here: Here) -> None:
    number = (await here.declare("Slow", severity="P1"))["id"]
    await here.until(lambda found: found[0]["level"] == "L1")
    await here.post(f"/api/v1/incidents/{number}/escalate", {"why": "it is large"})
    await here.until(lambda found: found[0]["level"] == "L2")
    await here.post(f"/api/v1/incidents/{number}/escalate", {"level": "l1"})
    await here.until(lambda found: found[0]["level"] == "L1")


async def test_a_level_that_is_not_there_is_named_with_those_that_are(here: Here) -> None:
    number = (await here.declare("Slow", severity="P1"))["id"]
    text = one_sentence(await here.post(f"/api/v1/incidents/{number}/escalate", {"level": "L9"}), 400)
    assert text == "there is no level L9; this runbook has L1, L2, L3"


async def test_after_the_last_level_one_has_to_be_named(here: Here) -> None:
    number = (await here.declare("Slow", severity="P1"))["id"]
    for level in ("L1", "L2", "L3"):
        await here.until(lambda found, level=level: found[0]["level"] == level)  # type: ignore[misc]
        answer = await here.post(f"/api/v1/incidents/{number}/escalate")
    assert "name one to call it again" in one_sentence(answer, 409)


async def test_a_severity_is_changed_for_a_reason(here: Here) -> None:
    number = (await here.declare("Slow", severity="P2"))["id"]
    path = f"/api/v1/incidents/{number}/severity"
    assert "needs a reason" in one_sentence(await here.post(path, {"severity": "P1", "because": " "}), 400)
    assert "there is no severity P7" in one_sentence(await here.post(path, {"severity": "P7", "because": "x"}), 400)
    changed = (await here.post(path, {"severity": "P1", "because": "all markets now"})).json()
    assert (changed["severity"], changed["severity_because"]["text"]) == ("P1", "all markets now")


async def test_a_note_stands_in_the_timeline_and_an_empty_one_does_not(here: Here) -> None:
    number = (await here.declare())["id"]
    path = f"/api/v1/incidents/{number}/notes"
    assert one_sentence(await here.post(path, {"text": " \n"}), 400) == "the note is empty"
    noted = (await here.post(path, {"text": "<b>rebooting</b> 🔥"}, await here.token("mira"))).json()
    [note] = [fact for fact in noted["timeline"] if fact["fact"] == "Noted"]
    assert (note["by"], note["data"]["text"]) == ("person:mira", "<b>rebooting</b> 🔥")


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"text": 1}', b'{"colour": "red"}', b"\xff"])
async def test_a_body_that_does_not_fit_changes_nothing(here: Here, body: bytes) -> None:
    number = (await here.declare())["id"]
    before = await facts(here, number)
    answer = await here.client.post(f"/api/v1/incidents/{number}/notes", content=body, headers=here.owner)
    one_sentence(answer, 400)
    assert [kind for kind in await facts(here, number) if kind == "Noted"] == []
    assert (await facts(here, number))[: len(before)] == before


async def test_a_body_over_the_limit_is_refused(here: Here) -> None:
    number = (await here.declare())["id"]
    answer = await here.post(f"/api/v1/incidents/{number}/notes", {"text": "x" * 600_000})
    assert "bytes" in one_sentence(answer, 400)


async def test_many_acting_at_once_all_stand_in_one_timeline(here: Here) -> None:
    number = (await here.declare())["id"]
    path = f"/api/v1/incidents/{number}/notes"
    answers = await asyncio.gather(*(here.post(path, {"text": f"note {place}"}) for place in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    shown = (await here.get(f"/api/v1/incidents/{number}")).json()["timeline"]
    assert {fact["data"]["text"] for fact in shown if fact["fact"] == "Noted"} == {f"note {n}" for n in range(20)}
    assert (await here.get("/api/v1/verify")).json()["faults"] == []


# -- who is on call


async def test_who_is_on_call_is_told_for_every_level_and_role(here: Here) -> None:
    found = {duty["level"]: duty for duty in (await here.get("/api/v1/oncall")).json()["oncall"]}
    assert found["L1"]["people"] == [{"id": "mira", "name": "Mira Okafor"}]
    assert (found["L3"]["people"], found["L3"]["fallback"][0]["id"]) == ([], "operator")
    assert {"L1", "L2", "L3", "Executive", "Legal", "Security team", "Night"} <= set(found)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-01-05T08:00:00Z", "mira"),  # nine in Berlin, the first turn
        ("2026-01-12T07:59:59Z", "mira"),
        ("2026-01-12T08:00:00Z", "tom"),
        ("2026-01-12T09:00:00+01:00", "tom"),
        ("2026-07-13T06:59:59Z", "mira"),
        ("2026-07-13T07:00:00Z", "tom"),  # summer time: still nine in Berlin
    ],
)
async def test_who_is_on_call_depends_on_the_instant(here: Here, at: str, who: str) -> None:
    answer = await here.client.get("/api/v1/oncall", params={"at": at}, headers=here.owner)
    found = {duty["level"]: duty for duty in answer.json()["oncall"]}
    assert [person["id"] for person in found["Night"]["people"]] == [who]


@pytest.mark.parametrize("at", ["tomorrow", "2026-01-05", "2026-01-05T08:00:00", "2026-13-01T00:00:00Z"])
async def test_what_is_no_instant_is_refused(here: Here, at: str) -> None:
    one_sentence(await here.client.get("/api/v1/oncall", params={"at": at}, headers=here.owner), 400)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_instants_at_the_edge_of_the_calendar_are_answered_in_words(here: Here, at: str) -> None:
    answer = await here.client.get("/api/v1/oncall", params={"at": at}, headers=here.owner)
    assert answer.status_code in {200, 400}, answer.text


# -- the runbook


async def test_the_runbook_in_force_is_given_as_policy(here: Here) -> None:
    policy = (await here.get("/api/v1/runbook")).json()
    assert [level["id"] for level in policy["escalation"]] == ["L1", "L2", "L3", "Executive"]
    assert "sequencer-down" in [entry["id"] for entry in policy["incident_types"]]


EDITED = EXAMPLE.read_text().replace("(if not resolved in 30 minutes)", "(if not resolved in 45 minutes)")


async def test_a_dry_run_says_what_an_edit_would_change_and_changes_nothing(here: Here) -> None:
    before = (await here.get("/api/v1/runbook")).json()["sha256"]
    would = (await here.post("/api/v1/runbook", {"runbook": EDITED, "dry_run": True})).json()
    assert any("45 min" in change for change in would["changes"])
    assert would["sha256"] != before
    assert (await here.get("/api/v1/runbook")).json()["sha256"] == before


async def test_versions_are_listed_with_who_published_them_and_compared(here: Here) -> None:
    first = (await here.get("/api/v1/runbook")).json()["sha256"]
    longer = EXAMPLE.read_text().replace("(Response time: 15 minutes)", "(Response time: 25 minutes)")
    would = (await here.post("/api/v1/runbook", {"runbook": longer, "dry_run": True})).json()
    assert any("after 25 min instead of after 15 min" in text for text in would["paged"])
    ada = await here.token("ada")
    second = (await here.post("/api/v1/runbook", {"runbook": longer}, ada)).json()["sha256"]
    listed = (await here.get("/api/v1/runbook/versions")).json()
    assert [(one["sha256"], one["by"]) for one in listed["versions"]] == [(second, "person:ada"), (first, "")]
    assert listed["versions"][0]["until"] is None
    assert listed["versions"][1]["until"] == listed["versions"][0]["at"]
    assert listed["more"] is False
    page = (await here.get(f"/api/v1/runbook/versions?limit=1&before={listed['versions'][0]['version']}")).json()
    assert page["versions"] == listed["versions"][1:]
    found = (await here.get(f"/api/v1/runbook/difference?old={first[:12]}")).json()
    assert (found["old"], found["new"], found["paged"]) == (first, second, would["paged"])
    assert found["policy"] == ["P1 answers within 25 min instead of within 15 min"]
    assert [row["kind"] for row in found["text"] if row["kind"] != "same"] == ["gone", "new"]
    back = (await here.get(f"/api/v1/runbook/difference?old={second}&new={first}")).json()
    assert any("after 15 min instead of after 25 min" in text for text in back["paged"])


async def test_a_version_that_is_not_there_or_not_named_is_refused_in_words(here: Here) -> None:
    one_sentence(await here.get("/api/v1/runbook/difference"), 400)
    one_sentence(await here.get("/api/v1/runbook/difference?old=0123456789ab"), 404)
    one_sentence(await here.get("/api/v1/runbook/versions?limit=0"), 400)
    assert (await here.client.get("/api/v1/runbook/versions")).status_code == 401


async def test_a_published_version_is_for_new_incidents_and_open_ones_keep_theirs(here: Here) -> None:
    before = await here.declare("Before")
    published = (await here.post("/api/v1/runbook", {"runbook": EDITED})).json()
    after = await here.declare("After")
    assert after["runbook"] == published["sha256"] != before["runbook"]
    number = before["id"]
    await here.post(f"/api/v1/incidents/{number}/notes", {"text": "a turn is taken"})
    assert (await here.get(f"/api/v1/incidents/{number}")).json()["runbook"] == before["runbook"]


async def test_a_runbook_that_cannot_be_read_is_refused_with_its_line_and_changes_nothing(here: Here) -> None:
    before = (await here.get("/api/v1/runbook")).json()["sha256"]
    for text in ("", BROKEN):
        assert re.search(r"\bline \d+", one_sentence(await here.post("/api/v1/runbook", {"runbook": text}), 400))
    assert (await here.get("/api/v1/runbook")).json()["sha256"] == before


async def test_a_published_configuration_is_in_force_at_once(here: Here) -> None:
    changed = TEAM.replace('L1 = ["mira"]', 'L1 = ["lea"]')
    assert (await here.post("/api/v1/runbook", {"settings": changed})).status_code == 200
    found = {duty["level"]: duty for duty in (await here.get("/api/v1/oncall")).json()["oncall"]}
    assert [person["id"] for person in found["L1"]["people"]] == ["lea"]


async def test_a_wrong_configuration_is_refused_with_its_line_and_changes_nothing(here: Here) -> None:
    wrong = TEAM + '\n[people.eve]\ncolour = "red"\n'
    body = {"runbook": EDITED, "settings": wrong}
    before = (await here.get("/api/v1/runbook")).json()["sha256"]
    text = one_sentence(await here.post("/api/v1/runbook", body), 400)
    assert text.startswith(f"line {wrong.count(chr(10))}: ")
    assert "colour" in text
    assert (await here.get("/api/v1/runbook")).json()["sha256"] == before
    assert "eve" not in here.tocsin.settings.people


async def test_a_configuration_whose_secret_is_not_there_is_refused(here: Here) -> None:
    secret = TEAM.replace("[sources.probes]", '[sources.probes]\nkey = { env = "NO_SUCH_VARIABLE_HERE" }')
    assert "NO_SUCH_VARIABLE_HERE" in one_sentence(await here.post("/api/v1/runbook", {"settings": secret}), 400)
    await here.declare("The server goes on")


# -- verification and doctor


async def test_a_clean_record_verifies_and_a_changed_one_is_named(here: Here) -> None:
    number = (await here.declare())["id"]
    await here.until(lambda found: found[0]["level"] == "L1")
    clean = (await here.get("/api/v1/verify")).json()
    assert (clean["incidents"], clean["faults"]) == (1, [])
    assert clean["facts"] >= 2
    db = sqlite3.connect(here.data / "tocsin.db", isolation_level=None)
    db.execute("UPDATE fact SET at = at + 1 WHERE seq = 1")
    db.close()
    faults = (await here.get("/api/v1/verify")).json()["faults"]
    assert [number, "fact 1 does not have its hash"] in faults


async def test_the_doctor_looks_at_everything_and_warns_of_levels_without_people(here: Here) -> None:
    checks = {check["name"]: check for check in (await here.get("/api/v1/doctor")).json()["checks"]}
    assert {"store", "engine", "jobs", "runbook", "level L1", "person mira"} <= set(checks)
    assert checks["store"]["level"] == checks["level L1"]["level"] == "ok"
    assert checks["level L3"]["level"] == "warning"
    assert "[roles]" in checks["level L3"]["text"]


async def test_a_test_page_says_who_did_not_answer(here: Here) -> None:
    answer = await here.post("/api/v1/doctor/page", {"people": ["mira"], "wait": "PT0.2S"})
    [mira] = answer.json()["people"]
    assert (mira["person"], mira["answered"]) == ("mira", False)
    assert mira["methods"]["0.console"].startswith("accepted")


async def test_a_test_page_of_nobody_known_is_not_found(here: Here) -> None:
    assert "there is no person eve" in one_sentence(await here.post("/api/v1/doctor/page", {"people": ["eve"]}), 404)


async def test_health_needs_no_credentials_and_says_when_the_engine_stalls(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = (await here.client.get("/health")).json()
    assert healthy["status"] == "ok"
    assert "reasons" not in healthy
    stuck = asyncio.Event()

    async def stick(_: int) -> None:
        stuck.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(here.tocsin.worker, "_take", stick)
    async with asyncio.timeout(PATIENCE):
        while not stuck.is_set():
            here.tocsin.engine.changes.announce()
            await asyncio.sleep(0.02)
    here.tocsin.worker.last_turned -= timedelta(minutes=1).total_seconds()
    answer = await here.client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "stalled")
