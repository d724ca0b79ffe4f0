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


class MeasuredOptions(WebOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address with values of the team's own; `units` says what they are in, so that a limit of the document fits."""

    units: dict[str, str] = {}


class CleanUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request that takes back what a probe made: `keep` names values of the answer for `{name}` in `url`.

    A `url` that begins with / is one of the same server.
    """

    url: str | Secret
    keep: dict[str, str]
    method: Method = "DELETE"
    status: str | int | tuple[str | int, ...] = "2xx"


class HttpOptions(MeasuredOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
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

Taken = Literal["sum", "max", "min"]


class Series(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A selector of series, and what is made of several; with `quantile`, that of the histogram's latest growth.

    With `of`, another selector, it is the share of what that counted since the last look.
    """

    select: str
    of: str | None = None
    take: Taken | None = None
    quantile: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None


class PrometheusTextOptions(MeasuredOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of an exposition, and what to read of it."""

    values: dict[str, str | Series]


PROMETHEUS_TEXT = {
    "up": Measure("yes", "whether the exposition came in time"),
    "latency": Measure("s", "how long that took"),
}


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An expression in PromQL, and what is made of several series."""

    query: str
    take: Taken | None = None


class PromqlOptions(MeasuredOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of a Prometheus, and what to ask it."""

    values: dict[str, str | Query]


PROMQL: dict[str, Measure] = {}


class StatuspageOptions(WebOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of somebody's status page; `values` are names for some of its components."""

    values: dict[str, str] = {}


STATUSPAGE = {
    "indicator": Measure("count", "0 none, 1 minor, 2 major, 3 critical"),
    "degraded": Measure("count", "components that do not work as they should"),
    "maintenance": Measure("count", "components under maintenance"),
    "incidents": Measure("count", "incidents that are not over"),
}


ADDRESS = (
    r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}){1,6}"
    r"|[0-9a-fA-F]{1,4}::[0-9a-fA-F:]*)(?![\w.:])"
)
"""The first address of IPv4 or IPv6 in a line."""


class LogOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files and what to count in them, by regular expressions.

    `line` says which lines count at all, `error` which of them are errors, `client` who asked, `access` what was asked:
    an access that was not there in the `learn` time is unusual. More than `largest` new bytes are not read.
    """

    path: str | tuple[str, ...]
    line: str | None = None
    error: str = r"(?i)\b(?:error|fatal|panic|exception)\b"
    client: str | None = ADDRESS
    access: str | None = None
    learn: timedelta = timedelta(days=1)
    largest: Annotated[int, msgspec.Meta(ge=1024, le=64 * MEBIBYTE)] = 8 * MEBIBYTE


LOG = {
    "lines": Measure("count", "lines since the last look"),
    "rate": Measure("per-s", "lines a second since the last look"),
    "errors": Measure("count", "how many of them are errors"),
    "error_share": Measure("share", "what share of them is errors"),
    "clients": Measure("count", "different clients among them"),
    "top_client_share": Measure("share", "what share of them came from one client"),
    "unusual": Measure("count", "accesses that were never seen before"),
    "unread": Measure("bytes", "what was too much to be read"),
}


class Pm2Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The process that pm2 keeps running, all instances of it. `home` is where pm2 keeps its files."""

    process: str
    home: str | None = None


PM2 = {
    "up": Measure("yes", "whether all instances are online"),
    "online": Measure("count", "instances that are online"),
    "instances": Measure("count", "instances there are"),
    "errored": Measure("count", "instances that pm2 gave up on"),
    "restarts": Measure("count", "how often pm2 started them again, ever; let the check take its rate"),
    "memory": Measure("bytes", "memory of the largest instance"),
    "cpu": Measure("share", "of one core, by the busiest instance"),
    "uptime": Measure("s", "how long the youngest instance runs"),
    "out_of_memory": Measure("count", "how often its log said since the last look that the heap was full"),
}


class PostgresqlOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of a PostgreSQL. An active query over `long` counts as long; `values` follow roles and tables."""

    url: str | Secret
    long: timedelta = timedelta(seconds=5)
    values: dict[str, str] = {}


POSTGRESQL = {
    "up": Measure("yes", "whether it answered in time"),
    "latency": Measure("s", "how long the answers took"),
    "connections": Measure("count", "clients that are connected"),
    "connections_limit": Measure("count", "how many may be, without what is reserved for superusers"),
    "connections_share": Measure("share", "what share of that is taken"),
    "active": Measure("count", "clients with a statement that runs"),
    "idle_in_transaction": Measure("count", "clients that hold a transaction open and do nothing"),
    "long_queries": Measure("count", "statements that run longer than `long`"),
    "longest_query": Measure("s", "how long the longest of them runs"),
    "longest_transaction": Measure("s", "how long the longest transaction is open"),
    "blocked": Measure("count", "clients that wait for a lock"),
    "longest_wait": Measure("s", "how long the longest of them waits"),
    "replicas": Measure("count", "replicas that are connected"),
    "replication_lag": Measure("s", "how late the slowest replica was, or how far this one is behind"),
    "replication_bytes": Measure("bytes", "what the slowest replica, or this one, has still to replay"),
    "cpu": Measure("share", "of all processors, by a server on this machine"),
    "rows_read": Measure("count", "rows read in this database, ever; let the check take its rate"),
    "roles": Measure("count", "roles there are, but for those of PostgreSQL itself"),
    "superusers": Measure("count", "roles that may do everything"),
    "new_roles": Measure("count", "roles that were not there at the last look"),
    "new_superusers": Measure("count", "superusers that were none at the last look"),
    "new_grants": Measure("count", "memberships, powers and grants that were not there at the last look"),
}


class HostOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`values` are names for further paths whose disks are looked at. Without `interfaces`: all but the loopback."""

    values: dict[str, str] = {}
    interfaces: tuple[str, ...] = ()


HOST = {
    "disk_free": Measure("share", "what share of the disk of `/` is free for everybody"),
    "disk_free_bytes": Measure("bytes", "how much of it is free"),
    "inodes_free": Measure("share", "what share of its inodes is free"),
    "memory_available": Measure("share", "what share of the memory programs can still get"),
    "swap_used": Measure("share", "what share of the swap is taken"),
    "load": Measure("count", "programs that run or want to, over a minute"),
    "load_per_core": Measure("count", "the same for each core"),
    "cpu": Measure("share", "how busy all cores were since the last look"),
    "received": Measure("per-s", "bytes a second that came over the network"),
    "sent": Measure("per-s", "bytes a second that went over the network"),
}
