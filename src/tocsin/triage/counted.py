"""Counts that stand side by side: failed of all, used of the limit, alive of the members, now and usually."""

import re
from collections.abc import Mapping

from tocsin.runbook.comparisons import RATES, SPANS
from tocsin.triage.numerals import legible
from tocsin.triage.reading import A_FLOOD, PER_SECOND, WHOLE, Reading
from tocsin.triage.reading_terms import (
    ALIVE,
    ALL,
    BARE,
    BREAKING,
    BYTES,
    DEAD,
    FALLEN,
    FREE,
    LIMIT,
    NONE,
    SHARE,
    USED,
    USUAL,
    WORKING,
    YES,
    kind_of,
)
from tocsin.triage.sought import SoughtEverywhere
from tocsin.triage.standing_terms import STATUS_KEYS
from tocsin.triage.usual import beside_usual_detail
from tocsin.triage.words import NEGATIONS, listed, lowered, stem, stems, words

_STATUS_COUNT = re.compile(r"(?<![\w.])([1-5](?:\d\d|xx))s?\s*[:=]\s*(\d[\d,]*)(?![\w.%])")
_TIMES_STATUS = re.compile(r"(?<![\w.])(\d{1,6})\s?x\s([1-5]\d\d)(?!\w)")
_ROW_OF_STATUS = re.compile(r"(?<![\w.,])(?:[1-5]0\d\s){4,}[1-5]0\d(?!\w)")
_STATUS_KEY = re.compile(r"(?:^|[_ -])([1-5](?:\d\d|xx))$", re.IGNORECASE)
# How long the usual was looked at, and what of a number is no usual by itself.
_WINDOW = frozenset(
    {"d", "h", "m", "s", "w", "time", "day", "week", "hour", "min", stem("minute"), "last", "per", "each"}
)
# How long something was looked at, or what it is held against, is no amount of it.
_NO_AMOUNT = frozenset(map(stem, listed("period window interval duration timeout ttl threshold limit port")))
_OUTWARD = frozenset({"out", "sent", "upload", "egress", "outbound"})
_A_RATE = frozenset({"rps", "rpm", "qps", "mbps", "gbps", "pps"})
_BY_TIME = {stem(word): by for word, by in SPANS.items() if len(word) > 1 or word == "s"} | RATES
_STATISTIC = frozenset({"avg", "average", "max"})
_AS_MUCH = frozenset({"requests", "rows", "errors"})
_USUALLY = USUAL | {"p50", "p95", "p99", "median"}
# A part and its whole.
PAIR = 2
_A_POOL = frozenset({"max", stem("connections")})
_WELL = WORKING - ALIVE | frozenset({"ok", "success", "succes"})
PASSED = frozenset({"pass", "succeed", "succeeded", "ok", "success", "succes", "good"})
_COMES = frozenset(map(stem, listed("received incoming arrived submitted offered inbound")))
_GOES = frozenset(map(stem, listed("processed accepted completed served answered delivered confirmed forwarded")))
_THROUGH = frozenset(map(stem, listed("tx txs transaction order request call message block intent event payment job")))
_ACTIVE = frozenset({stem("active"), stem("live"), stem("service"), "service"})
_MEMBERS = frozenset(
    map(stem, listed("host instance backend endpoint pod replica member target node worker upstream listener checker"))
)
_LIVING, _LIFELESS = ALIVE | _ACTIVE, DEAD | NEGATIONS
_RESULT_KEYS = STATUS_KEYS | {"result", "outcome", "check_result", "probe_result"}
_SENDERS = frozenset(map(stem, listed("ip address client source src host asn country")))
_OF_CALLS = frozenset({"rate", "req", stem("connect"), stem("connection"), stem("request"), "hit", "syn"}) | _A_RATE
_MANY = re.compile(r"[1-9]\d*")
_COUNTING = frozenset({"count", "number", "total", "5", "m", "min"})
# Nothing goes through any more: "throughput 0/min", "orders 0 per hour".
_NO_FLOW = SoughtEverywhere(
    r"\b(?:throughput|traffic|requests?|calls?|orders?|submissions?|submitted|intents?|messages?|transactions?|payments?|"
    r"logins?|events?|jobs?|accepted|processed|completed|delivered)\b"
    r"(?P<between>[^\n,;.]{0,20}?)(?<![\d.,])0(?:\.0+)?\s?(?:/|per\s)\s?(?:s|sec|second|m|min|minute|h|hour|d|day)\b"
)
_ZERO = SoughtEverywhere(
    r"\b(?:up|probe_success|(?!un)[a-z_]*health(?:check|y|_check)?(?:_?status|_state)?|(?:ready|healthy|available|running|alive)\s(?:targets?|hosts?|instances?|backends?|pods?|replicas?|nodes?|members?|workers?|endpoints?|upstreams?|servers?)"
    r"|(?:ready|healthy|available|running|alive)\w*|\w*(?:_up|_ready|_healthy|_available))\b"
    r"(?:\{[^}]*\}\s*|(?<=status)\s|\s*)(?:(?:==?|is|:)\s*|(?<=[}\s]))0\b(?![.,]\d)(?!\s?(?:/|of\b|%|restarts|errors|failures))"
)
# A request of some kind only ("every request to /export") is not all there is.
_CALLS = r"(?:requests?|calls?|responses?|queries|attempts|checks?)(?!\s+(?:to|with|for|from|of|that|on|in|by|with)\b)"
_FAILING = r"(?:5\d\d|5xx|errors?|fail(?:s|ed|ing|ures?)?|time(?:s|d)?[ -]?outs?)"
# "Requests served 0": of what is done all the time nothing is done.
_NONE_DONE = SoughtEverywhere(
    r"\b(?:requests?|calls?|orders?|intents?|messages?|transactions?|payments?|logins?|events?|jobs?|responses?|submissions?)"
    r"\s(?:served|accepted|processed|completed|delivered|handled|answered)\W{1,3}(?:0|none|nothing)\b(?![.,]\d)"
)
# "ok 9120, failed 402" and "9,120 ok, 402 failed".
_GOOD, _BAD = r"(?:ok|succeeded|successful|success|passed)", r"(?:failed|failures?|errors?|errored|rejected)"
_OF_BOTH = SoughtEverywhere(
    rf"\b{_GOOD}\W{{1,3}}(?P<ok>\d[\d,]*)\W{{1,3}}{_BAD}\W{{1,3}}(?P<bad>\d[\d,]*)\b(?![.%])"
    rf"|(?<![\w.,])(?P<passed>\d[\d,]*)\s{_GOOD}\W{{1,3}}(?:and\s)?(?P<failed>\d[\d,]*)\s{_BAD}\b"
)
# Of what usually comes so often, none is none at all.
A_FLOW = 10
LONG_AGO = 5
"""Minutes."""
_LAST = SoughtEverywhere(
    r"\blast\s(?:\w+\s)?(?:request|call|order|intent|message|transaction|event|heartbeat|beat|ping|block|datapoint|response|seen)"
    r"\s?(?:(?:was|is|seen|processed|accepted|served|received|answered|came)\s){0,2}"
    r"(?:(?P<minutes>\d+)\s?m(?:in|ins|inutes?)?|(?P<hours>\d+\s?(?:h|hours?|days?)))\sago\b"
)
# As a check of Nagios ends, whatever else it finds wrong; in a log it may have been before.
_ANSWERED = re.compile(r"\bHTTP (?:OK|WARNING|CRITICAL)\W{1,3}HTTP/\d(?:\.\d)? 200 OK\b")
_EVERY_CALL = SoughtEverywhere(
    rf"\b{_FAILING}s?\b\W{{0,3}}(?:\w+\W+){{0,2}}?(?:for|on|to|as)\s+(?:each\s+and\s+)?(?:every|all|each|any)\s+(?:single\s+)?{_CALLS}"
    rf"|(?<!\bof\s)\b(?:every|all|each)\s+(?:single\s+)?{_CALLS}\s+(?:(?:returns?|gives?|answers?|are|is|gets?|now)\s+){{0,2}}{_FAILING}"
)


def counts(
    text: str, named: Mapping[str, str], numbers: Mapping[str, float], meant: Mapping[str, float]
) -> tuple[Reading, ...]:
    """Give what the details and the text count: `numbers` are the details that are nothing but a number.

    `meant` are the same, a bare "value" by the name of what it is the value of.
    """
    return (
        *_by_status(text, numbers),
        *_not_up(text),
        *_nothing_passes(text),
        *_no_flow(text),
        *_long_ago(text),
        *(_against_usual(numbers, text) or beside_usual_detail(text, numbers)),
        *_shares(meant, text),
        *_outcomes(numbers),
        *_of_both(text),
        *_lifeless(named),
        *_lively(numbers),
        *_all_dead(numbers),
        *_nothing_leaves(numbers),
        *_gauges(meant),
        *_no_active_member(numbers, text),
        *_alive(named),
        *_answered(text),
    )


def _shares(numbers: Mapping[str, float], text: str) -> list[Reading]:
    """Give shares of counts the details hold side by side: failed of all, used of the limit, alive of the members."""
    if len(numbers) < PAIR:
        return []
    parted = {key: stems(key) for key in numbers}
    subject = kind_of(word.stem for word in words(text[:200]))
    found = []
    for key, part in numbers.items():
        kind = kind_of(parted[key])
        if kind not in {"errors", "memory"} and subject == "memory" and parted[key] & (USED | FREE):
            kind = "memory"
        if (kind == "success" or parted[key] <= PASSED) and parted[key] & PASSED and not parted[key] & ALL:
            found += _passed(key, part, numbers, parted)
            continue
        if kind is None and parted[key] & USED and any(parted[other] >= _A_POOL for other in numbers):
            kind = "pool"
        if "connection" in parted[key] and not parted[key] & (LIMIT | _A_RATE | _WINDOW):
            kind = "pool"
        others = {"errors": ALL, "memory": LIMIT, "pool": LIMIT}.get(kind or "")
        if not others or parted[key] & SHARE or (kind != "errors" and parted[key] & LIMIT):
            continue
        # `failed_jobs` are a part of `jobs`.
        same = parted[key] - BREAKING if kind == "errors" else frozenset()
        for whole in (other for other in numbers if other != key and (parted[other] & others or parted[other] == same)):
            if kind == "errors" and kind_of(parted[whole]) == "errors":
                continue
            if 0 <= part <= numbers[whole] and numbers[whole] > 1:
                share = WHOLE * part / numbers[whole]
                share = WHOLE - share if kind == "memory" and parted[key] & FREE else share
                found.append(Reading(kind or "", share, "%", f"{key} {part:g} of {whole} {numbers[whole]:g}"))
    return found


def _outcomes(numbers: Mapping[str, float]) -> list[Reading]:
    """Give the share of what failed where the details count how often it went well and how often not: ok 40, err 2."""
    parted = {key: stems(key) - _COUNTING for key in numbers}
    well = [key for key, counted in parted.items() if counted and counted <= _WELL]
    badly = [key for key, counted in parted.items() if counted and counted <= BREAKING]
    if len(well) != 1 or len(badly) != 1 or any(parted[key] & ALL for key in numbers):
        return []
    passed, failed = numbers[well[0]], numbers[badly[0]]
    if passed < 0 or failed <= 0:
        return []
    share = WHOLE * failed / (passed + failed)
    return [Reading("errors", share, "%", f"{badly[0]} {failed:g}, {well[0]} {passed:g}")]


def _of_both(text: str) -> list[Reading]:
    """Give the share of what failed where a text counts how often it went well and how often not."""
    found = []
    for both in _OF_BOTH.finditer(legible(text)):
        ok, bad = (
            float((both[one] or both[other]).replace(",", "")) for one, other in (("ok", "passed"), ("bad", "failed"))
        )
        if ok + bad:
            share = WHOLE * bad / (ok + bad)
            found.append(Reading("errors", share, "%", text[both.start() : both.end()]))
    return found


def _passed(key: str, part: float, numbers: Mapping[str, float], parted: Mapping[str, frozenset[str]]) -> list[Reading]:
    """Give the share that failed where the details count what passed of all: "checks: 30, passed: 0"."""
    return [
        Reading("errors", WHOLE - WHOLE * part / numbers[whole], "%", f"{key} {part:g} of {whole} {numbers[whole]:g}")
        for whole in numbers
        if whole != key and parted[whole] & ALL and 0 <= part <= numbers[whole] and numbers[whole] > 1
    ]


def _by_status(text: str, numbers: Mapping[str, float]) -> list[Reading]:
    """Give the share of server errors among answers counted by status: "200: 8800, 500: 310", `code_502: 12`."""
    counted = [
        (found[1], float(found[2].replace(",", "")), text[found.start() : found.end()])
        for found in _STATUS_COUNT.finditer(legible(text))
    ]
    if not counted:
        counted = _told_by_status(lowered(text))
    if not counted:
        counted = [
            (found[1].lower(), count, f"{key}: {count:g}")
            for key, count in numbers.items()
            if (found := _STATUS_KEY.search(key))
        ]
    total = sum(count for _, count, _ in counted)
    failed = [(count, quote) for status, count, quote in counted if status.startswith("5")]
    if len({status for status, _, _ in counted}) == 1 or not total or not failed:
        return []
    share = WHOLE * sum(count for count, _ in failed) / total
    return [Reading("errors", share, "%", ", ".join(quote for _, quote in failed))]


def _told_by_status(low: str) -> list[tuple[str, float, str]]:
    """Give how often a text says that there was which answer: "18x 200, 2x 500", "200 200 503 200 200"."""
    if times := [(found[2], float(found[1]), found[0]) for found in _TIMES_STATUS.finditer(low)]:
        return times
    row = _ROW_OF_STATUS.search(low)
    answers = row[0].split() if row else []
    counted = {status: answers.count(status) for status in sorted(set(answers))}
    return [(status, times, f"{times} of {len(answers)} {status}") for status, times in counted.items()]


def _not_up(text: str) -> list[Reading]:
    """Give what an expression says is 0 and should be alive: "up == 0"."""
    return [Reading("alive", 0, "", text[found.start() : found.end()]) for found in _ZERO.finditer(lowered(text))]


def _nothing_passes(text: str) -> list[Reading]:
    """Give that all requests fail: "503 for every request", "all calls fail"."""
    everything = _EVERY_CALL.finditer(lowered(text))
    return [Reading("alive", 0, "", text[found.start() : found.end()]) for found in everything]


def _no_flow(text: str) -> list[Reading]:
    """Give that nothing goes through, where that is counted: "throughput 0/min"; no errors each minute are none."""
    return [
        Reading("alive", 0, "", text[found.start() : found.end()])
        for found in _NO_FLOW.finditer(lowered(text))
        if BREAKING.isdisjoint(word.stem for word in words(found["between"]))
    ] + [Reading("alive", 0, "", text[found.start() : found.end()]) for found in _NONE_DONE.finditer(lowered(text))]


def _long_ago(text: str) -> list[Reading]:
    """Give that what comes all the time came last some time ago: "last order processed 25 min ago"."""
    return [
        Reading("alive", 0, "", text[found.start() : found.end()])
        for found in _LAST.finditer(lowered(text))
        if int(found["minutes"] or 0) >= LONG_AGO or found["hours"]
    ]


def _lively(numbers: Mapping[str, float]) -> list[Reading]:
    """Give that all members are alive: "healthy: 4, total: 4"."""
    parted = {key: stems(key) for key in numbers}
    members = [key for key in numbers if parted[key] & ALIVE and not parted[key] & (ALL | DEAD)]
    return [
        Reading("alive", WHOLE, "%", f"{key} {numbers[key]:g} of {whole} {numbers[whole]:g}")
        for key in members
        for whole in numbers
        if whole != key and parted[whole] & ALL and numbers[key] == numbers[whole] > 0
    ]


def _all_dead(numbers: Mapping[str, float]) -> list[Reading]:
    """Give that as many members are out as there are: "ejected: 4, total: 4"."""
    parted = {key: stems(key) for key in numbers}
    return [
        Reading("alive", 0, "", f"{key} {numbers[key]:g} of {whole} {numbers[whole]:g}")
        for key in numbers
        for whole in numbers
        if parted[key] & DEAD
        and parted[whole] & ALL
        and not parted[whole] & DEAD
        and numbers[key] == numbers[whole] > 0
    ]


def _nothing_leaves(numbers: Mapping[str, float]) -> list[Reading]:
    """Give that of what comes in nothing goes out: "received: 900, processed: 0"."""
    parted = {key: stems(key) for key in numbers}
    return [
        Reading("alive", 0, "", f"{came} {numbers[came]:g}, {gone} {numbers[gone]:g}")
        for came in numbers
        for gone in numbers
        if parted[came] & _COMES and numbers[came] > 1 and parted[gone] & _GOES and numbers[gone] == 0
    ]


def _gauges(numbers: Mapping[str, float]) -> list[Reading]:
    """Give how many calls there are each second, where a detail counts that: "rps: 340", "requests_per_minute: 900"."""
    found = []
    for key, count in numbers.items():
        parts = stems(key)
        by = next((_BY_TIME[part] for part in parts if part in _BY_TIME), None)
        named = parts & _A_RATE or ("per" in parts and kind_of(parts) == "requests")
        # More than that is a flood by itself, and read as one.
        told = parts & _A_RATE and count >= A_FLOOD
        if by and named and not told and parts.isdisjoint(_USUALLY | LIMIT | BREAKING):
            found.append(Reading("gauge", count * PER_SECOND[by], "/s", f"{key}: {count:g}"))
    return found


def _no_active_member(numbers: Mapping[str, float], text: str) -> list[Reading]:
    """Give that none of the members a text is about is active: "pool members", "active: 0"."""
    members = any(word.stem in _MEMBERS for word in words(text.partition("\n")[0][:200]))
    return [
        Reading("alive", 0, "", f"{key}: 0")
        for key, count in numbers.items()
        if members and count == 0 and key.lower() in {"active", "up", "running", "online", "healthy", "ready", "live"}
    ]


def _lifeless(named: Mapping[str, str]) -> list[Reading]:
    """Give what should be alive and is not: nothing ready, not listening, no success, a status of "missing"."""
    return [
        Reading("alive", 0, "", f"{key}: {value}")
        for key, value in named.items()
        if (value.strip().lower() in NONE and (_is_life(key) or _is_member(key) or _is_flow(key)))
        or (key.lower() in _RESULT_KEYS and value.strip().lower() in FALLEN)
    ]


def _alive(named: Mapping[str, str]) -> list[Reading]:
    """Give what says that it is alive: "probe_success: 1"."""
    return [
        Reading("alive", WHOLE, "%", f"{key}: {value}")
        for key, value in named.items()
        if (value.strip().lower() in YES and _is_life(key)) or (_MANY.fullmatch(value.strip()) and _is_member(key))
    ]


def _answered(text: str) -> list[Reading]:
    """Give that a page was answered as it should be: "HTTP CRITICAL: HTTP/1.1 200 OK"."""
    found = _ANSWERED.search(text)
    return [Reading("alive", WHOLE, "%", found[0])] if found else []


def _is_life(key: str) -> bool:
    parts = stems(key)
    return bool(parts & ALIVE) and not parts & _LIFELESS


def _is_flow(key: str) -> bool:
    """Whether a name counts what goes through all the time: "tx_processed_last_10m"."""
    parts = stems(key)
    return bool(parts & _GOES and parts & _THROUGH) and parts.isdisjoint(BREAKING | _LIFELESS)


def _is_member(key: str) -> bool:
    """Whether a name counts members that are alive: "healthy_hosts", "live_backends"."""
    parts = stems(key)
    return bool(parts & _LIVING and parts & _MEMBERS) and not parts & _LIFELESS


def _against_usual(numbers: Mapping[str, float], text: str) -> list[Reading]:
    """Give how many times its usual value something has, where the details hold both."""
    parted = {key: stems(key) for key in numbers}
    compared = []
    first = text.partition("\n")[0][:200]
    spoken = kind_of(word.stem for word in words(first)) or kind_of(word.stem for word in words(text[:200]))
    for usual in (key for key in numbers if parted[key] & _USUALLY and numbers[key] > 0):
        subject = frozenset(stem for stem in parted[usual] - _USUALLY - BARE - _WINDOW - BYTES if not stem.isdigit())
        if not subject and parted[usual] <= _STATISTIC and spoken not in _AS_MUCH:
            continue
        for key in numbers.keys() - {usual}:
            if not parted[key].isdisjoint(_NO_AMOUNT):
                continue
            what = frozenset(stem for stem in parted[key] - BARE - _WINDOW - BYTES if not stem.isdigit())
            if parted[key] & (_SENDERS | ALIVE) - parted[usual] and parted[key].isdisjoint(_OF_CALLS):
                # So many addresses are not so many calls, and what was accepted is a part of them.
                continue
            same = what == subject or not subject or (parted[key] <= BARE and subject <= BARE)
            kind = kind_of(parted[key])
            if kind not in _AS_MUCH and (not subject or kind in {None, "memory"}):
                kind = spoken
            if parted[key] & _OUTWARD and (parted[key] & BYTES or "byt" in parted[key]):
                kind = "rows"
            if kind == "requests" and spoken == "rows" and not parted[key] & _A_RATE:
                # Calls that read data are no traffic.
                kind = "rows"
            if same and not parted[key] & _USUALLY and kind in _AS_MUCH:
                times = numbers[key] / numbers[usual]
                if kind == "requests" and not times and numbers[usual] >= A_FLOW:
                    compared.append(Reading("alive", 0, "", f"{key} 0, {usual} {numbers[usual]:g}"))
                compared.append(Reading(kind, times, "x", f"{key} {numbers[key]:g}, {usual} {numbers[usual]:g}"))
    return sorted(compared)
