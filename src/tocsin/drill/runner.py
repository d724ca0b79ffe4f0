"""A runner that runs nothing: it answers as it was told to, and remembers what it was asked."""

from collections.abc import Callable, Mapping

from tocsin.runner.command import Command, Outcome

NOTHING_WAS_RUN = Outcome(how="not-started", err="rehearsed, nothing was run")

Answer = Outcome | Callable[[], Outcome]
"""What comes of a command; a callable is asked each time, and may raise as a runner that breaks does."""


def printed(out: str, code: int = 0) -> Outcome:
    """Give the outcome of a command that printed this and ended with that code."""
    return Outcome(how="ended", exit=code, out=out)


class RehearsalRunner:
    """Answers each command by the first key that stands in its text; without one, that nothing was run."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        """Take what comes of which command: a part of its text -> the outcome."""
        self.answers: dict[str, Answer] = dict(answers or {})
        self.asked: list[Command] = []

    async def run(self, command: Command) -> Outcome:
        """Give the outcome that was foreseen for a command."""
        self.asked.append(command)
        found = next((answer for part, answer in self.answers.items() if part in command.text), NOTHING_WAS_RUN)
        return found if isinstance(found, Outcome) else found()

    def times(self, part: str) -> int:
        """Give how often a command with that text was asked for."""
        return sum(1 for command in self.asked if part in command.text)
