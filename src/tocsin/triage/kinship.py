"""Which words of an alert are relatives of the document's own: "eviction" and "evicted", "late" and "delayed".

The topics know what most systems have in common; a document about pumps or parcels has its own subjects, and only these
relations between ordinary words to compare them by.
"""

from functools import lru_cache

from tocsin.triage.words import stem

# Words that begin with the same so many letters are of one family.
PREFIX = 6
# What is left of a word without its ending has at least so many letters.
ROOT = 4
_ENDINGS = (
    "ization", "isation", "ations", "ation", "ition", "ions", "ion", "ments", "ment", "ness", "ance", "ence", "ity",
    "ure", "ive", "able", "ible", "al", "ly", "y",
)  # fmt: skip
# Ordinary words that monitors and people use for each other, whatever the system. Each word may stand in one line.
# The first of them are trouble in themselves.
_TROUBLE = """
late delay delayed lag lagging behind stale outdated overdue old slow latency belated
offline unreachable down dead disappear vanish vanished gone absent disconnected disconnect lost missing unavailable
unresponsive grey dark
stop stopped halt halted stuck hang hung frozen stall stalled pause paused suspended
reject refuse refused deny denied decline declined bounce invalid incompatible forbidden conflict
fail error broken unsuccessful abort aborted crash exception red
duplicate duplicated duplication double doubled twice repeated
empty null missing blank void
full exhausted saturated saturation exceeded overflow
expire expired expiry expiration lapse lapsed
backlog pile pending outstanding buildup
unknown unregistered unrecognized unrecognised unexpected foreign rogue strange unlisted
evict evicted eviction purged
restart reboot crashloop looping
drop fall decrease decline sink dip plunge
skew drift deviation
wrong incorrect corrupt corrupted garbled bad
leak leaking spill burst ruptured flooded wet
jam jammed clogged blocked
torn loose cracked damaged
overheated overheating melting smoke smell burning
outofsync unsynced unsynchronized unsynchronised
""".strip().splitlines()
_ORDINARY = """
full capacity quota space room headroom
queue queued backlog pile pending waiting depth line
free left available remaining remain unused spare
skew drift offset
scan sweep probe
grow rise climb increase spike surge jump soar rising double doubled triple tripled explode
idle suspended nothing
phone handset smartphone pager
record event row message entry document
finish finished complete completed done
change changed switch altered modified
fresh current recent
login signin logon authentication auth authenticate
money charge payment pay paid card purchase bill billing invoice checkout
bill cost spend spending expense budget invoice
customer client shopper user buyer visitor player guest member patron subscriber
worker executor
consumer listener subscriber
certificate cert tls ssl x509 https insecure private
database db postgres postgresql mysql mariadb mongo mongodb sql psql rds aurora sqlite oracle
disk filesystem volume partition storage mount platte drive
memory heap ram oom
deliver delivered arrive arrived receive received reach send sent
publish release rollout deploy deployment version ship shipped
network vlan lan subnet
picture image photo thumbnail screen video frame
sound audio music voice
dark black blank
stop stutter stuttering freeze buffer buffering rebuffer rebuffering stall
mail email mails letter
job task run dag pipeline workflow
wifi wlan wireless
laptop notebook computer pc device client
address ip
snapshot backup dump restore
evict evicted eviction kick kicked throw thrown
external provider vendor partner upstream gateway supplier processor acquirer
bank payment card
stripe paypal adyen braintree klarna mollie worldpay payment provider gateway
decline declined refuse refused reject rejected honor
scanner reader scan read
parcel package article item product sku
warm hot heat temperature overheating
cold freezer fridge refrigerator chilled cooling
door gate
battery charge charger charging power
old age stale outdated yesterday
lag behind late
redis cache
sentry rollbar bugsnag honeybadger raygun airbrake
lock locks locked
ratelimit throttle throttled throttling limit 429
name dns resolve resolver hostname nameserver
route routing bgp peer uplink internet
password credential login
lab laboratory
archive pacs store storage
tunnel vpn ipsec ike
search query lookup find
latency slow delay
answer reply respond response
report reporting figure dashboard statistics
member membership account access
signal feed input
country abroad foreign geo
""".strip().splitlines()


def _families() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for number, line in enumerate((*_TROUBLE, *_ORDINARY)):
        for one in dict.fromkeys(stem(word) for word in line.split()):
            found.setdefault(one, []).append(f"={number}")
    return {one: tuple(numbers) for one, numbers in found.items()}


_FAMILY_OF = _families()


@lru_cache(maxsize=20_000)
def relations(one: str) -> tuple[str, ...]:
    """Give what a stem has in common with its relatives: its root, its beginning and the families it belongs to."""
    return (*roots(one), *_FAMILY_OF.get(one, ()))


@lru_cache(maxsize=20_000)
def roots(one: str) -> tuple[str, ...]:
    """Give what a stem has in common with the other forms of its word: its root and its beginning."""
    return (f"~{_root(one)}", f"^{one[:PREFIX]}") if len(one) >= PREFIX else (f"~{_root(one)}",)


def _root(one: str) -> str:
    for ending in _ENDINGS:
        if one.endswith(ending) and len(one) - len(ending) >= ROOT:
            return one[: -len(ending)]
    return one


def is_trouble(one: str) -> bool:
    """Whether a stem is one of the ordinary words for trouble."""
    return any(int(family[1:]) < len(_TROUBLE) for family in _FAMILY_OF.get(one, ()))
