"""[probes] for a document: what it names and what its symptoms ask for, each check bound to its symptom.

A symptom that has a number keeps it: its check has no limit of its own, so editing the document edits the check. Where
it has none, the limit is a guess and marked. What no kind of probe can see stays a gap, and is listed.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tocsin.provisioning.named import Named, Thing, named
from tocsin.provisioning.quoting import aside, comment, toml_key, toml_text
from tocsin.provisioning.source import Source
from tocsin.runbook.policy import IncidentType, Symptom
from tocsin.runbook.units import FLOWS, TIMES, dimension
from tocsin.triage.words import content

_GUESS = "FILL IN: a guess"
_SAYS = re.compile(r"\blogs?\b|[\"“”`]", re.IGNORECASE)
_REMARK = re.compile(r"  # .*$")
_OURS = frozenset({"health", "metrics", "orders", "database", "log", "host"})


class Check(NamedTuple):
    """A proposed check: the probe it asks, its id, and its lines but for those that bind it. `note` follows them."""

    probe: str
    id: str
    lines: tuple[str, ...]
    note: str = ""


class Proposed(NamedTuple):
    """A check with the symptom it is for; without one it is for the entry whose diagnosis looks at the same."""

    check: Check
    entry: str
    symptom: Symptom | None


class Proposals(NamedTuple):
    """Everything that is proposed: probes with their lines, checks, and the symptoms that stay gaps."""

    probes: dict[str, tuple[str, ...]]
    checks: tuple[Proposed, ...]
    gaps: tuple[tuple[Symptom, IncidentType], ...]


def proposals(source: Source) -> Proposals:
    """Give what to watch for a document."""
    making = _Making(source)
    unseen = [(one, entry) for entry in source.entries for one in entry.symptoms if one.bound_to is None]
    gaps = tuple(one for one in unseen if not making.take(*one))
    making.what_else_is_named()
    return Proposals(making.probes, tuple(making.checks), gaps)


def probes(source: Source) -> Iterator[str]:
    """Give the lines of [probes], switched off, and what nothing could watch."""
    found = proposals(source)
    if found.probes:
        yield "# What Tocsin can watch by itself. A check with a symptom and no limit has the number of the document."
    for name, lines in found.probes.items():
        yield from lines
        for one in found.checks:
            if one.check.probe == name:
                yield from _check(one, source)
        yield ""
    if found.gaps:
        yield "# Nothing watches these symptoms, and nothing the document names could: let a monitor send an alert for"
        yield "# each, and name it under its entry above."
    for symptom, entry in found.gaps:
        said = f"{entry.title}, {symptom.text}: {symptom.gap}"
        yield f"# {source.at(symptom.line)} {comment(said)}."


def written(one: Proposed, found: Proposals, source: Source) -> str:
    """Give the lines that make one check, switched on and without remarks."""
    lines = (*found.probes[one.check.probe], "", *_check(one, source))
    plain = (_REMARK.sub("", line).removeprefix("#").rstrip() for line in lines if not line.startswith("# "))
    return "\n".join(plain)


def over_by(found: Proposals, entry: IncidentType) -> Check | None:
    """Give the check that would say that an entry is over, where its rule asks whether the trouble persists.

    It is the one whose symptom shares words with the rule, else the first.
    """
    if entry.escalation is None or entry.escalation.trigger != "persists":
        return None
    own = [one for one in found.checks if one.entry == entry.id and one.symptom is not None]
    rule = content(entry.escalation.text).keys()
    best = sorted(own, key=lambda one: -len(rule & content(one.symptom.text if one.symptom else "").keys()))
    return best[0].check if best else None


def _check(one: Proposed, source: Source) -> Iterator[str]:
    check = one.check
    if one.symptom is not None:
        yield f"# {source.at(one.symptom.line)} {comment(one.symptom.text)}"
    yield f"#[probes.{toml_key(check.probe)}.checks.{toml_key(check.id)}]"
    *first, last = check.lines
    yield from (f"#{line}" for line in first)
    yield aside(f"#{last}", check.note)
    yield f"#incident_type = {toml_text(one.entry)}"
    if one.symptom is not None:
        yield f"#symptom = {toml_text(one.symptom.text)}"


class _Making:
    """Makes probes as checks need them; each is made once."""

    def __init__(self, source: Source) -> None:
        self._source, self._named = source, named(source)
        self._offers = _offers(self._named)
        self.probes: dict[str, tuple[str, ...]] = {}
        self.checks: list[Proposed] = []

    def take(self, symptom: Symptom, entry: IncidentType) -> bool:
        """Propose a check for a symptom, if anything that is known could see it."""
        for pattern, make in _WATCHERS:
            found = pattern.search(symptom.text) and make(symptom, self._named)
            if found:
                self._add(found, entry.id, symptom)
                return True
        return False

    def what_else_is_named(self) -> None:
        """Propose what the document itself looks at, though no symptom asks for it."""
        for process in self._named.processes:
            self._add_of(process, Check(_name(process), "stopped", ('value = "up"', "below = 1")))
        for port in self._named.ports:
            self._add_of(port, Check(f"port-{port.what}", "closed", ('value = "up"', "below = 1")))
        if self._named.metrics:
            self._probe("metrics")
        for name, offer in self._offers.items():
            if offer.thing in self._named.services:
                self._probe(name)

    def _add_of(self, thing: Thing, check: Check) -> None:
        self._probe(check.probe)
        if thing.entry:
            self._add(check, thing.entry, None)

    def _add(self, check: Check, entry: str, symptom: Symptom | None) -> None:
        self._probe(check.probe)
        known = {one.check.id for one in self.checks if one.check.probe == check.probe}
        name, number = check.id, 2
        while name in known:
            name, number = f"{check.id}-{number}", number + 1
        self.checks.append(Proposed(check._replace(id=name), entry, symptom))

    def _probe(self, name: str) -> None:
        if name not in self.probes:
            thing, lines = self._offers[name]
            cited = (f"# {self._source.at(thing.line)} {comment(thing.what)}",) if thing else ()
            self.probes[name] = (*cited, f"#[probes.{toml_key(name)}]", *lines)


class _Offer(NamedTuple):
    """A probe that could be made: what the document says of what it looks at, None for nothing, and its lines."""

    thing: Thing | None
    lines: tuple[str, ...]


def _offers(found: Named) -> dict[str, _Offer]:
    """Give every probe that could be made, by name."""
    offers = {"log": _Offer(None, tuple(_log(found))), "host": _Offer(None, ('#kind = "host"', '#every = "PT30S"'))}
    if found.health:
        offers["health"] = _Offer(found.health, ('#kind = "http"', f"#url = {toml_text(found.health.what)}"))
    if found.metrics:
        offers["metrics"] = _Offer(found.metrics, _metrics(found.metrics))
    if found.posts and found.origin:
        offers["orders"] = _Offer(found.posts, _orders(found.origin + found.posts.what))
    if found.database:
        url = f"#url = {{ env = {toml_text(found.database.what)} }}"
        offers["database"] = _Offer(found.database, ('#kind = "postgresql"', url))
    for process in found.processes:
        lines = ('#kind = "pm2"', f"#process = {toml_text(process.what)}", '#every = "PT30S"')
        offers[_name(process)] = _Offer(process, lines)
    for port in found.ports:
        lines = ('#kind = "tcp"', f"#host = {toml_text(port.more)}", f"#port = {port.what}")
        offers[f"port-{port.what}"] = _Offer(port, lines)
    for service in found.services:
        name, lines = (
            _id(service.what),
            ('#kind = "statuspage"', f"#url = {toml_text(service.more)}", '#every = "PT1M"'),
        )
        offers[f"{name}-status" if name in offers else name] = _Offer(service, lines)
    return offers


def _metrics(thing: Thing) -> tuple[str, ...]:
    path = thing.more
    values = f"#values = {{ {toml_key(path.rpartition('.')[2])} = {toml_text(f'sum(values({path}))')} }}"
    note = f"FILL IN: {comment(path)} alone, where it is one number"
    return '#kind = "http"', f"#url = {toml_text(thing.what)}", aside(values, note)


def _orders(url: str) -> tuple[str, ...]:
    body = aside("#body = '{\"probe\": true}'", "FILL IN: what is accepted and harms nobody; clean_up takes it back")
    return '#kind = "http"', f"#url = {toml_text(url)}", '#method = "POST"', body


def _log(found: Named) -> Iterator[str]:
    yield '#kind = "log"'
    files = [one.what for one in found.logs if one.what.endswith(".log")]
    if files or (found.logs and not found.processes):
        folder = found.logs[0].what.rstrip("/*")
        yield f"#path = {toml_text(files[0] if files else f'{folder}/*.log')}"
    elif found.processes:
        path = f"/root/.pm2/logs/{found.processes[0].what}-*.log"
        yield aside(f"#path = {toml_text(path)}", "FILL IN: where pm2 of its user keeps them")
    else:
        yield aside('#path = "/var/log/app.log"', "FILL IN")
    if found.posts:
        yield aside(f"#access = {toml_text('(POST|GET) (/[^ ?]*)')}", "what counts as an access, for unusual ones")


# -- which check sees which symptom


def _id(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "it"


def _name(process: Thing) -> str:
    """Give the name of the probe of a process, which may be called like one of ours."""
    name = _id(process.what)
    return f"{name}-process" if name in _OURS else name


def _unit(symptom: Symptom) -> str:
    """Give what the number of a symptom is in, "times" for a multiple of normal, "" without one."""
    threshold = symptom.threshold
    if threshold is None:
        return ""
    return "times" if threshold.unit == TIMES or threshold.baseline else dimension(threshold.unit) or ""


def _limited(symptom: Symptom, units: tuple[str, ...], *guess: str) -> tuple[tuple[str, ...], str] | None:
    """Give no limit where the document has one in these units, else a guess; None where its number is of another."""
    unit = _unit(symptom)
    if unit in units:
        return (), ""
    return None if unit else (guess, _GUESS)


def _of(probe: str, name: str, value: str, symptom: Symptom, units: tuple[str, ...], *guess: str) -> Check | None:
    limited = _limited(symptom, units, *guess)
    if limited is None:
        return None
    lines, note = limited
    return Check(probe, name, (f'value = "{value}"', *lines), note)


def _up(symptom: Symptom, found: Named) -> Check | None:
    if found.health is None or symptom.threshold is not None:
        return None
    return Check("health", "down", ('value = "up"', "below = 1"))


def _slow(symptom: Symptom, found: Named) -> Check | None:
    if found.health is None:
        return None
    limited = _limited(symptom, ("time",), "above = 1")
    if limited is None:
        return None
    return Check("health", "slow", ('value = "latency"', 'window = "PT1M"', 'take = "p95"', *limited[0]), limited[1])


def _errors(symptom: Symptom, _: Named) -> Check | None:
    return _of("log", "errors", "error_share", symptom, ("share",), "above = 0.05")


def _cpu(symptom: Symptom, found: Named) -> Check | None:
    of_database = re.search(r"\b(?:database|db|postgres\w*)\b", symptom.text, re.IGNORECASE)
    probe = "database" if found.database and of_database else "host"
    return _of(probe, "cpu", "cpu", symptom, ("share",), "above = 0.9")


def _memory(symptom: Symptom, found: Named) -> Check | None:
    if _SAYS.search(symptom.text):
        return None  # what a log says is no gauge
    if found.processes and _unit(symptom) != "share":
        return _of(_name(found.processes[0]), "memory", "memory", symptom, ("bytes", "times"), "times_normal = 2")
    return _left("memory", "memory_available", symptom)


def _disk(symptom: Symptom, _: Named) -> Check | None:
    if _unit(symptom) == "bytes":
        return Check("host", "disk", ('value = "disk_free_bytes"',))
    return _left("disk", "disk_free", symptom)


def _left(name: str, value: str, symptom: Symptom) -> Check | None:
    """Give a check of what is left of something; a number of the document is of what is used, unless it says less."""
    threshold = symptom.threshold
    if _unit(symptom) not in ("", "share"):
        return None
    if threshold is None:
        return Check("host", name, (f'value = "{value}"', "below = 0.1"), _GUESS)
    if threshold.op in ("<", "<="):
        return Check("host", name, (f'value = "{value}"',))
    least = max(100 - threshold.value, 5) / 100
    return Check(
        "host", name, (f'value = "{value}"', f"below = {least:g}"), "what is left, where the document says used"
    )


def _killed(symptom: Symptom, found: Named) -> Check | None:
    if found.processes and re.search(r"heap|memory", symptom.text, re.IGNORECASE):
        return Check(_name(found.processes[0]), "heap", ('value = "out_of_memory"', "above = 0", "times = 1"))
    return _restarts(symptom, found)


def _restarts(_: Symptom, found: Named) -> Check | None:
    if not found.processes:
        return None
    lines = ('value = "restarts"', 'window = "PT5M"', 'take = "rate"', "above = 0.01")
    return Check(_name(found.processes[0]), "restarting", lines, _GUESS)


def _traffic(symptom: Symptom, found: Named) -> Check | None:
    if symptom.threshold is not None and symptom.threshold.unit.casefold() in FLOWS:
        return _bandwidth(symptom, found)
    return _of("log", "requests", "rate", symptom, ("times", "rate"), "times_normal = 10")


def _bandwidth(symptom: Symptom, _: Named) -> Check | None:
    return _of("host", "bandwidth", "received", symptom, ("times", "rate"), "times_normal = 5")


def _connections(symptom: Symptom, found: Named) -> Check | None:
    if found.database is None:
        return None
    return _of("database", "connections", "connections_share", symptom, ("share",), "above = 0.9")


def _queries(symptom: Symptom, found: Named) -> Check | None:
    if found.database is None or symptom.threshold is not None:
        return None
    if re.search(r"unusual|suspicious|strange|bulk|mass", symptom.text, re.IGNORECASE):
        lines = ('value = "rows_read"', 'window = "PT5M"', 'take = "rate"', "times_normal = 5")
        return Check("database", "rows", lines, _GUESS)
    if re.search(r"lock|block", symptom.text, re.IGNORECASE):
        return Check("database", "blocked", ('value = "blocked"', "above = 0", 'for = "PT1M"'), _GUESS)
    return Check("database", "long", ('value = "long_queries"', "above = 0", 'for = "PT1M"'), _GUESS)


def _lag(symptom: Symptom, found: Named) -> Check | None:
    return _of("database", "lag", "replication_lag", symptom, ("time",), "above = 60") if found.database else None


def _unusual(symptom: Symptom, found: Named) -> Check | None:
    if symptom.threshold is not None or not (found.logs or found.processes or found.posts):
        return None
    return Check("log", "unusual", ('value = "unusual"', "above = 0", "times = 1"), _GUESS)


def _refused(symptom: Symptom, found: Named) -> Check | None:
    if found.posts is None or not found.origin or symptom.threshold is not None:
        return None
    return Check("orders", "refused", ('value = "up"', "below = 1"))


def _certificate(symptom: Symptom, found: Named) -> Check | None:
    if found.health is None or not found.health.what.startswith("https:"):
        return None
    return _of("health", "certificate", "certificate", symptom, ("time",), "below = 604800")


_Make = Callable[[Symptom, Named], Check | None]
_WATCHERS: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    (re.compile(words, re.IGNORECASE), make)
    for words, make in (
        (r"\bheap\b|\boom\b|out of memory|\bcrash|\brestart(?:s|ing)? (?:loop|again)", _killed),
        (r"\bcertificate|\btls\b|\bssl\b", _certificate),
        (r"\b(?:unusual|suspicious|strange|bulk|mass\w*)\b.*\b(?:quer|read|row|record|database|export)", _queries),
        (r"\bunauthori[sz]ed|\bintru|\b(?:unusual|suspicious) (?:access|login|activit)", _unusual),
        (r"\breplica\w*\b.*\blag|\blag\b.*\breplica", _lag),
        (r"\bconnections?\b.*(?:pool|exhaust|limit|full|too many|%)|\btoo many connections", _connections),
        (r"\bcpu\b|\bprocessor", _cpu),
        (r"\bmemory\b|\bram\b", _memory),
        (r"\bdisks?\b|\bfile ?systems?\b|\bstorage\b|\bdisk space", _disk),
        (r"\bbandwidth|\bnetwork (?:traffic|usage|load)|\bthroughput of the network", _bandwidth),
        (r"\berrors? (?:rate|share|ratio)|\berrors?\b[^%]{0,20}\d\s?%|\b5xx\b|\bfailed requests", _errors),
        (r"\brequests?\b|\btraffic\b|\brps\b", _traffic),
        (r"response times?|latenc|\bslow\b.*(?:api|answers|responses|requests)|answers? (?:take|slow)", _slow),
        (r"\b(?:slow|long|blocked|stuck) quer|\bqueries\b.*\b(?:slow|long|block)|\blocks?\b", _queries),
        (r"\bnot (?:being )?(?:accepted|processed|created|submitted)|\b(?:refused|rejected)\b", _refused),
        (r"health|heartbeat|\bready|readiness|liveness|\bping|unreachable|not respond|no answer|unavailable", _up),
    )
)
