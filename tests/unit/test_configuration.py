from datetime import UTC, datetime, time, timedelta

import pytest

from tocsin.channels.table import OPTIONS
from tocsin.configuration import read_settings, read_store_url
from tocsin.errors import SettingsInvalid
from tocsin.settings import (
    BusinessHours,
    DrillSettings,
    Expect,
    Host,
    Layer,
    ReachStep,
    Secret,
    Settings,
    UnmatchedSettings,
)

WHOLE = """\
runbook = "RUNBOOK.md"
timezone = "Europe/Berlin"
fallback = "mira"

[server]
public_url = "https://tocsin.example/"
trusted_proxies = ["10.0.0.0/8", "::1"]

[store]
url = "sqlite:///tocsin.db"

[people.mira]
name = "Mira Sol"
email = "mira@example.org"
phone = "+49301234567"
slack = "U01"
timezone = "America/New_York"
admin = true
reach = [
  { via = ["mail", "console"], wait = "PT1M30S" },  # both at once
  { via = "console" },
]

[people.jonas]

[schedules.first]
people = ["mira", "jonas"]
start = 2026-01-05T09:00:00
rotation = "P7D"

[schedules.second]
timezone = "UTC"
[[schedules.second.layers]]
people = ["mira"]
[[schedules.second.layers]]
people = ["jonas", "mira"]
start = 2026-01-05

[roles]
L1 = "first"
"Security team" = ["mira", "second"]

[channels.mail]
kind = "email"
host = "smtp.example.org"
sender = "Tocsin <ops@example.org>"
port = 2525
tls = "tls"
username = "ops"
password = { env = "SMTP_PASSWORD" }

[channels.hook]
kind = "webhook"
url = { file = "hook.url" }
secret = { env = "HOOK_SECRET" }

[sources.prometheus]
key = { env = "PROM_KEY" }
[sources.probes]

[incident_types.sequencer-down]
severity = "P0"
restricted = false
alerts = ["SequencerDown"]

[business_hours]
opens = "08:30"
closes = 18:00:00
days = ["Mon", "tuesday", 2]
holidays = ["2026-12-25", 2027-01-01]

[escalation]
max_rounds = 5
reopen_within = "PT0S"
max_reopenings = 0
"""


def refusal(text: str) -> SettingsInvalid:
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(text, OPTIONS)
    return caught.value


def test_an_empty_configuration_gives_the_defaults() -> None:
    assert read_settings("") == Settings()
    assert read_settings("# nothing yet\n") == Settings()


def test_every_key_is_read() -> None:
    settings = read_settings(WHOLE, OPTIONS)
    assert (settings.runbook, settings.timezone, settings.fallback) == ("RUNBOOK.md", "Europe/Berlin", ("mira",))
    assert settings.public_url == "https://tocsin.example"
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")
    assert settings.store_url == "sqlite:///tocsin.db"
    assert settings.roles == {"L1": ("first",), "Security team": ("mira", "second")}
    assert settings.sources["prometheus"].key == Secret(env="PROM_KEY")
    assert settings.sources["probes"].key is None
    kind = settings.incident_types["sequencer-down"]
    assert (kind.severity, kind.restricted, kind.alerts) == ("P0", False, ("SequencerDown",))
    assert (settings.max_rounds, settings.reopen_within, settings.max_reopenings) == (5, timedelta(0), 0)
    assert settings.business_hours == BusinessHours(
        opens=time(8, 30), closes=time(18), days=(0, 1, 2), holidays=("2026-12-25", "2027-01-01")
    )


def test_a_person_is_reached_step_by_step() -> None:
    people = read_settings(WHOLE, OPTIONS).people
    assert people["mira"].reach == (
        ReachStep(via=("mail", "console"), wait=timedelta(seconds=90)),
        ReachStep(via=("console",)),
    )
    assert (people["mira"].name, people["mira"].timezone, people["mira"].admin) == (
        "Mira Sol",
        "America/New_York",
        True,
    )
    assert (people["jonas"].name, people["jonas"].reach) == ("jonas", (ReachStep(via=("console",)),))


def test_a_schedule_counts_in_its_own_zone_else_in_the_one_of_the_document() -> None:
    schedules = read_settings(WHOLE, OPTIONS).schedules
    # 09:00 in Berlin in January is 08:00 UTC.
    assert schedules["first"].layers == (
        Layer(people=("mira", "jonas"), start=datetime(2026, 1, 5, 8, tzinfo=UTC), rotation=timedelta(days=7)),
    )
    assert schedules["first"].timezone == "Europe/Berlin"
    alone, turns = schedules["second"].layers
    assert alone.people == ("mira",)
    assert turns.start == datetime(2026, 1, 5, tzinfo=UTC)


def test_options_of_a_channel_keep_secrets_as_places() -> None:
    channels = read_settings(WHOLE, OPTIONS).channels
    assert channels["mail"].options["password"] == Secret(env="SMTP_PASSWORD")
    assert channels["hook"].options == {"url": Secret(file="hook.url"), "secret": Secret(env="HOOK_SECRET")}
    assert channels["mail"].options["port"] == 2525


def test_a_drill_says_how_something_breaks_and_what_is_expected() -> None:
    text = """
[drills.killed]
incident_type = "sequencer-down"
alert = "no answer"
inject = ["./break", "it hard"]
restore = ["./mend"]
stop_after = "PT2M"
expect = { severity = "P0", within = "PT30S", told = true }
"""
    assert read_settings(text).drills["killed"] == DrillSettings(
        id="killed",
        incident_type="sequencer-down",
        alert="no answer",
        inject=("./break", "it hard"),
        restore=("./mend",),
        stop_after=timedelta(minutes=2),
        expect=Expect(severity="P0", within=timedelta(seconds=30), told=True),
    )


MISTAKES = {
    "unknown top-level key": ('\ntimzone = "UTC"', 2, "does not know 'timzone'; did you mean 'timezone'?"),
    "unknown key of a person": ('[people.mira]\nemial = "x"', 2, "[people.mira] does not know 'emial'; did you mean"),
    "unknown key without a likeness": (
        "[server]\nzzz = 1",
        2,
        "there is intake_processes, public_url, trusted_proxies",
    ),
    "unknown key of a step": (
        '[people.m]\nreach = [\n{ via = "console" },\n{ via = "console", weit = 1 }]',
        4,
        "'weit'",
    ),
    "not TOML": ("a = 1\nb = = 2", 2, "this is not TOML"),
    "not closed": ('a = "', 1, "this is not TOML"),
    "a number as a text": ("[people.mira]\nname = 5", 2, "name must be a text, not a number"),
    "a boolean as a number": ("[escalation]\nmax_rounds = true", 2, "must be a whole number, not true or false"),
    "too few rounds": ("[escalation]\nmax_rounds = 0", 2, "must be 1 or more, not 0"),
    "a text as a table": ('people = "mira"', 1, "people must be a table, not a text"),
    "a text as a person": ('[people]\nmira = "x"', 2, "mira must be a table"),
    "empty text": ('runbook = " "', 1, "runbook is empty"),
    "bad e-mail address": ('[people.mira]\nemail = "mira"', 2, "is no address"),
    "unknown person in a role": ('[people.mira]\n[roles]\nL1 = ["mira",\n"mria"]', 4, "did you mean 'mira'?"),
    "empty role": ("[roles]\nL1 = []", 2, "L1 names nobody"),
    "unknown person in a schedule": ('[schedules.a]\npeople = "bob"', 2, "'bob', but there is no such person"),
    "unknown person in a layer": ('[schedules.a]\n[[schedules.a.layers]]\npeople = ["bob"]', 3, "no such person"),
    "unknown fallback": ('fallback = "bob"', 1, "no such person"),
    "unknown channel": ('[people.m]\nreach = [{ via = "slak" }]', 2, "'slak', but there is no such channel"),
    "quiet for what cannot wait": (
        '[people.m]\nquiet = [{ severities = ["P2", "P1"], from = "22:00", until = "07:00" }]',
        2,
        "P1 is never held; quiet is for P2 and P3",
    ),
    "quiet without an end": (
        '[people.m]\nquiet = [{ severities = ["P2"], from = "22:00" }]',
        2,
        "needs from and until",
    ),
    "quiet that never ends": (
        '[people.m]\nquiet = [{ severities = ["P2"], from = "22:00", until = "22:00" }]',
        2,
        "would never end",
    ),
    "rate that is none": ('[channels.c]\nkind = "console"\nrate = "fast"', 3, "rate must be messages in a time"),
    "burst without a rate": ('[channels.c]\nkind = "console"\nburst = 3', 3, "burst needs a rate"),
    "reach without a step": ("[people.m]\nreach = []", 2, "reach has no step"),
    "step without a channel": ('[people.m]\nreach = [{ wait = "PT1M" }]', 2, "needs via"),
    "bad duration": (
        '[people.m]\nreach = [{ via = "console", wait = "2m" }]',
        2,
        'such as "PT2M" or "P7D", not \'2m\'',
    ),
    "duration without a unit": ("[escalation]\nreopen_within = 120", 2, "must be a duration"),
    "negative duration": ('[escalation]\nreopen_within = "-PT2M"', 2, "too short"),
    "endless duration": ('[escalation]\nreopen_within = "P99999999999D"', 2, "must be a duration"),
    "no rotation at all": ('[people.m]\n[schedules.a]\npeople = "m"\nrotation = "PT0S"', 4, "too short"),
    "bad time zone": ('timezone = "Europe/Berln"', 1, "is no time zone"),
    "a folder as a time zone": ('timezone = "Europe"', 1, "is no time zone"),
    "bad time zone of a person": ('[people.m]\ntimezone = "CEST+1"', 2, "is no time zone"),
    "empty schedule": ("\n[schedules.first]", 2, "is empty: nobody is ever on call"),
    "schedule of nobody": ("[schedules.a]\npeople = []", 2, "is empty"),
    "no start": ('[people.a]\n[people.b]\n[schedules.s]\npeople = ["a", "b"]', 3, "needs a start"),
    "bad start": ('[people.a]\n[schedules.s]\npeople = "a"\nstart = "monday"', 4, "must be a date and time"),
    "people beside layers": (
        '[people.a]\n[schedules.s]\npeople = "a"\nlayers = [{ people = "a" }]',
        3,
        "both people and layers",
    ),
    "unknown key of a layer": ('[people.a]\n[schedules.s]\nlayers = [{ people = "a", zone = 1 }]', 3, "'zone'"),
    "one name for two": ('[people.a]\n[schedules.a]\npeople = "a"', 2, "has the name of a person"),
    "no kind": ("[channels.x]\nport = 1", 1, "needs a kind: console, webhook, email"),
    "unknown kind": ('[channels.x]\nkind = "emial"', 2, "did you mean 'email'?"),
    "unknown option": ('[channels.x]\nkind = "webhook"\nurl = "https://a.b"\nurll = "c"', 4, "did you mean 'url'?"),
    "missing option": ('[channels.x]\nkind = "webhook"', 1, "needs 'url'"),
    "option of the wrong type": ('[channels.x]\nkind = "webhook"\nurl = 1', 3, "url: it must be a text or a secret"),
    "option out of its choices": (
        '[channels.x]\nkind = "email"\nhost = "h"\nsender = "a@b.c"\ntls = "ssl"',
        5,
        "tls: it must be one of none, starttls, tls",
    ),
    "cards where there is no room": (
        '[channels.x]\nkind = "slack"\ntoken = { env = "T" }\ncards = ["P0"]',
        4,
        "set channel",
    ),
    "cards of a channel without rooms": (
        '[channels.x]\nkind = "console"\ncards = ["P0"]',
        3,
        "are for a room of slack",
    ),
    "a card for no severity": (
        '[channels.x]\nkind = "slack"\ntoken = { env = "T" }\nchannel = "C1"\ncards = ["P0", "P9"]',
        5,
        "'P9' is none of",
    ),
    "option that is a list": ('[channels.x]\nkind = "webhook"\nurl = []', 3, "must be a text, a whole number"),
    "a secret in clear": ('[channels.x]\nkind = "webhook"\nurl = "https://a.b"\nsecret = "hunter2"', 4, "in clear"),
    "a source's key in clear": ('[sources.x]\nkey = "hunter2"', 2, 'only as { env = "NAME" } or { file = "PATH" }'),
    "a source of what people declare": ("\n[sources.manual]", 2, "manual is the source of what people declare"),
    "a slash in an id": ('\n[people."a/b"]', 2, "'a/b' is no id: it takes letters, digits and"),
    "a space in an id": ('[people."a b"]', 1, "'a b' is no id"),
    "an id of spaces": ('[sources." "]', 1, "' ' is no id"),
    "an empty id": ('[people.""]', 1, "'' is no id"),
    "a control character in an id": ('[channels."a\\n"]\nkind = "console"', 1, "is no id"),
    "a bar in an id": ('[schedules."a|b"]\npeople = "c"', 1, "'a|b' is no id"),
    "dots that lead elsewhere": ('[people.".."]', 1, "'..' is no id"),
    "a source in letters that are not ASCII": ('[sources."prüfung"]', 1, "'prüfung' is no id"),
    "a secret in two places": ('[sources.x]\nkey = { env = "A", file = "b" }', 2, "must name one place"),
    "a secret in no place": ("[sources.x]\nkey = {}", 2, "must name one place"),
    "a secret in an odd place": ('[sources.x]\nkey = { vault = "A" }', 2, "does not know 'vault'"),
    "a password in the store's address": ('[store]\nurl = "postgresql://a:b@c/d"', 2, "a password in clear"),
    "an odd store": ('[store]\nurl = "mysql://c/d"', 2, "must start with sqlite:/// or postgresql://"),
    "an odd address": ('[server]\npublic_url = "tocsin.example"', 2, "must be an address"),
    "an odd proxy": ('[server]\ntrusted_proxies = [\n"10.0.0.1",\n"nginx"]', 4, "trusted_proxies: 'nginx'"),
    "an odd severity": ('[incident_types.a]\nseverity = "SEV1"', 2, "one of P0, P1, P2, P3, not 'SEV1'"),
    "a target without a kind": ('\n[targets.web]\nhost = "a"', 2, 'kind must be "ssh" or "sql"'),
    "a target of an odd kind": ('[targets.web]\nkind = "docker"', 2, 'kind must be "ssh" or "sql"'),
    "a machine without an address": ('\n[targets.web]\nkind = "ssh"', 2, "host must be the name or the address"),
    "an address that is an option": (
        '[targets.web]\nkind = "ssh"\nhost = "-oProxyCommand=id"',
        3,
        "host must be the name or the address",
    ),
    "a user that is an option": ('[targets.web]\nkind = "ssh"\nhost = "a"\nuser = "-l"', 4, "is no name of a user"),
    "a port that is none": ('[targets.web]\nkind = "ssh"\nhost = "a"\nport = 70000', 4, "port must be at most 65535"),
    "an address of a database in clear": (
        '[targets.db]\nkind = "sql"\nurl = "postgresql://a:b@c/d"',
        3,
        "url stands there in clear",
    ),
    "no address of a database": ('\n[targets.db]\nkind = "sql"', 2, "url is missing"),
    "an unknown key of a target": ('[targets.web]\nkind = "ssh"\nhost = "a"\nusr = "b"', 4, "did you mean 'user'?"),
    "a secret for all steps": (
        '[targets.local]\ninherit = ["DB_PASSWORD"]',
        2,
        "DB_PASSWORD holds a secret; grant it under `environment`",
    ),
    "a variable that is none": ('[targets.local]\ninherit = ["A=b"]', 2, "is no name of a variable"),
    "a default that is no target": ('[targets]\ndefault = "web"', 2, "there is no such target"),
    "two machines for a command": (
        '[targets]\ndefault = ["local", "web"]\n[targets.web]\nkind = "ssh"\nhost = "a"',
        2,
        "in one place",
    ),
    "an entry on a machine that is not there": ('[incident_types.a]\ntargets = ["web"]', 2, "there is no such target"),
    "closing before opening": ('[business_hours]\ncloses = "08:00"', 2, "not after 09:00"),
    "an odd hour": ('[business_hours]\nopens = "nine"', 2, 'a time of day such as "09:00"'),
    "an odd day": ('[business_hours]\ndays = ["Mon", "Funday"]', 2, "'Funday' is no weekday"),
    "an odd holiday": ("[business_hours]\nholidays = [1]", 2, "1 is no date"),
    "a drill of nothing": ("[drills.a]", 1, "needs an incident_type: the id of the entry"),
    "a drill that breaks nothing": ('[drills.a]\nincident_type = "b"', 1, "breaks nothing: give it an alert"),
    "a drill that is never over": (
        '[drills.a]\nincident_type = "b"\ninject = ["./break"]',
        3,
        "has inject but no restore",
    ),
    "a drill that mends what is well": (
        '[drills.a]\nincident_type = "b"\nalert = "x"\nrestore = ["./mend"]',
        4,
        "has restore but no inject",
    ),
    "a command without words": (
        '[drills.a]\nincident_type = "b"\ninject = []',
        3,
        "inject needs the words of a command",
    ),
    "a drill of a day": (
        '[drills.a]\nincident_type = "b"\nalert = "x"\nstop_after = "P1D"',
        4,
        "stop_after is longer than an hour",
    ),
    "an odd expectation": (
        '[drills.a]\nincident_type = "b"\nalert = "x"\nexpect = { resolved = true }',
        4,
        "does not know 'resolved'",
    ),
    "access": ("\n\n[access]", 3, "[access] is not supported by this version"),
    "overrides": ('[people.a]\n[schedules.s]\npeople = "a"\noverrides = []', 4, "overrides is not supported"),
    "an odd severity of what fits nothing": (
        '[unmatched]\nnotices = "low"',
        2,
        "notices must be one of P0, P1, P2, P3",
    ),
    "a desk nobody is at": (
        '[people.a]\n[roles]\nDesk = "a"\n[unmatched]\nto = "Desks"',
        5,
        "no such role; did you mean 'Desk'",
    ),
    "resolved_when": ('[incident_types.a]\nresolved_when = "x"', 2, "resolved_when must be a table"),
    "an end without a probe": (
        '[incident_types.a]\nresolved_when = { check = "slow" }',
        2,
        "[incident_types.a.resolved_when] needs a probe, such as",
    ),
    "an end by a probe that is not there": (
        '[incident_types.a]\nresolved_when = { probe = "api" }',
        2,
        "incident_types.a.resolved_when names 'api', but there is no such probe",
    ),
    "an end by a check that is not there": (
        (
            '[probes.api]\nkind = "tcp"\nhost = "a"\nport = 1\n[probes.api.checks.down]\nvalue = "up"\nbelow = 1\n'
            '[incident_types.a]\nresolved_when = [{ probe = "api", check = "dow" }]'
        ),
        9,
        "no such check of api; did you mean 'down'",
    ),
    "an end by a probe without checks": (
        '[probes.api]\nkind = "tcp"\nhost = "a"\nport = 1\n[incident_types.a]\nresolved_when = { probe = "api" }',
        6,
        "names the probe api, which has no checks",
    ),
    "nested beyond reason": ("a = " + "[" * 5000 + "]" * 5000, None, "nested too deeply"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(mistake: str) -> None:
    text, line, words = MISTAKES[mistake]
    error = refusal(text)
    assert words in error.reason
    assert error.line == line
    assert "\n" not in str(error)


@pytest.mark.parametrize("text", [MISTAKES["a secret in clear"][0], MISTAKES["a source's key in clear"][0]])
def test_a_secret_in_clear_is_not_repeated(text: str) -> None:
    assert "hunter2" not in str(refusal(text))


@pytest.mark.parametrize("key", ["password", "secret", "token", "api_key"])
def test_a_secret_in_clear_is_refused_even_when_the_kind_is_not_known(key: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"line 3: .*in clear"):
        read_settings(f'[channels.x]\nkind = "webhook"\n{key} = "hunter2"')


@pytest.mark.parametrize("name", ["john.doe", "jürgen", "x+y", "a_b-c", "mira@example.org", "7"])
def test_the_id_of_a_person_may_be_a_name_or_an_address(name: str) -> None:
    assert list(read_settings(f'[people."{name}"]').people) == [name]


@pytest.mark.parametrize("table", ['sources."a.b-1"', 'channels."a.b-1"]\nkind = "console"\n[sources.x'])
def test_ids_of_sources_and_channels_may_have_points_and_dashes(table: str) -> None:
    settings = read_settings(f"[{table}]", OPTIONS)
    assert "a.b-1" in {*settings.sources, *settings.channels}


def test_people_report_to_nobody_outside_unless_it_says_so() -> None:
    assert read_settings("").reports.public is False
    found = read_settings('[reports]\npublic = true\npeople = 5\nwithin = "PT1H"\n').reports
    assert (found.public, found.people, found.within.total_seconds()) == (True, 5, 3600)


@pytest.mark.parametrize("line", ["people = 0", "people = 201", 'within = "PT1S"', 'within = "P2D"', "open = true"])
def test_rules_for_reports_that_cannot_hold_are_refused(line: str) -> None:
    with pytest.raises(SettingsInvalid, match="line 2"):
        read_settings(f"[reports]\n{line}\n")


def test_no_source_may_look_like_what_people_report() -> None:
    with pytest.raises(SettingsInvalid, match="reports is the source of what people report"):
        read_settings("[sources.reports]\n")


@pytest.mark.parametrize(
    ("lines", "cards"),
    [
        ("", ()),
        ('channel = "C1"', ("P0", "P1", "P2", "P3")),
        ('channel = "C1"\ncards = []', ()),
        ('channel = "C1"\ncards = "P0"', ("P0",)),
    ],
)
def test_a_room_gets_a_card_of_every_incident_unless_told(lines: str, cards: tuple[str, ...]) -> None:
    settings = read_settings(f'[channels.x]\nkind = "slack"\ntoken = {{ env = "T" }}\n{lines}', OPTIONS)
    assert settings.channels["x"].cards == cards


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", None),
        ('[store]\nurl = "sqlite:///x.db"\n[people.eve]\ncolour = "red"\n', "sqlite:///x.db"),
        ("this is no TOML", None),
    ],
)
def test_where_facts_are_kept_is_read_whatever_else_is_wrong(text: str, url: str | None) -> None:
    assert read_store_url(text) == url


def test_what_is_no_toml_and_speaks_of_a_postgresql_is_not_taken_for_the_data_folder() -> None:
    with pytest.raises(SettingsInvalid):
        read_store_url('[store]\nurl = "postgresql://db/tocsin"\nthis is no TOML')


# -- programs of the team's own


def test_what_programs_do_is_kept_as_it_is_written() -> None:
    text = '[guard.programs.shopctl]\nread = "status"\n[guard.programs.shopctl.at.purge]\nrisk = "destructive"\n'
    assert read_settings(text).programs == '{"shopctl":{"read":"status","at":{"purge":{"risk":"destructive"}}}}'
    assert read_settings("").programs == ""


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ('[guard.programs.a]\nrisk = "harmless"', "harmless"),
        ('[guard.programs.a]\nreads = "status"', "reads"),
        ('[guard.programs.a]\nflags = ["loud"]', "loud"),
        ("[guard]\nprograms = 3", "programs"),
        ("[guard]\nprogram = {}", "program"),
    ],
)
def test_a_program_that_is_described_wrongly_is_refused(lines: str, what: str) -> None:
    with pytest.raises(SettingsInvalid, match=what):
        read_settings(lines)


# -- sources

SENDS = '[sources.m]\nkind = "{}"\n'
SECRET = 'secrets = { env = "X" }\n'


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        (SENDS.format("smoke"), "kind 'smoke' is unknown", 2),
        (SENDS.format("sentri"), "did you mean 'sentry'", 2),
        (SENDS.format("sentry"), "sentry signs what it sends: it needs secrets", 1),
        (SENDS.format("sentry") + SECRET + 'key = { env = "Y" }\n', "sentry sends no key", 4),
        (SENDS.format("sentry") + 'secrets = "hush"\n', "secrets stands there in clear", 3),
        (SENDS.format("sentry") + 'secrets = [{ env = "X" }, "hush"]\n', "secrets holds one in clear", 3),
        (SENDS.format("sentry") + "secrets = [{}]\n", "must name one place", 3),
        (SENDS.format("sentry") + SECRET + 'tolerance = "PT1M"\n', "sentry has none", 1),
        (SENDS.format("grafana") + 'signature_header = "X-S"\n', "has no secrets to check it with", 1),
        (SENDS.format("grafana") + SECRET + 'signature_header = "a b"\n', "is no name of a header", 4),
        (SENDS.format("alertmanager") + 'timestamp_header = "X-T"\n', "timestamp_header is for grafana", 3),
        (SENDS.format("prometheus") + 'lease = "PT1H"\n', "lease is for alertmanager and grafana", 3),
        (SENDS.format("heartbeat"), "heartbeat needs either a period or a cron", 1),
        (SENDS.format("heartbeat") + 'cron = "@daily"\nperiod = "PT1H"\n', "either a period or a cron", 1),
        (SENDS.format("heartbeat") + 'cron = "0 2 * *"\n', "cron '0 2 * *' cannot be read: it has 4 fields", 3),
        (
            SENDS.format("heartbeat") + 'cron = "0 0 30 2 *"\n',
            "cron '0 0 30 2 *' cannot be read: its day-of-month '30' is none, or never comes",
            3,
        ),
        (SENDS.format("heartbeat") + 'period = "PT1H"\ntimezone = "UTC"\n', "timezone is for a heartbeat with cron", 4),
        (SENDS.format("heartbeat") + 'cron = "@daily"\ntimezone = "Mars/Base"\n', "is no time zone", 4),
        (SENDS.format("events") + 'cron = "@daily"\n', "cron is for a heartbeat", 3),
        (SENDS.format("events") + 'grace = "PT1H"\n', "grace is for a heartbeat", 1),
        (SENDS.format("custom"), "custom needs a mapping with dedup_key", 1),
        (SENDS.format("custom") + 'mapping = { dedup_key = "a", summary = "b[" }\n', "summary is no expression", 3),
        (SENDS.format("custom") + 'mapping = { dedup_key = "a", summry = "b" }\n', "does not know 'summry'", 3),
        (SENDS.format("grafana") + 'mapping = { dedup_key = "a" }\n', "mapping is for custom", 3),
        ('[sources.m]\nsecret = { env = "X" }\n', "does not know 'secret'; did you mean 'secrets'", 2),
    ],
)
def test_what_is_wrong_about_a_source_is_said_with_its_line(text: str, says: str, line: int) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(text, OPTIONS)
    assert says in str(caught.value)
    assert caught.value.line == line
    assert "hush" not in str(caught.value)


def test_a_source_may_have_several_secrets() -> None:
    text = SENDS.format("sentry") + 'secrets = [{ env = "NEW" }, { file = "old" }]\n'
    assert [one.env or one.file for one in read_settings(text, OPTIONS).sources["m"].secrets] == ["NEW", "old"]


def test_targets_are_machines_and_databases() -> None:
    found = read_settings(
        '[targets]\ndefault = ["web", "ledger"]\n[targets.local]\nrun = false\n'
        '[targets.web]\nkind = "ssh"\nhost = "2001:db8::7"\nuser = "tocsin"\nport = 2222\nidentity = "key"\n'
        'known_hosts = "known"\ndirectory = "/srv"\nenvironment = { A = "1", B = { env = "B" } }\n'
        '[targets.ledger]\nkind = "sql"\nurl = { env = "LEDGER_URL" }\n[incident_types.x]\ntargets = "local"\n'
    )
    assert found.hosts["web"] == Host(
        address="2001:db8::7", user="tocsin", port=2222, identity="key", known_hosts="known", directory="/srv",
        environment={"A": "1", "B": Secret(env="B")},
    )  # fmt: skip
    assert found.databases["ledger"].url == Secret(env="LEDGER_URL")
    assert (found.default_targets, found.targets.run) == (("web", "ledger"), False)
    assert found.incident_types["x"].targets == ("local",)


def test_the_folder_of_this_machine_may_stand_in_a_variable() -> None:
    found = read_settings('[targets.local]\ndirectory = { env = "RELEASE" }\n')
    assert found.targets.directory == Secret(env="RELEASE")
    with pytest.raises(SettingsInvalid, match="directory is a folder, or"):
        read_settings('[targets.local]\ndirectory = { file = "release" }\n')


def test_what_becomes_of_an_alert_that_fits_no_entry_is_read() -> None:
    text = '[people.a]\n[roles]\nDesk = "a"\n[unmatched]\nseverity = "P2"\nnotices = "P3"\nto = "Desk"\n'
    assert read_settings(text).unmatched == UnmatchedSettings(severity="P2", notices="P3", to="Desk")
