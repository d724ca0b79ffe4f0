"""Facts of the post-incident review and its action items."""

from tocsin.incident.body import Body


class ReviewEdited(Body, frozen=True, kw_only=True):
    """Somebody wrote a part of the review; `part` is the part's id, `text` its whole new Markdown."""

    part: str
    text: str


class ReviewFinished(Body, frozen=True, kw_only=True):
    """Somebody said that the review is complete."""


class ActionAdded(Body, frozen=True, kw_only=True):
    """An action item was agreed on. `owner`: a person's id or a name as written; `due`: an ISO date."""

    action: str
    text: str
    owner: str | None
    due: str | None


class ActionChanged(Body, frozen=True, kw_only=True):
    """An action item was done, or is open again."""

    action: str
    done: bool
