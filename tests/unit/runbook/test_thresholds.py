"""Thresholds in the units, notations and languages that documents are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.runbook.policy import Threshold
from tocsin.runbook.thresholds import threshold_in
from tocsin.runbook.units import dimension, limit_in, told


def read(text: str) -> tuple[str, str, float, str] | None:
    found = threshold_in(text)
    return (found.subject, found.op, found.value, found.unit) if found else None


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Requests > 100 req/s", 100, "/s"),
        ("Requests > 100 requests per second", 100, "/s"),
        ("Requests > 100 requests a second", 100, "/s"),
        ("Requests > 100 rps", 100, "/s"),
        ("Requests > 6,000 rpm", 6000, "/min"),
        ("Requests > 6k req/min", 6000, "/min"),
        ("Requests > 360,000 per hour", 360_000, "/h"),
        ("Requests > 1 MB/s", 1, "MB/s"),
        ("Requests > 10 Gbps", 10, "Gbps"),
        ("Requests > 10 Gbit/s", 10, "Gbit/s"),
        ("Requests > 300 MB per second", 300, "MB/s"),
        ("Requests > 5 GiB per hour", 5, "GiB/h"),
        ("Requests > 700 per week", 700, "/w"),
        ("Requests > 3 m/s", 3, ""),
    ],
)
def test_what_is_counted_by_time_has_one_unit_for_each_time(text: str, value: float, unit: str) -> None:
    assert read(text) == ("Requests", ">", value, unit)


@pytest.mark.parametrize("text", ["More than 100 requests per second", "> 100/s requests"])
def test_what_is_counted_is_the_subject_where_nothing_stands_before(text: str) -> None:
    assert read(text) == ("requests", ">", 100, "/s")


@pytest.mark.parametrize(
    ("text", "subject", "op", "value", "unit"),
    [
        ("Fehlerquote über 5 %", "Fehlerquote", ">", 5, "%"),
        ("Antwortzeit größer als 1,5 s", "Antwortzeit", ">", 1.5, "s"),
        ("Speicherauslastung ab 95 %", "Speicherauslastung", ">=", 95, "%"),
        ("Anfragen > 4.500 pro Minute", "Anfragen", ">", 4500, "/min"),
        ("Freier Platz unter 10 Prozent", "Freier Platz", "<", 10, "%"),
        ("Taux d'erreur supérieur à 5\u202f%", "Taux d'erreur", ">", 5, "%"),
        ("Temps de réponse de plus de 1,5 s", "Temps de réponse", ">", 1.5, "s"),
        ("Plus de 4\u202f500 requêtes par minute", "requêtes", ">", 4500, "/min"),
        ("Tasa de errores superior al 5 %", "Tasa de errores", ">", 5, "%"),
        ("Más de 3 mil peticiones por minuto", "peticiones", ">", 3000, "/min"),
        ("Espacio libre por debajo del 10 %", "Espacio libre", "<", 10, "%"),
        ("Tempo de resposta maior que 2 segundos", "Tempo de resposta", ">", 2, "s"),
        ("Taxa de erros acima de 0,5%", "Taxa de erros", ">", 0.5, "%"),
        ("エラー率が5%を超える", "エラー率", ">", 5, "%"),
        ("応答時間が1.5秒以上", "応答時間", ">=", 1.5, "s"),
        ("空き容量が10%未満", "空き容量", "<", 10, "%"),
        ("リクエストが毎分4500件を超える", "リクエスト", ">", 4500, "/min"),
        ("错误率超过5%", "错误率", ">", 5, "%"),
        ("오류율이 5% 이상", "오류율", ">=", 5, "%"),
        ("FEHLERQUOTE ÜBER 5 %", "FEHLERQUOTE", ">", 5, "%"),
        ("Больше 40 000 запросов в секунду", "запросов", ">", 40_000, "/s"),
        ("Więcej niż 100 zapytań na minutę", "zapytań", ">", 100, "/min"),
        ("Plus de 1 000 requêtes à la seconde", "requêtes", ">", 1000, "/s"),
        ("Oltre 100 richieste al secondo", "richieste", ">", 100, "/s"),
        ("1分あたり100件を超えるエラー", "", ">", 100, "/min"),
        ("每秒请求超过1万次", "请求", ">", 10_000, "/s"),
    ],
)
def test_comparisons_are_known_in_other_languages(text: str, subject: str, op: str, value: float, unit: str) -> None:
    assert read(text) == (subject, op, value, unit)


@pytest.mark.parametrize(
    "text", ["Ein Benutzer meldet sich", "Kein Signal seit mehr als 5 Minuten", "ab 3", "Users over 5", "unter Last"]
)
def test_how_long_it_lasts_and_what_has_no_unit_are_no_thresholds(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "subject", "op", "value", "unit"),
    [
        ("Error rate > .5%", "Error rate", ">", 0.5, "%"),
        ("Rows > 1.5e6", "Rows", ">", 1_500_000, ""),
        ("Wait over 1,250.5 s", "Wait", ">", 1250.5, "s"),
        ("Rows > 123456789012", "Rows", ">", 123_456_789_012, ""),
        ("Requests > 3 billion per day", "Requests", ">", 3e9, "/d"),
        ("Cost > $500", "Cost", ">", 500, ""),
        ("CPU => 90%", "CPU", ">=", 90, "%"),
        ("CPU =< 90%", "CPU", "<=", 90, "%"),
        ("Battery at or below 20%", "Battery", "<=", 20, "%"),
        ("At least 3 of 5 nodes down", "nodes down", ">=", 3, ""),
        ("More than 90% of 500 connections used", "connections", ">", 90, "%"),
        ("More than 10 5xx responses per minute", "5xx responses", ">", 10, "/min"),
        ("More than 20 failed logins per minute", "failed logins", ">", 20, "/min"),
        ("10% or less of disk free", "disk free", "<=", 10, "%"),
        ("Traffic > 3-fold normal", "Traffic", ">", 3, "x"),
        ("Backup older than 2 days", "Backup", ">", 2, "d"),
        ("Answer takes more than 2 hours", "Answer takes", ">", 2, "h"),
    ],
)
def test_a_number_and_its_comparison_are_taken_whole(text: str, subject: str, op: str, value: float, unit: str) -> None:
    assert read(text) == (subject, op, value, unit)


@pytest.mark.parametrize(
    "text",
    [
        "Kernel < 5.10.2",
        "Answers from > 10.0.0.1",
        "Certificates = 2026-11-27",
        "Above 95th percentile",
        "Start > 12:30",
        "State != 0",
    ],
)
def test_versions_addresses_dates_and_ranks_are_no_limits(text: str) -> None:
    assert read(text) is None


def limit(value: float, unit: str) -> Threshold:
    return Threshold("it", ">", value, unit)


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "same"),
    [
        (2, "d", "s", 172_800), (2, "days", "h", 48), (1, "w", "d", 7), (8, "Gbit/s", "GB/s", 1),
        (8, "Gbps", "GB/s", 1), (60, "MB/min", "MB/s", 1), (1, "GiB/s", "MiB/s", 1024), (7, "/w", "/d", 1),
        (600, "rpm", "req/s", 10), (1, "ratio", "%", 100), (2, "minuten", "ms", 120_000), (1, "GB", "s", None),
        (1, "x", "%", None),
    ],
)  # fmt: skip
def test_units_of_one_kind_compare_whatever_they_are_called(
    value: float, unit: str, wanted: str, same: float | None
) -> None:
    assert limit_in(limit(value, unit), wanted) == (None if same is None else pytest.approx(same))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (3, "d", "3 days"), (180_000, "s", "2.08 days"), (7200, "s", "2 h"), (90, "min", "90 min"), (119, "s", "119 s"),
        (0.35, "s", "350 ms"), (0.5, "ratio", "50%"), (1.5e9, "bytes", "1.5 GB"), (1500, "", "1,500"), (2, "x", "2 x"),
        (120, "/min", "2/s"), (1, "yes", "yes"), (0, "yes", "no"),
    ],
)  # fmt: skip
def test_a_value_is_told_in_the_unit_that_people_would_say_it_in(value: float, unit: str, words: str) -> None:
    assert told(value, unit) == words


def test_what_a_unit_measures_is_known_by_any_of_its_names() -> None:
    assert (dimension("Stunden"), dimension("MiB/min"), dimension("furlong")) == ("time", "rate", None)


NOTATIONS = (
    lambda n: f"{n:,}",
    lambda n: f"{n}",
    lambda n: f"{n:,}".replace(",", "\u202f"),
    lambda n: f"{n:,}".replace(",", "'"),
    lambda n: f"{n}e0",
)


@given(
    st.integers(1, 10**9),
    st.sampled_from(NOTATIONS),
    st.sampled_from(["Requests > {} per minute", "Anfragen über {}/min"]),
)
def test_a_limit_is_the_same_in_every_notation(number: int, write: object, text: str) -> None:
    found = read(text.format(write(number)))  # type: ignore[operator]
    assert found is not None
    assert found[1:] == (">", number, "/min")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("signs", ["1", "1,", "a ", "of ", "> 1 ", "5% ", "\u8d85\u8fc7", "in the last ", " "])
def test_a_long_line_is_read_to_its_end(signs: str) -> None:
    assert threshold_in(f"CPU > 5 % {signs * 8_000}") == threshold_in("CPU > 5 %")
