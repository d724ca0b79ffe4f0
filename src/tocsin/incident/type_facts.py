"""What a person says of the entry an incident was opened with."""

from tocsin.incident.body import Because, Body


class TypeCorrected(Body, frozen=True, kw_only=True):
    """The incident belongs to another entry, or to none; `before` and `after` alike: a person says it was right.

    `like` is what later alerts have in common with this one's, to be matched the same way; "" when nothing is.
    `restricted` is what the incident is from now on.
    """

    before: str | None
    after: str | None
    title: str
    restricted: bool
    because: Because
    like: str = ""


def alike(like: str) -> str:
    """Give in words which later alerts are matched as that `like` says; "" for none."""
    source, _, rest = like.partition("/")
    kind, _, said = rest.partition("/")
    if not said:
        return ""
    return f"alerts of {source} named “{said}”" if kind == "name" else f"alerts of {source} that say “{said}”"
