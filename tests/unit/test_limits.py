"""What strangers may send: a little each, not too much together."""

from tocsin.web.limits import Limit, network_of


def test_an_address_has_its_share_and_gets_it_back() -> None:
    limit = Limit(each=2, total=100, seconds=60)
    assert [limit.take("a", now) for now in (0, 1)] == [None, None]
    assert limit.take("a", 10) == 50
    assert limit.take("b", 10) is None
    assert limit.take("a", 60) is None


def test_all_together_have_a_limit_too() -> None:
    limit = Limit(each=5, total=3, seconds=60)
    assert [limit.take(str(number), 0) for number in range(3)] == [None, None, None]
    assert limit.take("new", 20) == 40


def test_remembering_has_an_end() -> None:
    limit = Limit(each=1, total=10**9, seconds=60)
    for number in range(20_000):
        limit.take(str(number), 0)
    assert len(limit._by_address) == 10_000


def test_one_household_is_one_sender() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("testclient") == "unknown"
