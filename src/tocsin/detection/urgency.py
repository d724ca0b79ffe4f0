"""How bad it looks from there: the many words of senders, in the four that an alert has."""

_WORDS = {
    "critical": "critical crit page pager fatal emergency emerg disaster alert highest p0 p1 sev0 sev1",
    "error": "error err major high p2 sev2 urgent",
    "warning": "warning warn minor medium average moderate p3 sev3",
    "info": "info information informational notice low lowest none ok debug p4 p5 sev4 sev5",
}
_KNOWN = {word: severity for severity, words in _WORDS.items() for word in words.split()}


def severity_of(word: str | None) -> str:
    """Give the severity an alert carries for its sender's word; one nobody knows is an error, not nothing."""
    return _KNOWN.get((word or "").strip().lower(), "error")
