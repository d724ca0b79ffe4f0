from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.engine.links import Links

LINKS = Links("a key of the store", "https://tocsin.example/")
TOKEN = LINKS.token("INC-2026-0001", "mira")


def test_a_genuine_token_names_its_incident_and_its_person() -> None:
    assert LINKS.read(TOKEN) == ("INC-2026-0001", "mira")


def test_a_link_is_the_address_of_the_server_and_the_token() -> None:
    assert LINKS.acknowledge("INC-2026-0001", "mira") == f"https://tocsin.example/a/{TOKEN}"
    assert LINKS.incident("INC-2026-0001") == "https://tocsin.example/app/incidents/INC-2026-0001"


@pytest.mark.parametrize(
    "token",
    [
        TOKEN.replace("mira", "jonas"),  # somebody else with Mira's signature
        TOKEN.replace("0001", "0002"),  # another incident
        TOKEN[:-1],
        TOKEN[:10],
        TOKEN + "A",
        TOKEN + "\n",
        f"{TOKEN}.mira",
        TOKEN.replace(".mira", ""),
        TOKEN.lower(),
        "",
        "..",
        "INC-2026-0001.mira.",
        "INC-2026-0001.mira.AAAAAAAAAAAAAAAA",
        "../../a",
        "INC-2026-0001.mira.ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ",
    ],
)
def test_a_forged_or_shortened_token_is_refused(token: str) -> None:
    assert LINKS.read(token) is None


def test_a_token_of_another_store_is_refused() -> None:
    assert Links("another key", "https://tocsin.example").read(TOKEN) is None


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("abcXYZ0189-_."))
@settings(max_examples=60, deadline=None)
def test_no_changed_letter_goes_through(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert changed == TOKEN or LINKS.read(changed) is None


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reading(text: str) -> None:
    assert LINKS.read(text) is None


@given(st.from_regex(r"\A[a-z0-9_-]{1,20}\Z"), st.integers(1, 99999))
@settings(max_examples=50, deadline=None)
def test_every_person_and_number_comes_back(person: str, ordinal: int) -> None:
    number = f"INC-2026-{ordinal:04d}"
    assert LINKS.read(LINKS.token(number, person)) == (number, person)


@pytest.mark.parametrize("person", ["john.doe", "jürgen", "a b", "x+y"])
def test_any_id_the_configuration_accepts_gets_a_link_that_works(person: str) -> None:
    link = LINKS.acknowledge("INC-2026-0001", person)
    assert link.isascii()
    assert " " not in link
    assert LINKS.read(unquote(link.rpartition("/")[2])) == ("INC-2026-0001", person)
