"""The rule packs: data that is held to what it may say."""

import re
import re._constants as constants  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import tocsin.guard
import tocsin.guard.shipped
from tocsin.errors import SettingsInvalid
from tocsin.guard.judge import judge
from tocsin.guard.pack import Call, Packs, Program, packs_of, read_pack
from tocsin.guard.ruling import Allowance, packs_with, rule
from tocsin.guard.shipped import shipped

MODULES = [import_module(f"tocsin.guard.{found.name}") for found in iter_modules(tocsin.guard.__path__)]


def calls() -> Iterator[tuple[str, Call]]:
    """Give every program and subcommand of the shipped packs with its name."""
    for name, program in shipped().programs.items():
        yield name, program
        yield from ((f"{name} {' '.join(path)}", call) for path, call in program.paths)


def test_a_program_is_described_once() -> None:
    folder = Path(tocsin.guard.shipped.__file__).parent / "packs"
    tables = [tomllib.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.toml"))]
    names = [
        name for table in tables for key, value in table.items() for name in (key, *value.get("names", "").split())
    ]
    assert {name: count for name, count in Counter(names).items() if count > 1} == {}
    assert not [name for name in names if name.endswith("_")]


def test_an_option_takes_a_value_or_does_not() -> None:
    both = {name: sorted(call.plain & call.taking.keys()) for name, call in calls() if call.plain & call.taking.keys()}
    assert both == {}


def test_a_rule_says_something() -> None:
    for name, call in calls():
        for one in call.rules:
            says = one.risk != "read" or one.only or one.flags or one.clears or one.unproven
            listed = one.on and not (one.value or one.word)
            assert says or listed, name


def test_what_is_said_to_read_starts_nothing_and_writes_nothing_unseen() -> None:
    for name, program in shipped().programs.items():
        if program.open and program.risk == "read" and program.rest is not None:
            assert program.unproven or name == "numactl", name


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[x]\nrisk = 'harmless'", "harmless"),
        ("[x]\nflag = ['tty']", "flag"),
        ("[x]\nflags = ['loud']", "loud"),
        ("[x]\nrules = [{ when = '-x' }]", "when"),
        ("[x", "own pack"),
    ],
)
def test_a_pack_with_a_mistake_is_refused_with_its_name(text: str, what: str) -> None:
    with pytest.raises(SettingsInvalid, match=re.escape(what)) as refused:
        read_pack(text, "own pack")
    assert "own pack" in str(refused.value)


OWN = '{"shopctl": {"read": "status orders/list", "destructive": "orders/purge", "values": "--region"}}'


@pytest.mark.parametrize(
    ("text", "risk", "alone"),
    [
        ("shopctl status", "read", True),
        ("shopctl --region eu orders list", "read", True),
        ("shopctl orders purge", "destructive", False),
        ("shopctl orders", "change", False),
        ("shopctl deploy", "change", False),
        ("shopctl status; rm x", "destructive", False),
        ("df -h", "read", True),
    ],
)
def test_a_team_says_what_its_own_programs_do(text: str, risk: str, *, alone: bool) -> None:
    ruling = rule(text, allowance=Allowance(frozenset(), OWN))
    assert (ruling.risk, ruling.unattended) == (risk, alone)


def test_without_being_told_the_programs_of_a_team_are_unknown() -> None:
    assert rule("shopctl status").flags == ("opaque",)


def test_more_about_a_known_program_leaves_the_rest_as_it_was() -> None:
    packs = packs_with('{"npm": {"read": "run/lint"}}')
    assert judge("npm run lint", packs=packs).risk == "read"
    assert judge("npm run deploy", packs=packs).risk == "change"
    assert judge("npm uninstall x", packs=packs).risk == "destructive"


def test_a_team_may_make_a_known_program_stricter() -> None:
    packs = packs_of({"kubectl": {"at": {"get": {"risk": "change", "why": "is logged by the bank"}}}}, "own")
    assert judge("kubectl get pods", packs=Packs({**shipped().with_more(packs).programs})).risk == "change"


def test_a_path_with_stars_stands_for_one_word_each() -> None:
    program = Program(read="*/list|show", destructive="*/delete")
    assert program.subcommand(("vm", "list")) is not None
    assert program.subcommand(("vm", "delete")) is not None
    assert program.subcommand(("list",)) is None
    assert program.subcommand(("vm", "disk", "list")) is None


# -- patterns


def patterns() -> Iterator[str]:
    """Give every pattern of the guard: of its modules and of its packs."""
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, re.Pattern):
                assert not value.flags & re.VERBOSE, "it is parsed here as it stands"
                yield value.pattern if isinstance(value.pattern, str) else value.pattern.decode("latin-1")
    for _, call in calls():
        for one in call.rules:
            yield from (text for text in (one.value, one.word, one.first) if text)
    for program in shipped().programs.values():
        yield from (part.pattern for parts, _ in program.loose for part in parts)


REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)
ANYTHING = frozenset(map(chr, range(128)))


def consumed(tree: Any) -> frozenset[str]:
    """Give the characters that a part of a pattern can match, wherever they stand in it."""
    found: set[str] = set()
    for operator, argument in tree:
        if operator is constants.LITERAL:
            found |= {chr(argument).lower(), chr(argument).upper()}
        elif operator is constants.NOT_LITERAL:
            found |= ANYTHING - {chr(argument)}
        elif operator is constants.ANY:
            found |= ANYTHING
        elif operator is constants.IN:
            single = re.compile("[" + "".join(spelled(part) for part in argument) + "]", re.IGNORECASE)
            found |= {sign for sign in ANYTHING if single.match(sign)}
        elif operator is constants.BRANCH:
            found |= frozenset().union(*(consumed(branch) for branch in argument[1]))
        elif operator in REPEATS:
            found |= consumed(argument[2])
        elif operator is constants.SUBPATTERN:
            found |= consumed(argument[-1])
    return frozenset(found)


def spelled(part: Any) -> str:
    """Give a part of a set of characters as it is written."""
    operator, argument = part
    if operator is constants.NEGATE:
        return "^"
    if operator is constants.LITERAL:
        return re.escape(chr(argument))
    if operator is constants.RANGE:
        return f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
    kinds = {"DIGIT": "d", "SPACE": "s", "WORD": "w", "NOT_DIGIT": "D", "NOT_SPACE": "S", "NOT_WORD": "W"}
    return f"\\{kinds[str(argument).removeprefix('CATEGORY_')]}"


def begins_apart(tree: Any) -> bool:
    """Give whether each round of a repetition begins with something that the rest of it cannot take."""
    first, *rest = tree
    if first[0] is constants.SUBPATTERN:
        return not rest and begins_apart(first[1][-1])
    single = first[0] in {constants.LITERAL, constants.IN}
    return single and not consumed([first]) & consumed(rest)


def degree(tree: Any, running: frozenset[str] = frozenset()) -> tuple[int, frozenset[str]]:
    """Give how many repetitions without an end may share the same text, at most, and what the last of them can take.

    A repetition that is followed by something it cannot take itself is over there, whatever comes.
    """
    most, count = 0, 1 if running else 0
    for operator, argument in tree:
        if operator in REPEATS and argument[1] == constants.MAXREPEAT:
            apart = degree(argument[2])[0] == 0 or begins_apart(argument[2])
            assert apart, "a repetition within a repetition takes exponential time"
            mine = consumed(argument[2])
            count = count + 1 if running & mine else 1
            running = mine
        elif operator is constants.BRANCH:
            found = [degree(branch, running) for branch in argument[1]]
            count = max(count, *(one for one, _ in found))
            running = frozenset().union(*(left for _, left in found))
        elif operator in {*REPEATS, constants.SUBPATTERN}:
            inner = argument[2] if operator in REPEATS else argument[-1]
            deep, left = degree(inner, running)
            count, running = (
                max(count, deep),
                left | (running if operator in REPEATS and not argument[0] else frozenset()),
            )
        elif operator in {constants.ASSERT, constants.ASSERT_NOT}:
            assert degree(argument[1])[0] <= MOST
        elif operator is not constants.AT and not consumed([(operator, argument)]) <= running:
            running, count = frozenset(), 0
        most = max(most, count)
    return most, running


MOST = 2
"""Words are bounded, so two repetitions that share a text do at most LONGEST_VALUE squared steps."""


@pytest.mark.parametrize("text", sorted(set(patterns())))
def test_the_work_of_every_pattern_is_bounded(text: str) -> None:
    assert degree(parser.parse(text, re.IGNORECASE | re.DOTALL))[0] <= MOST


def test_a_pattern_that_takes_too_long_would_be_found() -> None:
    assert degree(parser.parse(r"a*b.*"))[0] == 1
    assert degree(parser.parse(r".*a.*"))[0] == MOST
    assert degree(parser.parse(r".*a.*b.*"))[0] > MOST
    assert degree(parser.parse(r"[^/]*/[^/]*/[^/]*"))[0] == 1
    assert degree(parser.parse(r"(?:-[a-z]+)*"))[0] == 1
    for bad in (r"(?:a+)+b", r"(?:-?[a-z]+)*b", r"(?:[a-z]|b+)*c"):
        with pytest.raises(AssertionError, match="exponential"):
            degree(parser.parse(bad))


def test_a_very_long_text_is_refused_at_once() -> None:
    found = judge("df -h " + "a" * 1_000_000)
    assert (found.risk, found.flags, found.unattended) == ("change", ("opaque",), False)
    assert "longer than" in found.why


@pytest.mark.parametrize("text", ["df " + "x" * 5000, "grep -f " + "x" * 5000, "curl https://a.io/" + "x" * 5000])
def test_a_very_long_word_is_not_understood(text: str) -> None:
    assert not judge(text).unattended


@pytest.mark.parametrize(
    "piece", ["(", "$(", "`", "{ ", "if x; then ", "<(", '"$(', "bash -c 'x' ;", "|", "&&", ";", "'"]
)
def test_deep_texts_are_judged_without_falling_over(piece: str) -> None:
    assert not judge(piece * 3000).unattended
