"""The fakes by name: where each is, and how somebody gets one to try things with by hand."""

from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Protocol


class Fake(Protocol):
    """A service that can listen, and behave in several ways."""

    modes: tuple[str, ...]

    @property
    def about(self) -> str:
        """Say what to configure so that Tocsin speaks to it."""
        ...

    def behave(self, mode: str) -> None:
        """Behave like one of `modes` from now on."""
        ...

    def serving(self, port: int = 0, *, host: str = "127.0.0.1") -> AbstractAsyncContextManager[str]:
        """Listen, and give the address."""
        ...


FAKES: dict[str, tuple[str, str]] = {
    "slack": ("tocsin.drill.fakes.slack", "Slack"),
    "pagerduty": ("tocsin.drill.fakes.pagerduty", "PagerDuty"),
    "twilio": ("tocsin.drill.fakes.twilio", "Twilio"),
    "smtp": ("tocsin.drill.fakes.smtp", "MailServer"),
    "statuspage": ("tocsin.drill.fakes.statuspage", "Statuspage"),
    "cloudflare": ("tocsin.drill.fakes.cloudflare", "Cloudflare"),
}
"""Name -> module and class. Imported only when it is asked for: each brings a web server."""


def fake(name: str) -> Fake:
    """Give a fake with its usual keys. Raises KeyError."""
    module, kind = FAKES[name]
    made: Fake = getattr(import_module(module), kind)()
    return made
