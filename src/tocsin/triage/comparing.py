"""How much an alert has in common with each entry, in words a person can check against the document."""

import math
import re
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.runbook.policy import IncidentType
from tocsin.triage.profile import Index, Profile, Said
from tocsin.triage.readings import TOPIC_OF, WHOLE, Reading, beyond
from tocsin.triage.standing import fended_off
from tocsin.triage.statement import Statement
from tocsin.triage.topics import BY_NAME, STRONG, Hit, hits
from tocsin.triage.words import content, words

# How telling a place of the alert is.
SUMMARY, REST, ORIGIN = 1.0, 0.75, 0.3
# A stated cause beats the symptom it shows itself by, and "nothing answers" the errors that come with it.
# Trouble no entry is about has to be as plain as that.
WEIGHT = {"cause": 1.5, "outage": 1.15, "symptom": 1.0}
# One plain phrase says most of it, more say a little more.
ONE_PHRASE = 0.7
SAME_WORD = 0.22
SAME_WORDS_AT_MOST = 0.9
WHOLE_TITLE = 0.9
PAST_THRESHOLD = 0.85
SYMPTOM_REPEATED = 0.6
MOST_OF_IT = 0.6
# Data taken at this many times the usual amount is unusual by any measure.
FAR_BEYOND_USUAL = 10
# Memory is meant to be used; from this share (percent) of its limit on it is trouble.
NEARLY_FULL_MEMORY = 90
ROOMY_MEMORY = 80
ROOM_LEFT = "room left"
_BROKE = re.compile(r"oom|kill|out of|crash|exceed|leak|left|free|available|swap", re.IGNORECASE)
REASONS = 4


class Evidence(NamedTuple):
    """How surely (0..1) the alert speaks of a topic, and its plainest words for it."""

    strength: float
    quote: str


class Comparison(NamedTuple):
    """One entry weighed against the alert: `against` says which of its symptoms the alert's numbers deny."""

    entry: IncidentType
    score: float
    because: tuple[Because, ...]
    against: tuple[Because, ...]


class Trouble(NamedTuple):
    """Trouble no entry of the runbook is about."""

    topic: str
    quote: str
    score: float


def compared(
    said: Statement, spoken: dict[str, Evidence], numbers: tuple[Reading, ...], entries: Index
) -> list[Comparison]:
    """Give every entry weighed against the alert, the topics it speaks of and its numbers, the closest first."""
    own = content(said.text)
    found = [_compared(profile, entries, spoken, numbers, own) for profile in entries.profiles]
    return sorted(found, key=lambda comparison: -comparison.score)


def evidence(said: Statement, numbers: tuple[Reading, ...]) -> dict[str, Evidence]:
    """Give the topics the alert speaks of, in words or in numbers that need no threshold."""
    found: dict[str, Evidence] = {}
    for text, place in ((said.summary, SUMMARY), (said.rest, REST), (said.origin, ORIGIN)):
        for hit in hits(text):
            found[hit.topic] = _joined(found.get(hit.topic), hit, place)
    for topic, quote in _measured(numbers):
        found[topic] = _joined(found.get(topic), Hit(topic, STRONG, quote), SUMMARY)
    if "memory" in found and (enough := _room_left(numbers)) and "down" not in found and not _BROKE.search(said.text):
        del found["memory"]
        found[ROOM_LEFT] = Evidence(1.0, enough)
    if "breach" in found and (fended := fended_off(said.text)):
        del found["breach"]
        found["fended off"] = Evidence(1.0, fended)
    return found


def other_trouble(spoken: dict[str, Evidence], entries: Index) -> Trouble | None:
    """Give the plainest trouble that no entry is about, or None."""
    troubles = [
        Trouble(topic.said, found.quote, _score(topic_weight(name) * found.strength))
        for name, found in spoken.items()
        if (topic := BY_NAME.get(name)) and name not in entries.topic_rarity
    ]
    return max(troubles, key=lambda trouble: trouble.score, default=None)


def topic_weight(name: str) -> float:
    """Give how much a topic counts."""
    return WEIGHT[BY_NAME[name].kind]


def _measured(numbers: tuple[Reading, ...]) -> list[tuple[str, str]]:
    """Give the topics that numbers speak of by themselves."""
    found = []
    for reading in numbers:
        if reading.kind == "alive":
            found.append(("down", reading.quote))
        elif reading.kind == "rows" and reading.value >= FAR_BEYOND_USUAL:
            found.append(("breach", reading.quote))
        elif reading.kind == "memory" and NEARLY_FULL_MEMORY <= reading.value <= WHOLE:
            found.append(("memory", reading.quote))
    return found


def _room_left(numbers: tuple[Reading, ...]) -> str | None:
    """Give the number that says that memory is not short, unless another says that it is."""
    used = [reading for reading in numbers if reading.kind == "memory"]
    fullest = max(used, key=lambda reading: reading.value, default=None)
    return fullest.quote if fullest and fullest.value < ROOMY_MEMORY else None


def _joined(known: Evidence | None, hit: Hit, place: float) -> Evidence:
    strength = ONE_PHRASE * hit.strength * place
    if known is None:
        return Evidence(strength, hit.quote)
    quote = known.quote if known.strength >= strength else hit.quote
    return Evidence(1 - (1 - known.strength) * (1 - strength), quote)


def _compared(
    profile: Profile, entries: Index, spoken: dict[str, Evidence], numbers: tuple[Reading, ...], own: dict[str, str]
) -> Comparison:
    proven, denied, against = _thresholds(profile, numbers, spoken)
    if ROOM_LEFT in spoken and "memory" in profile.topics:
        denied |= {"memory"}
        said = profile.pieces["memory"][0]
        against.append(Because(f"but says “{spoken[ROOM_LEFT].quote}”, which leaves room", said.line))
    reasons: list[tuple[float, Because]] = list(proven.values())
    for name, weight in profile.topics.items():
        found = spoken.get(name)
        if found is None or name in denied or name in proven:
            continue
        worth = topic_weight(name) * weight * found.strength * entries.topic_rarity[name]
        reasons.append((worth, _says(found.quote, profile.pieces[name])))
    reasons += _same_words(profile, entries, own, denied)
    reasons.sort(key=lambda reason: -reason[0])
    total = sum(worth for worth, _ in reasons)
    # One reason for each line of the document, the weightiest.
    by_line = {why.line: why for _, why in reversed(reasons)}
    because = tuple(why for _, why in reasons if by_line[why.line] is why)[:REASONS]
    return Comparison(profile.entry, _score(total), because, tuple(against))


def _thresholds(
    profile: Profile, numbers: tuple[Reading, ...], spoken: dict[str, Evidence]
) -> tuple[dict[str, tuple[float, Because]], set[str], list[Because]]:
    """Give the topics the alert's numbers prove, those they deny, and what to say of the latter."""
    proven: dict[str, tuple[float, Because]] = {}
    denied: dict[str, Because] = {}
    for limit in profile.limits:
        topic = TOPIC_OF[limit.kind]
        # "CPU" is the load of whatever the threshold is about; another machine's says nothing here.
        if limit.kind == "load" and not spoken.keys() & profile.topics.keys():
            continue
        for reading in (number for number in numbers if number.kind == limit.kind):
            past = beyond(reading, limit.threshold)
            if past:
                text = f"says “{reading.quote}”, past “{limit.said.text}”"
                proven[topic] = (PAST_THRESHOLD * topic_weight(topic), Because(text, limit.said.line))
            elif past is False:
                denied[topic] = Because(f"but says “{reading.quote}”, not past “{limit.said.text}”", limit.said.line)
    against = [why for topic, why in denied.items() if topic not in proven]
    return proven, denied.keys() - proven.keys(), against


def _same_words(profile: Profile, entries: Index, own: dict[str, str], denied: set[str]) -> list[tuple[float, Because]]:
    if denied:
        return []
    shared = sorted(own.keys() & profile.words.keys(), key=lambda stem: (-entries.word_rarity[stem], stem))
    found = []
    left = SAME_WORDS_AT_MOST
    for stem in shared:
        said = profile.words[stem]
        worth = min(left, SAME_WORD * said.weight * entries.word_rarity[stem])
        left -= worth
        found.append((worth, Because(f"shares “{own[stem]}” with “{said.text}”", said.line)))
    found += _most_of_symptoms(profile, entries, own)
    if len(profile.title_words) > 1 and profile.title_words <= own.keys():
        title = Because(f"has every word of the title “{profile.entry.title}”", profile.entry.line)
        found.append((WHOLE_TITLE, title))
    return found


def _most_of_symptoms(profile: Profile, entries: Index, own: dict[str, str]) -> list[tuple[float, Because]]:
    """Give the symptoms the alert repeats in most of their words, rare words weighing more."""
    found = []
    for said in profile.symptoms:
        shared = [stem for stem in said.stems if stem in own]
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
