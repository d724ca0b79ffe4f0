"""Whether an address is one that everybody may ask: nothing inside a network, nothing of the machine itself."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_INSIDE = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "64:ff9b:1::/48",  # a network's own translation to IPv4
        "fec0::/10",  # once local to a site
    )
)
_CARRIES = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""Blocks whose last 32 bits are an address of IPv4: translation, and the deprecated compatible form."""

_LOW = 0xFFFF_FFFF


def is_public(address: str) -> bool:
    """Give whether an address belongs to the public Internet; what is no address at all does not.

    An address of IPv4 inside one of IPv6 (mapped, translated, 6to4, Teredo) is looked at as itself, so that neither
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
    return found.is_global and not found.is_multicast and not any(found in block for block in _INSIDE)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Give the address of IPv4 that one of IPv6 stands for."""
    teredo = address.teredo
    inner = address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
    if inner is not None or not any(address in block for block in _CARRIES):
        return inner
    return IPv4Address(int(address) & _LOW)
