"""[probes]: what may stand there, and what is said of what may not."""

from datetime import timedelta

import pytest

from tocsin.configuration import read_settings
from tocsin.configuration_file import settings_of
from tocsin.errors import SettingsInvalid
from tocsin.probes.table import KINDS, OFFERS
from tocsin.settings import CheckSettings, ProbeSettings, Secret

TCP = '[probes.api]\nkind = "tcp"\nhost = "api.example.org"\nport = 443\n'
DOWN = f'{TCP}[probes.api.checks.down]\nvalue = "up"\n'


def test_a_probe_is_read_with_its_checks() -> None:
    found = settings_of(
        f'{TCP}every = "PT30S"\nbroken_after = "PT10M"\n[probes.api.checks.slow]\nvalue = "latency"\nabove = 1\n'
        'times = 3\nfor = "PT1M"\nrecovers = 0.5\nrecovers_for = "PT2M"\nwindow = "PT5M"\ntake = "p95"\n'
        'incident_type = "slow-api"\nsymptom = "API slow"\nseverity = "P2"\n'
    )
    slow = CheckSettings(
        id="slow",
        value="latency",
        limit=1.0,
        times=3,
        for_=timedelta(minutes=1),
        recovers=0.5,
        recovers_for=timedelta(minutes=2),
        window=timedelta(minutes=5),
        take="p95",
        incident_type="slow-api",
        symptom="API slow",
        severity="P2",
    )
    assert found.probes == {
        "api": ProbeSettings(
            id="api",
            kind="tcp",
            options={"host": "api.example.org", "port": 443},
            every=timedelta(seconds=30),
            checks=(slow,),
            broken_after=timedelta(minutes=10),
        )
    }


def test_a_look_is_shorter_than_the_time_between_looks() -> None:
    assert settings_of(f'{TCP}every = "PT2S"\n').probes["api"].timeout == timedelta(seconds=1.8)


def test_a_check_without_a_limit_has_that_of_its_symptom() -> None:
    check = settings_of(f'{DOWN}incident_type = "x"\nsymptom = "API down"\n').probes["api"].checks[0]
    assert (check.limit, check.symptom) == (None, "API down")


def test_less_than_normal_is_trouble_where_the_factor_says_so() -> None:
    check = settings_of(f"{DOWN}times_normal = 0.5\nnormal = 30\n").probes["api"].checks[0]
    assert (check.op, check.times_normal, check.normal) == ("<", 0.5, 30.0)


def test_secrets_lie_elsewhere_in_options_too() -> None:
    found = read_settings('[probes.a]\nkind = "tcp"\nhost = { env = "HOST" }\nport = 1\n').probes["a"]
    assert found.options["host"] == Secret(env="HOST")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[probes.a]\n", 1, "needs a kind: tcp, http"),
        ('[probes.a]\nkind = "tpc"\n', 2, "did you mean 'tcp'?"),
        ('[probes."a b"]\nkind = "tcp"\n', 1, "is no id"),
        ('[probes.a]\nkind = "tcp"\nport = 1\n', 1, "needs 'host'"),
        (TCP.replace("443", "70000"), 4, "port: it must be a whole number <= 65535"),
        (TCP.replace("443", '"https"'), 4, "port: it must be a whole number"),
        (f"{TCP}path = '/'\n", 5, "does not know 'path'"),
        (f'{TCP}password = "hunter2"\n', 5, "stands there in clear"),
        (f'{TCP}every = "PT0.5S"\n', 5, "too short"),
        (f'{TCP}every = "P2D"\n', 5, "a day or less"),
        (f'{TCP}timeout = "PT15S"\n', 5, "less than every"),
        (f'[sources.far]\nkind = "prober"\n{TCP}at = "fra"\n', 7, "source of kind 'prober'; did you mean 'far'?"),
        (f'{TCP}broken_after = "PT1S"\n', 5, "too short"),
        (f"{TCP}[probes.api.checks.down]\nbelow = 1\n", 5, "needs a value: up, latency"),
        (DOWN.replace('"up"', '"latncy"'), 6, "did you mean 'latency'?"),
        (DOWN, 5, "needs a limit: above, below"),
        (f"{DOWN}above = 1\nbelow = 2\n", 8, "has one limit"),
        (f"{DOWN}above = nan\n", 7, "must be a number"),
        (f"{DOWN}times_normal = 0\n", 7, "more than 0"),
        (f"{DOWN}above = 1\nrecovers = 2\n", 8, "below the limit"),
        (f"{DOWN}below = 1\nrecovers = 0\n", 8, "above the limit"),
        (f"{DOWN}equals = 1\nrecovers = 0\n", 8, "no meaning"),
        (f'{DOWN}below = 1\ntake = "max"\n', 8, "needs a window"),
        (f'{DOWN}below = 1\nwindow = "PT1M"\n', 8, "needs a take"),
        (f'{DOWN}below = 1\ntake = "men"\n', 8, "did you mean 'mean'?"),
        (f'{DOWN}below = 1\nwindow = "P2D"\ntake = "max"\n', 8, "a day or less"),
        (f'{DOWN}below = 1\nsymptom = "slow"\n', 8, "needs an incident_type"),
        (f'{DOWN}below = 1\nseverity = "high"\n', 8, "one of P0"),
        (f"{DOWN}below = 1\ntimes = 0\n", 8, "1 or more"),
        ('[probes.a]\nkind = "http"\nurl = "https://a.example"\nexpect = { "a[" = 1 }\n', 1, "[probes.a]"),
        ("[sources.probe]\n", 1, "what probes see"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        settings_of(text)
    assert refused.value.line == line, refused.value
    assert words in refused.value.reason


def test_options_with_a_secret_are_not_tried_out_where_the_secret_is_not() -> None:
    found = settings_of('[probes.a]\nkind = "http"\nurl = { env = "NOWHERE_SET" }\n')
    assert found.probes["a"].options["url"] == Secret(env="NOWHERE_SET")


def test_every_kind_says_what_it_gives() -> None:
    for name, kind in KINDS.items():
        assert OFFERS[name].values == tuple(kind.values)
        assert all(measure.meaning for measure in kind.values.values())
