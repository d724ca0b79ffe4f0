"""A message as Slack shows it: blocks within Slack's limits, in which nothing from outside is markup.

Source: docs.slack.dev, "Block Kit" and "Formatting message text".
"""

from collections.abc import Iterator

from tocsin.channels.message import Message
from tocsin.communication.card import Button, Card, Row
from tocsin.communication.markup import as_slack

HEADER, SECTION, CONTEXT = 150, 3000, 2000
MOST_SECTIONS = 40
CUT = "…"

Block = dict[str, object]


def blocks_of(message: Message, *, buttons: bool) -> list[Block]:
    """Give the blocks of a message. Without `buttons` nobody would hear them: links stand in their place."""
    card = message.card()
    if card is not None:
        return list(_card(card, buttons=buttons))
    if message.markdown:
        sections = [_section("mrkdwn", part) for part in _parts(as_slack(message.markdown))]
    else:
        sections = [_section("plain_text", part) for part in _parts(lines_of(message.text))]
    return [*sections, _context(_link(message.link, message.incident or "Open"))] if message.link else sections


def escaped(text: str) -> str:
    """Give text in which nothing is a mention or a link, so that an alert can wake nobody by its words."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """Give the text on one line, without control characters and without markup."""
    return escaped(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


def lines_of(text: str) -> str:
    """Give the text without control characters but the ends of its lines."""
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())


def _card(card: Card, *, buttons: bool) -> Iterator[Block]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _cut(card.headline, HEADER), "emoji": False}}
    if card.lines:
        yield _section("plain_text", _cut("\n".join(card.lines), SECTION))
    yield from (_row(row, buttons=buttons) for row in card.rows)
    pressed = [_button(button) for button in card.buttons] if buttons else []
    if pressed and card.open:
        pressed.append(_labelled("open", "Open") | {"url": card.open})
    if pressed:
        yield {"type": "actions", "elements": pressed}
    links = [_link(card.take, "Take it in the browser")] if card.take else []
    links += [_link(card.open, "Open")] if card.open and not pressed else []
    foot = " · ".join(part for part in (escaped(card.foot), *links) if part)
    if foot:
        yield _context(foot)


def _row(row: Row, *, buttons: bool) -> Block:
    shown = _section("plain_text", _cut(row.line, SECTION))
    if row.button and buttons:
        return shown | {"accessory": _button(row.button)}
    return shown | {"accessory": _labelled("open", "Open") | {"url": row.open}}


def _button(button: Button) -> Block:
    value = f"{button.value}:{button.level}" if button.level else button.value
    shown: Block = _labelled(button.action, button.words) | {"value": value}
    if button.urgent:
        shown["style"] = "primary"
    if button.sure:
        shown["confirm"] = {
            "title": _plain(button.words),
            "text": _plain(button.sure),
            "confirm": _plain("Yes"),
            "deny": _plain("No"),
        }
    return shown


def _labelled(action: str, words: str) -> Block:
    return {"type": "button", "action_id": action, "text": _plain(words)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _section(kind: str, text: str) -> Block:
    return {"type": "section", "text": {"type": kind, "text": text}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _cut(text, CONTEXT)}]}


def _link(address: str, words: str) -> str:
    return f"<{escaped(address)}|{escaped(words)}>"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - len(CUT)] + CUT


def _parts(text: str) -> list[str]:
    """Give the text in parts that each fit a section, broken between lines where that is possible."""
    parts, waiting = [], ""
    for line in text.strip("\n").split("\n"):
        while len(waiting) + 1 + len(line) > SECTION and waiting:
            parts.append(waiting)
            waiting = ""
        pieces = [line[at : at + SECTION] for at in range(0, len(line), SECTION)] or [""]
        parts += pieces[:-1]
        waiting = f"{waiting}\n{pieces[-1]}" if waiting else pieces[-1]
    found = [part for part in (*parts, waiting) if part.strip()]
    return [*found[: MOST_SECTIONS - 1], CUT] if len(found) > MOST_SECTIONS else found
