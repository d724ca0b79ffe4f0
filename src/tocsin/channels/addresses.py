"""What an address of HTTP says: its host, and which proxy leads there. Nothing of this speaks HTTP."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tocsin.errors import SettingsInvalid


def host_of(url: str) -> str:
    """Give the host of an address. Raises SettingsInvalid, without the address, when it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsInvalid("its url must be an address such as https://example.org/hook")
    return parts.hostname


def proxy_of(url: str) -> str | None:
    """Give the proxy the environment (or the system) names for an address, or None."""
    parts, proxies = urlsplit(url), getproxies()
    if parts.hostname is None or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")
