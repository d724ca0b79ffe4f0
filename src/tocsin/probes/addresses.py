"""Whether an address is one that everybody may ask: nothing inside a network, nothing of the machine itself."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_INSIDE = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind the translation of a provider
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform below a machine of Azure
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # measurements of networks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # to many at once
        "240.0.0.0/4",  # reserved, and everybody at once
        "2001::/23",  # protocol assignments: Teredo, measurements, identities that are no places
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
"""What is no single place on the public Internet. Ours, not that of `ipaddress`, which differs between Pythons."""

_GIVEN_OUT = IPv6Network("2000::/3")
"""All of IPv6 that is given out for the public Internet; everything else is special or nobody's."""

_TRANSLATED = IPv6Network("64:ff9b::/96")
_LOW = 0xFFFF_FFFF


def is_public(address: str) -> bool:
    """Give whether an address belongs to the public Internet; what is no address at all does not.

    An address of IPv4 inside one of IPv6 (mapped, translated, 6to4) is looked at as itself, so that neither
    `::ffff:169.254.169.254` nor `64:ff9b::a00:1` leads inside.
    Source: the registries of special-purpose addresses of IANA, RFC 6890.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _carried(found) if isinstance(found, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    given_out = isinstance(found, IPv4Address) or found in _GIVEN_OUT
    return given_out and not any(found in block for block in _INSIDE)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Give the address of IPv4 that one of IPv6 stands for."""
    return (
        address.ipv4_mapped
        or address.sixtofour
        or (IPv4Address(int(address) & _LOW) if address in _TRANSLATED else None)
    )
