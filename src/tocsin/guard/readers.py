"""Programs whose words are a small language of their own: find, env, tar, shells, and what prints what it is given."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from tocsin.guard import commands
from tocsin.guard.calls import Word
from tocsin.guard.judgement import Effect, unclear
from tocsin.guard.pack import Reader
from tocsin.guard.patterns import pattern, words_of
from tocsin.guard.reading import Reading
from tocsin.guard.secrets import is_secret_name, is_settings, names_secrets
from tocsin.guard.syntax import Command
from tocsin.guard.values import written

if TYPE_CHECKING:
    from tocsin.guard.judge import Judge

_SETTING = pattern(r"[A-Za-z_]\w*=.*")
_FIND_VALUES = words_of("""
    -amin -anewer -atime -cmin -cnewer -context -ctime -fstype -gid -group -ilname -iname -inum -ipath -iregex
    -iwholename -links -lname -maxdepth -mindepth -mmin -mtime -name -newer -path -perm -printf -regex -regextype
    -samefile -size -type -uid -used -user -wholename -xtype -newermt -newerct -newerat -D -O
""")
_FIND_SWITCHES = words_of("""
    -P -L -H -daystart -depth -d -follow -ignore_readdir_race -noignore_readdir_race -mount -xdev -noleaf -nowarn
    -warn -help -version -empty -executable -false -true -nogroup -nouser -readable -writable -print -print0 -ls
    -prune -quit -a -and -o -or -not ! ( ) ,
""")
_FIND_FILES = frozenset({"-fprint", "-fprint0", "-fls", "-fprintf"})
_FIND_STARTS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_SHELL_FLAGS = pattern(r"[-+][A-Za-z]+")
_TAR_LETTERS = pattern(r"-?[A-Za-z]+")
_THROUGH = frozenset({"rg", "ag", "ack", "git"})
"""What searches through folders without being told to; `git` only through what is in the repository."""
_TAR_STARTS = words_of("""
    --to-command --use-compress-program --checkpoint-action --rsh-command --info-script --new-volume-script
    --rmt-command
""")
_TAR_LONG = words_of("""
    --list --extract --get --create --append --update --catenate --diff --compare --delete --test-label --file --verbose
    --gzip --gunzip --bzip2 --xz --zstd --lzma --lzip --uncompress --auto-compress --to-stdout --directory --exclude
    --exclude-from --wildcards --no-wildcards --strip-components --transform --xform --numeric-owner --full-time --null
    --files-from --no-recursion --occurrence --ignore-case --show-transformed-names --totals --utc --remove-files
    --one-file-system --sort --mtime --owner --group --mode --preserve-permissions --same-owner --no-same-owner
    --no-same-permissions --overwrite --keep-old-files --absolute-names --dereference --force-local --version --help
    --quoting-style --warning --ignore-failed-read --acls --xattrs --selinux --format --sparse --checkpoint
    --exclude-vcs --anchored --verbatim-files-from --block-number --check-links --to-command
""")
_TAR_KNOWN = frozenset("tdcxruAvfzjJZaOCpkPhWBbinoslNVHTXSmRhKDIF")
_TAR_TEXT = frozenset("bCfFgHIKLNTVX")


def find(_: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Read the expression of `find`: what it does with each file."""
    waiting = list(command.words[1:])
    while waiting:
        word = waiting.pop(0)
        text = word.text
        if text in _FIND_STARTS:
            end = next((n for n, w in enumerate(waiting) if w.text in {";", "+"}), len(waiting))
            inner, waiting = tuple(waiting[:end]), waiting[end + 1 :]
            yield from _for_each(inner, command, judge)
            if text.startswith("-ok"):
                yield Effect(flags=("tty",), why="it asks a person for each file", proven=False)
        elif text in _FIND_FILES:
            yield written(waiting.pop(0) if waiting else word)
        elif text == "-delete":
            yield Effect(risk="destructive", why="it deletes the files it finds", proven=False)
        elif text in _FIND_VALUES:
            del waiting[:1]
        elif text.startswith(("-", "(", ")", "!", ",")) and text not in _FIND_SWITCHES:
            yield unclear(f"what `{text[:40]}` makes `find` do is not known to be harmless")


def _for_each(inner: tuple[Word, ...], command: Command, judge: "Judge") -> Iterator[Effect]:
    """Give what a command does that is started with names of files put into it."""
    if not inner:
        yield unclear("it starts a command that is not complete")
        return
    yield Effect(why="it starts a command for each file it finds", proven=False)
    if any("{}" in word.text for word in inner[1:]) and any(w.text in {"-c", "-ec", "-lc"} for w in inner):
        yield unclear("names of files become part of a shell command", "opaque")
    if "{}" in inner[0].text:
        yield unclear("it starts the files it finds", "opaque")
        return
    bare = msgspec.structs.replace(command, words=inner, assignments=(), redirections=(), input="", before=None)
    yield from commands.effects_of(bare, judge)


def env(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Read `env NAME=VALUE COMMAND`; alone it prints every variable."""
    words = [*reading.others, *reading.rest]
    if words and words[0].text == "-":
        words.pop(0)
    settings = []
    while words and _SETTING.fullmatch(words[0].text):
        name, _, value = words[0].text.partition("=")
        settings.append((name, msgspec.structs.replace(words.pop(0), text=value)))
    split = reading.options.get("-S") or reading.options.get("--split-string")
    if split and split[0]:
        yield from judge.shell(commands.joined((split[0], *words)))
    elif words:
        bare = msgspec.structs.replace(command, words=tuple(words), assignments=tuple(settings), redirections=())
        yield from commands.effects_of(bare, judge)
    else:
        yield Effect(flags=("prints-secret",), why="`env` prints variables, which hold secrets", proven=False)


def tar(_: Reading, command: Command, __: "Judge") -> Iterator[Effect]:
    """Read the letters and long options of `tar`."""
    letters, long, values = _tar_words(command.words[1:])
    yield from _tar_doubts(letters, long, values)
    modes = {"--list": "t", "--diff": "d", "--compare": "d", "--create": "c", "--extract": "x", "--get": "x",
             "--append": "r", "--update": "u", "--catenate": "A", "--delete": "D", "--test-label": "t"}  # fmt: skip
    mode = next((letter for letter in letters if letter in "tdcxruA"), "")
    mode = mode or next((modes[name] for name in long if name in modes), "")
    file = values.get("f") or values.get("--file")
    piped = any(name.startswith("--to-c") for name in long)
    if "--remove-files" in long or mode == "D":
        yield Effect(risk="destructive", why="it deletes files", flags=("writes-file",), proven=False)
    elif mode in {"t", "d"} or (mode == "x" and (piped or "O" in letters or "--to-stdout" in long)):
        yield Effect()
    elif mode == "c" and (file is None or file.text == "-"):
        yield Effect(why="it prints the files it packs", proven=False)
    elif mode == "c" and file and file.text == "/dev/null":
        yield Effect(proven=False)
    else:
        yield Effect(risk="change", flags=("writes-file",), why="it writes files", proven=False)


def _tar_doubts(letters: str, long: list[str], values: dict[str, Word]) -> Iterator[Effect]:
    """Give what options do that start programs; `tar` takes the beginning of a long option for the whole."""
    if set(letters) & {"I", "F"} or any(known.startswith(name) for name in long for known in _TAR_STARTS):
        yield unclear("it starts another program", "opaque")
    strange = next((name for name in long if name not in _TAR_LONG), None)
    strange = strange or next((f"-{letter}" for letter in letters if letter not in _TAR_KNOWN), None)
    if strange:
        yield unclear(f"what `{strange[:40]}` makes `tar` do is not known to be harmless")
    file = values.get("f") or values.get("--file")
    if file and ":" in file.text and "--force-local" not in long:
        yield unclear("its archive is on another machine", "network")


def _tar_words(words: tuple[Word, ...]) -> tuple[str, list[str], dict[str, Word]]:
    """Give the letters, the long options, and the values of both."""
    letters, long, values = "", list[str](), dict[str, Word]()
    waiting = list(words)
    first = True
    while waiting:
        word = waiting.pop(0)
        if word.text.startswith("--"):
            name, equals, value = word.text.partition("=")
            long.append(name)
            if equals:
                values[name] = msgspec.structs.replace(word, text=value)
            elif name == "--file" and waiting:
                values[name] = waiting.pop(0)
        elif (first or word.text.startswith("-")) and _TAR_LETTERS.fullmatch(word.text):
            cluster = word.text.removeprefix("-")
            letters += cluster
            for letter in cluster:
                if letter in _TAR_TEXT and waiting:
                    values.setdefault(letter, waiting.pop(0))
        elif word.text.startswith("-"):
            letters += "F"
        first = False
    return letters, long, values


def shell(reading: Reading, _: Command, judge: "Judge") -> Iterator[Effect]:
    """Read the words of a shell: the text behind `-c`, or a script."""
    letters = "".join(name[1:] for name in reading.options if _SHELL_FLAGS.fullmatch(name))
    if "n" in letters and "c" not in letters:
        yield Effect()
    elif "c" in letters:
        if reading.others:
            yield from judge.shell(reading.others[0])
        else:
            yield unclear("it starts a shell without saying what for", "opaque")
    elif reading.others and "s" not in letters:
        yield unclear(f"what the script `{reading.others[0].text[:80]}` does is not known", "opaque")


def echo(reading: Reading, command: Command, _: "Judge") -> Iterator[Effect]:
    """Find the secrets among variables that are printed."""
    names = [name for word in command.words[1:] for name in word.variables if is_secret_name(name)]
    if names:
        yield Effect(flags=("prints-secret",), why=f"it prints `{names[0]}`, which holds a secret", proven=False)
    elif any(word.variables for word in command.words[1:]):
        yield Effect(why="it prints a variable", proven=False)
    del reading


def search(reading: Reading, _: Command, __: "Judge") -> Iterator[Effect]:
    """Find searches for secrets through folders."""
    quiet = reading.has(frozenset({"-q", "--quiet", "--silent", "-c", "--count", "-l", "--files-with-matches", "-L"}))
    through = reading.has(frozenset({"-r", "-R", "--recursive", "--dereference-recursive"})) or reading.name in _THROUGH
    wanted = [*reading.others[:1], *(v for values in reading.options.values() for v in values if v)]
    settings = any(is_settings(word.text) for word in reading.others[1:])
    if (through or settings) and not quiet and any(names_secrets(word.text) for word in wanted):
        yield Effect(flags=("prints-secret",), why="it searches files for secrets and prints them", proven=False)
    elif through and reading.name != "git":
        yield Effect(why="it searches whole folders, which may hold secrets", proven=False)


def xargs(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Find out what the words that are put in could become: another command, or a part of a shell text."""
    inner = reading.rest
    if not inner:
        return
    given = [v.text for name in ("-I", "-i", "--replace") for v in reading.options.get(name, []) if v]
    marks = [mark for mark in (*given, "{}") if mark]
    program = judge.packs.program(inner[0].text)
    starts = program is not None and (
        program.rest is not None or program.reader in {"shell", "source"} or program.joined
    )
    alone = starts and program is not None and not Reading(program, inner).rest
    put_in = any(mark in word.text for mark in marks for word in inner)
    if any(mark in inner[0].text for mark in marks) or (starts and (put_in or alone)):
        yield unclear("what it is given becomes a command", "opaque")
    said = commands.said(command.before)
    if said is not None and not put_in:
        more = tuple(msgspec.structs.replace(said, text=part, shell=part) for part in said.text.split())
        bare = msgspec.structs.replace(command, words=(*inner, *more), input="", before=None, redirections=())
        yield from commands.effects_of(bare, judge)


def alias(reading: Reading, command: Command, judge: "Judge") -> Iterator[Effect]:
    """Read the text that `alias` or `trap` keeps for later."""
    texts = reading.others[:1] if reading.name == "trap" else reading.others
    for word in texts:
        name, equals, text = word.text.partition("=")
        kept = msgspec.structs.replace(word, text=text, shell=text) if equals and reading.name == "alias" else word
        if equals or reading.name == "trap":
            yield from judge.shell(kept)
        del name
    if texts:
        yield Effect(why="it keeps a command for later", proven=False)
    del command


def source(reading: Reading, _: Command, __: "Judge") -> Iterator[Effect]:
    """Read `source FILE`."""
    name = reading.others[0].text[:80] if reading.others else ""
    yield unclear(f"what the script `{name}` does is not known", "opaque")


def module(reading: Reading, _: Command, __: "Judge") -> Iterator[Effect]:
    """Read `python SCRIPT` and `python -m MODULE`."""
    named = reading.options.get("-m")
    name = named[0].text if named and named[0] else ""
    if name == "json.tool" and len(reading.others) < 2:  # noqa: PLR2004  the second file is written
        return
    if name in {"http.server", "SimpleHTTPServer"}:
        yield Effect(flags=("endless", "network"), proven=False, why="it is a server, so it would not end by itself")
    elif name:
        yield unclear(f"what the module `{name[:40]}` does is not known", "opaque")
    elif reading.others and not reading.has(frozenset({"-c"})):
        yield unclear(f"what the script `{reading.others[0].text[:80]}` does is not known", "opaque")


READERS: dict[Reader, Callable[[Reading, Command, "Judge"], Iterator[Effect]]] = {
    "find": find, "env": env, "tar": tar, "shell": shell, "echo": echo, "search": search, "alias": alias,
    "source": source, "module": module, "xargs": xargs,
}  # fmt: skip
