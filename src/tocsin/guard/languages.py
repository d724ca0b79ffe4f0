"""Small languages inside commands: awk, sed, jq, the shell of MongoDB. What is not known to read counts as a change."""

from tocsin.guard.calls import Word
from tocsin.guard.judgement import Effect, unclear
from tocsin.guard.patterns import pattern, words_of
from tocsin.guard.values import removes, written

_AWK_STARTS = pattern(r"system\s*\(|\|\s*&?\s*[\"'\w$(]|[\"'\w)]\s*\|\s*&?\s*getline|@load|@include|@[a-z_]+\s*\(")
_AWK_WRITES = pattern(r"print[^;}>\n]*>>? ?(\"[^\"]*\"|[^;}\n]*)")
_AWK_TEXT = pattern(r'"(?:\\.|[^"\\])*"|/(?:\\.|[^/\\\n])+/')
_AWK_LOOPS = pattern(r"\b(?:while|do)\b|\bfor\s*\([^();]*;")
_AWK_ENVIRONMENT = pattern(r"\bENVIRON\b")
_JQ_FAR = pattern(
    r"\b(?:str)?env(?:subst)?\b|\bload\w*|\$ENV|\bimport\b|\binclude\b|\binput_filename\b|\bget_search_list\b|\bmodulemeta\b|\binput(?:s)?_line"
)
_SED_PLACE = r"(?:[0-9]{1,9}|\$|/(?:\\.|[^/\\\n])*/I?)"
_SED_PLACES = rf"(?:{_SED_PLACE}(?:,(?:[+~][0-9]{{1,9}}|{_SED_PLACE}))?)? ?!? ?"
_SED_QUIET = pattern(rf"{_SED_PLACES}(?:[pdDPqQ=lnNgGhHx]|[qQ][0-9]{{1,3}})")
_SED_STARTS = pattern(rf"{_SED_PLACES}e(?:\s.*)?")
_SED_CHANGED = pattern(rf"{_SED_PLACES}(?:s(?P<a>[/|#,:@%!_~])(?P<rest>[\s\S]*)|y/[^/\\\n]*/[^/\\\n]*/)")
_SED_FLAGS = pattern(r"[gpiIm0-9]*")
_SED_WRITES = pattern(r"\s*[wW]\s*(\S.*)")
_SED_DELETES = pattern(r"(?:^|[;{/$0-9!\s])d\s*(?:$|[;}])")
_MONGO_CALL = pattern(r"([A-Za-z_$][\w$]*)\s*\(")
_MONGO_READS = words_of("""
    find findOne count countDocuments estimatedDocumentCount distinct limit skip sort pretty toArray forEach map
    explain getCollectionNames getCollectionInfos getName stats serverStatus dbStats hostInfo currentOp getIndexes
    status printReplicationInfo printSecondaryReplicationInfo conf isMaster hello getSiblingDB getCollection
    storageSize totalSize totalIndexSize dataSize aggregate itcount hasNext next size print printjson tojson JSON
    ObjectId ISODate NumberLong getMongo getProfilingStatus getReplicationInfo latencyStats version serverBuildInfo
    listCommands projection hint maxTimeMS readPref comment getLastError getDBNames adminCommand runCommand Date
    stringify toString getUsers getRoles function if for while
""")
_MONGO_FAR = pattern(r"\b(?:eval|load|run|exec|require|process|passwordPrompt|import|globalThis|this)\b")
_MONGO_HIDDEN = pattern(
    r"[\\`+]|(?<=[\w)\]])\s?\[(?! ?-?[0-9]{1,6} ?\])|\{\s?\[|,\s?\[[^\]]*\]\s?:"
    r"|\b(?:forEach|map|filter|sort|then|reduce|some|every)\s?\(\s?(?:db|rs|sh|quit|load|eval|[a-z_$][\w$]*\s?[.)])(?<!printjson\))(?<!print\))"
)
"""Code whose calls cannot all be seen: coded letters, names put together, methods that are given away."""
_MONGO_COMMAND = pattern(r"(?:adminCommand|runCommand)\s*\(\s*(?:\{\s*[\"']?(\w+)|[\"'](\w+))")
_MONGO_ASKS = words_of("""
    ping serverstatus currentop dbstats collstats replsetgetstatus replsetgetconfig hello ismaster buildinfo
    hostinfo listdatabases listcollections listindexes getparameter connpoolstats getlog top count distinct find
""")
_MONGO_REMOVES = pattern(
    r"[.\[\"']\s?(?:delete(?:One|Many)|remove|removeUser|removeShard|drop|drop(?:Database|Index|Indexes|User|AllUsers|Role"
    r"|AllRoles|Connections)|bulkWrite|shutdownServer|killOp|killSessions|renameCollection|findOneAndDelete"
    r"|findAndModify)\b|\$out\b|Command\s?\(\s?\{?\s?[\"']?(?:drop\w*|delete|shutdown|kill\w*|renameCollection)\b"
)
_MONGO_CHANGES = pattern(
    r"\.\s?(?:insert(?:One|Many)?|update(?:One|Many)?|replaceOne|save|findOneAnd(?:Update|Replace)|create\w+|stepDown"
    r"|freeze|reconfig|initiate|setProfilingLevel|reIndex|fsyncLock|fsyncUnlock|grant\w+|revoke\w+|hideIndex|unhideIndex"
    r"|enableSharding|shardCollection|startBalancer|stopBalancer|setSecondaryOk)\s?\(|\$merge\b"
)
_MONGO_SECRETS = pattern(r"showCredentials|system\.users")
_MONGO_INSIDE = pattern(r"\$where\b|\$function\b|\$accumulator\b|\b(?:for|while)\s?\(")
LIMIT = 4096


def awk(word: Word) -> Effect:
    """Give what an awk program does: it may start programs and write files."""
    text = word.shell
    if len(text) > LIMIT or not word.fixed:
        return unclear("it runs an awk program that is not known before", "opaque")
    bare = _AWK_TEXT.sub('""', text)
    if _AWK_STARTS.search(bare) or "|" in bare.replace("||", ""):
        return unclear("its awk program starts another program", "opaque",
                       risk="destructive" if removes(text) else "change")  # fmt: skip
    target = _AWK_WRITES.search(text) if ">" in bare and "print" in bare else None
    if target and not _compares(bare):
        name = target[1].strip("\"' ")
        return written(Word(name, word.start, word.end))
    if _AWK_ENVIRONMENT.search(bare):
        return Effect(flags=("prints-secret",), why="its awk program reads environment variables", proven=False)
    doubt = ("its awk program may go round for ever" if _AWK_LOOPS.search(bare)
             else "its awk program reads other files" if "getline" in bare else "")  # fmt: skip
    return Effect(why=doubt, proven=not doubt)


def _compares(bare: str) -> bool:
    """Give whether every `>` stands before the first `print`, or in brackets, where it compares."""
    depth, printing = 0, False
    for place, sign in enumerate(bare):
        depth += (sign in "([") - (sign in ")]")
        if bare.startswith("print", place):
            printing = True
        elif sign in ";}\n" and depth <= 0:
            printing = False
        elif sign == ">" and printing and depth <= 0:
            return False
    return True


def sed(word: Word) -> Effect:
    """Give what a sed script does: `w` writes files and `e` starts programs."""
    text = word.text
    if len(text) > LIMIT or not word.fixed:
        return Effect(why="its sed script is not known before it runs", risk="change", proven=False)
    for part in _sed_commands(text):
        if _SED_QUIET.fullmatch(part) or not part:
            continue
        changed = _SED_CHANGED.fullmatch(part)
        if changed is None:
            if _SED_STARTS.fullmatch(part):
                return unclear("its sed script starts a program", "opaque")
            return unclear("what its sed script does is not understood")
        found = _sed_flags(changed["a"], changed["rest"]) if changed["a"] else Effect()
        if not found.proven:
            return found
    return Effect()


def _sed_commands(text: str) -> list[str]:
    """Give the commands of a script; a separator within `s/a;b/c/` stays."""
    parts, now, sign, left, at = list[str](), "", "", 0, 0
    while at < len(text):
        here = text[at]
        if here == "\\" and at + 1 < len(text):
            now, at = now + text[at : at + 2], at + 2
            continue
        if sign:
            left -= here == sign
            sign = sign if left else ""
        elif here in "sy" and not now.strip(" \t0123456789,$!") and at + 1 < len(text):
            sign, left, now, at = text[at + 1], 2, now + text[at : at + 2], at + 2
            continue
        elif here == "/":
            sign, left = "/", 1
        elif here in ";\n{}":
            parts.append(now.strip())
            now, at = "", at + 1
            continue
        now, at = now + here, at + 1
    return [*parts, now.strip()]


def _sed_flags(sign: str, rest: str) -> Effect:
    """Give what the flags behind `s/.../.../` do."""
    fields, now, at = list[str](), "", 0
    while at < len(rest):
        if rest[at] == "\\":
            now, at = now + rest[at : at + 2], at + 2
        elif rest[at] == sign and len(fields) < 2:  # noqa: PLR2004  the pattern and what replaces it
            fields.append(now)
            now, at = "", at + 1
        else:
            now, at = now + rest[at], at + 1
    file = _SED_WRITES.fullmatch(now)
    if file:
        return written(Word(file[1], 0, 0))
    return Effect() if _SED_FLAGS.fullmatch(now.strip()) else unclear("its sed script starts a program", "opaque")


def sed_deletes(text: str) -> bool:
    """Give whether a sed script takes lines away."""
    return _SED_DELETES.search(text) is not None


def jq(word: Word) -> Effect:
    """Give what a jq filter does: it can only reach for the environment and for other files."""
    if _JQ_FAR.search(word.text):
        return Effect(flags=("prints-secret",), proven=False,
                      why="its filter can reach environment variables or other files")  # fmt: skip
    return Effect()


def js(word: Word) -> Effect:
    """Give what a program for the shell of MongoDB does: only known calls read."""
    text = word.shell
    if len(text) > LIMIT or not word.fixed:
        return unclear("it runs a program that is not known before", "opaque")
    if _MONGO_REMOVES.search(text) or _MONGO_CHANGES.search(text):
        removing = _MONGO_REMOVES.search(text) is not None
        return unclear(f"its program {'removes something from' if removing else 'changes'} the database",
                       risk="destructive" if removing else "change")  # fmt: skip
    if not _mongo_reads(text):
        return unclear("its program may change the database: not all that it calls is known to read", "opaque")
    if _MONGO_SECRETS.search(text):
        return Effect(flags=("prints-secret",), why="its program prints what users log in with", proven=False)
    doubt = "its program goes round, or carries another one" if _MONGO_INSIDE.search(text) else ""
    return Effect(why=doubt, proven=not doubt)


def _mongo_reads(text: str) -> bool:
    """Tell whether every call of a program can be seen and is known to read, and nothing is assigned."""
    asked = [(found[1] or found[2]).lower() for found in _MONGO_COMMAND.finditer(text)]
    calls = {found[1] for found in _MONGO_CALL.finditer(text)}
    if (
        not calls <= _MONGO_READS
        or not set(asked) <= _MONGO_ASKS
        or _MONGO_FAR.search(text)
        or _MONGO_HIDDEN.search(text)
    ):
        return False
    commands = sum(name in {"adminCommand", "runCommand"} for name in _MONGO_CALL.findall(text))
    return commands == len(asked) and "=" not in text.replace("=>", "").replace("==", "")


_WIRE_ENDS = pattern(r"\\r\\n|\\n|\\r|[\r\n]")
_WIRE_ASKS = pattern(
    r"stats(?: (?:items|slabs|sizes|settings|conns|cachedump [0-9]{1,9} [0-9]{1,9}))?|version|quit|q|exit|help|ping"
    r"|noop|ruok|stat|srvr|mntr|cons|conf|isro|wchs|show (?:stat|info|servers (?:state|conn)|backend|errors|sess|pools"
    r"|activity|version|threads|cache|resolvers|peers|schema json|cli sockets|cli level)(?: [\w./,-]+)*"
    r"|(?:ehlo|helo) [\w.-]+|capa|info(?: \w+)?|dbsize|list|"
)
"""What servers with lines for commands are asked without a change: memcached, ZooKeeper, HAProxy, SMTP, Redis."""
_WIRE_HTTP = pattern(r"(?:get|head|options) [\w./?&=%:,+~-]+ http/[0-9.]+")
_WIRE_HEADER = pattern(r"(?:host|connection|user-agent|accept)\s?:[^\r\n]*")


def wire(word: Word) -> Effect:
    """Give what a text does that is sent to a server line by line; only well known questions read."""
    if not word.fixed or len(word.text) > LIMIT:
        return unclear("what it sends is known only when it runs")
    lines = [part.strip() for line in _WIRE_ENDS.split(word.text) for part in line.split(";")]
    if all(_WIRE_ASKS.fullmatch(line) for line in lines):
        return Effect()
    if all(_WIRE_HTTP.fullmatch(line) or _WIRE_HEADER.fullmatch(line) or not line for line in lines):
        return Effect(why="a look at that address may do something", proven=False)
    return unclear("what it sends may change something", risk="destructive" if removes(word.text) else "change")
