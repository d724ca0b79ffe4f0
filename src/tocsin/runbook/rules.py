"""The findings explained: what each code means, why it matters, what to do. Codes never change their meaning."""

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule: its name, why it is a rule, and what to do."""

    name: str
    why: str
    do: str


RULES: dict[str, Rule] = {
    "RB001": Rule(
        "wrongly decoded characters were repaired",
        "Text that was saved in one encoding and read in another shows odd letters where an arrow or a quote was "
        "meant. They are repaired in memory, line by line; the file stays as it is.",
        "Save the document as UTF-8 with the repaired characters.",
    ),
    "RB002": Rule(
        "a section is not understood",
        "Neither its title nor its place says what part of an incident process it is. It is kept as notes and shown, "
        "but decides nothing.",
        "Give it a title such as Symptoms, Diagnosis, Resolution, Escalation or Contacts if it is one of those.",
    ),
    "RB003": Rule(
        "two entries have the same id",
        "An alert opens an entry by its id; with two of the same, the second gets a number that can change.",
        "Rename one heading, or give one an id: `<!-- tocsin:incident id=... -->`.",
    ),
    "RB101": Rule(
        "a placeholder is unbound",
        "`PID`, `XXX`, `{{ name }}` or `[Name]` stand for a value that only the reader knows. As written, the command "
        "fails or hits something else, and the phone number reaches nobody.",
        "Write the real value. Where it differs each time, leave the placeholder: the step asks for it when it is run.",
    ),
    "RB102": Rule(
        "a placeholder in angle brackets would be a redirection",
        'A shell reads `<name>` as "read from name, write to what follows" and empties that file.',
        "Write the real value, or put the placeholder in quotes.",
    ),
    "RB103": Rule(
        "a command never comes back",
        "It follows a log, redraws a screen or serves something, so the steps behind it never run and its output "
        "never ends.",
        "Ask for a part instead of a stream: `pm2 logs api --nostream --lines 100`, `tail -n 100`, `top -b -n 1`.",
    ),
    "RB104": Rule(
        "a command needs a terminal",
        "Editors, pagers and interactive sessions wait for somebody to type; a run without a person hangs.",
        "Use the form that prints and ends, or write the step as something a person does.",
    ),
    "RB105": Rule(
        "the shell cannot read a command",
        "A quote or a bracket is left open, or a word of the shell stands where none may.",
        "Try the fence with `bash -n` and correct what it names.",
    ),
    "RB106": Rule(
        "a shell fence holds only comments",
        "There is nothing to run in it: each comment is something a person does.",
        "Write it as a list outside the fence, so that it reads as a checklist.",
    ),
    "RB107": Rule(
        "text in a shell fence",
        "A list, a message or a drawing in a shell fence is taken for commands by everything that runs fences.",
        "Take it out of the fence, or label the fence `text`.",
    ),
    "RB108": Rule(
        "alternatives share a fence",
        '"If ...", "Or ..." and "Last resort" choose between commands. Run as a whole, the fence does all of them.',
        "Give each alternative a fence of its own under a line that says when it applies.",
    ),
    "RB109": Rule(
        "a person has to edit something between commands",
        "The commands behind the edit make sense only after it, and a run does not wait for it.",
        "Part the fence there and write the edit as a step of its own.",
    ),
    "RB110": Rule(
        "comments hold the text of another file",
        "Nothing writes that file, so what needs it fails quietly.",
        "Keep it as a file beside the runbook, or in a fence of its own with its language.",
    ),
    "RB201": Rule(
        "a severity criterion has no entry",
        "The document asks for an answer at once but says nowhere what to do then.",
        "Write an entry whose title or symptoms use the words of the criterion.",
    ),
    "RB202": Rule(
        "an entry states no severity",
        "How fast somebody is called depends on it. Until it is stated, it is inferred from the criteria.",
        "Write `**Severity**: P1` in the entry, or `<!-- tocsin:incident severity=P1 -->` above it.",
    ),
    "RB203": Rule(
        "an entry does not say when it is over",
        "Without that, an incident ends when somebody feels that it has.",
        "Add a line such as `**Resolved when**: the health check answers for 5 minutes`.",
    ),
    "RB204": Rule(
        "a threshold names no metric, window or baseline",
        '"> 1%" of what, for how long, and what is normal decide whether an alert fires.',
        "Name the metric and the window in the line, or bind it with `<!-- tocsin:when metric=... for=5m -->`.",
    ),
    "RB205": Rule(
        "severities leave a gap or overlap",
        "A number that belongs to none or to two severities is argued about during the incident.",
        "Let one of the neighbours include the boundary: `>= 25%` beside `< 25%`.",
    ),
    "RB206": Rule(
        "an escalation gives no time",
        '"If it persists" means something else to each reader. The minutes of the general path are used.',
        "Write after how long.",
    ),
    "RB207": Rule(
        "times or levels contradict each other",
        "The entry wins over the severity, and the severity over the general path; readers of one place expect "
        "something else.",
        "Make them agree, or say that the difference is meant.",
    ),
    "RB208": Rule(
        "somebody who is called cannot be reached",
        "The escalation names a role, and neither the contacts nor the configuration say who that is.",
        "Add a contact, or the role under `[roles]` in tocsin.toml.",
    ),
    "RB209": Rule(
        "a template holds example values",
        "Dates, names and numbers of an old incident go out with the new one if nobody looks closely.",
        "Write fields instead: `{{ started }}`, `{{ impact }}`, `{{ commander }}`.",
    ),
    "RB210": Rule(
        "updates are promised for one severity only",
        "For the others nobody knows how often to write.",
        "Say how often each severity is updated.",
    ),
    "RB211": Rule(
        "a legal deadline has no owner",
        "The clock runs from the discovery, and nobody is named who files the notice.",
        "Name the role that does it on the same line.",
    ),
    "RB212": Rule(
        "the 72 hours of the GDPR are given to the wrong reader",
        "Article 33 gives 72 hours, from becoming aware, to notify the supervisory authority. The persons affected are "
        "told without undue delay (Article 34). Tocsin runs both clocks, but people follow what is written.",
        "Give the 72 hours to the authority, and write a line of its own for the persons affected.",
    ),
    "RB301": Rule(
        "an annotation is not understood",
        "A misspelt key would silently change nothing.",
        "Correct the name; `tocsin check` lists what is allowed.",
    ),
}


def explanation(code: str) -> str | None:
    """Give the page of a rule as short Markdown, or None when there is no such code."""
    rule = RULES.get(code.upper())
    if rule is None:
        return None
    return f"# {code.upper()}: {rule.name}\n\n{rule.why}\n\n**What to do**: {rule.do}\n"
