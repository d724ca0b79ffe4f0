"""What a command printed, without secrets and without what a terminal would obey.

Known secrets are found in every form they are usually printed in; others by their shape. Too much is rather hidden
than too little. `Redactor` does the same for text that arrives in pieces, however it is cut.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

HIDDEN = "[redacted]"
SHORTEST = 4
LONGEST_LINE = 32 * 1024


class Redacted(msgspec.Struct, frozen=True):
    """A text without secrets, and how many places were hidden."""

    text: str
    count: int


class _Hit(NamedTuple):
    """A match, with the part of it that is hidden."""

    start: int
    end: int
    hide_from: int
    hide_to: int


_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]|\x9b[0-?]*[ -/]*[@-~]"
)
_ESCAPE_BEGUN = re.compile(
    r"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\n]{0,4096}\x1b?|[ -/]*)?|\x9b[0-?]*[ -/]*|\r)\Z"
)
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNSEEN_DELETE = 0x7F
# Where the first bytes of UTF-8 begin: continuations, then characters of two, three and four bytes.
_CONTINUES, _TWO, _THREE, _FOUR = 0x80, 0xC0, 0xE0, 0xF0
_RESERVED = re.compile(r"[^A-Za-z0-9_.~-]")
_RESERVED_BUT_SLASH = re.compile(r"[^A-Za-z0-9_.~/-]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_QUOTED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")

_SEPARATOR = r"\\?[\"']?[ \t]*(?:=>|[:=]|│(?=[ \t]))[ \t]*"
_NAME = (
    r"(?:secret|token|passw(?:or)?d|passphrase|[_-]pwd|(?<=;)pwd|credentials?|api[_-]?key|apikey|(?:secret|access|private|auth|encryption"
    r"|signing|master|account|service|shared)[_-]?key|[_-]key|[_-]pass|\bpgpass(?:word)?|(?-i:\bPASS))"
    r"(?:[_-]?(?:v?\d+|old|new|prod|hash|base64|value))?"
)
_VALUE = (
    r"(?:\\\"(?:(?!\\\")[^\n])*(?:\\\")?|\"(?:\\.|[^\"\\\n])*\"?|'(?:[^'\n]|'')*'?"
    r"|(?:(?:bearer|basic|token)[ \t]+)?[^\s\"'][^\s]*)"
)
_ISSUED = (
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{8,}|sk_(?:live|test)_\w{8,}"
    r"|sk-[\w-]{20,}|AIza[\w-]{30,}|npm_\w{30,}|SG\.[\w-]{16,}\.[\w-]{16,}"
)
_LABEL = r"[A-Z0-9 ]{0,60}"
_CLOSED = re.compile(rf"-----END {_LABEL}-----\Z", re.IGNORECASE)
_ISSUERS = ("gh", "glpat", "xox", "sk_", "sk-", "aiza", "npm_", "sg.")
_STORES = r"postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql"
_NAMES = ("secret", "token", "passw", "passphrase", "pwd", "credential", "key", "pass")
# Each shape with words of which one must be there in lower case: looking for those is a hundred times cheaper.
_SHAPES = tuple(
    (words, re.compile(pattern, re.IGNORECASE))
    for words, pattern in (
        (("-----begin",), rf"(?P<v>-----BEGIN {_LABEL}KEY{_LABEL}-----[\s\S]*?(?:-----END {_LABEL}-----|\Z))"),
        # YAML: a plain value goes to the end of the line.
        (_NAMES, rf"(?m:^[ \t]*(?:- )?[\w.-]{{0,60}}?{_NAME}:[ \t]+)(?P<v>[^\s\"'|>{{\[][^\n]*)"),
        (_NAMES, rf"{_NAME}{_SEPARATOR}(?P<v>{_VALUE})"),
        (_NAMES, rf"(?<![\w-])--?[\w-]{{0,40}}?{_NAME}[ \t]+(?P<v>{_VALUE})"),
        (("://",), rf"(?:{_STORES})://[^\s/:@\"']{{0,256}}:(?P<v>[^\s\"']+)@"),
        (("://",), r"://[^\s/:@\"'?#]{0,256}:(?P<v>[^\s/@\"']+)@"),
        (("://",), r"://(?P<v>[^\s/:@\"'?#]{16,256})@"),
        (("authorization",), rf"\bauthorization{_SEPARATOR}(?P<v>[^\r\n\"'│]+)"),
        (("cookie:",), r"\b(?:set-)?cookie:[ \t]*(?P<v>[^\n\"']+)"),
        (("bearer",), r"\bbearer[ \t]+(?P<v>[\w.~+/=-]{8,})"),
        (("basic",), r"\bbasic[ \t]+(?P<v>(?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/]{8,}=*)"),
        (("akia", "asia"), r"(?-i:(?P<v>(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}))"),
        (("eyj",), r"(?P<v>(?<![\w-])(?-i:eyJ)[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?)"),
        (_ISSUERS, rf"(?-i:(?P<v>(?<![\w-])(?:{_ISSUED})))"),
        (("hooks.slack",), r"hooks\.slack\.com/(?:services|workflows)/(?P<v>\S+)"),
    )
)  # fmt: skip


def plain(text: str) -> str:
    """Give the text without terminal sequences; other control characters are made visible."""
    bare = _ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub(_seen, bare)


def _seen(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < ord(" "):
        return chr(0x2400 + code)
    return "\u2421" if code == _UNSEEN_DELETE else f"<U+{code:04X}>"


def redact(text: str, secrets: Sequence[str] = ()) -> Redacted:
    """Give the plain text with secrets hidden. Secrets of fewer than 4 characters are only found by their place."""
    bare = plain(text)
    return _hidden(bare, _hits(bare, _known(secrets)))


class Redactor:
    """Redacts what arrives in pieces. Nothing is given out before it is certain that no secret begins in it."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._known = _known(secrets)
        self._forms = _forms(secrets)
        self._ahead = max((len(form) for form in self._forms), default=0)
        self._bytes = b""
        self._raw = ""
        self._held = ""
        self._until: re.Pattern[str] | None = None
        self._enough = 0
        self.count = 0

    def feed(self, data: bytes) -> str:
        """Take bytes and give the text that is certain by now."""
        self._bytes += data
        whole = len(self._bytes) - _unfinished(self._bytes)
        text, self._bytes = self._bytes[:whole].decode(errors="replace"), self._bytes[whole:]
        return self._taken(text, last=False)

    def finish(self) -> str:
        """Give the rest. A secret that had only begun to be printed is hidden too."""
        text, self._bytes = self._bytes.decode(errors="replace"), b""
        return self._taken(text, last=True)

    def _taken(self, text: str, *, last: bool) -> str:
        self._raw += text
        begun = None if last else _ESCAPE_BEGUN.search(self._raw[-4200:])
        keep = len(self._raw) - (len(begun[0]) if begun else 0)
        fresh, self._raw = plain(self._raw[:keep]), self._raw[keep:]
        self._held += fresh
        self._swallow()
        if last:
            text, self._held = "" if self._until else self._held, ""
            return self._out(text, _hits(text, self._known) + self._half_printed(text))
        stuck = len(self._held) < self._enough or ("\n" not in fresh and len(self._held) < LONGEST_LINE)
        return "" if self._until or stuck else self._certain()

    def _certain(self) -> str:
        """Give whole lines; of a line without an end, what cannot be part of a match any more."""
        text = self._held
        hits = _hits(text, self._known)
        line = text.rfind("\n", 0, max(0, len(text) - self._ahead)) + 1
        cut = _before(hits, line)
        if cut == 0 and len(text) >= LONGEST_LINE + self._ahead:
            cut = _before(hits, len(text) - LONGEST_LINE // 2 - self._ahead)
        if cut == 0 and len(text) >= LONGEST_LINE + self._ahead:
            return self._overlong(text, hits)
        self._held = text[cut:]
        # Without progress, look again only when there is a quarter more: looking at each byte would cost the square.
        self._enough = 0 if cut else len(text) + len(text) // 4
        return self._out(text[:cut], [hit for hit in hits if hit.end <= cut])

    def _overlong(self, text: str, hits: list[_Hit]) -> str:
        """Hide a match that fills nearly all that is held, to its end, wherever that comes."""
        end, reached = 0, 1
        while end < reached:
            end, reached = reached, max([reached, *(hit.end for hit in hits if hit.start < reached)])
        self._held = text[end:]
        self._enough = 0
        if end >= len(text):
            self._until = re.compile(
                r"-----(?:END|end)[^\n]{0,70}-----" if text.startswith("-----BEGIN") else r"(?=\n)"
            )
        self.count += 1
        return HIDDEN

    def _swallow(self) -> None:
        if self._until is None:
            return
        found = self._until.search(self._held)
        self._held = self._held[found.end() :] if found else self._held[-100:]
        if found:
            self._until = None

    def _half_printed(self, text: str) -> list[_Hit]:
        longest = max((_overlap(text, form) for form in self._forms), default=0)
        begun = len(text) - longest
        return [_Hit(begun, len(text), begun, len(text))] if longest >= SHORTEST else []

    def _out(self, text: str, hits: list[_Hit]) -> str:
        redacted = _hidden(text, hits)
        self.count += redacted.count
        return redacted.text


def _unfinished(data: bytes) -> int:
    """Give how many bytes at the end begin a character that is not complete."""
    for back, byte in enumerate(reversed(data[-3:]), 1):
        if byte < _CONTINUES:
            return 0
        if byte >= _TWO:
            return back if back < 2 + (byte >= _THREE) + (byte >= _FOUR) else 0
    return 0


def _overlap(text: str, form: str) -> int:
    """Give how many characters of the end of the text are the beginning of the form."""
    return next((n for n in range(min(len(form), len(text)), 0, -1) if text.endswith(form[:n])), 0)


def _before(hits: list[_Hit], cut: int) -> int:
    """Give the nearest place at or before `cut` where no match is cut in two and its line is left whole."""
    moved = True
    while moved:
        crossing = [hit.start for hit in hits if hit.start < cut < hit.end]
        moved = bool(crossing)
        cut = min(crossing, default=cut)
    return cut


def _hits(text: str, known: re.Pattern[str] | None) -> list[_Hit]:
    low = text.lower()
    shapes = [shape for words, shape in _SHAPES if any(word in low for word in words)]
    hits = [_Hit(m.start(), _end(m), m.start("v"), m.end("v")) for shape in shapes for m in shape.finditer(text)]
    if known:
        hits += [_Hit(m.start(), m.end(), m.start(), m.end()) for m in known.finditer(text)]
    return [hit for hit in hits if text[hit.hide_from : hit.hide_to] != HIDDEN]


def _end(found: re.Match[str]) -> int:
    """Give the end of a match; of a key whose end has not come yet, one beyond, for it goes on behind any cut."""
    return found.end() + (found[0].startswith("-----") and not _CLOSED.search(found[0]))


def _hidden(text: str, hits: Iterable[_Hit]) -> Redacted:
    spans: list[tuple[int, int]] = []
    for start, end in sorted((hit.hide_from, hit.hide_to) for hit in hits):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            spans.append((start, end))
    edges = [(0, 0), *spans, (len(text), len(text))]
    return Redacted(HIDDEN.join(text[left[1] : right[0]] for left, right in pairwise(edges)), len(spans))


def _known(secrets: Sequence[str]) -> re.Pattern[str] | None:
    forms = _forms(secrets)
    return re.compile("|".join(re.escape(form) for form in forms)) if forms else None


def _forms(secrets: Sequence[str]) -> tuple[str, ...]:
    """Give every text a secret may be printed as, longest first."""
    forms: set[str] = set()
    for secret in {part for whole in secrets for part in (whole, *_passwords(whole))}:
        shown = plain(secret).strip()
        if len(shown) < SHORTEST:
            continue
        quoted = _RESERVED.sub(_percent, shown)
        forms |= {shown, quoted, quoted.replace("%20", "+"), _RESERVED_BUT_SLASH.sub(_percent, shown)}
        forms |= {*_base64(secret), *_base64(shown)}
        escaped = msgspec.json.encode(secret).decode()[1:-1]
        forms |= {escaped, _BEYOND_ASCII.sub(_json_escape, escaped)}
    return tuple(sorted((form for form in forms if len(form) >= SHORTEST), key=lambda form: (-len(form), form)))


def _passwords(secret: str) -> tuple[str, ...]:
    """Give the password inside an address, as it stands there and as it is meant."""
    found = re.match(r"[a-z][a-z0-9+.-]*://[^/:@]*:(.+)@", secret, re.IGNORECASE)
    return (found[1], _QUOTED.sub(_unpercent, found[1])) if found else ()


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", errors="replace").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="replace"))


def _unpercent(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode(errors="replace")


def _base64(secret: str) -> set[str]:
    """Give the part of the base64 text that is the same wherever the secret stands in what was encoded."""
    forms: set[str] = set()
    data = secret.encode(errors="replace")
    for offset in range(3):
        # The wire form of bytes is base64.
        coded = msgspec.json.decode(msgspec.json.encode(b"\0" * offset + data), type=str).rstrip("=")
        first = (0, 2, 3)[offset]
        core = coded[first : len(coded) - (1 if (offset + len(data)) % 3 else 0)]
        forms |= {core, core.translate(str.maketrans("+/", "-_"))}
    return {form for form in forms if len(form) >= 2 * SHORTEST}
