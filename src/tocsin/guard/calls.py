"""A strict reading of a small part of the shell language: plain calls, pipes and lists, and nothing else.

A general grammar accepts too much to build trust on. This one names what it knows (words, quotes, `|`, `&&`, `||`,
`;`, output thrown away) and says in plain words what it met instead, so whatever it gives can mean one thing only.
"""

import re
from typing import NoReturn

import msgspec


class Word(msgspec.Struct, frozen=True):
    """One word of a call. `text` is what the program sees; `variables` are expanded in it by the shell.

    `computed`: the shell puts in more than the value of a variable, such as the output of a command or file names.
    `shell` is the text with its variables written out, for whoever gives it to a shell again.
    """

    text: str
    start: int
    end: int
    variables: tuple[str, ...] = ()
    quoted: bool = False
    computed: bool = False
    shell: str = ""

    @property
    def fixed(self) -> bool:
        """Give whether the program sees exactly `text`."""
        return not self.variables and not self.computed

    @property
    def whole_variable(self) -> str | None:
        """Give the name when the word is one variable and nothing else."""
        alone = len(self.variables) == 1 and self.text == "" and not self.computed
        return self.variables[0] if alone else None


class Call(msgspec.Struct, frozen=True):
    """One simple command: its words, the name first."""

    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """Give the command word, empty when it is not written out plainly."""
        return "" if self.words[0].quoted or self.words[0].variables else self.words[0].text

    @property
    def texts(self) -> tuple[str, ...]:
        """Give the words as the program sees them."""
        return tuple(word.text for word in self.words)


class Unclear(msgspec.Struct, frozen=True):
    """Why the text is not read. `because` completes "Not run because ..."."""

    because: str


Pipelines = tuple[tuple[Call, ...], ...]

_BLANK = re.compile(r"[ \t]+|\\\n")
_COMMENT = re.compile(r"#[^\n]*")
_DISCARD = re.compile(r"(?:(?:[12]?>>?|&>>?)[ \t]*/dev/null|2>&1|1?>&2)(?=[ \t\n|;]|$)")
_OPERATOR = re.compile(r"&&|\|\||\|(?![|&])|;(?!;)|\n")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./^-]+")
_SINGLE = re.compile(r"'([^']*)'")
_VARIABLE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_ENDS_WORD = " \t\n|;&"
_MEANS = {
    ">": "it writes its output to a file",
    "<": "it takes its input from a redirection",
    "`": "another command runs inside it",
    "$": "the shell would compute a part of it",
    "(": "it opens a shell within the shell or defines a function",
    ")": "it opens a shell within the shell or defines a function",
    "&": "it would go on in the background",
    "|": "its pipes are unusual",
    ";": "its separators are unusual",
    "*": "which files a `*` names is known only when it runs",
    "?": "which files a `?` names is known only when it runs",
    "[": "which files a `[` names is known only when it runs",
    "~": "which folder a `~` names is known only when it runs",
    "{": "the shell would compute a part of it",
    "}": "the shell would compute a part of it",
    "\\": "it has a backslash outside quotes",
    "'": "a quote is not closed",
    '"': "a quote is not closed",
    "!": "it reads a failure as a success",
}


def calls_in(source: str) -> Pipelines | Unclear:
    """Give the calls of a command, one tuple for each pipeline, or why it is not read."""
    try:
        return _Reader(source).pipelines()
    except _StopError as stop:
        return Unclear(stop.because)


class _StopError(Exception):
    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def pipelines(self) -> Pipelines:
        if any(not (c.isprintable() or c in "\n\t") for c in self.source):
            self.stop("it holds characters that cannot be seen")
        done: list[tuple[Call, ...]] = []
        pipeline: list[Call] = []
        words: list[Word] = []
        pending = ""
        while self.at < len(self.source):
            if self.skipped():
                continue
            operator = _OPERATOR.match(self.source, self.at)
            if not operator:
                words.append(self.word())
                continue
            self.at = operator.end()
            if operator[0] == "\n" and not words:
                continue
            if not words:
                self.stop("its separators are unusual")
            pipeline.append(Call(tuple(words)))
            words, pending = [], operator[0]
            if pending != "|":
                done.append(tuple(pipeline))
                pipeline = []
        if words:
            pipeline.append(Call(tuple(words)))
        elif pending in {"|", "&&", "||"}:
            self.stop("it is not complete")
        if pipeline:
            done.append(tuple(pipeline))
        return tuple(done) or self.stop("there is nothing to run")

    def skipped(self) -> bool:
        """Step over blanks, comments and output thrown away."""
        for kind in (_BLANK, _COMMENT, _DISCARD):
            found = kind.match(self.source, self.at)
            if found:
                self.at = found.end()
                return True
        return False

    def word(self) -> Word:
        start, text, names, quoted = self.at, "", list[str](), False
        while self.at < len(self.source) and self.source[self.at] not in _ENDS_WORD:
            plain = _PLAIN.match(self.source, self.at)
            single = _SINGLE.match(self.source, self.at)
            variable = _VARIABLE.match(self.source, self.at)
            if plain:
                text, self.at = text + plain[0], plain.end()
            elif single:
                text, self.at, quoted = text + single[1], single.end(), True
            elif variable:
                names.append(variable[1] or variable[2])
                self.at = variable.end()
            elif self.source[self.at] == '"':
                quoted = True
                text += self.double(names)
            elif self.source[self.at] in "~#" and self.at > start and self.source[self.at - 1] not in "=:":
                text, self.at = text + self.source[self.at], self.at + 1
            else:
                self.unknown()
        if self.at == start:
            self.unknown()
        return Word(text, start, self.at, tuple(names), quoted)

    def double(self, names: list[str]) -> str:
        """Read a text in double quotes as the shell does; the variables in it go to `names`."""
        self.at += 1
        text = ""
        while self.at < len(self.source):
            here, after = self.source[self.at], self.source[self.at + 1 : self.at + 2]
            variable = _VARIABLE.match(self.source, self.at)
            if here == '"':
                self.at += 1
                return text
            if here == "\\" and after and after in '"\\$`\n':
                text, self.at = text + after.replace("\n", ""), self.at + 2
            elif variable:
                names.append(variable[1] or variable[2])
                self.at = variable.end()
            elif here == "`" or (here == "$" and after not in {'"', " "}):
                self.unknown()
            else:
                text, self.at = text + here, self.at + 1
        return self.stop("a quote is not closed")

    def unknown(self) -> NoReturn:
        here = self.source[self.at]
        if self.source.startswith(("$(", "<(", ">("), self.at) and not self.source.startswith("$((", self.at):
            self.stop("another command runs inside it")
        if self.source.startswith("<<", self.at):
            self.stop("it carries a text for its input")
        self.stop(_MEANS.get(here, f"it holds the character {here!r} outside quotes"))

    def stop(self, because: str) -> NoReturn:
        raise _StopError(because)
