"""The same text for channels that read other markup than the runbook's Markdown."""

import re
from collections.abc import Callable

_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\n]+)\]\((https?://[^)\s]+)\)")
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[-*+][ \t]+", re.MULTILINE)
# Stands for Slack's own `*` while single ones still mean Markdown's italics; no text holds it.
_STAR = "\x00"


def as_slack(text: str) -> str:
    """Give Markdown as Slack's mrkdwn: `**x**` becomes `*x*`, `[t](url)` becomes `<url|t>`; code stays code.

    `&`, `<` and `>` are escaped: titles come from outside, and `<!channel>` in one must wake nobody.

    Source: https://docs.slack.dev/messaging/formatting-message-text
    """
    return _outside_code(_escaped(text), _slack)


def as_plain(text: str) -> str:
    """Give Markdown as plain text: the markup taken off, a link's address after its words, lines as they are."""
    return _outside_code(text, _plain, lambda code: code.strip("`").strip("\n"))


def _slack(text: str) -> str:
    text = _LINK.sub(r"<\2|\1>", text)
    text = _HEADING.sub(_heading, text)
    text = _BULLET.sub(r"\1• ", text)
    text = _BOLD.sub(rf"{_STAR}\2{_STAR}", text)
    text = _STRUCK.sub(r"~\1~", _ITALIC.sub(r"_\1_", text))
    return text.replace(_STAR, "*")


def _heading(found: re.Match[str]) -> str:
    words = _BOLD.sub(r"\2", found[1])
    return f"{_STAR}{words}{_STAR}"


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1 (\2)", _HEADING.sub(r"\1", text))
    return _STRUCK.sub(r"\1", _ITALIC.sub(r"\1", _BOLD.sub(r"\2", text)))


def _escaped(text: str) -> str:
    return text.replace(_STAR, "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _outside_code(text: str, change: Callable[[str], str], code: Callable[[str], str] = str) -> str:
    parts = _CODE.split(text)
    return "".join(code(part) if number % 2 else change(part) for number, part in enumerate(parts))
