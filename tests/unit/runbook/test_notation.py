"""Numbers as English writes them: which mark groups thousands, and which stands before a part of one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("12 500,5", "12,500.5"),
        ("1 234 567", "1,234,567"),
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


@given(st.integers(1_000, 10**12), st.sampled_from([",", "\u00a0", "\u202f", "\u2009", "'", "\u2019"]))
def test_thousands_are_read_whatever_groups_them(number: int, mark: str) -> None:
    grouped = f"{number:,}"
    assert english(f"seen {grouped.replace(',', mark)} requests") == f"seen {grouped} requests"


@given(
    st.integers(10, 10**9), st.sampled_from([".", " "]), st.sampled_from([" requests", "/min", " Anfragen pro Stunde"])
)
def test_points_and_blanks_group_round_thousands_of_what_is_counted(number: int, mark: str, behind: str) -> None:
    grouped = f"{number * 1000:,}"
    assert english(f"{grouped.replace(',', mark)}{behind}") == f"{grouped}{behind}"


@given(
    st.integers(0, 10**9),
    st.integers(0, 99),
    st.sampled_from([("", ","), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), (",", ".")]),
)
def test_what_stands_behind_the_last_mark_is_a_part(whole: int, part: int, marks: tuple[str, str]) -> None:
    group, point = marks
    written = f"{whole:,}".replace(",", group) + f"{point}{part:02d}"
    read = english(f"took {written} %")
    assert float(read.removeprefix("took ").removesuffix(" %").replace(",", "")) == float(f"{whole}.{part:02d}")


@given(st.text(alphabet="0123456789.,' \u202f%a:-=/", max_size=60))
def test_no_digit_is_lost_or_moved(text: str) -> None:
    read = english(text)
    assert len(read) == len(text)
    assert re.sub(r"[.,'\s]", "_", read) == re.sub(r"[.,'\s]", "_", text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("long", ["1" * 120_000 + " 000", "5 " + "1" * 120_000, "1." * 30_000, "1 000 " * 10_000])
def test_a_line_of_nothing_but_digits_is_read_once(long: str) -> None:
    assert len(english(long)) == len(long)
