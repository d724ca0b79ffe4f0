"""Rule packs: what programs do, as data. A pack says which calls only read, and what an option or a word changes."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import product
from typing import Literal

import msgspec

from tocsin.errors import SettingsInvalid
from tocsin.guard.judgement import RISKS, Flag, Risk
from tocsin.guard.patterns import Pattern, pattern

Value = Literal[
    "text", "in", "path", "out", "url", "sql", "shell", "code", "redis", "awk", "sed", "jq", "secret", "header",
    "method", "body", "query", "format", "script", "resource", "output", "date", "js",
    "database", "mysql", "wire",
]  # fmt: skip
"""What a value or a word is: see `values.py`."""


Reader = Literal["find", "shell", "env", "tar", "echo", "search", "alias", "source", "module", "xargs"]
"""Code that knows more of a program than a pack can say: see `readers.py`."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """When all its conditions hold, a call has this risk and these flags too.

    `on`: one of these options is given, with a value like `value` where that is set; `off`: none of these is.
    `word`: some word that is no option is like it; `first`: the first is. `least` and `most`: so many of them.
    `input`: whether something is piped or redirected into it. `bare`: it starts no other command. `only` replaces the
    risk of the call, for dry runs; `clears` takes flags away. `instead` says what to write in its stead.
    """

    on: str = ""
    off: str = ""
    value: str = ""
    word: str = ""
    first: str = ""
    least: int = 0
    most: int | None = None
    input: bool | None = None
    bare: bool = False
    risk: Risk = "read"
    only: Risk | None = None
    flags: tuple[Flag, ...] = ()
    clears: tuple[Flag, ...] = ()
    why: str = ""
    instead: str = ""
    unproven: bool = False

    @cached_property
    def options(self) -> frozenset[str]:
        """Give the options of `on`."""
        return frozenset(self.on.split())

    @cached_property
    def absent(self) -> frozenset[str]:
        """Give the options of `off`."""
        return frozenset(self.off.split())


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What a program, or one of its subcommands, takes and does. Lists of options are written with blanks.

    `switches` take no value; `kinds` maps options to what their value is; `values` is short for `text`. `attached`
    are short options whose value can only stand right behind them. With `open`, options that are not named only read.
    `words` says what the other words are, the last for all that follow; with one of the options `shift` the first kind
    is left out. `rest` is the number of words after which
    another command begins, which is not started with one of `idle`; `joined`: it is given to a shell as one text;
    `ends`: it is ended after a while. `stdin` says what its input is, unless one of the options `stdin_off` is given.
    `unproven` says why it never runs by itself although it reads. `reader` names code that looks at the words too.
    """

    risk: Risk | None = None
    why: str = ""
    instead: str = ""
    flags: tuple[Flag, ...] = ()
    switches: str = ""
    values: str = ""
    attached: str = ""
    kinds: dict[str, Value] = {}
    open: bool = False
    long: bool = False
    words: tuple[Value, ...] = ("text",)
    shift: str = ""
    rest: int | None = None
    idle: str = ""
    joined: bool = False
    ends: bool = False
    stdin: Value | None = None
    stdin_off: str = ""
    reader: Reader | None = None
    rules: tuple[Rule, ...] = ()
    unproven: str = ""

    @cached_property
    def taking(self) -> Mapping[str, Value]:
        """Give what the value of each option is, of those that take one."""
        named = {name: kind for names, kind in self.kinds.items() for name in names.split()}
        return {**dict.fromkeys(self.values.split(), "text"), **named}

    @cached_property
    def plain(self) -> frozenset[str]:
        """Give the options that are said to take no value."""
        return frozenset(self.switches.split())

    @cached_property
    def ruled(self) -> frozenset[str]:
        """Give the options that rules speak of, where no rule speaks of a value: they take none."""
        return frozenset(name for rule in self.rules if not rule.value for name in rule.options)

    @cached_property
    def named(self) -> frozenset[str]:
        """Give every option that rules speak of."""
        return frozenset(name for rule in self.rules for name in rule.options)

    @cached_property
    def shifting(self) -> frozenset[str]:
        """Give the options of `shift`."""
        return frozenset(self.shift.split())

    @cached_property
    def idling(self) -> frozenset[str]:
        """Give the options of `idle`."""
        return frozenset(self.idle.split())

    @cached_property
    def behind(self) -> frozenset[str]:
        """Give the options whose value may only be attached."""
        return frozenset(self.attached.split())


class Program(Call, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A program. `read`, `change`, `destructive` list its subcommands, as paths with `/`; `*` is any one word.

    `at` says more about some of them; with `fold`, upper case means the same; with `paired`, an
    option that is not named has the word behind it as its value. A program with subcommands and none of
    these lists matching is not understood.
    """

    names: str = ""
    read: str = ""
    change: str = ""
    destructive: str = ""
    fold: bool = False
    paired: bool = False
    at: dict[str, Call] = {}

    @cached_property
    def paths(self) -> tuple[tuple[tuple[str, ...], Call], ...]:
        """Give every subcommand with what is known of it, the most exact first."""
        found: dict[tuple[str, ...], Call] = {}
        for risk in RISKS[::-1]:
            for written in getattr(self, risk).split():
                for path in _spelled(written):
                    found.setdefault(path, Call(risk=risk, open=risk == "read"))
        for names, call in self.at.items():
            for written in names.split():
                for path in _spelled(written):
                    before = found.get(path)
                    found[path] = msgspec.structs.replace(call, risk=call.risk or (before.risk if before else None))
        return tuple(sorted(found.items(), key=lambda pair: sum("*" in part for part in pair[0])))

    @cached_property
    def exact(self) -> Mapping[tuple[str, ...], Call]:
        """Give the subcommands without `*`."""
        return {path: call for path, call in self.paths if not any("*" in part for part in path)}

    @cached_property
    def loose(self) -> tuple[tuple[tuple[Pattern, ...], Call], ...]:
        """Give the subcommands with `*`."""
        return tuple(
            (tuple(pattern(part.replace(".", r"\.").replace("*", r"[\w.-]*")) for part in path), call)
            for path, call in self.paths
            if any("*" in part for part in path)
        )

    def subcommand(self, path: tuple[str, ...]) -> Call | None:
        """Give what is known of the subcommand with exactly this path."""
        found = self.exact.get(path)
        if found is not None:
            return found
        return next(
            (call for parts, call in self.loose
             if len(parts) == len(path) and all(p.fullmatch(w) for p, w in zip(parts, path, strict=True))),
            None,
        )  # fmt: skip

    def leads(self, path: tuple[str, ...]) -> bool:
        """Give whether a longer path begins with this one."""
        size = len(path)
        return any(len(known) > size and known[:size] == path for known in self.exact) or any(
            len(parts) > size and all(p.fullmatch(w) for p, w in zip(parts, path, strict=False))
            for parts, _ in self.loose
        )


_PLAIN = Program()


class Packs(msgspec.Struct, frozen=True):
    """All programs by name."""

    programs: dict[str, Program]

    def program(self, name: str) -> Program | None:
        """Give the program with that name."""
        return self.programs.get(name)

    def with_more(self, more: "Packs") -> "Packs":
        """Give these with others. What both know of a program is put together; where they differ, the others win."""
        both = {name: _merged(self.programs[name], more.programs[name])
                for name in more.programs if name in self.programs}  # fmt: skip
        return Packs({**self.programs, **more.programs, **both})


_TOGETHER = ("read", "change", "destructive", "switches", "values")


def _merged(known: Program, more: Program) -> Program:
    """Give a program with more said of it: lists grow, everything else that is said replaces what was known."""
    said = {
        name: getattr(more, name) for name in more.__struct_fields__ if getattr(more, name) != getattr(_PLAIN, name)
    }
    for name in _TOGETHER:
        said[name] = f"{getattr(known, name)} {getattr(more, name)}".strip()
    said |= {"at": {**known.at, **more.at}, "kinds": {**known.kinds, **more.kinds},
             "rules": (*known.rules, *more.rules)}  # fmt: skip
    return msgspec.structs.replace(known, **said)


def _spelled(written: str) -> Iterable[tuple[str, ...]]:
    """Give the paths that `a/b|c` stands for."""
    return product(*(part.split("|") for part in written.split("/")))


def read_pack(text: str, name: str) -> Packs:
    """Give the programs of a pack in TOML. Raises SettingsInvalid with the pack's name and what is wrong."""
    try:
        return packs_of(msgspec.toml.decode(text), name)
    except msgspec.DecodeError as error:
        raise SettingsInvalid(f"{name}: {error}") from None


def packs_of(values: object, name: str) -> Packs:
    """Give the programs that tables describe. Raises SettingsInvalid with the pack's name and what is wrong."""
    try:
        tables = msgspec.convert(values, dict[str, Program])
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"{name}: {error}") from None
    return Packs({alias: program for table, program in tables.items() for alias in (table, *program.names.split())})
