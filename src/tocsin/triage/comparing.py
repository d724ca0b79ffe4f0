"""How much an alert has in common with each entry, in words a person can check against the document."""

import math
from typing import NamedTuple

from tocsin.incident.facts import Because
from tocsin.runbook.policy import IncidentType
from tocsin.triage.beside import PART
from tocsin.triage.evidence import (
    FENDED_OFF,
    HINTS_AT_MOST,
    ROOM_LEFT,
    WEIGHT,
    Evidence,
    topic_weight,
)
from tocsin.triage.limits import OTHERS, Measured, held_against, kept_within, limits_meant, outage_in, thresholds
from tocsin.triage.profile import Index, Profile, Said
from tocsin.triage.sharing import Own, is_named_by, own_words, repeated, same_words
from tocsin.triage.statement import Statement
from tocsin.triage.topics import BESIDE_NAMES, BY_NAME, is_cause, is_common
from tocsin.triage.words import content, words

# What stands behind "because" or "due to".
STATED_CAUSE = 1.3
# Where an alert speaks of no topic of an entry, the entry's own words count more.
ALONE = 1.6
REASONS = 4


class Comparison(NamedTuple):
    """One entry weighed against the alert: `against` says which of its symptoms the alert's numbers deny.

    `topics` are what the entry is about, `lead` the score it would have without its first reason,
    `plain` that something speaks of it plainly, and not only hints, `caused` that it is something that goes wrong,
    `named` that the alert has a word of its title that is not trouble, `proven` that a number is past its threshold,
    `measured` that this number is one of just what the threshold is of, by its words.
    """

    entry: IncidentType
    score: float
    because: tuple[Because, ...]
    against: tuple[Because, ...]
    topics: frozenset[str]
    lead: float = 0.0
    plain: bool = True
    caused: bool = False
    named: bool = True
    proven: bool = False
    measured: bool = False


class Trouble(NamedTuple):
    """Trouble no entry of the runbook is about; `of_a_part` when all that is known of it is which part has it."""

    topic: str
    quote: str
    score: float
    of_a_part: bool = False


def compared(said: Statement, spoken: dict[str, Evidence], measured: Measured, entries: Index) -> list[Comparison]:
    """Give every entry weighed against the alert, the topics it speaks of and its numbers, the closest first."""
    own = own_words(said)
    measured = measured._replace(
        meant=limits_meant(entries, own),
        held=held_against(entries, measured, own),
        outage=outage_in(entries, measured, said.text),
    )
    own = own._replace(
        named=frozenset(profile.entry.id for profile in entries.profiles if is_named_by(own, profile)),
        within=kept_within(measured),
    )
    found = [
        _apart(profile, own)
        if _has_nothing_of(profile, spoken, measured, own)
        else _compared(profile, entries, spoken, measured, own)
        for profile in entries.profiles
    ]
    return sorted(found, key=lambda comparison: -comparison.score)


def _has_nothing_of(profile: Profile, spoken: dict[str, Evidence], measured: Measured, own: Own) -> bool:
    """Whether an alert has no word, topic, number or code in common with an entry: most have not with most."""
    return (
        profile.spoken.isdisjoint(spoken)
        and profile.stems.isdisjoint(own.words)
        and own.related.isdisjoint(profile.kin)
        and profile.codes.keys().isdisjoint(own.codes)
        and profile.absent.keys().isdisjoint(own.absent)
        and not (ROOM_LEFT in spoken and "memory" in profile.topics)
        and not measured.held.get(profile.entry.id)
    )


def _apart(profile: Profile, own: Own) -> Comparison:
    return Comparison(profile.entry, 0.0, (), (), profile.spoken, 0.0, own.troubled, named=False)


def _compared(
    profile: Profile, entries: Index, spoken: dict[str, Evidence], measured: Measured, own: Own
) -> Comparison:
    proven, denied, against = thresholds(profile, measured, spoken, own)
    if ROOM_LEFT in spoken and "memory" in profile.topics:
        denied |= {"memory"}
        said = profile.pieces["memory"][0]
        against.append(Because(f"but says “{spoken[ROOM_LEFT].quote}”, which leaves room", said.line))
    reasons: list[tuple[float, Because]] = list(proven.values())
    heard = [name for name in profile.topics if name in spoken]
    for name in heard:
        found = spoken[name]
        if name in denied or name in proven or (own.within and own.keeps(content(found.quote))):
            continue
        worth = topic_weight(name) * profile.topics[name] * found.strength * entries.topic_rarity[name]
        worth *= STATED_CAUSE if found.caused else 1.0
        worth *= _told_by(found.quote, entries) if name in BESIDE_NAMES else 1.0
        # What anything may have is another's where the alert names another entry's subject and not this one's.
        another = is_common(name) and own.named and profile.entry.id not in own.named and profile.subject
        worth *= OTHERS if another else 1.0
        reasons.append((worth, _says(found.quote, profile.pieces[name])))
    whole = [] if denied else repeated(profile, entries, own)
    # Where an alert speaks of no topic of an entry, the entry's own words are all there is to go by.
    alone = profile.plainly.isdisjoint(spoken)
    shared = [*same_words(profile, entries, own, denied, alone=alone), *whole]
    if alone:
        shared = [(worth * ALONE, why) for worth, why in shared]
    said_plainly = [name for name in heard if spoken[name].strength > HINTS_AT_MOST]
    plain = bool(proven or said_plainly or own.troubled or whole)
    reasons += shared
    reasons.sort(key=lambda reason: -reason[0])
    total = sum(worth for worth, _ in reasons)
    lead = _score(total - reasons[0][0]) if reasons else 0.0
    # One reason for each line of the document, the weightiest: a number that is past it, or that it is repeated whole.
    by_line = {why.line: why for _, why in (*reversed(reasons), *whole, *proven.values())}
    because = tuple(why for _, why in reasons if by_line[why.line] is why)[:REASONS]
    return Comparison(
        profile.entry,
        _score(total),
        because,
        tuple(against),
        profile.spoken,
        lead,
        plain,
        any(map(is_cause, said_plainly)),
        not profile.title_subject.isdisjoint(own.words),
        bool(proven),
        not proven.keys() <= BY_NAME.keys(),
    )


def _told_by(quote: str, entries: Index) -> float:
    """Give how telling (0..1) words are in this document: "payment" tells little where every entry is of payments."""
    return max((entries.word_rarity.get(stem, 1.0) for stem in content(quote)), default=1.0)


def _says(quote: str, pieces: tuple[Said, ...]) -> Because:
    """Give the reason, resting on the line of the document that is closest to the alert's own words."""
    stems = {word.stem for word in words(quote)}
    closest = max(pieces, key=lambda piece: (len(stems & piece.all_stems), piece.weight))
    text = f"says “{quote}”"
    if quote.lower() not in closest.text.lower():
        text += f", which is what “{closest.text}” is about"
    return Because(text, closest.line)


def other_trouble(spoken: dict[str, Evidence], entries: Index) -> Trouble | None:
    """Give the plainest trouble that no entry is about, or None."""
    troubles = [
        Trouble(topic.said, found.quote, _score(topic_weight(name) * found.strength), name == PART)
        for name, found in spoken.items()
        if (topic := BY_NAME.get(name)) and name not in entries.plain_topics and not _is_named(found.quote, entries)
        # Anything may be down, slow or full of errors.
        if is_cause(name)
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


def _score(total: float) -> float:
    return 1 - math.exp(-total)
