"""Holding one call against the forms that only read: what to edit so that it ends, or why it does not fit."""

import re
from typing import Literal

import msgspec

from tocsin.guard.allowed import FORMS, KINDS, Addition, Form
from tocsin.guard.calls import Call, Word
from tocsin.guard.database import changes, query_trouble
from tocsin.guard.refused import refusal

_COMPUTED = "the shell would compute a part of it"


class No(msgspec.Struct, frozen=True):
    """Why not. `because` completes "Not run because ..."."""

    risk: Literal["read", "change", "unknown"]
    because: str


class Edit(msgspec.Struct, frozen=True):
    """Text to put over `start` to `end` of the source."""

    start: int
    end: int
    text: str
    says: str


class Fit(msgspec.Struct, frozen=True):
    """A call that fits a form: what to edit, and what to know."""

    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()


def fit(source: str, call: Call, granted: frozenset[str]) -> Fit | No:
    """Give how a call is run, or why not; the form with its words that complains last has the best reason."""
    if not call.name:
        return No("unknown", "which program it starts is known only when it runs")
    reason: No | None = None
    for form in FORMS:
        args = _arguments(call, form)
        if args is None:
            continue
        found = _Fitting(source, call, form, granted).of(args)
        if isinstance(found, Fit):
            return found
        reason = found
    return reason or No(*refusal(call.texts))


def _arguments(call: Call, form: Form) -> tuple[Word, ...] | None:
    """Give the words behind the command words of a form, flags that stood before the subcommand first."""
    if call.name != form.words[0]:
        return None
    rest = list(call.words[1:])
    early: list[Word] = []
    while rest and rest[0].text in form.before:
        early.append(rest.pop(0))
    length = len(form.words) - 1
    if tuple(word.text for word in rest[:length]) != form.words[1:] or any(w.variables for w in rest[:length]):
        return None
    return (*early, *rest[length:])


class _Fitting:
    """Holds one call against one form."""

    def __init__(self, source: str, call: Call, form: Form, granted: frozenset[str]) -> None:
        self.source = source
        self.call = call
        self.form = form
        self.granted = granted
        self.flags: list[str] = []
        self.operands: list[Word] = []
        self.edits: list[Edit] = []
        self.notes: list[str] = []

    def of(self, args: tuple[Word, ...]) -> Fit | No:
        """Give the fit of these arguments, or the first trouble."""
        waiting = list(args)
        while waiting:
            word = waiting.pop(0)
            text = word.text
            if text == "--" and not word.variables:
                self.operands += waiting
                break
            if not text.startswith("-") or text == "-":
                self.operands.append(word)
                continue
            trouble = self.flag(word, waiting)
            if trouble:
                return trouble
        return self.operand_trouble() or self.missing() or self.fitted()

    def fitted(self) -> Fit:
        for addition in self.form.additions:
            if not set(addition.unless) & set(self.flags):
                self.add(addition)
        return Fit(tuple(self.edits), tuple(self.notes))

    def operand_trouble(self) -> No | None:
        kinds = self.form.operands
        for index, word in enumerate(self.operands):
            if index >= len(kinds) and not self.form.more:
                return No("unknown", f"`{word.text}` is not expected in it")
            trouble = self.value_trouble(kinds[min(index, len(kinds) - 1)], word, "it")
            if trouble:
                return trouble
        return None

    def flag(self, word: Word, waiting: list[Word]) -> No | None:
        """Check one word that starts with a dash, with the value that may follow it."""
        if word.variables:
            return No("unknown", _COMPUTED)
        if word.text.startswith("--"):
            return self.long_flag(word, waiting)
        if self.form.number and re.fullmatch(r"-\d{1,6}", word.text):
            self.flags.append("-n")
            return None
        return self.letters(word, waiting)

    def long_flag(self, word: Word, waiting: list[Word]) -> No | None:
        if word.text in (*self.form.options, *self.form.before):
            self.flags.append(word.text)
            return None
        name, equals, value = word.text.partition("=")
        if name not in self.form.values:
            return self.unknown_flag(name)
        return self.valued(name, msgspec.structs.replace(word, text=value) if equals else None, waiting)

    def letters(self, word: Word, waiting: list[Word]) -> No | None:
        """Check letters behind one dash; behind a letter that takes a value, the rest is the value."""
        for place, letter in enumerate(word.text[1:], 2):
            name = "-" + letter
            if name in self.form.values:
                rest = word.text[place:]
                return self.valued(name, msgspec.structs.replace(word, text=rest) if rest else None, waiting)
            if letter not in self.form.switches:
                return self.unknown_flag(name)
            self.flags.append(name)
        return None

    def unknown_flag(self, name: str) -> No:
        shown = " ".join(self.form.words)
        return No("unknown", f"what `{name}` makes `{shown}` do is not known to be harmless")

    def valued(self, name: str, given: Word | None, waiting: list[Word]) -> No | None:
        value = given or (waiting.pop(0) if waiting else None)
        if value is None:
            return No("unknown", f"`{name}` has no value")
        again = name in self.flags and self.form.values[name] == "sql"
        self.flags.append(name)
        if again:
            return No("unknown", "it sends more than one query")
        return self.value_trouble(self.form.values[name], value, f"`{name}`")

    def value_trouble(self, kind: str, word: Word, where: str) -> No | None:
        if kind == "database" and word.whole_variable:
            return self.database(word, word.whole_variable)
        if word.variables:
            return No("unknown", _COMPUTED)
        if kind == "sql":
            trouble = query_trouble(word.text)
            return No("change" if changes(word.text) else "unknown", trouble) if trouble else None
        rule = KINDS["name" if kind == "database" else kind]
        if rule.like.fullmatch(word.text) and not (rule.unlike and rule.unlike.search(word.text)):
            return None
        return No("unknown", rule.because or f"`{word.text}` is not a value that {where} is known to take harmlessly")

    def database(self, word: Word, name: str) -> No | None:
        """Let the shell put in a granted address of a database, quoted so that it stays one word."""
        if name not in self.granted:
            return No("read", f"it needs `{name}`, which diagnostics have not been granted")
        if self.source[word.start : word.end] not in {f'"${name}"', f'"${{{name}}}"'}:
            self.edits.append(Edit(word.start, word.end, f'"${name}"', f"`${name}` in quotes"))
        self.notes.append(
            f"while it runs, other users of this machine can see the value of `{name}` among the processes"
        )
        return None

    def missing(self) -> No | None:
        if len(self.operands) < self.form.least:
            return No("unknown", f"`{' '.join(self.form.words)}` is not complete")
        for group in self.form.needs:
            if not set(group) & set(self.flags):
                return No("unknown", f"`{' '.join(self.form.words)}` without `{group[0]}` may go on or show too much")
        return None

    def add(self, addition: Addition) -> None:
        first, last = self.call.words[0 if addition.before else len(self.form.words) - 1], self.call.words[-1]
        place = last.end if addition.at_end else first.end
        self.edits.append(Edit(place, place, addition.text, addition.says))
