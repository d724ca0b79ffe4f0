"""What a rule of `tocsin check` consists of."""

from typing import Literal, NamedTuple


class Rule(NamedTuple):
    """One rule: its name, why it is one, what happens at night without it, what to do, and an example of each.

    `bad` is a document that has the finding, `good` the same one mended; both are kept true by the tests. A rule with
    `elsewhere` looks at the world beside the document, so that its examples show only what is written.
    """

    name: str
    level: Literal["error", "warning", "info"]
    why: str
    night: str
    do: str
    bad: str
    good: str
    elsewhere: bool = False


def shell(section: str, commands: str, *, title: str = "## Till down (P1)", rest: str = "") -> str:
    """Give a small entry with commands under one label."""
    return f"{title}\n\n**{section}**:\n\n```bash\n{commands}\n```\n{rest}"


def entry(text: str, *, title: str = "## Till down (P1)") -> str:
    """Give a small entry with a text under its heading."""
    return f"{title}\n\n{text}\n"
