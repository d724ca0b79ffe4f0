"""Which addresses everybody may ask. The blocks are those of IANA's two registries of special-purpose addresses."""

from ipaddress import ip_network

import pytest

from tocsin.probes.addresses import is_public

INSIDE = """
    127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8
    192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.88.99.1
    168.63.129.16 100.100.100.200 192.0.0.192
    :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1
    ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::808:808 2002:7f00:1::1
    2002:a9fe:a9fe::1 2001:0:808:808:0:0:80ff:fffe localhost 2130706433 0x7f.1
    ::ffff:a83f:8110 64:ff9b::a83f:8110 2002:a83f:8110::1 ::ffff:0:10.0.0.1 ::ffff:0:8.8.8.8 2001:0:a00:1::f7f7:f7f7
    4000::1 5f00::1 e000::1
"""

NOT_REACHED = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29 192.0.0.8/32
    192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 240.0.0.0/4 255.255.255.255/32 224.0.0.0/4
    ::1/128 ::/128 ::/96 ::ffff:0:0:0/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:2::/48
    2001:10::/28 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
"""Blocks that are not globally reachable, or not for sure, and those of many receivers."""

REACHED = "192.31.196.0/24 192.52.193.0/24 192.175.48.0/24 2620:4f:8000::/48"
"""Blocks with a purpose of their own that everybody reaches all the same."""

FIRST_OUTSIDE = """
    1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17
    169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255
    192.169.0.0 198.17.255.255 198.20.0.0 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255
    2000:: 2001:200:: 2001:db7:ffff:: 2001:db9:: 3ffe:ffff:: 3fff:1000::
"""
"""The last address before a block, and the first behind it."""


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1", "2002:808:808::1",
     "::ffff:8.8.8.8", "64:ff9b::808:808", *FIRST_OUTSIDE.split()],
)  # fmt: skip
def test_addresses_that_everybody_may_ask(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["", *INSIDE.split()],
)
def test_addresses_that_lead_inside(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("block", "public"), [(one, False) for one in NOT_REACHED.split()] + [(one, True) for one in REACHED.split()]
)
def test_the_whole_of_a_block_is_inside_or_outside(block: str, public: bool) -> None:
    network = ip_network(block)
    for address in {network[0], network[network.num_addresses // 2], network[-1]}:
        assert is_public(str(address)) is public, address


@pytest.mark.parametrize("inner", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "168.63.129.16", "8.8.8.8", "1.1.1.1"])
def test_an_address_inside_another_is_looked_at_as_itself(inner: str) -> None:
    words = "{:02x}{:02x}:{:02x}{:02x}".format(*map(int, inner.split(".")))
    for form in (f"::ffff:{inner}", f"64:ff9b::{inner}", f"2002:{words}::1"):
        assert is_public(form) is is_public(inner), form
