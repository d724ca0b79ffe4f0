"""Which words become an entry, a part of one, a step or a severity, in the shapes that strangers' documents have."""

import pytest

from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.runbook.reading import read_runbook


def read(text: str, path: str = "shop/notes.md") -> Runbook:
    return read_runbook(text.encode(), path)


def entry(text: str) -> IncidentType:
    [found] = read(text).incident_types
    return found


def titles(text: str) -> list[str]:
    return [one.title for one in read(text).incident_types]


def steps(runbook: Runbook) -> list[str]:
    every = (*runbook.steps(), *runbook.procedures)
    return [step.source or step.title for step in sorted(every, key=lambda step: step.line)]


def resolving(found: IncidentType) -> list[str]:
    return [step.source or step.title for branch in found.resolution for step in branch.steps]


CAUSES = """# Till Down

## Symptoms

- No receipts

## Causes

### Cause 1: no paper

**Symptoms:**

- A red lamp

**Fix:**

```bash
tillctl --refill
```
"""


def test_the_symptoms_and_the_fix_of_a_cause_are_the_entrys() -> None:
    found = entry(CAUSES)
    assert [symptom.text for symptom in found.symptoms] == ["No receipts", "A red lamp"]
    assert resolving(found) == ["tillctl --refill"]


@pytest.mark.parametrize("label", ["**Symptom:** the lamp is red", "**P1 - Escalate at once to the owner.**"])
def test_commands_below_what_only_says_something_are_read(label: str) -> None:
    found = entry(f"## Till down\n\n{label}\n\n```bash\nsystemctl restart till\n```\n")
    assert resolving(found) == ["systemctl restart till"]


def test_a_label_that_says_to_escalate_is_the_rule() -> None:
    rule = entry("## Till down\n\n**P1 - Escalate immediately to the owner.**\n\n1. Wait\n").escalation
    assert rule is not None
    assert (rule.trigger, rule.to) == ("immediate", ("owner",))


def test_entries_stand_below_a_heading_of_another_part_too() -> None:
    text = (
        "# Shop\n\n## Quick Reference\n\n### Issues and solutions\n\n#### Till Down\n\n1. Wait\n\n"
        "#### Slow Printer\n\n1. Wait\n"
    )
    assert titles(text) == ["Till Down", "Slow Printer"]


@pytest.mark.parametrize("lead", ["Incident Playbook: ", "Runbook - ", "SOP: ", "Incident Response Playbook: "])
def test_what_a_document_is_does_not_belong_to_the_name_of_its_trouble(lead: str) -> None:
    text = f"# {lead}Till Down\n\n**Severity**: Critical\n\n## Step 1: Look\n\n```bash\nsystemctl status till\n```\n"
    found = entry(text)
    assert (found.title, found.severity) == ("Till Down", "Critical")


@pytest.mark.parametrize(
    "title", ["Response Time: 1 hour", "Runbook Structure", "Escalation Guidelines", "Latency Triage Flow"]
)
def test_what_a_heading_says_of_the_work_is_no_entry(title: str) -> None:
    text = (
        f"# Shop\n\n## Common Incidents\n\n### Till Down\n\n1. Wait\n\n### {title}\n\n- Detection\n\n"
        f"1. Check the till\n"
    )
    assert titles(text) == ["Till Down"]


@pytest.mark.parametrize("title", ["Till Deployment Runbook", "Rollback", "Onboarding of a shop", "Quickstart"])
def test_a_page_on_planned_work_is_no_entry(title: str) -> None:
    assert titles(f"# {title}\n\n## Checks\n\n- Look\n\n## Steps\n\n1. Wait\n\n## Verification\n\n- Done\n") == []


def test_a_page_on_trouble_with_planned_work_is_an_entry() -> None:
    assert titles("# Till deployment failed\n\n## Checks\n\n- Look\n\n## Steps\n\n1. Wait\n") == [
        "Till deployment failed"
    ]


def test_full_is_a_trouble_only_of_something() -> None:
    assert titles("# Shop\n\n## Full Restart\n\n1. Wait\n\n## Paper tray full\n\n1. Wait\n") == ["Paper tray full"]


def test_a_heading_among_headings_that_are_steps_is_a_step() -> None:
    headings = ("Assemble the team", "Isolate the tills", "Compromised Cards", "Identify the thief", "Inform the bank")
    assert titles("# Thefts\n" + "".join(f"\n## {title}\n\n- Look at it\n" for title in headings)) == []


def test_a_drawing_of_trouble_alone_makes_no_entry() -> None:
    assert titles("# Shop\n\n## Latency of the tills\n\n```mermaid\nflowchart LR\n  A --> B\n```\n") == []


# -- steps


def test_what_has_still_to_be_written_is_no_step() -> None:
    assert steps(
        read("## Till Down\n\n### Fix\n\n`TODO: Describe how to open it`\n\n- TODO: ask Mia\n- Open it\n")
    ) == ["Open it"]


def test_a_pointer_is_no_step() -> None:
    text = (
        "## Till Down\n\n### Fix\n\n- [Paper](paper.md) - how to refill\n- **[Ink](ink.md)**\n"
        "1. [Read the manual.](manual.md)\n"
    )
    assert steps(read(text)) == ["Read the manual."]


def test_a_list_of_what_may_be_so_is_no_list_of_steps() -> None:
    text = "## Till Down\n\n### Fix\n\nCommon causes:\n\n- No paper in the tray\n- Restart it after a jam\n"
    assert steps(read(text)) == ["Restart it after a jam"]


def test_what_one_should_see_belongs_to_the_command_above() -> None:
    text = (
        "## Till Down\n\n### Diagnosis\n\n```bash\ntill --status\n# Look for:\n# - Red lamps\n"
        "# - Jams\n\n# Should succeed\n```\n"
    )
    assert steps(read(text)) == ["till --status"]


def test_a_comment_over_two_lines_is_one_step_and_a_heading_over_a_list_none() -> None:
    text = (
        "## Till Down\n\n### Fix\n\n```bash\n# Typical fixes:\n# 1. Check the paper\n\n"
        "# Ask whoever sold it\n# about the warranty\n```\n"
    )
    assert steps(read(text)) == ["Check the paper", "Ask whoever sold it about the warranty"]


def test_sql_that_stands_bare_in_a_shell_fence_is_shown_and_never_run() -> None:
    [step] = (
        entry("## Till Down\n\n### Fix\n\n```bash\n# Count\nSELECT count(*)\nFROM sales;\n```\n")
        .resolution[0]
        .steps[:1]
    )
    assert (step.language, step.executable, step.title) == ("sql", False, "Count")


def test_an_order_stands_behind_a_colon_too() -> None:
    text = "# Shop\n\n## Escalation\n\nIf more than 5% of sales fail for 10 minutes: close the shop.\n"
    assert steps(read(text)) == ["If more than 5% of sales fail for 10 minutes: close the shop."]


@pytest.mark.parametrize("pair", ["Backup: Mia", "Log aggregation: Loki", "**Alert Manager**: alerts.example"])
def test_the_name_of_something_is_no_order(pair: str) -> None:
    assert steps(read(f"# Shop\n\n## Tools\n\n- {pair}\n")) == []


@pytest.mark.parametrize(
    "pair", ["Communicate: every 30 min", "Check logs: look for jams", "Update the status page: now"]
)
def test_an_order_may_have_a_colon(pair: str) -> None:
    assert steps(read(f"# Shop\n\n## Checklist\n\n- {pair}\n")) == [pair]


def test_a_definition_is_its_symptom_without_its_colon() -> None:
    found = entry("# Till Down\n\nSymptoms\n\n: A red lamp\n\n## Fix\n\n- Look\n")
    assert [symptom.text for symptom in found.symptoms] == ["A red lamp"]


# -- symptoms of an alert


def test_an_alert_that_does_not_say_when_it_fires_is_known_by_its_first_sentence() -> None:
    found = entry(
        "# TillSpoolerDown\n\n## Meaning\n\nNo spooler has answered for 10 minutes. Paper waits.\n\n"
        "## Diagnosis\n\n- Look\n"
    )
    assert [symptom.text for symptom in found.symptoms] == ["No spooler has answered for 10 minutes."]


def test_what_an_alert_says_of_itself_is_no_symptom() -> None:
    assert (
        entry("# TillSpoolerDown\n\n## Meaning\n\nThis alert is for the floor.\n\n## Diagnosis\n\n- Look\n").symptoms
        == ()
    )


# -- severities


def severities(text: str) -> list[str]:
    return [f"{s.id} {s.response and (s.response.after or s.response.kind)} {[c.text for c in s.criteria]}"
            for s in read(text).severities]  # fmt: skip


def test_who_is_told_of_a_severity_is_no_criterion() -> None:
    text = (
        "# Shop\n\n## Severities\n\n- Severity 1: page primary + secondary, target ack < 5 min\n"
        "- Severity 2: email only, ack < 2h\n"
    )
    assert severities(text) == ["SEV1 0:05:00 []", "SEV2 2:00:00 []"]


def test_how_long_a_trouble_lasts_is_no_response_time() -> None:
    text = (
        "# Shop\n\n## Severities\n\n- SEV1: No sales > 15 min\n"
        "- SEV2: Slow. Target: answered in 20 min, mended in 1 h\n"
    )
    assert severities(text) == ["SEV1 None ['No sales > 15 min']", "SEV2 0:20:00 ['Slow']"]


def test_labels_that_are_severities_are_read_under_any_title() -> None:
    text = "# Shop\n\n## Stufen\n\n**P0 - rot**\n\n- Alles steht\n\n**P1 - gelb**\n\n- Manches steht\n"
    assert severities(text) == ["P0 None ['Alles steht']", "P1 None ['Manches steht']"]


# -- rungs


def rungs(text: str) -> list[str]:
    return [
        f"{r.id} {r.role} {r.after} {r.only_severity}" for r in read(f"# Shop\n\n## Escalation\n\n{text}\n").escalation
    ]


def test_a_drawing_with_a_line_for_each_rung_is_a_path() -> None:
    drawing = "```\nL1: Floor\n  |\n  v (not solved in 20 min)\nL2: Owner\n  |\n  v\nL3: Landlord\n```"
    assert rungs(drawing) == ["L1 Floor None None", "L2 Owner 0:20:00 None", "L3 Landlord None None"]


def test_a_table_of_what_is_done_after_how_long_names_those_who_are_called() -> None:
    table = (
        "| Time elapsed | Action |\n|---|---|\n| 0-5 min | Follow this page |\n"
        "| 5-15 min | Page the owner |\n| 15+ min | Call the landlord |"
    )
    assert rungs(table) == ["L1 owner 0:05:00 None", "L2 landlord 0:15:00 None"]


def test_the_role_stands_beside_the_rung_where_the_other_column_is_left_open() -> None:
    table = (
        "| Tier | Contact | When |\n|---|---|---|\n| L1 - Floor | <TBD> | Always |\n"
        "| L2 - Owner | <TBD> | after 20 min |"
    )
    assert rungs(table) == ["L1 Floor None None", "L2 Owner 0:20:00 None"]


def test_a_rung_for_one_severity_says_so_in_parentheses() -> None:
    assert rungs("1. Floor\n2. Owner (P0, immediate)") == ["L1 Floor None None", "L2 Owner None P0"]


def test_a_line_of_its_own_on_the_response_is_more_exact_than_the_title() -> None:
    text = "# Shop\n\n## Severities\n\n**P0 (immediate response)**\n\n- No sales\n- **Response time:** 15 minutes\n"
    assert severities(text) == ["P0 0:15:00 ['No sales']"]


# -- more shapes


def test_what_is_to_be_done_after_a_colon_calls_nobody() -> None:
    assert (
        entry("## Till Down\n\n**Fix**: wait\n\n**Escalation:** If it stays hot, investigate the fan\n").escalation
        is None
    )


def test_a_chapter_that_explains_an_alert_is_read_for_when_it_fires_only() -> None:
    text = """# TillSpoolerDown

## Meaning

This alert fires when paper waits for 10 minutes. It means one of these:

- The tray is empty

### Limits

- It cannot be muted

### Switch it off

```bash
spoolctl mute till
```

## Diagnosis

- Look at the tray
"""
    found = entry(text)
    assert [symptom.text for symptom in found.symptoms] == ["paper waits for 10 minutes"]
    assert steps(read(text)) == ["spoolctl mute till", "Look at the tray"]


def test_an_alert_may_list_when_it_fires() -> None:
    text = (
        "# TillSpoolerDown\n\n## Meaning\n\nIt fires when one of these holds:\n\n- No paper\n- No ink\n\n"
        "## Fix\n\n- Refill\n"
    )
    assert [symptom.text for symptom in entry(text).symptoms] == ["No paper", "No ink"]


def test_an_alert_named_beside_the_title_belongs_to_the_entry() -> None:
    assert entry("## Till unreachable (`TillSpoolerDown`)\n\n1. Wait\n").alerts == ("TillSpoolerDown",)


def test_the_search_for_the_cause_is_part_of_its_entry() -> None:
    text = (
        "## Till Down\n\n**Symptoms**:\n\n- Dark\n\n**Root cause analysis (5 min)**:\n\n```bash\ntill --log\n```\n\n"
        "**Fix**: wait\n"
    )
    assert [step.source for step in entry(text).diagnostics] == ["till --log"]


def test_many_incidents_of_one_severity_are_no_entry() -> None:
    text = "# Shop\n\n## High Severity Incidents\n\n### Odd noises\n\n**Detection:** a hum\n\n**Fix**: wait\n"
    assert titles(text) == ["Odd noises"]


def test_a_table_of_what_to_do_holds_steps() -> None:
    text = "# Shop\n\n## Triage\n\n| Check | Action |\n|---|---|\n| Paper | Open the tray |\n| Ink | None |\n"
    assert steps(read(text)) == ["Open the tray"]


def test_a_remark_below_a_command_belongs_to_it() -> None:
    text = "## Till Down\n\n### Fix\n\n```bash\nspoolctl drop till\n# the daemon makes a new one\n```\n"
    assert steps(read(text)) == ["spoolctl drop till"]


def test_a_rung_of_a_chain_of_contacts_is_its_name() -> None:
    text = "# Shop\n\n## Contact Chain\n\n1. **Floor**: pager rotation\n2. **Owner**: Escalation within 20 minutes\n"
    assert [(level.role, level.after and level.after.seconds) for level in read(text).escalation] == [
        ("Floor", None),
        ("Owner", 1200),
    ]


# -- never a command


@pytest.mark.parametrize(
    "text",
    [
        "- The panel `pgbouncer Waiting Clients per Pool` shows it",
        "1. **Restore to a new target.** In the cloud / by hand, restore the database",
        "```bash\n${SHOP}-${TILL}\n```",
        "```bash\nA_TOKEN=<openssl rand>\nA_URL=http://till\n```",
        "- `export A_TOKEN=...`",
        "- `kubectl logs till-X`",
        "- `git commit -m ' ... '`",
    ],
)
def test_what_is_a_name_a_sentence_or_has_a_blank_is_never_offered(text: str) -> None:
    runbook = read(f"## Till Down\n\n### Fix\n\n{text}\n")
    assert [step.source for step in runbook.steps() if step.executable] == []


def test_a_code_span_by_three_ticks_is_a_command_too() -> None:
    assert steps(read("## Till Down\n\n### Diagnosis\n\n- Run ```sudo iotop -P``` on it\n")) == ["sudo iotop -P"]


@pytest.mark.parametrize("label", ["How you notice it:", "**What you see**", "How to tell:", "**Noticed by:**"])
def test_what_one_notices_a_trouble_by_are_its_symptoms(label: str) -> None:
    lift = f"### Lift stuck\n\n**Priority**: Low\n\n{label}\n\n- Doors stay shut\n\nFix:\n\n- Reset it\n"
    text = f"# Floor\n\n## Scenarios\n\n{lift}"
    assert [symptom.text for symptom in entry(text).symptoms] == ["Doors stay shut"]


def test_a_table_of_alerts_says_when_they_fire_and_what_they_mean() -> None:
    text = """# Mill

| Alert | Severity | Condition | What it means |
|---|---|---|---|
| BeltSlow | P2 | belt speed < 3 m/s | sacks arrive late |

## BeltSlow

Fix:

- Oil it
"""
    assert [(symptom.text, symptom.line) for symptom in entry(text).symptoms] == [
        ("belt speed < 3 m/s", 5),
        ("sacks arrive late", 5),
    ]
