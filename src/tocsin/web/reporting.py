"""A person's report becomes an alert like any other; here is where each of its doors makes it."""

import msgspec

from tocsin.assembly import Tocsin
from tocsin.detection.alert import Alert
from tocsin.detection.reports import MAX_CONTACT, MAX_TEXT, OTHER, SOURCE, Choice, Report, choices
from tocsin.errors import UsageError


class Reporting(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody reports. `symptom`: the id of a choice, or the id of an entry, or "" for something else."""

    symptom: str = ""
    text: str = ""
    contact: str = ""


def choices_of(tocsin: Tocsin) -> tuple[Choice, ...]:
    """Give what people may choose from today."""
    return choices(tocsin.worlds.current.runbook)


async def take_report(tocsin: Tocsin, wanted: Reporting, who: str, origin: str) -> None:
    """Keep a report; it is on disk when this returns. `who` is hashed. Raises UsageError, or StoreUnavailable."""
    chosen = _chosen(tocsin, wanted.symptom)
    text = " ".join(wanted.text.split())[:MAX_TEXT]
    if chosen is None and not text:
        raise UsageError("say what does not work: choose something, or write it")
    rules = tocsin.settings.reports
    report = Report(
        reporter=tocsin.access.reporter(who),
        symptom=chosen.symptom if chosen else "",
        text=text,
        contact=" ".join(wanted.contact.split())[:MAX_CONTACT],
        enough=rules.people,
        within=rules.within,
        users=rules.users or 0,
    )
    alert = Alert(
        source=SOURCE,
        dedup_key=chosen.incident_type if chosen else OTHER,
        action="trigger",
        summary=report.symptom or text,
        origin=origin,
        incident_type=chosen.incident_type if chosen else None,
        report=report,
    )
    await tocsin.engine.ingest([alert])


def _chosen(tocsin: Tocsin, name: str) -> Choice | None:
    """Give the choice of that id, or the first one of that entry. Raises UsageError."""
    if not name:
        return None
    known = choices_of(tocsin)
    found = next((one for one in known if name in (one.id, one.incident_type)), None)
    if found is None:
        raise UsageError("there is no such choice any more; open the form again and choose anew")
    return found
