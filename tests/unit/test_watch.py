"""When a watcher pages, as a table; and what it makes of an answer."""

import json

import pytest

from tocsin.cli.watch import AGAIN_AFTER, Seen, Watch, _read

UP, DOWN = Seen(works=True, words="ok"), Seen(works=False, words="it cannot be reached")


def told(looks: list[tuple[float, Seen]], *, heard: bool = True) -> list[tuple[float, str]]:
    """Give what is to be told when, of these looks."""
    watch, found = Watch(60.0, 0.0), list[tuple[float, str]]()
    for at, seen in looks:
        what = watch.wanted(seen, at)
        if what is not None:
            found.append((at, what))
            if heard:
                watch.told(what, at)
    return found


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([(0, UP), (10, UP)], []),
        ([(0, UP), (10, DOWN), (50, DOWN), (59, DOWN), (61, UP)], []),  # not for a minute
        ([(0, UP), (10, DOWN), (60, DOWN), (70, DOWN)], [(60, "down")]),  # a minute since it last worked
        ([(50, DOWN), (60, DOWN)], [(60, "down")]),  # it never worked
        ([(60, DOWN), (100, DOWN), (110, UP), (120, UP)], [(60, "down"), (110, "back")]),
        ([(60, DOWN), (60 + AGAIN_AFTER, DOWN)], [(60, "down"), (60 + AGAIN_AFTER, "down")]),
        ([(60, DOWN), (70, UP), (80, DOWN), (131, DOWN)], [(60, "down"), (70, "back"), (131, "down")]),
    ],
)
def test_a_server_that_does_not_work_for_a_minute_is_told_and_its_return_too(
    looks: list[tuple[float, Seen]], expected: list[tuple[float, str]]
) -> None:
    assert told(looks) == expected


def test_what_nobody_heard_is_told_again_at_the_next_look() -> None:
    assert told([(60, DOWN), (70, DOWN), (80, DOWN)], heard=False) == [(60, "down"), (70, "down"), (80, "down")]


@pytest.mark.parametrize(
    ("status", "body", "works", "words"),
    [
        (200, {"status": "ok"}, True, "ok"),
        (200, {"status": "degraded", "reasons": ["the audit is late"]}, True, "the audit is late"),
        (
            503,
            {"status": "stalled", "reasons": ["it has not turned", "and more"]},
            False,
            "it has not turned; and more",
        ),
        (200, ["nonsense"], False, "no health report"),
    ],
)
def test_what_an_answer_means(status: int, body: object, works: bool, words: str) -> None:
    seen = _read(status, json.dumps(body).encode())
    assert seen.works is works
    assert words in seen.words


def test_a_page_of_a_proxy_is_no_health_report() -> None:
    assert not _read(200, b"<html>welcome</html>").works
