"""How much an alert has in common with each entry, in words a person can check against the document."""

import math
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.runbook.policy import IncidentType
from tocsin.triage.amounts import Amount, held
from tocsin.triage.kinship import is_trouble, relations, roots
from tocsin.triage.profile import Index, Limit, Profile, Said, absent, codes, neighbours
from tocsin.triage.reading import WHOLE, Reading
from tocsin.triage.readings import TOPIC_OF, beyond
from tocsin.triage.standing import fended_off
from tocsin.triage.statement import Statement
from tocsin.triage.topics import BESIDE_NAMES, BY_NAME, STRONG, WEAK, Hit, heard, hits, is_common
from tocsin.triage.words import content, folded, lowered, words

# How telling a place of the alert is.
SUMMARY, REST, ORIGIN = 1.0, 0.75, 0.3
# A stated cause beats the symptom it shows itself by, and "nothing answers" the errors that come with it.
# Trouble no entry is about has to be as plain as that.
WEIGHT = {"cause": 1.5, "outage": 1.25, "symptom": 1.0}
# One plain phrase says most of it, more say a little more.
ONE_PHRASE = 0.7
HINTS_AT_MOST = 0.42
# What stands behind "because" or "due to".
STATED_CAUSE = 1.3
SAME_WORD = 0.26
SAME_WORDS_AT_MOST = 0.9
SAME_PAIR = 0.5
PAIRS_AT_MOST = 3
KINSHIP = 0.7
WHOLE_TITLE = 0.9
PAST_THRESHOLD = 0.85
# What is past a threshold by its kind only, of something the alert does not name.
OTHERS = 0.5
SYMPTOM_REPEATED = 0.6
MOST_OF_IT = 0.6
# Data taken at this many times the usual amount is unusual by any measure.
FAR_BEYOND_USUAL = 10
# Memory is meant to be used; from this share (percent) of its limit on it is trouble.
NEARLY_FULL_MEMORY = 90
ROOMY = 80
NEARLY_FULL_DISK = 80
# Whoever names so many requests a second means that they are too many.
FLOOD_PER_SECOND = 3000
# A pool is short of connections from this share (percent) in use.
NEARLY_EMPTY_POOL = 95
ROOM_LEFT = "room left"
FENDED_OFF = "fended off"
_BROKE = re.compile(r"oom|kill|out of|crash|exceed|leak|left|free|available|swap")
# What is left of errors beside an outage, or of an outage of which only a part is meant.
OVERSHADOWED = 0.8
_PARTLY = re.compile(
    r"""\b(?:some|sometimes|intermittent\w*|partly|partial\w*|part\sof|portion|occasional\w*|sporadic\w*|random\w*
    |others?\s(?:work|ok|fine|go)|the\srest|rest\s(?:is\s|are\s)?(?:fine|ok)|retry|retries|second\stry|try\sagain|not\sall
    |not\severy|most\s(?:calls|requests|of)|half\sof|a\sfew|several|flaky|now\sand\sthen|on\sand\soff|from\stime\sto\stime
    |every\s(?:\w+th|other)|one\s(?:of|in)|another|einige|manche|teilweise|parfois|certain\w*|algun\w+|a\sveces|as\svezes
    |alcun\w+|sommige|niektor\w+|некотор\w+|часть|иногда)\b""",
    re.VERBOSE,
)
# Where an alert speaks of no topic of an entry, the entry's own words count more.
ALONE = 1.6
# So do the words of an entry about something no topic knows: of a document of its own subject.
OF_ITS_OWN = 1.5
ANY_TROUBLE = 0.7
REASONS = 4


class Evidence(NamedTuple):
    """How surely (0..1) the alert speaks of a topic, its plainest words for it, and whether it calls it the cause."""

    strength: float
    quote: str
    caused: bool = False


class Comparison(NamedTuple):
    """One entry weighed against the alert: `against` says which of its symptoms the alert's numbers deny.

    `topics` are what the entry is about, `lead` the score it would have without its first reason,
    `plain` that something speaks of it plainly, and not only hints, `caused` that it is something that goes wrong.
    """

    entry: IncidentType
    score: float
    because: tuple[Because, ...]
    against: tuple[Because, ...]
    topics: frozenset[str]
    lead: float = 0.0
    plain: bool = True
    caused: bool = False


class Measured(NamedTuple):
    """The alert's numbers: those whose kind is known, and all of them with the words around.

    `meant` are kinds of which several entries have a limit, with the lines of those whose subject the alert names.
    """

    readings: tuple[Reading, ...]
    amounts: tuple[Amount, ...]
    meant: frozenset[tuple[str, int]] = frozenset()


class Own(NamedTuple):
    """The alert's own words by stem, which of them stand side by side, and what it says there is none of.

    `text` is all of it, folded: what it quotes of the document is found in it. `troubled` says that one of the words is
    an ordinary word for trouble, `related` what they have in common with relatives, `codes` the numbers that may name
    something. `named` are the entries whose subject is among the words, `within` the words of what is measured and
    keeps its limits: they speak for nothing.
    """

    text: str
    words: Mapping[str, str]
    neighbours: frozenset[tuple[str, str]]
    absent: dict[str, str]
    troubled: bool
    related: frozenset[str]
    codes: frozenset[str]
    named: frozenset[str] = frozenset()
    within: frozenset[str] = frozenset()

    def keeps(self, stems: Collection[str]) -> bool:
        """Whether words speak of nothing but what keeps its limits."""
        return bool(stems) and self.within.issuperset(stems)


class Trouble(NamedTuple):
    """Trouble no entry of the runbook is about."""

    topic: str
    quote: str
    score: float


def compared(said: Statement, spoken: dict[str, Evidence], measured: Measured, entries: Index) -> list[Comparison]:
    """Give every entry weighed against the alert, the topics it speaks of and its numbers, the closest first."""
    own = _meant(said)
    measured = measured._replace(meant=_limits_meant(entries, own))
    own = own._replace(
        named=frozenset(profile.entry.id for profile in entries.profiles if _is_named_by(own, profile)),
        within=_within(entries, measured),
    )
    found = [_compared(profile, entries, spoken, measured, own) for profile in entries.profiles]
    return sorted(found, key=lambda comparison: -comparison.score)


def _within(entries: Index, measured: Measured) -> frozenset[str]:
    """Give the words of the limits that the alert's numbers keep, and pass nowhere."""
    kept: set[str] = set()
    passed: set[str] = set()
    for limit in (limit for profile in entries.profiles for limit in profile.limits):
        for _, past in _held(limit, measured):
            (passed if past else kept).update(limit.subject)
    return frozenset(kept - passed)


def _is_named_by(own: Own, profile: Profile) -> bool:
    """Whether the alert names what the entry's title says is in trouble, if that is not the product itself."""
    return any(stem in own.words or not own.related.isdisjoint(relations(stem)) for stem in profile.subject)


def _limits_meant(entries: Index, own: Own) -> frozenset[tuple[str, int]]:
    """Give which of several limits of one kind the alert speaks of: the success of signing in, not that of playing."""
    limits = [limit for profile in entries.profiles for limit in profile.limits if limit.kind]
    return frozenset((limit.kind, limit.said.line) for limit in limits if limit.subject & own.words.keys())


def evidence(said: Statement, numbers: tuple[Reading, ...]) -> dict[str, Evidence]:
    """Give the topics the alert speaks of, in words or in numbers that need no threshold."""
    found: dict[str, Evidence] = {}
    for text, place in ((said.summary, SUMMARY), (said.rest, REST), (said.origin, ORIGIN)):
        for hit in hits(text):
            found[hit.topic] = _joined(found.get(hit.topic), hit, place)
    for topic, quote in _measured(numbers):
        found[topic] = _joined(found.get(topic), Hit(topic, STRONG, quote), SUMMARY)
    if (
        "memory" in found
        and (enough := _room_left(numbers))
        and "down" not in found
        and not _BROKE.search(lowered(said.text))
    ):
        del found["memory"]
        found[ROOM_LEFT] = Evidence(1.0, enough)
    alive = {bool(reading.value) for reading in numbers if reading.kind == "alive"}
    if alive == {True}:
        found.pop("down", None)
    if {"cpu", "database"} <= found.keys():
        # The load of a database's machine is the database's.
        cpu, database = found.pop("cpu"), found["database"]
        joined = 1 - (1 - cpu.strength) * (1 - database.strength)
        found["database"] = database._replace(strength=joined, quote=max(cpu, database).quote)
    if any(reading.kind == "pool" and reading.value < ROOMY for reading in numbers):
        found.pop("database", None)
    _weigh_outage(found, numbers, said.text)
    if "breach" in found and (fended := fended_off(said.text)):
        breach = found.pop("breach")
        found[FENDED_OFF] = Evidence(max(breach.strength, HINTS_AT_MOST), fended)
    return found


def _weigh_outage(found: dict[str, Evidence], numbers: tuple[Reading, ...], text: str) -> None:
    """Let an outage outweigh the errors it shows itself by, unless the alert says that only a part fails."""
    if not {"down", "errors"} <= found.keys():
        return
    partly = _PARTLY.search(lowered(text)) or any(reading.kind == "errors" for reading in numbers)
    less = "down" if partly else "errors"
    found[less] = found[less]._replace(strength=found[less].strength * OVERSHADOWED)


def _meant(said: Statement) -> Own:
    """Give the words that carry meaning, without those of what the text says is not the matter."""
    denied = {stem for text in (said.summary, said.rest) for hit in heard(text).denied for stem in content(hit.quote)}
    meant = {stem: word for stem, word in content(said.text).items() if stem not in denied}
    pairs = neighbours(said.text)
    return Own(
        folded(said.text),
        meant,
        frozenset(pair for pair in pairs if meant.keys() >= set(pair)),
        absent(said.text),
        any(map(is_trouble, meant)),
        frozenset(relation for stem in meant for relation in relations(stem)),
        codes(said.text),
    )


def other_trouble(spoken: dict[str, Evidence], entries: Index) -> Trouble | None:
    """Give the plainest trouble that no entry is about, or None."""
    troubles = [
        Trouble(topic.said, found.quote, _score(topic_weight(name) * found.strength))
        for name, found in spoken.items()
        if (topic := BY_NAME.get(name)) and name not in entries.plain_topics and not _is_named(found.quote, entries)
        # Anything may be down, slow or full of errors.
        if not is_common(name)
    ]
    if FENDED_OFF in spoken:
        fended = spoken[FENDED_OFF]
        worth = _score(WEIGHT["cause"] * fended.strength)
        troubles.append(Trouble("attempts that got nowhere", fended.quote, worth))
    return max(troubles, key=lambda trouble: trouble.score, default=None)


def _is_named(quote: str, entries: Index) -> bool:
    """Whether an entry has the very words: "nightly" is no job of somebody else where an entry is about it."""
    said = content(quote)
    return bool(said) and any(said.keys() <= profile.words.keys() for profile in entries.profiles)


def topic_weight(name: str) -> float:
    """Give how much a topic counts."""
    return WEIGHT[BY_NAME[name].kind]


def is_cause(name: str) -> bool:
    """Give whether a topic is what goes wrong, not what it shows itself by."""
    return BY_NAME[name].kind == "cause"


def _measured(numbers: tuple[Reading, ...]) -> list[tuple[str, str]]:
    """Give the topics that numbers speak of by themselves."""
    found = []
    for reading in numbers:
        if reading.kind == "alive" and reading.value == 0:
            found.append(("down", reading.quote))
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
    used = [reading for reading in numbers if reading.kind == "memory"]
    fullest = max(used, key=lambda reading: reading.value, default=None)
    return fullest.quote if fullest and fullest.value < ROOMY else None


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


def _compared(
    profile: Profile, entries: Index, spoken: dict[str, Evidence], measured: Measured, own: Own
) -> Comparison:
    proven, denied, against = _thresholds(profile, measured, spoken, own)
    if ROOM_LEFT in spoken and "memory" in profile.topics:
        denied |= {"memory"}
        said = profile.pieces["memory"][0]
        against.append(Because(f"but says “{spoken[ROOM_LEFT].quote}”, which leaves room", said.line))
    reasons: list[tuple[float, Because]] = list(proven.values())
    for name, weight in profile.topics.items():
        found = spoken.get(name)
        if found is None or name in denied or name in proven or own.keeps(content(found.quote)):
            continue
        worth = topic_weight(name) * weight * found.strength * entries.topic_rarity[name]
        worth *= STATED_CAUSE if found.caused else 1.0
        worth *= _told_by(found.quote, entries) if name in BESIDE_NAMES else 1.0
        # What anything may have is another's where the alert names another entry's subject and not this one's.
        another = is_common(name) and own.named and profile.entry.id not in own.named and profile.subject
        worth *= OTHERS if another else 1.0
        reasons.append((worth, _says(found.quote, profile.pieces[name])))
    repeated = [] if denied else _repeated(profile, entries, own)
    # Where an alert speaks of no topic of an entry, the entry's own words are all there is to go by.
    alone = profile.plainly.isdisjoint(spoken)
    shared = [*_same_words(profile, entries, own, denied, alone=alone), *repeated]
    if alone:
        shared = [(worth * ALONE, why) for worth, why in shared]
    said_plainly = any(spoken[name].strength > HINTS_AT_MOST for name in profile.topics if name in spoken)
    plain = bool(proven) or said_plainly or own.troubled or bool(repeated)
    reasons += shared
    reasons.sort(key=lambda reason: -reason[0])
    total = sum(worth for worth, _ in reasons)
    lead = _score(total - reasons[0][0]) if reasons else 0.0
    # One reason for each line of the document, the weightiest.
    by_line = {why.line: why for _, why in reversed(reasons)}
    because = tuple(why for _, why in reasons if by_line[why.line] is why)[:REASONS]
    return Comparison(
        profile.entry,
        _score(total),
        because,
        tuple(against),
        frozenset(profile.topics),
        lead,
        plain,
        any(spoken[name].strength > HINTS_AT_MOST and is_cause(name) for name in profile.topics if name in spoken),
    )


def _told_by(quote: str, entries: Index) -> float:
    """Give how telling (0..1) words are in this document: "payment" tells little where every entry is of payments."""
    return max((entries.word_rarity.get(stem, 1.0) for stem in content(quote)), default=1.0)


def _thresholds(
    profile: Profile, measured: Measured, spoken: dict[str, Evidence], own: Own
) -> tuple[dict[str, tuple[float, Because]], set[str], list[Because]]:
    """Give the topics the alert's numbers prove, those they deny, and what to say of the latter."""
    proven: dict[str, tuple[float, Because]] = {}
    denied: dict[str, Because] = {}
    for limit in profile.limits:
        # "CPU" is the load of whatever the threshold is about; another machine's says nothing here.
        if limit.kind == "load" and not spoken.keys() & profile.topics.keys():
            continue
        topic = TOPIC_OF.get(limit.kind, limit.threshold.subject)
        named = {line for kind, line in measured.meant if kind == limit.kind}
        if named and limit.said.line not in named:
            continue
        speaks = {topic} if limit.kind else limit.topics | {topic}
        for quote, past in _held(limit, measured):
            if past:
                text = f"says “{quote}”, past “{limit.said.text}”"
                worth = PAST_THRESHOLD * (topic_weight(topic) if limit.kind else WEIGHT["cause"])
                worth *= 1.0 if _is_meant(limit, own) else OTHERS
                proven[topic] = (worth, Because(text, limit.said.line))
            else:
                why = Because(f"but says “{quote}”, not past “{limit.said.text}”", limit.said.line)
                denied |= dict.fromkeys(speaks, why)
    against = [why for topic, why in denied.items() if topic not in proven]
    return proven, denied.keys() - proven.keys(), list(dict.fromkeys(against))


def _is_meant(limit: Limit, own: Own) -> bool:
    """Whether the alert may speak of what the threshold is of: of Redis, where it is about the memory of Redis."""
    if limit.kind not in ("errors", "memory", "latency"):
        return True
    return not limit.named or any(
        stem in own.words or not own.related.isdisjoint(relations(stem)) for stem in limit.named
    )


def _held(limit: Limit, measured: Measured) -> list[tuple[str, bool]]:
    """Give the numbers that compare with a threshold, and whether they are past it."""
    found: list[tuple[str, bool | None]] = []
    if limit.kind:
        same = (reading for reading in measured.readings if reading.kind == limit.kind)
        found = [(reading.quote, beyond(reading, limit.threshold)) for reading in same]
    if not limit.kind or (limit.named and not any(past is not None for _, past in found)):
        found = [(amount.quote, held(amount, limit.threshold, limit.subject)) for amount in measured.amounts]
    return [(quote, past) for quote, past in found if past is not None]


def _telling(stem: str, profile: Profile, alone: bool) -> float:
    """Give how much a word of the entry counts: more where the entry is about something no topic knows.

    What the entry is about does not, where the alert says nothing of its trouble; a word for any trouble counts less.
    """
    if is_trouble(stem):
        return ANY_TROUBLE
    known = not profile.subject or not all(map(is_common, profile.plainly))
    calm = alone and profile.plainly and stem in profile.subject
    return 1.0 if known or calm else OF_ITS_OWN


def _same_words(
    profile: Profile, entries: Index, own: Own, denied: set[str], *, alone: bool
) -> list[tuple[float, Because]]:
    if denied:
        return []
    shared = sorted(
        own.words.keys() & profile.words.keys() - own.within, key=lambda stem: (-entries.word_rarity[stem], stem)
    )
    found = []
    left = SAME_WORDS_AT_MOST
    for stem in shared:
        said = profile.words[stem]
        worth = SAME_WORD * said.weight * entries.word_rarity[stem] * _telling(stem, profile, alone)
        worth = min(left, worth)
        left -= worth
        found.append((worth, Because(f"shares “{own.words[stem]}” with “{said.text}”", said.line)))
    found += _kin(profile, entries, own, alone)
    found += _same_pairs(profile, entries, own)
    found += _none_there(profile, own)
    found += _same_codes(profile, own)
    return found


def _repeated(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the title and the symptoms that the alert repeats, wholly or nearly."""
    found = _most_of_symptoms(profile, entries, own)
    if len(profile.title_words) > 1 and profile.title_words <= own.words.keys():
        title = Because(f"has every word of the title “{profile.entry.title}”", profile.entry.line)
        found.append((WHOLE_TITLE, title))
    return found


def _kin(profile: Profile, entries: Index, own: Own, alone: bool) -> list[tuple[float, Because]]:
    """Give the words of the alert that have a relative in the entry: "duplicate" and "duplication"."""
    found: dict[str, tuple[float, Because]] = {}
    if own.related.isdisjoint(profile.kin):
        return []
    for stem, word in own.words.items():
        other = _relative(stem, profile.kin) if stem not in profile.words and stem not in own.within else None
        if other and other not in own.words and other not in found:
            said = profile.words[other]
            worth = SAME_WORD * KINSHIP * said.weight * entries.word_rarity[other] * _telling(other, profile, alone)
            found[other] = (worth, Because(f"says “{word}”, a relative of a word in “{said.text}”", said.line))
    return sorted(found.values(), key=lambda reason: -reason[0])[:PAIRS_AT_MOST]


def _relative(stem: str, kin: dict[str, str]) -> str | None:
    return next((kin[relation] for relation in relations(stem) if relation in kin), None)


def _same_pairs(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the pairs of words the alert and the entry both have side by side, which says more than one word does."""
    found = []
    for pair in sorted(own.neighbours & profile.neighbours.keys()):
        said = profile.neighbours[pair]
        rarity = min(entries.word_rarity[stem] for stem in pair)
        quote = " ".join(own.words[stem] for stem in pair)
        found.append((SAME_PAIR * said.weight * rarity, Because(f"says “{quote}” like “{said.text}”", said.line)))
    return found[:PAIRS_AT_MOST]


def _same_codes(profile: Profile, own: Own) -> list[tuple[float, Because]]:
    """Give the numbers both name something by: "code 4012" like "error 4012"."""
    both = sorted(own.codes & profile.codes.keys())
    return [
        (SAME_PAIR, Because(f"says “{code}” like “{profile.codes[code].text}”", profile.codes[code].line))
        for code in both
    ]


def _none_there(profile: Profile, own: Own) -> list[tuple[float, Because]]:
    """Give what both the alert and the entry say there is none of: "no orders"."""
    there = [(quote, profile.absent[stem]) for stem, quote in own.absent.items() if stem in profile.absent]
    found = [(SAME_PAIR * said.weight, f"says “{quote}” like “{said.text}”", said.line) for quote, said in there]
    return [(worth, Because(text, line)) for worth, text, line in found[:PAIRS_AT_MOST]]


def _most_of_symptoms(profile: Profile, entries: Index, own: Own) -> list[tuple[float, Because]]:
    """Give the symptoms the alert quotes, or repeats in most of their words, rare words weighing more."""
    found = []
    for said in profile.symptoms:
        if said.stems.isdisjoint(own.words) and said.roots.isdisjoint(own.related):
            continue
        shared = [stem for stem in said.stems if stem in own.words or not own.related.isdisjoint(roots(stem))]
        if own.keeps(shared):
            continue
        if shared and " " in said.text and said.folded in own.text:
            found.append((SYMPTOM_REPEATED, Because(f"says “{said.text}”", said.line)))
            continue
        covered = sum(entries.word_rarity[stem] for stem in shared)
        share = covered / (sum(entries.word_rarity[stem] for stem in said.stems) or 1.0)
        if len(shared) > 1 and share >= MOST_OF_IT:
            worth = SYMPTOM_REPEATED * share
            found.append((worth, Because(f"says nearly the words of “{said.text}”", said.line)))
    return found


def _says(quote: str, pieces: tuple[Said, ...]) -> Because:
    """Give the reason, resting on the line of the document that is closest to the alert's own words."""
    stems = {word.stem for word in words(quote)}
    closest = max(pieces, key=lambda piece: (len(stems & {word.stem for word in words(piece.text)}), piece.weight))
    text = f"says “{quote}”"
    if quote.lower() not in closest.text.lower():
        text += f", which is what “{closest.text}” is about"
    return Because(text, closest.line)


def _score(total: float) -> float:
    return 1 - math.exp(-total)
