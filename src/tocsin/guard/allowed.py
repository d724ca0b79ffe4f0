"""The calls that only read, as data: whatever is not written here is not run by itself.

A form names a command with the flags and operands it may have. It is narrow on purpose: `sort` without `-o`, `date`
without `-s`, `ss` without `-K`. What is added to a command (`Addition`) is shown to people beside their own words.
"""

import re

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """What a value may look like: all of `like` and nowhere `unlike`; otherwise `because`."""

    like: re.Pattern[str]
    unlike: re.Pattern[str] | None = None
    because: str = ""


class Addition(msgspec.Struct, frozen=True):
    """Text put into a call when none of the flags `unless` is there.

    It goes behind the subcommand, with `before` in front of it, with `at_end` behind everything.
    """

    text: str
    says: str
    unless: tuple[str, ...] = ()
    at_end: bool = False
    before: bool = False


class Form(msgspec.Struct, frozen=True):
    """One way to call a command that only reads.

    `switches` are letters and `options` long flags without a value; `values` are flags with one, by kind. `operands`
    are the kinds of the other words; with `more` the last repeats. One flag of each group in `needs` must be there.
    `before` are flags that may stand before the subcommand. `number` allows `-20`.
    """

    words: tuple[str, ...]
    switches: str = ""
    options: tuple[str, ...] = ()
    values: dict[str, str] = {}
    operands: tuple[str, ...] = ()
    more: bool = False
    least: int = 0
    needs: tuple[tuple[str, ...], ...] = ()
    before: tuple[str, ...] = ()
    number: bool = False
    additions: tuple[Addition, ...] = ()


def _kind(like: str, unlike: str | None = None, because: str = "") -> Kind:
    return Kind(re.compile(like), re.compile(unlike, re.IGNORECASE) if unlike else None, because)


_UNFIT_FILE = (
    r"(?:^|/)\.|\.\.|//|\.env|\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|tfstate|tfvars|age)\b"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|secret|credential|passw|shadow|token|private|kubeconfig|history|sudoers|environ"
    r"|/ssl/|/ssh/|/run/|^/root|^/home/[^/]*/?$|(?:^|/)(?:dev|sys)(?:/|$)"
    r"|(?:^|/)proc(?!/(?:meminfo|loadavg|cpuinfo|uptime|mounts|stat|vmstat|diskstats|net/(?:tcp6?|udp6?|dev|snmp))$)"
)
# Words of an address that ask for something to be done, or that carry a secret.
_DOING_URL = (
    r"(?<![a-z])(?:(?:re)?(?:start|boot|deploy|load|set|run|build|try|sync)(?![a-z])|reindex|renew|revoke|delete|remove"
    r"|drop|trigger|execut|stop|kill|shutdown|quit|exit|flush|purge|clear|clean|enable|disable|create|update|insert|add"
    r"|write|send|notify|publish|web?hook|action|command|cmd|approve|cancel|confirm|unsubscribe|subscribe|invoke|rotate"
    r"|drain|failover|promote|rollback|migrat|upgrade|install|register|toggle|switch|pause|resume|log(?:in|off|out)"
    r"|hc-ping|call|do(?![a-z])|job|task|cron|ack|resolve|apply|commit|import|restore|reset|unlock|lock|scale|grant)"
    r"|hooks?[./]|token|secret|passw|api_?key|signature|[?&](?:key|sig|auth)=|@|[\[\]{}]|%[4-7]"
)
KINDS = {
    "number": _kind(r"\d{1,6}"),
    "amount": _kind(r"[+-]?\d{1,9}[kKmMgGbB]{0,2}"),
    "few": _kind(r"(?:[1-9]|1\d|20)", because="it would go on for too long"),
    "once": _kind(r"[1-3]", because="it would go on for too long"),
    "seconds": _kind(r"\d{1,2}(?:\.\d)?"),
    "pause": _kind(r"[1-5](?:\.\d)?"),
    "name": _kind(r"[A-Za-z0-9_][\w.@:-]*"),
    "names": _kind(r"[\w.@:,%+=-]+", "environ|secret"),
    "property": _kind(r"[\w,]+", "environ", "it would print environment variables, which hold secrets"),
    "text": _kind(r"[\s\S]*"),
    "time": _kind(r"[\w :.+@-]+"),
    "separator": _kind(r"."),
    "fields": _kind(r"[\w.,-]+"),
    "file": _kind(r"[\w@%+=:,./ -]+|-", _UNFIT_FILE, "it reads a file that may hold secrets or is no plain file"),
    "host": _kind(r"[A-Za-z0-9][\w.:-]*"),
    "query": _kind(r"[A-Za-z0-9@+][\w.:+-]*"),
    "socket": _kind(r"(?:[46]?(?:tcp|udp|TCP|UDP)?):?[\w,-]+"),
    "filter": _kind(r"[\w.:= <>()!/*-]+"),
    "jq": _kind(r"[\s\S]+", r"\benv\b|\bimport\b|\binclude\b|\binput_filename\b|\bget_search_list\b|\bmodulemeta\b",
                "its filter can reach environment variables or other files"),
    "null": _kind(r"/dev/null", because="it writes its output to a file"),
    "write-out": _kind(r"[^@][\s\S]*", r"%output|%header\{|%\{(?:json|header_json)\}",
                       "its format can write or read a file"),
    "url": _kind(r"(?:https?://[\w.-]+|localhost|127\.0\.0\.1)(?::\d+)?(?:[/?][\w./?&=%:,+~-]*)?",
                 _DOING_URL, "a look at that address may do something, or it carries a secret"),
    "date": _kind(r"\+[\w%:. /+-]+", because="it could set the clock"),
    "setting": _kind(r"[\w.]+", because="it could change a kernel setting"),
    "revision": _kind(r"[\w@^./:~+-]+", r"^-|" + _UNFIT_FILE, "it names a file that may hold secrets"),
    "format": _kind(r"[\s\S]+", r"%G", "it would start another program"),
    "resource": _kind(r"[a-z][\w.,/-]*", r"secret|configmap|(?:^|,)cm(?:$|[,/])|credential|token",
                      "it would print secrets of the cluster"),
    "output": _kind(r"wide|name", because="in that form it prints secrets of the cluster"),
}  # fmt: skip

_PAGER = Addition(" --no-pager", "without a pager", ("--no-pager",), before=True)
_PM2_LOGS = (
    Addition(" --nostream", "it ends instead of following the log", ("--nostream",), at_end=True),
    Addition(" --lines 200", "the last 200 lines", ("--lines",), at_end=True),
)
_HIDE_ENVIRONMENT = Addition(" | sed '/Divergent env/,$d'", "without the environment variables it lists", at_end=True)
_FILES = ("file",)
_GIT_SHOWN = {"-n": "number", "--since": "time", "--until": "time", "--after": "time", "--before": "time",
              "--author": "text", "--grep": "text", "--pretty": "format", "--format": "format", "--date": "name",
              "--max-count": "number"}  # fmt: skip
_GIT_OPTIONS = ("--oneline", "--stat", "--shortstat", "--numstat", "--graph", "--all", "--decorate", "--no-merges",
                "--merges", "--name-only", "--name-status", "--no-color", "--reverse", "--summary")  # fmt: skip
_PLAIN_DIFF = Addition(" --no-ext-diff --no-textconv", "without foreign programs")
_KUBECTL = {"-n": "name", "--namespace": "name", "-l": "names", "--selector": "names", "--context": "name"}
_LOG_VALUES = {"--tail": "number", "--since": "name", "-n": "number"}


def _filter(
    name: str, switches: str, values: dict[str, str] | None = None, *operands: str, number: bool = False
) -> Form:
    return Form((name,), switches, values=values or {}, operands=operands or _FILES, more=True, number=number)


FORMS = (
    # Process managers and services.
    *(Form(("pm2", word), options=("--no-color",), operands=("name",)) for word in ("status", "list", "ls")),
    *(Form(("pm2", word), operands=("name",), least=1, additions=(_HIDE_ENVIRONMENT,))
      for word in ("describe", "show", "info")),
    Form(("pm2", "logs"), options=("--nostream", "--raw", "--err", "--out", "--timestamp"),
         values={"--lines": "number"}, operands=("name",), additions=_PM2_LOGS),
    *(Form(("systemctl", word), "la", ("--no-pager", "--full", "--plain", "--all", "--failed", "--no-legend"),
           {"-n": "number", "--state": "names", "--type": "names"}, ("name",), more=True, before=("--no-pager",),
           additions=(_PAGER,))
      for word in ("status", "is-active", "is-failed", "is-enabled", "list-units", "list-timers")),
    Form(("systemctl", "show"), "", ("--no-pager", "--value"), {"-p": "property", "--property": "property"},
         ("name",), more=True, needs=(("-p", "--property"),), before=("--no-pager",),
         additions=(_PAGER,)),
    Form(("journalctl",), "rkaqbx", ("--no-pager", "--utc", "--no-hostname", "--disk-usage", "--list-boots"),
         {"-u": "name", "--unit": "name", "-n": "number", "--lines": "number", "-p": "fields", "--priority": "fields",
          "--since": "time", "--until": "time", "-S": "time", "-U": "time", "-t": "name", "-g": "text",
          "-o": "name", "--output": "name"},
         additions=(_PAGER,
                    Addition(" -n 200", "the last 200 lines",
                             ("-n", "--lines", "--since", "-S", "-b", "--disk-usage", "--list-boots")))),
    # The machine.
    Form(("netstat",), "tulpnaersi46W", ("--tcp", "--udp", "--listening", "--programs", "--numeric", "--all")),
    Form(("ss",), "tulpnaesiomxrHO460", ("--tcp", "--udp", "--listening", "--processes", "--numeric", "--all"),
         operands=("filter",), more=True),
    Form(("lsof",), "nPtl", values={"-i": "socket", "-p": "number"}),
    Form(("df",), "hTikamHPl", ("--total", "--human-readable"), {"-t": "name", "-x": "name"}, _FILES, more=True),
    Form(("free",), "hmgbkwtl", ("--human", "--mega", "--giga", "--wide")),
    Form(("uptime",), "ps", ("--pretty", "--since")),
    Form(("top",), "bHic1", values={"-n": "once", "-o": "names", "-w": "number", "-p": "fields", "-u": "name",
                                    "-d": "seconds"}, needs=(("-b",), ("-n",))),
    *(Form(("ps", cluster), values={"--sort": "names"}, options=("--no-headers",))
      for cluster in ("aux", "auxw", "auxww", "ax", "axu")),
    Form(("ps",), "efFlAaxwTH", ("--forest", "--no-headers"),
         {"-o": "names", "-p": "fields", "-C": "name", "-u": "name", "-U": "name", "--sort": "names"}),
    Form(("vmstat",), "awSt", operands=("once", "few"), least=2),
    Form(("date",), "uR", ("--utc",), operands=("date",)),
    Form(("hostname",), "fsiIdA", ("--fqdn", "--short", "--ip-address")),
    Form(("uname",), "asnrvmpio"), Form(("nproc",)), Form(("whoami",)), Form(("id",)), Form(("lscpu",)),
    Form(("who",), "abHqu"), Form(("w",), "hsf"), Form(("true",)), Form(("pwd",)),
    Form(("dmesg",), "Txkru", ("--ctime", "--nopager"), {"-l": "fields", "--level": "fields"}),
    Form(("sysctl",), "ne", operands=("setting",), least=1, more=True),
    Form(("getent", "hosts"), operands=("host",), least=1, more=True),
    # Text.
    _filter("head", "qvz", {"-n": "amount", "-c": "amount", "--lines": "amount", "--bytes": "amount"}, number=True),
    _filter("tail", "qvz", {"-n": "amount", "-c": "amount", "--lines": "amount", "--bytes": "amount"}, number=True),
    Form(("grep",), "ivcnoEFPwxlLhHsqa",
         ("--color=never", "--ignore-case", "--invert-match", "--count", "--extended-regexp", "--line-number"),
         {"-A": "number", "-B": "number", "-C": "number", "-m": "number"}, ("text", "file"), more=True, least=1),
    _filter("sort", "nrubhVfgiMds", {"-k": "fields", "-t": "separator"}),
    Form(("uniq",), "cdui", ("--count",), {"-f": "number", "-s": "number", "-w": "number"}),
    _filter("wc", "lcwmL"),
    _filter("cut", "s", {"-d": "separator", "-f": "fields", "-c": "fields", "-b": "fields"}),
    Form(("tr",), "cdsC", operands=("text", "text"), least=1),
    _filter("cat", "nbAEsvT"), _filter("tac", ""), _filter("nl", ""),
    Form(("column",), "t", values={"-s": "separator"}),
    Form(("ls",), "lahtrRS1dAFinsckZ", ("--color=never", "--full-time"), operands=_FILES, more=True),
    Form(("echo",), "neE", operands=("text",), more=True),
    Form(("jq",), "rcesSMnaj", ("--raw-output", "--compact-output", "--slurp", "--exit-status", "--monochrome-output",
                                "--sort-keys", "--tab"), operands=("jq", "file"), more=True),
    # The network.
    Form(("curl",), "sSfikILv46", ("--silent", "--show-error", "--fail", "--fail-with-body", "--include", "--head",
                                   "--location", "--compressed", "--insecure"),
         {"-w": "write-out", "--write-out": "write-out", "-o": "null", "--output": "null", "-m": "seconds",
          "--max-time": "seconds", "--connect-timeout": "seconds"}, ("url",), least=1,
         additions=(Addition(" --max-time 10", "it gives up after 10 seconds", ("-m", "--max-time")),)),
    Form(("ping",), "nq46", values={"-c": "few", "-w": "seconds", "-W": "seconds", "-i": "pause"}, operands=("host",),
         least=1, needs=(("-c",),)),
    Form(("dig",), "46", values={"-t": "name", "-x": "host"}, operands=("query",), more=True, least=1),
    Form(("host",), "46", values={"-t": "name"}, operands=("host", "host"), least=1),
    Form(("pg_isready",), "q", values={"-h": "host", "-p": "number", "-U": "name", "-d": "name", "-t": "seconds"}),
    Form(("psql",), "XAtxqw", ("--csv", "--no-align", "--tuples-only", "--no-psqlrc", "--quiet", "--no-password"),
         {"-c": "sql", "--command": "sql", "-U": "name", "-h": "host", "-p": "number", "-d": "database"}, ("database",),
         needs=(("-c", "--command"),),
         additions=(Addition(" -X -v ON_ERROR_STOP=1", "in a session that only reads, for 10 seconds at most"),)),
    # Code and containers.
    Form(("git", "log"), "z", _GIT_OPTIONS, _GIT_SHOWN, ("revision",), more=True, number=True, before=("--no-pager",),
         additions=(_PAGER,)),
    Form(("git", "show"), "", _GIT_OPTIONS, _GIT_SHOWN, ("revision",), more=True, before=("--no-pager",),
         additions=(_PAGER, _PLAIN_DIFF)),
    Form(("git", "diff"), "w", (*_GIT_OPTIONS, "--cached", "--staged"), operands=("revision",), more=True,
         before=("--no-pager",), additions=(_PAGER, _PLAIN_DIFF)),
    Form(("git", "status"), "sbu", ("--short", "--branch", "--porcelain"), before=("--no-pager",), additions=(_PAGER,)),
    Form(("git", "rev-parse"), "", ("--short", "--abbrev-ref"), operands=("revision",), least=1),
    Form(("kubectl", "get"), "A", ("--all-namespaces", "--show-labels", "--no-headers"),
         {**_KUBECTL, "-o": "output", "--output": "output", "--sort-by": "names", "--field-selector": "names"},
         ("resource", "name"), more=True, least=1),
    Form(("kubectl", "describe"), "A", ("--all-namespaces",), _KUBECTL, ("resource", "name"), more=True, least=1),
    Form(("kubectl", "logs"), "p", ("--previous", "--timestamps", "--all-containers", "--prefix"),
         {**_KUBECTL, "-c": "name", "--container": "name", "--tail": "number", "--since": "name"},
         ("resource", "name"), least=1),
    Form(("kubectl", "top"), "A", ("--all-namespaces", "--containers", "--no-headers"),
         {**_KUBECTL, "--sort-by": "names"}, ("resource", "name"), least=1),
    Form(("docker", "ps"), "aqn", ("--all", "--quiet", "--no-trunc"), {"--filter": "names", "--format": "text"}),
    Form(("docker", "logs"), "t", ("--timestamps",), _LOG_VALUES, ("name",), least=1),
    Form(("docker", "stats"), "a", ("--no-stream", "--no-trunc", "--all"), {"--format": "text"}, ("name",), more=True,
         needs=(("--no-stream",),)),
    *(Form((*words, "ps"), "aq", ("--all", "--services"), operands=("name",), more=True)
      for words in (("docker", "compose"), ("docker-compose",))),
    *(Form((*words, "logs"), "t", ("--timestamps", "--no-color"), {"--tail": "number", "--since": "name"}, ("name",),
           more=True) for words in (("docker", "compose"), ("docker-compose",))),
)  # fmt: skip

# What the commands are given besides their own environment: a session of psql that only reads and does not wait.
ENVIRONMENT = {
    "psql": (
        ("PGOPTIONS", "-c default_transaction_read_only=on -c statement_timeout=10000 -c lock_timeout=1000"),
        ("PGCONNECT_TIMEOUT", "5"),
        ("PGAPPNAME", "tocsin"),
    ),
    "git": (("GIT_OPTIONAL_LOCKS", "0"),),
}
