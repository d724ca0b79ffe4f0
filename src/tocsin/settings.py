"""What `tocsin.toml` says, as plain values. Nothing here reads a file or the environment.

Source: the configuration section of the interface; `tocsin.configuration` reads the text.
"""

from datetime import datetime, time, timedelta
from typing import Literal

import msgspec


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is kept: never the secret itself. Exactly one field is set."""

    env: str | None = None
    file: str | None = None


class ReachStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of reaching a person: all channels of `via` at once, then `wait` before the next step."""

    via: tuple[str, ...]
    wait: timedelta = timedelta(minutes=2)


class Quiet(msgspec.Struct, frozen=True):
    """A time of day in which pages of these severities wait for its end; `begins` may be later than `ends`.

    Written as `from` and `until`, in the person's time zone.
    """

    severities: tuple[str, ...]
    begins: time = msgspec.field(name="from")
    ends: time = msgspec.field(name="until")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can be paged. `id` is the key under [people]."""

    id: str
    name: str
    email: str | None = None
    phone: str | None = None
    slack: str | None = None
    pagerduty: str | None = None
    timezone: str | None = None
    reach: tuple[ReachStep, ...] = (ReachStep(via=("console",)),)
    quiet: tuple[Quiet, ...] = ()
    admin: bool = False


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """A rotation: `people` take turns of `rotation` length, counted from `start` in the schedule's time zone."""

    people: tuple[str, ...]
    start: datetime
    rotation: timedelta = timedelta(days=7)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on call when. The last layer that gives somebody wins. `id` is the key under [schedules]."""

    id: str
    layers: tuple[Layer, ...]
    timezone: str = "UTC"


class Rate(msgspec.Struct, frozen=True):
    """So many messages in that time on the whole, and `burst` of them at once."""

    messages: int
    per: timedelta
    burst: int = 1


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One way to send. `kind` is one of `configuration.parts.CHANNEL_KINDS`; `options` are the kind's own.

    `cards`: incidents of these severities get a card in the channel's room when they open.
    `rate` None takes the kind's own (see `channels/rates.py`). `bundle`: many messages to one person may be one.
    """

    id: str
    kind: str
    options: dict[str, str | int | bool | Secret] = {}
    cards: tuple[str, ...] = ()
    rate: Rate | None = None
    bundle: bool = True


MAPPED = (
    "alerts",
    "when",
    "dedup_key",
    "summary",
    "resolved",
    "acknowledged",
    "severity",
    "origin",
    "component",
    "group",
    "class",
    "started_at",
    "links",
    "details",
)
"""What of an alert may be mapped. `alerts` gives what each of the others is asked of; without it that is the body."""


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that sends alerts. Without a `key`, one is generated and shown by `tocsin token`.

    `kind` is one of `configuration.sources.KINDS`; "" may use every door that takes a key. `secrets` are what the
    sender signs with, or further keys where it does not sign. `tolerance` is how old a signature with a time may be,
    `signature_header` and `timestamp_header` say where they stand. `lease`: an alert that is not sent again for so long
    is over. `period` and `grace` are a heartbeat's, or `cron` by the clock of
    `timezone` in the place of its period.
    `mapping` holds expressions in JMESPath, by names of `MAPPED`.
    """

    id: str
    kind: str = ""
    key: Secret | None = None
    secrets: tuple[Secret, ...] = ()
    tolerance: timedelta = timedelta(minutes=5)
    signature_header: str = ""
    timestamp_header: str = ""
    lease: timedelta | None = None
    period: timedelta | None = None
    grace: timedelta = timedelta(minutes=5)
    cron: str = ""
    timezone: str = "UTC"
    mapping: dict[str, str] = {}


class CheckSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One question to the readings of a probe: is `value` beyond its limit? `id` is the key under `checks`.

    The limit is `limit`, or `times_normal` times what is normal (`normal`, else what was learned), or, without both,
    the threshold of `symptom` in the document. It fires once that held `times` readings in a row and for `for_`;
    it recovers at `recovers` (None: the limit), `times` in a row and for `recovers_for`. `window` and `take` say what
    is compared: of the readings of so long the mean, the greatest and so on; "rate" is per second.
    """

    id: str
    value: str
    op: Literal[">", ">=", "<", "<=", "=="] = ">"
    limit: float | None = None
    times_normal: float | None = None
    normal: float | None = None
    for_: timedelta = timedelta(0)
    times: int = 2
    recovers: float | None = None
    recovers_for: timedelta = timedelta(0)
    window: timedelta | None = None
    take: Literal["last", "mean", "p95", "max", "rate"] = "last"
    incident_type: str | None = None
    symptom: str | None = None
    severity: str | None = None


class ProbeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is looked at `every` so often. `kind` is one of `probes.table.KINDS`; `options` are its own.

    A look takes at most `timeout`. `at` is the remote prober that looks; "" is the server itself. The fallback hears
    of a probe that could not look for `broken_after`.
    """

    id: str
    kind: str
    options: dict[str, object] = {}
    every: timedelta = timedelta(seconds=15)
    timeout: timedelta = timedelta(seconds=5)
    checks: tuple[CheckSettings, ...] = ()
    at: str = ""
    broken_after: timedelta = timedelta(minutes=5)


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """That a check of a probe has been good for so long; `check` None: each check of it."""

    probe: str
    check: str | None = None
    for_: timedelta = timedelta(0)


class IncidentTypeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of an incident type of the document; wins over what was inferred.

    `depends_on` are entries whose trouble brings trouble of this one with it.
    `targets` names where its commands and its SQL run, one place for each. `resolved_when`: all of them say that it is
    over.
    """

    severity: str | None = None
    restricted: bool | None = None
    alerts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    resolved_when: tuple[Condition, ...] = ()


class UnmatchedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of an alert that fits no entry. It is always an incident; without this it goes the usual way.

    `severity` replaces its sender's word; `notices` does for one that says of itself that it is over, a test, a notice
    or not production. `to` is the role or level that is called first; nobody answers there: the ladder goes on.
    """

    severity: str | None = None
    notices: str | None = None
    to: str | None = None


class MetricSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a threshold of the document measures, for `tocsin rules`; the key is the threshold's subject, or its rule.

    `expr` is PromQL. `unit` None takes that of the document, `for_` None what the document says. `baseline` is how long
    ago it was normal, where the document says "10x normal".
    """

    expr: str
    unit: str | None = None
    for_: timedelta | None = msgspec.field(name="for", default=None)
    baseline: timedelta = timedelta(days=7)


LOCAL = "local"
"""The name of this machine among the targets."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where steps run. `environment`: the variables they may see besides a harmless few; `run` False runs nothing.

    `inherit`: variables of the server's own that every step sees, named or not; they are not secret.
    `directory` may stand in a variable of the server, for a folder that another program chooses.
    `absent` is not configured but found out: programs that the machine has not, and options its versions have not.
    """

    environment: dict[str, str | Secret] = {}
    inherit: tuple[str, ...] = ()
    directory: str | Secret | None = None
    run: bool = True
    absent: tuple[str, ...] = ()

    @property
    def granted(self) -> frozenset[str]:
        """Give the names of all variables that the text of a step may name."""
        return frozenset((*self.environment, *self.inherit))


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Another machine where commands run, by way of the system's `ssh`; a target of kind "ssh".

    `identity` and `known_hosts` are files beside the configuration; None takes those of the user that serves.
    `environment` and `directory` are those of `Target`, over there.
    """

    address: str
    user: str | None = None
    port: int = 22
    identity: str | None = None
    known_hosts: str | None = None
    environment: dict[str, str | Secret] = {}
    directory: str | None = None

    @property
    def granted(self) -> frozenset[str]:
        """Give the names of all variables that the text of a step may name over there."""
        return frozenset(self.environment)


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A PostgreSQL where SQL of the document runs, in sessions that only read; a target of kind "sql"."""

    url: Secret


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """The public page. `components`: id -> name.

    `severities` the public may hear of; None = all of the document but its lowest. `reopened` is what the page says
    when what it called resolved came back.
    """

    name: str = "Service"
    components: dict[str, str] = {}
    severities: tuple[str, ...] | None = None
    reopened: str = "This has come back. We are looking into it."


MOST_ENDS = 20
"""So many of an alert's latest ends are remembered."""

MOST_REPORTERS = 200
"""So many people are remembered who reported one thing."""


class ReportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """People's reports. `public` opens the form to everybody; `people` different ones `within` that time page.

    `users` is how many there are altogether: with it, those who report are a share of users affected.
    """

    public: bool = False
    people: int = 3
    users: int | None = None
    within: timedelta = timedelta(minutes=10)


class WatchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether another process (`tocsin watch`) should be asking how this one is."""

    expected: bool = False


class BusinessHours(msgspec.Struct, frozen=True, kw_only=True):
    """When a business day opens and closes, in the runbook's time zone. `days`: Monday is 0."""

    opens: time = time(9, 0)
    closes: time = time(17, 0)
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[str, ...] = ()


class Expect(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill asks for besides its entry. `severity` None = the entry's own, or a more urgent one.

    Somebody has to be paged `within` so long after it broke; None = a minute of a live drill, nothing in memory.
    `diagnostics`, `told`, `reviewed`: whether the drill fails without them.
    """

    severity: str | None = None
    within: timedelta | None = None
    diagnostics: bool = False
    told: bool = False
    reviewed: bool = False


class DrillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which something breaks, to rehearse an entry by. `id`, the key under [drills], names the variant.

    `alert` is what a monitor would say, for a drill in memory. `inject` breaks it for real until it is told to end,
    `restore` puts it right: words of a command, run beside the configuration without a shell. A live drill is over
    after `stop_after`, whatever came of it.
    """

    id: str
    incident_type: str
    alert: str | None = None
    inject: tuple[str, ...] = ()
    restore: tuple[str, ...] = ()
    expect: Expect = Expect()
    stop_after: timedelta = timedelta(minutes=3)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration. The defaults are what serves without a file.

    `programs` says what programs do besides those the guard knows, as JSON of [guard.programs]. `drill_environment` is
    a file of `NAME=value` that live drills have in their environment.
    """

    runbook: str | None = None
    timezone: str = "UTC"
    public_url: str = "http://127.0.0.1:8080"
    trusted_proxies: tuple[str, ...] = ()
    intake_processes: int = 0
    store_url: str | None = None
    people: dict[str, Person] = {}
    roles: dict[str, tuple[str, ...]] = {}
    schedules: dict[str, Schedule] = {}
    channels: dict[str, ChannelSettings] = {}
    sources: dict[str, SourceSettings] = {}
    probes: dict[str, ProbeSettings] = {}
    incident_types: dict[str, IncidentTypeSettings] = {}
    unmatched: UnmatchedSettings = UnmatchedSettings()
    metrics: dict[str, MetricSettings] = {}
    business_hours: BusinessHours = BusinessHours()
    targets: Target = Target()
    hosts: dict[str, Host] = {}
    databases: dict[str, Database] = {}
    default_targets: tuple[str, ...] = ()
    status_page: StatusPage = StatusPage()
    watch: WatchSettings = WatchSettings()
    reports: ReportSettings = ReportSettings()
    drills: dict[str, DrillSettings] = {}
    drill_environment: str | None = None
    programs: str = ""
    fallback: tuple[str, ...] = ()
    max_rounds: int = 3
    reopen_within: timedelta = timedelta(minutes=5)
    group_within: timedelta = timedelta(hours=1)
    flapping_after: int = 3
    flapping_within: timedelta = timedelta(minutes=10)
    max_reopenings: int = 3
