"""What the main process and its fronts say to each other: each message with its length before it.

They share a socket that nobody else has. A front never decides anything: it reads and proves what came, and says what
to tell its sender once it is on disk, which the main process alone knows.
"""

import asyncio
from typing import TypeVar

import msgspec

from tocsin.detection.alert import Alert
from tocsin.engine.sources import Known
from tocsin.web.replies import Outcome

T = TypeVar("T")
_LENGTH = 4
_ENCODER = msgspec.msgpack.Encoder()


class Begin(msgspec.Struct, frozen=True, tag=True):
    """How to serve: the socket behind which the main process answers everything else, and the certificate."""

    behind: str
    certificate: str | None
    certificate_key: str | None


class Senders(msgspec.Struct, frozen=True, tag=True):
    """Whose alerts may be taken from now on."""

    known: tuple[Known, ...]


class Stored(msgspec.Struct, frozen=True, tag=True):
    """What became of alerts: they are on disk unless something else is said.

    `unavailable` is why the store could not take them now, `broken` a mistake that one of them met: all are as before.
    """

    number: int
    unavailable: str = ""
    broken: str = ""


class End(msgspec.Struct, frozen=True, tag=True):
    """Take no more connections, and say when everything taken is answered."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Connections are taken."""


class Alive(msgspec.Struct, frozen=True, tag=True):
    """Nothing else is to be said now."""


class Taken(msgspec.Struct, frozen=True, tag=True):
    """Alerts of so many deliveries that are to be stored, all or none. `number` counts what a front has sent."""

    number: int
    deliveries: int
    alerts: tuple[Alert, ...]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """So many deliveries were refused at a door, with the last reason."""

    door: str
    outcome: Outcome
    count: int
    why: str


class Done(msgspec.Struct, frozen=True, tag=True):
    """Everything that was taken is answered."""


ToFront = Begin | Senders | Stored | End
FromFront = Ready | Alive | Taken | Refused | Done
TO_FRONT: "msgspec.msgpack.Decoder[ToFront]" = msgspec.msgpack.Decoder(ToFront)
FROM_FRONT: "msgspec.msgpack.Decoder[FromFront]" = msgspec.msgpack.Decoder(FromFront)


def say(writer: asyncio.StreamWriter, message: ToFront | FromFront) -> None:
    """Send a message."""
    body = _ENCODER.encode(message)
    writer.write(len(body).to_bytes(_LENGTH, "big") + body)


async def heard(reader: asyncio.StreamReader, decoder: "msgspec.msgpack.Decoder[T]") -> T:
    """Give the next message. Raises IncompleteReadError once the other side is gone."""
    length = int.from_bytes(await reader.readexactly(_LENGTH), "big")
    return decoder.decode(await reader.readexactly(length))
