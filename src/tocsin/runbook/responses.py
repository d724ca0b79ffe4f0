"""Response times: "Immediate", "15 minutes", "< 2 h", "Next business day"."""

import re
from datetime import timedelta

from tocsin.runbook.durations import duration_in
from tocsin.runbook.policy import Response

_IMMEDIATE = re.compile(r"\b(immediate(ly)?|at once|right away|instant(ly)?|now|asap)\b", re.IGNORECASE)
_BUSINESS_DAY = re.compile(
    r"\b(next|1|one)\s+(business|working|work)\s*day\b|\bnext\s+day\b|\bnext\s+business\b|\bNBD\b", re.IGNORECASE
)
_BUSINESS_DAYS = re.compile(r"\b(?P<days>[0-9]{1,3})\s+(business|working)\s+days\b", re.IGNORECASE | re.ASCII)


def response_in(text: str) -> Response | None:
    """Give the response time a text states, or None when it states none."""
    if _BUSINESS_DAY.search(text):
        return Response("next-business-day")
    days = _BUSINESS_DAYS.search(text)
    if days:
        return Response("within", timedelta(days=int(days["days"])))
    within = duration_in(text)
    if within is not None:
        return Response("within", within)
    return Response("immediate") if _IMMEDIATE.search(text) else None
