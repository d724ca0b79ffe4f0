"""What stands where one would not look for it: people beside the rungs, symptoms in logs, a title in plain text."""

import pytest

from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.runbook.reading import read_runbook


def read(text: str, path: str = "shop/notes.md") -> Runbook:
    return read_runbook(text.encode(), path)


def people(text: str) -> list[str]:
    return [f"{contact.line} {contact.name}: {contact.value}" for contact in read(text).contacts]


def entry(text: str) -> IncidentType:
    [found] = read(text).incident_types
    return found


def test_a_table_of_rungs_says_how_they_are_reached() -> None:
    text = """# Shop

## Escalation

| Level | Role | Contact | Answers in |
|---|---|---|---|
| L1 | Floor engineer | Pager 7 | 5 min |
| L2 | Shop owner | +44 20 7946 0000 | 20 min |
| L3 | Landlord | - | 2 h |
"""
    assert people(text) == ["7 Floor engineer: Pager 7", "8 Shop owner: +44 20 7946 0000"]
    assert [level.role for level in read(text).escalation] == ["Floor engineer", "Shop owner", "Landlord"]


def test_a_line_of_those_on_call_is_a_contact_when_it_says_how_they_are_reached() -> None:
    text = "# Shop\n\n## On-call\n\n- First: Mia (@mia)\n- Backup: Noor\n- Handover: every Monday\n"
    assert people(text) == ["5 First: Mia (@mia)"]
    assert read(text).procedures == ()


def test_a_rung_that_is_only_a_number_is_no_role() -> None:
    text = "# Shop\n\n## Escalation contacts\n\n- Till desk: pager 31\n- Owner: @noor\n"
    assert people(text) == ["5 Till desk: pager 31", "6 Owner: @noor"]
    assert read(text).escalation == ()


@pytest.mark.parametrize("title", ["Who", "Who's who", "Who to contact", "People"])
def test_people_stand_under_many_titles(title: str) -> None:
    assert people(f"# Shop\n\n## {title}\n\n- Tills: Mia, 020 7946 0000\n") == ["5 Tills: Mia, 020 7946 0000"]


def test_a_table_of_roles_with_a_column_for_their_handles_holds_contacts() -> None:
    text = "# Shop\n\n## Roles\n\n| Role | Person | Slack |\n|---|---|---|\n| Floor lead | Mia | @mia |\n"
    assert people(text) == ["7 Floor lead: Mia, @mia"]


def test_a_table_without_a_way_to_reach_anybody_holds_none() -> None:
    text = "# Shop\n\n## Roles\n\n| Role | Duty |\n|---|---|\n| Floor lead | Decides |\n"
    assert people(text) == []


LOG = """## Printer Down (P2)

When the spooler logs lines such as:

```
2031-02-03 10:11:12 spool[7]: INFO: page 3 sent
2031-02-03 10:11:13 spool[7]: ERROR: tray 2 does not answer
```

Open the tray and pull the paper out.
"""


def test_lines_of_a_log_that_one_should_see_are_symptoms() -> None:
    [symptom] = entry(LOG).symptoms
    assert (symptom.text, symptom.line) == ("ERROR: tray 2 does not answer", 7)


def test_a_log_may_say_in_brackets_how_bad_it_is() -> None:
    text = (
        "## Printer Down (P2)\n\nThe log shows this:\n\n```\n[info] page 3\n[error] no paper\n```\n\nRefill the tray.\n"
    )
    assert [symptom.text for symptom in entry(text).symptoms] == ["[error] no paper"]


def test_a_log_among_the_symptoms_is_read_by_its_complaints() -> None:
    found = entry(
        "## Till Down (P1)\n\n**Symptoms**:\n\n- No receipts\n\n```\nTillError: no paper\nok\n```\n\n**Fix**: refill"
    )
    assert [symptom.text for symptom in found.symptoms] == ["No receipts", "TillError: no paper"]


def test_what_a_command_prints_when_all_is_well_is_no_symptom() -> None:
    text = LOG.replace("When the spooler logs lines such as:", "Run this and you should see:")
    assert entry(text).symptoms == ()


def test_a_section_that_begins_with_what_one_sees_in_a_log_is_an_entry() -> None:
    text = LOG.replace("## Printer Down (P2)", "# Printers\n\n## Rebuild the spool")
    assert entry(text).title == "Rebuild the spool"


def test_a_document_without_headings_has_the_title_of_its_first_line() -> None:
    runbook = read(
        "Ransomware at the shop\n\nDetection\n\n- Files have a new ending\n\nContainment\n\n- Pull the plug\n"
    )
    assert runbook.title == "Ransomware at the shop"
    assert [(one.title, one.line) for one in runbook.incident_types] == [("Ransomware at the shop", 1)]


@pytest.mark.parametrize(
    "title",
    [
        "# Incident Response Plan for [Shop]",
        "# Shop Incident Plan",
        "# Incident Handling: ____",
        "Incident Response Plan",
    ],
)
def test_a_plan_for_all_incidents_is_no_entry_though_it_has_a_chapter_on_detection(title: str) -> None:
    assert (
        read(f"{title}\n\n## Detection\n\n- Somebody calls\n\n## Containment\n\n- Close the shop\n").incident_types
        == ()
    )


def test_a_playbook_for_one_kind_of_attack_is_an_entry() -> None:
    text = (
        "# Phishing Incident Response Playbook\n\n## Detection\n\n- A letter looks odd\n\n## Containment\n\n- Burn it\n"
    )
    assert entry(text).title == "Phishing Incident Response Playbook"
