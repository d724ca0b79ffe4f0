"""How the words of one call are taken: its subcommand, its options with their values, its other words."""

import re
from collections.abc import Iterator

from tocsin.guard.calls import Word
from tocsin.guard.pack import Call, Program, Value

_NUMBER = re.compile(r"-[0-9]{1,9}")
_TEXTS = frozenset({"sql", "mysql", "shell", "code", "awk", "sed", "jq", "js", "body"})
_NOT_KNOWN = Call()
_AT_MOST = 4
"""Words that a path of subcommands has at most."""


class Reading:
    """One call as its program takes it.

    `options` holds each option with its values, None where it takes none; `others` the words that are no option;
    `rest` the words of the command that it starts. `unknown` are options that are not known, `missing` is set when
    an option has no value.
    """

    def __init__(self, program: Program, words: tuple[Word, ...]) -> None:
        """Take the words of a call, the name of the program first."""
        self.program = program
        self.name = words[0].text
        self.path: tuple[str, ...] = ()
        self.has_subcommands = bool(program.paths)
        self.call: Call | None = None if self.has_subcommands else program
        self.options: dict[str, list[Word | None]] = {}
        self.others: list[Word] = []
        self.rest: tuple[Word, ...] = ()
        self.unknown: list[Word] = []
        self.missing = False
        self.computed_path = False
        self._lost = False
        self._counted: tuple[Call, frozenset[str]] | None = None
        self._waiting = list(words[1:])
        self._take()

    @property
    def leaf(self) -> Call:
        """Give what is known of the subcommand, or of the program."""
        return self.call or _NOT_KNOWN

    @property
    def shown(self) -> str:
        """Give the name and the subcommand as people write them."""
        return " ".join((self.name, *self.path))

    def has(self, names: frozenset[str]) -> bool:
        """Give whether one of these options is given."""
        return any(name in self.options for name in names)

    def values(self) -> Iterator[tuple[str, Value, Word]]:
        """Give each value of an option with the option and what kind of value it is."""
        for name, given in self.options.items():
            kind = self._taking(name) or ("text" if name in self._behind() else None)
            for value in given:
                if kind and value is not None:
                    yield name, kind, value

    def operands(self) -> Iterator[tuple[Value, Word]]:
        """Give each word that is no option with what kind it is."""
        kinds = self.leaf.words[1:] if self.has(self.leaf.shifting) else self.leaf.words
        for index, word in enumerate(self.others):
            yield (kinds[min(index, len(kinds) - 1)] if kinds else "text"), word

    def plain_words(self) -> Iterator[Word]:
        """Give every word but the texts of other languages, which are judged on their own."""
        given = [(kind, word) for _, kind, word in self.values()]
        yield from (word for kind, word in [*given, *self.operands()] if kind not in _TEXTS)
        yield from self.unknown

    # -- taking

    def _take(self) -> None:
        while self._waiting:
            word = self._waiting.pop(0)
            rest = self.leaf.rest if self.call else None
            if word.text == "--" and word.fixed:
                self.options.setdefault("--", [])
                self._after_dashes(rest)
                return
            if len(word.text) > 1 and word.text.startswith(("-", "+")) and self._is_option(word):
                self._option(word)
            elif rest is not None and len(self.others) == rest:
                self.rest = (word, *self._waiting)
                return
            else:
                self._word(word)

    def _is_option(self, word: Word) -> bool:
        return word.text.startswith("-") or word.text in self._known()

    def _after_dashes(self, rest: int | None) -> None:
        if rest is None:
            self.others += self._waiting
            return
        keep = max(0, rest - len(self.others))
        self.others += self._waiting[:keep]
        self.rest = tuple(self._waiting[keep:])

    def _word(self, word: Word) -> None:
        if self._lost or not self.has_subcommands:
            self.others.append(word)
            return
        text = word.text.lower() if self.program.fold else word.text
        path = (*self.path, text)
        if self.call is not None:
            deeper = self.program.exact.get(path)
            if deeper is not None and word.fixed:
                self.call, self.path = deeper, path
            else:
                self.others.append(word)
                self._lost = True
            return
        self._deeper(word, path)

    def _deeper(self, word: Word, path: tuple[str, ...]) -> None:
        if not word.fixed:
            self.computed_path = self._lost = True
            self.others.append(word)
            return
        self.call = self.program.subcommand(path)
        self.path = path
        if self.call is None and (len(path) >= _AT_MOST or not self.program.leads(path)):
            self._lost = True

    def _option(self, word: Word) -> None:
        text = word.text
        if not word.fixed and "=" not in text and not text.startswith("--"):
            self.unknown.append(word)
        elif text.startswith("--") or self._is_long():
            self._long(word)
        elif text in self._known():
            self.options.setdefault(text, []).append(None)
        elif self._taking(text):
            self._valued(text, None)
        elif _NUMBER.fullmatch(text) and "-#" in self._known():
            self.options.setdefault("-#", []).append(None)
        else:
            self._letters(word)

    def _is_long(self) -> bool:
        return self.leaf.long or self.program.long

    def _long(self, word: Word) -> None:
        name, equals, value = word.text.partition("=")
        found = [name] if name in self._known() or self._taking(name) or name in self._behind() else []
        if not found and name.startswith("--"):
            found = [known for known in self._all() if known.startswith(name)]
        for one in found:
            if equals:
                self.options.setdefault(one, []).append(_replaced(word, value))
            elif self._taking(one):
                self._valued(one, None)
            else:
                self.options.setdefault(one, []).append(None)
        if not found:
            given = _replaced(word, value) if equals else self._paired()
            self.options.setdefault(name, []).append(given)
            self.unknown.append(word)

    def _paired(self) -> Word | None:
        """Give the value of an option that is not known, where such options have one."""
        follows = bool(self._waiting) and not self._waiting[0].text.startswith("-")
        return self._waiting.pop(0) if self.program.paired and follows else None

    def _letters(self, word: Word) -> None:
        for place, letter in enumerate(word.text[1:], 2):
            name = "-" + letter
            if letter.isdigit() and "-#" in self._known():
                continue
            if self._taking(name) or name in self._behind():
                rest = word.text[place:]
                attached = _replaced(word, rest) if rest or (not word.fixed) or name in self._behind() else None
                self._valued(name, attached)
                return
            self.options.setdefault(name, []).append(None)
            if name not in self._known():
                self.unknown.append(word)

    def _valued(self, name: str, given: Word | None) -> None:
        if given is None and not self._waiting:
            self.missing = True
            self.options.setdefault(name, []).append(None)
            return
        self.options.setdefault(name, []).append(given or self._waiting.pop(0))

    def _taking(self, name: str) -> Value | None:
        """Give what the value of an option is; what the subcommand says of it wins."""
        own = self.leaf.taking.get(name)
        without = name in self.leaf.plain or (name in self.leaf.ruled and self.leaf is not self.program)
        return own or (None if without else self.program.taking.get(name))

    def _known(self) -> frozenset[str]:
        """Give the options that take no value."""
        if self._counted is None or self._counted[0] is not self.leaf:
            leaf, program = self.leaf, self.program
            own = leaf.plain | leaf.ruled if leaf is not program else leaf.plain
            taking = leaf.taking.keys() | (program.taking.keys() - own) | leaf.behind | program.behind
            self._counted = leaf, (leaf.plain | leaf.named | program.plain | program.named) - taking
        return self._counted[1]

    def _behind(self) -> frozenset[str]:
        return self.leaf.behind | self.program.behind

    def _all(self) -> set[str]:
        return {*self._known(), *self.leaf.taking, *self.program.taking, *self._behind()}


def _replaced(word: Word, text: str) -> Word:
    return Word(text, word.start, word.end, word.variables, word.quoted, word.computed,
                word.shell[len(word.shell) - len(text):] if not word.variables else word.shell)  # fmt: skip
