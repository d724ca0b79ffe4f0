"""The rules about what a document promises (RB2xx): severities, entries, people, times, messages, rehearsals."""

from tocsin.runbook.rule import Rule, entry

_SEVERITIES = "## Severity levels\n\n### P0 (immediate)\n\n- {first}\n\n### P1 (15 minutes)\n\n- {second}\n"

OF_POLICY: dict[str, Rule] = {
    "RB201": Rule(
        "a severity criterion has no entry",
        "error",
        "The document asks for an answer at once but says nowhere what to do then.",
        "The worst thing of all happens, and the runbook ends with the word P0.",
        "Write an entry whose title or symptoms use the words of the criterion.",
        _SEVERITIES.format(first="Warehouse fire", second="Printer jam")
        + "\n## Incidents\n\n### Printer jam (P1)\n\n**Fix**: open it\n",
        _SEVERITIES.format(first="Warehouse fire", second="Printer jam")
        + "\n## Incidents\n\n### Warehouse fire (P0)\n\n**Fix**: leave and call 112\n",
    ),
    "RB202": Rule(
        "an entry states no severity",
        "warning",
        "How fast somebody is called depends on it. Until it is stated, it is inferred from the criteria; the message "
        "says from which, and the inference is in force until the document or the configuration states another.",
        "The till is down, the inference took it for a small thing, and the first call comes after two hours.",
        "Write `**Severity**: P1` in the entry, or `<!-- tocsin:incident severity=P1 -->` above it.",
        "## Till down\n\n**Fix**: restart it\n",
        "## Till down\n\n**Severity**: P1\n\n**Fix**: restart it\n",
    ),
    "RB203": Rule(
        "an entry does not say when it is over",
        "warning",
        "Without that, an incident ends when somebody feels that it has.",
        "Everybody goes back to bed after one good answer, and twenty minutes later the next page comes.",
        "Add a line such as `**Resolved when**: the health check answers for 5 minutes`.",
        entry("**Fix**: restart it"),
        entry("**Fix**: restart it\n\n**Resolved when**: ten receipts in a row are printed"),
    ),
    "RB204": Rule(
        "a threshold names no metric, window or baseline",
        "warning",
        '"> 1%" of what, for how long, and what is normal decide whether an alert fires.',
        "Two people look at the same graph; one calls it an incident, the other goes back to sleep.",
        "Name the metric and the window in the line, or bind it with `<!-- tocsin:when metric=... for=5m -->`.",
        entry("**Symptoms**:\n\n- Refused cards > 4%\n\n**Fix**: restart it"),
        entry("**Symptoms**:\n\n- Refused cards > 4% for 5 minutes\n\n**Fix**: restart it"),
    ),
    "RB205": Rule(
        "severities leave a gap or overlap",
        "warning",
        "A number that belongs to none or to two severities is argued about during the incident.",
        "Exactly a quarter of the shops is down, and the first ten minutes go into what to call it.",
        "Let one of the neighbours include the boundary: `>= 25%` beside `< 25%`.",
        _SEVERITIES.format(
            first="Late parcels (>30% of parcels for 5 minutes)", second="Late parcels (<30% of parcels for 5 minutes)"
        ),
        _SEVERITIES.format(
            first="Late parcels (>=30% of parcels for 5 minutes)", second="Late parcels (<30% of parcels for 5 minutes)"
        ),
    ),
    "RB206": Rule(
        "an escalation gives no time",
        "warning",
        '"If it persists" means something else to each reader. The minutes of the general path are used.',
        "One waits five minutes, the other an hour, and the person who could mend it sleeps.",
        "Write after how long.",
        entry("**Fix**: restart it\n\n**Escalation**: If it stays dark → Shop owner"),
        entry("**Fix**: restart it\n\n**Escalation**: If it stays dark for 20 min → Shop owner"),
    ),
    "RB207": Rule(
        "times or levels contradict each other",
        "warning",
        "The entry wins over the severity, and the severity over the general path; readers of one place expect "
        "something else.",
        "The clock of the entry calls the owner after ten minutes, who read half an hour and is angry.",
        "Make them agree, or say that the difference is meant.",
        "## Escalation path\n\n1. **L1**: Clerk\n2. **L2**: Shop owner (if not resolved in 30 minutes)\n\n"
        + entry("**Fix**: restart it\n\n**Escalation**: If not resolved in 10 min → L2"),
        "## Escalation path\n\n1. **L1**: Clerk\n2. **L2**: Shop owner (if not resolved in 30 minutes)\n\n"
        + entry("**Fix**: restart it\n\n**Escalation**: If not resolved in 30 min → L2"),
    ),
    "RB208": Rule(
        "somebody who is called cannot be reached",
        "warning",
        "The escalation names a role, and neither the contacts nor the configuration say who that is; or a contact "
        "holds a blank where a number should stand.",
        "The document says whom to call. It does not say how.",
        "Add a contact, or the role under `[roles]` in tocsin.toml.",
        entry("**Fix**: restart it\n\n**Escalation**: If not resolved in 10 min → Shop owner"),
        entry("**Fix**: restart it\n\n**Escalation**: If not resolved in 10 min → Shop owner")
        + "\n## Contacts\n\n- Shop owner: owner@shop.example\n",
        elsewhere=True,
    ),
    "RB209": Rule(
        "a template holds example values",
        "warning",
        "Dates, names and numbers of an old incident go out with the new one if nobody looks closely.",
        "Customers read that the outage began last November.",
        "Write fields instead: `{{ started }}`, `{{ impact }}`, `{{ commander }}`.",
        "## Communication\n\n### Status page\n\n```\nThe till is down.\nStarted: 2023-05-06 10:20 UTC\n```\n",
        "## Communication\n\n### Status page\n\n```\nThe till is down.\nStarted: {{ started }}\n```\n",
    ),
    "RB210": Rule(
        "updates are promised for one severity only",
        "info",
        "For the others nobody knows how often to write.",
        "A P1 is silent for three hours, because the rhythm was written for P0.",
        "Say how often each severity is updated.",
        "## Severity levels\n\n- **P0**: immediate\n- **P1**: 15 minutes\n\n## Communication\n\n"
        "- P0: post an update every 15 minutes\n",
        "## Severity levels\n\n- **P0**: immediate\n- **P1**: 15 minutes\n\n## Communication\n\n"
        "- P0: post an update every 15 minutes\n- P1: post an update every hour\n",
    ),
    "RB211": Rule(
        "a legal deadline has no owner",
        "warning",
        "The clock runs from the discovery, and nobody is named who files the notice.",
        "Seventy-two hours later everybody believed that somebody else had written to the authority.",
        "Name the role that does it on the same line.",
        entry("**Fix**:\n\n- Inform the card holders within 48 hours", title="## Card theft (P0)"),
        entry("**Fix**:\n\n- Legal informs the card holders within 48 hours", title="## Card theft (P0)")
        + "\n## Contacts\n\n- Legal: legal@cards.example\n",
    ),
    "RB212": Rule(
        "the 72 hours of the GDPR are given to the wrong reader",
        "warning",
        "Article 33 gives 72 hours, from becoming aware, to notify the supervisory authority. The persons affected are "
        "told without undue delay (Article 34). Tocsin runs both clocks, but people follow what is written.",
        "The customers had a letter in time; the authority hears of it from a newspaper.",
        "Give the 72 hours to the authority, and write a line of its own for the persons affected.",
        entry(
            "**Fix**:\n\n- Legal writes to the card holders affected within 72 hours (GDPR)", title="## Card theft (P0)"
        ),
        entry(
            "**Fix**:\n\n- Legal notifies the data protection authority within 72 hours (GDPR)",
            title="## Card theft (P0)",
        ),
    ),
    "RB220": Rule(
        "an entry was not rehearsed lately",
        "warning",
        "Commands, people and addresses change. An entry that nobody played through for half a year, or ever, is a "
        "guess.",
        "The first time that anybody runs these commands is the night on which they have to work.",
        "Play it through and write when: `**Rehearsed**: 2026-05-12`, or how often: `**Rehearsed**: every month`.",
        entry("**Fix**: restart it\n\n**Rehearsed**: never so far"),
        entry("**Fix**: restart it\n\n**Rehearsed**: every month, with the night shift"),
        elsewhere=True,
    ),
}
