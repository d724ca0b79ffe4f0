"""What each kind of probe takes under [probes.NAME], and what its readings hold."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from tocsin.probes.probe import Measure
from tocsin.settings import Secret

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
MEBIBYTE = 1024 * 1024


class TcpOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to connect."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]


TCP = {
    "up": Measure("yes", "whether the port took the connection"),
    "latency": Measure("s", "how long that took"),
}


class WebOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address to ask. `ca` is a file with the authorities to believe; an answer over `largest` bytes is not read."""

    url: str | Secret
    headers: dict[str, str | Secret] = {}
    ca: str | None = None
    follow: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0
    largest: Annotated[int, msgspec.Meta(ge=1, le=16 * MEBIBYTE)] = MEBIBYTE


class CleanUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request that takes back what a probe made: `keep` names values of the answer for `{name}` in `url`."""

    url: str
    keep: dict[str, str]
    method: Method = "DELETE"
    status: str | int | tuple[str | int, ...] = "2xx"


class HttpOptions(WebOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request and what its answer should be; `expect` and `values` hold expressions in JMESPath."""

    method: Method = "GET"
    body: str | Secret | None = None
    status: str | int | tuple[str | int, ...] = "2xx"
    contains: str | None = None
    expect: dict[str, str | int | float | bool] = {}
    values: dict[str, str] = {}
    clean_up: CleanUp | None = None


HTTP = {
    "up": Measure("yes", "whether it answered in time, and as it should"),
    "status": Measure("count", "the status of its answer"),
    "latency": Measure("s", "how long it took, from the name to the last byte"),
    "connect": Measure("s", "how much of that until the connection stood, with its handshake"),
    "tls": Measure("s", "how much of that was the handshake"),
    "certificate": Measure("s", "how long its certificate is still good"),
    "size": Measure("bytes", "how long its answer is"),
    "cleaned_up": Measure("yes", "whether what the probe made could be taken back"),
}

WITHIN = timedelta(seconds=5)
