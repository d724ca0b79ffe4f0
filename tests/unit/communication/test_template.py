import re
from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.communication.known import commander, known_values, lasting
from tocsin.communication.markup import as_plain, as_slack
from tocsin.communication.purpose import Purpose, template_for
from tocsin.communication.template import Field, fields_of, fill
from tocsin.incident.facts import Fact, FactBody, Resolved
from tocsin.incident.incident import Incident, fold
from tocsin.runbook.policy import Runbook, Template
from tocsin.runbook.reading import read_runbook
from unit.timeline import acknowledged, at, opened, policy

BOATS = """\
⛵ **HARBOUR CALL** - P1

**Status**: Identified
**Impact**: No ferry leaves the north pier,
  about 300 travellers wait
**Began**: 14 Mar 2025, 09:40 CET
**Incident lead**: @rosa
**Where to ask**: #harbour
**Updates**: Every 20 minutes in #harbour
**Affected piers**: north
**Page**: https://harbour.example/status/incidents/77

We keep 3 berths free, answer within 48 hours and tell @ferry-team first.
"""
OVER = """\
[MONITORING] Late ferries

Since 09:40 UTC about 12,000 passengers, 4% of users, waited for 25 minutes. Next update by 10:15 UTC.
"""
KNOWN = {
    "severity": "P0",
    "status": "Resolved",
    "started": "2026-11-24 02:11 UTC",
    "commander": "@mira",
    "title": "Gate stuck",
    "next_update": "02:33 UTC",
    "duration": "45 minutes",
}


def template(body: str, title: str = "Message", channel: str | None = None) -> Template:
    return Template(id="m", title=title, channel=channel, body=body, line=10, end_line=10 + body.count("\n"))  # type: ignore[arg-type]


def kinds(body: str) -> dict[str, str]:
    return {field.name: field.example for field in fields_of(template(body))}


def test_an_announcement_full_of_examples_becomes_fields() -> None:
    assert kinds(BOATS) == {
        "severity": "P1",
        "status": "Identified",
        "impact": "No ferry leaves the north pier,\n  about 300 travellers wait",
        "started": "14 Mar 2025, 09:40 CET",
        "commander": "@rosa",
        "update_every": "Every 20 minutes",
        "affected_piers": "north",
        "status_page": "https://harbour.example/status/incidents/77",
    }


def test_what_is_known_is_filled_in_and_what_is_not_stays_visible() -> None:
    filled = fill(template(BOATS), KNOWN)
    assert filled.text == (
        "⛵ **HARBOUR CALL** - P0\n\n"
        "**Status**: Resolved\n"
        "**Impact**: <ask: Impact>\n"
        "**Began**: 2026-11-24 02:11 UTC\n"
        "**Incident lead**: @mira\n"
        "**Where to ask**: #harbour\n"
        "**Updates**: Every 20 minutes in #harbour\n"
        "**Affected piers**: <ask: Affected piers>\n"
        "**Page**: <ask: Page>\n\n"
        "We keep 3 berths free, answer within 48 hours and tell @ferry-team first.\n"
    )
    assert [field.name for field in filled.missing] == ["impact", "affected_piers", "status_page"]


def test_examples_in_running_text_are_found_by_their_shape_and_the_words_before_them() -> None:
    assert fill(template(OVER), KNOWN | {"number_of_passengers": "9 ferries full"}).text == (
        "[RESOLVED] Gate stuck\n\n"
        "Since 02:11 UTC 9 ferries full, <ask: Number of users>, waited for 45 minutes. "
        "Next update by 02:33 UTC.\n"
    )


@pytest.mark.parametrize(
    ("written", "name", "label"),
    [
        ("{{ started }}", "started", "Started"),
        ("{{start_time}}", "started", "Start time"),
        ("[Incident ID]", "incident_id", "Incident ID"),
        ("<root cause>", "root_cause", "Root cause"),
        ("{{ incident.severity }}", "severity", "Incident severity"),
        ("${NEXT_UPDATE}", "next_update", "NEXT UPDATE"),
        ("[say which markets]", "say_which_markets", "Say which markets"),
    ],
)
def test_a_place_the_author_marked_is_a_field(written: str, name: str, label: str) -> None:
    (field,) = fields_of(template(f"It is about {written} now."))
    assert (field.name, field.label, field.example, field.explicit) == (name, label, written, True)


@pytest.mark.parametrize(
    "body", ["- [ ] look", "- [x] look", "[the page](https://a.example)", "array[0]", "mail a@b.c"]
)
def test_brackets_and_signs_with_another_meaning_are_no_fields(body: str) -> None:
    assert fields_of(template(body)) == ()


@pytest.mark.parametrize(
    "body",
    [
        "We page for P0 incidents at all hours.",
        "Expect an answer within 4 hours.",
        "**Note**: never restart by hand.",
        "**Support**: help@harbour.example",
        "**Status page**: https://status.harbour.example",
        "Next update: in half an hour, or sooner",
        "cc @here @dock-team",
    ],
)
def test_what_holds_for_every_incident_is_no_field(body: str) -> None:
    assert fields_of(template(body)) == ()


def test_a_label_above_its_value_asks_for_what_stands_below() -> None:
    assert kinds("## Impact\n\nNobody sails.\n\n**Root cause:**\n- rust\n- salt\n") == {
        "impact": "Nobody sails.",
        "root_cause": "- rust\n- salt",
    }


def test_a_label_without_a_value_is_filled_behind_it() -> None:
    assert (
        fill(template("**Impact**:\n**Status**:"), {"impact": "None"}).text
        == "**Impact**: None\n**Status**: <ask: Status>"
    )


def test_a_subject_is_a_headline() -> None:
    assert kinds("Subject: [P2] Crane stuck\n\nHello") == {"severity": "P2", "title": "Crane stuck"}
    assert kinds("Subject: Resolved: Crane stuck\n\nHello") == {"status": "Resolved", "title": "Crane stuck"}


def test_what_people_report_is_of_this_incident_and_not_of_the_example() -> None:
    told = fill(template("We have reports of late ferries, and look into it.\nEvery report of fog counts"), {}).text
    assert told == "We have reports of <ask: What is reported>.\nEvery report of <ask: What is reported>"


def test_an_impact_that_begins_with_how_long_it_lasted_asks_for_the_rest_only() -> None:
    body = template("**Impact**: 3 hours, about 40 travellers waited\n**Status**: Resolved")
    assert fill(body, KNOWN).text == "**Impact**: 45 minutes, <ask: Impact>\n**Status**: Resolved"
    assert kinds("**Impact**: 3 hours") == {"impact": "3 hours"}


def test_a_choice_of_states_becomes_the_state() -> None:
    assert fill(template("Status: INVESTIGATING / IDENTIFIED"), {"status": "Identified"}).text == "Status: IDENTIFIED"


def test_lines_of_fields_are_lines_of_the_runbook() -> None:
    assert [(field.name, field.line) for field in fields_of(template(OVER))][:3] == [
        ("status", 10),
        ("title", 10),
        ("started", 12),
    ]


WORDS = st.lists(
    st.sampled_from([
        "**Impact**:", "Status:", "{{ started }}", "[INVESTIGATING]", "P0", "2024-01-02 10:11 UTC", "@ana", "~5 users",
        "every 5 minutes", "https://a.example/incidents/9", "words", "here.", "\n", "\n\n", "#", "*", "[", "]", "|",
        "- ", "in 3 hours", "Subject:", "`code`", "é",
    ]) | st.text(max_size=6)
).map(" ".join)  # fmt: skip


def _outside(body: str, fields: tuple[Field, ...]) -> list[str]:
    ends = [0, *(field.end for field in fields)]
    return [body[end:start] for end, start in zip(ends, [*(field.start for field in fields), len(body)], strict=True)]


@given(WORDS)
@settings(max_examples=150, deadline=None)
def test_filling_loses_nothing_the_author_wrote_outside_the_fields(body: str) -> None:
    fields = fields_of(template(body))
    assert all(one.end <= other.start for one, other in pairwise(fields))
    assert all(body[field.start : field.end] == field.example for field in fields)
    outside = [re.escape(part) for part in _outside(body, fields)]
    assert re.fullmatch(r"(?:.*)".join(outside), fill(template(body), KNOWN).text, re.DOTALL)


def incident(*bodies: tuple[float, FactBody]) -> Incident:
    found = fold([Fact(seq=n, at=at(minutes), body=body) for n, (minutes, body) in enumerate(bodies, 1)])
    assert found is not None
    return found


def test_known_values_are_what_the_facts_say() -> None:
    open_one = incident((0, opened()), (3, acknowledged("mira")), (9, acknowledged("jonas")))
    known = known_values(
        open_one,
        policy(),
        names={"jonas": "@jonas"},
        status="identified",
        status_page="https://s.example/",
        next_update=at(24),
    )
    assert known == {
        "severity": "P1",
        "status": "Identified",
        "started": "2026-03-02 10:00 UTC",
        "date": "2026-03-02",
        "title": "Trouble",
        "incident_id": "INC-2026-0001",
        "commander": "@jonas",
        "status_page": "https://s.example/incidents/INC-2026-0001",
        "next_update": "10:24 UTC",
    }


def test_an_incident_that_is_over_has_a_duration_and_no_next_update() -> None:
    known = known_values(incident((0, opened()), (45, Resolved(cause="person"))), policy(), next_update=at(60))
    assert (known["status"], known["duration"], known["resolved_at"]) == (
        "Resolved",
        "45 minutes",
        "2026-03-02 10:45 UTC",
    )
    assert "next_update" not in known


def test_a_restricted_incident_gets_no_public_link() -> None:
    known = known_values(incident((0, opened(restricted=True))), policy(), status_page="https://s.example")
    assert known["status_page"] == "not published"


def test_a_machine_that_acknowledges_commands_nothing() -> None:
    by_alert = msgspec.structs.replace(acknowledged("x"), by="source:monitor")
    assert commander(incident((0, opened()), (1, by_alert))) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "less than a minute"),
        (1, "1 minute"),
        (45, "45 minutes"),
        (70, "1 hour 10 minutes"),
        (3060, "2 days 3 hours"),
    ],
)
def test_a_duration_is_said_in_words(minutes: int, words: str) -> None:
    assert lasting(timedelta(minutes=minutes)) == words


MARKDOWN = """\
# Ferry **late**
**Status**: *soon*, see [the page](https://s.example/1) & <!channel>
- ~~old~~ `**as is**`
2 * 3 * 4"""


def test_markdown_becomes_what_slack_reads_and_wakes_nobody() -> None:
    assert as_slack(MARKDOWN) == (
        "*Ferry late*\n*Status*: _soon_, see <https://s.example/1|the page> &amp; &lt;!channel&gt;\n"
        "• ~old~ `**as is**`\n2 * 3 * 4"
    )


def test_markdown_becomes_plain_text() -> None:
    assert as_plain(MARKDOWN) == (
        "Ferry late\nStatus: soon, see the page (https://s.example/1) & <!channel>\n- old **as is**\n2 * 3 * 4"
    )


PURPOSES: tuple[Purpose, ...] = ("internal", "public", "resolved")


def chosen(runbook: Runbook) -> list[str | None]:
    found = [template_for(runbook, purpose) for purpose in PURPOSES]
    return [None if one is None else one.title for one in found]


def test_each_purpose_finds_its_template(example: bytes) -> None:
    assert chosen(read_runbook(example)) == [
        "Internal notification (Slack)",
        "Status page update",
        "Closing message (e-mail)",
    ]


def test_a_message_that_says_it_is_over_is_never_the_public_update() -> None:
    runbook = msgspec.structs.replace(
        policy(), templates=(template("[RESOLVED] All well", "For customers", "status-page"),)
    )
    assert chosen(runbook) == [None, None, "For customers"]


SEED = [
    ["severity", "status", "impact", "started", "commander", "status_page", "update_every"],
    ["status", "title", "what_is_reported", "next_update"],
    ["status", "title", "root_cause", "duration", "impact", "fix", "prevention"],
]
EXAMPLES = ("down, all users", "john.doe", "12345", "2024-11-27", "~500 users", "15:45", "API errors")


def test_the_templates_of_the_real_runbook_give_their_fields_and_keep_no_example(seed: bytes) -> None:
    runbook = read_runbook(seed)
    for purpose, names in zip(PURPOSES, SEED, strict=True):
        found = template_for(runbook, purpose)
        assert found is not None
        assert [field.name for field in fields_of(found)] == names
        for values in ({}, KNOWN):
            text = fill(found, values).text
            assert not [example for example in EXAMPLES if example in text]
