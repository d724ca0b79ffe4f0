"""Durations as people write them, and as ISO 8601."""

import re
from datetime import timedelta

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
# "5 business days" are five days to a clock; who asks for business days asks `responses`.
_UNIT = (
    r"(?:(?:business|working|calendar)\s+)?"
    r"(?P<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)"
)
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "fifteen": 15,
    "thirty": 30, "half an": 0.5,
}  # fmt: skip
_AMOUNT = rf"(?P<amount>[0-9]{{1,4}}(?:\.[0-9])?|half\s+an|(?:{'|'.join(_WORDS)})(?=[\s-]))"
_RANGE = r"(?:\s*(?:-|–|to)\s*(?P<upper>[0-9]{1,4}))?"  # noqa: RUF001 - the dash people type between numbers
DURATION = re.compile(rf"(?<![\w.]){_AMOUNT}\+?{_RANGE}[\s-]*{_UNIT}(?![\w])", re.IGNORECASE | re.ASCII)


DAYS_FROM = 4 * 86400


def duration_in(text: str) -> timedelta | None:
    """Give the first duration in a text ("within 2 hours", "15 min"), or None.

    Of a range it is the lower end, unless that is nothing: "0-15 min" are 15.
    """
    found = DURATION.search(text)
    return None if found is None else _value(found)


def durations_in(text: str) -> tuple[timedelta, ...]:
    """Give all durations in a text, in order."""
    return tuple(_value(found) for found in DURATION.finditer(text))


def _value(found: re.Match[str]) -> timedelta:
    amount = " ".join(found["amount"].casefold().split())
    if found["upper"] and amount == "0":
        amount = found["upper"]
    return _UNITS[found["unit"][0].casefold()] * float(_WORDS.get(amount, 0) or amount)


def iso(value: timedelta) -> str:
    """Give a duration in ISO 8601, in the largest of hours, minutes and seconds that fits (`PT15M`, `PT72H`)."""
    seconds = int(value.total_seconds())
    for size, letter in ((3600, "H"), (60, "M")):
        if seconds and seconds % size == 0:
            return f"PT{seconds // size}{letter}"
    return f"PT{seconds}S"


def spoken(value: timedelta) -> str:
    """Give a duration for people ("15 min", "2 h", "3 days")."""
    seconds = int(value.total_seconds())
    for size, word in ((86400, "day"), (3600, "h"), (60, "min")):
        # Deadlines are spoken of in hours up to three days: "72 h" is how the law and the runbooks put it.
        if seconds >= (size if word != "day" else DAYS_FROM) and seconds % size == 0:
            amount = seconds // size
            return f"{amount} {word}{'s' if word == 'day' and amount > 1 else ''}"
    return f"{seconds} s"
