"""Writes the page of each rule, and the table of all of them, from the rules themselves."""

from pathlib import Path

from tocsin.runbook.rules import RULES, explanation

FOLDER = Path(__file__).parents[1] / "docs/rules"


def main() -> None:
    """Write what is in the rules; remove pages of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("RB*.md"):
        if path.stem not in RULES:
            path.unlink()
    for code in RULES:
        (FOLDER / f"{code}.md").write_text(explanation(code) or "", "utf-8")
    (FOLDER / "index.md").write_text(table(), "utf-8")


def table() -> str:
    """Give the page that lists all rules."""
    rows = [f"| [{code}]({code}.md) | {rule.level} | {rule.name} |" for code, rule in sorted(RULES.items())]
    return "\n".join(["# Rules", "", "| Code | Level | What |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    main()
