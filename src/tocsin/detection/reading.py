"""What a probe saw, and what it says when it could not look."""

from datetime import datetime

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe saw.

    `values` are numbers by name in base units: seconds, bytes, shares from 0 to 1, counts; yes is 1 and no is 0.
    `details` are words for people, bounded and without secrets; nothing is decided by them.
    """

    at: datetime
    values: dict[str, float]
    details: dict[str, str] = {}


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The probe itself could not look: nothing is known of what it watches."""

    at: datetime
    why: str
