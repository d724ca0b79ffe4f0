"""Every error Tocsin raises, as one tree.

    TocsinError
      UsageError              the caller gave something unusable; exit code 2, HTTP 400
        RunbookUnreadable     the document cannot be read at all; carries the line
        SettingsInvalid       tocsin.toml is wrong; carries the line
      NotFound                no such incident, person or step; HTTP 404
      Refused                 understood, but not allowed now; HTTP 409
      Forbidden               this principal may not do that; HTTP 403
      Conflict                somebody else committed first; reload and decide again (engine only)
      UnknownFact             a newer version wrote this timeline; no turn is taken on it
      StoreUnavailable        the store cannot be written or read now; HTTP 503, try again
        CommitUnknown         the answer to a commit was lost: it was kept whole or not at all; look before repeating
        Overtaken             another node was first; nothing was changed, and the same again works at once
      Unreachable             the server did not answer; exit code 3
      SendFailed              a channel could not send; says whether trying again can help (channels/message.py)
      LookFailed              a probe broke, so nothing is known of what it watches (probes/probe.py)

The text of an error is one sentence that says what is wrong and what to do. Trouble inside a readable runbook is
a finding with a line, and a failing command is an outcome: neither is an exception.
"""


class TocsinError(Exception):
    """Anything Tocsin says no with."""


class UsageError(TocsinError):
    """The input cannot be used as it is; the text says what to change."""


class RunbookUnreadable(UsageError):
    """The document cannot be read as a runbook at all."""

    def __init__(self, reason: str, line: int = 1) -> None:
        """Keep the reason and the 1-based line it was found on."""
        super().__init__(f"line {line}: {reason}")
        self.reason = reason
        self.line = line


class SettingsInvalid(UsageError):
    """The configuration cannot be used."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        """Keep the reason and, where one is known, the 1-based line of tocsin.toml."""
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.reason = reason
        self.line = line


class NotFound(TocsinError):
    """There is no such thing, or this principal may not know of it."""


class Refused(TocsinError):
    """The request was understood and does not fit the present state."""


class Forbidden(TocsinError):
    """This principal may not do that."""


class Conflict(TocsinError):
    """The incident moved on since it was loaded."""


class UnknownFact(TocsinError):
    """A fact of a kind this version does not know."""


class StoreUnavailable(TocsinError):
    """The store could not do it now; nothing was changed."""


class CommitUnknown(StoreUnavailable):
    """The store went away while it committed: all of it was kept, or nothing. `head` is the hash to look for."""

    head = ""


class Overtaken(StoreUnavailable):
    """Another node wrote the same for the first time at the same moment; nothing was changed, ask again."""


class Unreachable(TocsinError):
    """The server could not be reached."""
