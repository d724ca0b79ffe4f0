"""A first `tocsin.toml` for a document: what it implies, each line with the line it comes from, and the blanks.

What only people know is marked FILL IN. What needs an account or a secret is switched off by a `#` right before it, so
that the draft is accepted as it is, and also with everything switched on.

Source: `tocsin init RUNBOOK` of the interface.
"""

import re
from collections.abc import Iterator

from tocsin.provisioning.draft_metrics import metrics
from tocsin.provisioning.draft_people import people_and_roles, reached_by
from tocsin.provisioning.draft_probes import Proposals, over_by, probes, proposals
from tocsin.provisioning.quoting import aside, comment, toml_key, toml_text
from tocsin.provisioning.source import Source
from tocsin.runbook.policy import PEOPLE, IncidentType, Step
from tocsin.settings import BusinessHours

SEVERITIES = ("P0", "P1", "P2", "P3")
_MONITORS = (
    "Prometheus", "Alertmanager", "Grafana", "Sentry", "Datadog", "New Relic", "CloudWatch", "Zabbix", "Nagios",
    "Icinga", "Pingdom", "UptimeRobot", "Checkly", "Cloudflare", "Honeycomb", "Splunk", "Kibana", "Dynatrace",
)  # fmt: skip
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")
_SET_THERE = re.compile(r"\b([A-Za-z_][A-Za-z0-9_]*)=|\bfor\s+(\w+)\s+in\b|\bread\s+(?:-\w+\s+)*(\w+)")
_SINGLE = re.compile(r"'[^']*'")
_HARMLESS = frozenset({"HOME", "PATH", "USER", "LANG", "LC_ALL", "TZ", "PWD", "HOSTNAME", "SHELL", "RANDOM", "LOGNAME"})


def draft(source: Source) -> Iterator[str]:
    """Give the lines of a configuration for a document."""
    for part in (_top, _business_hours, reached_by, people_and_roles, _sources, metrics, _entries, probes, _targets,
                 _reports, _status_page):  # fmt: skip
        lines = list(part(source))
        yield from lines
        if lines:
            yield ""


def _top(source: Source) -> Iterator[str]:
    name = comment(source.name)
    yield f"# The configuration for “{comment(source.runbook.title)}”, drafted by `tocsin init` from {name}."
    yield f"# {name}:42 is line 42 of that document (sha256 {source.runbook.sha256[:12]})."
    yield "# FILL IN marks what only you know. A `#` right before a key switches it off: take it away to use it."
    yield "# `tocsin check` and `tocsin doctor` say what is still missing."
    yield ""
    yield f"runbook = {toml_text(source.path)}"
    yield aside('timezone = "UTC"', "FILL IN: yours, such as Europe/Berlin")
    yield aside('fallback = ["operator"]', "FILL IN: who gets what nobody else can")
    yield ""
    yield "#[server]"
    yield aside('#public_url = "https://tocsin.example.org"', "FILL IN: the address that people use")


def _business_hours(source: Source) -> Iterator[str]:
    waits = [one for one in source.runbook.severities if one.response and one.response.kind == "next-business-day"]
    if waits:
        usual = BusinessHours()
        yield f"# {source.at(waits[0].line)} {waits[0].id} waits for the next business day."
        yield "[business_hours]"
        yield aside(f'opens = "{usual.opens:%H:%M}"', "FILL IN")
        yield f'closes = "{usual.closes:%H:%M}"'
        yield 'days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]'


def _sources(source: Source) -> Iterator[str]:
    found = {name: line for name in _MONITORS if (line := source.first(rf"\b{re.escape(name)}\b"))}
    if "Prometheus" not in found and any(s.threshold for entry in source.entries for s in entry.symptoms):
        found = {"Prometheus": 0, **found}
    yield "# Machines that send alerts. `tocsin token NAME` shows the key that each of them sends."
    for name, line in found.items() or {"monitoring": 0}.items():
        cited = source.at(line) if line else "for the alerts of `tocsin rules`" if name == "Prometheus" else ""
        yield aside(f"[sources.{toml_key(name.casefold().replace(' ', '-'))}]", cited)


def _entries(source: Source) -> Iterator[str]:
    found = proposals(source)
    for entry in source.entries:
        yield f"# {source.at(entry.line)} {comment(entry.title)}"
        yield f"[incident_types.{toml_key(entry.id)}]"
        if entry.severity:
            yield f"# {source.at(entry.severity_line or entry.line)} It is {comment(entry.severity)}, as stated there."
        elif entry.inferred_severity in SEVERITIES:
            implied = f"{source.at(entry.severity_line)} implies it" if entry.severity_line else entry.severity_because
            yield aside(f"#severity = {toml_text(entry.inferred_severity)}", comment(f"{implied}; it holds until set"))
        else:
            yield aside('#severity = "P1"', "FILL IN: nothing states it or implies it")
        yield aside("#alerts = []", "names of your alerts that open it")
        yield from _over(source, entry, found)
        yield ""


def _over(source: Source, entry: IncidentType, found: Proposals) -> Iterator[str]:
    check = over_by(found, entry)
    if check and entry.escalation:
        given = f'probe = {toml_text(check.probe)}, check = {toml_text(check.id)}, for = "PT2M"'
        asks = f"{source.at(entry.escalation.line)} asks whether it persists"
        yield aside(f"#resolved_when = {{ {given} }}", asks)


def _targets(source: Source) -> Iterator[str]:
    lines: dict[str, int] = {}
    own = {name for step in source.steps() for found in _SET_THERE.findall(step.source) for name in found if name}
    for step in source.steps():
        for name in _variables(step):
            if name not in own | _HARMLESS:
                lines.setdefault(name, step.line)
    yield "# Where the commands of the document run: on this machine. They see no variable but those given here."
    yield "#[targets.local]"
    yield aside('#directory = "."', "FILL IN: the folder they are meant for; relative to this file")
    if lines:
        cited = ", ".join(f"{comment(name)} {source.at(line)}" for name, line in lines.items())
        yield f"# They read {cited}. Set each in the environment of the server, or name a file."
        pairs = ", ".join(f"{toml_key(name)} = {{ env = {toml_text(name)} }}" for name in lines)
        yield f"#environment = {{ {pairs} }}"


def _variables(step: Step) -> Iterator[str]:
    if step.kind == "command":
        yield from _VARIABLE.findall(_SINGLE.sub("", step.source))


def _reports(source: Source) -> Iterator[str]:
    told = next((s for entry in source.entries for s in entry.symptoms if s.bound_to == PEOPLE), None)
    if told is not None:
        yield f"# {source.at(told.line)} People report it: this opens a form for everybody at /status/report."
        yield "#[reports]"
        yield "#public = true"
        yield aside("#people = 3", "so many different people page")


def _status_page(source: Source) -> Iterator[str]:
    line = source.first(r"\bstatus[ -]?page\b")
    if line:
        yield f"# {source.at(line)} The document speaks of a status page. Ours is at /status."
        yield "#[status_page]"
        yield aside('#name = "Service"', "FILL IN: what customers call it")
        yield aside('#components = { api = "API" }', "FILL IN: its parts")
