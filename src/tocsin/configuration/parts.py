"""One function for each table of the configuration, in the order of `Settings`."""

import ipaddress
import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from tocsin.configuration.options import refuse_in_clear
from tocsin.configuration.table import Table, did_you_mean
from tocsin.errors import SettingsInvalid
from tocsin.guard.pack import packs_of
from tocsin.settings import (
    MOST_ENDS,
    MOST_REPORTERS,
    BusinessHours,
    ChannelSettings,
    Condition,
    IncidentTypeSettings,
    Layer,
    MetricSettings,
    Person,
    Quiet,
    Rate,
    ReachStep,
    ReportSettings,
    Schedule,
    Secret,
    Settings,
    StatusPage,
    UnmatchedSettings,
    WatchSettings,
)

SEVERITIES = ("P0", "P1", "P2", "P3")
CAN_WAIT = ("P2", "P3")
CHANNEL_KINDS = ("console", "webhook", "email", "twilio-sms", "twilio-call", "pagerduty", "apprise", "slack")
STORES = ("sqlite:///", "postgresql://")
MOST_INTAKE_PROCESSES = 8
"""Each reads faster than one process can store; more would only wait."""

PERIODS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
RATE = re.compile(r"([1-9][0-9]{0,5})\s*/\s*(s|min|h)")
METRIC_UNITS = ("%", "ratio", "ms", "s", "min", "h", "bytes", "MB", "MiB", "GB", "GiB", "/s", "/min")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# One person who is always on duty needs no start; any Monday in the past will do.
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def read_public_url(server: Table) -> str | None:
    """Give the address people reach us at, without a slash at its end."""
    url = server.text("public_url")
    if url is not None and not (url.startswith(("https://", "http://")) and urlsplit(url).hostname):
        server.wrong(f"public_url must be an address such as https://tocsin.example, not {url!r}", "public_url")
    return url.rstrip("/") if url else None


def read_trusted_proxies(server: Table) -> tuple[str, ...]:
    """Give the addresses and networks whose word on the client's address is taken."""
    proxies = server.texts("trusted_proxies") or ()
    for place, proxy in enumerate(proxies):
        try:
            ipaddress.ip_network(proxy)
        except ValueError as error:
            server.wrong(f"trusted_proxies: {error}", "trusted_proxies", place)
    return proxies


def read_intake_processes(server: Table) -> int:
    """Give how many processes of their own take alerts."""
    count = server.whole("intake_processes", 0) or 0
    if count > MOST_INTAKE_PROCESSES:
        server.wrong(f"intake_processes must be {MOST_INTAKE_PROCESSES} or less, not {count}", "intake_processes")
    return count


def read_store(table: Table) -> str | None:
    """Give where facts are kept."""
    url = table.text("url")
    table.done()
    if url is not None and not url.startswith(STORES):
        table.wrong(f"url must start with {' or '.join(STORES)}", "url")
    if url is not None and urlsplit(url).password:
        table.wrong("url holds a password in clear; use PGPASSWORD or a pgpass file instead", "url")
    return url


def read_id(table: Table, *, letters_of_any_language: bool = False) -> str:
    """Give the id of what the table describes. It becomes a part of keys, links and addresses, so it stays plain."""
    name = table.name
    plain = all(character.isalnum() or character in "._@+-" for character in name) and name[:1].isalnum()
    if not plain or not (letters_of_any_language or name.isascii()):
        table.wrong(f"{name!r} is no id: it takes letters, digits and . _ @ + -, and begins with a letter or digit")
    return name


def read_person(table: Table) -> Person:
    """Give one of [people]. Without a name the id is the name; without `reach` the console is."""
    person_id = read_id(table, letters_of_any_language=True)
    email, zone = table.text("email"), table.zone("timezone")
    if email is not None and (email.count("@") != 1 or not email.isprintable() or " " in email):
        table.wrong(f"email {email!r} is no address", "email")
    reach = tuple(read_reach(step) for step in table.tables("reach"))
    if table.has("reach") and not reach:
        table.wrong("reach has no step; give one, or leave it out for the console", "reach")
    person = Person(
        id=person_id,
        name=table.text("name") or person_id,
        email=email,
        phone=table.text("phone"),
        slack=table.text("slack"),
        pagerduty=table.text("pagerduty"),
        timezone=zone,
        reach=reach or (ReachStep(via=("console",)),),
        quiet=tuple(read_quiet(rule) for rule in table.tables("quiet")),
        admin=table.flag("admin") or False,
    )
    table.done()
    return person


def read_quiet(table: Table) -> Quiet:
    """Give one time of day in which what can wait does. What cannot is never held."""
    severities = table.texts("severities")
    begins, ends = table.hour("from"), table.hour("until")
    table.done()
    if not severities:
        table.wrong('needs severities, those that may wait: severities = ["P2", "P3"]')
    for place, severity in enumerate(severities):
        if severity not in CAN_WAIT:
            urgent = severity in SEVERITIES
            why = "is never held" if urgent else "is none that can be held"
            table.wrong(f"{severity} {why}; quiet is for {' and '.join(CAN_WAIT)}", "severities", place)
    if begins is None or ends is None:
        table.wrong('needs from and until, such as from = "22:00", until = "07:00"')
    if begins == ends:
        table.wrong(f"from and until are both {begins:%H:%M}: that would never end", "until")
    return Quiet(severities, begins, ends)


def read_reach(table: Table) -> ReachStep:
    """Give one step: the channels tried at once, and how long until the next step."""
    via, wait = table.texts("via"), table.duration("wait")
    table.done()
    if not via:
        table.wrong('needs via, the channels to use, such as via = ["console"]', "via")
    return ReachStep(via=via) if wait is None else ReachStep(via=via, wait=wait)


def read_schedule(table: Table, zone: str) -> Schedule:
    """Give one of [schedules]: layers, or one layer written directly as people, start and rotation."""
    schedule_id = read_id(table)
    table.unsupported("handoff", "restrictions", "overrides", "ics", "pagerduty")
    zone = table.zone("timezone") or zone
    layers = tuple(read_listed_layer(layer, zone) for layer in table.tables("layers"))
    if layers and table.has("people"):
        table.wrong("has both people and layers; put the people into a layer", "people")
    if not layers:
        layers = (read_layer(table, zone),)
    table.done()
    return Schedule(id=schedule_id, layers=layers, timezone=zone)


def read_listed_layer(table: Table, zone: str) -> Layer:
    """Give one of the `layers` of a schedule."""
    layer = read_layer(table, zone)
    table.done()
    return layer


def read_layer(table: Table, zone: str) -> Layer:
    """Give one rotation. Its start may be left out when one person is always on call."""
    people, start = table.texts("people"), table.instant("start", zone)
    rotation = table.duration("rotation", least=timedelta(minutes=1))
    if not people:
        table.wrong("is empty: nobody is ever on call; give it people", "people")
    if start is None and len(people) > 1:
        table.wrong("needs a start, such as start = 2026-01-05T09:00:00, to know whose turn it is")
    start = (start or LONG_AGO).astimezone(UTC)
    return (
        Layer(people=people, start=start) if rotation is None else Layer(people=people, start=start, rotation=rotation)
    )


def read_channel(table: Table) -> ChannelSettings:
    """Give one of [channels]. Its options are only looked at for secrets here: each kind knows its own."""
    channel_id = read_id(table)
    kind = table.text("kind")
    if kind is None:
        table.wrong(f"needs a kind: {', '.join(CHANNEL_KINDS)}")
    if kind not in CHANNEL_KINDS:
        table.wrong(f"kind {kind!r} is unknown{did_you_mean(kind, CHANNEL_KINDS)}", "kind")
    options: dict[str, str | int | bool | Secret] = {}
    rate, cards, bundle = read_rate(table), read_cards(table, kind), table.flag("bundle")
    for key in table.names():
        if key not in {"kind", "rate", "burst", "cards", "bundle"}:
            options[key] = read_option(table, key)
    return ChannelSettings(
        id=channel_id, kind=kind, options=options, rate=rate, cards=cards, bundle=bundle is not False
    )


def read_rate(table: Table) -> Rate | None:
    """Give how fast a channel may send: rate = "60/min", and burst = 10 of them at once."""
    written, burst = table.text("rate"), table.whole("burst", 1)
    if written is None:
        if burst is not None:
            table.wrong('burst needs a rate, such as rate = "60/min"', "burst")
        return None
    found = RATE.fullmatch(written)
    if found is None:
        table.wrong(f'rate must be messages in a time, such as "1/s", "60/min" or "500/h", not {written!r}', "rate")
    return Rate(int(found[1]), PERIODS[found[2]], burst or 1)


def read_cards(table: Table, kind: str) -> tuple[str, ...]:
    """Give which severities are announced in the channel's room: all of them where there is a room."""
    cards = table.texts("cards")
    if kind != "slack" and cards is not None:
        table.wrong(f"cards are for a room of slack; {kind} has none", "cards")
    if kind != "slack" or not table.has("channel"):
        if cards:
            table.wrong("cards need a room: set channel", "cards")
        return ()
    for place, severity in enumerate(cards or ()):
        if severity not in SEVERITIES:
            table.wrong(f"cards: {severity!r} is none of {', '.join(SEVERITIES)}", "cards", place)
    return SEVERITIES if cards is None else cards


def read_option(table: Table, key: str) -> str | int | bool | Secret:
    """Give one option: a text, a whole number, true or false, or where a secret is kept."""
    value = table.raw(key)
    if isinstance(value, dict):
        secret = table.secret(key)
        if secret is not None:
            return secret
    reason = refuse_in_clear(key, value)
    if reason is not None:
        table.wrong(reason, key)
    if not isinstance(value, str | int | bool):
        table.wrong(f"{key} must be a text, a whole number, true or false, or a secret", key)
    return value


class Escalation(NamedTuple):
    """How alerts of one trouble are held together, and how often the ladder is climbed."""

    max_rounds: int
    reopen_within: timedelta
    group_within: timedelta
    flapping_after: int
    flapping_within: timedelta
    max_reopenings: int


def read_escalation(table: Table) -> Escalation:
    """Give [escalation]."""
    usual = Settings()
    reopen_within, group_within = table.duration("reopen_within"), table.duration("group_within")
    flapping_after, flapping_within = table.whole("flapping_after", 0), table.duration("flapping_within")
    if flapping_after is not None and flapping_after > MOST_ENDS:
        table.wrong(f"flapping_after must be {MOST_ENDS} or fewer: no more ends are remembered", "flapping_after")
    max_rounds, max_reopenings = table.whole("max_rounds", 1), table.whole("max_reopenings", 0)
    table.done()
    return Escalation(
        max_rounds=usual.max_rounds if max_rounds is None else max_rounds,
        reopen_within=usual.reopen_within if reopen_within is None else reopen_within,
        group_within=usual.group_within if group_within is None else group_within,
        flapping_after=usual.flapping_after if flapping_after is None else flapping_after,
        flapping_within=usual.flapping_within if flapping_within is None else flapping_within,
        max_reopenings=usual.max_reopenings if max_reopenings is None else max_reopenings,
    )


def read_incident_type(table: Table) -> IncidentTypeSettings:
    """Give one of [incident_types]: what wins over the document."""
    severity = read_severity(table, "severity")
    alerts = table.texts("alerts") or ()
    found = IncidentTypeSettings(
        severity=severity,
        restricted=table.flag("restricted"),
        alerts=alerts,
        targets=table.texts("targets") or (),
        depends_on=table.texts("depends_on") or (),
        resolved_when=read_resolved_when(table),
    )
    table.done()
    return found


def read_resolved_when(table: Table) -> tuple[Condition, ...]:
    """Give when an incident is over: resolved_when = { probe = "api", check = "slow", for = "PT2M" }, or a list."""
    key = "resolved_when"
    if not table.has(key):
        return ()
    several = isinstance(table.raw(key), list)
    found = []
    for one in table.tables(key) if several else (table.inner(key),):
        probe = one.text("probe")
        if probe is None:
            one.wrong('needs a probe, such as resolved_when = { probe = "api", check = "slow", for = "PT2M" }')
        found.append(Condition(probe=probe, check=one.text("check"), for_=one.duration("for") or timedelta(0)))
        one.done()
    return tuple(found)


def read_unmatched(table: Table) -> UnmatchedSettings:
    """Give [unmatched]: how bad alerts are that fit no entry, and who is called first."""
    found = UnmatchedSettings(
        severity=read_severity(table, "severity"), notices=read_severity(table, "notices"), to=table.text("to")
    )
    table.done()
    return found


def read_severity(table: Table, key: str) -> str | None:
    """Give a severity of the document, such as P1."""
    severity = table.text(key)
    if severity is not None and severity not in SEVERITIES:
        table.wrong(f"{key} must be one of {', '.join(SEVERITIES)}, not {severity!r}", key)
    return severity


def read_metric(table: Table) -> MetricSettings:
    """Give one of [metrics]: what a threshold of the document measures."""
    expr, unit = table.text("expr"), table.text("unit")
    hold = table.duration("for")
    baseline = table.duration("baseline", least=timedelta(minutes=5)) or timedelta(days=7)
    table.done()
    if expr is None:
        table.wrong("needs expr, the PromQL expression that measures it")
    if unit is not None and unit not in METRIC_UNITS:
        table.wrong(f"unit must be one of {', '.join(METRIC_UNITS)}, not {unit!r}", "unit")
    return MetricSettings(expr=expr, unit=unit, for_=hold, baseline=baseline)


def read_business_hours(table: Table) -> BusinessHours:
    """Give when a business day opens and closes."""
    usual = BusinessHours()
    opens, closes = table.hour("opens") or usual.opens, table.hour("closes") or usual.closes
    if closes <= opens:
        table.wrong(f"closes at {closes:%H:%M}, which is not after {opens:%H:%M}", "closes")
    hours = BusinessHours(opens=opens, closes=closes, days=read_days(table), holidays=read_holidays(table))
    table.done()
    return hours


def read_days(table: Table) -> tuple[int, ...]:
    """Give the business days, Monday as 0; in the text names, or the same numbers."""
    days: set[int] = set()
    given = table.raw("days")
    if given is None:
        return BusinessHours().days
    if not isinstance(given, list) or not given:
        table.wrong('days must be a list such as ["Monday", "Tuesday"]', "days")
    for place, day in enumerate(given):
        found = [number for number, name in enumerate(WEEKDAYS) if str(day).lower() in {name, name[:3], str(number)}]
        if not found or isinstance(day, bool):
            table.wrong(f"days: {day!r} is no weekday", "days", place)
        days.update(found)
    return tuple(sorted(days))


def read_holidays(table: Table) -> tuple[str, ...]:
    """Give the days off as YYYY-MM-DD."""
    given = table.raw("holidays")
    if given is None:
        return ()
    if not isinstance(given, list):
        table.wrong('holidays must be a list of dates such as ["2026-12-25"]', "holidays")
    found: list[str] = []
    for place, day in enumerate(given):
        try:
            found.append((date.fromisoformat(day) if isinstance(day, str) else day).isoformat()[:10])
        except (AttributeError, ValueError):
            table.wrong(f'holidays: {day!r} is no date such as "2026-12-25"', "holidays", place)
    return tuple(found)


def read_programs(table: Table) -> str:
    """Give [guard.programs] as JSON: what the team's own programs do, in the words of the guard's packs."""
    programs = table.raw("programs")
    table.done()
    if programs is None:
        return ""
    try:
        packs_of(programs, "programs")
        return msgspec.json.encode(programs).decode()
    except (SettingsInvalid, TypeError) as error:
        table.wrong(str(error), "programs")


def read_watch(table: Table) -> WatchSettings:
    """Give [watch]: whether a watcher should be asking."""
    found = WatchSettings(expected=table.flag("expected") or False)
    table.done()
    return found


def read_status_page(table: Table) -> StatusPage:
    """Give [status_page]: the name of the service and its components, id to name."""
    table.unsupported("subscribers")
    components = table.inner("components")
    named = {name: components.text(name) or name for name in components.names()}
    severities = table.texts("severities")
    for place, severity in enumerate(severities or ()):
        if severity not in SEVERITIES:
            table.wrong(f"severities takes {', '.join(SEVERITIES)}, not {severity!r}", "severities", place)
    page = StatusPage(
        name=table.text("name") or StatusPage().name,
        components=named,
        severities=severities,
        reopened=table.text("reopened") or StatusPage().reopened,
    )
    components.done()
    table.done()
    return page


def read_reports(table: Table) -> ReportSettings:
    """Give [reports]: who may report what does not work, and how many have to before somebody is paged."""
    usual = ReportSettings()
    people, within = table.whole("people", 1), table.duration("within", least=timedelta(seconds=10))
    if within is not None and within > timedelta(hours=24):
        table.wrong("within is longer than a day, and reports are remembered for a day", "within")
    found = ReportSettings(
        public=table.flag("public") or False,
        people=usual.people if people is None else people,
        users=table.whole("users", 1),
        within=usual.within if within is None else within,
    )
    if found.people > MOST_REPORTERS:
        table.wrong(f"people must be {MOST_REPORTERS} or fewer: no more are remembered", "people")
    table.done()
    return found
