"""How much strangers may send: a little for each address, and not too much altogether. Kept in memory."""

import ipaddress
from collections import OrderedDict, deque

_ADDRESSES = 10_000
"""So many addresses are remembered; past that, those that were silent longest are forgotten first."""


class Limit:
    """At most `each` in `seconds` from one address, and `total` from all."""

    def __init__(self, each: int, total: int, seconds: float) -> None:
        """Begin with nothing used."""
        self._each, self._total, self._seconds = each, total, seconds
        self._by_address: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()

    def take(self, address: str, now: float) -> float | None:
        """Use one, and give None; or give in how many seconds to come again. `now` is monotonic."""
        used = self._by_address.setdefault(address, deque())
        self._by_address.move_to_end(address)
        if len(self._by_address) > _ADDRESSES:
            self._by_address.popitem(last=False)
        for taken in (used, self._all):
            while taken and now - taken[0] >= self._seconds:
                taken.popleft()
        for taken, most in ((used, self._each), (self._all, self._total)):
            if len(taken) >= most:
                return max(self._seconds - (now - taken[0]), 1.0)
        used.append(now)
        self._all.append(now)
        return None


def network_of(host: str) -> str:
    """Give what counts as one sender: an IPv4 address, or the /64 of an IPv6 one, which one household has whole."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
