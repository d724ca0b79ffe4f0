import pytest

from tocsin.probes.addresses import is_public

INSIDE = """
    127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.8
    192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.88.99.1
    :: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1 ::ffff:127.0.0.1
    ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::808:808 2002:7f00:1::1
    2002:a9fe:a9fe::1 2001:0:808:808:0:0:80ff:fffe localhost 2130706433 0x7f.1
"""


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1", "2002:808:808::1",
     "::ffff:8.8.8.8", "64:ff9b::808:808"],
)  # fmt: skip
def test_addresses_that_everybody_may_ask(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["", *INSIDE.split()],
)
def test_addresses_that_lead_inside(address: str) -> None:
    assert not is_public(address)
