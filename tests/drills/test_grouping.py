"""Alerts of one entry share an incident: who is paged, when it ends, and which never join."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from drills.story import Begin, Story
from tocsin.detection.alert import Action, Alert
from tocsin.incident import facts as f
from tocsin.incident import wishes as w
from tocsin.store import transactions as t


async def fires(
    story: Story,
    key: str,
    incident_type: str | None = "sequencer-down",
    *,
    component: str | None = None,
    action: Action = "trigger",
    severity: str = "P1",
    source: str = "rehearsal",
    declared_by: str | None = None,
) -> None:
    """Let a monitor send an event about that entry, and the engine look at it."""
    more = {"component": component, "action": action, "source": source, "declared_by": declared_by}
    await story.rehearsal.engine.ingest([alert_of(key, incident_type, wanted_severity=severity, **more)])
    await story.rehearsal.settle()


def alert_of(key: str, incident_type: str | None = "sequencer-down", **more: Any) -> Alert:
    """Give what a monitor sends about that entry."""
    said: dict[str, Any] = {"action": "trigger", "source": "rehearsal", "wanted_severity": "P1"} | more
    return Alert(dedup_key=key, summary=f"{key} is broken", incident_type=incident_type, **said)


async def numbers(story: Story) -> int:
    """Give how many incidents there are."""
    return len(await story.rehearsal.numbers())


async def test_another_alert_of_the_entry_joins_pages_nobody_again_and_says_why(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a")
    await story.until("0:10")
    await fires(story, "b", source="another")
    assert (await numbers(story), story.pages()) == (1, ["0:00 mira"])
    [joined] = await story.facts(f.AlertJoined)
    assert isinstance(joined.body, f.AlertJoined)
    assert (joined.body.group_key, joined.body.summary, joined.body.by) == (
        "another/b",
        "b is broken",
        "source:another",
    )
    assert joined.body.because is not None
    assert joined.body.because.text == "it is the same entry, while INC-2026-0001 is open"
    assert joined.body.because.line is not None


async def test_it_is_over_when_all_its_alerts_are(begin: Begin) -> None:
    story = await begin()
    for key in "abc":
        await fires(story, key)
    await fires(story, "a", action="resolve")
    await fires(story, "c", action="resolve")
    assert (await story.incident()).status == "triggered"
    [first, _] = await story.facts(f.AlertCleared)
    assert isinstance(first.body, f.AlertCleared)
    assert first.body.because.text == "2 other alerts of it still fire"
    await fires(story, "b", action="resolve")
    incident = await story.incident()
    assert (incident.status, len(await story.facts(f.AlertCleared))) == ("resolved", 2)


async def test_alerts_that_end_at_once_end_it_once(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    over = [Alert(source="rehearsal", dedup_key=key, action="resolve") for key in "ab"]
    await story.rehearsal.engine.ingest(over)
    await story.rehearsal.settle()
    assert len(await story.facts(f.Resolved)) == 1
    assert await numbers(story) == 1


async def test_an_acknowledgement_stands_when_another_alert_joins(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a")
    await story.acknowledges("mira")
    await fires(story, "b")
    incident = await story.incident()
    assert (incident.status, story.pages()) == ("acknowledged", ["0:00 mira"])


async def test_an_alert_that_joins_may_raise_the_severity(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", severity="P2")
    await fires(story, "b", severity="P1")
    assert (await story.incident()).severity == "P1"


async def test_other_entries_other_components_no_entry_and_declarations_open_their_own(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", component="eu")
    await fires(story, "b", "high-error-rate")
    await fires(story, "c", component="us")
    await fires(story, "d", None)
    await fires(story, "e", None)
    await fires(story, "f", declared_by="person:bo")
    assert await numbers(story) == 6
    await fires(story, "g", component="EU")
    await fires(story, "h")
    assert await numbers(story) == 6


async def test_the_component_is_the_one_an_alert_names_by_now(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", component="eu")
    await fires(story, "a", component="us")  # a repeat that only counts
    await fires(story, "b", component="us")
    assert await numbers(story) == 1
    await fires(story, "c", component="eu")
    assert await numbers(story) == 2


async def test_an_alert_joins_what_a_person_declared_and_its_end_does_not_end_that(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", declared_by="person:bo")
    await fires(story, "b")
    await fires(story, "b", action="resolve")
    assert await numbers(story) == 1
    assert (await story.incident()).status == "triggered"


async def test_the_time_counts_from_the_latest_alert(begin: Begin) -> None:
    story = await begin(group_within=timedelta(minutes=30))
    await fires(story, "a")
    await story.acknowledges("mira")
    await story.until("0:30")
    await fires(story, "b")
    await story.until("1:00")
    await fires(story, "c")
    assert await numbers(story) == 1
    await story.until("1:31")
    await fires(story, "d")
    assert await numbers(story) == 2


async def test_nothing_joins_where_the_configuration_says_so(begin: Begin) -> None:
    story = await begin(group_within=timedelta(0))
    for key in "ab":
        await fires(story, key)
    assert await numbers(story) == 2


async def test_a_hundred_alerts_share_an_incident_and_the_next_pages(begin: Begin) -> None:
    story = await begin()
    for place in range(101):
        await fires(story, f"alert-{place}")
    assert await numbers(story) == 2
    assert story.pages() == ["0:00 mira", "0:00 mira"]


async def test_any_of_its_alerts_reopens_it_within_the_grace(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    for key in "ba":
        await fires(story, key, action="resolve")
    await story.until("0:03")
    await fires(story, "b")
    assert (await numbers(story), story.pages()) == (1, ["0:00 mira", "0:03 mira"])
    assert (await story.incident()).status == "triggered"
    await fires(story, "b", action="resolve")
    assert (await story.incident()).status == "resolved"


async def test_after_the_grace_a_new_one_opens_that_names_the_one_before(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    for key in "ab":
        await fires(story, key, action="resolve")
    await story.until("0:06")
    await fires(story, "b")
    assert (await numbers(story), (await story.incident()).former) == (2, "INC-2026-0001")
    await fires(story, "a")  # it joins the new one
    assert await numbers(story) == 2
    await fires(story, "b", action="resolve")
    assert (await story.incident()).status == "triggered"
    await fires(story, "a", action="resolve")
    assert (await story.incident()).status == "resolved"


async def test_an_alert_whose_former_incident_lost_its_own_alert_to_a_new_one_joins_that(begin: Begin) -> None:
    story = await begin(reopen_within=timedelta(minutes=5))
    for key in "ab":
        await fires(story, key)
    for key in "ab":
        await fires(story, key, action="resolve")
    await story.until("0:06")
    await fires(story, "a")
    story.rehearsal.engine.worlds.settings = msgspec.structs.replace(
        story.rehearsal.engine.worlds.settings, reopen_within=timedelta(minutes=30)
    )
    await fires(story, "b")
    assert await numbers(story) == 2
    assert [type(fact.body) for fact in await story.facts(f.AlertJoined, f.Reopened)] == [f.AlertJoined]


async def test_an_alert_of_the_group_that_a_person_resolved_too_early_comes_back(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    await story.resolves("mira")
    assert story.pages() == ["0:00 mira"]
    await story.until("0:02")
    await fires(story, "b")
    assert ((await story.incident()).status, story.pages()) == ("triggered", ["0:02 mira"])


async def test_one_that_is_reopened_by_a_person_takes_back_what_has_not_gone_elsewhere(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    for key in "ab":
        await fires(story, key, action="resolve")
    await story.until("0:06")
    await fires(story, "b")  # its own incident now
    await story.rehearsal.act("INC-2026-0001", w.Reopen(by="person:mira"))
    await fires(story, "a")
    await fires(story, "a", action="resolve")
    first = (await story.rehearsal.incident("INC-2026-0001")).incident
    assert first is not None
    assert (first.status, (await story.incident()).status) == ("resolved", "triggered")


@pytest.mark.parametrize("seen_firing", [True, False])
async def test_one_that_comes_and_goes_ends_what_a_person_reopened_whether_or_not_it_was_seen_firing(
    begin: Begin, seen_firing: bool
) -> None:
    story = await begin()
    await fires(story, "a")
    await fires(story, "a", action="resolve")
    await story.reopens("mira")
    await comes_and_goes(story, "b", seen_firing=seen_firing)
    [_, ended] = await story.facts(f.Resolved)
    assert isinstance(ended.body, f.Resolved)
    assert (ended.body.group_key, ended.body.why) == ("rehearsal/b", "all its alerts are over")
    await story.until("3:00")
    assert story.pages() == ["0:00 mira", "0:00 mira"]  # nobody is paged for what is over


@pytest.mark.parametrize("seen_firing", [True, False])
async def test_one_that_comes_and_goes_while_another_fires_ends_nothing(begin: Begin, seen_firing: bool) -> None:
    story = await begin()
    await fires(story, "a")
    await comes_and_goes(story, "b", seen_firing=seen_firing)
    [cleared] = await story.facts(f.AlertCleared)
    assert isinstance(cleared.body, f.AlertCleared)
    assert (cleared.body.group_key, cleared.body.because.text) == ("rehearsal/b", "1 other alert of it still fires")
    await fires(story, "a", action="resolve")
    assert (await story.incident()).status == "resolved"


async def comes_and_goes(story: Story, key: str, *, seen_firing: bool) -> None:
    """Let an alert fire and be over, with a turn between or both at once."""
    if seen_firing:
        await fires(story, key)
    else:
        await story.rehearsal.engine.ingest([alert_of(key)])
    await fires(story, key, action="resolve")


async def test_the_sender_of_one_alert_that_has_it_takes_the_incident_once(begin: Begin) -> None:
    story = await begin()
    for key in "ab":
        await fires(story, key)
    await fires(story, "b", action="acknowledge")
    await fires(story, "b")
    assert len(await story.facts(f.Acknowledged)) == 1


# -- flapping


async def test_an_alert_that_flaps_keeps_one_incident_that_is_over_once_it_is_quiet(begin: Begin) -> None:
    story = await begin()
    for half in range(20):
        await story.until(f"0:{half // 2:02}:{half % 2 * 30:02}")
        await fires(story, "a", action="resolve" if half % 2 else "trigger")
    await story.until("0:11")
    assert (await numbers(story), len(await story.facts(f.Resolved, f.Reopened))) == (1, 4)
    assert story.pages() == ["0:00 mira", "0:01 mira", "0:02 mira"]  # then it is known
    [cleared] = await story.facts(f.AlertCleared)
    assert isinstance(cleared.body, f.AlertCleared)
    assert cleared.body.because.text.startswith("it flaps: it was over 3 times within 10 min")
    assert await story.facts(f.AlertJoined) == []
    await story.acknowledges("mira")
    await story.until("0:19:29")
    assert (await story.incident()).status == "acknowledged"
    await story.until("0:19:31")
    assert (await story.incident()).status == "resolved"


async def test_one_that_a_person_reopened_while_it_flapped_ends_once_it_is_quiet_where_another_ended_since(
    begin: Begin,
) -> None:
    story = await begin()
    for half in range(6):
        await story.until(f"0:0{half // 2}:{half % 2 * 30:02}")
        await fires(story, "a", action="resolve" if half % 2 else "trigger")
    await story.resolves("mira")
    await story.rehearsal.engine.act("INC-2026-0001", w.Reopen(by="person:mira"), t.SYSTEM)
    await fires(story, "b")
    await fires(story, "b", action="resolve")
    assert (await story.incident()).status == "triggered"
    await story.until("0:15")
    assert (await story.incident()).status == "resolved"


async def test_one_that_flaps_too_fast_to_be_seen_firing_pages(begin: Begin) -> None:
    story = await begin()
    for place in range(4):
        await story.until(f"0:00:{place * 10:02}")
        blip = [
            Alert(
                source="rehearsal", dedup_key="a", action=action, incident_type="sequencer-down", wanted_severity="P1"
            )
            for action in ("trigger", "resolve")
        ]
        await story.rehearsal.engine.ingest([blip[0]])
        await story.rehearsal.engine.ingest([blip[1]])
        await story.rehearsal.settle()
    assert (await numbers(story), story.pages()) == (1, ["0:00:20 mira"])


async def test_one_that_flaps_beside_others_ends_with_the_last_of_them(begin: Begin) -> None:
    story = await begin()
    await fires(story, "b")
    for minute in range(3):
        await story.until(f"0:{minute:02}")
        await fires(story, "a")
        await fires(story, "a", action="resolve")
    await fires(story, "b", action="resolve")
    assert (await story.incident()).status == "triggered"
    await story.until("0:12:01")
    assert (await story.incident()).status == "resolved"


async def test_who_has_it_is_told_when_another_alert_makes_it_worse_and_nobody_is_paged_anew(begin: Begin) -> None:
    story = await begin()
    await fires(story, "a", severity="P2")
    await story.acknowledges("mira")
    story.take("page")
    story.take("notification")
    await story.until("0:10")
    await fires(story, "b", severity="P1")
    assert story.take("page") == []
    [told] = [one for one in story.take("notification") if one.message.data.get("reminder")]
    assert (told.person, story.when(told.at)) == ("mira", "0:10")
    assert "P1 now instead of P2" in told.message.text
    assert "You have it" in told.message.text
    await fires(story, "c", severity="P1")
    assert [one for one in story.take("notification") if one.message.data.get("reminder")] == []
