"""Everything that is looked at beside a document, within a few seconds, and told as findings.

Start here. Without a configuration only this machine's disk and shell are asked; with one, what it points at too.
"""

from collections.abc import Awaitable
from pathlib import Path

from tocsin.inspection.files import absent_files
from tocsin.inspection.syntax import unreadable
from tocsin.runbook.checks import called
from tocsin.runbook.policy import Finding, Runbook
from tocsin.runbook.references import references
from tocsin.settings import LOCAL, Settings

LONGEST = 20.0
"""Seconds for all that is asked over a network together."""


def look_here(runbook: Runbook, folder: Path | None) -> list[Finding]:
    """Give what the disk and the shell say. `folder` is the document's own; None looks for no files."""
    found = unreadable(runbook)
    if folder is not None:
        found += absent_files(references(runbook), folder)
    return found


def look_around(runbook: Runbook, settings: Settings, base: Path) -> list[Finding]:
    """Give what the configured machine, its database and the addresses say. `base` is the configuration's folder."""
    # Imported late: a check without a configuration asks nobody.
    import asyncio  # noqa: PLC0415

    from tocsin.inspection.addresses import silent_addresses  # noqa: PLC0415
    from tocsin.inspection.database import refused_queries  # noqa: PLC0415
    from tocsin.inspection.places import absent_over_there, by_machine  # noqa: PLC0415
    from tocsin.inspection.programs import absent_on_target  # noqa: PLC0415

    async def bounded(asking: Awaitable[list[Finding]], what: str) -> list[Finding]:
        try:
            async with asyncio.timeout(LONGEST):
                return await asking
        except TimeoutError:
            return [Finding(code="RB004", level="info", line=1, message=f"{what} did not answer within {LONGEST:g} s")]

    async def ask() -> tuple[list[Finding], list[Finding], list[Finding]]:
        return await asyncio.gather(
            bounded(silent_addresses(runbook, needed), "the addresses"),
            bounded(refused_queries(runbook, settings, base), "the database"),
            bounded(absent_over_there(there, settings, base), "the other machines"),
        )

    needed = references(runbook)
    there = by_machine(needed, runbook, settings)
    found = absent_on_target(there.get(LOCAL, []), settings) + unknown_people(runbook, settings)
    for part in asyncio.run(ask()):
        found += part
    return found


def unknown_people(runbook: Runbook, settings: Settings) -> list[Finding]:
    """Give RB208 for each role that is called while the configuration, which names people, names nobody for it."""
    if not settings.people:
        return []
    known = {name.casefold() for name in settings.roles}
    found: dict[str, Finding] = {}
    for names, line in called(runbook):
        if not known & {name.casefold() for name in names}:
            found.setdefault(names[-1].casefold(), Finding(
                code="RB208", level="warning", line=line,
                message=f"{' / '.join(names)} is called, but the configuration names nobody for it",
                suggestion=f'[roles]\n"{names[0]}" = ["{next(iter(settings.people))}"]',
            ))  # fmt: skip
    return list(found.values())
