"""PromQL that an author wrote into a symptom: "Database down (`pg_up == 0`)"."""

import re

from tocsin.triage.words import listed

_COMPARED = re.compile(r"\s*(?P<op>==|!=|>=|<=|>|<)\s*(?P<value>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)(?![\w.%])")
LONGEST = 2000
"""No symptom that a person wrote is longer; what lies behind is not looked at."""
_OPENERS = {")": "(", "]": "[", "}": "{"}
_WORD = re.compile(r"[\w:.]+$")
_BETWEEN = re.compile(r"\s*[-+*/]\s*$")
_METRIC = re.compile(r"\b[a-zA-Z]\w*_\w+\b")
_MATCHER = r"""\s*[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"[^"\\{}]*"\s*"""
_TOKEN = re.compile(
    rf"""\s*(?:(?P<word>[a-zA-Z_:][\w:]*)|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<sign>[-+*/(),])"""
    rf"""|(?P<after>\{{(?:{_MATCHER}(?:,{_MATCHER})*)?\}}|\[[0-9]+[smhdwy](?::(?:[0-9]+[smhdwy])?)?\]))""",
)
_KEYWORDS = frozenset({"by", "without"})
_FUNCTIONS = listed(
    "abs absent absent_over_time avg avg_over_time ceil changes clamp_max clamp_min count count_over_time delta deriv "
    "exp floor group histogram_quantile holt_winters idelta increase irate last_over_time ln log10 log2 max "
    "max_over_time min min_over_time predict_linear present_over_time quantile quantile_over_time rate resets round "
    "scalar sqrt stddev stddev_over_time stdvar sum sum_over_time time timestamp topk bottomk vector"
)


def comparison_in(text: str) -> str | None:
    """Give the first comparison of a metric with a number in a text, as written, or None.

    A metric is what is named like one: with underscores, or `up`. "error rate > 5%" is prose.
    """
    for found in _COMPARED.finditer(text, 0, LONGEST):
        expr = _expression_before(text[: found.start()])
        named = expr is not None and (_METRIC.search(expr) or (expr.startswith("up") and found["op"] == "=="))
        if expr is not None and named and _is_well_formed(expr):
            return f"{expr} {found['op']} {found['value']}"
    return None


def _expression_before(text: str) -> str | None:
    """Give the expression that a text ends with; None where brackets do not match."""
    at = len(text)
    while True:
        begins = _operand_before(text[:at])
        if begins is None or begins == at:
            return None
        between = _BETWEEN.search(text[:begins])
        if between is None:
            return text[begins:]
        at = between.start()


def _operand_before(text: str) -> int | None:
    """Give where the last operand of a text begins: a number, a selector, or a call."""
    at = len(text)
    while at and text[at - 1] in _OPENERS:
        opened = _opener(text, at - 1)
        if opened is None:
            return None
        at = opened
    word = _WORD.search(text[:at])
    return word.start() if word else at


def _opener(text: str, closed: int) -> int | None:
    """Give where the bracket that is closed there was opened, or None."""
    waiting: list[str] = []
    for at in range(closed, -1, -1):
        if text[at] in _OPENERS:
            waiting.append(_OPENERS[text[at]])
        elif text[at] in _OPENERS.values():
            if waiting.pop() != text[at]:
                return None
            if not waiting:
                return at
    return None


def _is_well_formed(expr: str) -> bool:
    """Give whether Prometheus would read the tokens: two words never meet, and what follows a word follows one."""
    at, before = 0, "sign"
    if expr.endswith("]"):
        return False  # a range has no one value to compare
    while at < len(expr):
        token = _TOKEN.match(expr, at)
        if token is None:
            return False
        kind = token.lastgroup or ""
        value = kind in {"word", "number"}
        keyword = token["word"] in _KEYWORDS
        if (value and before in {"value", "after"} and not keyword) or (kind == "after" and before == "sign"):
            return False
        if (
            token["word"]
            and not keyword
            and expr[token.end() :].lstrip()[:1] == "("
            and token["word"] not in _FUNCTIONS
        ):
            return False
        closes = token["sign"] == ")"
        before = "value" if (value and not keyword) or closes else kind if kind == "after" else "sign"
        at = token.end()
    return before != "sign"
