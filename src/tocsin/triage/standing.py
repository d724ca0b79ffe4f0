"""What an alert says about itself that makes it no incident: over, somewhere else than production, only a notice."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from tocsin.triage.polarity import clauses
from tocsin.triage.roles import may_tell, told
from tocsin.triage.scenes import EXCUSES
from tocsin.triage.sought import Sought
from tocsin.triage.standing_talk import LOOKS_ON, TALK
from tocsin.triage.standing_terms import (
    ALL_PASSED,
    ALL_WELL,
    COUNT_KEYS,
    DISTRESS,
    DONE,
    ENVIRONMENT_KEYS,
    FENDED_OFF,
    FEW,
    FEW_SAID,
    FINE_ELSEWHERE,
    GOT_THROUGH,
    NO_SUCCESS,
    NO_TEST,
    NO_TROUBLE,
    NONE_OF,
    NOT_FEW,
    NOT_OVER,
    NOT_YET,
    NOTICE,
    OF_A_PROVIDER,
    OF_WORK,
    OTHER_ENVIRONMENT,
    OTHER_ORIGIN,
    OTHER_PLACE,
    OTHER_PLACE_TEXT,
    OURS,
    OVER,
    OVER_HOST,
    OVER_STATUS,
    PLACE_KEYS,
    PRODUCTION,
    SOME_FAILED,
    STATUS_KEYS,
    STATUS_PAGE,
    TAGGED,
    TAKEN_BACK,
    TEST,
    UNWELL,
)
from tocsin.triage.topics import WEAK, hits
from tocsin.triage.words import lowered, plain, words

_CLAUSE = re.compile(r"[,;:.!?()\n]")
_COUNT = re.compile(r"\s*[0-9]{1,18}\s*")
_NEAR = 3
_TOLD = {
    "private": "not production",
    "over": "it is over",
    "notice": "a notice, not an incident",
    "others": "somebody else's trouble",
    "fended off": "attempts that got nowhere",
}
_Yields = Literal["nothing", "causes", "breaches", "numbers"]
_PLAIN = frozenset({"elsewhere", "over", "test", "a notice", "talk"})
_YIELDS: dict[str, _Yields] = {"private": "breaches", "others": "breaches"}


class Standing(NamedTuple):
    """Why there is nothing to open. `certain` when a field says so, not only the wording.

    `place` are the words for somewhere else, which a document may have as its own: "from the lab".
    `yields_to` plain evidence of such trouble, which says more: one user's account is few, but taken over all the same.
    `sort` is a word for why.
    """

    text: str
    certain: bool
    yields_to: _Yields = "nothing"
    place: str = ""
    sort: str = ""

    @property
    def plain(self) -> bool:
        """Give whether it says so in so many words; where an alert comes from, or what it tells, only hints at it."""
        return self.sort in _PLAIN


def standing(text: str, named: Mapping[str, str], origin: str) -> Standing | None:
    """Give why the alert is no incident by its own words, or None. `named` holds its details by lower-case key."""
    text = plain(text)
    return (
        _elsewhere(text, named, origin)
        or _somebody_elses(text, origin)
        or _over(text, named)
        or _only_words(text)
        or _told(text)
        or _few(text, named)
        or _of_work(origin)
    )


def fended_off(text: str) -> str | None:
    """Give the words that say that attempts got nowhere, unless others say that one succeeded."""
    found = _quoted(FENDED_OFF, text)
    return None if not found or GOT_THROUGH.is_in(NO_SUCCESS.sub(" ", lowered(text))) else found


def sounds_like_trouble(text: str) -> bool:
    """Give whether anything in a text sounds as if something were the matter."""
    return DISTRESS.is_in(NO_TROUBLE.sub(" ", lowered(text).replace("_", " ")))


def _quoted(pattern: re.Pattern[str] | Sought, text: str) -> str | None:
    """Give the first words of a text that a pattern of small letters finds, as written."""
    found = pattern.search(lowered(text))
    return text[found.start() : found.end()].strip() if found else None


def _elsewhere(text: str, named: Mapping[str, str], origin: str) -> Standing | None:
    for key in filter(ENVIRONMENT_KEYS.__contains__, named):
        other = OTHER_ENVIRONMENT.search(named[key])
        return _place(key, named[key], other=other is not None)
    places = (_place(key, named[key].replace("_", " ")) for key in filter(PLACE_KEYS.__contains__, named))
    if place := next(filter(None, places), None):
        return place
    tagged = TAGGED.search(" ".join((text, *named.values())))
    if tagged and (PRODUCTION.fullmatch(tagged[1]) or OTHER_PLACE.fullmatch(tagged[1])):
        other = OTHER_PLACE.fullmatch(tagged[1])
        return (
            Standing(f"it is tagged “{tagged[0]}”, not production", certain=True, sort="elsewhere") if other else None
        )
    found = _quoted(OTHER_PLACE_TEXT, text) or _quoted(OTHER_ORIGIN, origin)
    if found and not PRODUCTION.search(text) and not FINE_ELSEWHERE.is_in(lowered(text)):
        return Standing(f"it says “{found}”, not production", certain=False, place=found, sort="elsewhere")
    return None


def _place(key: str, value: str, *, other: bool = False) -> Standing | None:
    if (other or OTHER_PLACE.search(value)) and not PRODUCTION.search(value):
        return Standing(f"its {key} is “{value}”, not production", certain=True, sort="elsewhere")
    return None


def _somebody_elses(text: str, origin: str) -> Standing | None:
    """Give that a page of somebody else's service says it, or that the provider looks into it, unless it hurts ours."""
    found = _quoted(STATUS_PAGE, origin) or _quoted(OF_A_PROVIDER, text)
    if found is None or OURS.is_in(lowered(text)):
        return None
    return Standing(f"it says “{found}”: somebody else's service", certain=False, yields_to="breaches", sort="others")


def _over(text: str, named: Mapping[str, str]) -> Standing | None:
    for key in filter(STATUS_KEYS.__contains__, named):
        if OVER_STATUS.search(named[key].replace("_", " ")):
            return Standing(f"its {key} is “{named[key]}”: it is over", certain=True, sort="over")
    found = _quoted(OVER, text) or _host_is_up(text)
    over = found and not _quoted(NOT_OVER, text) and not _not_yet(text, found) and not _worse_now(text, found)
    return Standing(f"it says “{found}”: it is over", certain=False, sort="over") if over else None


def _not_yet(text: str, over: str) -> bool:
    """Whether the words around it say that it is not over: "noch nicht behoben", "läuft wieder nicht"."""
    before, _, behind = text.partition(over)
    near = (*_CLAUSE.split(before)[-1].split()[-_NEAR:], *_CLAUSE.split(behind)[0].split()[:_NEAR])
    return not NOT_YET.isdisjoint(word.lower() for word in near)


def _worse_now(text: str, over: str) -> bool:
    """Whether trouble stands behind a "but" that follows what is over, and no more than that somebody looks on."""
    return _taken_back(text, over) and not LOOKS_ON.is_in(lowered(text.partition(over)[2]))


def _host_is_up(text: str) -> str | None:
    found = OVER_HOST.search(text)
    return found[0].strip() if found else None


def _only_words(text: str) -> Standing | None:
    if (found := _quoted(TEST, text)) and not _is_none_of_it(text, found):
        return Standing(f"it says “{found}”: a test, not an incident", certain=False, sort="test")
    for pattern, what in ((NOTICE, "a notice"), (TALK, "talk")):
        found = _quoted(pattern, text)
        if found and not (pattern is TALK and _quoted(NOT_OVER, text)) and not _is_meant(text, found):
            return Standing(f"it says “{found}”: {what}, not an incident", certain=False, sort=what)
    if passed := _quoted(ALL_PASSED, text):
        return Standing(f"it says “{passed}”: nothing is the matter", certain=False, yields_to="numbers", sort="passed")
    if (well := _quoted(ALL_WELL, text)) and not UNWELL.is_in(NO_TROUBLE.sub(" ", lowered(text))):
        return Standing(f"it says “{well}”: nothing is the matter", certain=False, yields_to="breaches", sort="well")
    if (
        (done := _quoted(DONE, text))
        and not NONE_OF.search(NO_TROUBLE.sub(" ", lowered(text)))
        and not sounds_like_trouble(text)
    ):
        return Standing(f"it says “{done}”: done, not an incident", certain=False, yields_to="breaches", sort="done")
    return None


def _is_meant(text: str, found: str) -> bool:
    """Whether a text that sounds like a notice means trouble all the same."""
    return bool(_quoted(SOME_FAILED, text)) or _taken_back(text, found) or _is_none_of_it(text, found)


def _is_none_of_it(text: str, found: str) -> bool:
    """Whether the words before say that it is none: "not a drill"."""
    return NO_TEST.search(lowered(text).partition(found.lower())[0]) is not None


def _told(text: str) -> Standing | None:
    """Give why there is nothing to open in what a text tells, in any language."""
    there = words(text)
    if not may_tell(text, there, EXCUSES):
        return None
    for scene in told(text, there, clauses(text, there).number, EXCUSES):
        found = text[scene.start : scene.end]
        if not scene.denied and not _taken_back(text, found) and (why := _excused(scene.topic, found, text)):
            return why
    return None


def _excused(why: str, found: str, text: str) -> Standing | None:
    """Give the standing of an excuse, unless something else in the text takes it back."""
    if why == "elsewhere":
        if PRODUCTION.search(text) or FINE_ELSEWHERE.is_in(lowered(text)):
            return None
        return Standing(f"it says “{found}”, not production", certain=False, place=found, sort="told elsewhere")
    if why == "over" and _quoted(NOT_OVER, text):
        return None
    if why == "fended off" and GOT_THROUGH.is_in(NO_SUCCESS.sub(" ", lowered(text))):
        return None
    yields_to = _YIELDS.get(why, "nothing")
    return Standing(f"it says “{found}”: {_TOLD[why]}", certain=False, yields_to=yields_to, sort=f"told {why}")


def _taken_back(text: str, notice: str) -> bool:
    """Whether trouble stands behind a notice and a word that takes it back: "maintenance finished, but it is down"."""
    behind = text.partition(notice)[2]
    taken = TAKEN_BACK.search(lowered(behind))
    if taken is None:
        return False
    rest = behind[taken.end() :]
    return sounds_like_trouble(rest) or any(hit.strength > WEAK for hit in hits(rest))


def _of_work(origin: str) -> Standing | None:
    found = _quoted(OF_WORK, origin)
    if found is None:
        return None
    return Standing(
        f"it comes from “{found}”, which watches nothing", certain=False, yields_to="breaches", sort="of work"
    )


def _few(text: str, named: Mapping[str, str]) -> Standing | None:
    quote = _quoted(FEW_SAID, text)
    quote = None if quote and _quoted(NOT_FEW, text) else quote
    counted = [(key, named[key]) for key in COUNT_KEYS if _COUNT.fullmatch(named.get(key, ""))]
    if quote is None and counted and all(int(count) <= FEW for _, count in counted):
        quote = ", ".join(f"{key}: {count}" for key, count in counted)
    if quote is None:
        return None
    return Standing(f"it says “{quote}”: too few to be an incident", certain=False, yields_to="causes", sort="few")
