"""Which entry of the runbook an alert belongs to, and why.

What is certain comes first: the entry somebody named, then what a person said of an earlier alert like it, then the
names of alerts that the configuration or the document gives to an entry. Otherwise the alert's words are compared with
the titles and symptoms. The sender's severity says how bad it looks from there and nothing about what it is, so it has
no part in this.

Source: the entries under "Common Incidents", their titles and "Symptoms".
"""

import re
from collections.abc import Mapping

from tocsin.detection import reports, watched
from tocsin.detection.alert import Alert
from tocsin.detection.grafana import UNKNOWN, unmeasured
from tocsin.incident.facts import Because
from tocsin.runbook.policy import IncidentType, Runbook
from tocsin.settings import IncidentTypeSettings
from tocsin.triage.amounts import amounts
from tocsin.triage.comparing import Comparison, Trouble, compared, other_trouble
from tocsin.triage.evidence import Evidence, evidence
from tocsin.triage.learned.likeness import shipped
from tocsin.triage.limits import Measured
from tocsin.triage.matched import Considered, Match
from tocsin.triage.metrics import metrics
from tocsin.triage.otherwise import missing, without, without_its_first
from tocsin.triage.profile import Index, index, said_by
from tocsin.triage.reading import Reading
from tocsin.triage.readings import readings
from tocsin.triage.recalling import Correction
from tocsin.triage.standing import Standing, sounds_like_trouble, standing
from tocsin.triage.standing_terms import OTHER_PLACE
from tocsin.triage.statement import Statement, statement
from tocsin.triage.subject import foreign_subject, named_first
from tocsin.triage.topics import BY_NAME, is_cause
from tocsin.triage.values import values
from tocsin.triage.weighing import Footing, Ruled, weighed
from tocsin.triage.words import squeezed

DECLARED = 1.0
NAMED = 0.98
CORRECTED = 0.99
# Below this, an alert has too little in common with an entry to wake somebody for that entry's reason.
ENOUGH = 0.35
# What a sentence is about weighs more than anything it says.
SOMEBODY_ELSES = 2.0
# What is as close as this needs no word for trouble besides.
SURE = 0.6
# How much closer an entry of a known trouble is than a subject beside it that one word names: a "backup" made public.
ONE_WORD = 1.15
# A text so many times as long as any name is none.
LONGER = 3
# How much less will do where the entry is about what anything may have, and the alert names a part it is not about.
ANOTHERS = 0.85
# From this share of the best score on, another entry is about as close.
ALIKE = 0.9
_FIRST = re.compile(r"^\W*(?:(?:the|our|my)\s+)?", re.IGNORECASE)
_NUMBERED = re.compile(r"^\d+[-_.]*")


def match(
    alert: Alert,
    runbook: Runbook,
    settings: Mapping[str, IncidentTypeSettings],
    corrected: Correction | None = None,
) -> Match:
    """Give the entry of the runbook the alert belongs to, or none, always with the reasons.

    `corrected` is what a person said of an earlier alert like it, and wins over names and words.

    A person who declares an incident is believed; an alert that says it is over, a test or not production opens none.
    """
    entries = index(runbook)
    said = statement(alert)
    excuse = standing(said.text, said.named, said.origin)
    if stated := _stated(alert, said, runbook):
        return stated
    if excuse and excuse.certain:
        return Match(None, 0.0, (Because(f"no incident: {excuse.text}"),), excused=True)
    if known := _as_corrected(corrected, runbook):
        return known
    rule = unmeasured(said.named)
    if rule is not None:
        said = said._replace(names=tuple(one for one in said.names if one[1] in UNKNOWN))
    if known := _by_name(said, entries, settings, runbook):
        return known
    if rule is not None:
        return _of_nothing_measured(rule, by_rules(said, entries, excuse).found)
    return weighed(by_rules(said, entries, excuse), entries, shipped(), said)


def _of_nothing_measured(rule: str, closest: Match) -> Match:
    """Give no entry for a rule that saw nothing: it is named for the trouble, and nobody knows whether there is any.

    Somebody has to look all the same: what it watches over is not watched.
    """
    why = Because(f"no entry: the rule “{rule}” measured nothing, which is no proof of what it watches for")
    return Match(None, 0.0, (why,), closest.considered)


def by_rules(said: Statement, entries: Index, excuse: Standing | None) -> Ruled:
    """Give what the alert's words and numbers make of it, before what it reads like counts."""
    named = metrics(said.text) | values(said.text, said.spelled) | said.spelled
    numbers = readings(said.text, named)
    spoken = evidence(said, numbers)
    ranked = compared(said, spoken, Measured(numbers, amounts(said.text, named)), entries)
    considered = tuple(Considered(found.entry.id, round(found.score, 3)) for found in ranked if found.score > 0)
    if excuse and not (
        _yields(excuse, ranked, spoken) or said_by(entries, " ".join(OTHER_PLACE.findall(excuse.place)))
    ):
        why = Because(f"no incident: {excuse.text}")
        otherwise = without(excuse.text, ranked, ENOUGH)
        found = Match(None, 0.0, (why,), considered, otherwise, excused=True)
        return Ruled(found, ranked, "excuse" if excuse.plain else "hint", spoken, excuse.sort)
    ruled = _best(ranked, _others(said, spoken, entries), considered, said.text)
    counted = ruled.footing not in ("limits", "beside") and _is_counted(ruled, said, numbers)
    return ruled._replace(footing="counts" if counted else ruled.footing, spoken=spoken)


def _is_counted(ruled: Ruled, said: Statement, numbers: tuple[Reading, ...]) -> bool:
    """Whether numbers are the answer: those that are understood and speak for nothing, and what lives or does not.

    Of details that are nothing but numbers their names alone could be read.
    """
    only_numbers = bool(said.named) and all(value[:1].isdigit() for value in said.named.values())
    if ruled.footing == "little":
        return any(one.kind != "gauge" for one in numbers) or only_numbers
    return any(one.kind == "alive" for one in numbers)


def _stated(alert: Alert, said: Statement, runbook: Runbook) -> Match | None:
    """Give the entry that a person or the alert itself names."""
    if declared := runbook.incident_type(alert.incident_type):
        hows = {
            reports.SOURCE: "people report a symptom of",
            watched.SOURCE: f"the check {alert.dedup_key} of a probe watches for",
        }
        return _one(declared, DECLARED, f"{hows.get(alert.source, 'it was declared as')} {declared.title}")
    asked = said.named.get("incident_type", "").strip()
    named = runbook.incident_type(asked)
    return _one(named, DECLARED, f"the alert names the incident type “{asked}”") if named else None


def _as_corrected(corrected: Correction | None, runbook: Runbook) -> Match | None:
    """Give what a person said of an alert like this; None when the document has that entry no longer."""
    if corrected is None:
        return None
    if corrected.incident_type is None:
        return Match(None, CORRECTED, (Because(f"no entry: {corrected.told}"),))
    entry = runbook.incident_type(corrected.incident_type)
    return _one(entry, CORRECTED, f"an alert like it belongs to {entry.title}: {corrected.told}") if entry else None


def _by_name(
    said: Statement, entries: Index, settings: Mapping[str, IncidentTypeSettings], runbook: Runbook
) -> Match | None:
    configured = {squeezed(name): type_id for type_id, chosen in settings.items() for name in chosen.alerts}
    longest = LONGER * max(map(len, (*configured, *entries.by_name)), default=0)
    for label, name in said.names:
        if len(name) > longest:
            continue
        entry = runbook.incident_type(configured.get(squeezed(name)))
        if entry:
            return _one(entry, NAMED, f"the configuration gives the alert “{name}” to {entry.title}")
        entry = entries.by_name.get(squeezed(_NUMBERED.sub("", name)))
        if entry:
            return _one(entry, NAMED, f"its {label} “{name}” names {entry.title}")
    return None


def _yields(excuse: Standing, ranked: list[Comparison], spoken: Mapping[str, Evidence]) -> bool:
    """Whether the closest entry is close because of trouble that the alert names and that says more than the excuse."""
    if excuse.yields_to == "nothing" or not ranked or ranked[0].score < ENOUGH:
        return False
    if excuse.yields_to == "numbers":
        return ranked[0].proven
    named = [topic for topic in ranked[0].topics if topic in spoken]
    return any(is_cause(topic) if excuse.yields_to == "causes" else topic == "breach" for topic in named)


def _others(said: Statement, spoken: dict[str, Evidence], entries: Index) -> Trouble | None:
    """Give the trouble that no entry is about: of what the alert begins with, else the plainest it speaks of."""
    name = said.named.get("alertname", "")
    foreign = foreign_subject(said.summary, name, entries) or named_first(said.summary, name, entries, spoken)
    if foreign and "breach" not in spoken:
        what, topic = foreign
        return Trouble(BY_NAME[topic].said if topic else "that", what, SOMEBODY_ELSES)
    return other_trouble(spoken, entries)


def _best(ranked: list[Comparison], other: Trouble | None, considered: tuple[Considered, ...], text: str) -> Ruled:
    best = ranked[0] if ranked else None
    # What the document has a limit for that is passed, it is about; but anything may have errors or be slow.
    measured = best is not None and (best.measured or (best.proven and other is not None and other.of_a_part))
    may_be_others = not measured or (other is not None and other.score == SOMEBODY_ELSES)
    if other and may_be_others and (best is None or other.score > best.score * _plainer(best, other, text)):
        why = Because(f"no entry matched: it says “{other.quote}”, and no entry is about {other.topic}")
        lacking = (Because(f"an entry about {other.topic} would change that"),)
        otherwise = without(f"it says “{other.quote}”", ranked, ENOUGH) or lacking
        footing: Footing = "subject" if other.of_a_part or other.score == SOMEBODY_ELSES else "others"
        return Ruled(Match(None, 0.0, (why,), considered, otherwise), ranked, footing, sort=other.topic)
    troubled = best is not None and (best.plain or best.score >= SURE or sounds_like_trouble(text))
    # Less than a plain word for an entry counts for nothing where the trouble that is named is within its limit.
    hinted = best is not None and not (best.plain or best.proven) and best.score < SURE
    denied = hinted and any(other.against for other in ranked)
    if best is None or best.score < ENOUGH or not troubled or denied:
        within = tuple(why for weighed in ranked for why in weighed.against)
        closest = best.because if best else ()
        because = (_too_weak(best, bool(within)), *within, *closest)
        return Ruled(Match(None, 0.0, because, considered, missing(ranked)), ranked, "limits" if within else "little")
    otherwise = without_its_first(ranked, ENOUGH)
    because = (*best.because, *best.against, *_as_close(ranked))
    found = Match(best.entry.id, round(best.score, 3), because, considered, otherwise)
    beside = any(other.proven and other.score >= ENOUGH for other in ranked)
    return Ruled(found, ranked, "limits" if best.proven else "beside" if beside else "words")


def _plainer(best: Comparison, other: Trouble, text: str) -> float:
    """Give how much plainer than the best entry trouble must be that no entry is about.

    What a text begins with is what it is about: "Mail server: too many connections". Data may be lost of anything.
    """
    first = "breach" not in best.topics and (best.caused or not best.named)
    if first and _FIRST.sub("", text).startswith(other.quote):
        return ANOTHERS
    if best.caused:
        return 1.0 if " " in other.quote else ONE_WORD
    return ANOTHERS if other.of_a_part and not best.named else 1.0


def _as_close(ranked: list[Comparison]) -> tuple[Because, ...]:
    """Give what to say of another entry that is about as close as the best one."""
    best, *others = ranked
    return tuple(
        Because(
            f"{other.entry.title} is about as close ({other.score:.2f}, this one {best.score:.2f})", other.entry.line
        )
        for other in others[:1]
        if other.score >= ENOUGH and other.score >= ALIKE * best.score
    )


def _too_weak(best: Comparison | None, within: bool) -> Because:
    if within:
        return Because("no entry matched: its numbers stay within the thresholds of the runbook")
    if best is None or best.score == 0:
        return Because("no entry matched: nothing it says is among the titles and symptoms of the runbook")
    return Because(
        f"no entry matched: the closest, {best.entry.title}, has too little in common with it", best.entry.line
    )


def _one(entry: IncidentType, score: float, text: str) -> Match:
    return Match(entry.id, score, (Because(text, entry.line),), (Considered(entry.id, score),))
