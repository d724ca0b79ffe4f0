"""The review on a page and by the API: the document's own form, filled in as far as the record can."""

import json
import re
from typing import Any

import pytest

from integration.web.staged import RUNBOOK, Reader, Staged
from tocsin.incident import facts as f
from tocsin.incident import wishes as w

FORM = b"""\
## Post-incident review

**Template** (written within 48 hours):

```markdown
# Review of [Incident ID] of 2020-01-31

## In short

- **Duration**: 3 hours
- **Impact**: nine ferries late

## Timeline

- 10:00 - A bell rang

## Root cause

Rust in the hinge.

## Resolution

- Immediate: oiled the hinge

## Action items

- [ ] Buy oil (@harbour, 2020-02-03)
```

## Useful commands
"""
EXAMPLES = ("3 hours", "ferries", "bell rang", "Rust", "oiled", "Buy oil", "harbour", "2020")


def with_form() -> bytes:
    """The bundled runbook with a review template that has an example under every heading."""
    body = RUNBOOK.read_bytes()
    start, end = body.index(b"## Post-incident review"), body.index(b"## Useful commands\n")
    return body[:start] + FORM + body[end + len(b"## Useful commands\n") :]


async def resolved(stage: Staged, **more: str) -> str:
    """An incident that Mira took after 3 minutes and ended after 46."""
    number = await stage.alert(**({"incident_type": "sequencer-down"} | more))  # type: ignore[arg-type]
    await stage.let_pass(minutes=3)
    await stage.act(number, w.Acknowledge(by="person:mira"))
    await stage.act(number, w.Note(by="person:mira", text="The <pool> ran dry"))
    await stage.let_pass(minutes=43)
    await stage.act(number, w.Resolve(by="person:mira", why="rollback helped"))
    return number


def flat(text: str) -> str:
    return " ".join(text.split())


async def api(reader: Reader, path: str, body: object = None, status: int = 200) -> Any:
    client, headers = reader.stage.client, reader.headers
    if body is None:
        answer = await client.get(f"/api/v1{path}", headers=headers)
    else:
        answer = await client.post(f"/api/v1{path}", content=json.dumps(body), headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


# -- the page


async def test_the_form_is_the_documents_own_and_none_of_its_examples_are_kept(stage: Staged) -> None:
    await stage.begin(runbook=with_form())
    number = await resolved(stage)
    text = await (await stage.as_("mira")).text(f"/app/reviews/{number}")
    headings = re.findall(r"<h[12][^>]*>([^<]+)</h[12]>", text)
    own = ["In short", "Timeline", "Root cause", "Resolution", "Action items"]
    assert [one for one in headings if one != "Parts"] == [f"Review of {number} of 2026-11-30", *own]
    assert [example for example in EXAMPLES if example in text] == []
    assert "46 minutes" in text
    markdown = await (await stage.as_("mira")).text(f"/app/reviews/{number}/markdown")
    assert [example for example in EXAMPLES if example in markdown] == []
    assert re.findall(r"^## (.+)$", markdown, re.MULTILINE) == own


async def test_each_line_names_the_fact_it_comes_from(stage: Staged) -> None:
    number = await resolved(stage)
    facts = (await stage.tocsin.engine.load(number)).facts
    text = flat(await (await stage.as_("mira")).text(f"/app/reviews/{number}"))
    for kind, words in ((f.Acknowledged, "Mira Okafor acknowledged."), (f.Resolved, "Resolved by Mira Okafor")):
        [seq] = [fact.seq for fact in facts if isinstance(fact.body, kind)]
        row = text[text.index(words) :].split("</tr>")[0]
        assert f'href="/app/incidents/{number}#f{seq}"' in row
    assert "The &lt;pool&gt; ran dry" in text
    assert '<td class="mono">03:14</td>' in text  # Berlin, where the team is
    assert "Europe/Berlin" in text


async def test_what_only_a_person_can_say_is_asked_for(stage: Staged) -> None:
    number = await resolved(stage)
    text = await (await stage.as_("mira")).text(f"/app/reviews/{number}")
    assert text.count("yours to write") == 4  # all headings of the template but the timeline
    assert "Why did it happen, and what let it through?" in text


async def test_what_a_person_writes_wins_and_can_be_taken_back(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    path = f"/app/reviews/{number}/parts/why-it-happened"
    answer = await mira.post(path, text="The <b>pool</b> leaked.\r\nSince Friday.")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/reviews/{number}#p-why-it-happened")
    text = await mira.text(f"/app/reviews/{number}")
    assert "The &lt;b&gt;pool&lt;/b&gt; leaked.\nSince Friday." in text
    assert "The <b>pool</b> leaked.\nSince Friday." in await mira.text(f"/app/reviews/{number}/markdown")
    await mira.post(f"/app/reviews/{number}/parts/timeline", text="- 03:11 - It began")
    text = await mira.text(f"/app/reviews/{number}")
    assert "It began" in text
    assert "Mira Okafor acknowledged." not in text
    await mira.post(f"/app/reviews/{number}/parts/timeline", text="")
    assert "Mira Okafor acknowledged." in await mira.text(f"/app/reviews/{number}")
    edits = [body for body in await stage.facts(number) if isinstance(body, f.ReviewEdited)]
    assert [(one.by, one.part) for one in edits][0] == ("person:mira", "why-it-happened")  # noqa: RUF015


async def test_a_part_that_is_not_there_cannot_be_written(stage: Staged) -> None:
    number = await resolved(stage)
    answer = await (await stage.as_("mira")).post(f"/app/reviews/{number}/parts/moon", text="x")
    assert answer.status_code == 404
    assert "it has what-happened, timeline, why-it-happened" in answer.text


async def test_action_items_have_an_owner_and_a_day_and_get_done(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    path = f"/app/reviews/{number}/actions"
    await mira.post(path, text="Show pool use", owner="jonas", due="2026-12-05")
    await mira.post(path, text="Close connections", owner="", due="2026-11-29")
    text = flat(await mira.text(f"/app/reviews/{number}"))
    assert 'Jonas Weber</span></td><td data-label="Due">2026-12-05' in text
    assert '<td data-label="Due" class="bad">2026-11-29' in text  # it was yesterday
    await mira.post(f"{path}/{number}-A2", done="yes")
    markdown = await mira.text(f"/app/reviews/{number}/markdown")
    assert (
        "## Action items\n\n- [ ] Show pool use (@jonas, 2026-12-05)\n- [x] Close connections (2026-11-29)" in markdown
    )
    await mira.post(f"{path}/{number}-A2", done="no")
    assert "[x]" not in await mira.text(f"/app/reviews/{number}/markdown")
    assert (await mira.post(path, text="x", due="tomorrow")).status_code == 400


async def test_an_open_incident_has_no_review_yet(stage: Staged) -> None:
    number, mira = await stage.alert(), await stage.as_("mira")
    assert f"{number} is not resolved." in await mira.text(f"/app/reviews/{number}")
    assert number not in await mira.text("/app/reviews")
    refused = await mira.post(f"/app/reviews/{number}/actions", text="x")
    assert refused.status_code == 409
    assert not [body for body in await stage.facts(number) if isinstance(body, f.ActionAdded)]


async def test_a_resolved_incident_leads_to_its_review(stage: Staged) -> None:
    number = await resolved(stage)
    text = await (await stage.as_("mira")).text(f"/app/incidents/{number}")
    assert f'<a class="b go" href="/app/reviews/{number}">Open the review</a>' in text


async def test_the_list_says_when_each_is_due_and_whose_it_is(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    await stage.let_pass(hours=7)
    assert "due Wed 03:57, in 41 h" in await mira.text("/app/reviews")  # ended Mon 03:57 in Berlin
    await stage.let_pass(hours=43)
    text = await mira.text("/app/reviews")
    assert "One review is to be written, 1 of them late" in text
    assert "due 03:57, 2 h late" in text
    assert "1 of 5" in text
    await mira.post(f"/app/reviews/{number}/finish")
    text = await mira.text("/app/reviews")
    assert "No review is due" in text
    assert "Finished 05:57 by Mira Okafor." in text


async def test_a_runbook_without_reviews_gets_the_usual_form_and_no_clock(stage: Staged) -> None:
    body = RUNBOOK.read_bytes()
    start, end = body.index(b"## Post-incident review"), body.index(b"## Useful commands")
    await stage.begin(runbook=body[:start] + body[end:])
    number = await resolved(stage)
    text = await (await stage.as_("mira")).text(f"/app/reviews/{number}")
    assert "Your runbook has no template" in text
    assert "The runbook sets no time for it." in text
    assert "46 minutes" in text


async def test_reviews_of_restricted_incidents_are_for_those_concerned(stage: Staged) -> None:
    number = await stage.alert("Leak", incident_type="data-breach")
    await stage.act(number, w.Acknowledge(by="person:priya"))
    await stage.act(number, w.Resolve(by="person:priya"))
    await stage.act(number, w.AddAction(by="person:priya", text="Rotate the wombat keys"))
    jonas, priya, boss = [await stage.as_(name) for name in ("jonas", "priya", "boss")]
    for path in ("", "/markdown"):
        assert (await jonas.get(f"/app/reviews/{number}{path}")).status_code == 404
    assert (await jonas.post(f"/app/reviews/{number}/finish")).status_code == 404
    assert (await jonas.get(f"/api/v1/reviews/{number}")).status_code == 404
    assert number not in await jonas.text("/app/reviews")
    assert await api(jonas, "/actions") == {"actions": []}
    assert await api(jonas, "/reviews") == {"reviews": []}
    for reader in (priya, boss):
        assert number in await reader.text("/app/reviews")
        assert "wombat" in json.dumps(await api(reader, "/actions"))


@pytest.mark.parametrize("path", ["/app/reviews", "/app/reviews/INC-2026-0001", "/app/reviews/INC-2026-0001/markdown"])
async def test_nobody_reads_reviews_without_signing_in(stage: Staged, path: str) -> None:
    await resolved(stage)
    answer = await stage.stranger.get(path)
    assert answer.status_code == 401
    assert "Sequencer" not in answer.text


async def test_pages_of_reviews_have_no_inline_style_or_script(stage: Staged) -> None:
    number = await resolved(stage)
    for path in ("/app/reviews", f"/app/reviews/{number}"):
        assert not re.search(r"\sstyle=|<style|\son\w+=", await (await stage.as_("mira")).text(path))


# -- the API


async def test_the_api_gives_parts_and_markdown(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    found = await api(mira, f"/reviews/{number}")
    assert (found["incident"], found["owner"], found["due_at"]) == (number, "person:mira", "2026-12-02T02:57:38Z")
    states = {part["id"]: part["state"] for part in found["parts"] if part["level"] == 2}
    assert states == {
        "what-happened": "asked",
        "timeline": "filled",
        "why-it-happened": "asked",
        "what-went-well-what-did-not": "asked",
        "action-items": "asked",
    }
    timeline = next(part for part in found["parts"] if part["id"] == "timeline")
    assert timeline["lines"][0]["cites"] == [1]
    assert found["markdown"].startswith(f"# Review of {number}\n")
    assert "<ask: Why did it happen, and what let it through?>" in found["markdown"]


async def test_the_api_writes_parts_and_actions_and_finishes(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    one = f"/reviews/{number}"
    found = await api(mira, f"{one}/parts/why-it-happened", {"text": "A leak."})
    assert "## Why it happened\n\nA leak.\n" in found["markdown"]
    found = await api(mira, f"{one}/actions", {"text": "Show pool use", "owner": "jonas", "due": "2026-12-05"})
    [action] = found["actions"]
    assert (action["id"], action["done"], action["late"]) == (f"{number}-A1", False, False)
    assert (await api(mira, "/actions?open=1"))["actions"] == [action]
    await api(mira, f"{one}/actions/{number}-A1", {"done": True})
    assert await api(mira, "/actions?open=1") == {"actions": []}
    assert [one["done"] for one in (await api(mira, "/actions"))["actions"]] == [True]
    found = await api(mira, f"{one}/finish", {})
    assert found["finished_by"] == "person:mira"
    assert [row["late"] for row in (await api(mira, "/reviews"))["reviews"]] == [False]


async def test_check_boxes_written_into_the_action_items_become_action_items_once(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    text = "- [ ] Show pool use (@jonas, 2026-12-05)\n- [ ] Close connections"
    for _ in range(2):
        found = await api(mira, f"/reviews/{number}/parts/action-items", {"text": text})
    assert [(one["text"], one["owner"], one["due"]) for one in found["actions"]] == [
        ("Show pool use", "jonas", "2026-12-05"),
        ("Close connections", None, None),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/parts/moon", {"text": "x"}, 404),
        ("/parts/timeline", {}, 400),
        ("/parts/timeline", {"text": 1}, 400),
        ("/actions", {"text": " "}, 400),
        ("/actions", {"text": "x", "due": "soon"}, 400),
        ("/actions/INC-2026-0001-A9", {}, 404),
        ("/finish", {"why": "x"}, 400),
    ],
)
async def test_what_cannot_be_used_changes_nothing(stage: Staged, path: str, body: object, status: int) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    before = len(await stage.facts(number))
    assert (await api(mira, f"/reviews/{number}{path}", body, status))["error"]
    assert len(await stage.facts(number)) == before


async def test_before_the_end_the_api_refuses(stage: Staged) -> None:
    number, mira = await stage.alert(), await stage.as_("mira")
    assert "its review begins when it is" in (await api(mira, f"/reviews/{number}", status=409))["error"]


# -- the clock


async def reminded_of_review(stage: Staged, number: str) -> list[bool]:
    """Whether each reminder of the review woke somebody."""
    reminders = [body for body in await stage.facts(number) if isinstance(body, f.Reminded)]
    return [one.wake for one in reminders if one.topic == "review"]


async def test_finishing_ends_the_reminders(stage: Staged) -> None:
    number, mira = await resolved(stage), await stage.as_("mira")
    await stage.let_pass(hours=37)  # a quarter of 48 h is left at 36 h
    assert await reminded_of_review(stage, number) == [False]
    await mira.post(f"/app/reviews/{number}/finish")
    pages = sum(1 for sent in stage.sent if sent.message.kind == "page")
    await stage.let_pass(hours=20)
    assert await reminded_of_review(stage, number) == [False]
    assert sum(1 for sent in stage.sent if sent.message.kind == "page") == pages
