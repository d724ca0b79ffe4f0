"""What does this text do, and may it run without a person? The worst part wins, and what is not understood is bad."""

from collections.abc import Iterator

import msgspec

from tocsin.guard.calls import Unclear, Word, calls_in
from tocsin.guard.commands import effects_of
from tocsin.guard.judgement import NEVER_ALONE, RISKS, Effect, Judgement, flags_of, unclear, worst
from tocsin.guard.pack import Packs
from tocsin.guard.patterns import pattern, words_of
from tocsin.guard.placeholders import placeholder_in
from tocsin.guard.processes import behind, counts_alone, shows_fields_alone
from tocsin.guard.query import query_effect
from tocsin.guard.shipped import shipped
from tocsin.guard.sql_tokens import Dialect
from tocsin.guard.syntax import Command, Script, script

LONGEST = 20_000
"""Characters of a text that is judged. A longer one is refused as it is."""

DEEPEST = 4
"""Shells within shells that are followed."""

_BROKEN_WORD = pattern(r"[^\s\\]\\\n\S")
_CODED = pattern(r"\$\(|`")
_EVALUATING = words_of("""
    printf read mapfile readarray declare typeset local export readonly unset test [ wait let getopts set shopt
""")
"""Commands of the shell that evaluate names, and with them whatever stands in an index."""


class Judge:
    """Judges one text, with the texts that it gives to shells within."""

    def __init__(self, packs: Packs, depth: int = 0, functions: frozenset[str] = frozenset()) -> None:
        """`depth` counts shells within shells, `functions` are the names that a text defined itself."""
        self.packs = packs
        self.depth = depth
        self.functions = functions
        self.programs: list[str] = []
        self.variables: list[str] = []

    def effects(self, text: str) -> Iterator[Effect]:
        """Give what the parts of a shell text do."""
        found = script(text)
        self.functions |= found.functions
        yield from found.troubles
        for name in sorted(found.functions):
            if self.packs.program(name):
                yield unclear(f"it gives `{name}` another meaning", "opaque")
        narrowed = [command.before for command in found.commands if shows_fields_alone(command)]
        narrowed += [one for command in found.commands if counts_alone(command) for one in behind(command)]
        for command in found.commands:
            self.variables += [name for word in command.words for name in word.variables]
            for effect in effects_of(command, self):
                yield _narrowed(effect) if command in narrowed else effect
        yield from self.indirect(found)
        if _BROKEN_WORD.search(text):
            yield unclear("a word of it is broken by the end of a line", "opaque")
        trouble = _disagreement(text, found)
        if trouble:
            yield Effect(why=trouble, proven=False, end=len(text))

    def indirect(self, found: Script) -> Iterator[Effect]:
        """Give what text does that the shell may run later: arithmetic, indices, prompts run what a value holds."""
        values = [value for command in found.commands for _, value in command.assignments]
        values += [word for command in found.commands if command.words and command.words[0].text in _EVALUATING
                   for word in command.words[1:]]  # fmt: skip
        for value in values:
            if _CODED.search(value.text):
                held = self.shell(Word(f'echo "{value.text}"', value.start, value.end, quoted=True))
                risk = max("change", worst(held), key=RISKS.index)
                yield unclear("a value holds a command, and the shell may run it", "opaque", risk=risk)

    def shell(self, word: Word) -> Iterator[Effect]:
        """Give what a text does that is given to another shell."""
        if self.depth >= DEEPEST:
            yield unclear("it starts shells within shells", "opaque")
            return
        if word.computed:
            yield unclear("what the shell is given is known only when it runs", "opaque")
        elif word.variables:
            yield Effect(why="the shell would compute a part of it", proven=False)
        inner = Judge(self.packs, self.depth + 1, self.functions)
        for effect in inner.effects(word.shell or word.text):
            yield msgspec.structs.replace(effect, start=word.start, end=word.end)
        self.programs += inner.programs
        self.variables += inner.variables

    def sql(self, word: Word, dialect: Dialect) -> Effect:
        """Give what a query does."""
        if not word.fixed:
            known = query_effect(word.shell or word.text, dialect)
            return unclear(
                "its query is known only when it runs", "opaque", risk=max(known.risk, "change", key=RISKS.index)
            )
        return query_effect(word.text, dialect)


def judge(text: str, lang: str = "bash", *, packs: Packs | None = None, readable: bool | None = None) -> Judgement:
    """Give what a text does. `lang` is "bash" or "sql".

    `packs` are the rules, the shipped ones when none are given. `readable` says whether bash itself reads the text
    (`bash -n`); a text that bash was not asked about never runs by itself when it is a shell text of several lines.
    """
    text = text.strip()
    if len(text) > LONGEST:
        why = f"it is longer than {LONGEST} characters, which nobody can judge"
        return _judged(text, [unclear(why, "opaque")], (), ())
    if lang == "sql":
        return _judged(text, [*_doubts(text, sql=True), query_effect(text)], (), ())
    judge_ = Judge(packs or shipped())
    effects = [*_doubts(text), *judge_.effects(text)]
    if readable is False:
        effects.append(Effect(why="bash does not read it", proven=False))
    return _judged(text, effects, tuple(dict.fromkeys(judge_.variables)), tuple(dict.fromkeys(judge_.programs)))


def _narrowed(effect: Effect) -> Effect:
    """Give an effect of what only shows fields that hold no secret."""
    shows = effect.flags == ("prints-secret",) and effect.risk == "read"
    return Effect(start=effect.start, end=effect.end) if shows else effect


def _judged(text: str, effects: list[Effect], variables: tuple[str, ...], programs: tuple[str, ...]) -> Judgement:
    risk, flags = worst(effects), flags_of(effects)
    ordered = sorted(effects, key=_badness)
    parts = tuple(effect for effect in dict.fromkeys(ordered) if effect.why or not effect.proven)
    alone = risk == "read" and not NEVER_ALONE & set(flags) and all(effect.proven for effect in effects) and bool(text)
    why = parts[0].why if parts and not (alone and not parts[0].why) else "it only reads"
    return Judgement(risk=risk, flags=flags, unattended=alone, why=why or "it only reads", parts=parts,
                     variables=variables, programs=programs)  # fmt: skip


_TELLING = frozenset({"endless", "tty", "prints-secret", "placeholder"})


def _badness(effect: Effect) -> tuple[int, int, int, bool, int]:
    """Give the place of an effect among reasons: the worst first, then the one that helps most."""
    told = 0 if "placeholder" in effect.flags else 1 if _TELLING & set(effect.flags) else 2
    return (-RISKS.index(effect.risk), told, effect.proven, not effect.why, effect.start)


def _doubts(text: str, *, sql: bool = False) -> Iterator[Effect]:
    """Give what speaks against a text before it is read: nothing in it, blanks to fill in, letters that deceive."""
    if not text:
        yield Effect(why="there is nothing to run", proven=False)
    blank = placeholder_in(text, sql=sql)
    if blank:
        at = max(text.find(blank), 0)
        yield Effect(flags=("placeholder",), why=f"`{blank}` in it has to be filled in first", proven=False,
                     start=at, end=at + len(blank))  # fmt: skip
    strange = next((place for place, sign in enumerate(text) if not (" " <= sign <= "~" or sign in "\n\t")), None)
    if strange is not None:
        sign = text[strange]
        why = f"it holds {sign!r}, which can pass for another letter" if sign.isprintable() else (
            "it holds characters that cannot be seen")  # fmt: skip
        yield Effect(why=why, proven=False, start=strange, end=strange + 1)


def _disagreement(text: str, found: Script) -> str | None:
    """Give why the two readings of a text differ: the grammar's, and the strict one of plain calls."""
    calls = calls_in(text)
    if isinstance(calls, Unclear):
        return calls.because
    strict = [tuple(call.texts) for pipeline in calls for call in pipeline]
    loose = [_words(command) for command in found.commands if command.words or command.assignments]
    return None if strict == loose else "two ways of reading it disagree"


def _words(command: Command) -> tuple[str, ...]:
    settings = (f"{name}={value.text}" for name, value in command.assignments)
    return (*settings, *(word.text for word in command.words))
