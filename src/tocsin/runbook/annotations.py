"""Annotations: `<!-- tocsin:incident severity=P0 -->`, invisible when rendered, about what stands below them."""

import re
from typing import NamedTuple

from tocsin.runbook.ledger import Ledger
from tocsin.runbook.names import comments

KNOWN: dict[str, frozenset[str]] = {
    "incident": frozenset({"id", "severity", "alert", "alerts", "restricted"}),
    "step": frozenset({"name", "risk", "timeout", "approve", "rollback", "cwd"}),
    "resolved-when": frozenset(
        {"probe", "check", "for", "http", "status", "metric", "op", "value", "alert", "command", "sql", "within"}
    ),
    "when": frozenset({"metric", "op", "value", "for", "probe", "check", "alert", "window", "baseline"}),
    "skip": frozenset(),
}
_TOCSIN = re.compile(r"<!--\s*tocsin:(?P<what>[^\s-]+(?:-[^\s-]+)*)-*(?P<rest>.*)-->", re.DOTALL)
_PAIR = re.compile(r"""(?P<key>[A-Za-z][\w.-]*)=(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))""")


class Annotation(NamedTuple):
    """One annotation. `pairs` keeps the order; a key may come twice."""

    what: str
    pairs: tuple[tuple[str, str], ...]
    line: int

    def get(self, key: str) -> str | None:
        """Give the value of a key, or None."""
        return next((value for name, value in self.pairs if name == key), None)


def annotations_in(text: str, line: int, ledger: Ledger) -> tuple[Annotation, ...]:
    """Give the annotations in a text that begins on `line`; what is malformed becomes RB301 and is left out."""
    found = []
    for start, end in comments(text):
        match = _TOCSIN.fullmatch(text, start, end)
        if match is None or match["what"].startswith("ignore"):  # ignores.py reads those
            continue
        at = line + text.count("\n", 0, start)
        annotation = _read(match["what"], match["rest"], at, ledger)
        if annotation is not None:
            found.append(annotation)
    return tuple(found)


def _read(what: str, rest: str, line: int, ledger: Ledger) -> Annotation | None:
    known = KNOWN.get(what)
    if known is None:
        ledger.error(
            "RB301",
            line,
            f"There is no annotation tocsin:{what}, so it changes nothing; write one of {_list(KNOWN)}.",
        )
        return None
    left = _PAIR.sub("", rest).strip()
    if left:
        ledger.error(
            "RB301", line, f'"{left}" in tocsin:{what} is not written as key=value, so it is ignored; correct it.'
        )
    pairs = tuple((m["key"], m["double"] or m["single"] or m["bare"] or "") for m in _PAIR.finditer(rest))
    for key, _ in pairs:
        if key not in known:
            does = f"it takes {_list(known)}" if known else "it takes no keys"
            ledger.error("RB301", line, f"tocsin:{what} has no key {key}, so it is ignored; {does}.")
    return Annotation(what, tuple(pair for pair in pairs if pair[0] in known), line)


def _list(names: object) -> str:
    return ", ".join(sorted(str(name) for name in names))  # type: ignore[attr-defined]
