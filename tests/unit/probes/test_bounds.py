"""What a prober does at most, whatever a server asks for."""

from datetime import timedelta

import pytest

from tocsin.errors import SettingsInvalid
from tocsin.probes.bounds import PUBLIC, TRUSTED, Bounds, chosen, paced, refuse_excess
from tocsin.settings import ProbeSettings


def asked(every: float, timeout: float = 1.0, name: str = "shop") -> ProbeSettings:
    return ProbeSettings(id=name, kind="http", every=timedelta(seconds=every), timeout=timedelta(seconds=timeout))


@pytest.mark.parametrize(
    ("bounds", "every", "timeout", "looked", "within"),
    [
        (TRUSTED, 0.0, 0.0, 1.0, 0.1),
        (TRUSTED, -7.0, -1.0, 1.0, 0.1),
        (TRUSTED, 0.000001, 5.0, 1.0, 0.9),
        (TRUSTED, 15.0, 5.0, 15.0, 5.0),
        (TRUSTED, 10**9, 10**9, 86_400.0, 77_760.0),
        (PUBLIC, 0.0, 0.0, 5.0, 0.1),
        (PUBLIC, 1.0, 0.9, 5.0, 0.9),
        (PUBLIC, 15.0, 5.0, 15.0, 5.0),
        (PUBLIC, 10**9, 10**9, 86_400.0, 30.0),
    ],
)
def test_the_pace_is_bearable_and_a_look_ends_before_the_next(
    bounds: Bounds, every: float, timeout: float, looked: float, within: float
) -> None:
    probe = paced(asked(every, timeout), bounds)
    assert (probe.every.total_seconds(), probe.timeout.total_seconds()) == (looked, within)


def test_what_is_too_many_is_left_out_and_told_in_one_line() -> None:
    wanted = [asked(15, name=f"p{number}") for number in range(PUBLIC.probes + 2)]
    taken, said = chosen(wanted, PUBLIC)
    assert (len(taken), len(said)) == (PUBLIC.probes, 1)
    assert said[0].startswith("502 probes are asked for, and a prober looks at 500 at most")
    assert chosen(wanted, TRUSTED) == ({probe.id: probe for probe in wanted}, ())


def test_a_pace_that_is_changed_is_told_in_one_line_whatever_its_probe_is_called() -> None:
    taken, said = chosen([asked(0, name="a\nb"), asked(-1, name="x" * 1000), asked(60, name="c")], TRUSTED)
    assert list(taken) == ["a\nb", "x" * 1000, "c"]
    assert said == ("the pace of 'a\\nb' and 1 more is not bearable: it is looked at every 1 s, for 0.9 s at most",)


def test_a_name_that_is_asked_for_twice_is_one_probe() -> None:
    taken, _ = chosen([asked(15), asked(20)], TRUSTED)
    assert [probe.every.total_seconds() for probe in taken.values()] == [20.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"largest": 2_000_000}, "this prober reads 1048576 bytes of an answer at most"),
        ({"values": {str(number): "up" for number in range(21)}}, "this prober reads 20 of a probe at most"),
    ],
)
def test_options_that_ask_for_too_much_are_refused(options: dict[str, object], words: str) -> None:
    refuse_excess(options, TRUSTED)
    with pytest.raises(SettingsInvalid, match=words):
        refuse_excess(options, PUBLIC)
