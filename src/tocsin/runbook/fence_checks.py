"""What is wrong with a shell fence as a whole: text among commands, comments only, hidden alternatives and edits."""

from itertools import groupby

from tocsin.runbook.comments import judge
from tocsin.runbook.ledger import Ledger
from tocsin.runbook.pieces import Piece


def check_fence(parts: list[Piece], first: int, ledger: Ledger) -> None:
    """Record the trouble of a fence whose body begins on line `first`."""
    statements = [part for part in parts if part.kind == "statement"]
    prose = next((part for part in parts if part.kind == "text"), None)
    if prose:
        ledger.error(
            "RB107", first + prose.line,
            "This is text in a shell fence, and a shell would try to run it; "
            "take it out of the fence or make it a comment.",
        )  # fmt: skip
    if parts and not statements and prose is None:
        ledger.warn(
            "RB106", first + parts[0].line,
            "This fence holds comments only, so a person has to do it all; write it as a list of steps.",
        )  # fmt: skip
    _check_comments(parts, first, ledger, mixed=bool(statements))


def _check_comments(parts: list[Piece], first: int, ledger: Ledger, *, mixed: bool) -> None:
    remarks = judge([(part.text, first + part.line) for part in parts if part.kind == "comment"])
    for condition in (remark for remark in remarks if remark.sort == "condition"):
        ledger.warn(
            "RB108", condition.line,
            f'"{condition.text}" begins an alternative inside one fence, so running the fence as a whole '
            "would do all of them; it is offered as a branch to choose. Give each alternative a fence of its own.",
        )  # fmt: skip
    edit = next((remark for remark in remarks if remark.sort == "edit"), None)
    if edit and mixed:
        ledger.error(
            "RB109", edit.line,
            f'"{edit.text}" asks a person to edit something between two commands, so the rest must not run '
            "unseen; part the fence there and say what to edit.",
        )  # fmt: skip
    for inside, run in groupby(remarks, key=lambda remark: remark.sort in ("file", "code")):
        if inside:
            ledger.warn(
                "RB110", next(run).line,
                "These comments hold the text of another file, which nothing writes; keep it as a file "
                "beside the runbook, or in a fence of its own.",
            )  # fmt: skip
