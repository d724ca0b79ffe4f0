"""How often something was over again of late: what comes and goes is not believed when it says that it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def quiet_after(ends: Sequence[datetime], often: int, within: timedelta) -> datetime | None:
    """Give until when what ended at these instants has to stay quiet; None when it does not flap.

    It flaps when it ended `often` times `within` a time; it is quiet when as much time went by since.
    """
    if often < 1 or len(ends) < often or ends[-1] - ends[-often] > within:
        return None
    return ends[-1] + within
