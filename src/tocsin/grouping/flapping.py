"""Whether an alert comes and goes too often to be believed when it says that it is over.

docs/decisions/0045-alerts-of-one-entry-share-an-incident.md
"""

from datetime import datetime

from tocsin.detection.alert import AlertState
from tocsin.detection.flaps import quiet_after
from tocsin.incident.body import Because
from tocsin.runbook.durations import spoken
from tocsin.settings import Settings


def quiet_at(alert: AlertState, settings: Settings, now: datetime) -> datetime | None:
    """Give when an alert that flaps is believed to be over, if it does not fire before; None when it does not flap.

    It flaps when it ended so often (`flapping_after`) within a time (`flapping_within`) that is not over since.
    """
    quiet = quiet_after(alert.ends, settings.flapping_after, settings.flapping_within)
    return quiet if quiet and now < quiet else None


def waits_for_quiet(alert: AlertState, settings: Settings, now: datetime) -> datetime | None:
    """Give when the end of an alert that flaps has to be looked at again; None when there is nothing to wait for."""
    return quiet_at(alert, settings, now) if alert.status == "resolved" else None


def why(settings: Settings, quiet: datetime) -> Because:
    """Give the reason an alert that flaps keeps its incident open."""
    often = f"{settings.flapping_after} time{'' if settings.flapping_after == 1 else 's'}"
    return Because(
        f"it flaps: it was over {often} within {spoken(settings.flapping_within)}. It is over once it is quiet for as "
        f"long, at {quiet:%H:%M:%S} UTC or later"
    )
