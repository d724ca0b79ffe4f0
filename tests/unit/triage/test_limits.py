"""Limits of a document and the numbers of an alert: in whatever unit, notation and language both are written."""

from collections.abc import Callable, Mapping

import pytest

from tocsin.detection.alert import Alert
from tocsin.runbook.policy import Runbook
from tocsin.triage.learned.likeness import shipped
from tocsin.triage.matched import Match
from tocsin.triage.matching import by_rules, match
from tocsin.triage.profile import index
from tocsin.triage.readings import readings
from tocsin.triage.statement import statement
from tocsin.triage.weighing import weighed

Make = Callable[..., Alert]
Books = Callable[..., Runbook]


def entry_of(book: Runbook, said: Alert) -> str | None:
    """Give the entry an alert opens."""
    return match(said, book, {}).incident_type


RATES = (
    "100 req/s",
    "100 requests per second",
    "100 rps",
    "6000 req/min",
    "6,000 rpm",
    "100/s",
    "360k requests per hour",
)


@pytest.mark.parametrize("limit", RATES)
@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("requests at 340/s on api", {}),
        ("api: 340 req/s", {}),
        ("requests 340 per second", {}),
        ("340 rps at the edge", {}),
        ("20400 req/min", {}),
        ("traffic", {"rps": "340"}),
        ("traffic", {"requests_per_minute": "20400"}),
    ],
)
def test_rates_compare_by_whatever_time_both_count(
    made_of: Books, alert: Make, limit: str, text: str, details: Mapping[str, str]
) -> None:
    book = made_of({"Overload": [f"Requests > {limit}"], "Error wave": ["Error rate > 2%"]})
    found = match(alert(text, details=details), book, {})
    assert found.incident_type == "overload"
    assert f"past “Requests > {limit}”" in found.because[0].text


@pytest.mark.parametrize("limit", RATES)
@pytest.mark.parametrize("text", ["requests: 60/s", "60 requests per second", "5400 requests per minute", "60 rps"])
def test_a_rate_within_its_limit_is_no_overload(made_of: Books, alert: Make, limit: str, text: str) -> None:
    assert entry_of(made_of({"DDoS Attack": [f"Requests > {limit}"]}), alert(text)) is None


def test_a_rate_is_a_flood_by_its_words_only_where_they_say_that_it_is_much(example: Runbook, alert: Make) -> None:
    assert entry_of(example, alert("api serves 60 requests per second")) is None
    for much in ("requests per second far above normal", "unusually many requests per second", "9,000 rps at the edge"):
        assert entry_of(example, alert(much)) == "ddos-attack", much


def test_a_limit_of_errors_by_time_or_of_an_amount_of_memory_is_held_by_its_words(made_of: Books, alert: Make) -> None:
    book = made_of({"Wave": ["Errors > 100 per minute"], "Leak": ["Memory > 4 GB"], "Other": ["Disk is broken"]})
    assert "past “Errors > 100 per minute”" in match(alert("errors: 340/min"), book, {}).because[0].text
    assert "not past “Errors" in match(alert("errors: 40/min"), book, {}).because[1].text
    assert "past “Memory > 4 GB”" in match(alert("memory is at 5 GB"), book, {}).because[0].text


@pytest.mark.parametrize(
    ("text", "details", "entry"),
    [
        ("queue share 4,9 %", {}, None),
        ("queue share 5,1 %", {}, "backlog"),
        ("queue", {"queue_share": "4,9 %"}, None),
        ("queue", {"queue_share": "12,5 %"}, "backlog"),
        ("tick time 12,5 ms", {}, None),
        ("tick time 1.250,5 ms", {}, "ticks"),
        ("open orders 1,500", {}, "orders"),
        ("open orders 4 mil", {}, "orders"),
        ("open orders 0,5 mil", {}, None),
    ],
)
def test_amounts_are_read_with_a_decimal_comma(
    made_of: Books, alert: Make, text: str, details: Mapping[str, str], entry: str | None
) -> None:
    book = made_of(
        {"Backlog": ["Queue share > 5 %"], "Ticks": ["Tick time > 100 ms"], "Orders": ["Open orders > 1,000"]}
    )
    found = match(alert(text, details=details), book, {})
    assert found.incident_type == entry
    if entry:
        assert "past “" in " ".join(why.text for why in found.because)


@pytest.mark.parametrize(
    ("text", "seconds", "times"),
    [
        ("requests 4 500 per minute", 75.0, None),
        ("requests 4\u202f500 per minute, normal 300", 75.0, 15.0),
        ("1.500/s vs 1.2/s usually", 1.5, 1.25),
        ("visits 60.000 pro Minute, normal sind 1.200", 1000.0, 50.0),
        ("3 mil peticiones por minuto, lo normal 100", 50.0, 30.0),
        ("600 mil acessos por minuto, o normal 10 mil", 10_000.0, 60.0),
    ],
)
def test_counts_are_read_as_their_line_writes_numbers(text: str, seconds: float, times: float | None) -> None:
    found = readings(text, {})
    assert times is None or [round(one.value, 3) for one in found if one.unit == "x"] == [times]
    # The usual one is over, and is no reading.
    assert {round(one.value, 3) for one in found if one.unit == "/s"} <= {seconds}


@pytest.mark.parametrize(("written", "millions"), [("40 mil req in ten minutes", 40.0), ("40 mil peticiones", 0.04)])
def test_mil_is_a_million_in_english_and_a_thousand_elsewhere(written: str, millions: float) -> None:
    [times] = [one.value for one in readings(f"{written}, normal 10k", {}) if one.unit == "x"]
    assert times == pytest.approx(millions * 100)


FALLS = (
    "requests fell from 300 to 9 rps",
    "requests fell from 300/s to 9/s",
    "traffic 0.2/s vs 35/s yesterday",
    "requests 0.2/s (usually 35/s)",
    "traffic dropped by 90 %",
)


@pytest.mark.parametrize("text", FALLS)
def test_a_fall_is_no_rise_and_may_be_too_little(made_of: Books, alert: Make, text: str) -> None:
    rises = {"DDoS": ["High traffic", "Very many requests"], "Overload": ["Requests > 30/s"]}
    assert entry_of(made_of(rises), alert(text)) is None
    falls = {**rises, "No customers": ["Traffic drops to almost nothing"]}
    assert entry_of(made_of(falls), alert(text)) == "no-customers"


def test_what_rose_is_a_rise(made_of: Books, alert: Make) -> None:
    book = made_of({"Overload": ["Requests > 30/s"], "No customers": ["Traffic drops to almost nothing"]})
    assert entry_of(book, alert("traffic rose from 20/s to 900/s")) == "overload"
    assert entry_of(book, alert("requests 35/s, usually 0.2/s")) == "overload"


@pytest.mark.parametrize(
    "text",
    [
        "errors fell from 120/min to 4/min",
        "0 of 400 requests failed",
        "0/400 requests failed",
        "0/5 pods unhealthy",
        "0 of 12 nodes down",
        "0 von 400 Anfragen fehlgeschlagen",
    ],
)
def test_that_none_fail_or_fewer_is_no_failure(example: Runbook, alert: Make, text: str) -> None:
    assert entry_of(example, alert(text)) is None


@pytest.mark.parametrize("text", ["0 of 400 requests succeeded", "0 of 3 pods ready, 3 failed", "health check: 0/3 up"])
def test_that_none_succeeds_is_an_outage(example: Runbook, alert: Make, text: str) -> None:
    assert entry_of(example, alert(text)) == "sequencer-down"


DOCUMENTS: Mapping[str, Mapping[str, list[str]]] = {
    "de": {
        "Fehler": ["Fehlerquote über 5 %"],
        "Langsam": ["Antwortzeit größer als 1,5 s"],
        "Speicher": ["Speicherauslastung ab 95 %"],
        "Ansturm": ["Mehr als 4.500 Anfragen pro Minute"],
    },
    "fr": {
        "Erreurs": ["Taux d'erreur supérieur à 5 %"],
        "Lent": ["Temps de réponse de plus de 1,5 s"],
        "Mémoire": ["Mémoire au-dessus de 95\u202f%"],
        "Déluge": ["Plus de 4\u202f500 requêtes par minute"],
    },
    "es": {
        "Errores": ["Tasa de errores superior al 5 %"],
        "Lento": ["Tiempo de respuesta mayor de 1,5 s"],
        "Memoria": ["Uso de memoria por encima del 95 %"],
        "Avalancha": ["Más de 4 mil peticiones por minuto"],
    },
    "pt": {
        "Erros": ["Taxa de erros acima de 5%"],
        "Lento": ["Tempo de resposta maior que 1,5 s"],
        "Memória": ["Uso de memória superior a 95%"],
        "Avalanche": ["Mais de 4 mil requisições por minuto"],
    },
    "ja": {
        "エラー": ["エラー率が5%を超える"],
        "遅い": ["応答時間が1.5秒以上"],
        "メモリ": ["メモリ使用率が95%以上"],
        "アクセス": ["リクエストが毎分4500件を超える"],
    },
}


@pytest.mark.parametrize("language", DOCUMENTS)
def test_a_short_english_alert_is_held_against_limits_in_another_language(
    made_of: Books, alert: Make, language: str
) -> None:
    book = made_of(dict(DOCUMENTS[language]))
    for entry, past, within in zip(
        book.incident_types,
        ("error rate 6%", "p99 latency 2.4s", "memory usage 97%", "requests 100/s"),
        ("error rate 2%", "response time 0.8 s", "memory usage 60%", "requests 20/s"),
        strict=True,
    ):
        found = match(alert(past), book, {})
        assert found.incident_type == entry.id
        assert f"past “{entry.symptoms[0].text}”" in found.because[0].text
        assert entry_of(book, alert(within)) is None


@pytest.mark.parametrize(
    ("text", "past"),
    [
        ("Fehlerrate 1,2 %", True),
        ("Fehlerrate 0,8 %", False),
        ("taux d'erreur 2,5 %", True),
        ("tasa de errores 0,5 %", False),
        ("taxa de erros 3%", True),
        ("エラー率が6%", True),
        ("エラー率が0.6%です", False),
        ("错误率 8%", True),
        ("temps de réponse 2,4 s", True),
        ("tiempo de respuesta 0,4 s", False),
        ("応答時間 2.5秒", True),
        ("error rate rose from 0,2 % to 4,5 %", True),
        ("응답 시간 300밀리초", False),
    ],
)
def test_an_alert_in_another_language_is_held_against_english_limits(
    example: Runbook, alert: Make, text: str, *, past: bool
) -> None:
    said = " ".join(why.text for why in match(alert(text), example, {}).because)
    assert ("not past “" not in said and "past “" in said) is past


def test_bits_by_time_compare_whatever_their_prefix(made_of: Books, alert: Make) -> None:
    book = made_of({"Flood": ["Traffic > 10 Gbps"], "Other": ["The printer is empty"]})
    assert entry_of(book, alert("traffic 14 Gbps inbound")) == "flood"
    assert entry_of(book, alert("traffic 900 Mbps inbound")) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("database CPU at 97%", "Database CPU > 80%"),
        ("database disk at 97%", "Database disk > 90%"),
        ("disk of host 7 at 97%", "Host disk > 85%"),
        ("memory of the database at 97%", "Database memory > 90%"),
        ("database connections 98%", "Database connections > 95%"),
    ],
)
def test_the_reason_quotes_the_limit_of_the_subject_that_was_compared(
    made_of: Books, alert: Make, text: str, limit: str
) -> None:
    book = made_of(
        {
            "Saturation": [
                "Database memory > 90%", "Database CPU > 80%", "Database disk > 90%", "Database connections > 95%"
            ],
            "Machines": ["Host CPU > 90%", "Host disk > 85%"],
        }
    )  # fmt: skip
    said = " ".join(why.text for why in match(alert(text), book, {}).because)
    assert f"past “{limit}”" in said
    assert said.count("past “") == 1


def test_each_of_several_limits_of_one_line_is_held_by_itself(made_of: Books, alert: Make) -> None:
    book = made_of({"Machine": ["Disk > 90 %, CPU > 80 %"], "Other": ["The printer is empty"]})
    assert entry_of(book, alert("CPU at 85%")) == "machine"
    assert entry_of(book, alert("CPU at 75%")) is None
    assert entry_of(book, alert("disk at 85%")) is None


QUERY = "node_filesystem_avail_bytes{mount='/'} / node_filesystem_size_bytes{mount='/'}"


@pytest.mark.parametrize(
    ("details", "past"),
    [
        ({"disk_usage_ratio": "0.968"}, True),
        ({"disk_utilization": "0.968"}, True),
        ({"query": f"1 - {QUERY}", "value": "0.968"}, True),
        ({"query": QUERY, "value": "0.032"}, True),
        ({"query": QUERY, "value": "0.4"}, False),
        ({"disk_usage": "0.968%"}, False),
        ({"disk_size": "0.968"}, False),
        ({"query": "disk_used_bytes / 1024", "value": "0.968"}, False),
    ],
)
def test_a_ratio_is_held_against_a_limit_in_percent_and_a_percent_stays_one(
    made_of: Books, alert: Make, details: Mapping[str, str], *, past: bool
) -> None:
    book = made_of({"Disk": ["Disk usage > 95%"], "Other": ["The printer is empty"]})
    said = " ".join(why.text for why in match(alert("node 7", details=details), book, {}).because)
    assert ("past “Disk usage > 95%”" in said.replace("not past", "")) is past


def test_what_is_left_is_the_rest_of_what_is_used(made_of: Books, alert: Make) -> None:
    book = made_of({"Low space": ["Volume free < 5%"], "Other": ["The printer is empty"]})
    assert entry_of(book, alert("volume /data 3% free")) == "low-space"
    assert entry_of(book, alert("volume /data 97% used")) == "low-space"
    assert entry_of(book, alert("volume /data 70% used")) is None


ALL_FAIL = (
    "failure_rate: 100%",
    "error rate at 100%",
    "Error rate 100 %",
    "100% of requests fail",
    "error rate is 99.8%",
)


@pytest.mark.parametrize("text", ALL_FAIL)
@pytest.mark.parametrize("outage", [["Nothing answers"], ["No requests succeed"], ["Service down for everyone"]])
def test_where_everything_fails_the_outage_is_meant(made_of: Books, alert: Make, text: str, outage: list[str]) -> None:
    book = made_of({"Complete outage": outage, "High error rate": ["Failure rate > 5%", "Error rate > 1%"]})
    assert entry_of(book, alert(text)) == "complete-outage"


@pytest.mark.parametrize("text", ALL_FAIL)
def test_without_an_entry_for_an_outage_all_of_it_is_an_error_rate(made_of: Books, alert: Make, text: str) -> None:
    book = made_of({"High error rate": ["Error rate > 5%"], "Slow": ["Response time > 1s"]})
    assert entry_of(book, alert(text)) == "high-error-rate"


def test_all_of_a_part_is_no_outage(example: Runbook, alert: Make) -> None:
    said = alert("response flags UF on cart-v2 only", details={"v1_errors": "0.0%", "v2_errors": "100%"})
    assert entry_of(example, said) == "high-error-rate"


def test_nothing_read_wins_where_the_limit_of_another_entry_is_passed(made_of: Books, alert: Make) -> None:
    book = made_of(
        {"Out of Memory": ["Heap out of memory", "Process is killed"], "High Error Rate": ["Error rate > 1%"]}
    )
    said = statement(alert("process is killed: heap out of memory, 6% of calls fail"))
    ruled = by_rules(said, index(book), None)
    assert (ruled.found.incident_type, ruled.footing) == ("out-of-memory", "beside")

    class Nothing:
        def likeness(self, *_: object) -> dict[str, float]:
            return {"none": 0.99, "memory": 0.01}

        def telling(self, *_: object) -> tuple[str, ...]:
            return ()

    def read(footing: str) -> Match:
        return weighed(ruled._replace(footing=footing), index(book), Nothing(), said)  # type: ignore[arg-type]

    assert read("beside").incident_type == "out-of-memory"
    assert read("words").incident_type is None
    assert weighed(ruled, index(book), shipped(), said).incident_type is not None


@pytest.mark.parametrize(
    "text",
    [
        "Prices from rates endpoint stale",
        "exchange rates stale",
        "price spike on ETH",
        "challenge of the week not sent",
    ],
)
def test_a_word_that_floods_have_too_is_no_flood_alone(made_of: Books, alert: Make, text: str) -> None:
    for symptoms in (["Request rates far above normal"], ["Unusual request rate"], ["Requests > 10x normal"]):
        book = made_of({"DDoS Attack": symptoms, "High Error Rate": ["Error rate > 1%"]})
        assert entry_of(book, alert(text)) is None
