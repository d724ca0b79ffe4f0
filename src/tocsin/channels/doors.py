"""How a chat reaches us, and what it offers to answer people there."""

from typing import NamedTuple, Protocol, runtime_checkable

from tocsin.settings import Person


class Doors(NamedTuple):
    """An app-level token for Socket Mode, and secrets that sign what comes by HTTP."""

    app_token: str | None = None
    signing_secrets: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Give whether anybody would hear a button."""
        return bool(self.app_token or self.signing_secrets)


@runtime_checkable
class Chat(Protocol):
    """A channel in which people also act."""

    @property
    def doors(self) -> Doors:
        """Give how it reaches us."""
        ...

    async def is_user(self, user: str, someone: Person) -> bool:
        """Give whether that user of the chat is this person."""
        ...

    async def respond(self, address: str, text: str) -> None:
        """Answer somebody, visible to them alone, where the chat said. Raises SendFailed."""
        ...

    async def socket_address(self) -> str:
        """Give where to connect, good for one connection. Raises SendFailed."""
        ...
