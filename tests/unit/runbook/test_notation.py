"""Numbers as English writes them: which mark groups thousands, and which stands before a part of one."""

import pytest

from tocsin.runbook.notation import english


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4,9 %", "4.9 %"),
        ("0,35 %", "0.35 %"),
        ("0,350", "0.350"),
        ("12,5 ms", "12.5 ms"),
        ("1.234,5 ms", "1,234.5 ms"),
        ("1 234,5 ms", "1,234.5 ms"),
        ("1.200.000", "1,200,000"),
        ("4'500 requests", "4,500 requests"),
        ("1,500 s, sonst 0,3 s", "1.500 s, sonst 0.3 s"),
        ("1,500 requests, 4,9 % failed", "1,500 requests, 4.9 % failed"),
        ("visits 60.000 pro Stunde, normal sind 1.200", "visits 60,000 pro Stunde, normal sind 1,200"),
        ("3,9 GB von 4 GB", "3.9 GB von 4 GB"),
    ],
)
def test_a_mark_means_what_the_number_or_its_line_says(written: str, meant: str) -> None:
    assert english(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "1,500 requests",
        "1,234.5 ms",
        "1.500 beside 1.2",
        "latency 1.500 s",
        "value=12.500",
        "10.100.200.201",
        "v1.2.3 of 27.11.2026",
        "replicas 1,2,3",
        "ports 80,8080",
    ],
)
def test_what_english_writes_so_and_what_is_no_amount_stays(written: str) -> None:
    assert english(written) == written


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "\u2009"])
@pytest.mark.parametrize("behind", [" per minute", " requests", "/min", " ms"])
def test_a_blank_groups_thousands_before_what_is_counted(blank: str, behind: str) -> None:
    assert english(f"4{blank}500{behind}") == f"4,500{behind}"


def test_a_status_beside_a_number_is_no_group_of_it() -> None:
    assert english("12 500 errors") == "12 500 errors"
    assert english("200 200 502 200 200") == "200 200 502 200 200"
    assert english("status=200 812 status=500 377") == "status=200 812 status=500 377"
    # So is what one of many is called by its number, and no other word that ends like that.
    assert english("shard 1 350 rps, worker 4 120 req/s") == "shard 1 350 rps, worker 4 120 req/s"
    assert english("online 1 350 users") == "online 1,350 users"
    # Who groups by blanks elsewhere in the line does so here.
    assert english("12 500 errors of 22 000 requests") == "12,500 errors of 22,000 requests"


def test_a_name_before_and_nothing_behind_says_that_it_is_one_number() -> None:
    assert english("messages waiting: 12 400") == "messages waiting: 12,400"
    assert english("エラー率が6,5%を超過") == "エラー率が6.5%を超過"


def test_every_line_has_its_own_habit_and_every_sign_its_place() -> None:
    text = "45.000 Anfragen pro Minute\nvalue: 0.95"
    assert english(text) == "45,000 Anfragen pro Minute\nvalue: 0.95"
    assert len(english("ä 4\u202f500 ms, 1,5 %")) == len("ä 4\u202f500 ms, 1,5 %")
