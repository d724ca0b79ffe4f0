"""What one command does: its program by the packs, what it starts in turn, its files, its variables."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from tocsin.guard import languages, readers
from tocsin.guard.calls import Word
from tocsin.guard.judgement import Effect, Risk, unclear
from tocsin.guard.pack import Program, Rule, Value
from tocsin.guard.patterns import LONGEST_VALUE, pattern, words_of
from tocsin.guard.reading import Reading
from tocsin.guard.secrets import shows_secret
from tocsin.guard.sql_tokens import Dialect
from tocsin.guard.syntax import Command
from tocsin.guard.values import COMPUTED, effect_of, is_wire, removes, written

if TYPE_CHECKING:
    from tocsin.guard.judge import Judge

_PLACES = pattern(r"(?:/usr)?(?:/local)?/s?bin/([^/]+)|/opt/homebrew/bin/([^/]+)")
_OWN_SCRIPT = pattern(r".*/([\w.-]+\.sh)")
_SCRIPT = pattern(r"\.{0,2}/\S+|\S+\.(?:sh|py|js|ts|rb|pl)")
_HARMLESS_SETTING = pattern(
    r"LANG|LC_\w+|LANGUAGE|TZ|TERM|COLUMNS|LINES|NO_COLOR|CI|DEBUG|FORCE_COLOR|PG(?:HOST|PORT|USER|DATABASE|PASSWORD"
    r"|SSLMODE|CONNECT_TIMEOUT|APPNAME|TZ)|AWS_(?:PROFILE|REGION|DEFAULT_REGION|PAGER)|GIT_OPTIONAL_LOCKS"
    r"|NODE_ENV|RAILS_ENV|APP_ENV|FOO|BAR"
)
_POWERFUL_SETTING = pattern(
    r"LD_\w+|DYLD_\w+|PATH|IFS|BASH\w*|ENV|PS[0-4]|PROMPT_COMMAND|SHELL\w*|GIT_\w+|\w*PAGER|\w*EDITOR|VISUAL|BROWSER"
    r"|PERL\w+|PYTHON\w+|NODE_OPTIONS|NODE_PATH|RUBY\w+|JAVA_\w+|\w*_JAVA_OPTIONS|CLASSPATH|LESS\w*|MAN\w+|GREP_\w+"
    r"|TAR_OPTIONS|AWK\w*|PSQL\w*|SSH_\w+|RSYNC_\w+|CURL_HOME|HOME|XDG_\w+"
    r"|GLOBIGNORE|POSIXLY_CORRECT|CDPATH|HOSTALIASES|LOCPATH|TERMINFO|HISTFILE|NPM_\w+|SYSTEMD_\w+"
)
_NODE_LIMITS = pattern(r"--(?:max[a-z-]*size|stack-size|trace-[a-z-]+)(?:=[0-9]{1,6})?")
_REHEARSAL = pattern(r"dry|what-if|skeleton")
_REHEARSED = "a rehearsal may still do something"
_FROM_INPUT = frozenset({"-s"})
"""With it a shell runs its input, and the words behind it are no script."""
_SAYING = frozenset({"echo", "printf"})
_WRAPPERS = words_of("""
    sudo nice ionice nohup timeout env time command stdbuf setsid exec docker podman kubectl ssh
""")
_SILENT = frozenset({":", "true"})
_BUILTINS = frozenset({"echo", "printf", "export", "declare", "typeset", "local", "readonly", "test", "set", "unset"})


def effects_of(command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what a command does, each effect with its place in the text."""
    for effect in _effects(command, judge):
        if effect.end:
            yield effect
        else:
            yield msgspec.structs.replace(effect, start=command.start, end=command.end)


def _effects(command: Command, judge: "Judge") -> Iterator[Effect]:
    yield from _settings(command)
    yield from _files(command, judge)
    if command.words:
        yield from _called(command, judge)


def _settings(command: Command) -> Iterator[Effect]:
    for name, value in command.assignments:
        if name.endswith("PAGER") and value.fixed and value.text in {"", "cat"}:
            continue
        if name == "NODE_OPTIONS" and value.fixed and _NODE_LIMITS.fullmatch(value.text):
            yield Effect(why="it sets a variable for the command it starts", proven=False)
            continue
        if _POWERFUL_SETTING.fullmatch(name) and not _HARMLESS_SETTING.fullmatch(name):
            yield unclear(f"`{name}` changes what programs do", "opaque")
        elif not _HARMLESS_SETTING.fullmatch(name) or not value.fixed:
            yield Effect(why="it sets a variable for the command it starts", proven=False)


def _files(command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what redirections do. What writes nothing into a file empties it."""
    program = judge.packs.program(command.words[0].text) if command.words else None
    for redirection in command.redirections:
        target, sign = redirection.target, redirection.sign
        if is_wire(target.text):
            yield unclear("the shell opens a connection of its own", "network", "opaque")
        elif sign in {"<", "<<", "<<<", "<&"}:
            if sign == "<":
                found = effect_of("in", target)
                prints = program is None or program.stdin != "wire"
                yield found if prints else msgspec.structs.replace(found, flags=())
            elif not target.fixed:
                yield Effect(why=COMPUTED, proven=False)
        elif sign == ">&" and target.fixed and (target.text.isdigit() or target.text == "-"):
            continue
        else:
            yield _written(command, sign, target)


def _written(command: Command, sign: str, target: Word) -> Effect:
    found = written(target)
    empties = found.risk == "change" and not sign.endswith(">>") and sign != "<>" and _says_nothing(command)
    return msgspec.structs.replace(found, risk="destructive", why="it empties a file") if empties else found


def _says_nothing(command: Command) -> bool:
    words = [word.text for word in command.words]
    if not words:
        return command.before is None and command.input == ""
    return (
        words[0] in _SILENT
        or words in (["cat", "/dev/null"], ["echo", "-n"], ["echo", "-n", ""], ["printf", ""], ["echo"], ["echo", ""])
        or (words == ["cat"] and command.input == "")
    )


def _called(command: Command, judge: "Judge") -> Iterator[Effect]:
    name = command.words[0]
    if not name.fixed:
        risk: Risk = "destructive" if removes(joined(command.words).text) else "change"
        yield unclear("which program it starts is known only when it runs", "opaque", risk=risk)
        return
    if name.text in judge.functions:
        yield Effect(why="it calls a function of its own", proven=False)
        return
    known, doubt = _program(name.text, judge)
    judge.programs.append(known or name.text)
    if doubt:
        yield doubt
    program = judge.packs.program(known) if known else None
    if program is None:
        yield _unknown(command)
        return
    words = (msgspec.structs.replace(name, text=known or ""), *command.words[1:])
    yield from _known(msgspec.structs.replace(command, words=words), program, judge)


def _program(name: str, judge: "Judge") -> tuple[str | None, Effect | None]:
    """Give the name under which the packs know a program, and what is doubtful about how it is called."""
    found = _PLACES.fullmatch(name)
    if found:
        return found[1] or found[2], Effect(why="it names its program by a path", proven=False)
    own = _OWN_SCRIPT.fullmatch(name)
    if own and judge.packs.program(own[1]):
        return own[1], Effect(why="it names its program by a path", proven=False)
    return (None if "/" in name else name), None


def _unknown(command: Command) -> Effect:
    name = command.words[0].text[:80]
    if _SCRIPT.fullmatch(name):
        return unclear(f"what the script `{name}` does is not known", "opaque")
    second = command.words[1].text[:40] if len(command.words) > 1 and command.words[1].fixed else ""
    shown = f"{name} {second}" if second and not second.startswith("-") else name
    return unclear(f"`{shown}` is not on the list of commands that are known to read only", "opaque")


def _known(command: Command, program: Program, judge: "Judge") -> Iterator[Effect]:
    reading = Reading(program, command.words)
    if any(len(word.text) > LONGEST_VALUE for word in reading.plain_words()):
        yield unclear("it is too long to be judged", "opaque")
        return
    if _asks_for_help(reading):
        return
    rules = _rules(reading, command)
    found = [*_own(reading, rules), *_of_rules(reading, rules), *_of_words(reading, command, judge)]
    found += _inner(reading, command, judge)
    found += _of_input(reading, command, judge)
    if reading.leaf.reader:
        found += readers.READERS[reading.leaf.reader](reading, command, judge)
    cleared: set[str] = {flag for rule in rules for flag in rule.clears}
    if reading.leaf.ends:
        cleared.add("endless")
    for effect in found:
        yield _without(effect, cleared) if cleared else effect
    if command.words[0].text in _BUILTINS:
        return
    if shows_secret(command.words):
        yield Effect(flags=("secret-in-argv",), why="other users of the machine can see a secret in it")


def _rules(reading: Reading, command: Command) -> list[Rule]:
    """Give the rules that hold, of the subcommand and of the program."""
    others = [word.text for word in reading.others]
    others += [name for name, _ in command.assignments] if command.builtin else []
    found = [rule for rule in reading.leaf.rules if _holds(rule, others, reading, command)]
    if reading.leaf is reading.program:
        return found
    every = [*reading.path, *others]
    return found + [rule for rule in reading.program.rules if _holds(rule, every, reading, command)]


def _without(effect: Effect, cleared: set[str]) -> Effect:
    flags = tuple(flag for flag in effect.flags if flag not in cleared)
    why = "" if effect.proven and effect.flags != flags else effect.why
    return msgspec.structs.replace(effect, flags=flags, why=why)


def _asks_for_help(reading: Reading) -> bool:
    asked = set(reading.options) & {"--version", "--help", "-v", "-V", "-h", "-version", "version"}
    return (
        bool(asked)
        and len(reading.options) == 1
        and not reading.others
        and not reading.path
        and not reading.rest
        and (reading.has_subcommands or not {"-v", "-V", "-h"} & asked)
    )


def _own(reading: Reading, rules: list[Rule]) -> Iterator[Effect]:
    """Give what the call does before its options and words are looked at."""
    leaf, program = reading.leaf, reading.program
    flags = (*program.flags, *leaf.flags) if leaf is not program else program.flags
    lowered = next((rule for rule in rules if rule.only), None)
    only = lowered.only if lowered else None
    none = not reading.path and not reading.others
    risk = only or leaf.risk or (program.risk if none or not reading.has_subcommands else None)
    if reading.computed_path:
        yield unclear("which of its subcommands it is, is known only when it runs", "opaque", *flags)
    elif risk is None:
        yield unclear(_not_known(reading), "opaque", *flags)
    elif risk == "read":
        why = leaf.why if flags and (leaf.risk or program.risk) == "read" else ""
        doubt = leaf.unproven or (_REHEARSED if lowered and _REHEARSAL.search(lowered.on) else "")
        yield Effect(flags=flags, why=doubt or why, proven=not doubt, instead=leaf.instead)
    else:
        yield Effect(risk=risk, flags=flags, why=_does(reading, risk), proven=False, instead=leaf.instead)
    if leaf.open or program.open:
        if only == "read" and leaf.risk != "read" and reading.unknown:
            shown = reading.unknown[0].text.partition("=")[0][:40]
            yield Effect(why=f"what `{shown}` makes `{reading.shown}` do is not known to be harmless", proven=False)
        return
    for word in reading.unknown:
        shown = word.text.partition("=")[0][:40]
        yield unclear(f"what `{shown}` makes `{reading.shown}` do is not known to be harmless")
    if reading.missing:
        yield Effect(why=f"`{reading.shown}` is not complete", proven=False)


def _not_known(reading: Reading) -> str:
    second = reading.others[0].text[:40] if reading.others and not reading.path else ""
    shown = " ".join(part for part in (reading.shown, second) if part)
    return f"`{shown}` is not on the list of commands that are known to read only"


def _does(reading: Reading, risk: str) -> str:
    said = reading.leaf.why
    if said:
        return said if said.startswith("it ") else f"`{reading.shown}` {said}"
    return f"`{reading.shown}` {'changes something' if risk == 'change' else 'deletes or stops something'}"


def _holds(rule: Rule, others: list[str], reading: Reading, command: Command) -> bool:
    given = not rule.on or any(_given(rule, name, reading) for name in rule.options)
    unfit = (
        (rule.off and reading.has(rule.absent))
        or (rule.bare and reading.rest)
        or (rule.input is not None and rule.input != bool(command.input))
        or len(others) < rule.least
        or (rule.most is not None and len(others) > rule.most)
        or (rule.first and not (others and pattern(rule.first).fullmatch(others[0][:LONGEST_VALUE])))
        or (rule.word and not any(pattern(rule.word).fullmatch(text[:LONGEST_VALUE]) for text in others))
    )
    return given and not unfit


def _given(rule: Rule, name: str, reading: Reading) -> bool:
    values = reading.options.get(name)
    if values is None or not rule.value:
        return values is not None
    return any(pattern(rule.value).fullmatch(value.text[:LONGEST_VALUE] if value else "") for value in values)


def _of_rules(reading: Reading, rules: list[Rule]) -> Iterator[Effect]:
    for rule in rules:
        if rule.risk != "read" or rule.flags or rule.unproven:
            bad = rule.risk != "read" or rule.unproven
            yield Effect(risk=rule.risk, flags=rule.flags, proven=not bad, instead=rule.instead,
                         why=rule.why or (_does(reading, rule.risk) if bad else ""))  # fmt: skip


_LANGUAGES: dict[Value, Callable[[Word], Effect]] = {
    "awk": languages.awk, "sed": languages.sed, "jq": languages.jq, "js": languages.js,
}  # fmt: skip


_DIALECTS: dict[Value, Dialect] = {"sql": "postgres", "mysql": "mysql"}


def _of_words(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    for name, kind, word in reading.values():
        yield from _value(kind, word, judge)
        if not word.fixed and kind == "text":
            yield Effect(why=COMPUTED, proven=False)
        del name
    for kind, word in reading.operands():
        yield from _value(kind, word, judge)
    for word in command.words[1:]:
        if word.computed and word.fixed is False and "/" not in word.text:
            yield Effect(why=COMPUTED, proven=False)


def _value(kind: Value, word: Word, judge: "Judge") -> Iterator[Effect]:
    if kind in _DIALECTS:
        yield judge.sql(word, _DIALECTS[kind])
    elif kind == "shell":
        yield from judge.shell(word)
    elif kind in _LANGUAGES:
        yield _LANGUAGES[kind](word)
    else:
        yield effect_of(kind, word)


def _inner(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what the command does that this one starts."""
    if not reading.rest or reading.leaf.reader == "env" or reading.has(reading.leaf.idling):
        return
    leaf = reading.leaf
    if leaf.joined:
        found = list(judge.shell(joined(reading.rest)))
    else:
        found = list(effects_of(msgspec.structs.replace(command, words=reading.rest, redirections=(), assignments=()),
                                judge))  # fmt: skip
    yield from found


def joined(words: tuple[Word, ...]) -> Word:
    """Give words as the one text that a shell is given."""
    text = " ".join(word.shell or word.text for word in words)
    names = tuple(name for word in words for name in word.variables)
    return Word(text, words[0].start, words[-1].end, names, True, any(word.computed for word in words), text)


def _of_input(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what is done with the input of a program that takes commands or queries from it."""
    leaf = reading.call or reading.program
    kind = leaf.stdin
    if kind is None or not command.input or reading.has(frozenset(leaf.stdin_off.split())):
        return
    takes_script = leaf.words[:1] == ("script",) or leaf.reader in {"shell", "module"}
    if reading.rest or (takes_script and reading.others and not reading.has(_FROM_INPUT)):
        return
    text = command.text or said(command.before)
    if kind == "wire":
        yield from _sent(text, command)
    elif text is None:
        yield unclear("what it is given to run is known only when it runs", "opaque")
    elif kind == "redis":
        yield from _each_line(text, command, judge)
    else:
        yield from _value(kind, text, judge)
        if kind in {"shell", "code"} and command.input == "pipe":
            yield unclear("it runs what is piped into it", "opaque")


def _sent(text: Word | None, command: Command) -> Iterator[Effect]:
    """Give what sending its input to a server does."""
    nothing = any(r.sign == "<" and r.target.text == "/dev/null" for r in command.redirections)
    if text is not None:
        yield languages.wire(text)
    elif not nothing:
        yield unclear("it sends what is known only when it runs")


def _each_line(text: Word, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what a program does that takes each line of its input as further words."""
    for line in text.text.splitlines():
        words = tuple(msgspec.structs.replace(text, text=part, shell=part) for part in line.split())
        if words:
            bare = Command(words=(command.words[0], *words), start=command.start, end=command.end)
            yield from effects_of(bare, judge)


def said(command: Command | None) -> Word | None:
    """Give what `echo` or `printf` writes, or a `cat` of text that stands there, where that is known."""
    if command is None or not command.words:
        return None
    if [word.text for word in command.words] == ["cat"] and command.text:
        return command.text
    words = list(command.words)
    if words[0].text in _WRAPPERS:
        words = words[next((n for n, word in enumerate(words) if word.text in _SAYING), 0) :]
    if words[0].text not in _SAYING:
        return None
    spoken = [word for word in words[1:] if not pattern("-[neE]{1,3}").fullmatch(word.text)]
    return joined(tuple(spoken)) if spoken else msgspec.structs.replace(words[0], text="", shell="")
