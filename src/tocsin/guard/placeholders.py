"""Blanks an author left to be filled in: `<pid>`, `{{name}}`, `[Contact]`, `XXX`, `your-cluster`, `f(PID)` in SQL."""

import re
from functools import lru_cache

_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_ANYWHERE = re.compile(
    r"\b[Xx]{3,}(?:-[Xx]{2,})*\b|\bXX(?:[-.:]XX)+\b|\b[x]{1,3}(?:\.[x]{1,3}){3}\b|\bYYYY-?MM-?DD\b|\b(?:TBD|TODO|FIXME)\b|"
    r"(?<![$\w{])(?:YOUR|MY)_[A-Z0-9_]+\b(?!=)|\byour[-_][a-z0-9_-]*[a-z]\b|\bYOUR-[A-Z0-9-]+\b|/path/to/[\w./-]*|\bpath/to/[\w./-]*|"
    r"\b(?:CHANGE_?ME|REPLACE(?:_?ME|_THIS|_WITH_\w+)|FILL_?ME(?:_IN)?|TO_BE_[A-Z_]+|[A-Z]+_OF_[A-Z_]+|INSERT_[A-Z_]+(?:_HERE)?|[A-Z_]+_HERE)\b|"
    r"%[A-Z][A-Z_]{2,}%|@@[A-Z_]+@@|__[A-Z][A-Z_]+__"
)
_MOUSTACHE = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}")
# In a Go template (`--format '{{.Names}}'`) braces hold code of the command itself.
_GO = re.compile(
    r"\{\{-?\s*(?:\.|\$\w*\s*(?::?=|[,}])|"
    r"(?:range|if|else|end|with|json|printf?|println|index|len|join|upper|lower|split|table)\b|\")"
)
# What PostgreSQL itself writes in place of a query is none.
ANGLE = re.compile(
    r"(?<![<\w&])<(?![0-9]+(?:\.[0-9]+){2}>)(?!(?:IDLE|insufficient privilege|backend information not available)\b)"
    r"(?:[A-Za-z][\w.:/|@-]*(?: [\w.:/|@-]+)*|[A-Za-z\"0-9][^<>|&;$\n]{1,80}(?<![\s&]))(?<!\s[0-9])>(?!\()"
)
_BRACKET = re.compile(r"(?<![\[\w$\\.])\[[A-Z][A-Za-z]*(?:[ _-][A-Za-z]+)*\](?![\](\[+*?{])")
_LOWER_BRACKET = re.compile(
    r"(?<=\s)\[[a-z][a-z0-9]*(?:[ _-][a-z0-9]+)+\](?=\s|$)|(?<=[\s/_=.-])\[[a-z]{4,}\](?![*+?])"
)
# In SQL: a parameter that something else binds (`:id`, `$1`, `@tenant`).
_PARAMETER = re.compile(r"(?<![:\w]):[A-Za-z_]\w*\b|\$[0-9]+\b|(?<![@\w])@[A-Za-z_]\w*\b")
_BRACE = re.compile(
    r"(?<![$\w{%.\\])\{[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*\}(?![}\w*])|(?<=[/=:@-])\{[A-Za-z][\w -]*\}"
)
# A lone capital word as the argument of an SQL function, besides those SQL itself knows.
_SQL_CALL = re.compile(r"(?<![.\w])[a-z_]{3,}\(\s*['\"]?([A-Z][A-Z0-9_]{1,})['\"]?\s*[),]")
_SQL_WORDS = frozenset({
    "ALL", "NULL", "TRUE", "FALSE", "DEFAULT", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER",
    "SESSION_USER", "USER", "ANALYZE", "VERBOSE", "FULL", "BUFFERS", "DISTINCT", "CASE", "SELECT", "DAY", "HOUR",
    "MINUTE", "MONTH", "YEAR", "EPOCH", "SECOND", "UTC", "GMT", "NOW",
})  # fmt: skip
_SQL_TEXT = re.compile(r"\b(select|update|delete|insert|create|alter|call|vacuum|kill)\b", re.IGNORECASE)
_NOUNS = (
    "pod|node|container|service|svc|deployment|deploy|namespace|ns|instance|cluster|host|user|username|db|database|"
    "table|schema|slot|index|file|bucket|topic|queue|job|release|image|volume|server|app|application|role|region|"
    "account|project|branch|tag|commit|process|session|query|replica|shard|partition|secret|config|configmap|domain|"
    "task|function|repo|repository|incident|ticket|lb|vm|zone|group|subscription|tenant|key|backup|snapshot|"
    "statefulset|daemonset|ingress|pvc|pv|env|environment"
)
_WHAT = "name|id|ip|hash|sha|version|number|address|uuid|arn"
_LITERAL = re.compile(rf"'(?P<what>(?:(?:{_NOUNS})_(?:{_WHAT})|(?:my|some|the|a)_\w+))'", re.IGNORECASE)
_GENERIC = re.compile(
    rf"(?<=[\s=/:@,])(?!release-address)(?:(?:{_NOUNS})[-_](?:{_WHAT})|(?:previous|old|new|target|bad|last|good)[-_]"
    r"(?:tag|version|release|image|commit|revision|sha))(?=[\s/:,]|$)",
    re.IGNORECASE,
)
# Capital nouns that stand for the reader's own value when they are a whole word of a command.
_NOUN = re.compile(
    r"(?<==)[NXY](?=\s|$)|(?<![\w-])[a-z][\w.]*(?:-[\w.]+)*-[NXY](?=[\s/,:]|$)|(?<=[\s=/:@])(?:PID|POD|NAMESPACE|NODE|HOST|HOSTNAME|SERVER|IP|IPADDRESS|VERSION|TAG|COMMIT|CONTAINER|SERVICE|"
    r"DEPLOYMENT|DATABASE|DBNAME|USERNAME|BUCKET|REGION|CLUSTER|REPLICAS?|INSTANCE|FILENAME|PATH|NUMBER|NAME|ID|UUID|"
    r"DOMAIN|TOPIC|QUEUE|[A-Z]+(?:[_-][A-Z]+)*[_-](?:ID|NAME|IP|VERSION|TAG|HASH|SHA|HOST|NUMBER|ADDRESS|UUID|ARN|PATH|"
    r"URL|PORT))(?=[\s/,@]|:(?!\.)|$)"
)
_SQL_FIRST = re.compile(
    r"\s*\(?\s*(?:select|with|insert|update|delete|create|alter|drop|show|explain|vacuum|analyze|grant|set|reindex|restore|backup|use)\b",
    re.IGNORECASE,
)
_SEARCH = re.compile(
    r"^\s*(grep|egrep|rg|awk|sed|ag)\b|\|\s*(grep|egrep|rg|awk|sed)\b|\b(printenv|unset)\s|custom-columns"
)
_SEARCHING = re.compile(r"\b(?:[ef]?grep|rg|ag|ack)\b")
_TO_DO = re.compile(r"\b(?:TODO|FIXME|TBD)\b")
_DATE_FORMAT = re.compile(
    r"\bto_(?:char|date|timestamp)\s?\([^()']{0,200}(?:\([^()]{0,100}\))?[^()']{0,100}'[^']*'", re.IGNORECASE
)
_REDIS = re.compile(r"\b(?:redis|valkey|keydb)-cli\b")
_REDIS_WORDS = frozenset({"CLUSTER", "ID", "NODE"})
_SHOUTED = re.compile(r"'(?P<what>(?:USER|CUSTOMER|ORDER|ACCOUNT|TENANT|CLIENT)_(?:ID|NAME|EMAIL|ADDRESS|KEY|NUMBER))'")
_NOTHING_QUOTED = re.compile(r"(?:'|\")\s*(?:\.\.\.|…)\s*(?:'|\")")
_ELLIPSIS = re.compile(r"=[\w-]*(?:\.\.\.|…)(?=\s|$)|(?:^|\s)(?:\.\.\.|…)(?=[\s/]|$)|<\.\.\.>|\[\.\.\.\]")


@lru_cache(maxsize=2048)
def placeholder_in(text: str, *, sql: bool = False) -> str | None:
    """Give the first placeholder of a command as written, or None when it is fully bound; `sql`: it is a statement."""
    text = _DATE_FORMAT.sub("to_char(1)", text)
    if _SEARCHING.search(text):
        text = _TO_DO.sub(lambda m: "q" * len(m[0]), text)
    sql = sql or _SQL_FIRST.match(text) is not None
    found = _ANYWHERE.search(text) or ANGLE.search(text) or _moustache(text)
    if found:
        return found[0].strip()
    if _SQL_TEXT.search(text):
        call = next((m[1] for m in _SQL_CALL.finditer(text) if m[1] not in _SQL_WORDS), None)
        literal = _LITERAL.search(text) or _SHOUTED.search(text)
        if call or literal:
            return call or (literal["what"] if literal else None)
    if _NOTHING_QUOTED.search(text):
        return "..."
    bare = _QUOTED.sub(lambda m: "q" * len(m[0]), text)
    if sql and not re.search(r"\bdeclare\b|:=|\bprepare\b", text, re.IGNORECASE):
        found = _PARAMETER.search(bare)
        if found:
            return found[0]
    found = _ELLIPSIS.search(bare) or _BRACKET.search(bare) or _LOWER_BRACKET.search(bare) or _BRACE.search(bare)
    if not found and not sql and not _SEARCH.search(text):
        found = _BRACKET.search(text) or _noun(bare) or _GENERIC.search(bare)
    return found[0].strip() if found else None


def _noun(bare: str) -> re.Match[str] | None:
    """Give the first noun in capitals; to Redis some are words of its own."""
    own = _REDIS_WORDS if _REDIS.search(bare) else frozenset[str]()
    return next((found for found in _NOUN.finditer(bare) if found[0] not in own), None)


def _moustache(text: str) -> re.Match[str] | None:
    """Give the first `{{name}}` that is no code of a Go template; such code stands in quotes."""
    bare = _QUOTED.sub(lambda m: "q" * len(m[0]), text)
    found = next((one for one in _MOUSTACHE.finditer(bare) if _is_named(one)), None)
    if found or _GO.search(text):
        return found
    return next((one for one in _MOUSTACHE.finditer(text) if _is_named(one)), None)


def _is_named(found: re.Match[str]) -> bool:
    return bool(found["inside"].strip(" \t\n-"))


def placeholder_in_prose(text: str) -> str | None:
    """Give the first placeholder of a contact or another value in running text, or None."""
    found = (
        _ANYWHERE.search(text)
        or ANGLE.search(text)
        or _MOUSTACHE.search(text)
        or re.search(r"(?<!\w)\[[A-Za-z][^\]]*\](?![(\[])", text)
    )
    return found[0] if found else None


def is_bare(text: str, blank: str) -> bool:
    """Tell whether a placeholder stands outside quotes, where a shell acts on it."""
    return blank in _QUOTED.sub(lambda m: "q" * len(m[0]), text)
