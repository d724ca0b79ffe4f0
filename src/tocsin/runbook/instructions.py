"""Sentences that tell somebody to do something, found in running text."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.runbook.names import plain

_VERBS = (
    "abort|accept|acknowledge|activate|add|adjust|advise|alert|allow|analy[sz]e|announce|apply|approve|archive|"
    "arrange|ask|assemble|assess|assign|attach|attempt|audit|avoid|back up|backup|ban|begin|block|book|boot|bounce|"
    "bring|build|bump|bypass|call|cancel|capture|change|check|choose|clean|clear|click|clone|close|collect|comment|"
    "communicate|compare|compile|complete|comply|conduct|confirm|connect|consider|consult|contact|contain|continue|"
    "coordinate|copy|cordon|correct|correlate|create|customi[sz]e|cut|debug|decide|declare|decommission|decrease|"
    "define|delete|deploy|describe|destroy|detach|detect|determine|diagnose|disable|disconnect|discuss|do an?|"
    "do not|document|don't|double-check|downgrade|download|draft|drain|drop|dump|edit|email|enable|enforce|engage|"
    "enlist|ensure|enter|eradicate|escalate|establish|estimate|evaluate|evict|examine|execute|expand|explain|"
    "export|extend|extract|fail over|failover|fetch|file|fill|filter|find|finish|fix|flush|focus|follow|force|free|"
    "freeze|gather|generate|get|give|go|grab|grant|halt|hand|handle|hold|identify|ignore|implement|import|improve|"
    "increase|inform|initiate|inspect|install|interview|investigate|invite|invoke|isolate|issue|join|keep|kill|"
    "launch|leave|let|liaise|limit|list|listen|load|locate|lock|log in|log|login|look|lower|mail|make|manage|"
    "manually|mark|mention|merge|message|migrate|minimi[sz]e|mirror|mitigate|modify|monitor|mount|move|mute|"
    "navigate|never|note|notify|observe|obtain|open|optimi[sz]e|order|organi[sz]e|page|paste|patch|pause|perform|"
    "phone|pick|pin|ping|plan|point|post|prepare|preserve|press|prevent|print|prioriti[sz]e|proceed|promote|"
    "propose|protect|provide|provision|prune|publish|pull|purge|push|put|quarantine|query|raise|re-enable|re-run|"
    "reach out|reactivate|read|reassign|rebalance|reboot|rebuild|recalculate|recheck|reclaim|reconfigure|reconnect|"
    "record|recover|recreate|redeploy|redirect|redo|reduce|refer|refresh|reindex|reinforce|reinstall|reissue|"
    "release|reload|relocate|remediate|remember|remind|remount|remove|rename|renew|reopen|repair|repeat|replace|"
    "replay|reply|report|request|rerun|reschedule|resend|reset|resize|resolve|respond|restart|restore|restrict|"
    "resume|resync|retain|retrieve|retry|return|revert|review|revoke|ring|roll back|roll|rollback|rotate|route|run|"
    "save|scale|scan|schedule|scroll|seal|search|secure|see|select|send|serve|set|share|shift|shut|shutdown|sign|"
    "silence|simulate|skip|slow down|snapshot|snooze|specify|ssh|stand|start|stay|stop|submit|subscribe|suspend|"
    "swap|switch|sync|synchroni[sz]e|tag|take|talk|tell|temporarily|terminate|test|throttle|tighten|toggle|trace|"
    "track|transfer|treat|triage|trigger|troubleshoot|try|tune|turn|type|unblock|uncordon|undo|uninstall|unlock|"
    "unmount|unmute|update|upgrade|upload|use|vacuum|validate|verify|view|visit|wait|walk|warm|warn|watch|"
    "whitelist|wipe|work|write|zoom"
)
_LEAD = (
    r"(?:(?:please|first(?:ly)?|then|next|now|finally|also|afterwards|lastly|simply|just|always|immediately|otherwise|"
    r"instead|alternatively|secondly|third(?:ly)?|second|once done|at first|if possible|carefully|manually|"
    r"quickly)\s*,?\s+)*"
)
_MODAL = (
    r"(?:you|we|one|the on[- ]call(?: engineer)?|responders?)\s+"
    r"(?:should|must|can|could|may|might|will need to|need to|have to|want to|would)\s+(?:also\s+|now\s+|first\s+|"
    r"then\s+)?"
)
_ORDER = re.compile(
    rf"^\W*{_LEAD}(?:{_MODAL}(?:be sure to\s+|try to\s+)?)?(?:{_VERBS})\b(?!\s*(?:is|are|was|were|will|has|have|"
    rf"can|may|of)\b)(?![-'’/]\w)",  # noqa: RUF001 - the typographic apostrophe
    re.IGNORECASE,
)
# These begin the name of a trouble as often as an order: "Backup Failed", "Query time rises".
_NOUN = re.compile(
    r"^\W*(?:alert|archive|backup|block|book|build|copy|deploy|download|drop|email|export|failover|fetch|file|import|"
    r"index|issue|limit|load|lock|log|login|mail|mirror|mount|order|page|process|pull|push|query|record|release|replay|"
    r"report|request|rollback|scan|search|slow|snapshot|sync|test|trace|update|upload|upgrade|view|watch)"
    r"(?:(?:\s+(?-i:[A-Z])\w*){1,6}$|s?\s+(?:(?!if\b|when\b|that\b|which\b|until\b|and\b|to\b|the\b)[\w/-]+\s+){0,3}"
    r"(?:fail\w*|fires?|firing|errors?|rates?|times?|latency|loss|is|are|was|were|has|have|not|slow|full|down|high|stuck|"
    r"balancer|average|level|volume|entry|entries|replication|changes?|shows?|drops?|rises?|exceeds?|takes?|returns?|"
    r"trips?|stopped|missing|expired)\b)|"
    r"^\W*(?:complete|clean|clear|free|open|secure|set|correct|lower|back|separate|direct)\s+"
    r"(?!the\b|an?\b|all\b|any\b|up\b|out\b|your\b|each\b|this\b|these\b|it\b|them\b|`|\w+ing\b)"
    r"(?:\w+\s+){0,3}(?:outage|loss|failure|breakdown|stop|unavailability|failures|errors)\b",
    re.IGNORECASE,
)
# What stands before a colon is a name as often: "Backup: Ana", "Log aggregation: Loki", "Alert Manager: ...".
_NAME = re.compile(
    r"^\W*(?:alert|archive|backup|contact|email|file|index|issue|load|log|mail|message|monitor|note|order|page|phone|post|"
    r"process|query|record|release|report|request|rollback|search|support|test|trace|update|view|watch)s?"
    r"(?:\s+(?:(?-i:[A-Z])\w*|aggregation|analysis|system|platform|manager|dashboard|channel|page|server|store)){0,3}\W{0,3}:",
    re.IGNORECASE,
)
_THING = re.compile(
    r"^\W*(?:backup|contact|email|mail|log|query|order|request|file|report|rollback|alert|page|load|test|post|search|"
    r"support|message)\s+(?:information|details|plan|policy|strategy|procedure|script|window|distribution|address|list|template|thread|group|gateway|provider|aggregation|analysis|rotation|retention|queue|"
    r"balancer|manager|channel|desk|system|platform|dashboard|rate|volume)s?\b",
    re.IGNORECASE,
)
# "If it is down, restart it" and "As a last resort ..., follow the steps": the order stands behind a comma.
_CLAUSE = re.compile(
    r"^\W*(?:if|when|once|after|before|in case|in the case|as (?:a|soon)|for|to|should|unless|until|while|"
    r"depending|with|on|from|"
    r"failing|otherwise|since|because|where|using|in|at|during)\b",
    re.IGNORECASE,
)
_CLAUSE_ORDER = re.compile(
    rf"(?:,|:|\bthen|—|–| - )\s+(?:(?:for|in|on|with|from|using|"  # noqa: RUF001 - dashes people type
    rf"at)\s[^,]{{1,60}}?\s)?(?P<order>{_LEAD}(?:{_MODAL})?(?:{_VERBS})\b(?!\s*(?:is|are|was|were|"
    rf"of)\b))",
    re.IGNORECASE,
)
_LATE_ORDER = re.compile(
    rf"\b(?P<order>(?:you|we)\s+(?:should|must|need to|have to|may have to|can|could)\s+(?:also\s+|now\s+|first\s+|"
    rf"then\s+|simply\s+)?(?:{_VERBS})\b)|"
    r"(?P<then>\bthen run\b|\bthe best strategy is to\b|\bit is best to\b|\bmake sure\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])[*_)\"']{0,6}\s+(?=[A-Z`*_\[(\"'])|\n(?=\s*[-*+]\s)")
_MARKS = re.compile(r"[`*]|(?<!\w)_|_(?!\w)")
_SPAN = re.compile(r"`[^`]+`")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|cf|no|Mr|Ms|Dr|St)|_?[ei]\.?[ge]\.?,?_?)\.$", re.IGNORECASE
)


_LOOKS = re.compile(
    r"^\W*(?:check|look|verify|identify|find|inspect|review|confirm|see|view|list|get|determine|monitor|examine|"
    r"compare|"
    r"count|search|query|investigate|analy[sz]e|assess|is|are|was|what|which|how|who|where|does|did|has|show|tail|"
    r"cat|grep|"
    r"head|less|ps|top|htop|df|du|free|uptime|dig|host|nslookup|ping|netstat|ss|lsof|journalctl|stat|ls|"
    r"(?:kubectl|oc)\b(?:\s+-\S+(?:\s+[^\s-]\S*)?)*\s+(?:get|describe|logs?|top|events|explain)|"
    r"systemctl\s+(?:status|list-\S+|is-\S+|show)|"
    r"docker(?:-compose|\s+compose)?\s+(?:ps|logs|inspect|stats|images|info)|git\s+(?:log|status|show|diff)|"
    r"curl\b(?!.*\s(?:-X|--request|-d|--data)\b))\b",
    re.IGNORECASE,
)


class Told(NamedTuple):
    """A sentence that asks for something; `line` is where what it asks for begins."""

    text: str
    line: int


_OF_THE_TEXT = re.compile(
    r"^\W*(?:for (?:more|further|additional) (?:information|details?|help)|"
    r"(?:please )?(?:use|follow|review|update|read) (?:this|these|the) (?:runbooks?|guides?|playbooks?|documents?|"
    r"pages?|process|procedures?|when|if|after|before|only)\b(?! below))",
    re.IGNORECASE,
)


def is_to_write(text: str) -> bool:
    """Tell a note of the author about what has still to be written: "TODO: expand this"."""
    return re.match(r"^\W*(?:TODO|FIXME|TBD)\b", text) is not None


def begins_with_order(text: str) -> bool:
    """Tell whether a text begins by telling somebody to do something: "Check the pods"; not so "Login Failures"."""
    return _is_order(plain(text[:300]))


def _is_order(bare: str) -> bool:
    found = _ORDER.match(bare)
    if found is None or _NOUN.match(bare) is not None:
        return False
    return re.search(r"\w", bare[found.end() :]) is not None and not (_NAME.match(bare) or _THING.match(bare))


def only_looks(text: str) -> bool:
    """Tell whether a step, by its first words, looks at something rather than changes it."""
    bare = re.sub(r"^\W*(?:sudo|watch|time|timeout \S+)\s+", "", plain(text[:300]))
    clause = _CLAUSE_ORDER.search(bare) if _CLAUSE.match(bare) else None
    return _LOOKS.match(clause["order"] if clause else bare) is not None


def told_in(text: str, line: int) -> Iterator[Told]:
    """Give the sentences of a paragraph, which begins on `line`, that ask for something."""
    for sentence, start in sentences(text):
        at = _order_at(sentence)
        if at is not None and not _OF_THE_TEXT.match(sentence) and not any(map(is_to_write, (sentence, text[:start]))):
            yield Told(plain(sentence), line + text.count("\n", 0, start + at))


def _order_at(sentence: str) -> int | None:
    """Give where in a sentence the order begins, or None."""
    bare = _MARKS.sub(" ", sentence[:300])
    if _is_order(bare):
        return len(sentence) - len(sentence.lstrip())
    if _CLAUSE.match(sentence):
        found = _CLAUSE_ORDER.search(sentence)
        if found:
            return found.start("order")
    found = _LATE_ORDER.search(sentence)
    return found.start() if found else None


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """Give the sentences of a text, each with where it begins."""
    begin = 0
    # What stands in a code span ends no sentence.
    for end in _SENTENCE_END.finditer(_SPAN.sub(lambda span: f"`{'q' * (len(span[0]) - 2)}`", text)):
        if _ABBREVIATION.search(text[max(begin, end.start() - 12) : end.start()]):
            continue
        yield text[begin : end.start()], begin
        begin = end.end()
    if text[begin:].strip():
        yield text[begin:], begin
