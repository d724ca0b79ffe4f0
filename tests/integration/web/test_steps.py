"""Steps on the page and by the API: what they found, who may run them, and what is never shown."""

import html
import re
from typing import Any

import httpx
import pytest

from integration.web.staged import TEAM_THAT_RUNS, Reader, Staged
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.incident.incident import Incident
from tocsin.runner.command import Command, Outcome

RUNBOOK = b"""# Till

## Severity levels

### P0 - Critical (Response time: immediate)

- The till is down

## Escalation path

1. **L1**: On-call engineer

## Incidents

### 1. Till Down

**Severity**: P0

**Symptoms**:

- The till does not answer

**Diagnosis**:

```bash
# Is there room?
df -h

# What does it say?
echo hello

# Watch it
redis-cli monitor

# Does it answer?
curl https://<HOST>/health
```

**Resolution**:

```bash
# Clear it
echo cleared > cleared.txt
```

If the database is the issue:

1. Look at the provider's page

### 2. Data Breach

**Severity**: P0

**Symptoms**:

- Personal data was copied; collect evidence for the lawyers

**Diagnosis**:

```bash
# Who is there?
whoami
```

## Useful commands

```bash
# Since when?
uptime
```
"""
ROOM, CLEAR = "till-down.is-there-room", "till-down.clear-it"
SAYS, LOOK = "till-down.what-does-it-say", "till-down.look-at-the-providers-page"
DF = "Filesystem Size Used Avail Use% Mounted on\n/dev/sda1 10G 10G 0 100% /\n"


class Bench:
    """Runs nothing: gives what it was told to give, and remembers what it was asked."""

    def __init__(self, **outcome: Any) -> None:
        self.asked: list[str] = []
        self.outcome = outcome

    async def run(self, command: Command) -> Outcome:
        self.asked.append(command.text)
        usual = {"how": "ended", "exit": 0, "out": DF, "err": "", "truncated": False, "redactions": 0, "seconds": 0.21}
        return Outcome(**{**usual, **self.outcome})


async def opened(stage: Staged, **outcome: Any) -> tuple[str, Bench]:
    """An open incident whose steps were run on a bench."""
    bench = Bench(**outcome)
    stage.tocsin.deeds.steps._runner = bench
    await stage.begin(TEAM_THAT_RUNS, RUNBOOK)
    return await stage.alert("The till does not answer", incident_type="till-down"), bench


def step(page: str, step_id: str) -> str:
    """One step of a page, as plain words."""
    found = re.search(rf'<(details|form)[^>]*id="step-{re.escape(step_id)}".*?</\1>', page, re.DOTALL)
    assert found, f"no step {step_id}"
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])))


async def by_token(stage: Staged, person: str = "mira") -> dict[str, str]:
    return {"Authorization": f"Bearer {await stage.tocsin.access.token(person, '', None)}"}


async def ask(stage: Staged, path: str, headers: dict[str, str], body: object = None) -> httpx.Response:
    """Post to the API and let everything happen that is due."""
    answer = await stage.client.post(path, json=body or {}, headers=headers)
    await stage.settle()
    return answer


async def incident(stage: Staged, number: str) -> Incident:
    found = (await stage.tocsin.engine.load(number)).incident
    assert found
    return found


# -- what was found


async def test_what_ran_by_itself_says_first_what_it_found(stage: Staged) -> None:
    number, bench = await opened(stage)
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert bench.asked == ["df -h", "echo hello"]
    assert "Found at 03:11" in page
    assert "2 of 4 ran" in page
    assert "100%" in step(page, ROOM)
    assert "0.2 s" in step(page, ROOM)
    assert '<b class="bad">' in page
    assert "Not run because" in step(page, "till-down.watch-it")
    assert "<HOST>" in step(page, "till-down.does-it-answer")
    assert "run it by hand" in step(page, "till-down.does-it-answer")
    assert f"/steps/{ROOM}/run" in page
    assert "till-down.does-it-answer/run" not in page


async def test_a_step_that_was_chosen_and_did_not_run_yet_runs(stage: Staged) -> None:
    number, _ = await opened(stage)
    body = f.StepApproved(
        by="person:mira", step=SAYS, run=2, title="What does it say?", effective="echo hello", changes=False,
        line=28, seconds=15.0,
    )  # fmt: skip
    await stage.tocsin.engine.settle(number, lambda *_: (body,), None)
    said = step(await (await stage.as_("jonas")).text(f"/app/incidents/{number}"), SAYS)
    assert "Running since" in said
    assert "at most 15 s, started by Mira Okafor" in said
    assert "Run again" not in said


async def test_output_is_text_and_never_markup(stage: Staged) -> None:
    number, _ = await opened(stage, out="<script>alert(1)</script>\n<img src=x>\n")
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"how": "timed-out", "exit": None, "out": ""}, "Failed: did not end in 15 s"),
        ({"exit": 127, "out": "", "err": "bash: line 1: df: command not found"}, "`df` is not installed here"),
        ({"how": "not-started", "exit": None, "out": "", "err": "no shell"}, "could not be started"),
    ],
)
async def test_what_did_not_end_well_is_said_to_have_failed(stage: Staged, outcome: dict[str, Any], words: str) -> None:
    number, _ = await opened(stage, **outcome)
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert 'data-s="failed"' in page
    for word in words.replace("`", "").split():
        assert word in step(page, ROOM)


async def test_a_lost_change_is_unknown_and_says_to_look_first(stage: Staged) -> None:
    number, _ = await opened(stage)
    bodies = (
        f.StepApproved(
            by="person:mira", step=CLEAR, run=1, title="Clear it", effective="x", changes=True, line=41, seconds=9.0
        ),
        f.StepStarted(step=CLEAR, run=1, title="Clear it", line=41),
        f.StepLost(step=CLEAR, run=1, title="Clear it", line=41),
    )
    await stage.tocsin.engine.settle(number, lambda *_: bodies, None)
    mira = await stage.as_("mira")
    said = step(await mira.text(f"/app/incidents/{number}"), CLEAR)
    assert "Outcome unknown. It may have run; it is not tried again." in said
    assert "Look first whether it ran." in await mira.text(f"/app/incidents/{number}/steps/{CLEAR}/run")


# -- running


async def test_what_changes_is_shown_exactly_and_runs_only_as_confirmed(stage: Staged) -> None:
    number, bench = await opened(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/steps/{CLEAR}/run"
    assert "Needs a person." in step(await mira.text(f"/app/incidents/{number}"), CLEAR)
    shown = await mira.text(path)
    assert "It changes something" in shown
    assert "at most 120 s" in shown
    [confirmed] = re.findall(r'name="confirmed" hidden>\n(.*?)</textarea>', shown, re.DOTALL)
    assert html.unescape(confirmed) == "echo cleared > cleared.txt"
    for fields in ({}, {"confirmed": "echo something else"}):
        answer = await mira.post(path, **fields)
        assert answer.status_code == 409
        assert "look at the exact command first" in answer.text
    assert len(bench.asked) == 2
    assert (await mira.post(path, confirmed=html.unescape(confirmed))).status_code == 303
    assert bench.asked[2:] == ["echo cleared > cleared.txt"]
    state = (await incident(stage, number)).progress.steps[CLEAR]
    assert state.approved
    assert (state.approved.by, state.status) == ("person:mira", "ran")


@pytest.mark.parametrize("who", ["token", "local"])
async def test_only_a_person_at_a_page_runs_what_changes(stage: Staged, who: str) -> None:
    number, bench = await opened(stage)
    stage.tocsin.local_token = "the owner of this machine"
    headers = await by_token(stage, "boss") if who == "token" else {"Authorization": "Bearer the owner of this machine"}
    answer = await ask(stage, f"/api/v1/incidents/{number}/steps/{CLEAR}/run", headers)
    assert answer.status_code == 403
    assert "a person who is signed in" in answer.json()["error"]
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    path = f"/app/incidents/{number}/steps/{CLEAR}/run"
    answer = await stage.client.post(path, content="confirmed=echo+cleared+%3E+cleared.txt", headers=form)
    assert answer.status_code == 403
    assert "Approve and run" not in (await stage.client.get(path, headers=headers)).text
    assert len(bench.asked) == 2
    answer = await ask(stage, f"/api/v1/incidents/{number}/steps/{ROOM}/run", headers)
    assert answer.status_code == 200
    assert bench.asked[2:] == ["df -h"]


async def test_a_session_that_uses_the_api_does_not_run_what_changes(stage: Staged) -> None:
    number, bench = await opened(stage)
    mira = await stage.as_("mira")
    answer = await ask(stage, f"/api/v1/incidents/{number}/steps/{CLEAR}/run", mira.headers)
    assert answer.status_code == 409
    assert len(bench.asked) == 2


async def test_what_cannot_be_run_is_refused_with_the_reason(stage: Staged) -> None:
    number, _ = await opened(stage)
    headers, one = await by_token(stage), f"/api/v1/incidents/{number}/steps"
    assert "copy it" in (await ask(stage, f"{one}/till-down.does-it-answer/run", headers)).json()["error"]
    assert (await ask(stage, f"{one}/till-down.nothing/run", headers)).status_code == 404
    assert (await ask(stage, f"{one}/{LOOK}/run", headers)).status_code == 409
    assert (await ask(stage, f"{one}/{ROOM}/run", headers, {"confirmed": "x"})).status_code == 400
    await stage.act(number, w.Resolve(by="person:mira"))
    assert (await ask(stage, f"{one}/{ROOM}/run", headers)).status_code == 409
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert "Run again" not in page


async def test_real_commands_are_run_by_a_real_shell(stage: Staged) -> None:
    await stage.begin(TEAM_THAT_RUNS, RUNBOOK)
    number = await stage.alert("The till does not answer", incident_type="till-down")
    mira = await stage.as_("mira")
    page = await mira.text(f"/app/incidents/{number}")
    assert "hello" in step(page, SAYS)
    [link] = re.findall(r'href="([^"]+/outputs/[0-9a-f]{64})"', page[page.index(f"step-{SAYS}") :])[:1]
    answer = await mira.get(link)
    assert (answer.text, answer.headers["content-type"]) == ("hello", "text/plain; charset=utf-8")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline; filename=")
    await mira.post(f"/app/incidents/{number}/steps/commands.since-when/run")
    assert "load" in step(await mira.text(f"/app/incidents/{number}"), "commands.since-when")


# -- outputs


async def output_of(stage: Staged, number: str) -> str:
    return next(fact.output for fact in await stage.facts(number) if isinstance(fact, f.StepRan))


async def test_an_output_belongs_to_its_incident_and_its_readers(stage: Staged) -> None:
    number, bench = await opened(stage)
    bench.outcome = {"out": "root\n"}
    secret = await stage.alert("user data was copied", key="b", incident_type="data-breach")
    breach, till = await output_of(stage, secret), await output_of(stage, number)
    assert breach != till
    mira, headers = await stage.as_("mira"), await by_token(stage, "sam")
    for reader in (mira, Reader(stage, headers)):
        for base in ("/app", "/api/v1"):
            assert (await reader.get(f"{base}/incidents/{number}/outputs/{till}")).status_code == 200
            assert (await reader.get(f"{base}/incidents/{number}/outputs/{breach}")).status_code == 404
            assert (await reader.get(f"{base}/incidents/{number}/outputs/{'0' * 64}")).status_code == 404
    outsider = await stage.as_("sam")
    assert (await outsider.get(f"/app/incidents/{secret}/outputs/{breach}")).status_code == 404
    assert (await (await stage.as_("boss")).get(f"/app/incidents/{secret}/outputs/{breach}")).text == "root"


# -- manual steps


async def test_a_manual_step_is_ticked_and_taken_back(stage: Staged) -> None:
    number, _ = await opened(stage)
    mira, path = await stage.as_("mira"), f"/app/incidents/{number}/steps/{LOOK}/check"
    page = await mira.text(f"/app/incidents/{number}")
    assert 'role="checkbox" aria-checked="false"' in page
    answer = await mira.post(path, done="yes")
    assert answer.headers["location"] == f"/app/incidents/{number}#step-{LOOK}"
    page = await (await stage.as_("jonas")).text(f"/app/incidents/{number}")
    assert 'aria-checked="true"' in page
    assert "Mira Okafor, " in step(page, LOOK)
    await mira.post(path, done="no")
    page = await mira.text(f"/app/incidents/{number}")
    assert 'aria-checked="false"' in page
    assert "taken back by Mira Okafor" in step(page, LOOK)


async def test_a_manual_step_is_ticked_by_the_api_with_a_note(stage: Staged) -> None:
    number, _ = await opened(stage)
    headers, one = await by_token(stage), f"/api/v1/incidents/{number}/steps"
    shown = (await ask(stage, f"{one}/{LOOK}/check", headers, {"note": "<b>no outage</b>"})).json()
    assert {one["id"]: one["status"] for one in shown["steps"]}[LOOK] == "done"
    page = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert "<b>no outage" not in page
    assert "<b>no outage</b>" in step(page, LOOK)
    assert (await ask(stage, f"{one}/{ROOM}/check", headers)).status_code == 409


# -- JSON


async def test_the_steps_of_the_api_say_how_far_they_got(stage: Staged) -> None:
    number, _ = await opened(stage)
    shown = (await stage.client.get(f"/api/v1/incidents/{number}", headers=await by_token(stage))).json()
    steps = {one["id"]: one for one in shown["steps"]}
    assert {name: one["status"] for name, one in steps.items()} == {
        ROOM: "ran",
        SAYS: "ran",
        "till-down.watch-it": "refused",
        "till-down.does-it-answer": "refused",
        CLEAR: "approval",
        LOOK: "open",
        "commands.since-when": "will",
    }
    assert (steps[ROOM]["risk"], steps[ROOM]["effective"]) == ("read", "df -h")
    assert steps[CLEAR]["risk"] in {"change", "unknown"}
    assert steps[LOOK]["risk"] is None
    outcome = steps[ROOM]["outcome"]
    assert (outcome["verdict"], outcome["exit"], outcome["seconds"]) == ("bad", 0, 0.21)
    assert "100%" in outcome["found"]
    assert outcome["excerpt"].startswith("Filesystem")
