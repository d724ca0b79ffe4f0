"""Thresholds in the units, notations and languages that documents are written in."""

import pytest

from tocsin.runbook.thresholds import threshold_in


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
    ],
)
def test_comparisons_are_known_in_other_languages(text: str, subject: str, op: str, value: float, unit: str) -> None:
    assert read(text) == (subject, op, value, unit)


@pytest.mark.parametrize(
    "text", ["Ein Benutzer meldet sich", "Kein Signal seit mehr als 5 Minuten", "ab 3", "Users over 5", "unter Last"]
)
def test_how_long_it_lasts_and_what_has_no_unit_are_no_thresholds(text: str) -> None:
    assert read(text) is None
