"""What the value of an option or a word does: a file that is written, an address that is asked, code that is run.

Text that is itself a command, a query or a program in another language is judged by whoever calls this.
"""

from collections.abc import Callable

import msgspec

from tocsin.guard.calls import Word
from tocsin.guard.judgement import Effect, Flag, Risk, unclear
from tocsin.guard.pack import Value
from tocsin.guard.patterns import pattern
from tocsin.guard.secrets import is_secret_file

_NULL = pattern(r"/dev/(?:null|stdout|stderr|tty|fd/[0-9]{1,2})|-")
_DEVICE = pattern(r"/dev/(?!null$|stdout$|stderr$|tty$|fd/|shm/|tcp/|udp/|pts/).+")
_NO_PLAIN_FILE = pattern(r"/dev/.+|.*\.\..*|/proc/(?:kcore|kmsg|.*/mem)|/sys/.+|https?://.*|.*//.*")
_HIDDEN = pattern(r"(?:.*/)?\.[^./].*|/root(?:/.*)?|/home/[^/]*/?|/run/.+")
_WIRE = pattern(r"/dev/(?:tcp|udp)/.*")
_URL = pattern(r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>(?:[^/?#@]*@)?[^/?#:]*)(?P<rest>.*)")
_LOOPBACK = pattern(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]|::1|0\.0\.0\.0|")
_METADATA = pattern(r"169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254")
_DOING = pattern(
    r"(?<![a-z])(?:(?:re)?(?:start|boot|deploy|load|set|run|build|try|sync)(?![a-z])|reindex|renew|revoke|delete|remove"
    r"|drop|trigger|execut|stop|kill|shutdown|quit|exit|flush|purge|clear|clean|enable|disable|create|update|insert|add"
    r"|write|send|notify|publish|web?hook|action|command|cmd|approve|cancel|confirm|unsubscribe|subscribe|invoke|rotate"
    r"|drain|failover|promote|rollback|migrat|upgrade|install|register|toggle|switch|pause|resume|log(?:in|off|out)"
    r"|hc-ping|call|do(?![a-z])|job|task|cron|ack|resolve|apply|commit|import|restore|reset|unlock|lock|scale|grant)"
    r"|hooks?[./]|heapdump|configprops|/env(?![a-z])|/config(?![a-z])|token|secret|passw|api_?key|signature|[?&](?:key|sig|auth)=|@|[\[\]{}]|%[4-7]"
)
_PLAIN_URL = pattern(r"[\w./?&=%:,+~-]*")
_READING = pattern("get|head|options|")
_CREDENTIAL = pattern(r"(?:[\w-]*-)?(?:authorization|cookie|token|api-?key|secret|auth)(?:-[\w-]*)?\s*:.*")
_REMOVES = pattern(
    r"rmtree|rmsync|rmdir|unlink|remove|\brm\b|delete|truncate|drop|flush|shutil\.move|destroy|purge|wipe|mkfs|kill"
    r"|terminate|redis\.p?call\(\s?[\"'](?:del|getdel|[hzs]del|[lz]?pop|ltrim|[lszx]rem)[\"']"
)
_ENVIRONMENT = pattern(r"process\.env\b|os\.environ|\bENV\b|getenv")
_STARTS = pattern("%G")
_WRITES_OUT = pattern(r"@.*|.*%(?:output|header)\{.*|.*%\{(?:json|header_json|stderr)\}.*")
_SECRETS = pattern(r"(?:.*,)?secrets?(?:\..*)?(?:$|[,/].*)|(?:.*,)?(?:configmaps?|cm)(?:$|[,/].*)")
_WHOLE = pattern("yaml|json|jsonpath.*|go-template.*|custom-columns.*|template.*")
_ELSEWHERE = pattern(r"\b(?:service|options|passfile|servicefile)=")
_SHOWN_DATE = pattern(r"\+.*")

COMPUTED = "the shell would compute a part of it"


def is_nowhere(text: str) -> bool:
    """Give whether what is written there goes to the screen or away."""
    return _NULL.fullmatch(text) is not None


def is_device(text: str) -> bool:
    """Give whether that is a device, such as a disk."""
    return _DEVICE.fullmatch(text) is not None


def is_wire(text: str) -> bool:
    """Give whether bash would open a connection instead of a file."""
    return _WIRE.fullmatch(text) is not None


def removes(code: str) -> bool:
    """Give whether code in another language names a removal."""
    return _REMOVES.search(code) is not None


def effect_of(kind: Value, word: Word) -> Effect:
    """Give what one value does by itself."""
    found = Effect() if kind in _WITHOUT else _EFFECTS[kind](word)
    named = kind == "database" and word.whole_variable is not None and word.quoted
    if not word.fixed and not named and kind not in {"out", "script", "code"}:
        found = msgspec.structs.replace(found, proven=False, why=found.why or COMPUTED)
    return found


def written(word: Word) -> Effect:
    """Give what writing to that file does."""
    if word.fixed and is_nowhere(word.text):
        return Effect()
    if word.fixed and is_device(word.text):
        return Effect(risk="destructive", flags=("writes-file",), why="it writes to a device", proven=False)
    return Effect(risk="change", flags=("writes-file",), why="it writes its output to a file", proven=False)


def read(word: Word) -> Effect:
    """Give what printing that file does."""
    text = word.text
    if is_secret_file(text):
        return Effect(flags=("prints-secret",), why="it reads a file that may hold secrets", proven=False)
    if text != "-" and (_NO_PLAIN_FILE.fullmatch(text) or _HIDDEN.fullmatch(text)) and text != "/dev/null":
        return Effect(why="it reads a file that may hold secrets or is no plain file", proven=False)
    return Effect()


def _url(word: Word) -> Effect:
    found = _URL.fullmatch(word.text)
    scheme = (found["scheme"] or "http").lower() if found else ""
    if not found or scheme not in {"http", "https"}:
        if scheme == "file":
            return read(msgspec.structs.replace(word, text=found["rest"] if found else ""))
        return unclear("a look at that address may do something", "network")
    host, rest = found["host"], found["rest"]
    if _METADATA.search(host):
        return Effect(
            flags=("network", "prints-secret"), why="that address gives out keys of the machine", proven=False
        )
    flags: tuple[Flag, ...] = () if _LOOPBACK.fullmatch(host) and word.fixed else ("network",)
    plain = _PLAIN_URL.fullmatch(rest) and not _DOING.search(word.text)
    complete = found["scheme"] or _LOOPBACK.fullmatch(host)
    if plain and complete and word.fixed:
        return Effect(flags=flags)
    return Effect(flags=flags, proven=False, why="a look at that address may do something, or it carries a secret")


def _method(word: Word) -> Effect:
    if word.fixed and word.text.lower() == "delete":
        return Effect(risk="destructive", why="it asks a server to delete something", proven=False)
    if word.fixed and _READING.fullmatch(word.text):
        return Effect()
    return Effect(risk="change", why="it sends something to a server", proven=False)


def _header(word: Word) -> Effect:
    if _CREDENTIAL.fullmatch(word.text.strip()):
        return Effect(flags=("secret-in-argv",), why="other users of the machine can see the secret", proven=False)
    return _unless(word.text.startswith("@"), "its headers are in a file")


def _code(word: Word) -> Effect:
    risk: Risk = "destructive" if removes(word.shell or word.text) else "change"
    flags: tuple[Flag, ...] = ("opaque", "prints-secret") if _ENVIRONMENT.search(word.text) else ("opaque",)
    return unclear("it runs a program written in another language", *flags, risk=risk)


def _resource(word: Word) -> Effect:
    if _SECRETS.fullmatch(word.text):
        return Effect(why="it would print secrets of the cluster", proven=False)
    return Effect()


def _output(word: Word) -> Effect:
    return _unless(_WHOLE.fullmatch(word.text) is not None, "in that form it prints secrets of the cluster")


def _unless(bad: bool, why: str) -> Effect:
    return Effect(why=why, proven=False) if bad else Effect()


def _body(_: Word) -> Effect:
    return Effect(risk="change", why="it sends something to a server", proven=False)


def _script(word: Word) -> Effect:
    return unclear(f"what the script `{word.text[:80]}` does is not known", "opaque")


def _secret(_: Word) -> Effect:
    return Effect(flags=("secret-in-argv",), why="other users of the machine can see the secret", proven=False)


def _format(word: Word) -> Effect:
    return _unless(_STARTS.search(word.text) is not None, "it would start another program")


def _query(word: Word) -> Effect:
    return _unless(_WRITES_OUT.fullmatch(word.text) is not None, "its format can write or read a file")


def _date(word: Word) -> Effect:
    shown = _SHOWN_DATE.fullmatch(word.text)
    return Effect() if shown else Effect(risk="change", why="it could set the clock", proven=False)


def _database(word: Word) -> Effect:
    return _unless(_ELSEWHERE.search(word.text) is not None, "its settings stand in a file, or change the session")


_WITHOUT = frozenset({"text", "path"})
_EFFECTS: dict[Value, Callable[[Word], Effect]] = {
    "in": read, "out": written, "url": _url, "method": _method, "header": _header, "body": _body, "code": _code,
    "script": _script, "secret": _secret, "format": _format, "query": _query, "resource": _resource,
    "output": _output, "date": _date, "database": _database,
}  # fmt: skip
