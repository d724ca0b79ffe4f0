from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from tocsin.engine.appending import append
from tocsin.errors import UnknownFact
from tocsin.incident import facts as f
from tocsin.incident.chain import GENESIS, Row, faults, instant, link, micros, unlink
from unit.timeline import BEGAN, acknowledged, called, facts, opened

COLUMNS = ("seq", "at", "kind", "payload", "salt", "digest", "prev", "hash")
TOLD: tuple[f.FactBody, ...] = (
    opened("P0"),
    called("L1", "mira"),
    f.Noted(by="person:mira", text="döner"),
    acknowledged("mira"),
)


def chain(*bodies: f.FactBody) -> tuple[Row, ...]:
    """Give the rows of a timeline, one a second, each with a salt of its own."""
    rows: list[Row] = []
    for seq, body in enumerate(bodies, 1):
        fact = f.Fact(seq=seq, at=BEGAN + timedelta(seconds=seq), body=body)
        rows.append(link(fact, rows[-1].hash if rows else GENESIS, bytes([seq]) * 16))
    return tuple(rows)


ROWS = chain(*TOLD)


def found(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Give what is wrong with rows where those of ROWS should be."""
    return faults(rows, ROWS[-1].hash, len(ROWS))


def flipped(value: str | bytes | int, place: int, bit: int) -> str | bytes | int:
    """Give the value with one bit turned over."""
    if isinstance(value, int):
        return value ^ (1 << (place * 8 + bit) % 63)
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ (1 << bit)]) + value[place + 1 :]
    return value[:place] + chr(ord(value[place]) ^ (1 << bit % 7)) + value[place + 1 :]


def test_an_untouched_chain_has_no_faults() -> None:
    assert found(ROWS) == ()
    assert faults((), GENESIS, 0) == ()


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("index", range(len(ROWS)))
def test_any_changed_byte_of_any_stored_column_is_found(index: int, column: str) -> None:
    value = asdict(ROWS[index])[column]
    for place in range(8 if isinstance(value, int) else len(value)):
        changed = replace(ROWS[index], **{column: flipped(value, place, place % 8)})
        assert found((*ROWS[:index], changed, *ROWS[index + 1 :])), (index, column, place)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_turned_bit_is_found(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(ROWS) - 1))
    column = data.draw(st.sampled_from(COLUMNS))
    value = asdict(ROWS[index])[column]
    place = data.draw(st.integers(0, 7 if isinstance(value, int) else len(value) - 1))
    changed = replace(ROWS[index], **{column: flipped(value, place, data.draw(st.integers(0, 7)))})
    assert found((*ROWS[:index], changed, *ROWS[index + 1 :]))


@pytest.mark.parametrize("kept", range(len(ROWS)))
def test_a_tail_that_was_cut_off_is_found(kept: int) -> None:
    told = " ".join(found(ROWS[:kept]))
    assert f"{len(ROWS)} facts are recorded, {kept} are there" in told
    assert "the last hash is not the recorded head" in told


def test_a_fact_that_was_taken_out_added_or_moved_is_found() -> None:
    one, two, three, four = ROWS
    assert "fact 2 is missing" in found((one, three, four))[0]
    assert found((one, three, two, four))
    again = link(f.Fact(seq=5, at=BEGAN + timedelta(hours=1), body=TOLD[3]), four.hash, b"s" * 16)
    assert "4 facts are recorded, 5 are there" in found((*ROWS, again))
    assert found((one, two, three, replace(four, at=three.at - 1)))


def test_a_rewritten_past_does_not_reach_the_recorded_head() -> None:
    forged = chain(TOLD[0], TOLD[1], f.Noted(by="person:mira", text="kebab"), TOLD[3])
    assert found(forged) == ("the last hash is not the recorded head",)


def test_a_link_to_another_past_is_found() -> None:
    other = chain(f.Noted(by="person:mira", text="another beginning"), TOLD[1])
    rows = (ROWS[0], other[1])
    assert faults(rows, other[1].hash, 2) == ("fact 2 is not linked to the one before",)


def test_time_that_runs_backwards_is_found_though_well_linked() -> None:
    first = link(f.Fact(seq=1, at=BEGAN, body=TOLD[0]), GENESIS, b"s" * 16)
    earlier = link(f.Fact(seq=2, at=BEGAN - timedelta(microseconds=1), body=TOLD[1]), first.hash, b"s" * 16)
    assert faults((first, earlier), earlier.hash, 2) == ("fact 2 is older than the one before",)


def test_a_payload_may_be_erased_by_law_and_the_chain_still_holds() -> None:
    erased = replace(ROWS[2], payload=None, salt=None)
    assert found((*ROWS[:2], erased, ROWS[3])) == ()
    with pytest.raises(UnknownFact, match=r"content of fact 3 \(Noted\) was erased"):
        unlink(erased)


def test_a_content_without_its_salt_is_no_erasure() -> None:
    assert found((*ROWS[:2], replace(ROWS[2], salt=None), ROWS[3]))


def test_equal_contents_have_different_digests() -> None:
    fact = f.Fact(seq=1, at=BEGAN, body=TOLD[0])
    one, two = link(fact, GENESIS, b"a" * 16), link(fact, GENESIS, b"b" * 16)
    assert one.digest != two.digest  # an erased content cannot be found again by guessing it


def test_what_is_linked_comes_back_as_it_was() -> None:
    for row, fact in zip(ROWS, facts(*((0, body) for body in TOLD)), strict=True):
        assert unlink(row) == f.Fact(
            seq=fact.seq, at=BEGAN + timedelta(seconds=fact.seq), body=fact.body, hash=row.hash
        )


@pytest.mark.parametrize(
    "row",
    [
        replace(ROWS[1], kind="Teleported"),
        replace(ROWS[1], payload=b"{"),
        replace(ROWS[1], payload=b'{"kind":"Teleported"}'),
        replace(ROWS[1], payload=b'{"kind":"Noted"}'),
    ],
)
def test_a_fact_this_version_cannot_read_is_refused_loudly(row: Row) -> None:
    with pytest.raises(UnknownFact, match="fact 2"):
        unlink(row)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
@settings(max_examples=40, deadline=None)
def test_instants_are_kept_to_the_microsecond(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert instant(micros(at)) == at
    assert instant(micros(at)).tzinfo is UTC


def test_what_the_engine_appends_is_a_clean_chain() -> None:
    before, rows = append(None, TOLD[:2], BEGAN, lambda: b"s" * 16)
    after, more = append(before, TOLD[2:], BEGAN + timedelta(minutes=1), lambda: b"t" * 16)
    assert faults((*rows, *more), after.hash, after.seq) == ()
