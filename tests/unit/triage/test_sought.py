"""Patterns that are tried only where a word they need stands: they find what `re` finds, and try hardly anything."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.triage import counted, evidence, proportions, standing_terms, usual
from tocsin.triage.needed import apart
from tocsin.triage.sought import Sought, SoughtEverywhere
from tocsin.triage.words import ALL_OF, NONE_OF, words

PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": pattern
    for module in (standing_terms, counted, evidence, proportions, usual)
    for name, pattern in vars(module).items()
    if isinstance(pattern, Sought)
}
# What the patterns are written of, and what may stand between two words.
PIECES = sorted({piece for one in PATTERNS.values() for piece in re.findall(r"[^\W_]{2,}", one.pattern.lower())})
GAPS = (" ", " ", " ", "\n", ", ", ": ", "-", "", ". ", "=", " 0 ", "'s ", "s ", "ed ", "_", " 5% ", "/")
TEXTS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(GAPS)), min_size=1, max_size=12).map(
    lambda parts: "".join(part for pair in parts for part in pair)
)


def span(found: re.Match[str] | None) -> tuple[int, int] | None:
    return found.span() if found else None


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
@example(text="closed as a duplicate of resolved, up and running again: fixed in 3 minutes")
@example(text="[ok] the site is back up, ya funciona, снова работает, 已恢复")
def test_every_pattern_finds_what_re_finds(text: str) -> None:
    for name, sought in PATTERNS.items():
        plainly = re.compile(sought.pattern, re.VERBOSE)
        assert span(sought.search(text)) == span(plainly.search(text)), name
        assert sought.is_in(text) == bool(plainly.search(text)), name
        if isinstance(sought, SoughtEverywhere):
            everywhere = [(found.span(), found.groups()) for found in plainly.finditer(text)]
            assert [(found.span(), found.groups()) for found in sought.finditer(text)] == everywhere, name


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"\bresolved\b", [{"reso"}]),
        (r"\bfix(?:ed)?\b", [{"fix*"}]),
        (r"\breports?\b", [{"repo"}]),
        (r"\bin\s+january\b", [{"janu"}]),
        (r"\bco-?located\b", [{"co*"}]),
        (r"resolved", [None]),
        (r"\bx?resolved\b", [None]),
        (r"(?:auto)?resolved", [None]),
        (r"\b\d+\s?%", [{"\\d"}]),
        (r"恢复", [{"\\u"}]),
        (r"\ba\b", [{"a"}]),
        (r"\b(?!no\s)\w+", [None]),
        (r"\b(?:re){2}start", [None]),
        (r"(?<=\bthe\s)end", [None]),
        (r"\W(?:\w+\s)?(?:ended|over)\b", [{"ende", "over"}]),
    ],
)
def test_what_a_pattern_needs_is_read_off_it(pattern: str, needed: list[set[str] | None]) -> None:
    assert [one.needed and set(one.needed) for one in apart(pattern)] == needed


def test_a_group_that_is_all_there_is_falls_apart_into_its_alternatives() -> None:
    assert [one.pattern for one in apart(r"^(?:ok|up) | \b(?:a|b(?:c|d))\s+e\b")] == [
        "^ok",
        "^up",
        r"\ba\s+e\b",
        r"\bb(?:c|d)\s+e\b",
    ]


def test_of_two_alternatives_at_one_place_the_first_written_is_found() -> None:
    found = Sought(r"\b(?:back\s+up|back)\b|\bback\s+up\s+again\b").search("it is back up again")
    assert found
    assert found[0] == "back up"


def test_a_pattern_made_later_is_looked_for_in_a_text_already_seen() -> None:
    text = "the zebra is late"
    assert not Sought(r"\bheron\b").is_in(text)
    assert Sought(r"\bzebra\b").is_in(text)


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("ready: 3\nof 3", [ALL_OF]),
        ("ready: 0 of\n4", [NONE_OF]),
        ("took: 502\nms", ["5xx"]),
        ("code: 502\n", ["5xx"]),
        ('code="5\n.." ok', ["5xx"]),
    ],
)
def test_words_reach_over_the_end_of_a_line_where_a_number_does(text: str, stems: list[str]) -> None:
    assert set(stems) <= {word.stem for word in words(text)}


def test_words_know_their_places_in_a_text_of_lines() -> None:
    text = "Résumé of the job\n\njob: sequencer-0\n503 for 10.0.0.1."
    for word in words(text):
        assert text[word.start : word.end].lower().replace("é", "e") == word.text.lower()
