"""What an alert speaks of: topics, in words or in numbers that need no threshold."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tocsin.triage.beside import PART
from tocsin.triage.numerals import legible
from tocsin.triage.proportions import crowds, few_senders
from tocsin.triage.reading import WHOLE, Reading
from tocsin.triage.reading_terms import BREAKING
from tocsin.triage.sought import Sought
from tocsin.triage.standing import fended_off
from tocsin.triage.statement import Statement
from tocsin.triage.topics import BY_NAME, STRONG, WEAK, Hit, has_family, hits
from tocsin.triage.words import listed, lowered, plain, words

# How telling a place of the alert is.
SUMMARY, REST, ORIGIN = 1.0, 0.75, 0.3
# A stated cause beats the symptom it shows itself by, and "nothing answers" the errors that come with it.
# Trouble no entry is about has to be as plain as that.
WEIGHT = {"cause": 1.5, "outage": 1.25, "symptom": 1.0}
# One plain phrase says most of it, more say a little more.
ONE_PHRASE = 0.7
HINTS_AT_MOST = 0.42
# Data taken at this many times the usual amount is unusual by any measure.
FAR_BEYOND_USUAL = 10
# Memory is meant to be used; from this share (percent) of its limit on it is trouble.
NEARLY_FULL_MEMORY = 90
# So much less than usual is a fall of its own.
FAR_BELOW_USUAL = 0.5
ROOMY = 80
# A memory that is filled so far and neither grows nor kills anything is in use, and not short.
ROOMY_MEMORY = 90
NEARLY_FULL_DISK = 80
# Whoever names so many requests a second means that they are too many.
FLOOD_PER_SECOND = 3000
# A pool is short of connections from this share (percent) in use.
NEARLY_EMPTY_POOL = 95
ROOM_LEFT = "room left"
FENDED_OFF = "fended off"
# Who only passes on what it sees in others: "Kibana alert: ...".
_MESSENGER = re.compile(
    r"\W*(?:graylog|kibana|loki|mimir|jaeger|tempo|consul|opensearch)\s(?:alert\w*|rule|trigger|check)\s?:",
    re.IGNORECASE,
)
# How threat detectors name a finding: what for, against what, by which means.
_FINDING = re.compile(
    r"\b(?:Backdoor|Behavior|CryptoCurrency|CredentialAccess|DefenseEvasion|Discovery|Execution|Exfiltration|Impact|"
    r"InitialAccess|PenTest|Persistence|Policy|PrivilegeEscalation|Stealth|Trojan|UnauthorizedAccess):[A-Z]\w*/[A-Z][\w.!&]*"
)
# "Tenant A reads the invoices of tenant B."
_ANOTHERS = Sought(
    r"\b(?P<who>customer|user|client|tenant|account|company)\s(?P<one>\w+)\b[^.\n]{0,60}?\b(?:sees?|saw|reads?|opens?|gets?|got|views?)\b"
    r"[^.\n]{0,60}?\b(?P=who)\s(?!(?P=one)\b)\w+"
)
_RATE_NAME = re.compile(r"[rqp]ps|rpm")
_PER = frozenset(
    {"per", "a", "an", "each", "every", "s", "sec", "pro", "je", "par", "por", "al", "alla", "second", "rate", "rates"}
)
# What calls and times are called, and nothing of how many there are.
_NAMES_OF_RATES = listed(
    "request requests req reqs call calls hit hits query queries connection connections packet packets visit visits "
    "per a an each every rate rates traffic second seconds sec s minute minutes min m hour h "
    "anfragen anfrage pro je sekunde minute stunde requetes requete par seconde peticiones peticion solicitudes por "
    "segundo minuto requisicoes requisicao pedidos richieste al secondo alla verzoeken zapytan"
)
_USUAL = frozenset({"usual", "normal", "expected", "previous", "last", "typical", "home", "known"})
_WHENCE = frozenset({"country", "city", "region", "location", "ip", "asn", "device", "continent"})
# "Memory > 80%" is the limit that was passed, and how far nobody says.
AT_LEAST = re.compile(r"\W*(?:above|over|more\s+than|exceed)|>", re.IGNORECASE)
_BROKE = re.compile(
    r"oom|(?<!\bno )(?<!\b0 )kill|out of|crash|exceed|(?<!\bno )(?<!without )(?<!\bno memory )leak|(?<!\bno )swap|grow"
    r"|climb|ris(?:es|ing)|increas"
)
_CLAUSE = re.compile(r"[,;()\n]|\.\s")
# Against the most there may be, nothing is less than usual.
_AT_MOST = re.compile(r"max|limit|quota|capacity|p9\d", re.IGNORECASE)
_MANY = Sought(
    r"""
    \b(?:above|too\s(?:high|many|much)|high|huge|enormous|massive|many|unusual\w*|abnormal\w*|anomal\w*|double[ds]?|tripled?|quadrupled?|exceed\w*
    |explo\w+|jump\w*|ris(?:e|es|ing)|rose|climb\w*|soar\w*|surg\w+|spik\w+|grow\w*|grew|increas\w*|excessive|record|instead\sof|usual
    |(?:over|past)\s(?:the\s|its\s)?limit|\w*tausende?n?|thousands|milliers|miles|migliaia|milhares|mill?i\w+)\b|\d{5}|\d,\d{3}|\d\s?[km]\b|\de\d
    """
)
# What may be said of anything: a spike of sign-ins, an attack on a directory.
_OF_ANYTHING = frozenset({"spike", "spikes", "surge", "surges", "attack", "attacks"})
# What is left of errors beside an outage, or of an outage of which only a part is meant.
OVERSHADOWED = 0.8
_PARTLY = Sought(
    r"""\b(?:some|sometimes|intermittent\w*|partly|partial\w*|part\sof|portion|occasional\w*|sporadic\w*|random\w*
    |others?\s(?:work|ok|fine|go)|the\srest|rest\s(?:is\s|are\s)?(?:fine|ok)|retry|retries|second\stry|try\sagain|not\sall
    |not\severy|most\s(?:calls|requests|of)|half\sof|a\sfew|several|flaky|now\sand\sthen|on\sand\soff|from\stime\sto\stime
    |every\s(?:\w+th|other)|one\s(?:of|in)|another|einige|manche|teilweise|ein\steil|hin\sund\swieder|gelegentlich|une\sfois\ssur|un[ao]?\s(?:de\scada|em\scada)|una?\s(?:\w+\s)?su\s\w+|jede[rsmn]?\s\w+te[rsn]?|ein\w*\svon|co\s\w+(?:te|ty|ta)|kazd\w\s\w+ty|var\s\w+(?:de|te)|кажд\w+\s\w+т\w+|a\ssubset|subset\sof|een\sdeel|af\sen\stoe|czesc|czasem|nektere|obcas|vissa|ibland|bazi|bazen|деяк\w+|частина|інколи|parfois|certain\w*|algun\w+|a\sveces|as\svezes
    |alcun\w+|sommige|niektor\w+|некотор\w+|часть|иногда)\b"""
)


# How often attempts succeeded; strangers make them.
_OUTCOME = re.compile(r"success\w*|accept\w*")
_BY_STRANGERS = Sought(
    r"\b(?:brute|bruteforc\w*|spray\w*|fail2ban|banned|botnet|bots|guess\w*|invalid\suser|failed\s(?:password|logins?)"
    r"|(?:login|authentication)\sfailed\sfor\suser)\b"
)
# Nobody is at home, and not only busy.
_NOT_THERE = Sought(
    r"\b(?:refused|econnrefused|unreachable|(?:can(?:no|')t|could\snot|unable\sto|failed\sto)\s(?:connect|reach|resolve|initialize)"
    r"|closed\sthe\sconnection|terminated\sabnormally|name\sor\sservice\snot\sknown|starting\sup|shutting\sdown)\b"
)
_STATUS = re.compile(r"(?:http\W{0,3})?(?:status\W{0,3})?(?:code\W{0,3})?5\d\d", re.IGNORECASE)
_SHORT_OF = Sought(
    r"\b(?:too\smany|exhausted|pool\stimeout|tim(?:e|ed|es|ing)\s?outs?|locks?|locked|deadlock\w*|slots|max_?connections|waiting|limit|slow)\b"
)


class Evidence(NamedTuple):
    """How surely (0..1) the alert speaks of a topic, its plainest words for it, and whether it calls it the cause."""

    strength: float
    quote: str
    caused: bool = False


def evidence(said: Statement, numbers: tuple[Reading, ...]) -> dict[str, Evidence]:
    """Give the topics the alert speaks of, in words or in numbers that need no threshold."""
    found = _spoken(said, numbers)
    if (
        "memory" in found
        and (enough := _room_left(numbers))
        and not _plain(found, "down")
        and not _BROKE.search(lowered(said.text))
    ):
        del found["memory"]
        found[ROOM_LEFT] = Evidence(1.0, enough)
    if "flood" in found and found["flood"].strength <= ONE_PHRASE and few_senders(said.text):
        del found["flood"]
    if "flood" in found and (
        _of_something_else(found["flood"], said.text, numbers) or _of_failures(found["flood"], numbers)
    ):
        del found["flood"]
    alive = {bool(reading.value) for reading in numbers if reading.kind == "alive"}
    if alive == {True}:
        found.pop("down", None)
    if {"cpu", "database"} <= found.keys():
        # The load of a database's machine is the database's.
        cpu, database = found.pop("cpu"), found["database"]
        joined = 1 - (1 - cpu.strength) * (1 - database.strength)
        found["database"] = database._replace(strength=joined, quote=max(cpu, database).quote)
    rows = [reading.value for reading in numbers if reading.kind == "rows" and reading.unit == "x"]
    if rows and max(rows) < FAR_BEYOND_USUAL and not _plainly(found, "breach"):
        found.pop("breach", None)
    if any(reading.kind == "pool" and reading.value < ROOMY for reading in numbers):
        found.pop("database", None)
    _weigh_outage(found, numbers, said.text)
    _leave_out_attempts(found, said.text)
    _leave_out_falls(found, numbers)
    return found


def _leave_out_falls(found: dict[str, Evidence], numbers: tuple[Reading, ...]) -> None:
    """Take what became less for no rise of it: "from 300 to 9 rps" is no flood, and may be far too little."""
    for kind, topic in (("requests", "flood"), ("errors", "errors")):
        times = [one for one in numbers if one.kind == kind and one.unit == "x" and not _AT_MOST.search(one.quote)]
        if not times or any(reading.value >= 1 for reading in times):
            continue
        if all(reading.kind != kind or reading.unit == "x" or not _speaks(reading) for reading in numbers):
            found.pop(topic, None)
        least = min(times, key=lambda reading: reading.value)
        if kind == "requests" and least.value <= FAR_BELOW_USUAL:
            found["ebb"] = _joined(found.get("ebb"), Hit("ebb", STRONG, least.quote), SUMMARY)


def _speaks(reading: Reading) -> bool:
    """Whether a number speaks of trouble by itself, or is a share that fails."""
    return bool(_in_numbers((reading,))) or (reading.kind == "errors" and reading.value > 0)


def _only_counts(quote: str) -> bool:
    """Whether words only name a rate, with a number or without: "requests per second", "60 rps" may be few or many."""
    there = [word.text.lower() for word in words(quote) if not word.text[0].isdigit()]
    named = [word for word in there if _RATE_NAME.fullmatch(word)]
    return bool(named or not _PER.isdisjoint(there)) and _NAMES_OF_RATES.union(named).issuperset(there)


def _says_many(quote: str, text: str) -> bool:
    """Whether the clause that has these words says that they are many: "requests per second far above normal"."""
    return any(_MANY.is_in(clause) for clause in _CLAUSE.split(legible(text)) if quote.lower() in clause)


def _of_something_else(flood: Evidence, text: str, numbers: tuple[Reading, ...]) -> bool:
    """Whether all that speaks of a flood is that something rises or is attacked, and no traffic is named."""
    return (
        flood.strength <= WEAK * ONE_PHRASE
        and flood.quote.lower() in _OF_ANYTHING
        and not has_family(text, "@traffic")
        and all(reading.kind != "requests" for reading in numbers)
    )


def _of_failures(flood: Evidence, numbers: tuple[Reading, ...]) -> bool:
    """Whether what rises are failures: "a spike of failed requests"."""
    said = {part for word in words(flood.quote) for part in (word.stem, word.text.lower())}
    risen = has_family(flood.quote, "@excess") and not said.isdisjoint(BREAKING)
    return risen and all(reading.kind != "requests" for reading in numbers)


def _spoken(said: Statement, numbers: tuple[Reading, ...]) -> dict[str, Evidence]:
    """Give what the alert's words speak of, and its numbers."""
    found: dict[str, Evidence] = {}
    for text, place in ((said.summary, SUMMARY), (said.rest, REST), (said.origin, ORIGIN)):
        for hit in hits(text):
            if hit.topic == PART and _MESSENGER.match(text, 0):
                continue
            if hit.topic == "flood" and _only_counts(hit.quote) and not _says_many(hit.quote, text):
                continue
            found[hit.topic] = _joined(found.get(hit.topic), hit, place)
    if finding := _FINDING.search(said.text):
        found["breach"] = _joined(found.get("breach"), Hit("breach", STRONG, finding[0]), SUMMARY)
    if anothers := _ANOTHERS.search(lowered(said.text)):
        found["breach"] = _joined(found.get("breach"), Hit("breach", STRONG, anothers[0]), SUMMARY)
    if unlike := _unlike_usual(said.named):
        found["breach"] = _joined(found.get("breach"), Hit("breach", STRONG, unlike), SUMMARY)
    if "breach" not in found and (crowd := crowds(said.text)):
        found["flood"] = _joined(found.get("flood"), Hit("flood", STRONG, crowd[0]), SUMMARY)
    for topic, quote in _in_numbers(numbers):
        found[topic] = _joined(found.get(topic), Hit(topic, STRONG, quote), SUMMARY)
    return found


def _unlike_usual(named: Mapping[str, str]) -> str | None:
    """Give the details that say that somebody comes from elsewhere than usual: `country` and `usual_country`."""
    for key, usual in named.items():
        before, _, what = key.partition("_")
        here = named.get(what) if before in _USUAL and what in _WHENCE else None
        if here and here.strip().lower() != usual.strip().lower():
            return f"{what}: {here}, {key}: {usual}"
    return None


def _leave_out_attempts(found: dict[str, Evidence], text: str) -> None:
    """Take attempts that got nowhere for what they are; that none succeeds is no outage."""
    outage = "down" in found and _OUTCOME.match(lowered(found["down"].quote)) is not None
    fended = fended_off(text) if outage or "breach" in found else None
    if outage and fended is None and _BY_STRANGERS.is_in(lowered(text)):
        del found["down"]
    if fended is None:
        return
    if outage:
        del found["down"]
    if "breach" in found:
        breach = found.pop("breach")
        found[FENDED_OFF] = Evidence(max(breach.strength, HINTS_AT_MOST), fended)
        if not _plain(found, "flood"):
            found.pop("flood", None)


def _plainly(found: dict[str, Evidence], name: str) -> bool:
    """Whether a topic is spoken of by more than one plain phrase."""
    return name in found and found[name].strength > ONE_PHRASE


def _plain(found: dict[str, Evidence], name: str) -> bool:
    """Whether a topic is spoken of by more than hints."""
    return name in found and found[name].strength > HINTS_AT_MOST


def _weigh_outage(found: dict[str, Evidence], numbers: tuple[Reading, ...], text: str) -> None:
    """Let an outage outweigh the errors it shows itself by, unless the alert says that only a part fails.

    A database that does not answer at all is no slow one.
    """
    if found.keys() >= {"down", "database"} and _NOT_THERE.is_in(lowered(text)) and not _SHORT_OF.is_in(lowered(text)):
        del found["database"]
    if _plain(found, "down") and "slow" in found:
        found["slow"] = found["slow"]._replace(strength=found["slow"].strength * OVERSHADOWED)
    if not {"down", "errors"} <= found.keys():
        return
    partly = is_partial(text) or any(reading.kind == "errors" for reading in numbers)
    less = "down" if partly else "errors"
    found[less] = found[less]._replace(strength=found[less].strength * OVERSHADOWED)
    if less == "errors" and _STATUS.fullmatch(found["errors"].quote):
        # "Monitor is down, reason: HTTP 502": that is how it shows.
        found["errors"] = found["errors"]._replace(caused=False)


def is_partial(text: str) -> bool:
    """Whether a text says that only some of it is meant."""
    return _PARTLY.is_in(lowered(plain(text)))


def _in_numbers(numbers: tuple[Reading, ...]) -> list[tuple[str, str]]:
    """Give the topics that numbers speak of by themselves."""
    found = []
    for reading in numbers:
        if reading.kind == "alive" and reading.value == 0:
            found.append(("down", reading.quote))
        elif reading.kind == "errors" and reading.unit == "x" and reading.value >= FAR_BEYOND_USUAL:
            found.append(("errors", reading.quote))
        elif reading.kind == "rows" and reading.value >= FAR_BEYOND_USUAL:
            found.append(("breach", reading.quote))
        elif reading.kind == "pool" and NEARLY_EMPTY_POOL <= reading.value <= WHOLE:
            found.append(("database", reading.quote))
        elif reading.kind == "requests" and reading.unit == "/s" and reading.value >= FLOOD_PER_SECOND:
            found.append(("flood", reading.quote))
        elif reading.kind == "disk" and NEARLY_FULL_DISK <= reading.value <= WHOLE:
            found.append(("disk", reading.quote))
        elif reading.kind == "memory" and NEARLY_FULL_MEMORY <= reading.value <= WHOLE:
            found.append(("memory", reading.quote))
    return found


def _room_left(numbers: tuple[Reading, ...]) -> str | None:
    """Give the number that says that memory is not short, unless another says that it is."""
    used = [reading for reading in numbers if reading.kind == "memory" and not AT_LEAST.match(reading.quote)]
    fullest = max(used, key=lambda reading: reading.value, default=None)
    return fullest.quote if fullest and fullest.value < ROOMY_MEMORY else None


def _joined(known: Evidence | None, hit: Hit, place: float) -> Evidence:
    """Give the evidence with one more hit; hints together never say as much as one plain phrase."""
    strength = ONE_PHRASE * hit.strength * place
    if known is None:
        return Evidence(strength, hit.quote, hit.caused)
    quote = known.quote if known.strength >= strength else hit.quote
    joined = 1 - (1 - known.strength) * (1 - strength)
    if hit.strength <= WEAK and known.strength <= HINTS_AT_MOST:
        joined = min(joined, HINTS_AT_MOST)
    return Evidence(joined, quote, known.caused or hit.caused)


def topic_weight(name: str) -> float:
    """Give how much a topic counts."""
    return WEIGHT[BY_NAME[name].kind]
